//! `nexus keys`: makes, takes in and lists the keys that sign.

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::failure::{Failure, tell};
use super::unlock::{ask, find, keystore, new_passphrase, unlock};
use crate::config;
use crate::keystore::Secret;
use crate::signing::signer::Signer;

/// Keys that sign, each in a file that a passphrase opens.
#[derive(Args)]
#[command(after_help = "Try it: nexus keys new alice, then nexus sign /whoami --key alice")]
pub(super) struct Keys {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a key and print its address.
    #[command(after_help = "Example: nexus keys new alice")]
    New(Named),
    /// Take in a private key, 64 hex digits from standard input or asked for, and print its address.
    #[command(after_help = "Example: nexus keys import alice < alice.key")]
    Import(Named),
    /// Print the address of a key.
    #[command(after_help = "Example: curl -N http://127.0.0.1:8000/api/v1/stream/$(nexus keys address alice)")]
    Address(Named),
    /// Print the name and the address of every key.
    #[command(after_help = "Example: nexus keys list --json")]
    List {
        /// As a JSON array of `{"name", "address"}`.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        keys: config::Keys,
    },
}

#[derive(Args)]
struct Named {
    /// What the key is called here: letters, digits, dots, hyphens and underscores.
    name: String,
    #[command(flatten)]
    keys: config::Keys,
}

pub(super) fn keys(keys: &Keys) -> Result<ExitCode, Failure> {
    match &keys.verb {
        Verb::New(named) => add(named, generate),
        Verb::Import(named) => add(named, read_secret),
        Verb::Address(named) => address(named),
        Verb::List { json, keys } => list(keys, *json),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn add(named: &Named, secret: impl FnOnce() -> Result<Secret, Failure>) -> Result<(), Failure> {
    let Named { name, keys } = named;
    let keystore = keystore(keys)?;
    // Before anything is asked; whether it is free is decided when the file is made.
    keystore.check_free(name)?;
    let secret = secret()?;
    let address = Signer::new(&secret).map(|signer| signer.address()).ok_or_else(|| {
        Failure::new(
            "These 32 bytes are no private key of secp256k1.",
            "A key lies between 1 and the order of the curve.",
        )
    })?;
    let path = keystore.add(name, &secret, address, &new_passphrase(keys, name)?)?;
    tell(format_args!("wrote {}; keep a copy of it, and its passphrase", path.display()));
    Ok(writeln!(io::stdout(), "{address}")?)
}

fn generate() -> Result<Secret, Failure> {
    let mut secret = Secret::default();
    getrandom::fill(&mut secret[..])
        .map_err(|error| Failure::new(format!("The machine gives no random bytes: {error}."), "Try again."))?;
    Ok(secret)
}

fn read_secret() -> Result<Secret, Failure> {
    // As much as a key with blanks around it can be, and enough to tell that it is none.
    const LONGEST: u64 = 256;
    let text = if io::stdin().is_terminal() {
        ask("Private key: ")?
    } else {
        let mut text = Zeroizing::new(String::new());
        // What is no UTF-8 is no hex either.
        let _ = io::stdin().take(LONGEST).read_to_string(&mut text);
        text
    };
    let digits = text.trim();
    let mut secret = Secret::default();
    hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), &mut secret[..]).map_err(|_| {
        Failure::new(
            "This is no private key.",
            "A private key is 64 hex digits, with or without 0x, on standard input.",
        )
    })?;
    Ok(secret)
}

fn address(named: &Named) -> Result<(), Failure> {
    let file = find(&keystore(&named.keys)?, &named.name)?;
    let address = match file.address() {
        Some(address) => address,
        None => unlock(&named.keys, &named.name)?.address(),
    };
    Ok(writeln!(io::stdout(), "{address}")?)
}

fn list(keys: &config::Keys, as_json: bool) -> Result<(), Failure> {
    let keystore = keystore(keys)?;
    let names = keystore.names()?;
    let mut rows = Vec::new();
    for name in &names {
        match keystore.find(name) {
            Ok(Some(file)) => rows.push((name, file.address())),
            Ok(None) => {}
            Err(error) => tell(format_args!("warning: {error}")),
        }
    }
    let mut out = io::stdout().lock();
    if as_json {
        let rows: Vec<_> = rows.iter().map(|(name, address)| json!({ "name": name, "address": address })).collect();
        return Ok(writeln!(out, "{}", json!(rows))?);
    }
    if names.is_empty() {
        tell(format_args!("no keys in {}; make one: nexus keys new alice", keystore.folder().display()));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, address) in rows {
        let address = address.map_or_else(|| "(its file does not say its address)".to_owned(), |it| it.to_string());
        writeln!(out, "{name:width$}  {address}")?;
    }
    Ok(())
}
