//! The mark file: acknowledged and trimmed commit, in two slots that are written in turn, so that a cut write leaves
//! the other slot whole.

use std::path::Path;

use crate::JournalError;
use crate::disk::Disk;
use crate::mapping::Mapping;

const MAGIC: u64 = u64::from_le_bytes(*b"FTJMARK1");
const SLOT_BYTES: usize = 64;
const FILE_BYTES: usize = 4096;
const FIELDS: usize = 5;

/// The two marks.
pub struct MarkFile {
    mapping: Mapping,
    owner: u64,
    generation: u64,
    acknowledged: u64,
    trimmed: u64,
}

impl MarkFile {
    /// Opens or creates the file.
    pub fn open(path: &Path, owner: u64, disk: &dyn Disk) -> Result<Self, JournalError> {
        let mapping = match std::fs::metadata(path).map_or(0, |data| data.len()) {
            // Never written: the process died before it could.
            0 => Mapping::create(path, FILE_BYTES, disk)?,
            bytes if bytes == FILE_BYTES as u64 => Mapping::open(path)?,
            bytes => return Err(JournalError::Corrupt(format!("{} has {bytes} bytes", path.display()))),
        };
        let fresh = mapping.bytes().iter().all(|byte| *byte == 0);
        let best = (0..2)
            .filter_map(|slot| read(mapping.bytes(), slot))
            .max_by_key(|fields| fields[1]);
        let mut marks = Self {
            mapping,
            owner,
            generation: 0,
            acknowledged: 0,
            trimmed: 0,
        };
        match best {
            Some([_, generation, of, acknowledged, trimmed]) => {
                if of != owner {
                    return Err(JournalError::Corrupt(format!(
                        "{} belongs to shard {of}",
                        path.display()
                    )));
                }
                (marks.generation, marks.acknowledged, marks.trimmed) = (generation, acknowledged, trimmed);
            }
            None if fresh => marks.write(0, 0),
            None => return Err(JournalError::Corrupt(format!("no slot of {} is whole", path.display()))),
        }
        Ok(marks)
    }

    /// Highest acknowledged commit.
    pub const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Highest commit that may be forgotten.
    pub const fn trimmed(&self) -> u64 {
        self.trimmed
    }

    /// Writes both marks to the slot whose turn it is.
    pub fn write(&mut self, acknowledged: u64, trimmed: u64) {
        self.generation += 1;
        (self.acknowledged, self.trimmed) = (acknowledged, trimmed);
        let slot = usize::from(self.generation % 2 == 1) * SLOT_BYTES;
        let bytes = &mut self.mapping.bytes_mut()[slot..slot + SLOT_BYTES];
        for (at, field) in [MAGIC, self.generation, self.owner, acknowledged, trimmed]
            .iter()
            .enumerate()
        {
            bytes[at * 8..at * 8 + 8].copy_from_slice(&field.to_le_bytes());
        }
        let checksum = crc32c::crc32c(&bytes[..FIELDS * 8]);
        bytes[FIELDS * 8..FIELDS * 8 + 4].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Writes back and waits.
    pub fn sync(&self) -> Result<(), JournalError> {
        self.mapping.sync()
    }
}

fn read(bytes: &[u8], slot: usize) -> Option<[u64; FIELDS]> {
    let bytes = bytes.get(slot * SLOT_BYTES..)?.first_chunk::<SLOT_BYTES>()?;
    let checksum = crc32c::crc32c(&bytes[..FIELDS * 8]);
    if bytes[FIELDS * 8..FIELDS * 8 + 4] != checksum.to_le_bytes() {
        return None;
    }
    let mut fields = [0; FIELDS];
    for (at, field) in fields.iter_mut().enumerate() {
        *field = u64::from_le_bytes(*bytes[at * 8..].first_chunk()?);
    }
    (fields[0] == MAGIC).then_some(fields)
}
