//! This engine on a flow: alone, and behind a shard that journals.

use fulltape_engine::{Command, CountingSink, Engine, ReportSink};
use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_sim::records::{amend, batch_bytes, cancel, limit};
use fulltape_tape::Record;
use fulltape_tape::codes::{SelfTradePrevention, Side, TimeInForce, amend_flag};
use fulltape_tape::layout::{PlaceOrder, TradeReport};

use crate::clock::{Clock, Rate};
use crate::flow::{Flow, Kind, Message, START_TICKS};
use crate::setup::{INSTRUMENT, Mode, config, setup};

/// Commands of a batch.
pub const BATCH: usize = 256;
/// Batches between two state hashes, where there are any: as many as a shard puts commits between them unless it is told otherwise.
pub const HASHED_BATCHES: usize = 64;
/// Engine time between two commands where rules look at it.
const GAP_NANOS: u64 = 1_000;

/// What one run gave.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Commands per second.
    pub rate: Rate,
    /// Trades.
    pub trades: u64,
    /// Commands refused.
    pub refused: u64,
    /// Orders that rest at the end.
    pub open: u32,
}

/// A sink that counts trades and forgets the rest.
#[derive(Default)]
struct TradeCounter {
    trades: u64,
}

impl ReportSink for TradeCounter {
    #[inline]
    fn push(&mut self, record: &Record) {
        self.trades += u64::from(record.kind() == TradeReport::KIND);
    }

    fn mark_last(&mut self, _back: usize) {}
}

/// The messages of a flow as commands; the first gets the number `first`.
pub fn commands(flow: &Flow, first: u64, mode: Mode) -> Vec<Record> {
    flow.messages
        .iter()
        .enumerate()
        .map(|(at, message)| {
            let mut record = command(message, first, mode);
            stamp(&mut record, at, mode);
            record
        })
        .collect()
}

/// Gives a command its engine time, where rules look at it.
pub fn stamp(record: &mut Record, at: usize, mode: Mode) {
    if mode.limits() {
        record.set_time_nanos((at as u64 + 1) * GAP_NANOS);
    }
}

/// One message as a command.
pub fn command(message: &Message, first: u64, mode: Mode) -> Record {
    let order = first + u64::from(message.order) - 1;
    let lots = i64::from(message.lots);
    let total = lots + i64::from(message.traded_lots);
    let side = if message.side == 0 { Side::Buy } else { Side::Sell };
    let place = PlaceOrder {
        self_trade_prevention: if mode.risk() {
            SelfTradePrevention::CancelNewest.number()
        } else {
            0
        },
        ..limit(message.account, INSTRUMENT, side, message.price_ticks, lots)
    };
    match message.kind {
        Kind::New => Record::of(place),
        Kind::Cancel => Record::of(cancel(message.account, INSTRUMENT, order)),
        Kind::Reduce => Record::of(amend(message.account, order, amend_flag::QUANTITY, 0, total)),
        Kind::Move => Record::of(amend(
            message.account,
            order,
            amend_flag::QUANTITY | amend_flag::PRICE,
            message.price_ticks,
            total,
        )),
        Kind::Immediate => Record::of(PlaceOrder {
            time_in_force: TimeInForce::ImmediateOrCancel.number(),
            ..place
        }),
    }
}

/// An engine with its definitions taken in.
pub fn engine(mode: Mode) -> Engine {
    engine_at(mode, START_TICKS)
}

fn engine_at(mode: Mode, reference_ticks: i64) -> Engine {
    let mut engine = Engine::new(config(mode));
    let records = setup(mode, reference_ticks);
    engine.submit_batch(&records, 0, &mut CountingSink::default(), |answer| {
        assert_eq!(answer.code, 0, "a definition is refused: {answer:?}");
    });
    engine
}

/// Runs commands through an engine.
pub fn run(mode: Mode, records: &[Record]) -> Outcome {
    run_at(mode, START_TICKS, records)
}

/// Commands in batches; the extensions of a command stay with it. How many commands there are.
fn batches(records: &[Record]) -> (Vec<&[Record]>, usize) {
    let mut batches = Vec::with_capacity(records.len() / BATCH + 1);
    let (mut begin, mut end, mut count) = (0, 0, 0);
    while let Some((command, _)) = Command::split_first(&records[end..]) {
        end += command.record_count();
        count += 1;
        if count % BATCH == 0 {
            batches.push(&records[begin..end]);
            begin = end;
        }
    }
    batches.push(&records[begin..end]);
    (batches, count)
}

/// Runs commands through an engine whose collar lies around another price.
pub fn run_at(mode: Mode, reference_ticks: i64, records: &[Record]) -> Outcome {
    let mut engine = engine_at(mode, reference_ticks);
    let (batches, count) = batches(records);
    let mut refused = 0;
    let rate = if mode == Mode::Bare {
        let mut sink = TradeCounter::default();
        let clock = Clock::start();
        for batch in batches {
            engine.submit_batch(batch, 0, &mut sink, |answer| refused += u64::from(answer.code != 0));
        }
        let rate = clock.rate(count);
        assert_eq!(sink.trades, engine.trades(), "a trade is not reported");
        rate
    } else {
        let mut sink: Vec<Record> = Vec::with_capacity(64 << 10);
        let every = if mode == Mode::Hashed { 1 } else { HASHED_BATCHES };
        let clock = Clock::start();
        for (at, batch) in batches.into_iter().enumerate() {
            sink.clear();
            engine.submit_batch(batch, 0, &mut sink, |answer| refused += u64::from(answer.code != 0));
            if mode.risk() && (at + 1) % every == 0 {
                std::hint::black_box(engine.state_hash());
            }
        }
        clock.rate(count)
    };
    Outcome {
        rate,
        trades: engine.trades(),
        refused,
        open: engine.open_orders(),
    }
}

/// Runs commands through a shard: message check, everything on, commits with their hash chain, answers and the journal.
///
/// # Errors
/// What the shard answers.
pub fn run_shard(flow: &Flow, folder: Option<&std::path::Path>) -> Result<Outcome, Box<dyn std::error::Error>> {
    let mut shard = Shard::open(ShardConfig {
        journal_dir: folder.map(|folder| folder.to_string_lossy().into_owned()),
        journal_bytes_max: 4 << 30,
        engine: config(Mode::Full),
        ..ShardConfig::default()
    })?;
    shard.enqueue(&batch_bytes(&setup(Mode::Full, START_TICKS)))?;
    shard.execute(Stamp::Now(1))?;
    let records = commands(flow, shard.engine().next_command_number(), Mode::Full);
    let batches: Vec<_> = records.chunks(BATCH).map(batch_bytes).collect();
    let clock = Clock::start();
    for (at, batch) in batches.iter().enumerate() {
        shard.enqueue(batch)?;
        shard.execute(Stamp::Now(((at + 1) * BATCH) as u64 * GAP_NANOS))?;
    }
    let rate = clock.rate(records.len());
    let outcome = Outcome {
        rate,
        trades: shard.engine().trades(),
        refused: 0,
        open: shard.engine().open_orders(),
    };
    drop(shard);
    if let Some(folder) = folder {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(outcome)
}
