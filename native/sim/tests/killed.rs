//! A writer that is killed with SIGKILL at any moment loses nothing that it had answered.
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use fulltape_ffi::{Shard, ShardConfig};
use fulltape_sim::flow::Flow;
use fulltape_sim::tapes::*;

const FOLDER: &str = "FULLTAPE_KILLED_FOLDER";
const SEED: u64 = 41;
const GROUP: usize = 9;

fn config(folder: Option<String>) -> ShardConfig {
    ShardConfig {
        journal_dir: folder,
        journal_bytes_max: 64 << 20,
        ..small_config()
    }
}

/// Groups of one flow, the same in every process.
fn groups() -> impl Iterator<Item = Vec<fulltape_tape::Record>> {
    let mut flow = Flow::new(SEED);
    let opening = flow.opening().concat();
    core::iter::once(opening).chain(core::iter::from_fn(move || {
        Some((0..GROUP).flat_map(|_| flow.next_command()).collect())
    }))
}

/// The writer: tells its head after every group, as an answer would.
fn write_until_killed(folder: String) {
    let mut shard = Shard::open(config(Some(folder))).expect("opens");
    for group in groups() {
        execute(&mut shard, &group).expect("executes");
        let mut out = std::io::stdout();
        writeln!(out, "head {}", shard.head().commit_number).expect("the parent listens");
        out.flush().expect("the parent listens");
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_answered() {
    if let Ok(folder) = std::env::var(FOLDER) {
        write_until_killed(folder);
        return;
    }
    for answered_before_the_kill in [1, 2, 7, 40, 333, 900] {
        let folder = std::env::temp_dir().join(format!(
            "fulltape-killed-{}-{answered_before_the_kill}",
            std::process::id()
        ));
        let _ = std::fs::remove_dir_all(&folder);
        let mut writer = Command::new(std::env::current_exe().expect("a path"))
            .args([
                "--exact",
                "a_killed_writer_loses_nothing_that_it_answered",
                "--nocapture",
            ])
            .env(FOLDER, &folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(writer.stdout.take().expect("piped"))
            .lines()
            .map_while(Result::ok);
        let mut answered = 0;
        for (at, head) in lines
            .filter_map(|line| line.split_once("head ")?.1.parse::<u64>().ok())
            .enumerate()
        {
            answered = head;
            if at + 1 == answered_before_the_kill {
                writer.kill().expect("kills");
            }
        }
        writer.wait().expect("ends");
        assert!(answered >= answered_before_the_kill as u64, "answered {answered}");

        let mut recovered = Shard::open(config(Some(folder.to_string_lossy().into_owned()))).expect("opens");
        loop {
            recovered.journal_next().expect("follows");
            if emitted(&recovered).is_empty() {
                break;
            }
        }
        assert!(recovered.head().commit_number >= answered, "an answered commit is lost");
        let mut expected = Shard::open(config(None)).expect("opens");
        for group in groups() {
            if expected.head() == recovered.head() {
                break;
            }
            assert!(
                expected.head().commit_number < recovered.head().commit_number,
                "the chains differ"
            );
            execute(&mut expected, &group).expect("executes");
        }
        assert_eq!(recovered.state_hash(), expected.state_hash());
        drop(recovered);
        std::fs::remove_dir_all(&folder).expect("cleans up");
    }
}
