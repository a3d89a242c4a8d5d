//! Order lists in the random flow: legs sent one after another, mostly as they should be.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::flow::Flow;
use crate::records::{limit, market};

impl Flow {
    /// The next leg of a list that was begun, or any order, or the first leg of a new list.
    pub(crate) fn place_or_leg(&mut self) -> Vec<Record> {
        let goes_on = if self.legs.is_empty() {
            let begins = self.random.once_in(7);
            if begins {
                self.begin_list();
            }
            begins
        } else {
            !self.random.once_in(7)
        };
        let leg = if goes_on { self.legs.pop_front() } else { None };
        leg.unwrap_or_else(|| self.place())
    }

    /// An order of any kind with the terms that its list gives it.
    fn leg(&mut self, account_id: u32, instrument_id: u32, side: Side, lots: i64, plain: bool) -> Vec<Record> {
        let order = if plain && self.random.once_in(5) {
            vec![Record::of(market(account_id, instrument_id, side, lots))]
        } else if plain {
            vec![Record::of(limit(account_id, instrument_id, side, self.price(), lots))]
        } else {
            self.place()
        };
        let mut place: PlaceOrder = *order[0].view();
        place.account_id = account_id;
        place.instrument_id = instrument_id;
        place.side = side.number();
        place.quantity_lots = lots;
        // Most legs stay open when they enter.
        if !plain && place.trigger_source == 0 && place.order_type == OrderType::Market.number() {
            place.order_type = OrderType::Limit.number();
            place.price_ticks = self.price();
            place.time_in_force = TimeInForce::GoodTillCancel.number();
        }
        let mut records = vec![Record::of(place)];
        records.extend(&order[1..]);
        records
    }

    fn begin_list(&mut self) {
        let (account_id, instrument_id, side) = (self.account(), self.instrument(), self.side());
        let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
        let contingency = self.random.between(1, 3) as u8;
        let lots = self.random.between(1, 60);
        let child_lots = if self.random.once_in(2) {
            lots
        } else {
            self.random.between(1, lots + 2)
        };
        let legs: &[(u8, bool, Side, i64)] = match contingency {
            1 => &[(4, false, side, lots), (4, false, side, lots)],
            2 => &[(1, true, side, lots), (5, false, self.side(), child_lots)],
            _ => &[
                (1, true, side, lots),
                (2, false, other, child_lots.min(lots)),
                (3, false, other, child_lots.min(lots)),
            ],
        };
        // Now and then an id that is taken.
        self.lists += 1;
        let list_id = if self.random.once_in(30) {
            self.random.below(self.lists)
        } else {
            self.lists
        };
        for (index, (role, plain, side, lots)) in legs.iter().copied().enumerate() {
            let mut link = ListLink {
                kind: ListLink::KIND,
                list_id,
                contingency,
                leg_role: role,
                leg_count: legs.len() as u8,
                leg_index: index as u8,
                ..ListLink::default()
            };
            if contingency == 1 && self.random.once_in(2) {
                link.leg_role = 2 + index as u8;
            }
            let (mut side, mut lots, mut instrument_id) = (side, lots, instrument_id);
            match self.random.below(400) {
                0 => link.leg_role = self.random.below(7) as u8,
                1 => link.leg_count = self.random.below(5) as u8,
                2 => link.leg_index = self.random.below(4) as u8,
                3 => link.contingency = self.random.below(5) as u8,
                4 => side = self.side(),
                5 => lots = self.lots(),
                6 => instrument_id = self.instrument(),
                7 => continue,
                _ => {}
            }
            let mut records = self.leg(account_id, instrument_id, side, lots, plain);
            records.push(Record::of(link));
            if self.random.once_in(60) {
                self.legs.push_back(records.clone());
            }
            self.legs.push_back(records);
        }
    }
}
