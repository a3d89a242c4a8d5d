//! Parts by themselves: the checks of a new order, reading and writing of messages.

use std::hint::black_box;
use std::time::Instant;

use fulltape_engine::{Command, CountingSink};
use fulltape_sim::records::{batch_bytes, limit};
use fulltape_tape::Record;
use fulltape_tape::codes::{ErrorCode, Side};
use fulltape_tape::layout::{CommandBatchData, CommitData};
use fulltape_tape::message::{
    begin_commit, finish_commit, parse_command_batch, parse_commit, push_record, write_command_batch,
};

use crate::flow::START_TICKS;
use crate::ours::{self, BATCH};
use crate::setup::{INSTRUMENT, Mode, POOR};

fn nanos_each(count: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / count as f64
}

/// An order that passes every check but the last one, buying power or margin: look-ups, checks and the refusal's report.
pub fn risk_check(mode: Mode) -> f64 {
    let mut engine = ours::engine(mode);
    let order = Record::of(limit(POOR, INSTRUMENT, Side::Buy, START_TICKS, 100));
    let small = Record::of(limit(POOR, INSTRUMENT, Side::Buy, START_TICKS, 1));
    let last = match mode {
        Mode::Margin => ErrorCode::InsufficientMargin,
        _ => ErrorCode::InsufficientBuyingPower,
    };
    let mut sink = CountingSink::default();
    assert_eq!(
        engine
            .submit(&Command::new(core::slice::from_ref(&small)), 0, &mut sink)
            .code,
        0
    );
    let count = 200_000;
    let mut refused = 0;
    let nanos = nanos_each(count, || {
        for _ in 0..count {
            let answer = engine.submit(&Command::new(core::slice::from_ref(black_box(&order))), 0, &mut sink);
            refused += u64::from(answer.code == last.number());
        }
    });
    assert_eq!(refused, count as u64, "the last check refuses the order");
    nanos
}

/// Checking one `CommandBatch` message of 256 commands, per command.
pub fn decode(records: &[Record]) -> f64 {
    let messages: Vec<Vec<u64>> = records
        .chunks(BATCH)
        .take(400)
        .map(|chunk| bytemuck::cast_slice(&batch_bytes(chunk)).to_vec())
        .collect();
    let count: usize = messages.len() * BATCH;
    nanos_each(count * 5, || {
        for _ in 0..5 {
            for message in &messages {
                assert!(parse_command_batch(black_box(message)).is_ok());
            }
        }
    })
}

/// Writing one `CommandBatch` message of 256 commands, per command.
pub fn encode(records: &[Record]) -> f64 {
    let mut words = Vec::with_capacity(1 << 16);
    let rounds = 2_000;
    nanos_each(rounds * BATCH, || {
        for round in 0..rounds {
            let at = round * BATCH % (records.len() - BATCH);
            words.clear();
            let data = CommandBatchData {
                command_count: BATCH as u32,
                ..CommandBatchData::default()
            };
            write_command_batch(&mut words, &data, &records[at..at + BATCH]);
            black_box(&words);
        }
    })
}

/// Writing (hash included) and checking of a commit of 256 commands and their reports, per record.
pub fn commit(records: &[Record]) -> [f64; 2] {
    let mut engine = ours::engine(Mode::Full);
    let mut reports = Vec::new();
    engine.submit_batch(&records[..BATCH], 0, &mut reports, |_| {});
    let mut words: Vec<u64> = Vec::with_capacity(1 << 20);
    let rounds = 1_000;
    let each = rounds * (BATCH + reports.len());
    let data = CommitData {
        command_count: BATCH as u32,
        ..CommitData::default()
    };
    let write = nanos_each(each, || {
        for _ in 0..rounds {
            words.clear();
            let start = begin_commit(&mut words);
            for report in &reports {
                push_record(&mut words, report);
            }
            black_box(finish_commit(&mut words, start, &data, &records[..BATCH]));
        }
    });
    let read = nanos_each(each, || {
        for _ in 0..rounds {
            assert!(parse_commit(black_box(&words)).is_ok());
        }
    });
    [write, read]
}
