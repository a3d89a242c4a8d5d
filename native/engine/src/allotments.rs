//! Cash that moves between shards in two steps: one leg takes it out of a shard, the other brings it into the next.
//!
//! Each leg is a command of its own shard. A transfer id is remembered with its content: sent again it changes nothing, sent
//! with other content it is refused, so a coordinator may repeat both legs until both are answered. The shard remembers its
//! last 65,536 transfers. What leaves must be free cash, of every account. A pot knows what went out and came in, so
//! that its cash adds up: `held + fees == moved + allotted_in - allotted_out`.

use fulltape_tape::codes::{AllotmentLeg, ErrorCode};
use fulltape_tape::layout::TransferAllotment;

use crate::command::Command;
use crate::engine::Engine;
use crate::keyed_table::{Kept, KeyedTable};
use crate::ledger::TOTAL_MAX;
use crate::mixing::{EntityHash, HashSum, hash_words};
use crate::reports::{Out, Refusal, ReportSink};
use crate::snapshot::{Copier, Damage, Fields, Reader, Stored, kind};

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

/// A leg and how many came before it.
#[derive(Clone, Copy, Debug)]
pub struct Remembered {
    /// Transfers before it.
    pub count: u64,
    /// The leg.
    pub transfer: Transfer,
}

impl Stored for Remembered {
    fn blank() -> Self {
        Self {
            count: 0,
            transfer: Transfer {
                account_id: 0,
                currency_id: 0,
                leg: 0,
                other_shard: 0,
                amount_units: 0,
            },
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            count,
            transfer:
                Transfer {
                    account_id,
                    currency_id,
                    leg,
                    other_shard,
                    amount_units,
                },
        } = self;
        io.u64(count)?;
        io.u32(account_id)?;
        io.u16(currency_id)?;
        io.u8(leg)?;
        io.u16(other_shard)?;
        io.i64(amount_units)
    }
}

impl Kept for Remembered {
    const KIND: u16 = kind::TRANSFER;

    fn hash(&self) -> EntityHash {
        let Self { count, transfer } = self;
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
    }
}

/// Transfers that are remembered, and the order in which they came.
pub struct TransferTable {
    transfers: KeyedTable<Remembered>,
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
        self.transfers.find(id).map(|slot| &self.transfers.get(slot).transfer)
    }

    fn remember(&mut self, id: u64, transfer: Transfer) {
        let at = (self.count % TRANSFERS_KEPT as u64) as usize;
        if at == self.ring.len() {
            self.ring.push(id);
        } else {
            self.transfers.remove(self.ring[at]);
            self.ring[at] = id;
        }
        let count = self.count;
        self.transfers.insert(id, Remembered { count, transfer });
        self.count += 1;
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        self.transfers.settle_hash(sum);
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.transfers.begin_copy();
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        self.transfers.copy_some(budget);
    }

    /// What a snapshot has of the transfers.
    pub fn copier(&mut self) -> &mut Copier {
        self.transfers.copier()
    }

    /// Takes a stored transfer in. Its place in the ring is known when all are there: their numbers follow each other.
    pub fn restore(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let (id, slot) = self.transfers.restore(reader)?;
        let count = self.transfers.get(slot).count;
        if count == u64::MAX {
            return Err("a transfer has no number");
        }
        self.count = self.count.max(count + 1);
        self.ring.push(id);
        Ok(())
    }

    /// Brings the ring in order.
    pub fn rebuild(&mut self) -> Result<(), Damage> {
        let transfers = &self.transfers;
        let number = |id: &u64| transfers.find(*id).map_or(0, |slot| transfers.get(slot).count);
        let place = |id: &u64| number(id) % TRANSFERS_KEPT as u64;
        self.ring.sort_unstable_by_key(place);
        let held = self.ring.len() as u64;
        let follows = held == self.count.min(TRANSFERS_KEPT as u64) && self.ring.iter().map(place).eq(0..held);
        if follows && self.ring.iter().all(|id| self.count - number(id) <= held) {
            Ok(())
        } else {
            Err("transfers are missing")
        }
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
        let balance = self.ledger.find_balance(account, asked.currency_id);
        let total = balance.map_or(0, |index| self.ledger.balance(index).total);
        let free = self.free_cash(account, asked.currency_id);
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
