//! Phases and auctions, by their rules: every candidate price is tried against every order.

use std::collections::BTreeSet;

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::checks::Wanted;
use super::orders::detail;
use super::state::{Order, Stage};
use super::{No, Reference, Verdict, no};

const CALLS: [u8; 4] = [2, 3, 5, 6];
const AUCTION_FORCES: [u8; 3] = [2, 5, 7];

/// Times in force for one auction alone.
pub(super) fn for_auction(order: &Order) -> bool {
    AUCTION_FORCES.contains(&order.shape.1)
}

fn may_follow(before: u8, after: u8) -> bool {
    // Closed 1, pre-open 2, opening 3, continuous 4, volatility 5, closing 6, post-close 7.
    match before {
        1 => [2, 3, 4].contains(&after),
        2 => [3, 4].contains(&after),
        3 => [4, 1].contains(&after),
        4 => after != 4,
        5 => [4, 6, 7, 1].contains(&after),
        6 => [7, 1].contains(&after),
        _ => [1, 2].contains(&after),
    }
}

fn successor(phase: u8) -> u8 {
    [0, 2, 3, 4, 6, 4, 7, 1][usize::from(phase)]
}

impl Reference {
    fn phase(&self, instrument: u32) -> u8 {
        self.state.instruments[&instrument].phase
    }

    /// Whether an order does not match now, and whether it waits outside the book.
    pub(super) fn gathered(&self, order: &Order) -> (bool, bool) {
        let phase = self.phase(order.instrument);
        if for_auction(order) {
            let takes_part = if order.shape.1 == 7 {
                phase == 6
            } else {
                CALLS.contains(&phase)
            };
            (true, !takes_part)
        } else {
            (CALLS.contains(&phase), false)
        }
    }

    /// Whether the phase takes a new order at all.
    pub(super) fn admit(&self, order: &Order, waits: bool) -> Verdict {
        let phase = self.phase(order.instrument);
        let call = CALLS.contains(&phase);
        let immediate = [3, 4].contains(&order.shape.1) || order.minimum != 0 || order.shape.0 == 10;
        let never_takes_or_all = order.shape.2 & (1 | 2 | 16) != 0;
        let refused = match phase {
            1 | 7 => true,
            _ if for_auction(order) => order.shape.1 == 2 && ![2, 3].contains(&phase),
            _ => call && !waits && (immediate || never_takes_or_all),
        };
        if refused {
            return Err(No(ErrorCode::MarketClosed, i128::from(phase), 0, 0));
        }
        Ok(())
    }

    /// New orders and larger ones are not taken.
    pub(super) fn closed_phase(&self, instrument: u32) -> Verdict {
        match self.phase(instrument) {
            phase @ (1 | 7) => Err(No(ErrorCode::MarketClosed, i128::from(phase), 0, 0)),
            _ => Ok(()),
        }
    }

    fn anchor(&self, instrument: u32) -> i128 {
        let known = &self.state.instruments[&instrument];
        if known.reference > 0 {
            i128::from(known.reference)
        } else {
            known.last
        }
    }

    fn collar_band(&self, instrument: u32) -> Option<(i128, i128)> {
        let (anchor, ppm) = (
            self.anchor(instrument),
            self.state.instruments[&instrument].terms.collar_ppm,
        );
        if anchor == 0 || ppm == 0 {
            return None;
        }
        let width = anchor * i128::from(ppm) / 1_000_000;
        Some(((anchor - width).max(1), (anchor + width).min(i128::from(i64::MAX))))
    }

    /// What holds a market buy: the end of the band.
    pub(super) fn market_bound(&self, order: &Order, later: bool) -> Result<i128, No> {
        if order.side == Side::Sell {
            return Ok(0);
        }
        let band = if later {
            self.collar_band(order.instrument)
        } else {
            self.state.instruments[&order.instrument].band
        };
        band.map(|band| band.1).ok_or(no(ErrorCode::NoReferencePrice))
    }

    /// A limit in a call does not lie beyond the band, unless nothing there trades with it.
    pub(super) fn check_band(&self, order: &Order) -> Verdict {
        let Some((low, high)) = self.state.instruments[&order.instrument].band else {
            return Ok(());
        };
        if order.price == 0 || (low <= order.price && order.price <= high) {
            return Ok(());
        }
        let bound = if order.price > high { high } else { low };
        let eager = (order.side == Side::Buy) == (order.price > high);
        let meets = self.state.orders.iter().any(|other| {
            other.instrument == order.instrument
                && other.side != order.side
                && other.stage == Stage::Resting
                && other.price > 0
                && if order.side == Side::Buy {
                    other.price <= order.price
                } else {
                    other.price >= order.price
                }
        });
        if eager || meets {
            return Err(No(ErrorCode::PriceOutsideCollar, order.price, bound, 0));
        }
        Ok(())
    }

    /// The reference price moved: the band follows while nothing crosses and no market order is there.
    pub(super) fn move_band(&mut self, instrument: u32) {
        if !CALLS.contains(&self.phase(instrument)) {
            return;
        }
        let (buys, sells) = (
            self.state.queue(instrument, Side::Buy),
            self.state.queue(instrument, Side::Sell),
        );
        let at_market = buys.iter().chain(&sells).any(|order| order.price == 0);
        let crossed = buys.iter().any(|buy| sells.iter().any(|sell| buy.price >= sell.price));
        if !at_market && !crossed {
            let band = self.collar_band(instrument);
            self.state.instruments.get_mut(&instrument).expect("known").band = band;
        }
        self.called.push(instrument);
    }

    /// Price, lots and surplus of an auction that ends now.
    pub fn auction(&self, instrument: u32) -> Option<(i128, i128, i128)> {
        let band = self.state.instruments[&instrument]
            .band
            .unwrap_or((1, i128::from(i64::MAX)));
        let orders: Vec<_> = self
            .state
            .orders
            .iter()
            .filter(|order| order.instrument == instrument && order.stage == Stage::Resting)
            .collect();
        let twin = |order: &Order| self.state.sibling(order).map(|at| self.state.orders[at].id);
        let anchor = Some(self.anchor(instrument)).filter(|price| *price != 0);
        let around: Vec<i128> = anchor
            .iter()
            .flat_map(|price| {
                let bands = &self.state.instruments[&instrument].bands;
                let price = (*price).clamp(band.0, band.1);
                let below = super::tick_tables::rounded(bands, false, price);
                let above = super::tick_tables::rounded(bands, true, price);
                // Where there is none above, it is the one below again.
                [below, above]
            })
            .filter(|price| band.0 <= *price && *price <= band.1)
            .collect();
        let mut candidates: BTreeSet<i128> = orders
            .iter()
            .map(|order| order.price)
            .filter(|price| band.0 <= *price && *price <= band.1)
            .collect();
        candidates.extend(around);
        // Of two siblings that would both trade at a price one counts, whichever: they have the same leaves.
        let lots = |side: Side, price: i128| -> i128 {
            let willing: Vec<_> = orders
                .iter()
                .filter(|order| order.side == side)
                .filter(|order| {
                    order.price == 0
                        || if side == Side::Buy {
                            order.price >= price
                        } else {
                            order.price <= price
                        }
                })
                .collect();
            let once = |order: &&&&Order| {
                twin(order).is_none_or(|twin| twin > order.id || !willing.iter().any(|other| other.id == twin))
            };
            willing.iter().filter(once).map(|order| order.leaves()).sum()
        };
        let tried: Vec<_> = candidates
            .into_iter()
            .map(|price| (price, lots(Side::Buy, price), lots(Side::Sell, price)))
            .collect();
        let volume = tried.iter().map(|(_, wanted, offered)| *wanted.min(offered)).max()?;
        if volume == 0 {
            return None;
        }
        let of_volume = tried
            .into_iter()
            .filter(|(_, wanted, offered)| *wanted.min(offered) == volume);
        let of_volume: Vec<_> = of_volume
            .map(|(price, wanted, offered)| (price, wanted - offered))
            .collect();
        let least = of_volume.iter().map(|(_, surplus)| surplus.abs()).min()?;
        let left: Vec<_> = of_volume
            .into_iter()
            .filter(|(_, surplus)| surplus.abs() == least)
            .collect();
        let chosen = if left.iter().all(|(_, surplus)| *surplus > 0) {
            left.iter().max()
        } else if left.iter().all(|(_, surplus)| *surplus < 0) {
            left.iter().min()
        } else {
            match anchor {
                Some(anchor) => left.iter().min_by_key(|(price, _)| (price - anchor).abs()),
                None => left.iter().min(),
            }
        };
        chosen.map(|(price, surplus)| (*price, volume, *surplus))
    }

    fn uncross(&mut self, instrument: u32) {
        let auction = self.auction(instrument);
        if let Some((price, mut volume, _)) = auction {
            let sorted = |side: Side| -> Vec<u64> {
                let mut queue: Vec<_> = self
                    .state
                    .queue(instrument, side)
                    .into_iter()
                    .filter(|order| {
                        order.price == 0
                            || if side == Side::Buy {
                                order.price >= price
                            } else {
                                order.price <= price
                            }
                    })
                    .collect();
                // The queue is by price and place; market orders come before it.
                queue.sort_by_key(|order| order.price != 0);
                queue.iter().map(|order| order.id).collect()
            };
            let (mut buys, mut sells) = (sorted(Side::Buy), sorted(Side::Sell));
            self.state.instruments.get_mut(&instrument).expect("known").last = price;
            while volume > 0 && !buys.is_empty() && !sells.is_empty() {
                let lots = self.fill_both(buys[0], sells[0], price, volume);
                volume -= lots;
                for side in [&mut buys, &mut sells] {
                    side.retain(|id| self.state.orders.iter().any(|order| order.id == *id));
                }
            }
        }
        let left: Vec<_> = self
            .state
            .orders
            .iter()
            .filter(|order| order.instrument == instrument && order.stage == Stage::Resting)
            .filter(|order| order.price == 0 || for_auction(order))
            .map(|order| order.id)
            .collect();
        for id in left {
            let order = self.state.orders.iter().find(|order| order.id == id).cloned();
            match (order, auction) {
                (Some(order), Some((price, ..))) if order.shape.0 == 5 => self.limit_to(order, price),
                _ => self.end_all(vec![id], CancelReason::AuctionRemainder),
            }
        }
    }

    /// What is left of a market-to-limit order goes on at the auction's price.
    fn limit_to(&mut self, old: Order, price: i128) {
        let mut new = old.clone();
        (new.price, new.trigger.1) = (price, 0);
        let units = i128::from(self.state.instruments[&old.instrument].terms.units_per_tick_lot);
        let level = self.state.level_total((old.instrument, old.side.number(), price));
        let range = i128::from(i64::MAX);
        let product = price * old.leaves();
        if product > range || product * units > 1 << 62 || level + old.leaves() > range {
            return self.end_all(vec![old.id], CancelReason::Risk);
        }
        self.touch_level(&old);
        self.touch_level(&new);
        new.priority = self.place_in_queue();
        new.show();
        let at = self
            .state
            .orders
            .iter()
            .position(|order| order.id == old.id)
            .expect("open");
        self.state.orders[at] = new.clone();
        self.moved(&new, 0, CancelReason::Repriced);
    }

    fn end_all(&mut self, orders: Vec<u64>, reason: CancelReason) {
        for id in orders {
            // A leg may have gone with its sibling.
            if !self.state.orders.iter().any(|order| order.id == id) {
                continue;
            }
            self.withdraw(id, ExecType::Canceled, OrderStatus::Canceled, reason, false);
        }
    }

    /// One fill between two resting orders; the buy is the maker. Gives the lots.
    fn fill_both(&mut self, buy: u64, sell: u64, price: i128, most: i128) -> i128 {
        let find = |reference: &Self, id: u64| {
            let found = reference.state.orders.iter().find(|order| order.id == id);
            found.expect("open").clone()
        };
        let (mut buy, mut sell) = (find(self, buy), find(self, sell));
        let lots = most.min(buy.leaves()).min(sell.leaves());
        let terms = self.state.instruments[&buy.instrument].terms;
        let value = price * lots * i128::from(terms.units_per_tick_lot);
        self.touch_level(&buy);
        self.touch_level(&sell);
        let buy_fee = self.pay(&mut buy, value, terms.taker_fee_ppm);
        let sell_fee = self.pay(&mut sell, value, terms.taker_fee_ppm);
        buy.filled += lots;
        sell.filled += lots;
        self.book_fill(&buy, lots, value, buy_fee);
        self.book_fill(&sell, lots, value, sell_fee);
        self.state.trades += 1;
        self.push(TradeReport {
            extension_count: 1,
            kind: 2,
            trade_id: self.state.trades,
            instrument_id: buy.instrument,
            trade_kind: 2,
            price_ticks: price as i64,
            quantity_lots: lots as i64,
            maker_order_id: buy.id,
            taker_order_id: sell.id,
            maker_account_id: buy.account,
            taker_account_id: sell.account,
            ..TradeReport::default()
        });
        self.push(TradeDetailReport {
            kind: 10,
            maker_leaves_lots: buy.leaves() as i64,
            taker_leaves_lots: sell.leaves() as i64,
            maker_cum_lots: buy.filled as i64,
            taker_cum_lots: sell.filled as i64,
            maker_fee_units: buy_fee as i64,
            taker_fee_units: sell_fee as i64,
            notional_units: value as i64,
            ..TradeDetailReport::default()
        });
        for mut order in [buy.clone(), sell.clone()] {
            let at = self
                .state
                .orders
                .iter()
                .position(|other| other.id == order.id)
                .expect("open");
            if order.leaves() == 0 {
                self.state.orders.remove(at);
                self.closed(order.id);
            } else {
                order.show();
                self.state.orders[at] = order;
            }
        }
        for order in [buy, sell] {
            self.leg_filled(&order, lots);
            if order.leaves() == 0 {
                self.leg_gone(&order, CancelReason::None);
            }
        }
        lots
    }

    /// Everything that a change of phase brings with it, triggers apart.
    pub(super) fn change_phase(&mut self, instrument: u32, phase: u8, reason: u16) {
        let known = self.state.instruments.get_mut(&instrument).expect("known");
        let before = known.phase;
        (known.phase, known.reason, known.shown) = (phase, reason, (0, 0, 0));
        self.instrument_report(instrument);
        match (CALLS.contains(&before), CALLS.contains(&phase)) {
            (false, true) => {
                let band = self.collar_band(instrument);
                self.state.instruments.get_mut(&instrument).expect("known").band = band;
            }
            (true, false) => {
                self.uncross(instrument);
                self.state.instruments.get_mut(&instrument).expect("known").band = None;
            }
            _ => {}
        }
        let of = |reference: &Self, wanted: &dyn Fn(&Order) -> bool| -> Vec<u64> {
            let orders = reference.state.orders.iter();
            orders
                .filter(|order| order.instrument == instrument && wanted(order))
                .map(|order| order.id)
                .collect()
        };
        if [1, 7].contains(&phase) {
            let waiting = of(self, &|order| order.stage == Stage::Called);
            self.end_all(waiting, CancelReason::MarketClosed);
        }
        if phase == 1 {
            for id in of(self, &|order| order.shape.1 == 8) {
                if !self.state.orders.iter().any(|order| order.id == id) {
                    continue;
                }
                self.withdraw(
                    id,
                    ExecType::Expired,
                    OrderStatus::Expired,
                    CancelReason::Expired,
                    false,
                );
            }
        }
        if CALLS.contains(&phase) {
            for id in of(self, &|order| order.stage == Stage::Called) {
                self.join(id);
            }
        }
        self.called.push(instrument);
    }

    /// An order whose auction begins comes into the book, if it were taken now.
    fn join(&mut self, id: u64) {
        let at = self.state.orders.iter().position(|order| order.id == id).expect("open");
        if self.gathered(&self.state.orders[at]).1 {
            return;
        }
        let mut order = self.state.orders.remove(at);
        let before = order.trigger.1;
        let bound = if order.at_market() {
            self.market_bound(&order, false)
        } else {
            Ok(before)
        };
        let verdict = bound.and_then(|bound| {
            order.trigger.1 = bound;
            self.check_gathered(&order)
        });
        if verdict.is_err() {
            order.trigger.1 = before;
        }
        let mut report = self.state_report(
            &order,
            order.leaves(),
            ExecType::Triggered,
            order.open_status(),
            CancelReason::None,
        );
        report.extension_count = 1;
        self.push(report);
        self.push(detail(&order));
        if let Err(No(code, ..)) = verdict {
            let reason = super::afterwards::reason_of(code);
            let report = self.state_report(&order, 0, ExecType::Canceled, OrderStatus::Canceled, reason);
            self.push(report);
            self.closed(order.id);
            return;
        }
        order.stage = Stage::Resting;
        order.priority = self.place_in_queue();
        self.settle(&mut order, true, false);
    }

    /// An order that comes into the book of a call now.
    pub(super) fn check_gathered(&self, order: &Order) -> Verdict {
        self.check(&Wanted {
            order,
            market: order.at_market(),
            rests: true,
            waits: false,
            collects: true,
            later: false,
            post_only: false,
            fill_or_kill: false,
            collar: true,
            old: None,
        })
    }

    /// The next change of phase of an instrument.
    fn next_change(&self, instrument: u32) -> Option<(u64, u32, u8)> {
        let known = &self.state.instruments[&instrument];
        let natural = (known.until != 0).then(|| (known.until, instrument, successor(known.phase)));
        let planned = known.plan.first().map(|(at, phase)| (*at, instrument, *phase));
        let first = match (planned, natural) {
            (Some(planned), Some(natural)) => Some(if planned.0 <= natural.0 { planned } else { natural }),
            (planned, natural) => planned.or(natural),
        };
        first.filter(|(_, _, phase)| self.may_uncross(instrument, *phase).is_ok())
    }

    fn may_uncross(&self, instrument: u32, after: u8) -> Verdict {
        let known = &self.state.instruments[&instrument];
        let uncrosses = CALLS.contains(&known.phase) && !CALLS.contains(&after);
        match (uncrosses, self.state.global == 3, known.state == 3) {
            (true, true, _) => Err(no(ErrorCode::GlobalHalt)),
            (true, _, true) => Err(no(ErrorCode::InstrumentHalted)),
            _ => Ok(()),
        }
    }

    /// Runs what the clock brings, in order of time. Gives how many timers fired.
    pub(super) fn run_clock(&mut self) -> u64 {
        let now = self.state.time;
        let mut fired = 0;
        loop {
            let change = self
                .state
                .instruments
                .keys()
                .filter_map(|id| self.next_change(*id))
                .filter(|(at, ..)| *at <= now)
                .min();
            let until = change.map_or(now, |(at, ..)| at);
            fired += self.run_timers(until);
            let Some((at, instrument, phase)) = change else {
                return fired;
            };
            fired += 1;
            let known = self.state.instruments.get_mut(&instrument).expect("known");
            if known.plan.first() == Some(&(at, phase)) {
                known.plan.remove(0);
            }
            known.until = 0;
            if known.phase != phase {
                self.change_phase(instrument, phase, 2);
            }
            self.hold_to_positions();
            self.run_lists();
            self.fill_whole();
            self.trip_prices();
            self.fire();
        }
    }

    pub(super) fn set_session(&mut self, records: &[Record]) -> Verdict {
        let c: &SetSession = records[0].view();
        let invalid = no(ErrorCode::InvalidArgument);
        if (c.instrument_id == 0) == (c.calendar_id == 0) {
            return Err(invalid);
        }
        let targets: Vec<u32> = self
            .state
            .instruments
            .iter()
            .filter(|(id, known)| {
                **id == c.instrument_id || (c.instrument_id == 0 && known.calendar() == c.calendar_id)
            })
            .map(|(id, _)| *id)
            .collect();
        if c.instrument_id != 0 && targets.is_empty() {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        if !(1..=7).contains(&c.phase) || c.reason > 9 {
            return Err(invalid);
        }
        let late = |at: u64, after: u64| No(ErrorCode::InvalidArgument, i128::from(at), i128::from(after), 0);
        let wrong = |before: u8, after: u8| {
            No(
                ErrorCode::InvalidSessionChange,
                i128::from(after),
                i128::from(before),
                0,
            )
        };
        let (mut before, mut after) = (c.phase, self.state.time);
        if c.until_nanos != 0 {
            if c.until_nanos <= after {
                return Err(late(c.until_nanos, after));
            }
            (before, after) = (successor(c.phase), c.until_nanos);
        }
        let mut plan = Vec::new();
        for record in records[1..].iter().filter(|record| record.kind() == SessionPlan::KIND) {
            let words: &SessionPlan = record.view();
            for (at, phase) in [
                (words.at_nanos0, words.phase0),
                (words.at_nanos1, words.phase1),
                (words.at_nanos2, words.phase2),
            ] {
                if (at, phase) == (0, 0) {
                    continue;
                }
                if !(1..=7).contains(&phase) {
                    return Err(invalid);
                }
                if at <= after {
                    return Err(late(at, after));
                }
                if !may_follow(before, phase) {
                    return Err(wrong(before, phase));
                }
                plan.push((at, phase));
                (before, after) = (phase, at);
            }
        }
        for id in &targets {
            let phase = self.phase(*id);
            if phase != c.phase && !may_follow(phase, c.phase) {
                return Err(wrong(phase, c.phase));
            }
            self.may_uncross(*id, c.phase)?;
        }
        let target = u64::from(c.instrument_id.max(c.calendar_id));
        self.done(SetSession::KIND, target, targets.len() as u64);
        for id in targets {
            let known = self.state.instruments.get_mut(&id).expect("known");
            (known.until, known.plan) = (c.until_nanos, plan.clone());
            if known.phase == c.phase {
                known.reason = c.reason;
                self.instrument_report(id);
            } else {
                self.change_phase(id, c.phase, c.reason);
            }
        }
        Ok(())
    }

    /// What the auction of an instrument would do now.
    pub fn indication(&self, instrument: u32) -> (i64, i64, i64) {
        if ![3, 5, 6].contains(&self.phase(instrument)) {
            return (0, 0, 0);
        }
        if let Some((price, lots, surplus)) = self.auction(instrument) {
            return (super::shown(price), super::shown(lots), super::shown(surplus));
        }
        let market = |side: Side| -> i128 {
            let queue = self.state.queue(instrument, side);
            queue
                .iter()
                .filter(|order| order.price == 0)
                .map(|order| order.leaves())
                .sum()
        };
        (0, 0, super::shown(market(Side::Buy) - market(Side::Sell)))
    }

    /// Reports indications that are other than they were, instruments in the order in which the command touched them.
    pub(super) fn show_indications(&mut self, touched: &[u32]) {
        let called = core::mem::take(&mut self.called);
        for instrument in touched.iter().copied().chain(called) {
            let now = self.indication(instrument);
            let auction = [3, 5, 6].contains(&self.phase(instrument));
            let known = self.state.instruments.get_mut(&instrument).expect("known");
            if auction && known.shown != now {
                known.shown = now;
                self.instrument_report(instrument);
            }
        }
    }
}
