//! The limits that hold together for orders of an account in an instrument, and the strictest of each kind.
//!
//! Up to seven scopes may limit one order. Finding them and comparing what they say took longer than everything else that an order
//! goes through, and both change only when a limit is set: so the answer is kept for the accounts that came last.

use crate::limit_table::{Applying, LimitTable, Limits};

/// Accounts whose limits are kept; two that share a place take turns.
const KEPT: usize = 1024;

/// A limit and the version that a refusal by it repeats.
pub type Rule = Option<(i64, u32)>;

/// What holds for orders of one account in one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Union {
    /// Account, group and instrument (table indices).
    of: (u32, u32, u32),
    /// The state of the table that it was taken from; 0 = none.
    edition: u64,
    /// Slots of the limits, in the order in which they are looked at.
    pub applying: Applying,
    /// Some limit counts open orders.
    pub counts_open: bool,
    /// Largest order in lots.
    pub order_quantity: Rule,
    /// Largest order in money units.
    pub order_notional: Rule,
    /// Distance of a limit price from the reference price.
    pub collar: Rule,
    /// Distance by which a price may cross the best opposite one.
    pub fat_finger: Rule,
    /// Age of the reference price.
    pub price_age: Rule,
    /// Largest position: of the account, of its group.
    pub position: [Rule; 2],
    /// Exposure and loss; see [`Union::exposure`].
    exposure: [Exposed; 4],
    /// What must be known for that: of the account, of its group.
    pub wanted: [Wanted; 2],
}

/// What some limit asks about an account or a group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Anything at all.
    pub anything: bool,
    /// Instruments beside the order's own.
    pub others: bool,
    /// What the day has cost.
    pub losses: bool,
}

/// Limits of exposure and of the loss of a day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exposed {
    /// Largest sum of the values of positions.
    pub gross: Rule,
    /// Largest net value.
    pub net: Rule,
    /// Loss of a day.
    pub daily_loss: Rule,
}

const fn place(group: bool, one_instrument: bool) -> usize {
    (group as usize) << 1 | one_instrument as usize
}

impl Union {
    /// Limits of exposure of the account or of its group, in one instrument or in all.
    pub const fn exposure(&self, group: bool, one_instrument: bool) -> &Exposed {
        &self.exposure[place(group, one_instrument)]
    }
}

/// Unions of the accounts that came last.
pub struct Unions {
    kept: Vec<Union>,
    /// Counts changes of the table of limits, from 1.
    edition: u64,
}

impl Unions {
    /// Nothing kept; memory is taken when the first limit is set.
    pub const fn new() -> Self {
        Self {
            kept: Vec::new(),
            edition: 1,
        }
    }

    /// The limits have changed: whatever is kept is out of date.
    pub fn turn(&mut self, table_is_empty: bool) {
        self.edition += 1;
        if self.kept.is_empty() && !table_is_empty {
            let nothing = Union {
                of: (0, 0, 0),
                edition: 0,
                applying: [0; 7],
                counts_open: false,
                order_quantity: None,
                order_notional: None,
                collar: None,
                fat_finger: None,
                price_age: None,
                position: [None; 2],
                exposure: [Exposed::default(); 4],
                wanted: [Wanted::default(); 2],
            };
            self.kept.resize(KEPT, nothing);
        }
    }
}

impl LimitTable {
    /// The limits of an account in an instrument, where they are kept.
    #[inline]
    pub fn kept_union(&self, account: u32, group: u32, instrument: u32) -> Option<&Union> {
        let union = self.unions.kept.get(account as usize % KEPT)?;
        (union.edition == self.unions.edition && union.of == (account, group, instrument)).then_some(union)
    }

    /// Keeps the limits of an account in an instrument.
    pub fn keep_union(&mut self, account: u32, group: u32, instrument: u32) {
        if self.kept_union(account, group, instrument).is_none() {
            let union = self.unite(account, group, instrument);
            if self.unions.kept.is_empty() {
                self.unions.turn(false);
            }
            let edition = self.unions.edition;
            if let Some(place) = self.unions.kept.get_mut(account as usize % KEPT) {
                *place = Union { edition, ..union };
            }
        }
    }

    /// Finds the limits of an account in an instrument.
    #[inline(never)]
    pub fn unite(&self, account: u32, group: u32, instrument: u32) -> Union {
        let applying = self.applying(account, group, instrument);
        let of = |each: fn(&Limits) -> i64| self.strictest(&applying, each);
        let position = [false, true].map(|group| {
            let of_whom = |limits: &Limits| {
                if limits.of_group() == group {
                    limits.set.position_lots
                } else {
                    0
                }
            };
            self.strictest(&applying, of_whom)
        });
        let mut exposure = [Exposed::default(); 4];
        for (group, one_instrument) in [(false, false), (false, true), (true, false), (true, true)] {
            let of = |each: fn(&Limits) -> i64| {
                let asks = |limits: &Limits| limits.of_group() == group && limits.of_one_instrument() == one_instrument;
                self.strictest(&applying, |limits| if asks(limits) { each(limits) } else { 0 })
            };
            exposure[place(group, one_instrument)] = Exposed {
                gross: of(|limits| limits.set.gross_units),
                net: of(|limits| limits.set.net_units),
                daily_loss: of(|limits| limits.set.daily_loss_units),
            };
        }
        let wanted = [false, true].map(|group| {
            let [all, one] = [false, true].map(|one_instrument| exposure[place(group, one_instrument)]);
            let valued = |of: &Exposed| of.gross.is_some() || of.net.is_some() || of.daily_loss.is_some();
            let others = valued(&all);
            Wanted {
                anything: others || valued(&one) || position[usize::from(group)].is_some(),
                others,
                losses: all.daily_loss.is_some() || one.daily_loss.is_some(),
            }
        });
        Union {
            wanted,
            of: (account, group, instrument),
            edition: self.unions.edition,
            counts_open: self.each(&applying).any(|limits| limits.set.open_orders != 0),
            order_quantity: of(|limits| limits.set.order_quantity_lots),
            order_notional: of(|limits| limits.set.order_notional_units),
            collar: of(|limits| i64::from(limits.set.collar_ppm)),
            fat_finger: of(|limits| i64::from(limits.set.fat_finger_ppm)),
            price_age: of(|limits| i64::from(limits.set.price_age_ms)),
            position,
            exposure,
            applying,
        }
    }
}
