//! Structured fuzzing without a corpus: arbitrary bytes become commands, and whatever they are, the engine does not panic, a
//! refusal changes nothing, running sums add up and reports can be read.
//!
//! `FULLTAPE_FUZZ_SECONDS` (3) bounds each test, `FULLTAPE_SEED` sets the first case; a failure prints the seed of its case,
//! and with that seed it is the first one.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fulltape_engine::{Command, Config, Engine, Note};
use fulltape_ffi::Shard;
use fulltape_sim::arbitrary::Bytes;
use fulltape_sim::flow::Flow;
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::{batch_bytes, leave_out_counters};
use fulltape_sim::tapes::{emitted, execute, small_config, words};
use fulltape_tape::Record;
use fulltape_tape::chain::commit_hash;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;
use fulltape_tape::message::{begin_commit, finish_commit, parse_commit, push_record};
use fulltape_tape::record::report_extensions;

/// Runs cases from consecutive seeds until the time is over; at least `least`.
fn fuzz(name: &str, least: u64, mut case: impl FnMut(u64)) -> u64 {
    let first = seed(name);
    let seconds = std::env::var("FULLTAPE_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(3);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut cases = 0;
    while cases < least || Instant::now() < until {
        let seed = first.wrapping_add(cases);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| case(seed))) {
            eprintln!("{name}: FULLTAPE_SEED={seed} fails");
            std::panic::resume_unwind(panic);
        }
        cases += 1;
    }
    println!("{name}: {cases} cases");
    cases
}

fn bytes(seed: u64, length: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let length = random.below(length);
    (0..length).map(|_| random.next_word() as u8).collect()
}

/// Every report of a command can be read: one outcome, whole chains, enumerations that exist.
fn read(reports: &[Record], outcomes: &mut BTreeMap<u16, u64>) {
    let mut rest = reports;
    let (mut outcome, mut last) = (0, 0);
    while let Some((primary, behind)) = rest.split_first() {
        let flags = u16::from(primary.report().flags);
        outcome += u32::from(flags & report_flag::OUTCOME != 0);
        last += u32::from(flags & report_flag::LAST_OF_COMMAND != 0);
        assert!(
            last == 0 || behind.len() == report_extensions(primary),
            "the last one is the last"
        );
        match primary.kind() {
            OrderStateReport::KIND => {
                let state = primary.view::<OrderStateReport>();
                assert!(ExecType::from_number(state.exec_type).is_some(), "{state:?}");
                assert!(OrderStatus::from_number(state.order_status).is_some(), "{state:?}");
                assert!(Side::from_number(state.side).is_some(), "{state:?}");
                assert!(OrderType::from_number(state.order_type).is_some(), "{state:?}");
                assert!(TimeInForce::from_number(state.time_in_force).is_some(), "{state:?}");
                assert!(CancelReason::from_number(state.reason).is_some(), "{state:?}");
                assert!(
                    state.leaves_quantity_lots >= 0 && state.cum_quantity_lots >= 0,
                    "{state:?}"
                );
                assert!(
                    state.leaves_quantity_lots + state.cum_quantity_lots <= state.quantity_lots,
                    "{state:?}"
                );
            }
            TradeReport::KIND => {
                let trade = primary.view::<TradeReport>();
                assert!(trade.price_ticks > 0 && trade.quantity_lots > 0, "{trade:?}");
                assert_ne!(trade.maker_order_id, trade.taker_order_id);
                assert_eq!(behind[0].kind(), TradeDetailReport::KIND);
            }
            BookLevelReport::KIND => {
                let level = primary.view::<BookLevelReport>();
                assert!(level.quantity_lots >= 0, "{level:?}");
                assert_eq!(level.quantity_lots == 0, level.order_count == 0, "{level:?}");
            }
            RefusalReport::KIND => {
                let refusal = primary.view::<RefusalReport>();
                assert!((1_000..10_000).contains(&refusal.code), "{refusal:?}");
                *outcomes.entry(refusal.code).or_default() += 1;
            }
            kind => assert!((1..=9).contains(&kind), "kind {kind}"),
        }
        rest = &behind[report_extensions(primary)..];
    }
    assert_eq!((outcome, last), (1, 1));
}

#[test]
fn arbitrary_commands_never_break_the_engine() {
    let mut outcomes = BTreeMap::new();
    let mut commands = 0_u64;
    fuzz("commands", 40, |seed| {
        let input = bytes(seed, 20_000);
        let config = Config {
            max_orders: 60,
            max_accounts: 7,
            max_instruments: 4,
            ..Config::default()
        };
        // As in `mistakes.rs`: the twin does nothing where the engine refuses, and both must stay alike.
        let (mut engine, mut twin) = (Engine::new(config.clone()), Engine::new(config));
        let mut flow = Flow::new(seed);
        let mut opening = flow.opening();
        opening.reverse();
        let mut draw = Bytes::new(&input);
        let mut reports = Vec::new();
        let mut notes: Vec<Note> = Vec::new();
        while !draw.is_empty() {
            let mut records = opening.pop().unwrap_or_else(|| draw.command(&mut flow));
            leave_out_counters(&mut records);
            let command = Command::new(&records);
            let before = engine.time_nanos();
            reports.clear();
            notes.clear();
            let answer = engine.submit_explained(&command, 0, &mut reports, &mut notes);
            read(&reports, &mut outcomes);
            commands += 1;
            let has_id = records[1..].iter().any(|record| record.kind() == ClientOrder::KIND);
            // A refused last leg of a list ends the legs that came before it.
            let ends_list = reports.iter().any(|report| {
                report.kind() == OrderStateReport::KIND
                    && report.view::<OrderStateReport>().reason == CancelReason::ListRejected.number()
            });
            let refused = answer.code != 0 && !has_id && !ends_list;
            for state in reports.iter().filter(|report| report.kind() == OrderStateReport::KIND) {
                let state = state.view::<OrderStateReport>();
                flow.open.retain(|(id, _)| *id != state.order_id);
                if state.leaves_quantity_lots > 0 {
                    flow.open.push((state.order_id, state.account_id));
                }
            }
            reports.clear();
            if refused {
                let jump = answer.code == ErrorCode::TimeJump.number();
                let time = if jump { before } else { records[0].time_nanos() };
                let mut nothing = Record::of(SetRiskLimits {
                    kind: 63,
                    ..SetRiskLimits::default()
                });
                nothing.set_time_nanos(time);
                twin.submit(&Command::new(&[nothing]), 0, &mut reports);
                assert_eq!(
                    engine.state_hash(),
                    twin.state_hash(),
                    "code {}: {records:?}",
                    answer.code
                );
            } else {
                twin.submit(&command, 0, &mut reports);
            }
            engine.assert_consistent();
        }
        assert_eq!(engine.state_hash(), twin.state_hash());
    });
    println!("{commands} commands; refused: {outcomes:?}");
    assert!(outcomes.len() >= 25, "{} codes were met", outcomes.len());
}

#[test]
fn arbitrary_messages_never_break_a_shard() {
    let mut tally = BTreeMap::<&str, u64>::new();
    fuzz("messages", 200, |seed| {
        let input = bytes(seed, 3_000);
        let mut random = Random::new(seed);
        let mut draw = Bytes::new(&input);
        let mut flow = Flow::new(seed);
        let mut shard = Shard::open(small_config()).expect("opens");
        execute(&mut shard, &flow.opening().concat()).expect("executes");
        while !draw.is_empty() {
            let mut message = batch_bytes(&draw.command(&mut flow));
            // Half of them are damaged anywhere: framing, pointers, counts, kinds, fields.
            for _ in 0..random.below(4) * random.below(2) {
                let at = random.below(message.len() as u64) as usize;
                message[at] ^= 1 << random.below(8);
            }
            if random.once_in(20) {
                message.truncate(random.below(message.len() as u64) as usize);
            }
            let before = shard.engine().next_command_number();
            match shard.enqueue(&message) {
                Ok(()) => {
                    shard
                        .execute(fulltape_ffi::Stamp::Records)
                        .expect("what is accepted has an outcome");
                    for message in emitted(&shard) {
                        parse_commit(&words(&message)).expect("a commit that can be read");
                    }
                    *tally.entry("executed").or_default() += 1;
                }
                Err(failure) => {
                    assert_eq!(shard.engine().next_command_number(), before);
                    *tally.entry(failure.code.code()).or_default() += 1;
                }
            }
        }
        shard.engine().assert_consistent();
    });
    println!("{tally:?}");
    assert!(tally.len() >= 3);
}

#[test]
fn arbitrary_commits_never_break_a_follower() {
    let mut tally = BTreeMap::<&str, u64>::new();
    fuzz("commits", 100, |seed| {
        let mut random = Random::new(seed);
        let mut flow = Flow::new(seed);
        let mut config = small_config();
        config.commit_bytes_max = random.one_of(&[1_024, 4_096, 65_536]);
        let mut writer = Shard::open(config.clone()).expect("opens");
        let mut follower = Shard::open(config).expect("opens");
        for message in execute(&mut writer, &flow.opening().concat()).expect("executes") {
            follower.apply(&message).expect("applies");
        }
        let group: Vec<Record> = (0..random.below(30) + 1).flat_map(|_| flow.next_command()).collect();
        let tape = execute(&mut writer, &group).expect("executes");
        let hash = follower.state_hash().expect("alive");
        // A forger makes the hash right again; only executing it finds him out.
        let forged = forge(&words(&tape[0]), &mut random);
        let genuine = forged == words(&tape[0]);
        let result = follower.apply(bytemuck::cast_slice(&forged));
        *tally
            .entry(
                result
                    .as_ref()
                    .map_or_else(|failure| failure.code.code(), |()| "applied"),
            )
            .or_default() += 1;
        match result {
            Ok(()) if genuine => {}
            // A field that nothing depends on, like the session of a mass cancel: the next commit does not follow it.
            Ok(()) => {
                let (forged, tape) = (words_of(&forged), words(&tape[0]));
                let tape = words_of(&tape);
                assert!(forged.1 == tape.1, "a commit with forged reports was taken");
                assert_ne!(follower.head().hash, tape.0);
            }
            Err(failure) if failure.code == ErrorCode::ReplayDiverged || failure.code == ErrorCode::EnginePoisoned => {
                assert!(failure.code == ErrorCode::ReplayDiverged, "{failure}");
                assert_eq!(
                    follower.state_hash().expect_err("poisoned").code,
                    ErrorCode::EnginePoisoned
                );
            }
            Err(failure) => {
                assert!(
                    [ErrorCode::TapeCorrupt, ErrorCode::EngineVersionMismatch].contains(&failure.code),
                    "{failure}"
                );
                assert_eq!(
                    follower.state_hash().expect("alive"),
                    hash,
                    "a refused commit changes nothing"
                );
                for message in &tape {
                    follower.apply(message).expect("the genuine ones go on");
                }
                assert_eq!(follower.state_hash(), writer.state_hash());
            }
        }
    });
    println!("{tally:?}");
    assert!(tally.len() >= 3);
}

/// Hash and reports of a commit.
fn words_of(message: &[u64]) -> ([u64; 4], Vec<Record>) {
    let commit = parse_commit(message).expect("a commit");
    (commit.hash(), commit.reports.to_vec())
}

/// A commit with a bit changed in its header, its commands or its reports, and a hash that fits.
fn forge(genuine: &[u64], random: &mut Random) -> Vec<u64> {
    let commit = parse_commit(genuine).expect("a commit");
    let mut data = commit.data;
    let (mut commands, mut reports) = (commit.commands.to_vec(), commit.reports.to_vec());
    let bend = |records: &mut Vec<Record>, random: &mut Random| {
        if !records.is_empty() {
            let at = random.below(records.len() as u64) as usize;
            let word = random.below(8) as usize;
            records[at].words_mut()[word] ^= 1 << random.below(64);
        }
    };
    match random.below(6) {
        0 => {
            let header: &mut [u64] = bytemuck::cast_slice_mut(core::slice::from_mut(&mut data));
            let at = random.below(header.len() as u64) as usize;
            header[at] ^= 1 << random.below(64);
        }
        1 | 2 => bend(&mut commands, random),
        3 | 4 => bend(&mut reports, random),
        _ => drop(reports.pop()),
    }
    (data.hash0, data.hash1, data.hash2, data.hash3) = (0, 0, 0, 0);
    let mut forged = Vec::new();
    let start = begin_commit(&mut forged);
    for report in &reports {
        push_record(&mut forged, report);
    }
    finish_commit(&mut forged, start, &data, &commands);
    if random.once_in(10) {
        // And one who forgets the hash, or gets a byte of it wrong.
        let at = random.below(forged.len() as u64) as usize;
        forged[at] ^= 1 << random.below(64);
        assert_ne!(commit_hash(&forged), [0; 4]);
    }
    forged
}
