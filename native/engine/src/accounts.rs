//! Accounts and their groups (desks).

use fulltape_tape::codes::{AccountKind, account_permission};

use crate::id_map::IdMap;
use crate::mixing::{HashSum, HashedTable, hash_words};
use crate::orders::NONE;

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
}

impl Account {
    /// Neither buying power nor positions are checked, and nothing is reserved.
    pub const fn unlimited(&self) -> bool {
        self.risk_off || self.permissions & account_permission::UNLIMITED != 0 || self.kind == AccountKind::Replay as u8
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
}

/// All accounts and groups.
pub struct AccountTable {
    accounts: Vec<Account>,
    index: IdMap,
    groups: Vec<Group>,
    group_index: IdMap,
    capacity: usize,
    hashed: HashedTable,
    hashed_groups: HashedTable,
}

impl AccountTable {
    /// Room for `capacity` accounts and as many groups.
    pub fn with_capacity(capacity: u32) -> Self {
        let size = capacity as usize;
        Self {
            accounts: Vec::with_capacity(size),
            index: IdMap::with_capacity(size),
            groups: Vec::new(),
            group_index: IdMap::with_capacity(16),
            capacity: size,
            hashed: HashedTable::with_capacity(size),
            hashed_groups: HashedTable::with_capacity(16),
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
        self.hashed.touch(index);
        &mut self.accounts[index as usize]
    }

    /// An account whose order list changes; the list follows from the orders, so it is not hashed.
    #[inline]
    pub fn list_mut(&mut self, index: u32) -> &mut Account {
        &mut self.accounts[index as usize]
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

    /// A group to change.
    pub fn group_mut(&mut self, index: u32) -> &mut Group {
        self.hashed_groups.touch(index);
        &mut self.groups[index as usize]
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let accounts = &self.accounts;
        self.hashed.settle(sum, |index| {
            let account = &accounts[index as usize];
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
        });
        let groups = &self.groups;
        self.hashed_groups.settle(sum, |index| {
            let group = &groups[index as usize];
            hash_words(3, &[u64::from(group.id), u64::from(group.state)])
        });
    }
}
