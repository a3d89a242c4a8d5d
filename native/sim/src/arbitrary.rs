//! Commands from arbitrary bytes: sound ones with a few fields bent, and records that nobody would send.
//!
//! Every byte string gives commands, the same ones each time, and a shorter one gives fewer of them; behind its end there
//! are zeros. So a failing input can be cut down by hand.

use fulltape_tape::Record;
use fulltape_tape::record::{COMMAND_KIND_MAX, EXTENSION_KIND_MAX, EXTENSION_KIND_MIN, EXTENSIONS_MAX};

use crate::flow::Flow;

/// Bytes to draw from.
pub struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    /// Draws from these.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Nothing but zeros is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        *first
    }

    /// Eight bytes.
    pub fn word(&mut self) -> u64 {
        u64::from_le_bytes(core::array::from_fn(|_| self.byte()))
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    /// A number of the kind that breaks programs, or a small one.
    fn number(&mut self) -> u64 {
        let shift = u32::from(self.byte()) % 64;
        match self.byte() % 12 {
            0 => 0,
            1 => u64::MAX,
            2 => i64::MAX.cast_unsigned(),
            3 => i64::MIN.cast_unsigned(),
            4 => 1 << shift,
            5 => (1_u64 << shift).wrapping_neg(),
            6 => (1_u64 << shift).wrapping_sub(1),
            7 => self.word(),
            8 => u64::from(u32::MAX),
            9 => 90 + u64::from(self.byte()) % 20,
            _ => u64::from(self.byte()) % 50,
        }
    }

    /// A record of any words, with a kind that exists or not.
    fn record(&mut self, kinds: core::ops::RangeInclusive<u16>) -> Record {
        let span = usize::from(kinds.end() - kinds.start()) + 1;
        let kind = kinds.start() + self.below(span) as u16;
        let mut words: [u64; 8] = core::array::from_fn(|_| self.number());
        words[0] = (words[0] & !0xffff_ffff) | (u64::from(kind) << 16);
        Record::from_words(words)
    }

    /// Changes one field: a word, a half, a quarter or a byte of one.
    fn bend(&mut self, record: &mut Record) {
        // Kind, extension count and time stay: the chain must be sound and the clock has its own rules.
        let at = 2 + self.below(6);
        let value = self.number();
        let width = [8, 16, 32, 64][self.below(4)];
        let place = if width == 64 { 0 } else { self.below(64 / width) * width };
        let mask = (u64::MAX >> (64 - width)) << place;
        let word = &mut record.words_mut()[at];
        *word = (*word & !mask) | ((value << place) & mask);
    }

    /// The next command: from the flow, bent in a few places, or made up.
    pub fn command(&mut self, flow: &mut Flow) -> Vec<Record> {
        let mut records = flow.next_command();
        let time = records[0].time_nanos();
        match self.byte() % 16 {
            0..=3 => {}
            4..=11 => {
                for _ in 0..=self.below(3) {
                    let at = self.below(records.len());
                    self.bend(&mut records[at]);
                }
            }
            12 => {
                let extension = self.record(EXTENSION_KIND_MIN..=EXTENSION_KIND_MAX);
                records.push(extension);
            }
            13 => {
                let kind = 1 + self.below(usize::from(COMMAND_KIND_MAX));
                records[0].words_mut()[0] = (records[0].words()[0] & !0xffff_0000) | ((kind as u64) << 16);
            }
            14 => records = vec![self.record(1..=COMMAND_KIND_MAX)],
            _ => {
                records.truncate(1 + self.below(records.len()));
                let again = self.below(records.len());
                if again > 0 {
                    records.push(records[again]);
                }
            }
        }
        records.truncate(1 + usize::from(EXTENSIONS_MAX));
        let extensions = records.len() as u64 - 1;
        let head = &mut records[0].words_mut()[0];
        *head = (*head & !0xff) | extensions;
        // Once in a while the clock leaps, to the end of time too.
        let leap = self.byte() == 0 && self.byte().is_multiple_of(8);
        records[0].set_time_nanos(if leap { self.number() } else { time });
        records
    }
}
