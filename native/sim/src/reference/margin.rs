//! The rules of margin, with everything summed anew from positions and open orders.

use std::collections::BTreeMap;

use fulltape_tape::codes::{ErrorCode, Side};

use super::state::{Order, State};
use super::{No, Verdict, no};

/// Values beyond this count as this.
const MOST: i128 = 1 << 100;
/// Sixths of a millionth of a money unit.
const PARTS: i128 = 6_000_000;

/// What an account has in one instrument: lots, cost, open buys and sells.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    lots: i128,
    cost: i128,
    buys: i128,
    sells: i128,
}

fn product(factors: [i128; 3], most: i128) -> i128 {
    let [a, b, c] = factors;
    a.saturating_mul(b).saturating_mul(c).clamp(-most, most)
}

impl State {
    /// Price that positions are valued at; 0 = there is none.
    pub fn valued_at(&self, instrument: u32) -> i128 {
        let known = &self.instruments[&instrument];
        let prices = [i128::from(known.mark), known.last, i128::from(known.reference)];
        prices.into_iter().find(|price| *price != 0).unwrap_or(0)
    }

    fn root_of(&self, id: u32) -> u32 {
        match self.instruments[&id].terms.underlying_id {
            0 => id,
            underlying => underlying,
        }
    }

    /// Both the instrument and, for an option, its underlying have a price.
    fn priced(&self, id: u32) -> bool {
        let option = self.instruments[&id].contract.is_option();
        self.valued_at(id) != 0 && (!option || self.valued_at(self.root_of(id)) != 0)
    }

    /// Cash, holdings at their prices, gains of futures.
    pub fn equity(&self, account: u32, currency: u16) -> i128 {
        let mut sum = self.cash.get(&(account, currency)).copied().unwrap_or(0);
        for ((_, id), position) in self.positions.iter().filter(|(key, _)| key.0 == account) {
            let known = &self.instruments[id];
            if known.terms.currency_id != currency {
                continue;
            }
            let units = i128::from(known.terms.units_per_tick_lot);
            sum += match self.valued_at(*id) {
                0 => position.cost.clamp(-MOST, MOST),
                price => product([price, units, position.lots], MOST),
            };
            if known.contract.is_future() {
                sum -= position.cost;
            }
        }
        sum
    }

    /// What an account needs in a currency if these are the open orders of everybody, by underlying.
    pub fn required(&self, account: u32, currency: u16, orders: &[&Order], initial: bool) -> BTreeMap<u32, i128> {
        let mut holdings: BTreeMap<u32, BTreeMap<u32, Held>> = BTreeMap::new();
        for ((_, id), position) in self.positions.iter().filter(|(key, _)| key.0 == account) {
            let held = holdings.entry(self.root_of(*id)).or_default().entry(*id).or_default();
            (held.lots, held.cost) = (position.lots, position.cost);
        }
        for order in orders.iter().filter(|order| order.account == account && initial) {
            let id = order.instrument;
            let held = holdings.entry(self.root_of(id)).or_default().entry(id).or_default();
            match order.side {
                Side::Buy => held.buys += order.leaves(),
                Side::Sell => held.sells += order.leaves(),
            }
        }
        holdings.retain(|root, _| self.instruments[root].terms.currency_id == currency);
        holdings
            .iter()
            .map(|(root, held)| (*root, self.required_for(*root, held, initial)))
            .collect()
    }

    fn required_for(&self, root: u32, holdings: &BTreeMap<u32, Held>, initial: bool) -> i128 {
        let rate = |id: &u32| {
            let margin = self.instruments[id].contract.margin;
            if initial { margin.0 } else { margin.1 }
        };
        let open = |held: &Held| held.lots != 0 || held.buys != 0 || held.sells != 0;
        let holdings: Vec<_> = holdings.iter().filter(|(_, held)| open(held)).collect();
        let range = holdings.iter().map(|(id, _)| rate(id)).max().unwrap_or(0);
        let underlying = self.valued_at(root);
        let mut worst = 0;
        for third in -3..=3 {
            let mut gained: i128 = 0;
            for (id, held) in &holdings {
                let known = &self.instruments[id];
                let units = i128::from(known.terms.units_per_tick_lot);
                let price = self.valued_at(**id);
                let moved = |lots: i128, now: i128| {
                    if !known.contract.is_option() {
                        return now * (third * range * 2);
                    }
                    if underlying == 0 {
                        return -now.abs() * PARTS;
                    }
                    let then = underlying * (PARTS + third * range * 2);
                    let strike = known.contract.strike * PARTS;
                    let inside = if known.contract.put {
                        strike - then
                    } else {
                        then - strike
                    };
                    let lot = known.contract.underlying_units;
                    product([inside.max(0), lot, lots], MOST * PARTS) - now * PARTS
                };
                let now = if price == 0 {
                    held.cost.clamp(-MOST, MOST)
                } else {
                    product([price, units, held.lots], MOST)
                };
                let bought = moved(held.buys, product([price, units, held.buys], MOST));
                let sold = moved(-held.sells, product([price, units, -held.sells], MOST));
                gained = gained.saturating_add(moved(held.lots, now));
                gained = gained.saturating_add(bought.min(sold).min(0));
            }
            worst = worst.max(gained.saturating_neg());
        }
        let mut shorts: i128 = 0;
        for put in [false, true] {
            let of_right = holdings.iter().filter(|(id, _)| {
                let contract = &self.instruments[id].contract;
                contract.is_option() && contract.put == put
            });
            let mut short: i128 = 0;
            for (id, held) in of_right {
                let lot = self.instruments[id].contract.underlying_units;
                let value = product([underlying, lot, held.sells - held.lots], MOST);
                short = short.saturating_add(value * rate(id) * 3);
            }
            shorts = shorts.saturating_add(short.max(0));
        }
        worst = worst.max(shorts);
        super::state::ceil(worst, PARTS)
    }

    /// Cash that may leave an account.
    pub fn free_cash(&self, account: u32, currency: u16) -> i128 {
        let held = self.reserved(account, currency);
        let free = self.cash.get(&(account, currency)).copied().unwrap_or(0) - held;
        if !self.accounts[&account].on_margin() {
            return free;
        }
        let orders: Vec<_> = self.orders.iter().filter(|order| self.counts(order)).collect();
        let needed: i128 = self.required(account, currency, &orders, true).values().sum();
        free.min(self.equity(account, currency) - needed - held)
    }

    /// Whether the margin of an account allows an order, which takes its own place if it has one. `cost` is what it trades for at most
    /// (lots, money, fee); `closes` is how many lots it may take off the position.
    pub fn check_margin(
        &self,
        order: &Order,
        unpriced: bool,
        (lots, money, fee): (i128, i128, i128),
        closes: i128,
    ) -> Verdict {
        let (account, id) = (order.account, order.instrument);
        if !self.priced(id) {
            let fits = order.leaves() <= closes;
            return if fits {
                Ok(())
            } else {
                Err(no(ErrorCode::NoReferencePrice))
            };
        }
        let currency = self.instruments[&id].terms.currency_id;
        let root = self.root_of(id);
        let all: Vec<_> = self.orders.iter().filter(|order| self.counts(order)).collect();
        let mut sized = order.clone();
        sized.quantity = sized.filled + lots;
        let others = self.others(order).filter(|other| self.counts(other));
        let with: Vec<_> = others.chain([&sized]).collect();
        let before = self.required(account, currency, &all, true);
        let after = self.required(account, currency, &with, true);
        let of_root = |required: &BTreeMap<u32, i128>| required.get(&root).copied().unwrap_or(0);
        let units = i128::from(self.instruments[&id].terms.units_per_tick_lot);
        let value = self.valued_at(id).saturating_mul(lots).saturating_mul(units);
        let given = match order.side {
            _ if unpriced => 0,
            Side::Buy => money.saturating_sub(value).max(0),
            Side::Sell => value.saturating_sub(money).max(0),
        };
        let (less, same) = (of_root(&after) < of_root(&before), of_root(&after) == of_root(&before));
        if less || (same && given == 0) || (same && order.leaves() <= closes) {
            return Ok(());
        }
        let fees = self.reserved_by_others(order) + fee;
        let needed = after.values().sum::<i128>().saturating_add(fees).saturating_add(given);
        let equity = self.equity(account, currency);
        if needed > equity {
            return Err(No(ErrorCode::InsufficientMargin, needed, equity, 0));
        }
        Ok(())
    }
}
