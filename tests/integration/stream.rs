//! `GET /api/v1/stream/{public_key}`: what a key's streams hear, and in which order.

use serde_json::json;

use crate::common::stream::Stream;
use crate::common::{EXECUTE, Reply, Server, alice, bob};

#[tokio::test]
async fn a_stream_begins_with_the_state_of_the_connection() {
    let server = Server::start().await;
    let mut stream = server.open(&alice()).await;
    let headers = stream.response.headers();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["cache-control"], "no-cache, no-transform");
    assert_eq!(headers["x-accel-buffering"], "no");
    let first = stream.next().await;
    assert_eq!(first.event, "connection_state");
    assert_eq!(first.retry.as_deref(), Some("3000"));
    assert_eq!(first.id, None);
    let state = json!({ "visitor": true, "authenticated": false, "recovered": false, "keepalive_ms": 15000 });
    assert_eq!(first.json(), state);
}

#[tokio::test]
async fn every_stream_of_the_key_hears_the_result_and_no_other_does() {
    let server = Server::start().await;
    let mut streams = [server.listen(&alice()).await, server.listen(&alice()).await, server.listen(&alice()).await];
    let mut other = server.listen(&bob()).await;
    let reply = server.run_as(&alice(), "/whoami").await;
    for stream in &mut streams {
        let event = stream.result().await;
        assert_eq!(event["command"], json!("/whoami"));
        assert_eq!(event["result"]["status"], json!("success"));
        assert_eq!(event["result"]["message"], reply.at("/message"));
        assert_eq!(event["result"]["data"], reply.at("/data"));
        assert!(event["result"].get("run_id").is_none());
    }
    server.run_as(&bob(), "/echo mine").await.success();
    assert_eq!(other.result().await["command"], json!("/echo mine"));
}

#[tokio::test]
async fn a_key_is_the_same_key_in_every_form() {
    let server = Server::start().await;
    let mut streams = Vec::new();
    for key in [
        alice().address().to_string().to_lowercase(),
        format!("0x{}", hex::encode(alice().compressed())),
        hex::encode(alice().uncompressed()),
    ] {
        streams.push(Stream::open(&server.client, &format!("{}/api/v1/stream/{key}", server.url)).await);
    }
    server.run_as(&alice(), "/whoami").await.success();
    for stream in &mut streams {
        assert_eq!(stream.next().await.event, "connection_state");
        assert_eq!(stream.result().await["command"], json!("/whoami"));
    }
}

#[tokio::test]
async fn ids_name_the_log_and_rise() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let mut last = 0;
    let epoch = server.app.bus.subscribe(alice().address()).since().epoch.to_string();
    for _ in 0..5 {
        server.run_as(&alice(), "/whoami").await.success();
        let id = stream.next().await.id.unwrap();
        let (before, sequence) = id.split_once('-').unwrap();
        assert_eq!(before, epoch);
        let sequence: u64 = sequence.parse().unwrap();
        assert!(sequence > last, "{sequence} after {last}");
        last = sequence;
    }
}

#[tokio::test]
async fn many_results_come_in_the_order_of_the_log() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let runs = (0..100).map(|number| {
        let command = format!("/echo {number}");
        let request = server.request(reqwest::Method::POST, EXECUTE);
        Reply::of(request.json(&json!({ "command": command, "auth": alice().bare(&command) })))
    });
    let replies = futures_util::future::join_all(runs).await;
    let mut heard = Vec::new();
    let mut last = 0;
    for _ in &replies {
        let frame = stream.next().await;
        let sequence = frame.id.as_ref().unwrap().split_once('-').unwrap().1.parse::<u64>().unwrap();
        assert!(sequence > last);
        last = sequence;
        heard.push(frame.json()["run_id"].clone());
    }
    heard.sort_by_key(ToString::to_string);
    let mut sent: Vec<_> = replies.iter().map(|reply| reply.at("/run_id")).collect();
    sent.sort_by_key(ToString::to_string);
    assert_eq!(heard, sent);
}

#[tokio::test]
async fn what_is_answered_was_in_the_log_before() {
    let server = Server::start().await;
    for _ in 0..20 {
        let reply = server.run_as(&alice(), "/whoami").await;
        assert_eq!(server.log().await.last().unwrap()["run_id"], reply.at("/run_id"));
    }
}

#[tokio::test]
async fn a_claim_is_announced_and_not_logged() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let claim = server.request(reqwest::Method::POST, EXECUTE).bearer_auth(alice().address());
    let reply = Reply::of(claim.json(&json!({ "command": "/ping" }))).await;
    let frame = stream.next().await;
    assert_eq!((frame.event.as_str(), &frame.id), ("command_result", &None));
    assert_eq!(frame.json()["run_id"], reply.at("/run_id"));
    assert_eq!(server.events().await, [""; 0]);
}

#[tokio::test]
async fn becoming_a_member_and_a_visitor_again_is_told() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    for (command, visitor) in [("/identity", false), ("/identity/delete", true)] {
        server.run_as(&alice(), command).await.success();
        let state = stream.next().await;
        assert_eq!((state.event.as_str(), &state.json()["visitor"]), ("connection_state", &json!(visitor)));
        assert_eq!(stream.result().await["command"], json!(command));
    }
    server.run_as(&alice(), "/identity").await.success();
    assert_eq!(stream.next().await.event, "connection_state");
    stream.result().await;
    server.run_as(&alice(), "/identity").await.success();
    assert_eq!(stream.result().await["command"], json!("/identity"), "no state when it stays the same");
    assert_eq!(server.open(&alice()).await.next().await.json()["visitor"], json!(false));
}

#[tokio::test]
async fn silence_is_broken_by_a_comment() {
    let server = Server::with(&["--keepalive", "1"]).await;
    let mut stream = server.open(&alice()).await;
    assert_eq!(stream.next().await.json()["keepalive_ms"], json!(1000));
    for _ in 0..2 {
        assert_eq!(stream.next().await.comment.as_deref(), Some("keepalive"));
    }
}

#[tokio::test]
async fn a_line_break_in_a_result_does_not_break_the_frame() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let text = "a\n\nevent: fake\rdata: {}\u{2028}";
    let claim = server.request(reqwest::Method::POST, EXECUTE).bearer_auth(alice().address());
    let run = claim.json(&json!({ "command": "/echo", "args": { "text": text } }));
    Reply::of(run).await.success();
    assert_eq!(stream.result().await["result"]["data"]["lines"][0], json!(text));
}

#[tokio::test]
async fn streams_end_cleanly_when_the_server_drains() {
    let server = Server::start().await;
    let mut streams = [server.listen(&alice()).await, server.listen(&bob()).await];
    server.close();
    let mut retries = Vec::new();
    for stream in &mut streams {
        retries.push(stream.end().await);
    }
    assert!(retries.iter().all(|retry| (1000..10_000).contains(retry)), "{retries:?}");
}

#[tokio::test]
async fn a_reader_that_falls_behind_is_told_so() {
    let server = Server::patient().await;
    let mut stream = server.open(&alice()).await;
    // More than all the buffers between us can hold, and the 1 MiB that waits for a slow reader.
    for _ in 0..200 {
        let claim = server.request(reqwest::Method::POST, EXECUTE).bearer_auth(alice().address());
        Reply::of(claim.json(&json!({ "command": "/kinds a b", "args": { "tag": vec!["0123456789"; 4000] } })))
            .await
            .success();
    }
    let (mut heard, mut missed) = (0, 0);
    while heard + missed < 200 {
        let frame = stream.next().await;
        match frame.event.as_str() {
            "connection_state" | "" => {}
            "command_result" => heard += 1,
            "stream_gap" => {
                assert_eq!(frame.json()["reason"], json!("slow_reader"));
                missed += frame.json()["missed"].as_u64().unwrap();
            }
            _ => panic!("{frame:?}"),
        }
    }
    assert_eq!((heard + missed, missed > 0, heard > 18), (200, true, true), "heard {heard}, missed {missed}");
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused_and_not_passed_over() {
    let server = Server::start().await;
    let target = format!("/api/v1/stream/{}?last_event_id=0&last_event_id=0", alice().address());
    server.get(&target).await.failure(400, "malformed_request").hint("once");
}
