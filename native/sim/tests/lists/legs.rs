//! Legs and what they hold, for the tests of lists.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

pub const OCO: u8 = Contingency::OneCancelsOther.number();
pub const OTO: u8 = Contingency::OneTriggersOther.number();
pub const BRACKET: u8 = Contingency::Bracket.number();

pub fn leg(order: PlaceOrder, list_id: u64, contingency: u8, leg_index: u8) -> [Record; 2] {
    let roles: &[LegRole] = match contingency {
        OCO => &[LegRole::Sibling, LegRole::Sibling],
        OTO => &[LegRole::Entry, LegRole::Child],
        _ => &[LegRole::Entry, LegRole::TakeProfit, LegRole::StopLoss],
    };
    let link = ListLink {
        kind: ListLink::KIND,
        list_id,
        contingency,
        leg_role: roles.get(leg_index as usize).map_or(0, |role| role.number()),
        leg_count: roles.len() as u8,
        leg_index,
        ..ListLink::default()
    };
    let extension_count = 1;
    [
        Record::of(PlaceOrder {
            extension_count,
            ..order
        }),
        Record::of(link),
    ]
}

/// Sends the legs of a list, which must be accepted. Order ids.
pub fn list<const N: usize>(desk: &mut Desk, list_id: u64, contingency: u8, legs: [PlaceOrder; N]) -> [u64; N] {
    let mut index = 0;
    legs.map(|order| {
        let answer = desk.send(&leg(order, list_id, contingency, index));
        index += 1;
        assert_eq!(
            (answer.code, answer.order_status),
            (0, OrderStatus::PendingNew.number())
        );
        answer.order_id
    })
}

pub fn stop(account: u32, side: Side, stop_price_ticks: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks,
        ..limit(account, 1, side, 0, lots)
    }
}

pub fn sell(account: u32, price: i64, lots: i64) -> PlaceOrder {
    limit(account, 1, Side::Sell, price, lots)
}

pub fn buy(account: u32, price: i64, lots: i64) -> PlaceOrder {
    limit(account, 1, Side::Buy, price, lots)
}

/// Gives an account lots, bought from the account without checks.
pub fn stock(desk: &mut Desk, account: u32, lots: i64) {
    desk.rest(3, Side::Sell, 100, lots);
    assert_eq!(
        desk.place(buy(account, 100, lots)).order_status,
        OrderStatus::Filled.number()
    );
}

pub fn held_lots(desk: &Desk, account: u32) -> i64 {
    desk.engine
        .position(account, 1)
        .map_or(0, |position| position.reserved_sell_lots)
}

pub fn held_cash(desk: &Desk, account: u32) -> i128 {
    desk.engine
        .balance(account, CURRENCY)
        .map_or(0, |balance| balance.reserved)
}

pub fn state(
    order: u64,
    exec_type: ExecType,
    status: OrderStatus,
    reason: CancelReason,
    leaves: i64,
    quantity: i64,
) -> (u64, ExecType, OrderStatus, CancelReason, i64, i64) {
    (order, exec_type, status, reason, leaves, quantity)
}

pub fn canceled(
    order: u64,
    reason: CancelReason,
    quantity: i64,
) -> (u64, ExecType, OrderStatus, CancelReason, i64, i64) {
    state(order, ExecType::Canceled, OrderStatus::Canceled, reason, 0, quantity)
}
