//! The step: one command in, its reports and its answer out.

use fulltape_tape::Record;
use fulltape_tape::codes::{CancelReason, ErrorCode, ExecType, OrderStatus, Side, TradingState, report_flag};
use fulltape_tape::layout::{
    AdvanceTime, AmendOrder, AnswerRecord, CancelAllOrders, CancelOrder, DefineAccount, DefineInstrument, DoneReport,
    KeepAlive, MoveCash, MovePosition, OrderStateReport, PlaceOrder, RefusalReport, SetReferencePrice, SetRestriction,
    SetRiskLimits, SetSession, SetTradingState, SetTripRule, SettleInstrument, TransferAllotment,
};

use crate::accounts::AccountTable;
use crate::all_or_none::{AsideBooks, is_all_or_none};
use crate::book::{HiddenTouch, LevelTable, LevelTouch, Touching};
use crate::client_orders::{ClientOrders, Entry, KEPT_NANOS, is_valid_text};
use crate::closed_orders::PlacedOrders;
use crate::command::Command;
use crate::config::{Config, RiskMode};
use crate::explain::{Note, Relation, ended_note};
use crate::instruments::InstrumentTable;
use crate::ledger::{Ledger, Pot, halves};
use crate::list_table::ListTable;
use crate::mixing::{EntityHash, HashSum, hash_words};
use crate::orders::{NONE, OrderTable, side_index};
use crate::pegs::{PegTable, is_pegged};
use crate::reduce_only::reduces_only;
use crate::reports::{Happening, Out, Refusal, ReportSink, order_state, refusal_report};
use crate::risk::Risk;
use crate::snapshot::Snapshotting;
use crate::trading_days::TradingDays;

/// Largest step of the clock that an `AdvanceTime` command takes without confirmation: 5 s in nanoseconds.
pub const TIME_JUMP_NANOS: u64 = 5_000_000_000;
/// Largest notional of an order in money units; fees of at most half of it keep every amount of a record in `i64`.
pub const NOTIONAL_MAX: i64 = 1 << 62;

/// The state of one shard and the step over it.
pub struct Engine {
    pub(crate) config: Config,
    pub(crate) orders: OrderTable,
    pub(crate) levels: LevelTable,
    pub(crate) accounts: AccountTable,
    pub(crate) instruments: InstrumentTable,
    pub(crate) days: TradingDays,
    pub(crate) ledger: Ledger,
    pub(crate) client_orders: ClientOrders,
    pub(crate) placed: PlacedOrders,
    pub(crate) lists: ListTable,
    pub(crate) pegs: PegTable,
    pub(crate) global_state: u8,
    /// Wire number of the `StateReason` that the global state was set for; 0 = it never was.
    pub(crate) global_reason: u16,
    /// Number of the command that runs.
    pub(crate) number: u64,
    pub(crate) next_number: u64,
    pub(crate) trades: u64,
    pub(crate) time_nanos: u64,
    pub(crate) level_touches: Vec<LevelTouch>,
    pub(crate) hidden_touches: Vec<HiddenTouch>,
    /// Instruments whose waiting orders may be due although no level of theirs was touched.
    pub(crate) dirty: Vec<u32>,
    /// Instruments whose indicative price may have changed although no level of theirs was touched.
    pub(crate) called: Vec<u32>,
    /// Instruments that a session command is about.
    pub(crate) session_targets: Vec<u32>,
    /// Orders that trigger together.
    pub(crate) wave: Vec<u64>,
    /// Ids and slots of trailing orders whose trigger has moved, and the limits that they had, until they are reported.
    pub(crate) trailed: Vec<(u64, u32, i64)>,
    /// Places in queues given so far.
    pub(crate) places: u64,
    /// Orders that a mass cancel has found.
    pub(crate) found: Vec<u32>,
    pub(crate) answer: AnswerRecord,
    pub(crate) risk: Risk,
    pub(crate) sum: HashSum,
    pub(crate) snapshotting: Snapshotting,
    /// All-or-none orders that rest.
    pub(crate) aside: AsideBooks,
}

impl Engine {
    /// An empty engine. Takes the memory that the configuration names.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            orders: OrderTable::with_capacity(config.max_orders),
            levels: LevelTable::with_capacity(config.max_orders),
            accounts: AccountTable::with_capacity(config.max_accounts),
            instruments: InstrumentTable::with_capacity(config.max_instruments),
            days: TradingDays::with_capacity(config.max_instruments),
            ledger: Ledger::with_capacity(config.max_accounts, config.risk),
            client_orders: ClientOrders::with_capacity(config.max_orders as usize),
            placed: PlacedOrders::new(),
            lists: ListTable::new(),
            pegs: PegTable::default(),
            global_state: TradingState::Active.number(),
            global_reason: 0,
            number: 0,
            next_number: 1,
            trades: 0,
            time_nanos: 0,
            level_touches: Vec::with_capacity(1024),
            hidden_touches: Vec::with_capacity(1024),
            dirty: Vec::with_capacity(1024),
            called: Vec::with_capacity(1024),
            session_targets: Vec::with_capacity(config.max_instruments as usize),
            wave: Vec::with_capacity(1024),
            trailed: Vec::with_capacity(1024),
            places: 0,
            found: Vec::with_capacity(1024),
            answer: AnswerRecord::default(),
            risk: Risk::bounded(config.max_accounts),
            sum: HashSum::default(),
            snapshotting: Snapshotting::default(),
            aside: AsideBooks::new(),
            config,
        }
    }

    /// Executes one command and pushes its reports, each with `command_index`. Returns what the caller is told.
    ///
    /// The command's time is its stamp; a stamp behind the engine's time counts as the engine's time.
    /// Allocates nothing while tables stay within their capacities and no more orders wait than ever before. Cost: O(fills + levels touched) and a constant.
    ///
    /// # Panics
    /// When an invariant does not hold. The engine must not be used afterwards.
    #[inline]
    pub fn submit(&mut self, command: &Command<'_>, command_index: u32, sink: &mut impl ReportSink) -> AnswerRecord {
        self.run(command, command_index, sink);
        self.answer
    }

    /// Apart from the answer, which many callers do not take.
    fn run(&mut self, command: &Command<'_>, command_index: u32, sink: &mut impl ReportSink) {
        self.begin(command);
        let mut out = Out::new(sink, command_index, command.has_extensions());
        out.note(|| Note::Command {
            number: self.number,
            kind: command.kind(),
            time_nanos: self.time_nanos.max(command.time_nanos()),
        });
        let fired = match self.move_time(command, &mut out) {
            Ok(fired) => fired,
            Err(refusal) => {
                self.refuse(&refusal, command, &mut out);
                out.finish();
                return;
            }
        };
        if !self.lists.queue.is_empty() {
            self.run_lists(&mut out);
        }
        if !command.has_extensions() {
            self.execute(command, fired, &mut out);
        } else if !self.recall(command, &mut out) {
            self.execute(command, fired, &mut out);
            self.remember(command, &out.outcome);
        }
        if !self.ledger.over.is_empty() {
            self.enforce_reduce_only(&mut out);
        }
        if !self.lists.queue.is_empty() {
            self.run_lists(&mut out);
        }
        if self.aside.open != 0 {
            self.run_all_or_none(&mut out);
        }
        if self.risk.trips.watch() {
            if self.answer.code != 0 {
                self.count_refusal(command, &mut out);
            }
            self.run_price_trips(&mut out);
        }
        if self.orders.specials.waiting != 0 {
            self.run_triggers(&mut out);
        }
        if self.pegs.count != 0 {
            self.follow_references(&mut out);
        }
        if self.risk.trips.watch_losses() {
            self.run_loss_trips(command, &mut out);
        }
        self.report_effects(&mut out);
        out.finish();
    }

    /// Executes commands in order; the first gets index `first_index`. `answer` is called once a command.
    ///
    /// # Panics
    /// As [`Engine::submit`].
    pub fn submit_batch(
        &mut self,
        records: &[Record],
        first_index: u32,
        sink: &mut impl ReportSink,
        mut answer: impl FnMut(AnswerRecord),
    ) {
        let mut rest = records;
        let mut index = first_index;
        while let Some((command, behind)) = Command::split_first(rest) {
            answer(self.submit(&command, index, sink));
            rest = behind;
            index += 1;
        }
    }

    /// Gives a command that makes the engine panic its outcome without executing it: `REJECTED_ENGINE_FAULT`.
    /// Not even the time moves, because a timer may be what panics.
    pub fn refuse_fault(
        &mut self,
        command: &Command<'_>,
        command_index: u32,
        sink: &mut impl ReportSink,
    ) -> AnswerRecord {
        self.begin(command);
        let mut out = Out::new(sink, command_index, command.has_extensions());
        self.refuse(&Refusal::of(ErrorCode::RejectedEngineFault), command, &mut out);
        if self.known_entry(command).is_none() {
            self.remember(command, &out.outcome);
        }
        out.finish();
        self.answer
    }

    /// What the caller of the last command is told.
    #[must_use]
    #[inline(always)]
    pub const fn answer(&self) -> &AnswerRecord {
        &self.answer
    }

    #[inline]
    fn begin(&mut self, command: &Command<'_>) {
        self.number = self.next_number;
        self.next_number += 1;
        self.ledger.begin(self.number);
        self.level_touches.clear();
        self.hidden_touches.clear();
        self.dirty.clear();
        self.called.clear();
        self.placed.advance(self.number, &mut self.sum);
        self.answer = AnswerRecord {
            command_number: self.number,
            command_kind: command.kind() as u8,
            ..AnswerRecord::default()
        };
    }

    /// Moves the clock to the command's stamp and runs the timers that are due.
    #[inline]
    fn move_time<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) -> Result<u64, Refusal> {
        let to = self.time_nanos.max(command.time_nanos());
        if command.kind() == AdvanceTime::KIND && self.time_nanos != 0 {
            let jump = to - self.time_nanos;
            if jump > TIME_JUMP_NANOS && command.view::<AdvanceTime>().confirm_jump != 1 {
                return Err(Refusal::bound(
                    ErrorCode::TimeJump,
                    i128::from(jump),
                    i128::from(TIME_JUMP_NANOS),
                ));
            }
        }
        self.time_nanos = to;
        if to >= self.risk.day_end_nanos {
            self.turn_day();
        }
        self.client_orders.expire(to);
        self.lists.expire(to);
        Ok(if self.days.next_nanos <= to {
            self.run_timers(to, out)
        } else {
            self.expire(to, out)
        })
    }

    /// Expires the orders whose time is up at `to`. Answers how many.
    #[inline]
    pub(crate) fn expire<S: ReportSink>(&mut self, to: u64, out: &mut Out<'_, S>) -> u64 {
        let earliest = self.risk.sessions.first_deadline().min(self.instruments.next_expiry);
        if earliest > to && self.orders.due(to).is_none() {
            return 0;
        }
        self.expire_some(to, out)
    }

    #[inline(never)]
    fn expire_some<S: ReportSink>(&mut self, to: u64, out: &mut Out<'_, S>) -> u64 {
        let mut fired = 0;
        loop {
            let due = self.orders.due(to);
            let order_at = due.map_or(u64::MAX, |index| self.orders.get(index).expire_nanos);
            let lost = self.risk.sessions.first_deadline();
            let expiry = self.instruments.next_expiry;
            // Of the same time: orders, then sessions, then instruments.
            if lost <= to && lost < order_at && lost <= expiry {
                fired += self.lose_session(out);
                continue;
            }
            if expiry <= to && expiry < order_at {
                fired += self.run_expiry(out);
                continue;
            }
            let Some(index) = due else {
                break;
            };
            let what = Happening {
                exec_type: ExecType::Expired,
                status: OrderStatus::Expired,
                reason: CancelReason::Expired,
            };
            self.withdraw(index, what, false, out);
            fired += 1;
        }
        fired
    }

    #[inline(always)]
    fn execute<S: ReportSink>(&mut self, command: &Command<'_>, fired: u64, out: &mut Out<'_, S>) {
        if let Err(refusal) = self.dispatch(command, fired, out) {
            self.refuse(&refusal, command, out);
            if command.has_extensions() {
                self.refused_leg(command, &refusal);
            }
        } else if out.outcome.kind() == DoneReport::KIND {
            let affected = out.outcome.view::<DoneReport>().affected_count;
            self.answer.observed = i64::try_from(affected).unwrap_or(i64::MAX);
        }
    }

    #[inline(always)]
    fn dispatch<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        fired: u64,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        if command.has_extensions() && command.client_text().is_some_and(|text| !is_valid_text(&text)) {
            return Err(Refusal::of(ErrorCode::InvalidClientOrderId));
        }
        if S::EXPLAINS && command.client_text().is_some() {
            out.passed(ErrorCode::DuplicateClientOrderId, Relation::Holds, 0, 0);
            out.passed(ErrorCode::InvalidClientOrderId, Relation::Holds, 0, 0);
        }
        match command.kind() {
            PlaceOrder::KIND => self.place(command, out),
            AmendOrder::KIND => self.amend(command, out),
            CancelOrder::KIND => self.cancel(command, out),
            CancelAllOrders::KIND => self.cancel_all(command, out),
            MoveCash::KIND | MovePosition::KIND | TransferAllotment::KIND | SetRiskLimits::KIND
                if self.config.risk == RiskMode::Off =>
            {
                Err(Refusal::of(ErrorCode::InvalidArgument))
            }
            MoveCash::KIND => self.move_cash(command, out),
            MovePosition::KIND => self.move_position(command, out),
            DefineInstrument::KIND => self.define_instrument(command, out),
            DefineAccount::KIND => self.define_account(command, out),
            SetTradingState::KIND => self.set_trading_state(command, out),
            SetReferencePrice::KIND => self.set_reference_price(command, out),
            SetRiskLimits::KIND => self.set_risk_limits(command, out),
            SetTripRule::KIND => self.set_trip_rule(command, out),
            SetRestriction::KIND => self.set_restriction(command, out),
            KeepAlive::KIND => self.keep_alive(command, out),
            TransferAllotment::KIND => self.transfer_allotment(command, out),
            SettleInstrument::KIND => self.settle(command, out),
            SetSession::KIND => self.set_session(command, out),
            AdvanceTime::KIND => {
                out.done(AdvanceTime::KIND, 0, fired);
                Ok(())
            }
            _ => Err(Refusal::of(ErrorCode::UnknownCommandKind)),
        }
    }

    /// Pushes the outcome of a refused command and answers it.
    #[inline(never)]
    fn refuse<S: ReportSink>(&mut self, refusal: &Refusal, command: &Command<'_>, out: &mut Out<'_, S>) {
        out.note(|| refusal.note());
        self.answer.code = refusal.code.number();
        self.answer.observed = refusal.observed;
        self.answer.limit = refusal.limit;
        self.answer.order_id = refusal.order_id;
        if command.kind() == PlaceOrder::KIND {
            self.answer.order_status = OrderStatus::Rejected.number();
            self.answer.exec_type = ExecType::Rejected.number();
        }
        out.outcome(refusal_report(refusal, command.kind(), command.about()));
    }

    fn known_entry(&self, command: &Command<'_>) -> Option<u32> {
        command
            .client_text()
            .and_then(|text| self.client_orders.find(command.account_id(), &text))
    }

    /// Answers a command whose client order id is known. Returns whether it was.
    fn recall<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) -> bool {
        let Some(index) = self.known_entry(command) else {
            return false;
        };
        let entry = *self.client_orders.get(index);
        if entry.payload != command.payload() {
            let refusal = Refusal::of(ErrorCode::DuplicateClientOrderId).about(entry.answer.order_id);
            self.refuse(&refusal, command, out);
            self.refused_leg(command, &refusal);
            return true;
        }
        out.note(|| Note::Repeats {
            command_number: entry.answer.command_number,
        });
        let mut outcome = entry.outcome;
        // The copy stands alone: extensions of the original are not repeated.
        outcome.words_mut()[0] &= !0xff00;
        outcome.add_report_flags(report_flag::DUPLICATE as u8);
        out.outcome(outcome);
        self.answer = entry.answer;
        self.answer.flags |= fulltape_tape::codes::answer_flag::DUPLICATE as u8;
        true
    }

    /// Remembers what a command with a client order id was told.
    fn remember(&mut self, command: &Command<'_>, outcome: &Record) {
        let Some(text) = command.client_text() else {
            return;
        };
        if !is_valid_text(&text) {
            return;
        }
        let accepted = self.answer.code == 0;
        let open = if accepted {
            self.orders.find(self.answer.order_id)
        } else {
            None
        };
        let entry = self.client_orders.insert(Entry {
            account_id: command.account_id(),
            text,
            payload: command.payload(),
            outcome: *outcome,
            answer: self.answer,
            next_of_order: open.map_or(NONE, |order| self.orders.get(order).entry),
            expire_nanos: if open.is_some() {
                0
            } else {
                self.time_nanos.saturating_add(KEPT_NANOS)
            },
        });
        if let Some(order) = open {
            self.orders.link_mut(order).entry = entry;
        }
    }

    /// Takes an open order off the book, releases what it holds, reports it and forgets it. Its list follows.
    #[inline(never)]
    pub(crate) fn withdraw<S: ReportSink>(&mut self, index: u32, what: Happening, outcome: bool, out: &mut Out<'_, S>) {
        self.withdraw_inline(index, what, outcome, out);
    }

    /// [`Engine::withdraw`] for the path that is taken most.
    #[inline(always)]
    pub(crate) fn withdraw_inline<S: ReportSink>(
        &mut self,
        index: u32,
        what: Happening,
        outcome: bool,
        out: &mut Out<'_, S>,
    ) {
        let link = self.link(self.orders.get(index));
        self.withdraw_unlinked(index, what, outcome, out);
        if let Some(link) = link {
            self.leg_left(link, what.reason, out);
        }
    }

    /// As `withdraw`; its list is left as it is.
    #[inline(never)]
    pub(crate) fn withdraw_alone<S: ReportSink>(
        &mut self,
        index: u32,
        what: Happening,
        outcome: bool,
        out: &mut Out<'_, S>,
    ) {
        self.withdraw_unlinked(index, what, outcome, out);
    }

    #[inline(always)]
    fn withdraw_unlinked<S: ReportSink>(&mut self, index: u32, what: Happening, outcome: bool, out: &mut Out<'_, S>) {
        let order = *self.orders.get(index);
        let ids = self.ids(order.account, order.instrument);
        let report = order_state(&order, ids, order.cum_lots(), 0, what);
        out.note(|| ended_note(&order, what.reason));
        if outcome {
            out.outcome(report);
        } else {
            out.primary(report);
        }
        self.leave_book(index);
        self.release(index);
        self.close(index);
    }

    /// Account and instrument id of table indices.
    pub(crate) fn ids(&self, account: u32, instrument: u32) -> (u32, u32) {
        (self.accounts.get(account).id, self.instruments.get(instrument).id)
    }

    /// The next place in a queue.
    #[inline]
    pub(crate) fn next_place(&mut self) -> u64 {
        self.places += 1;
        self.places
    }

    /// Takes an open order out of its level, or from those that wait.
    #[inline(always)]
    pub(crate) fn leave_book(&mut self, index: u32) {
        let order = self.orders.get(index);
        if order.level == NONE {
            self.stop_waiting(index);
            return;
        }
        if is_all_or_none(order.instructions) {
            self.leave_aside(index);
            return;
        }
        let instrument = order.instrument;
        let mut touching = Touching {
            number: self.number,
            instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        self.instruments
            .book_mut(instrument)
            .book
            .leave(&mut self.orders, &mut self.levels, index, &mut touching);
    }

    /// Gives back the money or the lots that an order's leaves hold.
    #[inline(always)]
    pub(crate) fn release(&mut self, index: u32) {
        let special = self.orders.get(index).special;
        if (special != NONE && self.release_leg(index)) || !self.ledger.is_kept() {
            return;
        }
        let order = self.orders.get_mut(index);
        let reserved_units = core::mem::take(&mut order.reserved_units);
        let (balance, position, leaves_lots) = (order.balance, order.position, order.leaves_lots);
        let (account, buy) = (order.account, order.side == Side::Buy);
        let checked = !self.accounts.get(account).unlimited();
        self.ledger.reserve(balance, -reserved_units);
        self.ledger.change_open(position, buy, -leaves_lots, checked, 0);
    }

    /// Forgets an order that is in no level any more.
    #[inline(always)]
    pub(crate) fn close(&mut self, index: u32) {
        let order = self.orders.get(index);
        let (previous, next, instrument) = (order.account_previous, order.account_next, order.instrument);
        let position = order.position;
        let plain = order.special == NONE && order.entry == NONE && order.instructions == 0;
        let account = self.accounts.list_mut(order.account);
        account.open_orders -= 1;
        if previous == NONE {
            account.head = next;
        } else {
            self.orders.link_mut(previous).account_next = next;
        }
        if next == NONE {
            account.tail = previous;
        } else {
            self.orders.link_mut(next).account_previous = previous;
        }
        self.instruments.book_mut(instrument).open_orders -= 1;
        self.ledger.count_open(position, -1);
        if !plain {
            self.close_special(index);
        }
        self.orders.remove(index);
    }

    /// Forgets what an order has beyond a plain one.
    #[inline(never)]
    fn close_special(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let pending = order.special != NONE && self.is_pending(&order);
        if reduces_only(order.instructions) && !pending {
            self.ledger
                .count_reduce_only(order.position, side_index(order.side), -1);
        }
        if order.special != NONE {
            self.count_walked(&order, -1);
        }
        if is_pegged(order.order_type) {
            self.leave_pegs(&order);
        }
        if order.entry != NONE {
            self.client_orders.close(order.entry, self.time_nanos);
        }
    }

    /// Number that the next command will have.
    #[must_use]
    pub const fn next_command_number(&self) -> u64 {
        self.next_number
    }

    /// Engine time in UNIX nanoseconds.
    #[must_use]
    pub const fn time_nanos(&self) -> u64 {
        self.time_nanos
    }

    /// Trades so far.
    #[must_use]
    pub const fn trades(&self) -> u64 {
        self.trades
    }

    /// Open orders.
    #[must_use]
    pub const fn open_orders(&self) -> u32 {
        self.orders.open()
    }

    /// 128-bit hash of everything that later commands can depend on. Independent of how commands were batched.
    ///
    /// Costs O(entities changed since the last call); that is why it takes `&mut self`.
    pub fn state_hash(&mut self) -> [u64; 2] {
        self.orders.settle_hash(&mut self.sum);
        self.accounts.settle_hash(&mut self.sum);
        self.instruments.settle_hash(&mut self.sum);
        self.ledger.settle_hash(&mut self.sum);
        self.client_orders.settle_hash(&mut self.sum);
        self.placed.settle_hash(&mut self.sum);
        self.risk.settle_hash(&mut self.sum);
        self.lists.settle_hash(&mut self.sum);
        let mut total = self.sum;
        total.join(self.loose_hash());
        total.value()
    }

    /// Does a part of what the next [`Engine::state_hash`] has to do, while nobody waits: takes up to `budget` changed orders into
    /// it. Answers whether none is left. The hash is the same with and without; an order that changes again is taken in once more.
    pub fn settle_hash_some(&mut self, budget: usize) -> bool {
        self.orders.settle_some(&mut self.sum, budget)
    }

    /// Hash of what belongs to no table.
    pub(crate) fn loose_hash(&self) -> HashSum {
        let mut total = HashSum::ZERO;
        total.add(hash_words(
            13,
            &[
                self.next_number,
                self.trades,
                self.places,
                self.time_nanos,
                u64::from(self.global_state) | (u64::from(self.global_reason) << 8),
            ],
        ));
        for pot in self.ledger.pots() {
            total.add(hash_pot(pot));
        }
        total
    }
}

fn hash_pot(pot: &Pot) -> EntityHash {
    let sums = [pot.fees, pot.moved, pot.allotted_in, pot.allotted_out, pot.clearing];
    if sums == [0; 5] {
        return [0; 2];
    }
    let mut words = [u64::from(pot.currency_id); 11];
    for (at, half) in sums.map(halves).into_iter().flatten().enumerate() {
        words[at + 1] = half;
    }
    hash_words(14, &words)
}

// The outcome kinds that `remember` copies all fit one record.
const _: () =
    assert!(size_of::<OrderStateReport>() == 64 && size_of::<RefusalReport>() == 64 && size_of::<DoneReport>() == 64);
