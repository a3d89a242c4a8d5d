//! The price at which a crossed book uncrosses.
//!
//! Candidates are the limits in the book and the reference price (clamped to the band, rounded down to the tick table), as far
//! as they lie in the band of the call. Of them are
//! kept, in this order: those of the largest executable volume; of these those of the smallest surplus; where the
//! surplus of all that are left is on the buy side the highest, where it is on the sell side the lowest; else the one
//! nearest to the reference price (without one the lowest). Market orders, buys above the band and sells below it can
//! trade at every price of the band.
//!
//! Cost: O(levels whose orders trade) and no more, however deep the book.

use fulltape_tape::codes::Side;

use crate::engine::Engine;

/// What an auction would do at its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crossing {
    pub price_ticks: i64,
    /// Lots that trade.
    pub lots: i128,
    /// Lots wanted less lots offered at the price.
    pub surplus: i128,
}

/// One side's willingness up to the volume that trades, and two steps further.
#[derive(Clone, Copy)]
struct Curve {
    /// Worst price at which the side still trades the volume.
    edge: i64,
    /// The edge is the limit of orders and not the end of the band.
    limited: bool,
    /// Lots at the edge.
    lots: i128,
    /// The next worse limit in the band and the lots there.
    next: Option<(i64, i128)>,
    /// The one after it.
    after_next: Option<i64>,
}

impl Curve {
    /// Lots at a price between the edges; `None` behind two limits, where the surplus is larger than at the first.
    fn at(&self, side: Side, price: i64) -> Option<i128> {
        let behind = |limit: i64| match side {
            Side::Buy => price <= limit,
            Side::Sell => price >= limit,
        };
        match (self.next, self.after_next) {
            (_, Some(limit)) if behind(limit) => None,
            (Some((limit, lots)), _) if behind(limit) => Some(lots),
            _ => Some(self.lots),
        }
    }
}

/// Levels of one side in the band, best first, behind what trades at every price of the band.
struct Steps<'a> {
    engine: &'a Engine,
    instrument: u32,
    side: Side,
    /// Worst price of the band.
    end: i64,
    /// Price of the next level.
    next: Option<u32>,
}

impl Iterator for Steps<'_> {
    type Item = (i64, i128);

    fn next(&mut self) -> Option<(i64, i128)> {
        let level = self.engine.levels.get(self.next?);
        let price = level.price_ticks;
        let inside = match self.side {
            // The market orders of the buy side stand at price 0, behind all limits.
            Side::Buy => price >= self.end,
            Side::Sell => price <= self.end,
        };
        if !inside {
            return None;
        }
        self.next = self
            .engine
            .instruments
            .get(self.instrument)
            .book
            .after(self.side, price);
        Some((price, i128::from(level.quantity_lots) + i128::from(level.hidden_lots)))
    }
}

impl Engine {
    /// Lots of a level.
    fn level_lots(&self, level: Option<u32>) -> i128 {
        level.map_or(0, |level| {
            let level = self.levels.get(level);
            i128::from(level.quantity_lots) + i128::from(level.hidden_lots)
        })
    }

    /// Lots of the market orders of a side.
    pub(crate) fn market_lots(&self, instrument: u32, side: Side) -> i128 {
        self.level_lots(self.instruments.get(instrument).book.level(side, 0))
    }

    /// Lots that trade at every price of the band, and the levels inside it.
    fn steps(&self, instrument: u32, side: Side, band: (i64, i64)) -> (i128, Steps<'_>) {
        let book = &self.instruments.get(instrument).book;
        let mut lots = self.market_lots(instrument, side);
        let mut next = book.best(side);
        while let Some(level) = next.map(|index| self.levels.get(index)) {
            let beyond = match side {
                Side::Buy => level.price_ticks > band.1,
                Side::Sell => level.price_ticks < band.0,
            };
            if !beyond {
                break;
            }
            // A sell's market level is beyond every band too, and counted already.
            if level.price_ticks != 0 {
                lots += i128::from(level.quantity_lots) + i128::from(level.hidden_lots);
            }
            next = book.after(side, level.price_ticks);
        }
        let end = match side {
            Side::Buy => band.0,
            Side::Sell => band.1,
        };
        let steps = Steps {
            engine: self,
            instrument,
            side,
            end,
            next,
        };
        (lots, steps)
    }

    /// Largest volume that trades at one price of the band: both sides are widened in turns while they meet.
    fn crossing_lots(&self, instrument: u32, band: (i64, i64)) -> i128 {
        let (mut wanted, bids) = self.steps(instrument, Side::Buy, band);
        let (mut offered, asks) = self.steps(instrument, Side::Sell, band);
        let (mut bids, mut asks) = (bids.peekable(), asks.peekable());
        let (mut lowest, mut highest) = band;
        loop {
            if wanted <= offered {
                match bids.next_if(|(price, _)| *price >= lowest) {
                    Some((price, lots)) => (highest, wanted) = (price, wanted + lots),
                    None => return wanted,
                }
            } else {
                match asks.next_if(|(price, _)| *price <= highest) {
                    Some((price, lots)) => (lowest, offered) = (price, offered + lots),
                    None => return offered,
                }
            }
        }
    }

    fn curve(&self, instrument: u32, side: Side, band: (i64, i64), volume: i128) -> Curve {
        let (mut lots, mut steps) = self.steps(instrument, side, band);
        let mut edge = match side {
            Side::Buy => band.1,
            Side::Sell => band.0,
        };
        let mut limited = false;
        while lots < volume {
            let Some(step) = steps.next() else {
                break;
            };
            (edge, limited, lots) = (step.0, true, lots + step.1);
        }
        let next = steps.next().map(|step| (step.0, lots + step.1));
        let after_next = steps.next().map(|step| step.0);
        Curve {
            edge,
            limited,
            lots,
            next,
            after_next,
        }
    }

    /// Price that auctions look at where the book leaves a choice: the reference price, else the last trade; 0 = none.
    pub(crate) fn anchor(&self, instrument: u32) -> i64 {
        let instrument = self.instruments.get(instrument);
        if instrument.reference_price_ticks > 0 {
            instrument.reference_price_ticks
        } else {
            instrument.last_price_ticks
        }
    }

    /// Price, volume and surplus at which the book of an instrument would uncross; `None` = nothing would trade.
    pub(crate) fn crossing(&self, instrument: u32) -> Option<Crossing> {
        let band = match self.instruments.extra(instrument).day.band {
            (0, 0) => (1, i64::MAX),
            band => band,
        };
        let lots = self.crossing_lots(instrument, band);
        if lots == 0 {
            return None;
        }
        let buys = self.curve(instrument, Side::Buy, band, lots);
        let sells = self.curve(instrument, Side::Sell, band, lots);
        let anchor = match self.anchor(instrument) {
            0 => None,
            price => Some(self.next_valid_tick(instrument, Side::Buy, price.clamp(band.0, band.1))),
        };
        let anchor = anchor.filter(|price| *price >= band.0);
        let candidates = [
            buys.limited.then_some(buys.edge),
            sells.limited.then_some(sells.edge),
            buys.next.map(|next| next.0),
            sells.next.map(|next| next.0),
            anchor,
        ];
        let inside = candidates
            .into_iter()
            .flatten()
            .filter(|price| (sells.edge..=buys.edge).contains(price));
        let worth = inside.filter_map(|price_ticks| {
            let (wanted, offered) = (buys.at(Side::Buy, price_ticks)?, sells.at(Side::Sell, price_ticks)?);
            let surplus = wanted - offered;
            Some(Crossing {
                price_ticks,
                lots,
                surplus,
            })
        });
        choose(worth, anchor)
    }
}

/// Of prices with the same volume the one that the remaining rules choose.
fn choose(candidates: impl Iterator<Item = Crossing> + Clone, anchor: Option<i64>) -> Option<Crossing> {
    let least = candidates.clone().map(|candidate| candidate.surplus.abs()).min()?;
    let tied = candidates.filter(move |candidate| candidate.surplus.abs() == least);
    if tied.clone().all(|candidate| candidate.surplus > 0) {
        return tied.max_by_key(|candidate| candidate.price_ticks);
    }
    if tied.clone().all(|candidate| candidate.surplus < 0) {
        return tied.min_by_key(|candidate| candidate.price_ticks);
    }
    // Prices between two tied limits are tied too: where the reference lies there it is a candidate itself.
    tied.min_by_key(|candidate| match anchor {
        Some(anchor) => (candidate.price_ticks.abs_diff(anchor), 0),
        None => (0, candidate.price_ticks),
    })
}
