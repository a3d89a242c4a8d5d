//! Engines restored from snapshots that were taken while commands ran, in every mode that an engine can run in. The
//! differential test does the same against the reference.
use fulltape_engine::{Command, Config, Engine, RiskMode};
use fulltape_sim::flow::Flow;
use fulltape_sim::random::seed;
use fulltape_sim::restarts::Restarts;
use fulltape_tape::Record;
use fulltape_tape::codes::ErrorCode;

fn config(risk: RiskMode) -> Config {
    Config {
        max_orders: 150,
        max_accounts: 7,
        max_instruments: 9,
        risk,
        ..Config::default()
    }
}

#[test]
fn nobody_can_tell_a_restored_engine_from_the_one_that_went_on() {
    let seed = seed("snapshots");
    for round in 0..12 {
        for risk in [RiskMode::On, RiskMode::Off] {
            let mut restarts = Restarts::new(seed + round, config(risk), 40);
            let mut engine = Engine::new(config(risk));
            let mut flow = Flow::new(seed + round);
            let mut commands = flow.opening();
            commands.reverse();
            for _ in 0..6_000 {
                let records = commands.pop().unwrap_or_else(|| flow.next_command());
                let mut reports: Vec<Record> = Vec::new();
                let answer = engine.submit(&Command::new(&records), 0, &mut reports);
                restarts.after_command(&mut engine, &records, &reports, answer);
            }
            assert!(restarts.count > 10, "{} restarts {risk:?}", restarts.count);
        }
    }
}

#[test]
fn a_snapshot_of_the_other_risk_mode_is_refused() {
    for (risk, other) in [(RiskMode::On, RiskMode::Off), (RiskMode::Off, RiskMode::On)] {
        let bytes = Engine::new(config(risk)).snapshot(&[]).expect("snapshots");
        let failure = Engine::restore(config(other), &bytes).err().expect("refused");
        assert_eq!(failure.code, ErrorCode::SnapshotVersionMismatch);
    }
}
