//! One engine with a few accounts, for tests that are written by hand.

use fulltape_engine::{Command, Config, Engine};
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::records::*;

/// A second of engine time.
pub const SECOND: u64 = 1_000_000_000;
/// A day of engine time.
pub const DAY: u64 = 24 * 3600 * SECOND;

/// An engine, its clock and what the last command reported.
pub struct Desk {
    /// The engine.
    pub engine: Engine,
    /// Time of the next command.
    pub now: u64,
    /// Reports of the last command.
    pub reports: Vec<Record>,
}

impl Desk {
    /// Instrument 1 (3 units a tick and lot, maker -20 ppm, taker 150 ppm); cash accounts 1 and 2 with 1,000,000 units,
    /// account 3 without checks.
    #[must_use]
    pub fn new() -> Self {
        let config = Config {
            max_orders: 100,
            max_accounts: 10,
            max_instruments: 4,
            ..Config::default()
        };
        let mut desk = Self {
            engine: Engine::new(config),
            now: 20_000 * DAY + 3600 * SECOND,
            reports: Vec::new(),
        };
        desk.send(&instrument(1, -20, 150));
        for (id, kind) in [(1, AccountKind::Cash), (2, AccountKind::Cash), (3, AccountKind::Replay)] {
            desk.send(&[Record::of(account(id, kind, 0))]);
            desk.send(&[Record::of(cash(id, 1_000_000))]);
        }
        desk
    }

    /// The same with a collar of 20 % around a reference price of 100, which has other uses too where `purpose` says so.
    #[must_use]
    pub fn collared(purpose: PricePurpose) -> Self {
        let mut desk = Self::new();
        let [definition, symbol] = instrument(1, -20, 150);
        let definition = DefineInstrument {
            collar_ppm: 200_000,
            ..*definition.view()
        };
        desk.send(&[Record::of(definition), symbol]);
        desk.send(&[Record::of(SetReferencePrice {
            kind: SetReferencePrice::KIND,
            instrument_id: 1,
            source: 2,
            purpose: purpose.number(),
            price_ticks: 100,
            ..SetReferencePrice::default()
        })]);
        desk
    }

    /// Sends a command; every running sum is recomputed after it.
    pub fn send(&mut self, records: &[Record]) -> AnswerRecord {
        let mut records = records.to_vec();
        records[0].set_time_nanos(self.now);
        self.reports.clear();
        let answer = self.engine.submit(&Command::new(&records), 0, &mut self.reports);
        self.engine.assert_consistent();
        answer
    }

    /// Places an order.
    pub fn place(&mut self, order: PlaceOrder) -> AnswerRecord {
        self.send(&[Record::of(order)])
    }

    /// Places what must be accepted.
    ///
    /// # Panics
    /// When it is not.
    pub fn rest(&mut self, account: u32, side: Side, price: i64, lots: i64) -> u64 {
        let answer = self.place(limit(account, 1, side, price, lots));
        assert_eq!((answer.code, answer.order_status), (0, OrderStatus::New.number()));
        answer.order_id
    }

    /// (price, lots, maker, taker) of each trade of the last command.
    #[must_use]
    pub fn trades(&self) -> Vec<(i64, i64, u64, u64)> {
        let trades = self.reports.iter().filter(|record| record.kind() == TradeReport::KIND);
        trades
            .map(|record| record.view::<TradeReport>())
            .map(|trade| {
                (
                    trade.price_ticks,
                    trade.quantity_lots,
                    trade.maker_order_id,
                    trade.taker_order_id,
                )
            })
            .collect()
    }

    /// Kinds of the reports of the last command.
    #[must_use]
    pub fn kinds(&self) -> Vec<u16> {
        self.reports.iter().map(Record::kind).collect()
    }

    /// Cash of an account that nothing holds.
    #[must_use]
    pub fn free(&self, account: u32) -> i128 {
        self.engine
            .balance(account, CURRENCY)
            .map_or(0, |balance| balance.total - balance.reserved)
    }

    /// (order, exec type, status, reason, leaves, quantity) of each order state of the last command.
    #[must_use]
    pub fn states(&self) -> Vec<(u64, ExecType, OrderStatus, CancelReason, i64, i64)> {
        let states = self
            .reports
            .iter()
            .filter(|record| record.kind() == OrderStateReport::KIND);
        states
            .map(|record| record.view::<OrderStateReport>())
            .filter_map(|state| {
                Some((
                    state.order_id,
                    ExecType::from_number(state.exec_type)?,
                    OrderStatus::from_number(state.order_status)?,
                    CancelReason::from_number(state.reason)?,
                    state.leaves_quantity_lots,
                    state.quantity_lots,
                ))
            })
            .collect()
    }

    /// Order ids of a price's queue, oldest first.
    #[must_use]
    pub fn queue(&self, side: Side, price: i64) -> Vec<u64> {
        self.engine.queue(1, side, price).map(|order| order.order_id).collect()
    }

    /// Sends a new order with terms.
    pub fn place_with(&mut self, mut order: PlaceOrder, terms: OrderTerms) -> AnswerRecord {
        order.extension_count = 1;
        let kind = OrderTerms::KIND;
        self.send(&[Record::of(order), Record::of(OrderTerms { kind, ..terms })])
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}
