//! The exported functions against callers that get everything wrong: an error number each time, never a crash.
use std::ptr::{null, null_mut};

use fulltape_ffi::exports::*;
use fulltape_ffi::status::word;
use fulltape_tape::Record;
use fulltape_tape::codes::ErrorCode;
use fulltape_tape::layout::{AdvanceTime, CommandBatchData, DefineAccount};
use fulltape_tape::message::write_command_batch;
use proptest::prelude::*;

const SMALL: &str = r#"{"maxOrders": 64, "maxAccounts": 16, "maxInstruments": 4}"#;

fn number(code: ErrorCode) -> i32 {
    i32::from(code.number())
}

fn open(config: &str) -> u64 {
    let mut handle = 0;
    // SAFETY: pointers of this frame.
    let code = unsafe { ft_shard_open(config.as_ptr(), config.len(), &raw mut handle) };
    assert_eq!(code, 0, "{}", last_error());
    handle
}

fn last_error() -> String {
    let mut text = [0_u8; 256];
    // SAFETY: a buffer of this frame.
    assert_eq!(unsafe { ft_last_error(text.as_mut_ptr(), text.len()) }, 0);
    let end = text.iter().position(|byte| *byte == 0).expect("terminated");
    String::from_utf8(text[..end].to_vec()).expect("UTF-8")
}

fn enqueue(handle: u64, bytes: &[u8]) -> i32 {
    // SAFETY: bytes of the caller.
    unsafe { ft_shard_enqueue(handle, bytes.as_ptr(), bytes.len()) }
}

fn status(handle: u64) -> [u64; 64] {
    let mut words = null();
    // SAFETY: a pointer of this frame; the block is 64 words until close.
    unsafe {
        assert_eq!(ft_shard_status(handle, &raw mut words), 0);
        *words.cast::<[u64; 64]>()
    }
}

fn batch() -> Vec<u8> {
    let mut words = Vec::new();
    let account = DefineAccount {
        kind: DefineAccount::KIND,
        account_id: 1,
        account_kind: 1,
        initial_state: 1,
        ..DefineAccount::default()
    };
    let time = AdvanceTime {
        kind: AdvanceTime::KIND,
        ..AdvanceTime::default()
    };
    let data = CommandBatchData {
        ack_level: 2,
        command_count: 2,
        deadline_nanos: 44,
        ..Default::default()
    };
    write_command_batch(&mut words, &data, &[Record::of(account), Record::of(time)]);
    bytemuck::cast_slice(&words).to_vec()
}

#[test]
fn null_pointers_are_refused_everywhere() {
    let expected = number(ErrorCode::FfiNullPointer);
    let mut handle = 0;
    // SAFETY: null is what is tested; nothing is dereferenced.
    unsafe {
        assert_eq!(ft_shard_open(null(), 5, &raw mut handle), expected);
        assert_eq!(ft_shard_open(SMALL.as_ptr(), SMALL.len(), null_mut()), expected);
        assert_eq!(ft_last_error(null_mut(), 5), expected);
        let handle = open(SMALL);
        assert_eq!(ft_shard_status(handle, null_mut()), expected);
        assert_eq!(ft_shard_enqueue(handle, null(), 64), expected);
        assert_eq!(ft_shard_apply(handle, null(), 64), expected);
        assert_eq!(ft_shard_state_hash(handle, null_mut()), expected);
        assert_eq!(ft_shard_book(handle, 1, 1, null_mut(), 3), expected);
        assert_eq!(ft_shard_snapshot_take(handle, null_mut(), 64), expected);
        assert_eq!(ft_shard_restore(handle, null(), 64), expected);
        assert_eq!(ft_shard_execute_into(handle, null(), 0, 1, 0, null_mut(), 64), expected);
        let mut out = [0_u64; 8];
        let out = out.as_mut_ptr().cast();
        assert_eq!(ft_shard_execute_into(handle, null(), 64, 1, 0, out, 64), expected);
        assert_eq!(ft_shard_journal_compare(handle, 1, null()), expected);
        assert_eq!(ft_shard_close(handle), 0);
    }
}

#[test]
fn unknown_and_closed_handles_are_refused_everywhere() {
    let closed = open(SMALL);
    assert_eq!(ft_shard_close(closed), 0);
    let another = open(SMALL);
    assert_ne!(another, closed, "a handle is never used again");
    let mut out = [0_u64; 6];
    for handle in [0, closed, u64::MAX, 1 << 40, -1_i64 as u64] {
        let expected = number(ErrorCode::FfiBadHandle);
        assert_eq!(ft_shard_close(handle), expected);
        assert_eq!(enqueue(handle, &batch()), expected);
        assert_eq!(ft_shard_execute(handle, 1, 0), expected);
        assert_eq!(ft_shard_start_epoch(handle, 1), expected);
        assert_eq!(ft_shard_pending(handle), expected);
        assert_eq!(ft_shard_refuse_next(handle, 0), expected);
        assert_eq!(ft_shard_journal_next(handle), expected);
        assert_eq!(ft_shard_journal_quarantine(handle), expected);
        assert_eq!(ft_shard_journal_acknowledge(handle, 1), expected);
        assert_eq!(ft_shard_journal_trim(handle, 1), expected);
        assert_eq!(ft_shard_explain(handle, 1, 2, 0), expected);
        assert_eq!(ft_shard_snapshot_begin(handle), expected);
        assert_eq!(ft_shard_snapshot_advance(handle, 1), expected);
        assert_eq!(ft_shard_snapshot_cancel(handle), expected);
        assert_eq!(ft_shard_restore_advance(handle, 1), expected);
        assert_eq!(ft_shard_restore_finish(handle), expected);
        // SAFETY: buffers of this frame.
        unsafe {
            assert_eq!(ft_shard_apply(handle, out.as_ptr().cast(), 48), expected);
            let bytes = out.as_mut_ptr().cast();
            assert_eq!(ft_shard_execute_into(handle, null(), 0, 1, 0, bytes, 48), expected);
            assert_eq!(ft_shard_snapshot_take(handle, out.as_mut_ptr().cast(), 48), expected);
            assert_eq!(ft_shard_restore(handle, out.as_ptr().cast(), 48), expected);
            assert_eq!(ft_shard_journal_compare(handle, 1, out.as_ptr().cast()), expected);
            assert_eq!(ft_shard_state_hash(handle, out.as_mut_ptr().cast()), expected);
            assert_eq!(ft_shard_book(handle, 1, 1, out.as_mut_ptr(), 6), expected);
            let mut words = null();
            assert_eq!(ft_shard_status(handle, &raw mut words), expected);
        }
    }
    assert_eq!(ft_shard_close(another), 0);
}

#[test]
fn lengths_sides_flags_and_alignment_are_checked() {
    let handle = open(SMALL);
    let mut out = [0_u64; 7];
    // SAFETY: buffers of this frame; the misaligned pointer stays inside one.
    unsafe {
        let misaligned = out.as_mut_ptr().cast::<u8>().add(4).cast::<u64>();
        assert_eq!(
            ft_shard_book(handle, 1, 1, misaligned, 3),
            number(ErrorCode::FfiMisaligned)
        );
        for length in [0, usize::MAX] {
            assert_eq!(
                ft_shard_snapshot_take(handle, out.as_mut_ptr().cast(), length),
                number(ErrorCode::FfiBufferTooSmall)
            );
        }
        assert_eq!(
            ft_shard_restore(handle, out.as_ptr().cast(), usize::MAX),
            number(ErrorCode::BatchTooLarge)
        );
        assert_eq!(
            ft_shard_restore(handle, out.as_ptr().cast(), 56),
            number(ErrorCode::SnapshotCorrupt)
        );
        assert_eq!(ft_shard_restore_advance(handle, 1), number(ErrorCode::InvalidArgument));
        assert_eq!(ft_shard_restore_finish(handle), number(ErrorCode::InvalidArgument));
        assert_eq!(
            ft_shard_book(handle, 1, 1, out.as_mut_ptr(), 2),
            number(ErrorCode::FfiBufferTooSmall)
        );
        assert_eq!(
            ft_shard_book(handle, 1, 1, out.as_mut_ptr(), usize::MAX),
            number(ErrorCode::FfiBufferTooSmall)
        );
        assert_eq!(
            ft_shard_book(handle, 1, 3, out.as_mut_ptr(), 6),
            number(ErrorCode::InvalidArgument)
        );
        assert_eq!(
            ft_shard_book(handle, 9, 1, out.as_mut_ptr(), 6),
            number(ErrorCode::UnknownInstrumentId)
        );
        assert_eq!(
            ft_shard_status(handle, misaligned.cast()),
            number(ErrorCode::FfiMisaligned)
        );
        assert_eq!(
            ft_last_error(out.as_mut_ptr().cast(), 0),
            number(ErrorCode::FfiBufferTooSmall)
        );
        assert_eq!(
            ft_shard_enqueue(handle, out.as_ptr().cast(), usize::MAX),
            number(ErrorCode::BatchTooLarge)
        );
        assert_eq!(
            ft_shard_apply(handle, out.as_ptr().cast(), usize::MAX),
            number(ErrorCode::BatchTooLarge)
        );
        let bytes = out.as_mut_ptr().cast::<u8>();
        let message = batch();
        for (length, now_flags, place, out_length, code) in [
            (0, 2, bytes, 56, ErrorCode::InvalidArgument),
            (0, 0, bytes.add(4), 48, ErrorCode::FfiMisaligned),
            (0, 0, bytes, usize::MAX, ErrorCode::BatchTooLarge),
            (usize::MAX, 0, bytes, 56, ErrorCode::BatchTooLarge),
            (40, 0, bytes, 56, ErrorCode::MalformedCommandMessage),
        ] {
            let result = ft_shard_execute_into(handle, message.as_ptr(), length, 1, now_flags, place, out_length);
            assert_eq!(result, number(code), "{length} {out_length}");
        }
        for shift in [0, 8, 48] {
            assert_eq!(
                ft_shard_execute_into(handle, bytes.add(shift), 8, 1, 0, bytes, 56),
                number(ErrorCode::InvalidArgument),
                "the output would be written over the message"
            );
        }
        assert_eq!(
            status(handle)[word::INPUT_RECORDS],
            0,
            "a refused call leaves the input alone"
        );
        assert_eq!(ft_last_error(out.as_mut_ptr().cast(), 1), 0);
        assert_eq!(out[0] & 0xff, 0, "one byte holds the terminating zero");
    }
    assert_eq!(ft_shard_execute(handle, 1, 2), number(ErrorCode::InvalidArgument));
    assert_eq!(ft_shard_execute(handle, u64::MAX, 0), 0, "an empty group is nothing");
    assert_eq!(ft_shard_start_epoch(handle, 0), number(ErrorCode::InvalidArgument));
    for bytes in [&[] as &[u8], &[1], &[0; 8], &[0; 15], &[0xff; 64]] {
        assert_eq!(
            enqueue(handle, bytes),
            number(ErrorCode::MalformedCommandMessage),
            "{bytes:?}"
        );
        assert_eq!(ft_shard_close(u64::MAX), number(ErrorCode::FfiBadHandle));
    }
    for config in [
        "",
        "{",
        "[]",
        r#"{"shard": -1}"#,
        r#"{"nonsense": 1}"#,
        "{\"shard\": 1e99}",
    ] {
        let mut handle = 7;
        // SAFETY: pointers of this frame.
        let code = unsafe { ft_shard_open(config.as_ptr(), config.len(), &raw mut handle) };
        assert_eq!(code, number(ErrorCode::FfiBadConfig), "{config}");
        assert!(!last_error().is_empty());
        assert_eq!(handle, 0);
    }
    assert_eq!(ft_shard_close(handle), 0);
}

#[test]
fn a_message_at_any_alignment_is_taken_and_described() {
    let handle = open(SMALL);
    let message = batch();
    for shift in 0..8 {
        let mut buffer = vec![0_u8; shift];
        buffer.extend_from_slice(&message);
        assert_eq!(enqueue(handle, &buffer[shift..]), 0);
    }
    let words = status(handle);
    assert_eq!(words[word::INPUT_RECORDS], 16);
    assert_eq!(words[word::BATCH_ACK_LEVEL..=word::BATCH_RECORDS], [2, 0, 2, 44, 2]);
    assert_eq!(ft_shard_execute(handle, 5_000, 0), 0);
    let words = status(handle);
    assert_eq!(
        (words[word::NEXT_COMMAND], words[word::ANSWERS], words[word::TIME]),
        (17, 16, 5_000)
    );
    assert_eq!(
        (
            words[word::COMMITS],
            words[word::HEAD_COMMIT],
            words[word::INPUT_RECORDS]
        ),
        (1, 1, 0)
    );
    assert_eq!(ft_abi_version(), 2);
    assert_eq!(ft_shard_close(handle), 0);
}

/// Answers and commits as they stand in the output that begins at `output`.
fn contents(handle: u64, output: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let words = status(handle);
    let word_at = |at: usize| u64::from_le_bytes(output[at..at + 8].try_into().expect("eight bytes")) as usize;
    let table = words[word::TABLE_OFFSET] as usize;
    let commits = (0..words[word::COMMITS] as usize)
        .map(|at| {
            let start = word_at(table + at * 16);
            output[start..start + word_at(table + at * 16 + 8)].to_vec()
        })
        .collect();
    let answers = words[word::ANSWERS_OFFSET] as usize;
    (
        output[answers..answers + words[word::ANSWERS] as usize * 64].to_vec(),
        commits,
    )
}

#[test]
fn output_of_any_length_gives_the_same_bytes_in_the_callers_memory_or_beside_it() {
    // Small commits, so that one group gives several.
    let config = r#"{"maxOrders": 64, "maxAccounts": 16, "maxInstruments": 4, "commitBytesMax": 1024, "stateHashEveryCommits": 2}"#;
    let (plain, lending) = (open(config), open(config));
    let mut seen = [0, 0];
    for round in 0..400_u64 {
        let message = batch();
        for _ in 0..round % 40 {
            assert_eq!(enqueue(plain, &message), 0);
            assert_eq!(enqueue(lending, &message), 0);
        }
        assert_eq!(enqueue(plain, &message), 0);
        assert_eq!(ft_shard_execute(plain, round, 0), 0);
        let words = status(plain);
        assert_eq!(words[word::OUTPUT_IS_LENT], 0);
        // SAFETY: the shard's own output is valid until its next call.
        let own = unsafe {
            core::slice::from_raw_parts(
                words[word::OUTPUT_ADDRESS] as *const u8,
                words[word::OUTPUT_BYTES] as usize,
            )
        };
        let expected = contents(plain, own);

        // Whatever stood there before is not part of what stands there afterwards.
        let mut out = vec![round.wrapping_mul(0x9e37_79b9_7f4a_7c15); (round * 53 % 4_000) as usize + 1];
        let guard = out.len() / 2;
        // SAFETY: memory of this frame; the second half of it is not lent.
        let code = unsafe {
            let bytes = out.as_mut_ptr().cast::<u8>();
            ft_shard_execute_into(lending, message.as_ptr(), message.len(), round, 0, bytes, guard * 8)
        };
        assert_eq!(code, 0, "{}", last_error());
        let words = status(lending);
        let is_lent = words[word::OUTPUT_IS_LENT] == 1;
        seen[usize::from(is_lent)] += 1;
        let output = if is_lent {
            assert_eq!(words[word::OUTPUT_ADDRESS], out.as_ptr().addr() as u64);
            bytemuck::cast_slice(&out[..guard])
        } else {
            assert!(words[word::OUTPUT_BYTES] as usize > guard * 8, "what fits is not moved");
            // SAFETY: as above.
            unsafe {
                core::slice::from_raw_parts(
                    words[word::OUTPUT_ADDRESS] as *const u8,
                    words[word::OUTPUT_BYTES] as usize,
                )
            }
        };
        assert!(contents(lending, output) == expected, "round {round}");
        let untouched = round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert!(
            out[guard..].iter().all(|word| *word == untouched),
            "what is not lent is not written"
        );
    }
    assert!(seen[0] > 20 && seen[1] > 20, "both ways are met: {seen:?}");
    assert_eq!(ft_shard_close(plain), 0);
    assert_eq!(ft_shard_close(lending), 0);
}

#[test]
fn a_batch_beyond_the_input_leaves_it_as_it_was() {
    let handle = open(SMALL);
    let time = Record::of(AdvanceTime {
        kind: AdvanceTime::KIND,
        ..AdvanceTime::default()
    });
    let message = |count: usize| {
        let mut words = Vec::new();
        let data = CommandBatchData {
            command_count: count as u32,
            ..Default::default()
        };
        write_command_batch(&mut words, &data, &vec![time; count]);
        bytemuck::cast_slice::<u64, u8>(&words).to_vec()
    };
    assert_eq!(enqueue(handle, &message(65_000)), 0);
    assert_eq!(enqueue(handle, &message(600)), number(ErrorCode::BatchTooLarge));
    assert_eq!(status(handle)[word::INPUT_RECORDS], 65_000);
    assert_eq!(enqueue(handle, &message(536)), 0);
    assert_eq!(ft_shard_execute(handle, 1, 0), 0);
    assert_eq!(status(handle)[word::NEXT_COMMAND], 65_537);
    assert_eq!(ft_shard_close(handle), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_messages_never_crash_and_a_refused_one_changes_nothing(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        thread_local! { static HANDLE: u64 = open(SMALL); }
        let handle = HANDLE.with(|handle| *handle);
        let mut message = batch();
        for (at, value) in &flips {
            let at = at.index(message.len());
            message[at] ^= *value;
        }
        if let Some(cut) = cut {
            message.truncate(cut.index(message.len()));
        }
        let waiting = status(handle)[word::INPUT_RECORDS];
        let code = enqueue(handle, &message);
        let known = [ErrorCode::MalformedCommandMessage, ErrorCode::UnknownCommandKind, ErrorCode::BatchTooLarge];
        prop_assert!(code == 0 || known.map(number).contains(&code), "code {code}");
        if code != 0 {
            prop_assert_eq!(status(handle)[word::INPUT_RECORDS], waiting);
        }
        // What was accepted is executed: any record has an outcome. So is what comes with the call itself.
        let mut out = vec![0_u64; flips.len() * 40];
        // SAFETY: memory of this frame.
        let code = unsafe {
            let out_bytes = out.as_mut_ptr().cast();
            ft_shard_execute_into(handle, message.as_ptr(), message.len(), 1, 1, out_bytes, out.len() * 8)
        };
        prop_assert!(code == 0 || known.map(number).contains(&code), "code {code}");
        prop_assert_eq!(ft_shard_execute(handle, 1, 1), 0);
        // SAFETY: bytes of this frame.
        let applied = unsafe { ft_shard_apply(handle, message.as_ptr(), message.len()) };
        prop_assert!(applied == number(ErrorCode::TapeCorrupt) || applied == number(ErrorCode::MalformedCommandMessage));
    }
}
