//! JSON in its canonical form (RFC 8785), byte for byte as JavaScript writes it.

mod hostile;

use std::fs;

use nexus::error::Code;
use nexus::json::{canonical, parse};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::tool::{node, succeed};
use crate::common::{Server, project, vectors};

/// How many random numbers are compared, and how many random texts.
const NUMBERS: usize = 20_000;
const TEXTS: usize = 5_000;

/// Beyond the doubles, or no text at all.
const REFUSED: [&str; 11] = [
    "1e400",
    "-1e400",
    "1e309",
    "-1E+309",
    "1.7976931348623159e308",
    "1e99999999999999999999",
    "0.1e4000000000",
    "NaN",
    "Infinity",
    r#""\ud800""#,
    r#""\udc00\ud800""#,
];

fn rewritten(text: &str) -> String {
    let value = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    canonical(&value).unwrap()
}

#[test]
fn rfc_8785_vectors() {
    for case in vectors("rfc8785.json") {
        let written = match case["bits"].as_str() {
            None => rewritten(case["json"].as_str().unwrap()),
            Some(bits) => canonical(&Value::from(f64::from_bits(u64::from_str_radix(bits, 16).unwrap()))).unwrap(),
        };
        assert_eq!(written, case["canonical"].as_str().unwrap(), "{case}");
        assert_eq!(rewritten(&written), written, "{case}");
    }
}

/// What both read is the text, so that the reading of numbers and escapes is compared as well.
#[test]
fn javascript_writes_the_same() {
    let mut runner = TestRunner::default();
    let mut texts = hostile::NUMBERS.map(str::to_owned).to_vec();
    for (count, hostile) in [(NUMBERS, hostile::numbers().boxed()), (TEXTS, hostile::texts().boxed())] {
        texts.extend((0..count).map(|_| hostile.new_tree(&mut runner).unwrap().current()));
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("lines.json");
    fs::write(&file, texts.join("\n")).unwrap();
    let answer = succeed(node().arg(project("tests/vectors/make/lines.mjs")).arg(&file));
    let lines: Vec<_> = answer.split('\n').collect();
    assert_eq!(lines.len(), texts.len());
    for (text, line) in texts.iter().zip(lines) {
        assert_eq!(rewritten(text), line, "of {text:?}");
    }
}

/// JavaScript reads `1e400` as infinity, which it writes as `null`: nobody could know what was signed.
#[tokio::test]
async fn what_is_no_double_and_no_text_is_no_json() {
    let server = Server::start().await;
    for text in REFUSED {
        assert_eq!(parse(text.as_bytes()).unwrap_err().code, Code::MalformedJson, "{text}");
        let body = format!(r#"{{"command":"/kinds a b","args":{{"ratio":{text}}}}}"#);
        server.post(body).await.failure(400, "malformed_json");
    }
    assert_eq!(server.run("/ping").await.success(), "pong");
}

/// A whole number of any length is the double that is nearest to it.
#[test]
fn whole_numbers_are_doubles_too() {
    for (text, written) in [
        ("9007199254740993", "9007199254740992"),
        ("9007199254740995", "9007199254740996"),
        ("18446744073709551615", "18446744073709552000"),
        ("-9223372036854775809", "-9223372036854776000"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
    ] {
        assert_eq!(rewritten(text), written);
    }
}

#[test]
fn the_deepest_value_that_is_read_is_written() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(rewritten(&nested(127)), nested(127));
    assert_eq!(parse(nested(128).as_bytes()).unwrap_err().code, Code::MalformedJson);
    assert_eq!(canonical(&json!({})).unwrap(), "{}");
}
