//! Futures and options by example: definitions, expiry, what trades move, settlement.
//!
//! The future is instrument 2, a call and a put at 100 are 3 and 4, all on instrument 1; each has 3 money units a tick and lot,
//! of its own as of the underlying. Accounts 3 and 4 trade without checks.
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_sim::tapes::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;
use fulltape_tape::message::parse_commit;

fn dated(mut future: [Record; 3], expiry_nanos: u64) -> [Record; 3] {
    let terms: DerivativeTerms = *future[2].view();
    future[2] = Record::of(DerivativeTerms { expiry_nanos, ..terms });
    future
}

/// A desk whose derivatives expire in ten seconds.
fn desk() -> Desk {
    let mut desk = Desk::new();
    let expiry = desk.now + 10 * SECOND;
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    for definition in [
        dated(future(2, 1, 0, 0), expiry),
        option(3, 1, OptionKind::Call, 100, expiry),
        option(4, 1, OptionKind::Put, 100, expiry),
    ] {
        assert_eq!(desk.send(&definition).code, 0);
    }
    desk
}

/// Account 3 buys (negative lots: sells) from account 4.
fn trade(desk: &mut Desk, instrument: u32, price: i64, lots: i64) {
    let (side, other) = if lots > 0 {
        (Side::Buy, Side::Sell)
    } else {
        (Side::Sell, Side::Buy)
    };
    assert_eq!(desk.place(limit(4, instrument, other, price, lots.abs())).code, 0);
    assert_eq!(desk.place(limit(3, instrument, side, price, lots.abs())).code, 0);
    assert_eq!(desk.trades()[0].1, lots.abs());
}

fn total(desk: &Desk, account: u32) -> i128 {
    desk.engine
        .balance(account, CURRENCY)
        .map_or(0, |balance| balance.total)
}

/// (lots, cost, realised).
fn held(desk: &Desk, account: u32, instrument: u32) -> (i64, i128, i128) {
    let position = desk.engine.position(account, instrument).expect("a position");
    (
        position.quantity_lots,
        position.basis.cost_units,
        position.basis.realized_units,
    )
}

fn expire(desk: &mut Desk) {
    desk.now += 10 * SECOND;
}

#[test]
fn a_future_moves_cash_when_it_closes() {
    let mut desk = desk();
    let before = total(&desk, 3);
    trade(&mut desk, 2, 100, 10);
    assert_eq!(total(&desk, 3), before, "no notional");
    // 4 of 10 lots bought at 100 are sold at 110: 4 x 10 ticks x 3 units = 120.
    trade(&mut desk, 2, 110, -4);
    assert_eq!((total(&desk, 3) - before, total(&desk, 4)), (120, -120));
    assert_eq!(held(&desk, 3, 2), (6, 1_800, 120));
    assert_eq!(desk.engine.pots()[0].clearing, 0);
    // 10 sold at 90: 6 close at a loss of 6 x 10 x 3 = 180, 4 are short at a cost of -4 x 90 x 3.
    trade(&mut desk, 2, 90, -10);
    assert_eq!(total(&desk, 3) - before, -60);
    assert_eq!(held(&desk, 3, 2), (-4, -1_080, -60));
}

#[test]
fn profit_that_others_still_owe_stands_in_the_clearing_sum() {
    let mut desk = desk();
    let before = total(&desk, 3);
    trade(&mut desk, 2, 100, 10);
    desk.send(&[Record::of(account(5, AccountKind::Replay, 0))]);
    // Account 3 sells its 10 lots at 110 to a third one: 300 are realised, account 4's loss is not.
    desk.place(limit(5, 2, Side::Buy, 110, 10));
    desk.place(limit(3, 2, Side::Sell, 110, 10));
    assert_eq!(total(&desk, 3) - before, 300);
    assert_eq!(desk.engine.pots()[0].clearing, -300);
    // Settled at 105: account 4 loses 10 x 5 x 3 = 150, account 5 too.
    expire(&mut desk);
    assert_eq!(desk.send(&[Record::of(settle(2, 105))]).code, 0);
    assert_eq!((total(&desk, 4), total(&desk, 5)), (-150, -150));
    assert_eq!(desk.engine.pots()[0].clearing, 0);
}

#[test]
fn a_daily_settlement_pays_the_variation_and_keeps_positions() {
    let mut desk = desk();
    let before = total(&desk, 3);
    trade(&mut desk, 2, 100, 10);
    // 10 x 7 ticks x 3 = 210.
    assert_eq!(desk.send(&[Record::of(settle(2, 107))]).code, 0);
    assert_eq!((total(&desk, 3) - before, total(&desk, 4)), (210, -210));
    assert_eq!(held(&desk, 3, 2), (10, 3_210, 210));
    assert_eq!(held(&desk, 4, 2), (-10, -3_210, -210));
    let reasons: Vec<u16> = desk
        .reports
        .iter()
        .filter(|report| report.kind() == BalanceChangedReport::KIND)
        .map(|report| report.view::<BalanceChangedReport>().reason)
        .collect();
    assert_eq!(reasons, [u16::from(BalanceReason::Settlement.number()); 2]);
    // The next day back to 101: -10 x 6 x 3.
    desk.send(&[Record::of(settle(2, 101))]);
    assert_eq!(total(&desk, 3) - before, 30);
    expire(&mut desk);
    desk.send(&[Record::of(settle(2, 101))]);
    assert_eq!(total(&desk, 3) - before, 30);
    assert_eq!(held(&desk, 3, 2), (0, 0, 30));
}

#[test]
fn options_pay_premium_at_the_trade_and_what_they_are_worth_at_expiry() {
    // Bought 10 at 5: 150 units of premium. At 112 a call at 100 is 12 ticks in the money: 12 x 3 x 10 = 360.
    for (instrument, settlement, worth) in [
        (3, 112, 360),
        (3, 100, 0),
        (3, 99, 0),
        (3, 101, 30),
        (4, 112, 0),
        (4, 100, 0),
        (4, 99, 30),
        (4, 88, 360),
        (4, 1, 2_970),
    ] {
        for lots in [10, -10] {
            let mut desk = desk();
            let before = total(&desk, 3);
            trade(&mut desk, instrument, 5, lots);
            let sign = i128::from(lots.signum());
            assert_eq!(total(&desk, 3) - before, -150 * sign);
            expire(&mut desk);
            let answer = desk.send(&[Record::of(settle(instrument, settlement))]);
            assert_eq!(answer.code, 0);
            assert_eq!(
                total(&desk, 3) - before,
                (worth - 150) * sign,
                "{instrument} at {settlement}"
            );
            assert_eq!(total(&desk, 4), (150 - worth) * sign);
            assert_eq!(held(&desk, 3, instrument), (0, 0, (worth - 150) * sign));
            assert_eq!(desk.engine.pots()[0].clearing, 0);
        }
    }
}

#[test]
fn an_option_is_worth_ticks_of_its_underlying() {
    // A tick of the option is 0.05, of the underlying 0.01; 100 units a contract, money in cents: a tick and lot of the
    // option is 5.00 = 500 cents, of the underlying 1.00 = 100 cents. Strike 100.00, settled at 103.50: 350 x 100 = 35,000 cents.
    let mut desk = desk();
    let expiry = desk.now + SECOND;
    let [definition, symbol, terms] = option(3, 1, OptionKind::Call, 10_000, expiry);
    let definition = Record::of(DefineInstrument {
        units_per_tick_lot: 500,
        ..*definition.view()
    });
    let symbol = Record::of(InstrumentSymbol {
        tick_mantissa: 5,
        ..*symbol.view()
    });
    let terms = Record::of(DerivativeTerms {
        multiplier: 100,
        ..*terms.view()
    });
    assert_eq!(desk.send(&[definition, symbol, terms]).code, 0);
    let before = total(&desk, 3);
    // 2 lots at 60 ticks of 0.05 = 3.00: 2 x 60 x 500 = 60,000 cents.
    trade(&mut desk, 3, 60, 2);
    assert_eq!(total(&desk, 3) - before, -60_000);
    expire(&mut desk);
    desk.send(&[Record::of(settle(3, 10_350))]);
    assert_eq!(total(&desk, 3) - before, 10_000);
}

#[test]
fn a_settlement_is_made_once_and_in_time() {
    let mut desk = desk();
    trade(&mut desk, 2, 100, 1);
    trade(&mut desk, 3, 5, 1);
    let code = |desk: &mut Desk, id, price| {
        let answer = desk.send(&[Record::of(settle(id, price))]);
        (answer.code, answer.observed, answer.limit)
    };
    assert_eq!(code(&mut desk, 77, 5).0, ErrorCode::UnknownInstrumentId.number());
    assert_eq!(code(&mut desk, 1, 5).0, ErrorCode::InvalidArgument.number());
    assert_eq!(code(&mut desk, 2, 0), (ErrorCode::PriceNotPositive.number(), 0, 1));
    let early = code(&mut desk, 3, 112);
    assert_eq!(early.0, ErrorCode::InstrumentNotExpired.number());
    assert_eq!(early.2 - early.1, 10 * SECOND as i64);
    expire(&mut desk);
    assert_eq!(code(&mut desk, 3, 112).0, 0);
    let after = total(&desk, 3);
    // Again at the same price: nothing. At another: refused.
    assert_eq!(code(&mut desk, 3, 112).0, 0);
    assert_eq!(desk.kinds(), [DoneReport::KIND]);
    let again = code(&mut desk, 3, 113);
    assert_eq!(again, (ErrorCode::InstrumentExpired.number(), 113, 112));
    assert_eq!(total(&desk, 3), after);
    let back = MovePosition {
        kind: MovePosition::KIND,
        account_id: 3,
        instrument_id: 3,
        quantity_lots: 1,
        reason: 1,
        ..MovePosition::default()
    };
    assert_eq!(
        desk.send(&[Record::of(back)]).code,
        ErrorCode::InstrumentExpired.number()
    );
}

#[test]
fn a_settlement_beyond_the_ledger_changes_nothing() {
    let mut desk = desk();
    let lots = 1 << 40;
    for (account, quantity_lots) in [(3, lots), (4, -lots)] {
        let movement = MovePosition {
            kind: MovePosition::KIND,
            account_id: account,
            instrument_id: 2,
            quantity_lots,
            cost_units: quantity_lots * 300,
            reason: 1,
            ..MovePosition::default()
        };
        assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
    }
    let before = (total(&desk, 3), held(&desk, 3, 2), desk.engine.pots()[0].clearing);
    // 2^40 lots x (2^30 - 100) ticks x 3 units is above 2^63.
    let answer = desk.send(&[Record::of(settle(2, 1 << 30))]);
    assert_eq!(
        (answer.code, answer.observed),
        (ErrorCode::LedgerOverflow.number(), i64::MAX)
    );
    assert_eq!(desk.kinds(), [RefusalReport::KIND]);
    assert_eq!(
        (total(&desk, 3), held(&desk, 3, 2), desk.engine.pots()[0].clearing),
        before
    );
    assert_eq!(desk.send(&[Record::of(settle(2, i64::MAX))]).code, answer.code);
}

#[test]
fn at_the_expiry_orders_end_oldest_first_behind_timers_of_their_own() {
    let mut desk = desk();
    let expiry = desk.now + 10 * SECOND;
    let resting = desk.place(limit(3, 2, Side::Buy, 100, 5)).order_id;
    let stop = PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 120,
        ..limit(3, 2, Side::Buy, 0, 1)
    };
    let waiting = desk.place(stop).order_id;
    let until = |at| OrderTerms {
        expire_time_nanos: at,
        ..OrderTerms::default()
    };
    let dated = PlaceOrder {
        time_in_force: TimeInForce::GoodTillDate.number(),
        ..limit(3, 2, Side::Buy, 99, 5)
    };
    let same_time = desk.place_with(dated, until(expiry)).order_id;
    let later = desk.place_with(dated, until(expiry + 1)).order_id;
    let elsewhere = desk.rest(3, Side::Buy, 50, 1);
    desk.now = expiry - 1;
    desk.send(&[Record::of(cash(3, 1))]);
    assert!(desk.states().is_empty(), "not before its time");
    desk.now = expiry + 5;
    desk.send(&[Record::of(cash(3, 1))]);
    let ended = |id, exec, status, reason, lots| (id, exec, status, reason, 0, lots);
    let canceled = |id, lots| {
        let reason = CancelReason::InstrumentExpired;
        ended(id, ExecType::Canceled, OrderStatus::Canceled, reason, lots)
    };
    assert_eq!(
        desk.states(),
        [
            ended(
                same_time,
                ExecType::Expired,
                OrderStatus::Expired,
                CancelReason::Expired,
                5
            ),
            canceled(resting, 5),
            canceled(waiting, 1),
            canceled(later, 5),
        ]
    );
    let states: Vec<(u32, u8, u16)> = desk
        .reports
        .iter()
        .filter(|report| report.kind() == InstrumentStateReport::KIND)
        .map(|report| report.view::<InstrumentStateReport>())
        .map(|report| (report.instrument_id, report.state, report.reason))
        .collect();
    let halted = |id| {
        (
            id,
            TradingState::Halted.number(),
            u16::from(StateReason::Expiry.number()),
        )
    };
    assert_eq!(states, [halted(2), halted(3), halted(4)]);
    assert!(desk.engine.order(elsewhere).is_some());
    let refused = desk.place(limit(3, 2, Side::Buy, 100, 5));
    assert_eq!(refused.code, ErrorCode::InstrumentExpired.number());
    // Not even when an operator opens it, and it cannot be defined anew.
    let open = SetTradingState {
        kind: SetTradingState::KIND,
        scope: StateScope::Instrument.number(),
        state: TradingState::Active.number(),
        target_id: 2,
        reason: 1,
        ..SetTradingState::default()
    };
    desk.send(&[Record::of(open)]);
    let refused = desk.place(limit(3, 2, Side::Buy, 100, 5));
    assert_eq!(refused.code, ErrorCode::InstrumentExpired.number());
    let anew = self::dated(future(2, 1, 0, 0), expiry + SECOND);
    assert_eq!(desk.send(&anew).code, ErrorCode::InstrumentExpired.number());
    let same = self::dated(future(2, 1, 0, 0), expiry);
    assert_eq!(desk.send(&same).code, 0, "the same definition again is no change");
}

#[test]
fn an_account_without_margin_closes_futures_and_trades_options_that_it_holds() {
    let mut desk = desk();
    let required = ErrorCode::MarginAccountRequired.number();
    desk.send(&[Record::of(account(
        1,
        AccountKind::Cash,
        account_permission::SHORT_SALE,
    ))]);
    for side in [Side::Buy, Side::Sell] {
        let answer = desk.place(limit(1, 2, side, 100, 5));
        assert_eq!((answer.code, answer.observed, answer.limit), (required, 5, 0));
    }
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id: 1,
        instrument_id: 2,
        quantity_lots: -5,
        cost_units: -1_500,
        reason: 1,
        ..MovePosition::default()
    };
    desk.send(&[Record::of(movement)]);
    assert_eq!(desk.place(limit(1, 2, Side::Buy, 100, 6)).code, required);
    let before = desk.free(1);
    assert_eq!(desk.place(limit(1, 2, Side::Buy, 90, 5)).code, 0);
    assert_eq!(desk.free(1), before, "no notional is held");
    // It was short at 100: closing at 90 pays 5 x 10 x 3.
    desk.place(limit(3, 2, Side::Sell, 90, 5));
    assert_eq!(desk.free(1) - before, 150);
    assert_eq!(desk.place(limit(1, 3, Side::Sell, 5, 1)).code, required);
    assert_eq!(desk.place(limit(1, 3, Side::Buy, 5, 2)).code, 0);
    desk.place(limit(3, 3, Side::Sell, 5, 2));
    assert_eq!(desk.place(limit(1, 3, Side::Sell, 6, 3)).code, required);
    assert_eq!(desk.place(limit(1, 3, Side::Sell, 6, 2)).code, 0);
    let costly = desk.place(limit(1, 3, Side::Buy, 1_000, 1_000));
    assert_eq!(costly.code, ErrorCode::InsufficientBuyingPower.number());
}

#[test]
fn terms_that_do_not_fit_together_are_refused() {
    let mut desk = Desk::new();
    let invalid = ErrorCode::InvalidInstrumentTerms.number();
    let now = desk.now;
    let later = now + SECOND;
    let call = || option(3, 1, OptionKind::Call, 100, later);
    let terms = |records: [Record; 3], change: &dyn Fn(&mut DerivativeTerms)| {
        let mut terms: DerivativeTerms = *records[2].view();
        change(&mut terms);
        vec![records[0], records[1], Record::of(terms)]
    };
    let definition = |records: [Record; 3], change: &dyn Fn(&mut DefineInstrument)| {
        let mut definition: DefineInstrument = *records[0].view();
        change(&mut definition);
        vec![Record::of(definition), records[1], records[2]]
    };
    let without_terms = |records: [Record; 3]| {
        let definition: DefineInstrument = *records[0].view();
        let extension_count = 1;
        vec![
            Record::of(DefineInstrument {
                extension_count,
                ..definition
            }),
            records[1],
        ]
    };
    for (what, records) in [
        ("a future without terms", without_terms(future(2, 1, 0, 0))),
        ("an option without terms", without_terms(call())),
        ("an unknown underlying", future(2, 77, 0, 0).to_vec()),
        (
            "an option on itself",
            option(3, 3, OptionKind::Call, 100, later).to_vec(),
        ),
        (
            "an option on nothing",
            option(3, 0, OptionKind::Call, 100, later).to_vec(),
        ),
        (
            "an option without expiry",
            option(3, 1, OptionKind::Call, 100, 0).to_vec(),
        ),
        (
            "an expiry that has passed",
            option(3, 1, OptionKind::Call, 100, now).to_vec(),
        ),
        ("a strike of 0", option(3, 1, OptionKind::Call, 0, later).to_vec()),
        (
            "an option that is neither",
            option(3, 1, OptionKind::None, 100, later).to_vec(),
        ),
        ("no style", terms(call(), &|terms| terms.exercise_style = 0)),
        ("another multiplier", terms(call(), &|terms| terms.multiplier = 4)),
        ("no multiplier", terms(call(), &|terms| terms.multiplier = 0)),
        (
            "margin above all",
            terms(call(), &|terms| terms.initial_margin_ppm = 1_000_001),
        ),
        (
            "maintenance above initial",
            terms(call(), &|terms| terms.maintenance_margin_ppm = 200_001),
        ),
        (
            "a future with a strike",
            terms(future(2, 1, 0, 0), &|terms| terms.strike_ticks = 5),
        ),
        (
            "a future with a right",
            terms(future(2, 1, 0, 0), &|terms| terms.option_kind = 1),
        ),
        (
            "another currency than the underlying's",
            definition(call(), &|terms| terms.currency_id = 9),
        ),
        (
            "units that are not tick times lot",
            definition(call(), &|terms| terms.units_per_tick_lot = 4),
        ),
        (
            "an equity with a multiplier",
            definition(future(2, 1, 0, 0), &|terms| terms.instrument_kind = 1),
        ),
    ] {
        assert_eq!(desk.send(&records).code, invalid, "{what}");
    }
    assert_eq!(desk.send(&future(2, 1, 0, 0)).code, 0);
    // An option on a future that derives from another instrument has no single underlying.
    assert_eq!(desk.send(&option(3, 2, OptionKind::Call, 100, later)).code, invalid);
    assert_eq!(desk.send(&future(4, 0, 0, 0)).code, 0);
    assert_eq!(desk.send(&option(3, 4, OptionKind::Call, 100, later)).code, 0);
    // An equity may carry margins.
    let equity = terms(future(1, 1, -20, 150), &|terms| terms.multiplier = 0);
    let [_, symbol] = instrument(1, -20, 150);
    let mut kind: DefineInstrument = *equity[0].view();
    kind.instrument_kind = InstrumentKind::Equity.number();
    assert_eq!(desk.send(&[Record::of(kind), symbol, equity[2]]).code, 0);
}

#[test]
fn what_positions_and_other_instruments_rest_on_does_not_change() {
    let mut desk = desk();
    let exists = ErrorCode::InstrumentExists.number();
    // Instrument 1 is the underlying of three: its scale and currency stay.
    let [definition, symbol] = instrument(1, -20, 150);
    let other_tick = Record::of(InstrumentSymbol {
        tick_mantissa: 5,
        ..*symbol.view()
    });
    assert_eq!(desk.send(&[definition, other_tick]).code, exists);
    let other_currency = Record::of(DefineInstrument {
        currency_id: 2,
        ..*definition.view()
    });
    assert_eq!(desk.send(&[other_currency, symbol]).code, exists);
    assert_eq!(desk.send(&instrument(1, 5, 5)).code, 0, "fees may change");
    // A derivative that nobody used takes any terms; afterwards only what does not change what it is worth.
    let expiry = desk.now + 20 * SECOND;
    assert_eq!(desk.send(&option(3, 1, OptionKind::Put, 90, expiry)).code, 0);
    trade(&mut desk, 3, 5, 1);
    assert_eq!(desk.send(&option(3, 1, OptionKind::Put, 91, expiry)).code, exists);
    assert_eq!(desk.send(&option(3, 1, OptionKind::Put, 90, expiry + 1)).code, exists);
    assert_eq!(desk.send(&instrument(3, 0, 0)).code, exists);
    let [definition, symbol, terms] = option(3, 1, OptionKind::Put, 90, expiry);
    let margin = Record::of(DerivativeTerms {
        initial_margin_ppm: 500_000,
        ..*terms.view()
    });
    assert_eq!(desk.send(&[definition, symbol, margin]).code, 0);
}

#[test]
fn lots_that_came_from_outside_are_settled_from_outside() {
    let mut desk = desk();
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id: 3,
        instrument_id: 2,
        quantity_lots: 10,
        cost_units: 3_000,
        reason: 1,
        ..MovePosition::default()
    };
    let before = total(&desk, 3);
    desk.send(&[Record::of(movement)]);
    expire(&mut desk);
    desk.send(&[Record::of(settle(2, 110))]);
    // 10 x 10 x 3 came from whoever holds the other side, outside: the clearing sum says so.
    assert_eq!(total(&desk, 3) - before, 300);
    assert_eq!(desk.engine.pots()[0].clearing, -300);
}

#[test]
fn a_settlement_of_many_positions_spans_commits() {
    let mut records: Vec<Record> = instrument(1, 0, 0).to_vec();
    let expiry = 2 * SECOND;
    records.extend(dated(future(2, 1, 0, 0), expiry));
    for id in 1..=60 {
        records.push(Record::of(account(id, AccountKind::Replay, 0)));
    }
    for pair in 0..30 {
        records.push(Record::of(limit(1 + 2 * pair, 2, Side::Buy, 100, 7)));
        records.push(Record::of(limit(2 + 2 * pair, 2, Side::Sell, 100, 7)));
    }
    for record in &mut records {
        record.set_time_nanos(SECOND);
    }
    let mut last = Record::of(settle(2, 104));
    last.set_time_nanos(expiry);
    let run = |bound: usize| {
        let config = fulltape_ffi::ShardConfig {
            commit_bytes_max: bound,
            ..small_config()
        };
        let mut shard = fulltape_ffi::Shard::open(config).expect("opens");
        execute(&mut shard, &records).expect("executes");
        let settled = execute(&mut shard, &[last]).expect("executes");
        shard.engine().assert_consistent();
        (settled, shard.state_hash())
    };
    let ((parts, hash), (whole, expected)) = (run(1024), run(1 << 20));
    assert!(
        parts.len() > 5 && whole.len() == 1,
        "{} and {}",
        parts.len(),
        whole.len()
    );
    assert_eq!(hash, expected);
    let balances = |messages: &[Vec<u8>]| {
        let mut count = 0;
        for message in messages {
            let words = words(message);
            let commit = parse_commit(&words).expect("a commit");
            count += commit
                .reports
                .iter()
                .filter(|report| report.kind() == BalanceChangedReport::KIND)
                .count();
        }
        count
    };
    assert_eq!((balances(&parts), balances(&whole)), (60, 60));
}

fn phase(desk: &mut Desk, instrument_id: u32, phase: TradingPhase) {
    assert_eq!(desk.send(&[Record::of(session(instrument_id, phase))]).code, 0);
}

#[test]
fn an_auction_in_a_future_moves_no_notional_and_clears() {
    let mut desk = desk();
    desk.send(&[Record::of(account(5, AccountKind::Margin, 0))]);
    desk.send(&[Record::of(cash(5, 1_000))]);
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 2,
        source: 2,
        purpose: PricePurpose::Both.number(),
        price_ticks: 100,
        ..SetReferencePrice::default()
    };
    desk.send(&[Record::of(price)]);
    phase(&mut desk, 2, TradingPhase::OpeningAuction);
    let before = total(&desk, 3);
    desk.place(limit(3, 2, Side::Buy, 104, 10));
    // A market sell of a margin account: 10 x 300 x 20 % are needed, and nothing is given away before there is a price.
    let market = PlaceOrder {
        time_in_force: TimeInForce::GoodForAuction.number(),
        ..market(5, 2, Side::Sell, 10)
    };
    assert_eq!(desk.place(market).code, 0);
    let more = desk.place(limit(5, 2, Side::Sell, 100, 10));
    assert_eq!(
        (more.code, more.observed, more.limit),
        (ErrorCode::InsufficientMargin.number(), 1_200, 1_000)
    );
    phase(&mut desk, 2, TradingPhase::Continuous);
    let traded = desk.trades();
    assert_eq!(traded.iter().map(|trade| trade.1).sum::<i64>(), 10);
    let value = i128::from(traded[0].0) * 30;
    assert_eq!(total(&desk, 3), before, "no notional");
    assert_eq!(held(&desk, 3, 2), (10, value, 0));
    assert_eq!(held(&desk, 5, 2), (-10, -value, 0));
    assert_eq!(desk.engine.pots()[0].clearing, 0);
}

#[test]
fn an_expiry_ends_what_a_call_has_collected() {
    let mut desk = desk();
    phase(&mut desk, 2, TradingPhase::ClosingAuction);
    let buy = desk.place(limit(3, 2, Side::Buy, 104, 10)).order_id;
    let sell = desk.place(limit(4, 2, Side::Sell, 100, 10)).order_id;
    expire(&mut desk);
    desk.send(&[Record::of(cash(3, 1))]);
    assert!(desk.trades().is_empty(), "what has expired does not uncross");
    let ended: Vec<_> = desk.states().iter().map(|state| (state.0, state.3)).collect();
    let reason = CancelReason::InstrumentExpired;
    assert_eq!(ended, [(buy, reason), (sell, reason)]);
}

#[test]
fn an_iceberg_and_a_reduce_only_order_in_a_future_end_at_its_expiry() {
    let mut desk = desk();
    trade(&mut desk, 2, 100, 10);
    let iceberg = PlaceOrder {
        display_quantity_lots: 2,
        ..limit(3, 2, Side::Buy, 99, 20)
    };
    let iceberg = desk.place(iceberg).order_id;
    let reduce = PlaceOrder {
        instructions: order_instruction::REDUCE_ONLY,
        ..limit(3, 2, Side::Sell, 105, 10)
    };
    let reduce = desk.place(reduce).order_id;
    // A daily settlement moves no lots, so nothing gives way.
    desk.send(&[Record::of(settle(2, 103))]);
    assert!(desk.states().is_empty());
    expire(&mut desk);
    desk.send(&[Record::of(settle(2, 103))]);
    let ended: Vec<_> = desk.states().iter().map(|state| (state.0, state.3)).collect();
    let reason = CancelReason::InstrumentExpired;
    assert_eq!(ended, [(iceberg, reason), (reduce, reason)]);
    assert_eq!(held(&desk, 3, 2), (0, 0, 90));
}
