//! What the journal keeps, what it notices, and what it refuses.
use std::fs;
use std::path::{Path, PathBuf};

use fulltape_journal::{Journal, JournalConfig, JournalError};

const CONFIG: JournalConfig = JournalConfig {
    owner: 3,
    bytes_max: 1 << 20,
};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fulltape-journal-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(folder: &Folder) -> Journal {
    Journal::open(&folder.0, CONFIG).expect("opens")
}

fn payload(commit: u64) -> Vec<u8> {
    (0..commit as usize % 700)
        .map(|at| (at as u64 ^ commit) as u8)
        .collect()
}

fn fill(journal: &mut Journal, commits: core::ops::RangeInclusive<u64>) {
    for commit in commits {
        let payload = payload(commit);
        let (left, right) = payload.split_at(payload.len() / 2);
        journal.append(commit, commit, &[left, right]).expect("appends");
    }
}

fn check(journal: &Journal, commits: core::ops::RangeInclusive<u64>) {
    let held: Vec<_> = journal.entries().iter().map(|entry| entry.first_commit).collect();
    assert_eq!(held, commits.collect::<Vec<_>>());
    for entry in journal.entries() {
        assert_eq!(
            journal.payload(entry),
            payload(entry.first_commit),
            "commit {}",
            entry.first_commit
        );
    }
}

fn segments(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("lists")
        .map(|file| file.expect("a file").path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
        .collect();
    paths.sort();
    paths
}

#[test]
fn keeps_what_was_appended_over_segments_and_processes() {
    let folder = Folder::new("keeps");
    fill(&mut open(&folder), 1..=600);
    let mut journal = open(&folder);
    check(&journal, 1..=600);
    assert!(segments(&folder.0, "segment-").len() > 2);
    fill(&mut journal, 601..=900);
    drop(journal);
    check(&open(&folder), 1..=900);
}

#[test]
fn a_folder_has_one_owner_and_one_process() {
    let folder = Folder::new("owner");
    let journal = open(&folder);
    assert!(matches!(Journal::open(&folder.0, CONFIG), Err(JournalError::Locked(_))));
    drop(journal);
    let other = JournalConfig { owner: 4, ..CONFIG };
    assert!(matches!(Journal::open(&folder.0, other), Err(JournalError::Corrupt(_))));
    open(&folder);
}

#[test]
fn marks_survive_and_do_not_fall() {
    let folder = Folder::new("marks");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=10);
    journal.acknowledge(7);
    journal.acknowledge(5);
    journal.trim(4).expect("trims");
    drop(journal);
    let journal = open(&folder);
    assert_eq!((journal.acknowledged(), journal.trimmed()), (7, 4));
    drop(journal);
    // One damaged slot leaves the other; two leave nothing to trust.
    let path = folder.0.join("marks");
    let mut bytes = fs::read(&path).expect("reads");
    let newest = (0..2).max_by_key(|slot| bytes[slot * 64 + 8]).expect("two");
    bytes[newest * 64 + 24] ^= 1;
    fs::write(&path, &bytes).expect("writes");
    assert_eq!(open(&folder).acknowledged(), 7);
    bytes[0] ^= 1;
    bytes[64] ^= 1;
    fs::write(&path, &bytes).expect("writes");
    assert!(matches!(
        Journal::open(&folder.0, CONFIG),
        Err(JournalError::Corrupt(_))
    ));
}

#[test]
fn a_tail_that_was_cut_anywhere_is_dropped() {
    let folder = Folder::new("torn");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=20);
    drop(journal);
    let path = segments(&folder.0, "segment-").pop().expect("a segment");
    let whole = fs::read(&path).expect("reads");
    let end = whole.iter().rposition(|byte| *byte != 0).expect("something") + 1;
    let entry = (40 + payload(20).len()).next_multiple_of(8);
    for cut in (end - entry + 1..end).step_by(3) {
        let mut torn = whole.clone();
        torn[cut..].fill(0);
        fs::write(&path, &torn).expect("writes");
        let mut journal = open(&folder);
        let held = journal.entries().len() as u64;
        assert!((19..=20).contains(&held), "cut at {cut}");
        check(&journal, 1..=held);
        // It can be written on, and what is written on is kept.
        fill(&mut journal, held + 1..=22);
        drop(journal);
        check(&open(&folder), 1..=22);
    }
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let folder = Folder::new("flips");
    let mut journal = open(&folder);
    fill(&mut journal, 30..=60);
    drop(journal);
    let path = segments(&folder.0, "segment-").pop().expect("a segment");
    let whole = fs::read(&path).expect("reads");
    let end = whole.iter().rposition(|byte| *byte != 0).expect("something") + 1;
    let (mut corrupt, mut dropped) = (0, 0);
    for at in (0..end).step_by(5) {
        let mut bad = whole.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&path, &bad).expect("writes");
        match Journal::open(&folder.0, CONFIG) {
            Err(JournalError::Corrupt(_)) => corrupt += 1,
            Err(error) => panic!("byte {at}: {error}"),
            // Bytes 28..64 of the segment's head carry nothing; the last entry looks like a cut tail.
            Ok(journal) => {
                let held = journal.entries().len() as u64;
                assert!(held >= 30, "byte {at}: {held} entries");
                check(&journal, 30..=29 + held);
                dropped += 1;
            }
        }
        fs::write(&path, &whole).expect("writes");
    }
    assert!(
        corrupt > 500 && dropped < 60,
        "{corrupt} noticed, {dropped} taken for a tail"
    );
    check(&open(&folder), 30..=60);
}

#[test]
fn segments_are_used_again_and_the_bound_holds() {
    let folder = Folder::new("recycle");
    let mut journal = open(&folder);
    for round in 0..40_u64 {
        let last = (round + 1) * 200;
        fill(&mut journal, round * 200 + 1..=last);
        journal.acknowledge(last - 50);
        journal.trim(last - 20).expect("trims");
        let bytes: u64 = ["segment-", "spare-"]
            .iter()
            .flat_map(|prefix| segments(&folder.0, prefix))
            .map(|path| path.metadata().expect("a file").len())
            .sum();
        assert!(bytes <= CONFIG.bytes_max, "{bytes} bytes");
    }
    assert!(!segments(&folder.0, "spare-").is_empty());
    drop(journal);
    let journal = open(&folder);
    let first = journal.entries()[0].first_commit;
    assert!(first <= 7951, "what is not acknowledged is kept");
    check(&journal, first..=8000);
}

#[test]
fn a_full_journal_says_so_and_loses_nothing() {
    let folder = Folder::new("full");
    let mut journal = open(&folder);
    let mut last = 0;
    let error = loop {
        match journal.append(last + 1, last + 1, &[&payload(last + 1)]) {
            Ok(()) => last += 1,
            Err(error) => break error,
        }
        assert!(last < 100_000, "the bound is never reached");
    };
    assert!(matches!(error, JournalError::Full(_)), "{error}");
    check(&journal, 1..=last);
    // Room comes back with acknowledgement and trimming.
    journal.acknowledge(last);
    journal.trim(last / 2).expect("trims");
    fill(&mut journal, last + 1..=last + 100);
    drop(journal);
    assert_eq!(open(&folder).entries().last().expect("some").last_commit, last + 100);
}

#[test]
fn an_entry_larger_than_a_segment_gets_its_own() {
    let folder = Folder::new("large");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=3);
    let large = vec![7_u8; 300_000];
    journal.append(4, 9, &[&large]).expect("appends");
    fill(&mut journal, 10..=12);
    drop(journal);
    let journal = open(&folder);
    assert_eq!(journal.entries().len(), 7);
    assert_eq!(journal.payload(&journal.entries()[3]), large);
}

#[test]
fn quarantine_moves_the_rest_to_a_file_and_nothing_comes_back() {
    let folder = Folder::new("quarantine");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=900);
    assert_eq!(journal.quarantine(450).expect("moves"), 450);
    check(&journal, 1..=450);
    assert_eq!(journal.quarantine(450).expect("nothing is left"), 0);
    // New entries of the same sizes: an old one behind them must not be taken for the next.
    fill(&mut journal, 451..=460);
    drop(journal);
    let mut journal = open(&folder);
    check(&journal, 1..=460);
    fill(&mut journal, 461..=500);
    assert_eq!(segments(&folder.0.join("orphans"), "commits-").len(), 1);
    assert_eq!(journal.quarantine(0).expect("moves"), 500);
    drop(journal);
    assert!(open(&folder).entries().is_empty());
}

#[test]
fn prepares_the_next_segment_before_it_is_needed() {
    for background in [false, true] {
        let folder = Folder::new(if background { "ahead" } else { "prepare" });
        let mut journal = open(&folder);
        journal.make_room(1).expect("room");
        if background {
            journal.prepare_in_background().expect("a thread");
        } else {
            assert!(!journal.prepare().expect("prepares"), "nothing is needed yet");
        }
        let mut made = 0;
        for commit in 1..=900 {
            fill(&mut journal, commit..=commit);
            made += u32::from(journal.prepare().expect("prepares"));
        }
        assert_eq!(made > 3, !background);
        check(&journal, 1..=900);
        drop(journal);
        // One waits for its use, and is used by whoever opens the folder next.
        assert_eq!(segments(&folder.0, "spare-").len(), 1);
        let mut journal = open(&folder);
        check(&journal, 1..=900);
        fill(&mut journal, 901..=1100);
        drop(journal);
        assert_eq!(segments(&folder.0, "spare-").len(), 0);
        check(&open(&folder), 1..=1100);
    }
}

#[test]
fn preparing_keeps_within_the_bound() {
    let folder = Folder::new("prepare-bound");
    let mut journal = open(&folder);
    journal.make_room(1).expect("room");
    journal.prepare_in_background().expect("a thread");
    let mut last = 0;
    while journal.append(last + 1, last + 1, &[&payload(last + 1)]).is_ok() {
        last += 1;
        journal.prepare().expect("the bound is no error of preparing");
    }
    drop(journal);
    let held: u64 = ["segment-", "spare-"]
        .iter()
        .flat_map(|prefix| segments(&folder.0, prefix))
        .map(|path| path.metadata().expect("a file").len())
        .sum();
    assert_eq!(held, CONFIG.bytes_max);
    check(&open(&folder), 1..=last);
}

#[test]
fn an_empty_segment_behind_a_torn_entry_is_dropped() {
    let folder = Folder::new("torn-behind");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=20);
    // No room for this one: a segment begins that stays empty.
    journal.make_room(65_000).expect("room");
    drop(journal);
    let files = segments(&folder.0, "segment-");
    assert_eq!(files.len(), 2);
    let mut bytes = fs::read(&files[0]).expect("reads");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something");
    bytes[end] ^= 1;
    fs::write(&files[0], &bytes).expect("writes");
    let mut journal = open(&folder);
    check(&journal, 1..=19);
    assert_eq!(journal.dropped_tail(), Some(20));
    fill(&mut journal, 20..=400);
    drop(journal);
    check(&open(&folder), 1..=400);
}

#[test]
fn a_lost_head_of_a_segment_with_entries_is_corrupt_and_nothing_is_removed() {
    let folder = Folder::new("lost-head");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=20);
    drop(journal);
    let path = segments(&folder.0, "segment-").pop().expect("one");
    let whole = fs::read(&path).expect("reads");
    let mut bytes = whole.clone();
    bytes[..64].fill(0);
    fs::write(&path, &bytes).expect("writes");
    assert!(matches!(
        Journal::open(&folder.0, CONFIG),
        Err(JournalError::Corrupt(_))
    ));
    assert_eq!(fs::read(&path).expect("still there"), bytes);
    fs::write(&path, &whole).expect("writes");
    check(&open(&folder), 1..=20);
}

#[test]
fn a_damaged_spare_does_no_harm() {
    let folder = Folder::new("bad-spare");
    let mut journal = open(&folder);
    fill(&mut journal, 1..=600);
    journal.acknowledge(600);
    journal.trim(600).expect("trims");
    drop(journal);
    for path in segments(&folder.0, "spare-") {
        let bytes = fs::metadata(&path).expect("a file").len();
        fs::write(&path, vec![0xff; usize::try_from(bytes).expect("small")]).expect("writes");
    }
    let mut journal = open(&folder);
    let first = journal.entries()[0].first_commit;
    fill(&mut journal, 601..=900);
    drop(journal);
    check(&open(&folder), first..=900);
}

#[test]
fn a_short_mark_file_is_corrupt() {
    let folder = Folder::new("short-marks");
    drop(open(&folder));
    let path = folder.0.join("marks");
    let whole = fs::read(&path).expect("reads");
    fs::write(&path, &whole[..100]).expect("writes");
    assert!(matches!(
        Journal::open(&folder.0, CONFIG),
        Err(JournalError::Corrupt(_))
    ));
    fs::write(&path, &whole).expect("writes");
    open(&folder);
}
