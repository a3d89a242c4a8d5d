//! What the ledger keeps: balances, positions and the sums of a currency, how they are stored and what the state hash takes in.

use crate::cost_basis::CostBasis;
use crate::mixing::{EntityHash, hash_words};
use crate::orders::NONE;
use crate::snapshot::{Damage, Fields, Stored};

/// Cash of one account in one currency, in money units.
#[derive(Clone, Copy, Debug)]
pub struct Balance {
    /// Account id.
    pub account_id: u32,
    /// Currency.
    pub currency_id: u16,
    /// Pot of the currency.
    pub pot: u32,
    /// Cash, reserved part included.
    pub total: i128,
    /// Held for open buy orders.
    pub reserved: i128,
    /// Number of the command that touched it last, and where it noted that.
    pub(super) touched: u64,
    /// See `touched`.
    pub(super) touch: u32,
}

/// Holding of one account in one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Account id.
    pub account_id: u32,
    /// Instrument id.
    pub instrument_id: u32,
    /// Instrument table index.
    pub instrument: u32,
    /// Lots, negative = short.
    pub quantity_lots: i64,
    /// Lots held by open sell orders of an account that is checked.
    pub reserved_sell_lots: i64,
    /// Leaves of all open buy orders.
    pub open_buy_lots: i64,
    /// Leaves of all open sell orders.
    pub open_sell_lots: i64,
    /// Open orders.
    pub open_orders: u32,
    /// Open reduce-only orders, buys and sells.
    pub reduce_only: [u32; 2],
    /// Next position of the account, by underlying and instrument.
    pub(crate) account_next: u32,
    /// Cost and realised profit.
    pub basis: CostBasis,
    /// Profit up to which its day does not count, in money units.
    pub day_profit_units: i128,
    /// The account's next position of all that it ever had; `NONE` = the last.
    pub next: u32,
    /// Where it counts with others of its group; `NONE` = nowhere.
    pub(crate) desk: u32,
    /// Number of the command that touched it last, and where it noted that.
    pub(super) touched: u64,
    /// See `touched`.
    pub(super) touch: u32,
}

impl Position {
    /// A fill of `signed_lots`.
    #[inline(always)]
    pub(crate) fn fill(&mut self, signed_lots: i64, units_per_lot: i64) {
        self.basis.fill(self.quantity_lots, signed_lots, units_per_lot);
        self.quantity_lots += signed_lots;
    }
}

/// Running sums of one currency.
#[derive(Clone, Copy, Debug)]
pub struct Pot {
    /// Currency.
    pub currency_id: u16,
    /// Fees collected by the venue, net of rebates.
    pub fees: i128,
    /// Sum of all balances.
    pub held: i128,
    /// Cash moved in, net of withdrawals.
    pub moved: i128,
    /// Allotments that came from other shards.
    pub allotted_in: i128,
    /// Allotments that went to other shards.
    pub allotted_out: i128,
    /// What positions of derivatives have paid when they closed or were settled, net of what they were paid.
    pub clearing: i128,
}

impl Pot {
    /// What balances, fees and clearing add up to.
    pub const fn owed(&self) -> i128 {
        self.moved + self.allotted_in - self.allotted_out
    }
}

/// What the state hash takes in.
pub(super) fn balance_hash(balance: &Balance) -> EntityHash {
    if balance.total == 0 && balance.reserved == 0 {
        return [0; 2];
    }
    let total = halves(balance.total);
    let reserved = halves(balance.reserved);
    let who = (u64::from(balance.account_id) << 16) | u64::from(balance.currency_id);
    hash_words(6, &[who, total[0], total[1], reserved[0], reserved[1]])
}

/// What the state hash takes in.
pub(super) fn position_hash(position: &Position) -> EntityHash {
    let cost = halves(position.basis.cost_units);
    let realized = halves(position.basis.realized_units);
    let day = halves(position.day_profit_units);
    let words = [
        position.quantity_lots.cast_unsigned(),
        position.reserved_sell_lots.cast_unsigned(),
        position.open_buy_lots.cast_unsigned(),
        position.open_sell_lots.cast_unsigned(),
        cost[0],
        cost[1],
        realized[0],
        realized[1],
        day[0],
        day[1],
        (u64::from(position.account_id) << 32) | u64::from(position.instrument_id),
    ];
    if words[..10].iter().all(|word| *word == 0) {
        [0; 2]
    } else {
        hash_words(7, &words)
    }
}

impl Stored for Balance {
    fn blank() -> Self {
        Self {
            account_id: 0,
            currency_id: 0,
            pot: 0,
            total: 0,
            reserved: 0,
            touched: 0,
            touch: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            currency_id,
            total,
            reserved,
            // Follows from the currency.
            pot: _,
            // Of the command that ran last.
            touched: _,
            touch: _,
        } = self;
        io.u32(account_id)?;
        io.u16(currency_id)?;
        io.i128(total)?;
        io.i128(reserved)
    }
}

impl Stored for Position {
    fn blank() -> Self {
        Self {
            account_id: 0,
            instrument_id: 0,
            instrument: 0,
            quantity_lots: 0,
            reserved_sell_lots: 0,
            open_buy_lots: 0,
            open_sell_lots: 0,
            open_orders: 0,
            reduce_only: [0; 2],
            account_next: NONE,
            basis: CostBasis::default(),
            day_profit_units: 0,
            next: NONE,
            desk: NONE,
            touched: 0,
            touch: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            account_id,
            instrument_id,
            instrument,
            quantity_lots,
            reserved_sell_lots,
            open_buy_lots,
            open_sell_lots,
            basis: CostBasis {
                cost_units,
                realized_units,
            },
            day_profit_units,
            // Follows from the order of the table.
            next: _,
            // Follows from accounts and limits.
            desk: _,
            // Follow from the orders.
            open_orders: _,
            reduce_only: _,
            // Follows from the positions.
            account_next: _,
            // Of the command that ran last.
            touched: _,
            touch: _,
        } = self;
        io.u32(account_id)?;
        io.u32(instrument_id)?;
        io.u32(instrument)?;
        io.i64(quantity_lots)?;
        io.i64(reserved_sell_lots)?;
        io.i64(open_buy_lots)?;
        io.i64(open_sell_lots)?;
        io.i128(cost_units)?;
        io.i128(realized_units)?;
        io.i128(day_profit_units)
    }
}

impl Stored for Pot {
    fn blank() -> Self {
        Self {
            currency_id: 0,
            fees: 0,
            held: 0,
            moved: 0,
            allotted_in: 0,
            allotted_out: 0,
            clearing: 0,
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            currency_id,
            fees,
            moved,
            allotted_in,
            allotted_out,
            clearing,
            // The sum of the balances.
            held: _,
        } = self;
        io.u16(currency_id)?;
        io.i128(fees)?;
        io.i128(moved)?;
        io.i128(allotted_in)?;
        io.i128(allotted_out)?;
        io.i128(clearing)
    }
}

/// Low and high word of an `i128`.
pub const fn halves(value: i128) -> [u64; 2] {
    let bits = value.cast_unsigned();
    [bits as u64, (bits >> 64) as u64]
}
