//! Snapshots of a shard: the engine's, with the head of the chain in its note; and a shard that goes on from one.

use fulltape_engine::{Restoring, SnapshotFailure, SnapshotProgress};
use fulltape_tape::codes::ErrorCode;

use crate::packing::Head;
use crate::shard::{Failure, Shard};
use crate::status::word;

/// What a shard notes in a snapshot, as little endian words: version, shard, epoch, commit number, four words of its hash.
const NOTE_WORDS: usize = 8;
const NOTE_VERSION: u64 = 1;

/// Bytes of a snapshot that were finished and not handed out yet.
#[derive(Default)]
pub(crate) struct Outgoing {
    bytes: Vec<u8>,
    at: usize,
}

impl From<SnapshotFailure> for Failure {
    fn from(failure: SnapshotFailure) -> Self {
        Self::new(failure.code, failure.details)
    }
}

impl Shard {
    /// Begins a snapshot at the head.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when one runs or parts are pending; `ENGINE_POISONED`.
    pub fn snapshot_begin(&mut self) -> Result<(), Failure> {
        self.check_alive()?;
        self.check_no_pending()?;
        let Head { commit_number, hash } = self.head;
        let shard = u64::from(self.config.shard);
        let [hash0, hash1, hash2, hash3] = hash;
        let note: [u64; NOTE_WORDS] = [
            NOTE_VERSION,
            shard,
            self.epoch,
            commit_number,
            hash0,
            hash1,
            hash2,
            hash3,
        ];
        let bytes: Vec<u8> = note.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.engine.begin_snapshot(&bytes)?;
        self.outgoing = Outgoing::default();
        self.status.set(word::SNAPSHOT_COMMIT, commit_number);
        self.publish_snapshot(0);
        Ok(())
    }

    /// Copies up to so many entities.
    ///
    /// # Errors
    /// `ENGINE_POISONED`.
    pub fn snapshot_advance(&mut self, budget: u32) -> Result<(), Failure> {
        self.check_alive()?;
        self.engine.advance_snapshot(budget);
        self.publish_snapshot(0);
        Ok(())
    }

    /// Hands out the next bytes that are finished; none when nothing is.
    ///
    /// # Errors
    /// `ENGINE_POISONED`.
    pub fn snapshot_take(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        self.check_alive()?;
        let mut written = 0;
        while written < out.len() {
            let outgoing = &mut self.outgoing;
            if outgoing.at == outgoing.bytes.len() {
                outgoing.bytes.clear();
                outgoing.at = 0;
                if !self.engine.take_snapshot(&mut outgoing.bytes) {
                    break;
                }
            }
            let count = (out.len() - written).min(outgoing.bytes.len() - outgoing.at);
            out[written..written + count].copy_from_slice(&outgoing.bytes[outgoing.at..outgoing.at + count]);
            outgoing.at += count;
            written += count;
        }
        self.publish_snapshot(written as u64);
        Ok(())
    }

    /// Gives a snapshot up; nothing when none runs.
    ///
    /// # Errors
    /// `ENGINE_POISONED`.
    pub fn snapshot_cancel(&mut self) -> Result<(), Failure> {
        self.check_alive()?;
        self.engine.cancel_snapshot();
        self.outgoing = Outgoing::default();
        self.publish_snapshot(0);
        Ok(())
    }

    fn publish_snapshot(&self, written: u64) {
        let waits = self.outgoing.at < self.outgoing.bytes.len();
        let state = match self.engine.snapshot_progress() {
            SnapshotProgress::Idle if !waits => 0,
            SnapshotProgress::Copying => 1,
            SnapshotProgress::Idle | SnapshotProgress::Copied => 2,
        };
        self.status.set(word::SNAPSHOT_STATE, state);
        self.status.set(word::SNAPSHOT_BYTES, written);
    }

    /// Takes the next bytes of a snapshot in. Only before the first command.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the shard stands behind commits; `SNAPSHOT_CORRUPT`, `SNAPSHOT_VERSION_MISMATCH`, after which the
    /// shard is as new and takes another snapshot.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.check_alive()?;
        if self.head != Head::GENESIS || self.engine.next_command_number() != 1 {
            let details = "only a shard without commits can be restored";
            return Err(Failure::new(ErrorCode::InvalidArgument, details));
        }
        let restoring = self.restoring.get_or_insert_with(|| {
            self.placement
                .around(|| Box::new(Restoring::new(self.config.engine.clone())))
        });
        if let Err(failure) = restoring.feed(bytes) {
            self.restoring = None;
            return Err(failure.into());
        }
        Ok(())
    }

    /// Makes up to `budget` orders or remembered commands of the state that was taken in, so that the caller can do other things in
    /// between. Status word `SNAPSHOT_STATE` is 3 while something is left to be made for [`Shard::restore_finish`].
    ///
    /// # Errors
    /// As [`Shard::restore_finish`].
    pub fn restore_advance(&mut self, budget: u32) -> Result<(), Failure> {
        self.check_alive()?;
        let Some(restoring) = &mut self.restoring else {
            return Err(Failure::new(ErrorCode::InvalidArgument, "no snapshot was taken in"));
        };
        let made = restoring.advance(budget);
        self.status
            .set(word::SNAPSHOT_STATE, if matches!(made, Ok(false)) { 3 } else { 0 });
        if let Err(failure) = made {
            self.restoring = None;
            return Err(failure.into());
        }
        Ok(())
    }

    /// Goes on from the snapshot that was taken in, and makes what is left to be made of it.
    ///
    /// # Errors
    /// As [`Shard::restore`]; `SNAPSHOT_CORRUPT` too when it is of another shard or incomplete.
    pub fn restore_finish(&mut self) -> Result<(), Failure> {
        self.check_alive()?;
        let Some(restoring) = self.restoring.take() else {
            return Err(Failure::new(ErrorCode::InvalidArgument, "no snapshot was taken in"));
        };
        self.status.set(word::SNAPSHOT_STATE, 0);
        let (engine, header) = restoring.finish()?;
        let mut note = [0; NOTE_WORDS];
        if header.note.len() != NOTE_WORDS * 8 {
            return Err(Failure::new(
                ErrorCode::SnapshotCorrupt,
                "the snapshot is not a shard's",
            ));
        }
        for (word, bytes) in note.iter_mut().zip(header.note.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        let [version, shard, epoch, commit_number, hash @ ..] = note;
        if version != NOTE_VERSION || shard != u64::from(self.config.shard) {
            let details = format!("the snapshot is of shard {shard}");
            return Err(Failure::new(ErrorCode::SnapshotCorrupt, details));
        }
        self.engine = engine;
        self.head = Head { commit_number, hash };
        self.epoch = epoch;
        if let Some(journaling) = &mut self.journaling
            && commit_number != 0
        {
            journaling.compare(commit_number, hash);
        }
        self.status.set(word::SNAPSHOT_COMMIT, commit_number);
        self.publish_status();
        Ok(())
    }
}
