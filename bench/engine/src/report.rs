//! Figures as they are handed on.

use crate::clock::Rate;

/// A target: its text, its value, and whether more is better.
pub type Target = (&'static str, f64, bool);

/// What was measured.
#[derive(Default)]
pub struct Report {
    figures: Vec<serde_json::Value>,
    notes: Vec<String>,
}

impl Report {
    /// Adds a figure: one value a run, in the order of the runs.
    pub fn figure(&mut self, name: &str, unit: &str, values: &[f64], target: Option<Target>) {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let verdict = target.map_or_else(String::new, |(text, value, more)| {
            let met = if more { median >= value } else { median <= value };
            format!("  target {text}: {}", if met { "met" } else { "MISSED" })
        });
        eprintln!(
            "{name}: {} ({} to {}) {unit}{verdict}",
            short(median),
            short(sorted.first().copied().unwrap_or(0.0)),
            short(sorted.last().copied().unwrap_or(0.0)),
        );
        let target = target.map(|(text, value, more)| {
            serde_json::json!({ "text": text, "value": value, "better": if more { "more" } else { "less" } })
        });
        self.figures
            .push(serde_json::json!({ "name": name, "unit": unit, "values": values, "target": target }));
    }

    /// Adds the rates of several runs, by the wall clock.
    pub fn rates(&mut self, name: &str, rates: &[Rate], target: Option<Target>) {
        let wall: Vec<f64> = rates.iter().map(|rate| rate.wall.round()).collect();
        self.figure(name, "commands/s", &wall, target);
    }

    /// Adds a sentence.
    pub fn note(&mut self, note: String) {
        eprintln!("{note}");
        self.notes.push(note);
    }

    /// Everything as one document.
    pub fn json(self, seed: u64, messages: usize, mix: &str) -> serde_json::Value {
        serde_json::json!({
            "bench": "engine", "seed": seed, "messages": messages, "mix": mix, "figures": self.figures, "notes": self.notes,
        })
    }
}

/// A number for people.
fn short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.2} M", value / 1e6),
        value if value >= 1e4 => format!("{:.0} k", value / 1e3),
        value if value >= 100.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    }
}
