//! Open orders: a slab with three intrusive lists (price level, account, day timers), a heap of dated timers and an
//! index by order id.

use fulltape_tape::codes::{OrderStatus, Side, TimeInForce};

use crate::mixing::{EntityHash, HashSum, HashedTable, hash_words};
use crate::order_index::OrderIndex;
use crate::slot_heap::{Member, SlotHeap};
use crate::snapshot::{Copier, Damage, Fields, Stored, Writer, kind};
use crate::special::{Special, SpecialTable};

/// No order, level, account or entry.
pub const NONE: u32 = u32::MAX;

/// Index of a side in pairs.
#[inline]
pub const fn side_index(side: Side) -> usize {
    // Their wire numbers are 1 and 2.
    (side.number() >> 1) as usize
}

const _: () = assert!(side_index(Side::Buy) == 0 && side_index(Side::Sell) == 1);

/// The side that an order trades against.
#[inline]
pub const fn opposite(side: Side) -> Side {
    match side {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    }
}

/// One open order. Indices point into the engine's tables.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Command number of the placing; 0 = the slot is free.
    pub id: u64,
    /// Limit in ticks; 0 for a market order.
    pub price_ticks: i64,
    /// Total quantity (FIX OrderQty) in lots.
    pub quantity_lots: i64,
    /// Open quantity in lots.
    pub leaves_lots: i64,
    /// Money units held for it.
    pub reserved_units: i64,
    /// Its place in the queue: smaller ones came first.
    pub priority: u64,
    /// Engine time at which it expires; 0 = never.
    pub expire_nanos: u64,
    /// Neighbours in the queue of its price level.
    pub next: u32,
    /// See `next`.
    pub previous: u32,
    /// Price level while it rests.
    pub level: u32,
    /// Neighbours among the account's open orders, oldest first.
    pub account_next: u32,
    /// See `account_next`.
    pub account_previous: u32,
    /// Neighbours among orders with a day timer, oldest first; the position in the heap of a dated order.
    pub timer_next: u32,
    /// See `timer_next`.
    pub timer_previous: u32,
    /// Account table index.
    pub account: u32,
    /// Instrument table index.
    pub instrument: u32,
    /// Balance of the account in the instrument's currency.
    pub balance: u32,
    /// Position of the account in the instrument.
    pub position: u32,
    /// Client session that placed it.
    pub session: u32,
    /// First entry of the client-order memory that names it.
    pub entry: u32,
    /// Its terms in the table of special ones; `NONE` for a plain order.
    pub special: u32,
    /// Fee rounding carried over, in parts of a millionth of a money unit: -999,999 ..= 0.
    pub fee_carry: i32,
    /// Instruction bits.
    pub instructions: u16,
    /// Side.
    pub side: Side,
    /// Wire number of the order type.
    pub order_type: u8,
    /// Wire number of the time in force.
    pub time_in_force: u8,
    /// Wire number of the `SelfTradePrevention`.
    pub self_trade_prevention: u8,
}

// Two cache lines.
const _: () = assert!(size_of::<Order>() == 128);

impl Order {
    /// Filled quantity in lots.
    pub const fn cum_lots(&self) -> i64 {
        self.quantity_lots - self.leaves_lots
    }

    /// Its timer is a time of its own and not the end of a day.
    pub const fn is_dated(&self) -> bool {
        self.time_in_force == TimeInForce::GoodTillDate.number()
    }

    /// New or partially filled.
    pub const fn open_status(&self) -> OrderStatus {
        if self.leaves_lots == self.quantity_lots {
            OrderStatus::New
        } else {
            OrderStatus::PartiallyFilled
        }
    }
}

/// The slab and its index.
pub struct OrderTable {
    slots: Vec<Order>,
    free: Vec<u32>,
    index: OrderIndex,
    capacity: u32,
    open: u32,
    timer_head: u32,
    timer_tail: u32,
    dated: SlotHeap,
    hashed: HashedTable,
    /// What a snapshot has of the orders and their terms.
    pub copier: Copier,
    /// Terms of special orders.
    pub specials: SpecialTable,
}

impl OrderTable {
    /// Room for `capacity` open orders.
    pub fn with_capacity(capacity: u32) -> Self {
        let size = capacity as usize;
        Self {
            slots: Vec::with_capacity(size),
            free: Vec::with_capacity(size),
            index: OrderIndex::with_capacity(size),
            capacity,
            open: 0,
            timer_head: NONE,
            timer_tail: NONE,
            dated: SlotHeap::default(),
            hashed: HashedTable::with_capacity(size),
            copier: Copier::new(kind::ORDER),
            specials: SpecialTable::with_capacity(size),
        }
    }

    /// Open orders.
    pub const fn open(&self) -> u32 {
        self.open
    }

    /// No order can be taken in.
    pub const fn is_full(&self) -> bool {
        self.open >= self.capacity
    }

    /// Slot of an open order.
    #[inline(always)]
    pub fn find(&self, id: u64) -> Option<u32> {
        if id == 0 {
            return None;
        }
        self.index.get(id, |slot| self.slots[slot as usize].id)
    }

    /// The order in a slot.
    #[inline(always)]
    pub fn get(&self, index: u32) -> &Order {
        &self.slots[index as usize]
    }

    /// The order in a slot, to change; it will be hashed anew.
    #[inline(always)]
    pub fn get_mut(&mut self, index: u32) -> &mut Order {
        self.touch(index);
        &mut self.slots[index as usize]
    }

    /// Terms of a special order, to change; it will be hashed anew.
    pub fn special_mut(&mut self, index: u32) -> &mut Special {
        let special = self.get_mut(index).special;
        self.specials.unmarked_mut(special)
    }

    /// An order or its terms are about to change: a snapshot copies them first, the state hash takes them in anew.
    #[inline(always)]
    fn touch(&mut self, index: u32) {
        if !self.hashed.is_marked(index) {
            self.mark(index);
        }
    }

    #[inline(never)]
    fn mark(&mut self, index: u32) {
        if self.copier.awaits(index) {
            self.copier
                .save(index, |out| write_order(&mut self.slots, &self.specials, index, out));
        }
        self.hashed.note(index);
    }

    /// Two neighbours' links do not change what an order is, so they are not hashed anew.
    #[inline]
    pub fn link_mut(&mut self, index: u32) -> &mut Order {
        &mut self.slots[index as usize]
    }

    /// Tells a waiting order its place in the heap of its trigger. The heap follows from the orders: it is not hashed.
    pub fn set_trigger_position(&mut self, index: u32, position: u32) {
        let special = self.get(index).special;
        self.specials.unmarked_mut(special).position = position;
    }

    /// Tells a trailing order its place among the others.
    pub fn set_trail_position(&mut self, index: u32, position: u32) {
        let special = self.get(index).special;
        self.specials.unmarked_mut(special).trail_position = position;
    }

    /// Tells an order its place among those that wait for their auction.
    pub fn set_auction_position(&mut self, index: u32, position: u32) {
        let special = self.get(index).special;
        self.specials.unmarked_mut(special).auction_position = position;
    }

    /// A waiting order does not wait any more.
    pub fn set_triggered(&mut self, index: u32) {
        self.special_mut(index).waiting = false;
        self.specials.waiting -= 1;
    }

    /// Lots of an order that others see.
    #[inline]
    pub fn shown(&self, order: &Order) -> i64 {
        if order.special == NONE {
            return order.leaves_lots;
        }
        let special = self.specials.get(order.special);
        match (special.hidden, special.display_lots) {
            (true, _) => 0,
            (false, 0) => order.leaves_lots,
            (false, _) => special.shown_lots,
        }
    }

    /// Trigger that a waiting order waits for, in ticks; 0 for every other.
    pub fn awaited_ticks(&self, order: &Order) -> i64 {
        if order.special == NONE {
            return 0;
        }
        let special = self.specials.get(order.special);
        if special.waiting { special.stop_ticks } else { 0 }
    }

    /// Lots of a resting order that trade before it goes to the end of its queue.
    #[inline]
    pub fn offered(&self, order: &Order) -> i64 {
        if order.special == NONE || self.specials.get(order.special).hidden {
            order.leaves_lots
        } else {
            self.shown(order)
        }
    }

    /// Makes the visible part of an iceberg whole again.
    #[inline]
    pub fn refresh(&mut self, index: u32) {
        let (special, leaves_lots) = (self.get(index).special, self.get(index).leaves_lots);
        if special != NONE {
            let special = self.special_mut(index);
            special.shown_lots = special.display_lots.min(leaves_lots);
        }
    }

    /// Largest visible part of an order in lots; 0 = not an iceberg.
    pub fn display(&self, order: &Order) -> i64 {
        if order.special == NONE {
            0
        } else {
            self.specials.get(order.special).display_lots
        }
    }

    /// Changes the largest visible part of an order that stands in no level.
    pub fn set_display(&mut self, index: u32, display_lots: i64) {
        if self.display(self.get(index)) == display_lots {
            return;
        }
        if self.get(index).special == NONE {
            self.get_mut(index).special = self.specials.insert(Special::none());
        }
        self.special_mut(index).display_lots = display_lots;
    }

    /// Whether an order waits for its trigger.
    pub fn is_waiting(&self, order: &Order) -> bool {
        order.special != NONE && self.specials.get(order.special).waiting
    }

    /// The slot that the next order gets.
    #[inline(always)]
    pub fn vacant(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.slots.len() as u32)
    }

    /// Takes an order in, into the slot that `vacant` told; the caller has checked `is_full`.
    #[inline(always)]
    pub fn insert(&mut self, order: Order) -> u32 {
        debug_assert!(!self.is_full(), "Invariant: room was checked");
        let index = self.free.pop().unwrap_or(self.slots.len() as u32);
        self.touch(index);
        if index as usize == self.slots.len() {
            self.extend();
        }
        self.slots[index as usize] = order;
        let slots = &self.slots;
        self.index.insert(order.id, index, |slot| slots[slot as usize].id);
        self.open += 1;
        if order.expire_nanos != 0 {
            self.link_timer(index);
        }
        index
    }

    #[cold]
    #[inline(never)]
    fn extend(&mut self) {
        self.slots.push(Order::blank());
    }

    /// Forgets an order that stands in no level and no account list.
    #[inline(always)]
    pub fn remove(&mut self, index: u32) {
        self.touch(index);
        let order = &mut self.slots[index as usize];
        let (id, special) = (order.id, order.special);
        order.id = 0;
        if order.expire_nanos != 0 {
            let order = *order;
            self.unlink_timer(&order);
        }
        self.index.remove(id, index);
        if special != NONE {
            self.specials.remove(special);
        }
        self.free.push(index);
        self.open -= 1;
    }

    /// Takes a stored order in, still without timer, list and queue.
    pub fn restore(&mut self, mut order: Order, special: Option<Special>) -> Result<(), Damage> {
        if order.id == 0 || self.find(order.id).is_some() {
            return Err("an order has no id, or another's");
        }
        order.special = special.map_or(NONE, |special| self.specials.insert(special));
        let index = self.slots.len() as u32;
        self.hashed.touch(index);
        let slots = &self.slots;
        self.index.insert(order.id, index, |slot| slots[slot as usize].id);
        self.slots.push(order);
        self.open += 1;
        Ok(())
    }

    /// Starts the timer of a stored order; called in order of ids.
    pub fn restore_timer(&mut self, index: u32) -> Result<(), Damage> {
        let order = self.get(index);
        if order.expire_nanos == 0 {
            return Ok(());
        }
        if !order.is_dated() && self.timer_tail != NONE && self.get(self.timer_tail).expire_nanos > order.expire_nanos {
            return Err("day orders do not expire in the order in which they came");
        }
        self.link_timer(index);
        Ok(())
    }

    /// Takes an open order's timer away.
    pub fn clear_timer(&mut self, index: u32) {
        let order = *self.get(index);
        if order.expire_nanos != 0 {
            self.unlink_timer(&order);
            let order = self.get_mut(index);
            order.expire_nanos = 0;
            order.timer_next = NONE;
            order.timer_previous = NONE;
        }
    }

    // Day orders are placed in time order and all expire at the next midnight, so a plain queue is a timer for them.
    fn link_timer(&mut self, index: u32) {
        if self.get(index).is_dated() {
            let (key, id) = (self.get(index).expire_nanos, self.get(index).id);
            let member = Member { key, id, slot: index };
            let slots = &mut self.slots;
            self.dated
                .insert(member, |slot, position| slots[slot as usize].timer_next = position);
            return;
        }
        let tail = self.timer_tail;
        debug_assert!(
            tail == NONE || self.get(tail).expire_nanos <= self.get(index).expire_nanos,
            "Invariant: day timers stand in order of time"
        );
        let order = self.link_mut(index);
        order.timer_previous = tail;
        order.timer_next = NONE;
        if tail == NONE {
            self.timer_head = index;
        } else {
            self.link_mut(tail).timer_next = index;
        }
        self.timer_tail = index;
    }

    fn unlink_timer(&mut self, order: &Order) {
        if order.is_dated() {
            let slots = &mut self.slots;
            self.dated.remove(order.timer_next, |slot, position| {
                slots[slot as usize].timer_next = position;
            });
            return;
        }
        if order.timer_previous == NONE {
            self.timer_head = order.timer_next;
        } else {
            self.link_mut(order.timer_previous).timer_next = order.timer_next;
        }
        if order.timer_next == NONE {
            self.timer_tail = order.timer_previous;
        } else {
            self.link_mut(order.timer_next).timer_previous = order.timer_previous;
        }
    }

    /// The order whose timer is due first at `now_nanos`; of timers of the same time, the oldest order's.
    #[inline]
    pub fn due(&self, now_nanos: u64) -> Option<u32> {
        let time = |index: u32| (self.get(index).expire_nanos, self.get(index).id);
        if self.timer_head == NONE && self.dated.first().is_none() {
            return None;
        }
        let day = Some(self.timer_head).filter(|head| *head != NONE);
        let first = match (day, self.dated.first().map(|dated| dated.slot)) {
            (Some(day), Some(dated)) => Some(if time(day) < time(dated) { day } else { dated }),
            (day, dated) => day.or(dated),
        };
        first.filter(|index| self.get(*index).expire_nanos <= now_nanos)
    }

    /// Slots of all open orders, in no order that means anything.
    pub fn open_slots(&self) -> impl Iterator<Item = u32> {
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, order)| order.id != 0)
            .map(|(index, _)| index as u32)
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let slots = &self.slots;
        let specials = &self.specials;
        self.hashed
            .settle(sum, |index| order_hash(&slots[index as usize], specials));
    }

    /// As [`OrderTable::settle_hash`], for up to `budget` orders. Answers whether none is left.
    pub fn settle_some(&mut self, sum: &mut HashSum, budget: usize) -> bool {
        let slots = &self.slots;
        let specials = &self.specials;
        self.hashed
            .settle_some(sum, budget, |index| order_hash(&slots[index as usize], specials))
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.hashed.begin_round();
        self.copier.begin(self.slots.len());
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        let (slots, specials) = (&mut self.slots, &self.specials);
        self.copier
            .walk(budget, |index, out| write_order(slots, specials, index, out));
    }
}

/// Stores the order of a slot and its terms; nothing for a free slot.
fn write_order(slots: &mut [Order], specials: &SpecialTable, index: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let order = &mut slots[index as usize];
    if order.id == 0 {
        return None;
    }
    out.put(order);
    let _ = out.bool(&mut (order.special != NONE));
    if order.special != NONE {
        out.put(&mut { *specials.get(order.special) });
    }
    Some(order_hash(order, specials))
}

fn order_hash(order: &Order, specials: &SpecialTable) -> EntityHash {
    if order.id == 0 {
        return [0; 2];
    }
    let plain = hash_words(1, &order_words(order));
    if order.special == NONE {
        return plain;
    }
    let special = hash_words(15, &specials.get(order.special).words());
    hash_words(16, &[plain[0], plain[1], special[0], special[1]])
}

impl Stored for Order {
    fn blank() -> Self {
        Self {
            id: 0,
            price_ticks: 0,
            quantity_lots: 0,
            leaves_lots: 0,
            reserved_units: 0,
            priority: 0,
            expire_nanos: 0,
            next: NONE,
            previous: NONE,
            level: NONE,
            account_next: NONE,
            account_previous: NONE,
            timer_next: NONE,
            timer_previous: NONE,
            account: NONE,
            instrument: NONE,
            balance: NONE,
            position: NONE,
            session: 0,
            entry: NONE,
            special: NONE,
            fee_carry: 0,
            instructions: 0,
            side: Side::Buy,
            order_type: 0,
            time_in_force: 0,
            self_trade_prevention: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            id,
            price_ticks,
            quantity_lots,
            leaves_lots,
            reserved_units,
            priority,
            expire_nanos,
            account,
            instrument,
            balance,
            position,
            session,
            fee_carry,
            instructions,
            side,
            order_type,
            time_in_force,
            self_trade_prevention,
            // Queues, lists, timers and the chain of remembered commands follow from the others.
            next: _,
            previous: _,
            level: _,
            account_next: _,
            account_previous: _,
            timer_next: _,
            timer_previous: _,
            entry: _,
            // Stored behind the order.
            special: _,
        } = self;
        io.u64(id)?;
        io.i64(price_ticks)?;
        io.i64(quantity_lots)?;
        io.i64(leaves_lots)?;
        io.i64(reserved_units)?;
        io.u64(priority)?;
        io.u64(expire_nanos)?;
        io.u32(account)?;
        io.u32(instrument)?;
        io.u32(balance)?;
        io.u32(position)?;
        io.u32(session)?;
        io.i32(fee_carry)?;
        io.u16(instructions)?;
        io.code(side, Side::number, Side::from_number)?;
        io.u8(order_type)?;
        io.u8(time_in_force)?;
        io.u8(self_trade_prevention)
    }
}

fn order_words(order: &Order) -> [u64; 10] {
    [
        order.id,
        order.price_ticks.cast_unsigned(),
        order.quantity_lots.cast_unsigned(),
        order.leaves_lots.cast_unsigned(),
        order.reserved_units.cast_unsigned(),
        order.priority,
        order.expire_nanos,
        (u64::from(order.account) << 32) | u64::from(order.instrument),
        (u64::from(order.session) << 32) | u64::from(order.fee_carry.cast_unsigned()),
        (u64::from(order.instructions) << 32)
            | (u64::from(order.self_trade_prevention) << 24)
            | (u64::from(order.side.number()) << 16)
            | (u64::from(order.order_type) << 8)
            | u64::from(order.time_in_force),
    ]
}
