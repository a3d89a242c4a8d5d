//! What the reference engine knows: plain ordered maps and one vector of open orders. Everything that the real engine
//! keeps as a running sum (reservations, level quantities, best prices) is summed up anew from the orders each time.

use std::collections::{BTreeMap, BTreeSet};

use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, OrderStatus, Side, account_permission, order_instruction};
use fulltape_tape::layout::{AnswerRecord, DefineAccount, DefineInstrument, RiskLimits, RiskRates};

use super::trips::Trip;

use super::derivatives::Contract;
use super::tick_tables::{Bands, rounded};

/// Where an open order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In the book.
    Resting,
    /// Before its trigger.
    Waiting,
    /// Outside the book until its auction begins.
    Called,
    /// Triggered, and its turn has not come.
    Firing,
    /// Before its list lets it in.
    Pending,
    /// Beside the book: all of it trades, or nothing.
    Aside,
    /// Pegged to a price that there is not.
    Parked,
}

/// Account and list id.
pub type ListKey = (u32, u64);

/// Which leg of which list an order is.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// The list.
    pub list: ListKey,
    /// Index in it.
    pub index: usize,
}

/// How far a list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStage {
    /// Legs are missing.
    Gathering,
    /// The last leg was refused.
    Rejected,
    /// All legs came.
    Active,
    /// Over, and known until then.
    Ended(u64),
}

/// One list.
#[derive(Clone, Debug)]
pub struct List {
    /// Instrument.
    pub instrument: u32,
    /// Wire number of the contingency.
    pub contingency: u8,
    /// Role of the second leg.
    pub second_role: u8,
    /// How far it has come.
    pub stage: ListStage,
    /// Order ids of the legs that came.
    pub orders: Vec<u64>,
    /// Quantity of the parent at first.
    pub parent: i128,
    /// Quantity of each child at first.
    pub child: i128,
    /// Lots given to each child.
    pub granted: i128,
    /// Lots that the parent filled.
    pub filled: i128,
    /// Its child ended before the parent.
    pub forsaken: bool,
}

/// One open order.
#[derive(Clone, Debug)]
pub struct Order {
    /// Where it is.
    pub stage: Stage,
    /// Its list.
    pub leg: Option<Leg>,
    /// Lots that must trade at once.
    pub minimum: i128,
    /// Largest visible part; 0 = all.
    pub display: i128,
    /// Visible part of an iceberg now.
    pub slice: i128,
    /// Distance of a trailing trigger, whether in basis points, and ticks from there to the limit.
    pub trail: Option<(i128, bool, i128)>,
    /// Peg kind (0 = none), offset and cap (0 = none).
    pub peg: (u8, i128, i128),
    /// Trigger source (0 = none) and price.
    pub trigger: (u8, i128),
    /// Command number of the placing.
    pub id: u64,
    /// Command number that gave it its place in the queue.
    pub priority: u64,
    /// Account.
    pub account: u32,
    /// Instrument.
    pub instrument: u32,
    /// Session.
    pub session: u32,
    /// Side.
    pub side: Side,
    /// Limit.
    pub price: i128,
    /// Total.
    pub quantity: i128,
    /// Filled.
    pub filled: i128,
    /// Type, time in force, instructions as sent.
    pub shape: (u8, u8, u16),
    /// Self-trade prevention.
    pub prevention: u8,
    /// Expiry of a day order or of a dated one.
    pub expires: Option<u64>,
    /// Exact fees owed so far in millionths of a unit.
    pub owed_ppm: i128,
    /// Fees paid so far.
    pub paid: i128,
}

impl Order {
    /// Pending, new or partially filled.
    pub fn open_status(&self) -> OrderStatus {
        if self.stage == Stage::Pending {
            OrderStatus::PendingNew
        } else if self.filled == 0 {
            OrderStatus::New
        } else {
            OrderStatus::PartiallyFilled
        }
    }

    /// May only shrink a position.
    pub fn reduces(&self) -> bool {
        self.shape.2 & order_instruction::REDUCE_ONLY != 0
    }

    /// Trades whole or not at all, for as long as it takes.
    pub fn all_or_none(&self) -> bool {
        self.shape.2 & order_instruction::ALL_OR_NONE != 0 && !self.at_market() && ![3, 4].contains(&self.shape.1)
    }

    /// Nobody sees it.
    pub fn hidden(&self) -> bool {
        self.shape.2 & order_instruction::HIDDEN != 0
    }

    /// Lots that others see.
    pub fn shown(&self) -> i128 {
        if self.hidden() { 0 } else { self.turn() }
    }

    /// Lots that trade before the order goes to the end of its queue.
    pub fn turn(&self) -> i128 {
        if self.display == 0 { self.leaves() } else { self.slice }
    }

    /// Shows the next part.
    pub fn show(&mut self) {
        self.slice = self.display.min(self.leaves());
    }

    /// Trades at the market, once it does.
    pub fn at_market(&self) -> bool {
        [1, 3, 6, 8].contains(&self.shape.0) || (self.shape.0 == 5 && self.price == 0)
    }

    /// Price that it is held at.
    pub fn valued(&self) -> i128 {
        if self.at_market() {
            self.trigger.1
        } else if self.side == Side::Buy && self.peg.2 > 0 {
            self.peg.2
        } else {
            self.price
        }
    }

    /// Open quantity.
    pub fn leaves(&self) -> i128 {
        self.quantity - self.filled
    }
}

/// One account.
#[derive(Clone, Debug)]
pub struct Account {
    /// As defined.
    pub terms: DefineAccount,
    /// Trading state.
    pub state: u8,
    /// Why.
    pub reason: u16,
}

impl Account {
    /// No checks, no reservations.
    pub fn unlimited(&self) -> bool {
        self.terms.account_kind == AccountKind::Replay.number()
            || self.terms.permissions & account_permission::UNLIMITED != 0
    }

    /// Margin takes the place of buying power.
    pub fn on_margin(&self) -> bool {
        self.terms.account_kind == AccountKind::Margin.number() && !self.unlimited()
    }

    /// May go short.
    pub fn short(&self) -> bool {
        self.unlimited() || self.terms.permissions & account_permission::SHORT_SALE != 0
    }

    /// Pays fees.
    pub fn pays(&self) -> bool {
        self.terms.fee_schedule == 0 && self.terms.permissions & account_permission::FEES_OFF == 0
    }
}

/// One instrument.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// As defined.
    pub terms: DefineInstrument,
    /// Tick table.
    pub bands: Bands,
    /// Terms of a derivative, margin rates.
    pub contract: Contract,
    /// An order or a position was taken in it.
    pub used: bool,
    /// Its expiry has run.
    pub expired: bool,
    /// Price of its settlement after the expiry.
    pub settled: Option<i128>,
    /// Symbol words.
    pub symbol: [u64; 6],
    /// Trading state.
    pub state: u8,
    /// Phase of the trading day.
    pub phase: u8,
    /// When the phase ends by itself; 0 = never.
    pub until: u64,
    /// Phases to come.
    pub plan: Vec<(u64, u8)>,
    /// Lowest and highest price of the call that is under way.
    pub band: Option<(i128, i128)>,
    /// Indicative price, lots and imbalance as reported last.
    pub shown: (i64, i64, i64),
    /// Why.
    pub reason: u16,
    /// Reference price.
    pub reference: i64,
    /// When its source had it.
    pub reference_time: u64,
    /// Price of the last trade.
    pub last: i128,
    /// Mark price.
    pub mark: i64,
    /// Level reports so far.
    pub sequence: u64,
}

impl Instrument {
    /// Calendar that it follows; 0 = none.
    pub fn calendar(&self) -> u32 {
        (self.symbol[1] >> 32) as u32
    }
}

/// One position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Lots.
    pub lots: i128,
    /// Cost.
    pub cost: i128,
    /// Realised.
    pub realized: i128,
}

/// Limits of one scope.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Version.
    pub version: u32,
    /// As set, the head zero.
    pub limits: RiskLimits,
    /// As set, the head zero.
    pub rates: RiskRates,
    /// Tokens of 10^9 held, and when they were counted.
    pub tokens: (i128, u64),
}

/// What a client order id was used for.
#[derive(Clone, Debug)]
pub struct Memory {
    /// What the client chose.
    pub payload: Vec<Record>,
    /// What was reported.
    pub outcome: Record,
    /// What was answered.
    pub answer: AnswerRecord,
    /// When it is forgotten; `None` = its order is open.
    pub until: Option<u64>,
}

/// Level of a book: instrument, side number, price.
pub type LevelKey = (u32, u8, i128);

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Accounts.
    pub accounts: BTreeMap<u32, Account>,
    /// Group states.
    pub groups: BTreeMap<u32, (u8, u16)>,
    /// Global state.
    pub global: u8,
    /// Why the state of everything was set.
    pub global_reason: u16,
    /// Instruments.
    pub instruments: BTreeMap<u32, Instrument>,
    /// Open orders in order of placing.
    pub orders: Vec<Order>,
    /// Cash by account and currency.
    pub cash: BTreeMap<(u32, u16), i128>,
    /// Positions by account and instrument.
    pub positions: BTreeMap<(u32, u32), Position>,
    /// What positions of derivatives paid in and were paid, by currency.
    pub clearing: BTreeMap<u16, i128>,
    /// Fees by currency.
    pub fees: BTreeMap<u16, i128>,
    /// Restricted list by account (0 = all) and instrument: restriction, version.
    pub restrictions: BTreeMap<(u32, u32), (u8, u32)>,
    /// Deadlines by account and session.
    pub sessions: BTreeMap<(u32, u32), u64>,
    /// Content of each transfer: account, currency, leg, shard, amount.
    pub transfers: BTreeMap<u64, (u32, u16, u8, u16, i64)>,
    /// Risk limits by scope, target and instrument (0 = all).
    pub limits: BTreeMap<(u8, u32, u32), Limit>,
    /// Circuit breakers by rule, scope and target.
    pub trips: BTreeMap<(u8, u8, u32), Trip>,
    /// Profit up to which the day does not count, by account and instrument.
    pub day_profit: BTreeMap<(u32, u32), i128>,
    /// Client order ids.
    pub memory: BTreeMap<(u32, [u64; 5]), Memory>,
    /// Order lists.
    pub lists: BTreeMap<ListKey, List>,
    /// Every order ever placed.
    pub placed: BTreeSet<u64>,
    /// Commands so far.
    pub number: u64,
    /// Places in queues given so far.
    pub places: u64,
    /// Trades so far.
    pub trades: u64,
    /// Time.
    pub time: u64,
}

/// `numerator / denominator` towards positive infinity.
pub fn ceil(numerator: i128, denominator: i128) -> i128 {
    numerator.div_euclid(denominator) + i128::from(numerator.rem_euclid(denominator) != 0)
}

impl State {
    /// Whoever must not trade with itself: the group, or the account where there is none.
    pub fn owner(&self, account: u32) -> (bool, u32) {
        match self.accounts[&account].terms.group_id {
            0 => (false, account),
            group => (true, group),
        }
    }

    /// Price that a trigger looks at; 0 = there is none.
    pub fn watched(&self, order: &Order) -> i128 {
        let instrument = &self.instruments[&order.instrument];
        let buys = order.side == Side::Buy;
        match order.trigger.0 {
            1 => instrument.last,
            2 if instrument.phase != 4 => 0,
            2 => {
                let other = if buys { Side::Sell } else { Side::Buy };
                let seen = self.queue(order.instrument, other);
                seen.iter().find(|best| best.shown() > 0).map_or(0, |best| best.price)
            }
            _ => i128::from(instrument.mark),
        }
    }

    /// Trigger and limit of a trailing order at a price.
    pub fn trailed(&self, order: &Order, price: i128) -> (i128, i128) {
        let (offset, basis_points, to_limit) = order.trail.expect("it trails");
        let away = if basis_points {
            (price * offset / 10_000).max(1)
        } else {
            offset
        };
        let sign = if order.side == Side::Buy { 1 } else { -1 };
        let bands = &self.instruments[&order.instrument].bands;
        let buys = order.side == Side::Buy;
        let stop = rounded(bands, buys, price + sign * away);
        (stop, rounded(bands, !buys, stop + sign * to_limit))
    }

    /// A waiting order of an instrument that is not halted and trades continuously.
    pub fn watches(&self, order: &Order) -> bool {
        let instrument = &self.instruments[&order.instrument];
        order.stage == Stage::Waiting && self.global != 3 && instrument.state != 3 && instrument.phase == 4
    }

    /// Whether a waiting order's condition holds.
    pub fn due(&self, order: &Order) -> bool {
        if !self.watches(order) {
            return false;
        }
        let price = self.watched(order);
        let buys = order.side == Side::Buy;
        let touched = order.shape.0 >= 8;
        price > 0
            && if buys != touched {
                price >= order.trigger.1
            } else {
                price <= order.trigger.1
            }
    }

    /// Money held by one order.
    pub fn held_by(&self, order: &Order) -> i128 {
        let account = &self.accounts[&order.account];
        let terms = &self.instruments[&order.instrument].terms;
        let fee_alone = self.instruments[&order.instrument].contract.is_future() || account.on_margin();
        if (order.side == Side::Sell && !fee_alone) || account.unlimited() {
            return 0;
        }
        let worst = if account.pays() {
            terms.maker_fee_ppm.max(terms.taker_fee_ppm).max(0)
        } else {
            0
        };
        let price = order.valued();
        let value = price * order.leaves() * i128::from(terms.units_per_tick_lot);
        // Nothing bounds a sell whose trigger trails upwards but the largest notional there is.
        let value = if fee_alone { value.min(1 << 62) } else { value };
        let fees = ceil(order.owed_ppm + value * i128::from(worst), 1_000_000) - order.paid;
        if fee_alone { fees.max(0) } else { value + fees.max(0) }
    }

    /// Money held by all orders of an account in a currency.
    pub fn reserved(&self, account: u32, currency: u16) -> i128 {
        let of = |order: &&Order| {
            order.account == account && self.instruments[&order.instrument].terms.currency_id == currency
        };
        self.orders.iter().filter(of).map(|order| self.held_for(order)).sum()
    }

    /// Place of the open leg that shares its lots with an order.
    pub fn sibling(&self, order: &Order) -> Option<usize> {
        let leg = order.leg?;
        let list = &self.lists[&leg.list];
        let other = match (list.contingency, leg.index) {
            (1, index) => 1 - index,
            (3, 1) => 2,
            (3, 2) => 1,
            _ => return None,
        };
        let id = *list.orders.get(other)?;
        self.orders.iter().position(|order| order.id == id)
    }

    /// Of two active siblings the older counts for both.
    pub fn counts(&self, order: &Order) -> bool {
        let older = self.sibling(order).is_some_and(|at| {
            let sibling = &self.orders[at];
            sibling.stage != Stage::Pending && sibling.id < order.id
        });
        order.stage != Stage::Pending && !older
    }

    /// Money held by an order that counts, for its sibling too.
    fn held_for(&self, order: &Order) -> i128 {
        if !self.counts(order) {
            return 0;
        }
        let sibling = self.sibling(order).map(|at| &self.orders[at]);
        let sibling = sibling.filter(|sibling| sibling.stage != Stage::Pending);
        self.held_by(order)
            .max(sibling.map_or(0, |sibling| self.held_by(sibling)))
    }

    /// Open orders but one and its sibling.
    pub fn others<'a>(&'a self, order: &Order) -> impl Iterator<Item = &'a Order> {
        let (id, sibling) = (order.id, self.sibling(order).map(|at| self.orders[at].id));
        let others = self.orders.iter();
        others.filter(move |other| other.id != id && Some(other.id) != sibling)
    }

    /// Money of its currency held by all orders of its account but itself and its sibling.
    pub fn reserved_by_others(&self, order: &Order) -> i128 {
        let currency = |order: &Order| self.instruments[&order.instrument].terms.currency_id;
        self.others(order)
            .filter(|other| other.account == order.account && currency(other) == currency(order))
            .map(|other| self.held_for(other))
            .sum()
    }

    /// Leaves of all open orders of its side but itself and its sibling.
    pub fn open_by_others(&self, order: &Order) -> i128 {
        let key = |order: &Order| (order.account, order.instrument, order.side);
        self.others(order)
            .filter(|other| key(other) == key(order) && self.counts(other))
            .map(Order::leaves)
            .sum()
    }

    /// Leaves of all open orders of one side.
    pub fn open(&self, account: u32, instrument: u32, side: Side) -> i128 {
        let of = |order: &&Order| order.account == account && order.instrument == instrument && order.side == side;
        let counted = |order: &&Order| self.counts(order);
        self.orders.iter().filter(of).filter(counted).map(Order::leaves).sum()
    }

    /// Lots held by sell orders, as reports show them.
    pub fn reserved_lots(&self, account: u32, instrument: u32) -> i128 {
        if self.accounts[&account].unlimited() {
            0
        } else {
            self.open(account, instrument, Side::Sell)
        }
    }

    /// Orders of one side, best first.
    pub fn queue(&self, instrument: u32, side: Side) -> Vec<&Order> {
        let mut queue: Vec<_> = self
            .orders
            .iter()
            .filter(|order| order.instrument == instrument && order.side == side && order.stage == Stage::Resting)
            .collect();
        queue.sort_by_key(|order| {
            (
                if side == Side::Buy { -order.price } else { order.price },
                order.priority,
            )
        });
        queue
    }

    /// Visible quantity and orders of a level.
    pub fn level(&self, key: LevelKey) -> (i128, u32) {
        let of = |order: &&Order| {
            order.instrument == key.0
                && order.side.number() == key.1
                && order.price == key.2
                && order.stage == Stage::Resting
        };
        let shown: Vec<_> = self
            .orders
            .iter()
            .filter(of)
            .map(Order::shown)
            .filter(|lots| *lots > 0)
            .collect();
        (shown.iter().sum(), shown.len() as u32)
    }

    /// Everything that rests at a level, seen or not.
    pub fn level_total(&self, key: LevelKey) -> i128 {
        let side = if key.1 == Side::Buy.number() {
            Side::Buy
        } else {
            Side::Sell
        };
        let at = |order: &&&Order| order.price == key.2;
        self.queue(key.0, side)
            .iter()
            .filter(at)
            .map(|order| order.leaves())
            .sum()
    }

    /// Sum of all cash and fees of a currency.
    pub fn money(&self, currency: u16) -> i128 {
        let cash: i128 = self
            .cash
            .iter()
            .filter(|(key, _)| key.1 == currency)
            .map(|(_, total)| total)
            .sum();
        let clearing = self.clearing.get(&currency).copied().unwrap_or(0);
        cash + clearing + self.fees.get(&currency).copied().unwrap_or(0)
    }
}
