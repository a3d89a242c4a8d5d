//! Segments made ahead of time: what is to be made, and the thread that may make it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::JournalError;
use crate::disk::Disk;
use crate::segment::Segment;

/// A segment that is to be made.
pub struct Order {
    /// Its file.
    pub path: PathBuf,
    /// Its number.
    pub number: u64,
    /// Its size.
    pub bytes: usize,
    /// What writes it.
    pub disk: Arc<dyn Disk>,
}

impl Order {
    /// Makes it.
    pub fn make(&self) -> Result<Segment, JournalError> {
        Segment::create_spare(&self.path, self.number, self.bytes, self.disk.as_ref())
    }
}

/// A thread that makes segments, one at a time. Dropping it waits for the one that it is making.
pub struct SegmentMaker {
    orders: Option<Sender<Order>>,
    made: Receiver<Result<Segment, JournalError>>,
    thread: Option<JoinHandle<()>>,
    /// Bytes of the segment that is being made.
    making: Option<usize>,
}

impl SegmentMaker {
    /// Starts the thread.
    pub fn start() -> std::io::Result<Self> {
        let (orders, ordered) = channel::<Order>();
        let (give, made) = channel();
        let thread = std::thread::Builder::new()
            .name("journal-ahead".into())
            .spawn(move || {
                for order in ordered {
                    if give.send(order.make()).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            orders: Some(orders),
            made,
            thread: Some(thread),
            making: None,
        })
    }

    /// Bytes that the segment being made takes.
    pub fn making_bytes(&self) -> usize {
        self.making.unwrap_or(0)
    }

    /// Orders a segment. Does nothing while one is being made.
    pub fn order(&mut self, order: Order) {
        let bytes = order.bytes;
        if self.making.is_none() && self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok()) {
            self.making = Some(bytes);
        }
    }

    /// Waits for the segment that is being made. `None` when there is none, or when it could not be made: whoever needs it
    /// meets the same error and can say so.
    pub fn wait(&mut self) -> Option<Segment> {
        self.making.take()?;
        self.made.recv().ok()?.ok()
    }
}

impl Drop for SegmentMaker {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has no more to say than the segment that is missing.
            let _ = thread.join();
        }
    }
}
