use super::*;
use crate::mixing::mix64;
use std::collections::BTreeMap;

const SEEDS: u64 = 3;
type Model = BTreeMap<u64, u32>;

fn pair((key, value): (&u64, &u32)) -> (u64, u32) {
    (*key, *value)
}

/// Puts a key in, or takes it out if it is in.
fn toggle(ladder: &mut Ladder, model: &mut Model, key: u64, value: u32) {
    if model.remove(&key).is_some() {
        ladder.remove(key);
    } else {
        model.insert(key, value);
        ladder.insert(key, value);
    }
}

fn assert_same_around(ladder: &Ladder, model: &Model, key: u64, name: &str) {
    assert_eq!(ladder.get(key), model.get(&key).copied(), "{name}: get {key}");
    let next = key.checked_add(1).and_then(|from| model.range(from..).next());
    assert_eq!(ladder.above(key), next.map(pair), "{name}: above {key}");
    assert_eq!(ladder.after(key), next.map(pair), "{name}: after {key}");
    let previous = model.range(..key).next_back();
    assert_eq!(ladder.below(key), previous.map(pair), "{name}: below {key}");
}

fn assert_walk(ladder: &Ladder, model: &Model, name: &str) {
    let walk = core::iter::successors(ladder.best(), |(key, _)| ladder.after(*key));
    assert!(
        walk.eq(model.iter().map(pair)),
        "{name}: the walk is the sorted sequence"
    );
}

/// Free ones, counted along their list.
fn counted(first: u32, next: impl Fn(usize) -> u64) -> usize {
    let some = |at: u32| (at != NONE).then_some(at);
    core::iter::successors(some(first), |at| some(next(*at as usize) as u32)).count()
}

/// Nodes, bunches and lone keys in use.
fn held(ladder: &Ladder) -> [usize; 3] {
    [
        ladder.nodes.len() - counted(ladder.free_node, |at| ladder.nodes[at].prefix),
        ladder.bunches.len() - counted(ladder.free_bunch, |at| ladder.bunches[at].sample),
        ladder.lones.len() - counted(ladder.free_lone, |at| ladder.lones[at].key),
    ]
}

fn assert_nothing_held(ladder: &Ladder, name: &str) {
    assert_eq!(ladder.best(), None, "{name}: empty");
    assert_eq!(
        held(ladder),
        [0; 3],
        "{name}: all nodes, bunches and lone keys are free"
    );
    let empty = |node: &Node| node.bitmap == 0 && node.children == [NONE; 64];
    assert!(ladder.nodes.iter().all(empty), "{name}: free nodes are empty");
    assert!(
        ladder.cached.iter().all(|(_, leaf)| *leaf == NONE),
        "{name}: no leaf is remembered"
    );
}

/// Random keys in and out, each step compared with an ordered map; then everything out.
fn churn(shape: &str, spread: impl Fn(u64) -> u64, rounds: u64) {
    for seed in 1..=SEEDS {
        let name = format!("{shape}, seed {seed}");
        let (mut ladder, mut model) = (Ladder::new(), Model::new());
        let mut state = seed;
        for round in 0..rounds {
            state = mix64(state.wrapping_add(round));
            let key = spread(state);
            toggle(&mut ladder, &mut model, key, round as u32);
            assert_eq!(ladder.best(), model.first_key_value().map(pair), "{name}: best");
            let other = spread(mix64(state));
            for near in [
                key,
                key ^ 1,
                key ^ 64,
                other,
                other.wrapping_add(1),
                mix64(state),
                0,
                u64::MAX,
            ] {
                assert_same_around(&ladder, &model, near, &name);
            }
            // Sparse for a while, then full again: what was taken apart is put together.
            if round % (rounds / 4) == 0 {
                assert_walk(&ladder, &model, &name);
                while model.len() > 10 {
                    let picked = model.range(mix64(state ^ model.len() as u64)..).next();
                    let picked = picked.or_else(|| model.first_key_value()).map(pair);
                    toggle(&mut ladder, &mut model, picked.unwrap().0, 0);
                    assert_eq!(ladder.best(), model.first_key_value().map(pair), "{name}: best");
                }
            }
        }
        assert_walk(&ladder, &model, &name);
        while let Some((key, _)) = model.first_key_value().map(pair) {
            toggle(&mut ladder, &mut model, key, 0);
            assert_eq!(ladder.get(key), None, "{name}: {key} is out");
            assert_eq!(ladder.best(), model.first_key_value().map(pair), "{name}: best");
        }
        assert_nothing_held(&ladder, &name);
    }
}

#[test]
fn agrees_with_an_ordered_map_near_the_touch() {
    churn("300 ticks", |state| (1 << 40) + state % 300, 50_000);
    churn("10,000 ticks", |state| (1 << 40) + state % 10_000, 50_000);
    churn("every 64th tick", |state| (1 << 40) + state % 500 * 64, 50_000);
}

#[test]
fn agrees_with_an_ordered_map_over_the_whole_range() {
    churn("20 keys", |state| mix64(state % 20), 20_000);
    churn("700 keys", |state| mix64(state % 700), 50_000);
    churn("20,000 keys", |state| mix64(state % 20_000), 50_000);
    churn("any key", |state| state, 20_000);
}

#[test]
fn agrees_with_an_ordered_map_at_both_ends_of_the_range() {
    let ends = |width: u64| {
        move |state: u64| {
            let away = (state >> 1) % width;
            if state & 1 == 0 { away } else { u64::MAX - away }
        }
    };
    churn("2 keys", ends(1), 2_000);
    churn("two clusters", ends(50), 20_000);
    churn("two wide clusters", ends(20_000), 50_000);
}

#[test]
fn agrees_with_an_ordered_map_where_outliers_stand_around_a_cluster() {
    for (every, name) in [(100, "few outliers"), (3, "many outliers")] {
        let mixed = |state: u64| match state % every {
            0 => mix64(state / every % 40),
            _ => (1 << 62) + state / every % 200,
        };
        churn(name, mixed, 50_000);
    }
    // Distances of every magnitude.
    churn("halved", |state| state >> (state % 64), 50_000);
    churn(
        "halved from above",
        |state| u64::MAX - (mix64(state) >> (state % 64)),
        50_000,
    );
}

#[test]
fn agrees_with_an_ordered_map_where_keys_differ_in_one_digit() {
    for level in 0..11 {
        let digit = |state: u64| (state & SLOT_MASK).unbounded_shl(DIGIT_BITS * level);
        churn(&format!("digit {level}"), |state| mix64(7) ^ digit(state), 5_000);
    }
    let any = |state: u64| mix64(7) ^ (state >> 8 & SLOT_MASK).unbounded_shl(DIGIT_BITS * (state % 11) as u32);
    churn("any one digit", any, 50_000);
    // A node at every level.
    let deep = |state: u64| (1_u64 << (state % 64)).wrapping_sub(state >> 8 & 1);
    churn("one bit", deep, 20_000);
}

/// Both ways of a price that comes and goes: what stands around it stays what it is.
#[test]
fn a_key_that_comes_and_goes_takes_nothing_apart() {
    for away in [1, 64, 1 << 12, 1 << 40, 1 << 63] {
        let (mut ladder, mut model) = (Ladder::new(), Model::new());
        let cluster = (1 << 62) + (1 << 6);
        for key in cluster..cluster + 100 {
            toggle(&mut ladder, &mut model, key, 1);
        }
        let lone = if away == 1 { cluster - 1 } else { cluster ^ away };
        toggle(&mut ladder, &mut model, lone, 2);
        toggle(&mut ladder, &mut model, lone, 2);
        let (before, made) = (
            held(&ladder),
            [ladder.nodes.len(), ladder.bunches.len(), ladder.lones.len()],
        );
        for _ in 0..100 {
            for _ in 0..2 {
                toggle(&mut ladder, &mut model, lone, 2);
                for key in [lone, lone - 1, lone + 1, cluster, 0, u64::MAX] {
                    assert_same_around(&ladder, &model, key, "come and gone");
                }
            }
            assert_eq!(held(&ladder), before);
        }
        assert_eq!([ladder.nodes.len(), ladder.bunches.len(), ladder.lones.len()], made);
    }
}

#[test]
fn a_leaf_stays_while_one_key_is_in_it() {
    let (mut ladder, mut model) = (Ladder::new(), Model::new());
    for key in [1_000, 1_001, 1 << 50] {
        toggle(&mut ladder, &mut model, key, 1);
    }
    let before = held(&ladder);
    for key in [1_001, 1_001, 1_000, 1_000] {
        toggle(&mut ladder, &mut model, key, 2);
        assert_eq!(held(&ladder), before, "the leaf stays");
        assert_walk(&ladder, &model, "one key or two in a leaf");
    }
}

#[test]
fn a_price_far_from_others_takes_no_node() {
    let mut ladder = Ladder::new();
    let keys: Vec<u64> = (0..=BUNCH_KEYS as u64).map(|at| at << 42).collect();
    ladder.insert(keys[0], 1);
    assert_eq!(held(&ladder), [0, 0, 1], "a lone key");
    for key in &keys[1..BUNCH_KEYS] {
        ladder.insert(*key, 1);
    }
    assert_eq!(held(&ladder), [0, 1, 0], "a bunch");
    ladder.insert(keys[BUNCH_KEYS], 1);
    assert_eq!(held(&ladder), [1, 0, keys.len()], "one key more: a node of lone ones");
    let (gathered, going) = keys.split_at(GATHERED as usize);
    for key in going {
        assert_eq!(held(&ladder)[1], 0, "a node while more are left than are gathered");
        ladder.remove(*key);
    }
    assert_eq!(held(&ladder), [0, 1, 0], "a bunch of those that are left");
    for key in gathered {
        ladder.remove(*key);
    }
    assert_nothing_held(&ladder, "all removed");
}

#[test]
fn neighbours_leave_their_bunch_at_once() {
    let mut ladder = Ladder::new();
    for key in [1 << 10, 1 << 20, 1 << 30, (1 << 20) + 63] {
        ladder.insert(key, 1);
    }
    assert!(ladder.cached_leaf(1 << 20).is_some(), "they share a leaf");
    assert_eq!(held(&ladder)[1], 0);
}
