//! What is made ready ahead of the appends, by the owner or by the maker.

use std::sync::Arc;

use crate::segment::{self, Segment};
use crate::segment_maker::{Order, SegmentMaker};
use crate::{Journal, JournalError, at, index};

impl Journal {
    /// Does ahead of time what an append would have to do else: memory for the next entries, and the next segment once the
    /// one that is written is half full. Says whether a segment was made, which takes as long as writing one to the
    /// disk; without that it is a few comparisons. After [`Journal::prepare_in_background`] the thread makes it.
    ///
    /// # Errors
    /// `Full` or `Io` when the segment cannot be made. Appends go on while there is room; the one that needs it meets
    /// the same error. At the bound nothing is made, and that is no error.
    pub fn prepare(&mut self) -> Result<bool, JournalError> {
        self.make_memory_ready();
        let half_full = |segment: &Segment| segment.room() <= segment.bytes().len() / 2;
        if !self.segments.last().is_some_and(half_full) {
            return Ok(false);
        }
        if self.maker.is_some() {
            self.order_segment();
            return Ok(false);
        }
        let Some(order) = self.next_order() else {
            return Ok(false);
        };
        let made = order.make()?;
        self.next_segment += 1;
        self.spare.push(made);
        Ok(true)
    }

    /// Memory for the next entries: page faults that their appends do not meet.
    pub(crate) fn make_memory_ready(&mut self) {
        self.entries.make_ready(index::BLOCK / 2);
        if let Some(segment) = self.segments.last_mut() {
            segment.touch_ahead(segment::TOUCH_BYTES / 2);
        }
    }

    /// Starts a thread that makes the next segment while the present one is written. What the files hold is the same; only
    /// the names of segments leave out numbers.
    ///
    /// # Errors
    /// `Io` when no thread can be started.
    pub fn prepare_in_background(&mut self) -> Result<(), JournalError> {
        if self.maker.is_none() {
            self.maker = Some(at(&self.folder, SegmentMaker::start())?);
            self.order_segment();
        }
        Ok(())
    }

    /// Orders a segment of the maker when one is missing.
    pub(crate) fn order_segment(&mut self) {
        if let Some(order) = self.next_order()
            && let Some(maker) = &mut self.maker
        {
            maker.order(order);
            self.next_segment += 1;
        }
    }

    /// The segment to make ahead. `None` when one waits, is being made, or would pass the bound.
    fn next_order(&self) -> Option<Order> {
        let number = self.next_segment;
        let making = self.maker.as_ref().map_or(0, SegmentMaker::making_bytes);
        let wanted = self.spare.is_empty() && making == 0 && self.held_bytes() + self.segment_bytes <= self.bound();
        wanted.then(|| Order {
            path: self.spare_path(number),
            number,
            bytes: self.segment_bytes,
            disk: Arc::clone(&self.disk),
        })
    }

    /// Takes over what the maker made, and waits for what it is making.
    pub(crate) fn take_made(&mut self) {
        if let Some(made) = self.maker.as_mut().and_then(SegmentMaker::wait) {
            self.spare.push(made);
        }
    }
}
