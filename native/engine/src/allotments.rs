//! Cash that moves between shards in two steps: one leg takes it out of a shard, the other brings it into the next.
//!
//! Each leg is a command of its own shard. A transfer id is remembered with its content: sent again it changes nothing, sent
//! with other content it is refused, so a coordinator may repeat both legs until both are answered. The shard remembers its
//! last 65,536 transfers. What leaves must be free cash, of every account. A pot knows what went out and came in, so
//! that its cash adds up: `held + fees == moved + allotted_in - allotted_out`.

use fulltape_tape::codes::{AllotmentLeg, ErrorCode};
use fulltape_tape::layout::TransferAllotment;

use crate::administration::TOTAL_MAX;
use crate::command::Command;
use crate::engine::Engine;
use crate::keyed_table::KeyedTable;
use crate::mixing::{HashSum, hash_words};
use crate::reports::{Out, Refusal, ReportSink};

/// Transfers that a shard remembers.
pub const TRANSFERS_KEPT: usize = 1 << 16;

/// One leg, as it was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Account id.
    pub account_id: u32,
    /// Currency.
    pub currency_id: u16,
    /// Wire number of the `AllotmentLeg`.
    pub leg: u8,
    /// The shard at the other end.
    pub other_shard: u16,
    /// Money units.
    pub amount_units: i64,
}

/// Transfers that are remembered, and the order in which they came.
pub struct TransferTable {
    transfers: KeyedTable<(u64, Transfer)>,
    /// Ids in a ring.
    ring: Vec<u64>,
    /// Transfers so far.
    count: u64,
}

impl TransferTable {
    /// Nothing transferred yet.
    pub fn new() -> Self {
        Self {
            transfers: KeyedTable::bounded(TRANSFERS_KEPT),
            ring: Vec::new(),
            count: 0,
        }
    }

    fn find(&self, id: u64) -> Option<&Transfer> {
        self.transfers.find(id).map(|slot| &self.transfers.get(slot).1)
    }

    fn remember(&mut self, id: u64, transfer: Transfer) {
        let at = (self.count % TRANSFERS_KEPT as u64) as usize;
        if at == self.ring.len() {
            self.ring.push(id);
        } else {
            self.transfers.remove(self.ring[at]);
            self.ring[at] = id;
        }
        self.transfers.insert(id, (self.count, transfer));
        self.count += 1;
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        self.transfers.settle_hash(sum, |(count, transfer)| {
            hash_words(
                22,
                &[
                    *count,
                    (u64::from(transfer.account_id) << 32)
                        | (u64::from(transfer.currency_id) << 16)
                        | u64::from(transfer.other_shard),
                    u64::from(transfer.leg),
                    transfer.amount_units.cast_unsigned(),
                ],
            )
        });
    }
}

impl Engine {
    pub(crate) fn transfer_allotment<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let asked: &TransferAllotment = command.view();
        let account = self
            .accounts
            .find(asked.account_id)
            .ok_or(Refusal::of(ErrorCode::UnknownAccount))?;
        if asked.currency_id == 0 {
            return Err(Refusal::of(ErrorCode::UnknownCurrency));
        }
        let leg = AllotmentLeg::from_number(asked.leg).ok_or(Refusal::of(ErrorCode::InvalidArgument))?;
        if asked.transfer_id == 0 {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        let amount = i128::from(asked.amount_units);
        if amount <= 0 {
            return Err(Refusal::bound(ErrorCode::AmountNotPositive, amount, 1));
        }
        let transfer = Transfer {
            account_id: asked.account_id,
            currency_id: asked.currency_id,
            leg: asked.leg,
            other_shard: asked.other_shard,
            amount_units: asked.amount_units,
        };
        if let Some(known) = self.risk.transfers.find(asked.transfer_id) {
            if *known != transfer {
                return Err(Refusal::of(ErrorCode::TransferMismatch));
            }
            out.done(TransferAllotment::KIND, asked.transfer_id, 0);
            return Ok(());
        }
        let (total, free) = self
            .ledger
            .find_balance(account, asked.currency_id)
            .map_or((0, 0), |index| {
                let balance = self.ledger.balance(index);
                (balance.total, balance.total - balance.reserved)
            });
        let out_leg = leg == AllotmentLeg::Out;
        if out_leg && amount > free {
            return Err(Refusal::bound(ErrorCode::InsufficientAllotment, amount, free));
        }
        if !out_leg && total + amount > TOTAL_MAX {
            return Err(Refusal::bound(ErrorCode::LedgerOverflow, total + amount, TOTAL_MAX));
        }
        self.risk.transfers.remember(asked.transfer_id, transfer);
        let balance = self.ledger.balance_of(account, asked.account_id, asked.currency_id);
        self.ledger.move_allotment(balance, asked.amount_units, out_leg);
        out.done(TransferAllotment::KIND, asked.transfer_id, 1);
        Ok(())
    }
}
