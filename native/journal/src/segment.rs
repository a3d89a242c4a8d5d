//! One segment file: a head of 64 bytes, then entries.

use std::fs;
use std::path::Path;

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
}

impl Segment {
    /// Makes a segment of `bytes` zeros.
    pub fn create(path: &Path, number: u64, bytes: usize, first_sequence: u64) -> Result<Self, JournalError> {
        let mut segment = Self {
            mapping: Mapping::create(path, bytes)?,
            number,
            first_sequence,
            tail: DATA_START,
        };
        segment.write_head();
        Ok(segment)
    }

    fn write_head(&mut self) {
        let head = &mut self.mapping.bytes_mut()[..DATA_START];
        head[8..16].copy_from_slice(&self.number.to_le_bytes());
        head[16..24].copy_from_slice(&self.first_sequence.to_le_bytes());
        let checksum = crc32c::crc32c(&head[8..24]);
        head[24..28].copy_from_slice(&checksum.to_le_bytes());
        head[..8].copy_from_slice(&MAGIC);
    }

    /// Maps a segment; `None` when its head was never written.
    pub fn reopen(path: &Path, number: u64) -> Result<Option<Self>, JournalError> {
        if at(path, fs::metadata(path))?.len() < DATA_START as u64 {
            return Ok(None);
        }
        let mapping = Mapping::open(path)?;
        let head = &mapping.bytes()[..DATA_START];
        if head.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let field = |offset: usize| {
            head[offset..]
                .first_chunk()
                .map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let checksum = u64::from(crc32c::crc32c(&head[8..24]));
        if head[..8] != MAGIC || field(24) != checksum {
            return Err(JournalError::Corrupt(format!("the head of {}", path.display())));
        }
        if field(8) != number {
            // A segment was taken into use again and the process died before its head was written.
            return Ok(None);
        }
        let first_sequence = field(16);
        Ok(Some(Self {
            mapping,
            number,
            first_sequence,
            tail: DATA_START,
        }))
    }

    /// Maps a segment that waits for another use.
    pub fn reopen_spare(path: &Path, number: u64) -> Result<Self, JournalError> {
        Ok(Self {
            mapping: Mapping::open(path)?,
            number,
            first_sequence: 0,
            tail: DATA_START,
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

    /// Bytes behind the last entry.
    pub fn room(&self) -> usize {
        self.bytes().len() - self.tail
    }

    /// Entries end here. What a cut write left behind is erased, so that nothing of it can ever be taken for an entry.
    pub fn cut(&mut self, tail: usize) {
        self.tail = tail;
        let rest = &mut self.mapping.bytes_mut()[tail..];
        if let Some(last) = rest.iter().rposition(|byte| *byte != 0) {
            rest[..=last].fill(0);
        }
    }

    /// Gives the next `bytes` bytes to `fill` and returns where they begin.
    pub fn append(&mut self, bytes: usize, fill: impl FnOnce(&mut [u8])) -> usize {
        let offset = self.tail;
        fill(&mut self.mapping.bytes_mut()[offset..offset + bytes]);
        self.tail += bytes;
        offset
    }

    /// Erases everything from an offset on.
    pub fn erase_from(&mut self, offset: usize) {
        let tail = self.tail;
        self.mapping.bytes_mut()[offset..tail].fill(0);
        self.tail = offset;
    }

    /// Renames a segment that is not needed any more.
    pub fn retire(mut self, path: &Path) -> Result<Self, JournalError> {
        at(path, fs::rename(self.mapping.path(), path))?;
        self.mapping.renamed(path);
        Ok(self)
    }

    /// Takes a retired segment into use again under a new number. What it held is of its old number and stays unread.
    pub fn reuse(mut self, path: &Path, number: u64, first_sequence: u64) -> Result<Self, JournalError> {
        at(path, fs::rename(self.mapping.path(), path))?;
        self.mapping.renamed(path);
        self.number = number;
        self.first_sequence = first_sequence;
        self.tail = DATA_START;
        self.write_head();
        Ok(self)
    }

    /// Removes the file.
    pub fn delete(self) -> Result<(), JournalError> {
        at(self.mapping.path(), fs::remove_file(self.mapping.path()))
    }

    /// Writes back and waits.
    pub fn sync(&self) -> Result<(), JournalError> {
        self.mapping.sync()
    }
}
