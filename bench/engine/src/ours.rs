//! This engine on a flow: bare, with everything on, and with everything on behind a shard that journals.

use fulltape_engine::{Config, CountingSink, Engine, ReportSink, RiskMode};
use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_sim::records::{account, amend, batch_bytes, cancel, cash, instrument, limit};
use fulltape_tape::Record;
use fulltape_tape::codes::{
    AccountKind, PositionReason, PricePurpose, PriceSource, SelfTradePrevention, Side, TimeInForce, amend_flag,
};
use fulltape_tape::layout::{MovePosition, PlaceOrder, SetReferencePrice, TradeReport};

use crate::clock::{Clock, Rate};
use crate::flow::{ACCOUNTS, Flow, Kind, Message, START_TICKS};

/// Commands of a batch; with everything on, the state hash is brought up to date behind each.
pub const BATCH: usize = 256;
const INSTRUMENT: u32 = 1;

/// What is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Risk off: no accounts checked, no ledger, no fees; reports counted and dropped, no state hash, no client ids.
    Bare,
    /// The same, reports written to memory.
    BareReports,
    /// Cash accounts with fees and reservations, self-trade prevention, collars and limits; reports written to memory; the
    /// state hash after every 256 commands.
    Full,
}

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

/// Configuration of the engine for a mode.
pub fn config(mode: Mode) -> Config {
    Config {
        max_accounts: 1024,
        max_instruments: 16,
        max_orders: 1 << 17,
        risk: if mode == Mode::Full {
            RiskMode::On
        } else {
            RiskMode::Off
        },
        ..Config::default()
    }
}

/// Definitions in front of a flow.
pub fn setup(full: bool) -> Vec<Record> {
    setup_at(full, START_TICKS)
}

fn setup_at(full: bool, reference_ticks: i64) -> Vec<Record> {
    let mut records = instrument(INSTRUMENT, if full { -10 } else { 0 }, if full { 40 } else { 0 }).to_vec();
    if full {
        let mut definition: fulltape_tape::layout::DefineInstrument = *records[0].view();
        definition.collar_ppm = 500_000;
        definition.max_quantity_lots = 1_000_000;
        definition.min_notional_units = 1;
        records[0] = Record::of(definition);
        records.push(Record::of(SetReferencePrice {
            kind: SetReferencePrice::KIND,
            instrument_id: INSTRUMENT,
            price_ticks: reference_ticks,
            purpose: PricePurpose::Both.number(),
            source: u16::from(PriceSource::Operator.number()),
            ..SetReferencePrice::default()
        }));
    }
    for id in 1..=ACCOUNTS {
        records.push(Record::of(account(id, AccountKind::Cash, 0)));
        if !full {
            continue;
        }
        records.push(Record::of(cash(id, 1 << 56)));
        records.push(Record::of(MovePosition {
            kind: MovePosition::KIND,
            account_id: id,
            instrument_id: INSTRUMENT,
            quantity_lots: 1 << 40,
            reason: u16::from(PositionReason::TransferIn.number()),
            ..MovePosition::default()
        }));
    }
    records
}

/// The messages of a flow as commands; the first gets the number `first`.
pub fn commands(flow: &Flow, first: u64, full: bool) -> Vec<Record> {
    flow.messages
        .iter()
        .map(|message| command(message, first, full))
        .collect()
}

fn command(message: &Message, first: u64, full: bool) -> Record {
    let order = first + u64::from(message.order) - 1;
    let lots = i64::from(message.lots);
    let total = lots + i64::from(message.traded_lots);
    let side = if message.side == 0 { Side::Buy } else { Side::Sell };
    let place = PlaceOrder {
        self_trade_prevention: if full {
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
    let records = setup_at(mode == Mode::Full, reference_ticks);
    engine.submit_batch(&records, 0, &mut CountingSink::default(), |answer| {
        assert_eq!(answer.code, 0, "a definition is refused");
    });
    engine
}

/// Runs commands through an engine.
pub fn run(mode: Mode, records: &[Record]) -> Outcome {
    run_at(mode, START_TICKS, records)
}

/// Runs commands through an engine whose collar lies around another price.
pub fn run_at(mode: Mode, reference_ticks: i64, records: &[Record]) -> Outcome {
    let mut engine = engine_at(mode, reference_ticks);
    let mut refused = 0;
    let rate = if mode == Mode::Bare {
        let mut sink = TradeCounter::default();
        let clock = Clock::start();
        for chunk in records.chunks(BATCH) {
            engine.submit_batch(chunk, 0, &mut sink, |answer| refused += u64::from(answer.code != 0));
        }
        let rate = clock.rate(records.len());
        assert_eq!(sink.trades, engine.trades(), "a trade is not reported");
        rate
    } else {
        let mut sink: Vec<Record> = Vec::with_capacity(64 << 10);
        let clock = Clock::start();
        for chunk in records.chunks(BATCH) {
            sink.clear();
            engine.submit_batch(chunk, 0, &mut sink, |answer| refused += u64::from(answer.code != 0));
            if mode == Mode::Full {
                std::hint::black_box(engine.state_hash());
            }
        }
        clock.rate(records.len())
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
    shard.enqueue(&batch_bytes(&setup(true)))?;
    shard.execute(Stamp::Now(1))?;
    let records = commands(flow, shard.engine().next_command_number(), true);
    let batches: Vec<_> = records.chunks(BATCH).map(batch_bytes).collect();
    let clock = Clock::start();
    for batch in &batches {
        shard.enqueue(batch)?;
        shard.execute(Stamp::Now(1))?;
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
