//! Cash and positions. Sums are `i128`; what one command moves was checked to fit `i64` before anything is written.
//!
//! Per currency, `balances + collected fees + clearing == cash moved in + allotments in - allotments out` holds after every command, and per instrument the
//! positions sum to what was moved in; both are asserted in production from running sums.

use crate::config::RiskMode;
use crate::cost_basis::CostBasis;
use crate::desk_sums::{DeskSum, DeskSums};
use crate::id_map::IdMap;
use crate::mixing::{EntityHash, HashSum, HashedTable, hash_words};
use crate::orders::NONE;
use crate::snapshot::{Copier, Damage, Fields, Stored, Writer, kind};

/// Ledger totals stay far inside `i128`.
pub const TOTAL_MAX: i128 = 1 << 120;

/// Cash of one account in one currency, in money units.
#[derive(Clone, Copy, Debug)]
pub struct Balance {
    /// Account id.
    pub account_id: u32,
    /// Currency.
    pub currency_id: u16,
    /// Pot of the currency.
    pub pot: u32,
    /// Cash, reserved part included.
    pub total: i128,
    /// Held for open buy orders.
    pub reserved: i128,
    touched: u64,
    touch: u32,
}

/// Holding of one account in one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Account id.
    pub account_id: u32,
    /// Instrument id.
    pub instrument_id: u32,
    /// Instrument table index.
    pub instrument: u32,
    /// Lots, negative = short.
    pub quantity_lots: i64,
    /// Lots held by open sell orders of an account that is checked.
    pub reserved_sell_lots: i64,
    /// Leaves of all open buy orders.
    pub open_buy_lots: i64,
    /// Leaves of all open sell orders.
    pub open_sell_lots: i64,
    /// Open orders.
    pub open_orders: u32,
    /// Open reduce-only orders, buys and sells.
    pub reduce_only: [u32; 2],
    /// Next position of the account, by underlying and instrument.
    pub(crate) account_next: u32,
    /// Cost and realised profit.
    pub basis: CostBasis,
    /// Profit up to which its day does not count, in money units.
    pub day_profit_units: i128,
    /// The account's next position of all that it ever had; `NONE` = the last.
    pub next: u32,
    /// Where it counts with others of its group; `NONE` = nowhere.
    pub(crate) desk: u32,
    touched: u64,
    touch: u32,
}

impl Position {
    /// A fill of `signed_lots`.
    #[inline(always)]
    pub(crate) fn fill(&mut self, signed_lots: i64, units_per_lot: i64) {
        self.basis.fill(self.quantity_lots, signed_lots, units_per_lot);
        self.quantity_lots += signed_lots;
    }
}

/// Running sums of one currency.
#[derive(Clone, Copy, Debug)]
pub struct Pot {
    /// Currency.
    pub currency_id: u16,
    /// Fees collected by the venue, net of rebates.
    pub fees: i128,
    /// Sum of all balances.
    pub held: i128,
    /// Cash moved in, net of withdrawals.
    pub moved: i128,
    /// Allotments that came from other shards.
    pub allotted_in: i128,
    /// Allotments that went to other shards.
    pub allotted_out: i128,
    /// What positions of derivatives have paid when they closed or were settled, net of what they were paid.
    pub clearing: i128,
}

impl Pot {
    /// What balances, fees and clearing add up to.
    pub const fn owed(&self) -> i128 {
        self.moved + self.allotted_in - self.allotted_out
    }
}

/// What a balance was before the command that runs.
#[derive(Clone, Copy, Debug)]
pub struct BalanceTouch {
    /// Balance.
    pub index: u32,
    /// Total before.
    pub total_before: i128,
    /// Reserved before.
    pub reserved_before: i128,
    /// Fees paid by this command.
    pub fee_units: i64,
    /// A fill went through it.
    pub traded: bool,
    /// Cash came in or went out.
    pub moved: bool,
    /// An allotment came from another shard or went there.
    pub allotted: bool,
    /// A derivative was settled.
    pub settled: bool,
}

/// What a position was before the command that runs.
#[derive(Clone, Copy, Debug)]
pub struct PositionTouch {
    /// Position.
    pub index: u32,
    /// Lots before.
    pub quantity_before: i64,
    /// Reserved lots before.
    pub reserved_before: i64,
    /// A fill or a movement went through it.
    pub moved: bool,
}

/// Instrument (table index) in which an account placed an order last, with its position there and the balance that pays.
#[derive(Clone, Copy, Debug)]
struct Hand {
    instrument: u32,
    balance: u32,
    position: u32,
}

impl Hand {
    const EMPTY: Self = Self {
        instrument: NONE,
        balance: NONE,
        position: NONE,
    };
}

/// Balances, positions and pots.
pub struct Ledger {
    /// False when the engine runs without risk: nothing is booked.
    kept: bool,
    balances: Vec<Balance>,
    balance_index: IdMap,
    positions: Vec<Position>,
    position_index: IdMap,
    /// First position of each account (table index), by underlying and instrument; without those that were settled.
    heads: Vec<u32>,
    /// First position of each account (table index), of all that it ever had.
    position_heads: Vec<u32>,
    pots: Vec<Pot>,
    /// What groups hold together.
    desks: DeskSums,
    /// Number of the command that runs.
    number: u64,
    /// Balances that it touched.
    pub balance_touches: Vec<BalanceTouch>,
    /// Positions that it touched.
    pub position_touches: Vec<PositionTouch>,
    /// Positions with reduce-only orders that changed since these were last held to them.
    pub over: Vec<u32>,
    /// What the command that runs is about: (key, index) of a balance and of a position, so that its checks look each up once.
    at_hand: [(u64, u32); 2],
    /// What each account (table index) had at hand last.
    hands: Vec<Hand>,
    hashed_balances: HashedTable,
    hashed_positions: HashedTable,
    /// What a snapshot has of the balances.
    pub balance_copier: Copier,
    /// What a snapshot has of the positions.
    pub position_copier: Copier,
}

const fn balance_key(account: u32, currency_id: u16) -> u64 {
    ((account as u64 + 1) << 16) | currency_id as u64
}

const fn position_key(account: u32, instrument: u32) -> u64 {
    ((account as u64 + 1) << 32) | instrument as u64
}

impl Ledger {
    /// Room for two balances and two positions an account without growing. Without risk it stays empty.
    pub fn with_capacity(accounts: u32, risk: RiskMode) -> Self {
        let kept = risk == RiskMode::On;
        let size = if kept { accounts as usize * 2 } else { 0 };
        Self {
            kept,
            balances: Vec::with_capacity(size),
            balance_index: IdMap::with_capacity(size),
            positions: Vec::with_capacity(size),
            position_index: IdMap::with_capacity(size),
            heads: Vec::with_capacity(if kept { accounts as usize } else { 0 }),
            position_heads: Vec::with_capacity(size / 2),
            pots: Vec::new(),
            desks: DeskSums::default(),
            number: 0,
            balance_touches: Vec::with_capacity(1024),
            position_touches: Vec::with_capacity(1024),
            over: Vec::with_capacity(1024),
            at_hand: [(0, NONE); 2],
            hands: Vec::with_capacity(if kept { accounts as usize } else { 0 }),
            hashed_balances: HashedTable::with_capacity(size),
            hashed_positions: HashedTable::with_capacity(size),
            balance_copier: Copier::new(kind::BALANCE),
            position_copier: Copier::new(kind::POSITION),
        }
    }

    /// Starts a command: nothing is touched yet.
    pub fn begin(&mut self, number: u64) {
        self.number = number;
        self.balance_touches.clear();
        self.position_touches.clear();
    }

    /// Looks up what an order is about to be checked against: later look-ups of the same are one comparison. A balance and a
    /// position never go away, so what was found stays true.
    #[inline(always)]
    pub fn take_in_hand(&mut self, account: u32, currency_id: u16, instrument: u32) {
        if !self.kept {
            return;
        }
        if let Some(hand) = self.hands.get(account as usize)
            && hand.instrument == instrument
            && self.balances[hand.balance as usize].currency_id == currency_id
        {
            self.at_hand = [
                (balance_key(account, currency_id), hand.balance),
                (position_key(account, instrument), hand.position),
            ];
            return;
        }
        self.look_up(account, currency_id, instrument);
    }

    #[inline(never)]
    fn look_up(&mut self, account: u32, currency_id: u16, instrument: u32) {
        let balance = self.find_balance(account, currency_id);
        let position = self.find_position(account, instrument);
        if let (Some(balance), Some(position)) = (balance, position) {
            let at = account as usize;
            if at >= self.hands.len() {
                self.hands.resize(at + 1, Hand::EMPTY);
            }
            self.hands[at] = Hand {
                instrument,
                balance,
                position,
            };
        }
        if let Some(index) = balance {
            self.at_hand[0] = (balance_key(account, currency_id), index);
        }
        if let Some(index) = position {
            self.at_hand[1] = (position_key(account, instrument), index);
        }
    }

    /// Balance of an account (table index), if it has one.
    #[inline(always)]
    pub fn find_balance(&self, account: u32, currency_id: u16) -> Option<u32> {
        if !self.kept {
            return None;
        }
        let key = balance_key(account, currency_id);
        if self.at_hand[0].0 == key {
            return Some(self.at_hand[0].1);
        }
        self.seek_balance(key)
    }

    /// Balance of an account, made when it has none; `NONE` without risk.
    #[inline(always)]
    pub fn balance_of(&mut self, account: u32, account_id: u32, currency_id: u16) -> u32 {
        if !self.kept {
            return NONE;
        }
        match self.find_balance(account, currency_id) {
            Some(index) => index,
            None => self.make_balance(account, account_id, currency_id),
        }
    }

    #[inline(never)]
    fn make_balance(&mut self, account: u32, account_id: u32, currency_id: u16) -> u32 {
        let pot = self.pot_of(currency_id);
        let index = self.balances.len() as u32;
        self.balances.push(Balance {
            account_id,
            currency_id,
            pot,
            total: 0,
            reserved: 0,
            touched: 0,
            touch: 0,
        });
        self.balance_index.insert(balance_key(account, currency_id), index);
        self.hashed_balances.touch(index);
        index
    }

    /// Position of an account (table indices), if it has one.
    #[inline(always)]
    pub fn find_position(&self, account: u32, instrument: u32) -> Option<u32> {
        if !self.kept {
            return None;
        }
        let key = position_key(account, instrument);
        if self.at_hand[1].0 == key {
            return Some(self.at_hand[1].1);
        }
        if let Some(hand) = self.hands.get(account as usize)
            && hand.instrument == instrument
        {
            return Some(hand.position);
        }
        self.seek_position(key)
    }

    #[inline(never)]
    fn seek_balance(&self, key: u64) -> Option<u32> {
        self.balance_index.get(key)
    }

    #[inline(never)]
    fn seek_position(&self, key: u64) -> Option<u32> {
        self.position_index.get(key)
    }

    /// Positions are kept at all.
    #[inline]
    pub const fn is_kept(&self) -> bool {
        self.kept
    }

    /// A position of an account that has none in the instrument.
    pub fn make_position(&mut self, account: (u32, u32), instrument: (u32, u32)) -> u32 {
        let index = self.positions.len() as u32;
        let next = self.lead(account.0, index);
        self.positions.push(Position {
            account_id: account.1,
            instrument_id: instrument.1,
            instrument: instrument.0,
            quantity_lots: 0,
            reserved_sell_lots: 0,
            open_buy_lots: 0,
            open_sell_lots: 0,
            open_orders: 0,
            reduce_only: [0; 2],
            account_next: NONE,
            basis: CostBasis::default(),
            day_profit_units: 0,
            next,
            desk: NONE,
            touched: 0,
            touch: 0,
        });
        self.position_index.insert(position_key(account.0, instrument.0), index);
        self.hashed_positions.touch(index);
        index
    }

    /// Puts a new position to those of its account. `root` tells the underlying of an instrument.
    pub fn link_position(&mut self, account: u32, position: u32, root: impl Fn(u32) -> u32) {
        let at = account as usize;
        if at >= self.heads.len() {
            self.heads.resize(at + 1, NONE);
        }
        let key = |index: u32| {
            let instrument = self.positions[index as usize].instrument;
            (root(instrument), instrument)
        };
        let (mut before, mut next) = (NONE, self.heads[at]);
        while next != NONE && key(next) < key(position) {
            before = next;
            next = self.positions[next as usize].account_next;
        }
        self.positions[position as usize].account_next = next;
        if before == NONE {
            self.heads[at] = position;
        } else {
            self.positions[before as usize].account_next = position;
        }
    }

    /// Takes a position that was settled for good from those of its account.
    pub fn unlink_position(&mut self, account: u32, position: u32) {
        let behind = self.positions[position as usize].account_next;
        let mut at = self.first_position(account);
        if at == position {
            self.heads[account as usize] = behind;
            return;
        }
        while at != NONE {
            let next = self.positions[at as usize].account_next;
            if next == position {
                self.positions[at as usize].account_next = behind;
                return;
            }
            at = next;
        }
    }

    /// First position of an account (table index), by underlying and instrument; `NONE` = it has none.
    pub fn first_position(&self, account: u32) -> u32 {
        self.heads.get(account as usize).copied().unwrap_or(NONE)
    }

    /// Positions of an account (table index), by underlying and instrument, flat ones too, without those that were settled.
    pub fn positions_of(&self, account: u32) -> impl Iterator<Item = &Position> {
        let first = Some(self.first_position(account)).filter(|index| *index != NONE);
        core::iter::successors(first.map(|index| self.position(index)), |position| {
            Some(position.account_next)
                .filter(|index| *index != NONE)
                .map(|index| self.position(index))
        })
    }

    /// Index of a currency's pot, made when there is none.
    pub fn pot_of(&mut self, currency_id: u16) -> u32 {
        if let Some(index) = self.pots.iter().position(|pot| pot.currency_id == currency_id) {
            return index as u32;
        }
        self.pots.push(Pot {
            currency_id,
            fees: 0,
            held: 0,
            moved: 0,
            allotted_in: 0,
            allotted_out: 0,
            clearing: 0,
        });
        (self.pots.len() - 1) as u32
    }

    /// Index of a currency's pot, if there is one.
    pub fn find_pot(&self, currency_id: u16) -> Option<u32> {
        let index = self.pots.iter().position(|pot| pot.currency_id == currency_id);
        index.map(|index| index as u32)
    }

    /// Takes a stored pot in, still without balances.
    pub fn restore_pot(&mut self, pot: Pot) -> Result<(), Damage> {
        if self.find_pot(pot.currency_id).is_some() {
            return Err("a currency has two pots");
        }
        self.pots.push(pot);
        Ok(())
    }

    /// Takes a stored balance of an account (table index) in.
    pub fn restore_balance(&mut self, account: u32, mut balance: Balance) -> Result<(), Damage> {
        let pot = self
            .find_pot(balance.currency_id)
            .ok_or("a balance's currency is missing")?;
        if balance.reserved < 0 || self.find_balance(account, balance.currency_id).is_some() {
            return Err("a balance is there twice, or holds less than nothing");
        }
        let held = &mut self.pots[pot as usize].held;
        *held = held.checked_add(balance.total).ok_or("cash overflows")?;
        balance.pot = pot;
        let index = self.balances.len() as u32;
        self.balance_index
            .insert(balance_key(account, balance.currency_id), index);
        self.balances.push(balance);
        self.hashed_balances.touch(index);
        Ok(())
    }

    /// Puts a position in front of the others of its account. Answers which was there.
    fn lead(&mut self, account: u32, index: u32) -> u32 {
        let at = account as usize;
        if at >= self.position_heads.len() {
            self.position_heads.resize(at + 1, NONE);
        }
        core::mem::replace(&mut self.position_heads[at], index)
    }

    /// Takes a stored position of an account (table index) in.
    pub fn restore_position(&mut self, account: u32, position: Position) -> Result<u32, Damage> {
        if self.find_position(account, position.instrument).is_some() {
            return Err("a position is there twice");
        }
        if position.day_profit_units.unsigned_abs() > crate::exposure::VALUE_MAX.unsigned_abs() {
            return Err("the profit of a day is impossible");
        }
        let index = self.positions.len() as u32;
        self.position_index
            .insert(position_key(account, position.instrument), index);
        let next = self.lead(account, index);
        self.positions.push(Position { next, ..position });
        self.hashed_positions.touch(index);
        Ok(index)
    }

    /// The cash of every currency adds up.
    pub fn check_pots(&self) -> Result<(), Damage> {
        let sound = |pot: &Pot| {
            let came = pot.moved.checked_add(pot.allotted_in);
            let owed = came.and_then(|came| came.checked_sub(pot.allotted_out));
            let held = pot.held.checked_add(pot.fees);
            owed.is_some() && held.and_then(|held| held.checked_add(pot.clearing)) == owed
        };
        if self.pots.iter().all(sound) {
            Ok(())
        } else {
            Err("cash does not add up")
        }
    }

    /// All pots.
    pub fn pots(&self) -> &[Pot] {
        &self.pots
    }

    /// All balances.
    pub fn balances(&self) -> &[Balance] {
        &self.balances
    }

    /// All positions.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// First of all positions of an account (table index), settled ones too; `NONE` = it has none.
    pub fn first_ever(&self, account: u32) -> u32 {
        self.position_heads.get(account as usize).copied().unwrap_or(NONE)
    }

    /// All positions of an account (table index), settled ones too, in no order that means anything.
    pub fn all_positions_of(&self, account: u32) -> impl Iterator<Item = &Position> {
        let first = Some(self.first_ever(account)).filter(|first| *first != NONE);
        let first = first.map(|first| self.position(first));
        core::iter::successors(first, |position| {
            let next = Some(position.next).filter(|next| *next != NONE)?;
            Some(self.position(next))
        })
    }

    /// Begins to count the profit of a position's day.
    pub fn set_day_profit(&mut self, index: u32, units: i128) {
        self.mark_position(index);
        let before = self.before(index);
        self.positions[index as usize].day_profit_units = units;
        self.follow(index, before);
    }

    /// What groups hold together.
    #[inline]
    pub const fn desks(&self) -> &DeskSums {
        &self.desks
    }

    /// Begins to keep what a group holds together. Answers whether its accounts' positions are to be seated.
    pub fn keep_desk(&mut self, group: u32) -> bool {
        self.kept && self.desks.keep(group, self.positions.capacity())
    }

    /// Counts the positions of an account (table index) with a group, which may be `NONE`. O(positions of the account).
    pub fn seat_account(&mut self, account: u32, group: u32) {
        let mut next = self.first_ever(account);
        while next != NONE {
            let position = &mut self.positions[next as usize];
            next = position.next;
            self.desks.seat(position, group);
        }
    }

    /// Counts a new position with a group, which may be `NONE`.
    pub fn seat_position(&mut self, position: u32, group: u32) {
        self.desks.seat(&mut self.positions[position as usize], group);
    }

    /// What a position counts with its group before it changes.
    #[inline]
    fn before(&self, index: u32) -> Option<DeskSum> {
        let position = &self.positions[index as usize];
        (position.desk != NONE).then(|| DeskSum::of_position(position))
    }

    /// What its group holds together follows a position.
    #[inline]
    fn follow(&mut self, index: u32, before: Option<DeskSum>) {
        if let Some(before) = before {
            self.desks.follow(&before, &self.positions[index as usize]);
        }
    }

    /// A balance.
    #[inline(always)]
    pub fn balance(&self, index: u32) -> &Balance {
        &self.balances[index as usize]
    }

    /// A position.
    #[inline(always)]
    pub fn position(&self, index: u32) -> &Position {
        &self.positions[index as usize]
    }

    /// A balance is about to change: a snapshot copies it first, the state hash takes it in anew.
    #[inline(never)]
    fn mark_balance(&mut self, index: u32) {
        if self.balance_copier.awaits(index) {
            self.balance_copier
                .save(index, |out| write_balance(&mut self.balances, index, out));
        }
        self.hashed_balances.note(index);
    }

    #[inline]
    fn touch_balance(&mut self, index: u32) -> (&mut Balance, &mut BalanceTouch) {
        if !self.hashed_balances.is_marked(index) {
            self.mark_balance(index);
        }
        let balance = &mut self.balances[index as usize];
        if balance.touched != self.number {
            balance.touched = self.number;
            balance.touch = self.balance_touches.len() as u32;
            self.balance_touches.push(BalanceTouch {
                index,
                total_before: balance.total,
                reserved_before: balance.reserved,
                fee_units: 0,
                traded: false,
                moved: false,
                allotted: false,
                settled: false,
            });
        }
        let touch = &mut self.balance_touches[balance.touch as usize];
        (balance, touch)
    }

    /// A position is about to change: a snapshot copies it first, the state hash takes it in anew.
    #[inline(always)]
    fn mark_position(&mut self, index: u32) {
        if !self.hashed_positions.is_marked(index) {
            self.mark_position_first(index);
        }
    }

    #[inline(never)]
    fn mark_position_first(&mut self, index: u32) {
        if self.position_copier.awaits(index) {
            self.position_copier
                .save(index, |out| write_position(&mut self.positions, index, out));
        }
        self.hashed_positions.note(index);
    }

    #[inline]
    fn touch_position(&mut self, index: u32) -> (&mut Position, &mut PositionTouch) {
        self.mark_position(index);
        let position = &mut self.positions[index as usize];
        if position.touched != self.number {
            position.touched = self.number;
            position.touch = self.position_touches.len() as u32;
            self.position_touches.push(PositionTouch {
                index,
                quantity_before: position.quantity_lots,
                reserved_before: position.reserved_sell_lots,
                moved: false,
            });
        }
        let touch = &mut self.position_touches[position.touch as usize];
        (position, touch)
    }

    /// Brings the positions that the command touched in order of account and instrument. Most commands touch one.
    #[inline(always)]
    pub fn sort_position_touches(&mut self) {
        if self.position_touches.len() > 1 {
            let positions = &self.positions;
            self.position_touches.sort_unstable_by_key(|touch| {
                let position = &positions[touch.index as usize];
                (position.account_id, position.instrument_id)
            });
        }
    }

    /// Brings the balances that the command touched in order of account and currency.
    #[inline(always)]
    pub fn sort_balance_touches(&mut self) {
        if self.balance_touches.len() > 1 {
            let balances = &self.balances;
            self.balance_touches.sort_unstable_by_key(|touch| {
                let balance = &balances[touch.index as usize];
                (balance.account_id, balance.currency_id)
            });
        }
    }

    /// Changes what is reserved for open buy orders.
    #[inline(always)]
    pub fn reserve(&mut self, balance: u32, units: i64) {
        if units != 0 {
            let (balance, _) = self.touch_balance(balance);
            balance.reserved += i128::from(units);
            assert!(balance.reserved >= 0, "Invariant: reservations are not negative");
        }
    }

    /// A position is about to change: reduce-only orders may have to follow.
    #[inline(always)]
    fn watch(&mut self, position: u32) {
        if self.positions[position as usize].reduce_only != [0; 2] {
            self.over.push(position);
        }
    }

    /// Brings the positions to be watched in order of account and instrument.
    pub fn sort_over(&mut self) {
        let positions = &self.positions;
        self.over.sort_unstable_by_key(|index| {
            let position = &positions[*index as usize];
            (position.account_id, position.instrument_id)
        });
        self.over.dedup();
    }

    /// Counts open orders of a position.
    #[inline(always)]
    pub fn count_open(&mut self, position: u32, by: i32) {
        if self.kept {
            let position = &mut self.positions[position as usize];
            position.open_orders = position.open_orders.saturating_add_signed(by);
            if position.desk != NONE {
                self.desks.count_open(position.desk, by);
            }
        }
    }

    /// Counts open reduce-only orders of a position.
    pub fn count_reduce_only(&mut self, position: u32, side: usize, by: i32) {
        if !self.kept {
            return;
        }
        let count = &mut self.positions[position as usize].reduce_only[side];
        *count = count.saturating_add_signed(by);
    }

    /// Changes the leaves of the open orders of one side; `reserved` when sells hold lots.
    #[inline(always)]
    pub fn change_open(&mut self, position: u32, buy: bool, lots: i64, reserved: bool) {
        if !self.kept {
            return;
        }
        self.watch(position);
        if buy || !reserved {
            // Nothing that a report shows changes.
            self.mark_position(position);
            let position = &mut self.positions[position as usize];
            if buy {
                position.open_buy_lots += lots;
            } else {
                position.open_sell_lots += lots;
            }
            if position.desk != NONE {
                self.desks.follow_open(position, buy, lots);
            }
            return;
        }
        let index = position;
        let (position, _) = self.touch_position(index);
        position.open_sell_lots += lots;
        position.reserved_sell_lots += lots;
        if position.desk != NONE {
            self.desks.follow_open(&self.positions[index as usize], false, lots);
        }
    }

    /// The cash side of a fill: `units` come in (negative: go out) and `fee` goes to the pot.
    #[inline]
    pub fn fill_cash(&mut self, balance: u32, units: i64, fee: i64) {
        if !self.kept {
            return;
        }
        let (balance, touch) = self.touch_balance(balance);
        let change = i128::from(units) - i128::from(fee);
        balance.total += change;
        touch.traded = true;
        touch.fee_units += fee;
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += change;
        pot.fees += i128::from(fee);
    }

    /// The position side of a fill.
    #[inline(always)]
    pub fn fill_lots(&mut self, position: u32, signed_lots: i64, units_per_lot: i64) {
        if !self.kept {
            return;
        }
        self.watch(position);
        let index = position;
        let (position, touch) = self.touch_position(index);
        touch.moved = true;
        if position.desk != NONE {
            self.desks
                .fill(&mut self.positions[index as usize], signed_lots, units_per_lot);
            return;
        }
        position.fill(signed_lots, units_per_lot);
    }

    /// Cash from or to outside.
    pub fn move_cash(&mut self, balance: u32, units: i64) {
        let (balance, touch) = self.touch_balance(balance);
        balance.total += i128::from(units);
        touch.moved = true;
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += i128::from(units);
        pot.moved += i128::from(units);
    }

    /// Cash from or to another shard; `units` is more than zero.
    pub fn move_allotment(&mut self, balance: u32, units: i64, leaves: bool) {
        let units = i128::from(units);
        let (balance, touch) = self.touch_balance(balance);
        touch.allotted = true;
        balance.total += if leaves { -units } else { units };
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        if leaves {
            pot.held -= units;
            pot.allotted_out += units;
        } else {
            pot.held += units;
            pot.allotted_in += units;
        }
    }

    /// Both sides of a fill of a future: the fee, and what closes is paid. Returns what was paid and how the cost changed.
    pub fn fill_future(
        &mut self,
        balance: u32,
        position: u32,
        signed_lots: i64,
        units_per_lot: i64,
        fee: i64,
    ) -> (i128, i128) {
        if !self.kept {
            return (0, 0);
        }
        let before = self.positions[position as usize].basis;
        self.fill_lots(position, signed_lots, units_per_lot);
        let after = self.positions[position as usize].basis;
        let paid = after.realized_units - before.realized_units;
        let (balance, touch) = self.touch_balance(balance);
        let change = paid - i128::from(fee);
        balance.total += change;
        touch.traded = true;
        touch.fee_units += fee;
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += change;
        pot.fees += i128::from(fee);
        pot.clearing -= paid;
        (paid, after.cost_units - before.cost_units)
    }

    /// Cash from a settlement, out of the clearing sum.
    pub fn settle_cash(&mut self, balance: u32, units: i128) {
        let (balance, touch) = self.touch_balance(balance);
        balance.total += units;
        touch.settled = true;
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += units;
        pot.clearing -= units;
    }

    /// Realises what a position is worth beyond its cost. It ends, or stays at its value as its cost. Returns how the
    /// cost changed.
    pub fn settle_lots(&mut self, position: u32, value: i128, ends: bool) -> i128 {
        self.watch(position);
        let (index, counted) = (position, self.before(position));
        let (position, touch) = self.touch_position(position);
        touch.moved = true;
        let before = position.basis.cost_units;
        position.basis.realized_units += value - before;
        position.basis.cost_units = value;
        if ends {
            position.basis.cost_units = 0;
            position.quantity_lots = 0;
        }
        let change = position.basis.cost_units - before;
        self.follow(index, counted);
        change
    }

    /// Lots from or to outside. What shrinks the position leaves at average cost; what grows it adds `cost_units`.
    /// Returns how the cost changed.
    pub fn move_lots(&mut self, position: u32, signed_lots: i64, cost_units: i64) -> i128 {
        self.watch(position);
        let (index, counted) = (position, self.before(position));
        let (position, touch) = self.touch_position(position);
        touch.moved = true;
        let held = position.quantity_lots;
        let before = position.basis.cost_units;
        if held.signum() * signed_lots.signum() < 0 {
            let closing = signed_lots.saturating_abs().min(held.saturating_abs());
            position.basis.take_out(held, closing);
        }
        position.basis.cost_units += i128::from(cost_units);
        position.quantity_lots += signed_lots;
        let change = position.basis.cost_units - before;
        self.follow(index, counted);
        change
    }

    /// Asserts that no money came from nowhere. O(1).
    ///
    /// # Panics
    /// When it did: the engine must not go on.
    #[inline]
    pub fn assert_conserved(&self, pot: u32) {
        let pot = &self.pots[pot as usize];
        assert!(
            pot.held + pot.fees + pot.clearing == pot.owed(),
            "Invariant: cash is conserved in currency {}",
            pot.currency_id
        );
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let balances = &self.balances;
        self.hashed_balances
            .settle(sum, |index| balance_hash(&balances[index as usize]));
        let positions = &self.positions;
        self.hashed_positions
            .settle(sum, |index| position_hash(&positions[index as usize]));
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.hashed_balances.begin_round();
        self.hashed_positions.begin_round();
        self.balance_copier.begin(self.balances.len());
        self.position_copier.begin(self.positions.len());
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        let (balances, positions) = (&mut self.balances, &mut self.positions);
        self.balance_copier
            .walk(budget, |index, out| write_balance(balances, index, out));
        self.position_copier
            .walk(budget, |index, out| write_position(positions, index, out));
    }
}

fn write_balance(balances: &mut [Balance], index: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let balance = &mut balances[index as usize];
    let _ = out.u32(&mut { index });
    out.put(balance);
    Some(balance_hash(balance))
}

fn write_position(positions: &mut [Position], index: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let position = &mut positions[index as usize];
    let _ = out.u32(&mut { index });
    out.put(position);
    Some(position_hash(position))
}

fn balance_hash(balance: &Balance) -> EntityHash {
    if balance.total == 0 && balance.reserved == 0 {
        return [0; 2];
    }
    let total = halves(balance.total);
    let reserved = halves(balance.reserved);
    let who = (u64::from(balance.account_id) << 16) | u64::from(balance.currency_id);
    hash_words(6, &[who, total[0], total[1], reserved[0], reserved[1]])
}

fn position_hash(position: &Position) -> EntityHash {
    let cost = halves(position.basis.cost_units);
    let realized = halves(position.basis.realized_units);
    let day = halves(position.day_profit_units);
    let words = [
        position.quantity_lots.cast_unsigned(),
        position.reserved_sell_lots.cast_unsigned(),
        position.open_buy_lots.cast_unsigned(),
        position.open_sell_lots.cast_unsigned(),
        cost[0],
        cost[1],
        realized[0],
        realized[1],
        day[0],
        day[1],
        (u64::from(position.account_id) << 32) | u64::from(position.instrument_id),
    ];
    if words[..10].iter().all(|word| *word == 0) {
        [0; 2]
    } else {
        hash_words(7, &words)
    }
}

impl Stored for Balance {
    fn blank() -> Self {
        Self {
            account_id: 0,
            currency_id: 0,
            pot: 0,
            total: 0,
            reserved: 0,
            touched: 0,
            touch: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            currency_id,
            total,
            reserved,
            // Follows from the currency.
            pot: _,
            // Of the command that ran last.
            touched: _,
            touch: _,
        } = self;
        io.u32(account_id)?;
        io.u16(currency_id)?;
        io.i128(total)?;
        io.i128(reserved)
    }
}

impl Stored for Position {
    fn blank() -> Self {
        Self {
            account_id: 0,
            instrument_id: 0,
            instrument: 0,
            quantity_lots: 0,
            reserved_sell_lots: 0,
            open_buy_lots: 0,
            open_sell_lots: 0,
            open_orders: 0,
            reduce_only: [0; 2],
            account_next: NONE,
            basis: CostBasis::default(),
            day_profit_units: 0,
            next: NONE,
            desk: NONE,
            touched: 0,
            touch: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            instrument_id,
            instrument,
            quantity_lots,
            reserved_sell_lots,
            open_buy_lots,
            open_sell_lots,
            basis: CostBasis {
                cost_units,
                realized_units,
            },
            day_profit_units,
            // Follows from the order of the table.
            next: _,
            // Follows from accounts and limits.
            desk: _,
            // Follow from the orders.
            open_orders: _,
            reduce_only: _,
            // Follows from the positions.
            account_next: _,
            // Of the command that ran last.
            touched: _,
            touch: _,
        } = self;
        io.u32(account_id)?;
        io.u32(instrument_id)?;
        io.u32(instrument)?;
        io.i64(quantity_lots)?;
        io.i64(reserved_sell_lots)?;
        io.i64(open_buy_lots)?;
        io.i64(open_sell_lots)?;
        io.i128(cost_units)?;
        io.i128(realized_units)?;
        io.i128(day_profit_units)
    }
}

impl Stored for Pot {
    fn blank() -> Self {
        Self {
            currency_id: 0,
            fees: 0,
            held: 0,
            moved: 0,
            allotted_in: 0,
            allotted_out: 0,
            clearing: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            currency_id,
            fees,
            moved,
            allotted_in,
            allotted_out,
            clearing,
            // The sum of the balances.
            held: _,
        } = self;
        io.u16(currency_id)?;
        io.i128(fees)?;
        io.i128(moved)?;
        io.i128(allotted_in)?;
        io.i128(allotted_out)?;
        io.i128(clearing)
    }
}

/// Low and high word of an `i128`.
pub const fn halves(value: i128) -> [u64; 2] {
    let bits = value.cast_unsigned();
    [bits as u64, (bits >> 64) as u64]
}
