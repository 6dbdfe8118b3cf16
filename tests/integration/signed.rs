//! Signed Command v1: what is taken, and for each member what is said of one that is wrong.

mod properties;

use nexus::address::Address;
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{EXECUTE, Reply, Server, Statement, Wallet, alice, bob};

/// The server of the contract's example, on our own port.
async fn production() -> Server {
    Server::with(&["--env", "production", "--public-origins", "https://cmd.example.com,http://127.0.0.1"]).await
}

async fn send(server: &Server, body: &Value) -> Reply {
    server.post(body.to_string()).await
}

#[tokio::test]
async fn it_is_enough_for_every_command_in_every_mode_and_is_logged() {
    for legacy in ["off", "safe", "all"] {
        let server = Server::with(&["--legacy-signatures", legacy]).await;
        let mut stream = server.listen(&alice()).await;
        for command in ["/identity", "/whoami", "/ping", "/identity/delete"] {
            server.run_signed(&alice(), command).await.success();
            let frame = stream.next_of("command_result").await;
            assert_eq!((frame.json()["command"].as_str(), frame.id.is_some()), (Some(command), true));
        }
    }
}

#[tokio::test]
async fn what_was_signed_elsewhere_is_recognised() {
    let text = "Signed Command v1\nAudience: https://cmd.example.com\n\
                Signer: 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\nCommand: \"/identity/delete\"\nArgs: []\n\
                Nonce: 3q2-7wABCDEFGH12\nIssued At: 1753000000\nExpires At: 1753000060";
    let statement = Statement {
        audience: "https://cmd.example.com".to_owned(),
        command: "/identity/delete".to_owned(),
        args: None,
        nonce: "3q2-7wABCDEFGH12".to_owned(),
        issued_at: 1_753_000_000,
        expires_at: 1_753_000_060,
    };
    let one = Wallet::new(&[[0; 31].as_slice(), &[1]].concat());
    assert_eq!(statement.text(&one.address().to_string()), text);
    let signature = "0x39867dbd79b62fef400a02e8169f39df2096645b986b90d750442a50ce35f15639d757faa06914e0bc04f47cd41dccc28c4a0\
                     d33ba8f38945a702594bad0453f1c";
    let auth = statement.auth(&one);
    assert_eq!(auth["signature"], json!(signature));
    let server = production().await;
    server.step(1_753_000_030 - server.now());
    let reply = send(&server, &json!({ "command": "/identity/delete", "auth": auth })).await;
    reply.failure(404, "not_found").message(&one.address().to_string());
}

#[tokio::test]
async fn args_are_covered_in_their_canonical_form() {
    let server = Server::start().await;
    let args = json!({ "text": "ä\u{2028}\"\\/\u{7f}", "times": 2 });
    let good = Statement { args: Some(args.clone()), ..server.statement("/echo") };
    let mut body = good.body(&alice());
    body["args"] = serde_json::from_str(&format!("{{ \"times\": 2.0, \"text\": {} }}", args["text"])).unwrap();
    assert_eq!(send(&server, &body).await.success(), "ä\u{2028}\"\\/\u{7f} ".repeat(2).trim_end());
    for (signed, sent) in [
        (None, Some(json!([]))),
        (None, Some(Value::Null)),
        (Some(json!([])), None),
        (Some(json!(["x"])), Some(json!(["x"]))),
    ] {
        let mut body = Statement { args: signed, ..server.statement("/echo hello") }.body(&alice());
        body["args"] = sent.unwrap_or_default();
        send(&server, &body).await.success();
    }
}

type Change<'a> = &'a dyn Fn(&mut Value);

/// Each row changes one thing of what is sent after it was signed.
#[tokio::test]
async fn what_is_sent_is_what_was_signed() {
    let server = Server::start().await;
    let args = json!(["one", "two"]);
    let change = |change: &dyn Fn(&mut Value)| {
        let statement = Statement { args: Some(args.clone()), ..server.statement("/echo") };
        let mut body = statement.body(&alice());
        change(&mut body);
        body
    };
    let table: [(&str, Change, u16, &str); 17] = [
        ("nothing", &|_| {}, 200, ""),
        ("the command's case", &|b| b["command"] = json!("/Echo"), 401, "signature_mismatch"),
        ("the command's slash", &|b| b["command"] = json!("echo"), 401, "signature_mismatch"),
        ("a space at its end", &|b| b["command"] = json!("/echo "), 401, "signature_mismatch"),
        ("an argument", &|b| b["args"] = json!(["one", "tvo"]), 401, "signature_mismatch"),
        ("the order of arguments", &|b| b["args"] = json!(["two", "one"]), 401, "signature_mismatch"),
        ("no arguments", &|b| b["args"] = json!(null), 422, "invalid_arguments"),
        ("an object of them", &|b| b["args"] = json!({ "text": "one two" }), 401, "signature_mismatch"),
        (
            "words in the text",
            &|b| *b = json!({ "command": "/echo one two", "auth": b["auth"] }),
            401,
            "signature_mismatch",
        ),
        ("the key", &|b| b["auth"]["publicKey"] = json!(bob().address()), 401, "signature_mismatch"),
        ("the nonce", &|b| b["auth"]["nonce"] = json!("0123456789abcdef"), 401, "signature_mismatch"),
        (
            "the time",
            &|b| b["auth"]["issuedAt"] = json!(b["auth"]["issuedAt"].as_i64().unwrap() - 1),
            401,
            "signature_mismatch",
        ),
        (
            "the end",
            &|b| b["auth"]["expiresAt"] = json!(b["auth"]["expiresAt"].as_i64().unwrap() + 1),
            401,
            "signature_mismatch",
        ),
        (
            "the audience's other name",
            &|b| b["auth"]["audience"] = json!(server.app.public_origins[0].as_str()),
            401,
            "signature_mismatch",
        ),
        (
            "the audience by a slash",
            &|b| b["auth"]["audience"] = json!(format!("{}/", server.url)),
            401,
            "audience_mismatch",
        ),
        (
            "the audience by its case",
            &|b| b["auth"]["audience"] = json!(server.url.replace("http", "Http")),
            401,
            "audience_mismatch",
        ),
        (
            "the audience by a byte",
            &|b| b["auth"]["audience"] = json!(server.url.replace("http", "https")),
            401,
            "audience_mismatch",
        ),
    ];
    for (what, changed, status, code) in table {
        let reply = send(&server, &change(changed)).await;
        if status == 200 {
            reply.success();
        } else {
            reply.failure(status, code).hint("");
        }
        assert!(status != 401 || reply.text_at("/data/audience") == server.url, "{what}");
    }
}

#[tokio::test]
async fn another_signers_good_signature_is_none() {
    let server = Server::start().await;
    let statement = server.statement("/whoami");
    let mut body = statement.body(&bob());
    body["auth"]["publicKey"] = json!(alice().address());
    send(&server, &body).await.failure(401, "signature_mismatch");
    let theirs = statement.text(&alice().address().to_string());
    let auth = statement.auth_with(&alice().address().to_string(), &hex_of(&bob().personal_sign(theirs.as_bytes())));
    send(&server, &json!({ "command": "/whoami", "auth": auth })).await.failure(401, "signature_mismatch");
}

#[tokio::test]
async fn each_member_has_a_shape() {
    let server = Server::start().await;
    let table: [(&str, Value); 24] = [
        ("scheme", json!("eip712")),
        ("scheme", json!("EIP191")),
        ("scheme", json!(1)),
        ("scheme", Value::Null),
        ("publicKey", json!("0x12")),
        ("publicKey", Value::Null),
        ("signature", json!("0x")),
        ("signature", json!(format!("0x{}", "30".repeat(71)))),
        ("signature", json!(format!("0x{}{}", "11".repeat(65), "6492".repeat(16)))),
        ("audience", Value::Null),
        ("audience", json!(["http://127.0.0.1"])),
        ("nonce", json!("x".repeat(15))),
        ("nonce", json!("x".repeat(65))),
        ("nonce", json!(format!("{}=", "x".repeat(16)))),
        ("nonce", json!(format!("{} ", "x".repeat(16)))),
        ("nonce", json!(format!("{}ä", "x".repeat(16)))),
        ("nonce", json!("")),
        ("nonce", json!(1_234_567_890_123_456_u64)),
        ("issuedAt", json!("1753000000")),
        ("issuedAt", json!(1_753_000_000.5)),
        ("issuedAt", Value::Null),
        ("expiresAt", json!(true)),
        ("expiresAt", json!(1e30)),
        ("chainId", json!(1)),
    ];
    for (member, value) in table {
        let mut body = server.statement("/whoami").body(&alice());
        body["auth"][member] = value.clone();
        let reply = send(&server, &body).await;
        reply.failure(400, "auth_malformed").hint("");
        assert!(!reply.text.contains("invalid type"), "{member} {value}: {reply:?}");
    }
    for member in ["scheme", "publicKey", "signature", "audience", "nonce", "issuedAt", "expiresAt"] {
        let mut body = server.statement("/whoami").body(&alice());
        body["auth"].as_object_mut().unwrap().remove(member);
        send(&server, &body).await.failure(400, "auth_malformed").hint("seven members");
    }
    for length in [16, 64] {
        let statement = Statement { nonce: "-_09azAZ".repeat(length / 8), ..server.statement("/whoami") };
        send(&server, &statement.body(&alice())).await.success();
    }
}

#[tokio::test]
async fn times_have_their_limits_to_the_second() {
    let server = Server::start().await;
    // Seconds from now: when it begins, when it ends.
    let table = [
        (0, 1, 200, ""),
        (0, 300, 200, ""),
        (0, 301, 401, "validity_too_long"),
        (0, 0, 401, "validity_too_long"),
        (0, -1, 401, "validity_too_long"),
        (30, 60, 200, ""),
        (32, 60, 401, "request_not_yet_valid"),
        (-60, -29, 200, ""),
        (-60, -31, 401, "request_expired"),
        (-10_000, -9_990, 401, "request_expired"),
    ];
    for (begins, ends, status, code) in table {
        let now = server.now();
        let statement = Statement { issued_at: now + begins, expires_at: now + ends, ..server.statement("/whoami") };
        let reply = send(&server, &statement.body(&alice())).await;
        if status == 200 {
            reply.success();
        } else {
            reply.failure(status, code).hint("");
            reply.text_at("/data/time").parse::<jiff::Timestamp>().unwrap();
        }
    }
    for (issued_at, expires_at) in
        [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MIN, i64::MIN + 1), (i64::MAX - 1, i64::MAX)]
    {
        let statement = Statement { issued_at, expires_at, ..server.statement("/whoami") };
        assert_eq!(send(&server, &statement.body(&alice())).await.status, 401);
    }
}

#[tokio::test]
async fn a_signature_has_one_form_of_each_value() {
    let server = Server::start().await;
    let signer = alice().address().to_string();
    let with = async |change: &dyn Fn(&mut [u8; 65])| {
        let statement = server.statement("/whoami");
        let mut bytes = alice().personal_sign(statement.text(&signer).as_bytes());
        change(&mut bytes);
        let auth = statement.auth_with(&signer, &hex_of(&bytes));
        send(&server, &json!({ "command": "/whoami", "auth": auth })).await
    };
    with(&|_| {}).await.success();
    with(&|bytes| bytes[64] -= 27).await.success();
    for v in [2, 3, 26, 29, 30, 255] {
        with(&|bytes| bytes[64] = v).await.failure(401, "signature_invalid");
    }
    with(&|bytes| bytes[64] ^= 7).await.failure(401, "signature_mismatch");
    with(&high).await.failure(401, "signature_high_s");
    with(&|bytes| bytes[..32].fill(0)).await.failure(401, "signature_invalid");
    with(&|bytes| bytes[32..64].fill(0)).await.failure(401, "signature_invalid");
    with(&|bytes| bytes[..32].fill(255)).await.failure(401, "signature_invalid");
}

/// The twin of a signature, by the same key over the same text.
fn high(bytes: &mut [u8; 65]) {
    let signature = k256::ecdsa::Signature::from_slice(&bytes[..64]).unwrap();
    let high = k256::ecdsa::Signature::from_scalars(*signature.r(), -*signature.s()).unwrap();
    bytes[..64].copy_from_slice(&high.to_bytes());
    bytes[64] ^= 7;
}

/// What is wrong with a request is said in the same order whatever else is: arguments, audience, times, signature, role.
#[tokio::test]
async fn the_first_fault_is_told() {
    let server = Server::start().await;
    let mut statement = server.statement("/monitor-service --samples x");
    statement.audience = "https://elsewhere.example".to_owned();
    statement.issued_at -= 10_000;
    let body = |statement: &Statement| {
        let mut body = statement.body(&alice());
        body["auth"]["publicKey"] = json!(bob().address());
        body
    };
    send(&server, &body(&statement)).await.failure(422, "invalid_arguments");
    statement.command = "/monitor-service".to_owned();
    send(&server, &body(&statement)).await.failure(401, "audience_mismatch");
    statement.audience = server.url.clone();
    send(&server, &body(&statement)).await.failure(401, "validity_too_long");
    statement.expires_at = statement.issued_at + 60;
    send(&server, &body(&statement)).await.failure(401, "request_expired");
    (statement.issued_at, statement.expires_at) = (server.now(), server.now() + 60);
    send(&server, &body(&statement)).await.failure(401, "signature_mismatch");
    send(&server, &statement.body(&alice())).await.failure(403, "forbidden").hint("NEXUS_ADMINS");
    let same = Statement { command: "/whoami".to_owned(), ..statement };
    send(&server, &same.body(&alice())).await.success();
}

#[tokio::test]
async fn elsewhere_it_stands_in_the_header_and_covers_method_target_and_body() {
    let server = production().await;
    let ask = async |method: Method, target: &str, statement: &Statement| {
        let request = server.request(method, target).header("authorization", statement.authorization(&alice()));
        Reply::of(request).await
    };
    let runs = "/api/v1/runs?limit=5&status=success";
    let signed = |line: &str| Statement { audience: "http://127.0.0.1".to_owned(), ..server.statement(line) };
    assert_eq!(ask(Method::GET, runs, &signed(&format!("GET {runs}"))).await.status, 200);
    for line in
        ["GET /api/v1/runs", "GET /api/v1/runs?status=success&limit=5", "DELETE /api/v1/runs?limit=5&status=success"]
    {
        ask(Method::GET, runs, &signed(line)).await.failure(401, "signature_mismatch");
    }
    let once = signed(&format!("GET {runs}"));
    assert_eq!(ask(Method::GET, runs, &once).await.status, 200);
    ask(Method::GET, runs, &once).await.failure(422, "nonce_reused").hint("nonce");
    let refused = signed("GET /api/v1/runs?limit=0");
    ask(Method::GET, "/api/v1/runs?limit=0", &refused).await.failure(422, "invalid_arguments");

    let logout = "/api/v1/auth/logout";
    let body = json!({ "all": true });
    let statement = Statement { args: Some(body.clone()), ..signed("POST /api/v1/auth/logout") };
    let post = async |statement: &Statement, body: &Value| {
        let request = server.request(Method::POST, logout).header("authorization", statement.authorization(&alice()));
        Reply::of(request.json(body)).await
    };
    let none = Statement { args: None, ..signed("POST /api/v1/auth/logout") };
    post(&none, &body).await.failure(401, "signature_mismatch");
    post(&statement, &json!({ "all": null, })).await.failure(400, "malformed_request");
    assert_eq!(post(&statement, &body).await.status, 204);
}

#[tokio::test]
async fn a_claim_beside_it_is_passed_over_and_a_header_in_its_place_refused() {
    let server = Server::start().await;
    let request = server.request(Method::POST, EXECUTE).bearer_auth(bob().address());
    let reply = Reply::of(request.json(&server.statement("/whoami").body(&alice()))).await;
    assert_eq!(reply.text_at("/data/public_key"), alice().address().to_string());
    let statement = server.statement("/whoami");
    let request = server.request(Method::POST, EXECUTE).header("authorization", statement.authorization(&alice()));
    Reply::of(request.json(&json!({ "command": "/whoami" }))).await.failure(400, "auth_malformed").hint("`auth`");
}

#[tokio::test]
async fn the_key_may_be_named_by_itself_and_the_text_names_its_address() {
    let server = Server::start().await;
    let statement = server.statement("/whoami");
    let address: Address = alice().address();
    for name in [address.to_string().to_lowercase(), hex_of(&alice().compressed()), hex::encode(alice().uncompressed())]
    {
        let statement = Statement { nonce: server.statement("").nonce, ..statement.clone() };
        let signature = hex_of(&alice().personal_sign(statement.text(&address.to_string()).as_bytes()));
        let body = json!({ "command": "/whoami", "auth": statement.auth_with(&name, &signature) });
        send(&server, &body).await.success();
    }
}

fn hex_of(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}
