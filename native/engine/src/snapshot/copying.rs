//! Taking a snapshot: the beginning, the slices, the sections.

use std::collections::VecDeque;

use fulltape_tape::codes::ErrorCode;

use super::copier::{Block, Copier, SECTION_HEAD};
use super::{
    Fields, Loose, MAGIC, PREFIX_BYTES, SNAPSHOT_FORMAT, SNAPSHOT_NOTE_MAX, SnapshotFailure, Writer, checksum, kind,
    layout,
};
use crate::ENGINE_VERSION;
use crate::config::RiskMode;
use crate::engine::Engine;
use crate::mixing::HashSum;

/// How far a snapshot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotProgress {
    /// None runs.
    Idle,
    /// Some of the state has not been copied.
    Copying,
    /// Everything has been copied; its sections have not all been taken.
    Copied,
}

/// The snapshot that runs.
#[derive(Default)]
pub struct Snapshotting {
    running: bool,
    /// Every table has been copied.
    copied: bool,
    /// Sections that no table owns.
    ready: VecDeque<Block>,
    /// Sections handed out.
    sections: u64,
    /// Hash of what belongs to no table.
    sum: HashSum,
}

impl Snapshotting {
    /// A section of a few records that are written at once.
    fn add(&mut self, kind: u16, count: u32, write: impl FnOnce(&mut Writer<'_>)) {
        let mut block = Block::new(kind, 1024);
        block.count = count;
        write(&mut Writer(&mut block.bytes));
        self.ready.push_back(block);
    }
}

impl Engine {
    /// Begins a snapshot of the state as it is now, between two commands. `note` is handed back by the restore.
    ///
    /// Copies nothing but counters and the sums of each currency, and clears one bit for each entity: O(currencies + entities / 64).
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when a snapshot runs already or the note is longer than [`SNAPSHOT_NOTE_MAX`].
    pub fn begin_snapshot(&mut self, note: &[u8]) -> Result<(), SnapshotFailure> {
        if self.snapshotting.running || note.len() > SNAPSHOT_NOTE_MAX {
            let details = "a snapshot runs already, or its note is too long";
            return Err(SnapshotFailure::new(ErrorCode::InvalidArgument, details));
        }
        let mut loose = self.loose();
        let sum = self.loose_hash();
        // Taken apart whole: a new field does not compile until somebody has decided what becomes of it.
        let Self {
            config,
            orders,
            accounts,
            instruments,
            ledger,
            client_orders,
            placed,
            lists,
            risk,
            snapshotting,
            // In `loose`.
            global_state: _,
            global_reason: _,
            next_number: _,
            trades: _,
            time_nanos: _,
            places: _,
            // Follow from the orders.
            levels: _,
            days: _,
            sum: _,
            // Follows from the orders.
            aside: _,
            // Of the command that ran last.
            number: _,
            level_touches: _,
            hidden_touches: _,
            dirty: _,
            called: _,
            session_targets: _,
            wave: _,
            trailed: _,
            found: _,
            answer: _,
            // Follows from the orders.
            pegs: _,
        } = self;
        orders.begin_copy();
        accounts.begin_copy();
        instruments.begin_copy();
        ledger.begin_copy();
        client_orders.begin_copy();
        placed.begin_copy();
        lists.begin_copy();
        risk.begin_copy();
        *snapshotting = Snapshotting {
            running: true,
            sum,
            ..Snapshotting::default()
        };
        let mut risk_off = config.risk == RiskMode::Off;
        let capacities = [config.max_orders, config.max_accounts, config.max_instruments];
        snapshotting.add(kind::HEADER, 1, |out| {
            for mut capacity in capacities {
                let _ = out.u32(&mut capacity);
            }
            let _ = out.bool(&mut risk_off);
            let _ = out.words(&mut [loose.next_number, loose.time_nanos]);
            out.0.extend_from_slice(note);
        });
        snapshotting.add(kind::ENGINE, 1, |out| out.put(&mut loose));
        for pots in ledger.pots().chunks(64) {
            snapshotting.add(kind::POT, pots.len() as u32, |out| {
                for pot in pots {
                    out.put(&mut { *pot });
                }
            });
        }
        Ok(())
    }

    /// Copies up to `budget` entities (eight words of the ring of placed orders count as one). O(budget).
    pub fn advance_snapshot(&mut self, budget: u32) -> SnapshotProgress {
        if !self.snapshotting.running {
            return SnapshotProgress::Idle;
        }
        let mut left = budget;
        self.orders.copy_some(&mut left);
        self.accounts.copy_some(&mut left);
        self.instruments.copy_some(&mut left);
        self.ledger.copy_some(&mut left);
        self.client_orders.copy_some(&mut left);
        self.placed.copy_some(&mut left);
        self.lists.copy_some(&mut left);
        self.risk.copy_some(&mut left);
        let mut copied = self.placed.copy_is_done();
        self.each_copier(&mut |copier| copied &= copier.is_done());
        self.snapshotting.copied = copied;
        self.snapshot_progress()
    }

    /// Every table but the ring of placed orders.
    fn each_copier(&mut self, visit: &mut impl FnMut(&mut Copier)) {
        visit(&mut self.orders.copier);
        visit(&mut self.accounts.copier);
        visit(&mut self.accounts.group_copier);
        visit(&mut self.instruments.copier);
        visit(&mut self.ledger.balance_copier);
        visit(&mut self.ledger.position_copier);
        visit(&mut self.client_orders.copier);
        visit(self.lists.copier());
        self.risk.each_copier(visit);
    }

    /// How far the snapshot is.
    #[must_use]
    pub const fn snapshot_progress(&self) -> SnapshotProgress {
        match (self.snapshotting.running, self.snapshotting.copied) {
            (false, _) => SnapshotProgress::Idle,
            (true, false) => SnapshotProgress::Copying,
            (true, true) => SnapshotProgress::Copied,
        }
    }

    /// Appends the next finished section, at most some 128 KiB, if there is one. After the last one no snapshot runs.
    pub fn take_snapshot(&mut self, into: &mut Vec<u8>) -> bool {
        let progress = self.snapshot_progress();
        if progress == SnapshotProgress::Idle {
            return false;
        }
        let next = self.next_block(progress == SnapshotProgress::Copied);
        let block = match next {
            Some(block) => block,
            None if progress == SnapshotProgress::Copied => {
                self.snapshotting.running = false;
                self.last_block()
            }
            None => return false,
        };
        let number = self.snapshotting.sections;
        self.snapshotting.sections += 1;
        if number == 0 {
            into.reserve(PREFIX_BYTES);
            into.extend_from_slice(&MAGIC);
            into.extend_from_slice(&SNAPSHOT_FORMAT.to_le_bytes());
            into.extend_from_slice(&ENGINE_VERSION.to_le_bytes());
            into.extend_from_slice(&layout().to_le_bytes());
        }
        seal(block, number, into);
        if !self.snapshotting.running {
            self.cancel_snapshot();
        }
        true
    }

    /// Gives a running snapshot up.
    pub fn cancel_snapshot(&mut self) {
        self.snapshotting = Snapshotting::default();
        self.each_copier(&mut Copier::cancel);
        self.placed.cancel_copy();
    }

    fn next_block(&mut self, rest: bool) -> Option<Block> {
        let mut next = self.snapshotting.ready.pop_front();
        self.each_copier(&mut |copier| {
            if next.is_none() {
                next = copier.take(rest);
            }
        });
        next.or_else(|| self.placed.take_copied(rest))
    }

    /// State hash and numbers of records.
    fn last_block(&mut self) -> Block {
        let mut block = Block::new(kind::END, 1024);
        let mut sum = self.snapshotting.sum;
        let mut totals = vec![self.placed.copied()];
        self.each_copier(&mut |copier| totals.push(copier.totals()));
        for (_, _, of_table) in &totals {
            sum.join(*of_table);
        }
        block.count = totals.len() as u32;
        let mut out = Writer(&mut block.bytes);
        let _ = out.words(&mut sum.value());
        for (kind, records, _) in totals {
            let _ = out.words(&mut [u64::from(kind), records]);
        }
        block
    }

    pub(crate) fn loose(&self) -> Loose {
        Loose {
            next_number: self.next_number,
            trades: self.trades,
            places: self.places,
            time_nanos: self.time_nanos,
            global_state: self.global_state,
            global_reason: self.global_reason,
        }
    }
}

/// Appends a section with its head.
fn seal(mut block: Block, number: u64, into: &mut Vec<u8>) {
    let bytes = block.bytes.len() - SECTION_HEAD;
    block.bytes.resize(SECTION_HEAD + bytes.next_multiple_of(8), 0);
    let head = [
        u64::from(block.kind) | (u64::from(block.count) << 32),
        bytes as u64,
        number,
    ];
    let sum = checksum(head, &block.bytes[SECTION_HEAD..]);
    for (at, word) in head.into_iter().chain([sum]).enumerate() {
        block.bytes[at * 8..at * 8 + 8].copy_from_slice(&word.to_le_bytes());
    }
    into.extend_from_slice(&block.bytes);
}
