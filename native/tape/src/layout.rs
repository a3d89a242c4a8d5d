// Generated from schemas/ by `npm run schemas`. Do not edit.

//! Record layouts of the tape, field by field where the Cap'n Proto compiler puts them.

use bytemuck::{Pod, Zeroable};

/// What every kind of `CommandRecord` shares.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct CommandRecordHead {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// Always zero.
    pub reserved0: [u8; 32],
    /// Always zero.
    pub reserved1: [u8; 16],
}
const _: () = assert!(core::mem::size_of::<CommandRecordHead>() == 64);
const _: () = assert!(core::mem::offset_of!(CommandRecordHead, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(CommandRecordHead, flags) == 1);
const _: () = assert!(core::mem::offset_of!(CommandRecordHead, kind) == 2);
const _: () = assert!(core::mem::offset_of!(CommandRecordHead, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(CommandRecordHead, time_nanos) == 8);

/// `CommandRecord`, kind 1 (`placeOrder`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct PlaceOrder {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub side: u8,
    /// See `schemas/tape.md`.
    pub order_type: u8,
    /// See `schemas/tape.md`.
    pub time_in_force: u8,
    /// See `schemas/tape.md`.
    pub self_trade_prevention: u8,
    /// See `schemas/tape.md`.
    pub instructions: u16,
    /// See `schemas/tape.md`.
    pub trigger_source: u8,
    /// See `schemas/tape.md`.
    pub peg_kind: u8,
    /// See `schemas/tape.md`.
    pub stop_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub display_quantity_lots: i64,
}
const _: () = assert!(core::mem::size_of::<PlaceOrder>() == 64);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, flags) == 1);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, kind) == 2);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, price_ticks) == 24);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, quantity_lots) == 32);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, side) == 40);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, order_type) == 41);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, time_in_force) == 42);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, self_trade_prevention) == 43);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, instructions) == 44);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, trigger_source) == 46);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, peg_kind) == 47);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, stop_price_ticks) == 48);
const _: () = assert!(core::mem::offset_of!(PlaceOrder, display_quantity_lots) == 56);

impl PlaceOrder {
    /// Union tag of this kind.
    pub const KIND: u16 = 1;
}

/// `CommandRecord`, kind 2 (`amendOrder`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct AmendOrder {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub order_id: u64,
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub stop_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub display_quantity_lots: i64,
}
const _: () = assert!(core::mem::size_of::<AmendOrder>() == 64);
const _: () = assert!(core::mem::offset_of!(AmendOrder, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(AmendOrder, flags) == 1);
const _: () = assert!(core::mem::offset_of!(AmendOrder, kind) == 2);
const _: () = assert!(core::mem::offset_of!(AmendOrder, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(AmendOrder, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(AmendOrder, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(AmendOrder, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(AmendOrder, order_id) == 24);
const _: () = assert!(core::mem::offset_of!(AmendOrder, price_ticks) == 32);
const _: () = assert!(core::mem::offset_of!(AmendOrder, quantity_lots) == 40);
const _: () = assert!(core::mem::offset_of!(AmendOrder, stop_price_ticks) == 48);
const _: () = assert!(core::mem::offset_of!(AmendOrder, display_quantity_lots) == 56);

impl AmendOrder {
    /// Union tag of this kind.
    pub const KIND: u16 = 2;
}

/// `CommandRecord`, kind 3 (`cancelOrder`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct CancelOrder {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub order_id: u64,
    /// Always zero.
    pub reserved0: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<CancelOrder>() == 64);
const _: () = assert!(core::mem::offset_of!(CancelOrder, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(CancelOrder, flags) == 1);
const _: () = assert!(core::mem::offset_of!(CancelOrder, kind) == 2);
const _: () = assert!(core::mem::offset_of!(CancelOrder, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(CancelOrder, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(CancelOrder, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(CancelOrder, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(CancelOrder, order_id) == 24);

impl CancelOrder {
    /// Union tag of this kind.
    pub const KIND: u16 = 3;
}

/// `CommandRecord`, kind 4 (`cancelAllOrders`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct CancelAllOrders {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub side: u8,
    /// Always zero.
    pub reserved0: [u8; 3],
    /// See `schemas/tape.md`.
    pub session_filter: u32,
    /// Always zero.
    pub reserved1: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<CancelAllOrders>() == 64);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, flags) == 1);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, kind) == 2);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, side) == 24);
const _: () = assert!(core::mem::offset_of!(CancelAllOrders, session_filter) == 28);

impl CancelAllOrders {
    /// Union tag of this kind.
    pub const KIND: u16 = 4;
}

/// `CommandRecord`, kind 5 (`moveCash`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct MoveCash {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub currency_id: u16,
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// See `schemas/tape.md`.
    pub amount_units: i64,
    /// See `schemas/tape.md`.
    pub reference_id: u64,
    /// Always zero.
    pub reserved0: [u8; 24],
}
const _: () = assert!(core::mem::size_of::<MoveCash>() == 64);
const _: () = assert!(core::mem::offset_of!(MoveCash, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(MoveCash, flags) == 1);
const _: () = assert!(core::mem::offset_of!(MoveCash, kind) == 2);
const _: () = assert!(core::mem::offset_of!(MoveCash, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(MoveCash, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(MoveCash, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(MoveCash, currency_id) == 20);
const _: () = assert!(core::mem::offset_of!(MoveCash, reason) == 22);
const _: () = assert!(core::mem::offset_of!(MoveCash, amount_units) == 24);
const _: () = assert!(core::mem::offset_of!(MoveCash, reference_id) == 32);

impl MoveCash {
    /// Union tag of this kind.
    pub const KIND: u16 = 5;
}

/// `CommandRecord`, kind 6 (`movePosition`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct MovePosition {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub cost_units: i64,
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// Always zero.
    pub reserved0: [u8; 22],
}
const _: () = assert!(core::mem::size_of::<MovePosition>() == 64);
const _: () = assert!(core::mem::offset_of!(MovePosition, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(MovePosition, flags) == 1);
const _: () = assert!(core::mem::offset_of!(MovePosition, kind) == 2);
const _: () = assert!(core::mem::offset_of!(MovePosition, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(MovePosition, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(MovePosition, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(MovePosition, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(MovePosition, quantity_lots) == 24);
const _: () = assert!(core::mem::offset_of!(MovePosition, cost_units) == 32);
const _: () = assert!(core::mem::offset_of!(MovePosition, reason) == 40);

impl MovePosition {
    /// Union tag of this kind.
    pub const KIND: u16 = 6;
}

/// `CommandRecord`, kind 7 (`defineInstrument`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct DefineInstrument {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub underlying_id: u32,
    /// See `schemas/tape.md`.
    pub units_per_tick_lot: i64,
    /// See `schemas/tape.md`.
    pub max_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub min_notional_units: i64,
    /// See `schemas/tape.md`.
    pub instrument_kind: u8,
    /// See `schemas/tape.md`.
    pub initial_state: u8,
    /// See `schemas/tape.md`.
    pub currency_id: u16,
    /// See `schemas/tape.md`.
    pub maker_fee_ppm: i32,
    /// See `schemas/tape.md`.
    pub taker_fee_ppm: i32,
    /// See `schemas/tape.md`.
    pub collar_ppm: u32,
}
const _: () = assert!(core::mem::size_of::<DefineInstrument>() == 64);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, flags) == 1);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, kind) == 2);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, instrument_id) == 16);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, underlying_id) == 20);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, units_per_tick_lot) == 24);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, max_quantity_lots) == 32);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, min_notional_units) == 40);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, instrument_kind) == 48);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, initial_state) == 49);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, currency_id) == 50);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, maker_fee_ppm) == 52);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, taker_fee_ppm) == 56);
const _: () = assert!(core::mem::offset_of!(DefineInstrument, collar_ppm) == 60);

impl DefineInstrument {
    /// Union tag of this kind.
    pub const KIND: u16 = 7;
}

/// `CommandRecord`, kind 8 (`defineAccount`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct DefineAccount {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub group_id: u32,
    /// See `schemas/tape.md`.
    pub account_kind: u8,
    /// See `schemas/tape.md`.
    pub initial_state: u8,
    /// See `schemas/tape.md`.
    pub permissions: u16,
    /// See `schemas/tape.md`.
    pub fee_schedule: u32,
    /// Always zero.
    pub reserved0: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<DefineAccount>() == 64);
const _: () = assert!(core::mem::offset_of!(DefineAccount, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(DefineAccount, flags) == 1);
const _: () = assert!(core::mem::offset_of!(DefineAccount, kind) == 2);
const _: () = assert!(core::mem::offset_of!(DefineAccount, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(DefineAccount, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(DefineAccount, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(DefineAccount, group_id) == 20);
const _: () = assert!(core::mem::offset_of!(DefineAccount, account_kind) == 24);
const _: () = assert!(core::mem::offset_of!(DefineAccount, initial_state) == 25);
const _: () = assert!(core::mem::offset_of!(DefineAccount, permissions) == 26);
const _: () = assert!(core::mem::offset_of!(DefineAccount, fee_schedule) == 28);

impl DefineAccount {
    /// Union tag of this kind.
    pub const KIND: u16 = 8;
}

/// `CommandRecord`, kind 9 (`setTradingState`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SetTradingState {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub scope: u8,
    /// See `schemas/tape.md`.
    pub state: u8,
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// See `schemas/tape.md`.
    pub target_id: u32,
    /// Always zero.
    pub reserved0: [u8; 32],
    /// Always zero.
    pub reserved1: [u8; 8],
}
const _: () = assert!(core::mem::size_of::<SetTradingState>() == 64);
const _: () = assert!(core::mem::offset_of!(SetTradingState, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SetTradingState, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SetTradingState, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SetTradingState, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SetTradingState, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SetTradingState, scope) == 16);
const _: () = assert!(core::mem::offset_of!(SetTradingState, state) == 17);
const _: () = assert!(core::mem::offset_of!(SetTradingState, reason) == 18);
const _: () = assert!(core::mem::offset_of!(SetTradingState, target_id) == 20);

impl SetTradingState {
    /// Union tag of this kind.
    pub const KIND: u16 = 9;
}

/// `CommandRecord`, kind 10 (`setReferencePrice`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SetReferencePrice {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub source: u16,
    /// See `schemas/tape.md`.
    pub purpose: u8,
    /// Always zero.
    pub reserved0: [u8; 1],
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub source_time_nanos: u64,
    /// Always zero.
    pub reserved1: [u8; 24],
}
const _: () = assert!(core::mem::size_of::<SetReferencePrice>() == 64);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, instrument_id) == 16);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, source) == 20);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, purpose) == 22);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, price_ticks) == 24);
const _: () = assert!(core::mem::offset_of!(SetReferencePrice, source_time_nanos) == 32);

impl SetReferencePrice {
    /// Union tag of this kind.
    pub const KIND: u16 = 10;
}

/// `CommandRecord`, kind 11 (`advanceTime`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct AdvanceTime {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub confirm_jump: u8,
    /// Always zero.
    pub reserved0: [u8; 32],
    /// Always zero.
    pub reserved1: [u8; 15],
}
const _: () = assert!(core::mem::size_of::<AdvanceTime>() == 64);
const _: () = assert!(core::mem::offset_of!(AdvanceTime, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(AdvanceTime, flags) == 1);
const _: () = assert!(core::mem::offset_of!(AdvanceTime, kind) == 2);
const _: () = assert!(core::mem::offset_of!(AdvanceTime, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(AdvanceTime, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(AdvanceTime, confirm_jump) == 16);

impl AdvanceTime {
    /// Union tag of this kind.
    pub const KIND: u16 = 11;
}

/// `CommandRecord`, kind 12 (`setRiskLimits`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SetRiskLimits {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub scope: u8,
    /// Always zero.
    pub reserved0: [u8; 3],
    /// See `schemas/tape.md`.
    pub target_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub version: u32,
    /// Always zero.
    pub reserved1: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<SetRiskLimits>() == 64);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, scope) == 16);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, target_id) == 20);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, instrument_id) == 24);
const _: () = assert!(core::mem::offset_of!(SetRiskLimits, version) == 28);

impl SetRiskLimits {
    /// Union tag of this kind.
    pub const KIND: u16 = 12;
}

/// `CommandRecord`, kind 13 (`setRestriction`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SetRestriction {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub restriction: u8,
    /// Always zero.
    pub reserved0: [u8; 3],
    /// See `schemas/tape.md`.
    pub version: u32,
    /// Always zero.
    pub reserved1: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<SetRestriction>() == 64);
const _: () = assert!(core::mem::offset_of!(SetRestriction, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SetRestriction, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SetRestriction, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SetRestriction, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SetRestriction, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SetRestriction, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(SetRestriction, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(SetRestriction, restriction) == 24);
const _: () = assert!(core::mem::offset_of!(SetRestriction, version) == 28);

impl SetRestriction {
    /// Union tag of this kind.
    pub const KIND: u16 = 13;
}

/// `CommandRecord`, kind 14 (`setSession`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SetSession {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub calendar_id: u32,
    /// See `schemas/tape.md`.
    pub phase: u8,
    /// Always zero.
    pub reserved0: [u8; 1],
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// Always zero.
    pub reserved1: [u8; 4],
    /// See `schemas/tape.md`.
    pub until_nanos: u64,
    /// Always zero.
    pub reserved2: [u8; 24],
}
const _: () = assert!(core::mem::size_of::<SetSession>() == 64);
const _: () = assert!(core::mem::offset_of!(SetSession, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SetSession, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SetSession, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SetSession, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SetSession, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SetSession, instrument_id) == 16);
const _: () = assert!(core::mem::offset_of!(SetSession, calendar_id) == 20);
const _: () = assert!(core::mem::offset_of!(SetSession, phase) == 24);
const _: () = assert!(core::mem::offset_of!(SetSession, reason) == 26);
const _: () = assert!(core::mem::offset_of!(SetSession, until_nanos) == 32);

impl SetSession {
    /// Union tag of this kind.
    pub const KIND: u16 = 14;
}

/// `CommandRecord`, kind 15 (`settleInstrument`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SettleInstrument {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// Always zero.
    pub reserved0: [u8; 4],
    /// See `schemas/tape.md`.
    pub settlement_price_ticks: i64,
    /// Always zero.
    pub reserved1: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<SettleInstrument>() == 64);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, instrument_id) == 16);
const _: () = assert!(core::mem::offset_of!(SettleInstrument, settlement_price_ticks) == 24);

impl SettleInstrument {
    /// Union tag of this kind.
    pub const KIND: u16 = 15;
}

/// `CommandRecord`, kind 16 (`keepAlive`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct KeepAlive {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// Always zero.
    pub reserved0: [u8; 4],
    /// See `schemas/tape.md`.
    pub deadline_nanos: u64,
    /// Always zero.
    pub reserved1: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<KeepAlive>() == 64);
const _: () = assert!(core::mem::offset_of!(KeepAlive, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(KeepAlive, flags) == 1);
const _: () = assert!(core::mem::offset_of!(KeepAlive, kind) == 2);
const _: () = assert!(core::mem::offset_of!(KeepAlive, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(KeepAlive, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(KeepAlive, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(KeepAlive, deadline_nanos) == 24);

impl KeepAlive {
    /// Union tag of this kind.
    pub const KIND: u16 = 16;
}

/// `CommandRecord`, kind 17 (`transferAllotment`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct TransferAllotment {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub currency_id: u16,
    /// See `schemas/tape.md`.
    pub leg: u8,
    /// Always zero.
    pub reserved0: [u8; 1],
    /// See `schemas/tape.md`.
    pub other_shard: u16,
    /// Always zero.
    pub reserved1: [u8; 6],
    /// See `schemas/tape.md`.
    pub amount_units: i64,
    /// See `schemas/tape.md`.
    pub transfer_id: u64,
    /// Always zero.
    pub reserved2: [u8; 16],
}
const _: () = assert!(core::mem::size_of::<TransferAllotment>() == 64);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, flags) == 1);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, kind) == 2);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, currency_id) == 20);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, leg) == 22);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, other_shard) == 24);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, amount_units) == 32);
const _: () = assert!(core::mem::offset_of!(TransferAllotment, transfer_id) == 40);

impl TransferAllotment {
    /// Union tag of this kind.
    pub const KIND: u16 = 17;
}

/// `CommandRecord`, kind 18 (`setTripRule`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SetTripRule {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub scope: u8,
    /// See `schemas/tape.md`.
    pub rule: u8,
    /// See `schemas/tape.md`.
    pub resulting_state: u8,
    /// See `schemas/tape.md`.
    pub resulting_phase: u8,
    /// See `schemas/tape.md`.
    pub target_id: u32,
    /// See `schemas/tape.md`.
    pub window_nanos: u64,
    /// See `schemas/tape.md`.
    pub threshold: i64,
    /// See `schemas/tape.md`.
    pub phase_nanos: u64,
    /// Always zero.
    pub reserved0: [u8; 16],
}
const _: () = assert!(core::mem::size_of::<SetTripRule>() == 64);
const _: () = assert!(core::mem::offset_of!(SetTripRule, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SetTripRule, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SetTripRule, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SetTripRule, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SetTripRule, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SetTripRule, scope) == 16);
const _: () = assert!(core::mem::offset_of!(SetTripRule, rule) == 17);
const _: () = assert!(core::mem::offset_of!(SetTripRule, resulting_state) == 18);
const _: () = assert!(core::mem::offset_of!(SetTripRule, resulting_phase) == 19);
const _: () = assert!(core::mem::offset_of!(SetTripRule, target_id) == 20);
const _: () = assert!(core::mem::offset_of!(SetTripRule, window_nanos) == 24);
const _: () = assert!(core::mem::offset_of!(SetTripRule, threshold) == 32);
const _: () = assert!(core::mem::offset_of!(SetTripRule, phase_nanos) == 40);

impl SetTripRule {
    /// Union tag of this kind.
    pub const KIND: u16 = 18;
}

/// `CommandRecord`, kind 19 (`clientOrder`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct ClientOrder {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub text0: u64,
    /// See `schemas/tape.md`.
    pub text1: u64,
    /// See `schemas/tape.md`.
    pub text2: u64,
    /// See `schemas/tape.md`.
    pub text3: u64,
    /// See `schemas/tape.md`.
    pub text4: u64,
    /// See `schemas/tape.md`.
    pub correlation_id: u64,
}
const _: () = assert!(core::mem::size_of::<ClientOrder>() == 64);
const _: () = assert!(core::mem::offset_of!(ClientOrder, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(ClientOrder, flags) == 1);
const _: () = assert!(core::mem::offset_of!(ClientOrder, kind) == 2);
const _: () = assert!(core::mem::offset_of!(ClientOrder, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(ClientOrder, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(ClientOrder, text0) == 16);
const _: () = assert!(core::mem::offset_of!(ClientOrder, text1) == 24);
const _: () = assert!(core::mem::offset_of!(ClientOrder, text2) == 32);
const _: () = assert!(core::mem::offset_of!(ClientOrder, text3) == 40);
const _: () = assert!(core::mem::offset_of!(ClientOrder, text4) == 48);
const _: () = assert!(core::mem::offset_of!(ClientOrder, correlation_id) == 56);

impl ClientOrder {
    /// Union tag of this kind.
    pub const KIND: u16 = 19;
}

/// `CommandRecord`, kind 20 (`originalClientOrder`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct OriginalClientOrder {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub text0: u64,
    /// See `schemas/tape.md`.
    pub text1: u64,
    /// See `schemas/tape.md`.
    pub text2: u64,
    /// See `schemas/tape.md`.
    pub text3: u64,
    /// See `schemas/tape.md`.
    pub text4: u64,
    /// Always zero.
    pub reserved0: [u8; 8],
}
const _: () = assert!(core::mem::size_of::<OriginalClientOrder>() == 64);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, flags) == 1);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, kind) == 2);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, text0) == 16);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, text1) == 24);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, text2) == 32);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, text3) == 40);
const _: () = assert!(core::mem::offset_of!(OriginalClientOrder, text4) == 48);

impl OriginalClientOrder {
    /// Union tag of this kind.
    pub const KIND: u16 = 20;
}

/// `CommandRecord`, kind 21 (`orderTerms`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct OrderTerms {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub expire_time_nanos: u64,
    /// See `schemas/tape.md`.
    pub minimum_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub trailing_offset: i64,
    /// See `schemas/tape.md`.
    pub peg_offset_ticks: i64,
    /// See `schemas/tape.md`.
    pub limit_offset_ticks: i64,
    /// See `schemas/tape.md`.
    pub trailing_unit: u8,
    /// Always zero.
    pub reserved0: [u8; 7],
}
const _: () = assert!(core::mem::size_of::<OrderTerms>() == 64);
const _: () = assert!(core::mem::offset_of!(OrderTerms, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(OrderTerms, flags) == 1);
const _: () = assert!(core::mem::offset_of!(OrderTerms, kind) == 2);
const _: () = assert!(core::mem::offset_of!(OrderTerms, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(OrderTerms, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(OrderTerms, expire_time_nanos) == 16);
const _: () = assert!(core::mem::offset_of!(OrderTerms, minimum_quantity_lots) == 24);
const _: () = assert!(core::mem::offset_of!(OrderTerms, trailing_offset) == 32);
const _: () = assert!(core::mem::offset_of!(OrderTerms, peg_offset_ticks) == 40);
const _: () = assert!(core::mem::offset_of!(OrderTerms, limit_offset_ticks) == 48);
const _: () = assert!(core::mem::offset_of!(OrderTerms, trailing_unit) == 56);

impl OrderTerms {
    /// Union tag of this kind.
    pub const KIND: u16 = 21;
}

/// `CommandRecord`, kind 22 (`listLink`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct ListLink {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub list_id: u64,
    /// See `schemas/tape.md`.
    pub contingency: u8,
    /// See `schemas/tape.md`.
    pub leg_role: u8,
    /// See `schemas/tape.md`.
    pub leg_count: u8,
    /// See `schemas/tape.md`.
    pub leg_index: u8,
    /// Always zero.
    pub reserved0: [u8; 32],
    /// Always zero.
    pub reserved1: [u8; 4],
}
const _: () = assert!(core::mem::size_of::<ListLink>() == 64);
const _: () = assert!(core::mem::offset_of!(ListLink, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(ListLink, flags) == 1);
const _: () = assert!(core::mem::offset_of!(ListLink, kind) == 2);
const _: () = assert!(core::mem::offset_of!(ListLink, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(ListLink, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(ListLink, list_id) == 16);
const _: () = assert!(core::mem::offset_of!(ListLink, contingency) == 24);
const _: () = assert!(core::mem::offset_of!(ListLink, leg_role) == 25);
const _: () = assert!(core::mem::offset_of!(ListLink, leg_count) == 26);
const _: () = assert!(core::mem::offset_of!(ListLink, leg_index) == 27);

impl ListLink {
    /// Union tag of this kind.
    pub const KIND: u16 = 22;
}

/// `CommandRecord`, kind 23 (`instrumentSymbol`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct InstrumentSymbol {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub tick_mantissa: u32,
    /// See `schemas/tape.md`.
    pub lot_mantissa: u32,
    /// See `schemas/tape.md`.
    pub tick_exponent: u8,
    /// See `schemas/tape.md`.
    pub lot_exponent: u8,
    /// See `schemas/tape.md`.
    pub money_exponent: u8,
    /// Always zero.
    pub reserved0: [u8; 1],
    /// See `schemas/tape.md`.
    pub calendar_id: u32,
    /// See `schemas/tape.md`.
    pub text0: u64,
    /// See `schemas/tape.md`.
    pub text1: u64,
    /// See `schemas/tape.md`.
    pub text2: u64,
    /// See `schemas/tape.md`.
    pub text3: u64,
}
const _: () = assert!(core::mem::size_of::<InstrumentSymbol>() == 64);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, flags) == 1);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, kind) == 2);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, tick_mantissa) == 16);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, lot_mantissa) == 20);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, tick_exponent) == 24);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, lot_exponent) == 25);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, money_exponent) == 26);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, calendar_id) == 28);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, text0) == 32);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, text1) == 40);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, text2) == 48);
const _: () = assert!(core::mem::offset_of!(InstrumentSymbol, text3) == 56);

impl InstrumentSymbol {
    /// Union tag of this kind.
    pub const KIND: u16 = 23;
}

/// `CommandRecord`, kind 24 (`derivativeTerms`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct DerivativeTerms {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub expiry_nanos: u64,
    /// See `schemas/tape.md`.
    pub strike_ticks: i64,
    /// See `schemas/tape.md`.
    pub multiplier: i64,
    /// See `schemas/tape.md`.
    pub initial_margin_ppm: u32,
    /// See `schemas/tape.md`.
    pub maintenance_margin_ppm: u32,
    /// See `schemas/tape.md`.
    pub option_kind: u8,
    /// See `schemas/tape.md`.
    pub exercise_style: u8,
    /// Always zero.
    pub reserved0: [u8; 14],
}
const _: () = assert!(core::mem::size_of::<DerivativeTerms>() == 64);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, flags) == 1);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, kind) == 2);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, expiry_nanos) == 16);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, strike_ticks) == 24);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, multiplier) == 32);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, initial_margin_ppm) == 40);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, maintenance_margin_ppm) == 44);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, option_kind) == 48);
const _: () = assert!(core::mem::offset_of!(DerivativeTerms, exercise_style) == 49);

impl DerivativeTerms {
    /// Union tag of this kind.
    pub const KIND: u16 = 24;
}

/// `CommandRecord`, kind 25 (`tickBand`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct TickBand {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub from_price_ticks0: i64,
    /// See `schemas/tape.md`.
    pub from_price_ticks1: i64,
    /// See `schemas/tape.md`.
    pub step_ticks0: u32,
    /// See `schemas/tape.md`.
    pub step_ticks1: u32,
    /// Always zero.
    pub reserved0: [u8; 24],
}
const _: () = assert!(core::mem::size_of::<TickBand>() == 64);
const _: () = assert!(core::mem::offset_of!(TickBand, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(TickBand, flags) == 1);
const _: () = assert!(core::mem::offset_of!(TickBand, kind) == 2);
const _: () = assert!(core::mem::offset_of!(TickBand, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(TickBand, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(TickBand, from_price_ticks0) == 16);
const _: () = assert!(core::mem::offset_of!(TickBand, from_price_ticks1) == 24);
const _: () = assert!(core::mem::offset_of!(TickBand, step_ticks0) == 32);
const _: () = assert!(core::mem::offset_of!(TickBand, step_ticks1) == 36);

impl TickBand {
    /// Union tag of this kind.
    pub const KIND: u16 = 25;
}

/// `CommandRecord`, kind 26 (`riskLimits`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct RiskLimits {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub max_order_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub max_order_notional_units: i64,
    /// See `schemas/tape.md`.
    pub max_position_lots: i64,
    /// See `schemas/tape.md`.
    pub max_gross_units: i64,
    /// See `schemas/tape.md`.
    pub max_net_units: i64,
    /// See `schemas/tape.md`.
    pub max_daily_loss_units: i64,
}
const _: () = assert!(core::mem::size_of::<RiskLimits>() == 64);
const _: () = assert!(core::mem::offset_of!(RiskLimits, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(RiskLimits, flags) == 1);
const _: () = assert!(core::mem::offset_of!(RiskLimits, kind) == 2);
const _: () = assert!(core::mem::offset_of!(RiskLimits, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(RiskLimits, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(RiskLimits, max_order_quantity_lots) == 16);
const _: () = assert!(core::mem::offset_of!(RiskLimits, max_order_notional_units) == 24);
const _: () = assert!(core::mem::offset_of!(RiskLimits, max_position_lots) == 32);
const _: () = assert!(core::mem::offset_of!(RiskLimits, max_gross_units) == 40);
const _: () = assert!(core::mem::offset_of!(RiskLimits, max_net_units) == 48);
const _: () = assert!(core::mem::offset_of!(RiskLimits, max_daily_loss_units) == 56);

impl RiskLimits {
    /// Union tag of this kind.
    pub const KIND: u16 = 26;
}

/// `CommandRecord`, kind 27 (`riskRates`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct RiskRates {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub max_open_orders: u32,
    /// See `schemas/tape.md`.
    pub orders_per_second: u32,
    /// See `schemas/tape.md`.
    pub burst_orders: u32,
    /// See `schemas/tape.md`.
    pub collar_ppm: u32,
    /// See `schemas/tape.md`.
    pub fat_finger_ppm: u32,
    /// See `schemas/tape.md`.
    pub max_price_age_ms: u32,
    /// Always zero.
    pub reserved0: [u8; 24],
}
const _: () = assert!(core::mem::size_of::<RiskRates>() == 64);
const _: () = assert!(core::mem::offset_of!(RiskRates, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(RiskRates, flags) == 1);
const _: () = assert!(core::mem::offset_of!(RiskRates, kind) == 2);
const _: () = assert!(core::mem::offset_of!(RiskRates, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(RiskRates, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(RiskRates, max_open_orders) == 16);
const _: () = assert!(core::mem::offset_of!(RiskRates, orders_per_second) == 20);
const _: () = assert!(core::mem::offset_of!(RiskRates, burst_orders) == 24);
const _: () = assert!(core::mem::offset_of!(RiskRates, collar_ppm) == 28);
const _: () = assert!(core::mem::offset_of!(RiskRates, fat_finger_ppm) == 32);
const _: () = assert!(core::mem::offset_of!(RiskRates, max_price_age_ms) == 36);

impl RiskRates {
    /// Union tag of this kind.
    pub const KIND: u16 = 27;
}

/// `CommandRecord`, kind 28 (`causation`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct Causation {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub causation_high: u64,
    /// See `schemas/tape.md`.
    pub causation_low: u64,
    /// See `schemas/tape.md`.
    pub authority_id: u64,
    /// See `schemas/tape.md`.
    pub correlation_high: u64,
    /// See `schemas/tape.md`.
    pub correlation_low: u64,
    /// Always zero.
    pub reserved0: [u8; 8],
}
const _: () = assert!(core::mem::size_of::<Causation>() == 64);
const _: () = assert!(core::mem::offset_of!(Causation, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(Causation, flags) == 1);
const _: () = assert!(core::mem::offset_of!(Causation, kind) == 2);
const _: () = assert!(core::mem::offset_of!(Causation, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(Causation, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(Causation, causation_high) == 16);
const _: () = assert!(core::mem::offset_of!(Causation, causation_low) == 24);
const _: () = assert!(core::mem::offset_of!(Causation, authority_id) == 32);
const _: () = assert!(core::mem::offset_of!(Causation, correlation_high) == 40);
const _: () = assert!(core::mem::offset_of!(Causation, correlation_low) == 48);

impl Causation {
    /// Union tag of this kind.
    pub const KIND: u16 = 28;
}

/// `CommandRecord`, kind 29 (`sessionPlan`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct SessionPlan {
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub session_id: u32,
    /// See `schemas/tape.md`.
    pub time_nanos: u64,
    /// See `schemas/tape.md`.
    pub at_nanos0: u64,
    /// See `schemas/tape.md`.
    pub at_nanos1: u64,
    /// See `schemas/tape.md`.
    pub at_nanos2: u64,
    /// See `schemas/tape.md`.
    pub phase0: u8,
    /// See `schemas/tape.md`.
    pub phase1: u8,
    /// See `schemas/tape.md`.
    pub phase2: u8,
    /// Always zero.
    pub reserved0: [u8; 21],
}
const _: () = assert!(core::mem::size_of::<SessionPlan>() == 64);
const _: () = assert!(core::mem::offset_of!(SessionPlan, extension_count) == 0);
const _: () = assert!(core::mem::offset_of!(SessionPlan, flags) == 1);
const _: () = assert!(core::mem::offset_of!(SessionPlan, kind) == 2);
const _: () = assert!(core::mem::offset_of!(SessionPlan, session_id) == 4);
const _: () = assert!(core::mem::offset_of!(SessionPlan, time_nanos) == 8);
const _: () = assert!(core::mem::offset_of!(SessionPlan, at_nanos0) == 16);
const _: () = assert!(core::mem::offset_of!(SessionPlan, at_nanos1) == 24);
const _: () = assert!(core::mem::offset_of!(SessionPlan, at_nanos2) == 32);
const _: () = assert!(core::mem::offset_of!(SessionPlan, phase0) == 40);
const _: () = assert!(core::mem::offset_of!(SessionPlan, phase1) == 41);
const _: () = assert!(core::mem::offset_of!(SessionPlan, phase2) == 42);

impl SessionPlan {
    /// Union tag of this kind.
    pub const KIND: u16 = 29;
}

/// What every kind of `ReportRecord` shares.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct ReportRecordHead {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// Always zero.
    pub reserved0: [u8; 32],
    /// Always zero.
    pub reserved1: [u8; 24],
}
const _: () = assert!(core::mem::size_of::<ReportRecordHead>() == 64);
const _: () = assert!(core::mem::offset_of!(ReportRecordHead, flags) == 0);
const _: () = assert!(core::mem::offset_of!(ReportRecordHead, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(ReportRecordHead, kind) == 2);
const _: () = assert!(core::mem::offset_of!(ReportRecordHead, command_index) == 4);

/// `ReportRecord`, kind 1 (`orderState`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct OrderStateReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub order_id: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub leaves_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub cum_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub exec_type: u8,
    /// See `schemas/tape.md`.
    pub order_status: u8,
    /// See `schemas/tape.md`.
    pub side: u8,
    /// See `schemas/tape.md`.
    pub order_type: u8,
    /// See `schemas/tape.md`.
    pub time_in_force: u8,
    /// See `schemas/tape.md`.
    pub reason: u8,
    /// See `schemas/tape.md`.
    pub instructions: u16,
}
const _: () = assert!(core::mem::size_of::<OrderStateReport>() == 64);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, order_id) == 8);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, quantity_lots) == 24);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, leaves_quantity_lots) == 32);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, cum_quantity_lots) == 40);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, price_ticks) == 48);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, exec_type) == 56);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, order_status) == 57);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, side) == 58);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, order_type) == 59);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, time_in_force) == 60);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, reason) == 61);
const _: () = assert!(core::mem::offset_of!(OrderStateReport, instructions) == 62);

impl OrderStateReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 1;
}

/// `ReportRecord`, kind 2 (`trade`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct TradeReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub trade_id: u64,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub aggressor_side: u8,
    /// See `schemas/tape.md`.
    pub trade_kind: u8,
    /// Always zero.
    pub reserved0: [u8; 2],
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub maker_order_id: u64,
    /// See `schemas/tape.md`.
    pub taker_order_id: u64,
    /// See `schemas/tape.md`.
    pub maker_account_id: u32,
    /// See `schemas/tape.md`.
    pub taker_account_id: u32,
}
const _: () = assert!(core::mem::size_of::<TradeReport>() == 64);
const _: () = assert!(core::mem::offset_of!(TradeReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(TradeReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(TradeReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(TradeReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(TradeReport, trade_id) == 8);
const _: () = assert!(core::mem::offset_of!(TradeReport, instrument_id) == 16);
const _: () = assert!(core::mem::offset_of!(TradeReport, aggressor_side) == 20);
const _: () = assert!(core::mem::offset_of!(TradeReport, trade_kind) == 21);
const _: () = assert!(core::mem::offset_of!(TradeReport, price_ticks) == 24);
const _: () = assert!(core::mem::offset_of!(TradeReport, quantity_lots) == 32);
const _: () = assert!(core::mem::offset_of!(TradeReport, maker_order_id) == 40);
const _: () = assert!(core::mem::offset_of!(TradeReport, taker_order_id) == 48);
const _: () = assert!(core::mem::offset_of!(TradeReport, maker_account_id) == 56);
const _: () = assert!(core::mem::offset_of!(TradeReport, taker_account_id) == 60);

impl TradeReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 2;
}

/// `ReportRecord`, kind 3 (`positionChanged`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct PositionChangedReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub reserved_sell_lots: i64,
    /// See `schemas/tape.md`.
    pub cost_low: u64,
    /// See `schemas/tape.md`.
    pub cost_high: i64,
    /// See `schemas/tape.md`.
    pub realized_low: u64,
    /// See `schemas/tape.md`.
    pub realized_high: i64,
}
const _: () = assert!(core::mem::size_of::<PositionChangedReport>() == 64);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, account_id) == 8);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, instrument_id) == 12);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, quantity_lots) == 16);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, reserved_sell_lots) == 24);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, cost_low) == 32);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, cost_high) == 40);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, realized_low) == 48);
const _: () = assert!(core::mem::offset_of!(PositionChangedReport, realized_high) == 56);

impl PositionChangedReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 3;
}

/// `ReportRecord`, kind 4 (`balanceChanged`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct BalanceChangedReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub currency_id: u16,
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// See `schemas/tape.md`.
    pub total_low: u64,
    /// See `schemas/tape.md`.
    pub total_high: i64,
    /// See `schemas/tape.md`.
    pub reserved_low: u64,
    /// See `schemas/tape.md`.
    pub reserved_high: i64,
    /// See `schemas/tape.md`.
    pub delta_units: i64,
    /// See `schemas/tape.md`.
    pub fee_units: i64,
}
const _: () = assert!(core::mem::size_of::<BalanceChangedReport>() == 64);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, account_id) == 8);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, currency_id) == 12);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, reason) == 14);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, total_low) == 16);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, total_high) == 24);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, reserved_low) == 32);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, reserved_high) == 40);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, delta_units) == 48);
const _: () = assert!(core::mem::offset_of!(BalanceChangedReport, fee_units) == 56);

impl BalanceChangedReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 4;
}

/// `ReportRecord`, kind 5 (`bookLevel`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct BookLevelReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub order_count: u32,
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub book_sequence: u64,
    /// See `schemas/tape.md`.
    pub side: u8,
    /// Always zero.
    pub reserved0: [u8; 23],
}
const _: () = assert!(core::mem::size_of::<BookLevelReport>() == 64);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, instrument_id) == 8);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, order_count) == 12);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, price_ticks) == 16);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, quantity_lots) == 24);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, book_sequence) == 32);
const _: () = assert!(core::mem::offset_of!(BookLevelReport, side) == 40);

impl BookLevelReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 5;
}

/// `ReportRecord`, kind 6 (`instrumentState`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct InstrumentStateReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub state: u8,
    /// See `schemas/tape.md`.
    pub phase: u8,
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// See `schemas/tape.md`.
    pub reference_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub mark_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub indicative_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub indicative_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub imbalance_lots: i64,
    /// Always zero.
    pub reserved0: [u8; 8],
}
const _: () = assert!(core::mem::size_of::<InstrumentStateReport>() == 64);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, instrument_id) == 8);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, state) == 12);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, phase) == 13);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, reason) == 14);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, reference_price_ticks) == 16);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, mark_price_ticks) == 24);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, indicative_price_ticks) == 32);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, indicative_quantity_lots) == 40);
const _: () = assert!(core::mem::offset_of!(InstrumentStateReport, imbalance_lots) == 48);

impl InstrumentStateReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 6;
}

/// `ReportRecord`, kind 7 (`accountState`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct AccountStateReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub group_id: u32,
    /// See `schemas/tape.md`.
    pub scope: u8,
    /// See `schemas/tape.md`.
    pub state: u8,
    /// See `schemas/tape.md`.
    pub reason: u16,
    /// See `schemas/tape.md`.
    pub account_kind: u8,
    /// Always zero.
    pub reserved0: [u8; 1],
    /// See `schemas/tape.md`.
    pub permissions: u16,
    /// See `schemas/tape.md`.
    pub version: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub observed: i64,
    /// See `schemas/tape.md`.
    pub limit: i64,
    /// Always zero.
    pub reserved1: [u8; 16],
}
const _: () = assert!(core::mem::size_of::<AccountStateReport>() == 64);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, account_id) == 8);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, group_id) == 12);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, scope) == 16);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, state) == 17);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, reason) == 18);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, account_kind) == 20);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, permissions) == 22);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, version) == 24);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, instrument_id) == 28);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, observed) == 32);
const _: () = assert!(core::mem::offset_of!(AccountStateReport, limit) == 40);

impl AccountStateReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 7;
}

/// `ReportRecord`, kind 8 (`refusal`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct RefusalReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub order_id: u64,
    /// See `schemas/tape.md`.
    pub account_id: u32,
    /// See `schemas/tape.md`.
    pub instrument_id: u32,
    /// See `schemas/tape.md`.
    pub code: u16,
    /// See `schemas/tape.md`.
    pub command_kind: u16,
    /// See `schemas/tape.md`.
    pub rule_version: u32,
    /// See `schemas/tape.md`.
    pub observed: i64,
    /// See `schemas/tape.md`.
    pub limit: i64,
    /// See `schemas/tape.md`.
    pub price_ticks: i64,
    /// See `schemas/tape.md`.
    pub quantity_lots: i64,
}
const _: () = assert!(core::mem::size_of::<RefusalReport>() == 64);
const _: () = assert!(core::mem::offset_of!(RefusalReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(RefusalReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(RefusalReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(RefusalReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(RefusalReport, order_id) == 8);
const _: () = assert!(core::mem::offset_of!(RefusalReport, account_id) == 16);
const _: () = assert!(core::mem::offset_of!(RefusalReport, instrument_id) == 20);
const _: () = assert!(core::mem::offset_of!(RefusalReport, code) == 24);
const _: () = assert!(core::mem::offset_of!(RefusalReport, command_kind) == 26);
const _: () = assert!(core::mem::offset_of!(RefusalReport, rule_version) == 28);
const _: () = assert!(core::mem::offset_of!(RefusalReport, observed) == 32);
const _: () = assert!(core::mem::offset_of!(RefusalReport, limit) == 40);
const _: () = assert!(core::mem::offset_of!(RefusalReport, price_ticks) == 48);
const _: () = assert!(core::mem::offset_of!(RefusalReport, quantity_lots) == 56);

impl RefusalReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 8;
}

/// `ReportRecord`, kind 9 (`done`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct DoneReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub command_kind: u16,
    /// Always zero.
    pub reserved0: [u8; 6],
    /// See `schemas/tape.md`.
    pub target_id: u64,
    /// See `schemas/tape.md`.
    pub affected_count: u64,
    /// Always zero.
    pub reserved1: [u8; 32],
}
const _: () = assert!(core::mem::size_of::<DoneReport>() == 64);
const _: () = assert!(core::mem::offset_of!(DoneReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(DoneReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(DoneReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(DoneReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(DoneReport, command_kind) == 8);
const _: () = assert!(core::mem::offset_of!(DoneReport, target_id) == 16);
const _: () = assert!(core::mem::offset_of!(DoneReport, affected_count) == 24);

impl DoneReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 9;
}

/// `ReportRecord`, kind 10 (`tradeDetail`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct TradeDetailReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub maker_leaves_lots: i64,
    /// See `schemas/tape.md`.
    pub taker_leaves_lots: i64,
    /// See `schemas/tape.md`.
    pub maker_cum_lots: i64,
    /// See `schemas/tape.md`.
    pub taker_cum_lots: i64,
    /// See `schemas/tape.md`.
    pub maker_fee_units: i64,
    /// See `schemas/tape.md`.
    pub taker_fee_units: i64,
    /// See `schemas/tape.md`.
    pub notional_units: i64,
}
const _: () = assert!(core::mem::size_of::<TradeDetailReport>() == 64);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, maker_leaves_lots) == 8);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, taker_leaves_lots) == 16);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, maker_cum_lots) == 24);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, taker_cum_lots) == 32);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, maker_fee_units) == 40);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, taker_fee_units) == 48);
const _: () = assert!(core::mem::offset_of!(TradeDetailReport, notional_units) == 56);

impl TradeDetailReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 10;
}

/// `ReportRecord`, kind 11 (`orderDetail`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct OrderDetailReport {
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub extension_count: u8,
    /// See `schemas/tape.md`.
    pub kind: u16,
    /// See `schemas/tape.md`.
    pub command_index: u32,
    /// See `schemas/tape.md`.
    pub stop_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub display_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub expire_time_nanos: u64,
    /// See `schemas/tape.md`.
    pub minimum_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub list_id: u64,
    /// See `schemas/tape.md`.
    pub previous_price_ticks: i64,
    /// See `schemas/tape.md`.
    pub previous_quantity_lots: i64,
}
const _: () = assert!(core::mem::size_of::<OrderDetailReport>() == 64);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, flags) == 0);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, extension_count) == 1);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, kind) == 2);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, command_index) == 4);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, stop_price_ticks) == 8);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, display_quantity_lots) == 16);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, expire_time_nanos) == 24);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, minimum_quantity_lots) == 32);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, list_id) == 40);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, previous_price_ticks) == 48);
const _: () = assert!(core::mem::offset_of!(OrderDetailReport, previous_quantity_lots) == 56);

impl OrderDetailReport {
    /// Union tag of this kind.
    pub const KIND: u16 = 11;
}

/// Data section of `AnswerRecord`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct AnswerRecord {
    /// See `schemas/tape.md`.
    pub command_number: u64,
    /// See `schemas/tape.md`.
    pub order_id: u64,
    /// See `schemas/tape.md`.
    pub leaves_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub cum_quantity_lots: i64,
    /// See `schemas/tape.md`.
    pub cum_notional_units: i64,
    /// See `schemas/tape.md`.
    pub observed: i64,
    /// See `schemas/tape.md`.
    pub limit: i64,
    /// See `schemas/tape.md`.
    pub code: u16,
    /// See `schemas/tape.md`.
    pub order_status: u8,
    /// See `schemas/tape.md`.
    pub exec_type: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// See `schemas/tape.md`.
    pub command_kind: u8,
    /// See `schemas/tape.md`.
    pub command_index: u16,
}
const _: () = assert!(core::mem::size_of::<AnswerRecord>() == 64);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, command_number) == 0);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, order_id) == 8);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, leaves_quantity_lots) == 16);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, cum_quantity_lots) == 24);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, cum_notional_units) == 32);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, observed) == 40);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, limit) == 48);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, code) == 56);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, order_status) == 58);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, exec_type) == 59);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, flags) == 60);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, command_kind) == 61);
const _: () = assert!(core::mem::offset_of!(AnswerRecord, command_index) == 62);

/// Data section of `Commit`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct CommitData {
    /// See `schemas/tape.md`.
    pub first_command_number: u64,
    /// See `schemas/tape.md`.
    pub epoch: u64,
    /// See `schemas/tape.md`.
    pub commit_number: u64,
    /// See `schemas/tape.md`.
    pub shard: u16,
    /// See `schemas/tape.md`.
    pub flags: u16,
    /// See `schemas/tape.md`.
    pub command_count: u32,
    /// See `schemas/tape.md`.
    pub part: u32,
    /// See `schemas/tape.md`.
    pub engine_version: u32,
    /// See `schemas/tape.md`.
    pub last_part: u8,
    /// Always zero.
    pub reserved0: [u8; 7],
    /// See `schemas/tape.md`.
    pub previous_hash0: u64,
    /// See `schemas/tape.md`.
    pub previous_hash1: u64,
    /// See `schemas/tape.md`.
    pub previous_hash2: u64,
    /// See `schemas/tape.md`.
    pub previous_hash3: u64,
    /// See `schemas/tape.md`.
    pub hash0: u64,
    /// See `schemas/tape.md`.
    pub hash1: u64,
    /// See `schemas/tape.md`.
    pub hash2: u64,
    /// See `schemas/tape.md`.
    pub hash3: u64,
    /// See `schemas/tape.md`.
    pub state_hash0: u64,
    /// See `schemas/tape.md`.
    pub state_hash1: u64,
}
const _: () = assert!(core::mem::size_of::<CommitData>() == 128);
const _: () = assert!(core::mem::offset_of!(CommitData, first_command_number) == 0);
const _: () = assert!(core::mem::offset_of!(CommitData, epoch) == 8);
const _: () = assert!(core::mem::offset_of!(CommitData, commit_number) == 16);
const _: () = assert!(core::mem::offset_of!(CommitData, shard) == 24);
const _: () = assert!(core::mem::offset_of!(CommitData, flags) == 26);
const _: () = assert!(core::mem::offset_of!(CommitData, command_count) == 28);
const _: () = assert!(core::mem::offset_of!(CommitData, part) == 32);
const _: () = assert!(core::mem::offset_of!(CommitData, engine_version) == 36);
const _: () = assert!(core::mem::offset_of!(CommitData, last_part) == 40);
const _: () = assert!(core::mem::offset_of!(CommitData, previous_hash0) == 48);
const _: () = assert!(core::mem::offset_of!(CommitData, previous_hash1) == 56);
const _: () = assert!(core::mem::offset_of!(CommitData, previous_hash2) == 64);
const _: () = assert!(core::mem::offset_of!(CommitData, previous_hash3) == 72);
const _: () = assert!(core::mem::offset_of!(CommitData, hash0) == 80);
const _: () = assert!(core::mem::offset_of!(CommitData, hash1) == 88);
const _: () = assert!(core::mem::offset_of!(CommitData, hash2) == 96);
const _: () = assert!(core::mem::offset_of!(CommitData, hash3) == 104);
const _: () = assert!(core::mem::offset_of!(CommitData, state_hash0) == 112);
const _: () = assert!(core::mem::offset_of!(CommitData, state_hash1) == 120);

/// Pointers of `Commit` behind its data section.
pub const COMMIT_POINTERS: u16 = 3;

/// Data section of `CommandBatch`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct CommandBatchData {
    /// See `schemas/tape.md`.
    pub ack_level: u8,
    /// See `schemas/tape.md`.
    pub flags: u8,
    /// Always zero.
    pub reserved0: [u8; 2],
    /// See `schemas/tape.md`.
    pub command_count: u32,
    /// See `schemas/tape.md`.
    pub deadline_nanos: u64,
}
const _: () = assert!(core::mem::size_of::<CommandBatchData>() == 16);
const _: () = assert!(core::mem::offset_of!(CommandBatchData, ack_level) == 0);
const _: () = assert!(core::mem::offset_of!(CommandBatchData, flags) == 1);
const _: () = assert!(core::mem::offset_of!(CommandBatchData, command_count) == 4);
const _: () = assert!(core::mem::offset_of!(CommandBatchData, deadline_nanos) == 8);

/// Pointers of `CommandBatch` behind its data section.
pub const COMMAND_BATCH_POINTERS: u16 = 1;

/// Data section of `CommandBatchAnswer`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]
pub struct CommandBatchAnswerData {
    /// See `schemas/tape.md`.
    pub code: u16,
    /// See `schemas/tape.md`.
    pub ack_level: u8,
    /// Always zero.
    pub reserved0: [u8; 1],
    /// See `schemas/tape.md`.
    pub shard: u16,
    /// Always zero.
    pub reserved1: [u8; 2],
    /// See `schemas/tape.md`.
    pub epoch: u64,
    /// See `schemas/tape.md`.
    pub first_command_number: u64,
    /// See `schemas/tape.md`.
    pub last_command_number: u64,
    /// See `schemas/tape.md`.
    pub stream_sequence: u64,
    /// See `schemas/tape.md`.
    pub retry_after_ms: u32,
    /// Always zero.
    pub reserved2: [u8; 4],
}
const _: () = assert!(core::mem::size_of::<CommandBatchAnswerData>() == 48);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, code) == 0);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, ack_level) == 2);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, shard) == 4);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, epoch) == 8);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, first_command_number) == 16);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, last_command_number) == 24);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, stream_sequence) == 32);
const _: () = assert!(core::mem::offset_of!(CommandBatchAnswerData, retry_after_ms) == 40);

/// Pointers of `CommandBatchAnswer` behind its data section.
pub const COMMAND_BATCH_ANSWER_POINTERS: u16 = 1;
