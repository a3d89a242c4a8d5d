//! The promise that siblings never fill more than one of them asked for, under random use.
use std::collections::BTreeMap;

use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::legs::*;

#[test]
fn siblings_never_fill_more_than_one_of_them_asked_for() {
    let seed = seed("lists");
    let mut random = Random::new(seed);
    let mut engine = Engine::new(Config {
        max_orders: 400,
        max_accounts: 10,
        max_instruments: 4,
        ..Config::default()
    });
    let mut reports: Vec<Record> = Vec::new();
    let mut now = 1_700_000_000_000_000_000;
    let mut send = |engine: &mut Engine, records: &[Record]| {
        let mut records = records.to_vec();
        now += 1_000;
        records[0].set_time_nanos(now);
        reports.clear();
        let answer = engine.submit(&Command::new(&records), 0, &mut reports);
        (answer, reports.clone())
    };
    send(&mut engine, &instrument(1, -20, 150));
    for id in 1..=4 {
        let kind = if id == 4 {
            AccountKind::Replay
        } else {
            AccountKind::Cash
        };
        send(
            &mut engine,
            &[Record::of(account(id, kind, account_permission::SHORT_SALE))],
        );
        send(&mut engine, &[Record::of(cash(id, 1 << 50))]);
    }
    // Order id -> (list, its share); list -> lots that may be filled, lots that were.
    let mut legs: BTreeMap<u64, (u64, bool)> = BTreeMap::new();
    let mut lists: BTreeMap<u64, (i64, i64, i64)> = BTreeMap::new();
    let (mut fills, mut commands) = (0_u64, 0_u64);
    while fills < 100_000 {
        commands += 1;
        let list_id = commands;
        let account = 1 + random.below(3) as u32;
        let side = random.one_of(&[Side::Buy, Side::Sell]);
        let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
        let lots = random.between(1, 30);
        let mut any = |side: Side, lots: i64| {
            let mut order = match random.below(4) {
                0 => stop(account, side, random.between(90, 110), lots),
                1 => PlaceOrder {
                    order_type: OrderType::StopLimit.number(),
                    price_ticks: random.between(90, 110),
                    ..stop(account, side, random.between(90, 110), lots)
                },
                2 => PlaceOrder {
                    display_quantity_lots: random.between(1, 4),
                    ..limit(account, 1, side, random.between(90, 110), lots)
                },
                _ => limit(account, 1, side, random.between(90, 110), lots),
            };
            order.self_trade_prevention = random.below(5) as u8;
            order
        };
        let orders = if commands.is_multiple_of(3) {
            vec![any(side, lots), any(side, lots)]
        } else if commands.is_multiple_of(5) {
            vec![any(side, lots), any(other, lots), any(other, lots)]
        } else {
            let order = any(side, lots);
            let taker = 1 + random.below(4) as u32;
            let price = random.between(92, 108);
            let (_, seen) = send(
                &mut engine,
                &[Record::of(limit(taker, 1, side, price, order.quantity_lots))],
            );
            count(&seen, &legs, &mut lists, &mut fills);
            continue;
        };
        let contingency = if orders.len() == 2 { OCO } else { BRACKET };
        lists.insert(list_id, (lots, 0, 0));
        for (index, order) in orders.into_iter().enumerate() {
            // Its fills may come in this very command.
            legs.insert(
                engine.next_command_number(),
                (list_id, contingency == BRACKET && index == 0),
            );
            let (_, seen) = send(&mut engine, &leg(order, list_id, contingency, index as u8));
            count(&seen, &legs, &mut lists, &mut fills);
        }
        if commands.is_multiple_of(50) {
            engine.assert_consistent();
        }
        if commands.is_multiple_of(40) {
            let all = CancelAllOrders {
                kind: CancelAllOrders::KIND,
                account_id: 1 + random.below(3) as u32,
                ..CancelAllOrders::default()
            };
            send(&mut engine, &[Record::of(all)]);
        }
    }
    println!("{fills} fills of legs in {} lists", lists.len());
}

/// Adds the fills of legs up and holds each list to its promise.
fn count(
    reports: &[Record],
    legs: &BTreeMap<u64, (u64, bool)>,
    lists: &mut BTreeMap<u64, (i64, i64, i64)>,
    fills: &mut u64,
) {
    for trade in reports.iter().filter(|report| report.kind() == TradeReport::KIND) {
        let trade = trade.view::<TradeReport>();
        for order in [trade.maker_order_id, trade.taker_order_id] {
            let Some((id, entry)) = legs.get(&order) else {
                continue;
            };
            *fills += 1;
            let (lots, filled, entered) = lists.get_mut(id).expect("a list");
            if *entry {
                *entered += trade.quantity_lots;
            } else {
                *filled += trade.quantity_lots;
            }
            assert!(
                *filled <= *lots && *entered <= *lots,
                "list {id} fills more than it asked for"
            );
            let bracket = id.is_multiple_of(5) && !id.is_multiple_of(3);
            assert!(
                !bracket || *filled <= *entered,
                "exits of list {id} fill more than its entry"
            );
        }
    }
}
