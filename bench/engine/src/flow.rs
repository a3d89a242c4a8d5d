//! Five deterministic order flows. A small model of a book runs along, so that cancels and amends name orders that are
//! open, as almost all do on a venue.
//!
//! The mix follows what venues publish of themselves and what a day of a recorded book shows: almost all messages place
//! or withdraw orders, and about one in twenty takes liquidity. (The LOBSTER sample of GOOG, 21 June 2012: 49 %
//! submissions, 41 % deletions, 10 % executions, hidden ones included.)

use std::collections::{BTreeMap, VecDeque};

use fulltape_sim::random::Random;

/// Price around which every flow begins, in ticks.
pub const START_TICKS: i64 = 1_000_000;
/// Accounts that buy have odd ids and accounts that sell even ones: no order meets one of its own account, so that an
/// engine with self-trade prevention trades what one without it trades.
pub const ACCOUNTS: u32 = 64;
/// Orders that rest at most times.
const RESTING: usize = 5_000;

/// How the middle of the market moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It stays.
    Static,
    /// It wanders by one tick at a time.
    Drift,
    /// It swings by this many ticks up and down, once in 100,000 messages.
    Swing(i64),
    /// It wanders, falls by 5 % within 5 % of the messages under large sell orders, and comes back most of the way.
    FlashCrash,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Static,
        Self::Drift,
        Self::Swing(25),
        Self::Swing(40),
        Self::FlashCrash,
    ];

    /// Name in the report.
    pub fn name(self) -> String {
        match self {
            Self::Static => "static".into(),
            Self::Drift => "drift".into(),
            Self::Swing(ticks) => format!("swing {ticks}"),
            Self::FlashCrash => "flash crash".into(),
        }
    }
}

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// A limit order, good till cancelled.
    New = 0,
    /// The end of an open order.
    Cancel = 1,
    /// A smaller quantity at the same price: the order keeps its place.
    Reduce = 2,
    /// Another price and quantity: the order goes to the end of a queue, and may trade.
    Move = 3,
    /// A limit order that trades now or not at all.
    Immediate = 4,
}

/// One message: 32 bytes, the form in which it is handed to engines written in other languages.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// What it asks for.
    pub kind: Kind,
    /// 0 = buy, 1 = sell.
    pub side: u32,
    /// The order: the place in the flow, from 1, of the message that placed it.
    pub order: u32,
    /// Whose it is.
    pub account: u32,
    /// Limit in ticks.
    pub price_ticks: i64,
    /// Lots to be open; of an amend, lots open afterwards.
    pub lots: i32,
    /// Lots that the order had traded before, as the model knows it.
    pub traded_lots: i32,
}

/// One flow.
pub struct Flow {
    /// Its shape.
    pub shape: Shape,
    /// Its messages.
    pub messages: Vec<Message>,
    /// Trades that the model saw.
    pub trades: u64,
    /// Messages of each kind.
    pub mix: [u64; 5],
    /// Orders that rest at the end.
    pub open: usize,
}

#[derive(Clone, Copy)]
struct Resting {
    side: usize,
    account: u32,
    price_ticks: i64,
    leaves: i32,
    traded: i32,
    live_at: usize,
    place: u64,
}

/// The model: a queue of order numbers for each price. Orders that left are skipped when the queue reaches them.
#[derive(Default)]
struct Model {
    orders: Vec<Option<Resting>>,
    levels: [BTreeMap<i64, VecDeque<(u32, u64)>>; 2],
    /// Places in queues given so far: an order that comes back to a price stands at its end.
    places: u64,
    live: Vec<u32>,
    trades: u64,
}

impl Model {
    fn best(&mut self, side: usize) -> Option<(i64, u32)> {
        loop {
            let level = if side == 0 {
                self.levels[0].last_entry()
            } else {
                self.levels[1].first_entry()
            };
            let mut level = level?;
            let price = *level.key();
            while let Some((order, place)) = level.get().front().copied() {
                if self.orders[order as usize].is_some_and(|resting| resting.place == place) {
                    return Some((price, order));
                }
                level.get_mut().pop_front();
            }
            level.remove();
        }
    }

    fn forget(&mut self, order: u32) {
        if let Some(resting) = self.orders[order as usize].take() {
            self.live.swap_remove(resting.live_at);
            if let Some(&moved) = self.live.get(resting.live_at)
                && let Some(moved) = &mut self.orders[moved as usize]
            {
                moved.live_at = resting.live_at;
            }
        }
    }

    /// Trades what crosses; gives the lots that are left.
    fn take(&mut self, side: usize, price_ticks: i64, mut lots: i32) -> i32 {
        while lots > 0 {
            let Some((price, order)) = self.best(1 - side) else {
                break;
            };
            if if side == 0 {
                price > price_ticks
            } else {
                price < price_ticks
            } {
                break;
            }
            let Some(resting) = &mut self.orders[order as usize] else {
                break;
            };
            let fill = lots.min(resting.leaves);
            resting.leaves -= fill;
            resting.traded += fill;
            lots -= fill;
            self.trades += 1;
            if resting.leaves == 0 {
                self.forget(order);
            }
        }
        lots
    }

    fn rest(&mut self, order: u32, mut resting: Resting) {
        self.places += 1;
        resting.place = self.places;
        resting.live_at = self.live.len();
        self.live.push(order);
        self.levels[resting.side]
            .entry(resting.price_ticks)
            .or_default()
            .push_back((order, resting.place));
        self.orders[order as usize] = Some(resting);
    }
}

fn middle_of(shape: Shape, at: usize, count: usize, wandered: i64) -> i64 {
    match shape {
        Shape::Static => START_TICKS,
        Shape::Drift => START_TICKS + wandered,
        Shape::Swing(ticks) => {
            let phase = (at % 100_000) as i64;
            let quarter = phase % 25_000 * ticks / 25_000;
            START_TICKS
                + match phase / 25_000 {
                    0 => quarter,
                    1 => ticks - quarter,
                    2 => -quarter,
                    _ => quarter - ticks,
                }
        }
        Shape::FlashCrash => {
            let permille = (at * 1_000_000 / count) as i64 - 450_000;
            let fall = START_TICKS / 20;
            START_TICKS + wandered
                - match permille {
                    ..=0 => 0,
                    1..50_000 => fall * permille / 50_000,
                    50_000..150_000 => fall - fall * 8 / 10 * (permille - 50_000) / 100_000,
                    _ => fall * 2 / 10,
                }
        }
    }
}

impl Flow {
    /// The flow of a shape; the same for the same seed and count everywhere.
    pub fn new(shape: Shape, seed: u64, count: usize) -> Self {
        let mut random = Random::new(seed);
        let mut model = Model {
            orders: vec![None; count + 1],
            ..Model::default()
        };
        let mut messages = Vec::with_capacity(count);
        let mut mix = [0; 5];
        let mut wandered = 0;
        for at in 0..count {
            if random.once_in(100) {
                wandered += random.between(-1, 1);
            }
            let middle = middle_of(shape, at, count, wandered);
            let crash = shape == Shape::FlashCrash && (450..500).contains(&(at * 1000 / count));
            let message = model.next(&mut random, middle, crash, (at + 1) as u32);
            mix[message.kind as usize] += 1;
            messages.push(message);
        }
        Self {
            shape,
            messages,
            trades: model.trades,
            mix,
            open: model.live.len(),
        }
    }
}

impl Model {
    fn next(&mut self, random: &mut Random, middle: i64, crash: bool, number: u32) -> Message {
        let live = self.live.len() as i64;
        let lacking = (RESTING as i64 - live).clamp(-2_000, 2_000);
        // 49 of 100 place an order when the book has its size; more when it lacks some.
        let places = (490 + lacking / 10).cast_unsigned();
        let pick = if live < 100 { 0 } else { random.below(1_000) };
        if pick < places {
            return self.place(random, middle, number);
        }
        if pick < 900 {
            let order = self.withdrawn(random, middle);
            return self.cancel(order);
        }
        if pick < 950 {
            let order = self.live[random.below(live.cast_unsigned()) as usize];
            return self.amend(random, order);
        }
        let side = if crash { 1 } else { random.below(2) as usize };
        let lots = random.between(1, 60) as i32 * if crash { 20 } else { 1 };
        let reach = if crash { 40 } else { 3 };
        let price_ticks = if side == 0 { middle + reach } else { middle - reach };
        self.take(side, price_ticks, lots);
        message(
            Kind::Immediate,
            number,
            side,
            account_of(random, side),
            price_ticks,
            lots,
            0,
        )
    }

    /// The order that a cancel names: one that the market has moved past, while there is one; else most often a young one.
    fn withdrawn(&mut self, random: &mut Random, middle: i64) -> u32 {
        if let Some((price, order)) = self.best(0)
            && price >= middle
        {
            return order;
        }
        if let Some((price, order)) = self.best(1)
            && price <= middle
        {
            return order;
        }
        let live = self.live.len() as u64;
        let among = if random.below(10) < 7 { live.min(500) } else { live };
        self.live[(live - 1 - random.below(among)) as usize]
    }

    fn place(&mut self, random: &mut Random, middle: i64, number: u32) -> Message {
        let side = random.below(2) as usize;
        // More orders go near the touch than deep into the book: 1 to 125 ticks away, 32 on average.
        let depth = (random.below(64) * random.below(64) / 32).cast_signed();
        let price_ticks = if side == 0 {
            middle - 1 - depth
        } else {
            middle + 1 + depth
        };
        let lots = random.between(1, 100) as i32;
        let account = account_of(random, side);
        let leaves = self.take(side, price_ticks, lots);
        if leaves > 0 {
            self.rest(
                number,
                Resting {
                    side,
                    account,
                    price_ticks,
                    leaves,
                    traded: lots - leaves,
                    live_at: 0,
                    place: 0,
                },
            );
        }
        message(Kind::New, number, side, account, price_ticks, lots, 0)
    }

    fn cancel(&mut self, order: u32) -> Message {
        let resting = self.orders[order as usize].unwrap_or_else(|| unreachable!("the order is live"));
        self.forget(order);
        let Resting {
            side,
            account,
            price_ticks,
            leaves,
            traded,
            ..
        } = resting;
        message(Kind::Cancel, order, side, account, price_ticks, leaves, traded)
    }

    fn amend(&mut self, random: &mut Random, order: u32) -> Message {
        let mut resting = self.orders[order as usize].unwrap_or_else(|| unreachable!("the order is live"));
        let Resting {
            side,
            account,
            price_ticks,
            leaves,
            traded,
            ..
        } = resting;
        if leaves > 1 && random.once_in(2) {
            resting.leaves = random.between(1, i64::from(leaves) - 1) as i32;
            self.orders[order as usize] = Some(resting);
            return message(Kind::Reduce, order, side, account, price_ticks, resting.leaves, traded);
        }
        let price_ticks = price_ticks + random.one_of(&[-2, -1, 1, 2]);
        let lots = random.between(1, 100) as i32;
        self.forget(order);
        let left = self.take(side, price_ticks, lots);
        if left > 0 {
            resting.price_ticks = price_ticks;
            resting.leaves = left;
            resting.traded = traded + lots - left;
            self.rest(order, resting);
        }
        message(Kind::Move, order, side, account, price_ticks, lots, traded)
    }
}

fn account_of(random: &mut Random, side: usize) -> u32 {
    1 + 2 * random.below(u64::from(ACCOUNTS / 2)) as u32 + side as u32
}

fn message(
    kind: Kind,
    order: u32,
    side: usize,
    account: u32,
    price_ticks: i64,
    lots: i32,
    traded_lots: i32,
) -> Message {
    Message {
        kind,
        side: side as u32,
        order,
        account,
        price_ticks,
        lots,
        traded_lots,
    }
}
