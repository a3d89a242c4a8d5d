//! The first path through a shard: define, deposit, place, trade, cancel; and the same by following the tape.
use fulltape_ffi::status::word;
use fulltape_ffi::{Shard, ShardConfig, Stamp};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, Side, account_permission};

fn commits(shard: &Shard) -> Vec<Vec<u8>> {
    let output = shard.output();
    (0..shard.status().get(word::COMMITS) as usize)
        .map(|at| {
            let (offset, length) = (output[at * 2] as usize, output[at * 2 + 1] as usize);
            bytemuck::cast_slice::<u64, u8>(output)[offset..offset + length].to_vec()
        })
        .collect()
}

#[test]
fn a_small_session_and_its_replay() {
    let mut shard = Shard::open(ShardConfig {
        state_hash_every_commits: 1,
        ..ShardConfig::default()
    })
    .expect("opens");
    let mut follower = Shard::open(ShardConfig {
        state_hash_every_commits: 1,
        ..ShardConfig::default()
    })
    .expect("opens");
    shard.start_epoch(1).expect("starts");
    let mut tape = commits(&shard);
    let mut send = |records: &[Record], now: u64| {
        shard.enqueue(&batch_bytes(records)).expect("enqueues");
        shard.execute(Stamp::Now(now)).expect("executes");
        tape.extend(commits(&shard));
    };
    let mut setup = vec![];
    setup.extend(instrument(7, -10, 100));
    setup.push(Record::of(account(1, AccountKind::Cash, 0)));
    setup.push(Record::of(account(
        2,
        AccountKind::Margin,
        account_permission::SHORT_SALE,
    )));
    setup.push(Record::of(cash(1, 1_000_000)));
    send(&setup, 1_000);
    send(
        &[
            Record::of(limit(2, 7, Side::Sell, 100, 10)),
            Record::of(limit(1, 7, Side::Buy, 101, 4)),
        ],
        2_000,
    );
    send(&[Record::of(market(1, 7, Side::Buy, 100))], 3_000);
    send(&[Record::of(limit(1, 7, Side::Buy, 50, 4))], 4_000);
    send(&[Record::of(cancel(1, 7, 8))], 5_000);
    shard.engine().assert_consistent();
    assert_eq!(shard.engine().trades(), 2);
    for message in &tape {
        follower.apply(message).expect("applies");
    }
    assert_eq!(follower.head(), shard.head());
    assert_eq!(follower.state_hash(), shard.state_hash());
}
