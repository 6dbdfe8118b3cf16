//! What the server is measured beside.

use std::hint::black_box;
use std::time::{Duration, Instant};

use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use axum::{Json, Router};
use k256::ecdsa::SigningKey;
use nexus::address::Address;
use nexus::command::Registry;
use nexus::signing::recover::{Signature, recover as recover_address};
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct Request {
    command: String,
}

/// As much as `/ping` answers.
#[derive(Serialize)]
struct Answer {
    status: &'static str,
    message: String,
    data: Pong,
    run_id: &'static str,
}

#[derive(Serialize)]
struct Pong {
    latency_ms: f64,
    nexus_version: &'static str,
    timestamp: &'static str,
}

/// Handlers of axum with nothing around them, and with the runtime that nexus has.
pub fn serve_bare() {
    let catalogue = Registry::discover().unwrap().catalogue().bytes.clone();
    let ping = async |Json(request): Json<Request>| {
        Json(Answer {
            status: "success",
            message: request.command,
            data: Pong { latency_ms: 0.012_345, nexus_version: "0.1.0", timestamp: "2026-01-01T00:00:00.000Z" },
            run_id: "01900000-0000-7000-8000-000000000000",
        })
    };
    let commands = move || async move { ([(CONTENT_TYPE, "application/json")], catalogue) };
    let router = Router::new().route("/ping", post(ping)).route("/commands", get(commands));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("serves on http://{}", listener.local_addr().unwrap());
        axum::serve(listener, router).await.unwrap();
    });
}

/// Prints how many keys are recovered a second.
pub fn recover() {
    let (digest, signature) = sign(&key(1), "/whoami");
    let signature = Signature::parse(&signature).unwrap();
    let begun = Instant::now();
    let mut count = 0_u32;
    while begun.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            black_box(recover_address(black_box(&digest), black_box(&signature)).unwrap());
        }
        count += 100;
    }
    println!("a second: {:.0}", f64::from(count) / begun.elapsed().as_secs_f64());
}

/// Bodies of `/whoami`, each signed by another key.
pub fn signed_whoami(signers: u8) -> Vec<String> {
    let body = |number: u8| {
        let key = key(number);
        let point = key.verifying_key().to_sec1_point(false);
        let address = Address::of_public_key(point.as_bytes().try_into().unwrap());
        let (_, signature) = sign(&key, "/whoami");
        format!(r#"{{"command": "/whoami", "auth": {{"publicKey": "{address}", "signature": "{signature}"}}}}"#)
    };
    (1..=signers).map(body).collect()
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

fn sign(key: &SigningKey, text: &str) -> ([u8; 32], String) {
    let digest: [u8; 32] = Keccak256::digest(text).into();
    let (signature, id) = key.sign_prehash_recoverable(&digest);
    let mut bytes = signature.to_bytes().to_vec();
    bytes.push(27 + id.to_byte());
    (digest, hex::encode(bytes))
}
