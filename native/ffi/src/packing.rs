//! Turns executed commands into commits: packs them in order until the next one does not fit, and splits a command whose
//! reports pass one commit into parts. The split depends on nothing but the commands and the bound.

use fulltape_engine::ENGINE_VERSION;
use fulltape_tape::Record;
use fulltape_tape::chain::{GENESIS, Hash};
use fulltape_tape::layout::CommitData;
use fulltape_tape::message::{COMMIT_HEAD_WORDS, COMMIT_OVERHEAD_BYTES, complete_commit};
use fulltape_tape::record::{RECORD_BYTES, RECORD_WORDS, report_extensions};

use crate::sheet::Sheet;

/// Last commit of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 = none yet.
    pub commit_number: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// Before the first commit.
    pub const GENESIS: Self = Self {
        commit_number: 0,
        hash: GENESIS,
    };
}

/// What all commits of a group share.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Shard number.
    pub shard: u16,
    /// Epoch of the writer.
    pub epoch: u64,
    /// Commit flags.
    pub flags: u16,
    /// Bytes to which commits are filled.
    pub bytes_max: usize,
    /// A commit whose number is a multiple carries the state hash; 0 = none does.
    pub state_hash_every_commits: u64,
}

/// One finished commit in the output.
#[derive(Clone, Copy, Debug)]
pub struct Packed {
    /// First word in the output.
    pub start: usize,
    /// Words.
    pub words: usize,
    /// The chain behind it.
    pub head: Head,
    /// Records of the group up to and with this commit's commands.
    pub records_end: usize,
    /// Part of its command; 0 for whole commands.
    pub part: u32,
}

/// Writes the commits of one group behind each other.
pub struct Packer<'a, 's> {
    sheet: &'a mut Sheet<'s>,
    packed: &'a mut Vec<Packed>,
    scratch: &'a mut Vec<u64>,
    frame: Frame,
    words_max: usize,
    head: Head,
    /// A commit that takes commands has begun. What follows is about it.
    is_open: bool,
    start: usize,
    first_record: usize,
    first_command_number: u64,
    commands: u32,
    carries_state_hash: bool,
    state_hash: [u64; 2],
}

impl<'a, 's> Packer<'a, 's> {
    /// A packer that goes on behind `head`.
    pub const fn new(
        sheet: &'a mut Sheet<'s>,
        packed: &'a mut Vec<Packed>,
        scratch: &'a mut Vec<u64>,
        frame: Frame,
        head: Head,
    ) -> Self {
        Self {
            sheet,
            packed,
            scratch,
            words_max: frame.bytes_max / 8,
            frame,
            head,
            is_open: false,
            start: 0,
            first_record: 0,
            first_command_number: 0,
            commands: 0,
            carries_state_hash: false,
            state_hash: [0; 2],
        }
    }

    const fn commit_number(&self) -> u64 {
        self.head.commit_number + 1
    }

    const fn is_hashed(&self) -> bool {
        let every = self.frame.state_hash_every_commits;
        every != 0 && self.commit_number().is_multiple_of(every)
    }

    fn begin(&mut self, first_record: usize, first_command_number: u64) {
        self.start = self.sheet.position();
        self.sheet.room(COMMIT_HEAD_WORDS);
        self.first_record = first_record;
        self.first_command_number = first_command_number;
        self.commands = 0;
        self.carries_state_hash = self.is_hashed();
        self.state_hash = [0; 2];
        self.is_open = true;
    }

    /// Where the reports of the next command go, and their command index.
    #[inline(always)]
    pub fn next_command(&mut self, first_record: usize, command_number: u64) -> (&mut Sheet<'s>, u32) {
        if !self.is_open {
            self.begin(first_record, command_number);
        }
        (self.sheet, self.commands)
    }

    /// The output, to write answers to.
    #[inline(always)]
    pub const fn sheet(&mut self) -> &mut Sheet<'s> {
        self.sheet
    }

    /// A command was executed: its reports stand at the end of the output, behind word `mark`.
    /// `state_hash` is called when the commit that the command ends in carries one.
    #[inline(always)]
    pub fn command_done(
        &mut self,
        records: &[Record],
        mark: usize,
        command: core::ops::Range<usize>,
        command_number: u64,
        mut state_hash: impl FnMut() -> [u64; 2],
    ) {
        if self.words(command.end) > self.words_max {
            self.overflow(records, mark, command, command_number, &mut state_hash);
            return;
        }
        self.commands += 1;
        if self.carries_state_hash {
            self.state_hash = state_hash();
        }
    }

    /// The command that was executed does not fit the commit that is open.
    #[cold]
    #[inline(never)]
    fn overflow(
        &mut self,
        records: &[Record],
        mark: usize,
        command: core::ops::Range<usize>,
        command_number: u64,
        state_hash: &mut dyn FnMut() -> [u64; 2],
    ) {
        if self.commands > 0 {
            // Close without this command and begin another commit with its reports.
            self.scratch.clear();
            self.scratch.extend_from_slice(&self.sheet.words()[mark..]);
            self.sheet.truncate(mark);
            self.finish(&records[self.first_record..command.start], command.start, 0, true);
            self.begin(command.start, command_number);
            self.sheet.append(self.scratch);
            let reports = self.start + COMMIT_HEAD_WORDS;
            for record in bytemuck::cast_slice_mut::<u64, Record>(&mut self.sheet.words()[reports..]) {
                record.set_command_index(0);
            }
        }
        self.commands = 1;
        if self.carries_state_hash {
            self.state_hash = state_hash();
        }
        if self.words(command.end) > self.words_max {
            self.split(&records[command.clone()], command.end, state_hash);
        }
    }

    /// Words of the open commit with the commands up to a record.
    #[inline(always)]
    const fn words(&self, records_end: usize) -> usize {
        self.sheet.position() - self.start + 1 + (records_end - self.first_record) * RECORD_WORDS
    }

    /// Closes the commit that is open.
    pub fn close(mut self, records: &[Record]) {
        if self.is_open {
            self.finish(&records[self.first_record..], records.len(), 0, true);
        }
    }

    /// A commit without commands.
    pub fn empty(mut self, next_command_number: u64, state_hash: impl FnOnce() -> [u64; 2]) {
        self.begin(0, next_command_number);
        if self.carries_state_hash {
            self.state_hash = state_hash();
        }
        self.finish(&[], 0, 0, true);
    }

    /// One command whose reports pass the bound: part 0 with the command, further parts with reports alone. A primary
    /// report and its extensions stay together.
    fn split(&mut self, command: &[Record], records_end: usize, state_hash: &mut dyn FnMut() -> [u64; 2]) {
        let reports_at = self.start + COMMIT_HEAD_WORDS;
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.sheet.words()[reports_at..]);
        self.sheet.truncate(self.start);
        let reports = core::mem::take(self.scratch);
        let chunks = reports.as_chunks::<RECORD_WORDS>().0;
        let number = self.first_command_number;
        let first_record = self.first_record;
        let mut at = 0;
        let mut part = 0;
        while at < chunks.len() {
            let commands: &[Record] = if part == 0 { command } else { &[] };
            let room = (self.frame.bytes_max - COMMIT_OVERHEAD_BYTES) / RECORD_BYTES - commands.len();
            let hash_before = self.state_hash;
            self.begin(first_record, number);
            self.commands = u32::from(part == 0);
            if part == 0 {
                self.state_hash = hash_before;
            } else if self.carries_state_hash {
                self.state_hash = state_hash();
            }
            let mut used = 0;
            while at < chunks.len() {
                let length = 1 + report_extensions(&Record::from_words(chunks[at]));
                if used + length > room {
                    break;
                }
                self.sheet.append(chunks[at..at + length].as_flattened());
                used += length;
                at += length;
            }
            self.finish(commands, records_end, part, at == chunks.len());
            part += 1;
        }
        *self.scratch = reports;
    }

    fn finish(&mut self, commands: &[Record], records_end: usize, part: u32, last_part: bool) {
        let commit_number = self.commit_number();
        let previous = self.head.hash;
        let data = CommitData {
            first_command_number: self.first_command_number,
            epoch: self.frame.epoch,
            commit_number,
            shard: self.frame.shard,
            flags: self.frame.flags,
            command_count: self.commands,
            part,
            engine_version: ENGINE_VERSION,
            last_part: u8::from(last_part),
            previous_hash0: previous[0],
            previous_hash1: previous[1],
            previous_hash2: previous[2],
            previous_hash3: previous[3],
            state_hash0: self.state_hash[0],
            state_hash1: self.state_hash[1],
            ..CommitData::default()
        };
        let reports = (self.sheet.position() - self.start - COMMIT_HEAD_WORDS) / RECORD_WORDS;
        self.sheet.room(1 + commands.len() * RECORD_WORDS);
        let hash = complete_commit(&mut self.sheet.words()[self.start..], reports, &data, commands);
        self.head = Head { commit_number, hash };
        self.packed.push(Packed {
            start: self.start,
            words: self.sheet.position() - self.start,
            head: self.head,
            records_end,
            part,
        });
        self.is_open = false;
    }
}
