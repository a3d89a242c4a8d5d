//! Puts an engine that was restored from a snapshot in the place of the running one, at random points, and compares the two.
//!
//! Snapshots are taken as a writer takes them: begun after a command, copied in slices of random size while further commands
//! run. The restored engine must have the hash that the state had at the beginning, give the same reports to the
//! commands that ran meanwhile, and end with the hash of the engine that it replaces. State that a snapshot forgets is found here.

use fulltape_engine::{Command, Config, Engine, SnapshotProgress};
use fulltape_tape::Record;
use fulltape_tape::layout::AnswerRecord;

use crate::random::Random;

/// Takes snapshots of one engine and replaces it.
pub struct Restarts {
    random: Random,
    config: Config,
    every: u64,
    begun: Option<Begun>,
    /// Engines replaced so far.
    pub count: u64,
}

struct Begun {
    hash: [u64; 2],
    budget: u32,
    bytes: Vec<u8>,
    since: Vec<(Vec<Record>, Vec<Record>, AnswerRecord)>,
}

impl Restarts {
    /// Begins a snapshot once in `every` commands, when none runs.
    #[must_use]
    pub const fn new(seed: u64, config: Config, every: u64) -> Self {
        Self {
            random: Random::new(seed ^ 0x005e_a50e_d5ea),
            config,
            every,
            begun: None,
            count: 0,
        }
    }

    /// Called after each command with what it gave.
    ///
    /// # Panics
    /// When a restored engine is not the one that it was taken from.
    pub fn after_command(&mut self, engine: &mut Engine, records: &[Record], reports: &[Record], answer: AnswerRecord) {
        let Some(begun) = &mut self.begun else {
            if self.random.once_in(self.every) {
                let note = engine.next_command_number().to_le_bytes();
                engine.begin_snapshot(&note).expect("begins");
                self.begun = Some(Begun {
                    // Settled or not: the snapshot hashes what it copies.
                    hash: if self.random.once_in(2) {
                        engine.state_hash()
                    } else {
                        [0; 2]
                    },
                    budget: self.random.one_of(&[1, 3, 20, 200, 100_000]),
                    bytes: Vec::new(),
                    since: Vec::new(),
                });
            }
            return;
        };
        begun.since.push((records.to_vec(), reports.to_vec(), answer));
        engine.advance_snapshot(self.random.below(u64::from(begun.budget) * 2) as u32);
        if self.random.once_in(3) {
            while engine.take_snapshot(&mut begun.bytes) {}
        }
        if engine.snapshot_progress() == SnapshotProgress::Idle {
            let begun = self.begun.take().expect("begun");
            *engine = self.replace(engine, &begun);
        }
    }

    fn replace(&mut self, engine: &mut Engine, begun: &Begun) -> Engine {
        let (mut restored, header) = Engine::restore(self.config.clone(), &begun.bytes).expect("restores");
        assert_eq!(header.note, header.next_command_number.to_le_bytes());
        assert_eq!(restored.next_command_number(), header.next_command_number);
        let hash = restored.state_hash();
        assert!(
            begun.hash == [0; 2] || hash == begun.hash,
            "the state is the one at the beginning"
        );
        restored.assert_consistent();
        for (records, reports, answer) in &begun.since {
            let mut ours = Vec::new();
            let number = restored.next_command_number();
            assert_eq!(
                restored.submit(&Command::new(records), 0, &mut ours),
                *answer,
                "answer to command {number} of a restored engine"
            );
            assert_eq!(ours, *reports, "reports of command {number} of a restored engine");
        }
        assert_eq!(restored.state_hash(), engine.state_hash(), "the state after it went on");
        self.count += 1;
        restored
    }
}
