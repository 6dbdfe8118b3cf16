//! Commands on the terminal, run by a server that is called.

use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::middleman::{Manner, middleman, replying};
use crate::common::started::Started;
use crate::common::{Binary, Keyring, Reply, Server, Stream, alice};

/// A server, and the key of alice.
struct Scene {
    keyring: Keyring,
    _folder: TempDir,
    server: Binary,
}

impl Scene {
    fn new(flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let server = Binary::start(&folder, flags);
        Self { keyring: Keyring::of("alice", &alice()), _folder: folder, server }
    }

    /// The words, and with them where the server is and who asks.
    fn signed<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [words, &["--key", "alice", "--server", &self.server.url]].concat()
    }

    /// What alice has run there.
    async fn runs(&self) -> Value {
        let target = "/api/v1/runs";
        let request = reqwest::Client::new().get(format!("{}{target}", self.server.url));
        Reply::of(request.header("authorization", alice().authorization(&format!("GET {target}")))).await.at("/runs")
    }
}

#[test]
fn a_command_of_nobody_is_asked_for_and_answered() {
    let scene = Scene::new(&[]);
    let server = ["--server", &scene.server.url];
    assert_eq!(
        scene.keyring.succeed(&["echo", "ho", "ho", server[0], server[1]]),
        ("ho ho\n".to_owned(), String::new())
    );
    scene.keyring.fail(&["whoami", server[0], server[1]], &["required", "--key NAME"]);
    let answer = scene.keyring.json(&["echo", "ho", "--json", server[0], server[1]]);
    assert_eq!(answer["data"]["lines"], json!(["ho"]));
    scene.keyring.fail(&["ping", "--server", "http://127.0.0.1:9"], &["No answer from http://127.0.0.1:9"]);
    let mut by_variable = scene.keyring.nexus(&["ping"]);
    Keyring::expect(by_variable.env("NEXUS_SERVER", "http://127.0.0.1:9"), 1);
}

#[tokio::test]
async fn a_signed_command_is_followed_from_its_beginning_to_its_end() {
    let scene = Scene::new(&[]);
    let (said, told) = scene.keyring.succeed(&scene.signed(&["countdown", "2"]));
    assert_eq!(said, "Lift-off after 2 s.\n");
    assert!(told.starts_with("nexus: 0 of 2 s  2 s to go\nnexus: 1 of 2 s  1 s to go\n"), "{told}");
    let answer = scene.keyring.json(&scene.signed(&["whoami", "--json"]));
    let runs = scene.runs().await;
    assert_eq!((&runs[0]["run_id"], &runs[1]["command"]), (&answer["run_id"], &json!("/countdown")));
    assert_eq!(runs[1]["status"], "success");
    assert!(!scene.keyring.folder.path().join("data").exists(), "nothing is kept here");
}

#[tokio::test]
async fn an_interrupt_cancels_the_run_on_the_server() {
    let scene = Scene::new(&[]);
    let running = Started::new(&mut scene.keyring.nexus(&scene.signed(&["countdown", "600"])));
    running.wait_for("600 s to go");
    assert_eq!(scene.runs().await[0]["status"], "pending");
    running.signal("-INT");
    let ended = running.end();
    assert_eq!((ended.code, ended.said.as_str()), (Some(130), ""), "{}", ended.told);
    let runs = scene.runs().await;
    assert_eq!((&runs[0]["status"], &runs[0]["result"]["code"]), (&json!("error"), &json!("cancelled")));
}

#[tokio::test]
async fn where_there_is_no_stream_the_run_is_asked_for_its_result() {
    let scene = Scene::new(&["--max-streams-per-key", "1"]);
    let stream = format!("{}/api/v1/stream/{}", scene.server.url, alice().address());
    let _only = Stream::open(&reqwest::Client::new(), &stream).await;
    let (said, told) = scene.keyring.succeed(&scene.signed(&["countdown", "1"]));
    assert_eq!((said.as_str(), told.as_str()), ("Lift-off after 1 s.\n", ""));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_may_be_the_end_and_the_run_is_asked_for_it() {
    let scene = Scene::new(&[]);
    let through = middleman(&scene.server.url, Manner::Garbling);
    let words = ["countdown", "1", "--key", "alice", "--server", &through, "--audience", &scene.server.url];
    assert_eq!(scene.keyring.succeed(&words), ("Lift-off after 1 s.\n".to_owned(), String::new()));
    assert_eq!(scene.runs().await[0]["status"], "success");
}

/// What a server answers that has `/wait` and never runs it to its end, as long as nothing comes through `end`.
fn never_answering(request: &str, end: &Receiver<()>) -> String {
    if request.starts_with("POST ") {
        // Only the end of the test comes.
        let _ = end.recv();
    }
    let wait = json!({ "name": "wait", "description": "Waits.", "examples": ["/wait"], "timeout": 0.1 }).to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{wait}", wait.len())
}

#[test]
fn what_nobody_signs_is_waited_for_as_long_as_the_command_may_take_and_somewhat_longer() {
    let (_end, end) = channel();
    let server = replying(move |request, _| never_answering(request, &end));
    let running = Started::new(&mut Keyring::new().nexus(&["wait", "--server", &server]));
    running.wait_for(&format!("No answer from {server}: operation timed out"));
    let ended = running.end();
    assert_eq!((ended.code, ended.said.as_str()), (Some(1), ""), "{}", ended.told);
}

/// Runs the program while a server of this process answers it.
async fn called(server: &Server, words: &[&str], code: i32) -> (String, String) {
    let mut program = Keyring::new().nexus(words);
    program.current_dir("/").env("NEXUS_SERVER", &server.url);
    tokio::task::spawn_blocking(move || Keyring::expect(&mut program, code)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_are_those_of_the_server() {
    let server = Server::start().await;
    assert_eq!(called(&server, &["natter", "3"], 0).await.0, "told 3 times\n");
    let (said, told) = called(&server, &["misbehave", "not-at-all", "x"], 0).await;
    assert_eq!(said, "well behaved\n");
    assert!(told.contains("/misbehave is deprecated"), "{told}");
    let words = ["kinds", "a", "b", "c", "--dry-run", "--tag", "x", "--tag", "y", "--colour", "red", "--json"];
    let taken: Value = serde_json::from_str(&called(&server, &words, 0).await.0).unwrap();
    let expected = json!({ "first": "a", "rest": "b c", "dry_run": true, "colour": "red", "tag": ["x", "y"] });
    assert_eq!(taken["data"], expected);
    let (_, told) = called(&server, &["kinds", "a", "b", "--count", "256"], 2).await;
    assert!(told.contains("must be a whole number from 0 to 255"), "{told}");
    let (said, _) = called(&server, &["club", "door"], 0).await;
    assert_eq!(said, "welcome to the door\n");
    let (_, told) = called(&server, &["nattre"], 2).await;
    assert!(told.contains("unrecognized subcommand 'nattre'"), "{told}");
}

/// A server whose only command this is, and which answers with what it was sent.
fn with_command(name: &'static str, parameters: Value) -> String {
    let definition = json!({
        "name": name, "description": "Plans.", "examples": [format!("/{name}")], "parameters": parameters,
    });
    replying(move |request, _| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (status, answer) = match head.split(' ').nth(1).unwrap() {
            "/api/v1/commands/execute" => {
                let sent: Value = serde_json::from_str(body).unwrap();
                (200, json!({ "status": "success", "message": "planned", "data": sent["args"] }))
            }
            target if target == format!("/api/v1/commands/{name}") => (200, definition.clone()),
            _ => (404, json!({ "status": "error", "code": "unknown_command", "message": "There is none." })),
        };
        let answer = answer.to_string();
        let length = answer.len();
        format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")
    })
}

/// Runs the program where the environment names a server; what it printed, and what it told.
fn at(server: &str, words: &[&str], code: i32) -> (String, String) {
    let keyring = Keyring::new();
    Keyring::expect(keyring.nexus(words).env("NEXUS_SERVER", server), code)
}

/// What was sent by these words.
fn sent(server: &str, words: &[&str]) -> Value {
    let answer: Value = serde_json::from_str(&at(server, words, 0).0).unwrap();
    answer["data"].clone()
}

#[test]
fn what_a_server_enforces_is_taken_and_what_words_cannot_say_is_json() {
    let parameters = json!({
        "type": "object",
        "properties": {
            "code": { "type": "string", "pattern": "^[A-Z]{3}$" },
            "step": { "type": "integer", "multipleOf": 5 },
            "tags": { "type": "array", "items": { "type": "string", "format": "email" }, "uniqueItems": true },
            "place": { "type": "object", "properties": { "x": { "type": "number" } } },
            "points": { "type": "array", "items": { "type": "array" } },
            "either": { "type": ["string", "integer"] },
            "any": true,
        },
        "required": ["code"],
    });
    let server = with_command("plan", parameters);
    let words = ["plan", "abc", "--step", "7", "--tags", "a", "--tags", "a", "--place", r#"{"x": 1}"#, "--points"];
    let rest = ["[[1]]", "--either", "\"5\"", "--any", "5", "--json"];
    let expected = json!({
        "code": "abc", "step": 7, "tags": ["a", "a"], "place": { "x": 1 }, "points": [[1]], "either": "5", "any": 5,
    });
    assert_eq!(sent(&server, &[&words[..], &rest].concat()), expected);
    let (_, told) = at(&server, &["plan", "ABC", "--place", "x:1"], 2);
    assert!(told.contains("--place <JSON>") && told.contains("must be JSON"), "{told}");
}

#[test]
fn a_command_of_the_server_is_found_in_any_case_and_has_its_help() {
    let server = with_command("c-def", json!({ "type": "object", "properties": {} }));
    assert_eq!(at(&server, &["C-Def"], 0).0, "planned\n");
    let (help, _) = at(&server, &["help", "c-def"], 0);
    assert!(help.starts_with("Plans") && help.contains("c-def"), "{help}");
    assert!(at("", &["--server", &server, "help", "C-DEF"], 0).0.starts_with("Plans"));
    assert_eq!(at("", &["--server", &server, "--json", "c-def"], 0).0, at(&server, &["c-def", "--json"], 0).0);
    for words in [&["help", "nope"][..], &["config", "help"], &["nope"], &["--server", &server, "nope"]] {
        let (_, told) = at(&server, words, 2);
        assert!(told.contains("unrecognized subcommand") && told.contains(words.last().unwrap()), "{told}");
    }
    assert_eq!(at(&server, &["ECHO", "hi", "--server", "http://127.0.0.1:9"], 1).0, "", "it is a name of ours");
}

#[test]
fn a_server_that_is_wrongly_written_is_told_where_a_command_is_looked_for() {
    for server in ["http://127.0.0.1:8701/", "127.0.0.1:8701", "garbage"] {
        let told = [at(server, &["nope"], 2).1, at("", &["nope", "--server", server], 2).1];
        for told in told {
            assert!(told.contains(&format!("NEXUS_SERVER (--server) is {server:?}, which cannot be used")), "{told}");
        }
    }
}

#[test]
fn a_command_may_have_an_argument_that_is_called_like_our_option() {
    let text = json!({ "type": "string" });
    let server = with_command("c-own", json!({ "type": "object", "properties": { "server": text } }));
    let expected = json!({ "server": "hi" });
    assert_eq!(sent(&server, &["c-own", "--server", "hi", "--json"]), expected);
    let named = ["c-own", "--nexus-server", &server, "--server", "hi", "--json"];
    assert_eq!(sent("", &named), expected);
    assert_eq!(sent("", &["--server", &server, "c-own", "--server", "hi", "--json"]), expected);
    let (_, told) = at("", &["c-own", "--server", &server], 2);
    assert!(told.contains("Name the server with --nexus-server or NEXUS_SERVER"), "{told}");
    let server =
        with_command("c-text", json!({ "type": "object", "properties": { "text": text }, "required": ["text"] }));
    assert_eq!(sent(&server, &["c-text", "--json", "--", "--server", "hi"]), json!({ "text": "--server hi" }));
}

#[test]
fn variables_of_the_arguments_of_a_servers_command() {
    let parameters = json!({
        "type": "object",
        "properties": {
            "theme": { "type": "string" },
            "on": { "type": "boolean" },
            "tags": { "type": "array", "items": { "type": "integer" } },
        },
    });
    let server = with_command("config-set", parameters);
    let keyring = Keyring::new();
    let with = |name: &str, value: &str, code| {
        let mut program = keyring.nexus(&["config-set", "--json"]);
        program
            .env("NEXUS_SERVER", &server)
            .env("NEXUS_CONFIG_SET_THEME", "dark")
            .env("NEXUS_KEY", "")
            .env(name, value);
        let (said, told) = Keyring::expect(&mut program, code);
        serde_json::from_str::<Value>(&said).map_or(told.into(), |answer| answer["data"].clone())
    };
    assert_eq!(with("NEXUS_CONFIG_SET_TAGS", "1, 2,3", 0), json!({ "tags": [1, 2, 3] }));
    assert_eq!(with("NEXUS_CONFIG_SET_TAGS", "", 0), Value::Null, "and the theme is one of /config/set");
    assert_eq!(with("NEXUS_CONFIG_SET_ON", "1", 0), json!({ "on": true }));
    assert_eq!(with("NEXUS_CONFIG_SET_ON", "false", 0), json!({ "on": false }));
    let told = with("NEXUS_CONFIG_SET_ON", "yes", 2).to_string();
    assert!(told.contains("NEXUS_CONFIG_SET_ON") && told.contains("true, false, 1, 0"), "{told}");
    let told = with("NEXUS_CONFIG_SET_TAGS", "1,x", 2).to_string();
    assert!(told.contains("NEXUS_CONFIG_SET_TAGS") && told.contains("must be a whole number"), "{told}");
    let (help, _) = at(&server, &["config-set", "--help"], 0);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("NEXUS_CONFIG_SET_THEME is an argument of /config/set"), "{help}");
    assert!(help.contains("with commas between"), "{help}");
}

#[test]
fn who_answers_in_other_words_is_no_nexus_server() {
    for (status, expected) in [
        (404, "is no nexus server: it answers 404"),
        (501, "is no nexus server: it answers 501"),
        (200, "is no nexus server: it does not answer as nexus does"),
        (502, "No answer from"),
    ] {
        let said = r#"<p>{"detail": "Not Found"}"#;
        let bare = said.trim_start_matches("<p>");
        let said = if status == 404 { bare } else { said };
        let length = said.len();
        let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{said}");
        let server = replying(move |_, _| answer.clone());
        let (_, told) = at(&server.replace("http", "HTTP"), &["c-def"], 1);
        assert!(told.contains(expected), "{expected:?} is not in {told}");
    }
}
