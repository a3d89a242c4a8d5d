//! What a call leaves behind: commits, their table, answers, status words.

use fulltape_engine::NOTE_WORDS;

use crate::journaling::Journaling;
use crate::shard::{Shard, TABLE_PAIRS};
use crate::status::word;

/// Words that a buffer keeps for the next call: 32 MiB, what a full input of plain orders gives.
const KEPT_WORDS: usize = 4 << 20;

impl Shard {
    /// Bytes that the output and its scratch hold.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        (self.words.capacity() + self.scratch.capacity()) * 8
    }

    pub(crate) fn clear_output(&mut self) {
        // A command with a million effects must not hold its memory for ever.
        for buffer in [&mut self.words, &mut self.scratch] {
            buffer.clear();
            if buffer.capacity() > KEPT_WORDS {
                buffer.shrink_to(KEPT_WORDS);
            }
        }
        self.words.resize(TABLE_PAIRS * 2, 0);
        self.packed.clear();
        self.answers.clear();
        self.explaining.clear();
    }

    /// Writes the commit table in front and the answers behind, then the status words.
    pub(crate) fn finish_output(&mut self, emitted: bool) {
        if self.packed.len() > TABLE_PAIRS {
            let more = (self.packed.len() - TABLE_PAIRS) * 2;
            self.words.splice(0..0, core::iter::repeat_n(0, more));
            for packed in &mut self.packed {
                packed.start += more;
            }
        }
        for (at, packed) in self.packed.iter().enumerate() {
            self.words[at * 2] = (packed.start * 8) as u64;
            self.words[at * 2 + 1] = (packed.words * 8) as u64;
        }
        let answers_at = self.words.len() * 8;
        self.words.extend_from_slice(bytemuck::cast_slice(&self.answers));
        self.status
            .set(word::COMMITS, if emitted { self.packed.len() as u64 } else { 0 });
        self.status.set(word::ANSWERS_OFFSET, answers_at as u64);
        self.status.set(word::ANSWERS, self.answers.len() as u64);
        self.publish_status();
    }

    pub(crate) fn publish_status(&self) {
        let status = &self.status;
        status.set(word::OUTPUT_ADDRESS, self.words.as_ptr().addr() as u64);
        status.set(word::OUTPUT_BYTES, (self.words.len() * 8) as u64);
        status.set(word::NEXT_COMMAND, self.engine.next_command_number());
        status.set(word::HEAD_COMMIT, self.head.commit_number);
        status.set(word::TIME, self.engine.time_nanos());
        status.set(word::EPOCH, self.epoch);
        for (at, hash) in self.head.hash.iter().enumerate() {
            status.set(word::HEAD_HASH + at, *hash);
        }
        status.set(word::TRADES, self.engine.trades());
        status.set(word::OPEN_ORDERS, u64::from(self.engine.open_orders()));
        status.set(word::INPUT_RECORDS, self.input.len() as u64);
        status.set(word::FAULT_REFUSALS, self.fault_refusals);
        let notes = &self.explaining;
        status.set(word::NOTES_ADDRESS, notes.words.as_ptr().addr() as u64);
        status.set(word::NOTES, (notes.words.len() / NOTE_WORDS) as u64);
        status.set(word::NOTES_DROPPED, notes.dropped);
        let (first, last, acknowledged) = self.journaling.as_ref().map_or((0, 0, 0), Journaling::marks);
        status.set(word::JOURNAL_FIRST, first);
        status.set(word::JOURNAL_LAST, last);
        status.set(word::JOURNAL_ACKNOWLEDGED, acknowledged);
    }
}
