//! What a call leaves behind: answers, commits, their table, status words.

use fulltape_engine::NOTE_WORDS;

use crate::journaling::Journaling;
use crate::shard::Shard;
use crate::sheet::Extent;
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
        self.words.shrink(KEPT_WORDS);
        self.scratch.clear();
        if self.scratch.capacity() > KEPT_WORDS {
            self.scratch.shrink_to(KEPT_WORDS);
        }
        self.extent = Extent::default();
        self.packed.clear();
        self.answers = 0;
        self.explaining.clear();
    }

    /// Writes the commit table behind the commits, then the status words. `lent` is the memory that the call was given.
    pub(crate) fn finish_output(&mut self, emitted: bool, lent: &mut [u64]) {
        let lent_address = lent.as_ptr();
        let table_at = self.extent.words;
        let packed = &self.packed;
        self.words.with_sheet(lent, &mut self.extent, |sheet| {
            for packed in packed {
                sheet.append(&[(packed.start * 8) as u64, (packed.words * 8) as u64]);
            }
        });
        let address = if self.extent.is_lent {
            lent_address
        } else {
            self.output().as_ptr()
        };
        let status = &self.status;
        status.set(word::OUTPUT_ADDRESS, address.addr() as u64);
        status.set(word::OUTPUT_BYTES, (self.extent.words * 8) as u64);
        status.set(word::OUTPUT_IS_LENT, u64::from(self.extent.is_lent));
        status.set(word::COMMITS, if emitted { self.packed.len() as u64 } else { 0 });
        status.set(word::TABLE_OFFSET, (table_at * 8) as u64);
        // They are what a group begins with.
        status.set(word::ANSWERS_OFFSET, 0);
        status.set(word::ANSWERS, self.answers as u64);
        self.publish_status();
    }

    pub(crate) fn publish_status(&self) {
        let status = &self.status;
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
