//! An engine without risk matches as one with it does whose accounts are not checked: same orders, trades and levels.

use fulltape_engine::{Command, Config, Engine, RiskMode};
use fulltape_sim::flow::Flow;
use fulltape_sim::random::seed;
use fulltape_sim::records::{account, cash, instrument, limit, market};
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const COMMANDS: u64 = 20_000;
const SEEDS: u64 = 12;

fn config(risk: RiskMode) -> Config {
    Config {
        max_orders: 150,
        max_accounts: 7,
        max_instruments: 4,
        risk,
        ..Config::default()
    }
}

/// The command with nothing in it that asks for an account to be checked; `None` for commands about money and positions.
fn unchecked(mut records: Vec<Record>) -> Option<Vec<Record>> {
    const BEYOND_ANY_POSITION: i64 = 1 << 40;
    match records[0].kind() {
        PlaceOrder::KIND => {
            let mut place: PlaceOrder = *records[0].view();
            place.instructions &= !order_instruction::REDUCE_ONLY;
            records[0] = Record::of(place);
            (place.quantity_lots < BEYOND_ANY_POSITION).then_some(records)
        }
        AmendOrder::KIND => {
            let amend: &AmendOrder = records[0].view();
            (amend.quantity_lots < BEYOND_ANY_POSITION).then_some(records)
        }
        DefineAccount::KIND => {
            let mut account: DefineAccount = *records[0].view();
            account.account_kind = AccountKind::Replay.number();
            account.permissions = account_permission::UNLIMITED
                | account_permission::SHORT_SALE
                | account_permission::FEES_OFF
                | account_permission::COLLAR_OFF;
            account.initial_state = TradingState::Active.number();
            records[0] = Record::of(account);
            Some(records)
        }
        SetTradingState::KIND => {
            let state: &SetTradingState = records[0].view();
            (state.state != TradingState::ReduceOnly.number()).then_some(records)
        }
        SetRestriction::KIND => {
            let restriction: &SetRestriction = records[0].view();
            (restriction.restriction != Restriction::NoShortSale.number()).then_some(records)
        }
        CancelOrder::KIND
        | CancelAllOrders::KIND
        | DefineInstrument::KIND
        | SetReferencePrice::KIND
        | AdvanceTime::KIND
        | KeepAlive::KIND => Some(records),
        _ => None,
    }
}

fn without_ledger(reports: &[Record]) -> Vec<Record> {
    let booked = [PositionChangedReport::KIND, BalanceChangedReport::KIND];
    let mut kept: Vec<Record> = reports
        .iter()
        .filter(|report| !booked.contains(&report.kind()))
        .copied()
        .collect();
    // Which record is the last of its command depends on what was left out.
    for report in &mut kept {
        report.words_mut()[0] &= !u64::from(report_flag::LAST_OF_COMMAND);
    }
    kept
}

#[test]
fn matches_as_an_engine_whose_accounts_are_not_checked() {
    let seed = seed("risk_off");
    let (mut trades, mut accepted) = (0, 0_u64);
    for chunk in 0..SEEDS {
        let mut flow = Flow::new(seed.wrapping_add(chunk));
        let mut on = Engine::new(config(RiskMode::On));
        let mut off = Engine::new(config(RiskMode::Off));
        let mut commands = flow.opening();
        commands.reverse();
        for number in 0..COMMANDS {
            let opening = commands.pop();
            let later = opening.is_none();
            let Some(records) = unchecked(opening.unwrap_or_else(|| flow.next_command())) else {
                continue;
            };
            // Terms of a derivative that somebody has traded cannot change, and without risk nobody has a position.
            let first = &records[0];
            let defines = later && first.kind() == DefineInstrument::KIND;
            if defines && first.view::<DefineInstrument>().instrument_id > 3 {
                continue;
            }
            let command = Command::new(&records);
            let (mut with, mut without) = (Vec::new(), Vec::new());
            let expected = on.submit(&command, 0, &mut with);
            if expected.code == ErrorCode::InstrumentExists.number() {
                // A position may stand in the way of new terms; without risk there is none. Numbers and clock move alike.
                let mut nothing = Record::of(SetSession::default());
                nothing.set_time_nanos(records[0].time_nanos());
                off.submit(&Command::new(&[nothing]), 0, &mut without);
                continue;
            }
            let answer = off.submit(&command, 0, &mut without);
            assert_eq!(answer, expected, "answer {number} of chunk {chunk} to {records:?}");
            assert_eq!(
                without_ledger(&without),
                without_ledger(&with),
                "reports {number} of chunk {chunk} of {records:?}"
            );
            accepted += u64::from(answer.code == 0);
            flow.open.clear();
            flow.open.extend((1..=6).flat_map(|account_id| {
                let off = &off;
                (off.next_command_number().saturating_sub(40)..off.next_command_number())
                    .filter_map(move |id| off.order(id))
                    .filter(move |order| order.account_id == account_id)
                    .map(|order| (order.order_id, order.account_id))
            }));
        }
        off.assert_consistent();
        assert!(
            off.pots()
                .iter()
                .all(|pot| (pot.held, pot.fees, pot.moved) == (0, 0, 0))
        );
        assert!(off.position(1, 1).is_none() && off.balance(1, 1).is_none());
        trades += off.trades();
    }
    assert!(
        trades > 5_000 && accepted > 50_000,
        "{trades} trades, {accepted} accepted"
    );
}

#[test]
fn money_positions_and_what_reduces_them_are_refused() {
    let mut engine = Engine::new(config(RiskMode::Off));
    let mut send = |records: &[Record]| engine.submit(&Command::new(records), 0, &mut Vec::new());
    assert_eq!(send(&instrument(1, -20, 150)).code, 0);
    assert_eq!(send(&[Record::of(account(1, AccountKind::Cash, 0))]).code, 0);
    let invalid = ErrorCode::InvalidArgument.number();
    assert_eq!(send(&[Record::of(cash(1, 500))]).code, invalid);
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id: 1,
        instrument_id: 1,
        quantity_lots: 5,
        reason: u16::from(PositionReason::TransferIn.number()),
        ..MovePosition::default()
    };
    assert_eq!(send(&[Record::of(movement)]).code, invalid);
    for scope in [StateScope::Account, StateScope::Group] {
        let by_loss = SetTripRule {
            kind: SetTripRule::KIND,
            scope: scope.number(),
            rule: TripRule::Loss.number(),
            resulting_state: TradingState::Halted.number(),
            target_id: 1,
            threshold: 100,
            ..SetTripRule::default()
        };
        assert_eq!(send(&[Record::of(by_loss)]).code, invalid);
    }
    // A cash account without cash buys, and sells what it does not have.
    assert_eq!(send(&[Record::of(limit(1, 1, Side::Buy, 1_000, 5))]).code, 0);
    let sold = send(&[Record::of(market(1, 1, Side::Sell, 5))]);
    assert_eq!((sold.code, sold.order_status), (0, OrderStatus::Filled.number()));
    let reducing = PlaceOrder {
        instructions: order_instruction::REDUCE_ONLY,
        ..limit(1, 1, Side::Buy, 1_000, 5)
    };
    assert_eq!(send(&[Record::of(reducing)]).code, ErrorCode::ReduceOnly.number());
    assert_eq!(
        send(&[Record::of(limit(9, 1, Side::Buy, 1_000, 5))]).code,
        ErrorCode::UnknownAccount.number()
    );
}
