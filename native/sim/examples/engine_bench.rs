//! Commands per second of the engine, and nanoseconds of a journal append.
//!
//! `cargo run --release -p fulltape-sim --example engine_bench -- [--json] [--commands N] [--seed S] [--margin]`
//! (`--margin`: margin accounts in place of cash accounts, each order against its requirement)
//!
//! Three boundaries are measured on the same commands, generated before the clock starts:
//! - `engine`: `Engine::submit`, reports counted and dropped; every check, the ledger and fees are on.
//! - `engineHashed`: the same with reports written to memory and the state hash brought up to date every 1,000 commands.
//! - `shard`: `enqueue` + `execute` of batches of 256: message check, commits with their BLAKE3 chain, state hashes,
//!   answers, and the journal.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::time::Instant;

use fulltape_engine::{Command, Config, CountingSink, Engine};
use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_journal::{Journal, JournalConfig};
use fulltape_sim::random::Random;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, PricePurpose, Side, TimeInForce, account_permission};
use fulltape_tape::layout::{PlaceOrder, SetReferencePrice};

const ACCOUNTS: u32 = 64;
const BATCH: usize = 256;

fn setup() -> Vec<Record> {
    let mut records = instrument(1, -10, 40).to_vec();
    records.push(Record::of(SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Both.number(),
        price_ticks: 1_000_000,
        ..SetReferencePrice::default()
    }));
    let margin = std::env::args().any(|argument| argument == "--margin");
    let kind = if margin { AccountKind::Margin } else { AccountKind::Cash };
    for id in 1..=ACCOUNTS {
        records.push(Record::of(account(id, kind, account_permission::SHORT_SALE)));
        records.push(Record::of(cash(id, 1 << 58)));
    }
    records
}

/// A mix as on equity venues: 46 new, 44 cancel, 5 amend, 5 immediate in a hundred; prices cluster at a drifting touch.
fn flow(seed: u64, commands: usize, first_number: u64) -> (Vec<Record>, [u64; 4]) {
    let mut random = Random::new(seed);
    let mut live: Vec<(u64, u32)> = Vec::new();
    let mut middle = 1_000_000_i64;
    let mut mix = [0; 4];
    let mut records = Vec::with_capacity(commands);
    for number in first_number..first_number + commands as u64 {
        if random.once_in(50) {
            middle += random.between(-1, 1);
        }
        let pick = if live.len() < 2_000 { 0 } else { random.below(100) };
        let account = 1 + random.below(u64::from(ACCOUNTS)) as u32;
        let side = random.one_of(&[Side::Buy, Side::Sell]);
        // Most orders go near the touch, few deep into the book.
        let depth = (random.below(6) * random.below(6) * random.below(4)).cast_signed();
        let away = if side == Side::Buy { -1 } else { 1 };
        records.push(match pick {
            0..=45 => {
                mix[0] += 1;
                live.push((number, account));
                Record::of(limit(
                    account,
                    1,
                    side,
                    middle + away * (1 + depth),
                    random.between(1, 100),
                ))
            }
            46..=89 => {
                mix[1] += 1;
                let (order, owner) = live.swap_remove(random.below(live.len() as u64) as usize);
                Record::of(cancel(owner, 1, order))
            }
            90..=94 => {
                mix[2] += 1;
                let (order, owner) = live[random.below(live.len() as u64) as usize];
                let flags = 1 + random.below(3) as u16;
                Record::of(amend(owner, order, flags, middle - depth, random.between(1, 100)))
            }
            _ => {
                mix[3] += 1;
                Record::of(PlaceOrder {
                    time_in_force: TimeInForce::ImmediateOrCancel.number(),
                    ..limit(account, 1, side, middle - away * 3, random.between(1, 60))
                })
            }
        });
    }
    (records, mix)
}

fn engine() -> Engine {
    let mut engine = Engine::new(Config {
        max_accounts: 1024,
        max_instruments: 16,
        ..Config::default()
    });
    engine.submit_batch(&setup(), 0, &mut CountingSink::default(), |answer| {
        assert_eq!(answer.code, 0)
    });
    engine
}

/// Time that this thread has had a processor, in nanoseconds: what the work takes when others share the machine.
/// Zero where the kernel does not tell.
fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// Commands per second of one run, by the wall clock and by processor time.
struct Clock {
    wall: Instant,
    cpu: u64,
}

impl Clock {
    fn start() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu_nanos(),
        }
    }

    fn rates(&self, count: usize) -> [f64; 2] {
        let cpu = (cpu_nanos() - self.cpu) as f64 / 1e9;
        [
            count as f64 / self.wall.elapsed().as_secs_f64(),
            if cpu > 0.0 { count as f64 / cpu } else { 0.0 },
        ]
    }
}

fn medians(runs: &[[f64; 2]]) -> serde_json::Value {
    let of = |which: usize| median(runs.iter().map(|run| run[which]).collect()).round();
    serde_json::json!({ "wall": of(0), "cpu": of(1) })
}

fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

fn journal_nanos() -> Result<[u64; 4], Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("fulltape-bench-journal-{}", std::process::id()));
    let mut journal = Journal::open(
        &folder,
        JournalConfig {
            owner: 0,
            bytes_max: 1 << 30,
        },
    )?;
    let record = [7_u8; 64];
    // The clock is read around 16 appends, because one reading takes as long as an append.
    let mut nanos: Vec<u64> = Vec::with_capacity(40_000);
    journal.make_room(1)?;
    for group in 0..40_000_u64 {
        let start = Instant::now();
        for at in 0..16 {
            let commit = group * 16 + at + 1;
            journal.append(commit, commit, &[&record])?;
        }
        nanos.push(u64::try_from(start.elapsed().as_nanos())? / 16);
    }
    drop(journal);
    std::fs::remove_dir_all(&folder)?;
    nanos.sort_unstable();
    let at = |parts: usize| nanos[nanos.len() * parts / 1000];
    Ok([at(500), at(950), at(990), at(999)])
}

fn argument(name: &str, default: u64) -> u64 {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = usize::try_from(argument("--commands", 2_000_000))?;
    let seed = argument("--seed", 20_261_120);
    let first_number = engine().next_command_number();
    let (records, mix) = flow(seed, count, first_number);
    let (mut bare, mut hashed, mut shards) = (Vec::new(), Vec::new(), Vec::new());
    let mut totals = (0, 0, 0, 0_u64);
    for _ in 0..5 {
        let mut subject = engine();
        let mut sink = CountingSink::default();
        let mut refused = 0;
        let start = Clock::start();
        for record in &records {
            refused += u64::from(
                subject
                    .submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink)
                    .code
                    != 0,
            );
        }
        bare.push(start.rates(count));
        totals = (
            sink.records,
            subject.trades(),
            refused,
            u64::from(subject.open_orders()),
        );

        let mut subject = engine();
        let mut sink: Vec<Record> = Vec::with_capacity(64 << 10);
        let start = Clock::start();
        for chunk in records.chunks(1000) {
            sink.clear();
            subject.submit_batch(chunk, 0, &mut sink, |_| {});
            subject.state_hash();
        }
        hashed.push(start.rates(count));

        let folder = std::env::temp_dir().join(format!("fulltape-bench-shard-{}", std::process::id()));
        let mut shard = Shard::open(ShardConfig {
            journal_dir: Some(folder.to_string_lossy().into_owned()),
            engine: Config {
                max_accounts: 1024,
                max_instruments: 16,
                ..Config::default()
            },
            ..ShardConfig::default()
        })?;
        shard.enqueue(&batch_bytes(&setup()))?;
        shard.execute(Stamp::Now(1))?;
        let batches: Vec<_> = records.chunks(BATCH).map(batch_bytes).collect();
        let start = Clock::start();
        for batch in &batches {
            shard.enqueue(batch)?;
            shard.execute(Stamp::Now(1))?;
        }
        shards.push(start.rates(count));
        drop(shard);
        std::fs::remove_dir_all(&folder)?;
    }
    let journal = journal_nanos()?;
    let result = serde_json::json!({
        "bench": "engine",
        "commands": count,
        "seed": seed,
        "mix": { "new": mix[0], "cancel": mix[1], "amend": mix[2], "immediate": mix[3] },
        "reports": totals.0, "trades": totals.1, "refused": totals.2, "openOrders": totals.3,
        "commandsPerSecond": {
            "engine": medians(&bare), "engineHashed": medians(&hashed), "shard": medians(&shards),
        },
        "boundary": {
            "engine": "Engine::submit in one thread, all checks, ledger and fees on, reports counted and dropped",
            "engineHashed": "the same, reports written to memory, state hash every 1,000 commands",
            "shard": "enqueue + execute of 256-command batches: message check, commits, BLAKE3 chain, answers, journal",
        },
        "journalAppendNanos": { "p50": journal[0], "p95": journal[1], "p99": journal[2], "p99_9": journal[3] },
        "journalBoundary": "64-byte payload, mean of 16 consecutive appends, memory-mapped, no fsync",
        "runs": 5, "statistic": "median", "threads": 1,
    });
    if std::env::args().any(|argument| argument == "--json") {
        println!("{result}");
    } else {
        println!("{result:#}");
    }
    Ok(())
}
