//! Orders of margin accounts, and what other accounts may do in derivatives.

use fulltape_tape::codes::{ErrorCode, OrderType, Side};

use crate::accounts::Account;
use crate::checks::{Proposal, notional};
use crate::engine::Engine;
use crate::explain::{Note, Relation};
use crate::fees;
use crate::instruments::feature;
use crate::margin::{Change, Rate};
use crate::reports::{Out, Refusal, ReportSink, clamp};

/// An order as margin sees it.
struct Cost {
    /// Lots that may trade or rest.
    lots: i128,
    /// What they cost at most (buys) or bring at least (sells), in money units.
    notional: i64,
    /// The highest fee.
    fee: i64,
}

impl Engine {
    /// Margin accounts, and derivatives in any account: what takes the place of buying power and position.
    #[inline(never)]
    pub(crate) fn check_beyond_cash<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let features = self.instruments.get(order.instrument).terms.features;
        if account.on_margin() {
            if order.side == Side::Sell && features & feature::DERIVATIVE == 0 {
                self.check_position(order, account, out)?;
            }
            return self.check_margin(order, account, out);
        }
        // An account without margin closes futures, buys options and sells those that it holds.
        if features & feature::FUTURE == 0 && order.side == Side::Buy {
            return self.check_buying_power(order, account, out);
        }
        let held = i128::from(self.reducible_lots(order));
        out.at_most(ErrorCode::MarginAccountRequired, i128::from(order.leaves_lots), held)
    }

    /// Equity covers what the account would need with the order, its fee, and what it loses by its price. An order that lowers
    /// the requirement passes; one that leaves it as it is does where its price gives nothing away, or where it only closes.
    fn check_margin<S: ReportSink>(
        &self,
        order: &Proposal,
        account: &Account,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let instrument = self.instruments.get(order.instrument);
        let closes = order.leaves_lots <= self.reducible_lots(order);
        if !self.is_priced(order.instrument) {
            return out.holds(ErrorCode::NoReferencePrice, closes);
        }
        let cost = self.margin_cost(order, account)?;
        let lots = cost.lots - i128::from(order.held.leaves_lots);
        let buy = order.side == Side::Buy;
        let change = Change {
            instrument: order.instrument,
            buys: if buy { lots } else { 0 },
            sells: if buy { 0 } else { lots },
        };
        let root = self.instruments.root(order.instrument);
        let (before, after) = self.requirements_of(order.account, root, change);
        // What the price of the order gives away against the price at which the position will be valued.
        let value = i128::from(self.valuation_ticks(order.instrument))
            .saturating_mul(cost.lots)
            .saturating_mul(i128::from(instrument.terms.units_per_tick_lot));
        let given = if buy {
            i128::from(cost.notional).saturating_sub(value)
        } else {
            value.saturating_sub(i128::from(cost.notional))
        };
        // The price of an order that waits is of a market that is not there yet: it is checked when it triggers. A market sell
        // has no price before its auction.
        let unpriced = order.waits || (order.collects && order.bounded_at().is_none());
        let given = if unpriced { 0 } else { given.max(0) };
        out.note(|| Note::Margin {
            before_units: clamp(before),
            after_units: clamp(after),
            fee_units: cost.fee,
            given_units: clamp(given),
        });
        if after < before || (after == before && (given == 0 || closes)) {
            // The requirement does not rise, whatever the equity is.
            out.passed(ErrorCode::InsufficientMargin, Relation::AtMost, after, before);
            return Ok(());
        }
        let currency_id = instrument.terms.currency_id;
        let beside = self.requirement_beside(order.account, currency_id, root, Rate::Initial);
        let balance = self.ledger.find_balance(order.account, currency_id);
        let fees = balance.map_or(0, |balance| self.ledger.balance(balance).reserved);
        let needed = beside
            .saturating_add(after)
            .saturating_add(fees - i128::from(order.held.reserved_units) + i128::from(cost.fee))
            .saturating_add(given);
        let equity = self.equity(order.account, currency_id);
        out.at_most(ErrorCode::InsufficientMargin, needed, equity)
    }

    /// A market order is bounded by the book as it stands, others by their limit, or by their trigger where they have none.
    fn margin_cost(&self, order: &Proposal, account: &Account) -> Result<Cost, Refusal> {
        let terms = &self.instruments.get(order.instrument).terms;
        let market = order.order_type == OrderType::Market && !order.waits && !order.collects;
        let (lots, notional, rate) = if market {
            let (lots, notional) = self.walk(order);
            // Bounded by `check_liquidity`.
            let notional = i64::try_from(notional).map_err(|_| Refusal::of(ErrorCode::NotionalOverflow))?;
            (lots, notional, terms.taker_fee_ppm)
        } else {
            let price_ticks = order.bounded_at().unwrap_or(0);
            let notional = notional(price_ticks, order.leaves_lots, terms.units_per_tick_lot)?;
            (i128::from(order.leaves_lots), notional, terms.highest_fee_ppm())
        };
        let rate = if account.pays_fees() { rate } else { 0 };
        let fee = fees::charge(order.fee_carry, notional, rate).0.max(0);
        Ok(Cost { lots, notional, fee })
    }
}
