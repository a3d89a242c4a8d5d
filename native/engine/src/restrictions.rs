//! The restricted list: what an account, or everybody, may not do in an instrument.
//!
//! An entry stops new orders, amends that need the checks again and orders that trigger; what rests stays until it is
//! cancelled. `NoBuy` and `NoSell` stop a side and `NoTrade` both, orders that would shrink a position included: whoever
//! must get out needs the entry changed. `NoShortSale` stops a sell of more than is held beyond other open sells. The list
//! holds for every account, also for those whose orders nothing else limits.

use fulltape_tape::codes::{ErrorCode, Restriction, Side};
use fulltape_tape::layout::SetRestriction;

use crate::checks::Proposal;
use crate::command::Command;
use crate::engine::Engine;
use crate::explain::Relation;
use crate::keyed_table::Kept;
use crate::mixing::{EntityHash, hash_words};
use crate::orders::NONE;
use crate::reports::{Out, Refusal, ReportSink};
use crate::snapshot::{Damage, Fields, Stored, kind};

/// One entry of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restricted {
    /// Account id; 0 = every account.
    pub account_id: u32,
    /// Instrument id.
    pub instrument_id: u32,
    /// What is not allowed.
    pub restriction: Restriction,
    /// Version of the list.
    pub version: u32,
}

impl Stored for Restricted {
    fn blank() -> Self {
        Self {
            account_id: 0,
            instrument_id: 0,
            restriction: Restriction::None,
            version: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            instrument_id,
            restriction,
            version,
        } = self;
        io.u32(account_id)?;
        io.u32(instrument_id)?;
        io.code(restriction, Restriction::number, Restriction::from_number)?;
        io.u32(version)
    }
}

impl Kept for Restricted {
    const KIND: u16 = kind::RESTRICTION;

    fn hash(&self) -> EntityHash {
        let rule = (u64::from(self.restriction.number()) << 32) | u64::from(self.version);
        hash_words(
            20,
            &[(u64::from(self.account_id) << 32) | u64::from(self.instrument_id), rule],
        )
    }
}

/// Key of an entry; `NONE` stands for every account.
const fn key(account: u32, instrument: u32) -> u64 {
    ((account.wrapping_add(1) as u64) << 32) | (instrument as u64 + 1)
}

impl Engine {
    pub(crate) fn set_restriction<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let change: &SetRestriction = command.view();
        let account = match change.account_id {
            0 => NONE,
            id => self.accounts.find(id).ok_or(Refusal::of(ErrorCode::UnknownAccount))?,
        };
        let instrument = self
            .instruments
            .find(change.instrument_id)
            .ok_or(Refusal::of(ErrorCode::UnknownInstrumentId))?;
        let restriction =
            Restriction::from_number(change.restriction).ok_or(Refusal::of(ErrorCode::InvalidArgument))?;
        let entry = Restricted {
            account_id: change.account_id,
            instrument_id: change.instrument_id,
            restriction,
            version: change.version,
        };
        let table = &mut self.risk.restrictions;
        let key = key(account, instrument);
        let changed = match table.find(key) {
            Some(_) if restriction == Restriction::None => {
                table.remove(key);
                self.instruments.get_mut(instrument).rules -= 1;
                true
            }
            Some(slot) if *table.get(slot) != entry => {
                *table.get_mut(slot) = entry;
                true
            }
            None if restriction != Restriction::None => {
                if table.is_full() {
                    return Err(Refusal::of(ErrorCode::TableFull));
                }
                table.insert(key, entry);
                self.instruments.get_mut(instrument).rules += 1;
                true
            }
            _ => false,
        };
        if changed {
            self.risk.limits.unions.turn();
        }
        out.done(
            SetRestriction::KIND,
            u64::from(change.instrument_id),
            u64::from(changed),
        );
        if changed && account != NONE {
            self.report_account_version(account, change.version, out);
        }
        Ok(())
    }

    /// Slots of the entries about an instrument: for everybody, and for an account; `NONE` = there is none.
    pub(crate) fn restricted(&self, account: u32, instrument: u32) -> [u32; 2] {
        [NONE, account].map(|account| self.risk.restrictions.find(key(account, instrument)).unwrap_or(NONE))
    }

    /// What the restricted list says of an order: the entry for everybody first, then the account's own.
    #[inline(never)]
    pub(crate) fn check_restrictions<S: ReportSink>(
        &self,
        order: &Proposal,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let slots = self.restricted(order.account, order.instrument);
        for slot in slots.into_iter().filter(|slot| *slot != NONE) {
            let entry = self.risk.restrictions.get(slot);
            self.check_restriction(order, entry.restriction, out)
                .map_err(|refusal| refusal.by(entry.version))?;
        }
        if slots == [NONE; 2] {
            out.passed(ErrorCode::ComplianceRestricted, Relation::Holds, 0, 0);
        }
        Ok(())
    }

    fn check_restriction<S: ReportSink>(
        &self,
        order: &Proposal,
        restriction: Restriction,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let allowed = match restriction {
            Restriction::None | Restriction::NoShortSale => true,
            Restriction::NoBuy => order.side != Side::Buy,
            Restriction::NoSell => order.side != Side::Sell,
            Restriction::NoTrade => false,
        };
        out.holds(ErrorCode::ComplianceRestricted, allowed)?;
        if restriction == Restriction::NoShortSale && order.side == Side::Sell {
            let (leaves, free) = (i128::from(order.leaves_lots), self.free_lots(order));
            out.at_most(ErrorCode::ShortSaleNotPermitted, leaves, free)?;
        }
        Ok(())
    }

    /// Lots that the account holds beyond its other open sells.
    fn free_lots(&self, order: &Proposal) -> i128 {
        let position = self.ledger.find_position(order.account, order.instrument);
        let free = position.map_or(0, |index| {
            let position = self.ledger.position(index);
            i128::from(position.quantity_lots) - i128::from(position.open_sell_lots)
        });
        free + i128::from(order.held.leaves_lots)
    }
}
