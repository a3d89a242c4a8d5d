//! Reading the engine: books, orders, balances, positions. Nothing here changes state or is on the hot path.

use fulltape_tape::codes::{Side, TradingPhase};

use crate::all_or_none::is_all_or_none;
use crate::config::RiskMode;
use crate::engine::Engine;
use crate::ledger::{Balance, Position, Pot};
use crate::orders::{NONE, Order};
use crate::trading_days::is_call;

/// One price level as a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelView {
    /// Price in ticks.
    pub price_ticks: i64,
    /// Visible lots.
    pub quantity_lots: i64,
    /// Visible orders.
    pub orders: u32,
}

/// One open order as a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderView {
    /// Command number of the placing.
    pub order_id: u64,
    /// Account.
    pub account_id: u32,
    /// Instrument.
    pub instrument_id: u32,
    /// Side.
    pub side: Side,
    /// Limit in ticks.
    pub price_ticks: i64,
    /// Total quantity in lots.
    pub quantity_lots: i64,
    /// Open quantity in lots.
    pub leaves_lots: i64,
    /// Lots that others see.
    pub shown_lots: i64,
    /// Trigger in ticks that it waits for; 0 when it waits for none.
    pub stop_price_ticks: i64,
}

impl Engine {
    /// Visible levels of one side, best first (L2); the first is L1. In a call the book may be crossed, and market orders, which
    /// trade first, stand at price 0 and so behind the others. Empty for an unknown instrument. O(levels taken).
    pub fn levels(&self, instrument_id: u32, side: Side) -> impl Iterator<Item = LevelView> + '_ {
        self.all_levels(instrument_id, side).filter(|level| level.orders > 0)
    }

    /// All orders of one side in order of priority, hidden ones and hidden parts included (the venue's own L3).
    pub fn resting(&self, instrument_id: u32, side: Side) -> impl Iterator<Item = OrderView> + '_ {
        self.all_levels(instrument_id, side)
            .flat_map(move |level| self.queue(instrument_id, side, level.price_ticks))
    }

    /// Resting all-or-none orders of one side in order of priority. They stand beside the book and are in no level.
    pub fn all_or_none(&self, instrument_id: u32, side: Side) -> impl Iterator<Item = OrderView> + '_ {
        let instrument = self.instruments.find(instrument_id);
        let orders = instrument.map(|index| self.aside_orders(index, side));
        orders
            .into_iter()
            .flatten()
            .map(|index| self.order_view(self.orders.get(index)))
    }

    fn all_levels(&self, instrument_id: u32, side: Side) -> impl Iterator<Item = LevelView> + '_ {
        let instrument = self
            .instruments
            .find(instrument_id)
            .map(|index| self.instruments.get(index));
        let first = instrument.and_then(|instrument| instrument.book.best(side));
        core::iter::successors(first, move |index| {
            instrument.and_then(|instrument| instrument.book.after(side, self.levels.get(*index).price_ticks))
        })
        .map(|index| {
            let level = self.levels.get(index);
            LevelView {
                price_ticks: level.price_ticks,
                quantity_lots: level.quantity_lots,
                orders: level.count,
            }
        })
    }

    /// Orders resting at one price, oldest first (L3).
    pub fn queue(&self, instrument_id: u32, side: Side, price_ticks: i64) -> impl Iterator<Item = OrderView> + '_ {
        let instrument = self.instruments.find(instrument_id);
        instrument
            .into_iter()
            .flat_map(move |index| self.queued(index, side, price_ticks))
            .map(|index| self.order_view(self.orders.get(index)))
    }

    fn queued(&self, instrument: u32, side: Side, price_ticks: i64) -> impl Iterator<Item = u32> + '_ {
        let level = self.instruments.get(instrument).book.level(side, price_ticks);
        let head = level.map(|level| self.levels.get(level).head);
        core::iter::successors(head, |index| {
            Some(self.orders.get(*index).next).filter(|next| *next != NONE)
        })
    }

    /// Phase of the trading day of an instrument.
    #[must_use]
    pub fn phase(&self, instrument_id: u32) -> Option<TradingPhase> {
        let index = self.instruments.find(instrument_id)?;
        Some(self.instruments.get(index).phase)
    }

    /// Whether an instrument is defined.
    #[must_use]
    pub fn has_instrument(&self, instrument_id: u32) -> bool {
        self.instruments.find(instrument_id).is_some()
    }

    /// An open order.
    #[must_use]
    pub fn order(&self, order_id: u64) -> Option<OrderView> {
        self.orders
            .find(order_id)
            .map(|index| self.order_view(self.orders.get(index)))
    }

    fn order_view(&self, order: &Order) -> OrderView {
        let (account_id, instrument_id) = self.ids(order.account, order.instrument);
        OrderView {
            order_id: order.id,
            account_id,
            instrument_id,
            side: order.side,
            price_ticks: order.price_ticks,
            quantity_lots: order.quantity_lots,
            leaves_lots: order.leaves_lots,
            shown_lots: self.orders.shown(order),
            stop_price_ticks: self.orders.awaited_ticks(order),
        }
    }

    /// Cash of an account in a currency.
    #[must_use]
    pub fn balance(&self, account_id: u32, currency_id: u16) -> Option<Balance> {
        let account = self.accounts.find(account_id)?;
        self.ledger
            .find_balance(account, currency_id)
            .map(|index| *self.ledger.balance(index))
    }

    /// Holding of an account in an instrument.
    #[must_use]
    pub fn position(&self, account_id: u32, instrument_id: u32) -> Option<Position> {
        let account = self.accounts.find(account_id)?;
        let instrument = self.instruments.find(instrument_id)?;
        self.ledger
            .find_position(account, instrument)
            .map(|index| *self.ledger.position(index))
    }

    /// Fees and cash movements by currency.
    #[must_use]
    pub fn pots(&self) -> &[Pot] {
        self.ledger.pots()
    }

    /// Every position that was not settled stands once among those of its account, underlying by underlying.
    fn assert_linked(&self) {
        let mut linked = 0;
        for account in 0..self.accounts.len() as u32 {
            let key = |position: &Position| (self.instruments.root(position.instrument), position.instrument);
            let of_account: Vec<_> = self.ledger.positions_of(account).collect();
            let own = of_account
                .iter()
                .all(|position| position.account_id == self.accounts.get(account).id);
            let ordered = of_account.windows(2).all(|pair| key(pair[0]) < key(pair[1]));
            assert!(own && ordered, "Invariant: an account's positions stand together");
            linked += of_account.len();
        }
        let settled = |position: &&Position| self.instruments.extra(position.instrument).settled_ticks == 0;
        assert!(
            linked == self.ledger.positions().iter().filter(settled).count(),
            "Invariant: every position belongs to its account"
        );
    }

    /// Recomputes what a derivative's positions cost, who derives from it and when it expires.
    fn assert_derivative(&self, index: u32) {
        let extra = self.instruments.extra(index);
        let terms = &self.instruments.get(index).terms;
        let all = 0..self.instruments.iter().count() as u32;
        let derived = all.filter(|other| *other != index && self.instruments.root(*other) == index);
        assert!(
            derived.count() == extra.derivatives as usize,
            "Invariant: who derives from an instrument is counted"
        );
        let open = |position: &&Position| position.instrument == index;
        if terms.features & crate::instruments::feature::FUTURE != 0 {
            let positions = self.ledger.positions().iter().filter(open);
            let cost: i128 = positions.map(|position| position.basis.cost_units).sum();
            assert!(
                cost == extra.clearing.cost && cost + extra.clearing.cash == extra.clearing.moved,
                "Invariant: what positions of a future gained has been lost by others"
            );
        }
        if extra.expired {
            assert!(
                self.instruments.get(index).open_orders == 0,
                "Invariant: nothing is open in what has expired"
            );
        }
        if extra.settled_ticks != 0 {
            let mut positions = self.ledger.positions().iter().filter(open);
            assert!(
                positions.all(|position| position.quantity_lots == 0 && position.basis.cost_units == 0),
                "Invariant: nothing is held of what was settled"
            );
        }
        let expiry = extra.terms.contract.expiry_nanos;
        assert!(
            expiry == 0
                || extra.expired == (expiry <= self.time_nanos)
                    && (extra.expired || self.instruments.next_expiry <= expiry),
            "Invariant: expiries run when they are due"
        );
    }

    /// Recomputes every running sum from its parts. For tests: O(everything).
    ///
    /// # Panics
    /// When cash, lots, reservations or level sums do not add up, or a book is crossed.
    pub fn assert_consistent(&self) {
        for pot in self.ledger.pots() {
            let of_currency = |balance: &&Balance| balance.currency_id == pot.currency_id;
            let held: i128 = self
                .ledger
                .balances()
                .iter()
                .filter(of_currency)
                .map(|balance| balance.total)
                .sum();
            assert!(
                held == pot.held && held + pot.fees + pot.clearing == pot.owed(),
                "Invariant: cash adds up"
            );
            let of_currency = |instrument: &(usize, &crate::instruments::Instrument)| {
                instrument.1.terms.currency_id == pot.currency_id
            };
            let instruments = self.instruments.iter().enumerate().filter(of_currency);
            let clearing: i128 = instruments
                .map(|(index, _)| self.instruments.extra(index as u32).clearing.cash)
                .sum();
            assert!(clearing == pot.clearing, "Invariant: clearing sums add up");
        }
        let mut aside = 0;
        let mut reserved = vec![0_i128; self.ledger.balances().len()];
        let mut open = vec![[0_i128; 2]; self.ledger.positions().len()];
        for index in self.orders.open_slots() {
            let order = self.orders.get(index);
            assert!(
                order.leaves_lots > 0 && order.leaves_lots <= order.quantity_lots,
                "Invariant: leaves are open"
            );
            if order.position == NONE {
                assert!(
                    self.config.risk == RiskMode::Off && order.reserved_units == 0,
                    "Invariant: only without risk does an order have no position"
                );
            } else {
                reserved[order.balance as usize] += i128::from(order.reserved_units);
                if self.counts_open(order) {
                    open[order.position as usize][crate::orders::side_index(order.side)] +=
                        i128::from(order.leaves_lots);
                }
            }
            self.assert_leg(order);
            if self.is_pending(order) {
                assert!(order.level == NONE, "Invariant: a pending leg is in no book");
                continue;
            }
            if order.level == NONE {
                let special = self.orders.specials.get(order.special);
                assert!(
                    special.auction_position != NONE
                        || (special.waiting && special.position != NONE)
                        || self.is_parked(order),
                    "Invariant: an open order rests or waits"
                );
                continue;
            }
            // What a pair of siblings holds is looked at with the list.
            if self.accounts.get(order.account).on_margin() && self.link(order).is_none() {
                assert!(
                    order.reserved_units == self.reservation(order, order.leaves_lots),
                    "Invariant: orders of margin accounts hold their highest fee"
                );
            }
            if is_all_or_none(order.instructions) {
                aside += 1;
                continue;
            }
            let level = self.levels.get(order.level);
            assert!(
                level.price_ticks == order.price_ticks,
                "Invariant: an order rests at its price"
            );
        }
        for (balance, reserved) in self.ledger.balances().iter().zip(reserved) {
            assert!(balance.reserved == reserved, "Invariant: reservations add up");
        }
        assert!(aside == self.aside.open, "Invariant: all-or-none orders are counted");
        self.assert_linked();
        let group_of = |id: u32| {
            self.accounts
                .find(id)
                .map_or(NONE, |account| self.accounts.get(account).group)
        };
        self.ledger.assert_desks(group_of);
        for index in 0..self.ledger.positions().len() as u32 {
            let over = self.excess(index, Side::Buy).max(self.excess(index, Side::Sell));
            assert!(
                over <= 0,
                "Invariant: reduce-only orders reach no further than the position"
            );
        }
        for (position, open) in self.ledger.positions().iter().zip(open) {
            let sums = [i128::from(position.open_buy_lots), i128::from(position.open_sell_lots)];
            assert!(sums == open, "Invariant: open lots add up");
        }
        for (index, instrument) in self.instruments.iter().enumerate() {
            self.assert_derivative(index as u32);
            self.assert_aside(index as u32);
            self.assert_pegs(index as u32);
            assert!(
                self.due_trigger(index as u32).is_none(),
                "Invariant: what is due has triggered"
            );
            let (bid, ask) = (
                self.all_levels(instrument.id, Side::Buy),
                self.all_levels(instrument.id, Side::Sell),
            );
            let (mut bid, mut ask) = (bid.peekable(), ask.peekable());
            let phase = instrument.phase;
            if let (Some(bid), Some(ask)) = (bid.peek(), ask.peek()) {
                assert!(
                    is_call(phase) || bid.price_ticks < ask.price_ticks,
                    "Invariant: a book is crossed in a call alone"
                );
            }
            let day = self.instruments.extra(index as u32).day;
            assert!(
                is_call(phase) || day.band == (0, 0),
                "Invariant: a call alone has a band"
            );
            assert!(
                self.indication(index as u32) == day.indication,
                "Invariant: the indicative price that was reported is the one of now"
            );
            for (side, levels) in [(Side::Buy, bid.collect::<Vec<_>>()), (Side::Sell, ask.collect())] {
                for level in levels {
                    let queue: Vec<_> = self.queue(instrument.id, side, level.price_ticks).collect();
                    self.assert_places(index as u32, side, level.price_ticks);
                    let shown = queue.iter().filter(|order| order.shown_lots > 0).count();
                    let sum: i64 = queue.iter().map(|order| order.shown_lots).sum();
                    let all: i64 = queue.iter().map(|order| order.leaves_lots).sum();
                    let hidden = self
                        .instruments
                        .get(index as u32)
                        .book
                        .level(side, level.price_ticks)
                        .map_or(0, |level| self.levels.get(level).hidden_lots);
                    assert!(
                        shown == level.orders as usize && sum == level.quantity_lots && all == sum + hidden,
                        "Invariant: a level is the sum of its orders"
                    );
                }
            }
        }
    }

    /// Whoever came to a price first stands first: a restored queue is made by these places. For tests.
    fn assert_places(&self, instrument: u32, side: Side, price_ticks: i64) {
        let queue = self.queued(instrument, side, price_ticks);
        let places: Vec<u64> = queue.map(|index| self.orders.get(index).priority).collect();
        assert!(
            places.is_sorted_by(|one, next| one < next),
            "Invariant: a queue stands in order of its places"
        );
    }
}
