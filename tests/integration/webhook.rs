//! Calls to somebody else's server: what is sent, what is made of each answer, and where no call goes.

use std::future::ready;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use nexus::clock::Clock;
use nexus::error::Error;
use nexus::webhook::{Answer, Lookup, Patience, Secret, Webhooks, by_the_system};
use serde_json::json;
use uuid::Uuid;

use crate::common::Server;
use crate::common::hook::{Hook, Say};
use crate::common::tool::{python, succeed};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TIME: Duration = Duration::from_mins(1);
const BRISK: Patience = Patience { pause: Duration::from_millis(1), attempt: Duration::from_secs(10), attempts: 4 };
const HASTY: Patience = Patience { attempt: Duration::from_millis(200), attempts: 2, ..BRISK };

fn webhooks(allow: &str, lookup: Lookup, patience: Patience) -> Webhooks {
    Webhooks::with(allow.parse().unwrap(), lookup, patience, Clock::default())
}

async fn call(webhooks: &Webhooks, url: &str) -> Result<Answer, Error> {
    call_as(webhooks, url, Uuid::now_v7(), TIME).await
}

async fn call_as(webhooks: &Webhooks, url: &str, id: Uuid, time: Duration) -> Result<Answer, Error> {
    let (target, secret) = (webhooks.target(url).unwrap(), Secret::parse(SECRET).unwrap());
    webhooks.call(&target, Some(&secret), id, Bytes::from_static(br#"{"command":"/hook"}"#), time).await
}

/// Calls one that behaves so, and that is allowed.
async fn called(says: &[Say], patience: Patience) -> (Result<Answer, Error>, Hook) {
    let hook = Hook::start(says).await;
    let answer = call(&webhooks("127.0.0.1", by_the_system(), patience), &hook.url()).await;
    (answer, hook)
}

/// Expects that one that behaves so is no success after so many attempts.
async fn fails(says: &[Say], patience: Patience, message: &str, attempts: usize) {
    let (answer, hook) = called(says, patience).await;
    refused(answer, message);
    assert_eq!(hook.heard().len(), attempts, "{message}");
}

#[track_caller]
fn refused(answer: Result<Answer, Error>, message: &str) {
    let error = answer.unwrap_err();
    assert_eq!(error.code.as_str(), "webhook_failed", "{error:?}");
    assert!(error.message.contains(message), "{message:?} is not said in {error:?}");
    for internal in ["127.0.0", "169.254", "hook", "html", "example"] {
        let told = format!("{} {}", error.message, error.hint.as_deref().unwrap()).replace("webhook", "");
        assert!(!told.contains(internal), "{told}");
    }
}

/// Knows names by the end of them, and counts how often it is asked.
fn lookup(answers: &'static [&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_| {
        let time = count.fetch_add(1, Ordering::Relaxed);
        let addresses = answers[time.min(answers.len() - 1)].iter().map(|address| address.parse().unwrap());
        ready(Ok(addresses.collect::<Vec<IpAddr>>())).boxed()
    });
    (lookup, asked)
}

/// Verifies each request with the library that Standard Webhooks publishes, and that it refuses another body.
const VERIFIES: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
secret, requests = sys.argv[1], json.loads(sys.argv[2])
for request in requests:
    Webhook(secret).verify(request['body'], request['headers'])
    try:
        Webhook(secret).verify(request['body'] + ' ', request['headers'])
    except WebhookVerificationError:
        print(request['headers']['webhook-id'])
";

#[tokio::test]
async fn each_attempt_is_signed_anew_under_the_same_id() {
    let id = Uuid::now_v7();
    let hook =
        Hook::start(&[Say::status(500), Say::status(429), Say::json(r#"{"message": "Sent.", "data": [1]}"#)]).await;
    let webhooks = webhooks("127.0.0.1", by_the_system(), BRISK);
    let answer = call_as(&webhooks, &hook.url(), id, TIME).await.unwrap();
    assert_eq!((&*answer.message, answer.data.unwrap().get()), ("Sent.", "[1]"));
    let heard = hook.heard();
    let requests: Vec<_> = heard.iter().map(|heard| json!({ "headers": heard.headers, "body": heard.body })).collect();
    let ids = succeed(python().args(["-c", VERIFIES, SECRET, &json!(requests).to_string()]));
    assert_eq!(ids.lines().collect::<Vec<_>>(), [&id.to_string(); 3]);
}

#[tokio::test]
async fn a_request_says_what_it_is_and_asks_for_nothing_compressed() {
    let (answer, hook) = called(&[Say::json("{}")], BRISK).await;
    answer.unwrap();
    let [heard] = &hook.heard()[..] else { panic!("one request") };
    assert_eq!((&*heard.line, &*heard.body), ("POST /hook HTTP/1.1", r#"{"command":"/hook"}"#));
    assert_eq!(heard.headers["content-type"], "application/json");
    assert!(heard.headers["user-agent"].starts_with("nexus/") && !heard.headers.contains_key("accept-encoding"));
}

#[tokio::test]
async fn without_a_secret_nothing_is_signed() {
    let hook = Hook::start(&[Say::status(204)]).await;
    let webhooks = webhooks("127.0.0.1", by_the_system(), BRISK);
    let target = webhooks.target(&hook.url()).unwrap();
    let answer = webhooks.call(&target, None, Uuid::now_v7(), Bytes::new(), TIME).await.unwrap();
    assert_eq!((&*answer.message, answer.data.is_none()), ("Done.", true));
    let headers = &hook.heard()[0].headers;
    assert!(headers.contains_key("webhook-id") && !headers.contains_key("webhook-signature"));
}

#[tokio::test]
async fn a_refusal_of_its_own_is_told_in_its_words() {
    let (answer, _hook) =
        called(&[Say::json(r#"{"status": "error", "message": "No.", "hint": "Later."}"#)], BRISK).await;
    let error = answer.unwrap_err();
    assert_eq!(
        (error.code.as_str(), &*error.message, error.hint.as_deref()),
        ("command_failed", "No.", Some("Later."))
    );
}

#[tokio::test]
async fn what_may_pass_is_tried_four_times() {
    fails(&[Say::status(503)], BRISK, "status 503", 4).await;
    fails(&[Say::status(429)], BRISK, "status 429", 4).await;
    fails(&[Say::Bytes(b"")], BRISK, "could not be reached", 4).await;
    let truncated = Say::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}");
    fails(&[truncated], BRISK, "could not be reached", 4).await;
}

#[tokio::test]
async fn one_that_hangs_or_drips_is_left() {
    for say in [Say::Hang, Say::Drip] {
        let hook = Hook::start(&[say]).await;
        let webhooks = webhooks("127.0.0.1", by_the_system(), HASTY);
        refused(call_as(&webhooks, &hook.url(), Uuid::now_v7(), Duration::from_secs(1)).await, "in time");
        assert!(hook.heard().len() <= 2);
    }
}

#[tokio::test]
async fn what_will_not_pass_is_tried_once() {
    let html = Say::Answer(200, "content-type: text/html\r\n", "<html>It works</html>".into());
    fails(&[html], BRISK, "not JSON", 1).await;
    fails(&[Say::json(r#"{"message": "a", "message": "b"}"#)], BRISK, "not JSON", 1).await;
    fails(&[Say::Answer(200, "content-encoding: gzip\r\n", b"\x1f\x8b\x08\x00".to_vec())], BRISK, "not JSON", 1).await;
    fails(&[Say::json("[1]")], BRISK, "shape", 1).await;
    let nested = format!(r#"{{"data": {}{}}}"#, "[".repeat(101), "]".repeat(101));
    fails(&[Say::json(&nested)], BRISK, "deeper than 100 levels", 1).await;
    fails(&[Say::Answer(200, "", vec![b' '; 10 << 20])], BRISK, "256 KiB", 1).await;
    fails(&[Say::status(404)], BRISK, "status 404", 1).await;
    fails(&[Say::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n")], BRISK, "not in HTTP", 1).await;
    let fields = "x-field: 1\r\n".repeat(101).leak();
    fails(&[Say::Answer(200, fields, b"{}".to_vec())], BRISK, "more than 100 header fields", 1).await;
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let metadata = Say::Answer(302, "location: http://169.254.169.254/latest/meta-data/\r\n", Vec::new());
    fails(&[metadata, Say::json("{}")], BRISK, "redirects", 1).await;
    let itself = Say::Answer(307, "location: /hook\r\n", Vec::new());
    fails(&[itself, Say::json("{}")], BRISK, "redirects", 1).await;
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_kept_or_nothing_is_tried_again() {
    fails(&[Say::Answer(503, "retry-after: 3600\r\n", Vec::new())], BRISK, "status 503", 1).await;
    let tomorrow = "retry-after: Wed, 31 Dec 2200 23:59:59 GMT\r\n";
    fails(&[Say::Answer(429, tomorrow, Vec::new())], BRISK, "status 429", 1).await;
    let past = "retry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n";
    fails(&[Say::Answer(429, past, Vec::new())], BRISK, "status 429", 4).await;
}

#[tokio::test]
async fn no_attempt_begins_when_the_time_is_up() {
    let hook = Hook::start(&[Say::Hang]).await;
    let webhooks = webhooks("127.0.0.1", by_the_system(), BRISK);
    refused(call_as(&webhooks, &hook.url(), Uuid::now_v7(), Duration::from_millis(200)).await, "in time");
    assert!(hook.heard().len() <= 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_hangs_up() {
    let mut hook = Hook::start(&[Say::Hang]).await;
    let webhooks = webhooks("127.0.0.1", by_the_system(), BRISK);
    let url = hook.url();
    tokio::select! {
        answer = call(&webhooks, &url) => panic!("{answer:?}"),
        () = hook.connected(1) => {}
    }
    hook.left(1).await;
}

#[tokio::test]
async fn nobody_there_is_told_as_such() {
    let port = Hook::start(&[Say::Hang]).await.port;
    let (nobody, asked) = lookup(&[&["127.0.0.3"]]);
    let url = format!("http://example:{port}/");
    refused(call(&webhooks("example", nobody, BRISK), &url).await, "could not be reached");
    assert_eq!(asked.load(Ordering::Relaxed), 4);
    let unknown: Lookup = Arc::new(|_| ready(Err(io::Error::from(io::ErrorKind::NotFound))).boxed());
    refused(call(&webhooks("", unknown, BRISK), "https://example.com/").await, "could not be reached");
    refused(call(&webhooks("", lookup(&[&[]]).0, BRISK), "https://example.com/").await, "could not be reached");
}

#[tokio::test]
async fn a_name_with_an_address_that_is_not_public_is_not_called() {
    const NAMES: &[&[&str]] = &[
        &["127.0.0.1"],
        &["169.254.169.254"],
        &["::ffff:127.0.0.1"],
        &["::1"],
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
        &["2606:4700::1111", "fd00:ec2::254"],
    ];
    let hook = Hook::start(&[Say::json("{}")]).await;
    for place in 0..NAMES.len() {
        let (lookup, asked) = lookup(&NAMES[place..=place]);
        let url = format!("https://example.com:{}/", hook.port);
        refused(call(&webhooks("", lookup, BRISK), &url).await, "does not call");
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{:?}", NAMES[place]);
    }
    assert_eq!(hook.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_checked_for_every_connection() {
    let hook = Hook::start(&[Say::Hang]).await;
    let other = Hook::at(&format!("127.0.0.2:{}", hook.port), &[Say::json("{}")]).await;
    let (lookup, asked) = lookup(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let webhooks = webhooks("127.0.0.1/32", lookup, BRISK);
    // What stands there does not speak TLS and hangs up at once, which may pass; by then the name is another.
    refused(call(&webhooks, &format!("https://example.com:{}/", hook.port)).await, "does not call");
    assert_eq!((hook.connections(), other.connections(), asked.load(Ordering::Relaxed)), (1, 0, 2));
}

#[tokio::test]
async fn what_does_not_speak_tls_is_not_trusted() {
    let plain = Server::start().await;
    let url = plain.url.replace("http://", "https://");
    refused(call(&webhooks("127.0.0.1", by_the_system(), BRISK), &url).await, "could not be trusted");
}
