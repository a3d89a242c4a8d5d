//! Reading a snapshot: sections are checked and taken in as they come, so no more than one of them is held.

use fulltape_tape::codes::ErrorCode;

use super::copier::SECTION_HEAD;
use super::rebuild::Parts;
use super::{
    Damage, Fields, Loose, MAGIC, PREFIX_BYTES, Reader, SECTION_BYTES_MAX, SNAPSHOT_FORMAT, SNAPSHOT_NOTE_MAX,
    SnapshotFailure, SnapshotHeader, checksum, kind, layout,
};
use crate::ENGINE_VERSION;
use crate::config::{Config, RiskMode};
use crate::engine::Engine;

/// An engine that is being made from a snapshot that comes in pieces of any size.
pub struct Restoring {
    parts: Parts,
    /// Bytes that do not make a section yet.
    carry: Vec<u8>,
    prefixed: bool,
    header: Option<SnapshotHeader>,
    sections: u64,
    counts: [u64; kind::LIMIT],
    ended: bool,
    failure: Option<SnapshotFailure>,
}

impl Restoring {
    /// Takes the memory that the configuration names.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            parts: Parts::new(config),
            carry: Vec::new(),
            prefixed: false,
            header: None,
            sections: 0,
            counts: [0; kind::LIMIT],
            ended: false,
            failure: None,
        }
    }

    /// Takes the next bytes. O(bytes).
    ///
    /// # Errors
    /// `SNAPSHOT_CORRUPT` or `SNAPSHOT_VERSION_MISMATCH`; then every further call answers the same.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), SnapshotFailure> {
        for piece in bytes.chunks(SECTION_BYTES_MAX) {
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            self.carry.extend_from_slice(piece);
            if let Err(failure) = self.take_sections() {
                self.carry = Vec::new();
                self.failure = Some(failure);
            }
        }
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// Where the engine stood; known after the first section.
    #[must_use]
    pub const fn header(&self) -> Option<&SnapshotHeader> {
        self.header.as_ref()
    }

    /// Makes the engine once everything was fed: up to `budget` orders, or remembered commands, of it. Answers whether it is made
    /// and [`Restoring::finish`] has nothing left to do. A step that is about neither costs O(accounts + positions).
    ///
    /// # Errors
    /// As [`Restoring::feed`]; `SNAPSHOT_CORRUPT` too when the end is missing or the state hash is another one.
    pub fn advance(&mut self, budget: u32) -> Result<bool, SnapshotFailure> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let made = match &self.header {
            Some(header) if self.ended && self.carry.is_empty() => {
                self.parts.rebuild(header.next_command_number, budget as usize)
            }
            _ => Err(Damage::from("the snapshot is not complete").into()),
        };
        made.inspect_err(|failure| self.failure = Some(failure.clone()))
    }

    /// Makes the engine once everything was fed, or what is left to be made of it.
    ///
    /// # Errors
    /// As [`Restoring::advance`].
    pub fn finish(mut self) -> Result<(Engine, SnapshotHeader), SnapshotFailure> {
        while !self.advance(u32::MAX)? {}
        match self.header {
            Some(header) => Ok((self.parts.engine, header)),
            None => Err(Damage::from("the snapshot is not complete").into()),
        }
    }

    fn take_sections(&mut self) -> Result<(), SnapshotFailure> {
        let carry = core::mem::take(&mut self.carry);
        let mut rest = carry.as_slice();
        if !self.prefixed {
            let Some((prefix, behind)) = rest.split_first_chunk::<PREFIX_BYTES>() else {
                self.carry = carry;
                return Ok(());
            };
            check_prefix(prefix)?;
            self.prefixed = true;
            rest = behind;
        }
        while let Some((head, behind)) = rest.split_first_chunk::<SECTION_HEAD>() {
            let word = |at: usize| {
                let mut bytes = [0; 8];
                bytes.copy_from_slice(&head[at * 8..at * 8 + 8]);
                u64::from_le_bytes(bytes)
            };
            let length = usize::try_from(word(1)).unwrap_or(usize::MAX);
            if length > SECTION_BYTES_MAX {
                return Err(Damage::from("a section is larger than any that is written").into());
            }
            let Some((padded, next)) = behind.split_at_checked(length.next_multiple_of(8)) else {
                break;
            };
            if checksum([word(0), word(1), word(2)], padded) != word(3) {
                return Err(Damage::from("a section does not have its checksum").into());
            }
            self.take_section(word(0), word(2), &padded[..length])?;
            rest = next;
        }
        self.carry = rest.to_vec();
        Ok(())
    }

    fn take_section(&mut self, what: u64, number: u64, bytes: &[u8]) -> Result<(), SnapshotFailure> {
        let (kind, count) = ((what & 0xffff) as u16, (what >> 32) as u32);
        let first = self.header.is_none();
        if self.ended || number != self.sections || first != (kind == kind::HEADER) || what & 0xffff_0000 != 0 {
            return Err(Damage::from("a section is missing, or stands where it does not belong").into());
        }
        self.sections += 1;
        let mut reader = Reader(bytes);
        match kind {
            kind::HEADER => {
                let header = read_header(&mut reader)?;
                if header.risk_off != (self.parts.engine.config.risk == RiskMode::Off) {
                    let details = "the snapshot is of the other risk mode";
                    return Err(SnapshotFailure::new(ErrorCode::SnapshotVersionMismatch, details));
                }
                self.header = Some(header);
            }
            kind::END => self.read_end(count, &mut reader)?,
            _ => {
                if kind as usize >= kind::LIMIT {
                    return Err(Damage::from("a section is of an unknown kind").into());
                }
                self.counts[kind as usize] += u64::from(count);
                for _ in 0..count {
                    self.parts.take(kind, &mut reader)?;
                }
                self.parts.settle_entries();
            }
        }
        if !reader.is_empty() {
            return Err(Damage::from("a section holds more than its records").into());
        }
        Ok(())
    }

    fn read_end(&mut self, kinds: u32, reader: &mut Reader<'_>) -> Result<(), SnapshotFailure> {
        reader.words(&mut self.parts.state_hash)?;
        for _ in 0..kinds {
            let mut total = [0; 2];
            reader.words(&mut total)?;
            let counted = usize::try_from(total[0]).ok().and_then(|kind| self.counts.get(kind));
            if counted != Some(&total[1]) {
                return Err(Damage::from("a section is missing").into());
            }
        }
        self.ended = true;
        Ok(())
    }
}

fn check_prefix(prefix: &[u8; PREFIX_BYTES]) -> Result<(), SnapshotFailure> {
    let number = |at: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&prefix[at..at + 4]);
        u32::from_le_bytes(bytes)
    };
    if prefix[..8] != MAGIC {
        return Err(Damage::from("the bytes are not a snapshot").into());
    }
    if (number(8), number(12)) != (SNAPSHOT_FORMAT, ENGINE_VERSION) {
        let details = format!(
            "format {} of engine version {}; this is format {SNAPSHOT_FORMAT} of engine version {ENGINE_VERSION}",
            number(8),
            number(12)
        );
        return Err(SnapshotFailure::new(ErrorCode::SnapshotVersionMismatch, details));
    }
    if prefix[16..] != layout().to_le_bytes() {
        let details = "the stored fields are others than this program stores";
        return Err(SnapshotFailure::new(ErrorCode::SnapshotVersionMismatch, details));
    }
    Ok(())
}

fn read_header(reader: &mut Reader<'_>) -> Result<SnapshotHeader, Damage> {
    let mut capacities = [0; 3];
    for capacity in &mut capacities {
        reader.u32(capacity)?;
    }
    let mut risk_off = false;
    reader.bool(&mut risk_off)?;
    let mut stood = [0; 2];
    reader.words(&mut stood)?;
    let note = core::mem::take(&mut reader.0);
    if note.len() > SNAPSHOT_NOTE_MAX {
        return Err("the note is too long");
    }
    Ok(SnapshotHeader {
        capacities,
        risk_off,
        next_command_number: stood[0],
        time_nanos: stood[1],
        note: note.to_vec(),
    })
}

impl Parts {
    /// Takes in one record.
    fn take(&mut self, kind: u16, reader: &mut Reader<'_>) -> Result<(), SnapshotFailure> {
        match kind {
            kind::ENGINE => self.take_loose(reader.get::<Loose>()?)?,
            kind::POT => self.pots.push(reader.get()?),
            kind::GROUP => self.groups.push(numbered(reader)?),
            kind::ACCOUNT => self.accounts.push(numbered(reader)?),
            kind::INSTRUMENT => {
                self.check_room(self.instruments.len(), self.engine.config.max_instruments)?;
                let (index, instrument) = numbered(reader)?;
                self.instruments.push((index, (instrument, reader.get()?)));
            }
            kind::BALANCE => self.balances.push(numbered(reader)?),
            kind::POSITION => self.positions.push(numbered(reader)?),
            kind::ORDER => self.take_order(reader)?,
            kind::CLIENT_ORDER => self.take_entry(reader.get()?)?,
            kind::TRIP => {
                self.engine.risk.trips.trips.restore(reader)?;
            }
            kind::LIMITS => {
                self.engine.risk.limits.limits.restore(reader)?;
            }
            kind::RESTRICTION => {
                self.engine.risk.restrictions.restore(reader)?;
            }
            kind::SESSION => self.engine.risk.sessions.restore(reader)?,
            kind::TRANSFER => self.engine.risk.transfers.restore(reader)?,
            kind::LIST => self.take_list(reader)?,
            kind::PLACED => {
                let engine = &mut self.engine;
                engine.placed.restore(reader, &mut engine.sum)?;
            }
            _ => return Err(Damage::from("a section is of an unknown kind").into()),
        }
        Ok(())
    }
}

/// A record with its place in its table.
fn numbered<T: super::Stored>(reader: &mut Reader<'_>) -> Result<(u32, T), Damage> {
    let mut index = 0;
    reader.u32(&mut index)?;
    Ok((index, reader.get()?))
}
