//! The JSON configuration of a shard.

use fulltape_engine::{Config, RiskMode};
use serde_json::Value;

use crate::placement::PlacementConfig;

/// Smallest commit that a broker message is filled to: room for any command and one report chain.
const COMMIT_BYTES_MIN: u64 = 1024;
/// Largest: far below what any broker takes.
const COMMIT_BYTES_CAP: u64 = 64 << 20;

/// Configuration of one shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardConfig {
    /// Shard number.
    pub shard: u16,
    /// Folder of the journal; `None` = no journal.
    pub journal_dir: Option<String>,
    /// Bound of the journal's segments together, in bytes.
    pub journal_bytes_max: u64,
    /// Bytes to which commits are filled.
    pub commit_bytes_max: usize,
    /// A commit whose number is a multiple carries the state hash; 0 = none does.
    pub state_hash_every_commits: u64,
    /// Where thread and tables are to be.
    pub placement: PlacementConfig,
    /// Capacities of the engine.
    pub engine: Config,
}

impl Default for ShardConfig {
    fn default() -> Self {
        Self {
            shard: 0,
            journal_dir: None,
            journal_bytes_max: 1 << 30,
            commit_bytes_max: 256 << 10,
            state_hash_every_commits: 64,
            placement: PlacementConfig::default(),
            engine: Config::default(),
        }
    }
}

/// Text of an id as five zero-padded little endian words.
///
/// # Errors
/// A sentence when the text is longer than 40 bytes.
pub fn client_text(text: &str) -> Result<[u64; 5], String> {
    let mut words = [0; 5];
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
    let into = bytes
        .get_mut(..text.len())
        .ok_or("faultClientOrderId is longer than 40 bytes")?;
    into.copy_from_slice(text.as_bytes());
    Ok(words)
}

impl ShardConfig {
    /// Reads a configuration. Unknown fields are refused, so that a misspelt one is not silently a default.
    ///
    /// # Errors
    /// A sentence that names the field.
    pub fn parse(json: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))?;
        let Value::Object(fields) = value else {
            return Err("not a JSON object".into());
        };
        let mut config = Self::default();
        for (name, value) in &fields {
            let number = |low: u64, high: u64| {
                value
                    .as_u64()
                    .filter(|number| (low..=high).contains(number))
                    .ok_or_else(|| format!("{name} must be a whole number from {low} to {high}"))
            };
            match name.as_str() {
                "shard" => config.shard = narrow(number(0, u64::from(u16::MAX))?),
                "journalDir" if value.is_null() => {}
                "journalDir" => {
                    let text = value.as_str().filter(|text| !text.is_empty());
                    config.journal_dir = Some(text.ok_or("journalDir must be a path")?.into());
                }
                "journalBytesMax" => config.journal_bytes_max = number(1 << 20, 1 << 44)?,
                "maxOrders" => config.engine.max_orders = narrow(number(1, 1 << 28)?),
                "maxAccounts" => config.engine.max_accounts = narrow(number(1, 1 << 26)?),
                "maxInstruments" => config.engine.max_instruments = narrow(number(1, 1 << 22)?),
                "risk" => {
                    config.engine.risk = match value.as_str() {
                        Some("on") => RiskMode::On,
                        Some("off") => RiskMode::Off,
                        _ => return Err("risk must be \"on\" or \"off\"".into()),
                    };
                }
                "commitBytesMax" => config.commit_bytes_max = narrow(number(COMMIT_BYTES_MIN, COMMIT_BYTES_CAP)?),
                "stateHashEveryCommits" => config.state_hash_every_commits = number(0, u64::MAX)?,
                "core" => config.placement.core = Some(narrow(number(0, u64::from(u32::MAX))?)),
                "numaNode" => config.placement.numa_node = Some(narrow(number(0, u64::from(u32::MAX))?)),
                "hugePages" => {
                    let wanted = value.as_bool();
                    config.placement.huge_pages = wanted.ok_or("hugePages must be true or false")?;
                }
                "faultClientOrderId" if value.is_null() => {}
                "faultClientOrderId" => {
                    let text = value.as_str().filter(|text| !text.is_empty());
                    let text = text.ok_or("faultClientOrderId must be a text")?;
                    config.engine.fault_client_order_id = Some(client_text(text)?);
                }
                other => return Err(format!("unknown field {other}")),
            }
        }
        Ok(config)
    }
}

/// A number that was checked to fit.
fn narrow<T: TryFrom<u64> + Default>(number: u64) -> T {
    T::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_field_and_names_a_bad_one() {
        let config = ShardConfig::parse(
            r#"{ "shard": 3, "journalDir": "/x", "journalBytesMax": 1048576, "maxOrders": 10, "maxAccounts": 11,
                 "maxInstruments": 12, "commitBytesMax": 2048, "risk": "off", "stateHashEveryCommits": 5, "faultClientOrderId": "boom" }"#,
        )
        .expect("valid");
        assert_eq!(
            (
                config.shard,
                config.commit_bytes_max,
                config.engine.max_orders,
                config.engine.risk
            ),
            (3, 2048, 10, RiskMode::Off)
        );
        assert_eq!(
            config.engine.fault_client_order_id,
            Some(client_text("boom").expect("short"))
        );
        for (json, field) in [
            (r#"{"shard": -1}"#, "shard"),
            (r#"{"shard": 65536}"#, "shard"),
            (r#"{"core": -1}"#, "core"),
            (r#"{"hugePages": 1}"#, "hugePages"),
            (r#"{"numaNode": "0"}"#, "numaNode"),
            (r#"{"maxOrders": 1.5}"#, "maxOrders"),
            (r#"{"risk": true}"#, "risk"),
            (r#"{"commitBytesMax": 1}"#, "commitBytesMax"),
            (r#"{"commitBytes": 1}"#, "commitBytes"),
            ("[]", "object"),
            ("{", "JSON"),
        ] {
            let error = ShardConfig::parse(json).expect_err("invalid");
            assert!(error.contains(field), "{json}: {error}");
        }
    }
}
