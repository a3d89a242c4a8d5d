//! Auctions over random deep books: the price is the one that trying every tick finds, nothing is left crossed, those who go
//! first are filled first, and neither lots nor money appear or vanish.
use fulltape_engine::{Command, Config, Engine, OrderView};
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const LOWEST: i64 = 900;
const HIGHEST: i64 = 1100;

struct Venue {
    engine: Engine,
    reports: Vec<Record>,
}

impl Venue {
    /// One instrument with a collar of 10 % around a reference of 1,000; cash accounts 1 to 4, 5 and 6 without checks.
    fn new(reference: i64) -> Self {
        let mut venue = Self {
            engine: Engine::new(Config {
                max_orders: 2_000,
                max_accounts: 8,
                max_instruments: 1,
                ..Config::default()
            }),
            reports: Vec::new(),
        };
        let [definition, symbol] = instrument(1, 35, 90);
        let definition = DefineInstrument {
            collar_ppm: 100_000,
            ..*definition.view()
        };
        venue.send(&[Record::of(definition), symbol]);
        for id in 1..=6 {
            let kind = if id > 4 { AccountKind::Replay } else { AccountKind::Cash };
            venue.send(&[Record::of(account(id, kind, account_permission::SHORT_SALE))]);
            venue.send(&[Record::of(cash(id, 100_000_000))]);
        }
        venue.price(1000);
        venue.phase(TradingPhase::PreOpen);
        // The band has been set and holds once orders meet; the reference may lie anywhere in it.
        venue.send(&[Record::of(limit(5, 1, Side::Buy, 1000, 1))]);
        venue.send(&[Record::of(limit(5, 1, Side::Sell, 1000, 1))]);
        venue.price(reference);
        venue
    }

    fn send(&mut self, records: &[Record]) -> u16 {
        self.reports.clear();
        self.engine.submit(&Command::new(records), 0, &mut self.reports).code
    }

    fn price(&mut self, price_ticks: i64) {
        self.send(&[Record::of(SetReferencePrice {
            kind: SetReferencePrice::KIND,
            instrument_id: 1,
            source: 2,
            purpose: 1,
            price_ticks,
            ..SetReferencePrice::default()
        })]);
    }

    fn phase(&mut self, phase: TradingPhase) {
        let code = self.send(&[Record::of(SetSession {
            kind: SetSession::KIND,
            instrument_id: 1,
            phase: phase.number(),
            reason: 2,
            ..SetSession::default()
        })]);
        assert_eq!(code, 0);
    }

    /// Resting orders in the order in which they trade: market orders, price, time.
    fn side(&self, side: Side) -> Vec<OrderView> {
        let (market, limits): (Vec<_>, Vec<_>) = self.engine.resting(1, side).partition(|order| order.price_ticks == 0);
        market.into_iter().chain(limits).collect()
    }
}

fn lots_at(orders: &[OrderView], side: Side, price: i64) -> i128 {
    let trades = |order: &&OrderView| {
        order.price_ticks == 0
            || match side {
                Side::Buy => order.price_ticks >= price,
                Side::Sell => order.price_ticks <= price,
            }
    };
    orders
        .iter()
        .filter(trades)
        .map(|order| i128::from(order.leaves_lots))
        .sum()
}

/// Every tick of the band by the four rules; a tick that is neither a limit nor the reference is no candidate.
fn by_trying(buys: &[OrderView], sells: &[OrderView], reference: i64) -> Option<(i64, i128)> {
    let tried: Vec<_> = (LOWEST..=HIGHEST)
        .map(|price| {
            (
                price,
                lots_at(buys, Side::Buy, price),
                lots_at(sells, Side::Sell, price),
            )
        })
        .collect();
    let volume = tried.iter().map(|(_, wanted, offered)| *wanted.min(offered)).max()?;
    if volume == 0 {
        return None;
    }
    let is_candidate =
        |price: i64| price == reference || buys.iter().chain(sells).any(|order| order.price_ticks == price);
    let largest: Vec<_> = tried
        .into_iter()
        .filter(|(price, wanted, offered)| *wanted.min(offered) == volume && is_candidate(*price))
        .map(|(price, wanted, offered)| (price, wanted - offered))
        .collect();
    let least = largest
        .iter()
        .map(|(_, surplus)| surplus.abs())
        .min()
        .expect("a candidate");
    let tied: Vec<_> = largest
        .into_iter()
        .filter(|(_, surplus)| surplus.abs() == least)
        .collect();
    let (lowest, highest) = (tied[0], tied[tied.len() - 1]);
    let price = if lowest.1 > 0 && highest.1 > 0 {
        highest.0
    } else if lowest.1 < 0 && highest.1 < 0 {
        lowest.0
    } else {
        let distance = |price: i64| (price - reference).abs();
        tied.iter()
            .map(|(price, _)| *price)
            .min_by_key(|price| distance(*price))
            .expect("tied")
    };
    Some((price, volume))
}

fn place(venue: &mut Venue, random: &mut Random, spread: i64) {
    let side = random.one_of(&[Side::Buy, Side::Sell]);
    let who = random.between(1, 6) as u32;
    let lots = random.between(1, 60);
    let mut order = if random.once_in(15) {
        market(who, 1, side, lots)
    } else {
        limit(who, 1, side, 1000 + random.between(-spread, spread), lots)
    };
    order.time_in_force = random.one_of(&[1, 1, 1, 5, 8]);
    if order.price_ticks != 0 {
        match random.below(8) {
            0 => order.display_quantity_lots = random.between(1, 9),
            1 => order.instructions = order_instruction::HIDDEN,
            _ => {}
        }
    }
    venue.send(&[Record::of(order)]);
}

#[test]
fn an_auction_is_what_trying_every_price_finds() {
    let seed = seed("auctions");
    let mut traded = 0;
    for round in 0..300 {
        let mut random = Random::new(seed + round);
        let reference = random.between(LOWEST, HIGHEST);
        let mut venue = Venue::new(reference);
        let spread = random.one_of(&[2, 10, 40, 99]);
        for _ in 0..random.between(0, 300) {
            place(&mut venue, &mut random, spread);
        }
        venue.phase(TradingPhase::OpeningAuction);
        for _ in 0..random.between(0, 20) {
            place(&mut venue, &mut random, spread);
            venue.engine.assert_consistent();
        }
        let (buys, sells) = (venue.side(Side::Buy), venue.side(Side::Sell));
        let expected = by_trying(&buys, &sells, reference);
        venue.phase(TradingPhase::Continuous);
        // Consistent: cash and lots conserved, level sums right, nothing crossed, nothing reserved for what is gone.
        venue.engine.assert_consistent();
        let trades: Vec<TradeReport> = venue
            .reports
            .iter()
            .filter(|report| report.kind() == TradeReport::KIND)
            .map(|report| *report.view())
            .collect();
        let volume: i128 = trades.iter().map(|trade| i128::from(trade.quantity_lots)).sum();
        assert_eq!(trades.first().map(|trade| (trade.price_ticks, volume)), expected);
        let Some((price, volume)) = expected else {
            continue;
        };
        traded += 1;
        assert!(trades.iter().all(|trade| trade.price_ticks == price));
        for (side, orders) in [(Side::Buy, &buys), (Side::Sell, &sells)] {
            let mut left = volume;
            for order in orders {
                let due = left.min(i128::from(order.leaves_lots));
                left -= due;
                let filled: i64 = trades
                    .iter()
                    .filter(|trade| match side {
                        Side::Buy => trade.maker_order_id == order.order_id,
                        Side::Sell => trade.taker_order_id == order.order_id,
                    })
                    .map(|trade| trade.quantity_lots)
                    .sum();
                assert_eq!(i128::from(filled), due, "order {} in its turn", order.order_id);
            }
            assert_eq!(left, 0);
        }
        for report in venue
            .reports
            .iter()
            .filter(|report| report.kind() == BalanceChangedReport::KIND)
        {
            let balance: &BalanceChangedReport = report.view();
            assert!(balance.total_high >= 0, "nobody pays more than was held");
        }
    }
    assert!(traded > 200, "only {traded} auctions traded");
}
