//! Tick tables: prices that are multiples of a step which grows with the price.
//!
//! A band holds from its first price to the first price of the next one; below the first band every tick is a price. Each
//! band begins at a multiple of its own step and of the step before it, so rounding never leaves a band at a price that its
//! neighbour does not have. Prices that somebody enters must lie on the table; prices that the engine works out are rounded:
//! limits away from the opposite side, triggers away from the market. O(bands), and nothing for instruments without bands.

use fulltape_tape::codes::{ErrorCode, Side};
use fulltape_tape::layout::TickBand;

use crate::command::Command;
use crate::engine::Engine;
use crate::instruments::feature;
use crate::reports::Refusal;
use crate::snapshot::{Damage, Fields, Stored};

/// Bands that fit behind the symbol of a definition; a derivative's terms take the place of two.
pub const BANDS_MAX: usize = 6;

/// One band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Band {
    from_ticks: i64,
    step_ticks: i64,
}

/// The bands of one instrument, ascending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickTable {
    bands: [Band; BANDS_MAX],
    count: u8,
}

impl TickTable {
    /// Reads the bands of a definition; `None` when they do not ascend or a band begins beside a step.
    pub fn of(command: &Command<'_>) -> Option<Self> {
        let mut table = Self::default();
        for record in command.extensions::<TickBand>(TickBand::KIND) {
            table.add(record.from_price_ticks0, record.step_ticks0)?;
            if record.from_price_ticks1 != 0 || record.step_ticks1 != 0 {
                table.add(record.from_price_ticks1, record.step_ticks1)?;
            }
        }
        Some(table)
    }

    fn add(&mut self, from_ticks: i64, step: u32) -> Option<()> {
        let step_ticks = i64::from(step);
        let count = usize::from(self.count);
        let before = count.checked_sub(1).map(|last| self.bands[last]);
        let sound = step_ticks > 0
            && from_ticks >= 0
            && from_ticks % step_ticks == 0
            && before.is_none_or(|band| from_ticks > band.from_ticks && from_ticks % band.step_ticks == 0);
        if !sound || count == BANDS_MAX {
            return None;
        }
        self.bands[count] = Band { from_ticks, step_ticks };
        self.count += 1;
        Some(())
    }

    /// There are no bands.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Step that applies at a price, in ticks.
    pub fn step(&self, price_ticks: i64) -> i64 {
        let bands = &self.bands[..usize::from(self.count)];
        bands
            .iter()
            .rev()
            .find(|band| price_ticks >= band.from_ticks)
            .map_or(1, |band| band.step_ticks)
    }

    /// The next price at or below.
    pub fn down(&self, price_ticks: i64) -> i64 {
        price_ticks - price_ticks.rem_euclid(self.step(price_ticks))
    }

    /// The next price at or above; the highest there is where none is above.
    pub fn up(&self, price_ticks: i64) -> i64 {
        let down = self.down(price_ticks);
        if down == price_ticks {
            return down;
        }
        down.checked_add(self.step(price_ticks)).unwrap_or(down)
    }

    /// What the state hash takes in.
    pub fn words(&self) -> [u64; 2 * BANDS_MAX] {
        let mut words = [0; 2 * BANDS_MAX];
        for (pair, band) in words.chunks_exact_mut(2).zip(&self.bands) {
            pair[0] = band.from_ticks.cast_unsigned();
            pair[1] = band.step_ticks.cast_unsigned();
        }
        words
    }
}

impl Stored for TickTable {
    fn blank() -> Self {
        Self::default()
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self { bands, count } = self;
        io.u8(count)?;
        if usize::from(*count) > BANDS_MAX {
            return Err("a tick table has too many bands");
        }
        for Band { from_ticks, step_ticks } in &mut bands[..usize::from(*count)] {
            io.i64(from_ticks)?;
            io.i64(step_ticks)?;
            if *step_ticks <= 0 {
                return Err("a tick table has no step");
            }
        }
        Ok(())
    }
}

impl Engine {
    /// A limit that the engine worked out, brought to the table: a buy's down, a sell's up.
    #[inline]
    pub(crate) fn next_valid_tick(&self, instrument: u32, side: Side, price_ticks: i64) -> i64 {
        if self.instruments.get(instrument).terms.features & feature::TICK_BANDS == 0 {
            return price_ticks;
        }
        self.on_table(instrument, side == Side::Sell, price_ticks)
    }

    /// A trigger that the engine worked out, brought to the table: never nearer to the market, so a buy's up, a sell's down.
    #[inline]
    pub(crate) fn next_valid_trigger(&self, instrument: u32, side: Side, price_ticks: i64) -> i64 {
        if self.instruments.get(instrument).terms.features & feature::TICK_BANDS == 0 {
            return price_ticks;
        }
        self.on_table(instrument, side == Side::Buy, price_ticks)
    }

    #[inline(never)]
    fn on_table(&self, instrument: u32, up: bool, price_ticks: i64) -> i64 {
        let ticks = &self.instruments.extra(instrument).terms.ticks;
        if up {
            ticks.up(price_ticks)
        } else {
            ticks.down(price_ticks)
        }
    }

    /// Refuses a price beside the table. Only for instruments with bands.
    #[inline(never)]
    pub(crate) fn check_tick(&self, instrument: u32, price_ticks: i64) -> Result<(), Refusal> {
        let step = self.instruments.extra(instrument).terms.ticks.step(price_ticks);
        if price_ticks % step == 0 {
            return Ok(());
        }
        Err(Refusal::bound(
            ErrorCode::PriceOffTickTable,
            i128::from(price_ticks),
            i128::from(step),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bands: &[(i64, u32)]) -> Option<TickTable> {
        let mut table = TickTable::default();
        for (from, step) in bands {
            table.add(*from, *step)?;
        }
        Some(table)
    }

    #[test]
    fn rounds_within_and_across_bands() {
        let table = table(&[(10, 5), (100, 20), (1_000, 500)]).expect("sound");
        for (price, down, up) in [
            (7, 7, 7),
            (10, 10, 10),
            (11, 10, 15),
            (99, 95, 100),
            (100, 100, 100),
            (101, 100, 120),
            (981, 980, 1_000),
            (1_001, 1_000, 1_500),
            (i64::MAX, i64::MAX - i64::MAX % 500, i64::MAX - i64::MAX % 500),
            (0, 0, 0),
            (-3, -3, -3),
        ] {
            assert_eq!((table.down(price), table.up(price)), (down, up), "{price}");
        }
    }

    #[test]
    fn every_rounding_lies_on_the_table() {
        let table = table(&[(0, 3), (9, 9), (90, 30), (900, 100)]).expect("sound");
        for price in 0..2_500 {
            for rounded in [table.down(price), table.up(price)] {
                assert_eq!(rounded % table.step(rounded), 0, "{price} to {rounded}");
            }
            assert!(table.down(price) <= price && table.up(price) >= price);
        }
    }

    #[test]
    fn bands_ascend_and_begin_on_both_steps() {
        for bands in [
            &[(10, 0)][..],
            &[(-10, 5)],
            &[(11, 5)],
            &[(10, 5), (10, 5)],
            &[(10, 5), (5, 5)],
            &[(10, 5), (24, 8)],
            &[(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)],
        ] {
            assert_eq!(table(bands), None, "{bands:?}");
        }
    }
}
