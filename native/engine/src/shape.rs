//! What kind of order a command asks for, and whether this engine executes that kind.

use fulltape_tape::codes::{
    ErrorCode, OrderType, SelfTradePrevention, Side, TimeInForce, TriggerSource, order_instruction,
};
use fulltape_tape::layout::{ListLink, OrderTerms, PlaceOrder};

use crate::auctions::is_for_auction;
use crate::command::Command;
use crate::pegs::{Peg, is_pegged};
use crate::reports::Refusal;
use crate::trailing::{Trail, trails};

pub(crate) const DAY_NANOS: u64 = 24 * 3600 * 1_000_000_000;

/// Type, time in force and instructions of a new order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub side: Side,
    /// How it trades, once it does: `Market` or `Limit`.
    pub order_type: OrderType,
    /// It waits for a trigger price.
    pub waits: bool,
    /// The remainder of a match goes to the book.
    pub rests: bool,
    /// Engine time at which it expires while it is open; 0 = never.
    pub expire_nanos: u64,
    pub self_trade_prevention: u8,
    /// It is for one auction alone.
    pub auction: bool,
    /// Nobody sees it in the book.
    pub hidden: bool,
    /// Its limit is the best opposite price (market-to-limit).
    pub at_touch: bool,
    /// How its trigger follows the price.
    pub trail: Trail,
    /// What it follows.
    pub peg: Option<Peg>,
    /// Lots that must trade at once; 0 = any.
    pub minimum_lots: i64,
    /// Anything less than all of it at once is nothing.
    pub fill_or_kill: bool,
    /// It is a leg of a list.
    pub linked: bool,
    /// It rests until all of it can trade at once.
    pub all_or_none: bool,
}

/// Instructions that never trade at entry.
pub(crate) const PASSIVE: u16 = order_instruction::POST_ONLY | order_instruction::POST_ONLY_REPRICE;
/// Instructions that a pegged order cannot have.
const PEGLESS: u16 = order_instruction::POST_ONLY_REPRICE | order_instruction::ALL_OR_NONE;
const INSTRUCTIONS: u16 =
    PASSIVE | order_instruction::REDUCE_ONLY | order_instruction::HIDDEN | order_instruction::ALL_OR_NONE;

impl Shape {
    /// The short way for what most orders are: a limit order without anything special, good till cancelled or immediate.
    #[inline(always)]
    pub fn plain(place: &PlaceOrder, command: &Command<'_>) -> Option<Self> {
        let rests = place.time_in_force == TimeInForce::GoodTillCancel.number();
        let plain = place.order_type == OrderType::Limit.number()
            && (rests || place.time_in_force == TimeInForce::ImmediateOrCancel.number())
            && place.instructions == 0
            && place.trigger_source == 0
            && place.peg_kind == 0
            && place.stop_price_ticks == 0
            && place.display_quantity_lots == 0
            && !(command.has_extensions() && command.has_extension(&[OrderTerms::KIND, ListLink::KIND]));
        if !plain || SelfTradePrevention::from_number(place.self_trade_prevention).is_none() {
            return None;
        }
        Some(Self {
            side: Side::from_number(place.side)?,
            order_type: OrderType::Limit,
            waits: false,
            rests,
            expire_nanos: 0,
            self_trade_prevention: place.self_trade_prevention,
            auction: false,
            hidden: false,
            at_touch: false,
            trail: Trail::default(),
            peg: None,
            minimum_lots: 0,
            fill_or_kill: false,
            linked: false,
            all_or_none: false,
        })
    }

    /// Reads a new order at engine time `now_nanos`. Refused: numbers that are no value, combinations that mean nothing, an
    /// expiry that has passed.
    #[inline(never)]
    pub fn any(place: &PlaceOrder, command: &Command<'_>, now_nanos: u64) -> Result<Self, Refusal> {
        let unsupported = Refusal::of(ErrorCode::UnsupportedOrderType);
        let invalid = Refusal::of(ErrorCode::InvalidArgument);
        let side = Side::from_number(place.side).ok_or(invalid)?;
        let self_trade_prevention = SelfTradePrevention::from_number(place.self_trade_prevention).ok_or(invalid)?;
        let trigger_source = TriggerSource::from_number(place.trigger_source).ok_or(invalid)?;
        let (order_type, waits) = match OrderType::from_number(place.order_type) {
            Some(order_type @ (OrderType::Market | OrderType::Limit)) => (order_type, false),
            Some(OrderType::MarketToLimit | OrderType::Pegged) => (OrderType::Limit, false),
            Some(OrderType::Stop | OrderType::TrailingStop | OrderType::MarketIfTouched) => (OrderType::Market, true),
            Some(OrderType::StopLimit | OrderType::TrailingStopLimit | OrderType::LimitIfTouched) => {
                (OrderType::Limit, true)
            }
            _ => return Err(unsupported),
        };
        if waits && trigger_source == TriggerSource::None {
            return Err(invalid);
        }
        let time_in_force = match TimeInForce::from_number(place.time_in_force) {
            Some(
                time_in_force @ (TimeInForce::GoodTillCancel
                | TimeInForce::ImmediateOrCancel
                | TimeInForce::FillOrKill
                | TimeInForce::GoodTillDate
                | TimeInForce::Day
                | TimeInForce::AtTheOpening
                | TimeInForce::AtTheClose
                | TimeInForce::GoodForAuction),
            ) => time_in_force,
            _ => return Err(unsupported),
        };
        let auction = is_for_auction(time_in_force.number());
        let stays = auction
            || matches!(
                time_in_force,
                TimeInForce::GoodTillCancel | TimeInForce::Day | TimeInForce::GoodTillDate
            );
        let rests = order_type == OrderType::Limit && stays;
        let instructions = place.instructions;
        let passive = instructions & PASSIVE != 0;
        let at_touch = place.order_type == OrderType::MarketToLimit.number();
        let all_or_none = instructions & order_instruction::ALL_OR_NONE != 0;
        let hidden = instructions & order_instruction::HIDDEN != 0;
        let iceberg = place.display_quantity_lots != 0;
        let pegged = is_pegged(place.order_type);
        let dated = time_in_force == TimeInForce::GoodTillDate;
        let linked = command.has_extension(&[ListLink::KIND]);
        let plain = instructions & !INSTRUCTIONS == 0
            && instructions & PASSIVE != PASSIVE
            && !(all_or_none && rests && (passive || hidden || iceberg || at_touch || linked))
            && (waits || (trigger_source == TriggerSource::None && place.stop_price_ticks == 0))
            && (pegged || place.peg_kind == 0)
            && !(iceberg && hidden)
            && (rests || !(iceberg || hidden))
            && !(linked && (at_touch || auction || pegged));
        let terms = command.extension::<OrderTerms>(OrderTerms::KIND);
        let expire_time_nanos = terms.map_or(0, |terms| terms.expire_time_nanos);
        let minimum_lots = terms.map_or(0, |terms| terms.minimum_quantity_lots);
        if !plain
            || (all_or_none && rests && minimum_lots != 0)
            || (passive && (!rests || waits || at_touch || minimum_lots != 0))
            || (auction && (waits || passive || at_touch || all_or_none || minimum_lots != 0))
            || (dated && !rests && !waits)
            || (!pegged && terms.is_some_and(|terms| terms.peg_offset_ticks != 0))
            || (pegged && (!rests || auction || iceberg || minimum_lots != 0 || instructions & PEGLESS != 0))
            || (trails(place.order_type) && (iceberg || hidden))
            || (!dated && expire_time_nanos != 0)
        {
            return Err(unsupported);
        }
        let trail = Trail::of(place.order_type, terms)?;
        let peg = Peg::of(place, side, terms)?;
        if dated && expire_time_nanos <= now_nanos {
            return Err(Refusal::bound(
                ErrorCode::InvalidArgument,
                i128::from(expire_time_nanos),
                i128::from(now_nanos),
            ));
        }
        if minimum_lots < 0 || minimum_lots > place.quantity_lots.max(0) {
            return Err(Refusal::bound(
                ErrorCode::InvalidArgument,
                i128::from(minimum_lots),
                i128::from(place.quantity_lots),
            ));
        }
        let expire_nanos = match time_in_force {
            TimeInForce::Day if rests || waits => (now_nanos / DAY_NANOS).saturating_add(1).saturating_mul(DAY_NANOS),
            _ => expire_time_nanos,
        };
        Ok(Self {
            side,
            order_type,
            waits,
            rests,
            expire_nanos,
            self_trade_prevention: self_trade_prevention.number(),
            auction,
            hidden,
            at_touch,
            trail,
            peg,
            minimum_lots,
            fill_or_kill: (all_or_none && !rests) || time_in_force == TimeInForce::FillOrKill,
            all_or_none: all_or_none && rests,
            linked,
        })
    }
}
