//! The engine allocates nothing in steady state: a counting allocator watches a long run.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use fulltape_engine::{Command, Config, CountingSink, Engine};
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::{
    AccountKind, Contingency, LegRole, OrderType, PricePurpose, Side, TimeInForce, TradingPhase, order_instruction,
};
use fulltape_tape::layout::{ListLink, OrderTerms, PlaceOrder, SetReferencePrice, SetSession};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises, passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Orders that rest, trade, are amended and cancelled, around a touch that wanders, by checked accounts that pay fees.
fn steady(random: &mut Random, number: u64, middle: &mut i64) -> Record {
    *middle = (*middle + random.between(-1, 1)).clamp(9_000, 11_000);
    let account = 1 + random.below(8) as u32;
    let side = random.one_of(&[Side::Buy, Side::Sell]);
    match random.below(15) {
        10 => Record::of(PlaceOrder {
            display_quantity_lots: random.between(2, 5),
            self_trade_prevention: random.below(5) as u8,
            ..limit(
                account,
                1,
                side,
                *middle + random.between(-10, 10),
                random.between(5, 40),
            )
        }),
        11 | 12 => Record::of(PlaceOrder {
            order_type: random.one_of(&[OrderType::Stop, OrderType::MarketIfTouched]).number(),
            trigger_source: random.between(1, 2) as u8,
            stop_price_ticks: *middle + random.between(-25, 25),
            ..limit(account, 1, side, 0, random.between(1, 20))
        }),
        14 => Record::of(PlaceOrder {
            instructions: order_instruction::ALL_OR_NONE,
            ..limit(
                account,
                1,
                side,
                *middle + random.between(-10, 10),
                random.between(1, 20),
            )
        }),
        13 => Record::of(PlaceOrder {
            instructions: order_instruction::REDUCE_ONLY,
            ..limit(
                account,
                1,
                side,
                *middle + random.between(-10, 10),
                random.between(1, 3),
            )
        }),
        0..=4 => {
            let price = *middle + random.between(-40, 40);
            // One in four goes to the future: the margin of two instruments of an underlying is worked out together.
            let instrument = 1 + u32::from(random.once_in(4));
            Record::of(limit(account, instrument, side, price, random.between(1, 20)))
        }
        9 => Record::of(PlaceOrder {
            time_in_force: random
                .one_of(&[TimeInForce::GoodForAuction, TimeInForce::AtTheClose])
                .number(),
            ..limit(
                account,
                1,
                side,
                *middle + random.between(-40, 40),
                random.between(1, 20),
            )
        }),
        5 => Record::of(market(
            account,
            1,
            random.one_of(&[Side::Buy, Side::Sell]),
            random.between(1, 30),
        )),
        6 => {
            let order = number.saturating_sub(random.below(300));
            Record::of(amend(
                account,
                order,
                3,
                *middle + random.between(-40, 40),
                random.between(1, 20),
            ))
        }
        _ => Record::of(cancel(account, 1, number.saturating_sub(random.below(300)))),
    }
}

#[test]
fn nothing_is_allocated_in_steady_state() {
    let seed = seed("allocation");
    let config = Config {
        max_orders: 1 << 14,
        max_accounts: 64,
        max_instruments: 4,
        ..Config::default()
    };
    let mut engine = Engine::new(config);
    let mut sink = CountingSink::default();
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Both.number(),
        price_ticks: 10_000,
        ..SetReferencePrice::default()
    };
    let of_future = SetReferencePrice {
        instrument_id: 2,
        ..price
    };
    let mut setup = vec![
        instrument(1, -5, 30).to_vec(),
        future(2, 1, -5, 30).to_vec(),
        vec![Record::of(price)],
        vec![Record::of(of_future)],
    ];
    for id in 1..=8 {
        setup.push(vec![Record::of(account(id, AccountKind::Cash, 1))]);
        setup.push(vec![Record::of(cash(id, 1 << 50))]);
    }
    for records in &setup {
        assert_eq!(engine.submit(&Command::new(records), 0, &mut sink).code, 0);
    }
    let mut random = Random::new(seed);
    let mut middle = 10_000;
    let mut run = |engine: &mut Engine, commands: u64| {
        for _ in 0..commands {
            let record = steady(&mut random, engine.next_command_number(), &mut middle);
            engine.submit(&Command::new(&[record]), 0, &mut sink);
            // A fifth of the time is a call, and there are some hundred auctions.
            let phase = match engine.next_command_number() % 2_000 {
                0 => Some(TradingPhase::VolatilityAuction),
                400 => Some(TradingPhase::Continuous),
                _ => None,
            };
            if let Some(phase) = phase {
                let session = SetSession {
                    kind: SetSession::KIND,
                    instrument_id: 1,
                    phase: phase.number(),
                    reason: 3,
                    ..SetSession::default()
                };
                engine.submit(&Command::new(&[Record::of(session)]), 0, &mut sink);
                assert_eq!(engine.phase(1), Some(phase));
            }
            if engine.next_command_number().is_multiple_of(1000) {
                engine.state_hash();
                // Keep the number of resting orders steady.
                while engine.open_orders() > 4_000 {
                    let account = 1 + random.below(8) as u32;
                    let kind = fulltape_tape::layout::CancelAllOrders::KIND;
                    let all = fulltape_tape::layout::CancelAllOrders {
                        kind,
                        account_id: account,
                        ..Default::default()
                    };
                    engine.submit(&Command::new(&[Record::of(all)]), 0, &mut sink);
                }
            }
        }
    };
    run(&mut engine, 300_000);
    let trades = engine.trades();
    let before = ALLOCATIONS.get();
    run(&mut engine, 1_000_000);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in a million commands");
    assert!(engine.trades() > trades + 100_000, "the run traded");
    engine.assert_consistent();
    // The counter counts.
    drop(vec![1_u8; 100]);
    assert!(ALLOCATIONS.get() > before);
}

/// Orders of every special kind, with their terms: trailing, pegged, hidden, dated, of the day, stepping back, market-to-limit, with a
/// minimum, limited stops; amended in trigger and display. Nothing here is taken from the heap.
fn special(random: &mut Random, number: u64, middle: i64, now: u64) -> ([Record; 2], usize) {
    let account = 1 + random.below(8) as u32;
    let side = random.one_of(&[Side::Buy, Side::Sell]);
    let near = |random: &mut Random| middle + random.between(-15, 15);
    let mut terms = OrderTerms {
        kind: OrderTerms::KIND,
        ..OrderTerms::default()
    };
    let mut order = limit(account, 1, side, near(random), random.between(1, 30));
    let mut used = 1;
    match random.below(12) {
        0 | 1 => {
            let limited = random.once_in(2);
            let order_type = if limited {
                terms.limit_offset_ticks = random.between(0, 3);
                OrderType::TrailingStopLimit
            } else {
                OrderType::TrailingStop
            };
            order.order_type = order_type.number();
            order.price_ticks = 0;
            order.trigger_source = random.between(1, 3) as u8;
            order.stop_price_ticks = match side {
                Side::Buy => middle + random.between(3, 20),
                Side::Sell => middle - random.between(3, 20),
            };
            terms.trailing_unit = random.between(1, 2) as u8;
            terms.trailing_offset = random.between(2, 20);
            used = 2;
        }
        2 => order.instructions = order_instruction::HIDDEN,
        3 => {
            order.time_in_force = TimeInForce::GoodTillDate.number();
            terms.expire_time_nanos = now + 1 + random.below(40_000_000_000);
            used = 2;
        }
        4 => order.time_in_force = TimeInForce::Day.number(),
        5 => order.instructions = order_instruction::POST_ONLY_REPRICE,
        6 => {
            order.order_type = OrderType::MarketToLimit.number();
            order.price_ticks = 0;
        }
        7 => {
            terms.minimum_quantity_lots = random.between(1, order.quantity_lots);
            used = 2;
        }
        8 => {
            order.order_type = random
                .one_of(&[OrderType::StopLimit, OrderType::LimitIfTouched])
                .number();
            order.trigger_source = random.between(1, 3) as u8;
            order.stop_price_ticks = near(random);
        }
        9 => {
            let mut change = amend(account, number.saturating_sub(random.below(200)), 0, near(random), 9);
            change.flags = random.one_of(&[4, 8, 5, 10]);
            change.stop_price_ticks = near(random);
            change.display_quantity_lots = random.between(1, 5);
            return ([Record::of(change), Record::default()], 1);
        }
        11 if random.once_in(6) => {
            order.order_type = OrderType::Pegged.number();
            order.peg_kind = random.between(1, 3) as u8;
            order.price_ticks = if random.once_in(3) { near(random) } else { 0 };
            let away = random.between(0, 6);
            terms.peg_offset_ticks = if side == Side::Buy { -away } else { away };
            used = 2;
        }
        10 => {
            let gone = cancel(account, 1, number.saturating_sub(random.below(200)));
            return ([Record::of(gone), Record::default()], 1);
        }
        _ => {
            let mark = SetReferencePrice {
                kind: SetReferencePrice::KIND,
                instrument_id: 1,
                source: 2,
                purpose: PricePurpose::Mark.number(),
                price_ticks: near(random),
                ..SetReferencePrice::default()
            };
            return ([Record::of(mark), Record::default()], 1);
        }
    }
    order.extension_count = used as u8 - 1;
    ([Record::of(order), Record::of(terms)], used)
}

/// An engine with one equity and eight cash accounts that may sell short.
fn eight_accounts(sink: &mut CountingSink) -> Engine {
    let config = Config {
        max_orders: 1 << 14,
        max_accounts: 64,
        max_instruments: 4,
        ..Config::default()
    };
    let mut engine = Engine::new(config);
    for records in core::iter::once(instrument(1, -5, 30).to_vec()).chain((1..=8).flat_map(|id| {
        [
            vec![Record::of(account(id, AccountKind::Cash, 1))],
            vec![Record::of(cash(id, 1 << 50))],
        ]
    })) {
        assert_eq!(engine.submit(&Command::new(&records), 0, sink).code, 0);
    }
    engine
}

/// Hashes the state, and cancels all orders of one account after the other until 3,000 are left at most.
fn tidy(engine: &mut Engine, random: &mut Random, sink: &mut CountingSink) {
    engine.state_hash();
    while engine.open_orders() > 3_000 {
        let all = fulltape_tape::layout::CancelAllOrders {
            kind: fulltape_tape::layout::CancelAllOrders::KIND,
            account_id: 1 + random.below(8) as u32,
            ..Default::default()
        };
        engine.submit(&Command::new(&[Record::of(all)]), 0, sink);
    }
}

#[test]
fn special_orders_of_every_kind_allocate_nothing_in_steady_state() {
    let seed = seed("special allocation");
    let mut sink = CountingSink::default();
    let mut engine = eight_accounts(&mut sink);
    let mut random = Random::new(seed);
    let (mut middle, mut now) = (10_000, 20_000 * 24 * 3600 * 1_000_000_000_u64);
    let mut accepted = 0_u64;
    let mut run = |engine: &mut Engine, commands: u64| {
        for _ in 0..commands {
            middle = (middle + random.between(-1, 1)).clamp(9_000, 11_000);
            // Some twenty days go by: day orders expire too.
            now += random.below(4_000_000_000) / if random.once_in(2) { 1 } else { 1_000 };
            let (mut records, used) = special(&mut random, engine.next_command_number(), middle, now);
            records[0].set_time_nanos(now);
            let answer = engine.submit(&Command::new(&records[..used]), 0, &mut sink);
            accepted += u64::from(answer.code == 0);
            if engine.next_command_number().is_multiple_of(500) {
                tidy(engine, &mut random, &mut sink);
            }
        }
        accepted
    };
    run(&mut engine, 400_000);
    let (trades, before) = (engine.trades(), ALLOCATIONS.get());
    let accepted = run(&mut engine, 600_000);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 600,000 commands");
    assert!(accepted > 500_000, "{accepted} of a million were accepted");
    assert!(engine.trades() > trades + 50_000, "{} trades", engine.trades() - trades);
    engine.assert_consistent();
}

/// Lists of every kind, whole or not, around a touch that wanders; their legs amended and cancelled. Commands to send.
fn listed(random: &mut Random, number: u64, list_id: u64, middle: i64) -> ([[Record; 2]; 3], usize) {
    let account = 1 + random.below(8) as u32;
    let side = random.one_of(&[Side::Buy, Side::Sell]);
    let away = |lots: i64, ticks: i64| match side {
        Side::Buy => limit(account, 1, side, middle - ticks, lots),
        Side::Sell => limit(account, 1, side, middle + ticks, lots),
    };
    let other = match side {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    };
    let ahead = if side == Side::Buy { 1 } else { -1 };
    let stop = |side: Side, ticks: i64, lots: i64| PlaceOrder {
        order_type: OrderType::Stop.number(),
        // Last trade or best opposite price.
        trigger_source: 1 + u8::from(ticks % 2 == 0),
        stop_price_ticks: middle + ticks,
        ..limit(account, 1, side, 0, lots)
    };
    let lots = random.between(1, 30);
    let (near, far) = (random.between(-3, 6), random.between(4, 30));
    let (contingency, orders, roles) = match random.below(6) {
        0 | 1 => (
            Contingency::OneCancelsOther,
            [away(lots, near), stop(side, ahead * far, lots), PlaceOrder::default()],
            [LegRole::Sibling, LegRole::Sibling, LegRole::None],
        ),
        2 => (
            Contingency::OneTriggersOther,
            [
                away(lots, near),
                limit(account, 1, other, middle + ahead * far, lots),
                PlaceOrder::default(),
            ],
            [LegRole::Entry, LegRole::Child, LegRole::None],
        ),
        3 | 4 => (
            Contingency::Bracket,
            [
                away(lots, near),
                limit(account, 1, other, middle + ahead * far, lots),
                stop(other, -ahead * far, lots),
            ],
            [LegRole::Entry, LegRole::TakeProfit, LegRole::StopLoss],
        ),
        _ => {
            let order = number.saturating_sub(random.below(300));
            let gone = if random.once_in(2) {
                Record::of(cancel(account, 1, order))
            } else {
                Record::of(amend(account, order, 1, middle + near, 0))
            };
            return ([[gone, Record::default()]; 3], 0);
        }
    };
    let legs = if contingency == Contingency::Bracket { 3 } else { 2 };
    let mut leg_index = 0;
    let commands = orders.map(|order| {
        let link = ListLink {
            kind: ListLink::KIND,
            list_id,
            contingency: contingency.number(),
            leg_role: roles[leg_index as usize].number(),
            leg_count: legs as u8,
            leg_index,
            ..ListLink::default()
        };
        leg_index += 1;
        let order = PlaceOrder {
            extension_count: 1,
            ..order
        };
        [Record::of(order), Record::of(link)]
    });
    (commands, legs)
}

#[test]
fn order_lists_allocate_nothing_in_steady_state() {
    let seed = seed("list allocation");
    let mut sink = CountingSink::default();
    let mut engine = eight_accounts(&mut sink);
    let mut random = Random::new(seed);
    let (mut middle, mut now, mut list_id) = (10_000, 20_000 * 24 * 3600 * 1_000_000_000_u64, 0);
    let mut whole = 0_u64;
    let mut run = |engine: &mut Engine, lists: u64| {
        for _ in 0..lists {
            middle = (middle + random.between(-1, 1)).clamp(9_000, 11_000);
            // Ended lists are known for a day: some twenty days go by.
            now += random.below(20_000_000_000);
            list_id += 1;
            let (mut commands, legs) = listed(&mut random, engine.next_command_number(), list_id, middle);
            // Now and then a list stays without its last leg.
            let sent = legs - usize::from(legs != 0 && random.once_in(20));
            let mut code = 0;
            for records in &mut commands[..sent.max(1)] {
                records[0].set_time_nanos(now);
                let used = if legs == 0 { 1 } else { 2 };
                code = engine.submit(&Command::new(&records[..used]), 0, &mut sink).code;
            }
            whole += u64::from(legs != 0 && sent == legs && code == 0);
            if list_id.is_multiple_of(500) {
                tidy(engine, &mut random, &mut sink);
            }
        }
        whole
    };
    let begun = run(&mut engine, 200_000);
    let (trades, before) = (engine.trades(), ALLOCATIONS.get());
    let whole = run(&mut engine, 200_000) - begun;
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 200,000 lists");
    assert!(whole > 100_000, "{whole} of 200,000 lists became whole");
    assert!(engine.trades() > trades + 50_000, "{} trades", engine.trades() - trades);
    engine.assert_consistent();
}
