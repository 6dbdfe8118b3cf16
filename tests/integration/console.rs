//! The console, as files: what it does in a browser is tested beside its sources.

use reqwest::Method;

use crate::common::{Reply, Server, snapshot};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

async fn page(server: &Server, headers: &[(&str, &str)]) -> Reply {
    fetch(server, "/", &[&[("accept", BROWSER)], headers].concat()).await
}

async fn fetch(server: &Server, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = server.request(Method::GET, path);
    Reply::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// The files that the page names.
fn named(page: &Reply) -> Vec<&str> {
    page.text.split('"').filter(|word| word.starts_with("/assets/")).collect()
}

#[tokio::test]
async fn a_browser_gets_the_console_and_a_program_the_state() {
    let server = Server::start().await;
    let page = page(&server, &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("<title>nexus</title>"));
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.9"] {
        let state = fetch(&server, "/", &[("accept", accept)]).await;
        assert_eq!((state.at("/service"), state.header("vary")), ("nexus".into(), "accept"), "{accept}");
    }
}

#[tokio::test]
async fn the_page_may_load_and_call_nothing_but_this_server() {
    let server = Server::start().await;
    let page = page(&server, &[]).await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"));
    for header in ["x-content-type-options", "referrer-policy"] {
        assert!(page.headers.contains_key(header), "{header}");
    }
    assert!(!page.text.contains("<script>") && !page.text.contains("<style"));
}

#[tokio::test]
async fn what_is_named_by_its_content_is_kept_for_ever_and_the_page_is_asked_for_again() {
    let server = Server::start().await;
    let page = page(&server, &[]).await;
    assert_eq!(page.header("cache-control"), "no-cache");
    let files = named(&page);
    let kinds: Vec<_> = files.iter().filter_map(|file| file.rsplit('.').next()).collect();
    assert!(kinds.contains(&"js") && kinds.contains(&"css"), "{files:?}");
    for path in files {
        let file = fetch(&server, path, &[]).await;
        assert_eq!((file.status, file.header("cache-control")), (200, "public, max-age=31536000, immutable"), "{path}");
    }
}

#[tokio::test]
async fn each_form_of_a_file_has_a_validator_of_its_own() {
    let server = Server::start().await;
    let first = page(&server, &[]).await;
    let script = *named(&first).first().unwrap();
    let plain = fetch(&server, script, &[]).await;
    let zipped = fetch(&server, script, &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert!(!plain.headers.contains_key("content-encoding"));
    assert!(plain.header("vary").contains("accept-encoding"));
    assert_ne!(plain.header("etag"), zipped.header("etag"));
    let again = fetch(&server, script, &[("if-none-match", plain.header("etag"))]).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let refused = fetch(&server, script, &[("accept-encoding", "gzip;q=0")]).await;
    assert!(!refused.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn files_are_read_only_and_there_are_no_others() {
    let server = Server::start().await;
    fetch(&server, "/assets/nothing.js", &[]).await.failure(404, "not_found");
    fetch(&server, "/index.html", &[]).await.failure(404, "not_found");
    fetch(&server, "/assets/..%2Findex.html", &[]).await.failure(404, "not_found");
    Reply::of(server.request(Method::POST, "/icon.svg")).await.failure(405, "method_not_allowed");
    let head = Reply::of(server.request(Method::HEAD, "/").header("accept", BROWSER)).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

/// What its client lists where no server answers: what needs none, and what tells whether one is there.
#[tokio::test]
async fn the_list_for_when_the_server_is_down_is_part_of_the_catalogue() {
    let server = Server::start().await;
    let mut list = server.get("/api/v1/commands").await.json();
    list.as_array_mut().unwrap().retain(|entry| entry["handler"] == "client" || entry["name"] == "ping");
    snapshot("console/client/src/fallback.json", &format!("{}\n", serde_json::to_string_pretty(&list).unwrap()));
}
