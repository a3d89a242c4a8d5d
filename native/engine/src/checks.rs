//! Checks of an order before anything is written, in their documented order. Each answers a numbered refusal with the
//! value that was checked and the bound it broke. They are written `out.at_most(code, observed, limit)?`, so that who asks
//! why (`explain.rs`) is told of each one, passed or failed.

use fulltape_tape::codes::{ErrorCode, OrderType, Side, TradingState};

use crate::accounts::Account;
use crate::all_or_none::ASIDE_MAX;
use crate::book::SMALL_LOTS;
use crate::bounds::Bounds;
use crate::engine::{Engine, NOTIONAL_MAX};
use crate::explain::{Note, Relation};
use crate::fees;
use crate::instruments::{Instrument, feature};
use crate::order_rate::Counted;
use crate::orders::{opposite, side_index};
use crate::parts_per_million::part_of;
use crate::reports::{Out, Refusal, ReportSink, clamp};

/// So many lots, four times over, are inside the range of positions.
const ORDINARY_LOTS: u64 = (1 << 60) - 1;
/// Parts in which an iceberg may show itself: each is a trade of its own when it is swept.
const SLICES_MAX: i64 = 1_000;

/// An order as the checks see it: new, or as it would be after an amend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proposal {
    pub account: u32,
    pub instrument: u32,
    pub side: Side,
    pub order_type: OrderType,
    /// Limit in ticks; 0 for a market order.
    pub price_ticks: i64,
    /// Cap of a pegged buy: what it holds money for; 0 = its limit.
    pub cap_ticks: i64,
    /// Lots that are to be traded or to rest.
    pub leaves_lots: i64,
    /// Total quantity in lots: what the size limit applies to.
    pub quantity_lots: i64,
    /// The remainder may rest.
    pub rests: bool,
    /// It waits for its trigger price before it trades.
    pub waits: bool,
    /// It does not match now: it stands in the book of a call, or waits for its auction.
    pub collects: bool,
    /// It waits outside the book for its auction.
    pub later: bool,
    /// Trigger price in ticks of an order that waits; price at which a market buy that collects is held.
    pub stop_ticks: i64,
    /// Largest visible part in lots; 0 = all.
    pub display_lots: i64,
    pub post_only: bool,
    pub fill_or_kill: bool,
    /// It trades whole or not at all, and rests until it can.
    pub all_or_none: bool,
    /// It never trades when it comes in.
    pub passive: bool,
    /// It may only shrink a position.
    pub reduce_only: bool,
    /// Lots that must trade at once; 0 = any.
    pub minimum_lots: i64,
    /// Wire number of the `SelfTradePrevention`.
    pub self_trade_prevention: u8,
    /// The price is new and must lie inside the collar.
    pub collared: bool,
    /// Fee rounding carried over.
    pub fee_carry: i32,
    /// What the order that is amended holds now: price, leaves, money.
    pub held: Held,
}

impl Proposal {
    /// A copy for code that is called and not inlined. The original, whose address nobody has then, stays in registers, and what
    /// is known of it at compile time rules out what does not apply.
    #[inline(always)]
    pub(crate) const fn aside(&self) -> Self {
        *self
    }

    /// Price that an order is valued at before it trades: its limit, or the trigger price where it has none.
    #[inline(always)]
    pub(crate) fn bounded_at(&self) -> Option<i64> {
        match self.order_type {
            OrderType::Limit => Some(self.price_ticks.max(self.cap_ticks)),
            // A market sell that collects is bounded by what buys it.
            _ => (self.waits || (self.collects && self.stop_ticks != 0)).then_some(self.stop_ticks),
        }
    }

    /// What it is refused with where it asks for more at once than there is.
    pub(crate) const fn unfillable(&self) -> ErrorCode {
        if self.fill_or_kill {
            ErrorCode::FillOrKillUnfillable
        } else {
            ErrorCode::MinimumQuantityUnfillable
        }
    }
}

/// What an order holds before an amend; zeros for a new order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    pub price_ticks: i64,
    pub leaves_lots: i64,
    pub reserved_units: i64,
    pub slot: bool,
}

impl Engine {
    /// Every check of an order that is to enter matching, and the money to reserve when it rests whole.
    #[inline(never)]
    pub(crate) fn check_order<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let clear = !S::EXPLAINS && self.has_headroom(order);
        let bounds = self.bounds_for::<S>(order);
        self.check_order_inline(order, bounds, clear, out)
    }

    /// The same for a new order, which has taken its tokens where any limit applies to it.
    #[inline(always)]
    pub(crate) fn check_counted<S: ReportSink>(
        &self,
        order: &Proposal,
        counted: Option<Counted>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        match counted {
            Some(counted) if !S::EXPLAINS => {
                let bounds = self.risk.limits.unions.bounds_at(counted.at);
                self.check_order_inline(order, Some(bounds), counted.clear, out)
            }
            _ => self.check_order_inline(order, None, false, out),
        }
    }

    /// [`Engine::check_order`] for the path that is taken most: with the numbers that the order may pass by, where there are any, and
    /// `clear` when it certainly has headroom.
    #[inline(always)]
    pub(crate) fn check_order_inline<S: ReportSink>(
        &self,
        order: &Proposal,
        bounds: Option<&Bounds>,
        clear: bool,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let account = self.accounts.get(order.account);
        let limited = bounds.is_some() || self.is_limited(order.account, order.instrument);
        self.check_states(order, account, out)?;
        if self.instruments.get(order.instrument).rules != 0 {
            // No closures here: one that is not inlined takes the order's address.
            match bounds {
                Some(bounds) if self.is_unrestricted(order, bounds) => {}
                _ => self.check_restrictions(&order.aside(), out)?,
            }
        } else {
            out.passed(ErrorCode::ComplianceRestricted, Relation::Holds, 0, 0);
        }
        check_shape(order, out)?;
        self.check_limits(order, account, limited, bounds, out)?;
        if order.collects {
            if !order.later {
                self.check_band(&order.aside())?;
                out.passed(
                    ErrorCode::PriceOutsideCollar,
                    Relation::Holds,
                    i128::from(order.price_ticks),
                    0,
                );
            }
        } else if !order.waits {
            self.check_liquidity(order, out)?;
        }
        self.check_capacity(order, out)?;
        if limited {
            match bounds {
                Some(bounds) if clear && self.is_small(order, bounds) => {
                    if cfg!(debug_assertions) {
                        self.assert_within_limits(&order.aside());
                    }
                }
                _ => self.check_risk(&order.aside(), out)?,
            }
        }
        if account.unlimited() {
            return Ok(());
        }
        self.check_means(order, account, out)
    }

    /// Numbers that an order may pass by. Who asks why is shown each rule instead.
    #[inline(always)]
    pub(crate) fn bounds_for<S: ReportSink>(&self, order: &Proposal) -> Option<&Bounds> {
        if !S::EXPLAINS && self.is_limited(order.account, order.instrument) {
            self.kept_bounds(order.account, order.instrument)
        } else {
            None
        }
    }

    /// Money for a buy, lots for a sell, margin: what the account must have.
    #[inline(always)]
    pub(crate) fn check_means<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let features = self.instruments.get(order.instrument).terms.features;
        if features & feature::DERIVATIVE != 0 || account.on_margin() {
            return self.check_beyond_cash(&order.aside(), account, out);
        }
        match order.side {
            Side::Buy => self.check_buying_power(order, account, out),
            Side::Sell => self.check_position(order, account, out),
        }
    }

    /// Global, then account and group, then instrument; the strictest state rules.
    #[inline(always)]
    fn check_states<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let active = TradingState::Active.number();
        let halted = TradingState::Halted.number();
        let reduce_only = TradingState::ReduceOnly.number();
        let group = self.accounts.group(account.group).map_or(active, |group| group.state);
        let Instrument {
            state: instrument,
            ref terms,
            ..
        } = *self.instruments.get(order.instrument);
        let others = (self.global_state ^ active) | (account.state ^ active) | (group ^ active) | (instrument ^ active);
        if !S::EXPLAINS && others == 0 && !order.reduce_only && terms.features & feature::EXPIRES == 0 {
            return Ok(());
        }
        out.holds(ErrorCode::GlobalHalt, self.global_state != halted)?;
        out.holds(ErrorCode::AccountHalted, account.state != halted && group != halted)?;
        if terms.features & feature::EXPIRES != 0 {
            let expired = self.instruments.extra(order.instrument).expired;
            out.holds(ErrorCode::InstrumentExpired, !expired)?;
        }
        out.holds(ErrorCode::InstrumentHalted, instrument != halted)?;
        if order.reduce_only || [self.global_state, account.state, group, instrument].contains(&reduce_only) {
            let reducible = self.reducible_lots(&order.aside());
            out.at_most(
                ErrorCode::ReduceOnly,
                i128::from(order.leaves_lots),
                i128::from(reducible),
            )?;
        }
        Ok(())
    }

    /// Lots by which an order of this side may shrink the position, other open orders counted.
    #[inline(never)]
    pub(crate) fn reducible_lots(&self, order: &Proposal) -> i64 {
        let Some(index) = self.ledger.find_position(order.account, order.instrument) else {
            return 0;
        };
        let position = self.ledger.position(index);
        let (against, open) = match order.side {
            Side::Buy => (position.quantity_lots.saturating_neg(), position.open_buy_lots),
            Side::Sell => (position.quantity_lots, position.open_sell_lots),
        };
        (against - (open - order.held.leaves_lots)).max(0)
    }

    /// Tick table, size, notional, price collar.
    #[inline(always)]
    pub(crate) fn check_limits<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        limited: bool,
        bounds: Option<&Bounds>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let instrument = self.instruments.get(order.instrument);
        let terms = &instrument.terms;
        if terms.features & feature::TICK_BANDS != 0 {
            if order.order_type == OrderType::Limit {
                self.check_tick(order.instrument, order.price_ticks)?;
                out.passed(
                    ErrorCode::PriceOffTickTable,
                    Relation::Holds,
                    i128::from(order.price_ticks),
                    0,
                );
            }
            if order.waits {
                self.check_tick(order.instrument, order.stop_ticks)?;
                out.passed(
                    ErrorCode::PriceOffTickTable,
                    Relation::Holds,
                    i128::from(order.stop_ticks),
                    0,
                );
            }
        }
        if limited {
            match bounds {
                Some(bounds) if order.quantity_lots <= bounds.quantity_lots => {}
                _ => self.check_quantity(&order.aside(), out)?,
            }
        } else if terms.max_quantity_lots != 0 {
            out.at_most(
                ErrorCode::MaxOrderQuantity,
                i128::from(order.quantity_lots),
                i128::from(terms.max_quantity_lots),
            )?;
        }
        if let Some(price_ticks) = order.bounded_at() {
            let notional = notional(price_ticks, order.leaves_lots, terms.units_per_tick_lot)?;
            out.at_most(
                ErrorCode::NotionalOverflow,
                i128::from(notional),
                i128::from(NOTIONAL_MAX),
            )?;
            out.at_least(
                ErrorCode::MinNotional,
                i128::from(notional),
                i128::from(terms.min_notional_units),
            )?;
            // The limit of an order that waits is meant for a market that is not there yet: it is checked when it triggers.
            let collared =
                order.collared && !order.waits && !order.later && order.order_type == OrderType::Limit && !limited;
            if collared && account.collared() && terms.collar_ppm != 0 && instrument.reference_price_ticks > 0 {
                check_collar(
                    order.price_ticks,
                    instrument.reference_price_ticks,
                    terms.collar_ppm,
                    out,
                )?;
            }
        }
        let priced = limited && order.collared && !order.waits && !order.later;
        if priced {
            match bounds {
                Some(bounds) if self.is_priced_well(order, bounds) => {}
                _ => self.check_prices(&order.aside(), out)?,
            }
        }
        Ok(())
    }

    /// What the opposite side of the book must or must not offer.
    #[inline(always)]
    fn check_liquidity<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let book = &self.instruments.get(order.instrument).book;
        let best = book.best_price(opposite(order.side));
        let least = if order.fill_or_kill {
            order.leaves_lots
        } else {
            order.minimum_lots
        };
        if self.instruments.get(order.instrument).aside[side_index(opposite(order.side))] != 0 && self.meets(order) {
            return self.check_liquidity_beside(&order.aside(), least, out);
        }
        if order.order_type == OrderType::Market {
            out.holds(ErrorCode::NoLiquidity, best.is_some())?;
        }
        let Some(best) = best.filter(|best| self.crosses(order, *best)) else {
            if least > 0 {
                return Err(Refusal::bound(order.unfillable(), i128::from(least), 0));
            }
            if order.post_only {
                out.passed(ErrorCode::PostOnlyWouldTrade, Relation::Holds, 0, 0);
            }
            return Ok(());
        };
        if order.post_only {
            return Err(Refusal::bound(
                ErrorCode::PostOnlyWouldTrade,
                i128::from(order.price_ticks),
                i128::from(best),
            ));
        }
        if least > 0 {
            let (offered, _) = self.walk(&order.aside());
            out.at_most(order.unfillable(), i128::from(least), offered)?;
        }
        // A limit bounds what a buy pays. A sell takes in more than its limit: almost always the best price bounds it.
        let units = self.instruments.get(order.instrument).terms.units_per_tick_lot;
        let unbounded = match order.side {
            Side::Buy => order.order_type == OrderType::Market,
            Side::Sell => notional(best, order.leaves_lots, units).is_err(),
        };
        if unbounded {
            out.holds(
                ErrorCode::NotionalOverflow,
                self.walk(&order.aside()).1 <= i128::from(NOTIONAL_MAX),
            )?;
        }
        Ok(())
    }

    /// Whether a proposal trades at an opposite price.
    #[inline(always)]
    pub(crate) fn crosses(&self, order: &Proposal, opposite_ticks: i64) -> bool {
        order.order_type == OrderType::Market
            || match order.side {
                Side::Buy => opposite_ticks <= order.price_ticks,
                Side::Sell => opposite_ticks >= order.price_ticks,
            }
    }

    /// Lots that the book offers to a proposal, at most its leaves, and their exact notional. O(levels).
    #[inline(never)]
    pub(crate) fn walk(&self, order: &Proposal) -> (i128, i128) {
        let instrument = self.instruments.get(order.instrument);
        let side = opposite(order.side);
        if order.all_or_none || instrument.aside[side_index(side)] != 0 {
            return self.walk_beside(order);
        }
        if order.self_trade_prevention != 0 || instrument.walked != 0 {
            return self.walk_others(order);
        }
        let units = i128::from(instrument.terms.units_per_tick_lot);
        let wanted = i128::from(order.leaves_lots);
        let band = self.price_band(order.instrument);
        let (mut lots, mut notional) = (0_i128, 0_i128);
        let mut next = instrument.book.best(side);
        while let Some(level) = next.map(|index| self.levels.get(index)) {
            if lots >= wanted || !self.crosses(order, level.price_ticks) || !band.holds(level.price_ticks) {
                break;
            }
            let take = i128::from(level.quantity_lots + level.hidden_lots).min(wanted - lots);
            lots += take;
            // A single level's notional may pass i128 only beyond every price and quantity that was accepted.
            notional = notional.saturating_add((take * i128::from(level.price_ticks)).saturating_mul(units));
            next = instrument.book.after(side, level.price_ticks);
        }
        (lots, notional)
    }

    /// Room in the order table, in the level's sum and in the position's range.
    #[inline(always)]
    fn check_capacity<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        if order.rests || order.waits {
            if !order.held.slot {
                out.at_most(
                    ErrorCode::OrderBookFull,
                    i128::from(self.orders.open()) + 1,
                    i128::from(self.config.max_orders),
                )?;
            }
            if order.all_or_none && !order.waits && order.held.leaves_lots == 0 {
                let aside = self.instruments.get(order.instrument).aside[side_index(order.side)];
                out.at_most(ErrorCode::OrderBookFull, i128::from(aside) + 1, i128::from(ASIDE_MAX))?;
            }
            let book = &self.instruments.get(order.instrument).book;
            // Without a large order no sum can overflow; who asks why is shown the level all the same.
            let fits = !S::EXPLAINS && order.leaves_lots <= SMALL_LOTS && !book.has_large();
            let level = if fits {
                None
            } else {
                book.level(order.side, order.price_ticks)
            };
            if let Some(level) = level.filter(|_| !order.waits && !order.later && !order.all_or_none) {
                let own = if order.held.price_ticks == order.price_ticks {
                    order.held.leaves_lots
                } else {
                    0
                };
                let level = self.levels.get(level);
                if (level.quantity_lots + level.hidden_lots - own)
                    .checked_add(order.leaves_lots)
                    .is_none()
                {
                    return Err(Refusal::of(ErrorCode::NotionalOverflow));
                }
                out.passed(ErrorCode::NotionalOverflow, Relation::Holds, 0, 0);
            }
        }
        let Some(index) = self.ledger.find_position(order.account, order.instrument) else {
            let reach = i128::from(order.leaves_lots);
            out.passed(ErrorCode::LedgerOverflow, Relation::AtMost, reach, i128::from(i64::MAX));
            return Ok(());
        };
        let position = self.ledger.position(index);
        let open = [position.open_buy_lots, position.open_sell_lots][side_index(order.side)];
        let held = position.quantity_lots.unsigned_abs();
        if !S::EXPLAINS && (held | open.unsigned_abs() | order.leaves_lots.unsigned_abs()) <= ORDINARY_LOTS {
            // What an amended order holds is part of what is open, so no sum of them leaves the range.
            return Ok(());
        }
        let open = i128::from(open) - i128::from(order.held.leaves_lots) + i128::from(order.leaves_lots);
        let reach = match order.side {
            Side::Buy => i128::from(position.quantity_lots) + open,
            Side::Sell => open - i128::from(position.quantity_lots),
        };
        if open > i128::from(i64::MAX) {
            return Err(Refusal::bound(ErrorCode::LedgerOverflow, reach, i128::from(i64::MAX)));
        }
        out.at_most(ErrorCode::LedgerOverflow, reach, i128::from(i64::MAX))
    }

    /// Free cash covers a buy with its highest fee; a market buy is priced against the book as it stands.
    #[inline(always)]
    pub(crate) fn check_buying_power<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let terms = &self.instruments.get(order.instrument).terms;
        let (notional, rate, needed) = if order.order_type == OrderType::Market && !order.waits && !order.collects {
            let notional = self.walk(&order.aside()).1;
            let rate = if account.pays_fees() { terms.taker_fee_ppm } else { 0 };
            // Bounded by `check_liquidity`.
            let notional = i64::try_from(notional).map_err(|_| Refusal::of(ErrorCode::NotionalOverflow))?;
            let fee = fees::charge(order.fee_carry, notional, rate).0;
            (notional, rate, i128::from(notional) + i128::from(fee))
        } else {
            let rate = if account.pays_fees() {
                terms.highest_fee_ppm()
            } else {
                0
            };
            let price_ticks = order.bounded_at().unwrap_or(0);
            let notional = notional(price_ticks, order.leaves_lots, terms.units_per_tick_lot)?;
            let needed = fees::reservation(order.fee_carry, notional, rate);
            (notional, rate, i128::from(needed))
        };
        out.note(|| Note::Cost {
            notional_units: notional,
            rate_ppm: rate,
            carry: order.fee_carry,
            needed_units: clamp(needed),
        });
        let free = self
            .ledger
            .find_balance(order.account, terms.currency_id)
            .map_or(0, |index| {
                let balance = self.ledger.balance(index);
                balance.total - balance.reserved
            })
            + i128::from(order.held.reserved_units);
        out.at_most(ErrorCode::InsufficientBuyingPower, needed, free)
    }

    /// What is sold is held, unless the account may sell short.
    #[inline(always)]
    pub(crate) fn check_position<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        if account.may_sell_short() {
            out.passed(ErrorCode::InsufficientPosition, Relation::Holds, 0, 0);
            return Ok(());
        }
        let free = match self.ledger.find_position(order.account, order.instrument) {
            None => 0,
            Some(index) => {
                let position = self.ledger.position(index);
                i128::from(position.quantity_lots) - i128::from(position.open_sell_lots)
            }
        } + i128::from(order.held.leaves_lots);
        out.at_most(ErrorCode::InsufficientPosition, i128::from(order.leaves_lots), free)
    }
}

/// Quantity and price by themselves.
#[inline(always)]
pub(crate) fn check_shape<S: ReportSink>(order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
    out.at_least(ErrorCode::QuantityNotPositive, i128::from(order.quantity_lots), 1)?;
    match order.order_type {
        OrderType::Market => out.holds(ErrorCode::PriceNotAllowed, order.price_ticks == 0)?,
        OrderType::Limit => out.at_least(ErrorCode::PriceNotPositive, i128::from(order.price_ticks), 1)?,
        _ => {}
    }
    if order.waits {
        out.at_least(ErrorCode::PriceNotPositive, i128::from(order.stop_ticks), 1)?;
    }
    let display = order.display_lots;
    if display != 0 {
        if display < 0 {
            return Err(Refusal::bound(ErrorCode::InvalidArgument, i128::from(display), 0));
        }
        if order.quantity_lots > display.saturating_mul(SLICES_MAX) {
            let least = i128::from(order.quantity_lots).div_euclid(i128::from(SLICES_MAX)) + 1;
            return Err(Refusal::bound(ErrorCode::InvalidArgument, i128::from(display), least));
        }
        out.passed(ErrorCode::InvalidArgument, Relation::Holds, 0, 0);
    }
    Ok(())
}

/// Price times quantity in money units.
#[inline(always)]
pub(crate) fn notional(price_ticks: i64, lots: i64, units_per_tick_lot: i64) -> Result<i64, Refusal> {
    price_ticks
        .checked_mul(lots)
        .and_then(|product| product.checked_mul(units_per_tick_lot))
        .filter(|notional| *notional <= NOTIONAL_MAX)
        .ok_or(Refusal::of(ErrorCode::NotionalOverflow))
}

/// The price lies within `collar_ppm` of the reference; the bounds are rounded towards it.
#[inline(always)]
pub(crate) fn check_collar<S: ReportSink>(
    price_ticks: i64,
    reference_ticks: i64,
    collar_ppm: u32,
    out: &mut Out<'_, S>,
) -> Result<(), Refusal> {
    let reference = i128::from(reference_ticks);
    let width = part_of(reference_ticks, i64::from(collar_ppm));
    let price = i128::from(price_ticks);
    out.at_most(ErrorCode::PriceOutsideCollar, price, reference + width)?;
    out.at_least(ErrorCode::PriceOutsideCollar, price, reference - width)
}
