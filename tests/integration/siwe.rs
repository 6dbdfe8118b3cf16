//! Messages of ERC-4361: which are read, and what is said of those that are not.

mod lines;
mod properties;

use nexus::signing::personal::personal_digest;
use nexus::signing::recover::{Signature, recover};
use nexus::signing::siwe::{Fault, Message};
use serde_json::Value;

use crate::common::vectors;

/// The sets of `siwe.json` and how many cases each has.
const SETS: [(&str, usize); 6] = [
    ("parsing_positive", 19),
    ("parsing_negative", 29),
    ("parsing_negative_objects", 18),
    ("verification_positive", 4),
    ("verification_negative", 10),
    ("eip1271", 2),
];

/// The fields of a message in the vectors and the labels of their lines, in their order.
const LABELS: [(&str, &str); 8] = [
    ("URI: ", "uri"),
    ("Version: ", "version"),
    ("Chain ID: ", "chainId"),
    ("Nonce: ", "nonce"),
    ("Issued At: ", "issuedAt"),
    ("Expiration Time: ", "expirationTime"),
    ("Not Before: ", "notBefore"),
    ("Request ID: ", "requestId"),
];

/// All that a message can have.
const FULL: &str = "https://example.com wants you to sign in with your Ethereum account:\n\
    0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\n\
    \n\
    I accept the Terms: https://example.com/tos\n\
    \n\
    URI: https://example.com/login\n\
    Version: 1\n\
    Chain ID: 1\n\
    Nonce: 32891756\n\
    Issued At: 2021-09-30T16:25:24Z\n\
    Expiration Time: 2021-10-30T16:25:24Z\n\
    Not Before: 2021-09-30T16:30:00Z\n\
    Request ID: some:id\n\
    Resources:\n\
    - ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/\n\
    - https://example.com/claim.json";

/// The cases of a set with their names and values, as many as there must be.
fn set(name: &str) -> Vec<(String, Value)> {
    let cases = vectors("siwe.json").into_iter().filter(|case| case["set"] == name);
    let cases: Vec<_> = cases.map(|case| (case["name"].as_str().unwrap().to_owned(), case["value"].clone())).collect();
    assert!(SETS.contains(&(name, cases.len())), "{name} has {} cases", cases.len());
    cases
}

/// What the fields of a vector are as a text; a field that is missing has no line.
fn text_of(fields: &Value) -> String {
    let field = |name: &str| match &fields[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let domain = field("domain").unwrap_or_default();
    let mut lines = vec![format!("{domain} wants you to sign in with your Ethereum account:")];
    lines.extend(field("address"));
    lines.push(String::new());
    lines.extend(field("statement"));
    lines.push(String::new());
    lines.extend(LABELS.iter().filter_map(|(label, name)| Some(format!("{label}{}", field(name)?))));
    if let Some(resources) = fields["resources"].as_array() {
        lines.push("Resources:".to_owned());
        lines.extend(resources.iter().map(|uri| format!("- {}", uri.as_str().unwrap())));
    }
    lines.join("\n")
}

/// The fault that the name of a bad message means.
fn fault_named(name: &str) -> Fault {
    match name {
        "missing domain" | "domain not RFC4501 authority" => Fault::Domain,
        "missing address" | "address not EIP-55" => Fault::Address,
        "statement has line break" => Fault::Statement,
        "missing uri" | "out of order uri" | "uri is non-RFC 3986" => Fault::Uri,
        "missing version" | "out of order version" | "version not 1" => Fault::Version,
        "missing chainId" | "out of order chainId" | "not a valid chainId" => Fault::ChainId,
        "missing nonce" | "out of order nonce" | "nonce with less then 8 chars" => Fault::Nonce,
        "missing issuedAt" | "out of order issuedAt" | "non-ISO 8601 issuedAt" | "invalid issuedAt" => Fault::IssuedAt,
        "non-ISO 8601 expirationTime" | "invalid expirationTime" => Fault::ExpirationTime,
        "non-ISO 8601 notBefore" | "invalid notBefore" => Fault::NotBefore,
        "out of order expirationTime" | "out of order notBefore" => Fault::Order,
        "out of order requestId"
        | "out of order resources"
        | "resources not separated by line break"
        | "first resource not-RFC 3986"
        | "second resource is not-RFC3986" => Fault::Resources,
        "expired message" | "custom time" => Fault::Expired,
        "not yet valid" => Fault::NotYetValid,
        other => panic!("nobody knows what is wrong with {other}"),
    }
}

#[derive(Debug, PartialEq)]
enum Refusal {
    Message(Fault),
    Domain,
    Nonce,
    Signature,
    Signer,
}

/// What a server does with a message and its signature, at the time that the vector names, or else in 2026.
fn verify(fields: &Value) -> Result<(), Refusal> {
    let text = text_of(fields);
    let message = Message::parse(&text).map_err(Refusal::Message)?;
    if fields["domainBinding"].as_str().is_some_and(|domain| domain != message.domain) {
        return Err(Refusal::Domain);
    }
    if fields["matchNonce"].as_str().is_some_and(|nonce| nonce != message.nonce) {
        return Err(Refusal::Nonce);
    }
    let now = fields["time"].as_str().unwrap_or("2026-01-01T00:00:00Z");
    message.check_times(now.parse().unwrap()).map_err(Refusal::Message)?;
    let signature = Signature::parse(fields["signature"].as_str().unwrap()).map_err(|_| Refusal::Signature)?;
    let signer = recover(&personal_digest(text.as_bytes()), &signature).map_err(|_| Refusal::Signer)?;
    if signer == message.address { Ok(()) } else { Err(Refusal::Signer) }
}

#[test]
fn no_set_of_vectors_is_forgotten() {
    assert_eq!(vectors("siwe.json").len(), SETS.iter().map(|(_, count)| count).sum::<usize>());
}

#[test]
fn good_messages_are_read_as_their_fields() {
    for (name, value) in set("parsing_positive") {
        let message =
            Message::parse(value["message"].as_str().unwrap()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let fields = &value["fields"];
        let field = |name: &str| fields[name].as_str();
        assert_eq!(message.scheme.as_deref(), field("scheme"), "{name}");
        assert_eq!(Some(&*message.domain), field("domain"), "{name}");
        assert_eq!(Some(&*message.address.to_string()), field("address"), "{name}");
        assert_eq!(message.statement.as_deref(), field("statement"), "{name}");
        assert_eq!(Some(&*message.uri), field("uri"), "{name}");
        assert_eq!(Some("1"), field("version"), "{name}");
        assert_eq!(Some(message.chain_id), fields["chainId"].as_u64(), "{name}");
        assert_eq!(Some(&*message.nonce), field("nonce"), "{name}");
        assert_eq!(Some(message.issued_at), field("issuedAt").map(|time| time.parse().unwrap()), "{name}");
        let others = (message.expiration_time, message.not_before, message.request_id);
        assert_eq!(others, (None, None, None), "{name}");
        let resources = fields["resources"].as_array().into_iter().flatten();
        assert_eq!(message.resources, resources.map(|uri| uri.as_str().unwrap()).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn bad_messages_are_refused_for_what_is_wrong_with_them() {
    for (name, value) in set("parsing_negative") {
        assert_eq!(Message::parse(value.as_str().unwrap()), Err(fault_named(&name)), "{name}");
    }
}

/// The set is for builders that take fields. Here it is the text of those fields that is refused.
#[test]
fn bad_fields_make_no_good_message() {
    for (name, fields) in set("parsing_negative_objects") {
        assert_eq!(Message::parse(&text_of(&fields)), Err(fault_named(&name)), "{name}");
    }
}

#[test]
fn good_signatures_are_by_the_address_in_the_message() {
    for (name, fields) in set("verification_positive") {
        assert_eq!(verify(&fields), Ok(()), "{name}");
    }
}

/// That the domain and the nonce are the expected ones is checked here, since it is no business of the message.
#[test]
fn every_bad_verification_fails_at_its_own_step() {
    for (name, fields) in set("verification_negative") {
        let refusal = match &*name {
            "domain binding" => Refusal::Domain,
            "custom nonce" => Refusal::Nonce,
            "malformed signature" => Refusal::Signature,
            "wrong signature" => Refusal::Signer,
            other => Refusal::Message(fault_named(other)),
        };
        assert_eq!(verify(&fields), Err(refusal), "{name}");
    }
}

/// Whether a contract signed is known to its chain only (ERC-1271), and we ask none: the signatures are nobody's.
#[test]
fn signatures_of_contract_wallets_are_not_taken() {
    for (name, value) in set("eip1271") {
        let text = value["message"].as_str().unwrap();
        let message = Message::parse(text).unwrap();
        let signer = Signature::parse(value["signature"].as_str().unwrap())
            .and_then(|signature| recover(&personal_digest(text.as_bytes()), &signature));
        assert_ne!(signer.ok(), Some(message.address), "{name}");
    }
}

#[test]
fn erc_191_vectors() {
    let cases = vectors("eip191.json");
    assert_eq!(cases.len(), 37);
    for case in cases {
        let field = |name: &str| case[name].as_str().unwrap();
        let bytes = |text: &Value| hex::decode(&text.as_str().unwrap()[2..]).unwrap();
        let repeat = &case["repeat"];
        let message = match repeat["n"].as_u64() {
            None => bytes(&case["message_hex"]),
            Some(n) => bytes(&repeat["byte"]).repeat(n.try_into().unwrap()),
        };
        let digest = personal_digest(&message);
        assert_eq!(format!("0x{}", hex::encode(digest)), field("digest"), "{case}");
        let signer = recover(&digest, &Signature::parse(field("signature")).unwrap()).unwrap();
        assert_eq!(signer.to_string(), field("address"), "{case}");
    }
}

/// Who is refused is told which line to look at.
#[test]
fn each_fault_is_said_in_words_of_its_own() {
    for (fault, words) in [
        (Fault::TooLong, "4096 bytes"),
        (Fault::Domain, "first line"),
        (Fault::Address, "second line"),
        (Fault::Statement, "blank line"),
        (Fault::Uri, "`URI: "),
        (Fault::Version, "`Version: 1`"),
        (Fault::ChainId, "`Chain ID: "),
        (Fault::Nonce, "`Nonce: "),
        (Fault::IssuedAt, "`Issued At: "),
        (Fault::ExpirationTime, "`Expiration Time: "),
        (Fault::NotBefore, "`Not Before: "),
        (Fault::RequestId, "`Request ID: "),
        (Fault::Resources, "`Resources:`"),
        (Fault::Order, "in this order"),
        (Fault::Expired, "has expired"),
        (Fault::NotYetValid, "not yet valid"),
    ] {
        assert!(fault.to_string().contains(words), "{fault:?}: {fault}");
    }
}
