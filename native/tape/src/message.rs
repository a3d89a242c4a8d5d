//! Cap'n Proto messages of the tape, written and read in place.
//!
//! A message is one segment: a framing word, the root pointer, the root's data section and pointers, then its lists.
//! A list of records is a *composite* list: one tag word, then 64 bytes an element. The reports of a commit stand
//! before its commands, because reports are streamed into the buffer while the number of commands is not known yet;
//! readers follow the list pointers, which is all that the encoding promises.

use bytemuck::Zeroable;

use crate::chain::Hash;
use crate::layout::{
    AnswerRecord, COMMAND_BATCH_ANSWER_POINTERS, COMMAND_BATCH_POINTERS, COMMIT_POINTERS, CommandBatchAnswerData,
    CommandBatchData, CommitData,
};
use crate::record::{
    COMMAND_KIND_MAX, EXTENSION_KIND_MAX, EXTENSION_KIND_MIN, EXTENSIONS_MAX, RECORD_BYTES, RECORD_WORDS, Record,
    command_extensions,
};

/// A message as little endian words, framing included.
pub type MessageWords<'a> = &'a [u64];

const COMMIT_DATA_WORDS: usize = size_of::<CommitData>() / 8;
/// First word of the root's data section: behind framing and root pointer.
const ROOT_DATA: usize = 2;
const COMMIT_POINTER_WORD: usize = ROOT_DATA + COMMIT_DATA_WORDS;
const REPORTS_TAG: usize = COMMIT_POINTER_WORD + COMMIT_POINTERS as usize;
/// First of the four hash words of a commit message.
pub const HASH_WORD: usize = ROOT_DATA + core::mem::offset_of!(CommitData, hash0) / 8;
/// Words in front of the first report of a commit.
pub const COMMIT_HEAD_WORDS: usize = REPORTS_TAG + 1;
/// Bytes of a commit message without commands and reports.
pub const COMMIT_OVERHEAD_BYTES: usize = (REPORTS_TAG + 2) * 8;
/// Largest count of records in one list: the pointer has 29 bits for words.
pub const LIST_RECORDS_MAX: usize = ((1 << 29) - 1) / RECORD_WORDS;

/// Why a message was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// Framing, a pointer, a count or an extension chain is wrong; the text says which.
    Malformed(&'static str),
    /// A record has a kind that this schema does not know.
    UnknownKind(u16),
}

impl core::fmt::Display for MessageError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Malformed(what) => write!(formatter, "malformed message: {what}"),
            Self::UnknownKind(kind) => write!(formatter, "unknown record kind {kind}"),
        }
    }
}

impl std::error::Error for MessageError {}

/// A checked command batch.
#[derive(Clone, Copy, Debug)]
pub struct CommandBatch<'a> {
    /// Acknowledgement level, flags, counts.
    pub data: CommandBatchData,
    /// Primary records, each followed by its extensions.
    pub records: &'a [Record],
}

/// A checked commit.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// Numbers, hashes, flags.
    pub data: CommitData,
    /// Primary command records, each followed by its extensions.
    pub commands: &'a [Record],
    /// Primary report records, each followed by its extensions.
    pub reports: &'a [Record],
}

impl Commit<'_> {
    /// The hash that the commit claims for itself.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        [self.data.hash0, self.data.hash1, self.data.hash2, self.data.hash3]
    }

    /// The hash of the commit before it.
    #[must_use]
    pub const fn previous_hash(&self) -> Hash {
        [
            self.data.previous_hash0,
            self.data.previous_hash1,
            self.data.previous_hash2,
            self.data.previous_hash3,
        ]
    }
}

/// Bytes of a commit with this many records.
#[must_use]
pub const fn commit_bytes(commands: usize, reports: usize) -> usize {
    COMMIT_OVERHEAD_BYTES + (commands + reports) * RECORD_BYTES
}

/// Leaves room for the head of a commit at the end of `out`; reports are pushed behind it.
/// Returns the word where the message starts.
pub fn begin_commit(out: &mut Vec<u64>) -> usize {
    let start = out.len();
    out.resize(start + REPORTS_TAG + 1, 0);
    start
}

/// Appends one report to the commit that was begun last.
#[inline]
pub fn push_record(out: &mut Vec<u64>, record: &Record) {
    out.extend_from_slice(record.words());
}

/// Completes the commit that starts at `start`: appends the commands and writes framing, pointers, header and hash.
/// `data` has everything but the hash. Returns the hash.
///
/// # Panics
/// When `out` was cut below the begun commit, or a list is longer than [`LIST_RECORDS_MAX`].
pub fn finish_commit(out: &mut Vec<u64>, start: usize, data: &CommitData, commands: &[Record]) -> Hash {
    let report_words = out.len() - start - COMMIT_HEAD_WORDS;
    assert!(
        report_words.is_multiple_of(RECORD_WORDS),
        "Invariant: a commit holds whole records"
    );
    out.resize(out.len() + 1 + commands.len() * RECORD_WORDS, 0);
    complete_commit(&mut out[start..], report_words / RECORD_WORDS, data, commands)
}

/// Completes a commit in place: `message` is all of it, [`commit_bytes`] long, with its reports behind [`COMMIT_HEAD_WORDS`]; every
/// other word is written here. `data` has everything but the hash. Returns the hash.
///
/// # Panics
/// When the message has another length, or a list is longer than [`LIST_RECORDS_MAX`].
pub fn complete_commit(message: &mut [u64], reports: usize, data: &CommitData, commands: &[Record]) -> Hash {
    assert!(
        reports <= LIST_RECORDS_MAX
            && commands.len() <= LIST_RECORDS_MAX
            && message.len() * 8 == commit_bytes(commands.len(), reports),
        "Invariant: a commit holds its lists, and they stay within their bound"
    );
    let commands_tag = COMMIT_HEAD_WORDS + reports * RECORD_WORDS;
    message[commands_tag] = list_tag(commands.len());
    message[commands_tag + 1..].copy_from_slice(bytemuck::cast_slice(commands));
    write_root(message, COMMIT_DATA_WORDS, COMMIT_POINTERS);
    let head: &mut [u64] = &mut message[ROOT_DATA..COMMIT_POINTER_WORD];
    head.copy_from_slice(bytemuck::cast_slice(core::slice::from_ref(data)));
    // Lists that no commit has yet are null pointers.
    message[COMMIT_POINTER_WORD..REPORTS_TAG].fill(0);
    message[COMMIT_POINTER_WORD] = list_pointer(COMMIT_POINTER_WORD, commands_tag, commands.len());
    message[COMMIT_POINTER_WORD + 1] = list_pointer(COMMIT_POINTER_WORD + 1, REPORTS_TAG, reports);
    message[REPORTS_TAG] = list_tag(reports);
    message[HASH_WORD..HASH_WORD + 4].fill(0);
    let hash = crate::chain::hash_without_hash(message);
    message[HASH_WORD..HASH_WORD + 4].copy_from_slice(&hash);
    hash
}

/// Appends one `CommandBatch` message to `out`.
///
/// # Panics
/// When there are more records than [`LIST_RECORDS_MAX`].
pub fn write_command_batch(out: &mut Vec<u64>, data: &CommandBatchData, records: &[Record]) {
    write_one_list(
        out,
        bytemuck::cast_slice(core::slice::from_ref(data)),
        COMMAND_BATCH_POINTERS,
        bytemuck::cast_slice(records),
    );
}

/// Appends one `CommandBatchAnswer` message to `out`.
///
/// # Panics
/// When there are more answers than [`LIST_RECORDS_MAX`].
pub fn write_command_batch_answer(out: &mut Vec<u64>, data: &CommandBatchAnswerData, answers: &[AnswerRecord]) {
    write_one_list(
        out,
        bytemuck::cast_slice(core::slice::from_ref(data)),
        COMMAND_BATCH_ANSWER_POINTERS,
        bytemuck::cast_slice(answers),
    );
}

fn write_one_list(out: &mut Vec<u64>, data: &[u64], pointers: u16, elements: &[u64]) {
    let count = elements.len() / RECORD_WORDS;
    assert!(count <= LIST_RECORDS_MAX, "Invariant: the list fits its pointer");
    let start = out.len();
    let pointer = ROOT_DATA + data.len();
    let tag = pointer + usize::from(pointers);
    out.resize(start + tag + 1, 0);
    out.extend_from_slice(elements);
    let message = &mut out[start..];
    write_root(message, data.len(), pointers);
    message[ROOT_DATA..pointer].copy_from_slice(data);
    message[pointer] = list_pointer(pointer, tag, count);
    message[tag] = list_tag(count);
}

fn write_root(message: &mut [u64], data_words: usize, pointers: u16) {
    message[0] = ((message.len() - 1) as u64) << 32;
    message[1] = ((data_words as u64) << 32) | (u64::from(pointers) << 48);
}

const fn list_tag(count: usize) -> u64 {
    ((count as u64) << 2) | ((RECORD_WORDS as u64) << 32)
}

const fn list_pointer(pointer: usize, tag: usize, count: usize) -> u64 {
    let offset = (tag - pointer - 1) as u64;
    1 | (offset << 2) | (7 << 32) | (((count * RECORD_WORDS) as u64) << 35)
}

/// Checks one `CommandBatch` message: framing, pointers, counts, extension chains, kinds.
///
/// # Errors
/// [`MessageError`] naming what is wrong. O(records), no allocation.
pub fn parse_command_batch(words: MessageWords<'_>) -> Result<CommandBatch<'_>, MessageError> {
    let root = parse_root(words)?;
    let mut data = CommandBatchData::zeroed();
    root.copy_data(bytemuck::cast_slice_mut(core::slice::from_mut(&mut data)));
    let records = root.records(0)?;
    let primaries = check_commands(records)?;
    if usize::try_from(data.command_count) != Ok(primaries) {
        return Err(MessageError::Malformed("commandCount differs from the primary records"));
    }
    Ok(CommandBatch { data, records })
}

/// Checks one `Commit` message: framing, pointers, counts, chains, kinds. The hash is not looked at.
///
/// # Errors
/// [`MessageError`] naming what is wrong. O(records), no allocation.
pub fn parse_commit(words: MessageWords<'_>) -> Result<Commit<'_>, MessageError> {
    let root = parse_root(words)?;
    if root.data.len() < COMMIT_DATA_WORDS || root.start != ROOT_DATA {
        return Err(MessageError::Malformed(
            "the commit's header is shorter than its hash needs",
        ));
    }
    let mut data = CommitData::zeroed();
    root.copy_data(bytemuck::cast_slice_mut(core::slice::from_mut(&mut data)));
    let commands = root.records(0)?;
    let reports = root.records(1)?;
    let primaries = check_commands(commands)?;
    if usize::try_from(data.command_count) != Ok(primaries) {
        return Err(MessageError::Malformed("commandCount differs from the primary records"));
    }
    check_reports(reports)?;
    Ok(Commit {
        data,
        commands,
        reports,
    })
}

/// Number of primary records, when every chain is whole and every kind is known.
fn check_commands(records: &[Record]) -> Result<usize, MessageError> {
    let mut primaries = 0;
    let mut rest = records;
    while let Some((primary, behind)) = rest.split_first() {
        match primary.kind() {
            0 => return Err(MessageError::Malformed("a record of kind 0")),
            1..=COMMAND_KIND_MAX => {}
            EXTENSION_KIND_MIN..=EXTENSION_KIND_MAX => {
                return Err(MessageError::Malformed("an extension record without a primary record"));
            }
            kind => return Err(MessageError::UnknownKind(kind)),
        }
        let extensions = command_extensions(primary);
        if primary.command().extension_count > EXTENSIONS_MAX || extensions > behind.len() {
            return Err(MessageError::Malformed(
                "extensionCount is above four or passes the end of the list",
            ));
        }
        let (chain, next) = behind.split_at(extensions);
        for extension in chain {
            match extension.kind() {
                EXTENSION_KIND_MIN..=EXTENSION_KIND_MAX => {}
                0..=COMMAND_KIND_MAX => return Err(MessageError::Malformed("a primary record inside a chain")),
                kind => return Err(MessageError::UnknownKind(kind)),
            }
            if extension.command().extension_count != 0 {
                return Err(MessageError::Malformed("an extension record with extensions"));
            }
        }
        primaries += 1;
        rest = next;
    }
    Ok(primaries)
}

fn check_reports(records: &[Record]) -> Result<(), MessageError> {
    let mut rest = records;
    while let Some((primary, behind)) = rest.split_first() {
        let extensions = usize::from(primary.report().extension_count);
        if !(1..=9).contains(&primary.kind()) || extensions > behind.len() {
            return Err(MessageError::Malformed("a report chain"));
        }
        let (chain, next) = behind.split_at(extensions);
        if chain
            .iter()
            .any(|record| !(10..=11).contains(&record.kind()) || record.report().extension_count != 0)
        {
            return Err(MessageError::Malformed("a report chain"));
        }
        rest = next;
    }
    Ok(())
}

struct Root<'a> {
    segment: &'a [u64],
    start: usize,
    data: &'a [u64],
    pointers: &'a [u64],
}

/// Reads framing and root pointer. Positions count from the framing word.
fn parse_root(words: &[u64]) -> Result<Root<'_>, MessageError> {
    let [framing, root, ..] = *words else {
        return Err(MessageError::Malformed("shorter than framing and root pointer"));
    };
    if framing & 0xffff_ffff != 0 {
        return Err(MessageError::Malformed("more than one segment"));
    }
    if usize::try_from(framing >> 32) != Ok(words.len() - 1) {
        return Err(MessageError::Malformed(
            "the segment's size differs from the message's length",
        ));
    }
    if root & 3 != 0 {
        return Err(MessageError::Malformed("the root is not a struct pointer"));
    }
    let start = target(1, root, words.len())?;
    let data_words = usize::from(((root >> 32) & 0xffff) as u16);
    let pointer_words = usize::from((root >> 48) as u16);
    let pointers_at = start + data_words;
    let end = pointers_at + pointer_words;
    if end > words.len() {
        return Err(MessageError::Malformed("the root passes the end of the message"));
    }
    Ok(Root {
        segment: words,
        start,
        data: &words[start..pointers_at],
        pointers: &words[pointers_at..end],
    })
}

/// Where a struct or list pointer at word `at` points: its signed 30-bit offset counts from the word behind it.
fn target(at: usize, pointer: u64, length: usize) -> Result<usize, MessageError> {
    let offset = i64::from((pointer & 0xffff_ffff) as u32 as i32 >> 2);
    let position = i64::try_from(at)
        .unwrap_or(i64::MAX)
        .saturating_add(1)
        .saturating_add(offset);
    match usize::try_from(position) {
        Ok(position) if position >= 1 && position <= length => Ok(position),
        _ => Err(MessageError::Malformed("a pointer leaves the message")),
    }
}

impl<'a> Root<'a> {
    /// Copies the data section; fields that an older writer did not have stay zero.
    fn copy_data(&self, into: &mut [u64]) {
        let words = self.data.len().min(into.len());
        into[..words].copy_from_slice(&self.data[..words]);
    }

    fn records(&self, index: usize) -> Result<&'a [Record], MessageError> {
        let Some(&pointer) = self.pointers.get(index) else {
            return Ok(&[]);
        };
        if pointer == 0 {
            return Ok(&[]);
        }
        if pointer & 3 != 1 || (pointer >> 32) & 7 != 7 {
            return Err(MessageError::Malformed("a list pointer that is not a composite list"));
        }
        let at = self.start + self.data.len() + index;
        let tag_at = target(at, pointer, self.segment.len())?;
        let list_words = usize::try_from(pointer >> 35).unwrap_or(usize::MAX);
        let Some(list) = self
            .segment
            .get(tag_at..)
            .and_then(|rest| rest.get(..list_words.saturating_add(1)))
        else {
            return Err(MessageError::Malformed("a list passes the end of the message"));
        };
        let tag = list[0];
        let count = usize::try_from((tag & 0xffff_ffff) >> 2).unwrap_or(usize::MAX);
        if tag & 3 != 0 || tag >> 32 != RECORD_WORDS as u64 || count.checked_mul(RECORD_WORDS) != Some(list_words) {
            return Err(MessageError::Malformed(
                "list elements that are not records of eight words",
            ));
        }
        Ok(bytemuck::cast_slice(&list[1..]))
    }
}
