//! The memory that a call writes its output to: the caller's as long as it suffices, else the shard's own.

use bytemuck::Pod;
use fulltape_engine::ReportSink;
use fulltape_tape::Record;
use fulltape_tape::codes::report_flag;
use fulltape_tape::record::RECORD_WORDS;

/// Words that the shard's own memory grows by at least: 512 KiB.
const GROWTH_WORDS: usize = 1 << 16;

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
    lent: &'a mut [u64],
    /// The shard's own, written up to its length at some time, so that its memory has been touched and stays.
    own: &'a mut Vec<u64>,
    extent: Extent,
}

impl<'a> Sheet<'a> {
    /// Goes on where another sheet over the same memory has ended.
    pub const fn resume(lent: &'a mut [u64], own: &'a mut Vec<u64>, extent: Extent) -> Self {
        Self { lent, own, extent }
    }

    /// What has been written.
    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// Words written so far.
    #[inline(always)]
    pub const fn position(&self) -> usize {
        self.extent.words
    }

    #[inline(always)]
    fn memory(&mut self) -> &mut [u64] {
        if self.extent.is_lent { self.lent } else { self.own }
    }

    /// Everything written so far.
    pub fn words(&mut self) -> &mut [u64] {
        let end = self.extent.words;
        &mut self.memory()[..end]
    }

    /// Room for so many words, which hold anything.
    #[inline(always)]
    pub fn room(&mut self, count: usize) -> &mut [u64] {
        let at = self.extent.words;
        let end = at + count;
        if end > self.memory().len() {
            self.grow(end);
        }
        self.extent.words = end;
        &mut self.memory()[at..end]
    }

    /// Appends words.
    pub fn append(&mut self, words: &[u64]) {
        self.room(words.len()).copy_from_slice(words);
    }

    /// Forgets what stands behind so many words.
    pub fn truncate(&mut self, words: usize) {
        self.extent.words = self.extent.words.min(words);
    }

    /// Writes a record over eight words that have been appended.
    #[inline(always)]
    pub fn write_at<T: Pod>(&mut self, at: usize, typed: T) {
        if let [record] = bytemuck::cast_slice_mut::<u64, Record>(&mut self.memory()[at..at + RECORD_WORDS]) {
            *record.view_mut() = typed;
        }
    }

    /// Finds more memory; from the lent one everything moves to the shard's own.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, end: usize) {
        if self.own.len() < end {
            self.own.resize(end.max(self.own.len() * 2) + GROWTH_WORDS, 0);
        }
        if self.extent.is_lent {
            let written = self.extent.words;
            self.own[..written].copy_from_slice(&self.lent[..written]);
            self.extent.is_lent = false;
        }
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
        let at = self.extent.words - back * RECORD_WORDS;
        if let [record] = bytemuck::cast_slice_mut::<u64, Record>(&mut self.memory()[at..at + RECORD_WORDS]) {
            record.report_mut().flags |= report_flag::LAST_OF_COMMAND as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lent_memory_does_not_hold_goes_to_the_own_one_with_all_before_it() {
        let mut lent = [7; 20];
        let mut own = Vec::new();
        let extent = Extent {
            words: 0,
            is_lent: true,
        };
        let mut sheet = Sheet::resume(&mut lent, &mut own, extent);
        sheet.append(&[1, 2, 3]);
        for number in 0..3 {
            sheet.push(&Record::from_words([number; RECORD_WORDS]));
        }
        sheet.mark_last(3);
        assert!(!sheet.extent().is_lent);
        let mut expected = vec![1, 2, 3];
        for number in 0..3 {
            expected.extend([number; RECORD_WORDS]);
        }
        expected[3] |= u64::from(report_flag::LAST_OF_COMMAND);
        assert_eq!(sheet.words(), expected);
        assert_eq!(lent[19], 7, "the record that did not fit is not cut");
        assert_eq!(lent[3] & 0xff, 0, "nothing more is written to memory that was left");
    }

    #[test]
    fn memory_that_holds_it_all_to_the_last_word_is_used_alone() {
        let mut lent = [0; RECORD_WORDS];
        let mut own = Vec::new();
        let extent = Extent {
            words: 0,
            is_lent: true,
        };
        let mut sheet = Sheet::resume(&mut lent, &mut own, extent);
        sheet.put([5_u64; RECORD_WORDS], 2, 9);
        let expected = Extent {
            words: RECORD_WORDS,
            is_lent: true,
        };
        assert_eq!(sheet.extent(), expected);
        assert!(own.is_empty());
        assert_eq!(lent[0], (9 << 32) | 7);
    }
}
