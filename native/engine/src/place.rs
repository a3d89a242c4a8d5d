//! New orders, and the matching that a new or amended order goes through.

use fulltape_tape::codes::{
    CancelReason, ErrorCode, ExecType, OrderStatus, OrderType, Side, TimeInForce, TradeKind, order_instruction,
};
use fulltape_tape::layout::{OrderDetailReport, PlaceOrder, TradeDetailReport, TradeReport};

use crate::all_or_none::is_all_or_none;
use crate::book::{Joining, Touching};
use crate::checks::{Held, Proposal};
use crate::command::Command;
use crate::engine::{Engine, NOTIONAL_MAX};
use crate::explain::{Note, Relation, Step, ended_note};
use crate::fees;
use crate::instruments::feature;
use crate::lists::Leg;
use crate::order_rate::Counted;
use crate::orders::{NONE, Order, opposite, side_index};
use crate::phases::Entry;
use crate::reduce_only::reduces_only;
use crate::reports::{CountingSink, Happening, Out, Refusal, ReportSink, order_state};
use crate::settlement::FutureFill;
use crate::shape::{PASSIVE, Shape};
use crate::special::Special;
use crate::trailing::trails;
use crate::triggers::is_at_market;

/// What becomes of a new order behind matching.
#[derive(Clone, Copy)]
struct After {
    /// Ids of its account and instrument.
    ids: (u32, u32),
    /// What is left of it goes to the book.
    rests: bool,
    /// It follows the best prices.
    pegged: bool,
}

/// How matching left an incoming order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matched {
    /// It is filled, or nothing that it trades with is left.
    Through,
    /// Self-trade prevention ended it: what is left of it is cancelled.
    Prevented,
    /// The next price lies outside the band of a circuit breaker: what is left of it is cancelled.
    Banded,
}

impl Matched {
    /// Why what is left of an order that does not rest is cancelled.
    pub const fn remainder(self) -> CancelReason {
        match self {
            Self::Through => CancelReason::ImmediateRemainder,
            Self::Prevented => CancelReason::SelfTradePrevention,
            Self::Banded => CancelReason::PriceBand,
        }
    }
}

impl Engine {
    #[inline(never)]
    pub(crate) fn place<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        assert!(
            self.config.fault_client_order_id.is_none() || command.client_text() != self.config.fault_client_order_id,
            "the planted fault was placed"
        );
        let place: &PlaceOrder = command.view();
        let plain = if self.days.outside == 0 || self.trades_continuously(place.instrument_id) {
            Shape::plain(place, command)
        } else {
            None
        };
        if let Some(shape) = plain {
            // What a plain order is known to have is written out, so that the compiler leaves out what it does not need.
            let plain = PlaceOrder {
                order_type: OrderType::Limit.number(),
                instructions: 0,
                trigger_source: 0,
                peg_kind: 0,
                stop_price_ticks: 0,
                display_quantity_lots: 0,
                time_in_force: if shape.rests {
                    TimeInForce::GoodTillCancel.number()
                } else {
                    TimeInForce::ImmediateOrCancel.number()
                },
                ..*place
            };
            return self.place_as(&plain, || Ok(shape), |_, _, _| Ok(Entry::Matches), command, out);
        }
        self.place_special(place, command, out)
    }

    #[inline(never)]
    fn place_special<S: ReportSink>(
        &mut self,
        place: &PlaceOrder,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let now_nanos = self.time_nanos;
        let shape = || Shape::any(place, command, now_nanos);
        let entry = |engine: &Self, instrument, shape: &Shape| engine.admit(instrument, shape, place);
        self.place_as(place, shape, entry, command, out)
    }

    #[inline(always)]
    fn place_as<S: ReportSink>(
        &mut self,
        place: &PlaceOrder,
        shape: impl FnOnce() -> Result<Shape, Refusal>,
        entry: impl FnOnce(&Self, u32, &Shape) -> Result<Entry, Refusal>,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let account = out.known(ErrorCode::UnknownAccount, self.accounts.find(place.account_id))?;
        let instrument = out.known(
            ErrorCode::UnknownInstrumentId,
            self.instruments.find(place.instrument_id),
        )?;
        let counted = if self.is_limited(account, instrument) {
            Some(self.count_order(account, instrument, place.quantity_lots, out)?)
        } else {
            None
        };
        let shape = shape()?;
        out.passed(ErrorCode::UnsupportedOrderType, Relation::Holds, 0, 0);
        out.passed(ErrorCode::InvalidArgument, Relation::Holds, 0, 0);
        let leg = if shape.linked {
            let leg = self.leg_of(command, instrument)?;
            out.passed(ErrorCode::ListInvalid, Relation::Holds, 0, 0);
            Some(leg)
        } else {
            None
        };
        let entry = if leg.is_some() {
            Entry::Matches
        } else {
            let entry = entry(self, instrument, &shape)?;
            out.passed(ErrorCode::MarketClosed, Relation::Holds, 0, 0);
            entry
        };
        let currency_id = self.instruments.get(instrument).terms.currency_id;
        self.ledger.take_in_hand(account, currency_id, instrument);
        let proposal = self.prepare(place, &shape, entry, leg.as_ref(), (account, instrument, counted), out)?;
        let Proposal {
            price_ticks,
            stop_ticks,
            ..
        } = proposal;
        let passive = place.instructions & order_instruction::POST_ONLY_REPRICE != 0;
        let repriced = passive && price_ticks != place.price_ticks;
        self.placed.insert(self.number);
        // What follows from the market is found anew when the leg enters.
        let (price_ticks, stop_ticks) = match leg {
            Some(_) => (place.price_ticks, place.stop_price_ticks),
            None => (price_ticks, stop_ticks),
        };
        let mut order = Order {
            id: self.number,
            price_ticks,
            quantity_lots: place.quantity_lots,
            leaves_lots: place.quantity_lots,
            reserved_units: 0,
            priority: self.next_place(),
            expire_nanos: self.end_of_day(instrument, place.time_in_force, shape.expire_nanos),
            next: NONE,
            previous: NONE,
            level: NONE,
            account_next: NONE,
            account_previous: NONE,
            timer_next: NONE,
            timer_previous: NONE,
            account,
            instrument,
            balance: self.ledger.balance_of(account, place.account_id, currency_id),
            position: self.position_of((account, place.account_id), (instrument, place.instrument_id)),
            session: command.view::<PlaceOrder>().session_id,
            entry: NONE,
            special: NONE,
            fee_carry: 0,
            instructions: place.instructions,
            side: shape.side,
            order_type: place.order_type,
            time_in_force: place.time_in_force,
            self_trade_prevention: shape.self_trade_prevention,
        };
        let ids = (place.account_id, place.instrument_id);
        let accepted = Happening {
            exec_type: ExecType::New,
            status: if leg.is_some() {
                OrderStatus::PendingNew
            } else {
                OrderStatus::New
            },
            reason: CancelReason::None,
        };
        let held_at = entry != Entry::Matches && (entry == Entry::Later || stop_ticks != 0);
        if leg.is_some()
            || shape.waits
            || held_at
            || shape.hidden
            || place.display_quantity_lots != 0
            || shape.minimum_lots != 0
            || shape.peg.is_some()
        {
            order.special = self.orders.specials.insert(Special {
                stop_ticks,
                trail: shape.trail,
                trigger_source: place.trigger_source,
                waiting: shape.waits && leg.is_none(),
                display_lots: place.display_quantity_lots,
                hidden: shape.hidden,
                peg: shape.peg.unwrap_or_default(),
                minimum_lots: shape.minimum_lots,
                ..Special::none()
            });
        }
        if let Some(leg) = leg {
            self.join_list(order, leg, accepted, out);
            return Ok(());
        }
        let mut report = order_state(&order, ids, 0, order.leaves_lots, accepted);
        if order.special != NONE || order.is_dated() || repriced {
            report.extension_count = 1;
            let mut detail = self.detail(&{ order });
            if repriced {
                report.reason = CancelReason::Repriced.number();
                detail.previous_price_ticks = place.price_ticks;
            }
            out.outcome(report);
            out.extension(detail);
        } else {
            out.outcome(report);
        }
        if shape.waits {
            let index = self.take_in(order);
            self.wait(index);
            out.note(|| self.waits_note(index));
            self.answer_order(&order, ExecType::New, true);
            return Ok(());
        }
        if entry != Entry::Matches {
            let index = self.take_in(order);
            self.collect(index);
            self.answer_order(&order, ExecType::New, true);
            return Ok(());
        }
        let after = After {
            ids,
            rests: shape.rests,
            pegged: shape.peg.is_some(),
        };
        if self.meets(&proposal) {
            self.place_crossing(order, &proposal.aside(), after, out);
        } else {
            self.settle_placed(order, Matched::Through, after, out);
        }
        Ok(())
    }

    #[inline(never)]
    fn place_crossing<S: ReportSink>(
        &mut self,
        mut order: Order,
        proposal: &Proposal,
        after: After,
        out: &mut Out<'_, S>,
    ) {
        let matched = self.match_order(&mut order, proposal, out);
        self.settle_placed(order, matched, after, out);
    }

    /// Puts what is left of a new order to the book, or ends it, and answers.
    #[inline(always)]
    fn settle_placed<S: ReportSink>(&mut self, order: Order, matched: Matched, after: After, out: &mut Out<'_, S>) {
        let rests = after.rests && matched == Matched::Through;
        if order.leaves_lots > 0 && rests {
            let index = self.take_in_resting(order);
            if after.pegged {
                self.join_pegs(index);
            }
            out.note(|| self.rested_note(index));
            out.note(|| self.shown_note(index));
        } else {
            self.orders.specials.remove(order.special);
            if order.leaves_lots > 0 {
                let what = Happening::canceled(matched.remainder());
                out.note(|| ended_note(&order, what.reason));
                out.primary(order_state(&order, after.ids, order.cum_lots(), 0, what));
            }
        }
        self.answer_order(&order, ExecType::New, rests);
    }

    /// What a new order is in this market, and all checks of it.
    #[inline(always)]
    fn prepare<S: ReportSink>(
        &self,
        place: &PlaceOrder,
        shape: &Shape,
        entry: Entry,
        leg: Option<&Leg>,
        (account, instrument, counted): (u32, u32, Option<Counted>),
        out: &mut Out<'_, S>,
    ) -> Result<Proposal, Refusal> {
        let mut stop_ticks = place.stop_price_ticks;
        // In a call nobody knows the best price: it is a market order until the auction has one.
        let order_type = if shape.at_touch && entry != Entry::Matches {
            OrderType::Market
        } else {
            shape.order_type
        };
        if entry != Entry::Matches && order_type == OrderType::Market {
            stop_ticks = self.market_bound(instrument, shape.side, entry == Entry::Later)?;
            out.passed(ErrorCode::NoReferencePrice, Relation::Holds, 0, 0);
        }
        let price_ticks = if leg.is_some_and(|leg| !leg.enters) {
            place.price_ticks
        } else if trails(place.order_type) {
            let prices = self.trailing_prices(instrument, shape.side, place, &shape.trail)?;
            out.passed(ErrorCode::NoReferencePrice, Relation::Holds, 0, 0);
            stop_ticks = prices.1;
            prices.0
        } else if shape.at_touch && entry == Entry::Matches {
            out.holds(ErrorCode::PriceNotAllowed, place.price_ticks == 0)?;
            out.known(ErrorCode::NoLiquidity, self.touch(instrument, opposite(shape.side)))?
        } else if let Some(peg) = &shape.peg {
            let price_ticks = self.peg_entry(instrument, shape.side, peg)?;
            out.passed(ErrorCode::NoReferencePrice, Relation::Holds, 0, 0);
            price_ticks
        } else if place.instructions & order_instruction::POST_ONLY_REPRICE != 0 {
            self.behind_touch(instrument, shape.side, place.instructions, place.price_ticks)
        } else {
            place.price_ticks
        };
        let proposal = Proposal {
            account,
            instrument,
            side: shape.side,
            order_type,
            price_ticks,
            cap_ticks: shape.peg.map_or(0, |peg| peg.held_ticks(shape.side)),
            leaves_lots: place.quantity_lots,
            quantity_lots: place.quantity_lots,
            rests: shape.rests || entry != Entry::Matches,
            waits: shape.waits,
            collects: entry != Entry::Matches,
            later: entry == Entry::Later,
            stop_ticks,
            display_lots: place.display_quantity_lots,
            post_only: place.instructions & order_instruction::POST_ONLY != 0,
            fill_or_kill: shape.fill_or_kill,
            all_or_none: shape.all_or_none,
            passive: place.instructions & PASSIVE != 0,
            reduce_only: reduces_only(place.instructions),
            minimum_lots: shape.minimum_lots,
            self_trade_prevention: shape.self_trade_prevention,
            collared: true,
            fee_carry: 0,
            held: Held::default(),
        };
        out.note(|| proposal.note(self.number, Step::Placed));
        if price_ticks != place.price_ticks && !shape.waits {
            out.note(|| self.repriced_note(self.number, place.price_ticks, &proposal));
        }
        match leg {
            None => self.check_counted(&proposal, counted, out)?,
            Some(leg) => self.check_leg(&proposal.aside(), leg, trails(place.order_type), out)?,
        }
        Ok(proposal)
    }

    /// Looks a new order through as it would be if it came now: every check, no effect.
    ///
    /// Limits of the order rate are looked at and not used up; client order ids and the stamp are not looked at. It costs what
    /// the checks cost, and allocates nothing.
    ///
    /// # Errors
    /// The refusal that `submit` would give; `UNKNOWN_COMMAND_KIND` for a command that is no new order.
    pub fn check(&self, command: &Command<'_>) -> Result<(), Refusal> {
        if command.kind() != PlaceOrder::KIND {
            return Err(Refusal::of(ErrorCode::UnknownCommandKind));
        }
        let mut nowhere = CountingSink::default();
        let mut out = Out::new(&mut nowhere, 0, false);
        let place: &PlaceOrder = command.view();
        let account = out.known(ErrorCode::UnknownAccount, self.accounts.find(place.account_id))?;
        let instrument = out.known(
            ErrorCode::UnknownInstrumentId,
            self.instruments.find(place.instrument_id),
        )?;
        if self.is_limited(account, instrument) {
            self.check_rate(account, instrument, &mut out)?;
        }
        let shape = match Shape::plain(place, command) {
            Some(shape) => shape,
            None => Shape::any(place, command, self.time_nanos)?,
        };
        if shape.linked {
            let leg = self.leg_of(command, instrument)?;
            self.prepare(
                place,
                &shape,
                Entry::Matches,
                Some(&leg),
                (account, instrument, None),
                &mut out,
            )?;
            return Ok(());
        }
        let entry = self.admit(instrument, &shape, place)?;
        self.prepare(place, &shape, entry, None, (account, instrument, None), &mut out)?;
        Ok(())
    }

    /// When an order expires by the clock. Where an instrument follows a calendar the day ends with the phase `Closed`.
    #[inline]
    fn end_of_day(&self, instrument: u32, time_in_force: u8, expire_nanos: u64) -> u64 {
        let of_day = expire_nanos != 0 && time_in_force == TimeInForce::Day.number();
        if of_day && self.instruments.get(instrument).terms.calendar_id() != 0 {
            0
        } else {
            expire_nanos
        }
    }

    /// Best price of a side, hidden orders counted.
    #[inline(always)]
    pub(crate) fn touch(&self, instrument: u32, side: Side) -> Option<i64> {
        self.instruments.get(instrument).book.best_price(side)
    }

    /// The price of an order: one step behind the opposite side where it asks for that instead of trading.
    pub(crate) fn behind_touch(&self, instrument: u32, side: Side, instructions: u16, price_ticks: i64) -> i64 {
        if instructions & order_instruction::POST_ONLY_REPRICE == 0 || price_ticks <= 0 {
            return price_ticks;
        }
        let behind = match (side, self.touch(instrument, opposite(side))) {
            (Side::Buy, Some(ask)) if price_ticks >= ask => ask - 1,
            (Side::Sell, Some(bid)) if price_ticks <= bid => bid + 1,
            _ => return price_ticks,
        };
        // What was asked for must be a price itself: the checks refuse it as it stands.
        let banded = self.instruments.get(instrument).terms.features & feature::TICK_BANDS != 0;
        if banded && self.check_tick(instrument, price_ticks).is_err() {
            return price_ticks;
        }
        self.next_valid_tick(instrument, side, behind)
    }

    /// Answers with the state that an order has after its command.
    #[inline(always)]
    pub(crate) fn answer_order(&mut self, order: &Order, accepted_as: ExecType, rests: bool) {
        self.answer.order_id = order.id;
        self.answer.cum_quantity_lots = order.cum_lots();
        let traded = self.answer.cum_notional_units != 0;
        let (status, exec_type, leaves) = if order.leaves_lots == 0 {
            (OrderStatus::Filled, ExecType::Trade, 0)
        } else if rests {
            (
                order.open_status(),
                if traded { ExecType::Trade } else { accepted_as },
                order.leaves_lots,
            )
        } else {
            (OrderStatus::Canceled, ExecType::Canceled, 0)
        };
        self.answer.leaves_quantity_lots = leaves;
        self.answer.order_status = status.number();
        self.answer.exec_type = exec_type.number();
    }

    /// The terms of an order beyond price and quantity, for the record behind its state.
    pub(crate) fn detail(&self, order: &Order) -> OrderDetailReport {
        let special = match order.special {
            NONE => Special::none(),
            index => *self.orders.specials.get(index),
        };
        OrderDetailReport {
            kind: OrderDetailReport::KIND,
            stop_price_ticks: special.stop_ticks,
            display_quantity_lots: special.display_lots,
            minimum_quantity_lots: special.minimum_lots,
            expire_time_nanos: if order.is_dated() { order.expire_nanos } else { 0 },
            list_id: if special.list == NONE {
                0
            } else {
                self.lists.get(special.list).list_id
            },
            ..OrderDetailReport::default()
        }
    }

    /// Position of an account (table index and id) in an instrument, made when it has none; `NONE` without risk.
    #[inline(always)]
    pub(crate) fn position_of(&mut self, account: (u32, u32), instrument: (u32, u32)) -> u32 {
        if !self.ledger.is_kept() {
            if self.instruments.get(instrument.0).terms.features & feature::DERIVATIVE != 0 {
                self.use_instrument(instrument.0);
            }
            return NONE;
        }
        match self.ledger.find_position(account.0, instrument.0) {
            Some(index) => index,
            None => self.make_position(account, instrument),
        }
    }

    #[inline(never)]
    fn use_instrument(&mut self, instrument: u32) {
        self.instruments.extra_mut(instrument).used = true;
    }

    #[inline(never)]
    fn make_position(&mut self, account: (u32, u32), instrument: (u32, u32)) -> u32 {
        self.instruments.extra_mut(instrument.0).used = true;
        let position = self.ledger.make_position(account, instrument);
        self.ledger
            .link_position(account.0, position, |instrument| self.instruments.root(instrument));
        self.ledger.seat_position(position, self.accounts.get(account.0).group);
        position
    }

    /// Takes a new order in that stays open.
    #[inline(always)]
    pub(crate) fn take_in(&mut self, mut order: Order) -> u32 {
        let index = self.orders.vacant();
        let account = self.accounts.list_mut(order.account);
        account.open_orders += 1;
        let tail = core::mem::replace(&mut account.tail, index);
        order.account_previous = tail;
        if tail == NONE {
            account.head = index;
        } else {
            self.orders.link_mut(tail).account_next = index;
        }
        self.instruments.book_mut(order.instrument).open_orders += 1;
        self.ledger.count_open(order.position, 1);
        if self.risk.usages.is_on() {
            let group = self.accounts.get(order.account).group;
            self.risk.usages.count_order(order.account, group);
        }
        if reduces_only(order.instructions) && !self.is_pending(&order) {
            self.ledger.count_reduce_only(order.position, side_index(order.side), 1);
        }
        self.orders.insert(order)
    }

    /// Takes a new order in that rests: reserves for its leaves and puts it at the end of its queue.
    #[inline(always)]
    fn take_in_resting(&mut self, mut order: Order) -> u32 {
        if order.special != NONE || is_all_or_none(order.instructions) {
            let index = self.take_in(order);
            self.rest(index);
            return index;
        }
        // Everything about a plain order is known before it is written, so it is written once.
        order.reserved_units = self.hold_for(&order);
        let index = self.orders.vacant();
        let joining = Joining {
            side: order.side,
            price_ticks: order.price_ticks,
            shown_lots: order.leaves_lots,
            hidden_lots: 0,
        };
        let mut touching = Touching {
            number: self.number,
            instrument: order.instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        let book = &mut self.instruments.book_mut(order.instrument).book;
        (order.level, order.previous) = book.queue(&mut self.orders, &mut self.levels, index, &joining, &mut touching);
        self.take_in(order)
    }

    /// Reserves for the leaves of an order and puts it at the end of its queue.
    #[inline(always)]
    pub(crate) fn rest(&mut self, index: u32) {
        self.hold(index);
        if self.orders.get(index).special != NONE {
            self.orders.refresh(index);
        }
        self.join_book(index);
    }

    /// Puts an order at the end of the queue of its price.
    #[inline(always)]
    pub(crate) fn join_book(&mut self, index: u32) {
        if is_all_or_none(self.orders.get(index).instructions) {
            self.stand_aside(index);
            return;
        }
        let instrument = self.orders.get(index).instrument;
        let mut touching = Touching {
            number: self.number,
            instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        let book = &mut self.instruments.book_mut(instrument).book;
        book.join(&mut self.orders, &mut self.levels, index, &mut touching);
    }

    /// Reserves money or lots for the leaves of an order.
    #[inline(always)]
    pub(crate) fn hold(&mut self, index: u32) {
        let special = self.orders.get(index).special;
        if (special != NONE && self.hold_leg(index)) || !self.ledger.is_kept() {
            return;
        }
        let order = *self.orders.get(index);
        self.orders.get_mut(index).reserved_units = self.hold_for(&order);
    }

    /// Reserves for the leaves of an order that stands alone. Answers the money.
    #[inline(always)]
    fn hold_for(&mut self, order: &Order) -> i64 {
        if !self.ledger.is_kept() {
            return 0;
        }
        let checked = !self.accounts.get(order.account).unlimited();
        let reserved = if checked {
            self.reservation_inline(order, order.leaves_lots)
        } else {
            0
        };
        self.ledger.reserve(order.balance, reserved);
        self.ledger
            .change_open(order.position, order.side == Side::Buy, order.leaves_lots, checked);
        self.note_joined(order.account, order.instrument, order.leaves_lots);
        reserved
    }

    /// Money that `leaves_lots` of a checked order hold.
    #[inline(never)]
    pub(crate) fn reservation(&self, order: &Order, leaves_lots: i64) -> i64 {
        self.reservation_inline(order, leaves_lots)
    }

    /// [`Engine::reservation`] for the path that is taken most.
    #[inline(always)]
    fn reservation_inline(&self, order: &Order, leaves_lots: i64) -> i64 {
        let terms = &self.instruments.get(order.instrument).terms;
        let account = self.accounts.get(order.account);
        // What a future costs is its margin, as for everything in a margin account: only the fee is held, on both sides.
        let fee_alone = terms.features & feature::FUTURE != 0 || account.on_margin();
        if leaves_lots == 0 || (order.side == Side::Sell && !fee_alone) {
            return 0;
        }
        let rate = if account.pays_fees() {
            terms.highest_fee_ppm()
        } else {
            0
        };
        // An order without a limit is held at its trigger price, or at the end of the band of its auction; nothing bounds what a
        // sell brings there, and so what its fee is.
        let price_ticks = if is_at_market(order) {
            match order.special {
                NONE => 0,
                special => self.orders.specials.get(special).stop_ticks,
            }
        } else {
            self.held_ticks(order)
        };
        if fee_alone {
            // The trigger of a trailing sell rises with the price, beyond what was checked when the order was taken.
            let value = price_ticks.saturating_mul(leaves_lots);
            let value = value.saturating_mul(terms.units_per_tick_lot).min(NOTIONAL_MAX);
            return fees::charge(order.fee_carry, value, rate).0.max(0);
        }
        // Checked when the order was taken; leaves only shrink afterwards.
        let value = price_ticks * leaves_lots * terms.units_per_tick_lot;
        fees::reservation(order.fee_carry, value, rate)
    }

    /// Whether the best opposite price crosses, or orders beside the book may.
    #[inline(always)]
    fn meets(&self, proposal: &Proposal) -> bool {
        let side = opposite(proposal.side);
        self.touch(proposal.instrument, side)
            .is_some_and(|price_ticks| self.crosses(proposal, price_ticks))
            || self.instruments.get(proposal.instrument).aside[side_index(side)] != 0
    }

    /// Trades an order against the opposite side while prices cross, oldest order of the best price first.
    #[inline(never)]
    pub(crate) fn match_order<S: ReportSink>(
        &mut self,
        taker: &mut Order,
        proposal: &Proposal,
        out: &mut Out<'_, S>,
    ) -> Matched {
        let side = opposite(taker.side);
        if proposal.all_or_none || self.instruments.get(taker.instrument).aside[side_index(side)] != 0 {
            return self.match_beside(taker, proposal, out);
        }
        if self.risk.trips.watch_prices() {
            return self.match_within_band(taker, proposal, out);
        }
        while taker.leaves_lots > 0 {
            let Some(level) = self.instruments.get(taker.instrument).book.best(side) else {
                break;
            };
            let level = self.levels.get(level);
            if !self.crosses(proposal, level.price_ticks) {
                break;
            }
            let maker = level.head;
            if taker.self_trade_prevention != 0 && self.same_owner(taker.account, self.orders.get(maker).account) {
                if !self.prevent(taker, maker, out) {
                    return Matched::Prevented;
                }
                continue;
            }
            self.trade(taker, maker, out);
        }
        Matched::Through
    }

    /// One fill between a taker and the resting order `maker_index`, at the maker's price.
    pub(crate) fn trade<S: ReportSink>(&mut self, taker: &mut Order, maker_index: u32, out: &mut Out<'_, S>) {
        let maker = *self.orders.get(maker_index);
        let lots = taker.leaves_lots.min(self.orders.offered(&maker));
        out.note(|| self.match_note(taker, &maker, lots));
        let terms = &self.instruments.get(taker.instrument).terms;
        let units_per_lot = maker.price_ticks * terms.units_per_tick_lot;
        let value = units_per_lot * lots;
        let (maker_account, taker_account) = (self.accounts.get(maker.account), self.accounts.get(taker.account));
        let (maker_id, taker_id) = (maker_account.id, taker_account.id);
        let maker_checked = !maker_account.unlimited();
        let maker_rate = if maker_account.pays_fees() {
            terms.maker_fee_ppm
        } else {
            0
        };
        let taker_rate = if taker_account.pays_fees() {
            terms.taker_fee_ppm
        } else {
            0
        };
        let (maker_fee, maker_carry) = fees::charge(maker.fee_carry, value, maker_rate);
        let (taker_fee, taker_carry) = fees::charge(taker.fee_carry, value, taker_rate);
        out.note(|| Note::Fee {
            order_id: maker.id,
            maker: true,
            notional_units: value,
            rate_ppm: maker_rate,
            carry_before: maker.fee_carry,
            fee_units: maker_fee,
            carry_after: maker_carry,
        });
        out.note(|| Note::Fee {
            order_id: taker.id,
            maker: false,
            notional_units: value,
            rate_ppm: taker_rate,
            carry_before: taker.fee_carry,
            fee_units: taker_fee,
            carry_after: taker_carry,
        });
        taker.fee_carry = taker_carry;
        taker.leaves_lots -= lots;
        let maker_link = self.link(&maker);

        self.fill_maker(maker_index, lots, maker_carry, maker_checked, true);
        self.instruments.get_mut(taker.instrument).last_price_ticks = maker.price_ticks;
        self.note_price(taker.instrument, maker.price_ticks);
        self.note_traded(maker.account, taker.instrument, lots);
        self.note_traded(taker.account, taker.instrument, lots);
        // What it takes is open nowhere, and what it holds grows by it.
        self.note_joined(taker.account, taker.instrument, lots);
        let taker_sign = if taker.side == Side::Buy { 1 } else { -1 };
        if self.instruments.get(taker.instrument).terms.features & feature::FUTURE == 0 {
            self.ledger.fill_cash(maker.balance, taker_sign * value, maker_fee);
            self.ledger.fill_lots(maker.position, -taker_sign * lots, units_per_lot);
            self.ledger.fill_cash(taker.balance, -taker_sign * value, taker_fee);
            self.ledger.fill_lots(taker.position, taker_sign * lots, units_per_lot);
        } else {
            let side = |order: &Order, signed_lots, fee| FutureFill {
                balance: order.balance,
                position: order.position,
                signed_lots,
                fee,
            };
            let maker_side = side(&maker, -taker_sign * lots, maker_fee);
            let sides = [maker_side, side(taker, taker_sign * lots, taker_fee)];
            self.fill_future(taker.instrument, sides, units_per_lot);
        }

        self.trades += 1;
        self.answer.cum_notional_units += value;
        out.primary(TradeReport {
            extension_count: 1,
            kind: TradeReport::KIND,
            trade_id: self.trades,
            instrument_id: self.instruments.get(taker.instrument).id,
            aggressor_side: taker.side.number(),
            trade_kind: TradeKind::Continuous.number(),
            price_ticks: maker.price_ticks,
            quantity_lots: lots,
            maker_order_id: maker.id,
            taker_order_id: taker.id,
            maker_account_id: maker_id,
            taker_account_id: taker_id,
            ..TradeReport::default()
        });
        out.extension(TradeDetailReport {
            kind: TradeDetailReport::KIND,
            maker_leaves_lots: maker.leaves_lots - lots,
            taker_leaves_lots: taker.leaves_lots,
            maker_cum_lots: maker.cum_lots() + lots,
            taker_cum_lots: taker.cum_lots(),
            maker_fee_units: maker_fee,
            taker_fee_units: taker_fee,
            notional_units: value,
            ..TradeDetailReport::default()
        });
        if let Some(link) = maker_link {
            self.leg_filled(link, lots, maker_carry, out);
        }
        if let Some(link) = self.link(taker) {
            self.leg_filled(link, lots, taker_carry, out);
        }
        if maker.special != NONE && lots < maker.leaves_lots {
            self.refresh(maker_index, out);
        }
    }

    /// An iceberg whose visible part is gone shows the next one, at the end of the queue.
    #[inline(never)]
    fn refresh<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        if self.orders.offered(self.orders.get(index)) > 0 {
            return;
        }
        self.leave_book(index);
        self.orders.refresh(index);
        let place = self.next_place();
        let order = self.orders.get_mut(index);
        order.priority = place;
        let order = *order;
        self.join_book(index);
        out.note(|| Note::Refreshed {
            order_id: order.id,
            shown_lots: self.orders.shown(&order),
            leaves_lots: order.leaves_lots,
        });
        self.report_restated(&order, CancelReason::Refreshed, out);
    }

    /// The resting side of a fill: reservation, queue, end of the order. `shown` when it comes out of what an iceberg shows.
    pub(crate) fn fill_maker(&mut self, index: u32, lots: i64, carry: i32, checked: bool, shown: bool) {
        if self.orders.get(index).special != NONE {
            self.take_over(index);
        }
        let mut maker = *self.orders.get(index);
        maker.fee_carry = carry;
        let left = maker.leaves_lots - lots;
        let reserved = if checked { self.reservation(&maker, left) } else { 0 };
        self.ledger.reserve(maker.balance, reserved - maker.reserved_units);
        self.ledger
            .change_open(maker.position, maker.side == Side::Buy, -lots, checked);
        if left == 0 {
            self.leave_book(index);
            self.close(index);
            return;
        }
        let slot = self.orders.get_mut(index);
        slot.fee_carry = carry;
        slot.reserved_units = reserved;
        let mut touching = Touching {
            number: self.number,
            instrument: maker.instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        let book = &mut self.instruments.book_mut(maker.instrument).book;
        book.shrink(&mut self.orders, &mut self.levels, index, lots, shown, &mut touching);
    }
}
