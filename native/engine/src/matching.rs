//! Matching: an incoming order against the opposite side of the book, fill by fill.

use fulltape_tape::codes::{CancelReason, Side, TradeKind};
use fulltape_tape::layout::{TradeDetailReport, TradeReport};

use crate::book::Touching;
use crate::checks::Proposal;
use crate::engine::Engine;
use crate::explain::Note;
use crate::fees;
use crate::instruments::feature;
use crate::orders::{NONE, Order, opposite, side_index};
use crate::reports::{Out, ReportSink};
use crate::settlement::FutureFill;

/// How matching left an incoming order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matched {
    /// It is filled, or nothing that it trades with now is left.
    Through,
    /// Self-trade prevention ended it: what is left of it is cancelled.
    Prevented,
    /// The next price lies outside the band of a circuit breaker, and no call takes the rest: it is cancelled.
    Banded,
}

impl Matched {
    /// Why what is left of an order that does not rest is cancelled.
    pub const fn remainder(self) -> CancelReason {
        match self {
            Self::Through => CancelReason::ImmediateRemainder,
            Self::Prevented => CancelReason::SelfTradePrevention,
            Self::Banded => CancelReason::PriceBand,
        }
    }
}

impl Engine {
    /// Whether the best opposite price crosses, in the book or beside it.
    #[inline(always)]
    pub(crate) fn meets(&self, proposal: &Proposal) -> bool {
        let side = opposite(proposal.side);
        self.touch(proposal.instrument, side)
            .is_some_and(|price_ticks| self.crosses(proposal, price_ticks))
            || (self.instruments.get(proposal.instrument).aside[side_index(side)] != 0
                && self.meets_aside(&proposal.aside()))
    }

    /// Trades an order against the opposite side while prices cross, oldest order of the best price first.
    #[inline(never)]
    pub(crate) fn match_order<S: ReportSink>(
        &mut self,
        taker: &mut Order,
        proposal: &Proposal,
        out: &mut Out<'_, S>,
    ) -> Matched {
        let side = opposite(taker.side);
        if proposal.all_or_none || self.instruments.get(taker.instrument).aside[side_index(side)] != 0 {
            return self.match_beside(taker, proposal, out);
        }
        let band = self.kept_band(taker.instrument);
        while taker.leaves_lots > 0 {
            let Some(level) = self.instruments.get(taker.instrument).book.best(side) else {
                break;
            };
            let level = self.levels.get(level);
            if !self.crosses(proposal, level.price_ticks) {
                break;
            }
            if !band.holds(level.price_ticks) {
                let price_ticks = level.price_ticks;
                return self.stop_at_band(taker, proposal, price_ticks, out);
            }
            let maker = level.head;
            if !self.meet_maker(taker, maker, out) {
                return Matched::Prevented;
            }
        }
        Matched::Through
    }

    /// A taker and the order that it trades with next: a fill, or what self-trade prevention does. Answers whether the taker goes on.
    #[inline(always)]
    pub(crate) fn meet_maker<S: ReportSink>(&mut self, taker: &mut Order, maker: u32, out: &mut Out<'_, S>) -> bool {
        if taker.self_trade_prevention != 0 && self.same_owner(taker.account, self.orders.get(maker).account) {
            return self.prevent(taker, maker, out);
        }
        self.trade(taker, maker, out);
        true
    }

    /// One fill between a taker and the resting order `maker_index`, at the maker's price.
    pub(crate) fn trade<S: ReportSink>(&mut self, taker: &mut Order, maker_index: u32, out: &mut Out<'_, S>) {
        let maker = *self.orders.get(maker_index);
        let lots = taker.leaves_lots.min(self.orders.offered(&maker));
        out.note(|| self.match_note(taker, &maker, lots));
        let terms = &self.instruments.get(taker.instrument).terms;
        let units_per_lot = maker.price_ticks * terms.units_per_tick_lot;
        let value = units_per_lot * lots;
        let (maker_account, taker_account) = (self.accounts.get(maker.account), self.accounts.get(taker.account));
        let (maker_id, taker_id) = (maker_account.id, taker_account.id);
        let maker_checked = !maker_account.unlimited();
        let maker_rate = if maker_account.pays_fees() {
            terms.maker_fee_ppm
        } else {
            0
        };
        let taker_rate = if taker_account.pays_fees() {
            terms.taker_fee_ppm
        } else {
            0
        };
        let (maker_fee, maker_carry) = fees::charge(maker.fee_carry, value, maker_rate);
        let (taker_fee, taker_carry) = fees::charge(taker.fee_carry, value, taker_rate);
        out.note(|| Note::Fee {
            order_id: maker.id,
            maker: true,
            notional_units: value,
            rate_ppm: maker_rate,
            carry_before: maker.fee_carry,
            fee_units: maker_fee,
            carry_after: maker_carry,
        });
        out.note(|| Note::Fee {
            order_id: taker.id,
            maker: false,
            notional_units: value,
            rate_ppm: taker_rate,
            carry_before: taker.fee_carry,
            fee_units: taker_fee,
            carry_after: taker_carry,
        });
        taker.fee_carry = taker_carry;
        taker.leaves_lots -= lots;
        let maker_link = self.link(&maker);

        self.fill_maker(maker_index, lots, maker_carry, maker_checked, true);
        self.instruments.get_mut(taker.instrument).last_price_ticks = maker.price_ticks;
        self.note_price(taker.instrument, maker.price_ticks);
        self.note_traded(maker.account, taker.instrument, lots);
        self.note_traded(taker.account, taker.instrument, lots);
        // What it takes is open nowhere, and what it holds grows by it.
        self.note_joined(taker.account, taker.instrument, lots, 0);
        let taker_sign = if taker.side == Side::Buy { 1 } else { -1 };
        if self.instruments.get(taker.instrument).terms.features & feature::FUTURE == 0 {
            self.ledger.fill_cash(maker.balance, taker_sign * value, maker_fee);
            self.ledger.fill_lots(maker.position, -taker_sign * lots, units_per_lot);
            self.ledger.fill_cash(taker.balance, -taker_sign * value, taker_fee);
            self.ledger.fill_lots(taker.position, taker_sign * lots, units_per_lot);
        } else {
            let side = |order: &Order, signed_lots, fee| FutureFill {
                balance: order.balance,
                position: order.position,
                signed_lots,
                fee,
            };
            let maker_side = side(&maker, -taker_sign * lots, maker_fee);
            let sides = [maker_side, side(taker, taker_sign * lots, taker_fee)];
            self.fill_future(taker.instrument, sides, units_per_lot);
        }

        self.trades += 1;
        // Beyond the command's own order it counts what a cascade trades, which the answer does not tell and nothing bounds.
        self.answer.cum_notional_units = self.answer.cum_notional_units.saturating_add(value);
        out.primary(TradeReport {
            extension_count: 1,
            kind: TradeReport::KIND,
            trade_id: self.trades,
            instrument_id: self.instruments.get(taker.instrument).id,
            aggressor_side: taker.side.number(),
            trade_kind: TradeKind::Continuous.number(),
            price_ticks: maker.price_ticks,
            quantity_lots: lots,
            maker_order_id: maker.id,
            taker_order_id: taker.id,
            maker_account_id: maker_id,
            taker_account_id: taker_id,
            ..TradeReport::default()
        });
        out.extension(TradeDetailReport {
            kind: TradeDetailReport::KIND,
            maker_leaves_lots: maker.leaves_lots - lots,
            taker_leaves_lots: taker.leaves_lots,
            maker_cum_lots: maker.cum_lots() + lots,
            taker_cum_lots: taker.cum_lots(),
            maker_fee_units: maker_fee,
            taker_fee_units: taker_fee,
            notional_units: value,
            ..TradeDetailReport::default()
        });
        if let Some(link) = maker_link {
            self.leg_filled(link, lots, maker_carry, out);
        }
        if let Some(link) = self.link(taker) {
            self.leg_filled(link, lots, taker_carry, out);
        }
        if maker.special != NONE && lots < maker.leaves_lots {
            self.refresh(maker_index, out);
        }
    }

    /// An iceberg whose visible part is gone shows the next one, at the end of the queue.
    #[inline(never)]
    fn refresh<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        if self.orders.offered(self.orders.get(index)) > 0 {
            return;
        }
        self.leave_book(index);
        self.orders.refresh(index);
        let place = self.next_place();
        let order = self.orders.get_mut(index);
        order.priority = place;
        let order = *order;
        self.join_book(index);
        out.note(|| Note::Refreshed {
            order_id: order.id,
            shown_lots: self.orders.shown(&order),
            leaves_lots: order.leaves_lots,
        });
        self.report_restated(&order, CancelReason::Refreshed, out);
    }

    /// The resting side of a fill: reservation, queue, end of the order. `shown` when it comes out of what an iceberg shows.
    pub(crate) fn fill_maker(&mut self, index: u32, lots: i64, carry: i32, checked: bool, shown: bool) {
        if self.orders.get(index).special != NONE {
            self.take_over(index);
        }
        let mut maker = *self.orders.get(index);
        maker.fee_carry = carry;
        let left = maker.leaves_lots - lots;
        let reserved = if checked { self.reservation(&maker, left) } else { 0 };
        self.ledger.reserve(maker.balance, reserved - maker.reserved_units);
        self.ledger
            .change_open(maker.position, maker.side == Side::Buy, -lots, checked, 0);
        if left == 0 {
            self.leave_book(index);
            self.close(index);
            return;
        }
        let slot = self.orders.get_mut(index);
        slot.fee_carry = carry;
        slot.reserved_units = reserved;
        let mut touching = Touching {
            number: self.number,
            instrument: maker.instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        let book = &mut self.instruments.book_mut(maker.instrument).book;
        book.shrink(&mut self.orders, &mut self.levels, index, lots, shown, &mut touching);
    }
}
