//! What changes balances and positions: reservations, fills, movements, settlements. Everything that a command touches is noted
//! as it was before, for its reports.

use super::{Balance, BalanceTouch, Booked, Ledger, Position, PositionTouch, write_balance, write_position};
use crate::orders::NONE;

impl Ledger {
    /// A balance is about to change: a snapshot copies it first, the state hash takes it in anew.
    #[inline(never)]
    fn mark_balance(&mut self, index: u32) {
        if self.balance_copier.awaits(index) {
            self.balance_copier
                .save(index, |out| write_balance(&mut self.balances, index, out));
        }
        self.hashed_balances.note(index);
    }

    /// A balance to change, noted as it was before.
    #[inline]
    fn balance_mut(&mut self, index: u32) -> &mut Balance {
        if !self.hashed_balances.is_marked(index) {
            self.mark_balance(index);
        }
        let balance = &mut self.balances[index as usize];
        if balance.touched != self.number {
            balance.touched = self.number;
            balance.touch = self.balance_touches.len() as u32;
            self.balance_touches.push(BalanceTouch {
                index,
                total_before: balance.total,
                reserved_before: balance.reserved,
                fee_units: 0,
                booked: Booked::Nothing,
            });
        }
        balance
    }

    /// A balance to change, and its note.
    #[inline]
    fn touch_balance(&mut self, index: u32) -> (&mut Balance, &mut BalanceTouch) {
        let touch = self.balance_mut(index).touch;
        (
            &mut self.balances[index as usize],
            &mut self.balance_touches[touch as usize],
        )
    }

    /// A position is about to change: a snapshot copies it first, the state hash takes it in anew.
    #[inline(always)]
    pub(super) fn mark_position(&mut self, index: u32) {
        if !self.hashed_positions.is_marked(index) {
            self.mark_position_first(index);
        }
    }

    #[inline(never)]
    fn mark_position_first(&mut self, index: u32) {
        if self.position_copier.awaits(index) {
            self.position_copier
                .save(index, |out| write_position(&mut self.positions, index, out));
        }
        self.hashed_positions.note(index);
    }

    #[inline]
    fn touch_position(&mut self, index: u32) -> (&mut Position, &mut PositionTouch) {
        self.mark_position(index);
        self.note_desk(index);
        let position = &mut self.positions[index as usize];
        if position.touched != self.number {
            position.touched = self.number;
            position.touch = self.position_touches.len() as u32;
            self.position_touches.push(PositionTouch {
                index,
                quantity_before: position.quantity_lots,
                reserved_before: position.reserved_sell_lots,
                moved: false,
            });
        }
        let touch = &mut self.position_touches[position.touch as usize];
        (position, touch)
    }

    /// Brings the positions that the command touched in order of account and instrument. Most commands touch one.
    #[inline(always)]
    pub fn sort_position_touches(&mut self) {
        if self.position_touches.len() > 1 {
            let positions = &self.positions;
            self.position_touches.sort_unstable_by_key(|touch| {
                let position = &positions[touch.index as usize];
                (position.account_id, position.instrument_id)
            });
        }
    }

    /// Brings the balances that the command touched in order of account and currency.
    #[inline(always)]
    pub fn sort_balance_touches(&mut self) {
        if self.balance_touches.len() > 1 {
            let balances = &self.balances;
            self.balance_touches.sort_unstable_by_key(|touch| {
                let balance = &balances[touch.index as usize];
                (balance.account_id, balance.currency_id)
            });
        }
    }

    /// Changes what is reserved for open buy orders.
    #[inline(always)]
    pub fn reserve(&mut self, balance: u32, units: i64) {
        if units != 0 {
            let balance = self.balance_mut(balance);
            balance.reserved += i128::from(units);
            assert!(balance.reserved >= 0, "Invariant: reservations are not negative");
        }
    }

    /// A position is about to change: what its group holds together follows, when somebody asks.
    #[inline(always)]
    fn note_desk(&mut self, index: u32) {
        if self.positions[index as usize].desk != NONE && !self.desks.is_behind(index) {
            self.fall_behind(index);
        }
    }

    /// A position to change.
    #[inline(always)]
    pub(super) fn position_mut(&mut self, index: u32) -> &mut Position {
        self.note_desk(index);
        &mut self.positions[index as usize]
    }

    #[inline(never)]
    fn fall_behind(&mut self, index: u32) {
        self.desks.fall_behind(index, &self.positions);
    }

    /// A position is about to change: reduce-only orders may have to follow.
    #[inline(always)]
    fn watch(&mut self, position: u32) {
        if self.positions[position as usize].reduce_only != [0; 2] {
            self.over.push(position);
        }
    }

    /// Brings the positions to be watched in order of account and instrument.
    pub fn sort_over(&mut self) {
        let positions = &self.positions;
        self.over.sort_unstable_by_key(|index| {
            let position = &positions[*index as usize];
            (position.account_id, position.instrument_id)
        });
        self.over.dedup();
    }

    /// Counts open orders of a position.
    #[inline(always)]
    pub fn count_open(&mut self, position: u32, by: i32) {
        if self.kept {
            let position = self.position_mut(position);
            position.open_orders = position.open_orders.saturating_add_signed(by);
        }
    }

    /// Counts open reduce-only orders of a position.
    pub fn count_reduce_only(&mut self, position: u32, side: usize, by: i32) {
        if !self.kept {
            return;
        }
        let count = &mut self.positions[position as usize].reduce_only[side];
        *count = count.saturating_add_signed(by);
    }

    /// Changes the leaves of the open orders of one side, and the number of open orders; `reserved` when sells hold lots.
    #[inline(always)]
    pub fn change_open(&mut self, position: u32, buy: bool, lots: i64, reserved: bool, orders: u32) {
        if !self.kept {
            return;
        }
        self.watch(position);
        if buy || !reserved {
            // Nothing that a report shows changes.
            self.mark_position(position);
            let position = self.position_mut(position);
            position.open_orders = position.open_orders.saturating_add(orders);
            if buy {
                position.open_buy_lots += lots;
            } else {
                position.open_sell_lots += lots;
            }
            return;
        }
        let (position, _) = self.touch_position(position);
        position.open_orders = position.open_orders.saturating_add(orders);
        position.open_sell_lots += lots;
        position.reserved_sell_lots += lots;
    }

    /// The cash side of a fill: `units` come in (negative: go out) and `fee` goes to the pot.
    #[inline]
    pub fn fill_cash(&mut self, balance: u32, units: i64, fee: i64) {
        if !self.kept {
            return;
        }
        let (balance, touch) = self.touch_balance(balance);
        let change = i128::from(units) - i128::from(fee);
        balance.total += change;
        touch.booked = Booked::Trade;
        touch.fee_units += i128::from(fee);
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += change;
        pot.fees += i128::from(fee);
    }

    /// The position side of a fill.
    #[inline(always)]
    pub fn fill_lots(&mut self, position: u32, signed_lots: i64, units_per_lot: i64) {
        if !self.kept {
            return;
        }
        self.watch(position);
        let (position, touch) = self.touch_position(position);
        touch.moved = true;
        position.fill(signed_lots, units_per_lot);
    }

    /// Cash from or to outside.
    pub fn move_cash(&mut self, balance: u32, units: i64) {
        let (balance, touch) = self.touch_balance(balance);
        balance.total += i128::from(units);
        touch.booked = touch.booked.max(Booked::Movement);
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += i128::from(units);
        pot.moved += i128::from(units);
    }

    /// Cash from or to another shard; `units` is more than zero.
    pub fn move_allotment(&mut self, balance: u32, units: i64, leaves: bool) {
        let units = i128::from(units);
        let (balance, touch) = self.touch_balance(balance);
        touch.booked = touch.booked.max(Booked::Allotment);
        balance.total += if leaves { -units } else { units };
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        if leaves {
            pot.held -= units;
            pot.allotted_out += units;
        } else {
            pot.held += units;
            pot.allotted_in += units;
        }
    }

    /// Both sides of a fill of a future: the fee, and what closes is paid. Returns what was paid and how the cost changed.
    pub fn fill_future(
        &mut self,
        balance: u32,
        position: u32,
        signed_lots: i64,
        units_per_lot: i64,
        fee: i64,
    ) -> (i128, i128) {
        if !self.kept {
            return (0, 0);
        }
        let before = self.positions[position as usize].basis;
        self.fill_lots(position, signed_lots, units_per_lot);
        let after = self.positions[position as usize].basis;
        let paid = after.realized_units - before.realized_units;
        let (balance, touch) = self.touch_balance(balance);
        let change = paid - i128::from(fee);
        balance.total += change;
        touch.booked = Booked::Trade;
        touch.fee_units += i128::from(fee);
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += change;
        pot.fees += i128::from(fee);
        pot.clearing -= paid;
        (paid, after.cost_units - before.cost_units)
    }

    /// Cash from a settlement, out of the clearing sum.
    pub fn settle_cash(&mut self, balance: u32, units: i128) {
        let (balance, touch) = self.touch_balance(balance);
        balance.total += units;
        touch.booked = touch.booked.max(Booked::Settlement);
        let pot = balance.pot;
        let pot = &mut self.pots[pot as usize];
        pot.held += units;
        pot.clearing -= units;
    }

    /// Realises what a position is worth beyond its cost. It ends, or stays at its value as its cost. Returns how the
    /// cost changed.
    pub fn settle_lots(&mut self, position: u32, value: i128, ends: bool) -> i128 {
        self.watch(position);
        let (position, touch) = self.touch_position(position);
        touch.moved = true;
        let before = position.basis.cost_units;
        position.basis.realized_units += value - before;
        position.basis.cost_units = value;
        if ends {
            position.basis.cost_units = 0;
            position.quantity_lots = 0;
        }
        position.basis.cost_units - before
    }

    /// Lots from or to outside. What shrinks the position leaves at average cost; what grows it adds `cost_units`.
    /// Returns how the cost changed.
    pub fn move_lots(&mut self, position: u32, signed_lots: i64, cost_units: i64) -> i128 {
        self.watch(position);
        let (position, touch) = self.touch_position(position);
        touch.moved = true;
        let held = position.quantity_lots;
        let before = position.basis.cost_units;
        if held.signum() * signed_lots.signum() < 0 {
            let closing = signed_lots.saturating_abs().min(held.saturating_abs());
            position.basis.take_out(held, closing);
        }
        position.basis.cost_units += i128::from(cost_units);
        position.quantity_lots += signed_lots;
        position.basis.cost_units - before
    }
}
