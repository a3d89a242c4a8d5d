//! From stored entities to an engine: tables in their order, then every list, queue, heap, index and sum that follows from
//! them. Everything is checked before it is used, so bytes that add up in no sense are refused and never panic.
//!
//! It is made in steps, because there may be millions of orders and whoever restores has other things to do in between: orders
//! and remembered commands are taken up to a budget a step, the other tables in one.

use core::ops::Range;

use fulltape_tape::codes::{ErrorCode, Side, TradingState};

use super::sorted_runs::SortedRuns;
use super::{Damage, Fields, Loose, Reader, SnapshotFailure};
use crate::accounts::{Account, Group};
use crate::all_or_none::is_all_or_none;
use crate::auctions::is_for_auction;
use crate::book::Touching;
use crate::client_orders::Entry;
use crate::closed_orders::PlacedOrders;
use crate::config::{Config, RiskMode};
use crate::engine::Engine;
use crate::instruments::{Extra, Instrument};
use crate::ledger::{Balance, Position, Pot};
use crate::lists::ends_with_the_day;
use crate::orders::{NONE, Order, side_index};
use crate::pegs::is_pegged;
use crate::reduce_only::reduces_only;
use crate::special::{Holding, Special};
use crate::trailing::trails;
use crate::triggers::is_at_market;

/// What is made next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Everything but orders and memory.
    Tables,
    /// Orders are sorted by id.
    Ids,
    /// Lists of accounts, timers, triggers; orders of books are sorted by priority.
    Links,
    Queues,
    Memory,
    /// The state hash.
    Hash,
    Done,
}

/// What a snapshot held so far. Orders go straight to their table, because they are many.
pub struct Parts {
    pub engine: Engine,
    has_loose: bool,
    pub pots: Vec<Pot>,
    pub groups: Vec<(u32, Group)>,
    pub accounts: Vec<(u32, Account)>,
    pub instruments: Vec<(u32, (Instrument, Extra))>,
    pub balances: Vec<(u32, Balance)>,
    pub positions: Vec<(u32, Position)>,
    /// Remembered commands whose order is open.
    open_entries: Vec<u32>,
    /// Indices of lists with open orders.
    lists: Vec<u32>,
    pub state_hash: [u64; 2],
    stage: Stage,
    /// Order slots or remembered commands of the stage that are done.
    done: usize,
    by_id: SortedRuns,
    by_priority: SortedRuns,
}

/// Entities in the order of their table, which has no holes.
fn in_order<T>(mut numbered: Vec<(u32, T)>) -> Result<impl Iterator<Item = T>, Damage> {
    numbered.sort_unstable_by_key(|(index, _)| *index);
    if !numbered.iter().map(|(index, _)| *index).eq(0..numbered.len() as u32) {
        return Err("a table has a hole, or a place twice");
    }
    Ok(numbered.into_iter().map(|(_, entity)| entity))
}

impl Parts {
    pub fn new(config: Config) -> Self {
        Self {
            engine: Engine::new(config),
            has_loose: false,
            pots: Vec::new(),
            groups: Vec::new(),
            accounts: Vec::new(),
            instruments: Vec::new(),
            balances: Vec::new(),
            positions: Vec::new(),
            open_entries: Vec::new(),
            lists: Vec::new(),
            state_hash: [0; 2],
            stage: Stage::Tables,
            done: 0,
            by_id: SortedRuns::default(),
            by_priority: SortedRuns::default(),
        }
    }

    /// Refuses more entities than the capacities leave room for.
    pub fn check_room(&self, held: usize, capacity: u32) -> Result<(), SnapshotFailure> {
        if held < capacity as usize {
            return Ok(());
        }
        let details = format!("the snapshot holds more entities of one kind than the configured {capacity}");
        Err(SnapshotFailure::new(ErrorCode::SnapshotVersionMismatch, details))
    }

    pub fn take_loose(&mut self, loose: Loose) -> Result<(), Damage> {
        let sound = loose.next_number != 0 && TradingState::from_number(loose.global_state).is_some();
        if self.has_loose || !sound {
            return Err("the engine's own numbers are not sound");
        }
        self.has_loose = true;
        let engine = &mut self.engine;
        engine.next_number = loose.next_number;
        engine.number = loose.next_number - 1;
        engine.trades = loose.trades;
        engine.places = loose.places;
        engine.time_nanos = loose.time_nanos;
        engine.global_state = loose.global_state;
        engine.global_reason = loose.global_reason;
        engine.placed = PlacedOrders::restored(loose.next_number - 1);
        Ok(())
    }

    pub fn take_order(&mut self, reader: &mut Reader<'_>) -> Result<(), SnapshotFailure> {
        let held = self.engine.orders.open() as usize;
        self.check_room(held, self.engine.config.max_orders)?;
        let order: Order = reader.get()?;
        let mut is_special = false;
        reader.bool(&mut is_special)?;
        let special: Option<Special> = if is_special { Some(reader.get()?) } else { None };
        Ok(self.engine.orders.restore(order, special)?)
    }

    pub fn take_list(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let index = self.engine.lists.restore(reader)?;
        if self.engine.lists.get(index).expire_nanos == 0 {
            self.lists.push(index);
        }
        Ok(())
    }

    /// Links the open orders of lists to them.
    fn rebuild_lists(&mut self) -> Result<(), Damage> {
        let engine = &mut self.engine;
        for index in core::mem::take(&mut self.lists) {
            let list = *engine.lists.get(index);
            let mut open = 0;
            for leg in 0..list.arrived {
                let Some(order) = engine.orders.find(list.orders[leg as usize]) else {
                    continue;
                };
                if engine.orders.get(order).special == NONE || engine.orders.get(order).instrument != list.instrument {
                    return Err("an order is not what its list says");
                }
                let special = engine.orders.special_mut(order);
                special.list = index;
                special.leg = leg;
                let order = *engine.orders.get(order);
                if engine.is_pending(&order) && ends_with_the_day(&order) {
                    engine.note_day_leg(order.instrument, order.id);
                }
                open += 1;
            }
            if open == 0 {
                return Err("the orders of a list are missing");
            }
        }
        engine.lists.rebuild();
        Ok(())
    }

    /// Makes the engine whose next command has this number, up to `budget` orders or remembered commands of it at a time.
    /// Answers whether it is made.
    pub fn rebuild(&mut self, next_command_number: u64, budget: usize) -> Result<bool, SnapshotFailure> {
        let budget = budget.max(1);
        match self.stage {
            Stage::Tables => {
                if !self.has_loose || self.engine.next_number != next_command_number {
                    return Err(Damage::from("the engine's own numbers are missing").into());
                }
                self.check_room(self.accounts.len().saturating_sub(1), self.engine.config.max_accounts)?;
                self.rebuild_accounts()?;
                self.rebuild_ledger()?;
                self.engine.rebuild_limits()?;
                self.engine.rebuild_trips()?;
                self.rebuild_lists()?;
                self.stage = Stage::Ids;
            }
            Stage::Ids => {
                let orders = self.engine.orders.open() as usize;
                let until = self.done.saturating_add(budget).min(orders);
                for slot in self.done as u32..until as u32 {
                    self.by_id.push(self.engine.orders.get(slot).id, slot);
                }
                self.by_id.end_run();
                self.done = until;
                if until == orders {
                    self.stage = Stage::Links;
                }
            }
            Stage::Links => {
                let mut left = budget;
                while let Some(index) = self.by_id.next() {
                    if self.engine.restore_links(index)? {
                        let priority = self.engine.orders.get(index).priority;
                        self.by_priority.push(priority, index);
                    }
                    left -= 1;
                    if left == 0 {
                        break;
                    }
                }
                self.by_priority.end_run();
                if left > 0 {
                    self.by_id = SortedRuns::default();
                    self.engine.find_next_phase();
                    self.stage = Stage::Queues;
                }
            }
            Stage::Queues => {
                let mut left = budget;
                while left > 0
                    && let Some(index) = self.by_priority.next()
                {
                    self.engine.restore_place(index)?;
                    left -= 1;
                }
                if left > 0 {
                    self.by_priority = SortedRuns::default();
                    self.engine.risk.transfers.rebuild()?;
                    self.done = 0;
                    self.stage = Stage::Memory;
                }
            }
            Stage::Memory => {
                let until = self.done.saturating_add(budget).min(self.open_entries.len());
                self.rebuild_memory(self.done..until)?;
                self.done = until;
                if until == self.open_entries.len() {
                    self.engine.client_orders.restore_expiries();
                    self.stage = Stage::Hash;
                }
            }
            Stage::Hash => {
                let engine = &mut self.engine;
                if engine.orders.settle_some(&mut engine.sum, budget) {
                    if self.engine.state_hash() != self.state_hash {
                        return Err(Damage::from("the state does not have its hash").into());
                    }
                    self.stage = Stage::Done;
                }
            }
            Stage::Done => {}
        }
        Ok(self.stage == Stage::Done)
    }

    fn rebuild_accounts(&mut self) -> Result<(), Damage> {
        let risk_off = self.engine.config.risk == RiskMode::Off;
        let table = &mut self.engine.accounts;
        for group in in_order(core::mem::take(&mut self.groups))? {
            if group.id == 0 || table.find_group(group.id).is_some() {
                return Err("a group has no id, or another's");
            }
            table.insert_group(group);
        }
        for mut account in in_order(core::mem::take(&mut self.accounts))? {
            account.risk_off = risk_off;
            let group = table.find_group(account.group_id).unwrap_or(NONE);
            let grouped = account.group_id == 0 || group != NONE;
            if account.id == 0 || table.find(account.id).is_some() || !grouped {
                return Err("an account has no id, another's, or a group that is not there");
            }
            let index = table.insert(account);
            table.join_group(index, group);
        }
        Ok(())
    }

    fn rebuild_ledger(&mut self) -> Result<(), Damage> {
        let Engine {
            ledger,
            accounts,
            instruments,
            days,
            ..
        } = &mut self.engine;
        for pot in core::mem::take(&mut self.pots) {
            ledger.restore_pot(pot)?;
        }
        for (mut instrument, extra) in in_order(core::mem::take(&mut self.instruments))? {
            if instrument.id == 0 || instruments.find(instrument.id).is_some() {
                return Err("an instrument has no id, or another's");
            }
            instrument.pot = ledger
                .find_pot(instrument.terms.currency_id)
                .ok_or("an instrument's currency is missing")?;
            days.add(instrument.phase);
            instruments.insert(instrument, extra);
        }
        for balance in in_order(core::mem::take(&mut self.balances))? {
            let account = accounts.find(balance.account_id).ok_or("a balance has no account")?;
            ledger.restore_balance(account, balance)?;
        }
        for position in in_order(core::mem::take(&mut self.positions))? {
            let account = accounts.find(position.account_id).ok_or("a position has no account")?;
            let instrument = instruments.find(position.instrument_id);
            if instrument != Some(position.instrument) {
                return Err("a position has no instrument");
            }
            let lots = i128::from(position.quantity_lots);
            let instrument = instruments.get_mut(position.instrument);
            instrument.lots_held = instrument.lots_held.checked_add(lots).ok_or("lots overflow")?;
            instrument.lots_moved = instrument.lots_held;
            let settled = instruments.extra(position.instrument).settled_ticks != 0;
            let index = ledger.restore_position(account, position)?;
            if !settled {
                ledger.link_position(account, index, |instrument| instruments.root(instrument));
            }
        }
        ledger.check_pots()
    }

    pub fn take_entry(&mut self, entry: Entry) -> Result<(), Damage> {
        let is_open = entry.expire_nanos == 0;
        let index = self.engine.client_orders.restore(entry)?;
        if is_open {
            self.open_entries.push(index);
        }
        Ok(())
    }

    /// Remembered commands are many: their hashes are summed while they come, and not all at the end.
    pub fn settle_entries(&mut self) {
        self.engine.client_orders.settle_hash(&mut self.engine.sum);
    }

    /// Entries whose order is open hang on it; the others wait for their time.
    fn rebuild_memory(&mut self, entries: Range<usize>) -> Result<(), Damage> {
        let engine = &mut self.engine;
        for &index in &self.open_entries[entries] {
            let order = engine.orders.find(engine.client_orders.get(index).answer.order_id);
            let order = order.ok_or("an order that a client id names is missing")?;
            engine.client_orders.restore_link(index, engine.orders.get(order).entry);
            engine.orders.link_mut(order).entry = index;
        }
        Ok(())
    }
}

impl Engine {
    /// Puts an order to its account, its timer and those that wait; called in order of ids. Answers whether it stands in a queue.
    fn restore_links(&mut self, index: u32) -> Result<bool, Damage> {
        self.check_restored(index)?;
        self.orders.restore_timer(index)?;
        self.rejoin_account(index);
        let waits = self.orders.is_waiting(self.orders.get(index));
        let later = self.waits_for_auction(index);
        if waits {
            self.join_trigger(index);
            self.join_trailing(index);
        } else if later {
            self.wait_for_auction(index);
        }
        if is_pegged(self.orders.get(index).order_type) {
            self.join_pegs(index);
        }
        let order = self.orders.get(index);
        Ok(!waits && !later && !self.is_pending(order) && !self.is_parked(order))
    }

    /// Puts an order to its queue; called in order of priorities.
    fn restore_place(&mut self, index: u32) -> Result<(), Damage> {
        let Order {
            instrument,
            side,
            price_ticks,
            leaves_lots,
            instructions,
            ..
        } = *self.orders.get(index);
        if is_all_or_none(instructions) {
            self.stand_aside(index);
            return Ok(());
        }
        let book = &mut self.instruments.get_mut(instrument).book;
        let held = book.level(side, price_ticks).map_or(Some(0), |level| {
            let level = self.levels.get(level);
            level.quantity_lots.checked_add(level.hidden_lots)
        });
        held.and_then(|held| held.checked_add(leaves_lots))
            .ok_or("the lots of a level overflow")?;
        // A level that no command touched carries command number 0.
        let (mut touches, mut hidden) = (Vec::new(), Vec::new());
        let mut touching = Touching {
            number: 0,
            instrument,
            levels: &mut touches,
            hidden: &mut hidden,
        };
        book.join(&mut self.orders, &mut self.levels, index, &mut touching);
        Ok(())
    }

    /// An order names what is there, and its quantities are possible.
    fn check_restored(&self, index: u32) -> Result<(), Damage> {
        let order = self.orders.get(index);
        let (accounts, instruments) = (self.accounts.len(), self.instruments.iter().len());
        if order.account as usize >= accounts || order.instrument as usize >= instruments {
            return Err("an order has no account or instrument");
        }
        let ids = self.ids(order.account, order.instrument);
        let balance = self.ledger.balances().get(order.balance as usize);
        let position = self.ledger.positions().get(order.position as usize);
        let booked = balance.is_some_and(|balance| balance.account_id == ids.0)
            && position.is_some_and(|position| (position.account_id, position.instrument_id) == ids);
        let sound = match self.config.risk {
            RiskMode::On => booked,
            RiskMode::Off => order.balance == NONE && order.position == NONE && order.reserved_units == 0,
        };
        if !sound {
            return Err("an order has no balance or position");
        }
        if order.leaves_lots <= 0 || order.leaves_lots > order.quantity_lots {
            return Err("an order is not open");
        }
        if order.special == NONE {
            // Types that wait always have terms.
            let held_at_bound = is_at_market(order) && order.side == Side::Buy;
            return if trails(order.order_type)
                || is_pegged(order.order_type)
                || held_at_bound
                || self.waits_for_auction(index)
            {
                Err("an order has no terms")
            } else {
                Ok(())
            };
        }
        let special = self.orders.specials.get(order.special);
        if is_pegged(order.order_type) && (special.waiting || is_for_auction(order.time_in_force)) {
            return Err("a pegged order waits for something else");
        }
        let sound = if special.list == NONE && (special.pending || special.holding != Holding::Nothing) {
            false
        } else if special.waiting {
            (1..=3).contains(&special.trigger_source)
        } else {
            (0..=order.leaves_lots).contains(&self.orders.shown(order))
        };
        if !sound {
            return Err("the terms of an order are impossible");
        }
        Ok(())
    }

    /// Puts an order at the end of its account's list and counts it.
    fn rejoin_account(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let account = self.accounts.list_mut(order.account);
        account.open_orders += 1;
        let tail = account.tail;
        account.tail = index;
        if tail == NONE {
            account.head = index;
        } else {
            self.orders.link_mut(tail).account_next = index;
        }
        self.orders.link_mut(index).account_previous = tail;
        self.instruments.get_mut(order.instrument).open_orders += 1;
        self.ledger.count_open(order.position, 1);
        self.count_walked(&order, 1);
        if reduces_only(order.instructions) && !self.is_pending(&order) {
            self.ledger.count_reduce_only(order.position, side_index(order.side), 1);
        }
    }
}
