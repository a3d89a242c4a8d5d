//! One 64-byte record, typed on demand.

use bytemuck::{Pod, Zeroable};

use crate::layout::{CommandRecordHead, ReportRecordHead};

/// Bytes of one record.
pub const RECORD_BYTES: usize = 64;
/// Words of one record.
pub const RECORD_WORDS: usize = 8;
/// Extension records that may follow one primary record.
pub const EXTENSIONS_MAX: u8 = 4;
/// Highest kind of a primary command record.
pub const COMMAND_KIND_MAX: u16 = 18;
/// Lowest kind of an extension record behind a command.
pub const EXTENSION_KIND_MIN: u16 = 19;
/// Highest kind of an extension record behind a command.
pub const EXTENSION_KIND_MAX: u16 = 29;

/// A command or report record before its kind is looked at. Little endian words, 8-byte aligned.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct Record {
    words: [u64; RECORD_WORDS],
}

impl Record {
    /// The record with these words.
    #[must_use]
    pub const fn from_words(words: [u64; RECORD_WORDS]) -> Self {
        Self { words }
    }

    /// The words of the record.
    #[must_use]
    pub const fn words(&self) -> &[u64; RECORD_WORDS] {
        &self.words
    }

    /// The words of the record, to write.
    pub const fn words_mut(&mut self) -> &mut [u64; RECORD_WORDS] {
        &mut self.words
    }

    /// A record from a typed one of 64 bytes.
    #[must_use]
    pub fn of<T: Pod>(typed: T) -> Self {
        bytemuck::cast(typed)
    }

    /// This record seen as the layout `T` of 64 bytes. The caller has looked at the kind.
    ///
    /// # Panics
    /// When `T` is not 64 bytes with an alignment of at most 8, which no generated layout is.
    #[must_use]
    #[inline]
    pub fn view<T: Pod>(&self) -> &T {
        bytemuck::cast_ref(self)
    }

    /// As [`Record::view`], to write.
    ///
    /// # Panics
    /// As [`Record::view`].
    #[inline]
    pub fn view_mut<T: Pod>(&mut self) -> &mut T {
        bytemuck::cast_mut(self)
    }

    /// What every command kind shares.
    #[must_use]
    #[inline]
    pub fn command(&self) -> &CommandRecordHead {
        self.view()
    }

    /// What every report kind shares.
    #[must_use]
    #[inline]
    pub fn report(&self) -> &ReportRecordHead {
        self.view()
    }

    /// What every report kind shares, to write.
    #[inline]
    pub fn report_mut(&mut self) -> &mut ReportRecordHead {
        self.view_mut()
    }

    /// Kind of a command or report record; both keep it in the same place.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        // The mask keeps 16 bits, so nothing is lost.
        ((self.words[0] >> 16) & 0xffff) as u16
    }

    /// Writes the time of a command record, in UNIX nanoseconds.
    pub const fn set_time_nanos(&mut self, time_nanos: u64) {
        self.words[1] = time_nanos;
    }

    /// Time of a command record, in UNIX nanoseconds.
    #[must_use]
    pub const fn time_nanos(&self) -> u64 {
        self.words[1]
    }

    /// Writes the command index of a report record.
    pub const fn set_command_index(&mut self, index: u32) {
        self.words[0] = (self.words[0] & 0xffff_ffff) | ((index as u64) << 32);
    }

    /// Adds flag bits to a report record.
    pub const fn add_report_flags(&mut self, flags: u8) {
        self.words[0] |= flags as u64;
    }
}

/// Extension records behind a primary command record.
#[must_use]
#[inline]
pub fn command_extensions(primary: &Record) -> usize {
    usize::from(primary.command().extension_count)
}

/// Extension records behind a primary report record.
#[must_use]
#[inline]
pub fn report_extensions(primary: &Record) -> usize {
    usize::from(primary.report().extension_count)
}
