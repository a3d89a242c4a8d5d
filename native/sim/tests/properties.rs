//! Properties over generated sequences; a failing one is shrunk to its shortest form.
use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::{AccountKind, Side, account_permission, order_instruction};
use fulltape_tape::layout::{OrderStateReport, PlaceOrder, TradeReport};
use fulltape_tape::record::report_extensions;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Place {
        account: u32,
        buy: bool,
        price: i64,
        lots: i64,
        prevention: u8,
        instructions: u16,
    },
    Market {
        account: u32,
        buy: bool,
        lots: i64,
    },
    Amend {
        account: u32,
        back: u64,
        flags: u16,
        price: i64,
        lots: i64,
    },
    Cancel {
        account: u32,
        back: u64,
    },
    Cash {
        account: u32,
        units: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let account = 1..4_u32;
    prop_oneof![
        5 => (account.clone(), any::<bool>(), 95..106_i64, 1..30_i64, 0..5_u8, prop_oneof![
            4 => Just(0),
            1 => Just(order_instruction::HIDDEN),
            1 => Just(order_instruction::REDUCE_ONLY),
            1 => Just(order_instruction::POST_ONLY_REPRICE),
        ])
            .prop_map(|(account, buy, price, lots, prevention, instructions)| Step::Place {
                account, buy, price, lots, prevention, instructions,
            }),
        1 => (account.clone(), any::<bool>(), 1..40_i64)
            .prop_map(|(account, buy, lots)| Step::Market { account, buy, lots }),
        2 => (account.clone(), 1..20_u64, 1..4_u16, 95..106_i64, 1..30_i64)
            .prop_map(|(account, back, flags, price, lots)| Step::Amend { account, back, flags, price, lots }),
        2 => (account.clone(), 1..20_u64).prop_map(|(account, back)| Step::Cancel { account, back }),
        1 => (account, -5_000..5_000_i64).prop_map(|(account, units)| Step::Cash { account, units }),
    ]
}

fn record(step: &Step, number: u64) -> Record {
    let side = |buy: bool| if buy { Side::Buy } else { Side::Sell };
    match *step {
        Step::Place {
            account,
            buy,
            price,
            lots,
            prevention,
            instructions,
        } => Record::of(PlaceOrder {
            self_trade_prevention: prevention,
            instructions,
            ..limit(account, 1, side(buy), price, lots)
        }),
        Step::Market { account, buy, lots } => Record::of(market(account, 1, side(buy), lots)),
        Step::Amend {
            account,
            back,
            flags,
            price,
            lots,
        } => Record::of(amend(account, number.saturating_sub(back), flags, price, lots)),
        Step::Cancel { account, back } => Record::of(cancel(account, 1, number.saturating_sub(back))),
        Step::Cash { account, units } => Record::of(cash(account, units)),
    }
}

type Snapshot = (Vec<(u64, i64, i64)>, Vec<(i128, i128)>, Vec<(i64, i128, i128)>);

fn snapshot(engine: &Engine) -> Snapshot {
    let orders = [Side::Buy, Side::Sell]
        .into_iter()
        .flat_map(|side| engine.resting(1, side))
        .map(|order| (order.order_id, order.price_ticks, order.leaves_lots))
        .collect();
    let accounts = 1..4;
    let balances = accounts
        .clone()
        .filter_map(|id| engine.balance(id, CURRENCY))
        .map(|b| (b.total, b.reserved))
        .collect();
    let positions = accounts
        .filter_map(|id| engine.position(id, 1))
        .map(|position| {
            (
                position.quantity_lots,
                position.basis.cost_units,
                position.basis.realized_units,
            )
        })
        .collect();
    (orders, balances, positions)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn books_and_ledger_hold_their_invariants(steps in prop::collection::vec(step(), 1..120)) {
        let config = Config { max_orders: 64, max_accounts: 8, max_instruments: 2, ..Config::default() };
        let mut engine = Engine::new(config);
        let mut reports: Vec<Record> = Vec::new();
        engine.submit(&Command::new(&instrument(1, 30, 90)), 0, &mut reports);
        for (id, permissions) in [(1, 0), (2, account_permission::SHORT_SALE), (3, account_permission::UNLIMITED)] {
            engine.submit(&Command::new(&[Record::of(account(id, AccountKind::Cash, permissions))]), 0, &mut reports);
            engine.submit(&Command::new(&[Record::of(cash(id, 50_000))]), 0, &mut reports);
        }
        let mut paid = [0_i128; 4];
        for step in &steps {
            let before = snapshot(&engine);
            let record = record(step, engine.next_command_number());
            reports.clear();
            let answer = engine.submit(&Command::new(&[record]), 7, &mut reports);
            engine.assert_consistent();
            if answer.code != 0 {
                prop_assert_eq!(&snapshot(&engine), &before, "a refusal changes nothing");
                prop_assert_eq!(reports.len(), 1);
            }
            // One outcome, one last report, every record under its command, chains whole.
            prop_assert_eq!(reports.iter().filter(|r| r.kind() < 10 && r.report().flags & 1 != 0).count(), 1);
            prop_assert_eq!(reports.iter().filter(|r| r.kind() < 10 && r.report().flags & 8 != 0).count(), 1);
            prop_assert!(reports.iter().all(|report| report.report().command_index == 7));
            let chained: usize = reports.iter().filter(|r| r.kind() < 10).map(|r| 1 + report_extensions(r)).sum();
            prop_assert_eq!(chained, reports.len());
            // Trades run through makers in price and then time priority.
            let trades: Vec<_> = reports.iter().filter(|r| r.kind() == TradeReport::KIND)
                .map(|r| *r.view::<TradeReport>()).collect();
            let queue: Vec<u64> = before.0.iter().map(|order| order.0).collect();
            let makers: Vec<_> = trades.iter()
                .map(|trade| queue.iter().position(|id| *id == trade.maker_order_id)).collect();
            prop_assert!(makers.windows(2).all(|pair| pair[0] < pair[1]), "priority: {:?}", makers);
            for trade in &trades {
                let value = i128::from(trade.price_ticks) * i128::from(trade.quantity_lots) * 3;
                let buyer_is_taker = trade.aggressor_side == Side::Buy.number();
                let (buyer, seller) = if buyer_is_taker {
                    (trade.taker_account_id, trade.maker_account_id)
                } else {
                    (trade.maker_account_id, trade.taker_account_id)
                };
                paid[buyer as usize] += value;
                paid[seller as usize] -= value;
            }
            for id in 1..4_u32 {
                if let Some(position) = engine.position(id, 1) {
                    // What was paid is either still cost or was realised.
                    let basis = position.basis;
                    prop_assert_eq!(basis.cost_units - basis.realized_units, paid[id as usize]);
                    prop_assert!(id != 1 || position.quantity_lots >= 0, "account 1 may not go short");
                }
                if id != 3 && let Some(balance) = engine.balance(id, CURRENCY) {
                    prop_assert!(balance.total - balance.reserved >= 0, "free cash is not negative");
                }
            }
            for state in reports.iter().filter(|r| r.kind() == OrderStateReport::KIND) {
                let state = state.view::<OrderStateReport>();
                prop_assert!(state.leaves_quantity_lots + state.cum_quantity_lots <= state.quantity_lots);
            }
        }
    }
}
