//! A naive engine, written from the rules and not from the real engine's algorithms: ordered maps, full scans, and effects
//! found by comparing the state before a command with the state after it. Slow on purpose; its answers and reports are
//! compared byte for byte with the real engine's.

mod administration;
mod afterwards;
mod amending;
mod checks;
pub mod derivatives;
mod limits;
mod lists;
mod margin;
mod orders;
mod pegs;
mod phases;
mod safeguards;
pub mod state;
mod tick_tables;
mod trips;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use bytemuck::Pod;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use state::{LevelKey, ListKey, ListStage, Memory, Order, Position, Stage, State};

const DAY: u64 = 24 * 3600 * 1_000_000_000;

/// A refusal: code, observed, limit, order named.
#[derive(Clone, Copy, Debug)]
pub struct No(pub ErrorCode, pub i128, pub i128, pub u64);

/// What a command may answer with instead of an effect.
pub type Verdict = Result<(), No>;

fn no(code: ErrorCode) -> No {
    No(code, 0, 0, 0)
}

fn shown(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// The reference engine.
pub struct Reference {
    /// What it knows.
    pub state: State,
    max_orders: usize,
    max_accounts: usize,
    max_instruments: usize,
    reports: Vec<Record>,
    answer: AnswerRecord,
    levels: Vec<LevelKey>,
    /// Lists that have something to do behind the order that runs.
    owed: Vec<ListKey>,
    /// The order that is matched.
    running: Option<u64>,
    /// The order that ran last stopped at the band of a circuit breaker.
    stopped: bool,
    /// Prices outside their band that orders met since prices were looked at.
    pressed: Vec<(u32, i128)>,
    traded_cash: BTreeMap<(u32, u16), i128>,
    moved_cash: BTreeSet<(u32, u16)>,
    settled_cash: BTreeSet<(u32, u16)>,
    moved_lots: BTreeSet<(u32, u32)>,
    allotted_cash: BTreeSet<(u32, u16)>,
    /// Version of the rule that refuses.
    ruled_by: core::cell::Cell<u32>,
    /// Instruments whose phase or reference price the command changed.
    called: Vec<u32>,
}

impl Reference {
    /// An empty engine with these capacities.
    #[must_use]
    pub fn new(max_orders: usize, max_accounts: usize, max_instruments: usize) -> Self {
        let state = State {
            global: TradingState::Active.number(),
            global_reason: 0,
            ..State::default()
        };
        Self {
            state,
            max_orders,
            max_accounts,
            max_instruments,
            reports: Vec::new(),
            answer: AnswerRecord::default(),
            levels: Vec::new(),
            owed: Vec::new(),
            running: None,
            stopped: false,
            pressed: Vec::new(),
            traded_cash: BTreeMap::new(),
            moved_cash: BTreeSet::new(),
            settled_cash: BTreeSet::new(),
            moved_lots: BTreeSet::new(),
            allotted_cash: BTreeSet::new(),
            ruled_by: core::cell::Cell::new(0),
            called: Vec::new(),
        }
    }

    /// Executes one command.
    pub fn submit(&mut self, records: &[Record]) -> (Vec<Record>, AnswerRecord) {
        let before = self.state.clone();
        self.reports.clear();
        self.levels.clear();
        self.traded_cash.clear();
        self.moved_cash.clear();
        self.settled_cash.clear();
        self.moved_lots.clear();
        self.allotted_cash.clear();
        self.ruled_by.set(0);
        self.called.clear();
        self.state.number += 1;
        let kind = records[0].kind();
        self.answer = AnswerRecord {
            command_number: self.state.number,
            command_kind: kind as u8,
            ..AnswerRecord::default()
        };
        let time = self.state.time.max(records[0].time_nanos());
        let jump = time - self.state.time;
        let jumps = kind == AdvanceTime::KIND
            && self.state.time != 0
            && jump > 5_000_000_000
            && records[0].view::<AdvanceTime>().confirm_jump != 1;
        if jumps {
            self.refuse(No(ErrorCode::TimeJump, i128::from(jump), 5_000_000_000, 0), records);
        } else {
            self.state.turn_day(time);
            self.state.time = time;
            self.state
                .memory
                .retain(|_, memory| memory.until.is_none_or(|until| until > time));
            self.state
                .lists
                .retain(|_, list| !matches!(list.stage, ListStage::Ended(until) if until <= time));
            let fired = self.run_clock();
            self.end_lists();
            self.run_lists();
            self.decide(records, fired);
        }
        let answer = self.answer;
        self.hold_to_positions();
        self.run_lists();
        self.fill_whole();
        self.answer = answer;
        self.trip_refusals(records);
        self.trip_prices();
        self.fire();
        self.end_lists();
        self.trip_losses();
        self.answer = answer;
        let touched: Vec<u32> = self.levels.iter().map(|key| key.0).collect();
        self.effects(&before);
        self.show_indications(&touched);
        let last = self
            .reports
            .iter()
            .rposition(|record| record.kind() <= 9)
            .expect("an outcome");
        self.reports[last].add_report_flags(report_flag::LAST_OF_COMMAND as u8);
        (core::mem::take(&mut self.reports), self.answer)
    }

    fn decide(&mut self, records: &[Record], fired: u64) {
        self.ruled_by.set(0);
        let text = extension::<ClientOrder>(records, ClientOrder::KIND)
            .map(|client| [client.text0, client.text1, client.text2, client.text3, client.text4]);
        let key = text.map(|text| (account_of(records), text));
        let payload = payload(records);
        if let Some(memory) = key.and_then(|key| self.state.memory.get(&key)).cloned() {
            if memory.payload == payload {
                let mut outcome = memory.outcome;
                outcome.words_mut()[0] &= !0xff00;
                outcome.add_report_flags(report_flag::DUPLICATE as u8);
                self.reports.push(outcome);
                self.answer = memory.answer;
                self.answer.flags = answer_flag::DUPLICATE as u8;
            } else {
                self.refuse(
                    No(ErrorCode::DuplicateClientOrderId, 0, 0, memory.answer.order_id),
                    records,
                );
                self.refused_leg(records, ErrorCode::DuplicateClientOrderId);
            }
            return;
        }
        let legal = text.is_none_or(|text| legal_text(&text));
        let start = self.reports.len();
        let verdict = if legal {
            self.dispatch(records, fired)
        } else {
            Err(no(ErrorCode::InvalidClientOrderId))
        };
        if let Err(refusal) = verdict {
            assert_eq!(self.reports.len(), start, "a refused command reported something");
            self.refuse(refusal, records);
            self.refused_leg(records, refusal.0);
        }
        if let (Some(key), true) = (key, legal) {
            let open = self.answer.code == 0 && self.state.orders.iter().any(|o| o.id == self.answer.order_id);
            let until = if open { None } else { Some(self.state.time + DAY) };
            let memory = Memory {
                payload,
                outcome: self.reports[start],
                answer: self.answer,
                until,
            };
            self.state.memory.insert(key, memory);
        }
    }

    fn dispatch(&mut self, records: &[Record], fired: u64) -> Verdict {
        match records[0].kind() {
            PlaceOrder::KIND => self.place(records),
            AmendOrder::KIND => self.amend(records),
            CancelOrder::KIND => self.cancel(records),
            CancelAllOrders::KIND => self.cancel_all(records),
            MoveCash::KIND => self.move_cash(records[0].view()),
            MovePosition::KIND => self.move_position(records[0].view()),
            DefineInstrument::KIND => self.define_instrument(records),
            DefineAccount::KIND => self.define_account(records[0].view()),
            SetTradingState::KIND => self.set_state(records[0].view()),
            SetReferencePrice::KIND => self.set_price(records[0].view()),
            SetRiskLimits::KIND => self.set_limits(records),
            SetTripRule::KIND => self.set_trip(records[0].view()),
            SetRestriction::KIND => self.set_restriction(records[0].view()),
            KeepAlive::KIND => self.keep_alive(records[0].view()),
            TransferAllotment::KIND => self.transfer_allotment(records[0].view()),
            SettleInstrument::KIND => self.settle_instrument(records[0].view()),
            SetSession::KIND => self.set_session(records),
            AdvanceTime::KIND => {
                self.done(AdvanceTime::KIND, 0, fired);
                Ok(())
            }
            _ => Err(no(ErrorCode::UnknownCommandKind)),
        }
    }

    fn push<T: Pod>(&mut self, report: T) {
        self.reports.push(Record::of(report));
    }

    fn outcome<T: Pod>(&mut self, report: T) {
        let mut record = Record::of(report);
        record.add_report_flags(report_flag::OUTCOME as u8);
        self.reports.push(record);
    }

    fn done(&mut self, command_kind: u16, target_id: u64, affected_count: u64) {
        self.answer.observed = affected_count as i64;
        self.outcome(DoneReport {
            kind: 9,
            command_kind,
            target_id,
            affected_count,
            ..DoneReport::default()
        });
    }

    fn refuse(&mut self, refusal: No, records: &[Record]) {
        let No(code, observed, limit, order_id) = refusal;
        self.answer.code = code.number();
        self.answer.observed = shown(observed);
        self.answer.limit = shown(limit);
        self.answer.order_id = order_id;
        let primary = &records[0];
        if primary.kind() == PlaceOrder::KIND {
            self.answer.order_status = OrderStatus::Rejected.number();
            self.answer.exec_type = ExecType::Rejected.number();
        }
        let (account_id, instrument_id, price_ticks, quantity_lots) = match primary.kind() {
            PlaceOrder::KIND => {
                let c = primary.view::<PlaceOrder>();
                (c.account_id, c.instrument_id, c.price_ticks, c.quantity_lots)
            }
            AmendOrder::KIND => {
                let c = primary.view::<AmendOrder>();
                (c.account_id, c.instrument_id, c.price_ticks, c.quantity_lots)
            }
            CancelOrder::KIND => (
                primary.view::<CancelOrder>().account_id,
                primary.view::<CancelOrder>().instrument_id,
                0,
                0,
            ),
            CancelAllOrders::KIND => (
                primary.view::<CancelAllOrders>().account_id,
                primary.view::<CancelAllOrders>().instrument_id,
                0,
                0,
            ),
            MoveCash::KIND => (primary.view::<MoveCash>().account_id, 0, 0, 0),
            MovePosition::KIND => {
                let c = primary.view::<MovePosition>();
                (c.account_id, c.instrument_id, 0, c.quantity_lots)
            }
            DefineInstrument::KIND => (0, primary.view::<DefineInstrument>().instrument_id, 0, 0),
            DefineAccount::KIND => (primary.view::<DefineAccount>().account_id, 0, 0, 0),
            SettleInstrument::KIND => {
                let c = primary.view::<SettleInstrument>();
                (0, c.instrument_id, c.settlement_price_ticks, 0)
            }
            SetSession::KIND => (0, primary.view::<SetSession>().instrument_id, 0, 0),
            SetReferencePrice::KIND => {
                let c = primary.view::<SetReferencePrice>();
                (0, c.instrument_id, c.price_ticks, 0)
            }
            SetRestriction::KIND => {
                let c = primary.view::<SetRestriction>();
                (c.account_id, c.instrument_id, 0, 0)
            }
            KeepAlive::KIND => (primary.view::<KeepAlive>().account_id, 0, 0, 0),
            TransferAllotment::KIND => (primary.view::<TransferAllotment>().account_id, 0, 0, 0),
            _ => (0, 0, 0, 0),
        };
        self.outcome(RefusalReport {
            kind: 8,
            order_id,
            account_id,
            instrument_id,
            code: code.number(),
            command_kind: primary.kind(),
            rule_version: self.ruled_by.get(),
            observed: shown(observed),
            limit: shown(limit),
            price_ticks,
            quantity_lots,
            ..RefusalReport::default()
        });
    }

    /// Reports what differs between two states, in the documented order.
    fn effects(&mut self, before: &State) {
        let pairs: BTreeSet<_> = before
            .orders
            .iter()
            .chain(&self.state.orders)
            .map(|order| (order.account, order.instrument))
            .chain(self.moved_lots.iter().copied())
            .collect();
        for (account, instrument) in pairs {
            let was = if before.accounts.contains_key(&account) {
                before.reserved_lots(account, instrument)
            } else {
                0
            };
            let now = self.state.reserved_lots(account, instrument);
            if was == now && !self.moved_lots.contains(&(account, instrument)) {
                continue;
            }
            let position = self
                .state
                .positions
                .get(&(account, instrument))
                .copied()
                .unwrap_or_default();
            let Position { lots, cost, realized } = position;
            self.push(PositionChangedReport {
                kind: 3,
                account_id: account,
                instrument_id: instrument,
                quantity_lots: lots as i64,
                reserved_sell_lots: now as i64,
                cost_low: cost as u64,
                cost_high: (cost >> 64) as i64,
                realized_low: realized as u64,
                realized_high: (realized >> 64) as i64,
                ..PositionChangedReport::default()
            });
        }
        let currency = |state: &State, order: &Order| state.instruments[&order.instrument].terms.currency_id;
        let balances: BTreeSet<_> = before
            .orders
            .iter()
            .map(|order| (order.account, currency(before, order)))
            .chain(
                self.state
                    .orders
                    .iter()
                    .map(|order| (order.account, currency(&self.state, order))),
            )
            .chain(self.traded_cash.keys().copied())
            .chain(self.moved_cash.iter().copied())
            .chain(self.allotted_cash.iter().copied())
            .chain(self.settled_cash.iter().copied())
            .collect();
        for key in balances {
            let was = before.reserved(key.0, key.1);
            let now = self.state.reserved(key.0, key.1);
            let reason = if self.traded_cash.contains_key(&key) {
                BalanceReason::Trade
            } else if self.allotted_cash.contains(&key) {
                BalanceReason::Allotment
            } else if self.settled_cash.contains(&key) {
                BalanceReason::Settlement
            } else if self.moved_cash.contains(&key) {
                BalanceReason::CashMovement
            } else if was != now {
                BalanceReason::Reservation
            } else {
                continue;
            };
            let total = self.state.cash.get(&key).copied().unwrap_or(0);
            let delta = total - before.cash.get(&key).copied().unwrap_or(0);
            let fee = self.traded_cash.get(&key).copied().unwrap_or(0);
            self.push(BalanceChangedReport {
                kind: 4,
                account_id: key.0,
                currency_id: key.1,
                reason: u16::from(reason.number()),
                total_low: total as u64,
                total_high: (total >> 64) as i64,
                reserved_low: now as u64,
                reserved_high: (now >> 64) as i64,
                delta_units: shown(delta),
                fee_units: shown(fee),
                ..BalanceChangedReport::default()
            });
        }
        for key in core::mem::take(&mut self.levels) {
            let now = self.state.level(key);
            if now == before.level(key) {
                continue;
            }
            let instrument = self.state.instruments.get_mut(&key.0).expect("known");
            instrument.sequence += 1;
            let book_sequence = instrument.sequence;
            self.push(BookLevelReport {
                flags: if key.1 == Side::Sell.number() {
                    report_flag::ASK as u8
                } else {
                    0
                },
                kind: 5,
                instrument_id: key.0,
                order_count: now.1,
                price_ticks: key.2 as i64,
                quantity_lots: now.0 as i64,
                book_sequence,
                side: key.1,
                ..BookLevelReport::default()
            });
        }
    }

    fn touch_level(&mut self, order: &Order) {
        if order.stage != Stage::Resting {
            return;
        }
        let key = (order.instrument, order.side.number(), order.price);
        if !self.levels.contains(&key) {
            self.levels.push(key);
        }
    }
}

/// First extension of a kind.
fn extension<T: Pod>(records: &[Record], kind: u16) -> Option<&T> {
    records[1..]
        .iter()
        .find(|record| record.kind() == kind)
        .map(Record::view)
}

fn account_of(records: &[Record]) -> u32 {
    match records[0].kind() {
        // These six kinds begin with the account.
        1..=6 => records[0].words()[2] as u32,
        _ => 0,
    }
}

fn legal_text(text: &[u64; 5]) -> bool {
    let bytes: Vec<u8> = text.iter().flat_map(|word| word.to_le_bytes()).collect();
    let text: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != 0).collect();
    let legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
    (1..=36).contains(&text.len())
        && text.iter().all(|byte| legal.as_bytes().contains(byte))
        && bytes[text.len()..].iter().all(|byte| *byte == 0)
}

/// What the client chose: all records without time, session, extension count and tracing ids.
fn payload(records: &[Record]) -> Vec<Record> {
    records
        .iter()
        .filter(|record| record.kind() != Causation::KIND)
        .map(|record| {
            let mut words = *record.words();
            words[0] &= 0xffff_ff00;
            words[1] = 0;
            if record.kind() == ClientOrder::KIND {
                words[7] = 0;
            }
            Record::from_words(words)
        })
        .collect()
}
