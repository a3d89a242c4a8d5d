//! Everything that bounds what accounts may do, beyond their cash and their positions.

use crate::allotments::TransferTable;
use crate::keyed_table::KeyedTable;
use crate::mixing::HashSum;
use crate::restrictions::Restricted;
use crate::sessions::SessionTable;

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
        self.restrictions.settle_hash(sum, Restricted::hash);
        self.sessions.settle_hash(sum);
        self.transfers.settle_hash(sum);
    }
}
