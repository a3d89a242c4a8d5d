//! Recorded order books: the message files of LOBSTER (lobsterdata.com) as commands.
//!
//! A submission is a limit order, a partial deletion an amend of the quantity, a deletion a cancel, and the execution of a
//! visible order an immediate order of the opposite side at its price. Orders that rested before the file began are not
//! known: what names them is left out and counted. Executions of hidden orders touch no visible book and are left out.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use fulltape_tape::Record;

use crate::flow::{Flow, Kind, Message, Shape};
use crate::ours;
use crate::setup::Mode;

/// One file as commands.
pub struct Recorded {
    /// Symbol.
    pub symbol: String,
    flow: Flow,
    /// Messages that were left out.
    pub left_out: usize,
    /// Price of its first order, in ticks.
    pub first_ticks: i64,
}

impl Recorded {
    /// Its commands behind `first - 1` definitions.
    pub fn commands(&self, first: u64, mode: Mode) -> Vec<Record> {
        ours::commands(&self.flow, first, mode)
    }
}

/// The files of a folder; empty when there is none.
///
/// # Errors
/// A file that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Recorded>, Box<dyn std::error::Error>> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.contains("_message_") && name.ends_with(".csv.gz") {
            let mut text = String::new();
            flate2::read::GzDecoder::new(std::fs::File::open(&path)?).read_to_string(&mut text)?;
            files.push(parse(name.split('_').next().unwrap_or_default(), &text)?);
        }
    }
    Ok(files)
}

fn parse(symbol: &str, text: &str) -> Result<Recorded, Box<dyn std::error::Error>> {
    // Order reference of the file to our order: number, leaves, what it traded.
    let mut open: BTreeMap<u64, (u32, i32, i32)> = BTreeMap::new();
    let mut messages: Vec<Message> = Vec::new();
    let mut left_out = 0;
    for line in text.lines() {
        let columns: Vec<&str> = line.trim().split(',').collect();
        let [_, kind, reference, size, price, direction, ..] = columns[..] else {
            return Err(format!("a line of {} columns", columns.len()).into());
        };
        let (reference, size): (u64, i32) = (reference.parse()?, size.parse()?);
        let price_ticks: i64 = price.parse()?;
        let side = u32::from(direction == "-1");
        let number = messages.len() as u32 + 1;
        let known = open.get(&reference).copied();
        let mut push = |kind, side, order, lots, traded_lots| {
            let account = 1 + (number % 32) * 2 + side;
            messages.push(Message {
                kind,
                side,
                order,
                account,
                price_ticks,
                lots,
                traded_lots,
            });
        };
        match (kind, known) {
            ("1", None) => {
                push(Kind::New, side, number, size, 0);
                open.insert(reference, (number, size, 0));
            }
            ("2", Some((order, leaves, traded))) if leaves > size => {
                push(Kind::Reduce, side, order, leaves - size, traded);
                open.insert(reference, (order, leaves - size, traded));
            }
            ("3", Some((order, leaves, traded))) => {
                push(Kind::Cancel, side, order, leaves, traded);
                open.remove(&reference);
            }
            ("4", Some((order, leaves, traded))) => {
                push(Kind::Immediate, 1 - side, number, size, 0);
                if leaves > size {
                    open.insert(reference, (order, leaves - size, traded + size));
                } else {
                    open.remove(&reference);
                }
            }
            _ => left_out += 1,
        }
    }
    // A cancel must come from the account that placed the order.
    let owners: Vec<u32> = messages.iter().map(|message| message.account).collect();
    for message in &mut messages {
        message.account = owners[message.order as usize - 1];
    }
    let first_ticks = messages.first().map_or(1, |message| message.price_ticks);
    Ok(Recorded {
        symbol: symbol.to_owned(),
        first_ticks,
        flow: Flow {
            shape: Shape::Static,
            messages,
            trades: 0,
            mix: [0; 5],
            open: open.len(),
        },
        left_out,
    })
}
