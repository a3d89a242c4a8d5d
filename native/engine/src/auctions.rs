//! Calls: what becomes of orders that collect, and the uncross that ends a call.
//!
//! Allocation at the auction price: market orders first, then by price, then by place in the queue, whole orders (what
//! an iceberg hides and hidden orders included). Fills are between two resting orders: the buy is reported as maker,
//! the sell as taker, both pay the taker's fee. Self-trade prevention does not apply: it would change the price that it
//! follows from. What an iceberg shows is made anew from its rest, in its place. What is left of market orders and of
//! orders for the auction alone is cancelled.
//!
//! Cost: O(orders filled) and O(levels touched).

use fulltape_tape::codes::{CancelReason, ErrorCode, ExecType, OrderType, Side, TimeInForce, TradeKind, TradingPhase};
use fulltape_tape::layout::{TradeDetailReport, TradeReport};

use crate::book::Touching;
use crate::checks::{Held, Proposal, notional};
use crate::crossing::Crossing;
use crate::engine::Engine;
use crate::explain::{Note, Step, ended_note};
use crate::fees;
use crate::instruments::feature;
use crate::orders::{NONE, Order};
use crate::parts_per_million::part_of;
use crate::phases::Entry;
use crate::reports::{Happening, Out, Refusal, ReportSink, clamp, order_state};
use crate::settlement::FutureFill;
use crate::slot_heap::Member;
use crate::trading_days::{Indication, is_auction, is_call};
use crate::triggers::{reason_of, trades_at_market};

/// An order for one auction alone.
pub(crate) const fn is_for_auction(time_in_force: u8) -> bool {
    time_in_force == TimeInForce::AtTheOpening.number()
        || time_in_force == TimeInForce::AtTheClose.number()
        || time_in_force == TimeInForce::GoodForAuction.number()
}

/// Whether orders of this time in force are in the book in this call.
pub(crate) const fn takes_part(time_in_force: u8, phase: TradingPhase) -> bool {
    if time_in_force == TimeInForce::AtTheClose.number() {
        matches!(phase, TradingPhase::ClosingAuction)
    } else {
        is_call(phase)
    }
}

impl Engine {
    /// The band of a call that begins now: the collar around the reference price; zeros = any price.
    pub(crate) fn band_now(&self, instrument: u32) -> (i64, i64) {
        let anchor_ticks = self.anchor(instrument);
        let collar_ppm = i64::from(self.instruments.get(instrument).terms.collar_ppm);
        if anchor_ticks == 0 || collar_ppm == 0 {
            return (0, 0);
        }
        let (anchor, width) = (i128::from(anchor_ticks), part_of(anchor_ticks, collar_ppm));
        (clamp((anchor - width).max(1)), clamp(anchor + width))
    }

    /// Gives the call of an instrument its band: where it begins, and where the reference price moves before anything crosses.
    pub(crate) fn set_band(&mut self, instrument: u32) {
        let band = self.band_now(instrument);
        self.instruments.extra_mut(instrument).day.band = band;
    }

    /// The reference price of an instrument in a call moved.
    #[inline(never)]
    pub(crate) fn move_band(&mut self, instrument: u32) {
        let book = &self.instruments.get(instrument).book;
        let best = |side| book.best(side).map(|level| self.levels.get(level).price_ticks);
        // Orders that met under the old band, and money held for market orders by it, hold it in place.
        let crossed = match (best(Side::Buy), best(Side::Sell)) {
            (Some(bid), Some(ask)) => bid >= ask,
            _ => false,
        };
        if !crossed && book.level(Side::Buy, 0).is_none() && book.level(Side::Sell, 0).is_none() {
            self.set_band(instrument);
        }
    }

    /// Price at which a market order that collects is held: the band's end for a buy, 0 for a sell.
    pub(crate) fn market_bound(&self, instrument: u32, side: Side, later: bool) -> Result<i64, Refusal> {
        let band = if later {
            self.band_now(instrument)
        } else {
            self.instruments.extra(instrument).day.band
        };
        match side {
            Side::Sell => Ok(0),
            Side::Buy if band.1 == 0 => Err(Refusal::of(ErrorCode::NoReferencePrice)),
            Side::Buy => Ok(band.1),
        }
    }

    /// Limits in a call: none beyond the band on the side from which it trades, and none that would trade only beyond it.
    pub(crate) fn check_band(&self, order: &Proposal) -> Result<(), Refusal> {
        let (low, high) = self.instruments.extra(order.instrument).day.band;
        let price = order.price_ticks;
        if high == 0 || price == 0 || (low..=high).contains(&price) {
            return Ok(());
        }
        let bound = if price > high { high } else { low };
        let book = &self.instruments.get(order.instrument).book;
        let outside = match order.side {
            Side::Buy if price > high => true,
            Side::Sell if price < low => true,
            Side::Buy => {
                let limit = match book.best(Side::Sell).map(|level| self.levels.get(level).price_ticks) {
                    Some(0) => book
                        .after(Side::Sell, 0)
                        .map(|level| self.levels.get(level).price_ticks),
                    limit => limit,
                };
                limit.is_some_and(|ask| ask <= price)
            }
            Side::Sell => book
                .best(Side::Buy)
                .is_some_and(|level| self.levels.get(level).price_ticks >= price),
        };
        if outside {
            return Err(Refusal::bound(
                ErrorCode::PriceOutsideCollar,
                i128::from(price),
                i128::from(bound),
            ));
        }
        Ok(())
    }

    /// Puts an order that does not match now to its place: in the book of the call, or to those that wait for their auction.
    pub(crate) fn collect(&mut self, index: u32) {
        if self.waits_for_auction(index) {
            self.hold(index);
            self.wait_for_auction(index);
        } else {
            self.rest(index);
        }
    }

    /// Whether an order that is in no book waits for its auction.
    pub(crate) fn waits_for_auction(&self, index: u32) -> bool {
        let order = self.orders.get(index);
        self.entry_of(order.instrument, order.time_in_force) == Entry::Later
    }

    /// Puts an order to those that wait for their auction.
    pub(crate) fn wait_for_auction(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let member = Member {
            key: 0,
            id: order.id,
            slot: index,
        };
        let orders = &mut self.orders;
        self.days
            .waiting(order.instrument)
            .insert(member, |slot, position| orders.set_auction_position(slot, position));
    }

    /// Takes an order from those that wait for their auction, if it is among them.
    pub(crate) fn leave_auction(&mut self, index: u32) {
        let order = *self.orders.get(index);
        let position = self.orders.specials.get(order.special).auction_position;
        if position == NONE {
            return;
        }
        let orders = &mut self.orders;
        self.days
            .waiting(order.instrument)
            .remove(position, |slot, position| orders.set_auction_position(slot, position));
        self.orders.set_auction_position(index, NONE);
    }

    /// Slots of the orders that wait for an auction of an instrument, oldest first.
    fn find_waiting(&mut self, instrument: u32) -> Vec<u32> {
        let mut found = core::mem::take(&mut self.found);
        found.clear();
        let waiting = self.days.waiting(instrument);
        found.extend((0..).map_while(|at| waiting.slot_at(at)));
        found.sort_unstable_by_key(|index| self.orders.get(*index).id);
        found
    }

    /// A call began: the orders that waited for it join the book, oldest first, each checked as if it came in now.
    pub(crate) fn join_call<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) {
        if self.days.waiting(instrument).first().is_none() {
            return;
        }
        let phase = self.instruments.get(instrument).phase;
        let found = self.find_waiting(instrument);
        for &index in &found {
            if takes_part(self.orders.get(index).time_in_force, phase) {
                self.join_auction(index, out);
            }
        }
        self.found = found;
    }

    fn join_auction<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        let order = *self.orders.get(index);
        self.leave_auction(index);
        let ids = self.ids(order.account, order.instrument);
        let what = Happening {
            exec_type: ExecType::Triggered,
            status: order.open_status(),
            reason: CancelReason::None,
        };
        let market = trades_at_market(order.order_type);
        let bound = if market {
            self.market_bound(order.instrument, order.side, false)
        } else {
            Ok(0)
        };
        self.release(index);
        let checked = bound.and_then(|stop_ticks| {
            let proposal = Proposal {
                collared: true,
                collects: true,
                rests: true,
                stop_ticks,
                held: Held {
                    slot: true,
                    ..Held::default()
                },
                ..Proposal::of(&order)
            };
            out.note(|| proposal.note(order.id, Step::Triggered));
            self.check_order(&proposal, out).map(|()| stop_ticks)
        });
        if let (Ok(stop_ticks), true) = (checked, market) {
            self.orders.special_mut(index).stop_ticks = stop_ticks;
        }
        let mut report = order_state(&order, ids, order.cum_lots(), order.leaves_lots, what);
        report.extension_count = 1;
        out.primary(report);
        out.extension(self.detail(&order));
        if let Err(refusal) = checked {
            let what = Happening::canceled(reason_of(refusal.code));
            out.note(|| refusal.note());
            out.note(|| ended_note(&order, what.reason));
            out.primary(order_state(&order, ids, order.cum_lots(), 0, what));
            self.close(index);
            return;
        }
        self.orders.get_mut(index).priority = self.next_place();
        self.rest(index);
        out.note(|| self.rested_note(index));
        out.note(|| self.shown_note(index));
    }

    /// The market closed: orders that wait for an auction are cancelled.
    pub(crate) fn drop_waiting<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) {
        if self.days.waiting(instrument).first().is_none() {
            return;
        }
        let found = self.find_waiting(instrument);
        for &index in &found {
            // A leg may have gone with its sibling.
            if self.orders.get(index).id == 0 {
                continue;
            }
            self.withdraw(index, Happening::canceled(CancelReason::MarketClosed), false, out);
        }
        self.found = found;
    }

    /// Ends the call of an instrument: trades at one price, then what was for the auction alone leaves.
    pub(crate) fn uncross<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) {
        // Once is enough: a sibling that a fill takes out of the book was not counted.
        let crossing = self.crossing(instrument);
        if let Some(crossing) = crossing {
            self.allocate(instrument, crossing, out);
        }
        self.drop_remainders(instrument, crossing.map(|crossing| crossing.price_ticks), out);
    }

    /// The order of a side that trades first at an auction price.
    fn first_of(&self, instrument: u32, side: Side, price_ticks: i64) -> Option<u32> {
        let book = &self.instruments.get(instrument).book;
        let market = book.level(side, 0);
        let level = self.levels.get(market.or_else(|| book.best(side))?);
        let trades = market.is_some()
            || match side {
                Side::Buy => level.price_ticks >= price_ticks,
                Side::Sell => level.price_ticks <= price_ticks,
            };
        trades.then_some(level.head)
    }

    fn allocate<S: ReportSink>(&mut self, instrument: u32, crossing: Crossing, out: &mut Out<'_, S>) {
        let Crossing { price_ticks, lots, .. } = crossing;
        let mut left = lots;
        self.instruments.get_mut(instrument).last_price_ticks = price_ticks;
        self.note_price(instrument, price_ticks);
        let mut rest = [NONE; 2];
        while left > 0 {
            let buy = self.first_of(instrument, Side::Buy, price_ticks);
            let sell = self.first_of(instrument, Side::Sell, price_ticks);
            let (Some(buy), Some(sell)) = (buy, sell) else {
                break;
            };
            let lots = self.orders.get(buy).leaves_lots.min(self.orders.get(sell).leaves_lots);
            let lots = clamp(left.min(i128::from(lots)));
            left -= i128::from(lots);
            rest = [buy, sell].map(|index| {
                if self.orders.get(index).leaves_lots > lots {
                    index
                } else {
                    NONE
                }
            });
            self.fill_pair(buy, sell, price_ticks, lots, out);
        }
        for index in rest {
            if index != NONE {
                self.show_anew(index);
            }
        }
    }

    /// One fill of an auction.
    fn fill_pair<S: ReportSink>(
        &mut self,
        buy_index: u32,
        sell_index: u32,
        price_ticks: i64,
        lots: i64,
        out: &mut Out<'_, S>,
    ) {
        let (buy, sell) = (*self.orders.get(buy_index), *self.orders.get(sell_index));
        let links = [(self.link(&buy), 0), (self.link(&sell), 1)];
        let terms = &self.instruments.get(buy.instrument).terms;
        let units_per_lot = price_ticks * terms.units_per_tick_lot;
        // The buy's limit, or the end of the band, bounds it: checked when the order came in.
        let value = units_per_lot * lots;
        let taker_fee_ppm = terms.taker_fee_ppm;
        let pay = |engine: &Self, order: &Order| {
            let rate = if engine.accounts.get(order.account).pays_fees() {
                taker_fee_ppm
            } else {
                0
            };
            fees::charge(order.fee_carry, value, rate)
        };
        let (buy_fee, buy_carry) = pay(self, &buy);
        let (sell_fee, sell_carry) = pay(self, &sell);
        out.note(|| Note::Auctioned {
            buy_order_id: buy.id,
            sell_order_id: sell.id,
            price_ticks,
            lots,
            buy_price_ticks: buy.price_ticks,
            sell_price_ticks: sell.price_ticks,
        });
        for (order, fee_units, carry_after) in [(&buy, buy_fee, buy_carry), (&sell, sell_fee, sell_carry)] {
            out.note(|| Note::Fee {
                order_id: order.id,
                maker: false,
                notional_units: value,
                rate_ppm: if self.accounts.get(order.account).pays_fees() {
                    taker_fee_ppm
                } else {
                    0
                },
                carry_before: order.fee_carry,
                fee_units,
                carry_after,
            });
        }
        let (buyer, seller) = (self.accounts.get(buy.account), self.accounts.get(sell.account));
        let (buyer_id, seller_id) = (buyer.id, seller.id);
        let (buyer_checked, seller_checked) = (!buyer.unlimited(), !seller.unlimited());
        self.fill_maker(buy_index, lots, buy_carry, buyer_checked, false);
        self.fill_maker(sell_index, lots, sell_carry, seller_checked, false);
        self.note_traded(buy.account, buy.instrument, lots);
        self.note_traded(sell.account, sell.instrument, lots);
        if self.instruments.get(buy.instrument).terms.features & feature::FUTURE == 0 {
            self.ledger.fill_cash(buy.balance, -value, buy_fee);
            self.ledger.fill_lots(buy.position, lots, units_per_lot);
            self.ledger.fill_cash(sell.balance, value, sell_fee);
            self.ledger.fill_lots(sell.position, -lots, units_per_lot);
        } else {
            let side = |order: &Order, signed_lots, fee| FutureFill {
                balance: order.balance,
                position: order.position,
                signed_lots,
                fee,
            };
            let sides = [side(&buy, lots, buy_fee), side(&sell, -lots, sell_fee)];
            self.fill_future(buy.instrument, sides, units_per_lot);
        }
        self.trades += 1;
        out.primary(TradeReport {
            extension_count: 1,
            kind: TradeReport::KIND,
            trade_id: self.trades,
            instrument_id: self.instruments.get(buy.instrument).id,
            trade_kind: TradeKind::Auction.number(),
            price_ticks,
            quantity_lots: lots,
            maker_order_id: buy.id,
            taker_order_id: sell.id,
            maker_account_id: buyer_id,
            taker_account_id: seller_id,
            ..TradeReport::default()
        });
        out.extension(TradeDetailReport {
            kind: TradeDetailReport::KIND,
            maker_leaves_lots: buy.leaves_lots - lots,
            taker_leaves_lots: sell.leaves_lots - lots,
            maker_cum_lots: buy.cum_lots() + lots,
            taker_cum_lots: sell.cum_lots() + lots,
            maker_fee_units: buy_fee,
            taker_fee_units: sell_fee,
            notional_units: value,
            ..TradeDetailReport::default()
        });
        for (link, side) in links {
            if let Some(link) = link {
                self.leg_filled(link, lots, [buy_carry, sell_carry][side], out);
            }
        }
    }

    /// What an iceberg shows after an auction is made anew from its rest; it keeps its place.
    fn show_anew(&mut self, index: u32) {
        if self.orders.display(self.orders.get(index)) == 0 {
            return;
        }
        let instrument = self.orders.get(index).instrument;
        let mut touching = Touching {
            number: self.number,
            instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        self.instruments
            .get_mut(instrument)
            .book
            .show_anew(&mut self.orders, &mut self.levels, index, &mut touching);
    }

    /// Cancels what is left of market orders and of orders for the auction alone, and gives market-to-limit orders the
    /// auction's price, oldest first.
    fn drop_remainders<S: ReportSink>(&mut self, instrument: u32, price_ticks: Option<i64>, out: &mut Out<'_, S>) {
        let mut found = core::mem::take(&mut self.found);
        found.clear();
        for side in [Side::Buy, Side::Sell] {
            let book = &self.instruments.get(instrument).book;
            let mut next = book.best(side);
            while let Some(level) = next.map(|index| self.levels.get(index)) {
                let mut index = level.head;
                while index != NONE {
                    let order = self.orders.get(index);
                    if level.price_ticks == 0 || is_for_auction(order.time_in_force) {
                        found.push(index);
                    }
                    index = order.next;
                }
                next = book.after(side, level.price_ticks);
            }
        }
        found.sort_unstable_by_key(|index| self.orders.get(*index).id);
        for &index in &found {
            // A leg may have gone with its sibling.
            if self.orders.get(index).id == 0 {
                continue;
            }
            let to_limit = self.orders.get(index).order_type == OrderType::MarketToLimit.number();
            match price_ticks.filter(|_| to_limit) {
                Some(price_ticks) => self.become_limit(index, price_ticks, out),
                None => self.withdraw(index, Happening::canceled(CancelReason::AuctionRemainder), false, out),
            }
        }
        self.found = found;
    }

    /// Gives the rest of a market-to-limit order the auction's price as its limit, at the end of the queue. What has no room
    /// there is cancelled by `Risk`; what it holds shrinks for a buy, and is not looked at again for a sell.
    #[inline(never)]
    fn become_limit<S: ReportSink>(&mut self, index: u32, price_ticks: i64, out: &mut Out<'_, S>) {
        let before = *self.orders.get(index);
        let instrument = self.instruments.get(before.instrument);
        let room = notional(price_ticks, before.leaves_lots, instrument.terms.units_per_tick_lot).is_ok()
            && instrument.book.level(before.side, price_ticks).is_none_or(|level| {
                let level = self.levels.get(level);
                let sum = level.quantity_lots.checked_add(level.hidden_lots);
                sum.and_then(|sum| sum.checked_add(before.leaves_lots)).is_some()
            });
        if !room {
            out.note(|| Refusal::of(ErrorCode::NotionalOverflow).note());
            self.withdraw(index, Happening::canceled(CancelReason::Risk), false, out);
            return;
        }
        self.leave_book(index);
        self.release(index);
        if before.special != NONE {
            self.orders.special_mut(index).stop_ticks = 0;
        }
        let priority = self.next_place();
        let order = self.orders.get_mut(index);
        order.price_ticks = price_ticks;
        order.priority = priority;
        let order = *order;
        self.rest(index);
        out.note(|| Note::Repriced {
            order_id: order.id,
            asked_ticks: 0,
            price_ticks,
            best_ticks: price_ticks,
        });
        self.report_moved(&order, 0, CancelReason::Repriced, out);
        out.note(|| self.rested_note(index));
    }

    /// What the auction of an instrument would do if it ended now.
    pub(crate) fn indication(&self, instrument: u32) -> Indication {
        if !is_auction(self.instruments.get(instrument).phase) {
            return Indication::default();
        }
        self.indication_of(instrument, self.crossing(instrument))
    }

    fn indication_of(&self, instrument: u32, crossing: Option<Crossing>) -> Indication {
        match crossing {
            Some(crossing) => Indication {
                price_ticks: crossing.price_ticks,
                lots: clamp(crossing.lots),
                imbalance_lots: clamp(crossing.surplus),
            },
            None => {
                let market = self.market_lots(instrument, Side::Buy) - self.market_lots(instrument, Side::Sell);
                Indication {
                    imbalance_lots: clamp(market),
                    ..Indication::default()
                }
            }
        }
    }

    /// Reports the indications that the command changed, in the order in which it touched their instruments.
    #[inline(never)]
    pub(crate) fn report_indications<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        for at in 0..self.level_touches.len() {
            let touch = self.level_touches[at];
            let level = self
                .instruments
                .get(touch.instrument)
                .book
                .level(touch.side, touch.price_ticks);
            let by = self.level_lots(level) - i128::from(touch.quantity_before);
            self.move_sums(touch.instrument, touch.side, touch.price_ticks, by);
        }
        for at in 0..self.hidden_touches.len() {
            let touch = self.hidden_touches[at];
            self.move_sums(
                touch.instrument,
                touch.side,
                touch.price_ticks,
                -i128::from(touch.lots_before),
            );
        }
        for at in 0..self.level_touches.len() {
            self.look_at(self.level_touches[at].instrument, out);
        }
        for at in 0..self.called.len() {
            self.look_at(self.called[at], out);
        }
    }

    fn look_at<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) {
        if !is_auction(self.instruments.get(instrument).phase) || !self.days.look(instrument, self.number) {
            return;
        }
        let crossing = self.crossing_now(instrument);
        let indication = self.indication_of(instrument, crossing);
        if self.instruments.extra(instrument).day.indication != indication {
            self.instruments.extra_mut(instrument).day.indication = indication;
            self.report_instrument(instrument, out);
        }
    }
}
