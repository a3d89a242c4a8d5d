//! Margin: what the positions and open orders of an account may lose, and what stands against it.
//!
//! All instruments of one underlying are looked at together. The price of the underlying is moved by 0, a third, two thirds
//! and the whole of a range, up and down; the range is the largest margin rate (initial or maintenance) among the instruments
//! that the account holds or has orders in. Instruments that are worth their price follow by the same share; an option is
//! worth what it is in the money at the moved price. In each of the seven scenarios the open orders of an instrument count as
//! filled where that makes it worse, buys or sells. The requirement is the worst sum over the scenarios, and not less than
//! half of its own rate on the underlying's value for every option that is short net of long ones of the same right. So
//! positions that offset each other need little, in spot, futures and options of one underlying; underlyings add up.
//!
//! Equity is cash, plus what is held at its price (options too), plus what futures have gained. The price is the mark, else the
//! last trade, else the reference; what has none counts at its cost, an option without a price of its underlying as lost.
//! Everything is worked out when it is asked for: a new price costs nothing. Sums are exact in sixths of a millionth and
//! rounded up once an underlying; a value beyond 2^100 counts as 2^100. O(positions of the account).

use fulltape_tape::codes::OptionKind;

use crate::engine::Engine;
use crate::instruments::feature;
use crate::ledger::Position;
use crate::orders::NONE;

/// Parts of a money unit in which scenarios are summed: thirds of a range in parts per million, halves of a rate.
const PARTS: i128 = 6_000_000;
/// Largest value of a position that is told apart from larger ones.
const VALUE_MAX: i128 = 1 << 100;
/// Moves of the underlying, in thirds of the range.
const MOVES: [i128; 7] = [-3, -2, -1, 0, 1, 2, 3];

/// Which rates apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rate {
    /// Before an order.
    Initial,
    /// What must be kept.
    Maintenance,
}

/// Margin of one account in one currency, in its money units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margin {
    /// Cash, positions at their prices, gains of futures.
    pub equity_units: i128,
    /// Needed before an order that adds risk, open orders counted.
    pub initial_units: i128,
    /// Needed all the time, open orders not counted; an account with less equity is to be reduced.
    pub maintenance_units: i128,
    /// Highest fees of the open orders (the reserved part of the balance of a margin account).
    pub fee_units: i128,
}

impl Margin {
    /// What new risk may use; less than nothing where equity is short of the initial requirement.
    #[must_use]
    pub const fn free_units(&self) -> i128 {
        self.equity_units - self.initial_units - self.fee_units
    }
}

/// Open lots that an order would add (or, being replaced, take away).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub instrument: u32,
    pub buys: i128,
    pub sells: i128,
}

/// What an account has in one instrument.
#[derive(Clone, Copy, Debug)]
struct Leg {
    instrument: u32,
    lots: i128,
    buys: i128,
    sells: i128,
    cost: i128,
}

impl Leg {
    fn of(position: &Position, with_orders: bool) -> Self {
        let open = |lots: i64| if with_orders { i128::from(lots) } else { 0 };
        Self {
            instrument: position.instrument,
            lots: i128::from(position.quantity_lots),
            buys: open(position.open_buy_lots),
            sells: open(position.open_sell_lots),
            cost: position.basis.cost_units,
        }
    }

    const fn is_empty(&self) -> bool {
        self.lots == 0 && self.buys == 0 && self.sells == 0
    }
}

fn bounded(value: i128) -> i128 {
    value.clamp(-VALUE_MAX, VALUE_MAX)
}

/// Sums of one underlying.
#[derive(Default)]
struct Sums {
    range: i128,
    /// Losses at both ends of the range, of what follows the underlying by the same share.
    ends: [i128; 2],
    /// Losses of options by scenario.
    options: Option<[i128; MOVES.len()]>,
    /// Losses of everything else by scenario, where there are options.
    others: [i128; MOVES.len()],
    /// Calls and puts that are short net of long ones: half of their rate on the underlying's value.
    short: [i128; 2],
}

/// What one leg is worth at the price of its instrument: the holding, the open buys, the open sells (less than nothing).
struct Worth {
    held: i128,
    bought: i128,
    sold: i128,
}

impl Engine {
    /// Margin of an account in a currency; `None` when there is no such account. Meant for margin accounts: the engine holds
    /// no other account to it. O(positions of the account).
    #[must_use]
    pub fn margin(&self, account_id: u32, currency_id: u16) -> Option<Margin> {
        let account = self.accounts.find(account_id)?;
        Some(self.margin_of(account, currency_id))
    }

    pub(crate) fn margin_of(&self, account: u32, currency_id: u16) -> Margin {
        let balance = self.ledger.find_balance(account, currency_id);
        Margin {
            equity_units: self.equity(account, currency_id),
            initial_units: self.requirement(account, currency_id, Rate::Initial),
            maintenance_units: self.requirement(account, currency_id, Rate::Maintenance),
            fee_units: balance.map_or(0, |balance| self.ledger.balance(balance).reserved),
        }
    }

    /// Cash that an account may take out: what nothing holds, of a margin account no more than it has free margin.
    pub(crate) fn free_cash(&self, account: u32, currency_id: u16) -> i128 {
        let balance = self.ledger.find_balance(account, currency_id);
        let free = balance.map_or(0, |index| {
            let balance = self.ledger.balance(index);
            balance.total - balance.reserved
        });
        if self.accounts.get(account).on_margin() {
            free.min(self.margin_of(account, currency_id).free_units())
        } else {
            free
        }
    }

    /// Price that positions are valued at: mark, else last trade, else reference; 0 = there is none.
    pub(crate) fn valuation_ticks(&self, instrument: u32) -> i64 {
        let instrument = self.instruments.get(instrument);
        let prices = [
            instrument.mark_price_ticks,
            instrument.last_price_ticks,
            instrument.reference_price_ticks,
        ];
        prices.into_iter().find(|price| *price > 0).unwrap_or(0)
    }

    /// Whether lots of an instrument can be valued, and the scenarios of its underlying worked out.
    pub(crate) fn is_priced(&self, instrument: u32) -> bool {
        let option = self.instruments.get(instrument).terms.features & feature::OPTION != 0;
        self.valuation_ticks(instrument) > 0 && (!option || self.valuation_ticks(self.instruments.root(instrument)) > 0)
    }

    /// Value of lots at a price.
    fn value(&self, instrument: u32, lots: i128, price_ticks: i64) -> i128 {
        let units = self.instruments.get(instrument).terms.units_per_tick_lot;
        if let (Some(lot), Ok(lots)) = (price_ticks.checked_mul(units), i64::try_from(lots)) {
            return bounded(i128::from(lot) * i128::from(lots));
        }
        bounded((i128::from(price_ticks) * i128::from(units)).saturating_mul(lots))
    }

    /// Value of a holding: at its price, or at its cost where there is none.
    pub(crate) fn worth(&self, position: &Position) -> i128 {
        match self.valuation_ticks(position.instrument) {
            0 => bounded(position.basis.cost_units),
            price => self.value(position.instrument, i128::from(position.quantity_lots), price),
        }
    }

    /// Cash, holdings at their prices, gains of futures.
    pub(crate) fn equity(&self, account: u32, currency_id: u16) -> i128 {
        let balance = self.ledger.find_balance(account, currency_id);
        let mut equity = balance.map_or(0, |balance| self.ledger.balance(balance).total);
        for position in self.ledger.positions_of(account) {
            let terms = &self.instruments.get(position.instrument).terms;
            if terms.currency_id == currency_id {
                let future = terms.features & feature::FUTURE != 0;
                let paid = if future { position.basis.cost_units } else { 0 };
                equity = equity.saturating_add(self.worth(position)).saturating_sub(paid);
            }
        }
        equity
    }

    /// What an account needs in a currency.
    pub(crate) fn requirement(&self, account: u32, currency_id: u16, rate: Rate) -> i128 {
        self.requirement_beside(account, currency_id, NONE, rate)
    }

    /// What an account needs in a currency, one underlying (table index) left out.
    pub(crate) fn requirement_beside(&self, account: u32, currency_id: u16, left_out: u32, rate: Rate) -> i128 {
        let mut total: i128 = 0;
        let mut from = self.ledger.first_position(account);
        while from != NONE {
            let root = self.instruments.root(self.ledger.position(from).instrument);
            if root != left_out && self.instruments.get(root).terms.currency_id == currency_id {
                total = total.saturating_add(self.requirement_of(account, root, None, rate));
            }
            from = self.next_underlying(from, root);
        }
        total
    }

    /// First position behind those of one underlying.
    fn next_underlying(&self, mut from: u32, root: u32) -> u32 {
        while from != NONE && self.instruments.root(self.ledger.position(from).instrument) == root {
            from = self.ledger.position(from).account_next;
        }
        from
    }

    /// What an account needs for one underlying (table indices), with a change of its open orders. O(positions in it, and those
    /// before them).
    pub(crate) fn requirement_of(&self, account: u32, root: u32, change: Option<Change>, rate: Rate) -> i128 {
        let with_orders = rate == Rate::Initial;
        let mut sums = Sums::default();
        self.each_leg(account, root, change, with_orders, |leg| {
            sums.range = self.rate_ppm(leg.instrument, rate).max(sums.range);
            if self.instruments.get(leg.instrument).terms.features & feature::OPTION != 0 {
                sums.options = Some(Default::default());
            }
        });
        self.each_leg(account, root, change, with_orders, |leg| {
            self.add_leg(&mut sums, leg, root, rate);
        });
        let parts = match sums.options {
            // What follows by the same share loses most at an end of the range.
            None => sums.ends[0].max(sums.ends[1]).max(0),
            Some(options) => {
                let losses = options
                    .iter()
                    .zip(sums.others)
                    .map(|(option, other)| option.saturating_add(other));
                let short = sums.short[0].max(0).saturating_add(sums.short[1].max(0));
                losses.max().unwrap_or(0).max(short).max(0)
            }
        };
        parts / PARTS + i128::from(parts % PARTS != 0)
    }

    /// Initial requirement of an underlying without a change of open orders and with it.
    pub(crate) fn requirements_of(&self, account: u32, root: u32, change: Change) -> (i128, i128) {
        self.requirements_alone(account, root, change).unwrap_or_else(|| {
            let before = self.requirement_of(account, root, None, Rate::Initial);
            let after = self.requirement_of(account, root, Some(change), Rate::Initial);
            (before, after)
        })
    }

    /// [`Engine::requirements_of`] where the instrument of the change is all that the account has in the underlying, and no
    /// option: its rate on the value of the position with its buys or with its sells, whichever is larger. `None` where
    /// that is not so, or where numbers pass 64 bits.
    fn requirements_alone(&self, account: u32, root: u32, change_of: Change) -> Option<(i128, i128)> {
        let terms = &self.instruments.get(change_of.instrument).terms;
        if terms.features & feature::OPTION != 0 {
            return None;
        }
        let lot = self
            .valuation_ticks(change_of.instrument)
            .checked_mul(terms.units_per_tick_lot)?;
        let (mut lots, mut buys, mut sells) = (0, 0, 0);
        for position in self.ledger.positions_of(account) {
            if position.instrument == change_of.instrument {
                lots = position.quantity_lots;
                (buys, sells) = (position.open_buy_lots, position.open_sell_lots);
            } else if self.instruments.root(position.instrument) == root && !Leg::of(position, true).is_empty() {
                return None;
            }
        }
        let ppm = i64::from(self.instruments.extra(change_of.instrument).terms.contract.initial_ppm);
        let needed = |buys: i64, sells: i64| {
            let most = lots.checked_add(buys)?.max(sells.checked_sub(lots)?).max(0);
            let value = lot.checked_mul(most)?;
            // What the whole millions need is whole, so only the rest is rounded.
            let (millions, rest) = (value / 1_000_000, value % 1_000_000);
            Some(i128::from(millions * ppm + (rest * ppm + 999_999) / 1_000_000))
        };
        let change = |open: i64, by: i128| open.checked_add(i64::try_from(by).ok()?);
        let before = needed(buys, sells)?;
        let after = needed(change(buys, change_of.buys)?, change(sells, change_of.sells)?)?;
        Some((before, after))
    }

    fn rate_ppm(&self, instrument: u32, rate: Rate) -> i128 {
        let contract = &self.instruments.extra(instrument).terms.contract;
        i128::from(match rate {
            Rate::Initial => contract.initial_ppm,
            Rate::Maintenance => contract.maintenance_ppm,
        })
    }

    fn each_leg(&self, account: u32, root: u32, change: Option<Change>, with_orders: bool, mut each: impl FnMut(Leg)) {
        let of_root = |position: &&Position| self.instruments.root(position.instrument) == root;
        let positions = self.ledger.positions_of(account);
        for position in positions.skip_while(|position| !of_root(position)).take_while(of_root) {
            let mut leg = Leg::of(position, with_orders);
            if let Some(change) = change.filter(|change| change.instrument == leg.instrument) {
                leg.buys += change.buys;
                leg.sells += change.sells;
            }
            if !leg.is_empty() {
                each(leg);
            }
        }
        let first = change.filter(|change| self.ledger.find_position(account, change.instrument).is_none());
        if let Some(Change {
            instrument,
            buys,
            sells,
        }) = first
        {
            let (lots, cost) = (0, 0);
            each(Leg {
                instrument,
                lots,
                buys,
                sells,
                cost,
            });
        }
    }

    fn add_leg(&self, sums: &mut Sums, leg: Leg, root: u32, rate: Rate) {
        let price = self.valuation_ticks(leg.instrument);
        let worth = Worth {
            held: if price == 0 {
                bounded(leg.cost)
            } else {
                self.value(leg.instrument, leg.lots, price)
            },
            bought: self.value(leg.instrument, leg.buys, price),
            sold: self.value(leg.instrument, -leg.sells, price),
        };
        if self.instruments.get(leg.instrument).terms.features & feature::OPTION != 0 {
            self.add_option(sums, &leg, &worth, root, rate);
            return;
        }
        let loss = |thirds: i128| {
            let share = thirds * sums.range * 2;
            -(worth.held * share).saturating_add((worth.bought * share).min(worth.sold * share).min(0))
        };
        if sums.options.is_none() {
            let [down, up] = [loss(-3), loss(3)];
            sums.ends = [sums.ends[0].saturating_add(down), sums.ends[1].saturating_add(up)];
            return;
        }
        let losses = MOVES.map(loss);
        for (sum, loss) in sums.others.iter_mut().zip(losses) {
            *sum = sum.saturating_add(loss);
        }
    }

    #[inline(never)]
    fn add_option(&self, sums: &mut Sums, leg: &Leg, worth: &Worth, root: u32, rate: Rate) {
        let contract = &self.instruments.extra(leg.instrument).terms.contract;
        let put = contract.option_kind == OptionKind::Put.number();
        let units = i128::from(contract.underlying_units);
        let underlying = i128::from(self.valuation_ticks(root));
        let range = sums.range;
        let gain = |lots: i128, value: i128, thirds: i128| {
            if underlying == 0 {
                return -value.abs() * PARTS;
            }
            let above = underlying * (PARTS + thirds * range * 2) - i128::from(contract.strike_ticks) * PARTS;
            let inside = if put { -above } else { above }.max(0);
            let then = inside.saturating_mul(units).saturating_mul(lots);
            then.clamp(-VALUE_MAX * PARTS, VALUE_MAX * PARTS) - value * PARTS
        };
        if let Some(losses) = &mut sums.options {
            for (loss, thirds) in losses.iter_mut().zip(MOVES) {
                let bought = gain(leg.buys, worth.bought, thirds);
                let sold = gain(-leg.sells, worth.sold, thirds);
                let gained = gain(leg.lots, worth.held, thirds).saturating_add(bought.min(sold).min(0));
                *loss = loss.saturating_sub(gained);
            }
        }
        let value = bounded((underlying * units).saturating_mul(leg.sells - leg.lots));
        let part = value * self.rate_ppm(leg.instrument, rate) * (PARTS / 2 / 1_000_000);
        let short = &mut sums.short[usize::from(put)];
        *short = short.saturating_add(part);
    }
}
