//! Building commands and batches for tests and benches.

use fulltape_tape::Record;
use fulltape_tape::codes::{
    AccountKind, CashReason, ExerciseStyle, InstrumentKind, OptionKind, OrderType, Side, StateReason, TimeInForce,
    TradingPhase, TradingState,
};
use fulltape_tape::layout::{
    AmendOrder, CancelOrder, ClientOrder, CommandBatchData, DefineAccount, DefineInstrument, DerivativeTerms,
    InstrumentSymbol, MoveCash, PlaceOrder, RiskRates, SetSession, SetTripRule, SettleInstrument, TickBand,
};
use fulltape_tape::message::write_command_batch;

/// Settlement currency of test instruments.
pub const CURRENCY: u16 = 1;

/// A limit order, good till cancelled.
#[must_use]
pub fn limit(account_id: u32, instrument_id: u32, side: Side, price_ticks: i64, quantity_lots: i64) -> PlaceOrder {
    PlaceOrder {
        kind: PlaceOrder::KIND,
        account_id,
        instrument_id,
        price_ticks,
        quantity_lots,
        side: side.number(),
        order_type: OrderType::Limit.number(),
        time_in_force: TimeInForce::GoodTillCancel.number(),
        ..PlaceOrder::default()
    }
}

/// A market order.
#[must_use]
pub fn market(account_id: u32, instrument_id: u32, side: Side, quantity_lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::Market.number(),
        time_in_force: TimeInForce::ImmediateOrCancel.number(),
        ..limit(account_id, instrument_id, side, 0, quantity_lots)
    }
}

/// A cancel by order id.
#[must_use]
pub fn cancel(account_id: u32, instrument_id: u32, order_id: u64) -> CancelOrder {
    CancelOrder {
        kind: CancelOrder::KIND,
        account_id,
        instrument_id,
        order_id,
        ..CancelOrder::default()
    }
}

/// An amend by order id; which fields apply is in `flags`.
#[must_use]
pub fn amend(account_id: u32, order_id: u64, flags: u16, price_ticks: i64, quantity_lots: i64) -> AmendOrder {
    AmendOrder {
        flags: flags as u8,
        kind: AmendOrder::KIND,
        account_id,
        order_id,
        price_ticks,
        quantity_lots,
        ..AmendOrder::default()
    }
}

/// Cash in or out.
#[must_use]
pub fn cash(account_id: u32, amount_units: i64) -> MoveCash {
    let reason = if amount_units < 0 {
        CashReason::Withdrawal
    } else {
        CashReason::Deposit
    };
    MoveCash {
        kind: MoveCash::KIND,
        account_id,
        currency_id: CURRENCY,
        reason: u16::from(reason.number()),
        amount_units,
        ..MoveCash::default()
    }
}

/// An active account.
#[must_use]
pub fn account(account_id: u32, kind: AccountKind, permissions: u16) -> DefineAccount {
    DefineAccount {
        kind: DefineAccount::KIND,
        account_id,
        account_kind: kind.number(),
        initial_state: TradingState::Active.number(),
        permissions,
        ..DefineAccount::default()
    }
}

/// A phase of an instrument, as an operator sets it.
#[must_use]
pub fn session(instrument_id: u32, phase: TradingPhase) -> SetSession {
    SetSession {
        kind: SetSession::KIND,
        instrument_id,
        phase: phase.number(),
        reason: u16::from(StateReason::Operator.number()),
        ..SetSession::default()
    }
}

/// An active equity with these fees in parts per million, and its symbol record.
#[must_use]
pub fn instrument(instrument_id: u32, maker_fee_ppm: i32, taker_fee_ppm: i32) -> [Record; 2] {
    let definition = DefineInstrument {
        extension_count: 1,
        kind: DefineInstrument::KIND,
        instrument_id,
        underlying_id: instrument_id,
        units_per_tick_lot: 3,
        instrument_kind: InstrumentKind::Equity.number(),
        initial_state: TradingState::Active.number(),
        currency_id: CURRENCY,
        maker_fee_ppm,
        taker_fee_ppm,
        ..DefineInstrument::default()
    };
    let symbol = InstrumentSymbol {
        kind: InstrumentSymbol::KIND,
        tick_mantissa: 1,
        lot_mantissa: 1,
        tick_exponent: 2,
        money_exponent: 8,
        text0: u64::from(instrument_id) + 0x4141_4100,
        ..InstrumentSymbol::default()
    };
    [Record::of(definition), Record::of(symbol)]
}

/// An active future on `underlying_id` (its own where that is 0) that never expires: 3 units a tick and lot, initial
/// margin 20 %, maintenance margin 15 %. Its ticks are as large as those of [`instrument`].
#[must_use]
pub fn future(instrument_id: u32, underlying_id: u32, maker_fee_ppm: i32, taker_fee_ppm: i32) -> [Record; 3] {
    let [definition, symbol] = instrument(instrument_id, maker_fee_ppm, taker_fee_ppm);
    let definition = DefineInstrument {
        extension_count: 2,
        underlying_id,
        instrument_kind: InstrumentKind::Future.number(),
        ..*definition.view()
    };
    let symbol = InstrumentSymbol {
        money_exponent: 2,
        ..*symbol.view()
    };
    let terms = DerivativeTerms {
        kind: DerivativeTerms::KIND,
        multiplier: 3,
        initial_margin_ppm: 200_000,
        maintenance_margin_ppm: 150_000,
        ..DerivativeTerms::default()
    };
    [Record::of(definition), Record::of(symbol), Record::of(terms)]
}

/// An active European option on `underlying_id`: 3 units a tick and lot, of its own as of the underlying; fees are 0,
/// margins as of [`future`].
#[must_use]
pub fn option(
    instrument_id: u32,
    underlying_id: u32,
    option_kind: OptionKind,
    strike_ticks: i64,
    expiry_nanos: u64,
) -> [Record; 3] {
    let [definition, symbol, terms] = future(instrument_id, underlying_id, 0, 0);
    let definition = DefineInstrument {
        instrument_kind: InstrumentKind::Option.number(),
        ..*definition.view()
    };
    let terms = DerivativeTerms {
        expiry_nanos,
        strike_ticks,
        option_kind: option_kind.number(),
        exercise_style: ExerciseStyle::European.number(),
        ..*terms.view()
    };
    [Record::of(definition), symbol, Record::of(terms)]
}

/// A settlement.
#[must_use]
pub fn settle(instrument_id: u32, settlement_price_ticks: i64) -> SettleInstrument {
    SettleInstrument {
        kind: SettleInstrument::KIND,
        instrument_id,
        settlement_price_ticks,
        ..SettleInstrument::default()
    }
}

/// A definition with a tick table: first price and step of each band.
#[must_use]
pub fn banded(definition: [Record; 2], bands: &[(i64, u32)]) -> Vec<Record> {
    let mut records = definition.to_vec();
    for pair in bands.chunks(2) {
        let second = pair.get(1).copied().unwrap_or_default();
        records.push(Record::of(TickBand {
            kind: TickBand::KIND,
            from_price_ticks0: pair[0].0,
            step_ticks0: pair[0].1,
            from_price_ticks1: second.0,
            step_ticks1: second.1,
            ..TickBand::default()
        }));
    }
    let extensions = records.len() as u64 - 1;
    records[0].words_mut()[0] = (records[0].words()[0] & !0xff) | extensions;
    records
}

/// A definition of what is no derivative, with margin rates in parts per million.
#[must_use]
pub fn margined(mut definition: Vec<Record>, initial: u32, maintenance: u32) -> Vec<Record> {
    definition.push(Record::of(DerivativeTerms {
        kind: DerivativeTerms::KIND,
        initial_margin_ppm: initial,
        maintenance_margin_ppm: maintenance,
        ..DerivativeTerms::default()
    }));
    let extensions = definition.len() as u64 - 1;
    definition[0].words_mut()[0] = (definition[0].words()[0] & !0xff) | extensions;
    definition
}

/// A client order id record.
///
/// # Panics
/// When the text is longer than 40 bytes.
#[must_use]
pub fn client_order(text: &str) -> ClientOrder {
    let mut words = [0; 5];
    bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..text.len()].copy_from_slice(text.as_bytes());
    let [text0, text1, text2, text3, text4] = words;
    ClientOrder {
        kind: ClientOrder::KIND,
        text0,
        text1,
        text2,
        text3,
        text4,
        ..ClientOrder::default()
    }
}

/// Primary records in a list of chains.
#[must_use]
pub fn primaries(records: &[Record]) -> u32 {
    records
        .iter()
        .filter(|record| record.kind() <= fulltape_tape::record::COMMAND_KIND_MAX)
        .count() as u32
}

/// The bytes of a batch message.
#[must_use]
pub fn batch_bytes(records: &[Record]) -> Vec<u8> {
    let mut words = Vec::new();
    let data = CommandBatchData {
        ack_level: 2,
        command_count: primaries(records),
        ..CommandBatchData::default()
    };
    write_command_batch(&mut words, &data, records);
    bytemuck::cast_slice(&words).to_vec()
}

/// Leaves out of a command what would count refused commands, for tests of what a refusal must not change.
pub fn leave_out_counters(records: &mut [Record]) {
    for record in records.iter_mut() {
        if record.kind() == RiskRates::KIND {
            let rates: RiskRates = *record.view();
            *record = Record::of(RiskRates {
                orders_per_second: 0,
                burst_orders: 0,
                ..rates
            });
        }
        if record.kind() == SetTripRule::KIND {
            let rule: SetTripRule = *record.view();
            *record = Record::of(SetTripRule { threshold: 0, ..rule });
        }
    }
}
