//! Latency under an open load: every command has a planned time, and its latency counts from then on, so that a stall
//! shows in every command that it delayed.

use std::time::Instant;

use fulltape_engine::Command;
use fulltape_tape::Record;

use crate::clock::quantile;
use crate::ours;
use crate::setup::Mode;

/// Nanoseconds between two planned times: one million commands a second.
const GAP_NANOS: u64 = 1_000;

/// Latencies in nanoseconds: 50 %, 99 %, 99.9 %, 99.99 % and the largest.
pub type Latencies = [u64; 5];

/// Idle time in nanoseconds that is worth a look at the state hash, and orders that are taken into it then.
const IDLE_NANOS: u64 = 500;
const SETTLED: usize = 2;

/// Sends every command at its planned time, or at once when that has passed. Gives the latencies
/// * from the planned times, by the clock: everything that delays a command, the machine that takes the thread away included;
/// * from the planned times, behind one another: what they would be if the thread were never taken away between two commands. Each begins
///   at its planned time or when the one before it is done, and takes as long as it took;
/// * in the engine: as long as it took.
pub fn run(mode: Mode, records: &[Record]) -> [Latencies; 3] {
    let mut engine = ours::engine(mode);
    let mut sink: Vec<Record> = Vec::with_capacity(1 << 16);
    // The book fills without a clock.
    let warm = records.len() / 10;
    for record in &records[..warm] {
        sink.clear();
        engine.submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink);
    }
    let mut nanos = touched(records.len() - warm);
    let mut behind = nanos.clone();
    let mut inside = nanos.clone();
    let hashed = ours::BATCH * ours::HASHED_BATCHES;
    let mut free_at = 0;
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    for (at, record) in records[warm..].iter().enumerate() {
        let planned = at as u64 * GAP_NANOS;
        let mut begun = now();
        while begun < planned {
            if mode.risk() && planned - begun > IDLE_NANOS {
                engine.settle_hash_some(SETTLED);
            } else {
                core::hint::spin_loop();
            }
            begun = now();
        }
        sink.clear();
        engine.submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink);
        if mode.risk() && at % hashed == hashed - 1 {
            std::hint::black_box(engine.state_hash());
        }
        let done = now();
        nanos[at] = done - planned;
        inside[at] = done - begun;
        free_at = planned.max(free_at) + (done - begun);
        behind[at] = free_at - planned;
    }
    [summary(nanos), summary(behind), summary(inside)]
}

/// Room for so many latencies whose pages are there: a page that is made when it is written to takes as long as many commands, and
/// would be counted as the engine's.
fn touched(count: usize) -> Vec<u64> {
    let mut nanos = Vec::with_capacity(count);
    nanos.resize_with(count, || std::hint::black_box(1));
    nanos
}

/// How long this machine keeps a thread that asks for nothing but the time from running: the same loop without an engine.
pub fn idle(count: usize) -> Latencies {
    let mut nanos = touched(count);
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    for (at, slot) in nanos.iter_mut().enumerate() {
        let planned = at as u64 * GAP_NANOS;
        while now() < planned {
            core::hint::spin_loop();
        }
        *slot = now() - planned;
    }
    summary(nanos)
}

fn summary(mut nanos: Vec<u64>) -> Latencies {
    nanos.sort_unstable();
    [
        quantile(&nanos, 0.5),
        quantile(&nanos, 0.99),
        quantile(&nanos, 0.999),
        quantile(&nanos, 0.9999),
        quantile(&nanos, 1.0),
    ]
}
