//! Flows in which one order of a hundred is not a plain limit order.
//!
//! A flow's new limit orders are rewritten, by the seed: side, account and quantity stay. What such an order then trades is not
//! what the model of the flow thought, so some later cancels and amends name orders that have left; they are refused, and
//! their share is reported.

use fulltape_sim::random::Random;
use fulltape_tape::Record;
use fulltape_tape::codes::{Contingency, LegRole, OrderType, PegKind, TriggerSource, order_instruction};
use fulltape_tape::layout::{ListLink, OrderTerms, PlaceOrder};

use crate::clock::Rate;
use crate::flow::{Flow, Kind};
use crate::ours::{self, command, stamp};
use crate::report::Report;
use crate::setup::Mode;

/// One order of so many is rewritten.
const EVERY: u64 = 100;

/// What a rewritten order becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// A stop-limit order 48 ticks beyond the middle on average, that goes 3 ticks beyond its trigger.
    Stop,
    /// It shows a fifth of its quantity.
    Iceberg,
    /// It follows the best price of its side, up to three ticks behind.
    Peg,
    /// All or none, at its price.
    AllOrNone,
    /// Two limit orders of a side, one of which cancels the other.
    List,
}

impl Special {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Stop, Self::Iceberg, Self::Peg, Self::AllOrNone, Self::List];

    /// Name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "1 % stop-limit orders",
            Self::Iceberg => "1 % icebergs",
            Self::Peg => "1 % pegged orders",
            Self::AllOrNone => "1 % all-or-none orders",
            Self::List => "1 % in lists (one cancels the other)",
        }
    }

    fn rewrite(self, order: PlaceOrder, random: &mut Random) -> Vec<Record> {
        let away = if order.side == 1 { 1 } else { -1 };
        match self {
            Self::Stop => {
                let stop_price_ticks = order.price_ticks + 80 * away;
                vec![Record::of(PlaceOrder {
                    order_type: OrderType::StopLimit.number(),
                    trigger_source: TriggerSource::Last.number(),
                    stop_price_ticks,
                    price_ticks: stop_price_ticks + 3 * away,
                    ..order
                })]
            }
            Self::Iceberg => vec![Record::of(PlaceOrder {
                display_quantity_lots: order.quantity_lots / 5 + 1,
                ..order
            })],
            Self::Peg => vec![
                Record::of(PlaceOrder {
                    extension_count: 1,
                    order_type: OrderType::Pegged.number(),
                    peg_kind: PegKind::Primary.number(),
                    price_ticks: 0,
                    ..order
                }),
                Record::of(OrderTerms {
                    kind: OrderTerms::KIND,
                    peg_offset_ticks: -away * random.between(0, 3),
                    ..OrderTerms::default()
                }),
            ],
            Self::AllOrNone => vec![Record::of(PlaceOrder {
                instructions: order_instruction::ALL_OR_NONE,
                ..order
            })],
            Self::List => unreachable!("lists are made of two orders"),
        }
    }
}

/// A leg of a list that cancels its sibling when it trades or leaves.
fn leg(order: PlaceOrder, list_id: u64, leg_index: u8) -> Vec<Record> {
    vec![
        Record::of(PlaceOrder {
            extension_count: 1,
            ..order
        }),
        Record::of(ListLink {
            kind: ListLink::KIND,
            list_id,
            contingency: Contingency::OneCancelsOther.number(),
            leg_role: LegRole::Sibling.number(),
            leg_count: 2,
            leg_index,
            ..ListLink::default()
        }),
    ]
}

/// The messages of a flow as commands, one order of a hundred rewritten. How many were.
pub fn commands(flow: &Flow, first: u64, mode: Mode, special: Special, seed: u64) -> (Vec<Record>, u64) {
    let mut random = Random::new(seed);
    let mut records = Vec::with_capacity(flow.messages.len() + flow.messages.len() / 50);
    // Whom the second leg of a list came from, by its order.
    let mut owners: Vec<u32> = vec![0; flow.messages.len() + 1];
    let mut begun: Option<PlaceOrder> = None;
    let mut rewritten = 0;
    for (at, message) in flow.messages.iter().enumerate() {
        let begin = records.len();
        let mut message = *message;
        if owners[message.order as usize] != 0 {
            message.account = owners[message.order as usize];
        }
        let plain = command(&message, first, mode);
        let begins = message.kind == Kind::New && begun.is_none() && {
            let every = if special == Special::List { 2 * EVERY } else { EVERY };
            random.once_in(every)
        };
        let place: PlaceOrder = *plain.view();
        match begun {
            Some(other) if message.kind == Kind::New && place.side == other.side => {
                let second = PlaceOrder {
                    account_id: other.account_id,
                    quantity_lots: other.quantity_lots,
                    ..place
                };
                owners[message.order as usize] = other.account_id;
                records.extend(leg(second, rewritten, 1));
                rewritten += 1;
                begun = None;
            }
            _ if begins && special == Special::List => {
                rewritten += 1;
                records.extend(leg(place, rewritten, 0));
                begun = Some(place);
            }
            _ if begins => {
                rewritten += 1;
                records.extend(special.rewrite(place, &mut random));
            }
            _ => records.push(plain),
        }
        stamp(&mut records[begin], at, mode);
    }
    (records, rewritten)
}

/// What special orders cost: each kind by turns with the plain flow, whose engine could take all of them.
///
/// # Errors
/// A flow of which more than one command of fifty is refused.
pub fn measure(report: &mut Report, flow: &Flow, runs: usize, seed: u64) -> Result<(), Box<dyn std::error::Error>> {
    for mode in [Mode::Bare, Mode::Full] {
        let first = ours::engine(mode).next_command_number();
        let plain = ours::commands(flow, first, mode);
        let mut base = Vec::new();
        let mut rates = vec![Vec::<Rate>::new(); Special::ALL.len()];
        for run in 0..runs {
            base.push(ours::run(mode, &plain).rate);
            for (special, rates) in Special::ALL.into_iter().zip(&mut rates) {
                let (records, rewritten) = commands(flow, first, mode, special, seed);
                let outcome = ours::run(mode, &records);
                let share = outcome.refused as f64 * 100.0 / flow.messages.len() as f64;
                if share > 2.0 {
                    return Err(format!("{}: {share:.2} % of the commands are refused", special.name()).into());
                }
                if run == 0 {
                    report.note(format!(
                        "{}, {}: {rewritten} orders, {} trades (plain {}), {share:.2} % of the commands refused",
                        mode.name(),
                        special.name(),
                        outcome.trades,
                        flow.trades,
                    ));
                }
                rates.push(outcome.rate);
            }
        }
        let name = mode.name();
        report.rates(&format!("{name}, drift, no special orders"), &base, None);
        for (special, rates) in Special::ALL.into_iter().zip(&rates) {
            report.rates(&format!("{name}, drift, {}", special.name()), rates, None);
            // Runs that stood beside each other.
            let more: Vec<f64> = base
                .iter()
                .zip(rates)
                .map(|(plain, rate)| (1e9 / rate.cpu - 1e9 / plain.cpu).round())
                .collect();
            report.figure(
                &format!("{name}, {}: processor time more, for each command", special.name()),
                "ns",
                &more,
                None,
            );
        }
    }
    Ok(())
}
