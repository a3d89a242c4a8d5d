//! New orders: what they are, all checks of them, and what becomes of them.

use fulltape_tape::codes::{
    CancelReason, ErrorCode, ExecType, OrderStatus, OrderType, Side, TimeInForce, order_instruction,
};
use fulltape_tape::layout::{OrderDetailReport, PlaceOrder};

use crate::checks::{Held, Proposal};
use crate::command::Command;
use crate::engine::Engine;
use crate::explain::{Relation, Step, ended_note};
use crate::instruments::feature;
use crate::lists::Leg;
use crate::matching::Matched;
use crate::order_rate::Counted;
use crate::orders::{NONE, Order, opposite};
use crate::phases::Entry;
use crate::reduce_only::reduces_only;
use crate::reports::{CountingSink, Happening, Out, Refusal, ReportSink, order_state};
use crate::shape::{PASSIVE, Shape};
use crate::special::Special;
use crate::trailing::trails;

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
}
