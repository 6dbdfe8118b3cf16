//! What the server is measured beside.

use std::hint::black_box;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use k256::ecdsa::SigningKey;
use nexus::address::Address;
use nexus::command::Registry;
use nexus::signing::recover::{Signature, recover as recover_address};
use nexus::signing::v1::{LONGEST, SCHEME, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;
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

/// Prints how many keys are recovered a second. No two signatures are the same: a processor learns the way through one.
pub fn recover() {
    let signed = |number: u32| {
        let digest = Keccak256::digest(number.to_be_bytes()).into();
        (digest, Signature::parse(&sign(&Signer::of(number).key, &digest)).unwrap())
    };
    let signed: Vec<([u8; 32], Signature)> = (1..=4096).map(signed).collect();
    let begun = Instant::now();
    let mut count = 0_u32;
    for some in signed.chunks(64).cycle().take_while(|_| begun.elapsed() < Duration::from_secs(2)) {
        for (digest, signature) in some {
            black_box(recover_address(black_box(digest), signature).unwrap());
            count += 1;
        }
    }
    println!("a second: {:.0}", f64::from(count) / begun.elapsed().as_secs_f64());
}

/// To whom signatures are made out.
pub const AUDIENCE: &str = "http://localhost";

/// Bodies of a command by so many keys in turn, so many of each, good for as long as may be.
pub fn signed(command: &str, signers: u32, of_each: u32) -> Vec<String> {
    signed_by(command, 1..=signers, of_each)
}

/// The same by these keys.
pub fn signed_by(command: &str, signers: RangeInclusive<u32>, of_each: u32) -> Vec<String> {
    let signers: Vec<Signer> = signers.map(Signer::of).collect();
    (0..of_each).flat_map(|number| signers.iter().map(move |signer| signer.sign(command, number))).collect()
}

struct Signer {
    key: SigningKey,
    address: Address,
}

impl Signer {
    fn of(number: u32) -> Self {
        let key = SigningKey::from_slice(&Keccak256::digest(number.to_be_bytes())).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let address = Address::of_public_key(point.as_bytes().try_into().unwrap());
        Self { key, address }
    }

    fn sign(&self, command: &str, number: u32) -> String {
        let (signer, audience, issued_at) = (self.address, AUDIENCE, Timestamp::now().as_second());
        // As random as others are, as far as an index can tell.
        let nonce = hex::encode(Keccak256::digest([signer.as_bytes(), number.to_be_bytes().as_slice()].concat()));
        let nonce = &nonce[..22];
        let expires_at = issued_at + LONGEST;
        let statement = Statement { audience, signer, command, args: None, nonce, issued_at, expires_at };
        let signature = sign(&self.key, &statement.digest().unwrap());
        let auth = json!({
            "scheme": SCHEME, "publicKey": signer, "signature": signature, "audience": audience,
            "nonce": nonce, "issuedAt": issued_at, "expiresAt": expires_at,
        });
        json!({ "command": command, "auth": auth }).to_string()
    }
}

fn sign(key: &SigningKey, digest: &[u8; 32]) -> String {
    let (signature, id) = key.sign_prehash_recoverable(digest);
    let mut bytes = signature.to_bytes().to_vec();
    bytes.push(27 + id.to_byte());
    hex::encode(bytes)
}
