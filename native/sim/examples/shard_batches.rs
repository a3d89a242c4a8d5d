//! The batches of `bench/order-flow.ts` through a shard, without TypeScript: what of the path between the two is Rust's.
//! Arguments: batches a run (1,000), runs (5), commits between two that carry the state hash (64). Prints the processor time of a command; `valgrind --tool=callgrind` counts its
//! instructions, which no other load of the machine changes.

use std::collections::VecDeque;
use std::io::Write as _;

use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_sim::records::{account, batch_bytes, cancel, instrument, limit};
use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, Side, TimeInForce, account_permission};
use fulltape_tape::layout::{CancelOrder, PlaceOrder};

const INSTRUMENT: u32 = 100;
const PLACEMENTS: i64 = 450;
const TAKERS: i64 = 100;
const MID_TICKS: i64 = 100_000;
const VARIANTS: usize = 16;
const WARM_UP: usize = 64;

type Failed = Box<dyn std::error::Error>;

/// Nanoseconds that this thread has run.
fn processor_nanos() -> Result<u64, Failed> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

fn definitions() -> Vec<Record> {
    let permissions = account_permission::UNLIMITED
        | account_permission::SHORT_SALE
        | account_permission::FEES_OFF
        | account_permission::COLLAR_OFF;
    let mut records = instrument(INSTRUMENT, 0, 0).to_vec();
    for id in [INSTRUMENT * 2, INSTRUMENT * 2 + 1] {
        records.push(Record::of(account(id, AccountKind::Replay, permissions)));
    }
    records
}

/// New orders of a batch, as `order-flow.ts` makes them.
fn orders(variant: i64) -> Vec<Record> {
    let side = |index: i64| {
        if index % 2 == 0 {
            (Side::Buy, 1)
        } else {
            (Side::Sell, -1)
        }
    };
    let resting = (0..PLACEMENTS).map(|index| {
        let (side, sign) = side(index);
        let distance = 1 + (index * 37 + variant * 11) % 64;
        Record::of(limit(
            INSTRUMENT * 2,
            INSTRUMENT,
            side,
            MID_TICKS - sign * distance,
            10 + index % 90,
        ))
    });
    let taking = (0..TAKERS).map(|index| {
        let (side, sign) = side(index);
        Record::of(PlaceOrder {
            time_in_force: TimeInForce::ImmediateOrCancel.number(),
            ..limit(INSTRUMENT * 2 + 1, INSTRUMENT, side, MID_TICKS + sign * 64, 5)
        })
    });
    resting.chain(taking).collect()
}

/// Messages without end, whose cancels name the orders of the batch 17 before. Of each of the 16 only the ids are written anew, so that
/// they stay in the caches, as those of a sender do who has just received them.
struct Flow {
    messages: Vec<Vec<u8>>,
    firsts: VecDeque<u64>,
    batch: usize,
}

impl Flow {
    fn new() -> Self {
        let nothing = Record::of(cancel(INSTRUMENT * 2, INSTRUMENT, 0));
        let message = |variant| {
            let mut records = orders(variant);
            records.extend(std::iter::repeat_n(nothing, PLACEMENTS as usize));
            batch_bytes(&records)
        };
        Self {
            messages: (0..VARIANTS as i64).map(message).collect(),
            firsts: VecDeque::new(),
            batch: 0,
        }
    }

    /// The next message, whose commands will be numbered from `next_command` on.
    fn next(&mut self, next_command: u64) -> &[u8] {
        let message = &mut self.messages[self.batch % VARIANTS];
        self.batch += 1;
        let first = if self.firsts.len() > VARIANTS {
            self.firsts.pop_front()
        } else {
            None
        };
        self.firsts.push_back(next_command);
        // The first ones cancel what has never been: they are refused, and are no part of what is timed.
        let ids = first.unwrap_or(1 << 60)..;
        let cancels = message.len() - PLACEMENTS as usize * 64;
        for (id, record) in ids.zip(message[cancels..].as_chunks_mut::<64>().0) {
            let at = core::mem::offset_of!(CancelOrder, order_id);
            record[at..at + 8].copy_from_slice(&id.to_le_bytes());
        }
        message
    }
}

fn step(shard: &mut Shard, flow: &mut Flow) -> Result<(), Failed> {
    let message = flow.next(shard.engine().next_command_number());
    shard.enqueue(message)?;
    shard.execute(Stamp::Now(1))?;
    Ok(())
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let batches = arguments.first().copied().unwrap_or(1_000);
    let runs = arguments.get(1).copied().unwrap_or(5);
    let every = arguments
        .get(2)
        .map_or(ShardConfig::default().state_hash_every_commits, |every| *every as u64);
    for _ in 0..runs {
        let mut shard = Shard::open(ShardConfig {
            state_hash_every_commits: every,
            ..ShardConfig::default()
        })?;
        shard.enqueue(&batch_bytes(&definitions()))?;
        shard.execute(Stamp::Now(1))?;
        let mut flow = Flow::new();
        for _ in 0..WARM_UP {
            step(&mut shard, &mut flow)?;
        }
        let (before, first) = (processor_nanos()?, shard.engine().next_command_number());
        for _ in 0..batches {
            step(&mut shard, &mut flow)?;
        }
        let nanos = processor_nanos()? - before;
        let commands = shard.engine().next_command_number() - first;
        let trades = shard.engine().trades();
        writeln!(
            std::io::stdout(),
            "{commands} commands, {trades} trades, {:.1} ns a command, {:.2} M/s",
            nanos as f64 / commands as f64,
            commands as f64 * 1e3 / nanos as f64
        )?;
    }
    Ok(())
}
