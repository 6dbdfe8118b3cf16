//! The libraries and the browser that people really have. `scripts/test` installs them.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::tool::{node, python, succeed};
use crate::common::{Binary, project};

/// Random keys create an identity, verify it and delete it; the script posts by Python's own HTTP client.
#[test]
fn eth_account_signs() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = succeed(python().arg(project("tests/wallets/eth_account_signs.py")).arg(&server.url));
    assert_eq!(said.trim(), "20 keys");
}

/// The same with ethers and Node's fetch.
#[test]
fn ethers_signs() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = succeed(node().arg(project("tests/wallets/ethers_signs.mjs")).arg(&server.url));
    assert_eq!(said.trim(), "20 keys");
}

/// A page of an allowed origin opens a native `EventSource`, signs with ethers, executes by fetch, and hears the result on
/// every tab; a page of another origin hears nothing.
#[test]
fn chromium_hears_the_result() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = succeed(node().arg(project("tests/wallets/browser.mjs")).arg(&server.url));
    let seen: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(seen["visitor"], json!([true, true]), "{said}");
    assert_eq!(seen["answer"]["status"], json!("success"), "{said}");
    for tab in seen["results"].as_array().unwrap() {
        assert_eq!(tab["command"], json!("/identity"), "{said}");
        assert_eq!(tab["run_id"], seen["answer"]["run_id"], "{said}");
        assert_eq!(tab["result"]["message"], seen["answer"]["message"], "{said}");
    }
    assert_eq!(seen["results"].as_array().unwrap().len(), 2);
    assert_eq!(seen["foreign"], json!({ "stream": "error", "fetch": "TypeError" }), "{said}");
}

/// A native `EventSource` that is cut off connects again by itself, and misses nothing.
#[test]
fn chromium_comes_back_and_hears_what_it_missed() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = succeed(node().arg(project("tests/wallets/reconnect.mjs")).arg(&server.url));
    let seen: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        seen["told"],
        json!(["/echo before", "/echo meanwhile", "/echo still meanwhile", "/echo after"]),
        "{said}"
    );
    assert_eq!(seen["recovered"], json!([false, true]), "{said}");
}
