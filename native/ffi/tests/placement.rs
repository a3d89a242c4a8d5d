//! Placement on a real kernel: affinity and page advice show in /proc, and what cannot be had does not keep a shard from opening.
#![cfg(target_os = "linux")]
use fulltape_engine::Config;
use fulltape_ffi::placement::PlacementConfig;
use fulltape_ffi::{Shard, ShardConfig};

fn config(placement: PlacementConfig) -> ShardConfig {
    ShardConfig {
        placement,
        engine: Config {
            max_orders: 1 << 18,
            max_accounts: 64,
            max_instruments: 4,
            ..Config::default()
        },
        ..ShardConfig::default()
    }
}

/// Cores that the calling thread may run on, as the kernel writes them.
fn allowed() -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("reads");
    let line = status.lines().find(|line| line.starts_with("Cpus_allowed_list"));
    line.and_then(|line| line.split_whitespace().nth(1))
        .expect("a list")
        .to_owned()
}

#[test]
fn the_thread_that_opens_a_shard_is_bound_to_its_core_and_no_other_thread_is() {
    let before = allowed();
    // The first core that this process may use, whichever it is.
    let core = before
        .split([',', '-'])
        .next()
        .and_then(|core| core.parse().ok())
        .expect("a core");
    let bound = std::thread::spawn(move || {
        let shard = Shard::open(config(PlacementConfig {
            core: Some(core),
            ..PlacementConfig::default()
        }))
        .expect("opens");
        assert!(shard.placement().core.in_force, "{:?}", shard.placement());
        allowed()
    });
    assert_eq!(bound.join().expect("runs"), core.to_string());
    assert_eq!(allowed(), before);
}

#[test]
fn what_is_not_there_is_told_and_the_shard_opens() {
    for core in [4_000, u32::MAX, 1_023] {
        let shard = Shard::open(config(PlacementConfig {
            core: Some(core),
            numa_node: Some(63),
            ..PlacementConfig::default()
        }))
        .expect("opens");
        let placement = shard.placement();
        assert!(!placement.core.in_force && placement.core.details.contains(&core.to_string()));
        assert!(!placement.numa.in_force && !placement.numa.details.is_empty());
        assert_eq!(placement.huge_pages.details, "not asked for");
        assert!(placement.text().contains("\"inForce\":false"));
    }
}

#[test]
fn huge_pages_are_advised_for_the_tables_where_the_kernel_has_them() {
    let shard = Shard::open(config(PlacementConfig {
        huge_pages: true,
        ..PlacementConfig::default()
    }))
    .expect("opens");
    let standing = &shard.placement().huge_pages;
    let mode = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    println!("transparent huge pages: {} -> {standing:?}", mode.trim());
    if mode.is_empty() || mode.contains("[never]") {
        assert!(!standing.in_force, "skipped: the kernel has no transparent huge pages");
        return;
    }
    assert!(standing.in_force, "{standing:?}");
    // The kernel marks the mappings: hg is the advice.
    let marked = std::fs::read_to_string("/proc/self/smaps")
        .expect("reads")
        .lines()
        .filter(|line| line.starts_with("VmFlags:") && line.split_whitespace().any(|flag| flag == "hg"))
        .count();
    assert!(marked > 0, "no mapping carries the advice");
}

#[test]
fn one_node_is_nothing_to_bind() {
    let online = std::fs::read_to_string("/sys/devices/system/node/online").unwrap_or_default();
    let shard = Shard::open(config(PlacementConfig {
        numa_node: Some(0),
        ..PlacementConfig::default()
    }))
    .expect("opens");
    let several = online.contains(['-', ',']);
    println!("nodes: {} -> {:?}", online.trim(), shard.placement().numa);
    assert_eq!(shard.placement().numa.in_force, several);
}
