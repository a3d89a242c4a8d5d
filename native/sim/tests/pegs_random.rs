//! Pegged orders in a dense book that wanders, against the reference: every command moves some of them.
use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_sim::reference::Reference;
use fulltape_sim::restarts::Restarts;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const START: u64 = 1_700_000_000_000_000_000;

fn opening() -> Vec<Vec<Record>> {
    let mut commands = vec![
        instrument(1, -20, 150).to_vec(),
        banded(instrument(2, 0, 90), &[(100, 2), (1_000, 5), (1_020, 20)]),
        margined(instrument(3, 30, 30).to_vec(), 250_000, 125_000),
        future(4, 3, 10, 60).to_vec(),
    ];
    let kinds = [
        (1, AccountKind::Cash, account_permission::SHORT_SALE),
        (2, AccountKind::Margin, account_permission::SHORT_SALE),
        (3, AccountKind::Replay, 0),
        (4, AccountKind::Cash, 0),
        (5, AccountKind::Margin, account_permission::SHORT_SALE),
    ];
    for (id, kind, permissions) in kinds {
        commands.push(vec![Record::of(account(id, kind, permissions))]);
        commands.push(vec![Record::of(cash(id, if id == 4 { 200_000 } else { 2_000_000 }))]);
    }
    for instrument_id in [3, 4] {
        commands.push(vec![Record::of(SetReferencePrice {
            kind: SetReferencePrice::KIND,
            instrument_id,
            source: 2,
            purpose: PricePurpose::Mark.number(),
            price_ticks: 1_000,
            ..SetReferencePrice::default()
        })]);
    }
    commands
}

struct Dense {
    random: Random,
    middle: i64,
}

impl Dense {
    fn account(&mut self) -> u32 {
        self.random.one_of(&[1, 2, 3, 3, 4, 5])
    }

    fn instrument(&mut self) -> u32 {
        self.random.between(1, 4) as u32
    }

    /// A price of one side, not far from the middle; seldom one that trades. On the steps of every table.
    fn price(&mut self, side: Side) -> i64 {
        let nearest = i64::from(!self.random.once_in(8));
        let away = 20 * self.random.between(nearest, 4);
        let fine = if self.random.once_in(2) { 0 } else { 1 };
        let price = match side {
            Side::Buy => self.middle - away,
            Side::Sell => self.middle + away,
        };
        price - price.rem_euclid(20) + fine
    }

    fn place(&mut self) -> Vec<Record> {
        let side = self.random.one_of(&[Side::Buy, Side::Sell]);
        let (account, instrument) = (self.account(), self.instrument());
        let mut order = limit(account, instrument, side, self.price(side), self.random.between(1, 20));
        if instrument == 2 {
            order.price_ticks -= order.price_ticks % 20;
        }
        if self.random.once_in(5) {
            order.instructions = order_instruction::HIDDEN;
        }
        if self.random.once_in(12) {
            order.order_type = OrderType::Stop.number();
            order.trigger_source = self.random.one_of(&[1, 2, 2]);
            order.stop_price_ticks = order.price_ticks - order.price_ticks % 20;
            (order.price_ticks, order.instructions) = (0, 0);
        }
        vec![Record::of(order)]
    }

    fn peg(&mut self) -> Vec<Record> {
        let side = self.random.one_of(&[Side::Buy, Side::Sell]);
        let (account, instrument) = (self.account(), self.instrument());
        let cap = if self.random.once_in(3) {
            self.price(side) / 20 * 20
        } else {
            0
        };
        let mut order = limit(account, instrument, side, cap, self.random.between(1, 40));
        if account == 4 {
            // Nearly all that it can pay, so that it can not follow far.
            order.quantity_lots = self.random.between(50, 66);
        }
        order.order_type = OrderType::Pegged.number();
        order.peg_kind = self.random.between(1, 3) as u8;
        order.instructions = self.random.one_of(&[0, 0, 0, order_instruction::HIDDEN]);
        order.extension_count = 1;
        let away = self.random.one_of(&[0, 0, 1, 3, 10, 60]);
        let terms = OrderTerms {
            kind: OrderTerms::KIND,
            peg_offset_ticks: if side == Side::Buy { -away } else { away },
            ..OrderTerms::default()
        };
        vec![Record::of(order), Record::of(terms)]
    }

    fn next(&mut self, now: u64, open: &[(u64, u32)], free: [i64; 2]) -> Vec<Record> {
        self.middle = (self.middle + self.random.between(-3, 3)).clamp(900, 1_100);
        let target = match open.len() as u64 {
            0 => (1, 1),
            len => open[self.random.below(len) as usize],
        };
        match self.random.below(100) {
            0..=37 => self.place(),
            38..=55 => self.peg(),
            56..=83 => vec![Record::of(cancel(target.1, 0, target.0))],
            84..=87 => {
                let side = self.random.one_of(&[Side::Buy, Side::Sell]);
                let (account, instrument) = (self.account(), self.instrument());
                vec![Record::of(market(
                    account,
                    instrument,
                    side,
                    self.random.between(1, 60),
                ))]
            }
            88..=93 => {
                let lots = self.random.between(1, 60);
                vec![Record::of(amend(target.1, target.0, amend_flag::QUANTITY, 0, lots))]
            }
            94 | 95 => {
                // Who has nothing left can not follow upwards.
                let at = self.random.below(2) as usize;
                let amount = self.random.one_of(&[60_000, -free[at], -free[at]]);
                vec![Record::of(cash([1, 4][at], amount))]
            }
            96 | 97 => {
                let whole = self.random.once_in(4);
                vec![Record::of(SetTradingState {
                    kind: SetTradingState::KIND,
                    scope: if whole {
                        StateScope::Global
                    } else {
                        StateScope::Instrument
                    }
                    .number(),
                    state: self.random.one_of(&[1, 1, 1, 1, 1, 1, 3]),
                    target_id: if whole { 0 } else { self.instrument() },
                    reason: 1,
                    ..SetTradingState::default()
                })]
            }
            _ => vec![Record::of(SetSession {
                kind: SetSession::KIND,
                instrument_id: self.instrument(),
                // A call that ends by itself.
                phase: TradingPhase::VolatilityAuction.number(),
                until_nanos: now + 1 + self.random.below(40),
                reason: 2,
                ..SetSession::default()
            })],
        }
    }
}

#[test]
fn pegs_agree_with_the_reference_wherever_the_book_goes() {
    let seed = seed("pegs");
    let rounds: u64 = std::env::var("FULLTAPE_CHUNKS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(60);
    let (mut moved, mut parked, mut risky, mut triggered, mut filled) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    for round in 0..rounds {
        let config = Config {
            max_orders: 200,
            max_accounts: 6,
            max_instruments: 4,
            ..Config::default()
        };
        let mut restarts = Restarts::new(seed.wrapping_add(round), config.clone(), 200);
        let mut engine = Engine::new(config);
        let mut reference = Reference::new(200, 6, 4);
        let mut dense = Dense {
            random: Random::new(seed.wrapping_add(round)),
            middle: 1_000,
        };
        let mut commands = opening();
        commands.reverse();
        for number in 0..3_000_u64 {
            let open: Vec<_> = reference
                .state
                .orders
                .iter()
                .map(|order| (order.id, order.account))
                .collect();
            let free = [1, 4].map(|account| {
                let balance = engine.balance(account, CURRENCY);
                balance.map_or(0, |balance| (balance.total - balance.reserved) as i64)
            });
            let mut records = commands
                .pop()
                .unwrap_or_else(|| dense.next(START + number, &open, free));
            records[0].set_time_nanos(START + number);
            let mut ours: Vec<Record> = Vec::new();
            let answer = engine.submit(&Command::new(&records), 0, &mut ours);
            let (theirs, expected) = reference.submit(&records);
            assert_eq!(
                ours, theirs,
                "reports of command {number} of round {round} of seed {seed}: {records:?}"
            );
            assert_eq!(
                answer, expected,
                "answer to command {number} of round {round} of seed {seed}"
            );
            engine.assert_consistent();
            restarts.after_command(&mut engine, &records, &ours, answer);
            let mut follows = false;
            for report in &ours {
                if report.kind() == TradeReport::KIND {
                    filled += 1;
                }
                if report.kind() != OrderStateReport::KIND {
                    continue;
                }
                let state = report.view::<OrderStateReport>();
                let what = (
                    ExecType::from_number(state.exec_type),
                    CancelReason::from_number(state.reason),
                );
                let pegged = state.order_type == OrderType::Pegged.number();
                match what {
                    (Some(ExecType::Restated), Some(CancelReason::Repriced)) => {
                        follows = true;
                        moved += 1;
                        parked += u64::from(state.price_ticks == 0);
                    }
                    (Some(ExecType::Canceled), Some(CancelReason::Risk)) if pegged => risky += 1,
                    // A stop that runs behind pegs that moved.
                    (Some(ExecType::Triggered), _) if follows => triggered += 1,
                    _ => {}
                }
            }
        }
    }
    println!(
        "{moved} moves ({parked} out of the book), {risky} not paid, {triggered} stops behind moves, {filled} trades"
    );
    let met = moved > rounds * 50 && parked > rounds * 10 && risky > rounds / 20 && triggered > rounds / 20;
    assert!(met || rounds < 60, "the flow hardly meets some rule");
}
