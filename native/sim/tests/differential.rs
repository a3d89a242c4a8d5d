//! At least a million random commands: the engine's reports and answers equal the naive reference's, byte for byte, and
//! its running sums add up. `FULLTAPE_CHUNKS` (250) sets how many runs of 4,100 commands there are; they have consecutive
//! seeds from `FULLTAPE_SEED` on, so a run that disagrees is repeated by its own seed and `FULLTAPE_CHUNKS=1`.
//! `FULLTAPE_PROGRESS=1` prints a line for each that agrees.
use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::flow::Flow;
use fulltape_sim::random::seed;
use fulltape_sim::reference::Reference;
use fulltape_sim::reference::state::{Stage, State};
use fulltape_sim::restarts::Restarts;
use fulltape_tape::Record;
use fulltape_tape::codes::{CancelReason, ErrorCode, ExecType, OrderStatus, OrderType, Side, TradeKind};
use fulltape_tape::layout::{AccountStateReport, InstrumentStateReport, OrderStateReport, SetSession, TradeReport};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const COMMANDS: u64 = 4_100;
/// Runs that disagree before a thread gives up.
const FAILURES_MAX: usize = 5;
/// Runs below which nothing is asked of what they met.
const SOME: u64 = 8;

fn compare_books(engine: &Engine, reference: &Reference) {
    for instrument in reference.state.instruments.keys() {
        for side in [Side::Buy, Side::Sell] {
            let theirs: Vec<_> = reference
                .state
                .queue(*instrument, side)
                .iter()
                .map(|order| (order.id, order.leaves() as i64, order.shown() as i64))
                .collect();
            let ours: Vec<_> = engine
                .resting(*instrument, side)
                .map(|order| (order.order_id, order.leaves_lots, order.shown_lots))
                .collect();
            assert_eq!(ours, theirs, "queues of instrument {instrument}");
            let theirs: Vec<_> = reference
                .state
                .whole(*instrument, side)
                .iter()
                .map(|order| (order.id, order.leaves() as i64))
                .collect();
            let ours: Vec<_> = engine
                .all_or_none(*instrument, side)
                .map(|order| (order.order_id, order.leaves_lots))
                .collect();
            assert_eq!(ours, theirs, "all-or-none orders of instrument {instrument}");
        }
    }
}

/// Margin of every account: equity, initial, maintenance, fees.
fn compare_margins(engine: &Engine, reference: &Reference) {
    let state = &reference.state;
    let orders: Vec<_> = state.orders.iter().filter(|order| state.counts(order)).collect();
    for account in state.accounts.keys() {
        let needed = |initial| -> i128 { state.required(*account, 1, &orders, initial).values().sum() };
        let theirs = (
            state.equity(*account, 1),
            needed(true),
            needed(false),
            state.reserved(*account, 1),
        );
        let ours = engine.margin(*account, 1).expect("known");
        let ours = (
            ours.equity_units,
            ours.initial_units,
            ours.maintenance_units,
            ours.fee_units,
        );
        assert_eq!(ours, theirs, "margin of account {account}");
    }
}

/// What a run has met: (command kind, code) of answers, (exec type, reason) of order states.
#[derive(Default)]
struct Seen {
    answers: BTreeMap<(u16, u16), u64>,
    states: BTreeMap<(u8, u8), u64>,
    /// Reasons of what circuit breakers changed.
    trips: BTreeMap<u16, u64>,
    /// Phases that instruments were reported in, and lots traded at an auction's price.
    phases: BTreeMap<u8, u64>,
    auctioned: u64,
    /// Types of the orders that triggered.
    triggered: BTreeMap<u8, u64>,
    /// What happened to all-or-none orders.
    whole: BTreeMap<&'static str, u64>,
    /// Pegged orders by what happened: (exec type, reason, whether they have a price).
    pegged: BTreeMap<(u8, u8, bool), u64>,
    /// Amends of legs that had not entered.
    pending: u64,
    /// Engines that were replaced by one from a snapshot.
    restarts: u64,
    /// Trades of each run.
    trades: Vec<u64>,
    /// Seeds of runs that disagreed.
    failures: Vec<u64>,
}

/// All-or-none orders that rest, and those that wait for a trigger.
fn indivisible(state: &State) -> BTreeMap<u64, Stage> {
    let orders = state.orders.iter().filter(|order| order.all_or_none());
    orders.map(|order| (order.id, order.stage)).collect()
}

/// Counts what a command did to all-or-none orders that were there before.
fn see_whole(
    before: &BTreeMap<u64, Stage>,
    after: &BTreeMap<u64, Stage>,
    reports: &[Record],
    placed: u64,
) -> Vec<&'static str> {
    let mut met = Vec::new();
    let rested = |id: u64| before.get(&id) == Some(&Stage::Aside);
    for trade in reports.iter().filter(|report| report.kind() == TradeReport::KIND) {
        let trade = trade.view::<TradeReport>();
        if rested(trade.maker_order_id) {
            met.push("filled by an incoming order");
            if after.contains_key(&trade.taker_order_id) || rested(trade.taker_order_id) {
                met.push("met another one");
            }
        }
        if rested(trade.taker_order_id) && trade.taker_order_id != placed {
            met.push("took what came");
        }
    }
    for state in reports.iter().filter(|report| report.kind() == OrderStateReport::KIND) {
        let state = state.view::<OrderStateReport>();
        let ended = state.exec_type == ExecType::Canceled.number();
        if rested(state.order_id) && ended && state.reason == CancelReason::ReducedPosition.number() {
            met.push("gave way whole");
        }
        if rested(state.order_id) && ended && state.reason == CancelReason::SelfTradePrevention.number() {
            met.push("ended rather than trade with its own");
        }
        if rested(state.order_id) && state.exec_type == ExecType::Replaced.number() {
            met.push("amended");
        }
        if rested(state.order_id) && state.exec_type == ExecType::Expired.number() {
            met.push("expired");
        }
    }
    let waited = |id: &u64| before.get(id).is_some_and(|stage| *stage == Stage::Waiting);
    if after.iter().any(|(id, stage)| *stage == Stage::Aside && waited(id)) {
        met.push("triggered and rested");
    }
    met
}

fn chunk(seed: u64, seen: &mut Seen) {
    let max_orders = if seed.is_multiple_of(4) { 20 } else { 150 };
    let config = Config {
        max_orders,
        max_accounts: 7,
        max_instruments: 9,
        ..Config::default()
    };
    let mut restarts = Restarts::new(seed, config.clone(), 300);
    let mut engine = Engine::new(config);
    let mut reference = Reference::new(max_orders as usize, 7, 9);
    let mut flow = Flow::new(seed);
    let mut commands = flow.opening();
    commands.reverse();
    let mut trades = 0;
    for number in 0..COMMANDS {
        flow.open.clear();
        flow.open
            .extend(reference.state.orders.iter().map(|order| (order.id, order.account)));
        let records = commands.pop().unwrap_or_else(|| flow.next_command());
        let mut ours: Vec<Record> = Vec::new();
        let answer = engine.submit(&Command::new(&records), 0, &mut ours);
        let before = indivisible(&reference.state);
        let (theirs, expected) = reference.submit(&records);
        assert_eq!(
            ours,
            theirs,
            "reports of command {} of seed {seed}: {records:?}",
            number + 1
        );
        assert_eq!(
            answer,
            expected,
            "answer to command {} of seed {seed}: {records:?}",
            number + 1
        );
        let after = indivisible(&reference.state);
        for met in see_whole(&before, &after, &ours, answer.order_id) {
            *seen.whole.entry(met).or_default() += 1;
        }
        restarts.after_command(&mut engine, &records, &ours, answer);
        for report in ours.iter().filter(|report| report.kind() == AccountStateReport::KIND) {
            let state = report.view::<AccountStateReport>();
            if state.observed != 0 {
                *seen.trips.entry(state.reason).or_default() += 1;
            }
        }
        *seen.answers.entry((records[0].kind(), answer.code)).or_default() += 1;
        for report in &ours {
            trades += u64::from(report.kind() == TradeReport::KIND);
            if report.kind() == InstrumentStateReport::KIND {
                let phase = report.view::<InstrumentStateReport>().phase;
                *seen.phases.entry(phase).or_default() += 1;
            }
            if report.kind() == TradeReport::KIND
                && report.view::<TradeReport>().trade_kind == TradeKind::Auction.number()
            {
                seen.auctioned += 1;
            }
        }
        for state in ours.iter().filter(|report| report.kind() == OrderStateReport::KIND) {
            let state = state.view::<OrderStateReport>();
            *seen.states.entry((state.exec_type, state.reason)).or_default() += 1;
            if state.order_type == OrderType::Pegged.number() {
                let what = (state.exec_type, state.reason, state.price_ticks != 0);
                *seen.pegged.entry(what).or_default() += 1;
            }
            if state.exec_type == ExecType::Replaced.number() && state.order_status == OrderStatus::PendingNew.number()
            {
                seen.pending += 1;
            }
            if state.exec_type == ExecType::Triggered.number() {
                *seen.triggered.entry(state.order_type).or_default() += 1;
            }
        }
        if number % 64 == 0 {
            engine.assert_consistent();
            compare_books(&engine, &reference);
            compare_margins(&engine, &reference);
            let moved: Vec<_> = engine.pots().iter().map(|pot| (pot.currency_id, pot.owed())).collect();
            for (currency, moved) in moved {
                assert_eq!(reference.state.money(currency), moved, "the reference conserves cash");
            }
        }
    }
    seen.restarts += restarts.count;
    seen.trades.push(trades);
}

#[test]
fn a_million_random_commands_agree_with_the_reference() {
    let seed = seed("differential");
    let chunks: u64 = std::env::var("FULLTAPE_CHUNKS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(250);
    let progress = std::env::var("FULLTAPE_PROGRESS").is_ok_and(|text| text == "1");
    let mut seen = Seen::default();
    std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|half| {
                scope.spawn(move || {
                    let mut seen = Seen::default();
                    for index in (half..chunks).step_by(2) {
                        let seed = seed.wrapping_add(index);
                        if catch_unwind(AssertUnwindSafe(|| chunk(seed, &mut seen))).is_err() {
                            println!("disagrees: FULLTAPE_SEED={seed} FULLTAPE_CHUNKS=1");
                            seen.failures.push(seed);
                        } else if progress {
                            println!("agrees: {seed}");
                        }
                        if seen.failures.len() >= FAILURES_MAX {
                            break;
                        }
                    }
                    seen
                })
            })
            .collect();
        for half in halves {
            let half = half.join().expect("failures are caught");
            seen.failures.extend(half.failures);
            seen.restarts += half.restarts;
            seen.trades.extend(half.trades);
            seen.pending += half.pending;
            for (key, count) in half.trips {
                *seen.trips.entry(key).or_default() += count;
            }
            for (key, count) in half.answers {
                *seen.answers.entry(key).or_default() += count;
            }
            for (key, count) in half.phases {
                *seen.phases.entry(key).or_default() += count;
            }
            seen.auctioned += half.auctioned;
            for (key, count) in half.whole {
                *seen.whole.entry(key).or_default() += count;
            }
            for (key, count) in half.triggered {
                *seen.triggered.entry(key).or_default() += count;
            }
            for (key, count) in half.pegged {
                *seen.pegged.entry(key).or_default() += count;
            }
            for (key, count) in half.states {
                *seen.states.entry(key).or_default() += count;
            }
        }
    });
    assert!(seen.failures.is_empty(), "disagreements, by seed: {:?}", seen.failures);
    seen.trades.sort_unstable();
    let accepted = |kind: u16| -> (u64, u64) {
        let of_kind = seen.answers.iter().filter(|(key, _)| key.0 == kind);
        of_kind.fold((0, 0), |(taken, all), (key, count)| {
            (taken + u64::from(key.1 == 0) * count, all + count)
        })
    };
    println!(
        "accepted: orders {:?}, cancels {:?}, amends {:?}; trades of a run: {} to {}, half of them {} or more",
        accepted(1),
        accepted(2),
        accepted(3),
        seen.trades[0],
        seen.trades[seen.trades.len() - 1],
        seen.trades[seen.trades.len() / 2]
    );
    let total: u64 = seen.answers.values().sum();
    if chunks < SOME {
        return println!("{total} commands agree; too few to have met every rule");
    }
    assert!(total >= chunks * 4_000, "only {total} commands");
    // A flow that never reaches a rule proves nothing about it; a run that was asked to be short may miss the rare ones.
    let short = chunks < 250;
    for code in [
        ErrorCode::UnknownAccount,
        ErrorCode::UnknownInstrumentId,
        ErrorCode::UnsupportedOrderType,
        ErrorCode::GlobalHalt,
        ErrorCode::AccountHalted,
        ErrorCode::InstrumentHalted,
        ErrorCode::ReduceOnly,
        ErrorCode::QuantityNotPositive,
        ErrorCode::PriceNotPositive,
        ErrorCode::PriceNotAllowed,
        ErrorCode::PriceOffTickTable,
        ErrorCode::MaxOrderQuantity,
        ErrorCode::NotionalOverflow,
        ErrorCode::MinNotional,
        ErrorCode::PriceOutsideCollar,
        ErrorCode::PostOnlyWouldTrade,
        ErrorCode::NoLiquidity,
        ErrorCode::NoReferencePrice,
        ErrorCode::FillOrKillUnfillable,
        ErrorCode::MinimumQuantityUnfillable,
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
        ErrorCode::InstrumentExists,
        ErrorCode::InvalidInstrumentTerms,
        ErrorCode::AccountExists,
        ErrorCode::TimeJump,
        ErrorCode::InvalidArgument,
        ErrorCode::ComplianceRestricted,
        ErrorCode::ShortSaleNotPermitted,
        ErrorCode::InsufficientAllotment,
        ErrorCode::TransferMismatch,
        ErrorCode::TableFull,
        ErrorCode::InstrumentExpired,
        ErrorCode::InstrumentNotExpired,
        ErrorCode::MarginAccountRequired,
        ErrorCode::MarketClosed,
        ErrorCode::InvalidSessionChange,
        ErrorCode::InsufficientMargin,
        ErrorCode::MaxOrderNotional,
        ErrorCode::MaxOpenOrders,
        ErrorCode::PositionLimit,
        ErrorCode::GrossExposureLimit,
        ErrorCode::NetExposureLimit,
        ErrorCode::OrderRateLimit,
        ErrorCode::DailyLossLimit,
        ErrorCode::FatFinger,
        ErrorCode::StaleReferencePrice,
        ErrorCode::ListInvalid,
        ErrorCode::ListClosed,
    ] {
        let count: u64 = seen
            .answers
            .iter()
            .filter(|(key, _)| key.1 == code.number())
            .map(|(_, count)| count)
            .sum();
        println!("{:>30} {count}", code.code());
        assert!(short || count > 0, "the flow never met {}", code.code());
    }
    for kind in (1..=11).chain([12, 18, 13, 15, 16, 17]) {
        assert!(
            seen.answers
                .get(&(kind, 0))
                .is_some_and(|count| *count > 100 * chunks / 250),
            "kind {kind} is hardly ever accepted"
        );
    }
    let sessions = seen.answers.get(&(SetSession::KIND, 0)).copied().unwrap_or(0);
    assert!(short || sessions > 100, "hardly any session is accepted");
    for (exec_type, reason) in [
        (ExecType::New, CancelReason::None),
        (ExecType::Replaced, CancelReason::None),
        (ExecType::Expired, CancelReason::Expired),
        (ExecType::Canceled, CancelReason::Requested),
        (ExecType::Canceled, CancelReason::InstrumentExpired),
        (ExecType::Canceled, CancelReason::Operator),
        (ExecType::Canceled, CancelReason::ImmediateRemainder),
        (ExecType::Canceled, CancelReason::SelfTradePrevention),
        (ExecType::Triggered, CancelReason::None),
        (ExecType::Restated, CancelReason::Refreshed),
        (ExecType::Restated, CancelReason::ReducedPosition),
        (ExecType::Canceled, CancelReason::ReducedPosition),
        (ExecType::New, CancelReason::Repriced),
        (ExecType::Restated, CancelReason::Repriced),
        (ExecType::Replaced, CancelReason::Repriced),
        (ExecType::Canceled, CancelReason::TradingHalted),
        (ExecType::Canceled, CancelReason::NoLiquidity),
        (ExecType::Canceled, CancelReason::FillOrKillUnfillable),
        (ExecType::Canceled, CancelReason::MinimumQuantityUnfillable),
        (ExecType::Canceled, CancelReason::PriceBand),
        (ExecType::Canceled, CancelReason::Risk),
        (ExecType::Canceled, CancelReason::SessionLost),
        (ExecType::Restated, CancelReason::SelfTradePrevention),
        (ExecType::Canceled, CancelReason::AuctionRemainder),
        (ExecType::Canceled, CancelReason::MarketClosed),
        (ExecType::Restated, CancelReason::ListSibling),
        (ExecType::Canceled, CancelReason::ListSibling),
        (ExecType::Restated, CancelReason::ListSized),
        (ExecType::New, CancelReason::ListSized),
        (ExecType::Canceled, CancelReason::ListRejected),
    ] {
        let count = seen
            .states
            .get(&(exec_type.number(), reason.number()))
            .copied()
            .unwrap_or(0);
        println!("{exec_type:?} by {reason:?}: {count}");
        assert!(short || count > 0, "no order was {exec_type:?} by {reason:?}");
    }
    for (exec_type, reason, priced) in [
        (ExecType::New, CancelReason::None, true),
        (ExecType::Replaced, CancelReason::None, true),
        (ExecType::Restated, CancelReason::Repriced, true),
        (ExecType::Restated, CancelReason::Repriced, false),
        (ExecType::Canceled, CancelReason::Requested, false),
        (ExecType::Canceled, CancelReason::SelfTradePrevention, true),
        (ExecType::Expired, CancelReason::Expired, true),
        (ExecType::Expired, CancelReason::Expired, false),
    ] {
        let key = (exec_type.number(), reason.number(), priced);
        let count = seen.pegged.get(&key).copied().unwrap_or(0);
        println!("pegged, {exec_type:?} by {reason:?}, with a price {priced}: {count}");
        assert!(short || count > 0, "no peg was {exec_type:?} by {reason:?}");
    }
    println!(
        "reports by phase: {:?}, auction trades: {}",
        seen.phases, seen.auctioned
    );
    assert_eq!(seen.phases.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert!(seen.auctioned > chunks, "hardly anything trades in auctions");
    println!("trips by reason: {:?}", seen.trips);
    assert!(short || seen.trips.len() == 3, "a kind of circuit breaker never trips");
    println!("all-or-none orders: {:?}", seen.whole);
    for met in [
        "filled by an incoming order",
        "met another one",
        "took what came",
        "gave way whole",
        "ended rather than trade with its own",
        "amended",
        "expired",
        "triggered and rested",
    ] {
        assert!(short || seen.whole.contains_key(met), "no all-or-none order: {met}");
    }
    println!("amends of legs that had not entered: {}", seen.pending);
    assert!(
        seen.pending > chunks,
        "legs that have not entered are hardly ever amended"
    );
    println!("triggered by type: {:?}", seen.triggered);
    // Market and limit orders (1, 2) join an auction that they waited for.
    for order_type in [1, 2, 3, 4, 6, 7, 8, 9] {
        let rare = short && order_type == 1;
        assert!(
            rare || seen.triggered.contains_key(&order_type),
            "type {order_type} never triggered"
        );
    }
    println!(
        "{total} commands agree, {} engines restored from snapshots",
        seen.restarts
    );
    assert!(seen.restarts >= chunks, "only {} restarts", seen.restarts);
}
