//! Instruments: terms, trading state, reference prices and the book of each.

use fulltape_tape::codes::TradingPhase;
use fulltape_tape::layout::{DefineInstrument, InstrumentSymbol};

use crate::book::Book;
use crate::contract::Contract;
use crate::ledger::halves;
use crate::mixing::{EntityHash, HashSum, HashedTable, hash_words};
use crate::settlement::Clearing;
use crate::small_ids::SmallIds;
use crate::snapshot::{Copier, Damage, Fields, Stored, Writer, kind};
use crate::tick_table::TickTable;
use crate::trading_days::TradingDay;
use crate::triggers::Triggers;

/// Bits of [`Terms::features`]: what makes the engine look beyond the plain terms.
pub mod feature {
    /// Prices follow a tick table.
    pub const TICK_BANDS: u8 = 1;
    /// It is a future: trades move no notional.
    pub const FUTURE: u8 = 2;
    /// It is an option.
    pub const OPTION: u8 = 4;
    /// It has an expiry.
    pub const EXPIRES: u8 = 8;
    /// Future or option.
    pub const DERIVATIVE: u8 = FUTURE | OPTION;
}

/// Terms of an instrument: everything of its definition that a later definition must repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Underlying instrument; 0 = itself.
    pub underlying_id: u32,
    /// Money units of one tick times one lot.
    pub units_per_tick_lot: i64,
    /// Largest order in lots; 0 = no limit.
    pub max_quantity_lots: i64,
    /// Smallest order in money units; 0 = no limit.
    pub min_notional_units: i64,
    /// Wire number of the `InstrumentKind`.
    pub kind: u8,
    /// Settlement currency.
    pub currency_id: u16,
    /// Maker fee in parts per million; negative = rebate.
    pub maker_fee_ppm: i32,
    /// Taker fee in parts per million; negative = rebate.
    pub taker_fee_ppm: i32,
    /// Price collar around the reference price in parts per million; 0 = none.
    pub collar_ppm: u32,
    /// Bits of [`feature`]; they follow from the other terms.
    pub features: u8,
    /// Symbol and decimal scales, as they stand in the extension record behind its head.
    pub symbol: [u64; 6],
}

impl Terms {
    /// The terms of a definition and its symbol.
    pub fn of(definition: &DefineInstrument, symbol: &InstrumentSymbol) -> Self {
        let words: &[u64; 8] = bytemuck::cast_ref(symbol);
        Self {
            underlying_id: definition.underlying_id,
            units_per_tick_lot: definition.units_per_tick_lot,
            max_quantity_lots: definition.max_quantity_lots,
            min_notional_units: definition.min_notional_units,
            kind: definition.instrument_kind,
            currency_id: definition.currency_id,
            maker_fee_ppm: definition.maker_fee_ppm,
            taker_fee_ppm: definition.taker_fee_ppm,
            collar_ppm: definition.collar_ppm,
            features: 0,
            symbol: [words[2], words[3], words[4], words[5], words[6], words[7]],
        }
    }

    /// Calendar whose sessions it follows; 0 = none.
    pub const fn calendar_id(&self) -> u32 {
        // Bytes 28..31 of the record, whose words from the third on these are.
        (self.symbol[1] >> 32) as u32
    }

    /// Highest rate that a fill of an order may pay.
    pub fn highest_fee_ppm(&self) -> i32 {
        self.maker_fee_ppm.max(self.taker_fee_ppm).max(0)
    }
}

/// Terms that few instruments have; kept beside the instruments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtraTerms {
    /// Steps of prices by band.
    pub ticks: TickTable,
    /// Terms of a derivative, and margin rates.
    pub contract: Contract,
}

impl ExtraTerms {
    /// Bits of [`feature`] that they stand for.
    pub const fn features(&self) -> u8 {
        let bands = if self.ticks.is_empty() { 0 } else { feature::TICK_BANDS };
        bands | self.contract.features()
    }
}

/// What stands beside an instrument, off the path of plain orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extra {
    /// Terms beyond the plain ones.
    pub terms: ExtraTerms,
    /// Other instruments that derive from it.
    pub derivatives: u32,
    /// An order or a position was taken in it.
    pub used: bool,
    /// Its expiry has run.
    pub expired: bool,
    /// Price of its settlement after the expiry; 0 = that has not been.
    pub settled_ticks: i64,
    /// What its positions were paid and cost.
    pub clearing: Clearing,
    /// Its phases to come and its auction.
    pub day: TradingDay,
}

impl Extra {
    fn hash(&self) -> EntityHash {
        let ticks = hash_words(40, &self.terms.ticks.words());
        let contract = hash_words(41, &self.terms.contract.words());
        let (cash, cost, moved) = (self.clearing.cash, self.clearing.cost, self.clearing.moved);
        let [cash, cost, moved] = [halves(cash), halves(cost), halves(moved)];
        let day = hash_words(43, &self.day.words());
        hash_words(
            42,
            &[
                ticks[0],
                ticks[1],
                contract[0],
                contract[1],
                u64::from(self.derivatives) | (u64::from(self.used) << 32) | (u64::from(self.expired) << 33),
                self.settled_ticks.cast_unsigned(),
                cash[0],
                cash[1],
                cost[0],
                cost[1],
                moved[0],
                moved[1],
                day[0],
                day[1],
            ],
        )
    }
}

/// One instrument.
pub struct Instrument {
    /// Instrument id, 1 or more.
    pub id: u32,
    /// Terms.
    pub terms: Terms,
    /// Wire number of the `TradingState`.
    pub state: u8,
    /// Phase of its trading day.
    pub phase: TradingPhase,
    /// Wire number of the `StateReason` of the last change of state or phase.
    pub reason: u16,
    /// Price that orders are checked against; 0 = none.
    pub reference_price_ticks: i64,
    /// Price that positions are valued at; 0 = none.
    pub mark_price_ticks: i64,
    /// Price of the last trade; 0 = none yet.
    pub last_price_ticks: i64,
    /// Source time of the price set last.
    pub price_time_nanos: u64,
    /// Source time of the reference price.
    pub reference_time_nanos: u64,
    /// Level reports so far.
    pub book_sequence: u64,
    /// Open orders.
    pub open_orders: u32,
    /// Index of the currency's pot.
    pub pot: u32,
    /// Sum of all positions, and of what was moved in and out: always equal.
    pub lots_held: i128,
    /// See `lots_held`.
    pub lots_moved: i128,
    /// Open orders whose lots do not all count in a level's sum for a walk: siblings of lists.
    pub walked: u32,
    /// Open orders by price and time.
    pub book: Book,
    /// Orders that wait for a price.
    pub triggers: Triggers,
    /// Risk limits and restrictions that name it.
    pub rules: u32,
    /// All-or-none orders beside its book, buys and sells.
    pub aside: [u32; 2],
}

/// All instruments.
pub struct InstrumentTable {
    instruments: Vec<Instrument>,
    extras: Vec<Extra>,
    /// Time of the next expiry that has not run; `u64::MAX` = none.
    pub next_expiry: u64,
    index: SmallIds,
    capacity: usize,
    hashed: HashedTable,
    /// What a snapshot has of the instruments.
    pub copier: Copier,
}

impl InstrumentTable {
    /// Room for `capacity` instruments.
    pub fn with_capacity(capacity: u32) -> Self {
        let size = capacity as usize;
        Self {
            instruments: Vec::with_capacity(size),
            extras: Vec::with_capacity(size),
            next_expiry: u64::MAX,
            index: SmallIds::with_capacity(size),
            capacity: size,
            hashed: HashedTable::with_capacity(size),
            copier: Copier::new(kind::INSTRUMENT),
        }
    }

    /// Table index of an instrument id.
    #[inline]
    pub fn find(&self, id: u32) -> Option<u32> {
        if id == 0 { None } else { self.index.get(u64::from(id)) }
    }

    /// An instrument by table index.
    #[inline]
    pub fn get(&self, index: u32) -> &Instrument {
        &self.instruments[index as usize]
    }

    /// An instrument to change; it will be hashed anew.
    #[inline]
    pub fn get_mut(&mut self, index: u32) -> &mut Instrument {
        self.touch(index);
        &mut self.instruments[index as usize]
    }

    /// What stands beside an instrument.
    #[inline]
    pub fn extra(&self, index: u32) -> &Extra {
        &self.extras[index as usize]
    }

    /// What stands beside an instrument, to change; it will be hashed anew.
    pub fn extra_mut(&mut self, index: u32) -> &mut Extra {
        self.touch(index);
        &mut self.extras[index as usize]
    }

    /// An instrument or what stands beside it is about to change: a snapshot copies them first, the state hash takes them in anew.
    #[inline(always)]
    fn touch(&mut self, index: u32) {
        if !self.hashed.is_marked(index) {
            self.mark(index);
        }
    }

    #[inline(never)]
    fn mark(&mut self, index: u32) {
        if self.copier.awaits(index) {
            let (instruments, extras) = (&mut self.instruments, &mut self.extras);
            self.copier
                .save(index, |out| write_instrument(instruments, extras, index, out));
        }
        self.hashed.note(index);
    }

    /// An instrument of which only the book or the number of open orders changes: both follow from the orders, so it is not
    /// hashed anew.
    #[inline]
    pub fn book_mut(&mut self, index: u32) -> &mut Instrument {
        &mut self.instruments[index as usize]
    }

    /// Table index of the instrument that one derives from; its own where it derives from none.
    pub fn root(&self, index: u32) -> u32 {
        let instrument = self.get(index);
        let underlying = instrument.terms.underlying_id;
        if underlying == 0 || underlying == instrument.id {
            return index;
        }
        self.find(underlying).unwrap_or(index)
    }

    /// Gives an instrument terms; who derives from whom follows.
    pub fn set_terms(&mut self, index: u32, terms: Terms, extra: ExtraTerms) {
        let before = self.root(index);
        self.get_mut(index).terms = terms;
        self.extra_mut(index).terms = extra;
        let after = self.root(index);
        if before != after {
            if before != index {
                self.extra_mut(before).derivatives -= 1;
            }
            if after != index {
                self.extra_mut(after).derivatives += 1;
            }
        }
        self.seek_expiry();
    }

    /// Finds the next expiry anew. O(instruments).
    pub fn seek_expiry(&mut self) {
        self.next_expiry = self.pending().map(|(expiry, _, _)| expiry).min().unwrap_or(u64::MAX);
    }

    /// The instrument whose expiry runs next: the first in time, then by id. One must be pending.
    pub fn expiring(&self) -> u32 {
        let next = self.pending().min();
        next.map_or_else(
            || unreachable!("Invariant: an expiry is pending"),
            |(_, _, index)| index,
        )
    }

    /// (expiry, id, index) of every instrument whose expiry has not run.
    fn pending(&self) -> impl Iterator<Item = (u64, u32, u32)> {
        let all = self.instruments.iter().zip(&self.extras).enumerate();
        all.filter(|(_, (_, extra))| !extra.expired && extra.terms.contract.expiry_nanos != 0)
            .map(|(index, (instrument, extra))| (extra.terms.contract.expiry_nanos, instrument.id, index as u32))
    }

    /// All instruments in order of definition.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Instrument> {
        self.instruments.iter()
    }

    /// No instrument can be taken in.
    pub fn is_full(&self) -> bool {
        self.instruments.len() >= self.capacity
    }

    /// Takes an instrument in whose id is new.
    pub fn insert(&mut self, instrument: Instrument, extra: Extra) -> u32 {
        let index = self.instruments.len() as u32;
        self.extras.push(extra);
        self.index.insert(u64::from(instrument.id), index);
        self.instruments.push(instrument);
        self.hashed.touch(index);
        self.seek_expiry();
        index
    }

    /// Counts a new instrument with the one that it derives from.
    pub fn count_derivative(&mut self, index: u32) {
        let root = self.root(index);
        if root != index {
            self.extra_mut(root).derivatives += 1;
        }
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let instruments = &self.instruments;
        let extras = &self.extras;
        self.hashed.settle(sum, |index| {
            instrument_hash(&instruments[index as usize], &extras[index as usize], index)
        });
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.hashed.begin_round();
        self.copier.begin(self.instruments.len());
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        let (instruments, extras) = (&mut self.instruments, &mut self.extras);
        self.copier
            .walk(budget, |index, out| write_instrument(instruments, extras, index, out));
    }
}

/// Stores an instrument and what stands beside it.
fn write_instrument(
    instruments: &mut [Instrument],
    extras: &mut [Extra],
    index: u32,
    out: &mut Writer<'_>,
) -> Option<EntityHash> {
    let (instrument, extra) = (&mut instruments[index as usize], &mut extras[index as usize]);
    let _ = out.u32(&mut { index });
    out.put(instrument);
    out.put(extra);
    Some(instrument_hash(instrument, extra, index))
}

fn instrument_hash(instrument: &Instrument, extra: &Extra, index: u32) -> EntityHash {
    let terms = &instrument.terms;
    let extra = extra.hash();
    let symbol = hash_words(5, &terms.symbol);
    hash_words(
        4,
        &[
            u64::from(instrument.id) | (u64::from(terms.underlying_id) << 32),
            terms.units_per_tick_lot.cast_unsigned(),
            terms.max_quantity_lots.cast_unsigned(),
            terms.min_notional_units.cast_unsigned(),
            u64::from(terms.kind)
                | (u64::from(instrument.state) << 8)
                | (u64::from(instrument.reason) << 16)
                | (u64::from(terms.currency_id) << 32)
                | (u64::from(instrument.phase.number()) << 48),
            u64::from(terms.maker_fee_ppm.cast_unsigned()) | (u64::from(terms.taker_fee_ppm.cast_unsigned()) << 32),
            u64::from(terms.collar_ppm) | (u64::from(index) << 32),
            instrument.reference_price_ticks.cast_unsigned(),
            instrument.mark_price_ticks.cast_unsigned(),
            instrument.last_price_ticks.cast_unsigned(),
            instrument.price_time_nanos,
            instrument.reference_time_nanos,
            instrument.book_sequence,
            symbol[0],
            symbol[1],
            extra[0],
            extra[1],
        ],
    )
}

impl Stored for Extra {
    fn blank() -> Self {
        Self::default()
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            terms: ExtraTerms { ticks, contract },
            day,
            derivatives,
            used,
            expired,
            settled_ticks,
            clearing: Clearing { cash, cost, moved },
        } = self;
        ticks.fields(io)?;
        day.fields(io)?;
        contract.fields(io)?;
        io.u32(derivatives)?;
        io.bool(used)?;
        io.bool(expired)?;
        io.i64(settled_ticks)?;
        io.i128(cash)?;
        io.i128(cost)?;
        io.i128(moved)
    }
}

impl Stored for Instrument {
    fn blank() -> Self {
        Self {
            id: 0,
            terms: Terms {
                underlying_id: 0,
                units_per_tick_lot: 0,
                max_quantity_lots: 0,
                min_notional_units: 0,
                kind: 0,
                currency_id: 0,
                maker_fee_ppm: 0,
                taker_fee_ppm: 0,
                collar_ppm: 0,
                features: 0,
                symbol: [0; 6],
            },
            state: 0,
            phase: TradingPhase::Continuous,
            reason: 0,
            reference_price_ticks: 0,
            mark_price_ticks: 0,
            last_price_ticks: 0,
            price_time_nanos: 0,
            reference_time_nanos: 0,
            book_sequence: 0,
            open_orders: 0,
            pot: 0,
            lots_held: 0,
            lots_moved: 0,
            walked: 0,
            book: Book::new(),
            triggers: Triggers::default(),
            rules: 0,
            aside: [0; 2],
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            id,
            terms:
                Terms {
                    underlying_id,
                    units_per_tick_lot,
                    max_quantity_lots,
                    min_notional_units,
                    kind,
                    currency_id,
                    maker_fee_ppm,
                    taker_fee_ppm,
                    collar_ppm,
                    features,
                    symbol,
                },
            state,
            phase,
            reason,
            reference_price_ticks,
            mark_price_ticks,
            last_price_ticks,
            price_time_nanos,
            reference_time_nanos,
            book_sequence,
            rules,
            // Follows from the currency.
            pot: _,
            // Follow from the orders.
            open_orders: _,
            walked: _,
            book: _,
            aside: _,
            triggers: _,
            // Follow from the positions.
            lots_held: _,
            lots_moved: _,
        } = self;
        io.u32(id)?;
        io.u32(underlying_id)?;
        io.i64(units_per_tick_lot)?;
        io.i64(max_quantity_lots)?;
        io.i64(min_notional_units)?;
        io.u8(kind)?;
        io.u16(currency_id)?;
        io.i32(maker_fee_ppm)?;
        io.i32(taker_fee_ppm)?;
        io.u32(collar_ppm)?;
        io.u8(features)?;
        io.words(symbol)?;
        io.u8(state)?;
        let mut number = phase.number();
        io.u8(&mut number)?;
        *phase = TradingPhase::from_number(number).ok_or("a phase is unknown")?;
        io.u16(reason)?;
        io.i64(reference_price_ticks)?;
        io.i64(mark_price_ticks)?;
        io.i64(last_price_ticks)?;
        io.u64(price_time_nanos)?;
        io.u64(reference_time_nanos)?;
        io.u64(book_sequence)?;
        io.u32(rules)
    }
}
