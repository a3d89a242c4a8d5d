//! Phases by command and by the clock: what each takes, how one follows another, what ends with the day.
use fulltape_sim::desk::{DAY, Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use TradingPhase::*;

fn session(phase: TradingPhase) -> SetSession {
    SetSession {
        kind: SetSession::KIND,
        instrument_id: 1,
        phase: phase.number(),
        reason: u16::from(StateReason::Schedule.number()),
        ..SetSession::default()
    }
}

/// A session command and the phases planned behind it, up to three a record.
fn planned(first: SetSession, phases: &[(u64, TradingPhase)]) -> Vec<Record> {
    let mut records = vec![Record::of(first)];
    for three in phases.chunks(3) {
        let at = |index: usize| three.get(index).map_or((0, 0), |(at, phase)| (*at, phase.number()));
        records.push(Record::of(SessionPlan {
            kind: SessionPlan::KIND,
            at_nanos0: at(0).0,
            at_nanos1: at(1).0,
            at_nanos2: at(2).0,
            phase0: at(0).1,
            phase1: at(1).1,
            phase2: at(2).1,
            ..SessionPlan::default()
        }));
    }
    records
}

fn enter(desk: &mut Desk, phase: TradingPhase) {
    assert_eq!(desk.send(&[Record::of(session(phase))]).code, 0);
}

/// (instrument, phase, reason) of each state report of the last command.
fn phases(desk: &Desk) -> Vec<(u32, TradingPhase, u16)> {
    desk.reports
        .iter()
        .filter(|report| report.kind() == InstrumentStateReport::KIND)
        .filter_map(|report| {
            let state = report.view::<InstrumentStateReport>();
            Some((
                state.instrument_id,
                TradingPhase::from_number(state.phase)?,
                state.reason,
            ))
        })
        .collect()
}

fn tick(desk: &mut Desk) -> AnswerRecord {
    desk.send(&[Record::of(AdvanceTime {
        kind: AdvanceTime::KIND,
        confirm_jump: 1,
        ..AdvanceTime::default()
    })])
}

/// A desk whose instrument has a reference price, a collar and some book.
fn desk() -> Desk {
    Desk::collared(PricePurpose::Both)
}

const ALL: [TradingPhase; 7] = [
    Closed,
    PreOpen,
    OpeningAuction,
    Continuous,
    VolatilityAuction,
    ClosingAuction,
    PostClose,
];

#[test]
fn what_each_phase_takes() {
    let plain = limit(3, 1, Side::Buy, 100, 5);
    let force = |order: PlaceOrder, force: TimeInForce| PlaceOrder {
        time_in_force: force.number(),
        ..order
    };
    let told = |order: PlaceOrder, instructions: u16| PlaceOrder { instructions, ..order };
    let stop = PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Mark.number(),
        stop_price_ticks: 110,
        price_ticks: 0,
        ..plain
    };
    let calls = [PreOpen, OpeningAuction, VolatilityAuction, ClosingAuction];
    let trading = [&calls[..], &[Continuous]].concat();
    let continuous = vec![Continuous];
    let rows = [
        ("good till cancel", plain, trading.clone()),
        ("day", force(plain, TimeInForce::Day), trading.clone()),
        (
            "immediate",
            force(plain, TimeInForce::ImmediateOrCancel),
            continuous.clone(),
        ),
        (
            "fill or kill",
            force(limit(3, 1, Side::Buy, 101, 5), TimeInForce::FillOrKill),
            continuous.clone(),
        ),
        (
            "post-only",
            told(plain, order_instruction::POST_ONLY),
            continuous.clone(),
        ),
        (
            "post-only, repriced",
            told(plain, order_instruction::POST_ONLY_REPRICE),
            continuous.clone(),
        ),
        (
            "market to limit",
            PlaceOrder {
                order_type: OrderType::MarketToLimit.number(),
                price_ticks: 0,
                ..plain
            },
            trading.clone(),
        ),
        (
            "market",
            force(market(3, 1, Side::Buy, 5), TimeInForce::Day),
            trading.clone(),
        ),
        ("market, immediate", market(3, 1, Side::Buy, 5), continuous),
        ("stop", stop, trading.clone()),
        ("hidden", told(plain, order_instruction::HIDDEN), trading.clone()),
        (
            "at the opening",
            force(plain, TimeInForce::AtTheOpening),
            vec![PreOpen, OpeningAuction],
        ),
        ("at the close", force(plain, TimeInForce::AtTheClose), trading.clone()),
        (
            "good for auction",
            force(plain, TimeInForce::GoodForAuction),
            trading.clone(),
        ),
        (
            "market at the close",
            force(market(3, 1, Side::Buy, 5), TimeInForce::AtTheClose),
            trading,
        ),
    ];
    for (what, order, takes) in rows {
        for phase in ALL {
            let mut desk = desk();
            desk.rest(3, Side::Sell, 101, 50);
            if phase != Continuous {
                enter(&mut desk, phase);
            }
            let code = desk.place(order).code;
            let expected = if takes.contains(&phase) {
                0
            } else {
                ErrorCode::MarketClosed.number()
            };
            assert_eq!(code, expected, "{what} in {phase:?}");
            if calls.contains(&phase) {
                assert!(desk.trades().is_empty(), "{what} in {phase:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_for_an_auction() {
    let auction = PlaceOrder {
        time_in_force: TimeInForce::GoodForAuction.number(),
        ..limit(3, 1, Side::Buy, 100, 5)
    };
    let rows = [
        PlaceOrder {
            instructions: order_instruction::POST_ONLY,
            ..auction
        },
        PlaceOrder {
            instructions: order_instruction::ALL_OR_NONE,
            ..auction
        },
        PlaceOrder {
            order_type: OrderType::StopLimit.number(),
            trigger_source: TriggerSource::Last.number(),
            stop_price_ticks: 90,
            ..auction
        },
        PlaceOrder {
            order_type: OrderType::MarketToLimit.number(),
            price_ticks: 0,
            ..auction
        },
    ];
    for order in rows {
        let mut desk = desk();
        enter(&mut desk, OpeningAuction);
        assert_eq!(desk.place(order).code, ErrorCode::UnsupportedOrderType.number());
    }
    let mut desk = desk();
    let terms = OrderTerms {
        minimum_quantity_lots: 2,
        ..OrderTerms::default()
    };
    assert_eq!(
        desk.place_with(auction, terms).code,
        ErrorCode::UnsupportedOrderType.number()
    );
    enter(&mut desk, OpeningAuction);
    let least = desk.place_with(limit(3, 1, Side::Buy, 100, 5), terms);
    assert_eq!(least.code, ErrorCode::MarketClosed.number());
}

#[test]
fn a_closed_market_takes_cancels_and_lower_quantities() {
    for phase in [Closed, PostClose] {
        let mut desk = desk();
        let order = desk.rest(3, Side::Buy, 99, 5);
        let other = desk.rest(3, Side::Buy, 98, 5);
        enter(&mut desk, phase);
        let closed = ErrorCode::MarketClosed.number();
        assert_eq!(desk.send(&[Record::of(amend(3, order, 1, 97, 0))]).code, closed);
        assert_eq!(desk.send(&[Record::of(amend(3, order, 2, 0, 6))]).code, closed);
        assert_eq!(desk.send(&[Record::of(amend(3, order, 2, 0, 4))]).code, 0);
        assert_eq!(desk.send(&[Record::of(cancel(3, 1, other))]).code, 0);
    }
}

#[test]
fn which_phase_may_follow_which() {
    let rows: [(TradingPhase, &[TradingPhase]); 7] = [
        (Closed, &[PreOpen, OpeningAuction, Continuous]),
        (PreOpen, &[OpeningAuction, Continuous]),
        (OpeningAuction, &[Continuous, Closed]),
        (
            Continuous,
            &[
                Closed,
                PreOpen,
                OpeningAuction,
                VolatilityAuction,
                ClosingAuction,
                PostClose,
            ],
        ),
        (VolatilityAuction, &[Continuous, ClosingAuction, PostClose, Closed]),
        (ClosingAuction, &[PostClose, Closed]),
        (PostClose, &[PreOpen, Closed]),
    ];
    for (before, followers) in rows {
        for after in ALL {
            let mut desk = desk();
            if before != Continuous {
                enter(&mut desk, before);
            }
            let hash = desk.engine.state_hash();
            let answer = desk.send(&[Record::of(session(after))]);
            let expected = if after == before || followers.contains(&after) {
                0
            } else {
                assert_eq!(
                    (answer.observed, answer.limit),
                    (i64::from(after.number()), i64::from(before.number()))
                );
                ErrorCode::InvalidSessionChange.number()
            };
            assert_eq!(answer.code, expected, "{before:?} to {after:?}");
            assert_ne!(desk.engine.state_hash(), hash, "the command number advances");
            if expected == 0 {
                assert_eq!(phases(&desk), [(1, after, u16::from(StateReason::Schedule.number()))]);
            }
        }
    }
}

#[test]
fn a_phase_with_an_end_is_followed_by_its_natural_successor() {
    let rows = [
        (Closed, PreOpen),
        (PreOpen, OpeningAuction),
        (OpeningAuction, Continuous),
        (Continuous, ClosingAuction),
        (VolatilityAuction, Continuous),
        (ClosingAuction, PostClose),
        (PostClose, Closed),
    ];
    for (phase, next) in rows {
        let mut desk = desk();
        let until_nanos = desk.now + SECOND;
        let session = SetSession {
            until_nanos,
            ..session(phase)
        };
        assert_eq!(desk.send(&[Record::of(session)]).code, 0);
        desk.now = until_nanos - 1;
        tick(&mut desk);
        assert_eq!(phases(&desk), [], "{phase:?} lasts until its end");
        desk.now = until_nanos;
        let reports = tick(&mut desk);
        assert_eq!(phases(&desk), [(1, next, u16::from(StateReason::Schedule.number()))]);
        assert_eq!(reports.code, 0);
        desk.now += 100 * DAY;
        tick(&mut desk);
        assert_eq!(phases(&desk), [], "{next:?} has no end");
    }
}

#[test]
fn one_command_plans_the_day_of_a_calendar() {
    let mut desk = Desk::new();
    for id in [3, 2] {
        let [definition, symbol] = instrument(id, 0, 0);
        let symbol = InstrumentSymbol {
            calendar_id: 7,
            ..*symbol.view()
        };
        desk.send(&[definition, Record::of(symbol)]);
    }
    let at = |minutes: u64| desk.now + minutes * 60 * SECOND;
    let calendar = SetSession {
        instrument_id: 0,
        calendar_id: 7,
        ..session(Closed)
    };
    let day = [
        (at(10), PreOpen),
        (at(20), OpeningAuction),
        (at(30), Continuous),
        (at(40), ClosingAuction),
        (at(50), PostClose),
        (at(60), Closed),
    ];
    assert_eq!(desk.send(&planned(calendar, &day)).code, 0);
    let done: &DoneReport = desk.reports[0].view();
    assert_eq!(
        (done.command_kind, done.target_id, done.affected_count),
        (SetSession::KIND, 7, 2)
    );
    let schedule = u16::from(StateReason::Schedule.number());
    assert_eq!(
        phases(&desk),
        [(2, Closed, schedule), (3, Closed, schedule)],
        "by instrument id"
    );
    // Any command's stamp moves the clock; what is due happens before the command.
    desk.now = day[0].0;
    let order = limit(3, 2, Side::Buy, 100, 5);
    assert_eq!(desk.place(order).code, 0);
    assert_eq!(desk.kinds()[..3], [6, 6, 1]);
    assert_eq!(phases(&desk), [(2, PreOpen, schedule), (3, PreOpen, schedule)]);
    desk.place(limit(3, 2, Side::Sell, 100, 3));
    assert!(desk.trades().is_empty());
    // One jump over the rest of the day runs every phase in order of time.
    desk.now = day[5].0 + 1;
    let answer = tick(&mut desk);
    assert_eq!(answer.code, 0);
    let expected: Vec<_> = day[1..]
        .iter()
        .flat_map(|(_, phase)| [(2, *phase, schedule), (3, *phase, schedule)])
        .collect();
    // The indication of the first auction is not shown: the auction was over before the command was.
    assert_eq!(phases(&desk), expected);
    assert_eq!(desk.trades().len(), 1);
    let done = desk
        .reports
        .iter()
        .find(|report| report.kind() == DoneReport::KIND)
        .expect("an outcome");
    assert_eq!(done.view::<DoneReport>().affected_count, 10);
}

#[test]
fn plans_that_cannot_be() {
    let mut desk = desk();
    let now = desk.now;
    let with = |change: fn(&mut SetSession)| {
        let mut session = session(Closed);
        change(&mut session);
        session
    };
    let invalid = ErrorCode::InvalidArgument.number();
    let wrong = ErrorCode::InvalidSessionChange.number();
    let rows = [
        (planned(with(|session| session.instrument_id = 0), &[]), invalid),
        (planned(with(|session| session.calendar_id = 1), &[]), invalid),
        (
            planned(with(|session| session.instrument_id = 9), &[]),
            ErrorCode::UnknownInstrumentId.number(),
        ),
        (planned(with(|session| session.phase = 0), &[]), invalid),
        (planned(with(|session| session.phase = 8), &[]), invalid),
        (planned(with(|session| session.reason = 10), &[]), invalid),
        (planned(with(|session| session.until_nanos = 1), &[]), invalid),
        (planned(session(Closed), &[(now, PreOpen)]), invalid),
        (
            planned(session(Closed), &[(now + 2, PreOpen), (now + 2, Continuous)]),
            invalid,
        ),
        (planned(session(Closed), &[(now + 1, PostClose)]), wrong),
        (
            planned(session(Closed), &[(now + 1, PreOpen), (now + 2, PreOpen)]),
            wrong,
        ),
    ];
    for (records, code) in rows {
        assert_eq!(desk.send(&records).code, code, "{records:?}");
        assert_eq!(desk.kinds(), [8]);
    }
    // A later command replaces the plan; one without a plan takes it away.
    let day = planned(session(Closed), &[(now + 10, PreOpen)]);
    assert_eq!(desk.send(&day).code, 0);
    enter(&mut desk, Closed);
    desk.now += 20;
    tick(&mut desk);
    assert_eq!(phases(&desk), []);
}

#[test]
fn orders_for_the_close_wait_outside_the_book() {
    let mut desk = desk();
    let close = |order: PlaceOrder| PlaceOrder {
        time_in_force: TimeInForce::AtTheClose.number(),
        ..order
    };
    let limited = desk.place(close(limit(1, 1, Side::Buy, 105, 10))).order_id;
    let at_market = desk.place(close(market(2, 1, Side::Buy, 10))).order_id;
    assert_eq!(desk.free(1), 1_000_000 - 3150 - 1);
    assert_eq!(desk.free(2), 1_000_000 - 3600 - 1, "held at the collar's end");
    assert_eq!(desk.engine.levels(1, Side::Buy).count(), 0);
    // They neither trade nor wait for a volatility auction.
    desk.rest(3, Side::Sell, 104, 30);
    enter(&mut desk, VolatilityAuction);
    enter(&mut desk, Continuous);
    assert!(desk.trades().is_empty());
    let answer = desk.send(&[Record::of(amend(1, limited, 2, 0, 8))]);
    assert_eq!((answer.code, answer.leaves_quantity_lots), (0, 8));
    assert_eq!(desk.send(&[Record::of(amend(1, limited, 1, 106, 0))]).code, 0);
    enter(&mut desk, ClosingAuction);
    let joined: Vec<_> = desk.states().iter().map(|state| (state.0, state.1)).collect();
    assert_eq!(
        joined,
        [(limited, ExecType::Triggered), (at_market, ExecType::Triggered)]
    );
    enter(&mut desk, PostClose);
    let trades: Vec<_> = desk.trades().iter().map(|trade| (trade.0, trade.1, trade.2)).collect();
    assert_eq!(trades, [(104, 10, at_market), (104, 8, limited)]);
}

#[test]
fn orders_that_wait_for_an_auction_end_with_the_day() {
    for phase in [PostClose, Closed] {
        let mut desk = desk();
        let mut waiting = Vec::new();
        for force in [TimeInForce::AtTheClose, TimeInForce::GoodForAuction] {
            let order = PlaceOrder {
                time_in_force: force.number(),
                ..limit(1, 1, Side::Buy, 100, 5)
            };
            waiting.push(desk.place(order).order_id);
        }
        enter(&mut desk, phase);
        let ended: Vec<_> = desk.states().iter().map(|state| (state.0, state.3)).collect();
        let expected: Vec<_> = waiting.iter().map(|id| (*id, CancelReason::MarketClosed)).collect();
        assert_eq!(ended, expected);
        assert_eq!(desk.free(1), 1_000_000);
    }
}

#[test]
fn an_order_that_joins_its_auction_is_checked_again() {
    let mut desk = desk();
    let order = PlaceOrder {
        time_in_force: TimeInForce::GoodForAuction.number(),
        ..limit(1, 1, Side::Buy, 100, 5)
    };
    let id = desk.place(order).order_id;
    desk.send(&[Record::of(SetTradingState {
        kind: SetTradingState::KIND,
        scope: StateScope::Account.number(),
        target_id: 1,
        state: TradingState::Halted.number(),
        reason: 1,
        ..SetTradingState::default()
    })]);
    enter(&mut desk, VolatilityAuction);
    let states: Vec<_> = desk.states().iter().map(|state| (state.0, state.1, state.3)).collect();
    assert_eq!(
        states,
        [
            (id, ExecType::Triggered, CancelReason::None),
            (id, ExecType::Canceled, CancelReason::TradingHalted)
        ]
    );
}

#[test]
fn day_orders_end_with_the_phase_closed_or_at_midnight() {
    for calendar_id in [0, 7] {
        let mut desk = Desk::new();
        let [definition, symbol] = instrument(1, -20, 150);
        let symbol = InstrumentSymbol {
            calendar_id,
            ..*symbol.view()
        };
        desk.send(&[definition, Record::of(symbol)]);
        let day = PlaceOrder {
            time_in_force: TimeInForce::Day.number(),
            ..limit(1, 1, Side::Buy, 100, 5)
        };
        let first = desk.place(day).order_id;
        desk.now += DAY;
        tick(&mut desk);
        let at_midnight = desk.engine.order(first).is_none();
        assert_eq!(at_midnight, calendar_id == 0, "a calendar says when the day ends");
        let stop = PlaceOrder {
            order_type: OrderType::StopLimit.number(),
            trigger_source: TriggerSource::Last.number(),
            stop_price_ticks: 150,
            ..day
        };
        let second = desk.place(stop).order_id;
        let stays = desk.rest(3, Side::Buy, 99, 5);
        enter(&mut desk, Closed);
        let expired: Vec<_> = desk.states().iter().map(|state| (state.0, state.1)).collect();
        let of_day = if at_midnight { vec![second] } else { vec![first, second] };
        let of_day: Vec<_> = of_day.iter().map(|id| (*id, ExecType::Expired)).collect();
        assert_eq!(expired, of_day);
        assert_eq!(desk.queue(Side::Buy, 99), [stays]);
    }
}

#[test]
fn orders_expire_before_the_phase_of_the_same_instant_begins() {
    let mut desk = desk();
    let until_nanos = desk.now + SECOND;
    desk.send(&[Record::of(SetSession {
        until_nanos,
        ..session(OpeningAuction)
    })]);
    let dated = PlaceOrder {
        time_in_force: TimeInForce::GoodTillDate.number(),
        ..limit(3, 1, Side::Buy, 100, 5)
    };
    let terms = |at| OrderTerms {
        expire_time_nanos: at,
        ..OrderTerms::default()
    };
    desk.place_with(dated, terms(until_nanos));
    let later = desk.place_with(dated, terms(until_nanos + 1)).order_id;
    desk.rest(3, Side::Sell, 100, 7);
    desk.now = until_nanos + 1;
    tick(&mut desk);
    let makers: Vec<_> = desk.trades().iter().map(|trade| (trade.2, trade.1)).collect();
    assert_eq!(makers, [(later, 5)], "the one is gone, the other still good");
}

#[test]
fn what_an_auction_triggers_runs_before_the_command_that_moved_the_clock() {
    let mut desk = desk();
    let until_nanos = desk.now + SECOND;
    desk.send(&[Record::of(SetSession {
        until_nanos,
        ..session(OpeningAuction)
    })]);
    desk.rest(3, Side::Buy, 103, 1);
    desk.rest(3, Side::Sell, 103, 1);
    let offer = desk.rest(3, Side::Sell, 104, 5);
    let stop = desk
        .place(PlaceOrder {
            order_type: OrderType::Stop.number(),
            trigger_source: TriggerSource::Last.number(),
            stop_price_ticks: 103,
            ..limit(3, 1, Side::Buy, 0, 5)
        })
        .order_id;
    desk.now = until_nanos;
    let answer = desk.place(limit(1, 1, Side::Buy, 104, 5));
    assert_eq!(answer.order_status, OrderStatus::New.number(), "the stop was first");
    let last = desk.trades().pop().expect("trades");
    assert_eq!((last.2, last.3), (offer, stop));
}
