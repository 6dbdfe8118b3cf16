//! Streams that were interrupted: nothing that was logged is lost, and nothing comes twice.

use reqwest::Method;
use serde_json::json;

use crate::common::stream::Frame;
use crate::common::{Server, Stream, Wallet, alice, bob};

/// The stream of alice from `id` on, as a browser asks that comes back; and whether it is recovered.
async fn back(server: &Server, id: &str) -> (Stream, bool) {
    let path = format!("/api/v1/stream/{}", alice().address());
    let request = server.request(Method::GET, &path).header("last-event-id", id);
    let mut stream = Stream::of(request).await;
    let state = stream.next().await;
    assert_eq!(state.event, "connection_state");
    (stream, state.json()["recovered"].as_bool().unwrap())
}

/// The next so many results, with their ids.
async fn results(stream: &mut Stream, count: usize) -> Vec<(String, String)> {
    let mut results = Vec::new();
    while results.len() < count {
        let Frame { id, event, data, comment, .. } = stream.next().await;
        if comment.is_some() {
            continue;
        }
        assert_eq!(event, "command_result", "{data}");
        let data: serde_json::Value = serde_json::from_str(&data).unwrap();
        results.push((id.unwrap(), data["command"].as_str().unwrap().to_owned()));
    }
    results
}

async fn run_all(server: &Server, wallet: &Wallet, commands: impl IntoIterator<Item = String>) {
    for command in commands {
        server.run_as(wallet, &command).await.success();
    }
}

fn commands(results: &[(String, String)]) -> Vec<&str> {
    results.iter().map(|(_, command)| command.as_str()).collect()
}

#[tokio::test]
async fn who_comes_back_is_told_what_happened_meanwhile_and_then_what_happens() {
    let server = Server::start().await;
    run_all(&server, &alice(), ["/echo 1", "/echo 2"].map(str::to_owned)).await;
    run_all(&server, &bob(), ["/echo bob".to_owned()]).await;
    run_all(&server, &alice(), ["/echo 3".to_owned()]).await;
    let (mut stream, recovered) = back(&server, "0").await;
    assert!(recovered);
    let first = results(&mut stream, 3).await;
    assert_eq!(commands(&first), ["/echo 1", "/echo 2", "/echo 3"]);
    drop(stream);

    run_all(&server, &alice(), ["/echo 4".to_owned()]).await;
    let (mut stream, recovered) = back(&server, &first[1].0).await;
    assert!(recovered);
    assert_eq!(commands(&results(&mut stream, 2).await), ["/echo 3", "/echo 4"]);
    run_all(&server, &alice(), ["/echo 5".to_owned()]).await;
    assert_eq!(commands(&results(&mut stream, 1).await), ["/echo 5"]);
}

#[tokio::test]
async fn who_comes_for_the_first_time_may_ask_too_and_what_a_browser_heard_last_wins() {
    let server = Server::start().await;
    run_all(&server, &alice(), ["/echo 1", "/echo 2"].map(str::to_owned)).await;
    let path = format!("/api/v1/stream/{}?last_event_id=0", alice().address());
    let mut stream = Stream::of(server.request(Method::GET, &path)).await;
    assert_eq!(stream.next().await.json()["recovered"], json!(true));
    let all = results(&mut stream, 2).await;
    let mut stream = Stream::of(server.request(Method::GET, &path).header("last-event-id", &all[0].0)).await;
    stream.next().await;
    assert_eq!(commands(&results(&mut stream, 1).await), ["/echo 2"]);
}

#[tokio::test]
async fn who_does_not_ask_is_told_nothing_of_the_past() {
    let server = Server::start().await;
    run_all(&server, &alice(), ["/echo past".to_owned()]).await;
    let mut stream = server.open(&alice()).await;
    assert_eq!(stream.next().await.json()["recovered"], json!(false));
    run_all(&server, &alice(), ["/echo now".to_owned()]).await;
    assert_eq!(commands(&results(&mut stream, 1).await), ["/echo now"]);
}

#[tokio::test]
async fn an_id_that_the_log_does_not_know_is_a_gap_from_which_one_goes_on() {
    let server = Server::start().await;
    run_all(&server, &alice(), ["/echo 1".to_owned()]).await;
    let (mut stream, _) = back(&server, "0").await;
    let known = results(&mut stream, 1).await[0].0.clone();
    let (epoch, _) = known.split_once('-').unwrap();
    let future = format!("{epoch}-999");
    let long = "9".repeat(8000);
    let leading = format!("{epoch}-01");
    for id in ["0000000000000000-1", &future, "-1", "", " ", "1", "00", &leading, &long, "' OR 1=1", "\u{fffd}"] {
        let (mut stream, recovered) = back(&server, id).await;
        assert!(!recovered, "{id}");
        let gap = stream.next().await;
        assert_eq!((gap.event.as_str(), gap.json()), ("stream_gap", json!({ "reason": "unknown_id" })), "{id}");
        let (mut again, recovered) = back(&server, &gap.id.unwrap()).await;
        assert!(recovered, "who comes back with the id of the gap does not loop");
        server.run_as(&alice(), "/echo next").await.success();
        assert_eq!(commands(&results(&mut again, 1).await), ["/echo next"]);
    }
}

#[tokio::test]
async fn a_long_history_comes_in_pages_and_without_a_gap() {
    let server = Server::start().await;
    let all: Vec<String> = (0..200).map(|number| format!("/echo {number}")).collect();
    run_all(&server, &alice(), all.clone()).await;
    let (mut stream, _) = back(&server, "0").await;
    assert_eq!(commands(&results(&mut stream, 200).await), all);
}

#[tokio::test]
async fn a_stream_that_hears_only_the_state_is_not_told_the_past_either() {
    let server = Server::with(&["--anonymous-streams", "state"]).await;
    run_all(&server, &alice(), ["/echo secret".to_owned()]).await;
    for id in ["0", "nonsense"] {
        let (mut stream, recovered) = back(&server, id).await;
        assert!(!recovered);
        server.run_as(&alice(), "/identity").await.success();
        server.run_as(&alice(), "/identity/delete").await.success();
        for _ in 0..2 {
            assert_eq!(stream.next().await.event, "connection_state");
        }
    }
}

#[tokio::test]
async fn a_reader_that_sleeps_loses_nothing_that_was_logged() {
    let server = Server::patient().await;
    let mut stream = server.listen(&alice()).await;
    // More than all the buffers between us can hold, and the 1 MiB that waits for a slow reader.
    let text = "0123456789".repeat(90);
    for number in 0..300 {
        let command = format!("/echo --times 10 {number} {text}");
        server.run_as(&alice(), &command).await.success();
    }
    let all = results(&mut stream, 300).await;
    for (number, (_, command)) in all.iter().enumerate() {
        assert!(command.starts_with(&format!("/echo --times 10 {number} ")), "{command}");
    }
}

/// Writers and a reader that is cut again and again: what it was told is what was acknowledged, each once, in order.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_cut_again_and_again_hears_each_result_once() {
    const EACH: usize = 60;
    let server = std::sync::Arc::new(Server::start().await);
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move {
                run_all(&server, &alice(), (0..EACH).map(|number| format!("/echo {writer} {number}"))).await;
                run_all(&server, &bob(), [format!("/echo bob {writer}")]).await;
            })
        })
        .collect();
    let mut heard: Vec<(String, String)> = Vec::new();
    while heard.len() < 4 * EACH {
        let last = heard.last().map_or("0", |(id, _)| id).to_owned();
        let (mut stream, recovered) = back(&server, &last).await;
        assert!(recovered, "{last}");
        heard.extend(results(&mut stream, 7.min(4 * EACH - heard.len())).await);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let sequence = |id: &str| id.split_once('-').unwrap().1.parse::<u64>().unwrap();
    assert!(heard.is_sorted_by(|a, b| sequence(&a.0) < sequence(&b.0)), "{heard:?}");
    let mut told = commands(&heard);
    let mut ran: Vec<String> =
        (0..4).flat_map(|writer| (0..EACH).map(move |n| format!("/echo {writer} {n}"))).collect();
    told.sort_unstable();
    ran.sort_unstable();
    assert_eq!(told, ran);
}
