//! `/echo`, as its callers see it.

use serde_json::json;

use crate::common::{Server, alice};

#[tokio::test]
async fn it_says_the_text_as_often_as_it_was_asked_to() {
    let server = Server::start().await;
    let reply = server.run("/echo good morning --times 2").await;
    assert_eq!(reply.success(), "good morning good morning");
    assert_eq!(reply.at("/data/lines"), json!(["good morning", "good morning"]));
}

#[tokio::test]
async fn it_does_not_say_a_text_eleven_times() {
    let server = Server::start().await;
    let reply = server.run_with("/echo", json!({ "text": "hello", "times": 11 })).await;
    reply.failure(422, "invalid_arguments").hint("Usage: /echo <text> [--times N]");
    assert_eq!(reply.at("/data/times/0"), json!("must be a whole number from 1 to 10"));
}

#[tokio::test]
async fn who_signs_it_hears_it_on_the_stream() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    server.run_as(&alice(), "/echo hello").await.success();
    assert_eq!(stream.result().await["result"]["message"], "hello");
}
