//! Order lists: one cancels the other, one triggers the other, and both in a bracket.
//!
//! Legs come as orders of their own and wait until their list is whole. Then, in the same step, the list becomes active:
//! both legs of an OCO, the entry of the others. The entry's fills give its children lots in proportion, behind the order
//! that filled it; two exits then are an OCO. What one leg does to its sibling happens at once (`pairs.rs`); what it does
//! to its parent or its children is queued and done when the order that runs is through, so nobody changes in the middle
//! of matching. Work is bounded by the legs of the lists that a command touches, and no function here calls itself.

use fulltape_tape::codes::{
    CancelReason, Contingency, ErrorCode, ExecType, LegRole, OrderStatus, TimeInForce, TradingPhase, amend_flag,
};
use fulltape_tape::layout::{ListLink, PlaceOrder};

use crate::checks::Proposal;
use crate::command::Command;
use crate::engine::Engine;
use crate::explain::{Note, Step, ended_note};
use crate::instruments::feature;
use crate::list_table::{LEGS_MAX, List, Stage};
use crate::orders::{NONE, Order, opposite, side_index};
use crate::pairs::Link;
use crate::reduce_only::reduces_only;
use crate::reports::{Happening, Out, Refusal, ReportSink, order_state};
use crate::shape::{DAY_NANOS, PASSIVE};
use crate::trading_days::is_call;
use crate::trailing::trails;
use crate::triggers::reason_of;

/// A leg as it comes in, checked against its list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
    /// Its list; `NONE` = it is the first.
    list: u32,
    contingency: Contingency,
    list_id: u64,
    index: u8,
    role: u8,
    last: bool,
    /// It becomes active in the same step.
    pub enters: bool,
    /// It asks never to trade at entry.
    passive: bool,
}

/// Whether a role may stand at this place.
const fn role_fits(contingency: Contingency, index: u8, role: Option<LegRole>) -> bool {
    match (contingency, index) {
        (Contingency::OneCancelsOther, _) => {
            matches!(role, Some(LegRole::Sibling | LegRole::TakeProfit | LegRole::StopLoss))
        }
        (Contingency::OneTriggersOther | Contingency::Bracket, 0) => matches!(role, Some(LegRole::Entry)),
        (Contingency::OneTriggersOther, _) => matches!(role, Some(LegRole::Child)),
        (Contingency::Bracket, _) => matches!(role, Some(LegRole::TakeProfit | LegRole::StopLoss)),
        (Contingency::None, _) => false,
    }
}

/// Room for legs that end with the day of an instrument, taken when there is one.
const DAY_LEGS: usize = 64;

impl Engine {
    /// Holds a leg against what its list is so far.
    #[inline(never)]
    pub(crate) fn leg_of(&self, command: &Command<'_>, instrument: u32) -> Result<Leg, Refusal> {
        let invalid = Refusal::of(ErrorCode::ListInvalid);
        let place: &PlaceOrder = command.view();
        let link: &ListLink = command.extension(ListLink::KIND).ok_or(invalid)?;
        let contingency = Contingency::from_number(link.contingency).ok_or(invalid)?;
        let index = link.leg_index;
        let fits = link.list_id != 0
            && link.leg_count == List::legs(contingency)
            && index < link.leg_count
            && role_fits(contingency, index, LegRole::from_number(link.leg_role));
        if !fits {
            return Err(invalid);
        }
        let last = index + 1 == link.leg_count;
        let mut leg = Leg {
            list: NONE,
            contingency,
            list_id: link.list_id,
            index,
            role: link.leg_role,
            last,
            enters: last && contingency == Contingency::OneCancelsOther,
            passive: place.instructions & PASSIVE != 0,
        };
        let Some(known) = self.lists.find(place.account_id, link.list_id) else {
            return if index == 0 { Ok(leg) } else { Err(invalid) };
        };
        leg.list = known;
        let list = self.lists.get(known);
        if list.stage != Stage::Gathering || index < list.arrived {
            return Err(Refusal::of(ErrorCode::ListClosed));
        }
        let first = self.orders.find(list.orders[0]).map(|first| self.orders.get(first));
        let Some(first) = first.filter(|_| index == list.arrived && contingency == list.contingency) else {
            return Err(invalid);
        };
        let side_fits = match contingency {
            Contingency::OneCancelsOther => {
                place.side == first.side.number() && place.quantity_lots == first.quantity_lots
            }
            Contingency::Bracket => place.side != first.side.number() && place.quantity_lots <= first.quantity_lots,
            _ => true,
        };
        let second = self
            .orders
            .find(list.orders[1])
            .map(|second| self.orders.get(second).quantity_lots);
        let exits_fit = index < 2 || (second == Some(place.quantity_lots) && list.second_role != link.leg_role);
        if first.instrument != instrument || !side_fits || !exits_fit {
            return Err(invalid);
        }
        Ok(leg)
    }

    /// The checks of a leg. One that waits is held to its shape, to the limits and to the room in the table; one that
    /// enters, and the legs that enter with it, to all checks.
    #[inline(never)]
    pub(crate) fn check_leg<S: ReportSink>(
        &self,
        order: &Proposal,
        leg: &Leg,
        trails: bool,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        out.at_most(
            ErrorCode::OrderBookFull,
            i128::from(self.orders.open()) + 1,
            i128::from(self.config.max_orders),
        )?;
        if leg.enters {
            let collects = self.leg_collects(order, leg.passive)?;
            self.check_order(&Proposal { collects, ..*order }, out)?;
        } else {
            if self.instruments.get(order.instrument).terms.features & feature::EXPIRES != 0 {
                let expired = self.instruments.extra(order.instrument).expired;
                out.holds(ErrorCode::InstrumentExpired, !expired)?;
            }
            self.check_pending(order, trails, out)?;
            if self.is_limited(order.account, order.instrument) {
                self.check_open_orders(order, out)?;
            }
        }
        if leg.last {
            let first = self.orders.find(self.lists.get(leg.list).orders[0]);
            let first = first.ok_or(Refusal::of(ErrorCode::ListInvalid))?;
            let id = self.orders.get(first).id;
            self.entering(first)
                .and_then(|proposal| self.check_order(&proposal, out))
                .map_err(|refusal| refusal.about(id))?;
        }
        Ok(())
    }

    /// Takes a leg in. The list whose last leg it is becomes active behind it.
    pub(crate) fn join_list<S: ReportSink>(
        &mut self,
        mut order: Order,
        leg: Leg,
        accepted: Happening,
        out: &mut Out<'_, S>,
    ) {
        let ids = self.ids(order.account, order.instrument);
        let index = if leg.list == NONE {
            self.lists.insert(List {
                list_id: leg.list_id,
                account_id: ids.0,
                instrument: order.instrument,
                contingency: leg.contingency,
                second_role: 0,
                stage: Stage::Gathering,
                arrived: 0,
                orders: [order.id, 0, 0],
                parent_lots: 0,
                child_lots: 0,
                granted_lots: 0,
                filled_lots: 0,
                forsaken: false,
                queued: false,
                expire_nanos: 0,
            })
        } else {
            leg.list
        };
        let list = self.lists.get_mut(index);
        list.orders[leg.index as usize] = order.id;
        list.arrived += 1;
        if leg.index == 1 {
            list.second_role = leg.role;
        }
        let special = self.orders.specials.unmarked_mut(order.special);
        special.list = index;
        special.leg = leg.index;
        special.pending = true;
        // A list that never becomes whole does not wait beyond the day.
        if order.expire_nanos == 0 && (!leg.last || lasts_a_day(&order)) {
            order.expire_nanos = (self.time_nanos / DAY_NANOS + 1).saturating_mul(DAY_NANOS);
        }
        let mut report = order_state(&order, ids, 0, order.leaves_lots, accepted);
        report.extension_count = 1;
        out.outcome(report);
        out.extension(self.detail(&order));
        if ends_with_the_day(&order) {
            self.note_day_leg(order.instrument, order.id);
        }
        self.take_in(order);
        self.answer.order_id = order.id;
        self.answer.leaves_quantity_lots = order.leaves_lots;
        self.answer.order_status = OrderStatus::PendingNew.number();
        self.answer.exec_type = ExecType::New.number();
        if leg.last {
            self.lists.enqueue(index);
        }
    }

    /// Remembers a leg that ends with the day of its instrument, for the end of that day: pending legs stand in no book.
    pub(crate) fn note_day_leg(&mut self, instrument: u32, id: u64) {
        let mut legs = core::mem::take(self.lists.day_legs_mut(instrument));
        if legs.len() == legs.capacity() {
            // Most of them may have entered or ended, where days are long.
            legs.retain(|id| self.pending_leg(*id).is_some());
            legs.reserve(legs.len().max(DAY_LEGS));
        }
        legs.push(id);
        *self.lists.day_legs_mut(instrument) = legs;
    }

    /// Slot of a leg that has not entered.
    pub(crate) fn pending_leg(&self, id: u64) -> Option<u32> {
        let slot = self.orders.find(id)?;
        self.is_pending(self.orders.get(slot)).then_some(slot)
    }

    /// The last leg of a list was refused: the list ends with it. A leg that the list has already does not harm it.
    pub(crate) fn refused_leg(&mut self, command: &Command<'_>, refusal: &Refusal) {
        if command.kind() != PlaceOrder::KIND || refusal.code == ErrorCode::ListClosed {
            return;
        }
        let Some(link) = command.extension::<ListLink>(ListLink::KIND) else {
            return;
        };
        let known = self.lists.find(command.account_id(), link.list_id);
        if let Some(index) = known {
            let list = self.lists.get_mut(index);
            let last = link.leg_index.checked_add(1) == Some(List::legs(list.contingency));
            if last && list.stage == Stage::Gathering {
                list.stage = Stage::Rejected;
                self.lists.enqueue(index);
            }
        }
    }

    /// What of a leg may be amended: no quantity while it is pending, or where another leg rules it.
    pub(crate) fn leg_amendable(&self, order: &Order) -> u16 {
        let Some(link) = self.link(order) else {
            return u16::MAX;
        };
        let list = self.lists.get(link.list);
        if self.is_pending(order) || list.sibling(link.leg).is_some() || link.leg > 0 {
            !amend_flag::QUANTITY
        } else {
            u16::MAX
        }
    }

    /// Does what lists have to do behind an order, first come first served.
    #[inline(never)]
    pub(crate) fn run_lists<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        // The answer tells of the command's own order alone.
        let answer = self.answer;
        let mut at = 0;
        while let Some(&index) = self.lists.queue.get(at) {
            at += 1;
            self.lists.get_mut(index).queued = false;
            match self.lists.get(index).stage {
                Stage::Rejected => self.reject_list(index, out),
                Stage::Gathering => self.activate_list(index, out),
                Stage::Active => self.size_children(index, out),
                Stage::Ended => {}
            }
            if !self.ledger.over.is_empty() {
                self.enforce_reduce_only(out);
            }
        }
        self.lists.queue.clear();
        self.answer = answer;
    }

    /// Slot of a leg while it is open.
    fn open_leg(&self, list: u32, leg: u8) -> Option<u32> {
        self.orders.find(self.lists.get(list).orders[leg as usize])
    }

    fn cancel_leg<S: ReportSink>(&mut self, list: u32, leg: u8, reason: CancelReason, out: &mut Out<'_, S>) {
        if let Some(index) = self.open_leg(list, leg) {
            self.withdraw_alone(index, Happening::canceled(reason), false, out);
        }
    }

    /// Notes the end of a list when none of its orders is open.
    fn end_when_over(&mut self, index: u32) {
        let over = (0..LEGS_MAX as u8).all(|leg| self.open_leg(index, leg).is_none());
        if over && self.lists.get(index).stage != Stage::Ended {
            self.lists.end(index, self.time_nanos);
        }
    }

    fn reject_list<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        for leg in 0..LEGS_MAX as u8 {
            self.cancel_leg(index, leg, CancelReason::ListRejected, out);
        }
        self.end_when_over(index);
    }

    /// All legs came: those that stand first enter.
    fn activate_list<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        let quantity = |leg: u8| {
            self.open_leg(index, leg)
                .map_or(0, |slot| self.orders.get(slot).quantity_lots)
        };
        let (parent_lots, child_lots) = (quantity(0), quantity(1));
        let list = self.lists.get_mut(index);
        list.stage = Stage::Active;
        list.parent_lots = parent_lots;
        list.child_lots = child_lots;
        let firsts = if list.has_parent() { 1 } else { 2 };
        for leg in 0..LEGS_MAX as u8 {
            let slot = self.open_leg(index, leg);
            let Some(slot) = slot.filter(|slot| !self.expires_by_itself(self.orders.get(*slot))) else {
                continue;
            };
            self.orders.clear_timer(slot);
        }
        for leg in 0..firsts {
            let Some(slot) = self.open_leg(index, leg) else {
                continue;
            };
            if !self.activate(slot, CancelReason::None, out) {
                self.reject_list(index, out);
                return;
            }
            if !self.ledger.over.is_empty() {
                self.enforce_reduce_only(out);
            }
        }
    }

    /// A pending leg as it would enter now.
    fn entering(&self, index: u32) -> Result<Proposal, Refusal> {
        let order = self.orders.get(index);
        let special = self.orders.specials.get(order.special);
        let (price_ticks, stop_ticks) = if trails(order.order_type) {
            let place = PlaceOrder {
                stop_price_ticks: special.stop_ticks,
                trigger_source: special.trigger_source,
                order_type: order.order_type,
                ..PlaceOrder::default()
            };
            self.trailing_prices(order.instrument, order.side, &place, &special.trail)?
        } else {
            let price = self.behind_touch(order.instrument, order.side, order.instructions, order.price_ticks);
            (price, special.stop_ticks)
        };
        let mut proposal = Proposal {
            price_ticks,
            waits: special.trigger_source != 0,
            stop_ticks,
            display_lots: special.display_lots,
            minimum_lots: special.minimum_lots,
            collared: true,
            held: self.shared(order),
            ..Proposal::of(order)
        };
        proposal.collects = self.leg_collects(&proposal, order.instructions & PASSIVE != 0)?;
        Ok(proposal)
    }

    /// Whether a leg that enters now stands in the book without trading, as outside continuous trading everything does. What
    /// asks for a trade at once, or for none, has no place there, nor what would trade where no auction follows.
    fn leg_collects(&self, order: &Proposal, passive: bool) -> Result<bool, Refusal> {
        let phase = self.instruments.get(order.instrument).phase;
        if phase == TradingPhase::Continuous || order.waits {
            return Ok(false);
        }
        let meets = !is_call(phase)
            && self
                .touch(order.instrument, opposite(order.side))
                .is_some_and(|price_ticks| self.crosses(order, price_ticks));
        if !order.rests || order.fill_or_kill || passive || order.minimum_lots != 0 || meets {
            return Err(Refusal::bound(ErrorCode::MarketClosed, i128::from(phase.number()), 0));
        }
        Ok(true)
    }

    /// Whether an order's own time in force ends it by the clock: where an instrument follows a calendar a phase ends the day.
    fn expires_by_itself(&self, order: &Order) -> bool {
        order.is_dated() || (lasts_a_day(order) && self.instruments.get(order.instrument).terms.calendar_id() == 0)
    }

    /// Lets a pending leg enter as if it came in now. Returns whether the checks let it; if not, it is cancelled.
    fn activate<S: ReportSink>(&mut self, index: u32, reason: CancelReason, out: &mut Out<'_, S>) -> bool {
        let order = *self.orders.get(index);
        let ids = self.ids(order.account, order.instrument);
        out.note(|| Proposal::of(&order).note(order.id, Step::Entered));
        let checked = self
            .entering(index)
            .and_then(|proposal| self.check_order(&proposal, out).map(|()| proposal));
        let proposal = match checked {
            Ok(proposal) => proposal,
            Err(refusal) => {
                let what = Happening::canceled(reason_of(refusal.code));
                out.note(|| refusal.note());
                out.note(|| ended_note(&order, what.reason));
                out.primary(order_state(&order, ids, order.cum_lots(), 0, what));
                self.close(index);
                return false;
            }
        };
        if !self.expires_by_itself(&order) {
            self.orders.clear_timer(index);
        }
        let slot = self.orders.get_mut(index);
        slot.price_ticks = proposal.price_ticks;
        let special = self.orders.specials.unmarked_mut(order.special);
        special.pending = false;
        special.stop_ticks = proposal.stop_ticks;
        special.waiting = proposal.waits;
        self.orders.specials.waiting += u32::from(proposal.waits);
        let mut order = *self.orders.get(index);
        if reduces_only(order.instructions) {
            self.ledger.count_reduce_only(order.position, side_index(order.side), 1);
        }
        self.count_walked(&order, 1);
        let what = Happening {
            exec_type: ExecType::New,
            status: OrderStatus::New,
            reason,
        };
        let mut report = order_state(&order, ids, order.cum_lots(), order.leaves_lots, what);
        report.extension_count = 1;
        out.primary(report);
        out.extension(self.detail(&order));
        if proposal.waits {
            self.wait(index);
            out.note(|| self.waits_note(index));
            return true;
        }
        order.priority = self.next_place();
        self.orders.get_mut(index).priority = order.priority;
        if proposal.collects {
            self.rest(index);
            out.note(|| self.rested_note(index));
            out.note(|| self.shown_note(index));
            return true;
        }
        let matched = self.match_order(&mut order, &proposal, out);
        self.settle_matched(index, &order, matched, proposal.rests, out);
        true
    }

    /// A leg is no longer open; what stands with it follows. `reason` is why it was cancelled, `None` when it was filled.
    #[inline(never)]
    pub(crate) fn leg_left<S: ReportSink>(&mut self, link: Link, reason: CancelReason, out: &mut Out<'_, S>) {
        let list = *self.lists.get(link.list);
        let ordered = matches!(reason, CancelReason::Requested | CancelReason::Operator);
        if list.stage == Stage::Gathering || list.contingency == Contingency::OneCancelsOther {
            for leg in 0..LEGS_MAX as u8 {
                self.cancel_leg(link.list, leg, CancelReason::ListSibling, out);
            }
        } else if link.leg == 0 {
            if list.filled_lots == 0 {
                for leg in 1..LEGS_MAX as u8 {
                    self.cancel_leg(link.list, leg, CancelReason::ListSibling, out);
                }
            } else {
                self.lists.enqueue(link.list);
            }
        } else {
            if let Some(sibling) = list.sibling(link.leg) {
                self.cancel_leg(link.list, sibling, CancelReason::ListSibling, out);
            }
            if !ordered {
                self.lists.get_mut(link.list).forsaken = true;
                self.lists.enqueue(link.list);
            }
        }
        self.end_when_over(link.list);
    }

    /// Gives the children of a list what its parent's fills entitle them to.
    fn size_children<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        let list = *self.lists.get(index);
        let children = [self.open_leg(index, 1), self.open_leg(index, 2)];
        let mut open = children.into_iter().flatten();
        let Some(first) = open.next() else {
            if list.forsaken {
                self.cancel_leg(index, 0, CancelReason::ListSibling, out);
            }
            self.end_when_over(index);
            return;
        };
        let due = list.entitled_lots() - list.granted_lots;
        if due > 0 {
            self.lists.get_mut(index).granted_lots += due;
            if list.granted_lots == 0 {
                self.activate_children(index, due, out);
            } else {
                self.grow_children([Some(first), open.next()], due, out);
            }
        } else if list.granted_lots == 0 && self.open_leg(index, 0).is_none() {
            for leg in 1..LEGS_MAX as u8 {
                self.cancel_leg(index, leg, CancelReason::ListSibling, out);
            }
        }
        self.end_when_over(index);
    }

    fn activate_children<S: ReportSink>(&mut self, index: u32, lots: i64, out: &mut Out<'_, S>) {
        for leg in 1..LEGS_MAX as u8 {
            if let Some(slot) = self.open_leg(index, leg) {
                let order = self.orders.get_mut(slot);
                order.quantity_lots = lots;
                order.leaves_lots = lots;
                let order_id = order.id;
                out.note(|| Note::Sized {
                    order_id,
                    leaves_lots: lots,
                });
            }
        }
        for leg in 1..LEGS_MAX as u8 {
            let Some(slot) = self.open_leg(index, leg) else {
                continue;
            };
            if !self.activate(slot, CancelReason::ListSized, out) {
                self.leg_left(Link { list: index, leg }, CancelReason::Risk, out);
            }
        }
    }

    /// Adds lots to active children, which go to the end of their queues; what the checks refuse is cancelled.
    fn grow_children<S: ReportSink>(&mut self, children: [Option<u32>; 2], lots: i64, out: &mut Out<'_, S>) {
        for index in children.into_iter().flatten() {
            let order = *self.orders.get(index);
            let special = self.orders.specials.get(order.special);
            let refused = match (
                order.quantity_lots.checked_add(lots),
                order.leaves_lots.checked_add(lots),
            ) {
                (Some(quantity_lots), Some(leaves_lots)) => self
                    .check_order(
                        &Proposal {
                            quantity_lots,
                            leaves_lots,
                            waits: order.level == NONE,
                            collects: order.level != NONE
                                && self.instruments.get(order.instrument).phase != TradingPhase::Continuous,
                            stop_ticks: special.stop_ticks,
                            display_lots: special.display_lots,
                            held: self.standing(&order),
                            ..Proposal::of(&order)
                        },
                        out,
                    )
                    .err()
                    .map(|refusal| refusal.code),
                _ => Some(ErrorCode::NotionalOverflow),
            };
            if let Some(code) = refused {
                self.withdraw(index, Happening::canceled(reason_of(code)), false, out);
                return;
            }
        }
        let resting = children.map(|child| child.is_some_and(|index| self.orders.get(index).level != NONE));
        for (index, resting) in children.into_iter().zip(resting) {
            let Some(index) = index else {
                continue;
            };
            if resting {
                self.leave_book(index);
            }
            self.release(index);
        }
        for index in children.into_iter().flatten() {
            let order = self.orders.get_mut(index);
            order.quantity_lots += lots;
            order.leaves_lots += lots;
        }
        for (index, resting) in children.into_iter().zip(resting) {
            let Some(index) = index else {
                continue;
            };
            if resting {
                let place = self.next_place();
                self.orders.get_mut(index).priority = place;
                self.rest(index);
            } else {
                self.hold(index);
            }
            let order = *self.orders.get(index);
            out.note(|| Note::Sized {
                order_id: order.id,
                leaves_lots: order.leaves_lots,
            });
            self.report_restated(&order, CancelReason::ListSized, out);
        }
    }
}

/// Whether an order's own time in force ends it at a time, or with a day.
const fn lasts_a_day(order: &Order) -> bool {
    order.is_dated() || ends_with_the_day(order)
}

pub(crate) const fn ends_with_the_day(order: &Order) -> bool {
    order.time_in_force == TimeInForce::Day.number()
}
