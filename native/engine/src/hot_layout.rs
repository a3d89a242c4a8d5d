//! What the hot path touches per order, level, balance and position stays within these bytes. An order that grew by one
//! field would cost another cache line for each access, which no test would notice.

use crate::accounts::Account;
use crate::book::{Level, LevelTouch};
use crate::ledger::{Balance, Position};
use crate::orders::Order;
use crate::slot_heap::Member;
use crate::special::Special;

const LINE: usize = 64;

// Aligning it to lines as well was measured: no gain.
const _: () = assert!(size_of::<Order>() == 2 * LINE && align_of::<Order>() >= 8);
const _: () = assert!(size_of::<Level>() <= LINE);
const _: () = assert!(size_of::<LevelTouch>() <= LINE / 2);
const _: () = assert!(size_of::<Balance>() <= LINE);
const _: () = assert!(size_of::<Position>() <= 2 * LINE);
const _: () = assert!(size_of::<Account>() <= LINE);
const _: () = assert!(size_of::<Special>() <= 2 * LINE);
const _: () = assert!(size_of::<Member>() == 24);
// Records lie in Cap'n Proto lists, whose elements are aligned to words and not to lines.
const _: () = assert!(size_of::<fulltape_tape::Record>() == LINE && align_of::<fulltape_tape::Record>() == 8);
