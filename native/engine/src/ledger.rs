//! Cash and positions. Sums are `i128`; what one command moves was checked to fit `i64` before anything is written.
//!
//! Per currency, `balances + collected fees + clearing == cash moved in + allotments in - allotments out` holds after every command, and per instrument the
//! positions sum to what was moved in; both are asserted in production from running sums.

mod bookings;
mod entries;

use crate::config::RiskMode;
use crate::cost_basis::CostBasis;
use crate::desk_sums::{DeskSum, DeskSums};
use crate::id_map::IdMap;
use crate::mixing::{EntityHash, HashSum, HashedTable};
use crate::orders::NONE;
use crate::snapshot::{Copier, Damage, Fields, Writer, kind};
pub use entries::{Balance, Position, Pot, halves};
use entries::{balance_hash, position_hash};

/// Ledger totals stay far inside `i128`.
pub const TOTAL_MAX: i128 = 1 << 120;

/// What a balance was before the command that runs.
#[derive(Clone, Copy, Debug)]
pub struct BalanceTouch {
    /// Balance.
    pub index: u32,
    /// Total before.
    pub total_before: i128,
    /// Reserved before.
    pub reserved_before: i128,
    /// Fees paid by this command, of all fills together.
    pub fee_units: i128,
    /// What changed its total.
    pub booked: Booked,
}

/// What changed the total of a balance. Where a command did several of these to it, the report names the one that stands last here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Booked {
    /// Nothing: at most a reservation changed.
    Nothing,
    /// Cash came in or went out.
    Movement,
    /// A derivative was settled.
    Settlement,
    /// An allotment came from another shard or went there.
    Allotment,
    /// A fill went through it.
    Trade,
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
        self.position_mut(index).day_profit_units = units;
    }

    /// What a group holds together, instrument by instrument; `None` where that is not kept.
    #[inline]
    pub fn of_group(&self, group: u32) -> Option<impl Iterator<Item = DeskSum>> {
        self.desks.of_group(group, &self.positions)
    }

    /// Counts positions anew that have changed, so that a look at what groups hold together does not have to.
    pub fn catch_up(&mut self) {
        self.desks.catch_up(&self.positions);
    }

    /// Recomputes what groups hold together. For tests.
    ///
    /// # Panics
    /// When it is not what is kept. `group_of` tells the group of an account id.
    pub fn assert_desks(&self, group_of: impl Fn(u32) -> u32) {
        self.desks.assert_sums(&self.positions, group_of);
    }

    /// Begins to keep what a group holds together. Answers whether its accounts' positions are to be seated.
    pub fn keep_desk(&mut self, group: u32) -> bool {
        self.kept && self.desks.keep(group, self.positions.capacity())
    }

    /// Counts the positions of an account (table index) with a group, which may be `NONE`. O(positions of the account).
    pub fn seat_account(&mut self, account: u32, group: u32) {
        self.catch_up();
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
