//! A writer dies at any moment: what its journal holds and the tape does not is executed again, byte for byte.
use std::path::{Path, PathBuf};

use fulltape_ffi::status::word;
use fulltape_ffi::{Shard, ShardConfig};
use fulltape_sim::flow::Flow;
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_sim::tapes::*;
use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, ErrorCode, Side};
use fulltape_tape::layout::CancelAllOrders;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fulltape-recovery-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("makes a folder");
        Self(path)
    }

    /// A copy of a journal as a killed process leaves it: the mapping is the file.
    fn copy_of(&self, journal: &Path, name: &str) -> PathBuf {
        let to = self.0.join(name);
        let _ = std::fs::remove_dir_all(&to);
        std::fs::create_dir_all(&to).expect("makes a folder");
        for file in std::fs::read_dir(journal).expect("lists") {
            let file = file.expect("a file");
            if file.path().is_file() {
                std::fs::copy(file.path(), to.join(file.file_name())).expect("copies");
            }
        }
        to
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn config(folder: &Path, commit_bytes_max: usize) -> ShardConfig {
    ShardConfig {
        journal_dir: Some(folder.to_string_lossy().into_owned()),
        journal_bytes_max: 8 << 20,
        commit_bytes_max,
        ..small_config()
    }
}

/// Everything that the journal gives behind the head.
fn replay_journal(shard: &mut Shard) -> Vec<Vec<u8>> {
    let mut emitted_all = Vec::new();
    loop {
        shard.journal_next().expect("follows");
        if shard.status().get(word::COMMITS) == 0 {
            return emitted_all;
        }
        emitted_all.extend(emitted(shard));
    }
}

#[test]
fn the_tape_cut_anywhere_and_the_journal_give_the_whole_state() {
    let seed = seed("recovery");
    for bound in [1024, 8192] {
        let folder = Folder::new(&format!("any-{bound}"));
        let journal = folder.0.join("journal");
        let mut writer = Shard::open(config(&journal, bound)).expect("opens");
        let mut flow = Flow::new(seed);
        let mut random = Random::new(seed);
        let mut tape = Vec::new();
        tape.extend(execute(&mut writer, &flow.opening().concat()).expect("executes"));
        for round in 0..60 {
            if round % 20 == 3 {
                writer.start_epoch(round + 1).expect("starts");
                tape.extend(emitted(&writer));
            }
            let group: Vec<_> = (0..1 + random.below(25)).flat_map(|_| flow.next_command()).collect();
            tape.extend(execute(&mut writer, &group).expect("executes"));
            if round % 10 == 0 {
                let mut all = CancelAllOrders {
                    kind: CancelAllOrders::KIND,
                    ..CancelAllOrders::default()
                };
                all.time_nanos = group[0].time_nanos();
                tape.extend(execute(&mut writer, &[Record::of(all)]).expect("executes"));
            }
        }
        let expected = (writer.head(), writer.state_hash());
        for cut in (0..=tape.len()).step_by(1 + tape.len() / 80) {
            let copy = folder.copy_of(&journal, "copy");
            let mut shard = Shard::open(config(&copy, bound)).expect("opens");
            for message in &tape[..cut] {
                shard.apply(message).expect("applies");
            }
            assert_eq!(replay_journal(&mut shard), tape[cut..], "the tape was cut at {cut}");
            assert_eq!((shard.head(), shard.state_hash()), expected);
            // It goes on, and so does its journal.
            execute(&mut shard, &[Record::of(cash(1, 1))]).expect("goes on");
        }
    }
}

#[test]
fn a_journal_with_a_torn_tail_gives_what_is_whole() {
    let folder = Folder::new("torn");
    let journal = folder.0.join("journal");
    let mut writer = Shard::open(config(&journal, 8192)).expect("opens");
    let mut flow = Flow::new(9);
    let mut groups = vec![execute(&mut writer, &flow.opening().concat()).expect("executes")];
    for _ in 0..5 {
        let group: Vec<_> = (0..10).flat_map(|_| flow.next_command()).collect();
        groups.push(execute(&mut writer, &group).expect("executes"));
    }
    let copy = folder.copy_of(&journal, "copy");
    let path = copy.join("segment-0000000000000001");
    let mut bytes = std::fs::read(&path).expect("reads");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something");
    bytes[end - 100..].fill(0);
    std::fs::write(&path, &bytes).expect("writes");
    let mut shard = Shard::open(config(&copy, 8192)).expect("opens");
    assert_eq!(replay_journal(&mut shard), groups[..5].concat());
}

#[test]
fn a_journal_that_lost_the_race_is_revoked_and_quarantined() {
    let folder = Folder::new("revoked");
    let journal = folder.0.join("journal");
    let mut setup = instrument(1, 0, 0).to_vec();
    setup.push(Record::of(account(1, AccountKind::Replay, 0)));
    let place = |price| {
        vec![
            Record::of(limit(1, 1, Side::Buy, price, 1)),
            Record::of(limit(1, 1, Side::Buy, price, 2)),
        ]
    };

    let mut old = Shard::open(config(&journal, 8192)).expect("opens");
    let mut tape = execute(&mut old, &setup).expect("executes");
    old.journal_acknowledge(1);
    execute(&mut old, &place(10)).expect("executed here, never on the tape");
    execute(&mut old, &place(11)).expect("executed here, never on the tape");
    drop(old);

    // Meanwhile another writer has gone on from commit 1: once by one commit, once past everything that the journal holds.
    for commits in [1, 2, 5] {
        let mut new = Shard::open(config(&folder.0.join(format!("other-{commits}")), 8192)).expect("opens");
        for message in &tape {
            new.apply(message).expect("applies");
        }
        let mut taken_over = tape.clone();
        for price in 0..commits {
            taken_over.extend(execute(&mut new, &place(20 + price)).expect("executes"));
        }
        let copy = folder.copy_of(&journal, "copy");
        let mut shard = Shard::open(config(&copy, 8192)).expect("opens");
        assert_eq!(shard.status().get(word::JOURNAL_ACKNOWLEDGED), 1);
        for message in &taken_over {
            shard.apply(message).expect("applies");
        }
        assert_eq!(shard.journal_next().expect_err("revoked").code, ErrorCode::Revoked);
        assert_eq!(
            execute(&mut shard, &place(30)).expect_err("first quarantine").code,
            ErrorCode::Revoked
        );
        shard.journal_quarantine().expect("moves");
        assert_eq!(shard.status().get(word::QUARANTINED), 4);
        assert_eq!(shard.status().get(word::JOURNAL_LAST), 1);
        assert!(replay_journal(&mut shard).is_empty());
        assert_eq!(std::fs::read_dir(copy.join("orphans")).expect("a folder").count(), 1);
        shard
            .execute(fulltape_ffi::Stamp::Records)
            .expect("goes on with what waited");
        assert_eq!(
            shard.status().get(word::JOURNAL_LAST),
            2 + u64::try_from(commits).expect("small")
        );
    }
    tape.clear();
}

#[test]
fn a_full_journal_refuses_before_anything_is_executed() {
    let folder = Folder::new("full");
    let config = ShardConfig {
        journal_bytes_max: 1 << 20,
        ..config(&folder.0.join("journal"), 64 << 10)
    };
    let mut shard = Shard::open(config).expect("opens");
    let records = vec![Record::of(cash(1, 1)); 500];
    let failure = loop {
        let before = (shard.head(), shard.engine().next_command_number());
        match execute(&mut shard, &records) {
            Ok(_) => assert!(shard.head().commit_number < 1000, "the bound is never reached"),
            Err(failure) => {
                assert_eq!((shard.head(), shard.engine().next_command_number()), before);
                break failure;
            }
        }
    };
    assert_eq!(failure.code, ErrorCode::JournalFull);
    shard.journal_acknowledge(u64::MAX);
    shard.journal_trim(shard.head().commit_number).expect("trims");
    shard
        .execute(fulltape_ffi::Stamp::Records)
        .expect("the group that waited is executed");
}
