//! The band of a price rule by example: an order stops before the first price outside it, in either direction, and the breaker
//! trips. What is left is cancelled, or takes part in the call that the breaker begins.
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

/// 10 % within eight seconds halt instrument 1.
fn rule() -> SetTripRule {
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

/// A desk under a rule, whose instrument last traded at 100.
fn desk(rule: SetTripRule) -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    assert_eq!(desk.send(&[Record::of(rule)]).code, 0);
    print_at(&mut desk, 100);
    desk
}

fn print_at(desk: &mut Desk, price: i64) {
    desk.rest(3, Side::Sell, price, 1);
    desk.place(limit(4, 1, Side::Buy, price, 1));
    assert_eq!(desk.trades().len(), 1);
}

fn offer(desk: &mut Desk, side: Side, prices: &[i64]) {
    for price in prices {
        desk.rest(3, side, *price, 1);
    }
}

fn prices(desk: &Desk) -> Vec<i64> {
    desk.trades().iter().map(|trade| trade.0).collect()
}

/// State that tripped, what was observed.
fn tripped(desk: &Desk) -> Option<(u8, i64)> {
    let mut states = desk
        .reports
        .iter()
        .filter(|report| report.kind() == AccountStateReport::KIND);
    let state: &AccountStateReport = states.next()?.view();
    Some((state.state, state.observed))
}

fn ended(desk: &Desk, order_id: u64) -> Option<(CancelReason, i64)> {
    let canceled = |state: &(u64, ExecType, OrderStatus, CancelReason, i64, i64)| {
        (state.0, state.1) == (order_id, ExecType::Canceled)
    };
    desk.states().into_iter().find(canceled).map(|state| (state.3, state.5))
}

const BAND: Option<(CancelReason, i64)> = Some((CancelReason::PriceBand, 10));

#[test]
fn a_sweep_stops_at_the_band_and_the_breaker_trips_behind_it() {
    for (side, other, offered, traded, observed) in [
        (Side::Buy, Side::Sell, [102, 110, 111, 130], [102, 110], 110_000),
        (Side::Sell, Side::Buy, [98, 90, 89, 50], [98, 90], 110_000),
    ] {
        for at_market in [true, false] {
            let mut desk = desk(rule());
            offer(&mut desk, other, &offered);
            let order = if at_market {
                market(4, 1, side, 10)
            } else {
                limit(4, 1, side, offered[3], 10)
            };
            let answer = desk.place(order);
            assert_eq!(prices(&desk), traded, "{side:?}");
            assert_eq!(
                (answer.code, answer.cum_quantity_lots, answer.order_status),
                (0, 2, OrderStatus::Canceled.number())
            );
            assert_eq!(ended(&desk, answer.order_id), BAND);
            assert_eq!(tripped(&desk), Some((3, observed)), "the price that it met counts");
            assert_eq!(desk.queue(other, offered[2]).len(), 1, "nobody traded through");
        }
    }
}

#[test]
fn an_order_that_ends_inside_the_band_is_left_alone() {
    let mut desk = desk(rule());
    offer(&mut desk, Side::Sell, &[102, 109, 120]);
    let filled = desk.place(market(4, 1, Side::Buy, 2));
    assert_eq!((filled.leaves_quantity_lots, tripped(&desk)), (0, None));
    // A limit inside the band rests there although the next offer is outside.
    let rests = desk.place(limit(4, 1, Side::Buy, 110, 5));
    assert_eq!((rests.order_status, tripped(&desk)), (OrderStatus::New.number(), None));
    // At the band itself it trades, and that trips as every move does.
    desk.place(limit(3, 1, Side::Sell, 110, 1));
    assert_eq!((prices(&desk), tripped(&desk)), (vec![110], Some((3, 100_000))));
}

#[test]
fn a_first_price_outside_the_band_trades_nothing_and_trips() {
    let mut desk = desk(rule());
    // The market has gone: the best offer is below the band, so a buy would print it too.
    offer(&mut desk, Side::Sell, &[80]);
    let answer = desk.place(limit(4, 1, Side::Buy, 100, 10));
    assert_eq!((prices(&desk), answer.cum_quantity_lots), (vec![], 0));
    assert_eq!(ended(&desk, answer.order_id), BAND);
    assert_eq!(tripped(&desk), Some((3, 200_000)));
}

#[test]
fn without_a_last_price_there_is_no_band_and_the_window_moves_it() {
    let mut fresh = Desk::new();
    fresh.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    fresh.send(&[Record::of(rule())]);
    offer(&mut fresh, Side::Sell, &[100, 200]);
    fresh.place(market(4, 1, Side::Buy, 2));
    assert_eq!(prices(&fresh), [100, 200]);
    // 108 is seen at 100; long after that the band is around 108 alone, which stands.
    let mut desk = desk(rule());
    print_at(&mut desk, 108);
    desk.now += 20 * SECOND;
    offer(&mut desk, Side::Sell, &[118, 119]);
    desk.place(market(4, 1, Side::Buy, 2));
    assert_eq!(prices(&desk), [118]);
    assert_eq!(tripped(&desk), Some((3, 101_851)), "119 against 108");
}

#[test]
fn what_the_band_holds_back_counts_for_nobody() {
    let mut desk = desk(rule());
    offer(&mut desk, Side::Sell, &[102, 109, 120]);
    let kill = PlaceOrder {
        time_in_force: TimeInForce::FillOrKill.number(),
        ..limit(4, 1, Side::Buy, 120, 3)
    };
    let answer = desk.place(kill);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::FillOrKillUnfillable.number(), 3, 2)
    );
    assert_eq!(tripped(&desk), None, "a refusal changes nothing");
    let least = OrderTerms {
        minimum_quantity_lots: 3,
        ..OrderTerms::default()
    };
    let answer = desk.place_with(limit(4, 1, Side::Buy, 120, 5), least);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::MinimumQuantityUnfillable.number(), 3, 2)
    );
    // A market order pays for what it can trade: 211 ticks of 3 units and the fee.
    let cost = 211 * 3 + 1;
    let spare = i64::try_from(desk.free(1)).expect("small") - cost;
    desk.send(&[Record::of(cash(1, -spare))]);
    let answer = desk.place(market(1, 1, Side::Buy, 3));
    assert_eq!((answer.code, prices(&desk)), (0, vec![102, 109]));
}

/// The rule calls an auction of five seconds instead of a halt.
fn calling() -> SetTripRule {
    SetTripRule {
        resulting_state: 0,
        resulting_phase: TradingPhase::VolatilityAuction.number(),
        phase_nanos: 5 * SECOND,
        ..rule()
    }
}

/// Five seconds later the call ends.
fn uncross(desk: &mut Desk) {
    desk.now += 5 * SECOND;
    desk.send(&[Record::of(AdvanceTime {
        kind: AdvanceTime::KIND,
        ..AdvanceTime::default()
    })]);
}

#[test]
fn what_is_left_at_a_band_that_calls_an_auction_takes_part_in_it() {
    let mut desk = desk(calling());
    offer(&mut desk, Side::Sell, &[105, 115]);
    let answer = desk.place(limit(4, 1, Side::Buy, 115, 10));
    assert_eq!((prices(&desk), ended(&desk, answer.order_id)), (vec![105], None));
    assert_eq!(tripped(&desk), Some((1, 150_000)));
    assert_eq!(
        (answer.order_status, answer.leaves_quantity_lots),
        (OrderStatus::PartiallyFilled.number(), 9)
    );
    assert_eq!(
        desk.kinds()[..5],
        [1, 2, 10, 6, 7],
        "acceptance, trade, then the call begins"
    );
    // Who comes in during the call stands behind it, and 115 is what the auction finds.
    let later = desk.rest(4, Side::Buy, 115, 1);
    uncross(&mut desk);
    let (price, lots, buy, _) = desk.trades()[0];
    assert_eq!((price, lots, buy, desk.trades().len()), (115, 1, answer.order_id, 1));
    assert_eq!(desk.queue(Side::Buy, 115), [answer.order_id, later]);
}

#[test]
fn who_waited_for_an_auction_stands_before_what_is_left_of_the_order_that_called_it() {
    let mut desk = desk(calling());
    let waits = PlaceOrder {
        time_in_force: TimeInForce::GoodForAuction.number(),
        ..limit(4, 1, Side::Buy, 115, 1)
    };
    let waited = desk.place(waits).order_id;
    offer(&mut desk, Side::Sell, &[105, 115]);
    let rest = desk.place(limit(4, 1, Side::Buy, 115, 10)).order_id;
    assert_eq!(desk.queue(Side::Buy, 115), [waited, rest]);
    uncross(&mut desk);
    assert_eq!(desk.trades().iter().map(|trade| trade.2).collect::<Vec<_>>(), [waited]);
}

#[test]
fn what_cannot_wait_for_the_call_is_cancelled_and_the_call_begins_all_the_same() {
    let immediate = PlaceOrder {
        time_in_force: TimeInForce::ImmediateOrCancel.number(),
        ..limit(4, 1, Side::Buy, 115, 10)
    };
    for order in [immediate, market(4, 1, Side::Buy, 10)] {
        let mut desk = desk(calling());
        offer(&mut desk, Side::Sell, &[105, 115]);
        let answer = desk.place(order);
        assert_eq!(
            (prices(&desk), ended(&desk, answer.order_id)),
            (vec![105], Some((CancelReason::PriceBand, 10)))
        );
        assert_eq!(tripped(&desk), Some((1, 150_000)));
        assert_eq!(desk.engine.phase(1), Some(TradingPhase::VolatilityAuction));
    }
}

/// The auction keeps to the collar around the price with which its call begins: a limit beyond it would leave the book crossed.
#[test]
fn a_rest_beyond_the_band_of_the_call_is_cancelled() {
    for (price, rests) in [(115, true), (116, false)] {
        let mut desk = Desk::new();
        let [definition, symbol] = instrument(5, 0, 0);
        let collared = DefineInstrument {
            collar_ppm: 100_000,
            ..*definition.view()
        };
        desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
        assert_eq!(desk.send(&[Record::of(collared), symbol]).code, 0);
        desk.send(&[Record::of(SetTripRule {
            target_id: 5,
            ..calling()
        })]);
        for offered in [100, 105, 115] {
            desk.place(limit(3, 5, Side::Sell, offered, 1));
        }
        desk.place(limit(4, 5, Side::Buy, 100, 1));
        // The last price is 105 when the call begins: its band is 95 to 115.
        let answer = desk.place(limit(4, 5, Side::Buy, price, 10));
        assert_eq!(prices(&desk), [105]);
        assert_eq!(ended(&desk, answer.order_id).is_none(), rests, "{price}");
        uncross(&mut desk);
        assert_eq!(prices(&desk), if rests { vec![115] } else { vec![] });
    }
}

/// The first of a wave begins the call, the others of the wave and the exits of what filled enter it.
#[test]
fn a_wave_that_meets_the_band_goes_on_in_the_call() {
    let mut desk = desk(calling());
    let stop = |price_ticks| PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 104,
        ..limit(4, 1, Side::Buy, price_ticks, 3)
    };
    let first = desk.place(stop(115)).order_id;
    let second = desk.place(stop(112)).order_id;
    let third = desk.place(PlaceOrder {
        order_type: OrderType::Stop.number(),
        price_ticks: 0,
        ..stop(0)
    });
    offer(&mut desk, Side::Sell, &[104, 108, 115]);
    desk.place(limit(4, 1, Side::Buy, 104, 1));
    assert_eq!(prices(&desk), [104, 108]);
    assert_eq!(tripped(&desk), Some((1, 150_000)));
    assert_eq!((ended(&desk, first), ended(&desk, second)), (None, None));
    assert_eq!(
        ended(&desk, third.order_id).map(|ended| ended.0),
        Some(CancelReason::TradingHalted)
    );
    assert_eq!(desk.queue(Side::Buy, 115), [first]);
    assert_eq!(desk.queue(Side::Buy, 112), [second]);
    uncross(&mut desk);
    assert_eq!(prices(&desk), [115]);
}

#[test]
fn an_amend_and_a_triggered_order_stop_at_the_band() {
    let mut desk = desk(rule());
    offer(&mut desk, Side::Sell, &[105, 115]);
    let order = desk.rest(4, Side::Buy, 90, 10);
    desk.send(&[Record::of(amend(4, order, amend_flag::PRICE, 115, 0))]);
    assert_eq!((prices(&desk), ended(&desk, order)), (vec![105], BAND));
    assert_eq!(tripped(&desk), Some((3, 150_000)));
    let mut desk = self::desk(rule());
    let stop = PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 104,
        ..limit(4, 1, Side::Buy, 0, 10)
    };
    let stop = desk.place(stop).order_id;
    offer(&mut desk, Side::Sell, &[104, 108, 115]);
    desk.place(limit(4, 1, Side::Buy, 104, 1));
    assert_eq!((prices(&desk), ended(&desk, stop)), (vec![104, 108], BAND));
    assert_eq!(tripped(&desk), Some((3, 150_000)));
}

/// An all-or-none order that stands beside the book trades at its price or better, inside the band, or waits.
#[test]
fn an_all_or_none_order_waits_for_the_band() {
    let mut desk = desk(rule());
    let whole = PlaceOrder {
        instructions: order_instruction::ALL_OR_NONE,
        ..limit(4, 1, Side::Buy, 120, 3)
    };
    offer(&mut desk, Side::Sell, &[105, 113, 114, 115]);
    let answer = desk.place(whole);
    assert_eq!(
        (answer.leaves_quantity_lots, tripped(&desk)),
        (3, None),
        "it waits, and presses nothing"
    );
    assert!(prices(&desk).is_empty());
    // With time the window forgets 100; 104 is printed by others and stands.
    desk.rest(3, Side::Sell, 104, 1);
    desk.place(limit(3, 1, Side::Buy, 104, 1));
    assert_eq!(prices(&desk), [104]);
    desk.now += 20 * SECOND;
    desk.send(&[Record::of(AdvanceTime {
        kind: AdvanceTime::KIND,
        confirm_jump: 1,
        ..AdvanceTime::default()
    })]);
    assert_eq!(
        prices(&desk),
        [105, 113, 114],
        "all of them lie inside the band around 104"
    );
    assert!(desk.engine.order(answer.order_id).is_none());
    // An incoming order that meets one outside the band stops like any other.
    let mut desk = self::desk(rule());
    let whole = PlaceOrder {
        instructions: order_instruction::ALL_OR_NONE,
        ..limit(3, 1, Side::Sell, 115, 3)
    };
    desk.place(whole);
    offer(&mut desk, Side::Sell, &[105]);
    let answer = desk.place(limit(4, 1, Side::Buy, 120, 10));
    assert_eq!((prices(&desk), ended(&desk, answer.order_id)), (vec![105], BAND));
    assert_eq!(tripped(&desk), Some((3, 150_000)));
}
