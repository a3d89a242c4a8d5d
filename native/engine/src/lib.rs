//! The engine of one shard: order books, accounts, ledger and idempotency in one deterministic step.
//!
//! [`Engine::submit`] takes one [`Command`] and pushes its reports to a [`ReportSink`]. It reads no clock, no random source
//! and no map order: time arrives inside commands, ids are command numbers. The same commands give the same
//! reports and the same [`Engine::state_hash`] on any machine and under any batching.
//!
//! Units: prices in ticks, quantities in lots, money in units of the instrument's currency scale, time in UNIX
//! nanoseconds. Integers only; what would overflow is a numbered refusal before anything is written.
//!
//! # Example
//!
//! ```
//! use fulltape_engine::{Command, Config, Engine};
//! use fulltape_tape::Record;
//! use fulltape_tape::codes::{AccountKind, TradingState};
//! use fulltape_tape::layout::{DefineAccount, MoveCash};
//!
//! let mut engine = Engine::new(Config { max_orders: 100, max_accounts: 10, max_instruments: 10, ..Config::default() });
//! let account = DefineAccount {
//!     kind: DefineAccount::KIND,
//!     account_id: 7,
//!     account_kind: AccountKind::Cash.number(),
//!     initial_state: TradingState::Active.number(),
//!     ..DefineAccount::default()
//! };
//! let deposit = MoveCash { kind: MoveCash::KIND, account_id: 7, currency_id: 1, reason: 1, amount_units: 500, ..MoveCash::default() };
//! let mut reports = Vec::new();
//! engine.submit_batch(&[Record::of(account), Record::of(deposit)], 0, &mut reports, |answer| assert_eq!(answer.code, 0));
//! assert_eq!(engine.balance(7, 1).map(|balance| balance.total), Some(500));
//! ```
//!
//! `examples/two_traders.rs` goes on from here to orders, trades and books.
//!
//! # Order of checks of a new order
//! repeated client order id, client order id text, account known, instrument known, order rate, side, supported type, trailing distance,
//! expiry and minimum quantity, phase of the instrument, what follows from the market (limit of a market-to-limit order, trigger of a trailing one, cap and price of a pegged one),
//! legs of lists (fit, room, what follows from the market; one that waits for its list: quantity, price, trigger and display by
//! themselves, largest quantity, notional; with the last leg everything below for those that enter),
//! trading states (global, account and group, expiry, instrument; reduce-only), restricted list (everybody's entry, the account's), quantity, price, trigger and display quantity by
//! themselves, tick table (limit, then trigger), largest quantity, notional range and smallest notional (limit orders, waiting orders), price age and collar (limit
//! orders that do not wait), fat finger (not while it waits), liquidity (empty book, post-only, fill-or-kill, minimum; not while it waits; in a call the band instead), room (order table, level sum, position range), open orders,
//! and, for orders that do not only shrink a position, notional, position, gross and net exposure and daily loss of the account, then of its group; buying power or position (margin accounts: short sales, price of the instrument, margin; others: which derivatives they may trade). Everything is checked before
//! anything is written, so a refusal changes nothing but the command number, the clock, the order rate and the memory of client ids
//! (and ends the list whose last leg was refused).
//!
//! # Reports of one command
//! orders and instruments that the clock expired, orders whose session was lost and phases that it changed with all that follows from them, the outcome, trades in the order of execution, cancelled rests, orders that the command
//! triggered with their trades and rests (what meets a price outside the band of a circuit breaker is cancelled there); what lists do to siblings stands right behind the fill or the end that made them,
//! what they do to children and parents behind the order that ran, trades of all-or-none orders that can be filled now behind
//! that, then what circuit breakers changed (before the wave that follows); pegged orders that moved (and what that triggered
//! or made fillable), what breakers changed by losses; then absolute values:
//! positions by account and instrument, balances by account and currency, levels in the order of their first touch,
//! indicative prices of auctions that the command changed.
#![forbid(unsafe_code)]

mod accounts;
mod administration;
mod all_or_none;
mod allotments;
mod amend;
mod auctions;
mod book;
mod bounds;
#[cfg(test)]
mod breaker_tests;
mod checks;
mod client_orders;
mod closed_orders;
mod command;
mod config;
mod contract;
mod cost_basis;
mod crossing;
mod desk_exposure;
mod desk_sums;
mod effects;
mod engine;
mod expiry;
mod explain;
mod explain_words;
mod exposure;
mod fees;
mod headroom;
mod hot_layout;
mod id_map;
mod instruments;
mod keyed_table;
mod ladder;
mod ledger;
mod limit_checks;
mod limit_table;
mod limit_union;
mod limits;
mod list_table;
mod lists;
mod loss_trips;
mod margin;
mod margin_check;
mod matching;
mod mixing;
mod order_index;
mod order_rate;
mod orders;
mod pairs;
mod parts_per_million;
mod pegs;
mod pending;
mod phases;
mod place;
mod price_band;
mod probing;
mod reduce_only;
mod reports;
mod restated;
mod resting;
mod restrictions;
mod risk;
mod self_trade;
mod sessions;
mod set_session;
mod settlement;
mod shape;
mod slot_heap;
mod small_ids;
mod snapshot;
mod special;
mod tick_table;
mod trading_days;
mod trading_states;
mod trailing;
mod triggers;
mod trip_table;
mod trips;
mod usage;
mod views;

pub use command::Command;
pub use config::{Config, RiskMode};
pub use cost_basis::CostBasis;
pub use engine::{Engine, NOTIONAL_MAX, TIME_JUMP_NANOS};
pub use explain::{ExplainSink, Note, Relation, Step};
pub use explain_words::NOTE_WORDS;
pub use ledger::{Balance, Position, Pot};
pub use margin::Margin;
pub use reports::{CountingSink, Refusal, ReportSink};
pub use snapshot::{Restoring, SNAPSHOT_FORMAT, SNAPSHOT_NOTE_MAX, SnapshotFailure, SnapshotHeader, SnapshotProgress};
pub use views::{LevelView, OrderView};

/// Version of the engine's semantics, in every commit. It changes whenever the same commands could give other reports.
pub const ENGINE_VERSION: u32 = 7;
