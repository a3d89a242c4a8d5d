//! Accounts and their groups (desks).

use fulltape_tape::codes::{AccountKind, account_permission};

use crate::id_map::IdMap;
use crate::mixing::{EntityHash, HashSum, HashedTable, hash_words};
use crate::orders::NONE;
use crate::small_ids::SmallIds;
use crate::snapshot::{Copier, Damage, Fields, Stored, Writer, kind};

/// One account.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Account id, 1 or more.
    pub id: u32,
    /// Group id; 0 = none.
    pub group_id: u32,
    /// Group table index.
    pub group: u32,
    /// Wire number of the `AccountKind`.
    pub kind: u8,
    /// Wire number of the `TradingState`.
    pub state: u8,
    /// Wire number of the `StateReason`.
    pub reason: u16,
    /// Permission bits.
    pub permissions: u16,
    /// The engine runs without risk: nothing about the account is checked.
    pub risk_off: bool,
    /// 0 = the instrument's fees, 1 = no fees.
    pub fee_schedule: u32,
    /// Oldest open order.
    pub head: u32,
    /// Youngest open order.
    pub tail: u32,
    /// Open orders.
    pub open_orders: u32,
    /// The next account of its group; `NONE` = the last, or no group.
    pub group_next: u32,
    /// Risk limits of the account.
    pub limits: u32,
    /// Rules that ask what the account lost in a day.
    pub daily: u32,
    /// Risk limits of the account or of its group may apply.
    pub limited: bool,
}

impl Account {
    /// Neither buying power nor positions are checked, and nothing is reserved.
    pub const fn unlimited(&self) -> bool {
        // All at once: what an account is differs from command to command, so each branch would be guessed wrong often.
        self.risk_off
            | (self.permissions & account_permission::UNLIMITED != 0)
            | (self.kind == AccountKind::Replay as u8)
    }

    /// Margin takes the place of buying power.
    pub const fn on_margin(&self) -> bool {
        self.kind == AccountKind::Margin as u8 && !self.unlimited()
    }

    /// Positions may go below zero.
    pub const fn may_sell_short(&self) -> bool {
        self.unlimited() || self.permissions & account_permission::SHORT_SALE != 0
    }

    /// Fees apply.
    pub const fn pays_fees(&self) -> bool {
        !self.risk_off && self.fee_schedule == 0 && self.permissions & account_permission::FEES_OFF == 0
    }

    /// The price collar applies.
    pub const fn collared(&self) -> bool {
        !self.risk_off && self.permissions & account_permission::COLLAR_OFF == 0
    }
}

/// Trading state of a group.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Group id, 1 or more.
    pub id: u32,
    /// Wire number of the `TradingState`.
    pub state: u8,
    /// Wire number of the `StateReason` that it was set for; 0 = it never was.
    pub reason: u16,
    /// Its first account; `NONE` = it has none.
    pub head: u32,
    /// Risk limits of the group.
    pub limits: u32,
    /// Rules that ask what the group lost in a day.
    pub daily: u32,
}

/// All accounts and groups.
pub struct AccountTable {
    accounts: Vec<Account>,
    index: SmallIds,
    groups: Vec<Group>,
    group_index: IdMap,
    capacity: usize,
    hashed: HashedTable,
    hashed_groups: HashedTable,
    /// What a snapshot has of the accounts.
    pub copier: Copier,
    /// What a snapshot has of the groups.
    pub group_copier: Copier,
}

impl AccountTable {
    /// Room for `capacity` accounts and as many groups.
    pub fn with_capacity(capacity: u32) -> Self {
        let size = capacity as usize;
        Self {
            accounts: Vec::with_capacity(size),
            index: SmallIds::with_capacity(size),
            groups: Vec::new(),
            group_index: IdMap::with_capacity(16),
            capacity: size,
            hashed: HashedTable::with_capacity(size),
            hashed_groups: HashedTable::with_capacity(16),
            copier: Copier::new(kind::ACCOUNT),
            group_copier: Copier::new(kind::GROUP),
        }
    }

    /// Table index of an account id.
    #[inline]
    pub fn find(&self, id: u32) -> Option<u32> {
        if id == 0 { None } else { self.index.get(u64::from(id)) }
    }

    /// An account by table index.
    #[inline]
    pub fn get(&self, index: u32) -> &Account {
        &self.accounts[index as usize]
    }

    /// An account to change; it will be hashed anew.
    pub fn get_mut(&mut self, index: u32) -> &mut Account {
        if self.copier.awaits(index) {
            self.copier
                .save(index, |out| write_account(&mut self.accounts, index, out));
        }
        self.hashed.touch(index);
        &mut self.accounts[index as usize]
    }

    /// An account whose order list changes; the list follows from the orders, so it is not hashed.
    #[inline]
    pub fn list_mut(&mut self, index: u32) -> &mut Account {
        &mut self.accounts[index as usize]
    }

    /// Accounts.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// No account can be taken in.
    pub fn is_full(&self) -> bool {
        self.accounts.len() >= self.capacity
    }

    /// Takes an account in whose id is new; the caller has checked `is_full`.
    pub fn insert(&mut self, account: Account) -> u32 {
        let index = self.accounts.len() as u32;
        self.accounts.push(account);
        self.index.insert(u64::from(account.id), index);
        self.hashed.touch(index);
        index
    }

    /// Table index of a group id.
    pub fn find_group(&self, id: u32) -> Option<u32> {
        if id == 0 {
            None
        } else {
            self.group_index.get(u64::from(id))
        }
    }

    /// No group can be taken in.
    pub fn groups_full(&self) -> bool {
        self.groups.len() >= self.capacity
    }

    /// Takes a group in whose id is new.
    pub fn insert_group(&mut self, group: Group) -> u32 {
        let index = self.groups.len() as u32;
        self.groups.push(group);
        self.group_index.insert(u64::from(group.id), index);
        self.hashed_groups.touch(index);
        index
    }

    /// A group by table index; `None` for an account without one.
    #[inline]
    pub fn group(&self, index: u32) -> Option<&Group> {
        if index == NONE {
            None
        } else {
            self.groups.get(index as usize)
        }
    }

    /// A group whose list or rules change; they follow from its accounts and from the rules, so it is not hashed.
    pub fn group_link_mut(&mut self, index: u32) -> &mut Group {
        &mut self.groups[index as usize]
    }

    /// Accounts of a group (table indices), in no order that means anything.
    pub fn members(&self, group: u32) -> impl Iterator<Item = u32> {
        let first = self.group(group).map(|group| group.head).filter(|head| *head != NONE);
        core::iter::successors(first, |account| self.after_member(*account))
    }

    /// The next account of the same group.
    pub fn after_member(&self, account: u32) -> Option<u32> {
        Some(self.get(account).group_next).filter(|next| *next != NONE)
    }

    /// Puts an account into a group, which may be `NONE`, and takes it out of the one before. O(accounts of that).
    pub fn join_group(&mut self, account: u32, group: u32) {
        let left = self.get(account).group;
        let after = self.get(account).group_next;
        let before = self.members(left).find(|other| self.get(*other).group_next == account);
        match before {
            Some(before) => self.list_mut(before).group_next = after,
            None if left != NONE && self.groups[left as usize].head == account => {
                self.groups[left as usize].head = after
            }
            None => {}
        }
        let next = match group {
            NONE => NONE,
            group => core::mem::replace(&mut self.groups[group as usize].head, account),
        };
        let joined = self.list_mut(account);
        joined.group = group;
        joined.group_next = next;
        self.settle_limited(account);
    }

    /// Notes whether limits may apply to an account.
    pub fn settle_limited(&mut self, account: u32) {
        let of_group = self.group(self.get(account).group).map_or(0, |group| group.limits);
        let account = self.list_mut(account);
        account.limited = (account.limits | of_group) != 0;
    }

    /// Groups in the table.
    pub fn group_count(&self) -> u32 {
        self.groups.len() as u32
    }

    /// Accounts in the table.
    pub fn count(&self) -> u32 {
        self.accounts.len() as u32
    }

    /// A group to change.
    pub fn group_mut(&mut self, index: u32) -> &mut Group {
        if self.group_copier.awaits(index) {
            self.group_copier
                .save(index, |out| write_group(&mut self.groups, index, out));
        }
        self.hashed_groups.touch(index);
        &mut self.groups[index as usize]
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let accounts = &self.accounts;
        self.hashed
            .settle(sum, |index| account_hash(&accounts[index as usize], index));
        let groups = &self.groups;
        self.hashed_groups
            .settle(sum, |index| group_hash(&groups[index as usize]));
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.copier.begin(self.accounts.len());
        self.group_copier.begin(self.groups.len());
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        let (accounts, groups) = (&mut self.accounts, &mut self.groups);
        self.copier
            .walk(budget, |index, out| write_account(accounts, index, out));
        self.group_copier
            .walk(budget, |index, out| write_group(groups, index, out));
    }
}

fn write_account(accounts: &mut [Account], index: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let account = &mut accounts[index as usize];
    let _ = out.u32(&mut { index });
    out.put(account);
    Some(account_hash(account, index))
}

fn write_group(groups: &mut [Group], index: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let group = &mut groups[index as usize];
    let _ = out.u32(&mut { index });
    out.put(group);
    Some(group_hash(group))
}

fn account_hash(account: &Account, index: u32) -> EntityHash {
    hash_words(
        2,
        &[
            u64::from(account.id),
            u64::from(account.group_id),
            u64::from(account.kind) | (u64::from(account.state) << 8) | (u64::from(account.reason) << 16),
            u64::from(account.permissions) | (u64::from(account.fee_schedule) << 32),
            u64::from(index),
        ],
    )
}

fn group_hash(group: &Group) -> EntityHash {
    let state = u64::from(group.state) | (u64::from(group.reason) << 8);
    hash_words(3, &[u64::from(group.id), state])
}

impl Stored for Account {
    fn blank() -> Self {
        Self {
            id: 0,
            group_id: 0,
            group: NONE,
            kind: 0,
            state: 0,
            reason: 0,
            permissions: 0,
            fee_schedule: 0,
            head: NONE,
            tail: NONE,
            open_orders: 0,
            group_next: NONE,
            limits: 0,
            daily: 0,
            limited: false,
            risk_off: false,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            id,
            group_id,
            kind,
            state,
            reason,
            permissions,
            fee_schedule,
            // Follow from the group's id.
            group: _,
            group_next: _,
            // Follow from the limits.
            limits: _,
            daily: _,
            limited: _,
            // Follow from the orders.
            head: _,
            tail: _,
            open_orders: _,
            // Follows from the configuration.
            risk_off: _,
        } = self;
        io.u32(id)?;
        io.u32(group_id)?;
        io.u8(kind)?;
        io.u8(state)?;
        io.u16(reason)?;
        io.u16(permissions)?;
        io.u32(fee_schedule)
    }
}

impl Stored for Group {
    fn blank() -> Self {
        Self {
            id: 0,
            state: 0,
            reason: 0,
            head: NONE,
            limits: 0,
            daily: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            id,
            state,
            reason,
            // Follows from the accounts.
            head: _,
            // Follow from the limits.
            limits: _,
            daily: _,
        } = self;
        io.u32(id)?;
        io.u16(reason)?;
        io.u8(state)
    }
}
