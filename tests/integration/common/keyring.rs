//! A folder of keys and a passphrase, and the program that uses them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::binary::{nexus, refused};
use super::tool::{python, succeed};
use super::{Wallet, project};

pub const PASSPHRASE: &str = "correct horse battery staple";

pub struct Keyring {
    pub folder: TempDir,
}

impl Keyring {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("passphrase"), format!("{PASSPHRASE}\nand a line that is none of it\n")).unwrap();
        fs::DirBuilder::new().mode(0o700).create(folder.path().join("keys")).unwrap();
        Self { folder }
    }

    /// With the key of a wallet, as eth-account writes it when it is told not to be slow.
    pub fn of(name: &str, wallet: &Wallet) -> Self {
        let keyring = Self::new();
        keyring.put(name, &written_by_eth_account(wallet, "scrypt", 2));
        keyring
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("keys/{name}.json"))
    }

    /// Puts a file in, which its owner alone can read.
    pub fn put(&self, name: &str, text: &str) {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// The program, with this folder and this passphrase.
    pub fn nexus(&self, words: &[&str]) -> Command {
        let mut command = nexus(self.folder.path());
        command.args(words).env("NEXUS_KEYS", "keys").env("NEXUS_PASSPHRASE_FILE", "passphrase");
        command
    }

    /// Runs it to its end, which must be a success; what it printed, and what it told.
    #[track_caller]
    pub fn succeed(&self, words: &[&str]) -> (String, String) {
        Self::expect(&mut self.nexus(words), 0)
    }

    /// Runs it to its end, which must be a failure that is told in these words.
    #[track_caller]
    pub fn fail(&self, words: &[&str], expected: &[&str]) {
        let (said, told) = Self::expect(&mut self.nexus(words), 1);
        assert_eq!(said, "");
        for expected in expected {
            assert!(told.contains(expected), "{expected:?} is not in {told}");
        }
    }

    #[track_caller]
    pub fn expect(command: &mut Command, code: i32) -> (String, String) {
        let Output { status, stdout, stderr } = refused(command);
        let (said, told) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(code), "{command:?}\n{said}\n{told}");
        (said, told)
    }

    /// The same with something on standard input.
    #[track_caller]
    pub fn fed(&self, words: &[&str], input: &str, code: i32) -> (String, String) {
        let file = self.folder.path().join("input");
        fs::write(&file, input).unwrap();
        Self::expect(self.nexus(words).stdin(Stdio::from(fs::File::open(file).unwrap())), code)
    }

    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.succeed(words).0).unwrap()
    }
}

/// A key file, which opens by [`PASSPHRASE`].
pub fn written_by_eth_account(wallet: &Wallet, derivation: &str, rounds: u32) -> String {
    let script = "import json, sys\nfrom eth_account import Account\n\
                  print(json.dumps(Account.encrypt(*sys.argv[1:3], kdf=sys.argv[3], iterations=int(sys.argv[4]))))";
    let rounds = rounds.to_string();
    succeed(python().args(["-c", script, &wallet.secret(), PASSPHRASE, derivation, &rounds]))
}

/// A script of `tests/wallets` for Python.
pub fn script(name: &str) -> Command {
    let mut python = python();
    python.arg(project("tests/wallets").join(name));
    python
}
