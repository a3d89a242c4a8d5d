//! One segment file: a head of 64 bytes, then entries.

use std::fs;
use std::path::Path;

use crate::disk::Disk;
use crate::entry;
use crate::fetching::{LINE_BYTES, fetch};
use crate::mapping::Mapping;
use crate::{JournalError, at};

/// Where entries begin.
pub const DATA_START: usize = 64;
const MAGIC: [u8; 8] = *b"FTJSEG1\0";

/// A mapped segment.
pub struct Segment {
    mapping: Mapping,
    number: u64,
    first_sequence: u64,
    tail: usize,
    /// Pages up to here were touched a short time before they are written.
    touched: usize,
}

/// Bytes that are touched at once.
pub const TOUCH_BYTES: usize = 128 << 10;

/// An entry is written into lines that were fetched when the tail was this far in front of them.
const FETCHED_AHEAD: usize = 1024;
/// A long entry runs into what the processor fetches by itself.
const FETCHED_LINES_MAX: usize = 8;

impl Segment {
    /// Makes a segment of `bytes` zeros.
    pub fn create(
        path: &Path,
        number: u64,
        bytes: usize,
        first_sequence: u64,
        disk: &dyn Disk,
    ) -> Result<Self, JournalError> {
        let mut segment = Self::create_spare(path, number, bytes, disk)?;
        segment.first_sequence = first_sequence;
        segment.write_head();
        Ok(segment)
    }

    /// Makes a segment of `bytes` zeros that waits for its use.
    pub fn create_spare(path: &Path, number: u64, bytes: usize, disk: &dyn Disk) -> Result<Self, JournalError> {
        Ok(Self {
            mapping: Mapping::create(path, bytes, disk)?,
            number,
            first_sequence: 0,
            tail: DATA_START,
            touched: 0,
        })
    }

    fn write_head(&mut self) {
        let head = &mut self.mapping.bytes_mut()[..DATA_START];
        head[8..16].copy_from_slice(&self.number.to_le_bytes());
        head[16..24].copy_from_slice(&self.first_sequence.to_le_bytes());
        let checksum = crc32c::crc32c(&head[8..24]);
        head[24..28].copy_from_slice(&checksum.to_le_bytes());
        // A damaged spare must not become a segment that cannot be read.
        head[28..].fill(0);
        head[..8].copy_from_slice(&MAGIC);
    }

    /// Maps a segment; `None` when its head was never written.
    pub fn reopen(path: &Path, number: u64) -> Result<Option<Self>, JournalError> {
        if at(path, fs::metadata(path))?.len() < DATA_START as u64 {
            return Ok(None);
        }
        let mapping = Mapping::open(path)?;
        let head = &mapping.bytes()[..DATA_START];
        let field = |offset: usize| {
            head[offset..]
                .first_chunk()
                .map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let checksum = u64::from(crc32c::crc32c(&head[8..24]));
        if head[..8] != MAGIC || field(24) != checksum || field(8) != number {
            // The process died while it took the segment into use: before, or in the middle of writing the head. It holds
            // nothing of this number then.
            if let Some(sequence) = entry::find_later(mapping.bytes(), DATA_START, number, 0) {
                let details = format!("the head of {}, which holds entry {sequence}", path.display());
                return Err(JournalError::Corrupt(details));
            }
            return Ok(None);
        }
        let first_sequence = field(16);
        Ok(Some(Self {
            mapping,
            number,
            first_sequence,
            tail: DATA_START,
            touched: 0,
        }))
    }

    /// Maps a segment that waits for another use.
    pub fn reopen_spare(path: &Path, number: u64) -> Result<Self, JournalError> {
        Ok(Self {
            mapping: Mapping::open(path)?,
            number,
            first_sequence: 0,
            tail: DATA_START,
            touched: 0,
        })
    }

    /// Its number: grows with every use of a file.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Sequence of its first entry.
    pub const fn first_sequence(&self) -> u64 {
        self.first_sequence
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        self.mapping.bytes()
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        self.mapping.path()
    }

    /// Whether no whole entry of this segment is anywhere in it.
    pub fn is_empty(&self) -> bool {
        entry::find_later(self.bytes(), DATA_START, self.number, 0).is_none()
    }

    /// Bytes behind the last entry.
    pub fn room(&self) -> usize {
        self.bytes().len() - self.tail
    }

    /// Entries end here.
    pub fn end_at(&mut self, tail: usize) {
        self.tail = tail;
    }

    /// Erases what a cut write left behind the last entry, so that nothing of it can ever be taken for an entry. Gives the
    /// number of bytes erased.
    pub fn erase_rest(&mut self) -> usize {
        let rest = &mut self.mapping.bytes_mut()[self.tail..];
        let Some(last) = rest.iter().rposition(|byte| *byte != 0) else {
            return 0;
        };
        // What an earlier use left, behind zeros, is of another number and needs no erasing to stay unread.
        rest[..=last].fill(0);
        last + 1
    }

    /// Touches the pages that the next `ahead` bytes lie in, a block at a time.
    #[inline]
    pub fn touch_ahead(&mut self, ahead: usize) {
        if self.tail + ahead > self.touched {
            self.touch_block(ahead);
        }
    }

    #[cold]
    fn touch_block(&mut self, ahead: usize) {
        let to = self.tail + ahead.max(TOUCH_BYTES);
        self.mapping.touch(self.touched.max(self.tail), to);
        self.touched = to;
    }

    #[inline]
    fn fetch_ahead(&self, lines: usize) {
        let first = self
            .bytes()
            .as_ptr()
            .wrapping_add(self.tail)
            .wrapping_add(FETCHED_AHEAD);
        for line in 0..lines {
            fetch(first.wrapping_add(line.wrapping_mul(LINE_BYTES)));
        }
    }

    /// Gives the next `bytes` bytes to `fill` and returns where they begin.
    #[inline]
    pub fn append(&mut self, bytes: usize, fill: impl FnOnce(&mut [u8])) -> usize {
        let offset = self.tail;
        self.touch_ahead(bytes);
        fill(&mut self.mapping.bytes_mut()[offset..offset + bytes]);
        self.tail += bytes;
        self.fetch_ahead(bytes.div_ceil(LINE_BYTES).min(FETCHED_LINES_MAX));
        offset
    }

    /// Erases everything from an offset on.
    pub fn erase_from(&mut self, offset: usize) {
        let tail = self.tail;
        self.mapping.bytes_mut()[offset..tail].fill(0);
        self.tail = offset;
    }

    /// Renames a segment that is not needed any more.
    pub fn retire(&mut self, path: &Path) -> Result<(), JournalError> {
        at(path, fs::rename(self.mapping.path(), path))?;
        self.mapping.renamed(path);
        Ok(())
    }

    /// Takes a retired segment into use again under a new number. What it held is of its old number and stays unread.
    pub fn reuse(&mut self, path: &Path, number: u64, first_sequence: u64) -> Result<(), JournalError> {
        at(path, fs::rename(self.mapping.path(), path))?;
        self.mapping.renamed(path);
        self.number = number;
        self.first_sequence = first_sequence;
        self.tail = DATA_START;
        self.touched = 0;
        self.write_head();
        Ok(())
    }

    /// Removes the file.
    pub fn delete(&self) -> Result<(), JournalError> {
        at(self.mapping.path(), fs::remove_file(self.mapping.path()))
    }

    /// Writes back and waits.
    pub fn sync(&self) -> Result<(), JournalError> {
        self.mapping.sync()
    }
}
