//! What a snapshot costs the commands that run beside it, how fast an engine is restored, and a recovery of ten million commands.
//!
//! `cargo run --release -p fulltape-sim --example snapshot_bench -- [--orders N] [--commands N] [--recovery N] [--slice N] [--json]`
//!
//! - `pauses`: an engine with N open orders; the time that each call holds up the next command: begin, slices, sections.
//! - `throughput`: groups of 256 commands through `Engine::submit`, alone, and with a snapshot always running and a slice and one
//!   section behind each group.
//! - `restore`: the whole snapshot, in memory, to an engine whose hash was compared; each step of 50,000 orders in which it is made.
//! - `recovery`: a shard executes N commands in groups of 256 into a file and takes its last snapshot half way, as a writer does
//!   that takes one each N / 2 commands and dies just before the next; a new shard begins there and applies the commits behind it,
//!   read from the file. The broker is left out.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::time::Instant;

use fulltape_engine::{Command, Config, CountingSink, Engine, Restoring, SnapshotProgress};
use fulltape_ffi::status::word;
use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_sim::random::Random;
use fulltape_sim::records::*;
use fulltape_sim::tapes::emitted;
use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, PricePurpose, PriceSource, Side, account_permission};
use fulltape_tape::layout::SetReferencePrice;

const ACCOUNTS: u32 = 1_000;
const GROUP: usize = 256;
/// What a shard makes of a restored state before its event loop gets a turn.
const ORDERS_PER_STEP: u32 = 50_000;

fn setup() -> Vec<Record> {
    let mut records = instrument(1, -10, 40).to_vec();
    // Margin accounts need a price to be held to.
    records.push(Record::of(SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        price_ticks: 1_000_000,
        purpose: PricePurpose::Both.number(),
        source: u16::from(PriceSource::Operator.number()),
        ..SetReferencePrice::default()
    }));
    for id in 1..=ACCOUNTS {
        records.push(Record::of(account(
            id,
            AccountKind::Margin,
            account_permission::SHORT_SALE,
        )));
        records.push(Record::of(cash(id, 1 << 52)));
    }
    records
}

/// Commands that keep about `wanted` orders open once there are so many: limits around a touch, cancels, some that trade.
struct Flow {
    random: Random,
    live: Vec<(u64, u32)>,
    wanted: usize,
    number: u64,
}

impl Flow {
    fn new(first_number: u64, wanted: usize) -> Self {
        Self {
            random: Random::new(20_261_120),
            live: Vec::with_capacity(wanted + GROUP),
            wanted,
            number: first_number,
        }
    }

    fn next(&mut self) -> Record {
        let number = self.number;
        self.number += 1;
        if self.live.len() >= self.wanted && self.random.once_in(2) {
            let at = self.random.below(self.live.len() as u64) as usize;
            let (order, owner) = self.live.swap_remove(at);
            return Record::of(cancel(owner, 1, order));
        }
        let account = 1 + self.random.below(u64::from(ACCOUNTS)) as u32;
        let side = self.random.one_of(&[Side::Buy, Side::Sell]);
        let away = if side == Side::Buy { -1 } else { 1 };
        let depth = if self.random.once_in(20) {
            -3
        } else {
            1 + (self.random.below(50) * self.random.below(50)).cast_signed()
        };
        self.live.push((number, account));
        Record::of(limit(
            account,
            1,
            side,
            1_000_000 + away * depth,
            self.random.between(1, 100),
        ))
    }

    fn group(&mut self) -> Vec<Record> {
        (0..GROUP).map(|_| self.next()).collect()
    }
}

fn config(orders: usize) -> Config {
    Config {
        max_orders: u32::try_from(orders * 2).unwrap_or(u32::MAX >> 4).max(1 << 16),
        max_accounts: 2_048,
        max_instruments: 16,
        ..Config::default()
    }
}

fn engine_with(orders: usize) -> (Engine, Flow) {
    let mut engine = Engine::new(config(orders));
    let mut sink = CountingSink::default();
    engine.submit_batch(&setup(), 0, &mut sink, |answer| assert_eq!(answer.code, 0));
    let mut flow = Flow::new(engine.next_command_number(), orders);
    while (engine.open_orders() as usize) < orders * 9 / 10 {
        let before = engine.open_orders();
        engine.submit_batch(&flow.group(), 0, &mut sink, |_| {});
        assert!(
            flow.live.len() >= orders || engine.open_orders() > before,
            "the orders of the flow are refused"
        );
    }
    (engine, flow)
}

fn micros(from: Instant) -> f64 {
    from.elapsed().as_secs_f64() * 1e6
}

/// Median, percentiles and maximum; on a machine that others share the maximum is their turn.
fn spread(mut values: Vec<f64>) -> serde_json::Value {
    values.sort_by(f64::total_cmp);
    let at = |parts: usize| (values[(values.len() - 1) * parts / 1000] * 10.0).round() / 10.0;
    serde_json::json!({ "p50": at(500), "p99": at(990), "p99_9": at(999), "max": at(1000), "calls": values.len() })
}

fn run(engine: &mut Engine, records: &[Record]) {
    let mut sink = CountingSink::default();
    for record in records {
        engine.submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink);
    }
}

fn pauses_and_restore(orders: usize, slice: u32) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let (mut engine, mut flow) = engine_with(orders);
    let open = engine.open_orders();
    let (mut begins, mut slices, mut sections) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    for _ in 0..5 {
        bytes = Vec::with_capacity(open as usize * 256 + (8 << 20));
        let from = Instant::now();
        engine.begin_snapshot(&[])?;
        begins.push(micros(from));
        while engine.snapshot_progress() != SnapshotProgress::Idle {
            run(&mut engine, &flow.group());
            let from = Instant::now();
            engine.advance_snapshot(slice);
            slices.push(micros(from));
            let from = Instant::now();
            engine.take_snapshot(&mut bytes);
            sections.push(micros(from));
        }
    }
    let from = Instant::now();
    let mut restoring = Restoring::new(config(orders));
    for piece in bytes.chunks(1 << 18) {
        restoring.feed(piece)?;
    }
    let mut steps = Vec::new();
    loop {
        let from = Instant::now();
        let made = restoring.advance(ORDERS_PER_STEP)?;
        steps.push(micros(from));
        if made {
            break;
        }
    }
    let (restored, _) = restoring.finish()?;
    let seconds = from.elapsed().as_secs_f64();
    Ok(serde_json::json!({
        "openOrders": open, "bytes": bytes.len(),
        "pauseMicros": { "begin": spread(begins), "slice": spread(slices), "section": spread(sections) },
        "restore": {
            "milliseconds": (seconds * 1e3).round(),
            "ordersPerSecond": (f64::from(restored.open_orders()) / seconds).round(),
            "stepMicros": spread(steps),
        },
    }))
}

fn throughput(orders: usize, commands: usize, slice: u32) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let (mut engine, mut flow) = engine_with(orders);
    let mut rates = [Vec::new(), Vec::new()];
    let mut snapshots = 0;
    for round in 0..10 {
        let with = round % 2;
        let groups: Vec<_> = (0..commands / 10 / GROUP).map(|_| flow.group()).collect();
        let mut bytes = Vec::with_capacity(256 << 10);
        let from = Instant::now();
        for group in &groups {
            run(&mut engine, group);
            if with == 1 {
                if engine.snapshot_progress() == SnapshotProgress::Idle {
                    engine.begin_snapshot(&[])?;
                    snapshots += 1;
                }
                engine.advance_snapshot(slice);
                bytes.clear();
                engine.take_snapshot(&mut bytes);
            }
        }
        rates[with].push((groups.len() * GROUP) as f64 / from.elapsed().as_secs_f64());
        engine.cancel_snapshot();
    }
    let mut median = |which: usize| {
        rates[which].sort_by(f64::total_cmp);
        rates[which][rates[which].len() / 2].round()
    };
    Ok(
        serde_json::json!({ "alone": median(0), "besideSnapshots": median(1), "snapshots": snapshots, "openOrders": engine.open_orders() }),
    )
}

fn shard_config() -> ShardConfig {
    ShardConfig {
        engine: config(1 << 17),
        ..ShardConfig::default()
    }
}

/// Executes commands into a file; the snapshot is taken half way. Gives the snapshot.
fn write_tape(path: &std::path::Path, commands: usize) -> Result<(Vec<u8>, Shard), Box<dyn std::error::Error>> {
    let mut shard = Shard::open(shard_config())?;
    let mut tape = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut write = |shard: &Shard| -> std::io::Result<()> {
        for message in emitted(shard) {
            tape.write_all(&(message.len() as u64).to_le_bytes())?;
            tape.write_all(&message)?;
        }
        Ok(())
    };
    shard.enqueue(&batch_bytes(&setup()))?;
    shard.execute(Stamp::Now(1))?;
    write(&shard)?;
    let mut flow = Flow::new(shard.engine().next_command_number(), 100_000);
    let mut bytes = Vec::new();
    let mut piece = vec![0; 1 << 18];
    let groups = commands / GROUP;
    for at in 0..groups {
        if at == groups / 2 {
            shard.snapshot_begin()?;
        }
        shard.enqueue(&batch_bytes(&flow.group()))?;
        shard.execute(Stamp::Now(1 + at as u64))?;
        write(&shard)?;
        if shard.status().get(word::SNAPSHOT_STATE) != 0 {
            shard.snapshot_advance(512)?;
            shard.snapshot_take(&mut piece)?;
            bytes.extend_from_slice(&piece[..shard.status().get(word::SNAPSHOT_BYTES) as usize]);
        }
    }
    tape.flush()?;
    Ok((bytes, shard))
}

/// Applies the commits of the file behind the head of a shard. Gives how many were applied.
fn follow(path: &std::path::Path, shard: &mut Shard) -> Result<u64, Box<dyn std::error::Error>> {
    let mut tape = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut length, mut message) = ([0; 8], Vec::new());
    let behind = shard.head().commit_number;
    let (mut number, mut applied) = (0, 0);
    while tape.read_exact(&mut length).is_ok() {
        let bytes = usize::try_from(u64::from_le_bytes(length))?;
        number += 1;
        if number <= behind {
            tape.seek_relative(i64::try_from(bytes)?)?;
            continue;
        }
        message.resize(bytes, 0);
        tape.read_exact(&mut message)?;
        shard.apply(&message)?;
        applied += 1;
    }
    Ok(applied)
}

fn recovery(commands: usize) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("fulltape-bench-tape-{}", std::process::id()));
    let (bytes, mut writer) = write_tape(&path, commands)?;
    let from = Instant::now();
    let mut shard = Shard::open(shard_config())?;
    for piece in bytes.chunks(1 << 18) {
        shard.restore(piece)?;
    }
    shard.restore_finish()?;
    let restored = from.elapsed().as_secs_f64();
    let applied = follow(&path, &mut shard)?;
    let seconds = from.elapsed().as_secs_f64();
    let same = shard.state_hash()? == writer.state_hash()?;
    drop(shard);
    let from = Instant::now();
    let mut whole = Shard::open(shard_config())?;
    follow(&path, &mut whole)?;
    let from_beginning = from.elapsed().as_secs_f64();
    let tape_bytes = std::fs::metadata(&path)?.len();
    std::fs::remove_file(&path)?;
    if !same || whole.state_hash()? != writer.state_hash()? {
        return Err("the recovered state is another one".into());
    }
    let round = |seconds: f64| (seconds * 100.0).round() / 100.0;
    Ok(serde_json::json!({
        "commands": commands, "snapshotBytes": bytes.len(), "tapeBytes": tape_bytes, "commitsApplied": applied,
        "restoreSeconds": round(restored), "seconds": round(seconds), "secondsFromBeginning": round(from_beginning),
    }))
}

fn argument(name: &str, default: usize) -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orders = argument("--orders", 1_000_000);
    let slice = u32::try_from(argument("--slice", 512))?;
    let result = serde_json::json!({
        "bench": "snapshots",
        "slice": slice,
        "state": pauses_and_restore(orders, slice)?,
        "throughput": throughput(100_000, argument("--commands", 4_000_000), slice)?,
        "recovery": recovery(argument("--recovery", 10_000_000))?,
        "threads": 1,
    });
    if std::env::args().any(|argument| argument == "--json") {
        println!("{result}");
    } else {
        println!("{result:#}");
    }
    Ok(())
}
