//! Circuit breakers by example: what trips them, what they change, and that only an operator undoes it. Losses have
//! `loss_trips.rs`.
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

/// 10 % within eight seconds halt instrument 1.
fn price_rule() -> SetTripRule {
    SetTripRule {
        kind: SetTripRule::KIND,
        scope: StateScope::Instrument.number(),
        rule: TripRule::PriceMove.number(),
        resulting_state: TradingState::Halted.number(),
        target_id: 1,
        window_nanos: 8 * SECOND,
        threshold: 100_000,
        ..SetTripRule::default()
    }
}

/// Three refusals within eight seconds hold account 1 to reducing.
fn refusal_rule() -> SetTripRule {
    SetTripRule {
        scope: StateScope::Account.number(),
        rule: TripRule::RejectRate.number(),
        resulting_state: TradingState::ReduceOnly.number(),
        threshold: 3,
        ..price_rule()
    }
}

fn desk(rule: SetTripRule) -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    mark(&mut desk, 100);
    assert_eq!(desk.send(&[Record::of(rule)]).code, 0);
    desk
}

fn mark(desk: &mut Desk, price_ticks: i64) {
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Mark.number(),
        price_ticks,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(price)]).code, 0);
}

/// State, observed and limit of what tripped in the last command.
fn tripped(desk: &Desk) -> Option<(u8, u16, i64, i64)> {
    let mut states = desk
        .reports
        .iter()
        .filter(|report| report.kind() == AccountStateReport::KIND);
    let state: &AccountStateReport = states.next()?.view();
    let of_instrument = state.scope == StateScope::Instrument.number();
    assert_eq!(
        (state.instrument_id, state.account_id),
        if of_instrument { (1, 0) } else { (0, 1) },
        "the report names what tripped"
    );
    Some((state.state, state.reason, state.observed, state.limit))
}

const BREAKER: u16 = StateReason::CircuitBreaker as u16;

#[test]
fn a_move_of_either_price_trips_at_its_threshold_and_not_before() {
    for (to, observed) in [(110, 100_000), (90, 100_000), (109, 0), (91, 0)] {
        let mut by_mark = desk(price_rule());
        mark(&mut by_mark, to);
        let expected = (observed != 0).then_some((3, BREAKER, observed, 100_000));
        assert_eq!(tripped(&by_mark), expected, "mark {to}");
        let mut by_trade = desk(price_rule());
        for price in [100, to] {
            by_trade.rest(3, Side::Sell, price, 1);
            by_trade.place(limit(4, 1, Side::Buy, price, 1));
        }
        assert_eq!(tripped(&by_trade), expected, "last {to}");
        // A trip blocks new orders, lets cancels through, and stays until it is reset.
        if observed == 0 {
            continue;
        }
        let halted = ErrorCode::InstrumentHalted.number();
        by_mark.now += 100 * SECOND;
        mark(&mut by_mark, 100);
        assert_eq!(by_mark.place(limit(1, 1, Side::Buy, 90, 1)).code, halted);
        let active = SetTradingState {
            kind: SetTradingState::KIND,
            scope: StateScope::Instrument.number(),
            state: TradingState::Active.number(),
            reason: 1,
            target_id: 1,
            ..SetTradingState::default()
        };
        by_mark.send(&[Record::of(active)]);
        let id = by_mark.rest(1, Side::Buy, 90, 1);
        mark(&mut by_mark, 120);
        assert_eq!(by_mark.place(limit(1, 1, Side::Buy, 90, 1)).code, halted);
        assert_eq!(by_mark.send(&[Record::of(cancel(1, 1, id))]).code, 0);
    }
}

#[test]
fn the_window_looks_back_as_far_as_it_says_and_at_most_an_eighth_further() {
    for (wait, trips) in [(0, true), (8 * SECOND, true), (9 * SECOND, false)] {
        let mut desk = desk(price_rule());
        // Begins a step of the window.
        desk.now = desk.now.next_multiple_of(SECOND);
        mark(&mut desk, 101);
        mark(&mut desk, 106);
        desk.now += wait;
        mark(&mut desk, 115);
        // From 100 it is 15 %, from 106, which stood until now, 8 %.
        assert_eq!(tripped(&desk).is_some(), trips, "after {wait}");
    }
}

#[test]
fn a_cascade_of_stops_ends_at_the_wave_that_trips() {
    let mut desk = desk(price_rule());
    for price in [100, 105, 112, 120] {
        desk.rest(3, Side::Sell, price, 1);
    }
    let stop = |price, account| PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: price,
        ..limit(account, 1, Side::Buy, 0, 1)
    };
    let ids: Vec<_> = [100, 105, 112]
        .into_iter()
        .map(|price| desk.place(stop(price, 4)).order_id)
        .collect();
    // 100 triggers a buy at 105, that one a buy that meets 112, which is outside the band and trips: the last stop waits
    // through the halt.
    desk.place(limit(4, 1, Side::Buy, 100, 1));
    assert_eq!(tripped(&desk), Some((3, BREAKER, 120_000, 100_000)));
    assert_eq!(
        desk.trades().iter().map(|trade| trade.0).collect::<Vec<_>>(),
        [100, 105]
    );
    assert!(desk.engine.order(ids[0]).is_none() && desk.engine.order(ids[1]).is_none());
    assert!(desk.engine.order(ids[2]).is_some());
}

#[test]
fn a_rule_may_call_an_auction_that_ends_by_itself() {
    let mut desk = desk(SetTripRule {
        resulting_state: 0,
        resulting_phase: TradingPhase::VolatilityAuction.number(),
        phase_nanos: 5 * SECOND,
        ..price_rule()
    });
    let phase = |desk: &Desk| {
        let mut states = desk
            .reports
            .iter()
            .filter(|report| report.kind() == InstrumentStateReport::KIND);
        states
            .next_back()
            .map(|state| state.view::<InstrumentStateReport>().phase)
    };
    mark(&mut desk, 115);
    assert_eq!(phase(&desk), Some(TradingPhase::VolatilityAuction.number()));
    assert_eq!(tripped(&desk), Some((1, BREAKER, 150_000, 100_000)));
    desk.rest(3, Side::Sell, 100, 1);
    desk.rest(4, Side::Buy, 100, 1);
    desk.now += 5 * SECOND;
    desk.send(&[Record::of(AdvanceTime {
        kind: AdvanceTime::KIND,
        ..AdvanceTime::default()
    })]);
    assert_eq!(phase(&desk), Some(TradingPhase::Continuous.number()));
    assert_eq!(desk.trades().len(), 1);
}

#[test]
fn too_many_refusals_trip_the_account_that_met_them() {
    let bad = |account| limit(account, 1, Side::Buy, -1, 1);
    let reduced = Some((2, u16::from(StateReason::RejectRate.number()), 3, 3));
    let mut desk = desk(refusal_rule());
    desk.place(bad(1));
    desk.place(bad(2));
    desk.place(limit(1, 1, Side::Buy, 90, 1));
    desk.place(bad(1));
    assert_eq!(tripped(&desk), None);
    desk.send(&[Record::of(cancel(1, 1, 999))]);
    assert_eq!(tripped(&desk), reduced);
    assert_eq!(
        desk.place(limit(1, 1, Side::Buy, 90, 1)).code,
        ErrorCode::ReduceOnly.number()
    );
    assert_eq!(desk.place(limit(2, 1, Side::Buy, 90, 1)).code, 0);
    // Spread over more than the window they trip nothing.
    let mut slow = self::desk(refusal_rule());
    for _ in 0..6 {
        slow.place(bad(1));
        slow.now += 5 * SECOND;
        assert_eq!(tripped(&slow), None);
    }
}

#[test]
fn rules_that_make_no_sense_are_refused_and_zero_takes_one_away() {
    let mut desk = desk(price_rule());
    for (rule, code) in [
        (
            SetTripRule {
                threshold: -1,
                ..price_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                window_nanos: 0,
                ..price_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                resulting_state: 1,
                ..price_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                resulting_phase: 3,
                ..price_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                resulting_phase: 5,
                ..refusal_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                scope: 2,
                ..price_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                rule: 2,
                ..price_rule()
            },
            ErrorCode::InvalidArgument,
        ),
        (
            SetTripRule {
                target_id: 99,
                ..price_rule()
            },
            ErrorCode::UnknownInstrumentId,
        ),
        (
            SetTripRule {
                target_id: 99,
                ..refusal_rule()
            },
            ErrorCode::UnknownAccount,
        ),
    ] {
        assert_eq!(desk.send(&[Record::of(rule)]).code, code.number(), "{rule:?}");
    }
    for affected in [1, 0] {
        desk.send(&[Record::of(SetTripRule {
            threshold: 0,
            ..price_rule()
        })]);
        assert_eq!(desk.reports[0].view::<DoneReport>().affected_count, affected);
    }
    mark(&mut desk, 500);
    assert_eq!(tripped(&desk), None);
}
