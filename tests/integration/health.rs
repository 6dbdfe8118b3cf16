//! Who is there, and is all well?

use std::fs;

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
        assert_eq!((reply.status, reply.text_at("/dependencies/database").as_str()), (200, "ok"), "{path}");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
}

/// Breaks the database, and expects everything to say so that depends on it.
async fn expect_failing(server: &Server) {
    for path in ["/health", "/api/v1/health"] {
        let reply = server.get(path).await;
        reply.failure(503, "store_unavailable");
        assert_eq!(reply.text_at("/dependencies/database"), "unavailable");
        assert!(!reply.text.contains(server.data.path().to_str().unwrap()), "no path leaks");
    }
    server.get("/readyz").await.failure(503, "store_unavailable");
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_database_that_is_gone_is_noticed() {
    let server = Server::start().await;
    fs::remove_file(server.data.path().join("nexus.db")).unwrap();
    expect_failing(&server).await;
}

#[tokio::test]
async fn a_database_that_was_overwritten_is_noticed() {
    let server = Server::start().await;
    let path = server.data.path().join("nexus.db");
    // As long as the WAL holds every page, nobody reads the file.
    rusqlite::Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
    fs::write(&path, "this is no database, and never was one").unwrap();
    expect_failing(&server).await;
}

#[tokio::test]
async fn a_database_that_somebody_keeps_locked_is_noticed_and_refuses_without_loss() {
    let server = Server::start().await;
    let lock = rusqlite::Connection::open(server.data.path().join("nexus.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = server.run_as(&crate::common::alice(), "/whoami").await;
    refused.failure(503, "store_unavailable").message("cannot reach its database");
    expect_failing(&server).await;
    lock.execute_batch("ROLLBACK").unwrap();
    server.run_as(&crate::common::alice(), "/whoami").await.success();
}
