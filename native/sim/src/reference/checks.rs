//! The checks of an order in their documented order, with every sum taken anew.

use fulltape_tape::codes::*;

use super::state::{Order, ceil};
use super::{No, Reference, Verdict, no, tick_tables};

const NOTIONAL_MAX: i128 = 1 << 62;
const RANGE: i128 = i64::MAX as i128;

/// An order as it would be, and what it holds now (an amend).
pub(super) struct Wanted<'a> {
    pub order: &'a Order,
    pub market: bool,
    pub rests: bool,
    pub waits: bool,
    /// It does not match now.
    pub collects: bool,
    /// It waits outside the book for its auction.
    pub later: bool,
    pub post_only: bool,
    pub fill_or_kill: bool,
    pub collar: bool,
    pub old: Option<&'a Order>,
}

/// One step of matching; makers by order id, quantities in lots.
pub(super) enum Step {
    /// Maker, its price, lots.
    Trade(u64, i128, i128),
    /// The maker shows its next part, behind the others of its price.
    Refresh(u64),
    EndMaker(u64),
    ShrinkMaker(u64, i128),
    ShrinkTaker(i128),
    EndTaker,
    /// The next price is outside the band of a circuit breaker.
    Stop(i128),
}

impl Reference {
    /// Opposite orders whose price an order crosses, best first.
    pub(super) fn crossing(&self, order: &Order, market: bool) -> Vec<Order> {
        let other = if order.side == Side::Buy { Side::Sell } else { Side::Buy };
        self.state
            .queue(order.instrument, other)
            .into_iter()
            .filter(|maker| {
                market
                    || if order.side == Side::Buy {
                        maker.price <= order.price
                    } else {
                        maker.price >= order.price
                    }
            })
            .cloned()
            .collect()
    }

    /// Best price that an order would trade at if it had no limit.
    pub(super) fn touch(&self, order: &Order) -> Option<i128> {
        self.crossing(order, true).first().map(|best| best.price)
    }

    /// The limit of an order that steps back rather than trade.
    pub(super) fn stepped_back(&self, order: &Order) -> i128 {
        let crossing = self.crossing(order, false);
        if order.shape.2 & order_instruction::POST_ONLY_REPRICE == 0 || order.price <= 0 || crossing.is_empty() {
            return order.price;
        }
        let bands = &self.state.instruments[&order.instrument].bands;
        if tick_tables::check(bands, order.price).is_err() {
            return order.price;
        }
        match order.side {
            Side::Buy => tick_tables::rounded(bands, false, crossing[0].price - 1),
            Side::Sell => tick_tables::rounded(bands, true, crossing[0].price + 1),
        }
    }

    /// What matching an order would do, step by step.
    pub(super) fn plan(&self, order: &Order, market: bool) -> Vec<Step> {
        let mut left = order.leaves();
        let mut steps = Vec::new();
        let mut queue = self.crossing(order, market);
        let mut whole = self.crossing_whole(order, market);
        if order.shape.2 & 3 != 0 {
            whole.clear();
        }
        while left > 0 {
            // All-or-none orders come behind the others of their price, and only if they fit.
            let fits = whole.iter().position(|other| other.leaves() <= left);
            let comes_first = fits.filter(|at| {
                let price = whole[*at].price;
                queue.first().is_none_or(|plain| {
                    if order.side == Side::Buy {
                        price < plain.price
                    } else {
                        price > plain.price
                    }
                })
            });
            let mut maker = match comes_first {
                Some(at) => whole.remove(at),
                None if queue.is_empty() => break,
                None => queue.remove(0),
            };
            if !self.in_band(order.instrument, maker.price) {
                steps.push(Step::Stop(maker.price));
                break;
            }
            let sibling = self.state.sibling(&maker).map(|at| self.state.orders[at].id);
            let both = left.min(maker.leaves());
            let own = self.state.owner(order.account) == self.state.owner(maker.account);
            match order.prevention {
                0 => {}
                _ if !own => {}
                1 => {
                    steps.push(Step::EndTaker);
                    break;
                }
                2 => {
                    steps.push(Step::EndMaker(maker.id));
                    queue.retain(|other| Some(other.id) != sibling);
                    continue;
                }
                3 => {
                    steps.extend([Step::EndMaker(maker.id), Step::EndTaker]);
                    break;
                }
                _ => {
                    steps.push(if maker.leaves() > both {
                        Step::ShrinkMaker(maker.id, both)
                    } else {
                        Step::EndMaker(maker.id)
                    });
                    queue.retain(|other| Some(other.id) != sibling);
                    if left == both {
                        steps.push(Step::EndTaker);
                        break;
                    }
                    steps.push(Step::ShrinkTaker(both));
                    left -= both;
                    continue;
                }
            }
            let lots = left.min(maker.turn());
            left -= lots;
            steps.push(Step::Trade(maker.id, maker.price, lots));
            maker.filled += lots;
            maker.slice -= lots;
            for other in queue.iter_mut().filter(|other| Some(other.id) == sibling) {
                other.quantity -= lots;
                other.slice = other.slice.min(other.leaves());
            }
            queue.retain(|other| other.leaves() > 0);
            if maker.display > 0 && maker.slice == 0 && maker.leaves() > 0 {
                steps.push(Step::Refresh(maker.id));
                maker.show();
                let behind = queue.iter().take_while(|other| other.price == maker.price).count();
                queue.insert(behind, maker);
            }
        }
        let traded: i128 = steps
            .iter()
            .map(|step| if let Step::Trade(_, _, lots) = step { *lots } else { 0 })
            .sum();
        if order.all_or_none() && traded < order.leaves() {
            return Vec::new();
        }
        steps
    }

    pub(super) fn check(&self, wanted: &Wanted<'_>) -> Verdict {
        let state = &self.state;
        let order = wanted.order;
        let account = &state.accounts[&order.account];
        let instrument = &state.instruments[&order.instrument];
        let terms = &instrument.terms;
        let units = i128::from(terms.units_per_tick_lot);
        let leaves = order.leaves();
        let position = state
            .positions
            .get(&(order.account, order.instrument))
            .copied()
            .unwrap_or_default();
        let open = state.open_by_others(order);

        let group = state.groups.get(&account.terms.group_id).map_or(1, |group| group.0);
        if state.global == 3 {
            return Err(no(ErrorCode::GlobalHalt));
        }
        if account.state == 3 || group == 3 {
            return Err(no(ErrorCode::AccountHalted));
        }
        if instrument.expired {
            return Err(no(ErrorCode::InstrumentExpired));
        }
        if instrument.state == 3 {
            return Err(no(ErrorCode::InstrumentHalted));
        }
        if order.reduces() || [state.global, account.state, group, instrument.state].contains(&2) {
            let against = if order.side == Side::Buy {
                -position.lots
            } else {
                position.lots
            };
            let room = (against - open).max(0);
            if leaves > room {
                return Err(No(ErrorCode::ReduceOnly, leaves, room, 0));
            }
        }
        self.check_restrictions(wanted)?;
        if order.quantity <= 0 {
            return Err(No(ErrorCode::QuantityNotPositive, order.quantity, 1, 0));
        }
        if wanted.market && order.price != 0 {
            return Err(no(ErrorCode::PriceNotAllowed));
        }
        if !wanted.market && order.price <= 0 {
            return Err(No(ErrorCode::PriceNotPositive, order.price, 1, 0));
        }
        if wanted.waits && order.trigger.1 <= 0 {
            return Err(No(ErrorCode::PriceNotPositive, order.trigger.1, 1, 0));
        }
        if order.display < 0 {
            return Err(No(ErrorCode::InvalidArgument, order.display, 0, 0));
        }
        if order.display > 0 && order.quantity > order.display * 1000 {
            let least = order.quantity / 1000 + 1;
            return Err(No(ErrorCode::InvalidArgument, order.display, least, 0));
        }
        if !wanted.market {
            tick_tables::check(&instrument.bands, order.price)?;
        }
        if wanted.waits {
            tick_tables::check(&instrument.bands, order.trigger.1)?;
        }
        self.check_quantity(wanted.order)?;
        let valued_at = order.valued();
        let product = valued_at * leaves;
        let value = if product > RANGE {
            NOTIONAL_MAX + 1
        } else {
            product * units
        };
        if !wanted.market || wanted.waits || (wanted.collects && order.trigger.1 != 0) {
            if value > NOTIONAL_MAX {
                return Err(no(ErrorCode::NotionalOverflow));
            }
            if value < i128::from(terms.min_notional_units) {
                return Err(No(
                    ErrorCode::MinNotional,
                    value,
                    i128::from(terms.min_notional_units),
                    0,
                ));
            }
        }
        self.check_prices(wanted)?;
        let crossing = self.crossing(order, wanted.market);
        let plan = self.plan(order, wanted.market);
        let now = !wanted.waits && !wanted.collects;
        if wanted.collects && !wanted.later {
            self.check_band(order)?;
        }
        let fills: Vec<_> = if now { plan } else { Vec::new() }
            .into_iter()
            .filter_map(|step| match step {
                Step::Trade(_, price, lots) => Some((price, lots)),
                _ => None,
            })
            .collect();
        let offered: i128 = fills.iter().map(|(_, lots)| lots).sum();
        if now && wanted.market && crossing.is_empty() && fills.is_empty() {
            return Err(no(ErrorCode::NoLiquidity));
        }
        if now && wanted.post_only && !crossing.is_empty() {
            return Err(No(ErrorCode::PostOnlyWouldTrade, order.price, crossing[0].price, 0));
        }
        let least = if wanted.fill_or_kill {
            leaves
        } else if wanted.old.is_none() {
            order.minimum
        } else {
            0
        };
        if now && offered < least {
            let code = if wanted.fill_or_kill {
                ErrorCode::FillOrKillUnfillable
            } else {
                ErrorCode::MinimumQuantityUnfillable
            };
            return Err(No(code, least, offered, 0));
        }
        let cost: i128 = fills.iter().map(|(price, lots)| price * lots * units).sum();
        if cost > NOTIONAL_MAX {
            return Err(no(ErrorCode::NotionalOverflow));
        }
        if wanted.rests || wanted.waits {
            if wanted.old.is_none() && state.orders.len() >= self.max_orders {
                return Err(No(
                    ErrorCode::OrderBookFull,
                    state.orders.len() as i128 + 1,
                    self.max_orders as i128,
                    0,
                ));
            }
            if order.all_or_none() && !wanted.waits && wanted.old.is_none() {
                let standing = state.whole(order.instrument, order.side).len() as i128;
                if standing >= 256 {
                    return Err(No(ErrorCode::OrderBookFull, standing + 1, 256, 0));
                }
            }
            let own = wanted
                .old
                .filter(|old| old.price == order.price)
                .map_or(0, Order::leaves);
            let level = state.level_total((order.instrument, order.side.number(), order.price));
            if !wanted.waits && !wanted.later && !order.all_or_none() && level - own + leaves > RANGE {
                return Err(no(ErrorCode::NotionalOverflow));
            }
        }
        let all = open + leaves;
        let reach = if order.side == Side::Buy {
            position.lots + all
        } else {
            all - position.lots
        };
        if reach > RANGE || all > RANGE {
            return Err(No(ErrorCode::LedgerOverflow, reach, RANGE, 0));
        }
        self.check_risk(wanted, cost)?;
        if account.unlimited() {
            return Ok(());
        }
        let against = if order.side == Side::Buy {
            -position.lots
        } else {
            position.lots
        };
        let closes = (against - open).max(0);
        if account.on_margin() {
            let spot_sale = order.side == Side::Sell && !instrument.contract.derives();
            if spot_sale && !account.short() && leaves > position.lots - open {
                return Err(No(ErrorCode::InsufficientPosition, leaves, position.lots - open, 0));
            }
            let cost = if wanted.market && now {
                let rate = if account.pays() { terms.taker_fee_ppm } else { 0 };
                let fee = ceil(cost * i128::from(rate), 1_000_000).max(0);
                (offered, cost, fee)
            } else {
                (leaves, value, state.held_by(order))
            };
            let unpriced = wanted.waits || (wanted.market && wanted.collects && order.trigger.1 == 0);
            return state.check_margin(order, unpriced, cost, closes);
        }
        let buys_option = instrument.contract.is_option() && order.side == Side::Buy;
        if instrument.contract.derives() && !buys_option {
            return if leaves > closes {
                Err(No(ErrorCode::MarginAccountRequired, leaves, closes, 0))
            } else {
                Ok(())
            };
        }
        if order.side == Side::Buy {
            let needed = if wanted.market && now {
                let rate = if account.pays() { terms.taker_fee_ppm } else { 0 };
                cost + ceil(cost * i128::from(rate), 1_000_000)
            } else {
                state.held_by(order)
            };
            let key = (order.account, terms.currency_id);
            let free = state.cash.get(&key).copied().unwrap_or(0) - state.reserved_by_others(order);
            if needed > free {
                return Err(No(ErrorCode::InsufficientBuyingPower, needed, free, 0));
            }
        } else if !account.short() && leaves > position.lots - open {
            return Err(No(ErrorCode::InsufficientPosition, leaves, position.lots - open, 0));
        }
        Ok(())
    }
}
