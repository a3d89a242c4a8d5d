//! Turns executed commands into commits: packs them in order until the next one does not fit, and splits a command whose
//! reports pass one commit into parts. The split depends on nothing but the commands and the bound.

use fulltape_engine::{ENGINE_VERSION, ReportSink};
use fulltape_tape::Record;
use fulltape_tape::chain::{GENESIS, Hash};
use fulltape_tape::codes::report_flag;
use fulltape_tape::layout::CommitData;
use fulltape_tape::message::{COMMIT_OVERHEAD_BYTES, begin_commit, commit_bytes, finish_commit, push_record};
use fulltape_tape::record::{RECORD_BYTES, RECORD_WORDS, report_extensions};

/// Words that the head of a commit takes in front of its reports.
const HEAD_WORDS: usize = COMMIT_OVERHEAD_BYTES / 8 - 1;

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

/// The commit that commands go to.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    first_record: usize,
    first_command_number: u64,
    commands: u32,
    state_hash: [u64; 2],
}

/// Writes the commits of one group behind each other.
pub struct Packer<'a> {
    words: &'a mut Vec<u64>,
    packed: &'a mut Vec<Packed>,
    scratch: &'a mut Vec<u64>,
    frame: Frame,
    head: Head,
    open: Option<Open>,
}

/// A sink at the end of the output.
pub struct WordSink<'a>(&'a mut Vec<u64>);

impl WordSink<'_> {
    /// Word where the next report goes.
    pub const fn position(&self) -> usize {
        self.0.len()
    }
}

impl ReportSink for WordSink<'_> {
    #[inline]
    fn push(&mut self, record: &Record) {
        push_record(self.0, record);
    }

    fn mark_last(&mut self, back: usize) {
        let at = self.0.len() - back * RECORD_WORDS;
        self.0[at] |= u64::from(report_flag::LAST_OF_COMMAND);
    }
}

impl<'a> Packer<'a> {
    /// A packer that goes on behind `head`.
    pub const fn new(
        words: &'a mut Vec<u64>,
        packed: &'a mut Vec<Packed>,
        scratch: &'a mut Vec<u64>,
        frame: Frame,
        head: Head,
    ) -> Self {
        Self {
            words,
            packed,
            scratch,
            frame,
            head,
            open: None,
        }
    }

    /// Number of the commit that the next command goes to.
    pub const fn commit_number(&self) -> u64 {
        self.head.commit_number + 1
    }

    /// Where the reports of the next command go, and their command index.
    pub fn next_command(&mut self, first_record: usize, command_number: u64) -> (WordSink<'_>, u32) {
        let open = self.open.get_or_insert_with(|| Open {
            start: begin_commit(self.words),
            first_record,
            first_command_number: command_number,
            commands: 0,
            state_hash: [0; 2],
        });
        let index = open.commands;
        (WordSink(self.words), index)
    }

    /// A command was executed: its reports stand at the end of the output, behind word `mark`.
    /// `state_hash` is called when the commit that the command ends in carries one.
    pub fn command_done(
        &mut self,
        records: &[Record],
        mark: usize,
        command: core::ops::Range<usize>,
        command_number: u64,
        mut state_hash: impl FnMut(u64) -> [u64; 2],
    ) {
        let Some(mut open) = self.open else {
            return;
        };
        if self.bytes(&open, command.end) > self.frame.bytes_max && open.commands > 0 {
            // Close without this command and begin another commit with its reports.
            self.scratch.clear();
            self.scratch.extend_from_slice(&self.words[mark..]);
            self.words.truncate(mark);
            self.finish(
                &open,
                &records[open.first_record..command.start],
                command.start,
                0,
                true,
            );
            open = Open {
                start: begin_commit(self.words),
                first_record: command.start,
                first_command_number: command_number,
                commands: 0,
                state_hash: [0; 2],
            };
            for chunk in self.scratch.as_chunks::<RECORD_WORDS>().0 {
                let mut record = Record::from_words(*chunk);
                record.set_command_index(0);
                push_record(self.words, &record);
            }
        }
        open.commands += 1;
        open.state_hash = state_hash(self.commit_number());
        if self.bytes(&open, command.end) > self.frame.bytes_max {
            self.split(&open, &records[command.clone()], command.end, state_hash);
            self.open = None;
            return;
        }
        self.open = Some(open);
    }

    fn bytes(&self, open: &Open, records_end: usize) -> usize {
        let reports = (self.words.len() - open.start - HEAD_WORDS) / RECORD_WORDS;
        commit_bytes(records_end - open.first_record, reports)
    }

    /// Closes the commit that is open.
    pub fn close(&mut self, records: &[Record]) {
        if let Some(open) = self.open.take() {
            self.finish(&open, &records[open.first_record..], records.len(), 0, true);
        }
    }

    /// A commit without commands.
    pub fn empty(&mut self, next_command_number: u64, state_hash: [u64; 2]) {
        let open = Open {
            start: begin_commit(self.words),
            first_record: 0,
            first_command_number: next_command_number,
            commands: 0,
            state_hash,
        };
        self.finish(&open, &[], 0, 0, true);
    }

    /// One command whose reports pass the bound: part 0 with the command, further parts with reports alone. A primary
    /// report and its extensions stay together.
    fn split(
        &mut self,
        open: &Open,
        command: &[Record],
        records_end: usize,
        mut state_hash: impl FnMut(u64) -> [u64; 2],
    ) {
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.words[open.start + HEAD_WORDS..]);
        self.words.truncate(open.start);
        let reports = core::mem::take(self.scratch);
        let chunks = reports.as_chunks::<RECORD_WORDS>().0;
        let mut at = 0;
        let mut part = 0;
        while at < chunks.len() {
            let commands: &[Record] = if part == 0 { command } else { &[] };
            let room = (self.frame.bytes_max - COMMIT_OVERHEAD_BYTES) / RECORD_BYTES - commands.len();
            let start = begin_commit(self.words);
            let mut used = 0;
            while at < chunks.len() {
                let length = 1 + report_extensions(&Record::from_words(chunks[at]));
                if used + length > room {
                    break;
                }
                for chunk in &chunks[at..at + length] {
                    self.words.extend_from_slice(chunk);
                }
                used += length;
                at += length;
            }
            let of_part = Open {
                start,
                commands: u32::from(part == 0),
                state_hash: if part == 0 {
                    open.state_hash
                } else {
                    state_hash(self.commit_number())
                },
                ..*open
            };
            self.finish(&of_part, commands, records_end, part, at == chunks.len());
            part += 1;
        }
        *self.scratch = reports;
    }

    fn finish(&mut self, open: &Open, commands: &[Record], records_end: usize, part: u32, last_part: bool) {
        let commit_number = self.commit_number();
        let previous = self.head.hash;
        let data = CommitData {
            first_command_number: open.first_command_number,
            epoch: self.frame.epoch,
            commit_number,
            shard: self.frame.shard,
            flags: self.frame.flags,
            command_count: open.commands,
            part,
            engine_version: ENGINE_VERSION,
            last_part: u8::from(last_part),
            previous_hash0: previous[0],
            previous_hash1: previous[1],
            previous_hash2: previous[2],
            previous_hash3: previous[3],
            state_hash0: open.state_hash[0],
            state_hash1: open.state_hash[1],
            ..CommitData::default()
        };
        let hash = finish_commit(self.words, open.start, &data, commands);
        self.head = Head { commit_number, hash };
        self.packed.push(Packed {
            start: open.start,
            words: self.words.len() - open.start,
            head: self.head,
            records_end,
            part,
        });
    }
}
