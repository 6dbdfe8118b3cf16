//! From the name of a key to a signer: the file, the passphrase, and what is said when they do not fit.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::failure::{Failure, tell};
use crate::command::grammar::did_you_mean;
use crate::config::Keys;
use crate::keystore::{Fault, KeyFile, Keystore};
use crate::signing::signer::Signer;

/// The longest passphrase that a file may hold, in bytes.
const LONGEST: u64 = 4096;

/// The folder of the keys that these settings name.
pub(super) fn keystore(keys: &Keys) -> Result<Keystore, Failure> {
    let folder = keys.folder().ok_or_else(|| {
        Failure::usage("There is no home folder to keep keys in.", "Name a folder with --keys or NEXUS_KEYS.")
    })?;
    Ok(Keystore::new(folder))
}

/// The file of a key, still closed. Warns when others can read it.
pub(super) fn find(keystore: &Keystore, name: &str) -> Result<KeyFile, Failure> {
    let Some(file) = keystore.find(name)? else {
        let names = keystore.names()?;
        let nearest = did_you_mean(name, names.iter().map(String::as_str), "");
        let hint = match nearest {
            Some(nearest) => nearest,
            None if names.is_empty() => format!("There is none yet; make it: nexus keys new {name}"),
            None => "`nexus keys list` prints the names of all.".to_owned(),
        };
        return Err(Failure::new(format!("There is no key {name} in {}.", keystore.folder().display()), hint));
    };
    for exposure in keystore.exposures(name) {
        tell(format_args!("warning: {exposure}"));
    }
    Ok(file)
}

/// The key of this name, ready to sign.
pub(super) fn unlock(keys: &Keys, name: &str) -> Result<Signer, Failure> {
    let keystore = keystore(keys)?;
    let file = find(&keystore, name)?;
    let passphrase = match &keys.passphrase_file {
        Some(path) => from_file(path)?,
        None => ask(&format!("Passphrase of {name}: "))?,
    };
    let damaged = |why: &str| {
        let path = keystore.folder().join(format!("{name}.json"));
        Failure::new(
            format!("{} is no key file that can be used: {why}.", path.display()),
            "Put a copy of it in its place, or remove it and import the key again.",
        )
    };
    let secret = file.open(&passphrase).map_err(|fault| match fault {
        Fault::WrongPassphrase => Failure::new(
            format!("The passphrase does not open the key {name}."),
            "Try again; without its passphrase a key is lost.",
        ),
        Fault::Damaged(why) => damaged(&why),
    })?;
    let signer = Signer::new(&secret).ok_or_else(|| damaged("what it holds is no private key"))?;
    match file.address() {
        Some(claimed) if claimed != signer.address() => {
            Err(damaged(&format!("it says that it is the key of {claimed}, and holds the one of {}", signer.address())))
        }
        _ => Ok(signer),
    }
}

/// A passphrase for a new key: from the file, or asked for twice.
pub(super) fn new_passphrase(keys: &Keys, name: &str) -> Result<Zeroizing<String>, Failure> {
    let passphrase = if let Some(path) = &keys.passphrase_file {
        from_file(path)?
    } else {
        let passphrase = ask(&format!("New passphrase for {name}: "))?;
        if ask("The same again: ")? != passphrase {
            return Err(Failure::new("The two passphrases differ, so nothing was written.", "Try again."));
        }
        passphrase
    };
    if passphrase.is_empty() {
        return Err(Failure::new(
            "The passphrase is empty, and would protect nothing.",
            "Several words that nobody would guess are good, and easy to type.",
        ));
    }
    Ok(passphrase)
}

/// A line from the terminal, which does not show it.
pub(super) fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| {
        Failure::new(
            format!("There is no terminal to ask on: {error}."),
            "In a script, name a file whose first line is the passphrase with --passphrase-file.",
        )
    })
}

fn from_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    let read = File::open(path).and_then(|file| BufReader::new(file.take(LONGEST)).read_line(&mut line));
    read.map_err(|error| {
        Failure::new(
            format!("The passphrase file {} cannot be read: {error}.", path.display()),
            "Its first line is the passphrase.",
        )
    })?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line)
}
