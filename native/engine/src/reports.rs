//! Where reports go, and how one command's reports are put together.

use bytemuck::Pod;
use fulltape_tape::Record;
use fulltape_tape::codes::{CancelReason, ErrorCode, ExecType, OrderStatus, report_flag};
use fulltape_tape::layout::{DoneReport, OrderStateReport, RefusalReport};

use crate::explain::Note;
use crate::orders::Order;

/// Takes reports in the order in which they belong on the tape.
pub trait ReportSink {
    /// Appends one record.
    fn push(&mut self, record: &Record);

    /// Appends a record of the command at `index` of its commit, with these flags. What has the memory of its records at hand
    /// lets it be written there field by field.
    #[inline(always)]
    fn put<T: Pod>(&mut self, typed: T, flags: u8, index: u32) {
        let mut record = Record::of(typed);
        record.add_report_flags(flags);
        record.set_command_index(index);
        self.push(&record);
    }

    /// The record that was pushed `back` records ago (1 = the last) is the last primary one of its command.
    fn mark_last(&mut self, back: usize);

    /// Whether it asks why. Only then are notes made.
    const EXPLAINS: bool = false;
    /// Takes a note, where it asks for them.
    fn note(&mut self, _note: &Note) {}
}

impl ReportSink for Vec<Record> {
    #[inline]
    fn push(&mut self, record: &Record) {
        Vec::push(self, *record);
    }

    fn mark_last(&mut self, back: usize) {
        let at = self.len() - back;
        self[at].add_report_flags(report_flag::LAST_OF_COMMAND as u8);
    }
}

/// A sink that counts and forgets.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingSink {
    /// Records seen.
    pub records: u64,
}

impl ReportSink for CountingSink {
    #[inline]
    fn push(&mut self, record: &Record) {
        self.records += u64::from(record.kind() != 0);
    }

    fn mark_last(&mut self, _back: usize) {}
}

/// Why a command was refused. Nothing has been written when one is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Number of the error table.
    pub code: ErrorCode,
    /// The value that was checked.
    pub observed: i64,
    /// The bound it broke.
    pub limit: i64,
    /// The order that the command named; 0 = none.
    pub order_id: u64,
    /// Version of the limit or restriction that refused; 0 = none.
    pub rule_version: u32,
}

impl Refusal {
    /// A refusal without numbers.
    pub const fn of(code: ErrorCode) -> Self {
        Self {
            code,
            observed: 0,
            limit: 0,
            order_id: 0,
            rule_version: 0,
        }
    }

    /// A refusal by a bound; values beyond `i64` are shown as its ends.
    pub fn bound(code: ErrorCode, observed: i128, limit: i128) -> Self {
        Self {
            code,
            observed: clamp(observed),
            limit: clamp(limit),
            order_id: 0,
            rule_version: 0,
        }
    }

    /// The same refusal by a rule of this version.
    pub const fn by(mut self, rule_version: u32) -> Self {
        self.rule_version = rule_version;
        self
    }

    /// The same refusal of a command that named an order.
    pub const fn about(mut self, order_id: u64) -> Self {
        self.order_id = order_id;
        self
    }
}

/// An `i128` as `i64`, its ends standing for everything beyond.
pub fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// One command's reports on their way to the sink.
pub struct Out<'s, S> {
    sink: &'s mut S,
    index: u32,
    /// Records since the last primary one, itself included; 0 = none yet.
    back: usize,
    /// Somebody asks for the outcome behind the command.
    keeps_outcome: bool,
    /// First record of the outcome, where somebody asks for it, and of every command that is not about one order.
    pub outcome: Record,
}

impl<'s, S: ReportSink> Out<'s, S> {
    /// Reports of the command at `index` of its commit.
    pub fn new(sink: &'s mut S, index: u32, keeps_outcome: bool) -> Self {
        Self {
            keeps_outcome,
            sink,
            index,
            back: 0,
            outcome: Record::default(),
        }
    }

    /// A primary record.
    #[inline(always)]
    pub fn primary<T: Pod>(&mut self, typed: T) {
        self.sink.put(typed, 0, self.index);
        self.back = 1;
    }

    /// The outcome.
    #[inline(always)]
    pub fn outcome<T: Pod>(&mut self, typed: T) {
        if self.keeps_outcome {
            self.keep(Record::of(typed));
        }
        self.sink.put(typed, report_flag::OUTCOME as u8, self.index);
        self.back = 1;
    }

    #[inline(never)]
    fn keep(&mut self, mut outcome: Record) {
        outcome.add_report_flags(report_flag::OUTCOME as u8);
        outcome.set_command_index(self.index);
        self.outcome = outcome;
    }

    /// An extension record behind the last primary one, which counts it already.
    #[inline(always)]
    pub fn extension<T: Pod>(&mut self, typed: T) {
        self.sink.put(typed, 0, self.index);
        self.back += 1;
    }

    /// A note of why, for a sink that asks.
    #[inline(always)]
    pub fn note(&mut self, note: impl FnOnce() -> Note) {
        if S::EXPLAINS {
            self.sink.note(&note());
        }
    }

    /// The outcome of an accepted command that is not about one order.
    pub fn done(&mut self, command_kind: u16, target_id: u64, affected_count: u64) {
        self.keeps_outcome = true;
        self.outcome(DoneReport {
            kind: DoneReport::KIND,
            command_kind,
            target_id,
            affected_count,
            ..DoneReport::default()
        });
    }

    /// Every report of the command has been pushed.
    pub fn finish(self) {
        debug_assert!(self.back > 0, "Invariant: every command has an outcome");
        self.sink.mark_last(self.back);
    }
}

/// What happened to an order, for its state report.
#[derive(Clone, Copy, Debug)]
pub struct Happening {
    /// FIX ExecType.
    pub exec_type: ExecType,
    /// FIX OrdStatus.
    pub status: OrderStatus,
    /// Why.
    pub reason: CancelReason,
}

impl Happening {
    /// The open rest of an order was cancelled.
    pub const fn canceled(reason: CancelReason) -> Self {
        Self {
            exec_type: ExecType::Canceled,
            status: OrderStatus::Canceled,
            reason,
        }
    }
}

/// State of an order with `leaves_lots` open.
#[inline(always)]
pub fn order_state(
    order: &Order,
    ids: (u32, u32),
    cum_lots: i64,
    leaves_lots: i64,
    what: Happening,
) -> OrderStateReport {
    OrderStateReport {
        kind: OrderStateReport::KIND,
        order_id: order.id,
        account_id: ids.0,
        instrument_id: ids.1,
        quantity_lots: order.quantity_lots,
        leaves_quantity_lots: leaves_lots,
        cum_quantity_lots: cum_lots,
        price_ticks: order.price_ticks,
        exec_type: what.exec_type.number(),
        order_status: what.status.number(),
        side: order.side.number(),
        order_type: order.order_type,
        time_in_force: order.time_in_force,
        reason: what.reason.number(),
        instructions: order.instructions,
        ..OrderStateReport::default()
    }
}

/// The outcome of a refused command.
pub fn refusal_report(refusal: &Refusal, command_kind: u16, about: About) -> RefusalReport {
    RefusalReport {
        kind: RefusalReport::KIND,
        order_id: refusal.order_id,
        account_id: about.account_id,
        instrument_id: about.instrument_id,
        code: refusal.code.number(),
        command_kind,
        rule_version: refusal.rule_version,
        observed: refusal.observed,
        limit: refusal.limit,
        price_ticks: about.price_ticks,
        quantity_lots: about.quantity_lots,
        ..RefusalReport::default()
    }
}

/// What a refused command was about, copied from its fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// Account.
    pub account_id: u32,
    /// Instrument.
    pub instrument_id: u32,
    /// Price in ticks.
    pub price_ticks: i64,
    /// Quantity in lots.
    pub quantity_lots: i64,
}
