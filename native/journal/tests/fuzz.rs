//! Random use, random damage, a disk that fills up: compared with a model after each step, for a bounded time.
//!
//! `FULLTAPE_SEED` repeats a round, `FULLTAPE_FUZZ_MILLIS` says how long to go on (2,000 when absent).
use std::fs::{self, File};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fulltape_journal::{Disk, Journal, JournalConfig, JournalError};

const CONFIG: JournalConfig = JournalConfig {
    owner: 9,
    bytes_max: 1 << 20,
};
const STEPS: u64 = 120;

/// A disk with room for so many bytes more.
struct TightDisk(AtomicU64);

const ROOMY: u64 = u64::MAX / 2;

impl Disk for TightDisk {
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let left = self.0.load(Ordering::Relaxed);
        let fits = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.0.store(left - fits as u64, Ordering::Relaxed);
        file.write_all(&bytes[..fits])?;
        if fits == bytes.len() {
            return Ok(());
        }
        Err(io::ErrorKind::StorageFull.into())
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn index(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(count);
        // Zeros at the end look like nothing written.
        if self.below(4) == 0 {
            let from = self.index(count + 1);
            bytes[from..].fill(0);
        }
        bytes
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Kept {
    first: u64,
    last: u64,
    payload: Vec<u8>,
}

impl Kept {
    fn bytes(&self) -> usize {
        (40 + self.payload.len()).next_multiple_of(8)
    }
}

/// What was counted over all rounds: a fuzzer that never meets the interesting cases proves nothing.
#[derive(Default, Debug)]
struct Seen {
    appends: u64,
    full: u64,
    trimmed: u64,
    quarantined: u64,
    corrupt: u64,
    dropped: u64,
    harmless: u64,
    torn: u64,
    prepared: u64,
}

struct Round<'seen> {
    folder: PathBuf,
    random: Random,
    disk: Arc<TightDisk>,
    journal: Option<Journal>,
    kept: Vec<Kept>,
    next_commit: u64,
    acknowledged: u64,
    trimmed: u64,
    /// Marks ever set: a slot that was damaged can come back when the same bit is turned again.
    highest: (u64, u64),
    seen: &'seen mut Seen,
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        self.journal = None;
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("lists")
        .map(|file| file.expect("a file").path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(&path).expect("reads")))
        .collect();
    files.sort();
    files
}

fn named(path: &Path, prefix: &str) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
}

impl Round<'_> {
    fn journal(&mut self) -> &mut Journal {
        self.journal.as_mut().expect("open")
    }

    fn tight(&self) -> bool {
        self.disk.0.load(Ordering::Relaxed) < ROOMY / 2
    }

    fn open(&mut self) -> Result<(), JournalError> {
        let disk: Arc<dyn Disk> = Arc::clone(&self.disk) as _;
        self.journal = Some(Journal::open_on(&self.folder, CONFIG, disk)?);
        Ok(())
    }

    /// Everything that the journal holds is what the model holds.
    fn compare(&self) {
        let journal = self.journal.as_ref().expect("open");
        assert_eq!(journal.entries().len(), self.kept.len());
        for (entry, kept) in journal.entries().iter().zip(&self.kept) {
            assert_eq!((entry.first_commit, entry.last_commit), (kept.first, kept.last));
            assert!(journal.payload(entry) == kept.payload, "commit {}", kept.first);
        }
        for pair in journal.entries().windows(2) {
            assert_eq!(pair[0].sequence + 1, pair[1].sequence);
        }
        assert_eq!(
            (journal.acknowledged(), journal.trimmed()),
            (self.acknowledged, self.trimmed)
        );
    }

    fn append(&mut self) {
        let size = match self.random.below(40) {
            0 => self.random.index(150_000),
            1..6 => self.random.index(9000),
            _ => self.random.index(400),
        };
        let payload = self.random.bytes(size);
        let first = self.next_commit;
        let last = first + self.random.below(3);
        let middle = self.random.index(payload.len() + 1);
        let tight = self.tight();
        let (left, right) = payload.split_at(middle);
        match self.journal().append(first, last, &[left, right]) {
            Ok(()) => {
                self.seen.appends += 1;
                self.next_commit = last + 1;
                self.kept.push(Kept { first, last, payload });
            }
            Err(JournalError::Full(_)) => {
                self.seen.full += 1;
                let held: usize = files(&self.folder)
                    .iter()
                    .filter(|(path, _)| named(path, "segment-"))
                    .map(|(_, bytes)| bytes.len())
                    .sum();
                let needed = (payload.len() + 40 + 64).next_multiple_of(4096).max(64 << 10);
                assert!(tight || held + needed + 8 > 1 << 20, "{held} held, {needed} needed");
                self.compare();
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn acknowledge_and_trim(&mut self) {
        let acknowledge = self.random.below(self.next_commit);
        let trim = self.random.below(self.next_commit);
        self.journal().acknowledge(acknowledge);
        self.acknowledged = self.acknowledged.max(acknowledge);
        self.journal().trim(trim).expect("trims");
        self.trimmed = self.trimmed.max(trim);
        self.highest = (self.highest.0.max(self.acknowledged), self.highest.1.max(self.trimmed));
        let held = self.journal().entries().len();
        let gone = self.kept.len() - held;
        let bound = self.acknowledged.min(self.trimmed);
        assert!(self.kept[..gone].iter().all(|kept| kept.last <= bound), "{bound}");
        self.kept.drain(..gone);
        self.seen.trimmed += gone as u64;
    }

    fn quarantine(&mut self) {
        // Mostly a few at the end, as after a fork of the tape.
        let back = if self.random.below(4) == 0 { usize::MAX } else { 6 };
        let from = self.kept.len() - self.random.index(self.kept.len().min(back) + 1);
        let orphans = self.folder.join("orphans");
        let _ = fs::remove_dir_all(&orphans);
        let tight = self.tight();
        match self.journal().quarantine(from) {
            Ok(moved) => {
                assert_eq!(moved, self.kept.len() - from);
                let gone = self.kept.split_off(from);
                self.seen.quarantined += gone.len() as u64;
                let orphaned: Vec<u8> = if gone.is_empty() {
                    Vec::new()
                } else {
                    files(&orphans).pop().expect("an orphan").1
                };
                assert_eq!(orphaned.len(), gone.iter().map(Kept::bytes).sum::<usize>());
                let mut at = 0;
                for kept in &gone {
                    assert!(orphaned[at + 40..at + 40 + kept.payload.len()] == kept.payload);
                    at += kept.bytes();
                }
                self.next_commit = gone.first().map_or(self.next_commit, |kept| kept.first);
            }
            Err(JournalError::Full(_)) => {
                assert!(tight);
                assert!(files(&orphans).is_empty(), "a part of an orphan");
                self.seen.full += 1;
            }
            Err(error) => panic!("{error}"),
        }
        self.compare();
    }

    fn prepare(&mut self) {
        let tight = self.tight();
        match self.journal().prepare() {
            Ok(made) => self.seen.prepared += u64::from(made),
            Err(JournalError::Full(_)) => assert!(tight),
            Err(error) => panic!("{error}"),
        }
    }

    fn reopen(&mut self) {
        self.journal = None;
        self.disk.0.store(ROOMY, Ordering::Relaxed);
        self.open().expect("opens");
        self.compare();
        if self.random.below(3) == 0 {
            self.journal().prepare_in_background().expect("a thread");
        }
    }

    /// The file and byte where the last entry stands. `None` when there is none.
    fn last_entry(&self) -> Option<(PathBuf, usize, usize)> {
        let last = self.kept.last()?;
        let files = files(&self.folder);
        let mut at = None;
        for (path, bytes) in files.iter().filter(|(path, _)| named(path, "segment-")) {
            let number = &bytes[8..16];
            let mut offset = 64;
            while offset + 40 <= bytes.len()
                && bytes[offset..offset + 4] != [0; 4]
                && &bytes[offset + 32..offset + 40] == number
            {
                let length = u32::from_le_bytes(*bytes[offset..].first_chunk().expect("four")) as usize - 1;
                // A damaged head of an earlier use of the file may name this segment too.
                if bytes[offset + 16..offset + 24] == last.first.to_le_bytes() && length == last.payload.len() {
                    at = Some((path.clone(), offset, last.bytes()));
                }
                offset += (40 + length).next_multiple_of(8);
            }
        }
        Some(at.expect("the last entry is in a file"))
    }

    /// Cuts the last entry anywhere, to zeros or to the end of the file.
    fn tear(&mut self) {
        self.journal = None;
        self.disk.0.store(ROOMY, Ordering::Relaxed);
        if let Some((path, offset, length)) = self.last_entry() {
            let cut = offset + self.random.index(length);
            let mut bytes = fs::read(&path).expect("reads");
            let lost = bytes[cut..offset + length].iter().any(|byte| *byte != 0);
            if self.random.below(2) == 0 {
                bytes[cut..].fill(0);
                fs::write(&path, &bytes).expect("writes");
            } else {
                // Where the entry is whole but for its length, the file has to be long enough for it.
                let to = if lost { cut } else { offset + length };
                fs::write(&path, &bytes[..to]).expect("writes");
            }
            if lost {
                let gone = self.kept.pop().expect("some");
                self.next_commit = gone.first;
            }
            self.seen.torn += 1;
        }
        self.open().expect("opens");
        self.compare();
    }

    /// Flips one bit of one file.
    fn flip(&mut self) {
        self.journal = None;
        self.disk.0.store(ROOMY, Ordering::Relaxed);
        let last = self.last_entry();
        let before = files(&self.folder);
        let aim_at_last = self.random.below(6) == 0;
        let targets: Vec<_> = before
            .iter()
            .filter(|(path, bytes)| match &last {
                Some((of, ..)) if aim_at_last => path == of,
                _ => !bytes.is_empty(),
            })
            .collect();
        let (path, whole) = targets[self.random.index(targets.len())];
        // Mostly where something is written.
        let end = whole.iter().rposition(|byte| *byte != 0).map_or(1, |at| at + 1);
        let at = match (&last, self.random.below(8)) {
            (Some((_, offset, length)), _) if aim_at_last => offset + self.random.index(*length),
            (_, 0) => self.random.index(whole.len()),
            (_, 1..4) => self.random.index(end.min(200)),
            _ => self.random.index(end),
        };
        let mut bad = whole.clone();
        bad[at] ^= 1 << self.random.below(8);
        fs::write(path, &bad).expect("writes");
        let damaged = files(&self.folder);
        match self.open() {
            Err(JournalError::Corrupt(_)) => {
                assert!(files(&self.folder) == damaged, "a corrupt journal was changed");
                self.seen.corrupt += 1;
                fs::write(path, whole).expect("writes");
                self.open().expect("opens");
            }
            Err(error) => panic!("{error}"),
            Ok(()) => {
                let held = self.journal().entries().len();
                if held < self.kept.len() {
                    let (of, offset, length) = last.expect("there is a last entry");
                    assert!(
                        *path == of && (offset..offset + length).contains(&at),
                        "byte {at} of {}",
                        path.display()
                    );
                    assert_eq!(held + 1, self.kept.len(), "byte {at} of {}", path.display());
                    let gone = self.kept.pop().expect("some");
                    self.next_commit = gone.first;
                    self.seen.dropped += 1;
                } else {
                    self.seen.harmless += 1;
                }
                if named(path, "marks") {
                    // The older slot is as good: marks only ever say that less needs to be kept.
                    let marks = (self.journal().acknowledged(), self.journal().trimmed());
                    assert!(marks.0 <= self.highest.0 && marks.1 <= self.highest.1);
                    (self.acknowledged, self.trimmed) = marks;
                }
            }
        }
        self.compare();
    }

    fn run(&mut self) {
        self.open().expect("opens");
        for _ in 0..STEPS {
            match self.random.below(100) {
                0..60 => {
                    for _ in 0..=self.random.below(12) {
                        self.append();
                    }
                }
                60..67 => self.acknowledge_and_trim(),
                67..71 => self.quarantine(),
                71..79 => self.prepare(),
                79..83 => {
                    let left = self.random.below(200_000);
                    self.disk.0.store(left, Ordering::Relaxed);
                }
                83..86 => self.disk.0.store(ROOMY, Ordering::Relaxed),
                86..91 => self.reopen(),
                91..95 => self.tear(),
                _ => self.flip(),
            }
        }
        self.compare();
        self.reopen();
    }
}

fn scratch(name: &str) -> PathBuf {
    // In memory where that is to be had: nothing here depends on the disk.
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.into()
    } else {
        std::env::temp_dir()
    };
    let folder = parent.join(format!("fulltape-journal-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

const DEFAULT_SEED: u64 = 1;
const DEFAULT_ROUNDS: u64 = 100;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_use_and_damage_lose_nothing_silently() {
    // The same rounds on every push; a long run with other seeds is asked for.
    let first_seed = setting("FULLTAPE_SEED").unwrap_or(DEFAULT_SEED);
    let bound = Duration::from_millis(setting("FULLTAPE_FUZZ_MILLIS").unwrap_or(0));
    println!("FULLTAPE_SEED={first_seed}");
    let start = Instant::now();
    let mut seen = Seen::default();
    let mut rounds = 0;
    while rounds < DEFAULT_ROUNDS || start.elapsed() < bound {
        let seed = first_seed.wrapping_add(rounds);
        let mut round = Round {
            folder: scratch("fuzz"),
            random: Random(seed),
            disk: Arc::new(TightDisk(AtomicU64::new(ROOMY))),
            journal: None,
            kept: Vec::new(),
            next_commit: 1,
            acknowledged: 0,
            trimmed: 0,
            highest: (0, 0),
            seen: &mut seen,
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| round.run())) {
            drop(round);
            eprintln!("repeat with FULLTAPE_SEED={seed} (round {rounds})");
            resume_unwind(panic);
        }
        rounds += 1;
    }
    println!("{rounds} rounds of {STEPS} steps: {seen:?}");
    if rounds >= 30 {
        assert!(
            seen.full > 0 && seen.corrupt > 0 && seen.dropped > 0 && seen.harmless > 0,
            "{seen:?}"
        );
        assert!(
            seen.torn > 0 && seen.quarantined > 0 && seen.trimmed > 0 && seen.prepared > 0,
            "{seen:?}"
        );
    }
}

#[test]
fn a_tail_is_cut_at_every_byte() {
    let mut seen = Seen::default();
    for (at, size) in [0_usize, 1, 7, 64, 333].into_iter().enumerate() {
        let mut round = Round {
            folder: scratch("torn"),
            random: Random(at as u64),
            disk: Arc::new(TightDisk(AtomicU64::new(ROOMY))),
            journal: None,
            kept: Vec::new(),
            next_commit: 1,
            acknowledged: 0,
            trimmed: 0,
            highest: (0, 0),
            seen: &mut seen,
        };
        round.open().expect("opens");
        for _ in 0..5 {
            round.append();
        }
        let payload = vec![0xa5; size];
        let commit = round.next_commit;
        round.journal().append(commit, commit, &[&payload]).expect("appends");
        round.kept.push(Kept {
            first: commit,
            last: commit,
            payload,
        });
        round.journal = None;
        let (path, offset, length) = round.last_entry().expect("one");
        let whole = fs::read(&path).expect("reads");
        let last = round.kept.pop().expect("one");
        for cut in offset..=offset + length {
            let mut torn = whole.clone();
            torn[cut..].fill(0);
            fs::write(&path, &torn).expect("writes");
            round.open().expect("opens");
            let whole_still = torn[offset..offset + length] == whole[offset..offset + length];
            if whole_still {
                round.kept.push(last.clone());
            }
            round.compare();
            // A head without the rest is told apart from nothing at all.
            let head = cut >= offset + 40 && !whole_still;
            assert!(!head || round.journal().dropped_tail().is_some(), "cut at {cut}");
            round.journal = None;
            // What was dropped stays away.
            round.open().expect("opens");
            round.compare();
            assert_eq!(round.journal().dropped_tail(), None);
            round.journal = None;
            if whole_still {
                round.kept.pop();
            }
        }
    }
}

#[test]
fn a_disk_that_fills_at_any_byte_loses_nothing() {
    let mut seen = Seen::default();
    let mut round = Round {
        folder: scratch("disk-full"),
        random: Random(5),
        disk: Arc::new(TightDisk(AtomicU64::new(ROOMY))),
        journal: None,
        kept: Vec::new(),
        next_commit: 1,
        acknowledged: 0,
        trimmed: 0,
        highest: (0, 0),
        seen: &mut seen,
    };
    round.open().expect("opens");
    round.append();
    // The room that a segment needs less 1 byte, a page, all: and a whole one at last.
    for left in [0, 1, 4095, 4096, 65_535] {
        round.disk.0.store(left, Ordering::Relaxed);
        let refused = round.journal().append(1000, 1000, &[&[1; 65_400]]);
        let before = round.kept.len();
        assert!(matches!(refused, Err(JournalError::Full(_))), "{left} bytes left");
        assert_eq!(before, round.journal().entries().len());
        round.compare();
    }
    round.disk.0.store(65_536, Ordering::Relaxed);
    round.journal().append(1000, 1000, &[&[1; 65_400]]).expect("just fits");
    round.disk.0.store(10, Ordering::Relaxed);
    assert!(matches!(round.journal().quarantine(0), Err(JournalError::Full(_))));
    assert_eq!(round.journal().entries().len(), 2);
    assert_eq!(files(&round.folder.join("orphans")), []);
}

/// The child of the test below: it may write files of 128 or 256 KiB, as the shell counts.
#[test]
fn child_under_a_file_size_limit() {
    let Some(folder) = std::env::var_os("FULLTAPE_LIMITED_FOLDER") else {
        return;
    };
    let mut journal = Journal::open(Path::new(&folder), CONFIG).expect("opens");
    for commit in 1..=100 {
        journal.append(commit, commit, &[&[7; 1000]]).expect("appends");
    }
    let refused = journal.append(101, 101, &[&vec![8; 400_000]]);
    assert!(matches!(refused, Err(JournalError::Full(_))), "{refused:?}");
    journal.append(101, 101, &[&[9; 1000]]).expect("goes on");
    println!("went on behind the limit");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_size_limit_of_the_system_is_full_and_no_death() {
    let folder = scratch("limited");
    let child = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 256; exec \"$0\" --exact child_under_a_file_size_limit --nocapture",
        ])
        .arg(std::env::current_exe().expect("this test"))
        .env("FULLTAPE_LIMITED_FOLDER", &folder)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("went on behind the limit"),
        "{said}"
    );
    let journal = Journal::open(&folder, CONFIG).expect("opens");
    assert_eq!(journal.entries().len(), 101);
    drop(journal);
    fs::remove_dir_all(&folder).expect("removes");
}
