//! Driving shards in tests: batches in, commits out.

use fulltape_engine::Config;
use fulltape_ffi::status::word;
use fulltape_ffi::{Failure, Shard, ShardConfig, Stamp};
use fulltape_tape::Record;
use fulltape_tape::layout::AnswerRecord;

use crate::records::batch_bytes;

/// A small shard, cheap to open by the hundred.
#[must_use]
pub fn small_config() -> ShardConfig {
    ShardConfig {
        state_hash_every_commits: 3,
        engine: Config {
            max_orders: 200,
            max_accounts: 64,
            max_instruments: 16,
            ..Config::default()
        },
        ..ShardConfig::default()
    }
}

/// Messages that the last call on a shard emitted.
#[must_use]
pub fn emitted(shard: &Shard) -> Vec<Vec<u8>> {
    let output = shard.output();
    let table = &output[shard.status().get(word::TABLE_OFFSET) as usize / 8..];
    (0..shard.status().get(word::COMMITS) as usize)
        .map(|at| {
            let (offset, length) = (table[at * 2] as usize, table[at * 2 + 1] as usize);
            bytemuck::cast_slice::<u64, u8>(output)[offset..offset + length].to_vec()
        })
        .collect()
}

/// Answers of the last call on a shard.
#[must_use]
pub fn answers(shard: &Shard) -> Vec<AnswerRecord> {
    let offset = shard.status().get(word::ANSWERS_OFFSET) as usize / 8;
    let words = &shard.output()[offset..offset + shard.status().get(word::ANSWERS) as usize * 8];
    bytemuck::cast_slice(words).to_vec()
}

/// Sends commands as one batch and executes them as one group with the times of the records.
///
/// # Errors
/// What the shard answers.
pub fn execute(shard: &mut Shard, records: &[Record]) -> Result<Vec<Vec<u8>>, Failure> {
    shard.enqueue(&batch_bytes(records))?;
    shard.execute(Stamp::Records)?;
    Ok(emitted(shard))
}

/// The words of a message.
#[must_use]
pub fn words(message: &[u8]) -> Vec<u64> {
    let mut words = vec![0; message.len() / 8];
    bytemuck::cast_slice_mut::<u64, u8>(&mut words).copy_from_slice(message);
    words
}
