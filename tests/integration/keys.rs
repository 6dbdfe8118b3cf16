//! `nexus keys`: files that every wallet reads, and what is said when one cannot be used.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::keyring::{PASSPHRASE, script, written_by_eth_account};
use crate::common::tool::{node, python, succeed};
use crate::common::{Keyring, alice, bob, project, vectors};

#[test]
fn a_new_key_is_one_to_eth_account_and_ethers_and_theirs_are_ours() {
    let keyring = Keyring::new();
    let (address, told) = keyring.succeed(&["keys", "new", "alice"]);
    assert!(told.contains("wrote keys/alice.json"), "{told}");
    let decrypt = "import json, sys\nfrom eth_account import Account\n\
                   print(Account.from_key(Account.decrypt(json.load(open(sys.argv[1])), sys.argv[2])).address)";
    assert_eq!(succeed(python().args(["-c", decrypt]).arg(keyring.path("alice")).arg(PASSPHRASE)), address);
    let ethers = project("tests/wallets/ethers_opens.mjs");
    let opened = succeed(node().arg(ethers).arg(keyring.path("alice")).arg(PASSPHRASE).arg(keyring.path("copy")));
    assert_eq!(opened.split_whitespace().next(), Some(address.trim()));
    hide_address(&keyring, "copy");
    assert_eq!(keyring.succeed(&["keys", "address", "copy"]).0, address);
}

/// Then it takes the passphrase to tell it.
fn hide_address(keyring: &Keyring, name: &str) {
    let mut file: Value = serde_json::from_str(&fs::read_to_string(keyring.path(name)).unwrap()).unwrap();
    file.as_object_mut().unwrap().remove("address").unwrap();
    keyring.put(name, &file.to_string());
}

#[test]
fn both_derivations_of_eth_account_open() {
    let keyring = Keyring::new();
    for (derivation, rounds) in [("scrypt", 1024), ("pbkdf2", 1000)] {
        keyring.put("alice", &written_by_eth_account(&alice(), derivation, rounds));
        hide_address(&keyring, "alice");
        assert_eq!(keyring.succeed(&["keys", "address", "alice"]).0.trim(), alice().address().to_string());
    }
}

#[test]
fn the_published_files_open() {
    let keyring = Keyring::new();
    for case in vectors("keystore.json") {
        fs::write(keyring.folder.path().join("passphrase"), case["passphrase"].as_str().unwrap()).unwrap();
        keyring.put("published", &case["file"].to_string());
        assert_eq!(keyring.succeed(&["keys", "address", "published"]).0.trim(), case["address"], "{}", case["name"]);
    }
}

#[test]
fn only_the_owner_can_read_what_is_made_and_nothing_is_overwritten() {
    let keyring = Keyring::new();
    fs::remove_dir(keyring.folder.path().join("keys")).unwrap();
    keyring.fed(&["keys", "import", "alice"], &alice().secret(), 0);
    let mode = |path: &str| fs::metadata(keyring.folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("keys"), mode("keys/alice.json")), (0o700, 0o600));
    let before = fs::read(keyring.path("alice")).unwrap();
    keyring.fail(&["keys", "new", "alice"], &["a key alice in keys already", "not overwritten"]);
    keyring.fail(&["keys", "import", "alice"], &["not overwritten"]);
    assert_eq!(fs::read(keyring.path("alice")).unwrap(), before);
    fs::set_permissions(keyring.path("alice"), fs::Permissions::from_mode(0o644)).unwrap();
    let (address, told) = keyring.succeed(&["keys", "address", "alice"]);
    assert_eq!(address.trim(), alice().address().to_string());
    assert!(told.contains("mode 644") && told.contains("chmod 600 keys/alice.json"), "{told}");
}

#[test]
fn what_is_no_file_is_no_key_and_nobody_waits_for_it() {
    let keyring = Keyring::of("alice", &alice());
    succeed(Command::new("mkfifo").arg(keyring.path("pipe")));
    fs::create_dir(keyring.path("folder")).unwrap();
    symlink("nowhere", keyring.path("dangling")).unwrap();
    let listed: Value = keyring.json(&["keys", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    keyring.fail(&["keys", "address", "pipe"], &["pipe.json is no file", "Remove it"]);
    keyring.fail(&["keys", "address", "dangling"], &["There is no key dangling"]);
}

#[test]
fn a_private_key_comes_from_standard_input_only() {
    let keyring = Keyring::new();
    let zero = "0".repeat(64);
    for wrong in ["", "0x", "not hex at all", &zero[1..], &format!("{zero}00"), &"ff".repeat(300)] {
        let told = keyring.fed(&["keys", "import", "alice"], wrong, 1).1;
        assert!(told.contains("64 hex digits"), "{told}");
    }
    assert!(keyring.fed(&["keys", "import", "alice"], &zero, 1).1.contains("no private key of secp256k1"));
    let output = refused(&mut keyring.nexus(&["keys", "import", "alice", &bob().secret()]));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(keyring.succeed(&["keys", "list", "--json"]).0.trim(), "[]");
    let bare = format!("  {}\n", bob().secret().trim_start_matches("0x").to_uppercase());
    assert_eq!(keyring.fed(&["keys", "import", "bob"], &bare, 0).0.trim(), bob().address().to_string());
}

#[test]
fn the_list_needs_no_passphrase_and_shows_a_damaged_file_as_such() {
    let keyring = Keyring::of("alice", &alice());
    keyring.put("bob", &written_by_eth_account(&bob(), "scrypt", 2));
    keyring.put("torn", "{\"version\": 3, ");
    keyring.put(".hidden", "no key");
    fs::remove_file(keyring.folder.path().join("passphrase")).unwrap();
    let (said, told) = keyring.succeed(&["keys", "list"]);
    assert_eq!(said, format!("alice  {}\nbob    {}\n", alice().address(), bob().address()));
    assert!(told.contains("keys/torn.json is no key file") && !told.contains("hidden"), "{told}");
    assert_eq!(
        keyring.json(&["keys", "list", "--json"]),
        json!([{ "name": "alice", "address": alice().address() }, { "name": "bob", "address": bob().address() }])
    );
    keyring.fail(&["keys", "address", "alise"], &["no key alise in keys", "Did you mean alice?"]);
    keyring.fail(&["keys", "address", "zebra"], &["nexus keys list"]);
    keyring.fail(&["keys", "address", "../alice"], &["cannot be the name of a key"]);
}

#[test]
fn what_does_not_open_says_why() {
    let keyring = Keyring::of("alice", &alice());
    hide_address(&keyring, "alice");
    let address = ["keys", "address", "alice"];
    let passphrase = keyring.folder.path().join("passphrase");
    fs::write(&passphrase, "another one").unwrap();
    keyring.fail(&address, &["The passphrase does not open the key alice"]);
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let whole: Value = serde_json::from_str(&fs::read_to_string(keyring.path("alice")).unwrap()).unwrap();
    for (pointer, value, expected) in [
        ("/version", json!(1), "version is not 3"),
        ("/crypto/cipher", json!("aes-128-cbc"), "cipher is not aes-128-ctr"),
        ("/crypto/ciphertext", json!("00"), "wrong length"),
        ("/crypto/mac", json!("xyz"), "this is no hex"),
        ("/crypto/kdf", json!("argon2"), "argon2"),
        ("/crypto/kdfparams/n", json!(3), "kdfparams are out of range"),
        ("/crypto/kdfparams/n", json!(1_u64 << 40), "kdfparams are out of range"),
        ("/crypto/kdfparams/r", json!(u32::MAX), "kdfparams are out of range"),
        ("/crypto/kdfparams/dklen", json!(16), "dklen"),
    ] {
        let mut torn = whole.clone();
        *torn.pointer_mut(pointer).unwrap() = value;
        keyring.put("alice", &torn.to_string());
        keyring.fail(&address, &["keys/alice.json is no key file that can be used", expected]);
    }
    fs::remove_file(passphrase).unwrap();
    keyring.put("alice", &whole.to_string());
    keyring.fail(&address, &["The passphrase file passphrase cannot be read"]);
}

#[test]
fn without_a_passphrase_nothing_is_made() {
    let keyring = Keyring::new();
    fs::write(keyring.folder.path().join("passphrase"), "\n").unwrap();
    keyring.fail(&["keys", "new", "alice"], &["The passphrase is empty"]);
    let told = Keyring::expect(nexus(keyring.folder.path()).args(["keys", "list"]), 2).1;
    assert!(told.contains("NEXUS_KEYS"), "{told}");
    let told = Keyring::expect(nexus(keyring.folder.path()).env("HOME", "/h").args(["keys", "list"]), 0).1;
    assert!(told.contains("no keys in /h/.local/share/nexus/keys"), "{told}");
}

/// On a terminal of its own, where nothing of what is typed appears.
#[test]
fn a_passphrase_is_asked_for_twice_and_not_shown() {
    let folder = TempDir::new().unwrap();
    let typed = |lines: &str, words: &[&str], code| {
        let mut script = script("asked.py");
        script.arg(lines).arg(env!("CARGO_BIN_EXE_nexus")).args(words).args(["--keys", "keys"]);
        let shown = Keyring::expect(script.current_dir(folder.path()), code).0;
        assert!(!shown.contains(PASSPHRASE) && !shown.contains("a1a1"), "{shown}");
        shown
    };
    let shown = typed(&format!("{PASSPHRASE}\nanother"), &["keys", "new", "alice"], 1);
    assert!(shown.contains("The two passphrases differ"), "{shown}");
    let lines = format!("{}\n{PASSPHRASE}\n{PASSPHRASE}", alice().secret());
    let shown = typed(&lines, &["keys", "import", "alice"], 0);
    assert!(shown.contains("Private key: ") && shown.contains(&alice().address().to_string()), "{shown}");
}
