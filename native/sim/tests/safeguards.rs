//! Restricted list, kill switch, dead-man switch and allotments by example.
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

fn restrict(desk: &mut Desk, account_id: u32, restriction: Restriction, version: u32) {
    let change = SetRestriction {
        kind: SetRestriction::KIND,
        account_id,
        instrument_id: 1,
        restriction: restriction.number(),
        version,
        ..SetRestriction::default()
    };
    assert_eq!(desk.send(&[Record::of(change)]).code, 0);
}

fn refusal(desk: &Desk) -> (u16, u32, i64, i64) {
    let refusal: &RefusalReport = desk.reports[0].view();
    assert_eq!(refusal.kind, RefusalReport::KIND);
    (refusal.code, refusal.rule_version, refusal.observed, refusal.limit)
}

fn give(desk: &mut Desk, account_id: u32, quantity_lots: i64) {
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id,
        instrument_id: 1,
        quantity_lots,
        reason: 1,
        ..MovePosition::default()
    };
    assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
}

#[test]
fn each_restriction_stops_its_orders_and_no_others() {
    let restricted = ErrorCode::ComplianceRestricted.number();
    for (restriction, buy, sell) in [
        (Restriction::None, 0, 0),
        (Restriction::NoBuy, restricted, 0),
        (Restriction::NoSell, 0, restricted),
        (Restriction::NoTrade, restricted, restricted),
        (Restriction::NoShortSale, 0, 0),
    ] {
        for account in [0, 1] {
            let mut desk = Desk::new();
            give(&mut desk, 1, 10);
            restrict(&mut desk, account, restriction, 7);
            for (side, price, code) in [(Side::Buy, 90, buy), (Side::Sell, 110, sell)] {
                let answer = desk.place(limit(1, 1, side, price, 10));
                assert_eq!(answer.code, code, "{restriction:?} {side:?}");
                if code != 0 {
                    assert_eq!(refusal(&desk), (code, 7, 0, 0));
                }
            }
            // Another account is under the entry for everybody alone.
            let other = desk.place(limit(2, 1, Side::Buy, 90, 1)).code;
            assert_eq!(other, if account == 0 { buy } else { 0 }, "{restriction:?}");
        }
    }
}

#[test]
fn a_short_sale_is_stopped_beyond_what_is_held_and_not_offered_even_of_an_unlimited_account() {
    let mut desk = Desk::new();
    give(&mut desk, 3, 10);
    restrict(&mut desk, 0, Restriction::NoShortSale, 3);
    desk.rest(3, Side::Sell, 110, 4);
    desk.place(limit(3, 1, Side::Sell, 110, 7));
    assert_eq!(refusal(&desk), (ErrorCode::ShortSaleNotPermitted.number(), 3, 7, 6));
    let second = desk.rest(3, Side::Sell, 110, 6);
    // An amend counts what the order itself offers, once.
    let answer = desk.send(&[Record::of(amend(3, second, amend_flag::PRICE, 111, 0))]);
    assert_eq!(answer.code, 0);
    let answer = desk.send(&[Record::of(amend(3, second, amend_flag::QUANTITY, 0, 7))]);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::ShortSaleNotPermitted.number(), 7, 6)
    );
}

#[test]
fn what_rests_stays_may_shrink_and_be_cancelled_but_not_grow_or_trigger() {
    let mut desk = Desk::new();
    let id = desk.rest(1, Side::Buy, 90, 10);
    let stop = PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 105,
        ..limit(1, 1, Side::Buy, 106, 1)
    };
    let stop = desk.place(stop).order_id;
    restrict(&mut desk, 1, Restriction::NoTrade, 2);
    assert_eq!(desk.queue(Side::Buy, 90), [id]);
    let grow = desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 11))]);
    assert_eq!(grow.code, ErrorCode::ComplianceRestricted.number());
    assert_eq!(
        desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 5))]).code,
        0
    );
    desk.rest(3, Side::Sell, 105, 1);
    desk.place(limit(2, 1, Side::Buy, 105, 1));
    let risk = CancelReason::Risk;
    assert_eq!(
        desk.states()[2],
        (stop, ExecType::Canceled, OrderStatus::Canceled, risk, 0, 1)
    );
    assert_eq!(desk.send(&[Record::of(cancel(1, 1, id))]).code, 0);
}

fn halt(scope: StateScope, target_id: u32, flags: u16) -> Record {
    Record::of(SetTradingState {
        flags: flags as u8,
        kind: SetTradingState::KIND,
        scope: scope.number(),
        state: TradingState::Halted.number(),
        reason: u16::from(StateReason::Operator.number()),
        target_id,
        ..SetTradingState::default()
    })
}

/// Two orders of account 1 (the second waits), one each of 2 and 3; 1 and 2 are of desk 5, 3 has one in instrument 2 too.
fn crowd() -> (Desk, [u64; 5]) {
    let mut desk = Desk::new();
    desk.send(&instrument(2, 0, 0));
    for id in [1, 2] {
        let grouped = DefineAccount {
            group_id: 5,
            ..account(id, AccountKind::Cash, 0)
        };
        assert_eq!(desk.send(&[Record::of(grouped)]).code, 0);
    }
    let first = desk.rest(1, Side::Buy, 90, 1);
    let other = desk.rest(2, Side::Buy, 89, 1);
    let stop = PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 120,
        price_ticks: 0,
        ..limit(1, 1, Side::Buy, 0, 1)
    };
    let stop = desk.place(stop).order_id;
    let free = desk.rest(3, Side::Sell, 110, 1);
    let second = desk.place(limit(3, 2, Side::Sell, 110, 1)).order_id;
    (desk, [first, other, stop, free, second])
}

#[test]
fn a_kill_switch_takes_the_open_orders_of_its_scope_in_order_of_their_ids() {
    let (_, [first, other, stop, free, second]) = crowd();
    for (scope, target, taken, code) in [
        (StateScope::Account, 1, vec![first, stop], ErrorCode::AccountHalted),
        (StateScope::Group, 5, vec![first, other, stop], ErrorCode::AccountHalted),
        (
            StateScope::Instrument,
            1,
            vec![first, other, stop, free],
            ErrorCode::InstrumentHalted,
        ),
        (
            StateScope::Global,
            0,
            vec![first, other, stop, free, second],
            ErrorCode::GlobalHalt,
        ),
    ] {
        let (mut desk, ids) = crowd();
        desk.send(&[halt(scope, target, state_flag::CANCEL_ORDERS)]);
        let done: &DoneReport = desk.reports[0].view();
        assert_eq!(done.affected_count, 1 + taken.len() as u64);
        let states = desk.states();
        let halted = CancelReason::TradingHalted;
        assert!(
            states
                .iter()
                .all(|state| state.1 == ExecType::Canceled && state.3 == halted)
        );
        assert_eq!(states.iter().map(|state| state.0).collect::<Vec<_>>(), taken);
        assert_eq!(desk.place(limit(1, 1, Side::Buy, 90, 1)).code, code.number());
        // Cancels always go through; the state stays until it is reset.
        for id in ids.iter().filter(|id| !taken.contains(id)) {
            let owner = if *id == other { 2 } else { 3 };
            assert_eq!(desk.send(&[Record::of(cancel(owner, 0, *id))]).code, 0);
        }
        let active = SetTradingState {
            state: TradingState::Active.number(),
            ..*halt(scope, target, 0).view()
        };
        desk.send(&[Record::of(active)]);
        assert_eq!(desk.place(limit(1, 1, Side::Buy, 90, 1)).code, 0);
    }
}

#[test]
fn without_its_flag_a_halt_leaves_orders_alone_and_only_a_halt_may_carry_it() {
    let (mut desk, ids) = crowd();
    desk.send(&[halt(StateScope::Global, 0, 0)]);
    assert!(desk.states().is_empty());
    assert!(ids.iter().all(|id| desk.engine.order(*id).is_some()));
    // The same state again with the flag still takes the orders.
    desk.send(&[halt(StateScope::Global, 0, state_flag::CANCEL_ORDERS)]);
    assert_eq!(desk.engine.open_orders(), 0);
    for (state, flags) in [
        (TradingState::ReduceOnly, 1),
        (TradingState::Active, 1),
        (TradingState::Halted, 2),
    ] {
        let change = SetTradingState {
            state: state.number(),
            ..*halt(StateScope::Global, 0, flags).view()
        };
        assert_eq!(
            desk.send(&[Record::of(change)]).code,
            ErrorCode::InvalidArgument.number()
        );
    }
}

fn alive(session_id: u32, account_id: u32, deadline_nanos: u64) -> Record {
    Record::of(KeepAlive {
        kind: KeepAlive::KIND,
        session_id,
        account_id,
        deadline_nanos,
        ..KeepAlive::default()
    })
}

fn in_session(session_id: u32, order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { session_id, ..order }
}

#[test]
fn a_session_that_falls_silent_loses_its_orders_and_only_its_own() {
    let mut desk = Desk::new();
    let ids: Vec<_> = [(1, 1), (2, 1), (1, 2), (1, 1)]
        .into_iter()
        .map(|(session, account)| {
            let order = in_session(session, limit(account, 1, Side::Buy, 90, 1));
            desk.place(order).order_id
        })
        .collect();
    let deadline = desk.now + SECOND;
    assert_eq!(desk.send(&[alive(1, 1, deadline)]).code, 0);
    desk.now = deadline - 1;
    desk.rest(3, Side::Sell, 110, 1);
    assert!(desk.states().iter().all(|state| state.1 == ExecType::New));
    desk.now = deadline;
    desk.send(&[Record::of(AdvanceTime {
        kind: AdvanceTime::KIND,
        ..AdvanceTime::default()
    })]);
    let lost = |id| {
        (
            id,
            ExecType::Canceled,
            OrderStatus::Canceled,
            CancelReason::SessionLost,
            0,
            1,
        )
    };
    assert_eq!(desk.states(), [lost(ids[0]), lost(ids[3])]);
    let outcome = desk.reports.iter().find(|report| report.kind() == DoneReport::KIND);
    assert_eq!(outcome.expect("done").view::<DoneReport>().affected_count, 2);
    // Once lost the switch is off.
    desk.place(in_session(1, limit(1, 1, Side::Buy, 90, 1)));
    desk.now += 2 * SECOND;
    desk.rest(3, Side::Sell, 111, 1);
    assert_eq!(desk.states().len(), 1);
}

#[test]
fn a_deadline_can_be_moved_and_switched_off() {
    let mut desk = Desk::new();
    let id = desk.place(in_session(4, limit(1, 1, Side::Buy, 90, 1))).order_id;
    let first = desk.now + SECOND;
    desk.send(&[alive(4, 1, first)]);
    desk.send(&[alive(4, 1, first + SECOND)]);
    desk.now = first;
    desk.rest(3, Side::Sell, 110, 1);
    assert!(desk.engine.order(id).is_some());
    desk.send(&[alive(4, 1, 0)]);
    desk.now = first + 2 * SECOND;
    desk.rest(3, Side::Sell, 110, 1);
    assert!(desk.engine.order(id).is_some());
    let invalid = ErrorCode::InvalidArgument.number();
    let now = desk.now;
    assert_eq!(desk.send(&[alive(4, 1, now)]).code, invalid);
    assert_eq!(desk.send(&[alive(0, 1, now + 1)]).code, invalid);
    assert_eq!(
        desk.send(&[alive(4, 99, now + 1)]).code,
        ErrorCode::UnknownAccount.number()
    );
    // As many switches as accounts, then none; one that is on can always be moved.
    for session in 1..=10 {
        assert_eq!(desk.send(&[alive(session, 1, now + 1)]).code, 0);
    }
    assert_eq!(desk.send(&[alive(11, 1, now + 1)]).code, ErrorCode::TableFull.number());
    assert_eq!(desk.send(&[alive(3, 1, now + 2)]).code, 0);
}

#[test]
fn deadlines_and_expiries_run_in_order_of_time() {
    let mut desk = Desk::new();
    let now = desk.now;
    let dated = |session, account, at| {
        let order = PlaceOrder {
            time_in_force: TimeInForce::GoodTillDate.number(),
            ..in_session(session, limit(account, 1, Side::Buy, 90, 1))
        };
        let terms = OrderTerms {
            expire_time_nanos: now + at,
            ..OrderTerms::default()
        };
        (order, terms)
    };
    let mut place = |(order, terms)| desk.place_with(order, terms).order_id;
    let late = place(dated(0, 1, 30));
    let same = place(dated(1, 1, 20));
    let early = place(dated(0, 2, 10));
    let silent = desk.place(in_session(1, limit(1, 1, Side::Buy, 90, 1))).order_id;
    let other = desk.place(in_session(1, limit(2, 1, Side::Buy, 90, 1))).order_id;
    desk.send(&[alive(1, 2, now + 15)]);
    desk.send(&[alive(1, 1, now + 20)]);
    desk.now = now + SECOND;
    desk.rest(3, Side::Sell, 110, 1);
    let ids: Vec<_> = desk.states().iter().map(|state| (state.0, state.1)).collect();
    let (expired, canceled) = (ExecType::Expired, ExecType::Canceled);
    assert_eq!(
        ids[..5],
        [
            (early, expired),
            (other, canceled),
            (same, expired),
            (silent, canceled),
            (late, expired)
        ]
    );
}

fn transfer(leg: AllotmentLeg, transfer_id: u64, account_id: u32, amount_units: i64) -> Record {
    Record::of(TransferAllotment {
        kind: TransferAllotment::KIND,
        account_id,
        currency_id: CURRENCY,
        leg: leg.number(),
        other_shard: 2,
        amount_units,
        transfer_id,
        ..TransferAllotment::default()
    })
}

#[test]
fn a_transfer_moves_free_cash_once_however_often_it_is_sent() {
    let (mut here, mut there) = (Desk::new(), Desk::new());
    here.rest(1, Side::Buy, 100, 1_000);
    let free = here.free(1);
    assert!(free < 1_000_000);
    let all = i64::try_from(free).expect("fits");
    let answer = here.send(&[transfer(AllotmentLeg::Out, 8, 1, all + 1)]);
    let code = ErrorCode::InsufficientAllotment.number();
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (code, all + 1, all),
        "what an open order holds stays"
    );
    for (round, affected) in [(0, 1), (1, 0), (2, 0)] {
        for (desk, leg) in [(&mut here, AllotmentLeg::Out), (&mut there, AllotmentLeg::In)] {
            assert_eq!(desk.send(&[transfer(leg, 9, 1, all)]).code, 0);
            let done: &DoneReport = desk.reports[0].view();
            assert_eq!((done.target_id, done.affected_count), (9, affected), "round {round}");
            if affected == 1 {
                let balance: &BalanceChangedReport = desk.reports[1].view();
                assert_eq!(balance.reason, u16::from(BalanceReason::Allotment.number()));
                assert_eq!(balance.delta_units.abs(), all);
            } else {
                assert_eq!(desk.kinds(), [DoneReport::KIND]);
            }
        }
    }
    assert_eq!((here.free(1), there.free(1)), (0, 1_000_000 + free));
    // Nothing is made or lost between the two.
    let pots = [here.engine.pots()[0], there.engine.pots()[0]];
    assert_eq!(pots[0].allotted_out, pots[1].allotted_in);
    assert!(pots.iter().all(|pot| pot.held + pot.fees == pot.owed()));
    assert_eq!(pots[0].held + pots[1].held, pots[0].moved + pots[1].moved);
    let mismatch = ErrorCode::TransferMismatch.number();
    for other in [
        transfer(AllotmentLeg::In, 9, 1, all),
        transfer(AllotmentLeg::Out, 9, 2, all),
        transfer(AllotmentLeg::Out, 9, 1, all - 1),
    ] {
        assert_eq!(here.send(&[other]).code, mismatch);
    }
    assert_eq!(
        here.send(&[transfer(AllotmentLeg::Out, 10, 3, 1_000_001)]).code,
        code,
        "an account without checks has no more to give than it holds either"
    );
}
