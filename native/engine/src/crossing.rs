//! The price at which a crossed book uncrosses.
//!
//! Candidates are the limits in the book and the reference price (clamped to the band, rounded down to the tick table), as far
//! as they lie in the band of the call. Of them are kept, in this order: those of the largest executable volume; of these
//! those of the smallest surplus; where the surplus of all that are left is on the buy side the highest, where it is on
//! the sell side the lowest; else the one nearest to the reference price (without one the lowest). Market orders, buys
//! above the band and sells below it can trade at every price of the band.
//!
//! What buys want never grows with the price and what sells offer never shrinks, so the price lies where the two
//! meet. A cursor stands there with both sums; orders that come and go change the sums, and the cursor walks to where they
//! meet now. Cost: O(levels crossed) for a new cursor, then O(levels between the old place and the new one), each step
//! O(depth of the price trie).
//!
//! Two siblings of a list are one order: their lots count at the leg that trades first, and the auction has one price. While an
//! instrument has active siblings the sums are taken anew, order by order: O(orders that cross).

use fulltape_tape::codes::Side;

use crate::engine::Engine;
use crate::orders::NONE;

/// What an auction would do at its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crossing {
    pub price_ticks: i64,
    /// Lots that trade.
    pub lots: i128,
    /// Lots wanted less lots offered at the price.
    pub surplus: i128,
}

/// A price, the lots that buys want at it and the lots that sells offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    price: i64,
    wanted: i128,
    offered: i128,
}

/// Neighbouring prices at which the same lots are wanted and offered.
#[derive(Clone, Copy)]
struct Stretch {
    first: i64,
    last: i64,
    at: Cursor,
}

/// A book as an auction sees it.
struct Call<'a> {
    engine: &'a Engine,
    instrument: u32,
    /// Lowest and highest price.
    band: (i64, i64),
}

impl Call<'_> {
    /// Price and lots of a level of limit orders.
    fn limit(&self, level: Option<u32>) -> Option<(i64, i128)> {
        let price = self.engine.levels.get(level?).price_ticks;
        let pairs = self.engine.instruments.get(self.instrument).walked != 0;
        (price != 0).then(|| {
            let lots = if pairs {
                self.engine.level_lots_once(level)
            } else {
                self.engine.level_lots(level)
            };
            (price, lots)
        })
    }

    /// As `limit`, of the first level from one on that has lots of its own: all but those of legs that count elsewhere.
    fn counting(&self, level: Option<u32>, next: impl Fn(i64) -> Option<u32>) -> Option<(i64, i128)> {
        let mut found = self.limit(level);
        while let Some((price, 0)) = found {
            found = self.limit(next(price));
        }
        found
    }

    /// A cursor at the best bid, with its sums taken anew.
    fn cursor(&self) -> Cursor {
        let book = &self.engine.instruments.get(self.instrument).book;
        let best = self.limit(book.best(Side::Buy)).map_or(self.band.0, |best| best.0);
        let mut cursor = Cursor {
            price: best.clamp(self.band.0, self.band.1),
            wanted: self.engine.level_lots(book.level(Side::Buy, 0)),
            offered: self.engine.level_lots(book.level(Side::Sell, 0)),
        };
        let mut bid = self.limit(book.best(Side::Buy));
        while let Some((price, lots)) = bid.filter(|(price, _)| *price >= cursor.price) {
            cursor.wanted += lots;
            bid = self.limit(book.after(Side::Buy, price));
        }
        // Above 0 stand the limits of sells.
        let mut ask = self.limit(book.worse(Side::Sell, 0));
        while let Some((price, lots)) = ask.filter(|(price, _)| *price <= cursor.price) {
            cursor.offered += lots;
            ask = self.limit(book.after(Side::Sell, price));
        }
        cursor
    }

    /// The next higher price of the band at which less is wanted or more offered.
    fn up(&self, from: Cursor) -> Option<Cursor> {
        let book = &self.engine.instruments.get(self.instrument).book;
        let bid = self.counting(book.at_least(Side::Buy, from.price), |price| {
            book.at_least(Side::Buy, price + 1)
        });
        let ask = self.counting(book.worse(Side::Sell, from.price), |price| {
            book.worse(Side::Sell, price)
        });
        // The largest notional bounds every limit, so there is a price behind it.
        let behind = bid.map(|bid| bid.0 + 1);
        let price = behind.into_iter().chain(ask.map(|ask| ask.0)).min()?;
        if price > self.band.1 {
            return None;
        }
        let gone = bid.filter(|bid| bid.0 + 1 == price).map_or(0, |bid| bid.1);
        let come = ask.filter(|ask| ask.0 == price).map_or(0, |ask| ask.1);
        Some(Cursor {
            price,
            wanted: from.wanted - gone,
            offered: from.offered + come,
        })
    }

    /// The next lower price of the band at which more is wanted or less offered.
    fn down(&self, from: Cursor) -> Option<Cursor> {
        let book = &self.engine.instruments.get(self.instrument).book;
        let bid = self.counting(book.worse(Side::Buy, from.price), |price| book.worse(Side::Buy, price));
        let ask = self.counting(book.at_least(Side::Sell, from.price), |price| {
            book.at_least(Side::Sell, price - 1)
        });
        let price = bid.map_or(0, |bid| bid.0).max(ask.map_or(0, |ask| ask.0 - 1));
        if price < self.band.0 {
            return None;
        }
        let come = bid.filter(|bid| bid.0 == price).map_or(0, |bid| bid.1);
        let gone = ask.filter(|ask| ask.0 - 1 == price).map_or(0, |ask| ask.1);
        Some(Cursor {
            price,
            wanted: from.wanted + come,
            offered: from.offered - gone,
        })
    }

    /// Walks to the highest price at which no less is wanted than offered, or as low as the band goes.
    fn meet(&self, mut at: Cursor) -> Cursor {
        while at.wanted < at.offered {
            let Some(lower) = self.down(at) else {
                return at;
            };
            at = lower;
        }
        while let Some(higher) = self.up(at).filter(|higher| higher.wanted >= higher.offered) {
            at = higher;
        }
        at
    }

    fn stretch(&self, at: Cursor) -> Stretch {
        Stretch {
            first: self.down(at).map_or(self.band.0, |lower| lower.price + 1),
            last: self.up(at).map_or(self.band.1, |higher| higher.price - 1),
            at,
        }
    }

    /// Lowest and highest limit of a stretch. Sums change where it begins and behind its end, so only limits that count elsewhere lie
    /// inside it.
    fn limits_of(&self, stretch: &Stretch) -> [Option<i64>; 2] {
        let instrument = self.engine.instruments.get(self.instrument);
        let book = &instrument.book;
        if instrument.walked == 0 {
            let begins = book.level(Side::Sell, stretch.first).is_some();
            let ends = book.level(Side::Buy, stretch.last).is_some();
            return [begins.then_some(stretch.first), ends.then_some(stretch.last)];
        }
        let price = |level| self.limit(level).map(|limit| limit.0);
        let low = [
            price(book.at_least(Side::Buy, stretch.first)),
            price(book.worse(Side::Sell, stretch.first - 1)),
        ];
        let high = [
            price(book.worse(Side::Buy, stretch.last.saturating_add(1))),
            price(book.at_least(Side::Sell, stretch.last)),
        ];
        let low = low.into_iter().flatten().min();
        let high = high.into_iter().flatten().max();
        [
            low.filter(|price| *price <= stretch.last),
            high.filter(|price| *price >= stretch.first),
        ]
    }

    /// The price that the rules choose, with the cursor where the sums meet.
    ///
    /// A stretch without a limit lies between one that ends with a bid and one that begins with an ask, so of the stretches on
    /// either side of the meeting point the next but one is the last that can hold the price.
    fn choose(&self, meeting: Cursor) -> Option<Crossing> {
        let higher = self.up(meeting);
        let stretches = [
            self.down(meeting),
            Some(meeting),
            higher,
            higher.and_then(|higher| self.up(higher)),
        ];
        let stretches = stretches.map(|at| at.map(|at| self.stretch(at)));
        let anchors = self.engine.auction_anchors(self.instrument, self.band);
        let mut candidates = [None; 16];
        for (four, stretch) in candidates.chunks_exact_mut(4).zip(stretches.iter().flatten()) {
            let inside = |price: &i64| (stretch.first..=stretch.last).contains(price);
            let [low, high] = self.limits_of(stretch);
            let [below, above] = anchors.map(|anchor| anchor.filter(inside));
            for (slot, price) in four.iter_mut().zip([low, high, below, above]) {
                *slot = price.map(|price_ticks| Crossing {
                    price_ticks,
                    lots: stretch.at.wanted.min(stretch.at.offered),
                    surplus: stretch.at.wanted - stretch.at.offered,
                });
            }
        }
        let candidates = candidates.into_iter().flatten();
        let volume = candidates.clone().map(|candidate| candidate.lots).max()?;
        if volume == 0 {
            return None;
        }
        let reference = Some(self.engine.anchor(self.instrument)).filter(|price| *price != 0);
        by_rules(candidates.filter(move |candidate| candidate.lots == volume), reference)
    }
}

/// Of prices with the same volume the one that the remaining rules choose.
fn by_rules(candidates: impl Iterator<Item = Crossing> + Clone, reference: Option<i64>) -> Option<Crossing> {
    let least = candidates.clone().map(|candidate| candidate.surplus.abs()).min()?;
    let tied = candidates.filter(move |candidate| candidate.surplus.abs() == least);
    if tied.clone().all(|candidate| candidate.surplus > 0) {
        return tied.max_by_key(|candidate| candidate.price_ticks);
    }
    if tied.clone().all(|candidate| candidate.surplus < 0) {
        return tied.min_by_key(|candidate| candidate.price_ticks);
    }
    // Prices between two tied limits are tied too: where the reference lies there, the valid prices around it are candidates themselves.
    tied.min_by_key(|candidate| {
        let distance = reference.map_or(0, |reference| candidate.price_ticks.abs_diff(reference));
        (distance, candidate.price_ticks)
    })
}

impl Engine {
    fn call(&self, instrument: u32) -> Call<'_> {
        let band = match self.instruments.extra(instrument).day.band {
            (0, 0) => (1, i64::MAX),
            band => band,
        };
        Call {
            engine: self,
            instrument,
            band,
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

    /// The reference price as a candidate: the valid prices of the band next to it, at or below and at or above.
    fn auction_anchors(&self, instrument: u32, band: (i64, i64)) -> [Option<i64>; 2] {
        let reference = self.anchor(instrument);
        if reference == 0 {
            return [None; 2];
        }
        let price = reference.clamp(band.0, band.1);
        let below = self.next_valid_tick(instrument, Side::Buy, price);
        let above = self.next_valid_tick(instrument, Side::Sell, price);
        // A table may have no price on a side.
        [
            Some(below).filter(|below| band.0 <= *below && *below <= price),
            Some(above).filter(|above| price <= *above && *above <= band.1),
        ]
    }

    /// Lots of the market orders of a side.
    pub(crate) fn market_lots(&self, instrument: u32, side: Side) -> i128 {
        self.level_lots(self.instruments.get(instrument).book.level(side, 0))
    }

    /// Price, volume and surplus at which the book of an instrument would uncross; `None` = nothing would trade.
    pub(crate) fn crossing(&self, instrument: u32) -> Option<Crossing> {
        let call = self.call(instrument);
        call.choose(call.meet(call.cursor()))
    }

    /// As `crossing`, from the cursor that the last command left.
    pub(crate) fn crossing_now(&mut self, instrument: u32) -> Option<Crossing> {
        if self.instruments.get(instrument).walked != 0 {
            // Which leg of a pair counts follows from where both stand: no sum of levels tells.
            self.days.set_cursor(instrument, None);
            return self.crossing(instrument);
        }
        let call = self.call(instrument);
        let left = self
            .days
            .cursor(instrument)
            .filter(|cursor| (call.band.0..=call.band.1).contains(&cursor.price));
        let meeting = call.meet(left.unwrap_or_else(|| call.cursor()));
        let crossing = call.choose(meeting);
        self.days.set_cursor(instrument, Some(meeting));
        crossing
    }

    /// Takes what the command changed at a price into the sums of its instrument's cursor.
    pub(crate) fn move_sums(&mut self, instrument: u32, side: Side, price_ticks: i64, by_lots: i128) {
        let Some(mut cursor) = self.days.cursor(instrument) else {
            return;
        };
        // Market orders stand at price 0.
        match side {
            Side::Buy if price_ticks == 0 || price_ticks >= cursor.price => cursor.wanted += by_lots,
            Side::Sell if price_ticks <= cursor.price => cursor.offered += by_lots,
            _ => return,
        }
        self.days.set_cursor(instrument, Some(cursor));
    }

    /// All lots of a level, hidden ones included.
    pub(crate) fn level_lots(&self, level: Option<u32>) -> i128 {
        level.map_or(0, |level| {
            let level = self.levels.get(level);
            i128::from(level.quantity_lots) + i128::from(level.hidden_lots)
        })
    }

    /// As `level_lots`, without legs whose lots count at their sibling's place already. O(orders of the level).
    #[inline(never)]
    fn level_lots_once(&self, level: Option<u32>) -> i128 {
        let mut next = level.map_or(NONE, |level| self.levels.get(level).head);
        let mut lots = 0;
        while next != NONE {
            let order = self.orders.get(next);
            if !self.counts_ahead(order) {
                lots += i128::from(order.leaves_lots);
            }
            next = order.next;
        }
        lots
    }
}
