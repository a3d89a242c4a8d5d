//! Large and sparse books: memory of a resting order, a book of ten million orders, prices over the whole range.

use fulltape_engine::{Command, Config, CountingSink, Engine};
use fulltape_sim::random::Random;
use fulltape_sim::records::{cancel, limit};
use fulltape_tape::Record;
use fulltape_tape::codes::Side;

use crate::clock::Clock;
use crate::flow::START_TICKS;
use crate::ours;
use crate::setup::{self, Mode};

/// A book that was built and used.
pub struct Large {
    /// Orders placed per second while it was built.
    pub build: f64,
    /// Memory of the process that came with an order, in bytes.
    pub bytes_per_order: f64,
    /// Commands per second on it: one cancel of any order and one new order in turn.
    pub rate: f64,
}

/// Resident memory of this process in bytes; zero where the kernel does not tell.
fn resident_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<f64>().ok())
        .unwrap_or(0.0)
        * 4096.0
}

/// Builds a book of `orders` orders and runs `commands` commands on it. `spread` is how far from the middle prices reach.
pub fn book(orders: u32, commands: usize, spread: u64, seed: u64) -> Large {
    let mut random = Random::new(seed);
    let mut engine = Engine::new(Config {
        max_orders: orders + 1_000,
        ..setup::config(Mode::Bare)
    });
    let mut sink = CountingSink::default();
    engine.submit_batch(&setup::setup(Mode::Bare, START_TICKS), 0, &mut sink, |answer| {
        assert_eq!(answer.code, 0)
    });
    let new = |random: &mut Random| {
        let side = if random.once_in(2) { Side::Buy } else { Side::Sell };
        let away = 1 + random.below(spread).cast_signed();
        let middle = if spread >= START_TICKS.cast_unsigned() {
            1 << 59
        } else {
            START_TICKS
        };
        let price = if side == Side::Buy {
            middle - away
        } else {
            middle + away
        };
        Record::of(limit(1 + random.below(64) as u32, 1, side, price, 1))
    };
    let mut placed = Vec::with_capacity(orders as usize);
    let before = resident_bytes();
    let mut numbers = Vec::with_capacity(orders as usize);
    for _ in 0..orders {
        placed.push(new(&mut random));
    }
    let held = resident_bytes();
    let clock = Clock::start();
    for record in &placed {
        let answer = engine.submit(&Command::new(core::slice::from_ref(record)), 0, &mut sink);
        numbers.push((
            answer.order_id,
            record.view::<fulltape_tape::layout::PlaceOrder>().account_id,
        ));
    }
    let build = clock.rate(orders as usize).wall;
    assert_eq!(engine.open_orders(), orders, "every order rests");
    let grown = resident_bytes() - held - 16.0 * f64::from(orders);
    assert!(held >= before);
    let mut next = engine.next_command_number();
    let stream: Vec<Record> = (0..commands)
        .map(|at| {
            let number = next;
            next += 1;
            if at % 2 == 0 {
                let pick = random.below(numbers.len() as u64) as usize;
                let (order, account) = numbers.swap_remove(pick);
                Record::of(cancel(account, 1, order))
            } else {
                let record = new(&mut random);
                numbers.push((number, record.view::<fulltape_tape::layout::PlaceOrder>().account_id));
                record
            }
        })
        .collect();
    let mut refused = 0;
    let clock = Clock::start();
    for chunk in stream.chunks(ours::BATCH) {
        engine.submit_batch(chunk, 0, &mut sink, |answer| refused += u64::from(answer.code != 0));
    }
    let rate = clock.rate(commands).wall;
    assert_eq!(refused, 0, "no command on the large book is refused");
    Large {
        build,
        bytes_per_order: grown / f64::from(orders),
        rate,
    }
}
