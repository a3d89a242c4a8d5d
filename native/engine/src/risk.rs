//! Everything that bounds what accounts may do, beyond their cash and their positions.

use crate::allotments::TransferTable;
use crate::keyed_table::KeyedTable;
use crate::mixing::HashSum;
use crate::restrictions::Restricted;
use crate::sessions::SessionTable;
use crate::snapshot::Copier;

/// Rules and their state.
pub struct Risk {
    /// The restricted list.
    pub restrictions: KeyedTable<Restricted>,
    /// Dead-man switches.
    pub sessions: SessionTable,
    /// Transfers of allotments.
    pub transfers: TransferTable,
}

impl Risk {
    /// No rules; each table may hold as many entries as there may be accounts.
    pub fn bounded(accounts: u32) -> Self {
        let size = accounts as usize;
        Self {
            restrictions: KeyedTable::bounded(size),
            sessions: SessionTable::bounded(size),
            transfers: TransferTable::new(),
        }
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        self.restrictions.settle_hash(sum);
        self.sessions.settle_hash(sum);
        self.transfers.settle_hash(sum);
    }
    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        let Self {
            restrictions,
            sessions,
            transfers,
        } = self;
        restrictions.begin_copy();
        sessions.begin_copy();
        transfers.begin_copy();
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        self.restrictions.copy_some(budget);
        self.sessions.copy_some(budget);
        self.transfers.copy_some(budget);
    }

    /// What a snapshot has of each table.
    pub fn each_copier(&mut self, visit: &mut impl FnMut(&mut Copier)) {
        visit(self.restrictions.copier());
        visit(self.sessions.copier());
        visit(self.transfers.copier());
    }
}
