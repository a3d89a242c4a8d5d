//! How fast the engine is, on one core, over five shapes of order flow; beside it the engines of others on the same messages.
//!
//! `cargo run --release -- [--json] [--messages N] [--runs N] [--seed S] [--only flows,special,latency,parts,large,lobster]
//! [--lobster FOLDER] [--export FOLDER]`
//!
//! `--profile "everything on"` runs one flow in one mode, for a profiler. `--export` writes the flows as files of 32-byte messages for engines in other languages, and does nothing else.
#![forbid(unsafe_code)]

mod clock;
mod flow;
mod large;
mod lobster;
mod open_loop;
mod ours;
mod parts;
#[cfg(feature = "peers")]
mod peers;
mod report;
mod setup;
mod special;

use std::path::{Path, PathBuf};

use clock::Rate;
use flow::{Flow, Shape};
use report::{Report, Target};
use setup::Mode;

type Failure = Box<dyn std::error::Error>;

const BARE: Target = ("20 M/s bare", 20e6, true);
const FULL: Target = ("8 M/s with everything on", 8e6, true);

fn text(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn number(name: &str, default: u64) -> u64 {
    text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() -> Result<(), Failure> {
    let count = usize::try_from(number("--messages", 2_000_000))?;
    let seed = number("--seed", 20_261_120);
    let runs = number("--runs", 5) as usize;
    let only = text("--only");
    let wanted = |part: &str| {
        only.as_ref()
            .is_none_or(|only| only.split(',').any(|name| name == part))
    };
    if let Some(folder) = text("--export") {
        return export(Path::new(&folder), seed, count);
    }
    if let Some(mode) = text("--profile") {
        return profile(&mode, seed, count);
    }
    let mut report = Report::default();
    let flows: Vec<Flow> = Shape::ALL.iter().map(|shape| Flow::new(*shape, seed, count)).collect();
    let mix = describe(&flows);
    if wanted("flows") {
        measure_flows(&mut report, &flows, runs)?;
    }
    if wanted("special") {
        special::measure(&mut report, &flows[1], runs, seed)?;
    }
    if wanted("latency") {
        measure_latency(&mut report, &flows, runs);
    }
    if wanted("parts") {
        measure_parts(&mut report, &flows[1], runs);
    }
    if wanted("large") {
        measure_large(&mut report, seed);
    }
    if wanted("lobster") {
        let folder = text("--lobster").map_or_else(|| PathBuf::from("../../../shared/data/lobster"), PathBuf::from);
        measure_recorded(&mut report, &folder, runs)?;
    }
    let document = report.json(seed, count, &mix);
    if std::env::args().any(|argument| argument == "--json") {
        println!("{document}");
    }
    Ok(())
}

fn export(folder: &Path, seed: u64, count: usize) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    for shape in Shape::ALL {
        let flow = Flow::new(shape, seed, count);
        let mut bytes = Vec::with_capacity(count * 32);
        for message in &flow.messages {
            for word in [message.kind as u32, message.side, message.order, message.account] {
                bytes.extend_from_slice(&word.to_le_bytes());
            }
            bytes.extend_from_slice(&message.price_ticks.to_le_bytes());
            bytes.extend_from_slice(&message.lots.to_le_bytes());
            bytes.extend_from_slice(&message.traded_lots.to_le_bytes());
        }
        std::fs::write(folder.join(format!("{}.flow", shape.name())), bytes)?;
        println!(
            "{}",
            serde_json::json!({ "shape": shape.name(), "trades": flow.trades, "messages": count })
        );
    }
    Ok(())
}

/// One run of *swing 40* and nothing else, for a profiler that counts instructions: the difference of two lengths is the steady state.
/// Says its rate, for two builds that run in turn.
fn profile(mode: &str, seed: u64, count: usize) -> Result<(), Failure> {
    let mode = Mode::ALL
        .into_iter()
        .find(|each| each.name() == mode)
        .ok_or("no such mode")?;
    let flow = Flow::new(Shape::Swing(40), seed, count);
    let records = ours::commands(&flow, ours::engine(mode).next_command_number(), mode);
    let outcome = ours::run(mode, &records);
    println!("{:.0} commands/s", outcome.rate.wall);
    check(&flow, &outcome)
}

fn describe(flows: &[Flow]) -> String {
    let total: u64 = flows.iter().map(|flow| flow.messages.len() as u64).sum();
    let share = |kind: usize| flows.iter().map(|flow| flow.mix[kind]).sum::<u64>() as f64 * 100.0 / total as f64;
    let trades = flows.iter().map(|flow| flow.trades).sum::<u64>() as f64 * 100.0 / total as f64;
    format!(
        "{:.1} % new, {:.1} % cancel, {:.1} % reduced in place, {:.1} % moved, {:.1} % immediate; {trades:.1} trades for 100 messages; about 5,000 orders rest",
        share(0),
        share(1),
        share(2),
        share(3),
        share(4),
    )
}

/// Every shape by every mode in turn, so that what slows the machine slows them all.
fn measure_flows(report: &mut Report, flows: &[Flow], runs: usize) -> Result<(), Failure> {
    let alone = Mode::ALL;
    let behind = ["everything on, commits", "everything on, commits and journal"];
    let names: Vec<&str> = alone.iter().map(|mode| mode.name()).chain(behind).collect();
    let targets = |name: &str| match name {
        "bare" => Some(BARE),
        "everything on" => Some(FULL),
        _ => None,
    };
    let mut rates = vec![vec![Vec::<Rate>::new(); flows.len()]; names.len()];
    #[cfg(feature = "peers")]
    let mut peer = vec![Vec::<Rate>::new(); flows.len()];
    for _ in 0..runs {
        for (at, flow) in flows.iter().enumerate() {
            for (row, mode) in alone.into_iter().enumerate() {
                let records = ours::commands(flow, ours::engine(mode).next_command_number(), mode);
                let outcome = ours::run(mode, &records);
                check(flow, &outcome)?;
                rates[row][at].push(outcome.rate);
            }
            let outcome = ours::run_shard(flow, None)?;
            check(flow, &outcome)?;
            rates[alone.len()][at].push(outcome.rate);
            let folder = std::env::temp_dir().join(format!("fulltape-bench-engine-{}", std::process::id()));
            let outcome = ours::run_shard(flow, Some(&folder))?;
            check(flow, &outcome)?;
            rates[alone.len() + 1][at].push(outcome.rate);
        }
    }
    #[cfg(feature = "peers")]
    for (at, flow) in flows.iter().enumerate() {
        for _ in 0..runs.min(3) {
            let outcome = peers::run(flow);
            if peer[at].is_empty() {
                let sameness = if outcome.trades == flow.trades {
                    "the same as"
                } else {
                    "not the same as"
                };
                report.note(format!(
                    "orderbook-rs 0.15.3, {}: {} trades, {sameness} ours ({}); {} errors answered",
                    flow.shape.name(),
                    outcome.trades,
                    flow.trades,
                    outcome.errors,
                ));
            }
            peer[at].push(outcome.rate);
        }
    }
    for (row, name) in names.iter().enumerate() {
        let worst = worst(&rates[row]);
        report.rates(
            &format!("{name}, worst shape ({})", flows[worst].shape.name()),
            &rates[row][worst],
            targets(name),
        );
        for (at, flow) in flows.iter().enumerate() {
            report.rates(&format!("{name}, {}", flow.shape.name()), &rates[row][at], None);
        }
        let cpu: Vec<f64> = rates[row][worst].iter().map(|rate| rate.cpu.round()).collect();
        report.figure(
            &format!("{name}, worst shape, for a second of processor time"),
            "commands/s",
            &cpu,
            None,
        );
    }
    #[cfg(feature = "peers")]
    for (at, flow) in flows.iter().enumerate() {
        report.rates(
            &format!("peer orderbook-rs 0.15.3, {}", flow.shape.name()),
            &peer[at],
            None,
        );
    }
    report
        .note("The trades of every run are those of the model that generated the flow; no command was refused.".into());
    Ok(())
}

fn check(flow: &Flow, outcome: &ours::Outcome) -> Result<(), Failure> {
    let same = outcome.trades == flow.trades && outcome.refused == 0 && outcome.open as usize == flow.open;
    let name = flow.shape.name();
    if same {
        Ok(())
    } else {
        Err(format!("{name}: {outcome:?} is not what the model gave: {} trades", flow.trades).into())
    }
}

fn median(rates: &[Rate]) -> f64 {
    let mut wall: Vec<f64> = rates.iter().map(|rate| rate.wall).collect();
    wall.sort_by(f64::total_cmp);
    wall[wall.len() / 2]
}

fn worst(rates: &[Vec<Rate>]) -> usize {
    (0..rates.len())
        .min_by(|a, b| median(&rates[*a]).total_cmp(&median(&rates[*b])))
        .unwrap_or(0)
}

fn measure_latency(report: &mut Report, flows: &[Flow], runs: usize) {
    let names = ["p50", "p99", "p99.9", "p99.99", "largest"];
    for mode in [Mode::BareReports, Mode::Full] {
        let name = mode.name();
        let flow = &flows[flows.len() - 1];
        let records = ours::commands(flow, ours::engine(mode).next_command_number(), mode);
        let all: Vec<_> = (0..runs).map(|_| open_loop::run(mode, &records)).collect();
        let measures = [
            "from its planned time",
            "from its planned time, behind one another",
            "in the engine",
        ];
        for (which, what) in measures.into_iter().enumerate() {
            for (at, quantile) in names.iter().enumerate() {
                let values: Vec<f64> = all.iter().map(|latencies| latencies[which][at] as f64).collect();
                let target = (at == 1 && which < 2).then_some(("p99 < 1 µs at 1 M/s", 1_000.0, false));
                report.figure(
                    &format!("open loop at 1 M/s, {name}, {what}, {quantile}"),
                    "ns",
                    &values,
                    target,
                );
            }
        }
    }
    let all: Vec<_> = (0..runs).map(|_| open_loop::idle(1_000_000)).collect();
    for (at, quantile) in names.iter().enumerate() {
        let values: Vec<f64> = all.iter().map(|latencies| latencies[at] as f64).collect();
        report.figure(&format!("open loop without an engine, {quantile}"), "ns", &values, None);
    }
}

fn measure_parts(report: &mut Report, flow: &Flow, runs: usize) {
    let records = ours::commands(flow, ours::engine(Mode::Full).next_command_number(), Mode::Full);
    let mut figure = |name: &str, work: &dyn Fn() -> f64| {
        let values: Vec<f64> = (0..runs).map(|_| work()).collect();
        report.figure(name, "ns", &values, None);
    };
    for mode in [Mode::Cash, Mode::Full, Mode::Margin] {
        figure(
            &format!("risk alone: an order that the last check refuses, {}", mode.name()),
            &|| parts::risk_check(mode),
        );
    }
    figure(
        "decode alone: checking a CommandBatch message of 256, per command",
        &|| parts::decode(&records),
    );
    figure("writing a CommandBatch message of 256, per command", &|| {
        parts::encode(&records)
    });
    figure("writing a commit with its BLAKE3 hash, per record", &|| {
        parts::commit(&records)[0]
    });
    figure("checking a commit, hash left out, per record", &|| {
        parts::commit(&records)[1]
    });
}

fn measure_large(report: &mut Report, seed: u64) {
    let million = large::book(1_000_000, 1_000_000, 10_000, seed);
    report.figure(
        "book of 1 M orders: memory of an order",
        "bytes",
        &[million.bytes_per_order.round()],
        None,
    );
    report.figure(
        "book of 1 M orders: cancels and new orders",
        "commands/s",
        &[million.rate.round()],
        None,
    );
    let ten = large::book(10_000_000, 1_000_000, 10_000, seed);
    report.figure("book of 10 M orders: placed", "commands/s", &[ten.build.round()], None);
    report.figure(
        "book of 10 M orders: memory of an order",
        "bytes",
        &[ten.bytes_per_order.round()],
        None,
    );
    report.figure(
        "book of 10 M orders: cancels and new orders",
        "commands/s",
        &[ten.rate.round()],
        None,
    );
    let spreads = [100, 10_000, 1_000_000, 1 << 40, 1 << 58];
    let rates: Vec<f64> = spreads
        .iter()
        .map(|spread| large::book(100_000, 1_000_000, *spread, seed).rate)
        .collect();
    for (spread, rate) in spreads.iter().zip(&rates) {
        report.figure(
            &format!("100,000 orders within {spread} ticks of the middle"),
            "commands/s",
            &[rate.round()],
            None,
        );
    }
    let slowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
    report.figure(
        "slowest of these spreads beside the densest",
        "ratio",
        &[slowest / rates[0]],
        None,
    );
}

fn measure_recorded(report: &mut Report, folder: &Path, runs: usize) -> Result<(), Failure> {
    let files = lobster::read(folder)?;
    if files.is_empty() {
        report.note(format!("No LOBSTER files in {}: left out.", folder.display()));
    }
    for file in files {
        for mode in [Mode::Bare, Mode::Cash, Mode::Full] {
            let name = mode.name();
            let records = file.commands(ours::engine(mode).next_command_number(), mode);
            let outcomes: Vec<_> = (0..runs * 3)
                .map(|_| ours::run_at(mode, file.first_ticks, &records))
                .collect();
            let rates: Vec<_> = outcomes.iter().map(|outcome| outcome.rate).collect();
            report.rates(&format!("LOBSTER {}, {name}", file.symbol), &rates, None);
            if let Some(outcome) = outcomes.first() {
                report.note(format!(
                    "LOBSTER {}, {name}: {} commands, {} trades, {} refused (the file trades by more than price and time), {} messages left out",
                    file.symbol, records.len(), outcome.trades, outcome.refused, file.left_out,
                ));
            }
        }
    }
    Ok(())
}
