//! The signatures of Wycheproof, which are made to break those who read them, in every form and as every proof.

use nexus::error::Code;
use nexus::signing::bare::Bare;
use nexus::signing::recover::{Signature, recover};
use nexus::signing::v1::Signed;
use serde_json::{Value, json};

use crate::common::wallet::auth;
use crate::common::{Server, Statement, alice, vectors};

struct Case {
    value: Value,
    /// r and s, or what stands in their place.
    r_s: String,
    /// Who is said to have signed.
    address: String,
    /// The hash that is said to be signed.
    digest: [u8; 32],
}

fn cases() -> Vec<Case> {
    let read = |value: Value| {
        let field = |name: &str| value[name].as_str().unwrap().to_owned();
        let digest = hex::decode(&field("digest")[2..]).unwrap().try_into().unwrap();
        Case { r_s: field("sig"), address: field("address"), digest, value }
    };
    vectors("wycheproof-secp256k1-p1363.json").into_iter().map(read).collect()
}

impl Case {
    /// The signature with each v and in the compact form, and whether it is to be taken.
    fn forms(&self) -> [(String, bool); 3] {
        let is_good = |v: u8| self.value["accept_v"].as_array().unwrap().contains(&json!(v));
        let compact = (self.r_s.clone(), is_good(27));
        [(format!("{}1b", self.r_s), is_good(27)), (format!("{}1c", self.r_s), is_good(28)), compact]
    }

    /// Why it is refused as a signature over something else.
    fn refusal(&self) -> (u16, &[&str]) {
        let is = |name: &str| self.value[name] == json!(true);
        if self.r_s.len() != 2 + 128 {
            (400, &["auth_malformed"])
        } else if !is("range_ok") {
            (401, &["signature_invalid"])
        } else if is("high_s") {
            (401, &["signature_high_s"])
        } else {
            // Not every r is one that some key can have made.
            (401, &["signature_mismatch", "signature_invalid"])
        }
    }
}

fn statement() -> Statement {
    Statement::at("https://cmd.example.com", "/ping", 1_753_000_000)
}

#[test]
fn only_good_signatures_give_the_address() {
    for case in cases() {
        for (signature, is_good) in case.forms() {
            let recovered = Signature::parse(&signature).and_then(|signature| recover(&case.digest, &signature));
            let is_taken = recovered.is_ok_and(|address| address.to_string() == case.address);
            assert_eq!(is_taken, is_good, "{signature} of {}", case.value);
        }
    }
}

#[test]
fn v1_takes_only_good_signatures() {
    for case in cases() {
        for (signature, is_good) in case.forms() {
            let auth = statement().auth_with(&case.address, &signature);
            let verified = Signed::parse(&auth).and_then(|signed| signed.verify(&case.digest));
            let is_taken = verified.is_ok_and(|address| address.to_string() == case.address);
            assert_eq!(is_taken, is_good, "{signature} of {}", case.value);
        }
    }
}

/// As bare and as v1 signatures over a command, all are refused for what is wrong with them, and spend no nonce.
#[tokio::test]
async fn a_request_with_one_of_them_is_refused_and_spends_no_nonce() {
    let server = Server::with(&["--max-bad-signatures", "100000"]).await;
    let statement = Statement { expires_at: server.now() + 300, ..server.statement("/whoami") };
    let good = statement.body(&alice());
    for case in cases() {
        let signature = format!("{}1b", case.r_s);
        for auth in [auth(&case.address, &signature), statement.auth_with(&alice().address().to_string(), &signature)] {
            let reply = server.post(json!({ "command": "/whoami", "auth": auth }).to_string()).await;
            let (code, (status, codes)) = (reply.text_at("/code"), case.refusal());
            assert!(codes.contains(&code.as_str()), "{code} for {}", case.value);
            reply.failure(status, &code);
        }
    }
    server.post(good.to_string()).await.success();
}

#[test]
fn der_is_no_wire_format() {
    for case in vectors("wycheproof-der-as-wire.json") {
        let (signature, address) = (case["sig"].as_str().unwrap(), alice().address().to_string());
        let as_bare = Bare::parse(&auth(&address, signature)).unwrap_err();
        let as_v1 = Signed::parse(&statement().auth_with(&address, signature)).unwrap_err();
        assert_eq!([as_bare.code, as_v1.code], [Code::AuthMalformed; 2], "{case}");
    }
}
