//! The shard's journal: what a group looks like as a journal entry, and how the journal compares with the tape.
//!
//! Payload of an entry, in little endian words: version, epoch, first command number, flags (1 = epoch start), counts of
//! commits, refused commands and records; four words of the hash before; seven words a commit (number, hash,
//! records of the group up to its end, part); one word a refused command's index; the records with their stamps. Of a
//! command that spans commits the first part and the last one are listed: what lies between follows from them, and a
//! sweep of a million orders takes no more room than any other command.

use std::path::Path;

use fulltape_journal::{EntryRef, Journal, JournalConfig, JournalError};
use fulltape_tape::Record;
use fulltape_tape::chain::Hash;
use fulltape_tape::codes::ErrorCode;
use fulltape_tape::record::{COMMAND_KIND_MAX, RECORD_WORDS};

use crate::packing::{Head, Packed};
use crate::shard::Failure;

const VERSION: u64 = 1;
const HEAD_WORDS: usize = 11;
const COMMIT_WORDS: usize = 7;

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let code = match &error {
            JournalError::Corrupt(_) => ErrorCode::JournalCorrupt,
            JournalError::Full(_) => ErrorCode::JournalFull,
            JournalError::Io(..) | JournalError::Locked(_) => ErrorCode::StoreUnavailable,
        };
        Self::new(code, error.to_string())
    }
}

/// The part of a journal entry that lies behind the head.
pub struct Group {
    /// Epoch of its writer.
    pub epoch: u64,
    /// It is the start of that epoch and has no commands.
    pub epoch_started: bool,
    /// Stamped records behind the head.
    pub records: Vec<Record>,
    /// Indices of commands that were refused as engine faults, counted from the first of `records`.
    pub refused: Vec<u32>,
    /// The chain behind it.
    pub last: Head,
}

/// One decoded entry.
struct Decoded<'a> {
    epoch: u64,
    flags: u64,
    previous: Hash,
    commits: &'a [[u64; COMMIT_WORDS]],
    refused: &'a [u64],
    records: &'a [Record],
}

impl Decoded<'_> {
    /// The commit of this number; for a part in the middle of its command the last part, which ends where it does.
    fn reaching(&self, number: u64) -> Option<&[u64; COMMIT_WORDS]> {
        let at = self.commits.partition_point(|commit| commit[0] < number);
        self.commits.get(at)
    }

    /// Whether the chain at `head` can be this group's. A part in the middle follows from the first one, which was compared.
    fn is_of(&self, head: Head) -> bool {
        self.reaching(head.commit_number)
            .is_some_and(|commit| commit[0] != head.commit_number || hash_of(commit) == head.hash)
    }
}

const fn hash_of(commit: &[u64; COMMIT_WORDS]) -> Hash {
    [commit[1], commit[2], commit[3], commit[4]]
}

/// The journal of one shard.
pub struct Journaling {
    journal: Journal,
    scratch: Vec<u64>,
    /// Sequence of the first entry that differs from the tape.
    diverged: Option<u64>,
}

impl Journaling {
    /// Opens or creates the journal.
    pub fn open(folder: &str, bytes_max: u64, shard: u16) -> Result<Self, Failure> {
        let config = JournalConfig {
            owner: u64::from(shard),
            bytes_max,
        };
        let mut journal = Journal::open(Path::new(folder), config)?;
        journal.make_room(0)?;
        // The next segment is made beside the appends; making it costs tens of milliseconds.
        journal.prepare_in_background()?;
        Ok(Self {
            journal,
            scratch: Vec::with_capacity(1024),
            diverged: None,
        })
    }

    /// Room for a group of this many records behind `head`, so that what is executed can be journalled.
    pub fn make_room(&mut self, records: usize, head: Head) -> Result<(), Failure> {
        if let Some(last) = self.journal.entries().last()
            && (last.last_commit > head.commit_number || self.diverged.is_some())
        {
            let details = format!(
                "the journal holds commits up to {} that the chain, at {}, does not: execute or quarantine them first",
                last.last_commit, head.commit_number
            );
            return Err(Failure::new(ErrorCode::Revoked, details));
        }
        // A command lists two commits at most.
        let bytes = (HEAD_WORDS + (records + 1) * (RECORD_WORDS + 2 * COMMIT_WORDS + 1)) * 8;
        Ok(self.journal.make_room(bytes)?)
    }

    /// Appends a group that was executed behind `before`.
    pub fn append(
        &mut self,
        epoch: u64,
        first_command_number: u64,
        before: Head,
        packed: &[Packed],
        refused: &[u32],
        records: &[Record],
    ) -> Result<(), Failure> {
        let Some(last) = packed.last() else {
            return Ok(());
        };
        let words = &mut self.scratch;
        words.clear();
        let inside = |at: usize| packed[at].part != 0 && packed.get(at + 1).is_some_and(|next| next.part != 0);
        let listed = (0..packed.len()).filter(|at| !inside(*at));
        words.extend_from_slice(&[
            VERSION,
            epoch,
            first_command_number,
            u64::from(records.is_empty()),
            listed.clone().count() as u64,
            refused.len() as u64,
            records.len() as u64,
        ]);
        words.extend_from_slice(&before.hash);
        for commit in listed.map(|at| &packed[at]) {
            words.push(commit.head.commit_number);
            words.extend_from_slice(&commit.head.hash);
            words.push(commit.records_end as u64);
            words.push(u64::from(commit.part));
        }
        words.extend(refused.iter().map(|index| u64::from(*index)));
        let parts: [&[u8]; 2] = [bytemuck::cast_slice(words), bytemuck::cast_slice(records)];
        Ok(self
            .journal
            .append(before.commit_number + 1, last.head.commit_number, &parts)?)
    }

    fn decode(&self, entry: &EntryRef) -> Result<Decoded<'_>, Failure> {
        let corrupt = || {
            let details = format!("journal entry {} does not hold what it counts", entry.sequence);
            Failure::new(ErrorCode::JournalCorrupt, details)
        };
        // Entries begin at multiples of 8 in a mapping that is page aligned.
        let words: &[u64] = bytemuck::try_cast_slice(self.journal.payload(entry)).map_err(|_| corrupt())?;
        let (head, rest) = words.split_at_checked(HEAD_WORDS).ok_or_else(corrupt)?;
        let count = |at: usize| usize::try_from(head[at]).ok().filter(|count| *count <= words.len());
        let (commits, refused, records) = (count(4), count(5), count(6));
        let (Some(commits), Some(refused), Some(records)) = (commits, refused, records) else {
            return Err(corrupt());
        };
        let sound = head[0] == VERSION
            && commits > 0
            && rest.len() == commits * COMMIT_WORDS + refused + records * RECORD_WORDS;
        if !sound {
            return Err(corrupt());
        }
        let (commits, rest) = rest.split_at(commits * COMMIT_WORDS);
        let (refused, records) = rest.split_at(refused);
        Ok(Decoded {
            epoch: head[1],
            flags: head[3],
            previous: [head[7], head[8], head[9], head[10]],
            commits: commits.as_chunks().0,
            refused,
            records: bytemuck::cast_slice(records),
        })
    }

    /// Index of the first entry that reaches beyond a commit number.
    fn behind(&self, commit_number: u64) -> usize {
        self.journal
            .entries()
            .partition_point(|entry| entry.last_commit <= commit_number)
    }

    /// Compares a commit of the tape with what the journal holds under its number. Whether it holds another one.
    pub fn compare(&mut self, number: u64, hash: Hash) -> bool {
        let Some(entry) = self.journal.entries().get(self.behind(number.saturating_sub(1))) else {
            return false;
        };
        if entry.first_commit > number {
            return false;
        }
        if self.diverged.is_some_and(|sequence| sequence <= entry.sequence) {
            return true;
        }
        let same = self.decode(entry).is_ok_and(|group| {
            group.is_of(Head {
                commit_number: number,
                hash,
            })
        });
        if !same {
            self.diverged = Some(entry.sequence);
        }
        !same
    }

    /// What the journal holds next behind the head. `None` at its end.
    pub fn next(&self, head: Head) -> Result<Option<Group>, Failure> {
        let revoked = |why: &str| Failure::new(ErrorCode::Revoked, why.to_owned());
        if self.diverged.is_some() {
            return Err(revoked("the journal differs from the tape"));
        }
        let Some(entry) = self.journal.entries().get(self.behind(head.commit_number)) else {
            return Ok(None);
        };
        let group = self.decode(entry)?;
        let (follows, records_from) = if entry.first_commit == head.commit_number + 1 {
            (group.previous == head.hash, 0)
        } else {
            let reaching = group.reaching(head.commit_number);
            let records = reaching.map_or(0, |commit| usize::try_from(commit[5]).unwrap_or(usize::MAX));
            (group.is_of(head), records)
        };
        if !follows {
            return Err(revoked("the journal's next group does not follow the head"));
        }
        let (before, records) = group.records.split_at_checked(records_from).ok_or_else(|| {
            Failure::new(
                ErrorCode::JournalCorrupt,
                format!("journal entry {} counts wrongly", entry.sequence),
            )
        })?;
        let skipped = commands(before);
        let last = group.commits[group.commits.len() - 1];
        Ok(Some(Group {
            epoch: group.epoch,
            epoch_started: group.flags & 1 != 0,
            records: records.to_vec(),
            refused: group
                .refused
                .iter()
                .filter_map(|index| u32::try_from(index.checked_sub(skipped)?).ok())
                .collect(),
            last: Head {
                commit_number: last[0],
                hash: hash_of(&last),
            },
        }))
    }

    /// Moves what lies behind the head, or differs from it, to `orphans/`. Gives the number of commands moved.
    pub fn quarantine(&mut self, head: Head) -> Result<u64, Failure> {
        let entries = self.journal.entries();
        let from = match self.diverged {
            Some(sequence) => entries.partition_point(|entry| entry.sequence < sequence),
            None => self.behind(head.commit_number),
        };
        let mut moved = 0;
        for entry in &entries[from..] {
            let group = self.decode(entry)?;
            let begun = self.diverged.is_none() && entry.first_commit <= head.commit_number && group.is_of(head);
            let kept = match group.reaching(head.commit_number) {
                Some(commit) if begun => usize::try_from(commit[5]).unwrap_or(0),
                _ => 0,
            };
            moved += commands(&group.records[kept.min(group.records.len())..]);
        }
        self.journal.quarantine(from)?;
        self.diverged = None;
        Ok(moved)
    }

    /// Marks commits as acknowledged.
    pub fn acknowledge(&mut self, commit_number: u64) {
        self.journal.acknowledge(commit_number);
    }

    /// Lets go of commits.
    pub fn trim(&mut self, commit_number: u64) -> Result<(), Failure> {
        Ok(self.journal.trim(commit_number)?)
    }

    /// First and last commit held, and the highest that was acknowledged.
    pub fn marks(&self) -> (u64, u64, u64) {
        let entries = self.journal.entries();
        let first = entries.first().map_or(0, |entry| entry.first_commit);
        (
            first,
            entries.last().map_or(0, |entry| entry.last_commit),
            self.journal.acknowledged(),
        )
    }
}

/// Primary records.
fn commands(records: &[Record]) -> u64 {
    records
        .iter()
        .filter(|record| record.kind() <= COMMAND_KIND_MAX)
        .count() as u64
}
