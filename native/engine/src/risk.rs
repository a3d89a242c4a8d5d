//! Everything that bounds what accounts may do, beyond their cash and their positions.

use crate::allotments::TransferTable;
use crate::keyed_table::KeyedTable;
use crate::limit_table::LimitTable;
use crate::mixing::HashSum;
use crate::restrictions::Restricted;
use crate::sessions::SessionTable;
use crate::snapshot::Copier;
use crate::trip_table::TripTable;
use crate::usage::Usages;

/// Rules and their state.
pub struct Risk {
    /// Risk limits.
    pub limits: LimitTable,
    /// Engine time at which the UTC day ends, where losses of a day are counted; else the end of time.
    pub day_end_nanos: u64,
    /// Circuit breakers.
    pub trips: TripTable,
    /// The restricted list.
    pub restrictions: KeyedTable<Restricted>,
    /// Dead-man switches.
    pub sessions: SessionTable,
    /// Transfers of allotments.
    pub transfers: TransferTable,
    /// What accounts and groups have taken up of what limits leave them.
    pub usages: Usages,
}

impl Risk {
    /// No rules; each table may hold as many entries as there may be accounts.
    pub fn bounded(accounts: u32) -> Self {
        let size = accounts as usize;
        Self {
            limits: LimitTable::bounded(size),
            trips: TripTable::bounded(size),
            day_end_nanos: u64::MAX,
            restrictions: KeyedTable::bounded(size),
            sessions: SessionTable::bounded(size),
            transfers: TransferTable::new(),
            usages: Usages::default(),
        }
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        self.limits.limits.settle_hash(sum);
        self.trips.trips.settle_hash(sum);
        self.restrictions.settle_hash(sum);
        self.sessions.settle_hash(sum);
        self.transfers.settle_hash(sum);
    }
    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        let Self {
            limits,
            trips,
            // Follows from the limits and the time.
            day_end_nanos: _,
            restrictions,
            sessions,
            transfers,
            // Begins anew at any time.
            usages: _,
        } = self;
        limits.limits.begin_copy();
        trips.trips.begin_copy();
        restrictions.begin_copy();
        sessions.begin_copy();
        transfers.begin_copy();
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        self.limits.limits.copy_some(budget);
        self.trips.trips.copy_some(budget);
        self.restrictions.copy_some(budget);
        self.sessions.copy_some(budget);
        self.transfers.copy_some(budget);
    }

    /// What a snapshot has of each table.
    pub fn each_copier(&mut self, visit: &mut impl FnMut(&mut Copier)) {
        visit(self.limits.limits.copier());
        visit(self.trips.trips.copier());
        visit(self.restrictions.copier());
        visit(self.sessions.copier());
        visit(self.transfers.copier());
    }
}
