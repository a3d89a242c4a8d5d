//! Mistakes that other engines made, each with a test of its own. Those that stand with their subject:
//!
//! - all-or-none mispricing: `all_or_none_mispricing` (`all_or_none.rs`);
//! - iceberg and auction together: `an_iceberg_takes_part_whole_and_shows_itself_anew` (`auctions.rs`);
//! - a closing order blocked by an exposure limit: `a_closing_order_is_not_blocked_by_an_exposure_limit` (`limits.rs`);
//! - a sweep or mass cancel of a million orders, killed between its parts: `great_sweeps.rs`.
use std::collections::BTreeMap;

use fulltape_engine::{Command, Config, Engine};
use fulltape_ffi::Shard;
use fulltape_sim::desk::Desk;
use fulltape_sim::flow::Flow;
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_sim::tapes::{answers, execute, small_config, words};
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;
use fulltape_tape::message::parse_commit;

fn stop(order_type: OrderType, side: Side, trigger: i64, price: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: order_type.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: trigger,
        ..limit(3, 1, side, price, lots)
    }
}

/// A desk with a second account without checks.
fn desk_of_four() -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    desk
}

fn makers(desk: &Desk) -> Vec<u64> {
    desk.trades().iter().map(|trade| trade.2).collect()
}

#[test]
fn a_partial_fill_does_not_lose_the_place_in_the_queue() {
    let mut desk = Desk::new();
    let queue: Vec<u64> = (0..4).map(|_| desk.rest(3, Side::Sell, 100, 10)).collect();
    // Filled in the smallest steps, first by the front order alone, then across the border to the next one.
    for _ in 0..9 {
        desk.place(market(1, 1, Side::Buy, 1));
        assert_eq!(makers(&desk), [queue[0]]);
        assert_eq!(desk.queue(Side::Sell, 100), queue);
    }
    desk.place(market(1, 1, Side::Buy, 2));
    assert_eq!(makers(&desk), queue[..2]);
    assert_eq!(desk.queue(Side::Sell, 100), queue[1..]);
    // An amend to a lower quantity of what was filled in part keeps the place too.
    assert_eq!(desk.send(&[Record::of(amend(3, queue[1], 2, 0, 5))]).code, 0);
    assert_eq!(desk.queue(Side::Sell, 100), queue[1..]);
}

#[test]
fn an_amend_does_not_corrupt_a_level() {
    // Each place in a queue, each kind of amend: (flags, price, quantity); the desk recomputes every sum after each command.
    for place in 0..3 {
        for (flags, price, quantity, keeps) in [
            (amend_flag::QUANTITY, 0, 4, true),
            (amend_flag::QUANTITY, 0, 20, false),
            (amend_flag::PRICE, 101, 0, false),
            (amend_flag::PRICE, 99, 0, false),
            (amend_flag::PRICE | amend_flag::QUANTITY, 102, 3, false),
        ] {
            let mut desk = Desk::new();
            let queue: Vec<u64> = (0..3).map(|_| desk.rest(3, Side::Sell, 100, 10)).collect();
            let there = desk.rest(3, Side::Sell, 101, 7);
            let amended = queue[place];
            let answer = desk.send(&[Record::of(amend(3, amended, flags, price, quantity))]);
            assert_eq!(answer.code, 0);
            let mut others: Vec<u64> = queue.iter().copied().filter(|id| *id != amended).collect();
            if keeps {
                assert_eq!(desk.queue(Side::Sell, 100), queue);
            } else {
                if flags & amend_flag::PRICE == 0 {
                    others.push(amended);
                }
                assert_eq!(desk.queue(Side::Sell, 100), others);
            }
            // Everything that is shown can be bought, and nothing else.
            let shown: i64 = desk.engine.levels(1, Side::Sell).map(|level| level.quantity_lots).sum();
            assert_eq!(
                shown,
                27 + if flags & amend_flag::QUANTITY == 0 {
                    10
                } else {
                    quantity
                }
            );
            let answer = desk.place(PlaceOrder {
                time_in_force: TimeInForce::ImmediateOrCancel.number(),
                ..limit(3, 1, Side::Buy, 200, shown + 50)
            });
            assert_eq!(answer.cum_quantity_lots, shown);
            assert_eq!(desk.engine.levels(1, Side::Sell).count(), 0);
            assert!(makers(&desk).contains(&there));
        }
    }
}

#[test]
fn the_rest_of_an_immediate_order_does_not_stay_in_the_book() {
    let immediate = TimeInForce::ImmediateOrCancel.number();
    for (order, lots) in [
        (limit(1, 1, Side::Buy, 100, 50), 3),
        (market(1, 1, Side::Buy, 50), 6),
        (
            PlaceOrder {
                order_type: OrderType::MarketToLimit.number(),
                ..limit(1, 1, Side::Buy, 0, 50)
            },
            3,
        ),
    ] {
        let mut desk = Desk::new();
        desk.rest(3, Side::Sell, 100, 3);
        desk.rest(3, Side::Sell, 101, 3);
        let free = desk.free(1);
        let answer = desk.place(PlaceOrder {
            time_in_force: immediate,
            ..order
        });
        assert_eq!((answer.cum_quantity_lots, answer.leaves_quantity_lots), (lots, 0));
        assert!(desk.engine.order(answer.order_id).is_none());
        assert_eq!(desk.engine.levels(1, Side::Buy).count(), 0);
        let balance = desk.engine.balance(1, CURRENCY).expect("known");
        assert_eq!(balance.reserved, 0, "nothing holds money");
        assert!(balance.total < free);
    }
}

#[test]
fn a_stop_is_not_triggered_by_its_own_fill() {
    // A stop-limit that has traded and rests is a limit order: prints at its trigger, its own included, do nothing to it.
    let mut desk = desk_of_four();
    let id = desk.place(stop(OrderType::StopLimit, Side::Buy, 100, 101, 10)).order_id;
    desk.rest(4, Side::Sell, 100, 1);
    desk.rest(4, Side::Sell, 101, 4);
    desk.place(limit(3, 1, Side::Buy, 100, 1));
    let states = desk.states();
    let triggered = |states: &[(u64, ExecType, OrderStatus, CancelReason, i64, i64)]| {
        states.iter().filter(|state| state.1 == ExecType::Triggered).count()
    };
    assert_eq!(triggered(&states), 1);
    assert_eq!(desk.queue(Side::Buy, 101), [id]);
    for _ in 0..2 {
        desk.rest(3, Side::Sell, 102, 1);
        desk.place(limit(4, 1, Side::Sell, 101, 2));
        assert_eq!(makers(&desk), [id]);
        assert_eq!(triggered(&desk.states()), 0);
    }
    assert_eq!(desk.engine.order(id).expect("open").leaves_lots, 2);
    // The fill of a stop does not trigger the stop that made it, nor one whose price it has not reached.
    let mut desk = desk_of_four();
    let low = desk.place(stop(OrderType::Stop, Side::Buy, 100, 0, 1)).order_id;
    let high = desk.place(stop(OrderType::Stop, Side::Buy, 103, 0, 1)).order_id;
    for price in [100, 102, 103] {
        desk.rest(4, Side::Sell, price, 1);
    }
    desk.place(limit(3, 1, Side::Buy, 100, 1));
    assert_eq!(
        desk.trades().iter().map(|trade| trade.0).collect::<Vec<_>>(),
        [100, 102]
    );
    assert!(desk.engine.order(low).is_none() && desk.engine.order(high).is_some());
}

#[test]
fn a_stop_does_not_trade_through_its_limit() {
    for (order_type, side, trigger, price, beyond, makers_side) in [
        (OrderType::StopLimit, Side::Buy, 100, 101, 102, Side::Sell),
        (OrderType::StopLimit, Side::Sell, 100, 99, 98, Side::Buy),
        (OrderType::LimitIfTouched, Side::Sell, 100, 99, 98, Side::Buy),
        (OrderType::LimitIfTouched, Side::Buy, 100, 101, 102, Side::Sell),
    ] {
        let mut desk = desk_of_four();
        let id = desk.place(stop(order_type, side, trigger, price, 10)).order_id;
        // One lot to print the trigger, three inside the limit, a hundred behind it.
        for (price, lots) in [(trigger, 1), (price, 3), (beyond, 100)] {
            desk.place(limit(4, 1, makers_side, price, lots));
        }
        desk.place(limit(4, 1, side, trigger, 1));
        let own: Vec<_> = desk.trades().into_iter().filter(|trade| trade.3 == id).collect();
        assert_eq!(
            own.iter().map(|trade| (trade.0, trade.1)).collect::<Vec<_>>(),
            [(price, 3)]
        );
        assert_eq!(desk.queue(side, price), [id], "the rest waits at its limit");
    }
}

/// A command that every engine refuses and that does nothing but count: a kind that nobody may send.
fn nothing(time_nanos: u64) -> Record {
    let mut record = Record::of(SetRiskLimits {
        kind: 63,
        ..SetRiskLimits::default()
    });
    record.set_time_nanos(time_nanos);
    record
}

#[test]
fn a_refused_command_changes_nothing_but_the_documented_counters() {
    let seed = seed("refusals");
    let mut met = BTreeMap::<u16, u64>::new();
    for round in 0..40 {
        let config = Config {
            max_orders: if round % 4 == 0 { 15 } else { 150 },
            max_accounts: 7,
            max_instruments: 4,
            ..Config::default()
        };
        // The twin executes a command that does nothing wherever the engine refuses: numbers, clock and timers move alike.
        let (mut engine, mut twin) = (Engine::new(config.clone()), Engine::new(config));
        let mut flow = Flow::new(seed + round);
        let mut commands = flow.opening();
        commands.reverse();
        let mut reports = Vec::new();
        for number in 0..4_000_u64 {
            let mut records = commands.pop().unwrap_or_else(|| flow.next_command());
            leave_out_counters(&mut records);
            reports.clear();
            let before = engine.time_nanos();
            let command = Command::new(&records);
            let answer = engine.submit(&command, 0, &mut reports);
            for report in reports.iter().filter(|report| report.kind() == OrderStateReport::KIND) {
                let state = report.view::<OrderStateReport>();
                flow.open.retain(|(id, _)| *id != state.order_id);
                if state.leaves_quantity_lots > 0 {
                    flow.open.push((state.order_id, state.account_id));
                }
            }
            // The memory of client ids keeps a refusal too, once.
            let has_id = records.iter().any(|record| record.kind() == ClientOrder::KIND);
            let unkept = [
                ErrorCode::DuplicateClientOrderId.number(),
                ErrorCode::InvalidClientOrderId.number(),
            ];
            let remembered = has_id && answer.flags == 0 && !unkept.contains(&answer.code);
            // A refused last leg of a list ends the legs that came before it.
            let ends_list = reports.iter().any(|report| {
                report.kind() == OrderStateReport::KIND
                    && report.view::<OrderStateReport>().reason == CancelReason::ListRejected.number()
            });
            let refused = answer.code != 0 && !remembered && !ends_list;
            if refused {
                *met.entry(answer.code).or_default() += 1;
                let jump = answer.code == ErrorCode::TimeJump.number();
                let time = if jump { before } else { records[0].time_nanos() };
                let code = twin.submit(&Command::new(&[nothing(time)]), 0, &mut reports).code;
                assert_eq!(code, ErrorCode::UnknownCommandKind.number());
            } else {
                twin.submit(&command, 0, &mut reports);
            }
            if refused || number % 50 == 0 {
                assert_eq!(
                    engine.state_hash(),
                    twin.state_hash(),
                    "code {} of command {number}, seed {}: {records:?}",
                    answer.code,
                    seed + round
                );
            }
        }
        engine.assert_consistent();
    }
    println!("refusal codes met: {met:?}");
    for code in [
        ErrorCode::UnknownAccount,
        ErrorCode::UnknownInstrumentId,
        ErrorCode::UnsupportedOrderType,
        ErrorCode::InvalidArgument,
        ErrorCode::GlobalHalt,
        ErrorCode::AccountHalted,
        ErrorCode::InstrumentHalted,
        ErrorCode::ReduceOnly,
        ErrorCode::QuantityNotPositive,
        ErrorCode::PriceNotPositive,
        ErrorCode::PriceNotAllowed,
        ErrorCode::NotionalOverflow,
        ErrorCode::PostOnlyWouldTrade,
        ErrorCode::NoLiquidity,
        ErrorCode::FillOrKillUnfillable,
        ErrorCode::OrderBookFull,
        ErrorCode::LedgerOverflow,
        ErrorCode::InsufficientBuyingPower,
        ErrorCode::InsufficientPosition,
        ErrorCode::UnknownOrder,
        ErrorCode::TooLateToCancel,
        ErrorCode::AccountNotYours,
        ErrorCode::AmendWithoutChange,
        ErrorCode::QuantityBelowFilled,
        ErrorCode::DuplicateClientOrderId,
        ErrorCode::InvalidClientOrderId,
        ErrorCode::InsufficientCash,
        ErrorCode::AmountNotPositive,
        ErrorCode::UnknownCurrency,
        ErrorCode::TimeJump,
    ] {
        assert!(met.contains_key(&code.number()), "{} was never refused", code.code());
    }
}

fn trade_ids(messages: &[Vec<u8>]) -> Vec<(u64, u64, u64)> {
    let mut ids = Vec::new();
    for message in messages {
        let words = words(message);
        for report in parse_commit(&words).expect("a commit").reports {
            if report.kind() == TradeReport::KIND {
                let trade = report.view::<TradeReport>();
                ids.push((trade.trade_id, trade.maker_order_id, trade.taker_order_id));
            }
        }
    }
    ids
}

#[test]
fn a_replay_gives_the_same_trade_ids() {
    let seed = seed("trade ids");
    let mut flow = Flow::new(seed);
    let mut commands = flow.opening();
    commands.extend((0..16_000).map(|_| flow.next_command()));
    let mut random = Random::new(seed);
    let mut expected = None;
    let mut tape = Vec::new();
    for groups in [1, 7, 300] {
        let mut shard = Shard::open(small_config()).expect("opens");
        let mut emitted = Vec::new();
        let mut rest = commands.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at((1 + random.below(groups) as usize).min(rest.len()));
            emitted.extend(execute(&mut shard, &now.concat()).expect("executes"));
            rest = later;
        }
        let ids = trade_ids(&emitted);
        assert!(ids.len() > 100, "the flow traded");
        assert!(
            ids.iter().zip(1..).all(|(trade, number)| trade.0 == number),
            "they count from 1"
        );
        assert_eq!(*expected.get_or_insert_with(|| ids.clone()), ids);
        tape = emitted;
    }
    // A follower compares bytes, so it would refuse another id; and it goes on counting where the tape ends.
    let mut follower = Shard::open(small_config()).expect("opens");
    for message in &tape {
        follower.apply(message).expect("the same ids");
    }
    assert_eq!(follower.engine().trades(), expected.expect("some").len() as u64);
}

#[test]
fn a_mass_cancel_goes_in_order_of_age_whatever_came_before() {
    let seed = seed("mass cancel");
    for filter_account in [0, 3] {
        let mut random = Random::new(seed);
        let mut desk = desk_of_four();
        // Slots are used again in another order than orders were placed in, and amends change the places in queues.
        let mut open: Vec<(u64, u32)> = Vec::new();
        for _ in 0..400 {
            let account = random.one_of(&[3, 4]);
            if open.len() > 40 || (open.len() > 5 && random.once_in(3)) {
                let (id, account) = open.swap_remove(random.below(open.len() as u64) as usize);
                assert_eq!(desk.send(&[Record::of(cancel(account, 1, id))]).code, 0);
            } else if open.len() > 5 && random.once_in(3) {
                let (id, account) = open[random.below(open.len() as u64) as usize];
                let (price, lots) = (random.between(1, 50), random.between(1, 9));
                desk.send(&[Record::of(amend(account, id, 3, price, lots))]);
            } else {
                let id = match random.below(3) {
                    0 => {
                        let waiting = stop(OrderType::Stop, Side::Buy, random.between(500, 600), 0, 1);
                        desk.place(PlaceOrder {
                            account_id: account,
                            ..waiting
                        })
                        .order_id
                    }
                    _ => desk.rest(account, Side::Buy, random.between(1, 50), random.between(1, 9)),
                };
                open.push((id, account));
            }
        }
        let answer = desk.send(&[Record::of(CancelAllOrders {
            kind: CancelAllOrders::KIND,
            account_id: filter_account,
            ..CancelAllOrders::default()
        })]);
        assert_eq!(answer.code, 0);
        let mut expected: Vec<u64> = open
            .iter()
            .filter(|(_, account)| filter_account == 0 || *account == filter_account)
            .map(|(id, _)| *id)
            .collect();
        expected.sort_unstable();
        let canceled: Vec<u64> = desk.states().iter().map(|state| state.0).collect();
        assert!(canceled.len() > 10);
        assert_eq!(canceled, expected);
        assert_eq!(
            desk.reports[0].view::<DoneReport>().affected_count,
            canceled.len() as u64
        );
    }
}

#[test]
fn a_mass_cancel_that_is_sent_again_tells_how_many_it_ended_and_ends_no_more() {
    let mut desk = Desk::new();
    let mut all = CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 3,
        ..CancelAllOrders::default()
    };
    assert_eq!(desk.send(&[Record::of(all)]).observed, 0, "there was nothing");
    for price in 1..=5 {
        desk.rest(3, Side::Buy, price, 1);
    }
    all.extension_count = 1;
    let sent = [Record::of(all), Record::of(client_order("panic"))];
    let first = desk.send(&sent);
    assert_eq!((first.code, first.observed), (0, 5));
    let later = desk.rest(3, Side::Buy, 9, 1);
    let again = desk.send(&sent);
    assert_eq!(
        again,
        AnswerRecord {
            flags: answer_flag::DUPLICATE as u8,
            ..first
        }
    );
    assert_eq!(desk.queue(Side::Buy, 9), [later]);
}

#[test]
fn an_order_that_is_sent_again_after_a_reconnect_is_not_filled_twice() {
    let setup = [
        instrument(1, -20, 150).to_vec(),
        vec![Record::of(account(1, AccountKind::Replay, 0))],
        vec![Record::of(account(2, AccountKind::Replay, 0))],
        vec![Record::of(limit(1, 1, Side::Sell, 100, 50))],
    ]
    .concat();
    let mut order = market(2, 1, Side::Buy, 5);
    order.extension_count = 1;
    order.session_id = 7;
    let sent = [Record::of(order), Record::of(client_order("buy-five"))];
    // The same client comes back with another session and another clock.
    order.session_id = 8;
    let mut again = [Record::of(order), sent[1]];
    again[0].set_time_nanos(9_000_000);

    let mut shard = Shard::open(small_config()).expect("opens");
    let mut tape = execute(&mut shard, &setup).expect("executes");
    tape.extend(execute(&mut shard, &sent).expect("executes"));
    let first = answers(&shard)[0];
    assert_eq!((first.code, first.cum_quantity_lots), (0, 5));

    // It reconnects to the same process, or to one that has taken over from the tape.
    let mut taken_over = Shard::open(small_config()).expect("opens");
    for message in &tape {
        taken_over.apply(message).expect("applies");
    }
    for mut shard in [shard, taken_over] {
        for _ in 0..3 {
            execute(&mut shard, &again).expect("executes");
            let answer = answers(&shard)[0];
            assert_eq!(answer.flags, answer_flag::DUPLICATE as u8);
            let expected = AnswerRecord {
                flags: answer.flags,
                command_index: answer.command_index,
                ..first
            };
            assert_eq!(answer, expected, "the first answer, word for word");
        }
        assert_eq!(shard.engine().trades(), 1);
        assert_eq!(shard.engine().position(2, 1).expect("known").quantity_lots, 5);
        // Another payload under the same id is refused.
        let mut other = again;
        other[0].words_mut()[5] ^= 1;
        execute(&mut shard, &other).expect("executes");
        assert_eq!(answers(&shard)[0].code, ErrorCode::DuplicateClientOrderId.number());
        assert_eq!(shard.engine().trades(), 1);
    }
}

#[test]
fn price_times_quantity_does_not_overflow() {
    let big = i64::MAX;
    let overflow = ErrorCode::NotionalOverflow.number();
    let mut desk = desk_of_four();
    for side in [Side::Buy, Side::Sell] {
        for (price, lots) in [
            (big, big),
            (big, 2),
            (2, big),
            (1 << 32, 1 << 32),
            (1 << 31, 1 << 31),
            (big / 3, 1),
        ] {
            // Account 1 is checked, account 3 is not: no account passes.
            for account in [1, 3] {
                let answer = desk.place(limit(account, 1, side, price, lots));
                assert_eq!(answer.code, overflow, "{side:?} {price} x {lots}");
                let waiting = PlaceOrder {
                    account_id: account,
                    ..stop(OrderType::Stop, side, price, 0, lots)
                };
                assert_eq!(
                    desk.place(waiting).code,
                    overflow,
                    "{side:?} stop at {price} for {lots}"
                );
            }
        }
    }
    // An amend meets the same bound, for its leaves and for the whole order.
    let id = desk.rest(3, Side::Buy, 100, 10);
    for (flags, price, lots) in [(1, big, 0), (2, 0, big), (3, 1 << 40, 1 << 40)] {
        assert_eq!(
            desk.send(&[Record::of(amend(3, id, flags, price, lots))]).code,
            overflow
        );
    }
    assert_eq!(desk.queue(Side::Buy, 100), [id]);
    // A market order's notional is what the book makes of it: each maker is fine, their sum is not.
    let largest = (1_i64 << 62) / 3;
    desk.rest(4, Side::Sell, largest, 1);
    desk.rest(4, Side::Sell, largest - 1, 1);
    assert_eq!(desk.place(market(3, 1, Side::Buy, 2)).code, overflow);
    assert_eq!(desk.place(market(3, 1, Side::Buy, 1)).code, 0);
    // A sell limit low in the book takes in more than its limit says.
    desk.rest(4, Side::Buy, largest - 1, 1);
    desk.rest(4, Side::Buy, largest - 2, 1);
    assert_eq!(desk.place(limit(3, 1, Side::Sell, 1, 2)).code, overflow);
    assert_eq!(desk.place(limit(3, 1, Side::Sell, 1, 1)).code, 0);
    // Level sums and positions are bounded too.
    let mut desk = Desk::new();
    let lots = (1_i64 << 62) / 3;
    let ledger = ErrorCode::LedgerOverflow.number();
    let codes: Vec<u16> = (0..8)
        .map(|_| desk.place(limit(3, 1, Side::Buy, 1, lots)).code)
        .collect();
    assert!(codes.starts_with(&[0, 0, 0, 0, 0]), "{codes:?}");
    assert!(
        codes[6..].iter().all(|code| [overflow, ledger].contains(code)),
        "{codes:?}"
    );
}

/// The trigger of a trailing sell rises with the price, beyond what was checked when the order came in: what it would hold
/// for its fee then is bounded, and nothing overflows (fuzz seed 782272).
#[test]
fn the_fee_of_a_trailing_sell_on_margin_does_not_overflow_when_the_price_rises() {
    let mut desk = Desk::new();
    let lots = 1 << 53;
    let mark = |desk: &mut Desk, price_ticks| {
        let price = SetReferencePrice {
            kind: SetReferencePrice::KIND,
            instrument_id: 1,
            source: 2,
            purpose: PricePurpose::Mark.number(),
            price_ticks,
            ..SetReferencePrice::default()
        };
        assert_eq!(desk.send(&[Record::of(price)]).code, 0);
    };
    mark(&mut desk, 100);
    desk.send(&[Record::of(account(5, AccountKind::Margin, 0))]);
    desk.send(&[Record::of(cash(5, 1_000_000))]);
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id: 5,
        instrument_id: 1,
        reason: PositionReason::TransferIn.number().into(),
        quantity_lots: lots,
        ..MovePosition::default()
    };
    assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
    let trailing = PlaceOrder {
        order_type: OrderType::TrailingStop.number(),
        trigger_source: TriggerSource::Mark.number(),
        ..limit(5, 1, Side::Sell, 0, lots)
    };
    let terms = OrderTerms {
        trailing_offset: 10,
        trailing_unit: 1,
        ..OrderTerms::default()
    };
    let order = desk.place_with(trailing, terms);
    assert_eq!(order.code, 0);
    let reserved = |desk: &Desk| desk.engine.balance(5, CURRENCY).expect("known").reserved;
    let fee = |value: i128| (value * 150 + 999_999) / 1_000_000;
    assert_eq!(reserved(&desk), fee(90 * 3 * i128::from(lots)));
    mark(&mut desk, 1 << 40);
    let amended = desk.send(&[Record::of(amend(5, order.order_id, amend_flag::QUANTITY, 0, lots - 1))]);
    assert_eq!(amended.code, 0);
    assert_eq!(reserved(&desk), fee(1 << 62), "of the largest notional that there is");
    assert_eq!(desk.send(&[Record::of(cancel(5, 1, order.order_id))]).code, 0);
    assert_eq!(reserved(&desk), 0);
}

/// One order of every special kind, each with a word for what it is.
fn special_orders() -> Vec<(&'static str, PlaceOrder, Option<OrderTerms>)> {
    let terms = OrderTerms::default();
    let instructed = |instructions, order| PlaceOrder { instructions, ..order };
    let untriggered = |order_type, trigger, price| stop(order_type, Side::Sell, trigger, price, 5);
    let trailing = OrderTerms {
        trailing_offset: 10,
        trailing_unit: 1,
        ..terms
    };
    let buy = |price| limit(3, 1, Side::Buy, price, 5);
    vec![
        ("stop", untriggered(OrderType::Stop, 80, 0), None),
        ("stop-limit", untriggered(OrderType::StopLimit, 81, 70), None),
        ("if touched", untriggered(OrderType::MarketIfTouched, 120, 0), None),
        ("trailing", untriggered(OrderType::TrailingStop, 0, 0), Some(trailing)),
        (
            "iceberg",
            PlaceOrder {
                display_quantity_lots: 2,
                ..buy(90)
            },
            None,
        ),
        ("hidden", instructed(order_instruction::HIDDEN, buy(91)), None),
        (
            "all or none",
            instructed(order_instruction::ALL_OR_NONE, limit(3, 1, Side::Buy, 92, 50)),
            None,
        ),
        (
            "pegged",
            PlaceOrder {
                order_type: OrderType::Pegged.number(),
                peg_kind: PegKind::Primary.number(),
                ..buy(0)
            },
            None,
        ),
        (
            "dated",
            PlaceOrder {
                time_in_force: TimeInForce::GoodTillDate.number(),
                ..buy(89)
            },
            Some(OrderTerms {
                expire_time_nanos: u64::MAX,
                ..terms
            }),
        ),
        (
            "for an auction",
            PlaceOrder {
                time_in_force: TimeInForce::GoodForAuction.number(),
                ..buy(88)
            },
            None,
        ),
        (
            "reduce-only",
            instructed(order_instruction::REDUCE_ONLY, limit(3, 1, Side::Sell, 130, 5)),
            None,
        ),
    ]
}

#[test]
fn a_snapshot_loses_no_special_order() {
    let config = || Config {
        max_orders: 100,
        max_accounts: 10,
        max_instruments: 4,
        ..Config::default()
    };
    let mut desk = desk_of_four();
    desk.rest(3, Side::Sell, 100, 40);
    desk.place(limit(4, 1, Side::Buy, 100, 10));
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id: 3,
        instrument_id: 1,
        reason: PositionReason::TransferIn.number().into(),
        quantity_lots: 100,
        ..MovePosition::default()
    };
    desk.send(&[Record::of(movement)]);
    let mut placed = Vec::new();
    for (name, order, terms) in special_orders() {
        let answer = match terms {
            Some(terms) => desk.place_with(order, terms),
            None => desk.place(order),
        };
        assert_eq!(answer.code, 0, "{name}");
        placed.push((name, answer.order_id));
    }
    // A bracket whose exits have not entered yet.
    for (index, role) in [LegRole::Entry, LegRole::TakeProfit, LegRole::StopLoss]
        .into_iter()
        .enumerate()
    {
        let link = ListLink {
            kind: ListLink::KIND,
            list_id: 9,
            contingency: Contingency::Bracket.number(),
            leg_role: role.number(),
            leg_count: 3,
            leg_index: index as u8,
            ..ListLink::default()
        };
        let order = match role {
            LegRole::Entry => limit(4, 1, Side::Buy, 85, 5),
            LegRole::TakeProfit => limit(4, 1, Side::Sell, 140, 5),
            _ => PlaceOrder {
                account_id: 4,
                ..stop(OrderType::Stop, Side::Sell, 60, 0, 5)
            },
        };
        let order = PlaceOrder {
            extension_count: 1,
            ..order
        };
        let answer = desk.send(&[Record::of(order), Record::of(link)]);
        assert_eq!(answer.code, 0, "{role:?}");
        placed.push(("a leg", answer.order_id));
    }
    let bytes = desk.engine.snapshot(&[]).expect("snapshots");
    let (mut restored, _) = Engine::restore(config(), &bytes).expect("restores");
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
    for (name, id) in &placed {
        assert_eq!(restored.order(*id), desk.engine.order(*id), "{name}");
        assert!(restored.order(*id).is_some(), "{name}");
    }
    // What they are shows in what they do: a fall through every price, a rise, an auction.
    let trailing = placed.iter().find(|(name, _)| *name == "trailing").expect("placed").1;
    let session = |phase: TradingPhase| {
        Record::of(SetSession {
            kind: SetSession::KIND,
            instrument_id: 1,
            phase: phase.number(),
            reason: 1,
            ..SetSession::default()
        })
    };
    let mut ended = 0;
    for record in [
        // A rise that only what trails notices, a fall that it alone is triggered by.
        Record::of(limit(4, 1, Side::Sell, 110, 1)),
        Record::of(limit(4, 1, Side::Buy, 110, 31)),
        Record::of(limit(4, 1, Side::Buy, 99, 1)),
        Record::of(limit(4, 1, Side::Sell, 99, 1)),
        Record::of(limit(4, 1, Side::Sell, 89, 60)),
        Record::of(limit(4, 1, Side::Sell, 60, 30)),
        Record::of(limit(4, 1, Side::Buy, 140, 100)),
        session(TradingPhase::VolatilityAuction),
        session(TradingPhase::Continuous),
        Record::of(CancelAllOrders {
            kind: CancelAllOrders::KIND,
            ..CancelAllOrders::default()
        }),
    ] {
        let answer = desk.send(&[record]);
        let mut records = [record];
        records[0].set_time_nanos(desk.now);
        let mut reports: Vec<Record> = Vec::new();
        let again = restored.submit(&Command::new(&records), 0, &mut reports);
        assert_eq!((again, &reports), (answer, &desk.reports));
        ended += desk.states().len();
        if record.kind() == PlaceOrder::KIND && record.view::<PlaceOrder>().price_ticks == 99 {
            let fired = (trailing, ExecType::Triggered);
            let triggers = desk.states().iter().any(|state| (state.0, state.1) == fired);
            assert_eq!(triggers, record.view::<PlaceOrder>().side == Side::Sell.number());
        }
    }
    assert!(ended > placed.len(), "each of them did something");
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
}

/// What one command trades in all has no bound: neither the money nor the fees of it stop the engine.
#[test]
fn one_command_may_trade_more_than_a_number_holds() {
    let (price, lots) = (1 << 30, (1 << 32) / 3);
    let value = 3 * price * lots;
    let mut desk = desk_of_four();
    for id in [5, 6] {
        desk.send(&[Record::of(account(id, AccountKind::Replay, 0))]);
    }
    // A cascade: the command's own order trades once, the orders that it triggers twice as much.
    for _ in 0..3 {
        desk.rest(3, Side::Sell, price, lots);
    }
    for _ in 0..2 {
        let waiting = PlaceOrder {
            account_id: 5,
            ..stop(OrderType::Stop, Side::Buy, price, 0, lots)
        };
        assert_eq!(desk.place(waiting).code, 0);
    }
    let answer = desk.place(limit(6, 1, Side::Buy, price, lots));
    assert_eq!((answer.code, answer.cum_notional_units), (0, value));
    assert_eq!(desk.trades().len(), 3);
    // An auction: fees of half the value, five times, for one account.
    desk.send(&instrument(2, 0, 500_000));
    desk.send(&[Record::of(session(2, TradingPhase::OpeningAuction))]);
    for _ in 0..5 {
        for (account, side) in [(5, Side::Buy), (6, Side::Sell)] {
            assert_eq!(desk.place(limit(account, 2, side, price, lots)).code, 0);
        }
    }
    assert_eq!(desk.send(&[Record::of(session(2, TradingPhase::Continuous))]).code, 0);
    assert_eq!(desk.trades().len(), 5);
    let fees: Vec<i64> = desk
        .reports
        .iter()
        .filter(|report| report.kind() == BalanceChangedReport::KIND)
        .map(|report| report.view::<BalanceChangedReport>().fee_units)
        .collect();
    assert!(i128::from(value) / 2 * 5 > i128::from(i64::MAX));
    assert_eq!(fees, [i64::MAX; 2], "the nearest number that a report has room for");
}
