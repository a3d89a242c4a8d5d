//! The memory that a call writes its output to: the caller's as long as it suffices, else the shard's own.

use core::hint::black_box;

use bytemuck::Pod;
use fulltape_engine::ReportSink;
use fulltape_tape::Record;
use fulltape_tape::codes::report_flag;
use fulltape_tape::layout::AnswerRecord;
use fulltape_tape::record::RECORD_WORDS;

/// Words that the shard's own memory begins with: 512 KiB.
const FIRST_WORDS: usize = 1 << 16;
/// Each piece of memory is at least four times as long as the one before, so the last ones are longer than there is address space.
const PIECES: usize = 16;

/// The shard's own memory. Output that outgrows a piece moves to the next one; between two calls there is one piece.
#[derive(Default)]
pub struct OwnMemory {
    /// Written up to its length at some time, so that its pages have been touched and stay.
    kept: Vec<u64>,
}

impl OwnMemory {
    /// What has been written, when it is not in lent memory.
    pub fn words(&self, extent: Extent) -> &[u64] {
        let end = if extent.is_lent { 0 } else { extent.words };
        &self.kept[..end]
    }

    /// Words that it holds on to.
    pub const fn capacity(&self) -> usize {
        self.kept.capacity()
    }

    /// Lets go of what is beyond so many words.
    pub fn shrink(&mut self, words: usize) {
        if self.kept.capacity() > words {
            self.kept.truncate(words);
            self.kept.shrink_to(words);
        }
    }

    /// Lets `write` go on where it ended the last time; with `lent`, as long as that suffices. Gives what `write` gives.
    pub fn with_sheet<T>(
        &mut self,
        lent: &mut [u64],
        extent: &mut Extent,
        write: impl FnOnce(&mut Sheet<'_>) -> T,
    ) -> T {
        let mut pieces = [const { Vec::new() }; PIECES];
        let memory = if extent.is_lent {
            pieces[0] = core::mem::take(&mut self.kept);
            lent
        } else {
            self.kept.as_mut_slice()
        };
        let mut sheet = Sheet {
            memory,
            at: extent.words,
            pieces: pieces.iter_mut(),
            used: 0,
        };
        let result = write(&mut sheet);
        let (at, used) = (sheet.at, sheet.used);
        extent.words = at;
        if used != 0 {
            extent.is_lent = false;
        }
        // The piece in use, or the one that was put aside.
        if used != 0 || extent.is_lent {
            self.kept = core::mem::take(&mut pieces[used.saturating_sub(1)]);
        }
        result
    }
}

/// What has been written where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Words written.
    pub words: usize,
    /// They stand in the memory that the caller lent, not in the shard's own.
    pub is_lent: bool,
}

/// Words that are appended and written over. Nothing is zeroed in advance: whoever appends room writes all of it.
pub struct Sheet<'a> {
    memory: &'a mut [u64],
    at: usize,
    /// Where to go when the memory ends.
    pieces: core::slice::IterMut<'a, Vec<u64>>,
    used: usize,
}

impl Sheet<'_> {
    /// Words written so far.
    #[inline(always)]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Everything written so far.
    pub fn words(&mut self) -> &mut [u64] {
        &mut self.memory[..self.at]
    }

    /// Room for so many words, which hold anything.
    #[inline(always)]
    pub fn room(&mut self, count: usize) -> &mut [u64] {
        let at = self.at;
        let end = at + count;
        if end > self.memory.len() {
            self.grow(end);
        }
        self.at = end;
        &mut self.memory[at..end]
    }

    /// Appends words.
    pub fn append(&mut self, words: &[u64]) {
        self.room(words.len()).copy_from_slice(words);
    }

    /// Forgets what stands behind so many words.
    pub fn truncate(&mut self, words: usize) {
        self.at = self.at.min(words);
    }

    /// Writes the answer of a command over eight words that have been appended.
    ///
    /// Its fields have just been written, one by one, and are on their way to the cache behind reports that go to cold lines. A load that
    /// spans several of them waits for all that; one that takes what a single store has written does not. So each is taken by itself,
    /// which only a black box keeps the compiler from undoing.
    #[inline(always)]
    pub fn write_answer(&mut self, at: usize, answer: &AnswerRecord, command_index: u16) {
        let Some(to) = self.memory[at..at + RECORD_WORDS].first_chunk_mut::<RECORD_WORDS>() else {
            unreachable!("Invariant: a record is eight words");
        };
        to[0] = black_box(answer.command_number);
        to[1] = black_box(answer.order_id);
        to[2] = black_box(answer.leaves_quantity_lots).cast_unsigned();
        to[3] = black_box(answer.cum_quantity_lots).cast_unsigned();
        to[4] = black_box(answer.cum_notional_units).cast_unsigned();
        to[5] = black_box(answer.observed).cast_unsigned();
        to[6] = black_box(answer.limit).cast_unsigned();
        to[7] = u64::from(black_box(answer.code))
            | (u64::from(black_box(answer.order_status)) << 16)
            | (u64::from(black_box(answer.exec_type)) << 24)
            | (u64::from(black_box(answer.flags)) << 32)
            | (u64::from(black_box(answer.command_kind)) << 40)
            | (u64::from(command_index) << 48);
    }

    /// Moves what has been written to memory that has room up to `end`.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, end: usize) {
        let next = self.pieces.next();
        let piece = next.expect("Invariant: pieces that grow fourfold fill the address space before they run out");
        if piece.len() < end {
            // Asked of the system as zeroes, so that pages which are not written are not touched.
            *piece = vec![0; end.max(self.memory.len() * 4).max(FIRST_WORDS)];
        }
        piece[..self.at].copy_from_slice(&self.memory[..self.at]);
        self.memory = piece;
        self.used += 1;
    }

    #[inline(always)]
    fn slot(&mut self) -> &mut Record {
        let [record] = bytemuck::cast_slice_mut(self.room(RECORD_WORDS)) else {
            unreachable!("Invariant: a record is eight words");
        };
        record
    }
}

impl ReportSink for Sheet<'_> {
    #[inline(always)]
    fn push(&mut self, record: &Record) {
        *self.slot() = *record;
    }

    /// Field by field in its place: a record that is put together elsewhere and copied in wider pieces waits until its narrow fields
    /// have left the processor's store queue.
    #[inline(always)]
    fn put<T: Pod>(&mut self, typed: T, flags: u8, index: u32) {
        let slot = self.slot();
        *slot.view_mut() = typed;
        let head = slot.report_mut();
        head.flags |= flags;
        head.command_index = index;
    }

    #[inline(always)]
    fn mark_last(&mut self, back: usize) {
        let at = self.at - back * RECORD_WORDS;
        if let [record] = bytemuck::cast_slice_mut::<u64, Record>(&mut self.memory[at..at + RECORD_WORDS]) {
            record.report_mut().flags |= report_flag::LAST_OF_COMMAND as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENT: Extent = Extent {
        words: 0,
        is_lent: true,
    };

    #[test]
    fn what_the_lent_memory_does_not_hold_goes_to_the_own_one_with_all_before_it() {
        let (mut lent, mut own, mut extent) = ([7; 20], OwnMemory::default(), LENT);
        own.with_sheet(&mut lent, &mut extent, |sheet| {
            sheet.append(&[1, 2, 3]);
            for number in 0..3 {
                sheet.push(&Record::from_words([number; RECORD_WORDS]));
            }
            sheet.mark_last(3);
        });
        assert!(!extent.is_lent);
        let mut expected = vec![1, 2, 3];
        for number in 0..3 {
            expected.extend([number; RECORD_WORDS]);
        }
        expected[3] |= u64::from(report_flag::LAST_OF_COMMAND);
        assert_eq!(own.words(extent), expected);
        assert_eq!(lent[19], 7, "the record that did not fit is not cut");
        assert_eq!(lent[3] & 0xff, 0, "nothing more is written to memory that was left");
    }

    #[test]
    fn memory_that_holds_it_all_to_the_last_word_is_used_alone() {
        let (mut lent, mut own, mut extent) = ([0; RECORD_WORDS], OwnMemory::default(), LENT);
        own.with_sheet(&mut lent, &mut extent, |sheet| sheet.put([5_u64; RECORD_WORDS], 2, 9));
        let expected = Extent {
            words: RECORD_WORDS,
            is_lent: true,
        };
        assert_eq!((extent, own.capacity()), (expected, 0));
        assert_eq!(lent[0], (9 << 32) | 7);
    }

    #[test]
    fn the_own_memory_grows_piece_by_piece_and_is_kept_for_the_next_call() {
        let (mut own, mut extent) = (OwnMemory::default(), Extent::default());
        let count = FIRST_WORDS as u64 * 9;
        for part in 0..2 {
            own.with_sheet(&mut [], &mut extent, |sheet| {
                for number in count * part..count * (part + 1) {
                    sheet.append(&[number]);
                }
            });
        }
        assert!(own.words(extent).iter().copied().eq(0..count * 2));
        let capacity = own.capacity();
        // A call that writes to lent memory, and one that leaves it, use no other.
        for length in [8, 4] {
            let mut lent = vec![0; length];
            let mut extent = LENT;
            own.with_sheet(&mut lent, &mut extent, |sheet| sheet.append(&[1; 8]));
            assert_eq!((extent.words, extent.is_lent), (8, length == 8));
            assert_eq!(own.capacity(), capacity);
        }
        own.shrink(1_000);
        assert!(own.capacity() < capacity);
        extent.words = 10;
        assert!(own.words(extent).len() == 10);
    }
}
