//! Why a command came out as it did: notes that the step takes on the way, for who asks.
//!
//! [`Engine::submit_explained`] executes a command like [`Engine::submit`] and hands every [`Note`] to an
//! [`ExplainSink`]: each check with its numbers, costs, matches and why this maker, fees, the place in the queue at entry,
//! triggers. Notes come from the very code that decides: a check is written `out.at_most(code, observed, limit)?` and there
//! is no other place where it could be told differently. A sink that does not ask has `EXPLAINS = false`: the notes, and
//! all that is computed for them alone, are not compiled in.
//!
//! **A new check** tells of itself by using [`Out::at_most`], [`Out::at_least`], [`Out::holds`] or [`Out::known`] instead of an `if`
//! with `return Err(..)`. One that returns a refusal by hand is told when it fails and not when it passes. **A new effect**
//! adds a variant to [`Note`] (and its words), and `out.note(|| ..)` where it happens.

use bytemuck::Pod;
use fulltape_tape::Record;
use fulltape_tape::codes::{CancelReason, ErrorCode, OrderType, SelfTradePrevention, Side, TriggerSource};
use fulltape_tape::layout::AnswerRecord;

use crate::all_or_none::is_all_or_none;
use crate::checks::Proposal;
use crate::command::Command;
use crate::engine::Engine;
use crate::orders::{NONE, Order, opposite};
use crate::reports::{Out, Refusal, ReportSink, clamp};

/// What an order goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It comes in.
    Placed = 1,
    /// It gets new terms.
    Amended = 2,
    /// Its trigger condition holds: it comes in now.
    Triggered = 3,
    /// Its list lets it in: it comes in now.
    Entered = 4,
}

/// How a checked value stands to its bound where the check passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `observed <= limit`.
    AtMost = 1,
    /// `observed >= limit`.
    AtLeast = 2,
    /// A condition without numbers holds.
    Holds = 3,
    /// The check failed. What it compares follows from its code; both numbers are 0 where it has none.
    Refused = 4,
}

/// One thing that the engine looked at or did. Prices in ticks, quantities in lots, amounts in money units of the
/// instrument's currency, rates in parts per million, carries in millionths of a unit; 0 = none where an id or a price may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A command begins: what follows is about it, up to the next one.
    Command {
        /// Its number.
        number: u64,
        /// Its kind.
        kind: u16,
        /// Engine time at which it runs, in UNIX nanoseconds.
        time_nanos: u64,
    },
    /// The engine turns to an order: the checks and costs that follow are about it.
    Order {
        /// Order id.
        order_id: u64,
        /// What it goes through.
        step: Step,
        /// Side.
        side: Side,
        /// How it trades once it does: market or limit.
        order_type: OrderType,
        /// Limit; 0 for a market order.
        price_ticks: i64,
        /// Lots to trade or to rest.
        leaves_lots: i64,
        /// Trigger price of an order that waits.
        stop_ticks: i64,
    },
    /// A check, named by the code that it refuses with.
    Check {
        /// Number of the error table.
        code: ErrorCode,
        /// How it came out.
        relation: Relation,
        /// The value that was checked.
        observed: i64,
        /// Its bound.
        limit: i64,
    },
    /// What an order needs in money: `notional` and its highest fee, or what the book asks for a market order.
    Cost {
        /// Price times quantity.
        notional_units: i64,
        /// Rate of the fee that is held or paid.
        rate_ppm: i32,
        /// Fee rounding carried over.
        carry: i32,
        /// Money needed.
        needed_units: i64,
    },
    /// What an order of a margin account changes: the requirement of its underlying, its highest fee, and what its price gives
    /// away against the price at which the position will be valued.
    Margin {
        /// Requirement of the underlying without the order.
        before_units: i64,
        /// The same with the order.
        after_units: i64,
        /// Highest fee.
        fee_units: i64,
        /// What the price gives away.
        given_units: i64,
    },
    /// Two orders trade, at the resting order's price. It is the best price of its side, and nobody at that price is older.
    Match {
        /// The order that came in.
        taker_order_id: u64,
        /// The order that rested.
        maker_order_id: u64,
        /// Price of the trade.
        price_ticks: i64,
        /// Lots traded.
        lots: i64,
        /// Place of the maker in the queue: places count up over the shard, smaller ones came first.
        maker_place: u64,
        /// Place of the next order at the same price.
        next_place: u64,
        /// The next worse price of the side.
        next_price_ticks: i64,
    },
    /// Two orders trade in an auction, at its one price. Each is the best of its side, and nobody as good is older.
    Auctioned {
        /// The buy.
        buy_order_id: u64,
        /// The sell.
        sell_order_id: u64,
        /// Price of the auction.
        price_ticks: i64,
        /// Lots traded.
        lots: i64,
        /// Limit of the buy; 0 for a market order.
        buy_price_ticks: i64,
        /// Limit of the sell; 0 for a market order.
        sell_price_ticks: i64,
    },
    /// What a trade costs one of its orders: `fee * 1,000,000 + carry_after = notional * rate + carry_before`, the fee rounded up.
    Fee {
        /// The order.
        order_id: u64,
        /// It was the resting one.
        maker: bool,
        /// Price times quantity of the trade.
        notional_units: i64,
        /// Rate; negative for a rebate.
        rate_ppm: i32,
        /// Rounding carried over from the fills before.
        carry_before: i32,
        /// The fee.
        fee_units: i64,
        /// Rounding carried to the fills behind.
        carry_after: i32,
    },
    /// An order goes to the book, at the end of its queue.
    Rested {
        /// The order.
        order_id: u64,
        /// Its price.
        price_ticks: i64,
        /// Its open lots.
        leaves_lots: i64,
        /// Orders ahead of it at its price, hidden ones counted.
        orders_ahead: u32,
        /// Lots ahead of it at its price, hidden ones counted.
        lots_ahead: i64,
        /// Lots of its side at better prices, hidden ones counted.
        better_lots: i64,
        /// Money held for it.
        reserved_units: i64,
    },
    /// What everybody sees of the queue that an order has just joined: hidden orders and the hidden parts of icebergs not counted.
    Shown {
        /// The order.
        order_id: u64,
        /// Orders ahead of it at its price.
        orders_ahead: u32,
        /// Lots ahead of it at its price.
        lots_ahead: i64,
        /// Lots of its side at better prices.
        better_lots: i64,
    },
    /// An order waits for its trigger.
    Waits {
        /// The order.
        order_id: u64,
        /// Price that it looks at.
        source: TriggerSource,
        /// Trigger price.
        stop_ticks: i64,
        /// The price that it looks at, as it is.
        price_ticks: i64,
        /// Money held for it.
        reserved_units: i64,
    },
    /// The trigger condition of an order holds.
    Triggered {
        /// The order.
        order_id: u64,
        /// Price that it looks at.
        source: TriggerSource,
        /// It waited for a price at or above its trigger, else at or below it.
        rise: bool,
        /// Trigger price.
        stop_ticks: i64,
        /// The price that triggered it.
        price_ticks: i64,
    },
    /// The trigger of a trailing order follows its price.
    Trailed {
        /// The order.
        order_id: u64,
        /// Trigger before.
        before_ticks: i64,
        /// Trigger now.
        stop_ticks: i64,
        /// The price that it looks at.
        price_ticks: i64,
    },
    /// Self-trade prevention kept two orders of one owner apart.
    Prevented {
        /// The order that came in.
        taker_order_id: u64,
        /// The order that rested.
        maker_order_id: u64,
        /// Mode of the order that came in.
        mode: SelfTradePrevention,
        /// Open lots of the order that came in.
        taker_leaves_lots: i64,
        /// Open lots of the order that rested.
        maker_leaves_lots: i64,
    },
    /// The price of an order was moved behind the opposite side, or taken from it; a pegged order followed the book.
    Repriced {
        /// The order.
        order_id: u64,
        /// Price that was asked for, a peg's price before or its cap when it comes in; 0 = none.
        asked_ticks: i64,
        /// Price that it has now; 0 = a peg waits outside the book.
        price_ticks: i64,
        /// Best opposite price.
        best_ticks: i64,
    },
    /// The visible part of an iceberg was filled: it shows the next one at the end of the queue.
    Refreshed {
        /// The order.
        order_id: u64,
        /// Lots that it shows.
        shown_lots: i64,
        /// Lots that it has open.
        leaves_lots: i64,
    },
    /// The engine lowered an order by itself.
    Lowered {
        /// The order.
        order_id: u64,
        /// Why.
        reason: CancelReason,
        /// By so many lots.
        by_lots: i64,
        /// Lots that it has left open.
        leaves_lots: i64,
    },
    /// The fills of its parent say how many lots of an order are active.
    Sized {
        /// The order.
        order_id: u64,
        /// Lots that it has open.
        leaves_lots: i64,
    },
    /// The fees of two siblings round up once: an order takes over what its sibling's fill left of the rounding.
    Carried {
        /// The order.
        order_id: u64,
        /// Rounding carried to its next fill.
        carry: i32,
    },
    /// What was open of an order ended.
    Ended {
        /// The order.
        order_id: u64,
        /// Why.
        reason: CancelReason,
        /// Lots that were open.
        leaves_lots: i64,
        /// Lots that had been filled.
        cum_lots: i64,
    },
    /// The command repeats one that was answered: it gets the same answer and has no effect.
    Repeats {
        /// Number of the command that it repeats.
        command_number: u64,
    },
}

/// Takes notes in the order in which they are made.
pub trait ExplainSink {
    /// Appends one note.
    fn note(&mut self, note: &Note);
}

impl ExplainSink for Vec<Note> {
    fn note(&mut self, note: &Note) {
        self.push(*note);
    }
}

/// A report sink that takes notes beside it.
struct Explaining<'a, S, E> {
    sink: &'a mut S,
    notes: &'a mut E,
}

impl<S: ReportSink, E: ExplainSink> ReportSink for Explaining<'_, S, E> {
    const EXPLAINS: bool = true;

    fn push(&mut self, record: &Record) {
        self.sink.push(record);
    }

    fn put<T: Pod>(&mut self, typed: T, flags: u8, index: u32) {
        self.sink.put(typed, flags, index);
    }

    fn mark_last(&mut self, back: usize) {
        self.sink.mark_last(back);
    }

    fn note(&mut self, note: &Note) {
        self.notes.note(note);
    }
}

impl<S: ReportSink> Out<'_, S> {
    /// `observed <= limit`, or a refusal with both.
    #[inline(always)]
    pub fn at_most(&mut self, code: ErrorCode, observed: i128, limit: i128) -> Result<(), Refusal> {
        if observed > limit {
            return Err(Refusal::bound(code, observed, limit));
        }
        self.passed(code, Relation::AtMost, observed, limit);
        Ok(())
    }

    /// `observed >= limit`, or a refusal with both.
    #[inline(always)]
    pub fn at_least(&mut self, code: ErrorCode, observed: i128, limit: i128) -> Result<(), Refusal> {
        if observed < limit {
            return Err(Refusal::bound(code, observed, limit));
        }
        self.passed(code, Relation::AtLeast, observed, limit);
        Ok(())
    }

    /// A condition that has no numbers, or a refusal.
    #[inline(always)]
    pub fn holds(&mut self, code: ErrorCode, condition: bool) -> Result<(), Refusal> {
        if !condition {
            return Err(Refusal::of(code));
        }
        self.passed(code, Relation::Holds, 0, 0);
        Ok(())
    }

    /// What was looked up, or a refusal.
    #[inline(always)]
    pub fn known<T>(&mut self, code: ErrorCode, found: Option<T>) -> Result<T, Refusal> {
        let found = found.ok_or(Refusal::of(code))?;
        self.passed(code, Relation::Holds, 0, 0);
        Ok(found)
    }

    /// A check that is written by hand has passed.
    #[inline(always)]
    pub fn passed(&mut self, code: ErrorCode, relation: Relation, observed: i128, limit: i128) {
        self.note(|| Note::Check {
            code,
            relation,
            observed: clamp(observed),
            limit: clamp(limit),
        });
    }
}

impl Engine {
    /// As [`Engine::submit`], telling why: every note goes to `notes`. Reports, answer and state are those of `submit`.
    ///
    /// Walks queues and levels for places and next prices, so it costs more than the command itself.
    ///
    /// # Panics
    /// As [`Engine::submit`].
    pub fn submit_explained(
        &mut self,
        command: &Command<'_>,
        command_index: u32,
        sink: &mut impl ReportSink,
        notes: &mut impl ExplainSink,
    ) -> AnswerRecord {
        self.submit(command, command_index, &mut Explaining { sink, notes })
    }

    /// A trade that is about to happen, and why with this maker.
    pub(crate) fn match_note(&self, taker: &Order, maker: &Order, lots: i64) -> Note {
        let book = &self.instruments.get(maker.instrument).book;
        let next = match maker.next {
            NONE => 0,
            next => self.orders.get(next).priority,
        };
        let worse = book.after(maker.side, maker.price_ticks);
        Note::Match {
            taker_order_id: taker.id,
            maker_order_id: maker.id,
            price_ticks: maker.price_ticks,
            lots,
            maker_place: maker.priority,
            next_place: next,
            next_price_ticks: worse.map_or(0, |level| self.levels.get(level).price_ticks),
        }
    }

    /// A price that the book gave instead of the one that was asked for.
    pub(crate) fn repriced_note(&self, order_id: u64, asked_ticks: i64, order: &Proposal) -> Note {
        let best = self.instruments.get(order.instrument).book.best(opposite(order.side));
        Note::Repriced {
            order_id,
            asked_ticks,
            price_ticks: order.price_ticks,
            best_ticks: best.map_or(0, |level| self.levels.get(level).price_ticks),
        }
    }

    /// An order that has just gone to the end of its queue.
    pub(crate) fn rested_note(&self, index: u32) -> Note {
        let order = self.orders.get(index);
        if is_all_or_none(order.instructions) {
            let (orders_ahead, lots_ahead, better_lots) = self.aside_ahead(order);
            return Note::Rested {
                order_id: order.id,
                price_ticks: order.price_ticks,
                leaves_lots: order.leaves_lots,
                orders_ahead,
                lots_ahead,
                better_lots,
                reserved_units: order.reserved_units,
            };
        }
        let (mut orders_ahead, mut lots_ahead) = (0, 0);
        let mut ahead = order.previous;
        while ahead != NONE {
            let other = self.orders.get(ahead);
            orders_ahead += 1;
            lots_ahead += other.leaves_lots;
            ahead = other.previous;
        }
        let book = &self.instruments.get(order.instrument).book;
        let mut better_lots = 0_i64;
        let mut next = book.best(order.side);
        while let Some(level) = next.filter(|level| *level != order.level) {
            let level = self.levels.get(level);
            better_lots = better_lots.saturating_add(level.quantity_lots + level.hidden_lots);
            next = book.after(order.side, level.price_ticks);
        }
        Note::Rested {
            order_id: order.id,
            price_ticks: order.price_ticks,
            leaves_lots: order.leaves_lots,
            orders_ahead,
            lots_ahead,
            better_lots,
            reserved_units: order.reserved_units,
        }
    }

    /// What is shown of the queue that an order has just joined. Nobody sees those beside the book.
    pub(crate) fn shown_note(&self, index: u32) -> Note {
        let order = self.orders.get(index);
        let (mut orders_ahead, mut lots_ahead, mut better_lots) = (0, 0, 0_i64);
        if !is_all_or_none(order.instructions) {
            let mut ahead = order.previous;
            while ahead != NONE {
                let other = self.orders.get(ahead);
                let shown = self.orders.shown(other);
                orders_ahead += u32::from(shown != 0);
                lots_ahead += shown;
                ahead = other.previous;
            }
            let book = &self.instruments.get(order.instrument).book;
            let mut next = book.best(order.side);
            while let Some(level) = next.filter(|level| *level != order.level) {
                let level = self.levels.get(level);
                better_lots = better_lots.saturating_add(level.quantity_lots);
                next = book.after(order.side, level.price_ticks);
            }
        }
        Note::Shown {
            order_id: order.id,
            orders_ahead,
            lots_ahead,
            better_lots,
        }
    }

    /// An order that has just begun to wait for its trigger.
    pub(crate) fn waits_note(&self, index: u32) -> Note {
        let order = self.orders.get(index);
        let special = self.orders.specials.get(order.special);
        let source = TriggerSource::from_number(special.trigger_source).unwrap_or(TriggerSource::None);
        Note::Waits {
            order_id: order.id,
            source,
            stop_ticks: special.stop_ticks,
            price_ticks: self.trigger_price(self.instruments.get(order.instrument), source, order.side),
            reserved_units: order.reserved_units,
        }
    }
}

impl Proposal {
    /// The order as the checks see it.
    pub(crate) const fn note(&self, order_id: u64, step: Step) -> Note {
        Note::Order {
            order_id,
            step,
            side: self.side,
            order_type: self.order_type,
            price_ticks: self.price_ticks,
            leaves_lots: self.leaves_lots,
            stop_ticks: self.stop_ticks,
        }
    }
}

impl Refusal {
    /// The check that failed.
    pub(crate) const fn note(&self) -> Note {
        Note::Check {
            code: self.code,
            relation: Relation::Refused,
            observed: self.observed,
            limit: self.limit,
        }
    }
}

/// What was open of an order ends.
pub(crate) const fn ended_note(order: &Order, reason: CancelReason) -> Note {
    Note::Ended {
        order_id: order.id,
        reason,
        leaves_lots: order.leaves_lots,
        cum_lots: order.cum_lots(),
    }
}

/// An order was lowered by the engine.
pub(crate) const fn lowered_note(order: &Order, reason: CancelReason, by_lots: i64) -> Note {
    Note::Lowered {
        order_id: order.id,
        reason,
        by_lots,
        leaves_lots: order.leaves_lots,
    }
}
