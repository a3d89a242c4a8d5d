//! Opening: what the files hold, and what of it is whole.

use std::fs;

use crate::entry::{self, EntryHead};
use crate::segment::{self, Segment};
use crate::{EntryRef, Journal, JournalError, at};

impl Journal {
    /// Reads what the folder holds.
    pub(crate) fn read_segments(&mut self) -> Result<(), JournalError> {
        let mut names = Vec::new();
        for file in at(&self.folder, fs::read_dir(&self.folder))? {
            names.push(at(&self.folder, file)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        // Nothing is changed before all of it was read: what is found corrupt is left as it was found.
        let mut useless = Vec::new();
        for name in &names {
            let path = self.folder.join(name);
            if let Some(number) = numbered(name, "spare-") {
                self.next_segment = self.next_segment.max(number.saturating_add(1));
                // A shorter one was not finished, or is of another bound.
                if at(&path, fs::metadata(&path))?.len() == self.segment_bytes as u64 {
                    self.spare.push(Segment::reopen_spare(&path, number)?);
                } else {
                    useless.push(path);
                }
            } else if let Some(number) = numbered(name, "segment-") {
                self.next_segment = self.next_segment.max(number.saturating_add(1));
                if let Some(segment) = Segment::reopen(&path, number)? {
                    self.segments.push(segment);
                } else {
                    // Made but never named as used: the process died between the two.
                    useless.push(path);
                }
            }
        }
        for at in 0..self.segments.len() {
            let first = self.segments[at].first_sequence();
            if at == 0 {
                self.next_sequence = first;
            } else if first != self.next_sequence {
                if self.segments[at..].iter().all(Segment::is_empty) {
                    // The machine died, and the entry in front of them was not written back. They hold nothing.
                    useless.extend(self.segments.drain(at..).map(|segment| segment.path().to_owned()));
                    self.dropped_tail = Some(self.next_sequence);
                    break;
                }
                let details = format!(
                    "segment {} begins with entry {first}, the one before it ends in front of entry {}",
                    self.segments[at].number(),
                    self.next_sequence
                );
                return Err(JournalError::Corrupt(details));
            }
            self.scan(at)?;
        }
        for segment in &mut self.segments {
            segment.erase_rest();
        }
        for path in useless {
            at(&path, fs::remove_file(&path))?;
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
        if entry::has_head(segment.bytes(), offset, segment.number()) {
            self.dropped_tail = Some(self.next_sequence);
        }
        segment.end_at(offset);
        Ok(())
    }
}

fn numbered(name: &str, prefix: &str) -> Option<u64> {
    name.strip_prefix(prefix)?.parse().ok()
}
