//! Phases of the trading day: what an instrument's phase takes, and how one phase follows another.
//!
//! Every instrument begins in `Continuous` and stays there until a session says otherwise. Orders collect in the calls
//! (`PreOpen`, `OpeningAuction`, `VolatilityAuction`, `ClosingAuction`); leaving them for a phase that is none uncrosses the
//! book, so no book is crossed outside a call. `Closed` and `PostClose` take cancels and lower quantities alone.

use fulltape_tape::codes::{CancelReason, ErrorCode, ExecType, OrderStatus, StateReason, TimeInForce, TradingPhase};
use fulltape_tape::codes::{Side, TradingState, order_instruction};
use fulltape_tape::layout::PlaceOrder;

use crate::auctions::{is_for_auction, takes_part};
use crate::engine::Engine;
use crate::orders::NONE;
use crate::reports::{Happening, Out, Refusal, ReportSink};
use crate::shape::Shape;
use crate::trading_days::{Indication, Planned, is_call};

/// What happens to an order that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It trades with the book, or waits for its trigger.
    Matches,
    /// It stands in the book of a call.
    Collects,
    /// It waits outside the book for its auction.
    Later,
}

impl Engine {
    /// Whether an instrument, if there is one of this id, trades continuously.
    pub(crate) fn trades_continuously(&self, instrument_id: u32) -> bool {
        self.instruments
            .find(instrument_id)
            .is_none_or(|index| self.instruments.get(index).phase == TradingPhase::Continuous)
    }

    /// What the phase of an instrument makes of a new order, or the refusal `MARKET_CLOSED`.
    #[inline(never)]
    pub(crate) fn admit(&self, instrument: u32, shape: &Shape, place: &PlaceOrder) -> Result<Entry, Refusal> {
        let phase = self.instruments.get(instrument).phase;
        let closed = Err(Refusal::bound(ErrorCode::MarketClosed, i128::from(phase.number()), 0));
        if matches!(phase, TradingPhase::Closed | TradingPhase::PostClose) {
            return closed;
        }
        let time_in_force = place.time_in_force;
        if shape.auction {
            let opens = matches!(phase, TradingPhase::PreOpen | TradingPhase::OpeningAuction);
            if time_in_force == TimeInForce::AtTheOpening.number() && !opens {
                return closed;
            }
            let joins = takes_part(time_in_force, phase);
            return Ok(if joins { Entry::Collects } else { Entry::Later });
        }
        if phase == TradingPhase::Continuous || shape.waits {
            return Ok(Entry::Matches);
        }
        // What asks for something at once, or for never taking, means nothing where nothing trades.
        let passive = order_instruction::POST_ONLY | order_instruction::POST_ONLY_REPRICE;
        let immediate = time_in_force == TimeInForce::ImmediateOrCancel.number()
            || shape.fill_or_kill
            || shape.all_or_none
            || shape.minimum_lots != 0
            || shape.peg.is_some()
            || place.instructions & passive != 0;
        if immediate { closed } else { Ok(Entry::Collects) }
    }

    /// Whether an order is in the book of a call, or would be if it stood in a book.
    pub(crate) fn entry_of(&self, instrument: u32, time_in_force: u8) -> Entry {
        let phase = self.instruments.get(instrument).phase;
        match (is_for_auction(time_in_force), is_call(phase)) {
            (true, _) if !takes_part(time_in_force, phase) => Entry::Later,
            (true, _) | (_, true) => Entry::Collects,
            _ => Entry::Matches,
        }
    }

    /// Orders are neither taken nor made larger.
    pub(crate) fn is_closed(&self, instrument: u32) -> bool {
        matches!(
            self.instruments.get(instrument).phase,
            TradingPhase::Closed | TradingPhase::PostClose
        )
    }

    /// A change to `after` would uncross the book of an instrument in which nothing may trade now: the refusal that says why.
    pub(crate) fn blocked(&self, instrument: u32, after: TradingPhase) -> Option<ErrorCode> {
        let halted = TradingState::Halted.number();
        let known = self.instruments.get(instrument);
        if !is_call(known.phase) || is_call(after) {
            return None;
        }
        if self.global_state == halted {
            return Some(ErrorCode::GlobalHalt);
        }
        (known.state == halted).then_some(ErrorCode::InstrumentHalted)
    }

    /// Lets an instrument enter a phase now because of a rule: a circuit breaker calls it with `VolatilityAuction` when a
    /// rule's `resultingPhase` is set. At engine time `until_nanos` (0 = open end) the phase ends by itself; what the plan
    /// holds goes on, and a planned phase that is due earlier ends it earlier. Answers whether the phase was entered: only out
    /// of `Continuous`, so a rule that trips in a call, or on a closed instrument, changes nothing.
    ///
    /// Call it between orders: after an order has been matched and settled, never while it matches. Orders that triggered
    /// and whose turn comes after it collect; those that cannot (market, immediate) are cancelled by `TradingHalted`.
    pub(crate) fn enter_phase<S: ReportSink>(
        &mut self,
        instrument: u32,
        phase: TradingPhase,
        until_nanos: u64,
        reason: StateReason,
        out: &mut Out<'_, S>,
    ) -> bool {
        let before = self.instruments.get(instrument).phase;
        if before != TradingPhase::Continuous || phase == TradingPhase::Continuous {
            return false;
        }
        self.instruments.extra_mut(instrument).day.until_nanos = until_nanos;
        self.change_phase(instrument, phase, u16::from(reason.number()), out);
        self.find_next_phase();
        true
    }

    /// Changes the phase of an instrument, with everything that follows from it: the uncross of a call that ends, orders that
    /// end with the auction or with the day, orders that join a call. Triggers are left to the caller.
    pub(crate) fn change_phase<S: ReportSink>(
        &mut self,
        index: u32,
        phase: TradingPhase,
        reason: u16,
        out: &mut Out<'_, S>,
    ) {
        let instrument = self.instruments.get_mut(index);
        let before = core::mem::replace(&mut instrument.phase, phase);
        instrument.reason = reason;
        self.instruments.extra_mut(index).day.indication = Indication::default();
        self.report_instrument(index, out);
        self.days.set_cursor(index, None);
        self.days.outside -= u32::from(before != TradingPhase::Continuous);
        self.days.outside += u32::from(phase != TradingPhase::Continuous);
        match (is_call(before), is_call(phase)) {
            (false, true) => {
                self.days.calls += 1;
                self.set_band(index);
            }
            (true, false) => {
                self.days.calls -= 1;
                self.uncross(index, out);
                self.instruments.extra_mut(index).day.band = (0, 0);
            }
            _ => {}
        }
        match phase {
            TradingPhase::Closed => {
                self.drop_waiting(index, out);
                self.end_day(index, out);
            }
            TradingPhase::PostClose => self.drop_waiting(index, out),
            TradingPhase::Continuous => {}
            _ => self.join_call(index, out),
        }
        self.called.push(index);
        self.dirty.push(index);
    }

    /// The trading day of an instrument is over: its day orders expire, oldest first. O(orders of the instrument).
    fn end_day<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) {
        let day = TimeInForce::Day.number();
        let mut found = core::mem::take(&mut self.found);
        found.clear();
        let known = self.instruments.get(instrument);
        for side in [Side::Buy, Side::Sell] {
            let mut next = known.book.best(side);
            while let Some(level) = next.map(|index| self.levels.get(index)) {
                let mut index = level.head;
                while index != NONE {
                    found.push(index);
                    index = self.orders.get(index).next;
                }
                next = known.book.after(side, level.price_ticks);
            }
        }
        found.extend(known.triggers.slots());
        for side in [Side::Buy, Side::Sell] {
            found.extend(self.aside_orders(instrument, side));
        }
        // Pegs that stand in the book are found already.
        let outside = |index: &u32| self.orders.get(*index).level == NONE;
        found.extend(self.pegs.slots(instrument).filter(outside));
        let mut legs = core::mem::take(self.lists.day_legs_mut(instrument));
        found.extend(legs.drain(..).filter_map(|id| self.pending_leg(id)));
        *self.lists.day_legs_mut(instrument) = legs;
        found.retain(|index| self.orders.get(*index).time_in_force == day);
        found.sort_unstable_by_key(|index| self.orders.get(*index).id);
        for &index in &found {
            // A leg may have gone with its sibling.
            if self.orders.get(index).id == 0 {
                continue;
            }
            let what = Happening {
                exec_type: ExecType::Expired,
                status: OrderStatus::Expired,
                reason: CancelReason::Expired,
            };
            self.withdraw(index, what, false, out);
        }
        self.found = found;
    }

    /// Finds the engine time of the first change of phase that can happen.
    pub(crate) fn find_next_phase(&mut self) {
        self.days.next_nanos = self
            .next_phase_change()
            .map_or(u64::MAX, |(_, planned)| planned.at_nanos);
    }

    /// The first change of phase that no halt holds back: by engine time, then by instrument id. O(instruments).
    fn next_phase_change(&self) -> Option<(u32, Planned)> {
        (0..)
            .zip(self.instruments.iter())
            .filter_map(|(index, instrument)| Some((index, self.instruments.extra(index).day.next(instrument.phase)?)))
            .filter(|(index, planned)| {
                let phase = TradingPhase::from_number(planned.phase).unwrap_or(TradingPhase::Closed);
                self.blocked(*index, phase).is_none()
            })
            .min_by_key(|(index, planned)| (planned.at_nanos, self.instruments.get(*index).id))
    }

    /// Runs the timers that are due at `to` in order of time: orders expire first, by id, then phases change, by instrument
    /// id; after each change of phase what it triggered. Answers how many there were.
    #[inline(never)]
    pub(crate) fn run_timers<S: ReportSink>(&mut self, to: u64, out: &mut Out<'_, S>) -> u64 {
        let mut fired = 0;
        loop {
            let change = self.next_phase_change().filter(|(_, planned)| planned.at_nanos <= to);
            let until = change.map_or(to, |(_, planned)| planned.at_nanos);
            fired += self.expire(until, out);
            let Some((index, planned)) = change else {
                self.find_next_phase();
                return fired;
            };
            fired += 1;
            self.begin_planned(index, planned, out);
            self.settle_consequences(out);
        }
    }

    fn begin_planned<S: ReportSink>(&mut self, index: u32, planned: Planned, out: &mut Out<'_, S>) {
        let phase = TradingPhase::from_number(planned.phase).unwrap_or(TradingPhase::Closed);
        let before = self.instruments.get(index).phase;
        self.instruments.extra_mut(index).day.begin(planned);
        if before != phase {
            self.change_phase(index, phase, u16::from(StateReason::Schedule.number()), out);
        }
    }

    /// Reduce-only orders give way and triggers run, as after a command.
    fn settle_consequences<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        if !self.ledger.over.is_empty() {
            self.enforce_reduce_only(out);
        }
        if !self.lists.queue.is_empty() {
            self.run_lists(out);
        }
        if self.aside.open != 0 {
            self.run_all_or_none(out);
        }
        self.run_price_trips(out);
        if self.orders.specials.waiting != 0 {
            self.run_triggers(out);
        }
        if self.pegs.count != 0 {
            self.follow_references(out);
        }
    }
}
