//! Private keys in a folder, each in a file that a passphrase opens.
//!
//! The files are those of geth and of every wallet (Web3 Secret Storage, version 3), `NAME.json`, readable by their owner
//! only. Nothing in here asks anybody or makes a signature; a secret is wiped from memory when it is let go.

mod derive;
mod file;

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use self::file::{Fault, KeyFile};
use crate::address::Address;

/// A private key: 32 bytes, in range or not.
pub type Secret = Zeroizing<[u8; 32]>;

/// Why a key cannot be had or kept: what is wrong, and what to do.
#[derive(Debug)]
pub struct KeyError {
    pub message: String,
    pub hint: String,
}

impl KeyError {
    fn new(message: String, hint: impl Into<String>) -> Self {
        Self { message, hint: hint.into() }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.message, self.hint)
    }
}

impl std::error::Error for KeyError {}

/// A folder of keys, which need not be there yet.
#[derive(Clone, Debug)]
pub struct Keystore {
    folder: PathBuf,
}

impl Keystore {
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of the keys, in their order. Files that cannot be named keys are left alone.
    pub fn names(&self) -> Result<Vec<String>, KeyError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unreadable(&self.folder, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.unreadable(&self.folder, &error))?;
            let name = entry.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".json")).filter(|name| is_name(name));
            names.extend(name.filter(|_| entry.path().is_file()).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// The file of a key, still closed; none when there is no key of that name. Fails when it is there and cannot be read.
    pub fn find(&self, name: &str) -> Result<Option<KeyFile>, KeyError> {
        let path = self.path(name)?;
        // To read from a pipe is to wait for whoever writes.
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(KeyError::new(format!("{} is no file.", path.display()), "Remove it, or name another key."));
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unreadable(&path, &error)),
        };
        KeyFile::parse(&text).map(Some).map_err(|fault| {
            KeyError::new(
                format!("{} is no key file that can be used: {fault}.", path.display()),
                "Put a copy of it in its place, or remove it and import the key again.",
            )
        })
    }

    /// Fails when there is a key of that name already, or the name is none.
    pub fn check_free(&self, name: &str) -> Result<(), KeyError> {
        match self.path(name)?.symlink_metadata() {
            Ok(_) => Err(self.taken(name)),
            Err(_) => Ok(()),
        }
    }

    /// Keeps a key under a name that is free, on the disk when this returns; gives back the path of its file.
    pub fn add(&self, name: &str, secret: &Secret, address: Address, passphrase: &str) -> Result<PathBuf, KeyError> {
        self.check_free(name)?;
        let path = self.path(name)?;
        let fail = |error: &io::Error| {
            KeyError::new(format!("{} cannot be written: {error}.", path.display()), "Name another folder with --keys.")
        };
        let file = KeyFile::seal(secret, address, passphrase).map_err(|error| fail(&error))?;
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(|error| fail(&error))?;
        let mut writer = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(self.taken(name)),
            opened => opened.map_err(|error| fail(&error))?,
        };
        let write = writer.write_all(file.to_json().as_bytes()).and_then(|()| writer.sync_all());
        if let Err(error) = write.and_then(|()| File::open(&self.folder)?.sync_all()) {
            // It is ours and holds half a key at most.
            let _ = fs::remove_file(&path);
            return Err(fail(&error));
        }
        Ok(path)
    }

    /// What about the key or its folder lets others at it, each as a sentence with what to do.
    pub fn exposures(&self, name: &str) -> Vec<String> {
        let file = self.path(name).ok();
        let others = |path: &Path| {
            fs::metadata(path).ok().map(|metadata| metadata.mode() & 0o777).filter(|mode| mode & 0o077 != 0)
        };
        let exposed = |path: &Path, right: &str| {
            others(path).map(|mode| format!("{0} is open to others (mode {mode:o}); chmod {right} {0}", path.display()))
        };
        let of_file = file.as_deref().and_then(|path| exposed(path, "600"));
        of_file.into_iter().chain(exposed(&self.folder, "700")).collect()
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeyError> {
        if is_name(name) {
            return Ok(self.folder.join(format!("{name}.json")));
        }
        Err(KeyError::new(
            format!("{name:?} cannot be the name of a key."),
            "A name has up to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.",
        ))
    }

    fn taken(&self, name: &str) -> KeyError {
        KeyError::new(
            format!("There is a key {name} in {} already, and it is not overwritten.", self.folder.display()),
            "Take another name; or move the file away, if nobody needs that key any more.",
        )
    }

    #[expect(clippy::unused_self, reason = "it stands among its like")]
    fn unreadable(&self, path: &Path, error: &io::Error) -> KeyError {
        KeyError::new(format!("{} cannot be read: {error}.", path.display()), "Look at who may read it.")
    }
}

fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain)
}
