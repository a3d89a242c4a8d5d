//! A shard that starts from a snapshot and follows the tape behind it is the shard that executed everything.
use fulltape_ffi::status::word;
use fulltape_ffi::{Shard, ShardConfig};
use fulltape_sim::flow::Flow;
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::{batch_bytes, cash};
use fulltape_sim::tapes::{emitted, execute, small_config};
use fulltape_tape::Record;
use fulltape_tape::codes::ErrorCode;

fn groups(seed: u64, commands: usize) -> Vec<Vec<Record>> {
    let mut random = Random::new(seed);
    let mut flow = Flow::new(seed);
    let mut opening = flow.opening();
    let mut groups = vec![opening.concat()];
    opening.clear();
    let mut count = 0;
    while count < commands {
        let size = 1 + random.below(40) as usize;
        groups.push((0..size).flat_map(|_| flow.next_command()).collect());
        count += size;
    }
    groups
}

/// Everything of a snapshot that is finished.
fn take(shard: &mut Shard, bytes: &mut Vec<u8>, piece: usize) {
    let mut buffer = vec![0; piece];
    loop {
        shard.snapshot_take(&mut buffer).expect("takes");
        let written = shard.status().get(word::SNAPSHOT_BYTES) as usize;
        bytes.extend_from_slice(&buffer[..written]);
        if written == 0 {
            return;
        }
    }
}

fn whole_snapshot(shard: &mut Shard) -> Vec<u8> {
    let mut bytes = Vec::new();
    shard.snapshot_begin().expect("begins");
    shard.snapshot_advance(u32::MAX).expect("advances");
    take(shard, &mut bytes, 1 << 16);
    assert_eq!(shard.status().get(word::SNAPSHOT_STATE), 0);
    bytes
}

fn restored(config: &ShardConfig, bytes: &[u8], piece: usize) -> Shard {
    let mut shard = Shard::open(config.clone()).expect("opens");
    for piece in bytes.chunks(piece) {
        shard.restore(piece).expect("takes in");
    }
    shard.restore_finish().expect("restores");
    shard
}

#[test]
fn a_snapshot_taken_between_groups_and_the_tape_behind_it_give_the_whole_state() {
    let seed = seed("snapshot recovery");
    for bound in [1024, 64 << 10] {
        let config = ShardConfig {
            commit_bytes_max: bound,
            ..small_config()
        };
        let mut random = Random::new(seed);
        let mut writer = Shard::open(config.clone()).expect("opens");
        let mut tape = Vec::new();
        let mut snapshots: Vec<Vec<u8>> = Vec::new();
        let mut running = false;
        let mut bytes = Vec::new();
        for (at, group) in groups(seed, 6_000).iter().enumerate() {
            if at % 50 == 3 {
                writer.start_epoch(at as u64).expect("starts");
                tape.extend(emitted(&writer));
            }
            if !running && random.once_in(8) {
                writer.snapshot_begin().expect("begins");
                running = true;
            }
            tape.extend(execute(&mut writer, group).expect("executes"));
            if running {
                writer.snapshot_advance(random.below(900) as u32).expect("advances");
                take(&mut writer, &mut bytes, 1 + random.below(5_000) as usize);
                if writer.status().get(word::SNAPSHOT_STATE) == 0 {
                    snapshots.push(core::mem::take(&mut bytes));
                    running = false;
                }
            }
        }
        if running {
            writer.snapshot_advance(u32::MAX).expect("advances");
            take(&mut writer, &mut bytes, 5_000);
            snapshots.push(bytes);
        }
        assert!(snapshots.len() > 10, "{} snapshots", snapshots.len());
        for bytes in &snapshots {
            let mut shard = restored(&config, bytes, 1 + random.below(9_000) as usize);
            let at = shard.head().commit_number as usize;
            assert_eq!(shard.status().get(word::SNAPSHOT_COMMIT), at as u64);
            for message in &tape[at..] {
                shard.apply(message).expect("applies");
            }
            assert_eq!(shard.head(), writer.head());
            assert_eq!(shard.state_hash(), writer.state_hash());
            shard.engine().assert_consistent();
        }
        let group = [Record::of(cash(1, 5))];
        let mut last = restored(&config, &whole_snapshot(&mut writer), usize::MAX);
        assert_eq!(last.head(), writer.head());
        assert_eq!(
            execute(&mut last, &group).expect("goes on"),
            execute(&mut writer, &group).expect("goes on")
        );
    }
}

#[test]
fn the_journal_behind_a_snapshot_is_executed_and_one_that_differs_is_noticed() {
    let folder = std::env::temp_dir().join(format!("fulltape-snapshots-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let config = |name: &str| ShardConfig {
        journal_dir: Some(folder.join(name).to_string_lossy().into_owned()),
        journal_bytes_max: 8 << 20,
        ..small_config()
    };
    let groups = groups(3, 600);
    let (before, behind) = groups.split_at(groups.len() / 2);
    let mut writer = Shard::open(config("one")).expect("opens");
    for group in before {
        execute(&mut writer, group).expect("executes");
    }
    let bytes = whole_snapshot(&mut writer);
    for group in behind {
        execute(&mut writer, group).expect("executes");
    }
    let (head, hash) = (writer.head(), writer.state_hash());
    drop(writer);
    let mut again = restored(&config("one"), &bytes, 4096);
    loop {
        again.journal_next().expect("follows");
        if again.status().get(word::COMMITS) == 0 {
            break;
        }
    }
    assert_eq!((again.head(), again.state_hash()), (head, hash));
    drop(again);

    let mut other = Shard::open(config("two")).expect("opens");
    for group in &groups[..2] {
        execute(&mut other, group).expect("executes");
    }
    for _ in 0..200 {
        execute(&mut other, &[Record::of(cash(1, 7))]).expect("executes");
    }
    drop(other);
    let mut differs = restored(&config("two"), &bytes, 4096);
    assert_eq!(differs.journal_next().expect_err("differs").code, ErrorCode::Revoked);
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn a_shard_takes_only_its_own_whole_snapshot_and_only_before_its_first_commit() {
    let mut writer = Shard::open(small_config()).expect("opens");
    for group in groups(4, 300) {
        execute(&mut writer, &group).expect("executes");
    }
    let bytes = whole_snapshot(&mut writer);
    assert_eq!(
        writer.restore(&bytes).expect_err("has commits").code,
        ErrorCode::InvalidArgument
    );
    let other = ShardConfig {
        shard: 1,
        ..small_config()
    };
    let mut shard = Shard::open(other).expect("opens");
    assert_eq!(
        shard.restore_finish().expect_err("nothing").code,
        ErrorCode::InvalidArgument
    );
    shard.restore(&bytes).expect("takes in");
    assert_eq!(
        shard.restore_finish().expect_err("of shard 0").code,
        ErrorCode::SnapshotCorrupt
    );

    // After a damaged one the shard is as new, and takes a whole one.
    let mut shard = Shard::open(small_config()).expect("opens");
    let mut bad = bytes.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    assert_eq!(
        shard.restore(&bad).expect_err("damaged").code,
        ErrorCode::SnapshotCorrupt
    );
    shard.restore(&bytes[..bytes.len() - 9]).expect("takes in");
    assert_eq!(
        shard.restore_finish().expect_err("cut").code,
        ErrorCode::SnapshotCorrupt
    );
    shard.restore(&bytes).expect("takes in");
    shard.restore_finish().expect("restores");
    assert_eq!((shard.head(), shard.state_hash()), (writer.head(), writer.state_hash()));

    // One at a time; given up, the next one begins.
    writer.snapshot_begin().expect("begins");
    assert_eq!(
        writer.snapshot_begin().expect_err("runs").code,
        ErrorCode::InvalidArgument
    );
    writer.snapshot_cancel().expect("gives up");
    assert_eq!(writer.status().get(word::SNAPSHOT_STATE), 0);
    assert_eq!(whole_snapshot(&mut writer).len(), bytes.len());
    writer.enqueue(&batch_bytes(&[])).expect("goes on");
}

/// The caller has its turn between any two steps, and what comes out is the same.
#[test]
fn a_state_is_made_in_steps_of_any_size() {
    let config = ShardConfig {
        state_hash_every_commits: 0,
        ..small_config()
    };
    let mut shard = Shard::open(config.clone()).expect("opens");
    for group in groups(seed("steps"), 3_000) {
        execute(&mut shard, &group).expect("executes");
    }
    let bytes = whole_snapshot(&mut shard);
    let orders = u64::from(shard.engine().open_orders());
    assert!(orders > 20, "{orders} orders");
    for budget in [1, 3, 50, u32::MAX] {
        let mut restored = Shard::open(config.clone()).expect("opens");
        assert_eq!(
            restored.restore_advance(budget).expect_err("nothing").code,
            ErrorCode::InvalidArgument
        );
        restored.restore(&bytes).expect("takes in");
        let mut steps = 0;
        loop {
            restored.restore_advance(budget).expect("makes");
            steps += 1;
            match restored.status().get(word::SNAPSHOT_STATE) {
                3 => assert_eq!(
                    restored.engine().next_command_number(),
                    1,
                    "nothing stands before it is whole"
                ),
                state => {
                    assert_eq!(state, 0);
                    break;
                }
            }
        }
        // Sorting, lists and queues: an order is in each of the first two.
        assert!(steps >= 2 * orders / u64::from(budget), "{steps} steps of {budget}");
        restored.restore_finish().expect("restores");
        assert_eq!(
            restored.state_hash().expect("alive"),
            shard.state_hash().expect("alive")
        );
        restored.engine().assert_consistent();
    }
    // Finished in the middle, and one that is cut.
    let mut restored = Shard::open(config.clone()).expect("opens");
    restored.restore(&bytes).expect("takes in");
    restored.restore_advance(5).expect("makes");
    restored.restore_finish().expect("restores");
    assert_eq!(
        restored.state_hash().expect("alive"),
        shard.state_hash().expect("alive")
    );
    let mut cut = Shard::open(config).expect("opens");
    cut.restore(&bytes[..bytes.len() - 64]).expect("takes in");
    assert_eq!(
        cut.restore_advance(5).expect_err("cut").code,
        ErrorCode::SnapshotCorrupt
    );
    assert_eq!(cut.status().get(word::SNAPSHOT_STATE), 0);
}
