//! The rules of orders, as plainly as they can be written.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::checks::{Step, Wanted};
use super::state::{Order, Stage, ceil};
use super::tick_tables::rounded;
use super::{DAY, No, Reference, Verdict, extension, no};

/// Terms of an order, for the record behind its state.
pub(super) fn detail(order: &Order) -> OrderDetailReport {
    OrderDetailReport {
        kind: 11,
        stop_price_ticks: order.trigger.1 as i64,
        display_quantity_lots: order.display as i64,
        minimum_quantity_lots: order.minimum as i64,
        expire_time_nanos: order.expires.filter(|_| order.shape.1 == 6).unwrap_or(0),
        list_id: order.leg.map_or(0, |leg| leg.list.1),
        ..OrderDetailReport::default()
    }
}

impl Reference {
    pub(super) fn place(&mut self, records: &[Record]) -> Verdict {
        let place: &PlaceOrder = records[0].view();
        if !self.state.accounts.contains_key(&place.account_id) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        if !self.state.instruments.contains_key(&place.instrument_id) {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        self.count_order(place.account_id, place.instrument_id)?;
        let side = Side::from_number(place.side).ok_or(no(ErrorCode::InvalidArgument))?;
        let market = [1, 3, 6, 8].contains(&place.order_type);
        let limit = [2, 4, 5, 7, 9, 10].contains(&place.order_type);
        let waits = [3, 4, 6, 7, 8, 9].contains(&place.order_type);
        let dated = place.time_in_force == 6;
        let auction = [2, 5, 7].contains(&place.time_in_force);
        let rests = limit && (place.time_in_force == 1 || place.time_in_force == 8 || dated || auction);
        if place.self_trade_prevention > 4 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let terms: OrderTerms = extension(records, OrderTerms::KIND).copied().unwrap_or_default();
        let pegged = place.order_type == 10;
        if place.trigger_source > 3 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if !(market || limit) {
            return Err(no(ErrorCode::UnsupportedOrderType));
        }
        if waits && place.trigger_source == 0 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let hidden = place.instructions & 8 != 0;
        let post_only = place.instructions & 1 != 0;
        let passive = place.instructions & 3 != 0;
        let all_or_none = place.instructions & 16 != 0;
        let to_limit = place.order_type == 5;
        let minimum = i128::from(terms.minimum_quantity_lots);
        let linked = records[1..].iter().any(|record| record.kind() == ListLink::KIND);
        let special = (!waits && (place.trigger_source != 0 || place.stop_price_ticks != 0))
            || (!pegged && (place.peg_kind != 0 || terms.peg_offset_ticks != 0))
            || (place.display_quantity_lots != 0 && (!rests || hidden))
            || (hidden && !rests)
            || ((to_limit || auction || pegged) && linked);
        if !(1..=8).contains(&place.time_in_force)
            || (auction && (waits || passive || to_limit || all_or_none || minimum != 0))
            || (dated && !rests && !waits)
            || (!dated && terms.expire_time_nanos != 0)
            || place.instructions > 31
            || place.instructions & 3 == 3
            || (all_or_none
                && rests
                && (passive || hidden || linked || place.display_quantity_lots != 0 || to_limit || minimum != 0))
            || special
            || (pegged && !(rests && !auction && place.instructions & 2 == 0 && minimum == 0))
            || (pegged && (place.display_quantity_lots != 0 || all_or_none))
            || (passive && (!rests || waits || to_limit || minimum != 0))
        {
            return Err(no(ErrorCode::UnsupportedOrderType));
        }
        let trails = place.order_type == 6 || place.order_type == 7;
        let (away, unit, to_limit_ticks) = (terms.trailing_offset, terms.trailing_unit, terms.limit_offset_ticks);
        if (trails && (hidden || place.display_quantity_lots != 0))
            || (!trails && (away != 0 || unit != 0))
            || (place.order_type != 7 && to_limit_ticks != 0)
        {
            return Err(no(ErrorCode::UnsupportedOrderType));
        }
        if trails && (![1, 2].contains(&unit) || away <= 0 || (unit == 2 && away > 10_000) || to_limit_ticks < 0) {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if pegged {
            super::pegs::check_terms(place, side, &terms)?;
        }
        if dated && terms.expire_time_nanos <= self.state.time {
            let (at, now) = (i128::from(terms.expire_time_nanos), i128::from(self.state.time));
            return Err(No(ErrorCode::InvalidArgument, at, now, 0));
        }
        let quantity = i128::from(place.quantity_lots);
        if minimum < 0 || minimum > quantity.max(0) {
            return Err(No(ErrorCode::InvalidArgument, minimum, quantity, 0));
        }
        let midnight = (self.state.time / DAY + 1) * DAY;
        let mut order = Order {
            minimum,
            trail: trails.then_some((i128::from(away), unit == 2, i128::from(to_limit_ticks))),
            display: i128::from(place.display_quantity_lots),
            slice: 0,
            stage: if waits { Stage::Waiting } else { Stage::Resting },
            leg: None,
            peg: if pegged {
                (place.peg_kind, terms.peg_offset_ticks.into(), place.price_ticks.into())
            } else {
                (0, 0, 0)
            },
            trigger: (place.trigger_source, i128::from(place.stop_price_ticks)),
            id: self.state.number,
            priority: 0,
            account: place.account_id,
            instrument: place.instrument_id,
            session: place.session_id,
            side,
            price: i128::from(place.price_ticks),
            quantity: i128::from(place.quantity_lots),
            filled: 0,
            shape: (place.order_type, place.time_in_force, place.instructions),
            prevention: place.self_trade_prevention,
            expires: match place.time_in_force {
                6 => Some(terms.expire_time_nanos),
                8 if (rests || waits) && self.state.instruments[&place.instrument_id].calendar() == 0 => Some(midnight),
                _ => None,
            },
            owed_ppm: 0,
            paid: 0,
        };
        if let Some(leg) = self.leg_of(records)? {
            self.check_leg(&order, leg, records)?;
            self.state.placed.insert(order.id);
            self.state.instruments.get_mut(&order.instrument).expect("known").used = true;
            // It is given a place as every order is, and another when it enters.
            order.priority = self.place_in_queue();
            self.join_list(order, leg, extension(records, ListLink::KIND).expect("a leg"));
            return Ok(());
        }
        self.admit(&order, waits)?;
        let (collects, later) = if waits { (false, false) } else { self.gathered(&order) };
        // A call has no best price yet.
        let market = market || (to_limit && collects);
        if collects && market {
            order.trigger.1 = self.market_bound(&order, later)?;
        }
        if trails {
            self.set_trailing(&mut order)?;
        }
        if to_limit && !collects {
            if order.price != 0 {
                return Err(no(ErrorCode::PriceNotAllowed));
            }
            order.price = self.touch(&order).ok_or(no(ErrorCode::NoLiquidity))?;
        }
        if pegged {
            order.price = self.entry_peg(&order)?;
        }
        order.price = self.stepped_back(&order);
        let repriced = place.instructions & 2 != 0 && order.price != i128::from(place.price_ticks);
        self.check(&Wanted {
            order: &order,
            market,
            rests: rests || collects,
            waits,
            collects,
            later,
            post_only,
            fill_or_kill: place.time_in_force == 4 || (all_or_none && !rests),
            collar: true,
            old: None,
        })?;
        self.state.placed.insert(order.id);
        self.state.instruments.get_mut(&order.instrument).expect("known").used = true;
        let mut accepted = self.state_report(
            &order,
            order.leaves(),
            ExecType::New,
            OrderStatus::New,
            CancelReason::None,
        );
        let held = collects && (later || order.trigger.1 != 0);
        let detailed = pegged || dated || waits || held || hidden || repriced || order.display != 0 || minimum != 0;
        let mut details = detail(&order);
        if repriced {
            accepted.reason = CancelReason::Repriced.number();
            details.previous_price_ticks = place.price_ticks;
        }
        accepted.extension_count = u8::from(detailed);
        self.outcome(accepted);
        if detailed {
            self.push(details);
        }
        if waits {
            self.tell(&order, 0, ExecType::New, true);
            self.state.orders.push(order);
            return Ok(());
        }
        order.priority = self.place_in_queue();
        if collects {
            order.stage = if later { Stage::Called } else { Stage::Resting };
            self.settle(&mut order, true, false);
            self.tell(&order, 0, ExecType::New, true);
            return Ok(());
        }
        let (value, ended) = self.run(&mut order, market);
        self.settle(&mut order, rests, ended);
        self.tell(&order, value, ExecType::New, rests && !ended);
        Ok(())
    }

    /// Trigger and limit of a trailing order that comes in.
    pub(super) fn set_trailing(&self, order: &mut Order) -> Verdict {
        if order.price != 0 {
            return Err(no(ErrorCode::PriceNotAllowed));
        }
        if order.trigger.1 == 0 {
            let price = self.state.watched(order);
            if price == 0 {
                return Err(no(ErrorCode::NoReferencePrice));
            }
            order.trigger.1 = self.state.trailed(order, price).0;
        }
        if !order.at_market() {
            let (_, _, to_limit) = order.trail.expect("it trails");
            let limit = order.trigger.1 + if order.side == Side::Buy { to_limit } else { -to_limit };
            let bands = &self.state.instruments[&order.instrument].bands;
            order.price = rounded(bands, order.side == Side::Sell, limit);
        }
        Ok(())
    }

    pub(super) fn place_in_queue(&mut self) -> u64 {
        self.state.places += 1;
        self.state.places
    }

    /// After matching: the rest of an order that is not in the list goes to the book, or ends.
    pub(super) fn settle(&mut self, order: &mut Order, rests: bool, ended: bool) {
        self.running = None;
        if order.leaves() == 0 {
            self.closed(order.id);
            self.leg_gone(order, CancelReason::None);
        } else if rests && !ended {
            order.show();
            if order.stage == Stage::Resting && order.all_or_none() {
                order.stage = Stage::Aside;
            }
            self.touch_level(order);
            // The list stays in order of placing; the queue is in order of priority.
            let at = self.state.orders.partition_point(|other| other.id < order.id);
            self.state.orders.insert(at, order.clone());
        } else {
            let reason = if ended && self.stopped {
                CancelReason::PriceBand
            } else if ended {
                CancelReason::SelfTradePrevention
            } else {
                CancelReason::ImmediateRemainder
            };
            let report = self.state_report(order, 0, ExecType::Canceled, OrderStatus::Canceled, reason);
            self.push(report);
            self.closed(order.id);
            self.leg_gone(order, reason);
        }
    }

    pub(super) fn tell(&mut self, order: &Order, value: i128, accepted: ExecType, rests: bool) {
        self.answer.order_id = order.id;
        self.answer.cum_quantity_lots = order.filled as i64;
        self.answer.cum_notional_units = value as i64;
        let (status, exec_type) = if order.leaves() == 0 {
            (OrderStatus::Filled, ExecType::Trade)
        } else if rests {
            (order.open_status(), if value > 0 { ExecType::Trade } else { accepted })
        } else {
            (OrderStatus::Canceled, ExecType::Canceled)
        };
        self.answer.leaves_quantity_lots = if rests { order.leaves() as i64 } else { 0 };
        self.answer.order_status = status.number();
        self.answer.exec_type = exec_type.number();
    }

    pub(super) fn state_report(
        &self,
        order: &Order,
        leaves: i128,
        exec_type: ExecType,
        status: OrderStatus,
        reason: CancelReason,
    ) -> OrderStateReport {
        OrderStateReport {
            kind: 1,
            order_id: order.id,
            account_id: order.account,
            instrument_id: order.instrument,
            quantity_lots: order.quantity as i64,
            leaves_quantity_lots: leaves as i64,
            cum_quantity_lots: order.filled as i64,
            price_ticks: order.price as i64,
            exec_type: exec_type.number(),
            order_status: status.number(),
            side: order.side.number(),
            order_type: order.shape.0,
            time_in_force: order.shape.1,
            reason: reason.number(),
            instructions: order.shape.2,
            ..OrderStateReport::default()
        }
    }

    /// Trades an order that is not in the list of open orders. Gives the notional, and whether it was ended.
    pub(super) fn run(&mut self, taker: &mut Order, market: bool) -> (i128, bool) {
        self.running = Some(taker.id);
        self.stopped = false;
        let (mut value, mut ended) = (0, false);
        let reason = CancelReason::SelfTradePrevention;
        for step in self.plan(taker, market) {
            match step {
                Step::Trade(maker, _, lots) => value += self.trade(taker, maker, lots),
                Step::EndMaker(maker) => {
                    self.withdraw(maker, ExecType::Canceled, OrderStatus::Canceled, reason, false);
                }
                Step::ShrinkMaker(maker, lots) => {
                    let at = self.state.orders.iter().position(|o| o.id == maker).expect("open");
                    self.state.orders[at].quantity -= lots;
                    let left = self.state.orders[at].leaves();
                    self.state.orders[at].slice = left.min(self.state.orders[at].slice);
                    let maker = self.state.orders[at].clone();
                    self.touch_level(&maker);
                    self.restated(&maker, reason);
                    self.follow_sibling(&maker, lots, false);
                }
                Step::ShrinkTaker(lots) => {
                    taker.quantity -= lots;
                    let taker = taker.clone();
                    self.restated(&taker, reason);
                    self.follow_sibling(&taker, lots, false);
                }
                Step::Refresh(maker) => {
                    let place = self.place_in_queue();
                    let at = self.state.orders.iter().position(|o| o.id == maker).expect("open");
                    self.state.orders[at].priority = place;
                    self.state.orders[at].show();
                    let maker = self.state.orders[at].clone();
                    self.restated(&maker, CancelReason::Refreshed);
                }
                Step::EndTaker => ended = true,
                Step::Stop(price) => {
                    self.pressed.push((taker.instrument, price));
                    self.stopped = true;
                    ended = !self.calls_at_band(taker, market);
                }
            }
        }
        (value, ended)
    }

    pub(super) fn restated(&mut self, order: &Order, reason: CancelReason) {
        let status = order.open_status();
        let report = self.state_report(order, order.leaves(), ExecType::Restated, status, reason);
        self.push(report);
    }

    fn trade(&mut self, taker: &mut Order, maker_id: u64, lots: i128) -> i128 {
        let at = self
            .state
            .orders
            .iter()
            .position(|order| order.id == maker_id)
            .expect("a maker is open");
        let mut maker = self.state.orders[at].clone();
        self.touch_level(&maker);
        let terms = self.state.instruments[&taker.instrument].terms;
        let value = maker.price * lots * i128::from(terms.units_per_tick_lot);
        let maker_fee = self.pay(&mut maker, value, terms.maker_fee_ppm);
        let taker_fee = self.pay(taker, value, terms.taker_fee_ppm);
        maker.filled += lots;
        maker.slice -= lots;
        taker.filled += lots;
        self.book_fill(&maker, lots, value, maker_fee);
        self.book_fill(taker, lots, value, taker_fee);
        self.state.trades += 1;
        self.state.instruments.get_mut(&taker.instrument).expect("known").last = maker.price;
        self.push(TradeReport {
            extension_count: 1,
            kind: 2,
            trade_id: self.state.trades,
            instrument_id: taker.instrument,
            aggressor_side: taker.side.number(),
            trade_kind: 1,
            price_ticks: maker.price as i64,
            quantity_lots: lots as i64,
            maker_order_id: maker.id,
            taker_order_id: taker.id,
            maker_account_id: maker.account,
            taker_account_id: taker.account,
            ..TradeReport::default()
        });
        self.push(TradeDetailReport {
            kind: 10,
            maker_leaves_lots: maker.leaves() as i64,
            taker_leaves_lots: taker.leaves() as i64,
            maker_cum_lots: maker.filled as i64,
            taker_cum_lots: taker.filled as i64,
            maker_fee_units: maker_fee as i64,
            taker_fee_units: taker_fee as i64,
            notional_units: value as i64,
            ..TradeDetailReport::default()
        });
        if maker.leaves() == 0 {
            self.state.orders.remove(at);
            self.closed(maker.id);
        } else {
            self.state.orders[at] = maker.clone();
        }
        self.leg_filled(&maker, lots);
        if maker.leaves() == 0 {
            self.leg_gone(&maker, CancelReason::None);
        }
        let taker = taker.clone();
        self.leg_filled(&taker, lots);
        value
    }

    /// The ledger's part of one order's fill.
    pub(super) fn book_fill(&mut self, order: &Order, lots: i128, value: i128, fee: i128) {
        let terms = self.state.instruments[&order.instrument].terms;
        let sign = if order.side == Side::Buy { 1 } else { -1 };
        let cash = (order.account, terms.currency_id);
        let future = self.state.instruments[&order.instrument].contract.is_future();
        *self.state.cash.entry(cash).or_default() -= if future { fee } else { sign * value + fee };
        *self.traded_cash.entry(cash).or_default() += fee;
        *self.state.fees.entry(terms.currency_id).or_default() += fee;
        let key = (order.account, order.instrument);
        self.moved_lots.insert(key);
        let position = self.state.positions.entry(key).or_default();
        let closes = if position.lots * sign < 0 {
            lots.min(position.lots.abs())
        } else {
            0
        };
        let closed_value = value / lots * closes;
        let removed = if closes > 0 {
            position.cost * closes / position.lots.abs()
        } else {
            0
        };
        let gained = if closes > 0 { -sign * closed_value - removed } else { 0 };
        position.realized += gained;
        position.cost += sign * (value - closed_value) - removed;
        position.lots += sign * lots;
        if future {
            *self.state.cash.entry(cash).or_default() += gained;
            *self.state.clearing.entry(cash.1).or_default() -= gained;
        }
    }

    /// What an order owes is rounded up once over all its fills.
    pub(super) fn pay(&self, order: &mut Order, value: i128, rate: i32) -> i128 {
        if !self.state.accounts[&order.account].pays() {
            return 0;
        }
        order.owed_ppm += value * i128::from(rate);
        let fee = ceil(order.owed_ppm, 1_000_000) - order.paid;
        order.paid += fee;
        fee
    }

    pub(super) fn closed(&mut self, id: u64) {
        let until = self.state.time + DAY;
        for memory in self.state.memory.values_mut() {
            if memory.until.is_none() && memory.answer.order_id == id {
                memory.until = Some(until);
            }
        }
    }

    /// Ends an open order; its list follows.
    pub(super) fn withdraw(
        &mut self,
        id: u64,
        exec: ExecType,
        status: OrderStatus,
        reason: CancelReason,
        outcome: bool,
    ) {
        let order = self.state.orders.iter().find(|order| order.id == id).cloned();
        self.withdraw_alone(id, exec, status, reason, outcome);
        self.leg_gone(&order.expect("open"), reason);
    }

    pub(super) fn withdraw_alone(
        &mut self,
        id: u64,
        exec: ExecType,
        status: OrderStatus,
        reason: CancelReason,
        outcome: bool,
    ) {
        let at = self.state.orders.iter().position(|order| order.id == id).expect("open");
        let order = self.state.orders.remove(at);
        self.touch_level(&order);
        let report = self.state_report(&order, 0, exec, status, reason);
        if outcome {
            self.outcome(report)
        } else {
            self.push(report)
        }
        self.closed(id);
    }
}
