//! Sorting in steps: what is pushed is sorted run by run, and read as a merge of the runs, so that no step costs more than a run.

use core::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Slots by a key.
#[derive(Default)]
pub struct SortedRuns {
    entries: Vec<(u64, u32)>,
    /// Where the run that is being filled begins.
    begun: usize,
    /// Of each run that is not read: its next key, where that is, where the run ends.
    heads: BinaryHeap<Reverse<(u64, usize, usize)>>,
}

impl SortedRuns {
    /// Takes a slot into the run that is being filled.
    pub fn push(&mut self, key: u64, slot: u32) {
        self.entries.push((key, slot));
    }

    /// Ends the run that is being filled. O(run log run).
    pub fn end_run(&mut self) {
        let end = self.entries.len();
        let run = &mut self.entries[self.begun..];
        run.sort_unstable();
        if let Some((key, _)) = run.first() {
            self.heads.push(Reverse((*key, self.begun, end)));
        }
        self.begun = end;
    }

    /// The slot with the lowest key of what is not read; its run must have ended. O(log runs).
    pub fn next(&mut self) -> Option<u32> {
        let mut head = self.heads.peek_mut()?;
        let Reverse((_, at, end)) = *head;
        if at + 1 < end {
            *head = Reverse((self.entries[at + 1].0, at + 1, end));
        } else {
            PeekMut::pop(head);
        }
        Some(self.entries[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::SortedRuns;

    #[test]
    fn runs_of_any_length_are_read_in_order() {
        for run in [1, 2, 7, 100, 1_000] {
            let mut sorted = SortedRuns::default();
            for at in 0..500_u32 {
                sorted.push(u64::from(at * 7_919 % 500), at);
                if (at + 1) % run == 0 {
                    sorted.end_run();
                }
            }
            sorted.end_run();
            let slots: Vec<u32> = core::iter::from_fn(|| sorted.next()).collect();
            let keys: Vec<u32> = slots.iter().map(|slot| slot * 7_919 % 500).collect();
            assert!(keys.iter().copied().eq(0..500), "runs of {run}");
            sorted.end_run();
            assert_eq!(sorted.next(), None);
        }
    }
}
