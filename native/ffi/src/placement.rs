//! Where an engine runs and where its memory lies: a core for its thread, huge pages and a NUMA node for its tables.
//!
//! All of it is asked for by configuration and none of it is needed: what the system refuses is told and the shard opens
//! without it. The engine itself knows nothing of this. Its tables are what is mapped anew while it is made, as the kernel's
//! list of mappings shows it; other threads that map memory at that moment get the same advice, which harms nobody.
//!
//! The unsafe code of this module: three system calls, none of which reads or writes memory of the process.

use serde_json::{Value, json};

/// Smallest new mapping that is taken for a table: two huge pages.
const TABLE_BYTES_MIN: usize = 4 << 20;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlacementConfig {
    /// Core that the thread which opens the shard, and which makes all of its calls, is bound to.
    pub core: Option<u32>,
    /// Huge pages for the tables.
    pub huge_pages: bool,
    /// NUMA node that the tables lie on.
    pub numa_node: Option<u32>,
}

/// How one wish stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// It holds.
    pub in_force: bool,
    /// What holds, or why it does not.
    pub details: String,
}

impl Standing {
    fn off() -> Self {
        Self::not("not asked for")
    }

    fn not(why: impl Into<String>) -> Self {
        Self {
            in_force: false,
            details: why.into(),
        }
    }

    fn yes(what: impl Into<String>) -> Self {
        Self {
            in_force: true,
            details: what.into(),
        }
    }

    fn json(&self) -> Value {
        json!({ "inForce": self.in_force, "details": self.details })
    }
}

/// What was asked for and what is in force.
#[derive(Clone, Debug)]
pub struct Placement {
    config: PlacementConfig,
    /// The thread's core.
    pub core: Standing,
    /// Huge pages.
    pub huge_pages: Standing,
    /// NUMA binding.
    pub numa: Standing,
}

impl Placement {
    /// Nothing is in force yet.
    #[must_use]
    pub fn new(config: PlacementConfig) -> Self {
        Self {
            config,
            core: Standing::off(),
            huge_pages: Standing::off(),
            numa: Standing::off(),
        }
    }

    /// Binds the calling thread to its core.
    pub fn pin(&mut self) {
        if let Some(core) = self.config.core {
            self.core = match system::pin(core) {
                Ok(()) => Standing::yes(format!("core {core}")),
                Err(why) => Standing::not(format!("core {core}: {why}")),
            };
        }
    }

    /// Makes tables and places the memory that they take.
    pub fn around<T>(&mut self, make: impl FnOnce() -> T) -> T {
        if !self.config.huge_pages && self.config.numa_node.is_none() {
            return make();
        }
        let before = system::mappings();
        let made = make();
        let tables = added(&before, &system::mappings());
        if self.config.huge_pages {
            self.huge_pages = advise(&tables);
        }
        if let Some(node) = self.config.numa_node {
            self.numa = bind(&tables, node);
        }
        made
    }

    /// The whole as one JSON document.
    #[must_use]
    pub fn text(&self) -> String {
        json!({ "core": self.core.json(), "hugePages": self.huge_pages.json(), "numa": self.numa.json() }).to_string()
    }
}

/// A range of addresses.
type Range = (usize, usize);

/// What of `after` is not in `before`, as ranges that are large enough for a table. Both are in order.
fn added(before: &[Range], after: &[Range]) -> Vec<Range> {
    let mut new = Vec::new();
    for &(mut start, end) in after {
        for &(known_start, known_end) in before {
            if known_end <= start || known_start >= end {
                continue;
            }
            if known_start > start {
                new.push((start, known_start));
            }
            start = start.max(known_end);
        }
        if start < end {
            new.push((start, end));
        }
    }
    new.retain(|(start, end)| end - start >= TABLE_BYTES_MIN);
    new
}

fn mib(tables: &[Range]) -> usize {
    tables.iter().map(|(start, end)| (end - start) >> 20).sum()
}

/// How often a call for all ranges is made again when another thread has given back memory between the list and the call.
const ATTEMPTS_MAX: u32 = 16;

/// What of the ranges is still mapped. Both are in order.
fn remaining(tables: &[Range], mapped: &[Range]) -> Vec<Range> {
    let mut left = Vec::new();
    for &(start, end) in tables {
        for &(mapped_start, mapped_end) in mapped {
            let part = (start.max(mapped_start), end.min(mapped_end));
            if part.0 < part.1 {
                left.push(part);
            }
        }
    }
    left
}

/// Makes a call for each range. A table stays mapped while it is in use, so a range that has a hole by now belonged to another
/// thread in part: the list is read again and the call made for what is left.
fn for_each_mapped(tables: &[Range], call: impl Fn(Range) -> Result<(), String>) -> Result<(), String> {
    let mut ranges = tables.to_vec();
    for _ in 1..ATTEMPTS_MAX {
        if ranges.iter().try_for_each(|&range| call(range)).is_ok() {
            return Ok(());
        }
        ranges = remaining(&ranges, &system::mappings());
    }
    ranges.iter().try_for_each(|&range| call(range))
}

fn advise(tables: &[Range]) -> Standing {
    if tables.is_empty() {
        return Standing::not("the tables are smaller than two huge pages");
    }
    let mode = match system::huge_page_mode() {
        Some(mode) if mode != "never" => mode,
        Some(_) => return Standing::not("the kernel's transparent huge pages are set to never"),
        None => return Standing::not("the kernel has no transparent huge pages"),
    };
    if let Err(why) = for_each_mapped(tables, system::advise_huge) {
        return Standing::not(why);
    }
    Standing::yes(format!("advised for {} MiB, kernel mode {mode}", mib(tables)))
}

fn bind(tables: &[Range], node: u32) -> Standing {
    let nodes = system::nodes();
    if nodes.len() < 2 {
        return Standing::not("one node: nothing to bind");
    }
    if !nodes.contains(&node) {
        return Standing::not(format!("node {node} is not online"));
    }
    if let Err(why) = for_each_mapped(tables, |table| system::bind_to_node(table, node)) {
        return Standing::not(format!("node {node}: {why}"));
    }
    Standing::yes(format!("{} MiB on node {node}", mib(tables)))
}

/// Numbers of a kernel list such as `0-3,7`.
fn numbers(list: &str) -> Vec<u32> {
    let mut all = Vec::new();
    for part in list.trim().split(',').filter(|part| !part.is_empty()) {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(low), Ok(high)) = (low.parse::<u32>(), high.parse::<u32>()) {
            all.extend(low..=high.min(low.saturating_add(4096)));
        }
    }
    all
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Range, numbers};

    const PAGE: usize = 4096;
    const HUGE_PAGE: usize = 2 << 20;
    /// `MPOL_BIND` of the kernel.
    const BIND: libc::c_long = 2;

    fn last_error() -> String {
        std::io::Error::last_os_error().to_string()
    }

    /// Binds the calling thread.
    pub fn pin(core: u32) -> Result<(), String> {
        let core = usize::try_from(core).unwrap_or(usize::MAX);
        if core >= 8 * size_of::<libc::cpu_set_t>() {
            return Err("no core has this number".into());
        }
        // SAFETY: a set of bits, for which all zeros is the empty set.
        let mut set: libc::cpu_set_t = unsafe { core::mem::zeroed() };
        // SAFETY: the number was checked to lie in the set.
        unsafe { libc::CPU_SET(core, &mut set) };
        // SAFETY: thread 0 is the calling one; the set is of this frame and of the size that is named.
        let status = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
        if status == 0 { Ok(()) } else { Err(last_error()) }
    }

    /// Private anonymous mappings that can be written, in order of address.
    pub fn mappings() -> Vec<Range> {
        let text = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let mut ranges: Vec<Range> = Vec::new();
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let (Some(range), Some("rw-p")) = (fields.next(), fields.next()) else {
                continue;
            };
            // Offset, device, inode, and a name where it is not anonymous.
            if fields.next_back().is_none_or(|last| last != "0") {
                continue;
            }
            let Some((start, end)) = range.split_once('-') else {
                continue;
            };
            let hex = |digits: &str| usize::from_str_radix(digits, 16);
            if let (Ok(start), Ok(end)) = (hex(start), hex(end)) {
                ranges.push((start, end));
            }
        }
        ranges
    }

    /// The kernel's mode of transparent huge pages: always, madvise or never.
    pub fn huge_page_mode() -> Option<String> {
        let text = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").ok()?;
        let (_, rest) = text.split_once('[')?;
        Some(rest.split_once(']')?.0.to_owned())
    }

    pub fn advise_huge((start, end): Range) -> Result<(), String> {
        let first = start.next_multiple_of(HUGE_PAGE);
        let bytes = (end & !(HUGE_PAGE - 1)).saturating_sub(first);
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: advice about pages changes nothing that they hold; a range that is no longer mapped is an error.
        let status = unsafe { libc::madvise(first as *mut libc::c_void, bytes, libc::MADV_HUGEPAGE) };
        if status == 0 { Ok(()) } else { Err(last_error()) }
    }

    /// Numbers of the NUMA nodes that are online.
    pub fn nodes() -> Vec<u32> {
        numbers(&std::fs::read_to_string("/sys/devices/system/node/online").unwrap_or_default())
    }

    pub fn bind_to_node((start, end): Range, node: u32) -> Result<(), String> {
        let mask = 1_u64
            .checked_shl(node)
            .ok_or_else(|| "nodes beyond 63 are not supported".to_owned())?;
        let bytes = (end - start) & !(PAGE - 1);
        // SAFETY: the policy of pages changes nothing that they hold; the mask is of this frame and 64 bits long, which the
        // kernel is told as one more. A range that is no longer mapped is an error.
        let status = unsafe { libc::syscall(libc::SYS_mbind, start, bytes, BIND, &raw const mask, 65_usize, 0_usize) };
        if status == 0 { Ok(()) } else { Err(last_error()) }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Range;

    const ELSEWHERE: &str = "only on Linux";

    pub fn pin(_core: u32) -> Result<(), String> {
        Err(ELSEWHERE.into())
    }

    pub fn mappings() -> Vec<Range> {
        Vec::new()
    }

    pub fn huge_page_mode() -> Option<String> {
        None
    }

    pub fn advise_huge(_table: Range) -> Result<(), String> {
        Err(ELSEWHERE.into())
    }

    pub fn nodes() -> Vec<u32> {
        Vec::new()
    }

    pub fn bind_to_node(_table: Range, _node: u32) -> Result<(), String> {
        Err(ELSEWHERE.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_what_was_not_there() {
        const M: usize = 1 << 20;
        let before = [(10 * M, 20 * M), (40 * M, 50 * M)];
        let after = [(2 * M, 20 * M), (30 * M, 39 * M), (40 * M, 58 * M), (70 * M, 71 * M)];
        assert_eq!(
            added(&before, &after),
            [(2 * M, 10 * M), (30 * M, 39 * M), (50 * M, 58 * M)]
        );
        assert!(added(&after, &after).is_empty());
        assert_eq!(added(&[(5 * M, 6 * M)], &[(M, 11 * M)]), [(M, 5 * M), (6 * M, 11 * M)]);
    }

    #[test]
    fn what_other_threads_gave_back_is_left_out() {
        assert_eq!(
            remaining(&[(10, 50), (70, 80)], &[(0, 20), (30, 40), (45, 75)]),
            [(10, 20), (30, 40), (45, 50), (70, 75)]
        );
        assert!(remaining(&[(10, 50)], &[(0, 10), (50, 60)]).is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_range_with_a_hole_is_advised_without_the_hole() {
        if system::huge_page_mode().is_none() {
            println!("skipped: the kernel has no transparent huge pages");
            return;
        }
        // Neighbours of any kind, with nothing mapped between them.
        let text = std::fs::read_to_string("/proc/self/maps").expect("this process has mappings");
        let hex = |digits: &str| usize::from_str_radix(digits, 16).expect("an address");
        let ranges: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once(' ')?.0.split_once('-'))
            .map(|(start, end)| (hex(start), hex(end)))
            .collect();
        let hole = ranges.windows(2).find(|pair| pair[1].0 - pair[0].1 > TABLE_BYTES_MIN);
        let [low, high] = hole.expect("the heap and the stacks lie apart") else {
            unreachable!("windows of two");
        };
        let across = (low.0, high.1);
        assert!(system::advise_huge(across).is_err(), "the kernel tells of holes");
        assert_eq!(for_each_mapped(&[across], system::advise_huge), Ok(()));
    }

    #[test]
    fn kernel_lists_are_read() {
        assert_eq!(numbers("0-2,5,7-8\n"), [0, 1, 2, 5, 7, 8]);
        assert!(numbers("").is_empty());
        assert_eq!(numbers("0\n"), [0]);
    }
}
