//! The status block: 64 words at a fixed address that every call updates and the caller reads in place.

use std::sync::atomic::{AtomicU64, Ordering};

/// Indices of the status words.
pub mod word {
    /// Address of the output.
    pub const OUTPUT_ADDRESS: usize = 0;
    /// Its bytes.
    pub const OUTPUT_BYTES: usize = 1;
    /// Commits that the last call emitted.
    pub const COMMITS: usize = 2;
    /// Byte offset of the answers in the output.
    pub const ANSWERS_OFFSET: usize = 3;
    /// Answers.
    pub const ANSWERS: usize = 4;
    /// Next command number.
    pub const NEXT_COMMAND: usize = 5;
    /// Number of the last commit.
    pub const HEAD_COMMIT: usize = 6;
    /// Engine time.
    pub const TIME: usize = 7;
    /// Epoch.
    pub const EPOCH: usize = 8;
    /// First of four words: hash of the head.
    pub const HEAD_HASH: usize = 9;
    /// Trades so far.
    pub const TRADES: usize = 13;
    /// Open orders.
    pub const OPEN_ORDERS: usize = 14;
    /// Records waiting in the input.
    pub const INPUT_RECORDS: usize = 15;
    /// Last enqueued batch: ack level.
    pub const BATCH_ACK_LEVEL: usize = 16;
    /// Its flags.
    pub const BATCH_FLAGS: usize = 17;
    /// Its commands.
    pub const BATCH_COMMANDS: usize = 18;
    /// Its deadline.
    pub const BATCH_DEADLINE: usize = 19;
    /// Its records.
    pub const BATCH_RECORDS: usize = 20;
    /// Commands that the last quarantine moved.
    pub const QUARANTINED: usize = 21;
    /// Triples that the last book call wrote.
    pub const BOOK_TRIPLES: usize = 22;
    /// First commit that the journal holds.
    pub const JOURNAL_FIRST: usize = 23;
    /// Last commit that the journal holds.
    pub const JOURNAL_LAST: usize = 24;
    /// Highest commit that the broker acknowledged.
    pub const JOURNAL_ACKNOWLEDGED: usize = 25;
    /// Commands refused as engine faults since open.
    pub const FAULT_REFUSALS: usize = 26;
    /// Index of the command that panicked, after `ENGINE_POISONED`.
    pub const CULPRIT: usize = 27;
    /// Snapshot: 0 none runs, 1 the state is being copied, 2 it has been copied and waits to be taken,
    /// 3 one that was taken in is being made into a state.
    pub const SNAPSHOT_STATE: usize = 28;
    /// Bytes that the last take wrote.
    pub const SNAPSHOT_BYTES: usize = 29;
    /// Commit at which the last snapshot began, or that the shard was restored at.
    pub const SNAPSHOT_COMMIT: usize = 30;
    /// The last comparison found another commit in the journal than on the tape: 1, else 0.
    pub const JOURNAL_DIFFERS: usize = 31;
    /// Address of the notes that explain what the last call executed.
    pub const NOTES_ADDRESS: usize = 32;
    /// How many there are, of 64 bytes each.
    pub const NOTES: usize = 33;
    /// Notes that found no room.
    pub const NOTES_DROPPED: usize = 34;
    /// Byte offset of the commit table in the output.
    pub const TABLE_OFFSET: usize = 35;
    /// The output stands in the memory that the caller lent: 1, else 0.
    pub const OUTPUT_IS_LENT: usize = 36;
}

/// Words of the block.
pub const WORDS: usize = 64;

/// The block. Atomic, because the caller reads the memory behind Rust's back.
pub struct Status(Box<[AtomicU64; WORDS]>);

impl Status {
    /// All zero.
    pub fn new() -> Self {
        Self(Box::new([const { AtomicU64::new(0) }; WORDS]))
    }

    /// Writes a word.
    pub fn set(&self, index: usize, value: u64) {
        self.0[index].store(value, Ordering::Relaxed);
    }

    /// Reads a word.
    pub fn get(&self, index: usize) -> u64 {
        self.0[index].load(Ordering::Relaxed)
    }

    /// Address of the first word.
    pub fn address(&self) -> *const u64 {
        self.0.as_ptr().cast()
    }
}

impl Default for Status {
    fn default() -> Self {
        Self::new()
    }
}
