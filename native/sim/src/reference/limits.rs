//! The rules of risk limits, with every sum taken anew.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::checks::Wanted;
use super::state::{Limit, Order, Stage, State};
use super::{DAY, No, Reference, Verdict, extension, no};

/// Values stay inside this.
const VALUE_MAX: i128 = 1 << 100;

/// Scope number, target id, instrument id (0 = all).
pub type Scope = (u8, u32, u32);

impl State {
    /// Limits that apply, in the order in which they are looked at.
    fn applying(&self, account: u32, instrument: u32) -> Vec<(Scope, Limit)> {
        let group = self.accounts[&account].terms.group_id;
        let scopes = [
            (1, account, 0),
            (1, account, instrument),
            (2, group, 0),
            (2, group, instrument),
            (3, instrument, 0),
            (4, 0, 0),
            (4, 0, instrument),
        ];
        let there = scopes
            .iter()
            .filter_map(|scope| Some((*scope, *self.limits.get(scope)?)));
        there.collect()
    }

    /// Whether a rule asks what an account lost in a day.
    pub fn is_daily(&self, account: u32) -> bool {
        let group = self.accounts[&account].terms.group_id;
        let breaks = self.trips.contains_key(&(2, 2, account)) || self.trips.contains_key(&(2, 3, group));
        breaks
            || self.limits.iter().any(|(scope, limit)| {
                limit.limits.max_daily_loss_units != 0
                    && ((scope.0 == 1 && scope.1 == account) || (scope.0 == 2 && scope.1 == group))
            })
    }

    fn price(&self, instrument: u32) -> i128 {
        let known = &self.instruments[&instrument];
        let prices = [i128::from(known.mark), known.last, i128::from(known.reference)];
        prices.into_iter().find(|price| *price != 0).unwrap_or(0)
    }

    fn best(&self, instrument: u32, side: Side) -> i128 {
        self.queue(instrument, side).first().map_or(0, |best| best.price)
    }

    fn worth(&self, instrument: u32, lots: i128, price: i128) -> i128 {
        let units = i128::from(self.instruments[&instrument].terms.units_per_tick_lot);
        lots.saturating_mul(price * units).clamp(-VALUE_MAX, VALUE_MAX)
    }

    /// Profit of a position since it began, realised or not.
    pub fn profit(&self, account: u32, instrument: u32) -> i128 {
        let position = self.positions.get(&(account, instrument)).copied().unwrap_or_default();
        let price = self.price(instrument);
        let open = if price == 0 {
            0
        } else {
            self.worth(instrument, position.lots, price) - position.cost.clamp(-VALUE_MAX, VALUE_MAX)
        };
        (open + position.realized).clamp(-VALUE_MAX, VALUE_MAX)
    }

    /// From now on the day of an account counts.
    pub fn rebase(&mut self, account: u32) {
        for instrument in self.instruments.keys().copied().collect::<Vec<_>>() {
            let profit = self.profit(account, instrument);
            self.day_profit.insert((account, instrument), profit);
        }
    }

    /// The clock moves: a new UTC day may begin.
    pub fn turn_day(&mut self, to: u64) {
        if to / DAY > self.time / DAY {
            for trip in self.trips.values_mut() {
                trip.spent = false;
            }
            for account in self.accounts.keys().copied().collect::<Vec<_>>() {
                if self.is_daily(account) {
                    self.rebase(account);
                }
            }
        }
    }
}

/// The smallest limit that is set, the first of equal ones.
fn strictest(limits: impl IntoIterator<Item = (i64, u32)>) -> Option<(i128, u32)> {
    let mut least: Option<(i128, u32)> = None;
    for (limit, version) in limits {
        let limit = i128::from(limit);
        if limit != 0 && least.is_none_or(|least| limit < least.0) {
            least = Some((limit, version));
        }
    }
    least
}

impl Reference {
    fn at_most(&self, code: ErrorCode, observed: i128, limit: Option<(i128, u32)>) -> Verdict {
        match limit {
            Some((limit, version)) if observed > limit => {
                self.ruled_by.set(version);
                Err(No(code, observed, limit, 0))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn set_limits(&mut self, records: &[Record]) -> Verdict {
        let c: &SetRiskLimits = records[0].view();
        let bad = no(ErrorCode::InvalidArgument);
        let limits = extension::<RiskLimits>(records, RiskLimits::KIND)
            .copied()
            .unwrap_or_default();
        let rates = extension::<RiskRates>(records, RiskRates::KIND)
            .copied()
            .unwrap_or_default();
        // What does not belong to the limits is made equal before they are compared.
        let limits = RiskLimits {
            max_order_quantity_lots: limits.max_order_quantity_lots,
            max_order_notional_units: limits.max_order_notional_units,
            max_position_lots: limits.max_position_lots,
            max_gross_units: limits.max_gross_units,
            max_net_units: limits.max_net_units,
            max_daily_loss_units: limits.max_daily_loss_units,
            ..RiskLimits::default()
        };
        let rates = RiskRates {
            max_open_orders: rates.max_open_orders,
            orders_per_second: rates.orders_per_second,
            burst_orders: rates.burst_orders,
            collar_ppm: rates.collar_ppm,
            fat_finger_ppm: rates.fat_finger_ppm,
            max_price_age_ms: rates.max_price_age_ms,
            ..RiskRates::default()
        };
        let negative = [
            limits.max_order_quantity_lots,
            limits.max_order_notional_units,
            limits.max_position_lots,
            limits.max_gross_units,
            limits.max_net_units,
            limits.max_daily_loss_units,
        ]
        .iter()
        .any(|limit| *limit < 0);
        if !(1..=4).contains(&c.scope)
            || negative
            || (rates.burst_orders != 0 && rates.orders_per_second == 0)
            || (limits.max_daily_loss_units != 0 && c.scope > 2)
        {
            return Err(bad);
        }
        if c.instrument_id != 0 && !self.state.instruments.contains_key(&c.instrument_id) {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        if c.scope == 1 && !self.state.accounts.contains_key(&c.target_id) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        if c.scope == 3 && !self.state.instruments.contains_key(&c.target_id) {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        if (c.scope == 3 && ![0, c.target_id].contains(&c.instrument_id))
            || (c.scope == 2 && c.target_id == 0)
            || (c.scope == 4 && c.target_id != 0)
        {
            return Err(bad);
        }
        let scope = (c.scope, c.target_id, if c.scope == 3 { 0 } else { c.instrument_id });
        let brim = if rates.burst_orders == 0 {
            rates.orders_per_second
        } else {
            rates.burst_orders
        };
        let after = (limits != RiskLimits::default() || rates != RiskRates::default()).then_some(Limit {
            version: c.version,
            limits,
            rates,
            tokens: (i128::from(brim) * 1_000_000_000, self.state.time),
        });
        let before = self.state.limits.get(&scope).copied();
        let what = |limit: Limit| (limit.version, limit.limits, limit.rates);
        if before.map(what) == after.map(what) {
            self.done(SetRiskLimits::KIND, u64::from(c.target_id), 0);
            return Ok(());
        }
        if before.is_none() && self.state.limits.len() >= self.max_accounts {
            return Err(no(ErrorCode::TableFull));
        }
        if c.scope == 2 {
            self.know_group(c.target_id)?;
        }
        let uncounted = self.uncounted();
        match after {
            Some(limit) => self.state.limits.insert(scope, limit),
            None => self.state.limits.remove(&scope),
        };
        self.begin_counting(&uncounted);
        self.done(SetRiskLimits::KIND, u64::from(c.target_id), 1);
        match c.scope {
            1 => self.account_report_by(c.target_id, c.version),
            3 => {}
            _ => {
                let (state, reason) = if c.scope == 2 {
                    self.state.groups[&c.target_id]
                } else {
                    (self.state.global, self.state.global_reason)
                };
                self.push(AccountStateReport {
                    kind: 7,
                    group_id: c.target_id,
                    scope: if c.scope == 2 { 3 } else { 4 },
                    state,
                    reason,
                    version: c.version,
                    ..AccountStateReport::default()
                });
            }
        }
        Ok(())
    }

    /// Accounts whose losses nobody counts.
    pub(super) fn uncounted(&self) -> Vec<u32> {
        let all = self.state.accounts.keys().copied();
        all.filter(|account| !self.state.is_daily(*account)).collect()
    }

    /// Those of them whose losses somebody counts now begin here.
    pub(super) fn begin_counting(&mut self, uncounted: &[u32]) {
        for account in uncounted {
            if self.state.is_daily(*account) {
                self.state.rebase(*account);
            }
        }
    }

    /// Takes a token wherever one is asked for, or none at all.
    pub(super) fn count_order(&mut self, account: u32, instrument: u32) -> Verdict {
        let now = self.state.time;
        let mut taken = Vec::new();
        for (scope, limit) in self.state.applying(account, instrument) {
            let rate = i128::from(limit.rates.orders_per_second);
            if rate == 0 {
                continue;
            }
            let burst = if limit.rates.burst_orders == 0 {
                rate
            } else {
                i128::from(limit.rates.burst_orders)
            };
            let (held, at) = limit.tokens;
            let held = (held + i128::from(now - at) * rate).min(burst * 1_000_000_000);
            let missing = 1_000_000_000 - held;
            if missing > 0 {
                self.ruled_by.set(limit.version);
                return Err(No(ErrorCode::OrderRateLimit, (missing + rate - 1) / rate, rate, 0));
            }
            taken.push((scope, (-missing, now)));
        }
        for (scope, tokens) in taken {
            self.state.limits.get_mut(&scope).expect("applies").tokens = tokens;
        }
        Ok(())
    }

    pub(super) fn check_quantity(&self, order: &Order) -> Verdict {
        let own = self.state.instruments[&order.instrument].terms.max_quantity_lots;
        let set = self.state.applying(order.account, order.instrument);
        let limits = set
            .iter()
            .map(|(_, limit)| (limit.limits.max_order_quantity_lots, limit.version));
        let limit = strictest([(own, 0)].into_iter().chain(limits));
        self.at_most(ErrorCode::MaxOrderQuantity, order.quantity, limit)
    }

    pub(super) fn check_prices(&self, wanted: &Wanted<'_>) -> Verdict {
        if !wanted.collar || wanted.waits || wanted.later {
            return Ok(());
        }
        let order = wanted.order;
        let instrument = &self.state.instruments[&order.instrument];
        let set = self.state.applying(order.account, order.instrument);
        let of = |pick: fn(&RiskRates) -> u32| {
            let picked = set
                .iter()
                .map(|(_, limit)| (i64::from(pick(&limit.rates)), limit.version));
            picked.collect::<Vec<_>>()
        };
        let reference = i128::from(instrument.reference);
        let permissions = self.state.accounts[&order.account].terms.permissions;
        let own = (i64::from(instrument.terms.collar_ppm), 0);
        let collar = strictest([own].into_iter().chain(of(|rates| rates.collar_ppm)));
        let free = permissions & account_permission::COLLAR_OFF != 0;
        if let Some((ppm, version)) = collar.filter(|_| !wanted.market && !free && reference > 0) {
            let age = i128::from(self.state.time) - i128::from(instrument.reference_time);
            let age_ms = (age.max(0) + 999_999) / 1_000_000;
            let oldest = strictest(of(|rates| rates.max_price_age_ms));
            self.at_most(ErrorCode::StaleReferencePrice, age_ms, oldest)?;
            let width = reference * ppm / 1_000_000;
            self.ruled_by.set(version);
            if order.price > reference + width {
                return Err(No(ErrorCode::PriceOutsideCollar, order.price, reference + width, 0));
            }
            if order.price < reference - width {
                return Err(No(ErrorCode::PriceOutsideCollar, order.price, reference - width, 0));
            }
            self.ruled_by.set(0);
        }
        if wanted.collects {
            return Ok(());
        }
        let opposite = self.crossing(order, true);
        let finger = strictest(of(|rates| rates.fat_finger_ppm));
        let (Some((ppm, version)), Some(best)) = (finger, opposite.first()) else {
            return Ok(());
        };
        let buys = order.side == Side::Buy;
        let width = best.price * ppm / 1_000_000;
        let bound = if buys { best.price + width } else { best.price - width };
        let beyond = |price: i128| if buys { price > bound } else { price < bound };
        let observed = if wanted.market {
            let plan = self.plan(order, true);
            let trades_beyond = plan
                .iter()
                .any(|step| matches!(step, super::checks::Step::Trade(_, price, _) if beyond(*price)));
            let whole = self.crossing_whole(order, true);
            let mut others = opposite.iter().chain(&whole).map(|other| other.price);
            let first = others.find(|price| beyond(*price));
            first.filter(|_| trades_beyond)
        } else {
            Some(order.price).filter(|price| beyond(*price))
        };
        match observed {
            Some(price) => {
                self.ruled_by.set(version);
                Err(No(ErrorCode::FatFinger, price, bound, 0))
            }
            None => Ok(()),
        }
    }

    /// Lots of one account in one instrument at their worst, long and short, with the order that is asked about.
    fn reach(&self, wanted: &Wanted<'_>, account: u32, instrument: u32) -> (i128, i128) {
        let order = wanted.order;
        let held = self
            .state
            .positions
            .get(&(account, instrument))
            .map_or(0, |position| position.lots);
        let mut buys = self.state.open(account, instrument, Side::Buy);
        let mut sells = self.state.open(account, instrument, Side::Sell);
        if (order.account, order.instrument) == (account, instrument) {
            let all = self.state.open_by_others(order) + order.leaves();
            *(if order.side == Side::Buy { &mut buys } else { &mut sells }) = all;
        }
        (held + buys, sells - held)
    }

    /// One open order more.
    pub(super) fn check_open_orders(&self, order: &Order) -> Verdict {
        let state = &self.state;
        let set = state.applying(order.account, order.instrument);
        let group = state.accounts[&order.account].terms.group_id;
        for (scope, limit) in &set {
            let counts = |other: &&Order| {
                let whose = match scope.0 {
                    1 => other.account == order.account,
                    2 => state.accounts[&other.account].terms.group_id == group,
                    3 => other.instrument == order.instrument,
                    _ => true,
                };
                whose && [0, other.instrument].contains(&scope.2)
            };
            let open = state.orders.iter().filter(counts).count() as i128;
            let most = strictest([(i64::from(limit.rates.max_open_orders), limit.version)]);
            self.at_most(ErrorCode::MaxOpenOrders, open + 1, most)?;
        }
        Ok(())
    }

    pub(super) fn check_risk(&self, wanted: &Wanted<'_>, cost: i128) -> Verdict {
        let state = &self.state;
        let order = wanted.order;
        let set = state.applying(order.account, order.instrument);
        let group = state.accounts[&order.account].terms.group_id;
        let seated = matches!(order.stage, Stage::Firing | Stage::Called | Stage::Pending);
        if (wanted.rests || wanted.waits) && wanted.old.is_none() && !seated {
            self.check_open_orders(order)?;
        }
        let (long, short) = self.reach(wanted, order.account, order.instrument);
        let ends_at = if order.side == Side::Buy { long } else { short };
        if ends_at <= 0 {
            // Whatever fills, the position only comes closer to zero.
            return Ok(());
        }
        let units = i128::from(state.instruments[&order.instrument].terms.units_per_tick_lot);
        let valued_at = match order.trigger.1 {
            _ if !wanted.market => order.price,
            0 => state.price(order.instrument),
            bound => bound,
        };
        let notional = if wanted.market && !wanted.waits && !wanted.collects {
            cost
        } else {
            valued_at * order.leaves() * units
        };
        let all = set
            .iter()
            .map(|(_, limit)| (limit.limits.max_order_notional_units, limit.version));
        self.at_most(ErrorCode::MaxOrderNotional, notional, strictest(all))?;
        let members = |of_group: bool| -> Vec<u32> {
            if of_group && group != 0 {
                let all = state.accounts.iter();
                all.filter(|(_, account)| account.terms.group_id == group)
                    .map(|(id, _)| *id)
                    .collect()
            } else {
                vec![order.account]
            }
        };
        let side = |(long, short): (i128, i128)| if order.side == Side::Buy { long } else { short };
        for of_group in [false, true] {
            let limits = set
                .iter()
                .filter(|(scope, _)| (scope.0 == 2) == of_group)
                .map(|(_, limit)| (limit.limits.max_position_lots, limit.version));
            let lots = members(of_group)
                .into_iter()
                .map(|account| side(self.reach(wanted, account, order.instrument)))
                .sum();
            self.at_most(ErrorCode::PositionLimit, lots, strictest(limits))?;
        }
        let currency = state.instruments[&order.instrument].terms.currency_id;
        for (of_group, one) in [(false, false), (false, true), (true, false), (true, true)] {
            let picked: Vec<_> = set
                .iter()
                .filter(|(scope, _)| (scope.0 == 2) == of_group && (scope.0 == 3 || scope.2 != 0) == one)
                .map(|(_, limit)| limit)
                .collect();
            let (mut gross, mut net, mut loss) = (0, 0, 0);
            for account in members(of_group) {
                for (instrument, known) in &state.instruments {
                    let counted = known.terms.currency_id == currency && (!one || *instrument == order.instrument);
                    if !counted {
                        continue;
                    }
                    let (long, short) = self.valued(wanted, account, *instrument);
                    gross += long.max(short);
                    net += side((long, short));
                    let began = state.day_profit.get(&(account, *instrument)).copied().unwrap_or(0);
                    loss += began - state.profit(account, *instrument);
                }
            }
            let of = |pick: fn(&RiskLimits) -> i64| {
                strictest(picked.iter().map(|limit| (pick(&limit.limits), limit.version)))
            };
            self.at_most(
                ErrorCode::GrossExposureLimit,
                gross,
                of(|limits| limits.max_gross_units),
            )?;
            self.at_most(ErrorCode::NetExposureLimit, net, of(|limits| limits.max_net_units))?;
            if let Some((limit, version)) = of(|limits| limits.max_daily_loss_units).filter(|(limit, _)| loss >= *limit)
            {
                self.ruled_by.set(version);
                return Err(No(ErrorCode::DailyLossLimit, loss, limit, 0));
            }
        }
        Ok(())
    }

    /// `reach` in money units.
    fn valued(&self, wanted: &Wanted<'_>, account: u32, instrument: u32) -> (i128, i128) {
        let state = &self.state;
        let order = wanted.order;
        let own = if instrument != order.instrument {
            0
        } else if !wanted.market {
            order.price
        } else if wanted.waits || (wanted.collects && order.trigger.1 != 0) {
            order.trigger.1
        } else {
            self.touch(order).unwrap_or(0)
        };
        let prices = [
            state.price(instrument),
            own,
            state.best(instrument, Side::Buy),
            state.best(instrument, Side::Sell),
        ];
        let (long, short) = self.reach(wanted, account, instrument);
        match prices.into_iter().find(|price| *price > 0) {
            Some(price) => (
                state.worth(instrument, long, price),
                state.worth(instrument, short, price),
            ),
            None => {
                let position = state.positions.get(&(account, instrument)).copied().unwrap_or_default();
                let cost = position.cost.clamp(-VALUE_MAX, VALUE_MAX);
                (cost, -cost)
            }
        }
    }
}
