//! Random commands over everything that the engine takes, sensible ones mostly, absurd ones now and then.

use std::collections::VecDeque;

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::random::Random;
use crate::records::{
    account, amend, banded, cancel, cash, client_order, future, instrument, limit, margined, market, option, settle,
};

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;

/// A source of random commands.
pub struct Flow {
    /// Its randomness.
    pub random: Random,
    time: u64,
    number: u64,
    accounts: u32,
    instruments: u32,
    /// Open orders (id, account), when the caller tells: amends and cancels then meet them.
    pub open: Vec<(u64, u32)>,
    /// The transfer sent last, to be sent again.
    pub(crate) last_transfer: Option<TransferAllotment>,
    /// Legs of lists that are to be sent.
    pub(crate) legs: VecDeque<Vec<Record>>,
    pub(crate) lists: u64,
    /// What ends a halt or a limit again: the number at which it is sent, and the command.
    relief: VecDeque<(u64, Vec<Record>)>,
    /// Client order ids that were sent of late, with their accounts.
    texts: VecDeque<(u32, String)>,
}

impl Flow {
    /// A flow over a few accounts and instruments, so that everything collides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            time: 1_700_000_000_000_000_000,
            number: 0,
            accounts: 6,
            instruments: 3,
            open: Vec::new(),
            last_transfer: None,
            legs: VecDeque::new(),
            lists: 0,
            relief: VecDeque::new(),
            texts: VecDeque::new(),
        }
    }

    /// Definitions, cash and positions to begin with: one command a list.
    #[must_use]
    pub fn opening(&mut self) -> Vec<Vec<Record>> {
        let mut commands = vec![
            with_calendar(instrument(1, -20, 150).to_vec(), 5, 0),
            with_calendar(banded(instrument(2, 35, 90), &[(100, 2), (1_000, 50)]), 5, 200_000),
            margined(instrument(3, 0, 0).to_vec(), 250_000, 125_000),
            future(4, 1, -10, 60).to_vec(),
            option(5, 1, OptionKind::Call, 100, self.time + 20 * SECOND).to_vec(),
            option(6, 1, OptionKind::Put, 102, self.time + SECOND).to_vec(),
            vec![Record::of(account(1, AccountKind::Cash, 0))],
            vec![Record::of(account(
                2,
                AccountKind::Margin,
                account_permission::SHORT_SALE,
            ))],
            vec![Record::of(account(
                3,
                AccountKind::Margin,
                account_permission::FEES_OFF,
            ))],
            vec![Record::of(account(4, AccountKind::Replay, 0))],
            vec![Record::of(DefineAccount {
                group_id: 9,
                ..account(5, AccountKind::Cash, account_permission::COLLAR_OFF)
            })],
            vec![Record::of(DefineAccount {
                group_id: 9,
                ..account(6, AccountKind::Margin, 0)
            })],
        ];
        for id in 1..=self.accounts {
            commands.push(vec![Record::of(cash(id, 60_000))]);
        }
        for (instrument_id, price_ticks) in [(1, 100), (4, 101), (5, 99), (6, 98)] {
            let price = SetReferencePrice {
                kind: SetReferencePrice::KIND,
                instrument_id,
                source: 2,
                purpose: PricePurpose::Mark.number(),
                price_ticks,
                ..SetReferencePrice::default()
            };
            commands.push(vec![Record::of(price)]);
        }
        self.number += commands.len() as u64;
        for command in &mut commands {
            command[0].set_time_nanos(self.time);
        }
        commands
    }

    /// Time of the last command.
    pub(crate) const fn time(&self) -> u64 {
        self.time
    }

    pub(crate) fn account(&mut self) -> u32 {
        if self.random.once_in(300) {
            99
        } else {
            1 + self.random.below(u64::from(self.accounts)) as u32
        }
    }

    pub(crate) fn instrument(&mut self) -> u32 {
        if self.random.once_in(300) {
            77
        } else if self.random.once_in(4) {
            self.derivative()
        } else {
            1 + self.random.below(u64::from(self.instruments)) as u32
        }
    }

    /// A future or an option, defined or not.
    fn derivative(&mut self) -> u32 {
        self.random.one_of(&[4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 7, 8, 9])
    }

    /// A definition of a future or an option, sound mostly; on what is there already only margins can change.
    fn define_derivative(&mut self) -> Vec<Record> {
        let id = self.derivative();
        let expiry = match self.random.below(12) {
            0 => self.time - self.random.below(2),
            1 => self.time + 100 * SECOND,
            _ => self.time + self.random.below(900_000_000),
        };
        let underlying = self.random.one_of(&[1, 1, 1, 1, 2, 3]);
        let mut records = match self.random.below(3) {
            0 => future(id, self.random.one_of(&[0, id, 1, 1, 2]), 0, 30),
            1 => option(id, underlying, OptionKind::Call, self.random.between(95, 105), expiry),
            _ => option(id, underlying, OptionKind::Put, self.random.between(95, 105), expiry),
        };
        if id == 4 && self.random.once_in(2) {
            records = future(4, 1, -10, 60);
        }
        let mut terms: DerivativeTerms = *records[2].view();
        terms.initial_margin_ppm = self.random.one_of(&[200_000, 100_000, 50_000]);
        terms.maintenance_margin_ppm = terms.initial_margin_ppm / 2;
        if id > 6 && self.random.once_in(3) {
            terms.expiry_nanos = expiry;
        }
        match self.random.below(40) {
            0 => terms.strike_ticks = self.random.between(-1, 1),
            1 => terms.multiplier = self.random.between(0, 4),
            2 => terms.initial_margin_ppm = 1_000_001,
            3 => terms.maintenance_margin_ppm = 300_000,
            4 => terms.option_kind = self.random.below(4) as u8,
            5 => terms.exercise_style = self.random.below(4) as u8,
            6 => terms.expiry_nanos = 0,
            _ => {}
        }
        records[2] = Record::of(terms);
        records.to_vec()
    }

    pub(crate) fn side(&mut self) -> Side {
        self.random.one_of(&[Side::Buy, Side::Sell])
    }

    pub(crate) fn price(&mut self) -> i64 {
        match self.random.below(600) {
            0 => i64::MAX,
            1 => i64::MAX / 3 / (1 + self.random.between(0, 50)),
            2 => -self.random.between(0, 5),
            3 => self.random.between(1, 100_000),
            _ => self.random.between(90, 110),
        }
    }

    pub(crate) fn lots(&mut self) -> i64 {
        match self.random.below(600) {
            0 => i64::MAX - self.random.between(0, 3),
            1 => (1 << 58) / self.random.between(1, 300),
            2 => -self.random.between(0, 3),
            3 => self.random.between(1, 100_000),
            _ => self.random.between(1, 40),
        }
    }

    /// Account and id of an order to change: an open one of its own account, mostly.
    fn target(&mut self) -> (u32, u64) {
        if self.open.is_empty() || self.random.once_in(8) {
            return (self.account(), self.order_id());
        }
        let (id, owner) = self.open[self.random.below(self.open.len() as u64) as usize];
        (if self.random.once_in(15) { self.account() } else { owner }, id)
    }

    /// A recent command number.
    fn order_id(&mut self) -> u64 {
        let back = if self.random.once_in(4) {
            self.random.below(400)
        } else {
            self.random.below(60)
        };
        self.number.saturating_sub(back)
    }

    fn text(&mut self) -> String {
        match self.random.below(500) {
            0 => "not legal".into(),
            _ => format!("c{}", self.random.below(400)),
        }
    }

    /// An order as most are, near the others: what keeps the books full and trading.
    fn ordinary(&mut self) -> Vec<Record> {
        let (account_id, instrument_id, side) = (self.account(), self.random.between(1, 4) as u32, self.side());
        let lots = self.random.between(1, 15);
        if self.random.once_in(15) {
            return vec![Record::of(market(account_id, instrument_id, side, lots))];
        }
        let away = self.random.between(-2, 6);
        let price = if side == Side::Buy { 100 - away } else { 100 + away };
        let mut place = limit(account_id, instrument_id, side, price, lots);
        if self.random.once_in(4) {
            place.time_in_force = self.random.one_of(&[1, 3, 3, 4]);
        }
        if self.random.once_in(5) {
            place.self_trade_prevention = 1 + self.random.below(4) as u8;
        }
        vec![Record::of(place)]
    }

    /// An order and, where it has some, its terms.
    pub(crate) fn place(&mut self) -> Vec<Record> {
        if self.random.below(100) < 45 {
            return self.ordinary();
        }
        let (account_id, instrument_id, side) = (self.account(), self.instrument(), self.side());
        let mut place = if self.random.once_in(12) {
            market(account_id, instrument_id, side, self.lots())
        } else {
            limit(account_id, instrument_id, side, self.price(), self.lots())
        };
        let forces = [
            TimeInForce::GoodTillCancel,
            TimeInForce::Day,
            TimeInForce::ImmediateOrCancel,
            TimeInForce::FillOrKill,
        ];
        if self.random.once_in(3) {
            place.time_in_force = self.random.one_of(&forces).number();
        }
        if self.random.once_in(10) {
            place.instructions = order_instruction::POST_ONLY;
        }
        if self.random.once_in(12) {
            place.time_in_force = self.random.one_of(&[2, 5, 7]);
        }
        match self.random.below(400) {
            0 => place.order_type = self.random.below(12) as u8,
            1 => place.time_in_force = self.random.below(10) as u8,
            2 => place.instructions = self.random.below(64) as u16,
            3 => place.side = self.random.below(4) as u8,
            4 => place.price_ticks = self.price(),
            5 => place.display_quantity_lots = self.random.between(-1, 1),
            6 => place.self_trade_prevention = self.random.below(8) as u8,
            _ => {}
        }
        if self.random.once_in(4) {
            place.self_trade_prevention = 1 + self.random.below(4) as u8;
        }
        if self.random.once_in(6) {
            let types = [
                OrderType::Stop,
                OrderType::StopLimit,
                OrderType::MarketIfTouched,
                OrderType::LimitIfTouched,
                OrderType::TrailingStop,
                OrderType::TrailingStopLimit,
            ];
            let order_type = self.random.one_of(&types);
            let unpriced = [
                OrderType::Stop,
                OrderType::MarketIfTouched,
                OrderType::TrailingStop,
                OrderType::TrailingStopLimit,
            ];
            let market = unpriced.contains(&order_type);
            place.order_type = order_type.number();
            place.price_ticks = if market && !self.random.once_in(40) {
                0
            } else {
                self.price()
            };
            place.stop_price_ticks = self.price();
            if place.order_type == OrderType::TrailingStop.number() && self.random.once_in(2) {
                place.stop_price_ticks = 0;
            }
            place.trigger_source = self.random.between(1, 3) as u8;
            place.instructions = u16::from(self.random.once_in(60));
            if self.random.once_in(100) {
                place.trigger_source = self.random.below(6) as u8;
            }
        }
        match self.random.below(26) {
            24 | 25 if [2, 4, 7, 9].contains(&place.order_type) => {
                let reducing = u16::from(self.random.once_in(4)) * order_instruction::REDUCE_ONLY;
                place.instructions = order_instruction::ALL_OR_NONE | reducing;
                place.time_in_force = self.random.one_of(&[1, 1, 8]);
            }
            3 | 4 => place.instructions |= order_instruction::REDUCE_ONLY,
            5 if place.instructions == 0 => place.instructions = order_instruction::POST_ONLY_REPRICE,
            6 => {
                place.instructions |= order_instruction::ALL_OR_NONE;
                if self.random.once_in(4) {
                    place.time_in_force = TimeInForce::ImmediateOrCancel.number();
                }
            }
            7 if place.trigger_source == 0 => {
                place.order_type = OrderType::MarketToLimit.number();
                place.price_ticks = i64::from(self.random.once_in(40));
            }
            0 | 1 => place.display_quantity_lots = self.random.between(1, 8),
            2 => place.instructions |= order_instruction::HIDDEN,
            _ => {}
        }
        place.session_id = self.random.below(3) as u32;
        let mut terms = OrderTerms {
            kind: OrderTerms::KIND,
            ..OrderTerms::default()
        };
        if self.random.once_in(12) {
            place.time_in_force = TimeInForce::GoodTillDate.number();
            terms.expire_time_nanos = self.time + self.random.below(4_000_000_000);
        }
        if [6, 7].contains(&place.order_type) {
            terms.trailing_unit = self.random.between(1, 2) as u8;
            terms.trailing_offset = if terms.trailing_unit == 1 {
                self.random.between(1, 6)
            } else {
                self.random.between(1, 900)
            };
            if place.order_type == 7 {
                terms.limit_offset_ticks = self.random.between(0, 4);
            }
            match self.random.below(60) {
                0 => terms.trailing_offset = self.random.one_of(&[0, -1, i64::MAX, 10_001]),
                1 => terms.limit_offset_ticks = self.random.one_of(&[1, -1, i64::MAX]),
                2 => terms.trailing_unit = self.random.below(4) as u8,
                _ => {}
            }
        }
        if self.random.once_in(9) {
            self.peg(&mut place, &mut terms);
        }
        if self.random.once_in(20) && place.order_type != OrderType::Pegged.number() {
            terms.minimum_quantity_lots = self.random.between(-1, place.quantity_lots.clamp(0, 40));
        }
        match self.random.below(300) {
            0 => terms.expire_time_nanos = self.random.next_word(),
            1 => terms.expire_time_nanos = self.time - self.random.below(3),
            2 => terms.limit_offset_ticks = 1,
            3 => terms.trailing_unit = 1,
            4 => terms.peg_offset_ticks = self.random.between(-2, 2),
            5 => place.peg_kind = self.random.below(5) as u8,
            _ => {}
        }
        let mut records = vec![Record::of(place)];
        if terms
            != (OrderTerms {
                kind: OrderTerms::KIND,
                ..OrderTerms::default()
            })
            || self.random.once_in(100)
        {
            records.push(Record::of(terms));
        }
        records
    }

    /// Makes an order one that follows the book.
    fn peg(&mut self, place: &mut PlaceOrder, terms: &mut OrderTerms) {
        place.order_type = OrderType::Pegged.number();
        place.peg_kind = self.random.between(1, 3) as u8;
        place.price_ticks = if self.random.once_in(3) { self.price() } else { 0 };
        if !self.random.once_in(6) {
            place.instrument_id = self.random.between(1, 3) as u32;
        }
        (place.trigger_source, place.stop_price_ticks) = (0, 0);
        place.display_quantity_lots = 0;
        place.instructions &= order_instruction::REDUCE_ONLY | order_instruction::HIDDEN | order_instruction::POST_ONLY;
        match self.random.below(8) {
            0 | 1 => place.instructions |= order_instruction::REDUCE_ONLY,
            // As much as an account can pay, so that it can not follow far.
            2 | 3 => place.quantity_lots = self.random.between(60, 230),
            _ => {}
        }
        if place.time_in_force != TimeInForce::GoodTillDate.number() {
            place.time_in_force = self
                .random
                .one_of(&[TimeInForce::GoodTillCancel, TimeInForce::Day])
                .number();
        }
        *terms = OrderTerms {
            kind: OrderTerms::KIND,
            expire_time_nanos: terms.expire_time_nanos,
            ..OrderTerms::default()
        };
        let away = self.random.one_of(&[0, 0, 1, 1, 2, 3]);
        terms.peg_offset_ticks = if place.side == Side::Buy.number() { -away } else { away };
        match self.random.below(80) {
            0 => terms.peg_offset_ticks = self.random.one_of(&[i64::MIN, i64::MAX, 5, -5, 200, -200]),
            1 => place.peg_kind = self.random.below(5) as u8,
            2 => place.time_in_force = self.random.between(1, 8) as u8,
            3 => place.instructions = self.random.below(32) as u16,
            4 => place.display_quantity_lots = self.random.between(1, 5),
            5 => terms.minimum_quantity_lots = 1,
            6 => place.stop_price_ticks = 100,
            _ => {}
        }
    }

    fn administration(&mut self) -> Vec<Record> {
        let (account_id, instrument_id) = (self.account(), self.instrument());
        match self.random.below(20) {
            16 | 17 => self.define_derivative(),
            18 => {
                let id = self.derivative();
                vec![Record::of(settle(id, self.random.between(-1, 130)))]
            }
            0..=4 => {
                let mut movement = cash(account_id, self.random.between(-30_000, 32_000));
                if self.random.once_in(40) {
                    movement.amount_units = self.random.one_of(&[0, i64::MAX, i64::MIN]);
                }
                if self.random.once_in(60) {
                    movement.currency_id = self.random.below(3) as u16;
                }
                vec![Record::of(movement)]
            }
            5..=7 => {
                let mut movement = MovePosition {
                    kind: MovePosition::KIND,
                    account_id,
                    instrument_id,
                    quantity_lots: self.random.between(-60, 80),
                    reason: 1,
                    ..MovePosition::default()
                };
                if movement.quantity_lots > 0 {
                    movement.cost_units = self.random.between(0, 5_000);
                }
                if self.random.once_in(50) {
                    movement.quantity_lots = self.random.one_of(&[i64::MAX, i64::MIN, 0]);
                }
                vec![Record::of(movement)]
            }
            8 => {
                let calendar_id = self.random.one_of(&[0, 5]);
                let mut records = with_calendar(instrument(instrument_id, -20, 150).to_vec(), calendar_id, 0);
                let mut definition: DefineInstrument = *records[0].view();
                definition.collar_ppm = self.random.one_of(&[0, 50_000, 200_000]);
                definition.max_quantity_lots = self.random.one_of(&[0, 0, 100]);
                definition.min_notional_units = self.random.one_of(&[0, 0, 900]);
                definition.taker_fee_ppm = self.random.one_of(&[0, 150, 5_000, -40, 600_000]);
                definition.maker_fee_ppm = self.random.one_of(&[0, -20, 77]);
                records[0] = Record::of(definition);
                let bands: &[(i64, u32)] = match self.random.below(6) {
                    0 | 1 => &[(100, 2), (1_000, 50)],
                    2 => &[(0, 3), (96, 4), (104, 8)],
                    3 if self.random.once_in(3) => &[(0, 3), (95, 5)],
                    _ => &[],
                };
                let definition = banded([records[0], records[1]], bands);
                match self.random.below(4) {
                    0 => definition,
                    1 => margined(definition, 1_000_000, 500_000),
                    _ => margined(definition, 250_000, 125_000),
                }
            }
            9 => {
                let kinds = [AccountKind::Cash, AccountKind::Margin, AccountKind::Replay];
                // More accounts than there is room for.
                let account_id = if self.random.once_in(20) {
                    90 + self.random.below(10) as u32
                } else {
                    account_id
                };
                let mut definition = account(account_id, self.random.one_of(&kinds), self.random.below(17) as u16);
                definition.group_id = self.random.below(3) as u32;
                vec![Record::of(definition)]
            }
            10 | 11 => {
                // States heal more often than they break, or nothing would trade.
                let state = if self.random.once_in(4) {
                    self.random.between(2, 4) as u8
                } else {
                    1
                };
                let scope = self.random.one_of(&[1, 2, 2, 2, 3, 4, 4, 4]);
                let state = if scope == 4 && !self.random.once_in(4) {
                    1
                } else {
                    state
                };
                let target_id = match scope {
                    2 => 1 + self.random.below(6) as u32,
                    _ => self.random.below(10) as u32,
                };
                let kind = SetTradingState::KIND;
                vec![Record::of(SetTradingState {
                    kind,
                    scope,
                    state,
                    target_id,
                    reason: 1,
                    ..Default::default()
                })]
            }
            12 | 13 => vec![Record::of(SetReferencePrice {
                kind: SetReferencePrice::KIND,
                instrument_id,
                source: 2,
                purpose: self.random.between(1, 3) as u8,
                price_ticks: if self.random.once_in(5) {
                    self.random.between(-1, 120)
                } else {
                    self.random.between(94, 106)
                },
                source_time_nanos: self.time,
                ..SetReferencePrice::default()
            })],
            14 => vec![Record::of(SetRiskLimits {
                kind: self.random.one_of(&[14, 18]),
                ..Default::default()
            })],
            _ => vec![Record::of(CancelAllOrders {
                kind: CancelAllOrders::KIND,
                account_id: if self.random.once_in(3) { 0 } else { account_id },
                instrument_id: if self.random.once_in(2) { 0 } else { instrument_id },
                side: self.random.below(3) as u8,
                session_filter: self.random.below(3) as u32,
                ..CancelAllOrders::default()
            })],
        }
    }

    /// A phase, and phases that lead back to continuous trading within some dozens of commands, mostly.
    fn session(&mut self) -> Vec<Record> {
        let mut session = SetSession {
            kind: SetSession::KIND,
            instrument_id: self.instrument(),
            phase: self.random.one_of(&[1, 2, 3, 4, 5, 5, 5, 6, 6, 7]),
            reason: self.random.between(0, 9) as u16,
            ..SetSession::default()
        };
        if self.random.once_in(4) {
            session.instrument_id = 0;
            session.calendar_id = 5;
        }
        let mut at = self.time;
        let mut phase = session.phase;
        if self.random.once_in(3) {
            at += 1 + self.random.below(60_000_000);
            session.until_nanos = at;
            phase = [0, 2, 3, 4, 6, 4, 7, 1][usize::from(phase)];
        }
        let mut planned = Vec::new();
        while phase != 4 && planned.len() < 9 {
            // What takes no orders is short.
            let long = if [1, 7].contains(&phase) {
                8_000_000
            } else {
                200_000_000
            };
            phase = match phase {
                1 => self.random.one_of(&[2, 3, 3, 4]),
                2 => self.random.one_of(&[3, 3, 4]),
                3 => self.random.one_of(&[4, 4, 4, 1]),
                5 => self.random.one_of(&[4, 4, 6, 7, 1]),
                6 => self.random.one_of(&[7, 1]),
                _ => self.random.one_of(&[1, 2]),
            };
            at += 1 + self.random.below(long);
            planned.push((at, phase));
        }
        match self.random.below(60) {
            0 => session.phase = self.random.below(10) as u8,
            1 => session.calendar_id = self.random.below(3) as u32,
            2 => session.reason = self.random.one_of(&[10, 300]),
            3 => session.until_nanos = self.random.one_of(&[self.time, 1, u64::MAX]),
            4 => planned.push((at, self.random.below(9) as u8)),
            5 => planned.push((at + 1, self.random.below(9) as u8)),
            6 => planned.clear(),
            _ => {}
        }
        let mut records = vec![Record::of(session)];
        for three in planned.chunks(3) {
            let entry = |at: usize| three.get(at).copied().unwrap_or_default();
            records.push(Record::of(SessionPlan {
                kind: SessionPlan::KIND,
                at_nanos0: entry(0).0,
                at_nanos1: entry(1).0,
                at_nanos2: entry(2).0,
                phase0: entry(0).1,
                phase1: entry(1).1,
                phase2: entry(2).1,
                ..SessionPlan::default()
            }));
        }
        records
    }

    /// Plans the end of what would keep many orders out, or hardly anything would trade any more.
    fn plan_relief(&mut self, records: &[Record]) {
        let end = match records[0].kind() {
            SetRiskLimits::KIND => {
                let change: SetRiskLimits = *records[0].view();
                let limits = RiskLimits {
                    kind: RiskLimits::KIND,
                    ..RiskLimits::default()
                };
                let rates = RiskRates {
                    kind: RiskRates::KIND,
                    ..RiskRates::default()
                };
                vec![
                    Record::of(SetRiskLimits { version: 0, ..change }),
                    Record::of(limits),
                    Record::of(rates),
                ]
            }
            SetTradingState::KIND => {
                let change: SetTradingState = *records[0].view();
                if change.state == TradingState::Active.number() {
                    return;
                }
                vec![Record::of(SetTradingState {
                    state: TradingState::Active.number(),
                    flags: 0,
                    ..change
                })]
            }
            SetRestriction::KIND => {
                let change: SetRestriction = *records[0].view();
                if change.restriction == 0 {
                    return;
                }
                vec![Record::of(SetRestriction {
                    restriction: 0,
                    ..change
                })]
            }
            _ => return,
        };
        if self.relief.len() < 30 {
            let due = self.number + 40 + self.random.below(160);
            self.relief.push_back((due, end));
        }
    }

    /// What is due of that.
    fn relieve(&mut self) -> Option<Vec<Record>> {
        let due = self.relief.iter().position(|(due, _)| *due <= self.number)?;
        self.relief.remove(due).map(|(_, records)| records)
    }

    /// The next command: a primary record and its extensions, stamped.
    #[must_use]
    pub fn next_command(&mut self) -> Vec<Record> {
        self.number += 1;
        let before = self.time;
        self.time += match self.random.below(3000) {
            0 => self.random.below(30) * HOUR,
            1..=10 => 3_000_000_000,
            _ => self.random.below(2_000_000),
        };
        // After a long silence the clock is moved by a command of its own, often enough to meet the bound on jumps.
        let silent = self.time - before > 2_000_000_000 && self.random.once_in(2);
        // Books that are nearly empty are filled before their orders are cancelled.
        let thin = !self.open.is_empty() && self.open.len() < 14 && !self.random.once_in(4);
        let relief = if silent { None } else { self.relieve() };
        let drawn = match self.random.below(100) {
            _ if silent => 93,
            55..=92 if thin => 0,
            drawn => drawn,
        };
        let mut records = match drawn {
            _ if relief.is_some() => relief.unwrap_or_default(),
            0..=54 => self.place_or_leg(),
            55..=74 => {
                let (account_id, order_id) = self.target();
                vec![Record::of(cancel(account_id, 0, order_id))]
            }
            75..=92 => {
                let (account_id, order_id) = self.target();
                let flags = if self.random.once_in(30) {
                    self.random.below(16) as u16
                } else {
                    self.random.one_of(&[1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10])
                };
                let (price, lots) = (self.price(), self.lots());
                let mut amend = amend(account_id, order_id, flags, price, lots);
                amend.stop_price_ticks = self.price();
                amend.display_quantity_lots = self.random.between(0, 8);
                vec![Record::of(amend)]
            }
            93 => {
                let confirm_jump = u8::from(self.random.once_in(2));
                vec![Record::of(AdvanceTime {
                    kind: AdvanceTime::KIND,
                    confirm_jump,
                    ..AdvanceTime::default()
                })]
            }
            _ => {
                let records = match self.random.below(36) {
                    0..=5 => self.safeguard(),
                    6..=10 => self.session(),
                    _ => self.administration(),
                };
                self.plan_relief(&records);
                records
            }
        };
        if self.random.once_in(5) && records[0].kind() < DefineInstrument::KIND {
            let text = self.text();
            records.push(Record::of(client_order(&text)));
            if records[0].kind() == PlaceOrder::KIND {
                self.texts.push_back((records[0].view::<PlaceOrder>().account_id, text));
                self.texts.drain(..self.texts.len().saturating_sub(40));
            }
        }
        let kind = records[0].kind();
        if (kind == 2 || kind == 3) && self.random.once_in(7) {
            let known = self.random.below(self.texts.len().max(1) as u64) as usize;
            let text = match self.texts.get(known).cloned() {
                Some((account_id, text)) if !self.random.once_in(5) => {
                    match kind {
                        2 => {
                            records[0] = Record::of(AmendOrder {
                                account_id,
                                ..*records[0].view()
                            })
                        }
                        _ => {
                            records[0] = Record::of(CancelOrder {
                                account_id,
                                ..*records[0].view()
                            })
                        }
                    }
                    text
                }
                _ => self.text(),
            };
            let text = client_order(&text);
            records.push(Record::of(OriginalClientOrder {
                kind: OriginalClientOrder::KIND,
                text0: text.text0,
                text1: text.text1,
                text2: text.text2,
                text3: text.text3,
                text4: text.text4,
                ..OriginalClientOrder::default()
            }));
            // By client id: the order id is 0.
            records[0].words_mut()[3] = 0;
        }
        let extensions = records.len() as u64 - 1;
        records[0].words_mut()[0] = (records[0].words()[0] & !0xff) | extensions;
        records[0].set_time_nanos(self.time);
        records
    }
}

/// An instrument that follows a calendar, with a price collar.
fn with_calendar(mut records: Vec<Record>, calendar_id: u32, collar_ppm: u32) -> Vec<Record> {
    let definition = DefineInstrument {
        collar_ppm,
        ..*records[0].view()
    };
    let symbol = InstrumentSymbol {
        calendar_id,
        ..*records[1].view()
    };
    records[0] = Record::of(definition);
    records[1] = Record::of(symbol);
    records
}
