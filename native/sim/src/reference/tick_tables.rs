//! The rules of tick tables: which prices there are, found by trying.

use fulltape_tape::Record;
use fulltape_tape::codes::ErrorCode;
use fulltape_tape::layout::TickBand;

use super::{No, Verdict};

/// First price and step of each band, ascending.
pub type Bands = Vec<(i128, i128)>;

/// The bands behind a definition, if they make a table.
pub fn bands_of(records: &[Record]) -> Option<Bands> {
    let mut bands = Bands::new();
    for record in records.iter().filter(|record| record.kind() == TickBand::KIND) {
        let pair: &TickBand = record.view();
        bands.push((pair.from_price_ticks0.into(), pair.step_ticks0.into()));
        if (pair.from_price_ticks1, pair.step_ticks1) != (0, 0) {
            bands.push((pair.from_price_ticks1.into(), pair.step_ticks1.into()));
        }
    }
    let alone = bands
        .iter()
        .all(|(from, step)| *step > 0 && *from >= 0 && from % step == 0);
    let joined = bands
        .windows(2)
        .all(|two| two[0].0 < two[1].0 && two[1].0 % two[0].1 == 0);
    (alone && joined && bands.len() <= 6).then_some(bands)
}

fn step(bands: &Bands, price: i128) -> i128 {
    let below: Vec<_> = bands.iter().filter(|(from, _)| *from <= price).collect();
    below.last().map_or(1, |(_, step)| *step)
}

/// Whether a price may be entered.
pub fn check(bands: &Bands, price: i128) -> Verdict {
    match step(bands, price) {
        step if price % step == 0 => Ok(()),
        step => Err(No(ErrorCode::PriceOffTickTable, price, step, 0)),
    }
}

/// The nearest price of the table in a direction.
pub fn rounded(bands: &Bands, up: bool, price: i128) -> i128 {
    let legal = |price: &i128| check(bands, *price).is_ok();
    let far = 1 << 33;
    let found = if up {
        (price..price + far)
            .find(legal)
            .filter(|price| *price <= i128::from(i64::MAX))
    } else {
        None
    };
    found.unwrap_or_else(|| (price - far..=price).rev().find(legal).expect("a price below"))
}
