//! The same commands give the same reports and the same state, however they are batched and whoever executes them.
use fulltape_engine::{Command, CountingSink, Engine};
use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_sim::flow::Flow;
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_sim::tapes::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;
use fulltape_tape::message::{commit_bytes, parse_commit};

fn commands(seed: u64, count: usize) -> Vec<Vec<Record>> {
    let mut flow = Flow::new(seed);
    let mut commands = flow.opening();
    commands.extend((commands.len()..count).map(|_| flow.next_command()));
    commands
}

/// Reports of a tape with command numbers in place of indices, and without commit boundaries.
fn reports(tape: &[Vec<u8>]) -> Vec<(u64, Record)> {
    let mut reports = Vec::new();
    for message in tape {
        let words = words(message);
        let commit = parse_commit(&words).expect("a commit");
        for report in commit.reports {
            let number = commit.data.first_command_number + u64::from(report.report().command_index);
            let mut report = *report;
            report.set_command_index(0);
            reports.push((number, report));
        }
    }
    reports
}

fn run(config: ShardConfig, commands: &[Vec<Record>], mut group: impl FnMut() -> usize) -> (Shard, Vec<Vec<u8>>) {
    let mut shard = Shard::open(config).expect("opens");
    let mut tape = Vec::new();
    let mut rest = commands;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(group().clamp(1, rest.len()));
        tape.extend(execute(&mut shard, &now.concat()).expect("executes"));
        rest = later;
    }
    (shard, tape)
}

#[test]
fn any_batching_gives_the_same_reports_and_state() {
    let seed = seed("batching");
    for round in 0..8 {
        let commands = commands(seed + round, 2_000);
        let (mut single, tape) = run(small_config(), &commands, || 1);
        let expected = (reports(&tape), single.state_hash());
        let mut random = Random::new(seed + round);
        let small = ShardConfig {
            commit_bytes_max: 1024,
            ..small_config()
        };
        let large = ShardConfig {
            commit_bytes_max: 16 << 20,
            state_hash_every_commits: 0,
            ..small_config()
        };
        for (config, groups) in [(small_config(), 60), (small, 400), (large, 2_000)] {
            let bound = config.commit_bytes_max;
            let (mut shard, tape) = run(config, &commands, || 1 + random.below(groups) as usize);
            assert_eq!(
                (reports(&tape), shard.state_hash()),
                expected,
                "groups of up to {groups}"
            );
            assert!(
                tape.iter().all(|message| message.len() <= bound),
                "a commit passes its bound"
            );
        }
    }
}

#[test]
fn a_state_hash_that_was_settled_bit_by_bit_is_the_same() {
    let seed = seed("settling");
    let commands = commands(seed, 2_000);
    let mut random = Random::new(seed);
    let [mut at_once, mut by_bits] = [0, 1].map(|_| Engine::new(small_config().engine));
    let mut sink = CountingSink::default();
    let mut left = 0;
    for command in &commands {
        for engine in [&mut at_once, &mut by_bits] {
            engine.submit(&Command::new(command), 0, &mut sink);
        }
        left += u32::from(!by_bits.settle_hash_some(random.below(3) as usize));
        if random.once_in(50) {
            assert_eq!(by_bits.state_hash(), at_once.state_hash());
        }
    }
    assert!(left > 100, "a bit is less than all: {left}");
    assert_eq!(by_bits.state_hash(), at_once.state_hash());
}

#[test]
fn a_follower_that_applies_the_tape_has_the_same_state() {
    let seed = seed("following");
    for bound in [1024, 4096, 256 << 10] {
        let config = ShardConfig {
            commit_bytes_max: bound,
            ..small_config()
        };
        let commands = commands(seed, 3_000);
        let mut random = Random::new(seed);
        let mut writer = Shard::open(config.clone()).expect("opens");
        let mut tape = Vec::new();
        let mut rest = commands.as_slice();
        let mut epoch = 0;
        while !rest.is_empty() {
            if random.once_in(9) {
                epoch += 1 + random.below(3);
                writer.start_epoch(epoch).expect("starts");
                tape.extend(emitted(&writer));
            }
            let (now, later) = rest.split_at((1 + random.below(50) as usize).min(rest.len()));
            tape.extend(execute(&mut writer, &now.concat()).expect("executes"));
            rest = later;
        }
        let mut follower = Shard::open(config).expect("opens");
        for message in &tape {
            follower.apply(message).expect("applies");
        }
        assert_eq!(follower.head(), writer.head());
        assert_eq!(follower.state_hash(), writer.state_hash());
        follower.engine().assert_consistent();
        // It can write on where the writer stopped.
        let more = commands_after(&commands);
        assert_eq!(
            execute(&mut follower, &more).expect("goes on"),
            execute(&mut writer, &more).expect("goes on")
        );
    }
}

fn commands_after(commands: &[Vec<Record>]) -> Vec<Record> {
    let mut record = Record::of(limit(1, 1, Side::Buy, 100, 1));
    record.set_time_nanos(commands.last().expect("some")[0].time_nanos());
    vec![record]
}

/// A shard with `count` resting orders of one unlimited account.
fn crowded(config: ShardConfig, count: i64) -> Shard {
    let mut shard = Shard::open(config).expect("opens");
    let mut records = instrument(1, 10, 20).to_vec();
    records.push(Record::of(account(1, AccountKind::Replay, 0)));
    records.push(Record::of(account(2, AccountKind::Replay, 0)));
    records.extend((0..count).map(|at| Record::of(limit(1, 1, Side::Sell, 100 + at, 1))));
    execute(&mut shard, &records).expect("executes");
    shard
}

#[test]
fn a_command_that_passes_a_commit_spans_parts_and_any_part_can_be_the_last_on_the_tape() {
    let config = ShardConfig {
        commit_bytes_max: 2048,
        ..small_config()
    };
    let sweep = Record::of(market(2, 1, Side::Buy, 150));
    let all = Record::of(CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 1,
        ..CancelAllOrders::default()
    });
    for command in [sweep, all] {
        let mut writer = crowded(config.clone(), 150);
        let setup = writer.head();
        let parts = execute(&mut writer, &[command, Record::of(cash(1, 5))]).expect("executes");
        assert!(parts.len() > 10, "{} commits", parts.len());
        for (at, message) in parts.iter().enumerate() {
            let words = words(message);
            let commit = parse_commit(&words).expect("a commit");
            assert!(message.len() <= config.commit_bytes_max);
            let last = at == parts.len() - 1;
            // The last commit is the next command; the one before it ends the large one.
            assert_eq!(commit.data.part as usize, if last { 0 } else { at });
            assert_eq!(commit.data.last_part == 1, at + 2 >= parts.len());
            assert_eq!(commit.commands.len(), usize::from(at == 0 || last));
            assert_eq!(commit.data.commit_number, setup.commit_number + 1 + at as u64);
        }
        for cut in 1..parts.len() {
            let mut follower = crowded(config.clone(), 150);
            for message in &parts[..cut] {
                follower.apply(message).expect("applies");
            }
            let waits = cut < parts.len() - 1;
            let refused = execute(&mut follower, &[Record::of(cash(1, 5))]);
            assert_eq!(
                refused.is_err(),
                waits,
                "parts must be emitted before anything else is executed"
            );
            if waits {
                follower.pending().expect("emits");
                assert_eq!(emitted(&follower), parts[cut..parts.len() - 1]);
                follower.execute(Stamp::Records).expect("what waited is executed");
                assert_eq!(emitted(&follower), parts[parts.len() - 1..]);
            }
            assert_eq!(
                (follower.head(), follower.state_hash()),
                (writer.head(), writer.state_hash())
            );
        }
        assert!(commit_bytes(1, 2) < config.commit_bytes_max);
    }
}

/// Other rules would give other reports: what another version wrote is refused before any of it is executed.
#[test]
fn what_another_engine_version_wrote_is_refused() {
    let commands = commands(6, 60);
    let (mut writer, tape) = run(small_config(), &commands, || 7);
    for version in [fulltape_engine::ENGINE_VERSION - 1, fulltape_engine::ENGINE_VERSION + 1] {
        let mut follower = Shard::open(small_config()).expect("opens");
        follower.apply(&tape[0]).expect("applies");
        let before = follower.state_hash().expect("alive");
        let mut other = words(&tape[1]);
        let commit = parse_commit(&other).expect("a commit");
        let mut data = commit.data;
        let (records, reports) = (commit.commands.to_vec(), commit.reports.to_vec());
        (data.hash0, data.hash1, data.hash2, data.hash3) = (0, 0, 0, 0);
        data.engine_version = version;
        other.clear();
        let start = fulltape_tape::message::begin_commit(&mut other);
        for report in &reports {
            fulltape_tape::message::push_record(&mut other, report);
        }
        fulltape_tape::message::finish_commit(&mut other, start, &data, &records);
        let failure = follower.apply(bytemuck::cast_slice(&other)).expect_err("refused");
        assert_eq!(failure.code, ErrorCode::EngineVersionMismatch);
        assert_eq!(follower.state_hash().expect("alive"), before);
        follower.apply(&tape[1]).expect("nothing of the other was executed");
        // A snapshot too, and the shard is as new behind it.
        let mut bytes = vec![0; 1 << 20];
        writer.snapshot_begin().expect("begins");
        writer.snapshot_advance(u32::MAX).expect("advances");
        writer.snapshot_take(&mut bytes).expect("takes");
        bytes[12..16].copy_from_slice(&version.to_le_bytes());
        let mut restored = Shard::open(small_config()).expect("opens");
        let failure = restored.restore(&bytes).expect_err("refused");
        assert_eq!(failure.code, ErrorCode::SnapshotVersionMismatch);
        restored.apply(&tape[0]).expect("the tape from its beginning");
        writer.snapshot_cancel().expect("gives up");
    }
}

#[test]
fn a_changed_tape_is_refused() {
    let commands = commands(5, 60);
    let (_, tape) = run(small_config(), &commands, || 7);
    let mut follower = Shard::open(small_config()).expect("opens");
    follower.apply(&tape[0]).expect("applies");
    for at in [8, 40, 60, 130, 200, tape[1].len() - 1] {
        let mut bad = tape[1].clone();
        bad[at] ^= 4;
        let failure = follower.apply(&bad).expect_err("refused");
        assert_eq!(failure.code, ErrorCode::TapeCorrupt, "byte {at}");
    }
    assert_eq!(
        follower.apply(&tape[2]).expect_err("a gap").code,
        ErrorCode::TapeCorrupt
    );
    assert_eq!(
        follower.apply(&tape[1][..80]).expect_err("cut").code,
        ErrorCode::TapeCorrupt
    );
    follower.apply(&tape[1]).expect("none of that changed anything");

    // A forged commit with a right hash is found by executing it.
    let mut forged = words(&tape[2]);
    let commit = parse_commit(&forged).expect("a commit");
    let mut data = commit.data;
    let (records, mut reports) = (commit.commands.to_vec(), commit.reports.to_vec());
    reports[0].words_mut()[4] ^= 1;
    (data.hash0, data.hash1, data.hash2, data.hash3) = (0, 0, 0, 0);
    forged.clear();
    let start = fulltape_tape::message::begin_commit(&mut forged);
    for report in &reports {
        fulltape_tape::message::push_record(&mut forged, report);
    }
    fulltape_tape::message::finish_commit(&mut forged, start, &data, &records);
    let failure = follower.apply(bytemuck::cast_slice(&forged)).expect_err("diverges");
    assert_eq!(failure.code, ErrorCode::ReplayDiverged);
    assert!(failure.details.contains("command 15"), "{}", failure.details);
    assert_eq!(
        follower.apply(&tape[2]).expect_err("poisoned").code,
        ErrorCode::EnginePoisoned
    );
}

#[test]
fn a_panic_poisons_the_shard_and_the_culprit_is_refused_on_the_tape() {
    let mut config = small_config();
    config.engine.fault_client_order_id = Some(fulltape_ffi::client_text("boom").expect("short"));
    let mut shard = Shard::open(config.clone()).expect("opens");
    let setup: Vec<_> = instrument(1, 0, 0)
        .into_iter()
        .chain([Record::of(account(1, AccountKind::Replay, 0))])
        .collect();
    let mut tape = execute(&mut shard, &setup).expect("executes");
    let mut culprit = limit(1, 1, Side::Buy, 10, 1);
    culprit.extension_count = 1;
    let fine = Record::of(limit(1, 1, Side::Buy, 9, 1));
    let group = [fine, Record::of(culprit), Record::of(client_order("boom")), fine];
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let failure = execute(&mut shard, &group).expect_err("panics");
    std::panic::set_hook(hook);
    assert_eq!(failure.code, ErrorCode::EnginePoisoned);
    assert_eq!(shard.status().get(fulltape_ffi::status::word::CULPRIT), 1);
    assert_eq!(
        shard.state_hash().expect_err("poisoned").code,
        ErrorCode::EnginePoisoned
    );

    // What the caller does: a new shard, the tape, the culprit named, the group again.
    let mut again = Shard::open(config.clone()).expect("opens");
    for message in &tape {
        again.apply(message).expect("applies");
    }
    again.refuse_next(1).expect("named");
    tape.extend(execute(&mut again, &group).expect("executes"));
    let answers = answers(&again);
    let codes: Vec<_> = answers.iter().map(|answer| answer.code).collect();
    assert_eq!(codes, [0, ErrorCode::RejectedEngineFault.number(), 0]);
    assert_eq!(again.status().get(fulltape_ffi::status::word::FAULT_REFUSALS), 1);
    assert_eq!(again.engine().open_orders(), 2);

    // Sent again it is answered from memory, and a replay does not execute it either.
    tape.extend(execute(&mut again, &group[1..3]).expect("a duplicate"));
    let mut follower = Shard::open(config).expect("opens");
    for message in &tape {
        follower.apply(message).expect("a replay does not meet the fault");
    }
    assert_eq!(follower.state_hash(), again.state_hash());
}

#[test]
fn answers_count_within_the_batch_that_was_sent() {
    let mut shard = Shard::open(small_config()).expect("opens");
    let chain = |text| {
        let mut movement = cash(1, 1);
        movement.extension_count = 1;
        [Record::of(movement), Record::of(client_order(text))]
    };
    let one = [Record::of(cash(1, 1))];
    let three = [chain("a"), chain("b"), chain("c")].concat();
    for batch in [&[] as &[Record], &three, &[], &[], &one, &three] {
        shard.enqueue(&batch_bytes(batch)).expect("enqueues");
    }
    shard.execute(Stamp::Now(1)).expect("executes");
    let indices: Vec<_> = answers(&shard).iter().map(|answer| answer.command_index).collect();
    assert_eq!(indices, [0, 1, 2, 0, 0, 1, 2]);
    // The second time the same ids are duplicates of a refusal.
    assert_eq!(answers(&shard)[4].code, ErrorCode::UnknownAccount.number());
    assert_eq!(answers(&shard)[4].flags, 1);
}
