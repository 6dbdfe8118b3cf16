//! Who may call from a browser, and under which name.

use reqwest::Method;
use serde_json::json;

use crate::common::{EXECUTE, Reply, Server, alice};

async fn from(server: &Server, origin: &str, path: &str) -> Reply {
    Reply::of(server.request(Method::GET, path).header("origin", origin)).await
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read() {
    let server = Server::with(&["--allowed-origins", "https://app.example.com, http://localhost:3000"]).await;
    for origin in ["https://app.example.com", "http://localhost:3000", &server.url] {
        for path in ["/api/v1/commands", "/nothing"] {
            let reply = from(&server, origin, path).await;
            assert_eq!(reply.header("access-control-allow-origin"), origin);
            assert_eq!(reply.header("vary"), "origin");
            assert!(reply.header("access-control-expose-headers").contains("etag"));
            assert!(reply.headers.get("access-control-allow-credentials").is_none());
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_not() {
    let server = Server::with(&["--allowed-origins", "https://app.example.com"]).await;
    for origin in [
        "https://app.example.com:8443",
        "http://app.example.com",
        "https://app.example.com.evil.com",
        "https://evil-app.example.com",
        "http://localhost:5173",
        "null",
        "",
    ] {
        let reply = from(&server, origin, "/api/v1/commands").await;
        assert_eq!(reply.status, 200);
        assert!(reply.headers.get("access-control-allow-origin").is_none(), "{origin}");
        assert_eq!(reply.header("vary"), "origin");
    }
}

#[tokio::test]
async fn a_preflight_allows_what_frontends_send() {
    let server = Server::start().await;
    let preflight = server
        .request(Method::OPTIONS, EXECUTE)
        .header("origin", "http://localhost:5173")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let reply = Reply::of(preflight).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), "http://localhost:5173");
    assert!(reply.header("access-control-allow-methods").contains("POST"));
    for header in
        ["authorization", "content-type", "last-event-id", "idempotency-key", "prefer", "if-none-match", "traceparent"]
    {
        assert!(reply.header("access-control-allow-headers").contains(header), "{header}");
    }
}

#[tokio::test]
async fn a_stream_may_be_read_from_an_allowed_page() {
    let server = Server::start().await;
    let request = server.request(Method::GET, &format!("/api/v1/stream/{}", alice().address()));
    let response = request.header("origin", "http://localhost:5173").send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "http://localhost:5173");
}

#[tokio::test]
async fn a_foreign_host_is_misdirected() {
    let server = Server::start().await;
    for host in [
        "evil.example.com",
        "evil.example.com:8000",
        "localhost.evil.com",
        "10.0.0.1",
        "0.0.0.0",
        "",
        "[::2]",
        "evil.com@localhost",
    ] {
        let with_host = |path: &str| Reply::of(server.request(Method::GET, path).header("host", host));
        for path in ["/", "/api/v1/commands", "/api/v1/health", "/nothing"] {
            with_host(path).await.failure(421, "host_not_allowed").hint("NEXUS_PUBLIC_ORIGINS");
        }
        for path in ["/livez", "/readyz", "/health"] {
            assert_eq!(with_host(path).await.status, 200, "{path}");
        }
    }
    let body = json!({ "command": "/ping" });
    let execute = server.request(Method::POST, EXECUTE).header("host", "evil.example.com").json(&body);
    Reply::of(execute).await.failure(421, "host_not_allowed");
    let preflight = server.request(Method::OPTIONS, EXECUTE).header("host", "evil.example.com");
    let preflight = preflight.header("origin", "http://localhost:5173").header("access-control-request-method", "POST");
    Reply::of(preflight).await.failure(421, "host_not_allowed");
}

#[tokio::test]
async fn the_names_of_this_machine_and_public_names_are_ours_on_any_port() {
    let server =
        Server::with(&["--env", "production", "--public-origins", "https://cmd.example.com,https://alt.example.com"])
            .await;
    let hosts = [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.2:99",
        "[::1]:8000",
        "cmd.example.com",
        "CMD.example.com:8443",
    ];
    for host in hosts {
        let reply = Reply::of(server.request(Method::GET, "/").header("host", host)).await;
        assert_eq!(reply.status, 200, "{host}");
    }
    let audience =
        async |host: &str| Reply::of(server.request(Method::GET, "/").header("host", host)).await.text_at("/audience");
    assert_eq!(audience("alt.example.com").await, "https://alt.example.com");
    assert_eq!(audience("cmd.example.com").await, "https://cmd.example.com");
    assert_eq!(audience("localhost").await, "https://cmd.example.com");
}

#[tokio::test]
async fn a_request_of_http_1_0_that_names_its_host_is_answered_and_its_connection_closed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await;
    for (version, expected) in [("HTTP/1.0", "HTTP/1.0 200 OK"), ("HTTP/3.0", "HTTP/1.1 400 Bad Request")] {
        let mut socket = tokio::net::TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
        socket.write_all(format!("GET /livez {version}\r\nhost: localhost\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_request_without_a_host_or_with_two_is_misdirected() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await;
    for head in
        ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.com\r\nconnection: close\r\n\r\n"]
    {
        let mut socket = tokio::net::TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(" 421 ") && answer.contains("host_not_allowed"), "{answer}");
    }
}
