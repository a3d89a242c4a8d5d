//! Memory of client order ids: what was sent under an id and what was answered, kept while the order is open plus 24 hours
//! of engine time, so that a repeated command gets its first answer and no second effect.

use std::collections::VecDeque;

use fulltape_tape::Record;
use fulltape_tape::layout::AnswerRecord;

use crate::mixing::{EntityHash, HashSum, HashedTable, hash_words, mix64};
use crate::orders::NONE;
use crate::probing::vacate;
use crate::snapshot::{Copier, Damage, Fields, Stored, Writer, kind};

/// How long an id is remembered after its order closed: 24 hours in nanoseconds.
pub const KEPT_NANOS: u64 = 24 * 3600 * 1_000_000_000;

/// A client order id as it stands in its record: zero-padded text in five words.
pub type ClientText = [u64; 5];

/// One remembered command.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Account of the command; 0 for commands without one.
    pub account_id: u32,
    /// The id; all zero = the slot is free.
    pub text: ClientText,
    /// Hash of everything that the client chose.
    pub payload: EntityHash,
    /// First record of the outcome.
    pub outcome: Record,
    /// The answer.
    pub answer: AnswerRecord,
    /// Next entry of the same open order.
    pub next_of_order: u32,
    /// Engine time at which it is forgotten; 0 = while its order is open.
    pub expire_nanos: u64,
}

/// The memory: entries, a hash index and a queue of expiries.
pub struct ClientOrders {
    entries: Vec<Entry>,
    free: Vec<u32>,
    slots: Vec<u32>,
    len: usize,
    expiries: VecDeque<u32>,
    hashed: HashedTable,
    /// What a snapshot has of the memory.
    pub copier: Copier,
}

fn key(account_id: u32, text: &ClientText) -> u64 {
    let mut hash = mix64(u64::from(account_id) ^ 0x51_7c_c1_b7_27_22_0a_95);
    for word in text {
        hash = mix64(hash ^ word);
    }
    hash
}

/// Where the search for an entry begins, before the mask.
fn home_of(entry: &Entry) -> usize {
    key(entry.account_id, &entry.text) as usize
}

impl ClientOrders {
    /// Room for `capacity` ids without growing.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            slots: vec![NONE; (capacity.max(4) * 2).next_power_of_two()],
            len: 0,
            expiries: VecDeque::with_capacity(capacity),
            hashed: HashedTable::with_capacity(capacity),
            copier: Copier::new(kind::CLIENT_ORDER),
        }
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    fn home(&self, index: u32) -> usize {
        home_of(&self.entries[index as usize]) & self.mask()
    }

    /// The entry of an id.
    pub fn find(&self, account_id: u32, text: &ClientText) -> Option<u32> {
        let mut at = key(account_id, text) as usize & self.mask();
        loop {
            let index = self.slots[at];
            if index == NONE {
                return None;
            }
            let entry = &self.entries[index as usize];
            if entry.account_id == account_id && entry.text == *text {
                return Some(index);
            }
            at = (at + 1) & self.mask();
        }
    }

    /// An entry.
    pub fn get(&self, index: u32) -> &Entry {
        &self.entries[index as usize]
    }

    /// Remembers a command whose id is new. `expire_nanos` 0 keeps it until `close`.
    pub fn insert(&mut self, entry: Entry) -> u32 {
        if (self.len + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let index = self.free.pop().unwrap_or(self.entries.len() as u32);
        self.touch(index);
        if let Some(slot) = self.entries.get_mut(index as usize) {
            *slot = entry;
        } else {
            self.entries.push(entry);
        }
        self.place(index);
        self.len += 1;
        if entry.expire_nanos != 0 {
            self.expiries.push_back(index);
        }
        index
    }

    /// Takes a stored entry in, still without its order and its place among the expiries.
    pub fn restore(&mut self, entry: Entry) -> Result<u32, Damage> {
        if !is_valid_text(&entry.text) || self.find(entry.account_id, &entry.text).is_some() {
            return Err("a client id is not one, or is there twice");
        }
        Ok(self.insert(entry))
    }

    /// Hangs a stored entry before the first one of its order.
    pub fn restore_link(&mut self, index: u32, first: u32) {
        self.entries[index as usize].next_of_order = first;
    }

    /// Brings the expiries of stored entries in order of time.
    pub fn restore_expiries(&mut self) {
        let entries = &self.entries;
        // Mostly sorted: entries were stored about in the order in which they came.
        self.expiries
            .make_contiguous()
            .sort_by_key(|index| entries[*index as usize].expire_nanos);
    }

    /// An entry is about to change: a snapshot copies it first, the state hash takes it in anew.
    #[inline]
    fn touch(&mut self, index: u32) {
        if self.hashed.is_marked(index) {
            return;
        }
        if self.copier.awaits(index) {
            self.copier
                .save(index, |out| write_entry(&mut self.entries, index, out));
        }
        self.hashed.note(index);
    }

    fn place(&mut self, index: u32) {
        let mut at = self.home(index);
        while self.slots[at] != NONE {
            at = (at + 1) & self.mask();
        }
        self.slots[at] = index;
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = core::mem::replace(&mut self.slots, vec![NONE; size]);
        for index in old {
            if index != NONE {
                self.place(index);
            }
        }
    }

    /// The order of a chain of entries closed: each is forgotten 24 hours after `now_nanos`.
    pub fn close(&mut self, first: u32, now_nanos: u64) {
        let mut index = first;
        while index != NONE {
            self.touch(index);
            let entry = &mut self.entries[index as usize];
            entry.expire_nanos = now_nanos.saturating_add(KEPT_NANOS);
            let next = entry.next_of_order;
            entry.next_of_order = NONE;
            self.expiries.push_back(index);
            index = next;
        }
    }

    /// Forgets what is due. Engine time does not run backwards, so the queue is in order.
    #[inline]
    pub fn expire(&mut self, now_nanos: u64) {
        if let Some(&index) = self.expiries.front()
            && self.entries[index as usize].expire_nanos <= now_nanos
        {
            self.expire_some(now_nanos);
        }
    }

    #[inline(never)]
    fn expire_some(&mut self, now_nanos: u64) {
        while let Some(&index) = self.expiries.front() {
            if self.entries[index as usize].expire_nanos > now_nanos {
                return;
            }
            self.expiries.pop_front();
            self.remove(index);
        }
    }

    fn remove(&mut self, index: u32) {
        self.touch(index);
        let mask = self.mask();
        let mut at = self.home(index);
        while self.slots[at] != index {
            at = (at + 1) & mask;
        }
        let entries = &self.entries;
        vacate(&mut self.slots, at, NONE, |other| {
            (other != NONE).then(|| home_of(&entries[other as usize]) & mask)
        });
        self.entries[index as usize].text = [0; 5];
        self.free.push(index);
        self.len -= 1;
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let entries = &self.entries;
        self.hashed.settle(sum, |index| entry_hash(&entries[index as usize]));
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.hashed.begin_round();
        self.copier.begin(self.entries.len());
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        let entries = &mut self.entries;
        self.copier.walk(budget, |index, out| write_entry(entries, index, out));
    }
}

/// Stores an entry; nothing for a free slot.
fn write_entry(entries: &mut [Entry], index: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let entry = &mut entries[index as usize];
    if entry.text == [0; 5] {
        return None;
    }
    out.put(entry);
    Some(entry_hash(entry))
}

fn entry_hash(entry: &Entry) -> EntityHash {
    if entry.text == [0; 5] {
        return [0; 2];
    }
    let answer: &[u64; 8] = bytemuck::cast_ref(&entry.answer);
    let mut outcome = entry.outcome;
    outcome.set_command_index(0);
    let told = hash_words(9, answer);
    let recorded = hash_words(10, outcome.words());
    let text = entry.text;
    hash_words(
        8,
        &[
            u64::from(entry.account_id),
            text[0],
            text[1],
            text[2],
            text[3],
            text[4],
            entry.payload[0],
            entry.payload[1],
            told[0],
            recorded[0],
            entry.expire_nanos,
        ],
    )
}

impl Stored for Entry {
    fn blank() -> Self {
        Self {
            account_id: 0,
            text: [0; 5],
            payload: [0; 2],
            outcome: Record::default(),
            answer: AnswerRecord::default(),
            next_of_order: NONE,
            expire_nanos: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            text,
            payload,
            outcome,
            answer,
            expire_nanos,
            // Follows from the order that the answer names.
            next_of_order: _,
        } = self;
        // The place of the command in its commit is nobody's business later, and batching must not show.
        outcome.set_command_index(0);
        io.u32(account_id)?;
        io.words(text)?;
        io.words(payload)?;
        io.words(outcome.words_mut())?;
        io.words(bytemuck::cast_mut::<AnswerRecord, [u64; 8]>(answer))?;
        io.u64(expire_nanos)
    }
}

/// 1 to 36 characters of `A-Z a-z 0-9 . _ : -`, zero padded.
pub fn is_valid_text(text: &ClientText) -> bool {
    let bytes: &[u8] = bytemuck::cast_slice(text);
    let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (1..=36).contains(&length)
        && bytes[..length]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-'))
        && bytes[length..].iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_restricted_ascii() {
        let text = |value: &[u8]| {
            let mut words = [0; 5];
            bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..value.len()].copy_from_slice(value);
            words
        };
        assert!(is_valid_text(&text(b"a")));
        assert!(is_valid_text(&text(&[b'Z'; 36])));
        assert!(!is_valid_text(&text(b"")));
        assert!(!is_valid_text(&text(&[b'Z'; 37])));
        assert!(!is_valid_text(&text(b"a b")));
        assert!(!is_valid_text(&text(b"a\0b")));
        assert!(!is_valid_text(&text("é".as_bytes())));
    }
}
