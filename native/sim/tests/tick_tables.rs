//! Tick tables by example.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

/// Every tick below 100, steps of 5 from 100, of 50 from 1,000.
const BANDS: [(i64, u32); 2] = [(100, 5), (1_000, 50)];

fn desk() -> Desk {
    let mut desk = Desk::new();
    let answer = desk.send(&banded(instrument(1, -20, 150), &BANDS));
    assert_eq!(answer.code, 0);
    desk
}

#[test]
fn an_entered_price_lies_on_the_step_of_its_band() {
    for (price, step) in [
        (99, 0),
        (100, 0),
        (101, 5),
        (104, 5),
        (105, 0),
        (995, 0),
        (1_000, 0),
        (1_005, 50),
        (1_050, 0),
    ] {
        let mut desk = desk();
        let answer = desk.place(limit(3, 1, Side::Sell, price, 1));
        if step == 0 {
            assert_eq!(answer.code, 0, "{price}");
        } else {
            let code = ErrorCode::PriceOffTickTable.number();
            assert_eq!((answer.code, answer.observed, answer.limit), (code, price, step));
        }
    }
}

#[test]
fn a_trigger_and_an_amended_price_lie_on_it_too() {
    let mut desk = desk();
    let off = ErrorCode::PriceOffTickTable.number();
    let stop = |stop_price_ticks| PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks,
        ..limit(3, 1, Side::Buy, 0, 1)
    };
    let answer = desk.place(stop(112));
    assert_eq!((answer.code, answer.observed, answer.limit), (off, 112, 5));
    let waiting = desk.place(stop(110)).order_id;
    let move_stop = |to| AmendOrder {
        stop_price_ticks: to,
        ..amend(3, waiting, amend_flag::STOP_PRICE, 0, 0)
    };
    assert_eq!(desk.send(&[Record::of(move_stop(113))]).code, off);
    assert_eq!(desk.send(&[Record::of(move_stop(115))]).code, 0);
    let resting = desk.rest(3, Side::Sell, 120, 10);
    let to = |price| [Record::of(amend(3, resting, amend_flag::PRICE, price, 0))];
    assert_eq!(desk.send(&to(122)).code, off);
    assert_eq!(
        desk.queue(Side::Sell, 120),
        [resting],
        "a refused amend changes nothing"
    );
    assert_eq!(desk.send(&to(125)).code, 0);
    let lower = [Record::of(amend(3, resting, amend_flag::QUANTITY, 0, 4))];
    assert_eq!(desk.send(&lower).code, 0);
}

#[test]
fn a_repriced_order_steps_back_by_its_band() {
    for (side, touch, asked, becomes) in [
        // Below 100 every tick is a price, above it every fifth.
        (Side::Buy, 100, 120, 99),
        (Side::Buy, 110, 120, 105),
        (Side::Buy, 1_000, 1_050, 995),
        (Side::Sell, 99, 50, 100),
        (Side::Sell, 100, 50, 105),
        (Side::Sell, 1_000, 50, 1_050),
    ] {
        let mut desk = desk();
        let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
        desk.rest(3, other, touch, 1);
        let order = PlaceOrder {
            instructions: order_instruction::POST_ONLY_REPRICE,
            ..limit(3, 1, side, asked, 1)
        };
        let answer = desk.place(order);
        assert_eq!(answer.code, 0);
        let resting = desk.engine.order(answer.order_id).expect("rests");
        assert_eq!(resting.price_ticks, becomes, "{side:?} at {asked} against {touch}");
        let off = PlaceOrder {
            price_ticks: if side == Side::Buy { 1_051 } else { 101 },
            ..order
        };
        if side == Side::Buy || touch >= 101 {
            assert_eq!(desk.place(off).code, ErrorCode::PriceOffTickTable.number());
        }
    }
}

#[test]
fn a_trailing_trigger_is_never_nearer_than_asked_and_its_limit_is_passive() {
    // From a market at 205 with a distance of 3: 208 is no price, 205 would trigger at once.
    for (side, stop, price) in [(Side::Buy, 210, 210), (Side::Sell, 200, 200)] {
        let mut desk = desk();
        desk.rest(3, Side::Sell, 205, 1);
        desk.place(limit(3, 1, Side::Buy, 205, 1));
        let order = PlaceOrder {
            order_type: OrderType::TrailingStopLimit.number(),
            trigger_source: TriggerSource::Last.number(),
            ..limit(3, 1, side, 0, 1)
        };
        let terms = OrderTerms {
            trailing_offset: 3,
            trailing_unit: OffsetUnit::Ticks.number(),
            limit_offset_ticks: 4,
            ..OrderTerms::default()
        };
        let answer = desk.place_with(order, terms);
        assert_eq!(answer.code, 0);
        let state: &OrderStateReport = desk.reports[0].view();
        let detail: &OrderDetailReport = desk.reports[1].view();
        // The limit four ticks behind the trigger goes back to the trigger itself: a buy's down, a sell's up.
        assert_eq!((detail.stop_price_ticks, state.price_ticks), (stop, price), "{side:?}");
    }
}

#[test]
fn a_definition_with_bands_out_of_order_is_refused() {
    let mut desk = Desk::new();
    let invalid = ErrorCode::InvalidInstrumentTerms.number();
    for bands in [
        &[(100, 0)][..],
        &[(100, 5), (100, 10)],
        &[(100, 5), (52, 2)],
        &[(101, 5)],
        &[(100, 5), (102, 2)],
        &[(0, 1), (1, 1), (2, 1), (3, 1), (-4, 1)],
    ] {
        assert_eq!(
            desk.send(&banded(instrument(1, 0, 0), bands)).code,
            invalid,
            "{bands:?}"
        );
    }
    let six = [(0, 1), (10, 2), (20, 5), (50, 10), (100, 20), (200, 50)];
    assert_eq!(desk.send(&banded(instrument(1, 0, 0), &six)).code, 0);
    assert_eq!(desk.place(limit(3, 1, Side::Buy, 250, 1)).code, 0);
    assert_eq!(
        desk.place(limit(3, 1, Side::Buy, 225, 1)).code,
        ErrorCode::PriceOffTickTable.number()
    );
}
