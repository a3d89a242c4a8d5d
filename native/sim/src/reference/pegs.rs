//! Pegged orders by their rule: all pegs of an instrument are taken away, and put back oldest first.

use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::orders::detail;
use super::state::{Order, Stage};
use super::tick_tables::{check, rounded};
use super::{No, Reference, Verdict, no};

/// What a peg asks for by itself.
pub(super) fn check_terms(place: &PlaceOrder, side: Side, terms: &OrderTerms) -> Verdict {
    if ![1, 2, 3].contains(&place.peg_kind) {
        return Err(no(ErrorCode::InvalidArgument));
    }
    let offset = terms.peg_offset_ticks;
    let passive = if side == Side::Buy { offset <= 0 } else { offset >= 0 };
    if passive {
        Ok(())
    } else {
        Err(No(ErrorCode::InvalidArgument, offset.into(), 0, 0))
    }
}

impl Reference {
    /// Orders of one side in the book that follow nothing.
    fn leaders(&self, instrument: u32, side: Side) -> Vec<&Order> {
        let queue = self.state.queue(instrument, side).into_iter();
        queue.filter(|order| order.peg.0 == 0).collect()
    }

    /// Price of a peg that must not meet these prices of the other side.
    fn peg_price(&self, order: &Order, against: &[i128]) -> Option<i128> {
        let shown = |side: Side| {
            let leaders = self.leaders(order.instrument, side);
            leaders.iter().find(|other| other.shown() > 0).map(|other| other.price)
        };
        let (bid, ask) = (shown(Side::Buy), shown(Side::Sell));
        let buys = order.side == Side::Buy;
        let (kind, offset, cap) = order.peg;
        let reference = match kind {
            1 if buys => bid?,
            1 => ask?,
            2 if buys => (bid? + ask?).div_euclid(2),
            2 => -(-(bid? + ask?)).div_euclid(2),
            _ if buys => ask?,
            _ => bid?,
        };
        let bands = &self.state.instruments[&order.instrument].bands;
        let sign = if buys { 1 } else { -1 };
        // Seen from the buying side every bound is an upper one.
        let bounds = against.iter().map(|price| sign * price - 1);
        let cap = (cap != 0).then_some(sign * cap);
        let price = sign * bounds.chain(cap).fold(sign * (reference + offset), i128::min);
        let range = 1..=i128::from(i64::MAX);
        if !range.contains(&price) {
            return None;
        }
        let legal = rounded(bands, !buys, price);
        (range.contains(&legal) && sign * legal <= sign * price).then_some(legal)
    }

    /// Price of a new peg.
    pub(super) fn entry_peg(&self, order: &Order) -> Result<i128, No> {
        let cap = order.peg.2;
        if cap < 0 {
            return Err(No(ErrorCode::PriceNotPositive, cap, 1, 0));
        }
        if cap > 0 {
            check(&self.state.instruments[&order.instrument].bands, cap)?;
        }
        let other = if order.side == Side::Buy { Side::Sell } else { Side::Buy };
        let queue = self.state.queue(order.instrument, other);
        let against: Vec<_> = queue.iter().map(|order| order.price).collect();
        self.peg_price(order, &against).ok_or(no(ErrorCode::NoReferencePrice))
    }

    /// Gives every peg the price of the rule. Tells whether one moved.
    pub(super) fn follow_book(&mut self) -> bool {
        let mut moved = false;
        let instruments: Vec<u32> = self.state.instruments.keys().copied().collect();
        for instrument in instruments {
            let known = &self.state.instruments[&instrument];
            if self.state.global == 3 || known.state == 3 || known.phase != 4 {
                continue;
            }
            let prices = |side: Side| -> Vec<i128> {
                let leaders = self.leaders(instrument, side);
                leaders.iter().map(|order| order.price).collect()
            };
            let mut bids = prices(Side::Buy);
            let mut asks = prices(Side::Sell);
            let pegs: Vec<u64> = self
                .state
                .orders
                .iter()
                .filter(|order| order.instrument == instrument && order.peg.0 != 0)
                .map(|order| order.id)
                .collect();
            for id in pegs {
                let at = self.state.orders.iter().position(|order| order.id == id).expect("open");
                let old = self.state.orders[at].clone();
                let buys = old.side == Side::Buy;
                let price = self.peg_price(&old, if buys { &asks } else { &bids }).unwrap_or(0);
                if price != old.price {
                    moved = true;
                    if !self.move_peg(at, price) {
                        continue;
                    }
                }
                if price != 0 {
                    if buys { &mut bids } else { &mut asks }.push(price);
                }
            }
        }
        moved
    }

    /// Gives one peg another price, or ends it. Tells whether it is open.
    fn move_peg(&mut self, at: usize, price: i128) -> bool {
        let old = self.state.orders[at].clone();
        let mut new = old.clone();
        new.price = price;
        new.stage = if price == 0 { Stage::Parked } else { Stage::Resting };
        if price != 0 && self.check_peg_move(&old, &new).is_err() {
            let (exec, status) = (ExecType::Canceled, OrderStatus::Canceled);
            self.withdraw(old.id, exec, status, CancelReason::Risk, false);
            return false;
        }
        self.touch_level(&old);
        if price != 0 {
            new.priority = self.place_in_queue();
        }
        self.touch_level(&new);
        self.state.orders[at] = new.clone();
        self.moved(&new, old.price, CancelReason::Repriced);
        true
    }

    /// Reports an order whose prices moved by themselves.
    pub(super) fn moved(&mut self, order: &Order, before: i128, reason: CancelReason) {
        let (exec, status) = (ExecType::Restated, order.open_status());
        let mut report = self.state_report(order, order.leaves(), exec, status, reason);
        report.extension_count = 1;
        self.push(report);
        self.push(OrderDetailReport {
            previous_price_ticks: before as i64,
            ..detail(order)
        });
    }

    fn check_peg_move(&self, old: &Order, new: &Order) -> Verdict {
        let state = &self.state;
        let instrument = &state.instruments[&new.instrument];
        let too_much = no(ErrorCode::NotionalOverflow);
        let range = i128::from(i64::MAX);
        let value = new.valued() * new.leaves();
        let value = if value > range {
            return Err(too_much);
        } else {
            value * i128::from(instrument.terms.units_per_tick_lot)
        };
        let level = state.level_total((new.instrument, new.side.number(), new.price));
        if value > 1 << 62 || level + new.leaves() > range {
            return Err(too_much);
        }
        let buys = new.side == Side::Buy;
        let back = old.stage == Stage::Parked;
        let nearer = back
            || if buys {
                new.price > old.price
            } else {
                new.price < old.price
            };
        let account = &state.accounts[&new.account];
        if !nearer || account.unlimited() {
            return Ok(());
        }
        let held = state
            .positions
            .get(&(new.account, new.instrument))
            .map_or(0, |position| position.lots);
        let others = state.open(new.account, new.instrument, new.side) - old.leaves();
        let against = if buys { -held } else { held };
        let closes = (against - others).max(0);
        let lots_needed = new.leaves();
        let short = No(ErrorCode::InsufficientPosition, lots_needed, held - others, 0);
        if account.on_margin() {
            if !buys && !instrument.contract.derives() && !account.short() && lots_needed > held - others {
                return Err(short);
            }
            let cost = (lots_needed, value, state.held_by(new));
            return state.check_margin(new, false, cost, closes);
        }
        let buys_option = instrument.contract.is_option() && buys;
        if instrument.contract.derives() && !buys_option {
            return if lots_needed > closes {
                Err(No(ErrorCode::MarginAccountRequired, lots_needed, closes, 0))
            } else {
                Ok(())
            };
        }
        if !buys {
            return if !account.short() && lots_needed > held - others {
                Err(short)
            } else {
                Ok(())
            };
        }
        let key = (new.account, instrument.terms.currency_id);
        let free = state.cash.get(&key).copied().unwrap_or(0) - state.reserved(key.0, key.1) + state.held_by(old);
        let needed = state.held_by(new);
        if needed > free {
            return Err(No(ErrorCode::InsufficientBuyingPower, needed, free, 0));
        }
        Ok(())
    }
}
