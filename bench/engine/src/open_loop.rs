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

/// Sends every command at its planned time, or at once when that has passed. Gives the latencies from the planned times,
/// and the times that the engine had the commands: what remains of a machine that keeps the thread waiting for its turn.
pub fn run(mode: Mode, records: &[Record]) -> [Latencies; 2] {
    let mut engine = ours::engine(mode);
    let mut sink: Vec<Record> = Vec::with_capacity(1 << 16);
    let mut nanos = vec![0_u64; records.len()];
    let mut inside = nanos.clone();
    // The book fills without a clock.
    let warm = records.len() / 10;
    for record in &records[..warm] {
        sink.clear();
        engine.submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink);
    }
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    for (at, record) in records[warm..].iter().enumerate() {
        let planned = at as u64 * GAP_NANOS;
        let mut begun = now();
        while begun < planned {
            core::hint::spin_loop();
            begun = now();
        }
        sink.clear();
        engine.submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink);
        let done = now();
        nanos[at] = done - planned;
        inside[at] = done - begun;
        if mode.risk() && at % ours::BATCH == ours::BATCH - 1 {
            std::hint::black_box(engine.state_hash());
        }
    }
    nanos.truncate(records.len() - warm);
    inside.truncate(records.len() - warm);
    [summary(nanos), summary(inside)]
}

/// How long this machine keeps a thread that asks for nothing but the time from running: the same loop without an engine.
pub fn idle(count: usize) -> Latencies {
    let mut nanos = vec![0_u64; count];
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
