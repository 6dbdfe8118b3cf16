//! What is written in the value of a setting, where it is more than a word or a number.

use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::address::Address;
use crate::origin::Origin;

/// A list of origins, which may be empty.
#[derive(Clone, Debug)]
pub struct Origins(pub(super) Vec<Origin>);

pub(super) fn parse_origins(text: &str) -> Result<Origins, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| item.parse().map_err(|fault| format!("`{item}` {fault}"))).collect::<Result<_, _>>().map(Origins)
}

/// A list of addresses, which may be empty.
#[derive(Clone, Debug)]
pub struct Addresses(pub(super) Vec<Address>);

pub(super) fn parse_addresses(text: &str) -> Result<Addresses, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(parse_address).collect::<Result<_, _>>().map(Addresses)
}

/// What an operator writes has its checksum where it has letters of both cases: a slip would be an address that nobody has.
fn parse_address(text: &str) -> Result<Address, String> {
    let address: Address = text.parse().map_err(|_| format!("`{text}` is no address; it is 0x and 40 hex digits"))?;
    let digits = text.trim_start_matches("0x");
    let has_checksum = digits.len() == 40 && digits.contains(char::is_uppercase) && digits.contains(char::is_lowercase);
    if has_checksum && address.to_string() != text {
        return Err(format!("`{text}` has another checksum (ERC-55) than the address it names"));
    }
    Ok(address)
}

/// A lone word must be a level: `Targets` would take a misspelt one for the name of a module, and log nothing else.
pub(super) fn parse_filter(text: &str) -> Result<Targets, String> {
    if text.trim().is_empty() {
        return Err("it is empty; `off` logs nothing".to_owned());
    }
    for part in text.split(',').map(str::trim) {
        if part.is_empty() || part.starts_with('=') || (!part.contains('=') && part.parse::<LevelFilter>().is_err()) {
            return Err(format!("`{part}` is no level"));
        }
    }
    let targets: Targets = text.parse().map_err(|_| "it is no list of levels".to_owned())?;
    // What the client of NATS finds wrong is told once, in our words, unless somebody asks for its own.
    Ok(if text.contains("async_nats") { targets } else { targets.with_target("async_nats", LevelFilter::OFF) })
}
