//! Bad input: each fault has its status, its code, and words that help; the next request is served.

use std::time::Duration;

use base64::Engine;
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{EXECUTE, Reply, Server, alice, vectors};

/// Sends a body, expects a failure with a hint, and that the server still serves. Gives back what was answered.
async fn refused(server: &Server, body: impl Into<reqwest::Body>, status: u16, code: &str) -> Value {
    let reply = server.post(body).await;
    reply.failure(status, code);
    assert!(!reply.text_at("/hint").is_empty(), "{reply:?}");
    assert_eq!(server.run("/ping").await.success(), "pong");
    reply.json()
}

#[tokio::test]
async fn texts_that_are_no_command() {
    let server = Server::start().await;
    let long = format!("/echo {}", "x".repeat(4091));
    assert_eq!(long.len(), 4097);
    let table = [
        ("", 400, "empty_command"),
        ("   ", 400, "empty_command"),
        ("/", 400, "empty_command"),
        ("///", 400, "empty_command"),
        ("//ping", 400, "malformed_command"),
        ("/ping/", 400, "malformed_command"),
        ("/identity/delete/now", 400, "malformed_command"),
        (&long, 400, "malformed_command"),
        ("/ping\n", 400, "malformed_command"),
        ("/echo a\tb", 400, "malformed_command"),
        ("/echo \u{0}", 400, "malformed_command"),
        ("/echo \u{7f}", 400, "malformed_command"),
        ("/echo \u{61c}", 400, "malformed_command"),
        ("/echo \u{200e}", 400, "malformed_command"),
        ("/echo \u{202e}evil", 400, "malformed_command"),
        ("/echo \u{2066}", 400, "malformed_command"),
        ("/echo 'open", 400, "malformed_command"),
        ("/echo \"open", 400, "malformed_command"),
        ("/echo open\\", 400, "malformed_command"),
        ("/nothing-like-it", 404, "unknown_command"),
        ("/ping/extra", 404, "unknown_command"),
        ("/identity/remove", 404, "unknown_command"),
        ("/identity remove", 404, "unknown_command"),
        ("/ping extra", 422, "invalid_arguments"),
        ("/ping --extra", 422, "invalid_arguments"),
        ("/ping -x", 422, "invalid_arguments"),
        ("/echo", 422, "invalid_arguments"),
        ("/echo a --times", 422, "invalid_arguments"),
        ("/echo a --times 2 --times 2", 422, "invalid_arguments"),
        ("/echo a --times 0", 422, "invalid_arguments"),
        ("/echo a --times 11", 422, "invalid_arguments"),
        ("/echo a --times two", 422, "invalid_arguments"),
        ("/echo a --times 9007199254740993", 422, "invalid_arguments"),
        ("/echo a --times 99999999999999999999999", 422, "invalid_arguments"),
        ("/echo ''", 422, "invalid_arguments"),
    ];
    for (command, status, code) in table {
        refused(&server, json!({ "command": command }).to_string(), status, code).await;
    }
}

#[tokio::test]
async fn texts_at_the_edge_are_commands() {
    let server = Server::start().await;
    let longest = format!("/kinds a {}", "x".repeat(4096 - "/kinds a ".len()));
    assert_eq!(longest.len(), 4096);
    server.run(&longest).await.success();
    for kept in ["\u{a0}", "\u{200d}", "\u{2065}", "\u{85}", "👩‍🚀", "漢字"] {
        assert_eq!(server.run(&format!("/echo '{kept}'")).await.success(), kept);
    }
}

#[tokio::test]
async fn what_is_nearly_a_name_is_told_the_name() {
    let server = Server::start().await;
    server.run("/pnig").await.failure(404, "unknown_command").hint("Did you mean /ping?").message("/pnig");
    server.run("/ident").await.failure(404, "unknown_command").hint("/identity");
    server.run("/identity/delte").await.failure(404, "unknown_command").hint("Did you mean /identity/delete?");
    server.run("/identity delte").await.failure(404, "unknown_command").hint("Did you mean /identity/delete?");
    server.run("/echo a --tmies 2").await.failure(422, "invalid_arguments").hint("Did you mean --times?");
    server.run("/xyzzy-plugh").await.failure(404, "unknown_command").hint("/help");
}

#[tokio::test]
async fn every_fault_of_the_arguments_is_listed() {
    let server = Server::start().await;
    let reply = server.run("/kinds --count 256 --ratio x --colour blue --tga").await;
    reply.failure(422, "invalid_arguments").hint("Usage: /kinds");
    for argument in ["first", "rest", "count", "ratio", "colour", "tga"] {
        assert!(reply.at("/data").get(argument).is_some(), "{argument} in {reply:?}");
    }
    assert_eq!(reply.at("/data/count/0"), json!("must be a whole number from 0 to 255"));
}

#[tokio::test]
async fn bodies_that_are_no_json() {
    let server = Server::start().await;
    let deep = format!(r#"{{"command":"/ping","args":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let table: [&[u8]; 9] = [
        b"",
        b"{",
        b"{\"command\":\"/ping\"",
        b"{\"command\":\"/ping\"} x",
        b"{'command':'/ping'}",
        b"{\"command\":\"/ping\",\"command\":\"/help\"}",
        b"{\"command\":\"/echo\",\"args\":{\"text\":\"a\",\"text\":\"b\"}}",
        b"{\"command\":\"\xff\"}",
        deep.as_bytes(),
    ];
    for body in table {
        refused(&server, body.to_vec(), 400, "malformed_json").await;
    }
}

#[tokio::test]
async fn bodies_of_another_shape() {
    let server = Server::start().await;
    let table = [
        json!([]),
        json!("/ping"),
        json!(null),
        json!({}),
        json!({ "command": null }),
        json!({ "command": 7 }),
        json!({ "command": ["/ping"] }),
        json!({ "command": "/ping", "extra": 1 }),
        json!({ "command": "/echo", "args": "hello" }),
        json!({ "command": "/echo", "args": 7 }),
        json!({ "command": "/echo", "args": true }),
        json!({ "command": "/echo", "args": [null] }),
        json!({ "command": "/echo", "args": [["hello"]] }),
        json!({ "command": "/echo", "args": [{}] }),
    ];
    for body in table {
        refused(&server, body.to_string(), 400, "malformed_request").await;
    }
}

#[tokio::test]
async fn typed_arguments_of_another_type() {
    let server = Server::start().await;
    let table = [
        ("times", json!({ "text": "a", "times": "2" })),
        ("times", json!({ "text": "a", "times": 2.5 })),
        ("times", json!({ "text": "a", "times": 1e300 })),
        ("times", json!({ "text": "a", "times": 9_007_199_254_740_993_u64 })),
        ("times", json!({ "text": "a", "times": true })),
        ("text", json!({ "text": 7 })),
        ("text", json!({ "text": "" })),
        ("text", json!({ "text": null })),
        ("text", json!({ "text": "x".repeat(1001) })),
        ("Text", json!({ "text": "a", "Text": "b" })),
    ];
    for (argument, args) in table {
        let body = json!({ "command": "/echo", "args": args });
        let answer = refused(&server, body.to_string(), 422, "invalid_arguments").await;
        assert!(answer["data"].get(argument).is_some(), "{argument} in {answer}");
    }
    let big = json!({ "command": "/kinds a b", "args": { "ratio": 9_007_199_254_740_993_u64 } });
    refused(&server, big.to_string(), 422, "invalid_arguments").await;
}

#[tokio::test]
async fn a_word_and_a_typed_argument_are_twice_the_same() {
    let server = Server::start().await;
    let reply = server.run_with("/echo a --times 2", json!({ "times": 3 })).await;
    assert_eq!(reply.failure(422, "invalid_arguments").at("/data/times/0"), json!("is given twice"));
}

/// The corpus of JSON parsers: none is a request, so all are refused, those that are no JSON as such.
#[tokio::test]
async fn the_json_test_suite() {
    let server = Server::start().await;
    let decode = |text: &Value| base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
    for case in vectors("json-testsuite.json") {
        if let Some(repeat) = case.get("repeat") {
            let unit = decode(&repeat["unit_b64"]);
            let whole = unit.repeat(repeat["n"].as_u64().unwrap().try_into().unwrap());
            server.post(whole.clone()).await.failure(413, "body_too_large");
            // What of it fits into a body is as deep as a parser could be driven.
            server.post(whole[..64 * 1024].to_vec()).await.failure(400, "malformed_json");
            continue;
        }
        let body = decode(&case["b64"]);
        let reply = server.post(body).await;
        let code = reply.text_at("/code");
        match case["verdict"].as_str().unwrap() {
            "accept" if code == "malformed_json" => {
                // Valid by RFC 8259, not by RFC 7493: a name that stands twice.
                assert!(case["name"].as_str().unwrap().contains("duplicated"), "{case} {reply:?}");
            }
            "reject" => assert_eq!(code, "malformed_json", "{case}"),
            _ => assert!(["malformed_json", "malformed_request"].contains(&code.as_str()), "{case} {reply:?}"),
        }
        reply.failure(400, &code);
    }
    assert_eq!(server.run("/ping").await.success(), "pong");
}

#[tokio::test]
async fn bodies_of_another_media_type() {
    let server = Server::start().await;
    let body = r#"{"command":"/ping"}"#;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"] {
        let request = server.request(Method::POST, EXECUTE).header("content-type", media_type).body(body);
        Reply::of(request).await.failure(415, "unsupported_media_type").hint("application/json");
    }
    let without = server.request(Method::POST, EXECUTE).body(body);
    Reply::of(without).await.failure(415, "unsupported_media_type");
    let with_charset = server.request(Method::POST, EXECUTE).header("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(Reply::of(with_charset.body(body)).await.success(), "pong");
}

#[tokio::test]
async fn bodies_larger_than_64_kib() {
    let server = Server::start().await;
    let padded = |length: usize| {
        let body = r#"{"command":"/ping"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    assert_eq!(server.post(padded(64 * 1024)).await.success(), "pong");
    refused(&server, padded(64 * 1024 + 1), 413, "body_too_large").await;
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(padded(64 * 1024)), Ok(" ".to_owned())]);
    refused(&server, reqwest::Body::wrap_stream(chunks), 413, "body_too_large").await;
}

#[tokio::test]
async fn methods_that_an_address_does_not_take() {
    let server = Server::start().await;
    for (method, path, allow) in [
        (Method::GET, EXECUTE, "POST"),
        (Method::DELETE, EXECUTE, "POST"),
        (Method::PUT, "/api/v1/commands", "GET,HEAD,POST"),
        (Method::PUT, "/api/v1/commands/ping", "GET,HEAD,DELETE"),
        (Method::POST, "/", "GET,HEAD"),
        (Method::POST, "/livez", "GET,HEAD"),
    ] {
        let reply = Reply::of(server.request(method, path)).await;
        assert_eq!(reply.failure(405, "method_not_allowed").header("allow"), allow, "{path}");
    }
    let stream = format!("/api/v1/stream/{}", alice().address());
    Reply::of(server.request(Method::POST, &stream)).await.failure(405, "method_not_allowed");
}

#[tokio::test]
async fn addresses_where_nothing_is() {
    let server = Server::start().await;
    for path in ["/nothing", "/api/v1/", "/api/v1/nothing", "/api/v2/commands", "/api/v1/commands/", "/api/v1/stream/"]
    {
        server.get(path).await.failure(404, "not_found");
    }
}

#[tokio::test]
async fn stream_keys_that_are_no_address() {
    let server = Server::start().await;
    let address = alice().address().to_string();
    let bare = &address[2..];
    // An x alone, which some parsers take for a key.
    let compact = format!("0x05{}", hex::encode(&alice().compressed()[1..]));
    for key in [
        "x",
        "0x",
        bare,
        &address[..41],
        &format!("{address}0"),
        "0xzz",
        "%FF",
        &format!("0x04{}", "0".repeat(128)),
        &compact,
    ] {
        let reply = server.get(&format!("/api/v1/stream/{key}")).await;
        reply.failure(400, "malformed_request");
    }
}

#[tokio::test]
async fn what_is_refused_leaves_no_trace() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    for command in ["/nothing", "/echo", "/echo a --times 99"] {
        let reply = server.run_as(&alice(), command).await;
        assert!(reply.status >= 400 && reply.json().get("run_id").is_none(), "{reply:?}");
    }
    let stolen = json!({ "command": "/identity/delete", "auth": alice().bare("/identity") });
    server.post(stolen.to_string()).await.failure(401, "signature_mismatch");
    server.run_as(&alice(), "/whoami").await.success();
    assert_eq!(stream.result().await["command"], json!("/whoami"));
    assert_eq!(server.events().await, ["/whoami"]);
}

/// A request that is never finished does not keep others from being served.
#[tokio::test]
async fn a_client_that_stops_in_the_middle_is_no_ones_trouble() {
    use tokio::io::AsyncWriteExt;
    let server = Server::start().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut socket = tokio::net::TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
        let head = format!("POST {EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{{");
        socket.write_all(head.as_bytes()).await.unwrap();
        open.push(socket);
    }
    let pong = tokio::time::timeout(Duration::from_secs(20), server.run("/ping")).await.unwrap();
    assert_eq!(pong.success(), "pong");
}

#[tokio::test]
async fn many_faults_do_not_make_a_large_answer() {
    let server = Server::start().await;
    let args: serde_json::Map<_, _> = (0..3000).map(|number| (format!("unknown-{number}"), json!(1))).collect();
    let reply = server.run_with("/echo", Value::Object(args)).await;
    reply.failure(422, "invalid_arguments").message("2996 more arguments are wrong");
    assert_eq!(reply.at("/data/text/0"), json!("is missing"), "what the command wants is listed all the same");
    assert!(reply.text.len() < 8 * 1024, "{}", reply.text.len());
}

#[tokio::test]
async fn integers_that_readers_do_not_agree_on_are_refused_in_words_too() {
    let server = Server::start().await;
    for number in ["9007199254740992", "-9007199254740992", "123456789012345678901234567890", "1e300"] {
        refused(&server, format!("{{\"command\":\"/echo\",\"args\":[{number}]}}"), 400, "malformed_request").await;
    }
    assert_eq!(
        server.run_with("/echo", json!([9_007_199_254_740_991_u64, 2.0, -1.5])).await.success(),
        "9007199254740991 2 -1.5"
    );
}

#[tokio::test]
async fn empty_quotes_make_a_value_of_a_word() {
    let server = Server::start().await;
    assert_eq!(server.run("/echo --'' x").await.status, 422, "an option without a name");
    assert_eq!(server.run("/echo x '--'").await.success(), "x --");
    server.run("/identity delete''").await.failure(422, "invalid_arguments");
    server.run("/identity ''").await.failure(422, "invalid_arguments");
}

#[tokio::test]
async fn what_is_said_of_a_word_is_not_disguised_by_it() {
    let server = Server::start().await;
    let reply = server.get("/api/v1/commands/%E2%80%AEping%00").await;
    assert_eq!(reply.failure(404, "unknown_command").text_at("/message"), "There is no command /ping.");
}

#[tokio::test]
async fn the_command_is_looked_at_before_the_signature() {
    let server = Server::start().await;
    let mut auth = alice().bare("/nope");
    auth["signature"] = json!(format!("0x{}1b", "ff".repeat(64)));
    for (command, status, code) in
        [("/nope", 404, "unknown_command"), ("/echo", 422, "invalid_arguments"), ("/ping", 401, "signature_invalid")]
    {
        let body = json!({ "command": command, "auth": auth });
        refused(&server, body.to_string(), status, code).await;
    }
}

#[tokio::test]
async fn a_body_whose_chunks_are_broken_is_malformed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await;
    let mut socket = tokio::net::TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST {EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(20), socket.read_to_string(&mut answer)).await;
    read.expect("an answer within the bound").unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("malformed_request"), "{answer}");
}
