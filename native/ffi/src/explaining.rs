//! Asking a shard why: while it executes commands of a range, it keeps the notes of the engine for the caller.

use fulltape_engine::{ExplainSink, NOTE_WORDS, Note};

/// Notes kept of one call: 64 MiB. What comes behind them is counted.
const NOTES_MAX: usize = 1 << 20;

/// Which commands are explained, and what has been noted in the last call.
#[derive(Default)]
pub struct Explaining {
    first: u64,
    last: u64,
    order_id: u64,
    /// The order that the engine looks at, so that checks find their way.
    section: u64,
    /// Eight words a note.
    pub words: Vec<u64>,
    /// Notes that found no room.
    pub dropped: u64,
}

impl Explaining {
    /// Explains the commands numbered `first` to `last`; notes about other orders than `order_id` are left out, unless it is 0.
    pub fn ask(&mut self, first: u64, last: u64, order_id: u64) {
        (self.first, self.last, self.order_id) = (first, last, order_id);
    }

    /// Whether a command is to be explained.
    pub fn wants(&self, number: u64) -> bool {
        number != 0 && (self.first..=self.last).contains(&number)
    }

    /// A call begins.
    pub fn clear(&mut self) {
        self.dropped = 0;
        self.words.clear();
        if self.words.capacity() > NOTES_MAX {
            self.words.shrink_to(NOTES_MAX);
        }
    }

    fn concerns(&mut self, note: &Note) -> bool {
        match *note {
            Note::Command { .. } => self.section = 0,
            Note::Order { order_id, .. } => self.section = order_id,
            _ => {}
        }
        if self.order_id == 0 {
            return true;
        }
        match note.orders() {
            // What names no order belongs to the one before it, or to the command as a whole.
            [0, 0] => self.section == 0 || self.section == self.order_id,
            orders => orders.contains(&self.order_id),
        }
    }
}

impl ExplainSink for Explaining {
    fn note(&mut self, note: &Note) {
        if !self.concerns(note) {
            return;
        }
        if self.words.len() >= NOTES_MAX * NOTE_WORDS {
            self.dropped += 1;
            return;
        }
        self.words.extend_from_slice(&note.words());
    }
}
