//! Who is there, and is all well?

use serde_json::json;

use crate::common::Server;

#[tokio::test]
async fn the_root_says_who_is_there() {
    let server = Server::start().await;
    let reply = server.get("/").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text_at("/status"), "ok");
    assert_eq!(reply.text_at("/service"), "nexus");
    assert_eq!(reply.text_at("/version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(reply.text_at("/audience"), server.url);
    reply.text_at("/time").parse::<jiff::Timestamp>().unwrap();
}

#[tokio::test]
async fn all_is_well() {
    let server = Server::start().await;
    for path in ["/health", "/api/v1/health"] {
        let reply = server.get(path).await;
        assert_eq!(
            (reply.status, reply.at("/dependencies")),
            (200, json!({ server.app.foundation.name(): "ok" })),
            "{path}"
        );
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
}
