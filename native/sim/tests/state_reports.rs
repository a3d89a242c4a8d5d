//! What a report of a trading state says besides the state: why it was set, and the version of the limits that hold.
use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const GROUP: u32 = 7;
const REGULATOR: u16 = StateReason::Regulator as u16;
const OPERATOR: u16 = StateReason::Operator as u16;

fn target(scope: StateScope) -> u32 {
    match scope {
        StateScope::Instrument | StateScope::Account => 1,
        StateScope::Group => GROUP,
        StateScope::Global => 0,
    }
}

fn state(scope: StateScope, state: TradingState, reason: u16) -> [Record; 1] {
    [Record::of(SetTradingState {
        kind: SetTradingState::KIND,
        scope: scope.number(),
        state: state.number(),
        target_id: target(scope),
        reason,
        ..SetTradingState::default()
    })]
}

fn limits(scope: LimitScope, target_id: u32, instrument_id: u32, version: u32) -> [Record; 2] {
    let rates = RiskRates {
        kind: RiskRates::KIND,
        max_open_orders: 50 + version,
        ..RiskRates::default()
    };
    [
        Record::of(SetRiskLimits {
            extension_count: 1,
            kind: SetRiskLimits::KIND,
            scope: scope.number(),
            target_id,
            instrument_id,
            version,
            ..SetRiskLimits::default()
        }),
        Record::of(rates),
    ]
}

/// State, reason, version of the account states of the last command.
fn states(desk: &Desk) -> Vec<(u8, u16, u32)> {
    let of = |report: &&Record| report.kind() == AccountStateReport::KIND;
    let states = desk.reports.iter().filter(of).map(Record::view::<AccountStateReport>);
    states.map(|state| (state.state, state.reason, state.version)).collect()
}

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(DefineAccount {
        group_id: GROUP,
        ..account(4, AccountKind::Replay, 0)
    })]);
    desk
}

#[test]
fn a_state_keeps_the_reason_that_it_was_set_for() {
    for (scope, of_limits) in [
        (StateScope::Account, LimitScope::Account),
        (StateScope::Group, LimitScope::Group),
        (StateScope::Global, LimitScope::Global),
    ] {
        let mut desk = desk();
        desk.send(&state(scope, TradingState::Halted, REGULATOR));
        assert_eq!(states(&desk), [(3, REGULATOR, 0)], "{scope:?}");
        // The same state for another reason is no change.
        desk.send(&state(scope, TradingState::Halted, OPERATOR));
        assert_eq!(states(&desk), [], "{scope:?}");
        desk.send(&limits(of_limits, target(scope), 0, 5));
        assert_eq!(states(&desk), [(3, REGULATOR, 5)], "{scope:?}");
        desk.send(&state(scope, TradingState::Active, OPERATOR));
        assert_eq!(states(&desk), [(1, OPERATOR, 5)], "{scope:?}");
        // What holds for one instrument is told once, what holds for all goes on being told.
        desk.send(&limits(of_limits, target(scope), 1, 9));
        assert_eq!(states(&desk), [(1, OPERATOR, 9)], "{scope:?}");
        desk.send(&state(scope, TradingState::ReduceOnly, OPERATOR));
        assert_eq!(states(&desk), [(2, OPERATOR, 5)], "{scope:?}");
    }
}

#[test]
fn a_redefined_or_tripped_account_shows_the_version_of_its_limits() {
    let mut desk = desk();
    desk.send(&limits(LimitScope::Account, 4, 0, 3));
    desk.send(&[Record::of(DefineAccount {
        group_id: GROUP,
        ..account(4, AccountKind::Replay, 1)
    })]);
    assert_eq!(states(&desk).iter().map(|state| state.2).collect::<Vec<_>>(), [3]);
    desk.send(&[Record::of(SetTripRule {
        kind: SetTripRule::KIND,
        scope: StateScope::Account.number(),
        rule: TripRule::RejectRate.number(),
        resulting_state: TradingState::Halted.number(),
        target_id: 4,
        window_nanos: SECOND,
        threshold: 1,
        ..SetTripRule::default()
    })]);
    desk.place(limit(4, 1, Side::Buy, -1, 1));
    assert_eq!(states(&desk), [(3, u16::from(StateReason::RejectRate.number()), 3)]);
}

/// Reasons are state: two engines that differ in one have different hashes, and a snapshot keeps them.
#[test]
fn reasons_are_in_the_hash_and_in_snapshots() {
    for scope in [StateScope::Group, StateScope::Global] {
        let hash = |reason| {
            let mut desk = desk();
            desk.send(&state(scope, TradingState::ReduceOnly, reason));
            (desk.engine.state_hash(), desk)
        };
        let (by_regulator, mut desk) = hash(REGULATOR);
        assert_ne!(by_regulator, hash(OPERATOR).0, "{scope:?}");
        let config = Config {
            max_orders: 100,
            max_accounts: 10,
            max_instruments: 4,
            ..Config::default()
        };
        let bytes = desk.engine.snapshot(&[]).expect("snapshots");
        let (mut restored, _) = Engine::restore(config, &bytes).expect("restores");
        assert_eq!(restored.state_hash(), by_regulator, "{scope:?}");
        let of_limits = if scope == StateScope::Group {
            LimitScope::Group
        } else {
            LimitScope::Global
        };
        let mut records = limits(of_limits, target(scope), 0, 2);
        records[0].set_time_nanos(desk.now);
        let mut reports: Vec<Record> = Vec::new();
        restored.submit(&Command::new(&records), 0, &mut reports);
        desk.reports = reports;
        assert_eq!(states(&desk), [(2, REGULATOR, 2)], "{scope:?}");
    }
}
