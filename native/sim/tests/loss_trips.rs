//! Circuit breakers by loss, by example: what a day costs an account or a desk, and what an operator sets stands.
use fulltape_sim::desk::{DAY, Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const THRESHOLD: i64 = 600;
const REASON: u16 = StateReason::LossLimit as u16;

/// 600 units lost in a day hold account 1 to reducing.
fn rule() -> SetTripRule {
    SetTripRule {
        kind: SetTripRule::KIND,
        scope: StateScope::Account.number(),
        rule: TripRule::Loss.number(),
        resulting_state: TradingState::ReduceOnly.number(),
        target_id: 1,
        threshold: THRESHOLD,
        ..SetTripRule::default()
    }
}

/// They halt desk 5.
fn group_rule() -> SetTripRule {
    SetTripRule {
        scope: StateScope::Group.number(),
        resulting_state: TradingState::Halted.number(),
        target_id: 5,
        ..rule()
    }
}

/// Accounts 1 and 2 are desk 5 and hold 10 lots each, worth 30 units a tick, marked at 100; accounts 3 and 4 trade against them.
fn desk(rule: SetTripRule) -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    for id in [1, 2] {
        let grouped = DefineAccount {
            group_id: 5,
            ..account(id, AccountKind::Cash, account_permission::SHORT_SALE)
        };
        assert_eq!(desk.send(&[Record::of(grouped)]).code, 0);
        give(&mut desk, id, 1, 10);
    }
    mark(&mut desk, 1, 100);
    assert_eq!(desk.send(&[Record::of(rule)]).code, 0);
    assert_eq!(tripped(&desk), None);
    desk
}

fn give(desk: &mut Desk, account_id: u32, instrument_id: u32, quantity_lots: i64) {
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id,
        instrument_id,
        quantity_lots,
        cost_units: quantity_lots * 300,
        reason: 1,
        ..MovePosition::default()
    };
    assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
}

fn mark(desk: &mut Desk, instrument_id: u32, price_ticks: i64) {
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id,
        source: 2,
        purpose: PricePurpose::Mark.number(),
        price_ticks,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(price)]).code, 0);
}

fn set_state(desk: &mut Desk, scope: StateScope, target_id: u32, state: TradingState) {
    let state = SetTradingState {
        kind: SetTradingState::KIND,
        scope: scope.number(),
        state: state.number(),
        reason: 1,
        target_id,
        ..SetTradingState::default()
    };
    assert_eq!(desk.send(&[Record::of(state)]).code, 0);
}

fn reset(desk: &mut Desk) {
    set_state(desk, StateScope::Account, 1, TradingState::Active);
}

/// What tripped in the last command: scope, account, group, state, observed and limit.
fn tripped(desk: &Desk) -> Option<(u8, u32, u32, u8, i64, i64)> {
    let mut states = desk
        .reports
        .iter()
        .filter(|report| report.kind() == AccountStateReport::KIND)
        .map(|report| report.view::<AccountStateReport>())
        .filter(|state| state.reason == REASON);
    let state = states.next()?;
    assert!(states.next().is_none());
    Some((
        state.scope,
        state.account_id,
        state.group_id,
        state.state,
        state.observed,
        state.limit,
    ))
}

/// Account 1 is held to reducing by this loss.
fn reduced(observed: i64) -> Option<(u8, u32, u32, u8, i64, i64)> {
    Some((2, 1, 5, 2, observed, THRESHOLD))
}

fn buy(desk: &mut Desk, account_id: u32) -> u16 {
    desk.place(limit(account_id, 1, Side::Buy, 10, 1)).code
}

#[test]
fn a_mark_price_trips_at_the_threshold_and_what_shrinks_still_passes() {
    let mut desk = desk(rule());
    let resting = desk.rest(1, Side::Buy, 50, 4);
    mark(&mut desk, 1, 81);
    assert_eq!(tripped(&desk), None, "570 of 600");
    assert_eq!(buy(&mut desk, 1), 0);
    mark(&mut desk, 1, 80);
    assert_eq!(tripped(&desk), reduced(600));
    assert_eq!(desk.kinds().last(), Some(&AccountStateReport::KIND));
    assert_eq!(buy(&mut desk, 1), ErrorCode::ReduceOnly.number());
    assert_eq!(buy(&mut desk, 2), 0, "nobody else");
    // Orders stay; less of them, none of them and closing orders go through.
    assert!(desk.engine.order(resting).is_some());
    let less = amend(1, resting, amend_flag::QUANTITY, 0, 2);
    assert_eq!(desk.send(&[Record::of(less)]).code, 0);
    assert_eq!(desk.send(&[Record::of(cancel(1, 1, resting))]).code, 0);
    assert_eq!(desk.place(limit(1, 1, Side::Sell, 90, 10)).code, 0);
}

#[test]
fn a_realised_loss_trips_at_the_end_of_the_command_that_realises_it() {
    for (price, trips) in [(40, true), (41, false)] {
        let mut desk = desk(rule());
        desk.rest(3, Side::Buy, price, 20);
        // Four lots at 40 are 720 units below their cost, three at 41 are 531. The mark stays where it is.
        let lots = if trips { 4 } else { 3 };
        desk.place(limit(1, 1, Side::Sell, price, lots));
        let lost = (100 - price) * lots * 3;
        assert_eq!(tripped(&desk), trips.then_some(reduced(lost)).flatten(), "{lost}");
        assert_eq!(desk.trades().len(), 1);
    }
    // Somebody else's order takes what account 1 has in the book.
    let mut maker = desk(rule());
    maker.rest(1, Side::Sell, 40, 4);
    maker.place(limit(4, 1, Side::Buy, 40, 4));
    assert_eq!(tripped(&maker), reduced(720));
}

#[test]
fn trades_of_others_trip_whoever_is_valued_at_the_last_price() {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    give(&mut desk, 1, 1, 10);
    let trade = |desk: &mut Desk, price| {
        desk.rest(3, Side::Sell, price, 1);
        desk.place(limit(4, 1, Side::Buy, price, 1));
    };
    trade(&mut desk, 100);
    desk.send(&[Record::of(rule())]);
    trade(&mut desk, 81);
    assert_eq!(tripped(&desk), None);
    trade(&mut desk, 80);
    assert_eq!(tripped(&desk), Some((2, 1, 0, 2, 600, THRESHOLD)));
}

#[test]
fn a_stop_that_the_command_triggers_counts() {
    let mut desk = desk(rule());
    desk.rest(3, Side::Buy, 40, 20);
    let stop = PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Mark.number(),
        stop_price_ticks: 99,
        ..limit(1, 1, Side::Sell, 0, 10)
    };
    assert_eq!(desk.place(stop).code, 0);
    // The mark alone costs 30; the stop sells at 40.
    mark(&mut desk, 1, 99);
    assert_eq!(tripped(&desk), reduced(1_800));
}

#[test]
fn a_desk_is_halted_by_what_its_accounts_lost_together() {
    let halted = Some((3, 0, 5, 3, 600, THRESHOLD));
    let mut desk = desk(group_rule());
    mark(&mut desk, 1, 91);
    assert_eq!(tripped(&desk), None, "540 of 600");
    mark(&mut desk, 1, 90);
    assert_eq!(tripped(&desk), halted);
    for id in [1, 2] {
        assert_eq!(buy(&mut desk, id), ErrorCode::AccountHalted.number());
    }
    assert_eq!(buy(&mut desk, 4), 0);
    // What one gains makes up for what the other loses, and who joins brings what is lost from then on.
    let mut hedged = self::desk(group_rule());
    give(&mut hedged, 2, 1, -20);
    mark(&mut hedged, 1, 20);
    assert_eq!(tripped(&hedged), None);
    let leaves = DefineAccount {
        group_id: 6,
        ..account(2, AccountKind::Cash, account_permission::SHORT_SALE)
    };
    hedged.send(&[Record::of(leaves)]);
    assert_eq!(tripped(&hedged), Some((3, 0, 5, 3, 2_400, THRESHOLD)));
}

#[test]
fn losses_in_two_currencies_do_not_add_up() {
    let mut desk = desk(rule());
    let mut other = instrument(2, 0, 0);
    let mut definition = *other[0].view::<DefineInstrument>();
    definition.currency_id = CURRENCY + 1;
    other[0] = Record::of(definition);
    desk.send(&other);
    mark(&mut desk, 2, 100);
    give(&mut desk, 1, 2, 10);
    mark(&mut desk, 1, 85);
    mark(&mut desk, 2, 85);
    assert_eq!(tripped(&desk), None, "450 and 450");
    mark(&mut desk, 2, 79);
    assert_eq!(tripped(&desk), reduced(630));
}

#[test]
fn what_an_operator_sets_stands_until_the_loss_was_below_the_threshold() {
    let mut desk = desk(rule());
    mark(&mut desk, 1, 80);
    assert_eq!(tripped(&desk), reduced(600));
    reset(&mut desk);
    assert_eq!(tripped(&desk), None);
    assert_eq!(buy(&mut desk, 1), 0);
    // Neither the same loss nor a larger one.
    mark(&mut desk, 1, 70);
    assert_eq!(tripped(&desk), None);
    mark(&mut desk, 1, 81);
    mark(&mut desk, 1, 80);
    assert_eq!(tripped(&desk), reduced(600), "it was below");
    // Below and at the threshold again while the state stands: a reset does not trip at once.
    mark(&mut desk, 1, 90);
    mark(&mut desk, 1, 75);
    reset(&mut desk);
    mark(&mut desk, 1, 74);
    assert_eq!(tripped(&desk), None);
    // The next day counts from its own start, and may trip with its first command.
    desk.now = (desk.now / DAY + 1) * DAY;
    mark(&mut desk, 1, 54);
    assert_eq!(tripped(&desk), reduced(600));
}

#[test]
fn a_stricter_state_stays_and_no_trip_is_told() {
    let mut desk = desk(rule());
    set_state(&mut desk, StateScope::Account, 1, TradingState::Halted);
    mark(&mut desk, 1, 60);
    assert_eq!(tripped(&desk), None);
    assert_eq!(buy(&mut desk, 1), ErrorCode::AccountHalted.number());
}

#[test]
fn a_rule_counts_from_when_it_is_set_or_from_the_day_that_another_counts() {
    let mut desk = desk(rule());
    mark(&mut desk, 1, 81);
    // Stricter than what is lost already: it trips by itself.
    let stricter = SetTripRule {
        threshold: 570,
        window_nanos: DAY,
        ..rule()
    };
    desk.send(&[Record::of(stricter)]);
    assert_eq!(tripped(&desk), Some((2, 1, 5, 2, 570, 570)));
    // Taken away, and set when nobody counts: the day begins there.
    let away = SetTripRule { threshold: 0, ..rule() };
    for affected in [1, 0] {
        desk.send(&[Record::of(away)]);
        assert_eq!(desk.reports[0].view::<DoneReport>().affected_count, affected);
    }
    reset(&mut desk);
    mark(&mut desk, 1, 50);
    for (window_nanos, affected) in [(0, 1), (DAY, 0)] {
        let again = SetTripRule { window_nanos, ..rule() };
        desk.send(&[Record::of(again)]);
        assert_eq!(desk.reports[0].view::<DoneReport>().affected_count, affected);
    }
    mark(&mut desk, 1, 31);
    assert_eq!(tripped(&desk), None);
    mark(&mut desk, 1, 30);
    assert_eq!(tripped(&desk), reduced(600));
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let mut desk = desk(rule());
    let invalid = ErrorCode::InvalidArgument;
    for (wrong, code) in [
        (
            SetTripRule {
                window_nanos: 1,
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                window_nanos: 2 * DAY,
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                window_nanos: DAY - SECOND,
                ..group_rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                threshold: -1,
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                resulting_state: 1,
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                resulting_phase: TradingPhase::VolatilityAuction.number(),
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                scope: StateScope::Instrument.number(),
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                scope: StateScope::Global.number(),
                target_id: 0,
                ..rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                target_id: 0,
                ..group_rule()
            },
            invalid,
        ),
        (
            SetTripRule {
                target_id: 99,
                ..rule()
            },
            ErrorCode::UnknownAccount,
        ),
    ] {
        let answer = desk.send(&[Record::of(wrong)]);
        assert_eq!(answer.code, code.number(), "{wrong:?}");
        assert_eq!(tripped(&desk), None);
    }
    mark(&mut desk, 1, 80);
    assert_eq!(tripped(&desk), reduced(600), "the rule is as it was");
}
