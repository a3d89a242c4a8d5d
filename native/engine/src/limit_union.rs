//! The limits that hold together for orders of an account in an instrument, and the strictest of each kind.
//!
//! Up to seven scopes may limit one order. Finding them and comparing what they say took longer than everything else that an order
//! goes through, and both change only when a limit, an entry of the restricted list or what they are about is set: so the answer is
//! kept for the accounts and instruments that came last, with what the instrument says for itself.

use crate::bounds::Bounds;
use crate::limit_table::{Applying, LimitTable, Limits};

/// Accounts in instruments whose limits are kept; two that share a place take turns.
const KEPT: usize = 2048;

/// An account, its group (or `NONE`) and an instrument: table indices.
pub type Whose = (u32, u32, u32);

/// A limit and the version that a refusal by it repeats.
pub type Rule = Option<(i64, u32)>;

/// What holds for orders of one account in one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Union {
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

/// Unions of the accounts and instruments that came last.
pub struct Unions {
    kept: Vec<Union>,
    /// What is asked of nearly every order, apart.
    bounds: Vec<Bounds>,
    /// Counts changes of what they are made of, from 1.
    edition: u64,
}

impl Unions {
    /// Nothing kept; memory is taken when the first one is.
    pub const fn new() -> Self {
        Self {
            kept: Vec::new(),
            bounds: Vec::new(),
            edition: 1,
        }
    }

    /// Limits or what they are about have changed: whatever is kept is out of date.
    pub const fn turn(&mut self) {
        self.edition += 1;
    }

    /// Where the union of an account in an instrument is kept.
    #[inline(always)]
    pub const fn place(account: u32, instrument: u32) -> usize {
        // Accounts of one instrument lie side by side; the factor spreads the instruments of one account.
        account.wrapping_add(instrument.wrapping_mul(61)) as usize % KEPT
    }

    /// The state of the rules that unions are taken from now.
    #[inline(always)]
    pub const fn edition(&self) -> u64 {
        self.edition
    }

    /// The numbers that a place keeps for an account, its group and an instrument.
    #[inline(always)]
    pub fn bounds(&self, at: usize, of: Whose) -> Option<&Bounds> {
        self.bounds.get(at).filter(|bounds| bounds.hold(self.edition, of))
    }

    /// The numbers at a place that is known to keep them.
    #[inline(always)]
    pub fn bounds_at(&self, at: usize) -> &Bounds {
        &self.bounds[at]
    }

    /// The same, to change.
    pub fn bounds_mut(&mut self, at: usize) -> &mut Bounds {
        &mut self.bounds[at]
    }

    /// The union that a place keeps, where it keeps its numbers.
    #[inline]
    pub fn at(&self, at: usize) -> &Union {
        &self.kept[at]
    }

    /// Keeps a union.
    pub fn keep(&mut self, at: usize, bounds: Bounds, union: Union) {
        if self.kept.is_empty() {
            self.kept.resize(KEPT, union);
            self.bounds.resize(KEPT, Bounds::NONE);
        }
        self.bounds[at] = bounds;
        self.kept[at] = union;
    }
}

impl LimitTable {
    /// Finds the limits of an account in an instrument.
    #[inline(never)]
    pub fn unite(&self, (account, group, instrument): Whose) -> Union {
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
