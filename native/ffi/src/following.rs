//! Following: a shard executes what the tape or the journal holds and compares it byte for byte.

use fulltape_engine::ENGINE_VERSION;
use fulltape_tape::codes::{ErrorCode, commit_flag, report_flag};
use fulltape_tape::layout::RefusalReport;
use fulltape_tape::message::{Commit, parse_commit};

use crate::packing::{Head, Packed};
use crate::shard::{Failure, Shard, copy_words};

impl Shard {
    /// Follows the tape by one stored commit.
    ///
    /// # Errors
    /// `TAPE_CORRUPT`, `ENGINE_VERSION_MISMATCH`; `REPLAY_DIVERGED`, after which the shard is poisoned.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.check_alive()?;
        self.clear_output();
        let mut message = core::mem::take(&mut self.message);
        let result = copy_words(bytes, &mut message).and_then(|()| self.apply_words(&message));
        self.message = message;
        if let Err(failure) = result {
            return Err(match failure.code {
                // The state has gone another way than the tape: it must not be built upon.
                ErrorCode::ReplayDiverged => self.poison_as(failure.code, failure.details, None),
                _ => failure,
            });
        }
        // Nothing is emitted, but what was explained is kept for the caller.
        let explained = core::mem::take(&mut self.explaining);
        self.clear_output();
        self.explaining = explained;
        self.finish_output(false, &mut []);
        Ok(())
    }

    fn apply_words(&mut self, words: &[u64]) -> Result<(), Failure> {
        let corrupt = |details: String| Failure::new(ErrorCode::TapeCorrupt, details);
        let commit = parse_commit(words).map_err(|error| corrupt(error.to_string()))?;
        let number = commit.data.commit_number;
        if number != self.head.commit_number + 1 || commit.previous_hash() != self.head.hash {
            let details = format!("commit {number} does not follow commit {}", self.head.commit_number);
            return Err(corrupt(details));
        }
        if fulltape_tape::chain::commit_hash(words) != commit.hash() {
            return Err(corrupt(format!("commit {number} does not have its hash")));
        }
        if commit.data.engine_version != ENGINE_VERSION {
            let details = format!("commit {number} is of engine version {}", commit.data.engine_version);
            return Err(Failure::new(ErrorCode::EngineVersionMismatch, details));
        }
        if commit.data.shard != self.config.shard {
            return Err(corrupt(format!("commit {number} is of shard {}", commit.data.shard)));
        }
        if let Some(journaling) = &mut self.journaling {
            journaling.compare(number, commit.hash());
        }
        if !self.pending.is_empty() {
            if self.pending[0] != words {
                return Err(self.diverged(&commit, words, &self.pending[0]));
            }
            self.pending.remove(0);
            self.head = Head {
                commit_number: number,
                hash: commit.hash(),
            };
            return Ok(());
        }
        self.epoch = commit.data.epoch;
        let mut frame = self.frame(commit.data.flags);
        if commit.commands.is_empty() {
            self.pack_epoch(frame);
        } else {
            if commit.data.last_part == 1 {
                // Whole commands: they fitted the writer's bound, whatever ours is.
                frame.bytes_max = frame.bytes_max.max(words.len() * 8);
            }
            let refused = fault_refusals(&commit);
            self.run(commit.commands, &refused, frame, 0, &mut [])?;
            self.fault_refusals += refused.len() as u64;
        }
        let first = self.packed[0];
        let ours = &self.output()[first.start..first.start + first.words];
        if ours != words {
            return Err(self.diverged(&commit, words, ours));
        }
        self.head = first.head;
        for packed in &self.packed[1..] {
            let words = self.words.words(self.extent);
            self.pending
                .push(words[packed.start..packed.start + packed.words].to_vec());
        }
        Ok(())
    }

    /// Names the first command whose bytes differ.
    fn diverged(&self, commit: &Commit<'_>, theirs: &[u64], ours: &[u64]) -> Failure {
        let number = commit.data.commit_number;
        let word = theirs
            .iter()
            .zip(ours)
            .position(|(theirs, ours)| theirs != ours)
            .unwrap_or(theirs.len().min(ours.len()));
        let first = commit.data.first_command_number;
        let ours = parse_commit(ours).ok();
        let report = ours.and_then(|ours| {
            let at = commit
                .reports
                .iter()
                .zip(ours.reports)
                .position(|(theirs, ours)| theirs != ours)?;
            Some(
                commit.reports[at]
                    .report()
                    .command_index
                    .min(ours.reports[at].report().command_index),
            )
        });
        let command = match report {
            Some(index) => format!("command {}", first + u64::from(index)),
            None => "no report".into(),
        };
        Failure::new(
            ErrorCode::ReplayDiverged,
            format!(
                "commit {number} differs from byte {} on; first differing: {command}",
                word * 8
            ),
        )
    }

    /// Emits the parts of the last applied command that have not been applied.
    ///
    /// # Errors
    /// `ENGINE_POISONED`.
    pub fn pending(&mut self) -> Result<(), Failure> {
        self.check_alive()?;
        self.clear_output();
        self.emit_pending()?;
        self.finish_output(true, &mut []);
        Ok(())
    }

    fn emit_pending(&mut self) -> Result<(), Failure> {
        for message in core::mem::take(&mut self.pending) {
            let commit =
                parse_commit(&message).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
            self.head = Head {
                commit_number: commit.data.commit_number,
                hash: commit.hash(),
            };
            let start = self.extent.words;
            self.words
                .with_sheet(&mut [], &mut self.extent, |sheet| sheet.append(&message));
            self.packed.push(Packed {
                start,
                words: message.len(),
                head: self.head,
                records_end: 0,
                part: commit.data.part,
            });
        }
        Ok(())
    }

    /// Executes the journal's next commits behind the head and emits them.
    ///
    /// # Errors
    /// `REVOKED` when they do not follow the head; `JOURNAL_CORRUPT`; `REPLAY_DIVERGED`.
    pub fn journal_next(&mut self) -> Result<(), Failure> {
        self.check_alive()?;
        self.clear_output();
        let Some(journaling) = &self.journaling else {
            self.finish_output(true, &mut []);
            return Ok(());
        };
        let Some(group) = journaling.next(self.head)? else {
            self.finish_output(true, &mut []);
            return Ok(());
        };
        let expected = group.last;
        self.emit_pending()?;
        if self.head != expected {
            self.epoch = group.epoch;
            if group.epoch_started {
                self.pack_epoch(self.frame(commit_flag::EPOCH_STARTED));
            } else {
                self.run(&group.records, &group.refused, self.frame(0), 0, &mut [])?;
                self.fault_refusals += group.refused.len() as u64;
            }
            self.head = self.packed.last().map_or(self.head, |packed| packed.head);
        }
        if self.head != expected {
            let details = format!(
                "the journal's group up to commit {} gives other commits",
                expected.commit_number
            );
            return Err(self.poison_as(ErrorCode::ReplayDiverged, details, None));
        }
        self.finish_output(true, &mut []);
        Ok(())
    }
}

/// Indices of the commands that a stored commit refused as engine faults: they must not be executed again.
fn fault_refusals(commit: &Commit<'_>) -> Vec<u32> {
    commit
        .reports
        .iter()
        .filter(|record| {
            record.kind() == RefusalReport::KIND
                && record.view::<RefusalReport>().code == ErrorCode::RejectedEngineFault.number()
                && u16::from(record.report().flags) & (report_flag::OUTCOME | report_flag::DUPLICATE)
                    == report_flag::OUTCOME
        })
        .map(|record| record.report().command_index)
        .collect()
}
