//! `auth` objects and `Authorization` headers of random parts: what is not right is refused, and nothing breaks the reader.

use std::collections::BTreeSet;

use nexus::address::Address;
use nexus::error::Code;
use nexus::signing::Proof;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::common::random::any_json;
use crate::common::wallet::base64url;
use crate::common::{Reply, Server, Statement, alice};

const BARE: [&str; 2] = ["publicKey", "signature"];
const SIGNED: [&str; 7] = ["scheme", "publicKey", "signature", "audience", "nonce", "issuedAt", "expiresAt"];

fn any_auth() -> impl Strategy<Value = Value> {
    any_json(prop_oneof![2 => hex(), 1 => Just(json!("eip191"))].boxed(), &SIGNED)
}

/// About as long as what is taken.
fn hex() -> impl Strategy<Value = Value> {
    let bytes = select(&[19, 20, 21, 32, 33, 63, 64, 65, 66][..]).prop_flat_map(|length| vec(any::<u8>(), length));
    (bytes, any::<bool>())
        .prop_map(|(bytes, prefix)| Value::from(format!("{}{}", if prefix { "0x" } else { "" }, hex::encode(bytes))))
}

/// Values that may stand in a signature of either kind, with a nonce, a key and a signature as they should be.
fn good() -> impl Strategy<Value = Value> {
    let parts = (any::<bool>(), any::<[u8; 20]>(), vec(any::<u8>(), 64..=65), "[A-Za-z0-9_-]{16,64}", ".{0,30}");
    (parts, any::<(i64, i64)>()).prop_map(
        |((is_bare, address, signature, nonce, audience), (issued_at, expires_at))| {
            let statement = Statement { audience, command: String::new(), args: None, nonce, issued_at, expires_at };
            let public_key = format!("0x{}", hex::encode(address));
            let mut auth = statement.auth_with(&public_key, &hex::encode(signature));
            if is_bare {
                auth.as_object_mut().unwrap().retain(|name, _| BARE.contains(&name.as_str()));
            }
            auth
        },
    )
}

/// What the contract says of an `auth` that is taken (section 4), in other words than the reader's.
fn is_taken(auth: &Value) -> bool {
    let Some(object) = auth.as_object() else { return false };
    let names: BTreeSet<_> = object.keys().map(String::as_str).collect();
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let is_hex = |text: &str, lengths: &[usize]| {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        lengths.contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    };
    let is_key = text("publicKey").is_some_and(|key| key.parse::<Address>().is_ok());
    let is_pair = is_key && text("signature").is_some_and(|signature| is_hex(signature, &[128, 130]));
    let is_nonce = |nonce: &str| {
        let is_good = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        (16..=64).contains(&nonce.len()) && nonce.chars().all(is_good)
    };
    let is_signed = || {
        let are_times = ["issuedAt", "expiresAt"].iter().all(|name| object[*name].is_i64());
        text("scheme") == Some("eip191")
            && text("audience").is_some()
            && text("nonce").is_some_and(is_nonce)
            && are_times
    };
    is_pair && (names == BTreeSet::from(BARE) || (names == BTreeSet::from(SIGNED) && is_signed()))
}

/// One thing that is done to the members of an object.
fn damage(auth: &mut Value, kind: u8, here: Index, with: Value) {
    let Some(object) = auth.as_object_mut().filter(|object| !object.is_empty()) else { return };
    let name = here.get(&object.keys().cloned().collect::<Vec<_>>()).clone();
    match kind {
        0 => drop(object.remove(&name)),
        1 => drop(object.insert(name, with)),
        2 => drop(object.insert(here.get(&SIGNED).to_string(), with)),
        3 => drop(object.insert(format!("{name} "), with)),
        _ => {
            if let Some(text) = object[&name].as_str() {
                let mut characters: Vec<_> = text.chars().collect();
                match (kind, characters.is_empty()) {
                    (4, false) => drop(characters.remove(here.index(characters.len()))),
                    (5, false) => characters[here.index(text.chars().count())] = 'g',
                    _ => characters.push('0'),
                }
                object.insert(name, characters.into_iter().collect::<String>().into());
            }
        }
    }
}

fn read(auth: &Value) -> Result<(), TestCaseError> {
    let proof = Proof::parse(auth);
    prop_assert_eq!(proof.is_ok(), is_taken(auth), "{}", auth);
    let code = proof.err().map(|error| error.code);
    prop_assert!(code.is_none_or(|code| code == Code::AuthMalformed), "{}: {:?}", auth, code);
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_an_auth_or_refused(auth in any_auth()) {
        read(&auth)?;
    }

    #[test]
    fn a_good_auth_is_read_and_a_damaged_one_only_where_it_is_good_again(
        auth in good(),
        damages in vec((0_u8..7, any::<Index>(), any_auth()), 1..3),
    ) {
        prop_assert!(is_taken(&auth));
        read(&auth)?;
        let mut damaged = auth;
        for (kind, here, with) in damages {
            damage(&mut damaged, kind, here, with);
        }
        read(&damaged)?;
    }
}

/// What a client may put into a header, with the beginnings that mean something.
fn headers() -> impl Strategy<Value = Vec<u8>> {
    let schemes = select(&["", "Bearer ", "bearer  ", "Bearer ns_", "Bearer 0x", "EthSignature ", "ETHSIGNATURE "][..]);
    let byte = prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8, Just(b'\t')];
    let texts = "[A-Za-z0-9_=-]{0,90}".prop_map(String::into_bytes);
    let value =
        prop_oneof![vec(byte, 0..80), texts, any_auth().prop_map(|auth| base64url(&auth.to_string()).into_bytes())];
    (schemes, value).prop_map(|(scheme, value)| [scheme.as_bytes(), &value].concat())
}

/// Sends them all, on one connection; each is refused for a reason that the caller can mend, or proves nothing.
#[tokio::test]
async fn no_authorization_breaks_the_server() {
    let server = Server::with(&["--anonymous-streams", "off", "--legacy-signatures", "off"]).await;
    let mut runner = TestRunner::deterministic();
    let strategy = vec(headers(), 1..3);
    let stream = format!("/api/v1/stream/{}", alice().address());
    for _ in 0..300 {
        let fields = strategy.new_tree(&mut runner).unwrap().current();
        for (method, target) in
            [(Method::GET, "/api/v1/runs"), (Method::GET, &stream), (Method::POST, "/api/v1/auth/logout")]
        {
            let request = fields.iter().fold(server.request(method, target), |request, field| {
                request.header("authorization", HeaderValue::from_bytes(field).unwrap())
            });
            let reply = Reply::of(request).await;
            assert!([400, 401].contains(&reply.status), "{fields:?}: {reply:?}");
            assert!(!reply.text_at("/message").is_empty(), "{reply:?}");
        }
    }
}
