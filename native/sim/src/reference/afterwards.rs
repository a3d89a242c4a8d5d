//! What follows from a command: reduce-only orders that give way, and orders that trigger.

use std::collections::BTreeSet;

use fulltape_tape::codes::*;

use super::checks::Wanted;
use super::orders::detail;
use super::state::{Order, Stage};
use super::{No, Reference};

/// Why an order that the checks refuse when it enters is cancelled.
pub(super) fn reason_of(code: ErrorCode) -> CancelReason {
    match code {
        ErrorCode::ReduceOnly => CancelReason::ReducedPosition,
        ErrorCode::GlobalHalt | ErrorCode::AccountHalted | ErrorCode::InstrumentHalted => CancelReason::TradingHalted,
        ErrorCode::NoLiquidity => CancelReason::NoLiquidity,
        ErrorCode::MarketClosed => CancelReason::MarketClosed,
        ErrorCode::FillOrKillUnfillable => CancelReason::FillOrKillUnfillable,
        ErrorCode::MinimumQuantityUnfillable => CancelReason::MinimumQuantityUnfillable,
        _ => CancelReason::Risk,
    }
}

impl Reference {
    /// Reduce-only orders give way, youngest first, where a side's open lots pass what the position holds against it.
    pub(super) fn hold_to_positions(&mut self) {
        let pairs: BTreeSet<_> = self
            .state
            .orders
            .iter()
            .map(|order| (order.account, order.instrument))
            .collect();
        for (account, instrument) in pairs {
            for side in [Side::Buy, Side::Sell] {
                let held = self
                    .state
                    .positions
                    .get(&(account, instrument))
                    .map_or(0, |position| position.lots);
                let against = if side == Side::Buy { -held } else { held };
                let mut excess = self.state.open(account, instrument, side) - against.max(0);
                let of = |order: &&Order| {
                    (order.account, order.instrument, order.side) == (account, instrument, side)
                        && order.reduces()
                        && order.stage != Stage::Pending
                };
                let young: Vec<_> = self
                    .state
                    .orders
                    .iter()
                    .filter(of)
                    .rev()
                    .map(|order| order.id)
                    .collect();
                for id in young {
                    if excess <= 0 {
                        break;
                    }
                    let reason = CancelReason::ReducedPosition;
                    let Some(at) = self.state.orders.iter().position(|order| order.id == id) else {
                        continue;
                    };
                    let leaves = self.state.orders[at].leaves();
                    let indivisible = self.state.orders[at].shape.2 & order_instruction::ALL_OR_NONE != 0;
                    let by = if indivisible { leaves } else { leaves.min(excess) };
                    excess -= by;
                    if by == self.state.orders[at].leaves() {
                        self.withdraw(id, ExecType::Canceled, OrderStatus::Canceled, reason, false);
                    } else {
                        self.state.orders[at].quantity -= by;
                        let order = &mut self.state.orders[at];
                        order.slice = order.slice.min(order.leaves());
                        let order = order.clone();
                        self.touch_level(&order);
                        self.restated(&order, reason);
                        self.follow_sibling(&order, by, false);
                    }
                }
            }
        }
    }

    /// Runs what is due, wave by wave, until nothing is.
    pub(super) fn fire(&mut self) {
        loop {
            self.trip_prices();
            let mut trailed = Vec::new();
            for at in 0..self.state.orders.len() {
                let order = self.state.orders[at].clone();
                let price = self.state.watched(&order);
                if order.trail.is_none() || !self.state.watches(&order) || price == 0 {
                    continue;
                }
                let (stop, limit) = self.state.trailed(&order, price);
                if (order.side == Side::Buy && stop < order.trigger.1)
                    || (order.side == Side::Sell && stop > order.trigger.1)
                {
                    self.state.orders[at].trigger.1 = stop;
                    self.state.orders[at].price = if order.at_market() { 0 } else { limit };
                    trailed.push((order.id, order.price));
                }
            }
            trailed.sort_unstable();
            for (id, before) in trailed {
                let order = self
                    .state
                    .orders
                    .iter()
                    .find(|order| order.id == id)
                    .expect("open")
                    .clone();
                self.moved(&order, before, CancelReason::Trailed);
            }
            let due = |order: &&Order| self.state.due(order);
            let wave: Vec<_> = self.state.orders.iter().filter(due).map(|order| order.id).collect();
            if wave.is_empty() {
                if self.follow_book() {
                    self.fill_whole();
                    continue;
                }
                return;
            }
            for order in &mut self.state.orders {
                if wave.contains(&order.id) {
                    order.stage = Stage::Firing;
                }
            }
            for id in wave {
                if let Some(at) = self.state.orders.iter().position(|order| order.id == id) {
                    let order = self.state.orders.remove(at);
                    self.run_triggered(order);
                    self.hold_to_positions();
                    self.run_lists();
                }
            }
            self.fill_whole();
        }
    }

    fn run_triggered(&mut self, mut order: Order) {
        let status = order.open_status();
        let mut report = self.state_report(&order, order.leaves(), ExecType::Triggered, status, CancelReason::None);
        report.extension_count = 1;
        self.push(report);
        self.push(detail(&order));
        let (market, force) = (order.at_market(), order.shape.1);
        let rests = !market && force != 3 && force != 4;
        // A call began between two orders of a wave.
        let collects = self.state.instruments[&order.instrument].phase != 4;
        let no_room = collects && !rests;
        let verdict = self.check(&Wanted {
            order: &order,
            market,
            rests,
            waits: false,
            collects,
            later: false,
            post_only: false,
            fill_or_kill: force == 4 || (order.shape.2 & 16 != 0 && !order.all_or_none()),
            collar: true,
            old: None,
        });
        if verdict.is_err() || no_room {
            let reason = match verdict {
                Err(No(code, ..)) if !no_room => reason_of(code),
                _ => CancelReason::TradingHalted,
            };
            let report = self.state_report(&order, 0, ExecType::Canceled, OrderStatus::Canceled, reason);
            self.push(report);
            self.closed(order.id);
            self.leg_gone(&order, reason);
            return;
        }
        order.stage = Stage::Resting;
        order.priority = self.place_in_queue();
        let ended = !collects && self.run(&mut order, market).1;
        self.settle(&mut order, rests, ended);
    }
}
