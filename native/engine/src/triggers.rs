//! Orders that wait for a price: stops and if-touched orders.
//!
//! A buy stop waits for a price at or above its trigger, a sell stop for one at or below it; if-touched orders the other way
//! round. The price is the last trade, the best opposite price (ask for buys, bid for sells) or the mark price. Nothing
//! triggers while all trading or the instrument is halted; what is due then triggers when the halt ends.
//!
//! When a command has had its own effects, all waiting orders whose condition holds form a wave. They run one after another,
//! oldest order first, each reported as `Triggered` and then checked and matched as if it came in now: stops and market-if-touched
//! orders at the market, the others at their limit and never beyond it. What the checks refuse is cancelled with a reason.
//! Then the next wave is taken from the prices as they are, until nobody's condition holds. A wave's members are all
//! triggered by the prices before it, so no order is triggered by its own fill.

use fulltape_tape::codes::{
    CancelReason, ErrorCode, ExecType, OrderType, Side, TradingPhase, TradingState, TriggerSource,
};

use crate::all_or_none::is_all_or_none;
use crate::checks::{Held, Proposal};
use crate::engine::Engine;
use crate::explain::{Note, Step, ended_note};
use crate::instruments::Instrument;
use crate::matching::Matched;
use crate::orders::{NONE, Order, opposite, side_index};
use crate::reduce_only::reduces_only;
use crate::reports::{Happening, Out, ReportSink, order_state};
use crate::shape::PASSIVE;
use crate::slot_heap::{Member, SlotHeap};

/// Waiting orders of one instrument: a heap by source, side and direction, the next to trigger first.
#[derive(Default)]
pub struct Triggers {
    heaps: [SlotHeap; 12],
    /// Those whose trigger follows the price.
    pub trailing: SlotHeap,
}

/// Whether a type waits for a price at or above its trigger, on this side.
const fn waits_for_rise(order_type: u8, side: Side) -> bool {
    let touched = order_type == OrderType::MarketIfTouched.number() || order_type == OrderType::LimitIfTouched.number();
    matches!(side, Side::Buy) != touched
}

const fn heap_index(source: u8, side: Side, rise: bool) -> usize {
    (source as usize - 1) * 4 + side_index(side) * 2 + rise as usize
}

impl Triggers {
    /// Slots of all orders that wait, in no order that means anything.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        self.heaps
            .iter()
            .flat_map(|heap| (0..).map_while(|position| heap.slot_at(position)))
    }
}

impl Engine {
    /// Reserves for a waiting order and puts it to the others that wait.
    pub(crate) fn wait(&mut self, index: u32) {
        self.hold(index);
        self.join_trigger(index);
        self.join_trailing(index);
        self.dirty.push(self.orders.get(index).instrument);
    }

    /// Puts a waiting order into the heap of its trigger.
    pub(crate) fn join_trigger(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let special = *self.orders.specials.get(order.special);
        let rise = waits_for_rise(order.order_type, order.side);
        let ticks = special.stop_ticks.cast_unsigned();
        let member = Member {
            key: if rise { ticks } else { !ticks },
            id: order.id,
            slot: index,
        };
        let heap = heap_index(special.trigger_source, order.side, rise);
        let orders = &mut self.orders;
        self.instruments.get_mut(order.instrument).triggers.heaps[heap]
            .insert(member, |slot, position| orders.set_trigger_position(slot, position));
    }

    /// Takes an order from those that wait for a price or for an auction, if it is among them.
    pub(crate) fn stop_waiting(&mut self, index: u32) {
        if self.orders.get(index).special != NONE {
            self.leave_trailing(index);
            self.leave_trigger(index);
            self.leave_auction(index);
        }
    }

    /// Takes a waiting order out of the heap of its trigger, if it is in it.
    pub(crate) fn leave_trigger(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let special = *self.orders.specials.get(order.special);
        if special.position == NONE {
            return;
        }
        let rise = waits_for_rise(order.order_type, order.side);
        let heap = heap_index(special.trigger_source, order.side, rise);
        let orders = &mut self.orders;
        self.instruments.get_mut(order.instrument).triggers.heaps[heap].remove(special.position, |slot, position| {
            orders.set_trigger_position(slot, position)
        });
        self.orders.set_trigger_position(index, NONE);
    }

    /// Price that triggers of a source and side look at; 0 = there is none.
    pub(crate) fn trigger_price(&self, instrument: &Instrument, source: TriggerSource, side: Side) -> i64 {
        match source {
            TriggerSource::None => 0,
            TriggerSource::Last => instrument.last_price_ticks,
            TriggerSource::Mark => instrument.mark_price_ticks,
            // The book of a call, where orders may cross, is no price.
            TriggerSource::BidAsk if instrument.phase != TradingPhase::Continuous => 0,
            TriggerSource::BidAsk => self.best_shown(instrument, opposite(side)),
        }
    }

    /// Best visible price of a side; 0 = there is none.
    fn best_shown(&self, instrument: &Instrument, side: Side) -> i64 {
        let mut next = instrument.book.best(side);
        while let Some(level) = next.map(|index| self.levels.get(index)) {
            if level.count > 0 {
                return level.price_ticks;
            }
            next = instrument.book.after(side, level.price_ticks);
        }
        0
    }

    /// Nothing triggers in it: a halt, or a phase other than `Continuous`.
    pub(crate) fn is_halted(&self, instrument: u32) -> bool {
        let halted = TradingState::Halted.number();
        let instrument = self.instruments.get(instrument);
        self.global_state == halted || instrument.state == halted || instrument.phase != TradingPhase::Continuous
    }

    /// The next order of an instrument whose condition holds.
    pub(crate) fn due_trigger(&self, instrument: u32) -> Option<u32> {
        if self.is_halted(instrument) {
            return None;
        }
        let instrument = self.instruments.get(instrument);
        for source in [TriggerSource::Last, TriggerSource::BidAsk, TriggerSource::Mark] {
            for side in [Side::Buy, Side::Sell] {
                let price = self.trigger_price(instrument, source, side);
                for rise in [false, true] {
                    let heap = &instrument.triggers.heaps[heap_index(source.number(), side, rise)];
                    let Some(first) = heap.first().filter(|_| price > 0) else {
                        continue;
                    };
                    let ticks = price.cast_unsigned();
                    if first.key <= if rise { ticks } else { !ticks } {
                        return Some(first.slot);
                    }
                }
            }
        }
        None
    }

    /// Runs every order that the command triggered, wave by wave.
    pub(crate) fn run_triggers<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        // The answer tells of the command's own order alone.
        let answer = self.answer;
        let mut wave = core::mem::take(&mut self.wave);
        loop {
            self.run_price_trips(out);
            wave.clear();
            let mut last = NONE;
            for at in 0..self.level_touches.len() {
                let instrument = self.level_touches[at].instrument;
                if instrument != last {
                    self.collect_due(instrument, &mut wave, out);
                }
                last = instrument;
            }
            for at in 0..self.dirty.len() {
                self.collect_due(self.dirty[at], &mut wave, out);
            }
            if self.pegs.count != 0 {
                self.pegs.dirty.extend_from_slice(&self.dirty);
            }
            self.dirty.clear();
            if !self.trailed.is_empty() {
                self.report_trailed(out);
            }
            if wave.is_empty() {
                break;
            }
            wave.sort_unstable();
            for id in &wave {
                // An earlier member of the wave may have ended it.
                if let Some(index) = self.orders.find(*id) {
                    self.trigger(index, out);
                    if !self.ledger.over.is_empty() {
                        self.enforce_reduce_only(out);
                    }
                    if !self.lists.queue.is_empty() {
                        self.run_lists(out);
                    }
                }
            }
            if self.aside.open != 0 {
                self.run_all_or_none(out);
            }
        }
        self.wave = wave;
        self.answer = answer;
    }

    fn collect_due<S: ReportSink>(&mut self, instrument: u32, wave: &mut Vec<u64>, out: &mut Out<'_, S>) {
        self.trail(instrument, out);
        while let Some(index) = self.due_trigger(instrument) {
            out.note(|| self.triggered_note(index));
            self.stop_waiting(index);
            self.orders.set_triggered(index);
            wave.push(self.orders.get(index).id);
        }
    }

    /// A waiting order whose condition holds.
    fn triggered_note(&self, index: u32) -> Note {
        let order = self.orders.get(index);
        let special = self.orders.specials.get(order.special);
        let source = TriggerSource::from_number(special.trigger_source).unwrap_or(TriggerSource::None);
        Note::Triggered {
            order_id: order.id,
            source,
            rise: waits_for_rise(order.order_type, order.side),
            stop_ticks: special.stop_ticks,
            price_ticks: self.trigger_price(self.instruments.get(order.instrument), source, order.side),
        }
    }

    /// Every instrument may have orders that are due: a halt ended.
    pub(crate) fn watch_all(&mut self) {
        self.dirty.extend(0..self.instruments.iter().count() as u32);
    }

    fn trigger<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        let mut order = *self.orders.get(index);
        let ids = self.ids(order.account, order.instrument);
        let what = Happening {
            exec_type: ExecType::Triggered,
            status: order.open_status(),
            reason: CancelReason::None,
        };
        let mut report = order_state(&order, ids, order.cum_lots(), order.leaves_lots, what);
        report.extension_count = 1;
        out.primary(report);
        out.extension(self.detail(&order));
        self.release(index);
        let collects = self.instruments.get(order.instrument).phase != TradingPhase::Continuous;
        let proposal = Proposal {
            collared: true,
            collects,
            minimum_lots: self.orders.specials.get(order.special).minimum_lots,
            held: self.shared(&order),
            ..Proposal::of(&order)
        };
        out.note(|| proposal.note(order.id, Step::Triggered));
        // A call began between two orders of a wave.
        if collects && !proposal.rests {
            let what = Happening::canceled(CancelReason::TradingHalted);
            out.note(|| ended_note(&order, what.reason));
            out.primary(order_state(&order, ids, order.cum_lots(), 0, what));
            let link = self.link(&order);
            self.close(index);
            if let Some(link) = link {
                self.leg_left(link, what.reason, out);
            }
            return;
        }
        if let Err(refusal) = self.check_order(&proposal, out) {
            let what = Happening::canceled(reason_of(refusal.code));
            out.note(|| refusal.note());
            out.note(|| ended_note(&order, what.reason));
            out.primary(order_state(&order, ids, order.cum_lots(), 0, what));
            let link = self.link(&order);
            self.close(index);
            if let Some(link) = link {
                self.leg_left(link, what.reason, out);
            }
            return;
        }
        order.priority = self.next_place();
        self.orders.get_mut(index).priority = order.priority;
        if collects {
            self.rest(index);
            return;
        }
        let matched: Matched = self.match_order(&mut order, &proposal, out);
        self.settle_matched(index, &order, matched, proposal.rests, out);
    }
}

/// Why a triggered order that the checks refuse is cancelled.
pub(crate) const fn reason_of(code: ErrorCode) -> CancelReason {
    match code {
        ErrorCode::GlobalHalt | ErrorCode::AccountHalted | ErrorCode::InstrumentHalted => CancelReason::TradingHalted,
        ErrorCode::ReduceOnly => CancelReason::ReducedPosition,
        ErrorCode::NoLiquidity => CancelReason::NoLiquidity,
        ErrorCode::MarketClosed => CancelReason::MarketClosed,
        ErrorCode::FillOrKillUnfillable => CancelReason::FillOrKillUnfillable,
        ErrorCode::MinimumQuantityUnfillable => CancelReason::MinimumQuantityUnfillable,
        _ => CancelReason::Risk,
    }
}

/// A market order once it trades.
pub(crate) const fn trades_at_market(order_type: u8) -> bool {
    order_type == OrderType::Market.number()
        || order_type == OrderType::Stop.number()
        || order_type == OrderType::TrailingStop.number()
        || order_type == OrderType::MarketIfTouched.number()
}

/// An order that trades at any price now. A market-to-limit order has no limit while it is in a call.
pub(crate) const fn is_at_market(order: &Order) -> bool {
    trades_at_market(order.order_type)
        || (order.order_type == OrderType::MarketToLimit.number() && order.price_ticks == 0)
}

impl Proposal {
    /// An open order as it stands, to be checked again.
    pub(crate) fn of(order: &Order) -> Self {
        use fulltape_tape::codes::{TimeInForce, order_instruction};
        let market = is_at_market(order);
        let stays = order.time_in_force != TimeInForce::ImmediateOrCancel.number()
            && order.time_in_force != TimeInForce::FillOrKill.number();
        let rests = stays && !market;
        let all_or_none = is_all_or_none(order.instructions);
        Self {
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            order_type: if market { OrderType::Market } else { OrderType::Limit },
            price_ticks: order.price_ticks,
            cap_ticks: 0,
            leaves_lots: order.leaves_lots,
            quantity_lots: order.quantity_lots,
            rests,
            waits: false,
            collects: false,
            later: false,
            stop_ticks: 0,
            display_lots: 0,
            post_only: order.instructions & order_instruction::POST_ONLY != 0,
            reduce_only: reduces_only(order.instructions),
            minimum_lots: 0,
            fill_or_kill: order.time_in_force == TimeInForce::FillOrKill.number() || (all_or_none && !rests),
            all_or_none: all_or_none && rests,
            passive: order.instructions & PASSIVE != 0,
            self_trade_prevention: order.self_trade_prevention,
            collared: false,
            fee_carry: order.fee_carry,
            held: Held {
                price_ticks: order.price_ticks,
                leaves_lots: order.leaves_lots,
                reserved_units: order.reserved_units,
                slot: true,
            },
        }
    }
}
