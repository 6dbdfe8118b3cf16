//! Bare signatures: which are good, and what is said of those that are not.

use k256::ecdsa::{RecoveryId, Signature as Ecdsa, VerifyingKey};
use nexus::address::Address;
use nexus::signing::recover::{Signature, recover};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};

use crate::common::wallet::auth;
use crate::common::{Reply, Server, Wallet, alice, bob, vectors};

/// The order of secp256k1.
const N: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

async fn whoami(server: &Server, auth: Value) -> Reply {
    server.post(json!({ "command": "/whoami", "auth": auth }).to_string()).await
}

fn hex_of(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

#[tokio::test]
async fn a_key_may_be_named_by_its_address_in_any_case_or_by_itself() {
    let server = Server::start().await;
    let address = alice().address().to_string();
    let names = [
        address.clone(),
        address.to_lowercase(),
        format!("0x{}", address[2..].to_uppercase()),
        hex_of(&alice().uncompressed()),
        hex_of(&alice().compressed()),
        hex::encode(alice().compressed()),
    ];
    for name in names {
        let reply = whoami(&server, auth(&name, &hex_of(&alice().sign_text("/whoami")))).await;
        assert_eq!((reply.status, reply.text_at("/data/public_key")), (200, address.clone()), "{name}");
    }
}

#[tokio::test]
async fn a_signature_may_have_v_in_two_forms_or_none_and_lack_its_prefix() {
    let server = Server::start().await;
    let signature = alice().sign_text("/whoami");
    let mut small_v = signature;
    small_v[64] -= 27;
    let mut compact: [u8; 64] = signature[..64].try_into().unwrap();
    compact[32] |= (signature[64] - 27) << 7;
    for form in
        [hex_of(&signature), hex::encode(signature), hex_of(&small_v), hex_of(&compact), hex::encode_upper(compact)]
    {
        whoami(&server, auth(&alice().address().to_string(), &form)).await.success();
    }
}

#[tokio::test]
async fn the_text_is_signed_as_sent_or_in_its_normal_form() {
    let server = Server::start().await;
    for (sent, signed) in
        [("whoami", "whoami"), ("whoami", "/whoami"), (" /whoami ", "/whoami"), (" /whoami ", " /whoami ")]
    {
        let body = json!({ "command": sent, "auth": alice().bare(signed) });
        server.post(body.to_string()).await.success();
    }
    let body = json!({ "command": "/WHOAMI", "auth": alice().bare("/whoami") });
    server.post(body.to_string()).await.failure(401, "signature_mismatch");
}

#[tokio::test]
async fn what_is_missing_or_malformed() {
    let server = Server::start().await;
    let reply = server.run("/whoami").await;
    let challenge = reply.failure(401, "signature_required").hint("auth").header("www-authenticate");
    assert!(challenge.starts_with("EthSignature "), "{challenge}");
    assert!(challenge.contains(&format!("audience=\"{}\"", server.url)), "{challenge}");
    assert!(challenge.contains("error=\"signature_required\""), "{challenge}");
    assert_eq!(reply.text_at("/data/audience"), server.url);
    reply.text_at("/data/time").parse::<jiff::Timestamp>().unwrap();

    let good = alice().bare("/whoami");
    let (key, signature) = (good["publicKey"].as_str().unwrap(), good["signature"].as_str().unwrap());
    let table = [
        json!("signature"),
        json!([]),
        json!([key, signature]),
        json!({}),
        json!({ "publicKey": key }),
        json!({ "signature": signature }),
        json!({ "publicKey": key, "signature": 7 }),
        json!({ "publicKey": null, "signature": signature }),
        json!({ "publicKey": key, "signature": signature, "nonce": "0123456789abcdef" }),
        json!({ "publicKey": key, "signature": signature, "scheme": "eip191" }),
        auth("0x12", signature),
        auth(&key[2..], signature),
        auth(&hex_of(&[4; 65]), signature),
        auth(key, ""),
        auth(key, "0x"),
        auth(key, "0xzz"),
        auth(key, &signature[..131]),
        auth(key, &format!("{signature}00")),
        auth(key, &format!("{signature}{}", "6492".repeat(16))),
    ];
    for auth in table {
        whoami(&server, auth.clone()).await.failure(400, "auth_malformed").hint("");
    }
}

#[tokio::test]
async fn what_is_out_of_range_by_another_or_a_twin() {
    let server = Server::start().await;
    let key = alice().address().to_string();
    let good = alice().sign_text("/whoami");
    let with = |change: &dyn Fn(&mut [u8; 65])| {
        let mut bytes = good;
        change(&mut bytes);
        auth(&key, &hex_of(&bytes))
    };
    let n: [u8; 32] = hex::decode(N).unwrap().try_into().unwrap();
    for v in [2, 3, 26, 29, 30, 31, 255] {
        whoami(&server, with(&|bytes| bytes[64] = v)).await.failure(401, "signature_invalid");
    }
    whoami(&server, with(&|bytes| bytes[..32].fill(0))).await.failure(401, "signature_invalid");
    whoami(&server, with(&|bytes| bytes[32..64].fill(0))).await.failure(401, "signature_invalid");
    whoami(&server, with(&|bytes| bytes[..32].copy_from_slice(&n))).await.failure(401, "signature_invalid");
    whoami(&server, with(&|bytes| bytes[32..64].copy_from_slice(&n))).await.failure(401, "signature_invalid");
    whoami(&server, with(&|bytes| bytes[32..64].copy_from_slice(&twin(&good[32..64]))))
        .await
        .failure(401, "signature_high_s");
    let other = whoami(&server, auth(&bob().address().to_string(), &hex_of(&good))).await;
    other.failure(401, "signature_mismatch").hint("byte for byte");
    let elsewhere = json!({ "command": "/identity", "auth": alice().bare("/whoami") });
    server.post(elsewhere.to_string()).await.failure(401, "signature_mismatch");
}

/// n - s.
fn twin(s: &[u8]) -> [u8; 32] {
    let n = hex::decode(N).unwrap();
    let mut difference = [0; 32];
    let mut borrow = 0;
    for place in (0..32).rev() {
        let digit = i32::from(n[place]) - i32::from(s[place]) - borrow;
        borrow = i32::from(digit < 0);
        difference[place] = digit.rem_euclid(256).try_into().unwrap();
    }
    difference
}

#[tokio::test]
async fn a_bad_signature_is_refused_also_where_none_is_needed() {
    let server = Server::start().await;
    let body = json!({ "command": "/ping", "auth": alice().bare("/pong") });
    server.post(body.to_string()).await.failure(401, "signature_mismatch");
}

#[tokio::test]
async fn args_beside_a_bare_signature_are_refused() {
    let server = Server::start().await;
    for args in [json!(["delete"]), json!({ "text": "x" })] {
        let command = if args.is_array() { "/identity" } else { "/echo" };
        let body = json!({ "command": command, "args": args, "auth": alice().bare(command) });
        server.post(body.to_string()).await.failure(400, "args_not_signed").hint("command text");
    }
    for args in [json!([]), json!({}), json!(null)] {
        let body = json!({ "command": "/whoami", "args": args, "auth": alice().bare("/whoami") });
        server.post(body.to_string()).await.success();
    }
}

#[test]
fn keccak256_vectors() {
    for case in vectors("keccak256.json") {
        let data = hex::decode(&case["data"].as_str().unwrap()[2..]).unwrap();
        assert_eq!(hex_of(&Keccak256::digest(data)), case["keccak256"].as_str().unwrap(), "{case}");
    }
}

#[test]
fn erc_55_vectors() {
    for case in vectors("eip55.json") {
        let text = case["address"].as_str().unwrap();
        let address: Address = text.replacen("0X", "0x", 1).parse().unwrap();
        match case["valid"].as_bool() {
            Some(valid) => assert_eq!(address.to_string() == text, valid, "{case}"),
            None => assert_eq!(address.to_string().to_lowercase(), text.to_lowercase(), "{case}"),
        }
    }
}

#[test]
fn keys_and_their_addresses() {
    for case in vectors("key-address.json") {
        let field = |name: &str| case[name].as_str().unwrap();
        for form in ["address", "uncompressed", "compressed"] {
            assert_eq!(field(form).parse::<Address>().unwrap().to_string(), field("address"), "{case}");
        }
        let wallet = Wallet::new(&hex::decode(&field("privateKey")[2..]).unwrap());
        assert_eq!(wallet.address().to_string(), field("address"));
    }
}

#[test]
fn erc_2098_vectors() {
    for case in vectors("eip2098.json") {
        let field = |name: &str| case[name].as_str().unwrap();
        let message = field("message");
        let prefixed = format!("\u{19}Ethereum Signed Message:\n{}{message}", message.len());
        for form in ["sig64", "sig65"] {
            let signature = Signature::parse(field(form)).unwrap();
            let address = recover(&Keccak256::digest(&prefixed).into(), &signature).unwrap();
            assert_eq!(address.to_string(), field("address"), "{case}");
        }
    }
}

proptest! {
    /// What libsecp256k1 recovers, k256 recovers, and what it refuses, k256 refuses.
    #[test]
    fn two_libraries_agree(secret in prop::array::uniform32(1_u8..), digest: [u8; 32], noise in prop::option::of((0_usize..64, 1_u8..))) {
        let wallet = Wallet::new(&secret);
        let mut bytes = wallet.sign(&digest);
        if let Some((place, bits)) = noise {
            bytes[place] ^= bits;
        }
        let ours = Signature::parse(&hex::encode(bytes)).and_then(|signature| recover(&digest, &signature));
        let theirs = Ecdsa::from_slice(&bytes[..64]).ok().filter(|signature| signature.normalize_s() == *signature).and_then(|signature| {
            let id = RecoveryId::from_byte(bytes[64] - 27)?;
            VerifyingKey::recover_from_prehash(&digest, &signature, id).ok()
        });
        let theirs = theirs.map(|key| Address::of_public_key(key.to_sec1_point(false).as_bytes().try_into().unwrap()));
        prop_assert_eq!(ours.ok(), theirs);
        if noise.is_none() {
            prop_assert_eq!(theirs, Some(wallet.address()));
        }
    }

    /// Whatever is sent as a signature, there is an answer and no panic.
    #[test]
    fn no_signature_panics(text in "(0x)?[0-9a-fA-Fg]{0,140}") {
        if let Ok(signature) = Signature::parse(&text) {
            let _ = recover(&[7; 32], &signature);
        }
    }
}
