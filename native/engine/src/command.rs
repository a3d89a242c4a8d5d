//! One command as the engine takes it: a primary record and the extension records behind it.

use bytemuck::Pod;
use fulltape_tape::Record;
use fulltape_tape::layout::{
    AmendOrder, CancelAllOrders, CancelOrder, Causation, ClientOrder, DefineAccount, DefineInstrument, KeepAlive,
    MoveCash, MovePosition, OriginalClientOrder, PlaceOrder, SetReferencePrice, SetRestriction, SetSession,
    SettleInstrument, TransferAllotment,
};

use crate::client_orders::ClientText;
use crate::mixing::{EntityHash, hash_words};
use crate::reports::About;

/// A primary record and its extensions. The caller has checked the chain (`parse_command_batch` does).
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    primary: &'a Record,
    extensions: &'a [Record],
}

impl<'a> Command<'a> {
    /// The command whose records these are: one primary, then its extensions.
    ///
    /// # Panics
    /// When `records` is empty.
    #[must_use]
    #[inline(always)]
    pub fn new(records: &'a [Record]) -> Self {
        Self {
            primary: &records[0],
            extensions: &records[1..],
        }
    }

    /// Splits the first command off a list of checked chains. `None` at the end.
    ///
    /// In place, because what a call gives back goes through memory: written as words, read as pairs of them, which waits for both.
    #[must_use]
    #[inline(always)]
    pub fn split_first(records: &'a [Record]) -> Option<(Self, &'a [Record])> {
        let primary = records.first()?;
        let (chain, rest) = records.split_at(1 + fulltape_tape::record::command_extensions(primary));
        Some((Self::new(chain), rest))
    }

    /// Records of this command.
    #[must_use]
    pub const fn record_count(&self) -> usize {
        1 + self.extensions.len()
    }

    /// Whether records stand behind the primary one.
    #[inline]
    pub(crate) const fn has_extensions(&self) -> bool {
        !self.extensions.is_empty()
    }

    /// Kind of the primary record.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        self.primary.kind()
    }

    /// Stamped time in UNIX nanoseconds.
    #[must_use]
    pub const fn time_nanos(&self) -> u64 {
        self.primary.time_nanos()
    }

    /// The primary record as the layout of its kind.
    pub(crate) fn view<T: Pod>(&self) -> &'a T {
        self.primary.view()
    }

    /// First extension of a kind.
    pub(crate) fn extension<T: Pod>(&self, kind: u16) -> Option<&'a T> {
        self.extensions
            .iter()
            .find(|record| record.kind() == kind)
            .map(Record::view)
    }

    /// Every extension of a kind, in their order.
    pub(crate) fn extensions<T: Pod>(&self, kind: u16) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let of_kind = self.extensions.iter().filter(move |record| record.kind() == kind);
        of_kind.map(Record::view)
    }

    /// Whether an extension of one of these kinds is there.
    pub(crate) fn has_extension(&self, kinds: &[u16]) -> bool {
        self.extensions.iter().any(|record| kinds.contains(&record.kind()))
    }

    /// Account that the command is about; 0 for kinds without one.
    pub(crate) fn account_id(&self) -> u32 {
        match self.kind() {
            PlaceOrder::KIND => self.view::<PlaceOrder>().account_id,
            AmendOrder::KIND => self.view::<AmendOrder>().account_id,
            CancelOrder::KIND => self.view::<CancelOrder>().account_id,
            CancelAllOrders::KIND => self.view::<CancelAllOrders>().account_id,
            MoveCash::KIND => self.view::<MoveCash>().account_id,
            MovePosition::KIND => self.view::<MovePosition>().account_id,
            _ => 0,
        }
    }

    /// What the command is about, for its refusal.
    pub(crate) fn about(&self) -> About {
        let account_id = self.account_id();
        match self.kind() {
            PlaceOrder::KIND => {
                let place = self.view::<PlaceOrder>();
                About {
                    account_id,
                    instrument_id: place.instrument_id,
                    price_ticks: place.price_ticks,
                    quantity_lots: place.quantity_lots,
                }
            }
            AmendOrder::KIND => {
                let amend = self.view::<AmendOrder>();
                About {
                    account_id,
                    instrument_id: amend.instrument_id,
                    price_ticks: amend.price_ticks,
                    quantity_lots: amend.quantity_lots,
                }
            }
            CancelOrder::KIND => About {
                account_id,
                instrument_id: self.view::<CancelOrder>().instrument_id,
                ..About::default()
            },
            CancelAllOrders::KIND => About {
                account_id,
                instrument_id: self.view::<CancelAllOrders>().instrument_id,
                ..About::default()
            },
            MovePosition::KIND => {
                let movement = self.view::<MovePosition>();
                About {
                    account_id,
                    instrument_id: movement.instrument_id,
                    quantity_lots: movement.quantity_lots,
                    ..About::default()
                }
            }
            DefineInstrument::KIND => About {
                instrument_id: self.view::<DefineInstrument>().instrument_id,
                ..About::default()
            },
            SetSession::KIND => About {
                instrument_id: self.view::<SetSession>().instrument_id,
                ..About::default()
            },
            DefineAccount::KIND => About {
                account_id: self.view::<DefineAccount>().account_id,
                ..About::default()
            },
            SettleInstrument::KIND => {
                let settlement = self.view::<SettleInstrument>();
                About {
                    instrument_id: settlement.instrument_id,
                    price_ticks: settlement.settlement_price_ticks,
                    ..About::default()
                }
            }
            SetReferencePrice::KIND => {
                let price = self.view::<SetReferencePrice>();
                About {
                    instrument_id: price.instrument_id,
                    price_ticks: price.price_ticks,
                    ..About::default()
                }
            }
            SetRestriction::KIND => {
                let change = self.view::<SetRestriction>();
                About {
                    account_id: change.account_id,
                    instrument_id: change.instrument_id,
                    ..About::default()
                }
            }
            KeepAlive::KIND => About {
                account_id: self.view::<KeepAlive>().account_id,
                ..About::default()
            },
            TransferAllotment::KIND => About {
                account_id: self.view::<TransferAllotment>().account_id,
                ..About::default()
            },
            _ => About {
                account_id,
                ..About::default()
            },
        }
    }

    /// The client order id of the command.
    pub(crate) fn client_text(&self) -> Option<ClientText> {
        let client = self.extension::<ClientOrder>(ClientOrder::KIND)?;
        Some([client.text0, client.text1, client.text2, client.text3, client.text4])
    }

    /// The client order id of the order that the command names.
    pub(crate) fn original_client_text(&self) -> Option<ClientText> {
        let original = self.extension::<OriginalClientOrder>(OriginalClientOrder::KIND)?;
        Some([
            original.text0,
            original.text1,
            original.text2,
            original.text3,
            original.text4,
        ])
    }

    /// Hash of what the client chose: every field but time, session, and the ids that trace a request (which a retry
    /// may have anew).
    pub(crate) fn payload(&self) -> EntityHash {
        let mut words = [0; 5 * 8];
        let mut length = 0;
        for record in core::iter::once(self.primary).chain(self.extensions) {
            if record.kind() == Causation::KIND || length == words.len() {
                continue;
            }
            let into = &mut words[length..length + 8];
            into.copy_from_slice(record.words());
            // Head word: the number of extensions counts the tracing ones, and the high half is the session.
            into[0] &= 0xffff_ff00;
            into[1] = 0;
            if record.kind() == ClientOrder::KIND {
                into[7] = 0;
            }
            length += 8;
        }
        hash_words(12, &words[..length])
    }
}
