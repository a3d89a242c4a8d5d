//! A market of two traders in one process: `cargo run -p fulltape-engine --example two_traders`.
//!
//! Shows what another Rust program needs to embed the engine: build records, submit commands, read reports, look at the book,
//! compare state hashes. Prices are ticks (here cents), quantities lots (here shares), money units of 10^-8 dollars, times
//! UNIX nanoseconds that the caller supplies: the engine reads no clock.

use fulltape_engine::{Command, Config, Engine};
use fulltape_tape::Record;
use fulltape_tape::codes::{
    AccountKind, CashReason, InstrumentKind, OrderType, PositionReason, Side, TimeInForce, TradingState,
};
use fulltape_tape::layout::{
    BookLevelReport, DefineAccount, DefineInstrument, InstrumentSymbol, MoveCash, MovePosition, OrderStateReport,
    PlaceOrder, RefusalReport, TradeReport,
};

const DOLLARS: u16 = 1;
/// Money units of a dollar.
const DOLLAR: i64 = 100_000_000;
const SHARE: u32 = 1;
const ALICE: u32 = 1;
const BOB: u32 = 2;

fn share() -> Vec<Record> {
    let definition = DefineInstrument {
        // The symbol record stands behind it.
        extension_count: 1,
        kind: DefineInstrument::KIND,
        instrument_id: SHARE,
        units_per_tick_lot: DOLLAR / 100,
        instrument_kind: InstrumentKind::Equity.number(),
        initial_state: TradingState::Active.number(),
        currency_id: DOLLARS,
        taker_fee_ppm: 500,
        ..DefineInstrument::default()
    };
    let symbol = InstrumentSymbol {
        kind: InstrumentSymbol::KIND,
        tick_mantissa: 1,
        tick_exponent: 2,
        lot_mantissa: 1,
        money_exponent: 8,
        text0: u64::from_le_bytes(*b"SHARE\0\0\0"),
        ..InstrumentSymbol::default()
    };
    vec![Record::of(definition), Record::of(symbol)]
}

fn trader(account_id: u32) -> Vec<Record> {
    vec![Record::of(DefineAccount {
        kind: DefineAccount::KIND,
        account_id,
        account_kind: AccountKind::Cash.number(),
        initial_state: TradingState::Active.number(),
        ..DefineAccount::default()
    })]
}

fn deposit(account_id: u32, dollars: i64) -> Vec<Record> {
    vec![Record::of(MoveCash {
        kind: MoveCash::KIND,
        account_id,
        currency_id: DOLLARS,
        reason: u16::from(CashReason::Deposit.number()),
        amount_units: dollars * DOLLAR,
        ..MoveCash::default()
    })]
}

fn shares(account_id: u32, quantity_lots: i64) -> Vec<Record> {
    vec![Record::of(MovePosition {
        kind: MovePosition::KIND,
        account_id,
        instrument_id: SHARE,
        quantity_lots,
        reason: u16::from(PositionReason::TransferIn.number()),
        ..MovePosition::default()
    })]
}

fn order(account_id: u32, side: Side, quantity_lots: i64, price_ticks: i64) -> Vec<Record> {
    vec![Record::of(PlaceOrder {
        kind: PlaceOrder::KIND,
        account_id,
        instrument_id: SHARE,
        price_ticks,
        quantity_lots,
        side: side.number(),
        order_type: OrderType::Limit.number(),
        time_in_force: TimeInForce::GoodTillCancel.number(),
        ..PlaceOrder::default()
    })]
}

/// One report in words; the other kinds (positions, balances ...) are left out here.
fn describe(report: &Record) -> Option<String> {
    match report.kind() {
        OrderStateReport::KIND => {
            let state: &OrderStateReport = report.view();
            let (id, leaves, of) = (state.order_id, state.leaves_quantity_lots, state.quantity_lots);
            Some(format!("order {id}: {leaves} of {of} open"))
        }
        TradeReport::KIND => {
            let trade: &TradeReport = report.view();
            let (id, lots, ticks) = (trade.trade_id, trade.quantity_lots, trade.price_ticks);
            Some(format!("trade {id}: {lots} at {ticks} ticks"))
        }
        BookLevelReport::KIND => {
            let level: &BookLevelReport = report.view();
            Some(format!("level {}: {} lots", level.price_ticks, level.quantity_lots))
        }
        RefusalReport::KIND => {
            let refusal: &RefusalReport = report.view();
            let (observed, limit) = (refusal.observed, refusal.limit);
            Some(format!("refused, error {}: {observed} against {limit}", refusal.code))
        }
        _ => None,
    }
}

fn main() {
    let commands = [
        share(),
        trader(ALICE),
        trader(BOB),
        deposit(ALICE, 10_000),
        shares(BOB, 50),
        order(BOB, Side::Sell, 30, 10_050),
        order(BOB, Side::Sell, 20, 10_100),
        order(ALICE, Side::Buy, 40, 10_050),
        order(BOB, Side::Sell, 1, 10_000),
    ];
    let run = |told: bool| {
        let mut engine = Engine::new(Config {
            max_orders: 1_000,
            max_accounts: 10,
            max_instruments: 10,
            ..Config::default()
        });
        let mut reports: Vec<Record> = Vec::new();
        for (at, chain) in (0_u64..).zip(&commands) {
            let mut chain = chain.clone();
            chain[0].set_time_nanos(1_700_000_000_000_000_000 + at);
            let from = reports.len();
            let answer = engine.submit(&Command::new(&chain), 0, &mut reports);
            if told {
                println!("command {} (code {})", answer.command_number, answer.code);
                for line in reports[from..].iter().filter_map(describe) {
                    println!("  {line}");
                }
            }
        }
        engine
    };
    let mut engine = run(true);
    for side in [Side::Sell, Side::Buy] {
        for level in engine.levels(SHARE, side) {
            println!("{side:?} {} x {}", level.price_ticks, level.quantity_lots);
        }
    }
    let cash = engine.balance(ALICE, DOLLARS).expect("Alice has cash");
    println!("Alice: {} units, {} of them reserved", cash.total, cash.reserved);
    engine.assert_consistent();
    assert_eq!(
        engine.state_hash(),
        run(false).state_hash(),
        "the same commands give the same state"
    );
    println!("state hash {:016x?}", engine.state_hash());
}
