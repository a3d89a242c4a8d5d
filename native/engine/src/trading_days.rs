//! What the engine knows of each instrument's trading day: when its phase ends, the phases planned after it, the band of
//! prices that its auction keeps to, and the orders that wait for one.

use fulltape_tape::codes::TradingPhase;

use crate::crossing::Cursor;
use crate::slot_heap::SlotHeap;
use crate::snapshot::{Damage, Fields, Stored};

/// Phases that one command may plan: four records of three.
pub const PLAN_MAX: usize = 12;

/// A phase and the engine time at which it begins; phase 0 = none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Engine time in UNIX nanoseconds.
    pub at_nanos: u64,
    /// Wire number of the `TradingPhase`.
    pub phase: u8,
}

/// What the last report said of an auction's outcome, were it to end now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indication {
    /// Auction price in ticks; 0 = nothing would trade.
    pub price_ticks: i64,
    /// Lots that would trade.
    pub lots: i64,
    /// Lots wanted beyond those offered at that price, negative = the other way round.
    pub imbalance_lots: i64,
}

/// The trading day of one instrument.
#[derive(Clone, Copy, Debug, Default)]
pub struct TradingDay {
    /// Engine time at which the phase ends and its natural successor begins; 0 = open end.
    pub until_nanos: u64,
    /// Phases to come, ascending.
    pub plan: [Planned; PLAN_MAX],
    /// Lowest and highest price of the call that is under way; zeros = any.
    pub band: (i64, i64),
    /// What was reported last.
    pub indication: Indication,
}

impl TradingDay {
    /// Engine time of the next change of phase and the phase; the plan goes before the natural successor.
    pub fn next(&self, phase: TradingPhase) -> Option<Planned> {
        let planned = self.plan[0];
        let natural = self.until_nanos != 0 && (planned.phase == 0 || self.until_nanos < planned.at_nanos);
        if natural {
            return Some(Planned {
                at_nanos: self.until_nanos,
                phase: successor(phase).number(),
            });
        }
        (planned.phase != 0).then_some(planned)
    }

    /// A phase begins by the clock: it leaves the plan if it was planned, and has no end of its own.
    pub fn begin(&mut self, planned: Planned) {
        if self.plan[0] == planned {
            self.plan.copy_within(1.., 0);
            self.plan[PLAN_MAX - 1] = Planned::default();
        }
        self.until_nanos = 0;
    }

    /// What the state hash takes in.
    pub fn words(&self) -> [u64; 6 + 2 * PLAN_MAX] {
        let mut words = [0; 6 + 2 * PLAN_MAX];
        words[..6].copy_from_slice(&[
            self.until_nanos,
            self.band.0.cast_unsigned(),
            self.band.1.cast_unsigned(),
            self.indication.price_ticks.cast_unsigned(),
            self.indication.lots.cast_unsigned(),
            self.indication.imbalance_lots.cast_unsigned(),
        ]);
        for (pair, planned) in words[6..].chunks_exact_mut(2).zip(&self.plan) {
            pair.copy_from_slice(&[planned.at_nanos, u64::from(planned.phase)]);
        }
        words
    }
}

impl Stored for TradingDay {
    fn blank() -> Self {
        Self::default()
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            until_nanos,
            plan,
            band: (lowest, highest),
            indication:
                Indication {
                    price_ticks,
                    lots,
                    imbalance_lots,
                },
        } = self;
        io.u64(until_nanos)?;
        for Planned { at_nanos, phase } in plan {
            io.u64(at_nanos)?;
            io.u8(phase)?;
        }
        io.i64(lowest)?;
        io.i64(highest)?;
        io.i64(price_ticks)?;
        io.i64(lots)?;
        io.i64(imbalance_lots)
    }
}

/// What follows from trading days and orders: who waits for an auction, when the next phase begins.
pub struct TradingDays {
    /// Orders that wait outside the book for their auction, by instrument, oldest first.
    waiting: Vec<SlotHeap>,
    /// Where the two sides of an auction met, by instrument; kept while the phase lasts.
    cursors: Vec<Option<Cursor>>,
    /// Number of the command that looked at the indication of an instrument last.
    looked: Vec<u64>,
    /// Engine time of the first change of phase that can happen; `u64::MAX` = none is due ever.
    pub next_nanos: u64,
    /// Instruments in a phase in which orders collect.
    pub calls: u32,
    /// Instruments in a phase other than `Continuous`.
    pub outside: u32,
}

impl TradingDays {
    /// Room for `capacity` instruments.
    pub fn with_capacity(capacity: u32) -> Self {
        Self {
            waiting: Vec::with_capacity(capacity as usize),
            cursors: Vec::with_capacity(capacity as usize),
            looked: Vec::with_capacity(capacity as usize),
            next_nanos: u64::MAX,
            calls: 0,
            outside: 0,
        }
    }

    /// There is one more instrument, in this phase.
    pub fn add(&mut self, phase: TradingPhase) {
        self.waiting.push(SlotHeap::default());
        self.cursors.push(None);
        self.looked.push(0);
        self.calls += u32::from(is_call(phase));
        self.outside += u32::from(!matches!(phase, TradingPhase::Continuous));
    }

    /// The orders that wait for an auction of an instrument.
    pub fn waiting(&mut self, instrument: u32) -> &mut SlotHeap {
        &mut self.waiting[instrument as usize]
    }

    /// Where the two sides of an instrument's auction met.
    pub fn cursor(&self, instrument: u32) -> Option<Cursor> {
        self.cursors[instrument as usize]
    }

    /// They meet elsewhere, or nowhere that is known.
    pub fn set_cursor(&mut self, instrument: u32, cursor: Option<Cursor>) {
        self.cursors[instrument as usize] = cursor;
    }

    /// Whether the command with this number looks at the indication for the first time.
    pub fn look(&mut self, instrument: u32, number: u64) -> bool {
        core::mem::replace(&mut self.looked[instrument as usize], number) != number
    }
}

/// Orders collect and nothing trades.
pub const fn is_call(phase: TradingPhase) -> bool {
    matches!(
        phase,
        TradingPhase::PreOpen
            | TradingPhase::OpeningAuction
            | TradingPhase::VolatilityAuction
            | TradingPhase::ClosingAuction
    )
}

/// A call whose indicative price is shown.
pub const fn is_auction(phase: TradingPhase) -> bool {
    is_call(phase) && !matches!(phase, TradingPhase::PreOpen)
}

/// The phase that follows by itself when a phase has an end and no plan names another.
pub const fn successor(phase: TradingPhase) -> TradingPhase {
    match phase {
        TradingPhase::Closed => TradingPhase::PreOpen,
        TradingPhase::PreOpen => TradingPhase::OpeningAuction,
        TradingPhase::OpeningAuction | TradingPhase::VolatilityAuction => TradingPhase::Continuous,
        TradingPhase::Continuous => TradingPhase::ClosingAuction,
        TradingPhase::ClosingAuction => TradingPhase::PostClose,
        TradingPhase::PostClose => TradingPhase::Closed,
    }
}

/// Whether a phase may follow another. Out of `Continuous` everything may: a new instrument is in it.
pub const fn may_follow(before: TradingPhase, after: TradingPhase) -> bool {
    use TradingPhase::{Closed, ClosingAuction, Continuous, OpeningAuction, PostClose, PreOpen, VolatilityAuction};
    match before {
        Closed => matches!(after, PreOpen | OpeningAuction | Continuous),
        PreOpen => matches!(after, OpeningAuction | Continuous),
        OpeningAuction => matches!(after, Continuous | Closed),
        Continuous => !matches!(after, Continuous),
        VolatilityAuction => matches!(after, Continuous | ClosingAuction | PostClose | Closed),
        ClosingAuction => matches!(after, PostClose | Closed),
        PostClose => matches!(after, PreOpen | Closed),
    }
}
