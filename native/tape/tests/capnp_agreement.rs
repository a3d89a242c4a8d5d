//! The second opinion: what we write in place is read by the `capnp` crate through generated code, field by field, and what
//! the crate builds is read by us.

#[rustfmt::skip]
#[allow(missing_docs, clippy::all, clippy::disallowed_types, unused_qualifications)]
mod tape_capnp;

use std::collections::BTreeMap;

use capnp::message::{Builder, ReaderOptions};
use capnp::serialize;
use fulltape_tape::Record;
use fulltape_tape::layout::*;
use fulltape_tape::message::*;
use fulltape_tape::record::EXTENSION_KIND_MAX;

fn bytes(words: &[u64]) -> &[u8] {
    bytemuck::cast_slice(words)
}

fn words(bytes: &[u8]) -> Vec<u64> {
    let mut words = vec![0; bytes.len() / 8];
    bytemuck::cast_slice_mut::<u64, u8>(&mut words).copy_from_slice(bytes);
    words
}

/// A record of a kind in which every byte of every field differs from zero and from its neighbours.
fn filled(kind: u16, seed: u8) -> Record {
    let mut raw = [0_u8; 64];
    for (at, byte) in raw.iter_mut().enumerate() {
        *byte = ((at * 37 + usize::from(seed) * 11) % 255) as u8 + 1;
    }
    // Both kinds of record keep their kind in bytes 2 and 3; extension counts are set by the caller.
    raw[2..4].copy_from_slice(&kind.to_le_bytes());
    Record::of(raw)
}

/// `Name { account_id: 1, … }` as field and value.
fn our_fields(debug: &str) -> BTreeMap<String, String> {
    let body = debug.split_once('{').expect("a struct").1.trim_end_matches('}');
    let mut fields = BTreeMap::new();
    let mut rest = body.trim();
    while let Some((name, after)) = rest.split_once(": ") {
        let end = if after.starts_with('[') {
            after.find(']').expect("closed") + 1
        } else {
            after.find([',', ' ']).unwrap_or(after.len())
        };
        fields.insert(name.trim().to_owned(), after[..end].to_owned());
        rest = after[end..].trim_start_matches([',', ' ']);
    }
    let padding = |name: &str| {
        name.strip_prefix("reserved")
            .is_some_and(|rest| rest.parse::<u8>().is_ok())
    };
    fields.retain(|name, _| !padding(name) && name != "kind");
    fields
}

/// `(extensionCount = 1, placeOrder = (accountId = 1, …))` as field and value, groups flattened.
fn their_fields(debug: &str) -> BTreeMap<String, String> {
    let flat = debug.replace(['(', ')'], "");
    let mut fields = BTreeMap::new();
    for pair in flat.split(", ") {
        let parts: Vec<_> = pair.split(" = ").collect();
        let [.., name, value] = parts.as_slice() else { continue };
        let mut snake = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        }
        fields.insert(snake, (*value).to_owned());
    }
    fields
}

macro_rules! views {
    ($record:expr, $($kind:ident),*) => {
        match $record.kind() {
            $($kind::KIND => our_fields(&format!("{:?}", $record.view::<$kind>())),)*
            other => panic!("no layout for kind {other}"),
        }
    };
}

fn our_command(record: &Record) -> BTreeMap<String, String> {
    views!(
        record,
        PlaceOrder,
        AmendOrder,
        CancelOrder,
        CancelAllOrders,
        MoveCash,
        MovePosition,
        DefineInstrument,
        DefineAccount,
        SetTradingState,
        SetReferencePrice,
        AdvanceTime,
        SetRiskLimits,
        SetRestriction,
        SetSession,
        SettleInstrument,
        KeepAlive,
        TransferAllotment,
        SetTripRule,
        ClientOrder,
        OriginalClientOrder,
        OrderTerms,
        ListLink,
        InstrumentSymbol,
        DerivativeTerms,
        TickBand,
        RiskLimits,
        RiskRates,
        Causation,
        SessionPlan
    )
}

fn our_report(record: &Record) -> BTreeMap<String, String> {
    views!(
        record,
        OrderStateReport,
        TradeReport,
        PositionChangedReport,
        BalanceChangedReport,
        BookLevelReport,
        InstrumentStateReport,
        AccountStateReport,
        RefusalReport,
        DoneReport,
        TradeDetailReport,
        OrderDetailReport
    )
}

fn set_command_extensions(record: &mut Record, count: u8) {
    record.words_mut()[0] = (record.words()[0] & !0xff) | u64::from(count);
}

fn set_report_extensions(record: &mut Record, count: u8) {
    record.words_mut()[0] = (record.words()[0] & !0xff00) | (u64::from(count) << 8);
}

/// Every primary kind, each followed by extensions until every extension kind has been shown.
fn all_commands() -> Vec<Record> {
    let mut extension = 19_u16;
    let mut records = Vec::new();
    for kind in 1..=18 {
        let at = records.len();
        records.push(filled(kind, kind as u8));
        let mut count = 0;
        while extension <= EXTENSION_KIND_MAX && count < 2 {
            let mut record = filled(extension, extension as u8);
            set_command_extensions(&mut record, 0);
            records.push(record);
            extension += 1;
            count += 1;
        }
        set_command_extensions(&mut records[at], count);
    }
    records
}

fn all_reports() -> Vec<Record> {
    let mut records = Vec::new();
    for kind in 1..=9 {
        let mut record = filled(kind, kind as u8 + 40);
        let extension = match kind {
            1 => Some(OrderDetailReport::KIND),
            2 => Some(TradeDetailReport::KIND),
            _ => None,
        };
        set_report_extensions(&mut record, u8::from(extension.is_some()));
        records.push(record);
        if let Some(kind) = extension {
            let mut record = filled(kind, 90);
            set_report_extensions(&mut record, 0);
            records.push(record);
        }
    }
    records
}

fn header() -> CommitData {
    CommitData {
        first_command_number: 11,
        epoch: 12,
        commit_number: 13,
        shard: 14,
        flags: 5,
        command_count: 18,
        part: 16,
        engine_version: 17,
        last_part: 1,
        previous_hash0: 21,
        previous_hash1: 22,
        previous_hash2: 23,
        previous_hash3: 24,
        state_hash0: 31,
        state_hash1: 32,
        ..CommitData::default()
    }
}

#[test]
fn the_capnp_crate_reads_our_commit_field_by_field() {
    let (commands, reports) = (all_commands(), all_reports());
    // In the middle of a buffer, as the engine writes it.
    let mut out = vec![7_u64; 5];
    let start = begin_commit(&mut out);
    for report in &reports {
        push_record(&mut out, report);
    }
    let hash = finish_commit(&mut out, start, &header(), &commands);
    let message = &out[start..];
    assert_eq!(message.len() * 8, commit_bytes(commands.len(), reports.len()));

    let reader = serialize::read_message(bytes(message), ReaderOptions::new()).expect("reads");
    let commit = reader.get_root::<tape_capnp::commit::Reader<'_>>().expect("a commit");
    assert_eq!(
        (
            commit.get_first_command_number(),
            commit.get_epoch(),
            commit.get_commit_number()
        ),
        (11, 12, 13)
    );
    assert_eq!(
        (commit.get_shard(), commit.get_flags(), commit.get_command_count()),
        (14, 5, 18)
    );
    assert_eq!(
        (commit.get_part(), commit.get_engine_version(), commit.get_last_part()),
        (16, 17, 1)
    );
    let previous = [
        commit.get_previous_hash0(),
        commit.get_previous_hash1(),
        commit.get_previous_hash2(),
        commit.get_previous_hash3(),
    ];
    assert_eq!(previous, [21, 22, 23, 24]);
    assert_eq!(
        [
            commit.get_hash0(),
            commit.get_hash1(),
            commit.get_hash2(),
            commit.get_hash3()
        ],
        hash
    );
    assert_eq!([commit.get_state_hash0(), commit.get_state_hash1()], [31, 32]);
    assert!(commit.get_attachment().expect("empty").is_empty());

    let theirs = commit.get_commands().expect("commands");
    assert_eq!(theirs.len() as usize, commands.len());
    for (ours, theirs) in commands.iter().zip(theirs) {
        let expected = our_command(ours);
        assert!(expected.len() > 4, "kind {} has fields", ours.kind());
        assert_eq!(
            expected,
            their_fields(&format!("{theirs:?}")),
            "command kind {}",
            ours.kind()
        );
    }
    let theirs = commit.get_reports().expect("reports");
    assert_eq!(theirs.len() as usize, reports.len());
    for (ours, theirs) in reports.iter().zip(theirs) {
        assert_eq!(
            our_report(ours),
            their_fields(&format!("{theirs:?}")),
            "report kind {}",
            ours.kind()
        );
    }

    let ours = parse_commit(message).expect("our own reader agrees");
    assert_eq!((ours.commands, ours.reports), (commands.as_slice(), reports.as_slice()));
    assert_eq!(ours.hash(), hash);
    assert_eq!(fulltape_tape::chain::commit_hash(message), hash);
}

#[test]
fn the_capnp_crate_reads_our_batch_and_answer() {
    let commands = all_commands();
    let data = CommandBatchData {
        ack_level: 2,
        flags: 1,
        command_count: 18,
        deadline_nanos: 99,
        ..Default::default()
    };
    let mut out = Vec::new();
    write_command_batch(&mut out, &data, &commands);
    let reader = serialize::read_message(bytes(&out), ReaderOptions::new()).expect("reads");
    let batch = reader
        .get_root::<tape_capnp::command_batch::Reader<'_>>()
        .expect("a batch");
    assert_eq!(
        (batch.get_ack_level(), batch.get_flags(), batch.get_command_count()),
        (2, 1, 18)
    );
    assert_eq!(
        (
            batch.get_deadline_nanos(),
            batch.get_commands().expect("commands").len()
        ),
        (99, commands.len() as u32)
    );
    assert_eq!(parse_command_batch(&out).expect("ours").records, commands);

    let answer: AnswerRecord = *filled(0, 3).view();
    let head = CommandBatchAnswerData {
        code: 1,
        ack_level: 2,
        shard: 3,
        epoch: 4,
        first_command_number: 5,
        last_command_number: 6,
        stream_sequence: 7,
        retry_after_ms: 8,
        ..Default::default()
    };
    let mut out = Vec::new();
    write_command_batch_answer(&mut out, &head, &[answer, answer]);
    let reader = serialize::read_message(bytes(&out), ReaderOptions::new()).expect("reads");
    let theirs = reader
        .get_root::<tape_capnp::command_batch_answer::Reader<'_>>()
        .expect("an answer");
    assert_eq!(
        (
            theirs.get_code(),
            theirs.get_ack_level(),
            theirs.get_shard(),
            theirs.get_epoch()
        ),
        (1, 2, 3, 4)
    );
    assert_eq!(
        (theirs.get_first_command_number(), theirs.get_last_command_number()),
        (5, 6)
    );
    assert_eq!((theirs.get_stream_sequence(), theirs.get_retry_after_ms()), (7, 8));
    let answers = theirs.get_answers().expect("answers");
    assert_eq!(answers.len(), 2);
    for theirs in answers {
        assert_eq!(our_fields(&format!("{answer:?}")), their_fields(&format!("{theirs:?}")));
    }
}

#[test]
fn we_read_what_the_capnp_crate_builds() {
    let mut message = Builder::new_default();
    let mut batch = message.init_root::<tape_capnp::command_batch::Builder<'_>>();
    batch.set_ack_level(2);
    batch.set_command_count(2);
    batch.set_deadline_nanos(5);
    let mut commands = batch.init_commands(3);
    {
        let mut record = commands.reborrow().get(0);
        record.set_extension_count(1);
        record.set_session_id(77);
        let mut place = record.init_place_order();
        place.set_account_id(3);
        place.set_instrument_id(4);
        place.set_price_ticks(-5);
        place.set_quantity_lots(6);
        place.set_side(1);
        place.set_order_type(2);
        place.set_time_in_force(8);
        place.set_instructions(0x102);
    }
    {
        let mut client = commands.reborrow().get(1).init_client_order();
        client.set_text0(0x6162_6364);
        client.set_correlation_id(u64::MAX);
    }
    {
        let mut cancel = commands.reborrow().get(2).init_cancel_order();
        cancel.set_account_id(3);
        cancel.set_order_id(u64::MAX);
    }
    let words = words(&serialize::write_message_to_words(&message));
    let ours = parse_command_batch(&words).expect("accepted");
    assert_eq!(
        (ours.data.ack_level, ours.data.command_count, ours.data.deadline_nanos),
        (2, 2, 5)
    );
    let place: &PlaceOrder = ours.records[0].view();
    assert_eq!(
        (place.extension_count, place.session_id, place.kind),
        (1, 77, PlaceOrder::KIND)
    );
    assert_eq!(
        (
            place.account_id,
            place.instrument_id,
            place.price_ticks,
            place.quantity_lots
        ),
        (3, 4, -5, 6)
    );
    assert_eq!(
        (place.side, place.order_type, place.time_in_force, place.instructions),
        (1, 2, 8, 0x102)
    );
    let client: &ClientOrder = ours.records[1].view();
    assert_eq!((client.text0, client.correlation_id), (0x6162_6364, u64::MAX));
    assert_eq!(ours.records[2].view::<CancelOrder>().order_id, u64::MAX);

    let mut empty = Builder::new_default();
    empty.init_root::<tape_capnp::command_batch::Builder<'_>>();
    let words = self::words(&serialize::write_message_to_words(&empty));
    assert!(
        parse_command_batch(&words)
            .expect("an empty batch is a batch")
            .records
            .is_empty()
    );
}

#[test]
fn broken_messages_are_named_and_never_read_past_their_end() {
    let mut good = Vec::new();
    let data = CommandBatchData {
        command_count: 18,
        ..Default::default()
    };
    write_command_batch(&mut good, &data, &all_commands());
    parse_command_batch(&good).expect("whole");
    for cut in 0..good.len() {
        parse_command_batch(&good[..cut]).expect_err("cut");
        parse_commit(&good[..cut]).expect_err("cut");
    }
    let mut state = 1_u64;
    for _ in 0..200_000 {
        let mut bad = good.clone();
        for _ in 0..1 + state % 3 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Heads and pointers matter most.
            let at = if state & 1 == 0 {
                (state >> 33) as usize % 8
            } else {
                (state >> 33) as usize % bad.len()
            };
            bad[at] ^= 1 << ((state >> 20) % 64);
        }
        // Accepted or refused: either is an answer, a panic is not.
        if let Ok(batch) = parse_command_batch(&bad) {
            assert!(batch.records.len() <= bad.len() / 8);
        }
        let _ = parse_commit(&bad);
    }
    for (kind, expected) in [
        (0, MessageError::Malformed("a record of kind 0")),
        (
            EXTENSION_KIND_MAX + 1,
            MessageError::UnknownKind(EXTENSION_KIND_MAX + 1),
        ),
    ] {
        let mut record = filled(kind, 1);
        set_command_extensions(&mut record, 0);
        let mut out = Vec::new();
        write_command_batch(
            &mut out,
            &CommandBatchData {
                command_count: 1,
                ..Default::default()
            },
            &[record],
        );
        assert_eq!(parse_command_batch(&out).expect_err("refused"), expected);
    }
}
