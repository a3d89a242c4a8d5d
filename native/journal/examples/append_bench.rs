//! Nanoseconds of one append, each measured alone.
//!
//! `cargo run --release -p fulltape-journal --example append_bench -- [--json] [--appends N] [--prepare | --background] [--written-back]`
//!
//! The boundary is the call of `Journal::append` with one payload: copy, head, CRC-32C, index. Memory-mapped, pre-faulted,
//! no fsync. The clock is the time-stamp counter, fenced; what two readings behind each other take (`clock`, median) is
//! taken off every sample. `group16` is the mean of 16 appends between two readings of the ordinary clock, as a check
//! that does not depend on the counter.

use std::time::Instant;

use fulltape_journal::{Journal, JournalConfig};

/// One reading of a fenced counter: nothing before it is still running, nothing behind it has begun.
#[cfg(target_arch = "x86_64")]
fn ticks() -> u64 {
    use core::arch::x86_64::{_mm_lfence, _rdtsc};
    // SAFETY: SSE2 is part of every x86_64.
    unsafe { _mm_lfence() };
    // SAFETY: user mode may read the counter on every system that this runs on.
    let now = unsafe { _rdtsc() };
    // SAFETY: as above.
    unsafe { _mm_lfence() };
    now
}

/// Nanoseconds where there is no counter.
#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn ticks_per_nano() -> f64 {
    let (start, from) = (Instant::now(), ticks());
    while start.elapsed().as_millis() < 50 {}
    (ticks() - from) as f64 / start.elapsed().as_nanos() as f64
}

fn percentiles(mut samples: Vec<u64>, rate: f64) -> serde_json::Value {
    samples.sort_unstable();
    let at = |parts: usize| (samples[(samples.len() * parts / 10_000).min(samples.len() - 1)] as f64 / rate).round();
    serde_json::json!({
        "p50": at(5000), "p95": at(9500), "p99": at(9900), "p99_9": at(9990), "p99_99": at(9999), "max": at(10_000),
    })
}

/// What goes on beside the appends.
struct Setup {
    /// `Journal::prepare` between the samples, every 256 appends.
    prepare: bool,
    /// The thread that makes the next segment.
    background: bool,
    /// The first segment is written to the disk before the first append, as one that was made long ago: the kernel
    /// takes the write access to its pages away then.
    written_back: bool,
}

fn measure(
    payload_bytes: usize,
    appends: u64,
    rate: f64,
    setup: &Setup,
) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("fulltape-append-bench-{}", std::process::id()));
    let config = JournalConfig {
        owner: 0,
        bytes_max: 1 << 30,
    };
    let mut journal = Journal::open(&folder, config)?;
    journal.make_room(payload_bytes)?;
    if setup.written_back {
        journal.sync()?;
    }
    if setup.background {
        journal.prepare_in_background()?;
    }
    let payload = vec![7_u8; payload_bytes];
    let mut clock: Vec<u64> = (0..10_000)
        .map(|_| {
            let from = ticks();
            ticks() - from
        })
        .collect();
    clock.sort_unstable();
    let clock = clock[clock.len() / 2];
    // Touched before the run: the samples' own page faults must not count.
    let mut single = vec![1_u64; usize::try_from(appends)?];
    for commit in 1..=appends {
        if setup.prepare && commit % 256 == 0 {
            journal.prepare()?;
        }
        let from = ticks();
        journal.append(commit, commit, &[&payload])?;
        single[usize::try_from(commit - 1)?] = (ticks() - from).saturating_sub(clock);
    }
    let mut groups = vec![1_u64; usize::try_from(appends / 16)?];
    let mut commit = appends;
    for (at, group) in groups.iter_mut().enumerate() {
        if setup.prepare && at % 16 == 0 {
            journal.prepare()?;
        }
        let start = Instant::now();
        for _ in 0..16 {
            commit += 1;
            journal.append(commit, commit, &[&payload])?;
        }
        *group = u64::try_from(start.elapsed().as_nanos())? / 16;
    }
    drop(journal);
    std::fs::remove_dir_all(&folder)?;
    Ok(serde_json::json!({
        "payloadBytes": payload_bytes,
        "clock": (clock as f64 / rate).round(),
        "single": percentiles(single, rate),
        "group16": percentiles(groups, 1.0),
    }))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let appends = arguments
        .iter()
        .skip_while(|argument| *argument != "--appends")
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(400_000);
    let setup = Setup {
        prepare: has("--prepare"),
        background: has("--background"),
        written_back: has("--written-back"),
    };
    let rate = ticks_per_nano();
    let mut sizes = Vec::new();
    for payload_bytes in [64, 256, 1024] {
        sizes.push(measure(payload_bytes, appends, rate, &setup)?);
    }
    let result = serde_json::json!({ "bench": "journalAppend", "appends": appends, "nanoseconds": sizes });
    if has("--json") {
        println!("{result}");
    } else {
        println!("{result:#}");
    }
    Ok(())
}
