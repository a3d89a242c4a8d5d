//! Futures and options: their terms, what they are checked against, and what they are worth.
//!
//! A derivative is settled in the currency of its underlying, which is an instrument of the shard that derives from nothing
//! itself. `unitsPerTickLot` holds the multiplier already; it must equal tick times lot times multiplier exactly. A strike is
//! in ticks of the underlying. Margin rates may stand in the terms of any instrument.

use fulltape_tape::codes::{ErrorCode, ExerciseStyle, InstrumentKind, OptionKind};
use fulltape_tape::layout::{DefineInstrument, DerivativeTerms};

use crate::command::Command;
use crate::engine::Engine;
use crate::instruments::{Terms, feature};
use crate::reports::Refusal;
use crate::snapshot::{Damage, Fields, Stored};

/// Largest margin rate: the whole value.
pub const MARGIN_PPM_MAX: u32 = 1_000_000;

/// Terms of a derivative, and margin rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Engine time from which it is expired; 0 = never.
    pub expiry_nanos: u64,
    /// Strike in ticks of the underlying; 0 = not an option.
    pub strike_ticks: i64,
    /// Units of the underlying per lot unit; 0 = not a derivative.
    pub multiplier: i64,
    /// Margin before an order, in parts per million of the value.
    pub initial_ppm: u32,
    /// Margin that an account must keep, in parts per million of the value.
    pub maintenance_ppm: u32,
    /// Wire number of the `OptionKind`.
    pub option_kind: u8,
    /// Wire number of the `ExerciseStyle`.
    pub style: u8,
    /// Money units of one tick of the underlying times one lot of the option; 0 = not an option.
    pub underlying_units: i64,
}

impl Default for Contract {
    /// An instrument without terms of its own is paid in full.
    fn default() -> Self {
        Self {
            expiry_nanos: 0,
            strike_ticks: 0,
            multiplier: 0,
            initial_ppm: MARGIN_PPM_MAX,
            maintenance_ppm: MARGIN_PPM_MAX,
            option_kind: 0,
            style: 0,
            underlying_units: 0,
        }
    }
}

impl Contract {
    /// Bits of [`feature`] that it stands for.
    pub const fn features(&self) -> u8 {
        let kind = match (self.multiplier, self.strike_ticks) {
            (0, _) => 0,
            (_, 0) => feature::FUTURE,
            _ => feature::OPTION,
        };
        if self.expiry_nanos == 0 {
            kind
        } else {
            kind | feature::EXPIRES
        }
    }

    /// Ticks of the underlying by which an option is in the money at a price of it.
    pub fn intrinsic_ticks(&self, underlying_ticks: i64) -> i128 {
        let above = i128::from(underlying_ticks) - i128::from(self.strike_ticks);
        let put = self.option_kind == OptionKind::Put.number();
        if put { (-above).max(0) } else { above.max(0) }
    }

    /// The same contract at other margin rates.
    const fn same_but_margin(&self, other: &Self) -> bool {
        self.expiry_nanos == other.expiry_nanos
            && self.strike_ticks == other.strike_ticks
            && self.multiplier == other.multiplier
            && self.option_kind == other.option_kind
            && self.style == other.style
            && self.underlying_units == other.underlying_units
    }

    /// What the state hash takes in.
    pub const fn words(&self) -> [u64; 6] {
        [
            self.expiry_nanos,
            self.strike_ticks.cast_unsigned(),
            self.multiplier.cast_unsigned(),
            (self.initial_ppm as u64) | ((self.maintenance_ppm as u64) << 32),
            (self.option_kind as u64) | ((self.style as u64) << 8),
            self.underlying_units.cast_unsigned(),
        ]
    }
}

impl Stored for Contract {
    fn blank() -> Self {
        Self::default()
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            expiry_nanos,
            strike_ticks,
            multiplier,
            initial_ppm,
            maintenance_ppm,
            option_kind,
            style,
            underlying_units,
        } = self;
        io.u64(expiry_nanos)?;
        io.i64(strike_ticks)?;
        io.i64(multiplier)?;
        io.u32(initial_ppm)?;
        io.u32(maintenance_ppm)?;
        io.u8(option_kind)?;
        io.u8(style)?;
        io.i64(underlying_units)
    }
}

/// `10^exponent`, while it fits.
fn power(exponent: u32) -> Option<u128> {
    10_u128.checked_pow(exponent)
}

/// Money units of one tick of `tick` times one lot of `lot` times a multiplier, if they are whole.
fn units_of(tick: Scale, lot: Scale, money_exponent: u8, multiplier: i64) -> Option<i64> {
    let product = u128::from(tick.0)
        .checked_mul(u128::from(lot.0))?
        .checked_mul(u128::try_from(multiplier).ok()?)?;
    let below = u32::from(tick.1) + u32::from(lot.1);
    let above = u32::from(money_exponent);
    let units = if above >= below {
        product.checked_mul(power(above - below)?)?
    } else {
        let divisor = power(below - above)?;
        (product % divisor == 0).then_some(product / divisor)?
    };
    i64::try_from(units).ok().filter(|units| *units > 0)
}

/// Mantissa and decimals.
type Scale = (u32, u8);

/// Mantissa, decimals of the tick and of the lot, decimals of money, from the words that the terms keep.
fn scales(terms: &Terms) -> (Scale, Scale, u8) {
    let [mantissas, exponents, ..] = terms.symbol;
    let tick = (mantissas as u32, exponents as u8);
    let lot = ((mantissas >> 32) as u32, (exponents >> 8) as u8);
    (tick, lot, (exponents >> 16) as u8)
}

impl Engine {
    /// Reads the terms of a derivative, and the margin rates that any instrument may carry.
    pub(crate) fn contract_of(
        &self,
        command: &Command<'_>,
        definition: &DefineInstrument,
        terms: &Terms,
    ) -> Result<Contract, Refusal> {
        let invalid = Refusal::of(ErrorCode::InvalidInstrumentTerms);
        let kind = InstrumentKind::from_number(definition.instrument_kind).ok_or(invalid)?;
        let underlying = self.underlying_of(definition, terms, kind)?;
        let derives = matches!(kind, InstrumentKind::Future | InstrumentKind::Option);
        let Some(record) = command.extension::<DerivativeTerms>(DerivativeTerms::KIND) else {
            return if derives { Err(invalid) } else { Ok(Contract::default()) };
        };
        let margins =
            record.initial_margin_ppm <= MARGIN_PPM_MAX && record.maintenance_margin_ppm <= record.initial_margin_ppm;
        let option_kind = OptionKind::from_number(record.option_kind).ok_or(invalid)?;
        let style = ExerciseStyle::from_number(record.exercise_style).ok_or(invalid)?;
        let optional = option_kind != OptionKind::None && style != ExerciseStyle::None;
        let plain = option_kind == OptionKind::None && style == ExerciseStyle::None && record.strike_ticks == 0;
        let sound = match kind {
            InstrumentKind::Option => optional && record.strike_ticks > 0 && record.expiry_nanos != 0,
            InstrumentKind::Future => plain,
            _ => plain && record.expiry_nanos == 0 && record.multiplier == 0,
        };
        // The last nanosecond that can be counted is the mark of those that never expire.
        if !margins || !sound || record.expiry_nanos == u64::MAX {
            return Err(invalid);
        }
        let mut contract = Contract {
            expiry_nanos: record.expiry_nanos,
            strike_ticks: record.strike_ticks,
            multiplier: record.multiplier,
            initial_ppm: record.initial_margin_ppm,
            maintenance_ppm: record.maintenance_margin_ppm,
            option_kind: record.option_kind,
            style: record.exercise_style,
            underlying_units: 0,
        };
        if derives {
            let (tick, lot, money) = scales(terms);
            if units_of(tick, lot, money, record.multiplier) != Some(definition.units_per_tick_lot) {
                return Err(invalid);
            }
            if kind == InstrumentKind::Option {
                let (tick, _, _) = scales(&self.instruments.get(underlying.ok_or(invalid)?).terms);
                contract.underlying_units = units_of(tick, lot, money, record.multiplier).ok_or(invalid)?;
            }
        }
        Ok(contract)
    }

    /// The instrument that a definition derives from: one of the shard that derives from nothing, in the same currency.
    fn underlying_of(
        &self,
        definition: &DefineInstrument,
        terms: &Terms,
        kind: InstrumentKind,
    ) -> Result<Option<u32>, Refusal> {
        let invalid = Refusal::of(ErrorCode::InvalidInstrumentTerms);
        let (id, underlying_id) = (definition.instrument_id, definition.underlying_id);
        if underlying_id == 0 || underlying_id == id {
            return if kind == InstrumentKind::Option {
                Err(invalid)
            } else {
                Ok(None)
            };
        }
        let index = self.instruments.find(underlying_id).ok_or(invalid)?;
        let known = &self.instruments.get(index).terms;
        let root = self.instruments.root(index) == index && known.features & feature::OPTION == 0;
        if !root || known.currency_id != terms.currency_id {
            return Err(invalid);
        }
        Ok(Some(index))
    }

    /// Whether an instrument may take new terms: what positions and other instruments rest on stays as it is.
    pub(crate) fn check_redefinition(&self, index: u32, terms: &Terms, contract: &Contract) -> Result<(), Refusal> {
        let fixed = Refusal::of(ErrorCode::InstrumentExists);
        let known = self.instruments.get(index);
        let extra = self.instruments.extra(index);
        if extra.expired {
            return Err(Refusal::of(ErrorCode::InstrumentExpired));
        }
        let id = known.id;
        let root = |underlying: u32| if underlying == 0 { id } else { underlying };
        let moves = root(known.terms.underlying_id) != root(terms.underlying_id);
        let scale = scales(&known.terms) != scales(terms) || known.terms.currency_id != terms.currency_id;
        let worth = scale || known.terms.units_per_tick_lot != terms.units_per_tick_lot;
        let other = known.terms.kind != terms.kind || !extra.terms.contract.same_but_margin(contract);
        let derives = (known.terms.features | contract.features()) & feature::DERIVATIVE != 0;
        let used = extra.used && (moves || (derives && (worth || other)));
        let relied_on = extra.derivatives != 0 && (moves || scale || other);
        if known.open_orders != 0 || used || relied_on {
            return Err(fixed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_tick_times_lot_times_multiplier() {
        // 0.25 of an index point, one contract, 50 dollars a point, cents: 0.25 x 1 x 50 = 12.50 dollars = 1,250 cents.
        assert_eq!(units_of((25, 2), (1, 0), 2, 50), Some(1_250));
        // 0.01 x 0.001 in money of eight decimals: 0.00001 = 1,000 units.
        assert_eq!(units_of((1, 2), (1, 3), 8, 1), Some(1_000));
        // 0.01 x 0.001 in cents is no whole unit.
        assert_eq!(units_of((1, 2), (1, 3), 2, 1), None);
        assert_eq!(units_of((1, 0), (1, 0), 0, 0), None);
        assert_eq!(units_of((1, 0), (1, 0), 0, -1), None);
        assert_eq!(units_of((u32::MAX, 0), (u32::MAX, 0), 255, i64::MAX), None);
    }

    #[test]
    fn an_option_is_worth_what_it_is_in_the_money() {
        let option = |kind: OptionKind| Contract {
            strike_ticks: 100,
            option_kind: kind.number(),
            ..Contract::default()
        };
        for (price, call, put) in [(80, 0, 20), (100, 0, 0), (130, 30, 0)] {
            assert_eq!(option(OptionKind::Call).intrinsic_ticks(price), call);
            assert_eq!(option(OptionKind::Put).intrinsic_ticks(price), put);
        }
    }
}
