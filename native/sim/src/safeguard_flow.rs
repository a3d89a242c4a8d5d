//! Random commands about risk: restrictions, dead-man switches, kill switches, allotments.

use fulltape_tape::Record;
use fulltape_tape::layout::*;

use crate::flow::Flow;
use crate::records::CURRENCY;

impl Flow {
    /// A command of one of the kinds that bound risk.
    pub(crate) fn safeguard(&mut self) -> Vec<Record> {
        let (account_id, instrument_id) = (self.account(), self.instrument());
        match self.random.below(10) {
            0 | 1 => {
                // Restrictions go more often than they come, or nothing would trade.
                let restriction = if self.random.once_in(2) {
                    self.random.between(1, 4) as u8
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
                let kills = self.random.once_in(3);
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
                    target_id: if scope == 1 {
                        instrument_id
                    } else {
                        self.random.below(7) as u32
                    },
                    ..SetTradingState::default()
                })]
            }
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
}
