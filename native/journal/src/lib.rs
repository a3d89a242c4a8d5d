//! Append-only journal in memory-mapped segments.
//!
//! An entry is appended by copying it into memory that is mapped and already faulted in: no system call, no wait. It survives
//! the death of the process at once, and the death of the machine when the kernel has written it back; what must
//! survive the machine is on the broker. Each entry carries a CRC-32C and a sequence number. On opening, a tail that was
//! cut in the middle of an entry is dropped; an entry that is damaged in front of whole ones is
//! [`JournalError::Corrupt`] and nothing is touched.
//!
//! Segments are filled with zeros when they are made, so a full disk is an error then and never a fault in the mapping.
//! Segments whose entries were trimmed are used again.
//!
//! The unsafe code is in [`mapping`] alone.

mod entry;
mod mapping;
mod marks;
mod segment;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use entry::{EntryHead, HEAD_BYTES};
use marks::MarkFile;
use segment::Segment;

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
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::Full(what.display().to_string()),
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
    entries: Vec<EntryRef>,
    marks: MarkFile,
    _lock: fs::File,
}

const SEGMENT_BYTES_MIN: u64 = 64 << 10;
const SEGMENT_BYTES_MAX: u64 = 64 << 20;

impl Journal {
    /// Opens or creates a journal and reads what it holds.
    ///
    /// # Errors
    /// [`JournalError`]; nothing on disk has changed when `Corrupt` or `Locked` is returned.
    pub fn open(folder: &Path, config: JournalConfig) -> Result<Self, JournalError> {
        at(folder, fs::create_dir_all(folder))?;
        let lock_path = folder.join("lock");
        let options = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path);
        let lock = at(&lock_path, options)?;
        if lock.try_lock().is_err() {
            return Err(JournalError::Locked(folder.into()));
        }
        let marks = MarkFile::open(&folder.join("marks"), config.owner)?;
        let segment_bytes = (config.bytes_max / 16).clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX) & !4095;
        let mut journal = Self {
            folder: folder.into(),
            config,
            segment_bytes: usize::try_from(segment_bytes).unwrap_or(usize::MAX),
            segments: Vec::new(),
            spare: Vec::new(),
            next_segment: 1,
            next_sequence: 1,
            entries: Vec::new(),
            marks,
            _lock: lock,
        };
        journal.read_segments()?;
        Ok(journal)
    }

    fn read_segments(&mut self) -> Result<(), JournalError> {
        let mut names = Vec::new();
        for file in at(&self.folder, fs::read_dir(&self.folder))? {
            names.push(at(&self.folder, file)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        for name in &names {
            let path = self.folder.join(name);
            if let Some(number) = numbered(name, "spare-") {
                self.next_segment = self.next_segment.max(number + 1);
                self.spare.push(Segment::reopen_spare(&path, number)?);
            } else if let Some(number) = numbered(name, "segment-") {
                self.next_segment = self.next_segment.max(number + 1);
                if let Some(segment) = Segment::reopen(&path, number)? {
                    self.segments.push(segment);
                } else {
                    // Made but never named as used: the process died between the two.
                    at(&path, fs::remove_file(&path))?;
                }
            }
        }
        for at in 0..self.segments.len() {
            let first = self.segments[at].first_sequence();
            if at == 0 {
                self.next_sequence = first;
            } else if first != self.next_sequence {
                let details = format!("segment {} begins with entry {first}", self.segments[at].number());
                return Err(JournalError::Corrupt(details));
            }
            self.scan(at)?;
        }
        Ok(())
    }

    /// Reads the entries of one segment; what follows the last whole one must not be a whole later one.
    fn scan(&mut self, index: usize) -> Result<(), JournalError> {
        let segment = &mut self.segments[index];
        let mut offset = segment::DATA_START;
        while let Some(head) = EntryHead::read(segment.bytes(), offset, segment.number()) {
            if head.sequence != self.next_sequence {
                break;
            }
            self.entries.push(EntryRef {
                sequence: head.sequence,
                first_commit: head.first_commit,
                last_commit: head.last_commit,
                segment: segment.number(),
                offset,
                payload_bytes: head.payload_bytes,
            });
            self.next_sequence += 1;
            offset += entry::total_bytes(head.payload_bytes);
        }
        if let Some(later) = entry::find_later(segment.bytes(), offset, segment.number(), self.next_sequence) {
            let details = format!(
                "segment {}: entry {} at byte {offset} is damaged, entry {later} behind it is whole",
                segment.number(),
                self.next_sequence
            );
            return Err(JournalError::Corrupt(details));
        }
        segment.cut(offset);
        Ok(())
    }

    /// Entries in order.
    #[must_use]
    pub fn entries(&self) -> &[EntryRef] {
        &self.entries
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
    pub fn make_room(&mut self, payload_bytes: usize) -> Result<(), JournalError> {
        let needed = entry::total_bytes(payload_bytes);
        if self.segments.last().is_some_and(|segment| segment.room() >= needed) {
            return Ok(());
        }
        let first_sequence = self.next_sequence;
        let number = self.next_segment;
        let fitting = self
            .spare
            .iter()
            .position(|spare| spare.bytes().len() >= needed + segment::DATA_START);
        let segment = if let Some(at) = fitting {
            self.spare
                .swap_remove(at)
                .reuse(&self.segment_path(number), number, first_sequence)?
        } else {
            let bytes = (needed + segment::DATA_START)
                .next_multiple_of(4096)
                .max(self.segment_bytes);
            let bound = usize::try_from(self.config.bytes_max).unwrap_or(usize::MAX);
            // Spare segments that are too small must not stand in the way of one that fits.
            while self.held_bytes() + bytes > bound {
                match self.spare.pop() {
                    Some(segment) => segment.delete()?,
                    None => break,
                }
            }
            let held = self.held_bytes();
            if held + bytes > bound {
                return Err(JournalError::Full(format!(
                    "{held} bytes are held, {bytes} more pass the bound of {}",
                    self.config.bytes_max
                )));
            }
            Segment::create(&self.segment_path(number), number, bytes, first_sequence)?
        };
        self.next_segment += 1;
        self.segments.push(segment);
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        self.segments
            .iter()
            .chain(&self.spare)
            .map(|segment| segment.bytes().len())
            .sum()
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
        let sequence = self.next_sequence;
        let Some(segment) = self.segments.last_mut() else {
            return Err(JournalError::Corrupt("no segment to write to".into()));
        };
        let number = segment.number();
        let offset = segment.append(entry::total_bytes(payload_bytes), |bytes| {
            let mut to = HEAD_BYTES;
            for part in parts {
                bytes[to..to + part.len()].copy_from_slice(part);
                to += part.len();
            }
            bytes[to..].fill(0);
            EntryHead {
                sequence,
                first_commit,
                last_commit,
                payload_bytes,
            }
            .write(bytes, number);
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

    /// Marks commits up to this one as acknowledged. A lower number than before changes nothing.
    pub fn acknowledge(&mut self, commit: u64) {
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
            let of_segment = self.entries.partition_point(|entry| entry.segment <= number);
            if of_segment > 0 && self.entries[of_segment - 1].last_commit > bound {
                break;
            }
            self.entries.drain(..of_segment);
            let segment = self.segments.remove(0);
            self.put_aside(segment)?;
        }
        Ok(())
    }

    fn put_aside(&mut self, segment: Segment) -> Result<(), JournalError> {
        if segment.bytes().len() == self.segment_bytes {
            let path = self.folder.join(format!("spare-{:016}", segment.number()));
            self.spare.push(segment.retire(&path)?);
            return Ok(());
        }
        segment.delete()
    }

    /// Moves the entries from `from` (an index of [`Journal::entries`]) on to a file in `orphans/`, whole with their heads,
    /// and returns how many. The file is on disk before anything is removed.
    ///
    /// # Errors
    /// `Io`, `Full`.
    pub fn quarantine(&mut self, from: usize) -> Result<usize, JournalError> {
        let Some(&first) = self.entries.get(from) else {
            return Ok(0);
        };
        let moved = self.entries.len() - from;
        let last = self.entries[self.entries.len() - 1];
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
        for entry in &self.entries[from..] {
            let at_segment = self
                .segments
                .partition_point(|segment| segment.number() < entry.segment);
            let bytes = self.segments[at_segment].bytes();
            let range = entry.offset..entry.offset + entry::total_bytes(entry.payload_bytes);
            at(&path, file.write_all(&bytes[range]))?;
        }
        at(&path, file.sync_all())?;
        // Youngest segments first: whatever stops this leaves a whole journal that is only shorter.
        while self
            .segments
            .last()
            .is_some_and(|segment| segment.number() > first.segment)
        {
            if let Some(segment) = self.segments.pop() {
                self.put_aside(segment)?;
            }
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.erase_from(first.offset);
        }
        self.entries.truncate(from);
        self.next_sequence = first.sequence;
        Ok(moved)
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

fn numbered(name: &str, prefix: &str) -> Option<u64> {
    name.strip_prefix(prefix)?.parse().ok()
}
