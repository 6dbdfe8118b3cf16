//! How commands are said.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use nexus::command::Registry;
use nexus::command::grammar::Spoken;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::Server;
use crate::common::random::any_json;

/// The arguments that `/kinds` was run with.
async fn kinds(server: &Server, words: &str, args: Value) -> Value {
    let reply = server.run_with(&format!("/kinds {words}"), args).await;
    reply.success();
    reply.at("/data")
}

async fn check(words: &str, expected: Value) {
    let server = Server::start().await;
    assert_eq!(kinds(&server, words, Value::Null).await, full(expected), "{words}");
}

/// With what is there by default.
fn full(mut given: Value) -> Value {
    let object = given.as_object_mut().unwrap();
    for (name, default) in [("first", json!("a")), ("rest", json!("b")), ("dry_run", json!(false)), ("tag", json!([]))]
    {
        object.entry(name).or_insert(default);
    }
    given
}

#[tokio::test]
async fn words_fill_the_required_arguments_and_the_last_text_takes_the_rest() {
    check("a b", json!({})).await;
    check("a b c  d", json!({ "rest": "b c d" })).await;
    check("a 'b  c' d", json!({ "rest": "b  c d" })).await;
    check("'x y' b", json!({ "first": "x y" })).await;
}

#[tokio::test]
async fn arguments_are_named_in_every_way() {
    check("a b --count 3", json!({ "count": 3 })).await;
    check("--count=3 a b", json!({ "count": 3 })).await;
    check("a count:3 b", json!({ "count": 3 })).await;
    check("--first x b", json!({ "first": "x" })).await;
    check("b --first x", json!({ "first": "x" })).await;
    check("a b --ratio -0.5", json!({ "ratio": -0.5 })).await;
    check("a b --ratio 1e3", json!({ "ratio": 1000.0 })).await;
    check("a b --ratio 1e300", json!({ "ratio": 1e300 })).await;
    check("a b --colour green", json!({ "colour": "green" })).await;
    check("a --rest=x=y", json!({ "rest": "x=y" })).await;
    check("a --rest='b c'", json!({ "rest": "b c" })).await;
}

#[tokio::test]
async fn switches_are_on_off_or_spelled_out() {
    check("a b --dry-run", json!({ "dry_run": true })).await;
    check("a b --dry_run", json!({ "dry_run": true })).await;
    check("a b --no-dry-run", json!({})).await;
    check("a b --dry-run=true", json!({ "dry_run": true })).await;
    check("a b dry-run:true", json!({ "dry_run": true })).await;
    check("a --dry-run b", json!({ "dry_run": true })).await;
}

#[tokio::test]
async fn a_list_may_be_given_again() {
    check("a b --tag x --tag y tag:z", json!({ "tag": ["x", "y", "z"] })).await;
}

#[tokio::test]
async fn a_word_is_the_whole_number_that_it_is_in_json() {
    for word in ["3", "+3", "3.0", "30e-1", "0.3e1"] {
        check(&format!("a b --count {word}"), json!({ "count": 3 })).await;
    }
    let server = Server::start().await;
    for word in ["3.5", "3.", ".0", "0x3", "' 3.0'", "3.0x", "1e999", "NaN", "256.0", "-1.0", "2.56e2"] {
        let reply = server.run(&format!("/kinds a b --count {word}")).await;
        reply.failure(422, "invalid_arguments").message("must be a whole number");
    }
}

#[tokio::test]
async fn what_only_looks_like_an_argument_is_a_value() {
    check("a -5", json!({ "rest": "-5" })).await;
    check("a http://x", json!({ "rest": "http://x" })).await;
    check("a 'count:3'", json!({ "rest": "count:3" })).await;
    check("a count\\:3", json!({ "rest": "count:3" })).await;
    check("a -- --count 3", json!({ "rest": "--count 3" })).await;
    check("a '--count' 3", json!({ "rest": "--count 3" })).await;
    check("a - b", json!({ "rest": "- b" })).await;
    check("a count:'3'", json!({ "rest": "count:3" })).await;
    check("a b\\ ", json!({ "rest": "b " })).await;
    check("a b\u{a0}", json!({ "rest": "b\u{a0}" })).await;
    check("a other:3", json!({ "rest": "other:3" })).await;
}

#[tokio::test]
async fn an_array_continues_the_words_and_an_object_is_typed() {
    let server = Server::start().await;
    assert_eq!(kinds(&server, "a", json!(["b", "c d"])).await, full(json!({ "rest": "b c d" })));
    assert_eq!(kinds(&server, "a", json!(["b", "--count", 3])).await, full(json!({ "count": 3 })));
    assert_eq!(kinds(&server, "a b", json!(["count:3", true])).await, full(json!({ "rest": "b true", "count": 3 })));
    assert_eq!(kinds(&server, "", json!(["a", "it's"])).await, full(json!({ "rest": "it's" })));
    assert_eq!(
        kinds(&server, "a b", json!({ "count": 3.0, "tag": ["x"] })).await,
        full(json!({ "count": 3, "tag": ["x"] }))
    );
    assert_eq!(kinds(&server, "a", json!({ "rest": "--count\n3" })).await, full(json!({ "rest": "--count\n3" })));
    assert_eq!(kinds(&server, "a b", json!({ "count": null })).await, full(json!({})));
}

#[tokio::test]
async fn an_array_may_name_the_subcommand() {
    let server = Server::start().await;
    let reply = server.run_with("/identity", json!(["delete"])).await;
    reply.failure(401, "signature_required").message("/identity/delete");
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::discover().unwrap());

fn parse_all(text: &str, args: Option<Value>) {
    if let Ok(mut spoken) = Spoken::parse(text, args)
        && let Ok(form) = REGISTRY.resolve(&mut spoken)
    {
        let _ = form.build(spoken.words, spoken.typed);
    }
}

/// What may stand for a word, a number or an option.
fn words() -> impl Strategy<Value = Value> {
    prop_oneof![
        "--?(no-)?(first|count|dry-run|tag)(=[ -~]{0,3})?".prop_map(Value::from),
        (-10_i64..10).prop_map(Value::from),
        "[-+0-9.eE]{1,6}".prop_map(Value::from),
    ]
}

proptest! {
    /// Whatever the text, the parser ends without a panic.
    #[test]
    fn no_text_panics(text: String, tail in "[ -~]{0,60}") {
        parse_all(&text, None);
        for name in ["kinds", "echo", "identity", "misbehave"] {
            parse_all(&format!("/{name} {tail}"), None);
            parse_all(&format!("/{name} {text}"), Some(json!([tail])));
        }
    }

    /// Whatever the bytes of a body, it is read without a panic.
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = nexus::json::parse(&bytes);
        parse_all(&String::from_utf8_lossy(&bytes), None);
    }

    /// Whatever `args` holds, it is read without a panic.
    #[test]
    fn no_args_panic(args in any_json(words().boxed(), &["first", "rest", "count", "ratio", "tag", "colour", "text", "times"])) {
        for name in ["kinds", "echo", "identity", "misbehave"] {
            parse_all(&format!("/{name}"), Some(args.clone()));
        }
    }

    /// A text that is quoted comes through as it is.
    #[test]
    fn a_quoted_text_comes_through(text in "[^\\p{Cc}\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}']{1,80}") {
        let spoken = Spoken::parse(&format!("/echo '{text}'"), None).unwrap();
        prop_assert_eq!(spoken.words.len(), 1);
        prop_assert_eq!(spoken.words[0].text(), text);
    }
}

/// A hundred times the input takes about a hundred times as long, where a quadratic parser takes ten thousand times: the
/// worst of each kind of text, the best of several tries, and a bound that is far from both.
#[test]
fn the_worst_text_takes_linear_time() {
    let time = |text: &str, args: &Value| {
        let once = || {
            let start = Instant::now();
            parse_all(text, Some(args.clone()));
            start.elapsed()
        };
        std::iter::repeat_with(once).take(20).min().unwrap()
    };
    for unit in ["a ", "--", "'a'", "a:", "\\a", "-x ", "--tag x ", "count:1 ", "--nearly-count ", "tag:a "] {
        let one_word = |length: usize| json!([unit.repeat(length / unit.len()), "x"]);
        let many_words = |length: usize| Value::Array(vec![json!(unit.trim()); length / unit.len()]);
        for (short, long) in [(one_word(400), one_word(40_000)), (many_words(400), many_words(40_000))] {
            let (short, long) = (time("/kinds", &short), time("/kinds", &long));
            assert!(long < short * 1500 + Duration::from_millis(5), "{unit:?}: {short:?} to {long:?}");
        }
        let text = |length: usize| format!("/kinds {}", unit.repeat(length / unit.len()));
        let (short, long) = (time(&text(40), &Value::Null), time(&text(4_000), &Value::Null));
        assert!(long < short * 1500 + Duration::from_millis(5), "{unit:?}: {short:?} to {long:?}");
    }
}
