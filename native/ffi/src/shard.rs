//! One shard: engine, commit chain, input, output. Everything here is safe Rust; `exports.rs` puts the C interface on top.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fulltape_engine::{Command, Engine, Restoring};
use fulltape_tape::Record;
use fulltape_tape::chain::Hash;
use fulltape_tape::codes::{ErrorCode, Side, commit_flag};
use fulltape_tape::message::{MessageError, parse_command_batch};
use fulltape_tape::record::{RECORD_WORDS, command_extensions};

use crate::config::ShardConfig;
use crate::explaining::Explaining;
use crate::journaling::Journaling;
use crate::packing::{Frame, Head, Packed, Packer};
use crate::placement::Placement;
use crate::sheet::{Extent, OwnMemory};
use crate::snapshots::Outgoing;
use crate::status::{Status, word};

/// Records that wait in the input at most: 4 MiB.
pub const INPUT_RECORDS_MAX: usize = 1 << 16;
/// Commits of a call for which room is kept.
const COMMITS_KEPT: usize = 64;

/// An error number and what to tell a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Number of the error table.
    pub code: ErrorCode,
    /// Details for `ft_last_error`.
    pub details: String,
}

impl Failure {
    /// A failure with details.
    pub fn new(code: ErrorCode, details: impl Into<String>) -> Self {
        Self {
            code,
            details: details.into(),
        }
    }
}

impl core::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{}: {}", self.code.code(), self.details)
    }
}

impl std::error::Error for Failure {}

impl From<MessageError> for Failure {
    fn from(error: MessageError) -> Self {
        let code = match error {
            MessageError::Malformed(_) => ErrorCode::MalformedCommandMessage,
            MessageError::UnknownKind(_) => ErrorCode::UnknownCommandKind,
        };
        Self::new(code, error.to_string())
    }
}

/// Where the times of a group come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// One clock reading for the group: `max(last, now)`.
    Now(u64),
    /// The records: `max(last, record)`.
    Records,
}

/// The engine of one shard and everything around it.
pub struct Shard {
    pub(crate) config: ShardConfig,
    pub(crate) engine: Engine,
    pub(crate) placement: Placement,
    pub(crate) explaining: Explaining,
    pub(crate) head: Head,
    pub(crate) epoch: u64,
    pub(crate) input: Vec<Record>,
    /// Input record at which each waiting batch starts.
    batches: Vec<usize>,
    /// Commands that wait in the input.
    waiting: usize,
    pub(crate) words: OwnMemory,
    /// What the last call has written, and where.
    pub(crate) extent: Extent,
    pub(crate) packed: Vec<Packed>,
    /// Answers that the output begins with.
    pub(crate) answers: usize,
    pub(crate) scratch: Vec<u64>,
    pub(crate) message: Vec<u64>,
    /// Parts of the last applied command that have not been applied, oldest first.
    pub(crate) pending: Vec<Vec<u64>>,
    refused: Vec<u32>,
    pub(crate) journaling: Option<Journaling>,
    poisoned: Option<String>,
    pub(crate) fault_refusals: u64,
    pub(crate) status: Status,
    /// What of a running snapshot waits to be handed out.
    pub(crate) outgoing: Outgoing,
    /// The snapshot that is being taken in.
    pub(crate) restoring: Option<Box<Restoring>>,
}

impl Shard {
    /// Opens a shard; opens or creates its journal.
    ///
    /// # Errors
    /// What the journal answers.
    pub fn open(config: ShardConfig) -> Result<Self, Failure> {
        let journaling = match &config.journal_dir {
            Some(folder) => Some(Journaling::open(folder, config.journal_bytes_max, config.shard)?),
            None => None,
        };
        let words = config.commit_bytes_max / 8 * 4;
        // Behind the journal, whose own thread shall not inherit the core.
        let mut placement = Placement::new(config.placement);
        placement.pin();
        let engine = placement.around(|| Engine::new(config.engine.clone()));
        let shard = Self {
            engine,
            placement,
            explaining: Explaining::default(),
            head: Head::GENESIS,
            epoch: 0,
            input: Vec::with_capacity(INPUT_RECORDS_MAX),
            batches: Vec::with_capacity(1024),
            waiting: 0,
            words: OwnMemory::default(),
            extent: Extent::default(),
            packed: Vec::with_capacity(COMMITS_KEPT),
            answers: 0,
            scratch: Vec::with_capacity(words),
            message: Vec::with_capacity(words),
            pending: Vec::new(),
            refused: Vec::new(),
            journaling,
            poisoned: None,
            fault_refusals: 0,
            status: Status::new(),
            outgoing: Outgoing::default(),
            restoring: None,
            config,
        };
        shard.publish_status();
        Ok(shard)
    }

    /// Something panicked outside a command: the state is not to be trusted.
    pub(crate) fn panicked(&mut self) -> Failure {
        self.poison("the shard panicked outside a command".into(), None)
    }

    /// The status block.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// Where thread and tables are.
    pub const fn placement(&self) -> &Placement {
        &self.placement
    }

    /// The engine, to read.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Last commit of the chain.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Output of the last call, unless it stands in the memory that the call was given.
    pub fn output(&self) -> &[u64] {
        self.words.words(self.extent)
    }

    pub(crate) fn check_alive(&self) -> Result<(), Failure> {
        match &self.poisoned {
            Some(why) => Err(Failure::new(ErrorCode::EnginePoisoned, why.clone())),
            None => Ok(()),
        }
    }

    /// Checks one batch and adds its records to the input.
    ///
    /// # Errors
    /// `MALFORMED_COMMAND_MESSAGE`, `UNKNOWN_COMMAND_KIND`, `BATCH_TOO_LARGE`; the input is as it was.
    pub fn enqueue(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.check_alive()?;
        if bytes.len() > (INPUT_RECORDS_MAX + 16) * 64 {
            return Err(Failure::new(
                ErrorCode::BatchTooLarge,
                "the message is larger than the whole input",
            ));
        }
        let words = match bytemuck::try_cast_slice(bytes) {
            Ok(aligned) => aligned,
            Err(_) => {
                copy_words(bytes, &mut self.message)?;
                &self.message[..]
            }
        };
        let batch = parse_command_batch(words)?;
        if self.input.len() + batch.records.len() > INPUT_RECORDS_MAX {
            let details = format!(
                "{} records wait, {} more do not fit",
                self.input.len(),
                batch.records.len()
            );
            return Err(Failure::new(ErrorCode::BatchTooLarge, details));
        }
        self.batches.push(self.input.len());
        self.input.extend_from_slice(batch.records);
        self.waiting += batch.data.command_count as usize;
        self.status.set(word::BATCH_ACK_LEVEL, u64::from(batch.data.ack_level));
        self.status.set(word::BATCH_FLAGS, u64::from(batch.data.flags));
        self.status
            .set(word::BATCH_COMMANDS, u64::from(batch.data.command_count));
        self.status.set(word::BATCH_DEADLINE, batch.data.deadline_nanos);
        self.status.set(word::BATCH_RECORDS, batch.records.len() as u64);
        self.status.set(word::INPUT_RECORDS, self.input.len() as u64);
        Ok(())
    }

    /// The command at this index of the next group will be refused with `REJECTED_ENGINE_FAULT` and not executed.
    ///
    /// # Errors
    /// `ENGINE_POISONED`.
    pub fn refuse_next(&mut self, index: u32) -> Result<(), Failure> {
        self.check_alive()?;
        if !self.refused.contains(&index) {
            self.refused.push(index);
        }
        Ok(())
    }

    /// Explains commands by number when they are executed from now on; about one order, or about all (0).
    ///
    /// # Errors
    /// `ENGINE_POISONED`; `INVALID_ARGUMENT` when the first comes behind the last.
    pub fn explain(&mut self, first: u64, last: u64, order_id: u64) -> Result<(), Failure> {
        self.check_alive()?;
        if first > last {
            let details = format!("commands {first} to {last} are no range");
            return Err(Failure::new(ErrorCode::InvalidArgument, details));
        }
        self.explaining.ask(first, last, order_id);
        Ok(())
    }

    /// Notes of the last call, eight words each.
    pub fn notes(&self) -> &[u64] {
        &self.explaining.words
    }

    /// Executes the input as one group, journals it and empties the input.
    ///
    /// # Errors
    /// `JOURNAL_FULL` or `REVOKED` with the input kept; `ENGINE_POISONED` after a panic, with the culprit's index.
    pub fn execute(&mut self, stamp: Stamp) -> Result<(), Failure> {
        self.execute_into(stamp, &mut [])
    }

    /// As [`Shard::execute`]; the output is written to `lent`, as long as it is long enough, else to the shard's own memory.
    /// Status word `OUTPUT_IS_LENT` tells.
    ///
    /// # Errors
    /// As [`Shard::execute`].
    pub fn execute_into(&mut self, stamp: Stamp, lent: &mut [u64]) -> Result<(), Failure> {
        self.check_alive()?;
        self.clear_output();
        self.extent.is_lent = !lent.is_empty();
        if self.input.is_empty() {
            self.finish_output(true, lent);
            return Ok(());
        }
        self.check_no_pending()?;
        if let Some(journaling) = &mut self.journaling {
            journaling.make_room(self.input.len(), self.head)?;
        }
        let mut records = core::mem::take(&mut self.input);
        stamp_times(&mut records, stamp, self.engine.time_nanos());
        let refused = core::mem::take(&mut self.refused);
        let before = self.head;
        let first_command_number = self.engine.next_command_number();
        let result = self.run(&records, &refused, self.frame(0), self.waiting, lent);
        if let Err(failure) = result {
            records.clear();
            self.input = records;
            return Err(failure);
        }
        self.head = self.packed.last().map_or(before, |packed| packed.head);
        let epoch = self.epoch;
        if let Some(journaling) = &mut self.journaling
            && let Err(failure) =
                journaling.append(epoch, first_command_number, before, &self.packed, &refused, &records)
        {
            // The state has moved on without its journal: only a replay makes them one again.
            return Err(self.poison(failure.details, None));
        }
        self.fault_refusals += refused.len() as u64;
        records.clear();
        self.input = records;
        self.batches.clear();
        self.waiting = 0;
        self.finish_output(true, lent);
        Ok(())
    }

    /// Emits an empty commit with flag `EpochStarted`; later commits carry the epoch.
    ///
    /// # Errors
    /// As `execute`; `INVALID_ARGUMENT` when the epoch does not grow.
    pub fn start_epoch(&mut self, epoch: u64) -> Result<(), Failure> {
        self.check_alive()?;
        self.check_no_pending()?;
        if epoch <= self.epoch {
            let details = format!("epoch {epoch} is not above {}", self.epoch);
            return Err(Failure::new(ErrorCode::InvalidArgument, details));
        }
        self.clear_output();
        if let Some(journaling) = &mut self.journaling {
            journaling.make_room(0, self.head)?;
        }
        let before = self.head;
        self.epoch = epoch;
        self.pack_epoch(self.frame(commit_flag::EPOCH_STARTED));
        self.head = self.packed.last().map_or(before, |packed| packed.head);
        let number = self.engine.next_command_number();
        if let Some(journaling) = &mut self.journaling
            && let Err(failure) = journaling.append(epoch, number, before, &self.packed, &[], &[])
        {
            return Err(self.poison(failure.details, None));
        }
        self.finish_output(true, &mut []);
        Ok(())
    }

    pub(crate) fn pack_epoch(&mut self, frame: Frame) {
        let engine = &mut self.engine;
        let (packed, scratch, head) = (&mut self.packed, &mut self.scratch, self.head);
        self.words.with_sheet(&mut [], &mut self.extent, |sheet| {
            let packer = Packer::new(sheet, packed, scratch, frame, head);
            packer.empty(engine.next_command_number(), || engine.state_hash());
        });
    }

    pub(crate) fn check_no_pending(&self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            ErrorCode::InvalidArgument,
            format!(
                "{} parts of the last command are pending: emit them first",
                self.pending.len()
            ),
        ))
    }

    /// Moves the groups behind the head to `orphans/`.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when the file system refuses.
    pub fn journal_quarantine(&mut self) -> Result<(), Failure> {
        self.clear_output();
        let mut moved = 0;
        if let Some(journaling) = &mut self.journaling {
            moved = journaling.quarantine(self.head)?;
        }
        self.status.set(word::QUARANTINED, moved);
        self.finish_output(true, &mut []);
        Ok(())
    }

    /// Compares a commit of the tape with what the journal holds under its number. A shard that was restored from a snapshot has not
    /// applied the commits before it, so whoever restored it compares.
    pub fn journal_compare(&mut self, commit_number: u64, hash: Hash) {
        let differs = match &mut self.journaling {
            Some(journaling) => journaling.compare(commit_number, hash),
            None => false,
        };
        self.status.set(word::JOURNAL_DIFFERS, u64::from(differs));
    }

    /// Marks commits as acknowledged by the broker.
    pub fn journal_acknowledge(&mut self, commit_number: u64) {
        if let Some(journaling) = &mut self.journaling {
            journaling.acknowledge(commit_number.min(self.head.commit_number));
        }
        self.publish_status();
    }

    /// Commits up to this one may be forgotten.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub fn journal_trim(&mut self, commit_number: u64) -> Result<(), Failure> {
        if let Some(journaling) = &mut self.journaling {
            journaling.trim(commit_number)?;
        }
        self.publish_status();
        Ok(())
    }

    /// Hash of the whole state.
    ///
    /// # Errors
    /// `ENGINE_POISONED`.
    pub fn state_hash(&mut self) -> Result<[u64; 2], Failure> {
        self.check_alive()?;
        Ok(self.engine.state_hash())
    }

    /// Writes levels of one side, best first, as (price ticks, lots, orders); gives the number of triples.
    ///
    /// # Errors
    /// `ENGINE_POISONED`, `UNKNOWN_INSTRUMENT_ID`.
    pub fn book(&self, instrument_id: u32, side: Side, out: &mut [u64]) -> Result<u64, Failure> {
        self.check_alive()?;
        if !self.engine.has_instrument(instrument_id) {
            let details = format!("no instrument has the id {instrument_id}");
            return Err(Failure::new(ErrorCode::UnknownInstrumentId, details));
        }
        let mut written = 0;
        for (triple, level) in out
            .as_chunks_mut::<3>()
            .0
            .iter_mut()
            .zip(self.engine.levels(instrument_id, side))
        {
            *triple = [
                level.price_ticks.cast_unsigned(),
                level.quantity_lots.cast_unsigned(),
                u64::from(level.orders),
            ];
            written += 1;
        }
        Ok(written)
    }

    pub(crate) const fn frame(&self, flags: u16) -> Frame {
        Frame {
            shard: self.config.shard,
            epoch: self.epoch,
            flags,
            bytes_max: self.config.commit_bytes_max,
            state_hash_every_commits: self.config.state_hash_every_commits,
        }
    }

    /// Runs a group of stamped commands into the output, which begins with so many answers: all, or none. A panic poisons the shard.
    pub(crate) fn run(
        &mut self,
        records: &[Record],
        refused: &[u32],
        frame: Frame,
        answers: usize,
        lent: &mut [u64],
    ) -> Result<(), Failure> {
        let mut index = 0_u32;
        self.answers = answers;
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.run_all(records, refused, frame, lent, &mut index);
        }));
        result.map_err(|panic| {
            let why = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|why| (*why).to_owned()))
                .unwrap_or_default();
            self.poison(format!("command {index} of the group panicked: {why}"), Some(index))
        })
    }

    fn run_all(&mut self, records: &[Record], refused: &[u32], frame: Frame, lent: &mut [u64], index: &mut u32) {
        let Self {
            engine,
            explaining,
            batches,
            packed,
            scratch,
            head,
            answers,
            ..
        } = self;
        self.words.with_sheet(lent, &mut self.extent, |sheet| {
            let mut answer_at = sheet.position();
            let answers_end = answer_at + *answers * RECORD_WORDS;
            sheet.room(*answers * RECORD_WORDS);
            let mut packer = Packer::new(sheet, packed, scratch, frame, *head);
            // An answer is numbered by its place in the batch that was sent.
            let mut batches = batches.iter().skip(1).copied().peekable();
            let mut index_in_batch = 0_u16;
            let mut at = 0;
            while let Some((command, _)) = Command::split_first(&records[at..]) {
                // Empty batches start where the next one does.
                while batches.next_if_eq(&at).is_some() {
                    index_in_batch = 0;
                }
                let number = engine.next_command_number();
                let (sink, command_index) = packer.next_command(at, number);
                let mark = sink.position();
                if refused.contains(index) {
                    engine.refuse_fault(&command, command_index, sink);
                } else if explaining.wants(number) {
                    engine.submit_explained(&command, command_index, sink, explaining);
                } else {
                    engine.submit(&command, command_index, sink);
                }
                if answer_at < answers_end {
                    packer.sheet().write_answer(answer_at, engine.answer(), index_in_batch);
                    answer_at += RECORD_WORDS;
                    index_in_batch = index_in_batch.wrapping_add(1);
                }
                let range = at..at + command.record_count();
                at = range.end;
                packer.command_done(records, mark, range, number, || engine.state_hash());
                *index += 1;
            }
            packer.close(records);
        });
    }

    fn poison(&mut self, why: String, culprit: Option<u32>) -> Failure {
        self.poison_as(ErrorCode::EnginePoisoned, why, culprit)
    }

    pub(crate) fn poison_as(&mut self, code: ErrorCode, why: String, culprit: Option<u32>) -> Failure {
        self.poisoned = Some(why.clone());
        self.clear_output();
        self.status.set(word::CULPRIT, culprit.map_or(u64::MAX, u64::from));
        self.publish_status();
        Failure::new(code, why)
    }
}

/// Copies bytes of any alignment into words.
pub(crate) fn copy_words(bytes: &[u8], words: &mut Vec<u64>) -> Result<(), Failure> {
    if !bytes.len().is_multiple_of(8) {
        let details = format!("{} bytes are not a whole number of words", bytes.len());
        return Err(Failure::new(ErrorCode::MalformedCommandMessage, details));
    }
    words.clear();
    words.resize(bytes.len() / 8, 0);
    bytemuck::cast_slice_mut::<u64, u8>(words).copy_from_slice(bytes);
    Ok(())
}

/// Stamps every primary record: time does not run backwards.
fn stamp_times(records: &mut [Record], stamp: Stamp, last_nanos: u64) {
    let mut last = last_nanos;
    let mut at = 0;
    while at < records.len() {
        let record = &mut records[at];
        last = last.max(match stamp {
            Stamp::Now(now) => now,
            Stamp::Records => record.time_nanos(),
        });
        record.set_time_nanos(last);
        at += 1 + command_extensions(record);
    }
}
