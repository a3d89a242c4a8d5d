//! One command with a million effects: a sweep and a mass cancel of a million resting orders. It spans commits, none of them
//! passes its bound, and whatever is lost between its parts, recovery gives the whole command or nothing of it.
//! `FULLTAPE_SWEEP` (1,000,000) sets how many orders rest.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fulltape_engine::Config;
use fulltape_ffi::status::word;
use fulltape_ffi::{Shard, ShardConfig};
use fulltape_journal::{Journal, JournalConfig};
use fulltape_sim::records::*;
use fulltape_sim::tapes::*;
use fulltape_tape::Record;
use fulltape_tape::chain::commit_hash;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;
use fulltape_tape::message::{Commit, parse_commit};

const LEVELS: i64 = 5_000;
const CHUNK: usize = 60_000;

fn orders() -> i64 {
    std::env::var("FULLTAPE_SWEEP")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000)
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fulltape-sweep-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("makes a folder");
        Self(path)
    }

    fn journal(&self) -> String {
        self.0.join("journal").to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn config(count: i64, journal: Option<String>) -> ShardConfig {
    ShardConfig {
        journal_dir: journal,
        journal_bytes_max: 1 << 30,
        state_hash_every_commits: 0,
        engine: Config {
            max_orders: u32::try_from(count).expect("fits") + 10,
            max_accounts: 8,
            max_instruments: 2,
            ..Config::default()
        },
        ..ShardConfig::default()
    }
}

/// Commands that put `count` orders of one lot to the book, by two accounts in turn: groups of one batch each.
fn crowd(count: i64) -> impl Iterator<Item = Vec<Record>> {
    let mut opening = instrument(1, -10, 20).to_vec();
    for id in 1..=3 {
        opening.push(Record::of(account(id, AccountKind::Replay, 0)));
    }
    let place = |at: i64| {
        let account = 1 + (at % 2) as u32;
        Record::of(limit(account, 1, Side::Sell, 1_000 + at % LEVELS, 1))
    };
    let chunks = (0..count)
        .step_by(CHUNK)
        .map(move |from| (from..(from + CHUNK as i64).min(count)).map(place).collect());
    core::iter::once(opening).chain(chunks)
}

fn sweep(count: i64) -> Record {
    Record::of(market(3, 1, Side::Buy, count))
}

fn cancel_all() -> Record {
    Record::of(CancelAllOrders {
        kind: CancelAllOrders::KIND,
        ..CancelAllOrders::default()
    })
}

/// A line of /proc/self/status in MiB; 0 where there is none.
fn status_mib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(0) / 1024
}

/// What a consumer that takes commands as a whole makes of a tape: (number, its reports) of each command.
struct Consumer {
    head: [u64; 4],
    number: u64,
    open: Vec<Record>,
    ends: u32,
    commands: Vec<(u64, Vec<Record>)>,
}

impl Consumer {
    fn new(writer: &Shard) -> Self {
        Self {
            head: writer.head().hash,
            number: writer.head().commit_number,
            open: Vec::new(),
            ends: 0,
            commands: Vec::new(),
        }
    }

    fn take(&mut self, message: &[u8], bytes_max: usize) {
        let words = words(message);
        let commit: Commit<'_> = parse_commit(&words).expect("a commit");
        assert!(
            message.len() <= bytes_max,
            "commit {} passes its bound",
            commit.data.commit_number
        );
        assert_eq!(commit.previous_hash(), self.head);
        assert_eq!(commit_hash(&words), commit.hash());
        self.head = commit.hash();
        self.number += 1;
        assert_eq!(commit.data.commit_number, self.number);
        assert_eq!(commit.data.part == 0, self.open.is_empty());
        for report in commit.reports {
            self.open.push(*report);
            if u16::from(report.report().flags) & report_flag::LAST_OF_COMMAND != 0 {
                assert_eq!(commit.data.last_part, 1, "the end of a command is in its last part");
                self.ends += 1;
            }
        }
        if commit.data.last_part == 1 {
            let number = commit.data.first_command_number;
            self.commands.push((number, core::mem::take(&mut self.open)));
        }
    }
}

fn crowded(count: i64, journal: Option<String>) -> (Shard, Vec<Vec<u8>>) {
    crowded_by(config(count, journal), count)
}

fn crowded_by(config: ShardConfig, count: i64) -> (Shard, Vec<Vec<u8>>) {
    let mut shard = Shard::open(config).expect("opens");
    let mut tape = Vec::new();
    for group in crowd(count) {
        tape.extend(execute(&mut shard, &group).expect("executes"));
    }
    assert_eq!(i64::from(shard.engine().open_orders()), count);
    (shard, tape)
}

fn recover(config: ShardConfig, tape: &[Vec<u8>]) -> (Shard, Vec<Vec<u8>>) {
    let mut shard = Shard::open(config).expect("opens");
    for message in tape {
        shard.apply(message).expect("applies");
    }
    let mut more = Vec::new();
    loop {
        shard.journal_next().expect("follows");
        if shard.status().get(word::COMMITS) == 0 {
            return (shard, more);
        }
        more.extend(emitted(&shard));
    }
}

#[test]
fn a_million_effects_of_one_command_are_one_command() {
    let count = orders();
    for (name, command) in [("sweep", sweep(count)), ("mass cancel", cancel_all())] {
        let folder = Folder::new(name);
        let begun = Instant::now();
        let (mut writer, tape) = crowded(count, Some(folder.journal()));
        let placed = begun.elapsed();
        let mut consumer = Consumer::new(&writer);
        let resident = status_mib("VmRSS");
        let begun = Instant::now();
        writer.enqueue(&batch_bytes(&[command])).expect("enqueues");
        writer.execute(fulltape_ffi::Stamp::Records).expect("executes");
        let took = begun.elapsed();
        let parts = emitted(&writer);
        let bytes: usize = parts.iter().map(Vec::len).sum();
        println!(
            "{name} of {count} orders: placed in {placed:?}, executed in {took:?}, {} parts, {} MiB; resident {resident} MiB before, {} MiB behind, peak {} MiB",
            parts.len(),
            bytes >> 20,
            status_mib("VmRSS"),
            status_mib("VmHWM")
        );
        assert_eq!(answers(&writer).len(), 1);
        for part in &parts {
            consumer.take(part, config(count, None).commit_bytes_max);
        }
        let [(number, reports)] = consumer.commands.as_slice() else {
            panic!("a consumer sees {} commands", consumer.commands.len());
        };
        assert_eq!(*number, writer.engine().next_command_number() - 1);
        assert!(consumer.open.is_empty(), "nothing of a command is left over");
        assert_eq!(consumer.ends, 1);
        let kind = if name == "sweep" {
            TradeReport::KIND
        } else {
            OrderStateReport::KIND
        };
        let effects = reports.iter().filter(|report| report.kind() == kind).count();
        assert_eq!(effects as i64, count);
        let levels = reports
            .iter()
            .filter(|report| report.kind() == BookLevelReport::KIND)
            .count();
        assert_eq!(levels as i64, LEVELS.min(count));
        assert_eq!(writer.engine().open_orders(), 0);
        let after = (writer.head(), writer.state_hash().expect("alive"));

        // What it took is given back.
        assert!(writer.buffered_bytes() > bytes);
        execute(&mut writer, &[]).expect("executes");
        assert!(
            writer.buffered_bytes() < 80 << 20,
            "{} bytes are kept",
            writer.buffered_bytes()
        );
        drop(writer);

        // The tape ends in its middle: a new writer on the same machine finds the rest in its journal.
        let cut = parts.len() / 2;
        let begun = Instant::now();
        let whole = [tape.as_slice(), &parts[..cut]].concat();
        let (mut shard, more) = recover(config(count, Some(folder.journal())), &whole);
        assert!(more == parts[cut..], "the same bytes");
        assert_eq!((shard.head(), shard.state_hash().expect("alive")), after);
        println!("recovered in {:?}", begun.elapsed());
    }
}

#[test]
fn whatever_is_lost_between_the_parts_all_of_it_comes_back_or_nothing() {
    let count = 20_000;
    for (name, command) in [("sweep-cut", sweep(count)), ("mass-cut", cancel_all())] {
        for bound in [1_024, 16 << 10] {
            let folder = Folder::new(name);
            let config = |journal| ShardConfig {
                commit_bytes_max: bound,
                ..config(count, journal)
            };
            let (mut writer, tape) = crowded_by(config(Some(folder.journal())), count);
            let before = (writer.head(), writer.state_hash().expect("alive"));
            let parts = execute(&mut writer, &[command]).expect("executes");
            let after = (writer.head(), writer.state_hash().expect("alive"));
            let last = parts.len();
            assert!(last > 80, "{last} parts");
            drop(writer);
            // The tape ends behind any part: a new writer on the same machine finds the rest in its journal.
            for cut in [0, 1, 2, last / 2, last - 1, last] {
                let whole = [tape.as_slice(), &parts[..cut]].concat();
                let (mut shard, more) = recover(config(Some(folder.journal())), &whole);
                assert!(
                    more == parts[cut..],
                    "the parts behind the cut at {cut} are the same bytes"
                );
                assert_eq!((shard.head(), shard.state_hash().expect("alive")), after);
            }
            // On another machine it has the tape alone: part 0 is enough for the whole, without it there is nothing.
            for cut in [0, 1, last / 2, last - 1] {
                let whole = [tape.as_slice(), &parts[..cut]].concat();
                let (mut shard, more) = recover(config(None), &whole);
                assert!(more.is_empty());
                if cut == 0 {
                    assert_eq!((shard.head(), shard.state_hash().expect("alive")), before);
                    continue;
                }
                assert!(execute(&mut shard, &[Record::of(cash(1, 1))]).is_err(), "parts first");
                shard.pending().expect("emits");
                assert!(emitted(&shard) == parts[cut..]);
                assert_eq!((shard.head(), shard.state_hash().expect("alive")), after);
            }
            // Its journal entry is as small as any other's.
            let journal = Journal::open(
                Path::new(&folder.journal()),
                JournalConfig {
                    owner: 0,
                    bytes_max: 1 << 30,
                },
            )
            .expect("opens");
            let entry = journal.entries().last().expect("some");
            assert_eq!(entry.last_commit - entry.first_commit + 1, last as u64);
            let payload = journal.payload(entry).len();
            assert!(payload < 512, "{payload} bytes");
            drop(journal);
            // A journal that lost the race to another writer is found out between the parts too.
            let mut other = Shard::open(config(None)).expect("opens");
            for message in &tape {
                other.apply(message).expect("applies");
            }
            other.start_epoch(9).expect("starts");
            let epoch = emitted(&other);
            let theirs = execute(&mut other, &[command]).expect("executes");
            let whole = [tape.as_slice(), &epoch, &theirs[..last / 2]].concat();
            let mut shard = Shard::open(config(Some(folder.journal()))).expect("opens");
            for message in &whole {
                shard.apply(message).expect("applies");
            }
            assert_eq!(shard.journal_next().expect_err("revoked").code, ErrorCode::Revoked);
            shard.journal_quarantine().expect("moves");
            assert_eq!(shard.status().get(word::QUARANTINED), 1);
            drop(shard);
        }
        let folder = Folder::new(name);
        let (mut writer, tape) = crowded(count, Some(folder.journal()));
        let before = (writer.head(), writer.state_hash().expect("alive"));
        execute(&mut writer, &[command]).expect("executes");
        drop(writer);
        // The journal's last entry is torn: nothing of the command is left.
        tear_last_entry(&folder.journal());
        let (mut shard, more) = recover(config(count, Some(folder.journal())), &tape);
        assert!(more.is_empty());
        assert_eq!((shard.head(), shard.state_hash().expect("alive")), before);
        assert_eq!(i64::from(shard.engine().open_orders()), count);
    }
}

/// Damages the end of what was written last, as a machine that dies does.
fn tear_last_entry(journal: &str) {
    let mut segments: Vec<PathBuf> = std::fs::read_dir(journal)
        .expect("lists")
        .map(|file| file.expect("a file").path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("segment-"))
        })
        .collect();
    segments.sort();
    for path in segments.iter().rev() {
        let mut bytes = std::fs::read(path).expect("reads");
        let header = 4096.min(bytes.len());
        let Some(end) = bytes[header..].iter().rposition(|byte| *byte != 0) else {
            continue;
        };
        bytes[header + end] ^= 0x55;
        std::fs::write(path, &bytes).expect("writes");
        return;
    }
    panic!("the journal holds nothing");
}

const CHILD_FOLDER: &str = "FULLTAPE_SWEEP_FOLDER";
const CHILD_COMMAND: &str = "FULLTAPE_SWEEP_COMMAND";
const KILLED_ORDERS: i64 = 100_000;

/// Executes the great command and tells when it begins and when it is done.
fn execute_until_killed(folder: &Path) {
    use std::io::Write;
    let (mut shard, _) = crowded(KILLED_ORDERS, Some(folder.to_string_lossy().into_owned()));
    let command = if std::env::var(CHILD_COMMAND).is_ok_and(|name| name == "sweep") {
        sweep(KILLED_ORDERS)
    } else {
        cancel_all()
    };
    let mut out = std::io::stdout();
    writeln!(out, "begin")
        .and_then(|()| out.flush())
        .expect("the parent listens");
    execute(&mut shard, &[command]).expect("executes");
    writeln!(out, "done")
        .and_then(|()| out.flush())
        .expect("the parent listens");
    loop {
        std::thread::park();
    }
}

#[test]
fn a_writer_killed_in_a_great_command_leaves_all_of_it_or_nothing() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    if let Ok(folder) = std::env::var(CHILD_FOLDER) {
        execute_until_killed(Path::new(&folder));
        return;
    }
    for name in ["sweep", "mass cancel"] {
        let (mut writer, tape) = crowded(KILLED_ORDERS, None);
        let before = writer.state_hash().expect("alive");
        let command = if name == "sweep" {
            sweep(KILLED_ORDERS)
        } else {
            cancel_all()
        };
        let begun = Instant::now();
        execute(&mut writer, &[command]).expect("executes");
        let takes = begun.elapsed();
        let after = writer.state_hash().expect("alive");
        let (mut whole, mut nothing) = (0, 0);
        // Killed at once, in the middle, and when it had answered.
        for delay in [
            Some(Duration::ZERO),
            Some(takes / 4),
            Some(takes / 2),
            Some(takes * 3 / 4),
            None,
        ] {
            let folder = Folder::new(&format!("killed-{}", name.len()));
            let mut child = Command::new(std::env::current_exe().expect("a path"))
                .args([
                    "--exact",
                    "a_writer_killed_in_a_great_command_leaves_all_of_it_or_nothing",
                    "--nocapture",
                ])
                .env(CHILD_FOLDER, folder.0.join("journal"))
                .env(CHILD_COMMAND, name)
                .stdout(Stdio::piped())
                .spawn()
                .expect("starts");
            let mut lines = BufReader::new(child.stdout.take().expect("piped"))
                .lines()
                .map_while(Result::ok)
                .filter(|line| ["begin", "done"].contains(&line.as_str()) || line.ends_with("begin"));
            assert!(lines.next().is_some_and(|line| line.ends_with("begin")));
            match delay {
                Some(delay) => {
                    let until = Instant::now() + delay;
                    while Instant::now() < until {
                        std::thread::yield_now();
                    }
                }
                None => assert_eq!(lines.next().as_deref(), Some("done")),
            }
            child.kill().expect("kills");
            child.wait().expect("ends");
            let (mut shard, more) = recover(config(KILLED_ORDERS, Some(folder.journal())), &tape);
            let hash = shard.state_hash().expect("alive");
            if more.is_empty() {
                assert_eq!(hash, before);
                nothing += 1;
                assert!(delay.is_some(), "what was answered is there");
            } else {
                assert_eq!(hash, after);
                whole += 1;
            }
            shard.engine().assert_consistent();
        }
        println!("{name}: killed {nothing} times before it was there, {whole} times behind it");
        assert!(whole > 0);
    }
}

/// The shard behind a crowd and one command, and how many records of each kind that command reported.
fn reported(count: i64, place: impl Fn(i64) -> PlaceOrder, command: Record) -> (Shard, BTreeMap<u16, i64>) {
    let mut shard = Shard::open(config(count + 10, None)).expect("opens");
    for group in crowd(0) {
        execute(&mut shard, &group).expect("executes");
    }
    for from in (0..count).step_by(CHUNK) {
        let group: Vec<Record> = (from..(from + CHUNK as i64).min(count))
            .map(|at| Record::of(place(at)))
            .collect();
        execute(&mut shard, &group).expect("executes");
    }
    let mut kinds = BTreeMap::new();
    for message in execute(&mut shard, &[command]).expect("executes") {
        let words = words(&message);
        for report in parse_commit(&words).expect("a commit").reports {
            *kinds.entry(report.kind()).or_default() += 1;
        }
    }
    shard.engine().assert_consistent();
    (shard, kinds)
}

/// Every order at a price of its own: hidden orders that are swept, and stops that come to rest. What the command reports grows
/// by exactly as much an order, however many there are. How long it takes is a row of `bench/engine`.
#[test]
fn orders_at_prices_of_their_own_are_each_reported_once() {
    let hidden = |at| PlaceOrder {
        instructions: order_instruction::HIDDEN,
        ..limit(1, 1, Side::Sell, 1_000 + at, 1)
    };
    let stop = |at| PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Mark.number(),
        stop_price_ticks: 500,
        ..limit(1, 1, Side::Sell, 1_000 + at, 1)
    };
    let mark = Record::of(SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Mark.number(),
        price_ticks: 400,
        ..SetReferencePrice::default()
    });
    for count in [2_000, 20_000] {
        let (shard, kinds) = reported(count, hidden, sweep(count));
        assert_eq!(shard.engine().open_orders(), 0);
        assert_eq!(
            kinds,
            BTreeMap::from([
                (OrderStateReport::KIND, 1),
                (TradeReport::KIND, count),
                (TradeDetailReport::KIND, count),
                (PositionChangedReport::KIND, 2),
                (BalanceChangedReport::KIND, 2),
            ]),
            "nobody sees a level of hidden orders"
        );
        let (shard, kinds) = reported(count, stop, mark);
        assert_eq!(shard.engine().levels(1, Side::Sell).count() as i64, count);
        assert_eq!(
            kinds,
            BTreeMap::from([
                (DoneReport::KIND, 1),
                (InstrumentStateReport::KIND, 1),
                (OrderStateReport::KIND, count),
                (OrderDetailReport::KIND, count),
                (BookLevelReport::KIND, count),
            ])
        );
    }
}
