//! Order lists by account and list id: which orders belong together, and how far each list has come.
//!
//! A list is kept while one of its orders is open, and its id is remembered for 24 hours of engine time after the last one
//! closed, as client order ids are. The table holds order ids and no slots, so nothing in it can point at a stranger.

use std::collections::VecDeque;

use fulltape_tape::codes::Contingency;

use crate::client_orders::KEPT_NANOS;
use crate::keyed_table::{Kept, KeyedTable};
use crate::mixing::{EntityHash, HashSum, hash_words, mix64};
use crate::orders::NONE;
use crate::probing::vacate;
use crate::snapshot::{Copier, Damage, Fields, Reader, Stored, kind};

/// Most legs of a list.
pub const LEGS_MAX: usize = 3;

/// How far a list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Legs are missing; those that came wait outside the book and hold nothing.
    Gathering = 1,
    /// Its last leg was refused: the others are about to be cancelled.
    Rejected = 2,
    /// All legs came.
    Active = 3,
    /// None of its orders is open.
    Ended = 4,
}

impl Stage {
    const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Gathering),
            2 => Some(Self::Rejected),
            3 => Some(Self::Active),
            4 => Some(Self::Ended),
            _ => None,
        }
    }
}

/// One list.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Id that the client chose; 0 = the slot is free.
    pub list_id: u64,
    /// Account id.
    pub account_id: u32,
    /// Instrument table index.
    pub instrument: u32,
    /// What ties the legs.
    pub contingency: Contingency,
    /// Wire number of the second leg's role.
    pub second_role: u8,
    /// How far it has come.
    pub stage: Stage,
    /// Legs that came.
    pub arrived: u8,
    /// Order ids of the legs; 0 = has not come.
    pub orders: [u64; LEGS_MAX],
    /// Quantity of the parent when the list became active, in lots.
    pub parent_lots: i64,
    /// Quantity of the child (of each exit) when the list became active, in lots.
    pub child_lots: i64,
    /// Lots of the child (of each exit) that are active or were.
    pub granted_lots: i64,
    /// Lots that the parent has filled.
    pub filled_lots: i64,
    /// Its child ended before its parent: what is left of the parent is to be cancelled.
    pub forsaken: bool,
    /// It stands among those that have work to do.
    pub queued: bool,
    /// Engine time at which its id is forgotten; 0 = while it lives.
    pub expire_nanos: u64,
}

impl List {
    /// Legs that a list of this contingency has.
    pub const fn legs(contingency: Contingency) -> u8 {
        match contingency {
            Contingency::None => 0,
            Contingency::OneCancelsOther | Contingency::OneTriggersOther => 2,
            Contingency::Bracket => 3,
        }
    }

    /// The leg that shares its lots with this one.
    pub const fn sibling(&self, leg: u8) -> Option<u8> {
        match (self.contingency, leg) {
            (Contingency::OneCancelsOther, 0 | 1) => Some(1 - leg),
            (Contingency::Bracket, 1 | 2) => Some(3 - leg),
            _ => None,
        }
    }

    /// The first leg triggers the others.
    pub const fn has_parent(&self) -> bool {
        matches!(self.contingency, Contingency::OneTriggersOther | Contingency::Bracket)
    }

    /// Lots that the parent's fills entitle a child to: in proportion, whole lots.
    pub fn entitled_lots(&self) -> i64 {
        let share = i128::from(self.child_lots) * i128::from(self.filled_lots) / i128::from(self.parent_lots);
        i64::try_from(share).unwrap_or(i64::MAX)
    }

    fn words(&self) -> [u64; 11] {
        [
            self.list_id,
            (u64::from(self.account_id) << 32) | u64::from(self.instrument),
            (self.contingency as u64)
                | ((self.second_role as u64) << 8)
                | ((self.stage as u64) << 16)
                | (u64::from(self.arrived) << 24)
                | (u64::from(self.forsaken) << 32),
            self.orders[0],
            self.orders[1],
            self.orders[2],
            self.parent_lots.cast_unsigned(),
            self.child_lots.cast_unsigned(),
            self.granted_lots.cast_unsigned(),
            self.filled_lots.cast_unsigned(),
            self.expire_nanos,
        ]
    }
}

impl Stored for List {
    fn blank() -> Self {
        Self {
            list_id: 0,
            account_id: 0,
            instrument: 0,
            contingency: Contingency::None,
            second_role: 0,
            stage: Stage::Gathering,
            arrived: 0,
            orders: [0; LEGS_MAX],
            parent_lots: 0,
            child_lots: 0,
            granted_lots: 0,
            filled_lots: 0,
            forsaken: false,
            queued: false,
            expire_nanos: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            list_id,
            account_id,
            instrument,
            contingency,
            second_role,
            stage,
            arrived,
            orders,
            parent_lots,
            child_lots,
            granted_lots,
            filled_lots,
            forsaken,
            // No list has work to do between commands.
            queued: _,
            expire_nanos,
        } = self;
        io.u64(list_id)?;
        io.u32(account_id)?;
        io.u32(instrument)?;
        io.code(contingency, Contingency::number, Contingency::from_number)?;
        io.u8(second_role)?;
        io.code(stage, |stage| stage as u8, Stage::from_number)?;
        io.u8(arrived)?;
        io.words(orders)?;
        io.i64(parent_lots)?;
        io.i64(child_lots)?;
        io.i64(granted_lots)?;
        io.i64(filled_lots)?;
        io.bool(forsaken)?;
        io.u64(expire_nanos)
    }
}

impl Kept for List {
    const KIND: u16 = kind::LIST;

    fn hash(&self) -> EntityHash {
        hash_words(41, &self.words())
    }
}

/// All lists by the order id of their first leg, an open-addressing index by account and list id, and a queue of expiries.
pub struct ListTable {
    lists: KeyedTable<List>,
    slots: Vec<u32>,
    expiries: VecDeque<u32>,
    /// Lists with work to do behind the order that runs, in the order in which it fell due.
    pub queue: Vec<u32>,
    /// Ids of legs that end with the day of their instrument, by its table index, oldest first. Some have entered or ended since.
    day_legs: Vec<Vec<u64>>,
}

fn key(account_id: u32, list_id: u64) -> usize {
    mix64(mix64(u64::from(account_id) ^ 0x27_d4_eb_2f_16_56_67_c5) ^ list_id) as usize
}

/// Where the search for a list begins, before the mask.
fn home_of(list: &List) -> usize {
    key(list.account_id, list.list_id)
}

impl ListTable {
    /// An empty table; it grows with the lists that are remembered at once.
    pub fn new() -> Self {
        Self {
            lists: KeyedTable::bounded(u32::MAX as usize),
            slots: vec![NONE; 64],
            expiries: VecDeque::new(),
            queue: Vec::with_capacity(64),
            day_legs: Vec::new(),
        }
    }

    /// Index of a list.
    pub fn find(&self, account_id: u32, list_id: u64) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = key(account_id, list_id) & mask;
        loop {
            let index = self.slots[at];
            if index == NONE {
                return None;
            }
            let list = self.get(index);
            if list.list_id == list_id && list.account_id == account_id {
                return Some(index);
            }
            at = (at + 1) & mask;
        }
    }

    /// A list by index.
    pub fn get(&self, index: u32) -> &List {
        self.lists.get(index)
    }

    /// A list to change; it will be hashed anew.
    pub fn get_mut(&mut self, index: u32) -> &mut List {
        self.lists.get_mut(index)
    }

    /// Takes a list in whose id is new to its account, with its first leg.
    pub fn insert(&mut self, list: List) -> u32 {
        let index = self.lists.insert(list.orders[0], list);
        self.place(index);
        index
    }

    fn home(&self, index: u32) -> usize {
        home_of(self.get(index)) & (self.slots.len() - 1)
    }

    /// Puts a list into the index, which grows before it is half full.
    fn place(&mut self, index: u32) {
        if self.lists.len() * 2 > self.slots.len() {
            let size = self.slots.len() * 2;
            let old = core::mem::replace(&mut self.slots, vec![NONE; size]);
            for index in old.into_iter().filter(|index| *index != NONE) {
                self.probe(index);
            }
        }
        self.probe(index);
    }

    fn probe(&mut self, index: u32) {
        let mask = self.slots.len() - 1;
        let mut at = self.home(index);
        while self.slots[at] != NONE {
            at = (at + 1) & mask;
        }
        self.slots[at] = index;
    }

    /// Ids of legs that end with the day of an instrument.
    pub fn day_legs_mut(&mut self, instrument: u32) -> &mut Vec<u64> {
        let at = instrument as usize;
        if at >= self.day_legs.len() {
            self.day_legs.resize(at + 1, Vec::new());
        }
        &mut self.day_legs[at]
    }

    /// Notes that a list has work to do.
    pub fn enqueue(&mut self, index: u32) {
        if !self.get(index).queued {
            self.get_mut(index).queued = true;
            self.queue.push(index);
        }
    }

    /// None of a list's orders is open any more: its id is remembered for a day.
    pub fn end(&mut self, index: u32, now_nanos: u64) {
        let list = self.get_mut(index);
        list.stage = Stage::Ended;
        list.expire_nanos = now_nanos.saturating_add(KEPT_NANOS);
        self.expiries.push_back(index);
    }

    /// Forgets what is due. Engine time does not run backwards, so the queue is in order.
    #[inline]
    pub fn expire(&mut self, now_nanos: u64) {
        if !self.expiries.is_empty() {
            self.expire_some(now_nanos);
        }
    }

    #[inline(never)]
    fn expire_some(&mut self, now_nanos: u64) {
        while let Some(&index) = self.expiries.front() {
            if self.get(index).expire_nanos > now_nanos {
                return;
            }
            self.expiries.pop_front();
            self.remove(index);
        }
    }

    fn remove(&mut self, index: u32) {
        let mask = self.slots.len() - 1;
        let mut at = self.home(index);
        while self.slots[at] != index {
            at = (at + 1) & mask;
        }
        let lists = &self.lists;
        vacate(&mut self.slots, at, NONE, |other| {
            (other != NONE).then(|| home_of(lists.get(other)) & mask)
        });
        self.lists.remove(self.get(index).orders[0]);
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        self.lists.settle_hash(sum);
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.lists.begin_copy();
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        self.lists.copy_some(budget);
    }

    /// What a snapshot has of the lists.
    pub fn copier(&mut self) -> &mut Copier {
        self.lists.copier()
    }

    /// Takes a stored list in. Answers its index.
    pub fn restore(&mut self, reader: &mut Reader<'_>) -> Result<u32, Damage> {
        let (first, index) = self.lists.restore(reader)?;
        let list = *self.get(index);
        let legs = List::legs(list.contingency);
        let whole = list.arrived == legs;
        let sound = list.orders[0] == first
            && list.list_id != 0
            && self.find(list.account_id, list.list_id).is_none()
            && (1..=legs).contains(&list.arrived)
            && list.stage != Stage::Rejected
            && (list.stage == Stage::Ended) == (list.expire_nanos != 0)
            && match list.stage {
                Stage::Active => whole && list.parent_lots > 0 && list.child_lots > 0,
                Stage::Gathering => !whole,
                _ => true,
            };
        if !sound {
            return Err("a list of orders is none");
        }
        self.place(index);
        if list.expire_nanos != 0 {
            self.expiries.push_back(index);
        }
        Ok(index)
    }

    /// Everything is taken in: ended lists expire in order of their time.
    pub fn rebuild(&mut self) {
        let lists = &self.lists;
        self.expiries
            .make_contiguous()
            .sort_unstable_by_key(|index| (lists.get(*index).expire_nanos, lists.get(*index).orders[0]));
    }
}
