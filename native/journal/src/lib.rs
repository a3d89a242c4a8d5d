//! Append-only journal in memory-mapped segments.
//!
//! An entry is appended by copying it into memory that is mapped and already faulted in: no system call, no wait. It survives
//! the death of the process at once, and the death of the machine when the kernel has written it back; what must
//! survive the machine is on the broker. Each entry carries a CRC-32C and a sequence number. On opening, a tail that was
//! cut in the middle of an entry is dropped; an entry that is damaged in front of whole ones is
//! [`JournalError::Corrupt`] and nothing is touched.
//!
//! Segments are filled with zeros when they are made, so a full disk is an error then and never a fault in the mapping.
//! Segments whose entries were trimmed are used again. The next one is made ahead of its use by [`Journal::prepare`], or by
//! a thread after [`Journal::prepare_in_background`]; without either the append that needs it makes it.
//!
//! The unsafe code is in `mapping.rs`, and one call each in `checksum.rs` and `fetching.rs`.

#![deny(missing_docs)]

mod checksum;
mod disk;
mod entry;
mod fetching;
mod folder_lock;
mod index;
mod mapping;
mod marks;
mod opening;
mod preparing;
mod segment;
mod segment_maker;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checksum::Summing;
pub use disk::{Disk, RealDisk};
use entry::{EntryHead, HEAD_BYTES};
use folder_lock::FolderLock;
use index::Index;
use marks::MarkFile;
use segment::Segment;
use segment_maker::SegmentMaker;

/// What the journal cannot do.
#[derive(Debug)]
pub enum JournalError {
    /// An entry, a segment or the mark file is not what was written.
    Corrupt(String),
    /// The bound of all segments together is reached, or the disk is full.
    Full(String),
    /// The file system refused.
    Io(String, io::Error),
    /// Another process has the folder open.
    Locked(PathBuf),
}

impl core::fmt::Display for JournalError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Corrupt(what) => write!(formatter, "the journal is corrupt: {what}"),
            Self::Full(what) => write!(formatter, "the journal is full: {what}"),
            Self::Io(what, error) => write!(formatter, "{what}: {error}"),
            Self::Locked(folder) => write!(formatter, "{} is open in another process", folder.display()),
        }
    }
}

impl std::error::Error for JournalError {}

pub(crate) fn at<T>(what: &Path, result: io::Result<T>) -> Result<T, JournalError> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            JournalError::Full(what.display().to_string())
        }
        _ => JournalError::Io(what.display().to_string(), error),
    })
}

/// Where an entry stands and which commits it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef {
    /// Counts from 1 without a gap.
    pub sequence: u64,
    /// First commit of the entry.
    pub first_commit: u64,
    /// Last commit of the entry.
    pub last_commit: u64,
    segment: u64,
    offset: usize,
    payload_bytes: usize,
}

impl EntryRef {
    const NONE: Self = Self {
        sequence: 0,
        first_commit: 0,
        last_commit: 0,
        segment: 0,
        offset: 0,
        payload_bytes: 0,
    };
}

/// Bounds of a journal.
#[derive(Clone, Copy, Debug)]
pub struct JournalConfig {
    /// Owner of the folder; another owner's folder is refused.
    pub owner: u64,
    /// Bytes of all segments together.
    pub bytes_max: u64,
}

/// An open journal. One process at a time.
pub struct Journal {
    folder: PathBuf,
    config: JournalConfig,
    segment_bytes: usize,
    /// In order; the last one is written.
    segments: Vec<Segment>,
    /// Segments to use again.
    spare: Vec<Segment>,
    next_segment: u64,
    next_sequence: u64,
    entries: Index,
    marks: MarkFile,
    dropped_tail: Option<u64>,
    summing: Summing,
    disk: Arc<dyn Disk>,
    /// In front of the lock: the folder is given free when nothing is being made in it any more.
    maker: Option<SegmentMaker>,
    _lock: FolderLock,
}

const SEGMENT_BYTES_MIN: u64 = 64 << 10;
const SEGMENT_BYTES_MAX: u64 = 64 << 20;

impl Journal {
    /// Opens or creates a journal and reads what it holds.
    ///
    /// # Errors
    /// [`JournalError`]; nothing on disk has changed when `Corrupt` or `Locked` is returned.
    pub fn open(folder: &Path, config: JournalConfig) -> Result<Self, JournalError> {
        Self::open_on(folder, config, Arc::new(RealDisk))
    }

    /// [`Journal::open`] on another disk.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_on(folder: &Path, config: JournalConfig, disk: Arc<dyn Disk>) -> Result<Self, JournalError> {
        at(folder, fs::create_dir_all(folder))?;
        let lock = FolderLock::take(folder)?;
        let marks = MarkFile::open(&folder.join("marks"), config.owner, disk.as_ref())?;
        let segment_bytes = (config.bytes_max / 16).clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX) & !4095;
        let mut journal = Self {
            folder: folder.into(),
            config,
            segment_bytes: usize::try_from(segment_bytes).unwrap_or(usize::MAX),
            segments: Vec::new(),
            spare: Vec::new(),
            next_segment: 1,
            next_sequence: 1,
            entries: Index::new(),
            marks,
            dropped_tail: None,
            summing: Summing::here(),
            disk,
            maker: None,
            _lock: lock,
        };
        journal.read_segments()?;
        Ok(journal)
    }

    /// Sequence of an entry that opening dropped although its head had been written: the last one, damaged, or not
    /// wholly written back when the machine died. The death of the process alone does not leave one.
    #[must_use]
    pub const fn dropped_tail(&self) -> Option<u64> {
        self.dropped_tail
    }

    /// Entries in order.
    #[must_use]
    pub fn entries(&self) -> &[EntryRef] {
        self.entries.as_slice()
    }

    /// Payload of an entry.
    ///
    /// # Panics
    /// When the entry was trimmed or moved away.
    #[must_use]
    pub fn payload(&self, entry: &EntryRef) -> &[u8] {
        let at = self
            .segments
            .partition_point(|segment| segment.number() < entry.segment);
        let start = entry.offset + HEAD_BYTES;
        &self.segments[at].bytes()[start..start + entry.payload_bytes]
    }

    /// Makes sure that an entry of this many bytes can be appended.
    ///
    /// # Errors
    /// `Full` at the bound or on a full disk; `Io`. Nothing that was appended is touched.
    #[inline]
    pub fn make_room(&mut self, payload_bytes: usize) -> Result<(), JournalError> {
        let needed = entry::total_bytes(payload_bytes);
        if self.segments.last().is_some_and(|segment| segment.room() >= needed) {
            return Ok(());
        }
        self.begin_segment(needed)
    }

    #[cold]
    fn begin_segment(&mut self, needed: usize) -> Result<(), JournalError> {
        if u32::try_from(needed).is_err() {
            return Err(JournalError::Full(format!("no entry holds {needed} bytes")));
        }
        self.take_made();
        let first_sequence = self.next_sequence;
        let number = self.next_segment;
        let path = self.segment_path(number);
        let fitting = self
            .spare
            .iter()
            .position(|spare| spare.bytes().len() >= needed + segment::DATA_START);
        let segment = if let Some(at) = fitting {
            self.spare[at].reuse(&path, number, first_sequence)?;
            self.spare.swap_remove(at)
        } else {
            let bytes = (needed + segment::DATA_START)
                .next_multiple_of(4096)
                .max(self.segment_bytes);
            // Spare segments that are too small must not stand in the way of one that fits.
            while self.held_bytes() + bytes > self.bound() {
                match self.spare.last() {
                    Some(segment) => segment.delete()?,
                    None => break,
                }
                self.spare.pop();
            }
            let held = self.held_bytes();
            if held + bytes > self.bound() {
                return Err(JournalError::Full(format!(
                    "{held} bytes are held, {bytes} more pass the bound of {}",
                    self.config.bytes_max
                )));
            }
            Segment::create(&path, number, bytes, first_sequence, self.disk.as_ref())?
        };
        self.next_segment += 1;
        self.segments.push(segment);
        self.order_segment();
        Ok(())
    }

    fn bound(&self) -> usize {
        usize::try_from(self.config.bytes_max).unwrap_or(usize::MAX)
    }

    fn held_bytes(&self) -> usize {
        self.segments
            .iter()
            .chain(&self.spare)
            .map(|segment| segment.bytes().len())
            .sum()
    }

    fn spare_path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("spare-{number:016}"))
    }

    fn segment_path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("segment-{number:016}"))
    }

    /// Appends one entry whose payload is these parts behind each other. No system call while the segment has room.
    ///
    /// # Errors
    /// As [`Journal::make_room`].
    pub fn append(&mut self, first_commit: u64, last_commit: u64, parts: &[&[u8]]) -> Result<(), JournalError> {
        let payload_bytes = parts.iter().map(|part| part.len()).sum();
        self.make_room(payload_bytes)?;
        let (sequence, summing) = (self.next_sequence, self.summing);
        let Some(segment) = self.segments.last_mut() else {
            return Err(JournalError::Corrupt("no segment to write to".into()));
        };
        let number = segment.number();
        let offset = segment.append(entry::total_bytes(payload_bytes), |bytes| {
            let head = EntryHead {
                sequence,
                first_commit,
                last_commit,
                payload_bytes,
            };
            head.write(parts, bytes, number, summing);
        });
        self.next_sequence += 1;
        self.entries.push(EntryRef {
            sequence,
            first_commit,
            last_commit,
            segment: number,
            offset,
            payload_bytes,
        });
        Ok(())
    }

    /// Highest commit that the broker acknowledged.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.marks.acknowledged()
    }

    /// Highest commit that may be forgotten.
    #[must_use]
    pub const fn trimmed(&self) -> u64 {
        self.marks.trimmed()
    }

    /// Marks commits up to this one as acknowledged. A lower number than before changes nothing. Nobody waits for this, so it
    /// makes memory ready for the next appends too.
    pub fn acknowledge(&mut self, commit: u64) {
        self.make_memory_ready();
        if commit > self.marks.acknowledged() {
            self.marks.write(commit, self.marks.trimmed());
        }
    }

    /// Lets go of commits up to this one; only segments whose commits are all acknowledged too are used again.
    ///
    /// # Errors
    /// `Io`.
    pub fn trim(&mut self, commit: u64) -> Result<(), JournalError> {
        if commit > self.marks.trimmed() {
            self.marks.write(self.marks.acknowledged(), commit);
        }
        let bound = self.marks.trimmed().min(self.marks.acknowledged());
        while self.segments.len() > 1 {
            let number = self.segments[0].number();
            let entries = self.entries.as_slice();
            let of_segment = entries.partition_point(|entry| entry.segment <= number);
            if of_segment > 0 && entries[of_segment - 1].last_commit > bound {
                break;
            }
            self.put_aside(0)?;
            self.entries.drop_front(of_segment);
        }
        Ok(())
    }

    /// Takes a segment out of use: it waits for another one when it has the usual size.
    fn put_aside(&mut self, index: usize) -> Result<(), JournalError> {
        let path = self.spare_path(self.segments[index].number());
        let segment = &mut self.segments[index];
        if segment.bytes().len() == self.segment_bytes {
            segment.retire(&path)?;
            self.spare.push(self.segments.remove(index));
        } else {
            segment.delete()?;
            self.segments.remove(index);
        }
        Ok(())
    }

    /// Moves the entries from `from` (an index of [`Journal::entries`]) on to a file in `orphans/`, whole with their heads,
    /// and returns how many. The file is on disk before anything is removed.
    ///
    /// # Errors
    /// `Io`, `Full`.
    pub fn quarantine(&mut self, from: usize) -> Result<usize, JournalError> {
        let entries = self.entries.as_slice();
        let (Some(&first), Some(&last)) = (entries.get(from), entries.last()) else {
            return Ok(0);
        };
        let moved = entries.len() - from;
        self.copy_to_orphans(from, first, last)?;
        // Youngest segments first: whatever stops this leaves a whole journal that is only shorter.
        while let Some(segment) = self.segments.last()
            && segment.number() > first.segment
        {
            let (number, first_sequence) = (segment.number(), segment.first_sequence());
            self.put_aside(self.segments.len() - 1)?;
            let kept = self.entries.as_slice().partition_point(|entry| entry.segment < number);
            self.entries.truncate(kept);
            self.next_sequence = first_sequence;
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.erase_from(first.offset);
        }
        self.entries.truncate(from);
        self.next_sequence = first.sequence;
        Ok(moved)
    }

    fn copy_to_orphans(&self, from: usize, first: EntryRef, last: EntryRef) -> Result<(), JournalError> {
        let orphans = self.folder.join("orphans");
        at(&orphans, fs::create_dir_all(&orphans))?;
        let name = format!(
            "commits-{}-{}-{:016}",
            first.first_commit, last.last_commit, first.sequence
        );
        let path = (0..)
            .map(|attempt| orphans.join(format!("{name}-{attempt}")))
            .find(|path| !path.exists());
        let path = path.unwrap_or_else(|| orphans.join(&name));
        let mut file = at(&path, fs::OpenOptions::new().create_new(true).write(true).open(&path))?;
        let written = self.entries()[from..].iter().try_for_each(|entry| {
            let at_segment = self
                .segments
                .partition_point(|segment| segment.number() < entry.segment);
            let bytes = self.segments[at_segment].bytes();
            let range = entry.offset..entry.offset + entry::total_bytes(entry.payload_bytes);
            self.disk.write(&mut file, &bytes[range])
        });
        if let Err(error) = written.and_then(|()| file.sync_all()) {
            // All of it is in the journal still: a part of it must not look like what was moved.
            let _ = fs::remove_file(&path);
            return at(&path, Err(error));
        }
        Ok(())
    }

    /// Writes everything back to disk and waits for it.
    ///
    /// # Errors
    /// `Io`.
    pub fn sync(&self) -> Result<(), JournalError> {
        for segment in &self.segments {
            segment.sync()?;
        }
        self.marks.sync()
    }
}
