//! The rules of futures and options: terms, expiry, settlement.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::{No, Reference, Verdict, extension, no};

/// Terms of a derivative, and margin rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Instrument kind.
    pub kind: u8,
    /// Time of expiry; 0 = never.
    pub expiry: u64,
    /// Strike of an option.
    pub strike: i128,
    /// Multiplier.
    pub multiplier: i128,
    /// Initial and maintenance margin in parts per million.
    pub margin: (i128, i128),
    /// It is a put.
    pub put: bool,
    /// Exercise style.
    pub style: u8,
    /// Money units of a tick of the underlying times a lot of the option.
    pub underlying_units: i128,
}

impl Contract {
    /// It is a future.
    pub fn is_future(&self) -> bool {
        self.kind == 3
    }

    /// It is an option.
    pub fn is_option(&self) -> bool {
        self.kind == 4
    }

    /// It is one of the two.
    pub fn derives(&self) -> bool {
        self.is_future() || self.is_option()
    }

    /// What a lot of an option is worth at expiry, in money units.
    pub fn intrinsic(&self, underlying: i128) -> i128 {
        let above = underlying - self.strike;
        let ticks = if self.put { -above } else { above };
        ticks.max(0) * self.underlying_units
    }
}

/// Tick times lot times multiplier in money units: both sides of the equation brought to whole numbers.
fn units(tick: (u32, u8), lot: (u32, u8), money: u8, multiplier: i64) -> Option<i128> {
    let product = i128::from(tick.0) * i128::from(lot.0) * i128::from(multiplier);
    let decimals = i32::from(tick.1) + i32::from(lot.1) - i32::from(money);
    let scale = 10_i128.checked_pow(decimals.unsigned_abs())?;
    let units = if decimals <= 0 {
        product.checked_mul(scale)?
    } else if product % scale == 0 {
        product / scale
    } else {
        return None;
    };
    (1..=i128::from(i64::MAX)).contains(&units).then_some(units)
}

impl Reference {
    /// The instrument that another derives from; itself where it derives from none.
    pub fn root(&self, id: u32) -> u32 {
        match self.state.instruments[&id].terms.underlying_id {
            0 => id,
            underlying => underlying,
        }
    }

    pub(super) fn contract_of(&self, records: &[Record], symbol: &InstrumentSymbol) -> Option<Contract> {
        let c: &DefineInstrument = records[0].view();
        let kind = c.instrument_kind;
        let derives = kind == 3 || kind == 4;
        let alone = c.underlying_id == 0 || c.underlying_id == c.instrument_id;
        if alone && kind == 4 {
            return None;
        }
        let mut underlying_tick = (0, 0);
        if !alone {
            let underlying = self.state.instruments.get(&c.underlying_id)?;
            let first = self.root(c.underlying_id) == c.underlying_id;
            if !first || underlying.contract.is_option() || underlying.terms.currency_id != c.currency_id {
                return None;
            }
            underlying_tick = (underlying.symbol[0] as u32, underlying.symbol[1] as u8);
        }
        let terms: Option<&DerivativeTerms> = extension(records, DerivativeTerms::KIND);
        let Some(terms) = terms else {
            let paid_in_full = Contract {
                kind,
                expiry: 0,
                strike: 0,
                multiplier: 0,
                margin: (1_000_000, 1_000_000),
                put: false,
                style: 0,
                underlying_units: 0,
            };
            return (!derives).then_some(paid_in_full);
        };
        let (initial, maintenance) = (terms.initial_margin_ppm, terms.maintenance_margin_ppm);
        let option_terms = (terms.option_kind, terms.exercise_style, terms.strike_ticks);
        let fits = match kind {
            4 => [1, 2].contains(&option_terms.0) && [1, 2].contains(&option_terms.1) && option_terms.2 > 0,
            _ => option_terms == (0, 0, 0),
        };
        let dated = match kind {
            4 => terms.expiry_nanos != 0,
            3 => true,
            _ => terms.expiry_nanos == 0 && terms.multiplier == 0,
        };
        let counted = terms.expiry_nanos != u64::MAX;
        if !fits || !dated || !counted || initial > 1_000_000 || maintenance > initial {
            return None;
        }
        let lot = (symbol.lot_mantissa, symbol.lot_exponent);
        let worth = |tick| units(tick, lot, symbol.money_exponent, terms.multiplier);
        let own_tick = (symbol.tick_mantissa, symbol.tick_exponent);
        if derives && worth(own_tick) != Some(i128::from(c.units_per_tick_lot)) {
            return None;
        }
        let underlying_units = if kind == 4 { worth(underlying_tick)? } else { 0 };
        Some(Contract {
            kind,
            expiry: terms.expiry_nanos,
            strike: i128::from(terms.strike_ticks),
            multiplier: i128::from(terms.multiplier),
            margin: (i128::from(initial), i128::from(maintenance)),
            put: terms.option_kind == 2,
            style: terms.exercise_style,
            underlying_units,
        })
    }

    /// Whether new terms leave alone what positions and other instruments rest on.
    pub(super) fn may_change(&self, id: u32, terms: &DefineInstrument, symbol: &[u64; 6], contract: &Contract) -> bool {
        let known = &self.state.instruments[&id];
        let scale = |words: &[u64; 6]| (words[0], words[1] & 0xff_ffff);
        let same_root = self.root(id)
            == match terms.underlying_id {
                0 => id,
                underlying => underlying,
            };
        let same_scale = scale(&known.symbol) == scale(symbol) && known.terms.currency_id == terms.currency_id;
        let but_margin = Contract {
            margin: known.contract.margin,
            ..*contract
        };
        let same_contract = but_margin == known.contract;
        let same_units = known.terms.units_per_tick_lot == terms.units_per_tick_lot;
        let derives = known.contract.derives() || contract.derives();
        let others = self.state.instruments.keys();
        let relied_on = others.clone().any(|other| *other != id && self.root(*other) == id);
        let used_well = !known.used || (same_root && (!derives || (same_scale && same_units && same_contract)));
        used_well && (!relied_on || (same_root && same_scale && same_contract))
    }

    pub(super) fn expire(&mut self, id: u32) -> u64 {
        let of = self.state.orders.iter().filter(|order| order.instrument == id);
        let open: Vec<_> = of.map(|order| order.id).collect();
        let gone = open.len() as u64;
        self.cancel_ids(&open, CancelReason::InstrumentExpired);
        let known = self.state.instruments.get_mut(&id).expect("known");
        known.expired = true;
        (known.state, known.reason) = (3, u16::from(StateReason::Expiry.number()));
        self.instrument_report(id);
        gone
    }

    pub(super) fn settle_instrument(&mut self, c: &SettleInstrument) -> Verdict {
        let id = c.instrument_id;
        let known = self.state.instruments.get(&id);
        let known = known.ok_or(no(ErrorCode::UnknownInstrumentId))?.clone();
        let price = i128::from(c.settlement_price_ticks);
        if !known.contract.derives() {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if price <= 0 {
            return Err(No(ErrorCode::PriceNotPositive, price, 1, 0));
        }
        match known.settled {
            Some(settled) if settled == price => {
                self.done(SettleInstrument::KIND, u64::from(id), 0);
                return Ok(());
            }
            Some(settled) => return Err(No(ErrorCode::InstrumentExpired, price, settled, 0)),
            None => {}
        }
        if known.contract.is_option() && !known.expired {
            let (now, expiry) = (i128::from(self.state.time), i128::from(known.contract.expiry));
            return Err(No(ErrorCode::InstrumentNotExpired, now, expiry, 0));
        }
        let lot = if known.contract.is_future() {
            price * i128::from(known.terms.units_per_tick_lot)
        } else {
            known.contract.intrinsic(price)
        };
        let open = self.state.positions.iter();
        let open: Vec<_> = open
            .filter(|(key, position)| key.1 == id && position.lots != 0)
            .map(|(key, position)| (*key, *position))
            .collect();
        let mut paid = Vec::new();
        for (_, position) in &open {
            let value = lot.saturating_mul(position.lots);
            let cash = value.saturating_sub(if known.contract.is_future() { position.cost } else { 0 });
            if cash.abs() > i128::from(i64::MAX) {
                return Err(No(ErrorCode::LedgerOverflow, cash, i128::from(i64::MAX), 0));
            }
            paid.push((value, cash));
        }
        self.done(SettleInstrument::KIND, u64::from(id), open.len() as u64);
        let currency = known.terms.currency_id;
        for ((key, _), (value, cash)) in open.iter().zip(paid) {
            *self.state.cash.entry((key.0, currency)).or_default() += cash;
            *self.state.clearing.entry(currency).or_default() -= cash;
            self.settled_cash.insert((key.0, currency));
            self.moved_lots.insert(*key);
            let position = self.state.positions.get_mut(key).expect("open");
            position.realized += value - position.cost;
            position.cost = value;
            if known.expired {
                (position.lots, position.cost) = (0, 0);
            }
        }
        if known.expired {
            self.state.instruments.get_mut(&id).expect("known").settled = Some(price);
        }
        Ok(())
    }
}
