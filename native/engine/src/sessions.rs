//! The dead-man switch: a session whose deadline passes loses its open orders.
//!
//! A deadline belongs to an account and a session. It is engine time, so it passes when a stamp reaches it; then all open
//! orders that the account placed in the session are cancelled by `SessionLost`, oldest first, and the switch is off until
//! it is set again. Deadlines of one time run in order of account and session, behind orders that expire at that time.

use fulltape_tape::codes::{CancelReason, ErrorCode};
use fulltape_tape::layout::KeepAlive;

use crate::command::Command;
use crate::engine::Engine;
use crate::keyed_table::{Kept, KeyedTable};
use crate::mixing::{EntityHash, HashSum, hash_words};
use crate::orders::NONE;
use crate::reports::{Happening, Out, Refusal, ReportSink};
use crate::slot_heap::{Member, SlotHeap};
use crate::snapshot::{Copier, Damage, Fields, Reader, Stored, kind};

/// One switch.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Account id.
    pub account_id: u32,
    /// Client session.
    pub session_id: u32,
    /// Engine time at which its orders are cancelled.
    pub deadline_nanos: u64,
    /// Place in the heap.
    position: u32,
}

impl Stored for Session {
    fn blank() -> Self {
        Self {
            account_id: 0,
            session_id: 0,
            deadline_nanos: 0,
            position: NONE,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            session_id,
            deadline_nanos,
            // Follows from the deadlines.
            position: _,
        } = self;
        io.u32(account_id)?;
        io.u32(session_id)?;
        io.u64(deadline_nanos)
    }
}

impl Kept for Session {
    const KIND: u16 = kind::SESSION;

    fn hash(&self) -> EntityHash {
        hash_words(21, &[key(self.account_id, self.session_id), self.deadline_nanos])
    }
}

/// All switches that are on.
pub struct SessionTable {
    sessions: KeyedTable<Session>,
    heap: SlotHeap,
}

const fn key(account_id: u32, session_id: u32) -> u64 {
    ((account_id as u64) << 32) | session_id as u64
}

impl SessionTable {
    /// Room for `capacity` switches.
    pub fn bounded(capacity: usize) -> Self {
        Self {
            sessions: KeyedTable::bounded(capacity),
            heap: SlotHeap::default(),
        }
    }

    /// The deadline that passes first; the end of time when there is none.
    #[inline]
    pub fn first_deadline(&self) -> u64 {
        self.heap.first().map_or(u64::MAX, |first| first.key)
    }

    /// Turns a switch off. Whether it was on.
    pub fn turn_off(&mut self, account_id: u32, session_id: u32) -> bool {
        let key = key(account_id, session_id);
        let Some(slot) = self.sessions.find(key) else {
            return false;
        };
        let sessions = &mut self.sessions;
        self.heap.remove(sessions.get(slot).position, |slot, position| {
            sessions.get_mut(slot).position = position;
        });
        self.sessions.remove(key);
        true
    }

    /// Turns a switch on, or moves its deadline. Whether there was room.
    pub fn turn_on(&mut self, account_id: u32, session_id: u32, deadline_nanos: u64) -> bool {
        if !self.turn_off(account_id, session_id) && self.sessions.is_full() {
            return false;
        }
        let key = key(account_id, session_id);
        let session = Session {
            account_id,
            session_id,
            deadline_nanos,
            position: NONE,
        };
        let member = Member {
            key: deadline_nanos,
            id: key,
            slot: self.sessions.insert(key, session),
        };
        let sessions = &mut self.sessions;
        self.heap
            .insert(member, |slot, position| sessions.get_mut(slot).position = position);
        true
    }

    /// The switch whose deadline passes first.
    fn first(&self) -> Option<Session> {
        self.heap.first().map(|first| *self.sessions.get(first.slot))
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        self.sessions.settle_hash(sum);
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.sessions.begin_copy();
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        self.sessions.copy_some(budget);
    }

    /// What a snapshot has of the switches.
    pub fn copier(&mut self) -> &mut Copier {
        self.sessions.copier()
    }

    /// Takes a stored switch in.
    pub fn restore(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let (id, slot) = self.sessions.restore(reader)?;
        let session = self.sessions.get(slot);
        if id != key(session.account_id, session.session_id) {
            return Err("a session does not have its key");
        }
        let member = Member {
            key: session.deadline_nanos,
            id,
            slot,
        };
        let sessions = &mut self.sessions;
        self.heap
            .insert(member, |slot, position| sessions.get_mut(slot).position = position);
        Ok(())
    }
}

impl Engine {
    pub(crate) fn keep_alive<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let alive: &KeepAlive = command.view();
        if self.accounts.find(alive.account_id).is_none() {
            return Err(Refusal::of(ErrorCode::UnknownAccount));
        }
        if alive.session_id == 0 {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        let affected = if alive.deadline_nanos == 0 {
            self.risk.sessions.turn_off(alive.account_id, alive.session_id)
        } else {
            if alive.deadline_nanos <= self.time_nanos {
                let (at, now) = (i128::from(alive.deadline_nanos), i128::from(self.time_nanos));
                return Err(Refusal::bound(ErrorCode::InvalidArgument, at, now));
            }
            let room = self
                .risk
                .sessions
                .turn_on(alive.account_id, alive.session_id, alive.deadline_nanos);
            if !room {
                return Err(Refusal::of(ErrorCode::TableFull));
            }
            true
        };
        out.done(KeepAlive::KIND, u64::from(alive.session_id), u64::from(affected));
        Ok(())
    }

    /// Cancels the orders of the session whose deadline passed first. Answers how many.
    #[inline(never)]
    pub(crate) fn lose_session<S: ReportSink>(&mut self, out: &mut Out<'_, S>) -> u64 {
        let Some(lost) = self.risk.sessions.first() else {
            return 0;
        };
        self.risk.sessions.turn_off(lost.account_id, lost.session_id);
        let account = self.accounts.find(lost.account_id);
        let mut found = core::mem::take(&mut self.wave);
        found.clear();
        // The list is in order of placing, and so of ids.
        let mut index = account.map_or(NONE, |account| self.accounts.get(account).head);
        while index != NONE {
            let order = self.orders.get(index);
            if order.session == lost.session_id {
                found.push(order.id);
            }
            index = order.account_next;
        }
        let canceled = self.cancel_found(&found, CancelReason::SessionLost, out);
        self.wave = found;
        canceled
    }

    /// Cancels orders by id, skipping those that an earlier one took with it. Answers how many were found.
    pub(crate) fn cancel_found<S: ReportSink>(
        &mut self,
        ids: &[u64],
        reason: CancelReason,
        out: &mut Out<'_, S>,
    ) -> u64 {
        for id in ids {
            if let Some(index) = self.orders.find(*id) {
                self.withdraw(index, Happening::canceled(reason), false, out);
            }
        }
        ids.len() as u64
    }
}
