//! Signed Command v1 as wallet libraries make it, in two languages that share no code with each other and none with us.

use nexus::address::Address;
use nexus::error::{Code, Result};
use nexus::json;
use nexus::signing::personal::personal_digest;
use nexus::signing::v1::{Signed, Statement};
use serde_json::Value;

use crate::common::tool::{node, python, succeed};
use crate::common::{project, snapshot, vectors};

const FILE: &str = "signed-command-v1.json";

/// What a client sends, and what its library says that it signed.
struct Case {
    name: String,
    auth: Value,
    command: String,
    args: Option<Value>,
    text: String,
    digest: String,
}

fn cases() -> Vec<Case> {
    let read = |case: Value| {
        let field = |name: &str| case[name].as_str().unwrap().to_owned();
        Case {
            name: field("name"),
            auth: serde_json::json!({
                "scheme": "eip191",
                "publicKey": case["address"],
                "signature": case["signature"],
                "audience": case["audience"],
                "nonce": case["nonce"],
                "issuedAt": case["issuedAt"],
                "expiresAt": case["expiresAt"],
            }),
            command: field("command"),
            args: case["args"].as_str().map(|args| json::parse(args.as_bytes()).unwrap()),
            text: field("text"),
            digest: field("digest"),
        }
    };
    vectors(FILE).into_iter().map(read).collect()
}

impl Case {
    fn member(&self, name: &str) -> &str {
        self.auth[name].as_str().unwrap()
    }

    fn signed(&self) -> Signed {
        Signed::parse(&self.auth).unwrap()
    }

    /// Who signed it, if it is a signature over this command and these arguments.
    fn signer(&self) -> Result<Address> {
        let signed = Signed::parse(&self.auth)?;
        signed.verify(&signed.digest(&self.command, self.args.as_ref())?)
    }
}

#[test]
fn we_write_the_eight_lines_as_the_libraries_do() {
    for case in cases() {
        let signed = case.signed();
        let statement = Statement {
            audience: case.member("audience"),
            signer: signed.signer(),
            command: &case.command,
            args: case.args.as_ref(),
            nonce: case.member("nonce"),
            issued_at: signed.issued_at,
            expires_at: signed.expires_at,
        };
        assert_eq!(statement.text().unwrap(), case.text, "{}", case.name);
        assert_eq!(case.text.lines().count(), 8, "{}", case.name);
        assert_eq!(format!("0x{}", hex::encode(statement.digest().unwrap())), case.digest, "{}", case.name);
    }
}

#[test]
fn we_take_what_the_libraries_sign() {
    for case in cases() {
        assert_eq!(case.signer().unwrap().to_string(), case.member("publicKey"), "{}", case.name);
    }
}

type Change = fn(&mut Case);

/// Each changes one byte, or one unit, of what is sent.
const CHANGES: [Change; 10] = [
    |case| change_byte(&mut case.auth["publicKey"], 41),
    |case| change_byte(&mut case.auth["signature"], 2 + 63),
    |case| change_byte(&mut case.auth["signature"], 2 + 127),
    |case| case.auth["signature"] = Value::from(with_the_other_v(case.member("signature"))),
    |case| change_byte(&mut case.auth["audience"], 0),
    |case| change_byte(&mut case.auth["nonce"], 15),
    |case| case.auth["issuedAt"] = Value::from(case.auth["issuedAt"].as_i64().unwrap() + 1),
    |case| case.auth["expiresAt"] = Value::from(case.auth["expiresAt"].as_i64().unwrap() + 1),
    |case| case.command.push(' '),
    |case| case.args = Some(Value::from(vec![case.args.take().unwrap_or_default()])),
];

/// Puts another digit there, and keeps it one of hex.
fn change_byte(member: &mut Value, place: usize) {
    let mut bytes = member.as_str().unwrap().as_bytes().to_owned();
    bytes[place] = if bytes[place] == b'7' { b'8' } else { b'7' };
    *member = Value::from(String::from_utf8(bytes).unwrap());
}

fn with_the_other_v(signature: &str) -> String {
    let (r_s, v) = signature.split_at(130);
    format!("{r_s}{}", if v == "1b" { "1c" } else { "1b" })
}

/// The changed signature may be nobody's, or another key's; it is never taken.
#[test]
fn one_byte_of_what_is_sent_is_enough_to_be_refused() {
    for (place, change) in CHANGES.iter().enumerate() {
        for mut case in cases() {
            change(&mut case);
            let code = case.signer().map_err(|error| error.code).unwrap_err();
            let expected = [Code::SignatureMismatch, Code::SignatureInvalid, Code::SignatureHighS];
            assert!(expected.contains(&code), "{place} {} {code:?}", case.name);
        }
    }
}

/// Every byte of the first text, and the last of each line of the others.
#[test]
fn one_byte_of_what_is_signed_is_enough_to_be_refused() {
    for (number, case) in cases().into_iter().enumerate() {
        let (signed, text) = (case.signed(), case.text.as_bytes());
        for place in 0..text.len() {
            let ends_a_line = matches!(text.get(place + 1), None | Some(b'\n'));
            if number > 0 && !ends_a_line {
                continue;
            }
            let mut changed = text.to_owned();
            changed[place] ^= 1;
            let refused = signed.verify(&personal_digest(&changed)).unwrap_err();
            assert!([Code::SignatureMismatch, Code::SignatureInvalid].contains(&refused.code), "{place} {}", case.name);
        }
    }
}

#[test]
fn both_libraries_make_the_same_of_every_byte() {
    let by_python = succeed(python().arg(project("tests/vectors/make/v1.py")));
    let by_javascript = succeed(node().arg(project("tests/vectors/make/v1.mjs")));
    assert_eq!(by_python, by_javascript);
    snapshot(&format!("tests/vectors/{FILE}"), &by_javascript);
}
