//! Visitors, members, admins: what each may run, and is shown.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Server, Statement, Wallet, alice, bob};

async fn with_admin() -> Server {
    Server::with(&["--admins", &format!("{}, {}", alice().address(), Wallet::of_byte(7).address())]).await
}

/// The names that a list has, with those of subcommands.
fn names(list: &Value) -> Vec<String> {
    let entries = list.as_array().unwrap().iter();
    let name = |entry: &Value| entry["name"].as_str().unwrap().to_owned();
    entries
        .flat_map(|entry| {
            let sub = entry["subcommands"].as_array().cloned().unwrap_or_default();
            let whole = name(entry);
            let subs: Vec<_> = sub.iter().map(|sub| format!("{whole}/{}", name(sub))).collect();
            [vec![whole], subs].concat()
        })
        .collect()
}

#[tokio::test]
async fn a_role_is_asked_for_once_the_address_is_proven() {
    let server = with_admin().await;
    server.run("/club").await.failure(401, "identity_required").hint("Bearer ns_");
    server.run("/club board").await.failure(401, "signature_required");
    assert_eq!(server.run("/club door").await.success(), "welcome to the door");
    server.run_signed(&bob(), "/club").await.failure(403, "forbidden").hint("/identity");
    server.run_signed(&bob(), "/club/board").await.failure(403, "forbidden").hint("NEXUS_ADMINS");
    server.run_signed(&bob(), "/identity").await.success();
    assert_eq!(server.run_signed(&bob(), "/club").await.success(), "welcome, member");
    server.run_signed(&bob(), "/club board").await.failure(403, "forbidden");
    for wallet in [alice(), Wallet::of_byte(7)] {
        assert_eq!(server.run_signed(&wallet, "/club").await.success(), "welcome, member");
        assert_eq!(server.run_signed(&wallet, "/club board").await.success(), "welcome, admin");
    }
    server.run_signed(&bob(), "/identity/delete").await.success();
    server.run_signed(&bob(), "/club").await.failure(403, "forbidden");
}

#[tokio::test]
async fn who_is_refused_leaves_no_run() {
    let server = with_admin().await;
    server.run_signed(&bob(), "/club").await.failure(403, "forbidden");
    let runs = server.ask_signed(Method::GET, "/api/v1/runs", None, &bob()).await;
    assert_eq!(runs.at("/runs"), json!([]));
}

#[tokio::test]
async fn the_list_for_me_has_what_i_may_run() {
    let server = with_admin().await;
    let all = names(&server.get("/api/v1/commands").await.json());
    let mine = async |wallet: &Wallet| server.ask_signed(Method::GET, "/api/v1/commands?for=me", None, wallet).await;
    let visitor = mine(&bob()).await;
    let without = |missing: &[&str]| -> Vec<String> {
        all.iter().filter(|name| !missing.contains(&name.as_str())).cloned().collect()
    };
    assert_eq!(names(&visitor.json()), without(&["club/board", "monitor-service"]));
    assert_eq!((visitor.status, visitor.header("cache-control")), (200, "private, no-cache"));
    let vary: Vec<_> = visitor.headers.get_all("vary").iter().map(|vary| vary.to_str().unwrap()).collect();
    assert!(vary.iter().any(|vary| vary.eq_ignore_ascii_case("authorization")), "{vary:?}");
    server.run_signed(&bob(), "/identity").await.success();
    let member = mine(&bob()).await;
    assert_eq!(names(&member.json()), without(&["club/board", "monitor-service"]));
    assert_eq!(names(&mine(&alice()).await.json()), all);
    assert_eq!(mine(&alice()).await.json(), server.get("/api/v1/commands").await.json());

    let target = "/api/v1/commands?for=me";
    let again = server.request(Method::GET, target).header("if-none-match", member.header("etag"));
    let statement = server.statement(&format!("GET {target}"));
    let again = crate::common::Reply::of(again.header("authorization", statement.authorization(&bob()))).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    server.get(target).await.failure(401, "identity_required");
    server.get("/api/v1/commands?for=you").await.failure(400, "malformed_request").hint("for=me");
    server.get("/api/v1/commands?for=me&for=me").await.failure(400, "malformed_request");
}

#[tokio::test]
async fn the_catalogue_says_what_is_required() {
    let server = with_admin().await;
    let club = server.get("/api/v1/commands/club").await;
    assert_eq!(club.at("/requiresRole"), json!("member"));
    assert_eq!(club.at("/subcommands/0/requiresRole"), json!("admin"));
    assert!(club.json().pointer("/subcommands/1/requiresRole").is_none());
    let monitor = server.get("/api/v1/commands/monitor-service").await;
    assert_eq!(monitor.at("/requiresRole"), json!("admin"));
}

/// What proves nothing costs its peer; what proves something does not.
#[tokio::test]
async fn a_peer_may_have_so_many_bad_signatures_checked() {
    let server = Server::with(&["--max-bad-signatures", "1", "--trusted-proxies", "127.0.0.1"]).await;
    let forged = |statement: &Statement| {
        let mut body = statement.body(&alice());
        body["command"] = json!("/whoami ");
        body
    };
    let statement = server.statement("/whoami");
    for _ in 0..5 {
        server.run_signed(&alice(), "/whoami").await.success();
    }
    server.post(forged(&statement).to_string()).await.failure(401, "signature_mismatch");
    // One a second: the next is perhaps a second later on a slow machine, not each of the next.
    let refused = loop {
        let reply = server.post(forged(&statement).to_string()).await;
        if reply.status == 429 {
            break reply;
        }
        reply.failure(401, "signature_mismatch");
    };
    refused.failure(429, "rate_limited").hint("good are not counted");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit-policy")), ("1", "\"bad-signatures\";q=1"));
    let elsewhere = server.request(Method::POST, crate::common::EXECUTE).header("x-forwarded-for", "192.0.2.7");
    crate::common::Reply::of(elsewhere.json(&forged(&statement))).await.failure(401, "signature_mismatch");
    server.run("/ping").await.success();
}
