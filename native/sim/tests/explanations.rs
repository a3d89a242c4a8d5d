//! Explanations: they change nothing, they are the same each time, and their arithmetic adds up.
use std::collections::BTreeMap;

use fulltape_engine::{Command, Config, Engine, Note, Relation, Step};
use fulltape_sim::desk::Desk;
use fulltape_sim::flow::Flow;
use fulltape_sim::random::seed;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const MILLION: i128 = 1_000_000;
/// Money units of a tick and lot of the instruments of the flow.
const UNITS: i64 = 3;

fn config() -> Config {
    Config {
        max_orders: 150,
        max_accounts: 7,
        max_instruments: 9,
        ..Config::default()
    }
}

/// What the notes say about one order so far.
#[derive(Clone, Copy, Debug)]
struct Account {
    side: Side,
    leaves: i64,
    filled: i64,
    carry: i32,
    /// Notional times rate, and fees times a million, over all fills.
    owed: i128,
    paid: i128,
}

/// Adds up the notes of many commands.
#[derive(Default)]
struct Sums {
    orders: BTreeMap<u64, Account>,
    /// Terms that the order of this command gets if nothing refuses them.
    proposed: Option<(u64, Account)>,
    step: Option<Step>,
    matches: u64,
    rested: u64,
    refused: u64,
    /// Order, and orders and lots ahead and lots at better prices of the place in the queue that was told last.
    queued: Option<(u64, (u32, i64, i64))>,
}

impl Sums {
    fn accept(&mut self) {
        if let Some((id, account)) = self.proposed.take() {
            self.orders.insert(id, account);
        }
    }

    fn order(&mut self, id: u64) -> &mut Account {
        self.orders.get_mut(&id).expect("a note names an order that came in")
    }

    fn take(&mut self, note: &Note) {
        if !matches!(
            note,
            Note::Check { .. } | Note::Cost { .. } | Note::Margin { .. } | Note::Repriced { .. }
        ) {
            self.accept();
        }
        match *note {
            Note::Order {
                order_id,
                step,
                side,
                leaves_lots,
                ..
            } => {
                self.step = Some(step);
                let before = self.orders.get(&order_id).copied();
                assert_eq!(before.is_none(), step == Step::Placed, "order {order_id}: {step:?}");
                let fresh = Account {
                    side,
                    leaves: leaves_lots,
                    filled: 0,
                    carry: 0,
                    owed: 0,
                    paid: 0,
                };
                let account = Account {
                    leaves: leaves_lots,
                    ..before.unwrap_or(fresh)
                };
                if matches!(step, Step::Triggered | Step::Entered) {
                    assert_eq!(before.expect("waited").leaves, leaves_lots);
                    self.orders.insert(order_id, account);
                } else {
                    self.proposed = Some((order_id, account));
                }
            }
            Note::Check {
                relation,
                observed,
                limit,
                ..
            } => match relation {
                Relation::AtMost => assert!(observed <= limit, "{note:?}"),
                Relation::AtLeast => assert!(observed >= limit, "{note:?}"),
                Relation::Holds => {}
                Relation::Refused => {
                    self.proposed = None;
                    self.refused += 1;
                }
            },
            Note::Cost {
                notional_units,
                rate_ppm,
                carry,
                needed_units,
            } => {
                let owed = i128::from(notional_units) * i128::from(rate_ppm) + i128::from(carry);
                let fee = owed.div_euclid(MILLION) + i128::from(owed.rem_euclid(MILLION) != 0);
                // A resting order holds no rebate; a market order is priced with it.
                let needed = i128::from(needed_units - notional_units);
                assert!(needed == fee || (fee < 0 && needed == 0), "{note:?}");
            }
            Note::Margin {
                before_units,
                after_units,
                fee_units,
                given_units,
            } => {
                let least = [before_units, after_units, fee_units, given_units].into_iter().min();
                assert!(least >= Some(0), "{note:?}");
            }
            Note::Match {
                taker_order_id,
                maker_order_id,
                price_ticks,
                lots,
                maker_place,
                next_place,
                next_price_ticks,
            } => {
                self.matches += 1;
                let side = self.order(maker_order_id).side;
                assert!(next_place == 0 || next_place > maker_place, "{note:?}");
                let worse = match side {
                    Side::Buy => next_price_ticks < price_ticks,
                    Side::Sell => next_price_ticks > price_ticks,
                };
                assert!(next_price_ticks == 0 || worse, "{note:?}");
                assert_ne!(self.order(taker_order_id).side, side);
                for id in [taker_order_id, maker_order_id] {
                    let order = self.order(id);
                    order.leaves -= lots;
                    order.filled += lots;
                    assert!(order.leaves >= 0, "{note:?}: {order:?}");
                }
            }
            Note::Auctioned {
                buy_order_id,
                sell_order_id,
                price_ticks,
                lots,
                buy_price_ticks,
                sell_price_ticks,
            } => {
                self.matches += 1;
                assert!(buy_price_ticks == 0 || buy_price_ticks >= price_ticks, "{note:?}");
                assert!(sell_price_ticks <= price_ticks, "{note:?}");
                for (id, side) in [(buy_order_id, Side::Buy), (sell_order_id, Side::Sell)] {
                    let order = self.order(id);
                    assert_eq!(order.side, side, "{note:?}");
                    order.leaves -= lots;
                    order.filled += lots;
                    assert!(order.leaves >= 0, "{note:?}: {order:?}");
                }
            }
            Note::Fee {
                order_id,
                notional_units,
                rate_ppm,
                carry_before,
                fee_units,
                carry_after,
                ..
            } => {
                let order = self.order(order_id);
                assert_eq!(order.carry, carry_before, "{note:?}");
                let owed = i128::from(notional_units) * i128::from(rate_ppm);
                let paid = i128::from(fee_units) * MILLION;
                assert_eq!(
                    paid + i128::from(carry_after),
                    owed + i128::from(carry_before),
                    "{note:?}"
                );
                assert!((-999_999..=0).contains(&carry_after), "{note:?}: not rounded up");
                order.carry = carry_after;
                order.owed += owed;
                order.paid += paid;
            }
            Note::Rested {
                order_id,
                leaves_lots,
                orders_ahead,
                lots_ahead,
                better_lots,
                ..
            } => {
                self.rested += 1;
                self.queued = Some((order_id, (orders_ahead, lots_ahead, better_lots)));
                assert_eq!(self.order(order_id).leaves, leaves_lots, "{note:?}");
            }
            Note::Lowered {
                order_id,
                by_lots,
                leaves_lots,
                ..
            } => {
                let order = self.order(order_id);
                order.leaves -= by_lots;
                assert_eq!(order.leaves, leaves_lots, "{note:?}");
            }
            Note::Sized { order_id, leaves_lots } => self.order(order_id).leaves = leaves_lots,
            Note::Carried { order_id, carry } => {
                let order = self.order(order_id);
                order.owed += i128::from(carry - order.carry);
                order.carry = carry;
            }
            Note::Ended {
                order_id,
                leaves_lots,
                cum_lots,
                ..
            } => {
                let order = self.order(order_id);
                assert_eq!((order.leaves, order.filled), (leaves_lots, cum_lots), "{note:?}");
                order.leaves = 0;
            }
            Note::Refreshed {
                order_id,
                shown_lots,
                leaves_lots,
            } => {
                assert_eq!(self.order(order_id).leaves, leaves_lots);
                assert!(shown_lots > 0 && shown_lots <= leaves_lots, "{note:?}");
            }
            Note::Triggered {
                rise,
                stop_ticks,
                price_ticks,
                ..
            } => {
                let reached = if rise {
                    price_ticks >= stop_ticks
                } else {
                    price_ticks <= stop_ticks
                };
                assert!(reached && price_ticks > 0, "{note:?}");
            }
            Note::Trailed {
                order_id,
                before_ticks,
                stop_ticks,
                ..
            } => match self.order(order_id).side {
                Side::Buy => assert!(stop_ticks < before_ticks, "{note:?}"),
                Side::Sell => assert!(stop_ticks > before_ticks, "{note:?}"),
            },
            Note::Prevented {
                taker_order_id,
                maker_order_id,
                taker_leaves_lots,
                maker_leaves_lots,
                ..
            } => {
                assert_eq!(self.order(taker_order_id).leaves, taker_leaves_lots);
                assert_eq!(self.order(maker_order_id).leaves, maker_leaves_lots);
            }
            Note::Shown {
                order_id,
                orders_ahead,
                lots_ahead,
                better_lots,
            } => {
                let (resting, all) = self.queued.take().expect("what is shown stands behind what is there");
                assert_eq!(resting, order_id);
                assert!(
                    orders_ahead <= all.0 && lots_ahead <= all.1 && better_lots <= all.2,
                    "{note:?}"
                );
            }
            Note::Command { .. } | Note::Waits { .. } | Note::Repriced { .. } | Note::Repeats { .. } => {}
        }
    }
}

/// Compares the sums with what the reports of the command say.
fn compare(sums: &mut Sums, reports: &[Record]) {
    let mut fees = Vec::new();
    for pair in reports.windows(2).filter(|pair| pair[0].kind() == TradeReport::KIND) {
        let (trade, detail) = (pair[0].view::<TradeReport>(), pair[1].view::<TradeDetailReport>());
        assert_eq!(detail.notional_units, trade.price_ticks * trade.quantity_lots * UNITS);
        fees.push((trade.maker_order_id, detail.maker_fee_units));
        fees.push((trade.taker_order_id, detail.taker_fee_units));
        let taker = sums.order(trade.taker_order_id);
        assert!(taker.filled >= detail.taker_cum_lots, "{trade:?} {detail:?} {taker:?}");
    }
    let mut last = BTreeMap::new();
    for state in reports.iter().filter(|report| report.kind() == OrderStateReport::KIND) {
        let state = state.view::<OrderStateReport>();
        last.insert(state.order_id, (state.leaves_quantity_lots, state.cum_quantity_lots));
    }
    for trade in reports.windows(2).filter(|pair| pair[0].kind() == TradeReport::KIND) {
        // A trade behind an order's last state moves it on.
        let (trade, detail) = (trade[0].view::<TradeReport>(), trade[1].view::<TradeDetailReport>());
        for (id, leaves, cum) in [
            (trade.maker_order_id, detail.maker_leaves_lots, detail.maker_cum_lots),
            (trade.taker_order_id, detail.taker_leaves_lots, detail.taker_cum_lots),
        ] {
            let state = last.entry(id).or_insert((leaves, cum));
            if cum > state.1 {
                *state = (leaves, cum);
            }
        }
    }
    for (id, (leaves, cum)) in last {
        let order = sums.order(id);
        assert_eq!((order.leaves, order.filled), (leaves, cum), "order {id}");
    }
}

#[test]
fn the_arithmetic_of_a_thousand_random_orders_adds_up() {
    let seed = seed("explanations");
    let mut orders = 0;
    let mut met = BTreeMap::<String, u64>::new();
    for round in 0..10 {
        let (mut explained, mut plain) = (Engine::new(config()), Engine::new(config()));
        let mut flow = Flow::new(seed + round);
        let mut commands = flow.opening();
        commands.reverse();
        let mut sums = Sums::default();
        for number in 1..=3_000_u64 {
            // Auctions tell of their trades in reports alone.
            let mut records = commands.pop().unwrap_or_else(|| flow.next_command());
            while records[0].kind() == SetSession::KIND {
                records = flow.next_command();
            }
            let (mut ours, mut theirs, mut notes): (Vec<Record>, Vec<Record>, Vec<Note>) = Default::default();
            let answer = explained.submit_explained(&Command::new(&records), 0, &mut ours, &mut notes);
            let expected = plain.submit(&Command::new(&records), 0, &mut theirs);
            assert_eq!((&ours, answer), (&theirs, expected), "being asked changes nothing");
            for report in ours.iter().filter(|report| report.kind() == OrderStateReport::KIND) {
                let state = report.view::<OrderStateReport>();
                flow.open.retain(|(id, _)| *id != state.order_id);
                if state.leaves_quantity_lots > 0 {
                    flow.open.push((state.order_id, state.account_id));
                }
            }
            assert!(matches!(notes[0], Note::Command { number: ours, .. } if ours == number));
            // Timers and triggers of the same command may refuse orders too.
            let told = |note: &Note| {
                matches!(*note, Note::Check { code, relation: Relation::Refused, observed, limit }
                    if (code.number(), observed, limit) == (answer.code, answer.observed, answer.limit))
            };
            if answer.code != 0 && answer.flags == 0 {
                assert!(notes.iter().any(told), "no note tells of {answer:?}");
            }
            for note in &notes {
                sums.take(note);
                let text = format!("{note:?}");
                let name = text.split([' ', '{']).next().unwrap_or_default().to_owned();
                *met.entry(name).or_default() += 1;
            }
            sums.accept();
            compare(&mut sums, &ours);
            // What follows in the same command moves the queue again.
            if let [
                ..,
                Note::Rested {
                    order_id,
                    price_ticks,
                    orders_ahead,
                    lots_ahead,
                    better_lots,
                    ..
                },
                Note::Shown { .. },
            ] = notes[..]
                && let Some(order) = explained.order(order_id)
            {
                // An all-or-none order has its place among the others of its kind.
                let mut side: Vec<_> = explained.all_or_none(order.instrument_id, order.side).collect();
                if !side.contains(&order) {
                    side = explained.resting(order.instrument_id, order.side).collect();
                }
                let queue: Vec<_> = side
                    .iter()
                    .skip_while(|other| other.price_ticks != price_ticks)
                    .take_while(|other| other.order_id != order_id)
                    .map(|other| other.leaves_lots)
                    .collect();
                let better: i64 = side
                    .iter()
                    .take_while(|other| other.price_ticks != price_ticks)
                    .map(|other| other.leaves_lots)
                    .sum();
                let expected = (queue.len(), queue.iter().sum(), better);
                assert_eq!((orders_ahead as usize, lots_ahead, better_lots), expected, "{notes:?}");
            }
        }
        for (id, order) in &sums.orders {
            // Over all fills the fee is what is owed exactly, rounded up once.
            assert_eq!(order.paid + i128::from(order.carry), order.owed, "order {id}");
            let open = explained.order(*id).map_or(0, |order| order.leaves_lots);
            assert_eq!(order.leaves, open, "order {id}");
        }
        assert_eq!(explained.state_hash(), plain.state_hash());
        orders += sums.orders.len();
        assert!(
            sums.matches > 50 && sums.rested > 50 && sums.refused > 50,
            "{} {} {}",
            sums.matches,
            sums.rested,
            sums.refused
        );
    }
    println!("{orders} orders; notes: {met:?}");
    assert!(orders >= 1_000, "{orders} orders");
    let kinds = [
        "Command",
        "Order",
        "Check",
        "Cost",
        "Match",
        "Fee",
        "Rested",
        "Waits",
        "Triggered",
        "Trailed",
        "Prevented",
        "Repriced",
        "Refreshed",
        "Lowered",
        "Sized",
        "Carried",
        "Ended",
    ];
    for kind in kinds {
        assert!(met.contains_key(kind), "no note {kind} was met");
    }
}

#[test]
fn an_explanation_names_every_check_in_order_and_the_place_in_the_queue() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Buy, 101, 7);
    let ahead = desk.rest(3, Side::Buy, 100, 4);
    let records = [Record::of(limit(1, 1, Side::Buy, 100, 10))];
    let (mut reports, mut notes): (Vec<Record>, Vec<Note>) = Default::default();
    let answer = desk
        .engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes);
    let checks: Vec<_> = notes
        .iter()
        .filter_map(|note| match note {
            Note::Check {
                code,
                relation,
                observed,
                limit,
            } => Some((*code, *relation, *observed, *limit)),
            _ => None,
        })
        .collect();
    let free = 1_000_000;
    let needed = 3_000 + 1; // 150 ppm of 3,000 rounded up
    assert_eq!(
        checks,
        [
            (ErrorCode::UnknownAccount, Relation::Holds, 0, 0),
            (ErrorCode::UnknownInstrumentId, Relation::Holds, 0, 0),
            (ErrorCode::UnsupportedOrderType, Relation::Holds, 0, 0),
            (ErrorCode::InvalidArgument, Relation::Holds, 0, 0),
            (ErrorCode::MarketClosed, Relation::Holds, 0, 0),
            (ErrorCode::GlobalHalt, Relation::Holds, 0, 0),
            (ErrorCode::AccountHalted, Relation::Holds, 0, 0),
            (ErrorCode::InstrumentHalted, Relation::Holds, 0, 0),
            (ErrorCode::ComplianceRestricted, Relation::Holds, 0, 0),
            (ErrorCode::QuantityNotPositive, Relation::AtLeast, 10, 1),
            (ErrorCode::PriceNotPositive, Relation::AtLeast, 100, 1),
            (ErrorCode::NotionalOverflow, Relation::AtMost, 3_000, 1 << 62),
            (ErrorCode::MinNotional, Relation::AtLeast, 3_000, 0),
            (ErrorCode::OrderBookFull, Relation::AtMost, 3, 100),
            (ErrorCode::NotionalOverflow, Relation::Holds, 0, 0),
            (ErrorCode::LedgerOverflow, Relation::AtMost, 10, i64::MAX),
            (ErrorCode::InsufficientBuyingPower, Relation::AtMost, needed, free),
        ]
    );
    assert!(notes.contains(&Note::Rested {
        order_id: answer.order_id,
        price_ticks: 100,
        leaves_lots: 10,
        orders_ahead: 1,
        lots_ahead: 4,
        better_lots: 7,
        reserved_units: needed,
    }));
    // Who sells 8 there meets the better price first, then the oldest order at the next one.
    let records = [Record::of(limit(3, 1, Side::Sell, 100, 8))];
    notes.clear();
    let taker = desk
        .engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes)
        .order_id;
    let matches: Vec<_> = notes
        .iter()
        .filter(|note| matches!(note, Note::Match { .. }))
        .copied()
        .collect();
    let expected = |maker_order_id, price_ticks, lots, places: (u64, u64), next_price_ticks| Note::Match {
        taker_order_id: taker,
        maker_order_id,
        price_ticks,
        lots,
        maker_place: places.0,
        next_place: places.1,
        next_price_ticks,
    };
    assert_eq!(
        matches,
        [
            expected(ahead - 1, 101, 7, (1, 0), 100),
            expected(ahead, 100, 1, (2, 3), 0)
        ]
    );
}

/// Limits of an account that everything within reach passes.
fn wide_limits() -> Vec<Record> {
    let change = SetRiskLimits {
        extension_count: 2,
        kind: SetRiskLimits::KIND,
        scope: LimitScope::Account.number(),
        target_id: 1,
        version: 1,
        ..SetRiskLimits::default()
    };
    let limits = RiskLimits {
        kind: RiskLimits::KIND,
        max_order_quantity_lots: 900,
        max_order_notional_units: 900_000,
        max_position_lots: 901,
        max_gross_units: 900_001,
        max_net_units: 900_002,
        max_daily_loss_units: 900_003,
        ..RiskLimits::default()
    };
    let rates = RiskRates {
        kind: RiskRates::KIND,
        max_open_orders: 90,
        orders_per_second: 1_000,
        burst_orders: 1_000,
        collar_ppm: 500_000,
        fat_finger_ppm: 400_000,
        max_price_age_ms: 86_400_000,
        ..RiskRates::default()
    };
    vec![Record::of(change), Record::of(limits), Record::of(rates)]
}

fn codes_of(notes: &[Note]) -> Vec<ErrorCode> {
    let code = |note: &Note| match note {
        Note::Check { code, .. } => Some(*code),
        _ => None,
    };
    notes.iter().filter_map(code).collect()
}

#[test]
fn every_check_of_the_documented_order_is_told() {
    let mut desk = Desk::new();
    let reference = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: PriceSource::Operator.number().into(),
        purpose: PricePurpose::Both.number(),
        price_ticks: 100,
        source_time_nanos: desk.now,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(reference)]).code, 0);
    desk.rest(3, Side::Sell, 110, 5);
    assert_eq!(desk.send(&wide_limits()).code, 0);
    let order = Record::of(PlaceOrder {
        extension_count: 1,
        display_quantity_lots: 2,
        instructions: order_instruction::POST_ONLY,
        ..limit(1, 1, Side::Buy, 100, 10)
    });
    let records = [order, Record::of(client_order("told"))];
    let (mut reports, mut notes): (Vec<Record>, Vec<Note>) = Default::default();
    let answer = desk
        .engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes);
    assert_eq!(answer.code, 0);
    assert_eq!(
        codes_of(&notes),
        [
            ErrorCode::DuplicateClientOrderId,
            ErrorCode::InvalidClientOrderId,
            ErrorCode::UnknownAccount,
            ErrorCode::UnknownInstrumentId,
            ErrorCode::OrderRateLimit,
            ErrorCode::UnsupportedOrderType,
            ErrorCode::InvalidArgument,
            ErrorCode::MarketClosed,
            ErrorCode::GlobalHalt,
            ErrorCode::AccountHalted,
            ErrorCode::InstrumentHalted,
            ErrorCode::ComplianceRestricted,
            ErrorCode::QuantityNotPositive,
            ErrorCode::PriceNotPositive,
            ErrorCode::InvalidArgument, // display quantity
            ErrorCode::MaxOrderQuantity,
            ErrorCode::NotionalOverflow,
            ErrorCode::MinNotional,
            ErrorCode::StaleReferencePrice,
            ErrorCode::PriceOutsideCollar,
            ErrorCode::PriceOutsideCollar, // its other bound
            ErrorCode::FatFinger,
            ErrorCode::PostOnlyWouldTrade,
            ErrorCode::OrderBookFull,
            ErrorCode::LedgerOverflow,
            ErrorCode::MaxOpenOrders,
            ErrorCode::MaxOrderNotional,
            ErrorCode::PositionLimit,
            ErrorCode::GrossExposureLimit,
            ErrorCode::NetExposureLimit,
            ErrorCode::DailyLossLimit,
            ErrorCode::InsufficientBuyingPower,
        ]
    );
}

#[test]
fn an_amend_is_told_check_by_check() {
    let mut desk = Desk::new();
    let order = desk.rest(1, Side::Buy, 100, 10);
    let records = [Record::of(amend(1, order, amend_flag::PRICE, 99, 0))];
    let (mut reports, mut notes): (Vec<Record>, Vec<Note>) = Default::default();
    let answer = desk
        .engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes);
    assert_eq!(answer.code, 0);
    assert_eq!(
        codes_of(&notes)[..7],
        [
            ErrorCode::UnknownAccount,
            ErrorCode::UnknownOrder,
            ErrorCode::AccountNotYours,
            ErrorCode::UnsupportedOrderType,
            ErrorCode::AmendWithoutChange,
            ErrorCode::QuantityBelowFilled,
            ErrorCode::MarketClosed,
        ]
    );
}

#[test]
fn a_cancel_is_told_check_by_check() {
    let mut desk = Desk::new();
    let order = desk.rest(1, Side::Buy, 100, 10);
    let records = [Record::of(cancel(1, 1, order))];
    let (mut reports, mut notes): (Vec<Record>, Vec<Note>) = Default::default();
    let answer = desk
        .engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes);
    assert_eq!(answer.code, 0);
    let expected = [
        ErrorCode::UnknownAccount,
        ErrorCode::UnknownOrder,
        ErrorCode::AccountNotYours,
    ];
    assert_eq!(codes_of(&notes), expected);
}

#[test]
fn what_others_hide_is_in_the_place_of_the_queue_and_not_in_what_is_shown_of_it() {
    let mut desk = Desk::new();
    let hidden = PlaceOrder {
        instructions: order_instruction::HIDDEN,
        ..limit(3, 1, Side::Buy, 100, 5)
    };
    let iceberg = PlaceOrder {
        display_quantity_lots: 3,
        ..limit(3, 1, Side::Buy, 100, 20)
    };
    let better = PlaceOrder {
        display_quantity_lots: 1,
        ..limit(3, 1, Side::Buy, 101, 4)
    };
    for order in [hidden, iceberg, better] {
        assert_eq!(desk.place(order).code, 0);
    }
    let records = [Record::of(limit(1, 1, Side::Buy, 100, 10))];
    let (mut reports, mut notes): (Vec<Record>, Vec<Note>) = Default::default();
    let answer = desk
        .engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes);
    let [
        ..,
        Note::Rested {
            orders_ahead,
            lots_ahead,
            better_lots,
            ..
        },
        shown,
    ] = notes[..]
    else {
        panic!("{notes:?}")
    };
    assert_eq!((orders_ahead, lots_ahead, better_lots), (2, 25, 4));
    let expected = Note::Shown {
        order_id: answer.order_id,
        orders_ahead: 1,
        lots_ahead: 3,
        better_lots: 1,
    };
    assert_eq!(shown, expected);
}

#[test]
fn a_repeated_command_is_explained_by_the_one_that_it_repeats() {
    let mut desk = Desk::new();
    let mut order = limit(3, 1, Side::Buy, 100, 10);
    order.extension_count = 1;
    let records = [Record::of(order), Record::of(client_order("once"))];
    let number = desk.send(&records).command_number;
    let (mut reports, mut notes): (Vec<Record>, Vec<Note>) = Default::default();
    desk.engine
        .submit_explained(&Command::new(&records), 0, &mut reports, &mut notes);
    assert_eq!(notes[1..], [Note::Repeats { command_number: number }]);
}

#[test]
fn a_follower_explains_an_order_from_the_tape_alone() {
    use fulltape_ffi::Shard;
    use fulltape_sim::tapes::{execute, small_config};
    let seed = seed("follower");
    let mut flow = Flow::new(seed);
    let mut commands = flow.opening();
    commands.extend((0..1_500).map(|_| flow.next_command()));
    let mut writer = Shard::open(small_config()).expect("opens");
    let mut tape = Vec::new();
    for group in commands.chunks(9) {
        tape.extend(execute(&mut writer, &group.concat()).expect("executes"));
    }
    // What the engine itself says, command by command.
    let mut engine = Engine::new(small_config().engine);
    let mut expected: Vec<Note> = Vec::new();
    let mut reports = Vec::new();
    for records in &commands {
        engine.submit_explained(&Command::new(records), 0, &mut reports, &mut expected);
    }
    let follow = |first, last, order| {
        let mut shard = Shard::open(small_config()).expect("opens");
        shard.explain(first, last, order).expect("asks");
        let mut notes = Vec::new();
        for message in &tape {
            shard.apply(message).expect("applies");
            notes.extend_from_slice(shard.notes());
        }
        assert_eq!(shard.state_hash(), writer_hash(&tape), "being asked changes nothing");
        notes
    };
    let all: Vec<u64> = expected.iter().flat_map(Note::words).collect();
    assert!(follow(1, u64::MAX, 0) == all);
    assert!(follow(0, 0, 0).is_empty());
    // One order: everything that names it, and the checks that it went through.
    let filled = expected.iter().find_map(|note| match note {
        Note::Match { maker_order_id, .. } => Some(*maker_order_id),
        _ => None,
    });
    let order = filled.expect("the flow trades");
    let notes = follow(1, u64::MAX, order);
    let own = expected.iter().filter(|note| note.orders().contains(&order)).count();
    let named = |words: &[u64]| words[0] & 0xffff != 11 && words[0] & 0xffff != 5 && words[1] == order;
    let kept = notes.chunks(8).filter(|words| {
        named(words) || (matches!(words[0] & 0xffff, 5 | 11) && (words[1] == order || words[2] == order))
    });
    assert!(own >= 3);
    // Notes of commands may bear the same number as the order; nothing of the order itself is missing.
    assert!(kept.count() >= own);
    // Nothing of other orders is left: what remains beside its own are checks of whole commands.
    let strangers = expected.iter().filter(|note| {
        let orders = note.orders();
        orders != [0, 0] && !orders.contains(&order)
    });
    assert!(notes.len() + 8 * strangers.count() <= all.len());
}

fn writer_hash(tape: &[Vec<u8>]) -> Result<[u64; 2], fulltape_ffi::Failure> {
    let mut shard = fulltape_ffi::Shard::open(fulltape_sim::tapes::small_config()).expect("opens");
    for message in tape {
        shard.apply(message).expect("applies");
    }
    shard.state_hash()
}
