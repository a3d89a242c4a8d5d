//! Trailing stops: the trigger follows the price at a distance while the price moves in the order's favour.
//!
//! A sell's trigger only rises, a buy's only falls. The distance is in ticks, or in basis points of the price (rounded
//! down, one tick at least). It follows the price that the trigger looks at, as it is after a command (or a wave of
//! triggered orders) and before anything triggers; not in a halt. The limit of a trailing stop-limit follows the trigger.
//! Each move is reported, in order of the orders' ids. Cost: O(trailing orders of an instrument) whenever its prices may
//! have moved. An order moves at most once for each tick that the price goes its way, so the reports are bounded by that.

use fulltape_tape::codes::{CancelReason, ErrorCode, OffsetUnit, OrderType, Side, TriggerSource};
use fulltape_tape::layout::{OrderTerms, PlaceOrder};

use crate::engine::Engine;
use crate::explain::Note;
use crate::orders::NONE;
use crate::reports::{Out, Refusal, ReportSink};
use crate::special::Special;

/// Largest distance in basis points: all of the price.
const BASIS_POINTS: i64 = 10_000;

/// How a trigger follows the price.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trail {
    /// Distance in ticks or basis points; 0 = the trigger does not move.
    pub offset: i64,
    /// The distance is in basis points.
    pub basis_points: bool,
    /// Ticks between trigger and limit.
    pub limit_offset_ticks: i64,
}

/// A trailing type.
pub const fn trails(order_type: u8) -> bool {
    order_type == OrderType::TrailingStop.number() || order_type == OrderType::TrailingStopLimit.number()
}

impl Trail {
    /// Reads the distance of a new order; nothing for types that do not trail.
    pub fn of(order_type: u8, terms: Option<&OrderTerms>) -> Result<Self, Refusal> {
        let limited = order_type == OrderType::TrailingStopLimit.number();
        let Some(terms) = terms.copied().or(trails(order_type).then(OrderTerms::default)) else {
            return Ok(Self::default());
        };
        let (offset, limit_offset_ticks) = (terms.trailing_offset, terms.limit_offset_ticks);
        if !trails(order_type) {
            let set = offset != 0 || limit_offset_ticks != 0 || terms.trailing_unit != 0;
            return if set {
                Err(Refusal::of(ErrorCode::UnsupportedOrderType))
            } else {
                Ok(Self::default())
            };
        }
        if !limited && limit_offset_ticks != 0 {
            return Err(Refusal::of(ErrorCode::UnsupportedOrderType));
        }
        let basis_points = match OffsetUnit::from_number(terms.trailing_unit) {
            Some(OffsetUnit::Ticks) => false,
            Some(OffsetUnit::BasisPoints) => true,
            _ => return Err(Refusal::of(ErrorCode::InvalidArgument)),
        };
        if offset <= 0 || (basis_points && offset > BASIS_POINTS) || limit_offset_ticks < 0 {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        Ok(Self {
            offset,
            basis_points,
            limit_offset_ticks,
        })
    }

    /// Trigger at this distance behind a price.
    fn stop_at(&self, side: Side, price_ticks: i64) -> i64 {
        let offset = if self.basis_points {
            let share = i128::from(price_ticks) * i128::from(self.offset) / i128::from(BASIS_POINTS);
            (share as i64).max(1)
        } else {
            self.offset
        };
        match side {
            Side::Buy => price_ticks.saturating_add(offset),
            Side::Sell => price_ticks.saturating_sub(offset),
        }
    }

    /// Limit that belongs to a trigger.
    fn limit_at(&self, side: Side, stop_ticks: i64) -> i64 {
        match side {
            Side::Buy => stop_ticks.saturating_add(self.limit_offset_ticks),
            Side::Sell => stop_ticks.saturating_sub(self.limit_offset_ticks),
        }
    }
}

impl Engine {
    /// Limit and trigger of a new trailing order: from the trigger that it names, else from the price as it is.
    pub(crate) fn trailing_prices(
        &self,
        instrument: u32,
        side: Side,
        place: &PlaceOrder,
        trail: &Trail,
    ) -> Result<(i64, i64), Refusal> {
        if place.price_ticks != 0 {
            return Err(Refusal::of(ErrorCode::PriceNotAllowed));
        }
        let stop_ticks = if place.stop_price_ticks == 0 {
            let source = TriggerSource::from_number(place.trigger_source).unwrap_or(TriggerSource::None);
            match self.trigger_price(self.instruments.get(instrument), source, side) {
                0 => return Err(Refusal::of(ErrorCode::NoReferencePrice)),
                price => self.next_valid_trigger(instrument, side, trail.stop_at(side, price)),
            }
        } else {
            place.stop_price_ticks
        };
        let limited = place.order_type == OrderType::TrailingStopLimit.number();
        let price_ticks = if limited {
            self.next_valid_tick(instrument, side, trail.limit_at(side, stop_ticks))
        } else {
            0
        };
        Ok((price_ticks, stop_ticks))
    }

    /// Lets the triggers of an instrument's trailing orders follow its prices.
    pub(crate) fn trail<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) {
        if self.is_halted(instrument) {
            return;
        }
        let mut at = 0;
        while let Some(index) = self.instruments.get(instrument).triggers.trailing.slot_at(at) {
            self.follow(index, out);
            at += 1;
        }
    }

    fn follow<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        let order = *self.orders.get(index);
        let Special {
            stop_ticks,
            trigger_source,
            trail,
            ..
        } = *self.orders.specials.get(order.special);
        let source = TriggerSource::from_number(trigger_source).unwrap_or(TriggerSource::None);
        let price = self.trigger_price(self.instruments.get(order.instrument), source, order.side);
        if price == 0 {
            return;
        }
        let stop = self.next_valid_trigger(order.instrument, order.side, trail.stop_at(order.side, price));
        let better = match order.side {
            Side::Buy => stop < stop_ticks,
            Side::Sell => stop > stop_ticks,
        };
        if !better {
            return;
        }
        out.note(|| Note::Trailed {
            order_id: order.id,
            before_ticks: stop_ticks,
            stop_ticks: stop,
            price_ticks: price,
        });
        self.leave_trigger(index);
        self.orders.special_mut(index).stop_ticks = stop;
        if order.order_type == OrderType::TrailingStopLimit.number() {
            let limit = trail.limit_at(order.side, stop);
            self.orders.get_mut(index).price_ticks = self.next_valid_tick(order.instrument, order.side, limit);
        }
        let moved = *self.orders.get_mut(index);
        self.join_trigger(index);
        self.trailed.push((order.id, index, order.price_ticks));
        // A falling trigger of a buy needs less.
        if !self.accounts.get(order.account).unlimited() {
            if self.refit(index) {
                return;
            }
            let reserved = self.reservation(&moved, moved.leaves_lots);
            self.ledger.reserve(order.balance, reserved - order.reserved_units);
            self.orders.get_mut(index).reserved_units = reserved;
        }
    }

    /// Reports the triggers that have moved, oldest order first.
    #[inline(never)]
    pub(crate) fn report_trailed<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        let mut trailed = core::mem::take(&mut self.trailed);
        trailed.sort_unstable();
        for (_, index, previous_price_ticks) in trailed.drain(..) {
            let order = *self.orders.get(index);
            self.report_moved(&order, previous_price_ticks, CancelReason::Trailed, out);
        }
        self.trailed = trailed;
    }

    /// Puts a waiting order to those that trail, if it does.
    pub(crate) fn join_trailing(&mut self, index: u32) {
        let order = *self.orders.get(index);
        if trails(order.order_type) {
            let member = crate::slot_heap::Member {
                key: 0,
                id: order.id,
                slot: index,
            };
            let orders = &mut self.orders;
            self.instruments
                .get_mut(order.instrument)
                .triggers
                .trailing
                .insert(member, |slot, position| orders.set_trail_position(slot, position));
        }
    }

    /// Takes an order from those that trail, if it is among them.
    pub(crate) fn leave_trailing(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let position = self.orders.specials.get(order.special).trail_position;
        if position != NONE {
            let orders = &mut self.orders;
            self.instruments
                .get_mut(order.instrument)
                .triggers
                .trailing
                .remove(position, |slot, position| orders.set_trail_position(slot, position));
            self.orders.set_trail_position(index, NONE);
        }
    }
}
