//! Random commands about risk: restrictions, dead-man switches, kill switches, allotments.

use fulltape_tape::Record;
use fulltape_tape::layout::*;

use crate::desk::DAY;
use crate::flow::Flow;
use crate::records::CURRENCY;

impl Flow {
    /// A command of one of the kinds that bound risk.
    pub(crate) fn safeguard(&mut self) -> Vec<Record> {
        let (account_id, instrument_id) = (self.account(), self.instrument());
        match self.random.below(17) {
            0 | 1 => {
                // Restrictions go more often than they come, or nothing would trade.
                let restriction = if self.random.once_in(4) {
                    self.random.one_of(&[1, 2, 3, 4, 4])
                } else {
                    self.random.one_of(&[0, 0, 0, 0, 0, 0, 0, 5])
                };
                vec![Record::of(SetRestriction {
                    kind: SetRestriction::KIND,
                    account_id: if self.random.once_in(4) { 0 } else { account_id },
                    instrument_id,
                    restriction,
                    version: self.random.below(4) as u32,
                    ..SetRestriction::default()
                })]
            }
            2..=4 => {
                let deadline_nanos = match self.random.below(12) {
                    0 => 0,
                    1 => self.time() - self.random.below(2),
                    _ => self.time() + self.random.below(300_000_000),
                };
                vec![Record::of(KeepAlive {
                    kind: KeepAlive::KIND,
                    session_id: self.random.below(3) as u32,
                    account_id,
                    deadline_nanos,
                    ..KeepAlive::default()
                })]
            }
            5 => {
                // Most of them end a halt.
                let kills = self.random.once_in(5);
                let flags = if kills {
                    self.random.one_of(&[1, 1, 1, 1, 1, 2])
                } else {
                    0
                };
                let scope = self.random.one_of(&[1, 2, 2, 2, 3, 4]);
                vec![Record::of(SetTradingState {
                    flags,
                    kind: SetTradingState::KIND,
                    scope,
                    state: match (kills, self.random.once_in(20)) {
                        (false, _) => 1,
                        (true, false) => 3,
                        (true, true) => 2,
                    },
                    reason: 1,
                    target_id: match scope {
                        1 => instrument_id,
                        3 => self.random.one_of(&[9, 9, 1, 2, 0, 5]),
                        _ => self.random.below(7) as u32,
                    },
                    ..SetTradingState::default()
                })]
            }
            6..=9 => self.limits(),
            10..=12 => self.trip(),
            _ => {
                let mut transfer = TransferAllotment {
                    kind: TransferAllotment::KIND,
                    account_id,
                    currency_id: CURRENCY,
                    leg: 1 + self.random.below(2) as u8,
                    other_shard: self.random.below(2) as u16,
                    amount_units: self.random.between(1, 9) * 1_000,
                    transfer_id: 1 + self.random.below(200),
                    ..TransferAllotment::default()
                };
                match self.random.below(60) {
                    0 => transfer.leg = self.random.below(4) as u8,
                    1 => transfer.amount_units = self.random.one_of(&[0, -1, i64::MAX, i64::MIN]),
                    2 => transfer.transfer_id = 0,
                    3 => transfer.currency_id = self.random.below(3) as u16,
                    _ => {}
                }
                let repeated = self.last_transfer.filter(|_| self.random.once_in(4));
                let transfer = repeated.unwrap_or(transfer);
                self.last_transfer = Some(transfer);
                vec![Record::of(transfer)]
            }
        }
    }

    /// Limits of some scope, more often taken away than set: a few at a time are enough to be met all the time.
    fn limits(&mut self) -> Vec<Record> {
        let scope = self.random.one_of(&[1, 1, 1, 2, 3, 4]);
        let instrument_id = if self.random.once_in(2) { 0 } else { self.instrument() };
        let target_id = match scope {
            1 => self.account(),
            2 => self.random.one_of(&[9, 1, 2, 0]),
            3 => self.instrument(),
            _ => u32::from(self.random.once_in(50)),
        };
        let mut change = SetRiskLimits {
            extension_count: 2,
            kind: SetRiskLimits::KIND,
            scope,
            target_id,
            instrument_id: if scope == 3 && !self.random.once_in(20) {
                0
            } else {
                instrument_id
            },
            version: self.random.below(100) as u32,
            ..SetRiskLimits::default()
        };
        let mut limits = RiskLimits {
            kind: RiskLimits::KIND,
            ..RiskLimits::default()
        };
        let mut rates = RiskRates {
            kind: RiskRates::KIND,
            ..RiskRates::default()
        };
        let count = if !self.random.once_in(3) {
            0
        } else {
            1 + self.random.below(3)
        };
        for _ in 0..count {
            match self.random.below(12) {
                0 => limits.max_order_quantity_lots = self.random.between(5, 60),
                1 => limits.max_order_notional_units = self.random.between(2_000, 15_000),
                2 | 3 => limits.max_position_lots = self.random.between(10, 150),
                4 => limits.max_gross_units = self.random.between(3_000, 60_000),
                5 => limits.max_net_units = self.random.between(3_000, 60_000),
                6 => limits.max_daily_loss_units = self.random.between(1, 2_000),
                7 => rates.max_open_orders = self.random.between(1, 12) as u32,
                8 => {
                    rates.orders_per_second = self.random.between(10, 300) as u32;
                    rates.burst_orders = self.random.below(12) as u32;
                }
                9 => {
                    rates.collar_ppm = self.random.between(10_000, 120_000) as u32;
                    if self.random.once_in(2) {
                        rates.max_price_age_ms = self.random.between(1, 2_000) as u32;
                    }
                }
                10 => rates.fat_finger_ppm = self.random.between(5_000, 80_000) as u32,
                _ => rates.max_price_age_ms = self.random.between(1, 2_000) as u32,
            }
        }
        match self.random.below(80) {
            0 => limits.max_gross_units = i64::MAX,
            1 => limits.max_net_units = -1,
            2 => change.scope = self.random.below(6) as u8,
            3 => (rates.burst_orders, rates.orders_per_second) = (1, 0),
            4 => rates.orders_per_second = u32::MAX,
            5 => limits.max_daily_loss_units = 1,
            _ => {}
        }
        vec![Record::of(change), Record::of(limits), Record::of(rates)]
    }

    /// A circuit breaker, or none again.
    fn trip(&mut self) -> Vec<Record> {
        let kind = 1 + self.random.below(3) as u8;
        let mut rule = SetTripRule {
            kind: SetTripRule::KIND,
            scope: if kind == 1 { 1 } else { 2 },
            rule: kind,
            resulting_state: 2 + self.random.below(2) as u8,
            target_id: if kind == 1 { self.instrument() } else { self.account() },
            window_nanos: 1 + self.random.below(400_000_000),
            threshold: match kind {
                1 => self.random.between(20_000, 200_000),
                2 => self.random.between(1, 2_000),
                _ => self.random.between(3, 30),
            },
            ..SetTripRule::default()
        };
        if kind == 1 && self.random.once_in(2) {
            rule.resulting_phase = 5;
            rule.phase_nanos = 1 + self.random.below(100_000_000);
        }
        if kind == 2 {
            rule.window_nanos = self.random.one_of(&[0, DAY]);
            if self.random.once_in(3) {
                (rule.scope, rule.target_id) = (3, self.random.one_of(&[9, 9, 1, 2, 5]));
            }
        }
        match self.random.below(12) {
            0..=6 => rule.threshold = 0,
            7 => rule.window_nanos = self.random.below(3),
            8 => rule.resulting_phase = self.random.below(7) as u8,
            9 if self.random.once_in(3) => rule.rule = self.random.below(5) as u8,
            10 if self.random.once_in(6) => rule.target_id = 0,
            _ => {}
        }
        vec![Record::of(rule)]
    }
}
