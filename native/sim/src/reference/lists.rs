//! The rules of order lists.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::afterwards::reason_of;
use super::checks::Wanted;
use super::orders::detail;
use super::state::{Leg, List, ListKey, ListStage, Order, Stage};
use super::{DAY, No, Reference, Verdict, extension, no, tick_tables};

impl Reference {
    fn is_open(&self, id: u64) -> bool {
        self.running == Some(id) || self.state.orders.iter().any(|order| order.id == id)
    }

    fn at(&self, id: u64) -> Option<usize> {
        self.state.orders.iter().position(|order| order.id == id)
    }

    /// Order id of a leg, open or not; 0 = it has not come.
    fn leg_id(&self, key: ListKey, index: usize) -> u64 {
        self.state.lists[&key].orders.get(index).copied().unwrap_or(0)
    }

    /// What a new order says of its list, held against what the list is.
    pub(super) fn leg_of(&self, records: &[Record]) -> Result<Option<Leg>, No> {
        let place: &PlaceOrder = records[0].view();
        let Some(link) = extension::<ListLink>(records, ListLink::KIND) else {
            return Ok(None);
        };
        let bad = Err(no(ErrorCode::ListInvalid));
        let roles: &[&[u8]] = match link.contingency {
            1 => &[&[2, 3, 4], &[2, 3, 4]],
            2 => &[&[1], &[5]],
            3 => &[&[1], &[2, 3], &[2, 3]],
            _ => return bad,
        };
        let index = usize::from(link.leg_index);
        if link.list_id == 0
            || usize::from(link.leg_count) != roles.len()
            || index >= roles.len()
            || !roles[index].contains(&link.leg_role)
        {
            return bad;
        }
        let key = (place.account_id, link.list_id);
        let leg = Leg { list: key, index };
        let Some(list) = self.state.lists.get(&key) else {
            return if index == 0 { Ok(Some(leg)) } else { bad };
        };
        if list.stage != ListStage::Gathering || index < list.orders.len() {
            return Err(no(ErrorCode::ListClosed));
        }
        if index > list.orders.len() || link.contingency != list.contingency || place.instrument_id != list.instrument {
            return bad;
        }
        let first = &self.state.orders[self.at(list.orders[0]).expect("a gathering list is open")];
        let quantity = i128::from(place.quantity_lots);
        let same_side = place.side == first.side.number();
        let fits = match link.contingency {
            1 => same_side && quantity == first.quantity,
            2 => true,
            _ => !same_side && quantity <= first.quantity,
        };
        let second = list.orders.get(1).and_then(|id| self.at(*id));
        let pairs =
            second.is_none_or(|at| self.state.orders[at].quantity == quantity && list.second_role != link.leg_role);
        if fits && pairs { Ok(Some(leg)) } else { bad }
    }

    /// The checks of a leg that comes in.
    pub(super) fn check_leg(&self, order: &Order, leg: Leg, records: &[Record]) -> Verdict {
        let place: &PlaceOrder = records[0].view();
        let link: &ListLink = extension(records, ListLink::KIND).expect("a leg");
        let last = leg.index + 1 == usize::from(link.leg_count);
        let enters = last && link.contingency == 1;
        if enters && order.trail.is_some() {
            // As for an order by itself: what it is comes before whether there is room for it.
            self.set_trailing(&mut order.clone())?;
        }
        if self.state.orders.len() >= self.max_orders {
            let (seen, room) = (self.state.orders.len() as i128 + 1, self.max_orders as i128);
            return Err(No(ErrorCode::OrderBookFull, seen, room, 0));
        }
        if enters {
            let mut entering = order.clone();
            self.meet_market(&mut entering)?;
            self.check_entering(&entering)?;
        } else {
            if self.state.instruments[&order.instrument].expired {
                return Err(no(ErrorCode::InstrumentExpired));
            }
            self.check_pending(order)?;
            self.check_open_orders(order)?;
        }
        if last {
            let first = self.leg_id((place.account_id, link.list_id), 0);
            let about = |refusal: No| No(refusal.0, refusal.1, refusal.2, first);
            // It is asked as if it were not in the table yet.
            let mut entering = self.state.orders[self.at(first).expect("open")].clone();
            self.meet_market(&mut entering).map_err(about)?;
            self.check_entering(&entering).map_err(about)?;
        }
        Ok(())
    }

    /// What is looked at of a leg that waits for its list or its entry.
    pub(super) fn check_pending(&self, order: &Order) -> Verdict {
        let terms = &self.state.instruments[&order.instrument].terms;
        if order.quantity <= 0 {
            return Err(No(ErrorCode::QuantityNotPositive, order.quantity, 1, 0));
        }
        let unpriced = order.at_market() || order.trail.is_some();
        if unpriced && order.price != 0 {
            return Err(no(ErrorCode::PriceNotAllowed));
        }
        if !unpriced && order.price <= 0 {
            return Err(No(ErrorCode::PriceNotPositive, order.price, 1, 0));
        }
        let open_trigger = order.trail.is_some() && order.trigger.1 == 0;
        let waits = order.trigger.0 != 0;
        if waits && !open_trigger && order.trigger.1 <= 0 {
            return Err(No(ErrorCode::PriceNotPositive, order.trigger.1, 1, 0));
        }
        if order.display < 0 {
            return Err(No(ErrorCode::InvalidArgument, order.display, 0, 0));
        }
        if order.display > 0 && order.quantity > order.display * 1000 {
            return Err(No(
                ErrorCode::InvalidArgument,
                order.display,
                order.quantity / 1000 + 1,
                0,
            ));
        }
        let bands = &self.state.instruments[&order.instrument].bands;
        if !unpriced {
            tick_tables::check(bands, order.price)?;
        }
        if waits && !open_trigger {
            tick_tables::check(bands, order.trigger.1)?;
        }
        self.check_quantity(order)?;
        let valued_at = if unpriced { order.trigger.1 } else { order.price };
        if !unpriced || (waits && !open_trigger) {
            let product = valued_at * order.quantity;
            let value = product.saturating_mul(i128::from(terms.units_per_tick_lot));
            if product > i128::from(i64::MAX) || value > 1 << 62 {
                return Err(no(ErrorCode::NotionalOverflow));
            }
            let least = i128::from(terms.min_notional_units);
            if value < least {
                return Err(No(ErrorCode::MinNotional, value, least, 0));
            }
        }
        Ok(())
    }

    /// Prices of a leg that follow from the market that it meets.
    fn meet_market(&self, order: &mut Order) -> Verdict {
        if order.trail.is_some() {
            self.set_trailing(order)?;
        }
        order.price = self.stepped_back(order);
        Ok(())
    }

    /// Whether a leg that enters does not trade because of the phase; some cannot enter then.
    fn stands_aside(&self, order: &Order) -> Result<bool, No> {
        let phase = self.state.instruments[&order.instrument].phase;
        if phase == 4 || order.trigger.0 != 0 {
            return Ok(false);
        }
        let at_once = order.at_market() || [3, 4].contains(&order.shape.1) || order.minimum != 0;
        let instructed = order.shape.2 & (1 | 2 | 16) != 0;
        let meets = [1, 7].contains(&phase) && !self.crossing(order, false).is_empty();
        if at_once || instructed || meets {
            return Err(No(ErrorCode::MarketClosed, i128::from(phase), 0, 0));
        }
        Ok(true)
    }

    fn check_entering(&self, order: &Order) -> Verdict {
        let (market, force) = (order.at_market(), order.shape.1);
        let collects = self.stands_aside(order)?;
        let verdict = self.check(&Wanted {
            order,
            market,
            rests: !market && force != 3 && force != 4,
            waits: order.trigger.0 != 0,
            collects,
            later: false,
            post_only: order.shape.2 & 1 != 0,
            fill_or_kill: force == 4 || order.shape.2 & 16 != 0,
            collar: true,
            old: None,
        });
        match verdict {
            // It has its room already.
            Err(No(ErrorCode::OrderBookFull, ..)) => unreachable!("a leg is in the table"),
            other => other,
        }
    }

    /// Takes a leg in.
    pub(super) fn join_list(&mut self, mut order: Order, leg: Leg, link: &ListLink) {
        let count = usize::from(link.leg_count);
        let list = self.state.lists.entry(leg.list).or_insert(List {
            instrument: order.instrument,
            contingency: link.contingency,
            second_role: 0,
            stage: ListStage::Gathering,
            orders: Vec::new(),
            parent: 0,
            child: 0,
            granted: 0,
            filled: 0,
            forsaken: false,
        });
        list.orders.push(order.id);
        if leg.index == 1 {
            list.second_role = link.leg_role;
        }
        let last = leg.index + 1 == count;
        if order.expires.is_none() && (!last || order.shape.1 == 8) {
            order.expires = Some((self.state.time / DAY + 1) * DAY);
        }
        order.stage = Stage::Pending;
        order.leg = Some(leg);
        let mut accepted = self.state_report(
            &order,
            order.leaves(),
            ExecType::New,
            OrderStatus::PendingNew,
            CancelReason::None,
        );
        accepted.extension_count = 1;
        self.outcome(accepted);
        self.push(detail(&order));
        self.answer.order_id = order.id;
        self.answer.leaves_quantity_lots = order.leaves() as i64;
        self.answer.order_status = OrderStatus::PendingNew.number();
        self.answer.exec_type = ExecType::New.number();
        self.state.orders.push(order);
        if last {
            self.owe(leg.list);
        }
    }

    /// A refused last leg ends its list.
    pub(super) fn refused_leg(&mut self, records: &[Record], code: ErrorCode) {
        let link = extension::<ListLink>(records, ListLink::KIND);
        let Some(link) = link.filter(|_| records[0].kind() == PlaceOrder::KIND && code != ErrorCode::ListClosed) else {
            return;
        };
        let key = (records[0].view::<PlaceOrder>().account_id, link.list_id);
        let Some(list) = self.state.lists.get_mut(&key) else {
            return;
        };
        let count = if list.contingency == 3 { 3 } else { 2 };
        if list.stage == ListStage::Gathering && link.leg_index + 1 == count {
            list.stage = ListStage::Rejected;
            self.owe(key);
        }
    }

    fn owe(&mut self, key: ListKey) {
        if !self.owed.contains(&key) {
            self.owed.push(key);
        }
    }

    /// A list without open orders has ended.
    pub(super) fn end_lists(&mut self) {
        let over: Vec<_> = self
            .state
            .lists
            .iter()
            .filter(|(_, list)| !matches!(list.stage, ListStage::Ended(_)))
            .filter(|(_, list)| !list.orders.iter().any(|id| self.is_open(*id)))
            .map(|(key, _)| *key)
            .collect();
        for key in over {
            self.state.lists.get_mut(&key).expect("known").stage = ListStage::Ended(self.state.time + DAY);
        }
    }

    /// What of a leg can be amended.
    pub(super) fn leg_amendable(&self, order: &Order) -> u8 {
        match order.leg {
            None => 15,
            Some(_) if order.stage == Stage::Pending => 13,
            Some(leg) if leg.index > 0 || self.state.lists[&leg.list].contingency == 1 => 13,
            Some(_) => 15,
        }
    }

    /// Does what lists owe.
    pub(super) fn run_lists(&mut self) {
        while !self.owed.is_empty() {
            let key = self.owed.remove(0);
            let list = self.state.lists[&key].clone();
            match list.stage {
                ListStage::Rejected => self.cancel_legs(key, 0, CancelReason::ListRejected),
                ListStage::Gathering => self.activate_list(key),
                ListStage::Active => self.size_children(key, &list),
                ListStage::Ended(_) => {}
            }
            self.hold_to_positions();
            self.end_lists();
        }
    }

    fn cancel_legs(&mut self, key: ListKey, from: usize, reason: CancelReason) {
        for index in from..3 {
            let id = self.leg_id(key, index);
            if self.at(id).is_some() {
                self.withdraw_alone(id, ExecType::Canceled, OrderStatus::Canceled, reason, false);
            }
        }
    }

    fn activate_list(&mut self, key: ListKey) {
        let ids = self.state.lists[&key].orders.clone();
        let quantities: Vec<_> = ids
            .iter()
            .map(|id| self.state.orders[self.at(*id).expect("open")].quantity)
            .collect();
        let list = self.state.lists.get_mut(&key).expect("known");
        list.stage = ListStage::Active;
        (list.parent, list.child) = (quantities[0], quantities[1]);
        let enter = if list.contingency == 1 { 2 } else { 1 };
        for order in &mut self.state.orders {
            let calendar = self.state.instruments[&order.instrument].calendar();
            let by_the_clock = order.shape.1 == 6 || (order.shape.1 == 8 && calendar == 0);
            if ids.contains(&order.id) && !by_the_clock {
                order.expires = None;
            }
        }
        for id in &ids[..enter] {
            if self.at(*id).is_none() {
                continue;
            }
            if !self.activate(*id, CancelReason::None) {
                self.cancel_legs(key, 0, CancelReason::ListRejected);
                return;
            }
            self.hold_to_positions();
        }
    }

    /// Lets a pending leg enter. Whether it was let in.
    fn activate(&mut self, id: u64, reason: CancelReason) -> bool {
        let at = self.at(id).expect("open");
        let mut order = self.state.orders.remove(at);
        let calendar = self.state.instruments[&order.instrument].calendar();
        if let Err(No(code, ..)) = self.enter(&mut order) {
            let why = reason_of(code);
            let report = self.state_report(&order, 0, ExecType::Canceled, OrderStatus::Canceled, why);
            self.push(report);
            self.closed(id);
            return false;
        }
        // Where a calendar rules, a phase ends the day of an active order.
        if order.shape.1 != 6 && (order.shape.1 != 8 || calendar != 0) {
            order.expires = None;
        }
        let mut report = self.state_report(&order, order.leaves(), ExecType::New, OrderStatus::New, reason);
        report.extension_count = 1;
        self.push(report);
        self.push(detail(&order));
        if order.trigger.0 != 0 {
            order.stage = Stage::Waiting;
            self.state.orders.insert(at, order);
            return true;
        }
        order.stage = Stage::Resting;
        order.priority = self.place_in_queue();
        let (market, force) = (order.at_market(), order.shape.1);
        let aside = self.state.instruments[&order.instrument].phase != 4;
        let ended = !aside && self.run(&mut order, market).1;
        self.settle(&mut order, !market && force != 3 && force != 4, ended);
        true
    }

    fn enter(&self, order: &mut Order) -> Verdict {
        let mut entering = order.clone();
        self.meet_market(&mut entering)?;
        self.check_entering(&entering)?;
        *order = entering;
        Ok(())
    }

    /// Lots were taken off an order without or with a fill: the other leg of its pair loses as many.
    pub(super) fn follow_sibling(&mut self, order: &Order, lots: i128, filled: bool) {
        let Some(at) = self.state.sibling(order) else {
            return;
        };
        self.touch_level(&self.state.orders[at].clone());
        let sibling = &mut self.state.orders[at];
        if filled {
            (sibling.owed_ppm, sibling.paid) = (order.owed_ppm, order.paid);
        }
        let id = sibling.id;
        if sibling.leaves() == lots {
            let (exec, status) = (ExecType::Canceled, OrderStatus::Canceled);
            self.withdraw_alone(id, exec, status, CancelReason::ListSibling, false);
            return;
        }
        sibling.quantity -= lots;
        sibling.slice = sibling.slice.min(sibling.leaves());
        let sibling = sibling.clone();
        self.restated(&sibling, CancelReason::ListSibling);
    }

    /// An order of a list has filled lots.
    pub(super) fn leg_filled(&mut self, order: &Order, lots: i128) {
        let Some(leg) = order.leg else {
            return;
        };
        self.follow_sibling(order, lots, true);
        let list = self.state.lists.get_mut(&leg.list).expect("known");
        if leg.index == 0 && list.contingency != 1 {
            list.filled += lots;
            self.owe(leg.list);
        }
    }

    /// An order of a list is not open any more.
    pub(super) fn leg_gone(&mut self, order: &Order, reason: CancelReason) {
        let Some(leg) = order.leg else {
            return;
        };
        let list = self.state.lists[&leg.list].clone();
        let sibling = CancelReason::ListSibling;
        if list.stage == ListStage::Gathering || list.contingency == 1 {
            self.cancel_legs(leg.list, 0, sibling);
        } else if leg.index == 0 && list.filled == 0 {
            self.cancel_legs(leg.list, 1, sibling);
        } else if leg.index == 0 {
            self.owe(leg.list);
        } else {
            // No other child is left.
            self.cancel_legs(leg.list, 1, sibling);
            if reason != CancelReason::Requested && reason != CancelReason::Operator {
                self.state.lists.get_mut(&leg.list).expect("known").forsaken = true;
                self.owe(leg.list);
            }
        }
    }

    fn size_children(&mut self, key: ListKey, list: &List) {
        let children: Vec<_> = list.orders[1..]
            .iter()
            .copied()
            .filter(|id| self.at(*id).is_some())
            .collect();
        let parent_open = self.at(list.orders[0]).is_some();
        if children.is_empty() {
            if list.forsaken && parent_open {
                self.cancel_legs(key, 0, CancelReason::ListSibling);
            }
            return;
        }
        let due = list.child * list.filled / list.parent;
        if due > list.granted {
            self.state.lists.get_mut(&key).expect("known").granted = due;
            if list.granted == 0 {
                self.activate_children(key, &children, due);
            } else {
                self.grow_children(&children, due - list.granted);
            }
        } else if due == 0 && !parent_open {
            self.cancel_legs(key, 1, CancelReason::ListSibling);
        }
    }

    fn activate_children(&mut self, key: ListKey, children: &[u64], lots: i128) {
        for id in children {
            let at = self.at(*id).expect("open");
            self.state.orders[at].quantity = lots;
        }
        for id in children {
            if self.at(*id).is_some() && !self.activate(*id, CancelReason::ListSized) {
                self.cancel_legs(key, 1, CancelReason::ListSibling);
                self.state.lists.get_mut(&key).expect("known").forsaken = true;
                self.owe(key);
            }
        }
    }

    fn grow_children(&mut self, children: &[u64], lots: i128) {
        let reason = CancelReason::ListSized;
        for id in children {
            let old = self.state.orders[self.at(*id).expect("open")].clone();
            let mut grown = old.clone();
            grown.quantity += lots;
            let waits = old.stage != Stage::Resting;
            let verdict = self.check(&Wanted {
                order: &grown,
                market: old.at_market(),
                rests: !waits,
                waits,
                collects: !waits && self.state.instruments[&old.instrument].phase != 4,
                later: false,
                post_only: false,
                fill_or_kill: false,
                collar: false,
                old: Some(&old),
            });
            let too_many = grown.quantity > i128::from(i64::MAX);
            if let Some(code) = verdict
                .err()
                .map(|refusal| refusal.0)
                .or(too_many.then_some(ErrorCode::NotionalOverflow))
            {
                let why = reason_of(code);
                self.withdraw(*id, ExecType::Canceled, OrderStatus::Canceled, why, false);
                return;
            }
        }
        for id in children {
            let order = self.state.orders[self.at(*id).expect("open")].clone();
            self.touch_level(&order);
        }
        for id in children {
            let at = self.at(*id).expect("open");
            self.state.orders[at].quantity += lots;
            if self.state.orders[at].stage == Stage::Resting {
                self.state.orders[at].priority = self.place_in_queue();
                self.state.orders[at].show();
            }
            let order = self.state.orders[at].clone();
            self.restated(&order, reason);
        }
    }
}
