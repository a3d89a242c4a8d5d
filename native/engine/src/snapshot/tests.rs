//! Bytes that are not as they were written are refused, and never panic: also where somebody made the checksums right.

use fulltape_tape::Record;
use fulltape_tape::codes::{ErrorCode, OrderType, Side, TimeInForce, TriggerSource};
use fulltape_tape::layout::{
    AdvanceTime, ClientOrder, DefineAccount, DefineInstrument, InstrumentSymbol, MoveCash, PlaceOrder,
};

use super::copier::SECTION_HEAD;
use super::{PREFIX_BYTES, Restoring, checksum};
use crate::mixing::mix64;
use crate::{Command, Config, CountingSink, Engine};

fn config() -> Config {
    Config {
        max_orders: 64,
        max_accounts: 8,
        max_instruments: 4,
        ..Config::default()
    }
}

fn submit(engine: &mut Engine, records: &[Record]) {
    let answer = engine.submit(&Command::new(records), 0, &mut CountingSink::default());
    assert_eq!(answer.code, 0, "{records:?}");
}

/// Orders of every kind that is stored in a way of its own.
fn engine() -> Engine {
    let mut engine = Engine::new(config());
    let symbol = InstrumentSymbol {
        kind: InstrumentSymbol::KIND,
        text0: 7,
        tick_mantissa: 1,
        lot_mantissa: 1,
        ..InstrumentSymbol::default()
    };
    let definition = DefineInstrument {
        kind: DefineInstrument::KIND,
        extension_count: 1,
        instrument_id: 1,
        currency_id: 1,
        instrument_kind: 1,
        initial_state: 1,
        units_per_tick_lot: 1,
        ..DefineInstrument::default()
    };
    submit(&mut engine, &[Record::of(definition), Record::of(symbol)]);
    for id in [1, 2] {
        let account = DefineAccount {
            kind: DefineAccount::KIND,
            account_id: id,
            group_id: 9 * (id - 1),
            account_kind: 1,
            initial_state: 1,
            permissions: 2,
            ..DefineAccount::default()
        };
        submit(&mut engine, &[Record::of(account)]);
        let cash = MoveCash {
            kind: MoveCash::KIND,
            account_id: id,
            currency_id: 1,
            amount_units: 1 << 30,
            reason: 1,
            ..MoveCash::default()
        };
        submit(&mut engine, &[Record::of(cash)]);
    }
    for at in 0..24_u64 {
        let mut place = PlaceOrder {
            kind: PlaceOrder::KIND,
            extension_count: u8::from(at % 2 == 0),
            time_nanos: 1 + at,
            account_id: 1 + (at % 2) as u32,
            instrument_id: 1,
            side: if at % 4 < 2 { Side::Buy } else { Side::Sell }.number(),
            order_type: OrderType::Limit.number(),
            time_in_force: TimeInForce::GoodTillCancel.number(),
            price_ticks: if at % 4 < 2 {
                90 + (at % 7) as i64
            } else {
                100 + (at % 5) as i64
            },
            quantity_lots: 10 + (at % 3) as i64,
            ..PlaceOrder::default()
        };
        match at % 6 {
            1 => place.display_quantity_lots = 2,
            2 => place.time_in_force = TimeInForce::Day.number(),
            3 => {
                place.order_type = OrderType::StopLimit.number();
                place.trigger_source = TriggerSource::Last.number();
                place.stop_price_ticks = if at % 4 < 2 { 150 } else { 50 };
            }
            4 if at > 12 => place.price_ticks = if at % 4 < 2 { 103 } else { 92 },
            _ => {}
        }
        let client = ClientOrder {
            kind: ClientOrder::KIND,
            text0: 0x3041 + at,
            ..ClientOrder::default()
        };
        let records = [Record::of(place), Record::of(client)];
        submit(&mut engine, &records[..1 + usize::from(at % 2 == 0)]);
    }
    let later = AdvanceTime {
        kind: AdvanceTime::KIND,
        time_nanos: 1_000,
        ..AdvanceTime::default()
    };
    submit(&mut engine, &[Record::of(later)]);
    assert!(engine.trades() > 0 && engine.open_orders() > 10 && engine.orders.specials.waiting > 2);
    engine
}

fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |bound| {
        state = mix64(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
        (state % bound as u64) as usize
    }
}

#[test]
fn a_restored_engine_is_the_same() {
    let mut engine = engine();
    let bytes = engine.snapshot(b"noted").expect("snapshots");
    let (mut restored, header) = Engine::restore(config(), &bytes).expect("restores");
    assert_eq!((header.note.as_slice(), header.capacities), (&b"noted"[..], [64, 8, 4]));
    assert_eq!(header.time_nanos, engine.time_nanos());
    assert_eq!(restored.state_hash(), engine.state_hash());
    restored.assert_consistent();
    for side in [Side::Buy, Side::Sell] {
        assert!(restored.resting(1, side).eq(engine.resting(1, side)));
    }
    // In pieces of any size.
    for piece in [1, 7, 33, 4096] {
        let mut restoring = Restoring::new(config());
        for piece in bytes.chunks(piece) {
            restoring.feed(piece).expect("feeds");
        }
        assert_eq!(
            restoring.finish().expect("restores").0.state_hash(),
            engine.state_hash()
        );
    }
    // The restored engine gives the same snapshot again, section by section in another order at most.
    assert_eq!(restored.snapshot(b"noted").expect("snapshots").len(), bytes.len());
}

#[test]
fn an_engine_without_anything_can_be_restored() {
    let bytes = Engine::new(config()).snapshot(&[]).expect("snapshots");
    let (mut restored, _) = Engine::restore(config(), &bytes).expect("restores");
    assert_eq!(restored.state_hash(), Engine::new(config()).state_hash());
}

#[test]
fn one_snapshot_at_a_time_and_one_can_be_given_up() {
    let mut engine = engine();
    engine.begin_snapshot(&[]).expect("begins");
    engine.advance_snapshot(3);
    let refused = engine.begin_snapshot(&[]).expect_err("refused");
    assert_eq!(refused.code, ErrorCode::InvalidArgument);
    engine.cancel_snapshot();
    assert!(!engine.take_snapshot(&mut Vec::new()));
    let bytes = engine.snapshot(&[]).expect("snapshots");
    Engine::restore(config(), &bytes).expect("restores");
    assert_eq!(
        engine.begin_snapshot(&[0; 5000]).expect_err("too long").code,
        ErrorCode::InvalidArgument
    );
}

#[test]
fn more_than_the_capacities_is_refused() {
    let bytes = engine().snapshot(&[]).expect("snapshots");
    for smaller in [
        Config {
            max_orders: 3,
            ..config()
        },
        Config {
            max_accounts: 1,
            ..config()
        },
        Config {
            max_instruments: 0,
            ..config()
        },
    ] {
        let Err(failure) = Engine::restore(smaller, &bytes) else {
            panic!("restored");
        };
        assert_eq!(failure.code, ErrorCode::SnapshotVersionMismatch);
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let bytes = engine().snapshot(b"note").expect("snapshots");
    let refuse = |bytes: &[u8], what: &str| {
        let Err(failure) = Engine::restore(config(), bytes) else {
            panic!("restored although {what}");
        };
        let version = failure.code == ErrorCode::SnapshotVersionMismatch;
        assert!(version || failure.code == ErrorCode::SnapshotCorrupt, "{failure}");
    };
    let mut random = random(1);
    for _ in 0..400 {
        let cut = random(bytes.len());
        refuse(&bytes[..cut], "it was cut");
    }
    for _ in 0..4_000 {
        let (at, bit) = (random(bytes.len()), random(8));
        let mut bad = bytes.clone();
        bad[at] ^= 1 << bit;
        refuse(&bad, "a bit was flipped");
    }
    for _ in 0..200 {
        let noise: Vec<u8> = (0..random(4_000)).map(|_| random(256) as u8).collect();
        refuse(&noise, "it is noise");
        refuse(&[&bytes[..PREFIX_BYTES], &noise].concat(), "noise follows its prefix");
    }
    refuse(&[bytes.as_slice(), &[0; 8]].concat(), "something follows its end");
    for at in [8, 12, 16] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert_eq!(
            Engine::restore(config(), &other).err().map(|failure| failure.code),
            Some(ErrorCode::SnapshotVersionMismatch)
        );
    }
}

/// Heads and records of all sections.
fn sections(bytes: &[u8]) -> Vec<([u64; 3], Vec<u8>)> {
    let mut sections = Vec::new();
    let mut rest = &bytes[PREFIX_BYTES..];
    while !rest.is_empty() {
        let word = |at: usize| u64::from_le_bytes(rest[at * 8..at * 8 + 8].try_into().expect("a word"));
        let head = [word(0), word(1), word(2)];
        let padded = (head[1] as usize).next_multiple_of(8);
        sections.push((head, rest[SECTION_HEAD..SECTION_HEAD + padded].to_vec()));
        rest = &rest[SECTION_HEAD + padded..];
    }
    sections
}

fn sealed(prefix: &[u8], sections: &[([u64; 3], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = prefix.to_vec();
    for (head, padded) in sections {
        for word in head.iter().chain([&checksum(*head, padded)]) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(padded);
    }
    bytes
}

#[test]
fn forged_bytes_with_right_checksums_never_panic() {
    let bytes = engine().snapshot(b"note").expect("snapshots");
    let whole = sections(&bytes);
    assert_eq!(sealed(&bytes[..PREFIX_BYTES], &whole), bytes);
    let mut random = random(2);
    let mut refused = 0;
    const ROUNDS: u32 = 15_000;
    for _ in 0..ROUNDS {
        let mut forged = whole.clone();
        for _ in 0..=random(2) {
            let at = random(forged.len());
            let (head, padded) = &mut forged[at];
            match random(12) {
                0 => head[0] = (head[0] & 0xffff_ffff) | ((random(1 << 32) as u64) << 32),
                1 => head[random(3)] = mix64(random(1 << 32) as u64) >> random(64),
                2 => {
                    forged.remove(at);
                }
                3 => forged.swap(at, 0),
                4 => {
                    let again = forged[at].clone();
                    forged.push(again);
                }
                _ if padded.is_empty() => {}
                _ => {
                    let byte = random(padded.len());
                    padded[byte] = match random(4) {
                        0 => 0,
                        1 => 0xff,
                        2 => 0x7f,
                        _ => random(256) as u8,
                    };
                }
            }
            if forged.is_empty() {
                break;
            }
        }
        if let Ok((engine, _)) = Engine::restore(config(), &sealed(&bytes[..PREFIX_BYTES], &forged)) {
            engine.assert_consistent();
        } else {
            refused += 1;
        }
    }
    assert!(refused > ROUNDS / 2, "only {refused} were refused");
}
