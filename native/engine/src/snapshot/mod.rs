//! Snapshots: the state of an engine as bytes, taken while commands go on, and an engine made from them.
//!
//! [`Engine::begin_snapshot`] fixes the state that is stored. [`Engine::advance_snapshot`] copies some of it between commands;
//! what a command is about to change is copied first, so the bytes are the state at the beginning whatever runs in between.
//! [`Engine::take_snapshot`] hands out finished sections. Only entities are stored; books, heaps, lists and indices are made
//! anew from them ([`Restoring`]), and the state hash says whether that gave the same state.
//!
//! # Format
//! 24 bytes: `FTSNAPS` and a zero, format version, engine version (32 bits each), hash of the stored fields' layout. Then sections, each with a head of four
//! words (kind 16 bits, zero 16 bits, records 32 bits; bytes; number of the section; checksum), its records, zeros up to a whole
//! word. Little endian, no pointers. The first section tells where the engine stood and for which capacities; the last one
//! holds the state hash and the number of records of each kind. Sections of one kind may repeat and stand in any order.
//!
//! # How new state gets into it
//! - A field of a stored entity: add it to the entity's `fields` (`Stored`), which does not compile without it.
//! - A field of [`Engine`]: add it to `Loose` or give it a section; `begin_snapshot` does not compile without it.
//! - A new kind of entity: a line in `layout`.
//! - A `KeyedTable`: a kind and `Kept` for its entries. Another table: a kind and a `Copier` beside its `HashedTable`, asked
//!   wherever an entity is marked for hashing. Both: a line in `begin_snapshot`, `advance_snapshot` and `each_copier`
//!   (`copying.rs`), one in `Parts::take` (`restoring.rs`), and in `rebuild.rs` what follows from others.
//!
//! The differential test and `sim/tests/snapshots.rs` restore at random points and compare everything afterwards.

mod copier;
mod copying;
mod fields;
mod rebuild;
mod restoring;
mod sorted_runs;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use copier::SECTION_HEAD;
pub(crate) use copier::{Block, Copier};
pub use copying::SnapshotProgress;
pub(crate) use copying::Snapshotting;
use fields::Layout;
pub(crate) use fields::{Damage, Fields, Reader, Stored, Writer};
pub use restoring::Restoring;

use fulltape_tape::codes::ErrorCode;

use crate::config::Config;
use crate::engine::Engine;

/// Version of the format: of everything but the fields of entities, whose layout is hashed.
pub const SNAPSHOT_FORMAT: u32 = 1;
/// Bytes of the note that an owner may put into a snapshot.
pub const SNAPSHOT_NOTE_MAX: usize = 4096;

const MAGIC: [u8; 8] = *b"FTSNAPS\0";
/// Bytes in front of the first section.
const PREFIX_BYTES: usize = 24;
/// Largest section that a reader takes: four times what a writer makes.
const SECTION_BYTES_MAX: usize = 1 << 18;

/// Kinds of sections. Numbers are never used again.
pub(crate) mod kind {
    /// Where the engine stood, and the owner's note.
    pub const HEADER: u16 = 1;
    /// Numbers that belong to no table.
    pub const ENGINE: u16 = 2;
    /// Running sums by currency.
    pub const POT: u16 = 3;
    /// Account groups.
    pub const GROUP: u16 = 4;
    /// Accounts.
    pub const ACCOUNT: u16 = 5;
    /// Instruments.
    pub const INSTRUMENT: u16 = 6;
    /// Cash.
    pub const BALANCE: u16 = 7;
    /// Holdings.
    pub const POSITION: u16 = 8;
    /// Open orders with their terms.
    pub const ORDER: u16 = 9;
    /// Remembered client order ids.
    pub const CLIENT_ORDER: u16 = 10;
    /// Which commands placed an order.
    pub const PLACED: u16 = 11;
    /// The restricted list.
    pub const RESTRICTION: u16 = 12;
    /// Dead-man switches.
    pub const SESSION: u16 = 13;
    /// Transfers of allotments.
    pub const TRANSFER: u16 = 14;
    /// Risk limits.
    pub const LIMITS: u16 = 15;
    /// Circuit breakers.
    pub const TRIP: u16 = 16;
    /// Order lists.
    pub const LIST: u16 = 20;
    /// State hash and numbers of records.
    pub const END: u16 = 31;
    /// Kinds are below this.
    pub const LIMIT: usize = 32;
}

/// Where an engine stood when its snapshot began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Capacities of the engine that wrote it: orders, accounts, instruments.
    pub capacities: [u32; 3],
    /// It ran without risk.
    pub risk_off: bool,
    /// Number of the next command.
    pub next_command_number: u64,
    /// Engine time in UNIX nanoseconds.
    pub time_nanos: u64,
    /// What the owner noted.
    pub note: Vec<u8>,
}

/// Why there is no snapshot, or no engine from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotFailure {
    /// `SNAPSHOT_CORRUPT`, `SNAPSHOT_VERSION_MISMATCH` or `INVALID_ARGUMENT`.
    pub code: ErrorCode,
    /// What is wrong.
    pub details: String,
}

impl SnapshotFailure {
    fn new(code: ErrorCode, details: impl Into<String>) -> Self {
        Self {
            code,
            details: details.into(),
        }
    }
}

impl From<Damage> for SnapshotFailure {
    fn from(damage: Damage) -> Self {
        Self::new(ErrorCode::SnapshotCorrupt, damage)
    }
}

impl core::fmt::Display for SnapshotFailure {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{}: {}", self.code.code(), self.details)
    }
}

impl std::error::Error for SnapshotFailure {}

/// State of an engine that belongs to no table.
#[derive(Default)]
pub(crate) struct Loose {
    pub next_number: u64,
    pub trades: u64,
    pub places: u64,
    pub time_nanos: u64,
    pub global_state: u8,
    pub global_reason: u16,
}

impl Stored for Loose {
    fn blank() -> Self {
        Self::default()
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            next_number,
            trades,
            places,
            time_nanos,
            global_state,
            global_reason,
        } = self;
        io.u64(next_number)?;
        io.u64(trades)?;
        io.u64(places)?;
        io.u64(time_nanos)?;
        io.u8(global_state)?;
        io.u16(global_reason)
    }
}

/// Hash of the fields of every stored entity, in order. A program that stores other fields refuses the bytes.
fn layout() -> u64 {
    let mut layout = Layout(u64::from(SNAPSHOT_FORMAT));
    layout.add::<Loose>();
    layout.add::<crate::ledger::Pot>();
    layout.add::<crate::accounts::Group>();
    layout.add::<crate::accounts::Account>();
    layout.add::<crate::instruments::Instrument>();
    layout.add::<crate::instruments::Extra>();
    layout.add::<crate::ledger::Balance>();
    layout.add::<crate::ledger::Position>();
    layout.add::<crate::orders::Order>();
    layout.add::<crate::special::Special>();
    layout.add::<crate::client_orders::Entry>();
    layout.add::<crate::limit_table::Limits>();
    layout.add::<crate::trip_table::Trip>();
    layout.add::<crate::restrictions::Restricted>();
    layout.add::<crate::sessions::Session>();
    layout.add::<crate::allotments::Remembered>();
    layout.add::<crate::list_table::List>();
    layout.0
}

/// Checksum of a section: its head without the checksum, and its records with the zeros behind them.
fn checksum(head: [u64; 3], padded: &[u8]) -> u64 {
    let mut hash = crate::mixing::hash_words(20, &head)[0];
    for word in padded.as_chunks::<8>().0 {
        hash = crate::mixing::fold_word(hash, u64::from_le_bytes(*word));
    }
    crate::mixing::mix64(hash)
}

impl Engine {
    /// The whole state as bytes, at once. O(state).
    ///
    /// # Errors
    /// As [`Engine::begin_snapshot`].
    pub fn snapshot(&mut self, note: &[u8]) -> Result<Vec<u8>, SnapshotFailure> {
        self.begin_snapshot(note)?;
        let mut bytes = Vec::new();
        while self.advance_snapshot(u32::MAX) != SnapshotProgress::Copied {}
        while self.take_snapshot(&mut bytes) {}
        Ok(bytes)
    }

    /// An engine from a snapshot. O(state x log(state)).
    ///
    /// # Errors
    /// `SNAPSHOT_CORRUPT` when anything is not as it was written or does not add up; `SNAPSHOT_VERSION_MISMATCH` when another
    /// format or engine version or an engine of the other risk mode wrote it, or it holds more than the capacities.
    pub fn restore(config: Config, bytes: &[u8]) -> Result<(Self, SnapshotHeader), SnapshotFailure> {
        let mut restoring = Restoring::new(config);
        restoring.feed(bytes)?;
        restoring.finish()
    }
}
