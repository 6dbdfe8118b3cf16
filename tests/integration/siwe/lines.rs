//! The lines of a message one by one: what each may be and may not be.

use nexus::signing::siwe::{Fault, MAX_BYTES, Message};

use super::FULL;
use crate::common::alice;

/// Writes `to` in place of `from`, which stands once in the full message, and says what becomes of it.
#[track_caller]
fn changed(from: &str, to: &str) -> Result<Message, Fault> {
    assert_eq!(FULL.matches(from).count(), 1, "{from}");
    Message::parse(&FULL.replace(from, to))
}

#[track_caller]
fn refuses(from: &str, to: &str, fault: Fault) {
    assert_eq!(changed(from, to), Err(fault), "{to}");
}

#[test]
fn the_first_line_names_an_authority() {
    for origin in [
        "",
        "https://",
        "://example.com",
        "1s://example.com",
        "https:example.com",
        "example.com/",
        "https://a/b",
        "a?b",
        "a#b",
    ] {
        refuses("https://example.com wants", &format!("{origin} wants"), Fault::Domain);
    }
    for origin in [
        "me@",
        ":80",
        "a b",
        "a@b@c",
        "a:b:80",
        "[::1",
        "[::g]",
        "::1",
        "a%2",
        "exämple.com",
        "//h?://h",
        "a:b://c",
        "a\u{0}",
    ] {
        refuses("https://example.com wants", &format!("{origin} wants"), Fault::Domain);
    }
    refuses(" account:", " account", Fault::Domain);
    refuses(" account:", " account: ", Fault::Domain);
    refuses(" wants you", "  wants you", Fault::Domain);
    refuses(" wants you", " Wants you", Fault::Domain);
    for domain in
        ["me:secret@example.com:8080", "[::ffff:127.0.0.1]:80", "[v1.a:b]", "a%20b", "localhost:", "EXAMPLE.com"]
    {
        let message = changed("https://example.com wants", &format!("{domain} wants")).unwrap();
        assert_eq!((message.scheme, &*message.domain), (None, domain));
    }
    assert_eq!(changed("https://example.com wants", "git+ssh://me@a:22 wants").unwrap().scheme.unwrap(), "git+ssh");
}

#[test]
fn an_address_has_its_checksum() {
    let address = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";
    refuses(address, &address.to_lowercase(), Fault::Address);
    refuses(address, &address.replacen('C', "c", 1), Fault::Address);
    refuses(address, &address.replacen("0x", "0X", 1), Fault::Address);
    refuses(address, &address[2..], Fault::Address);
    refuses(address, &format!("{address}0"), Fault::Address);
    refuses(address, &format!("0x{}", hex::encode(alice().uncompressed())), Fault::Address);
}

#[test]
fn a_statement_stands_between_blank_lines() {
    let statement = "\n\nI accept the Terms: https://example.com/tos\n\n";
    let read = |text: &str| changed(statement, text).map(|message| message.statement);
    assert_eq!(read("\n\n\n"), Ok(None));
    assert_eq!(read("\n\n\n\n"), Ok(Some(String::new())));
    assert_eq!(read("\n\nURI: x:y\n\n"), Ok(Some("URI: x:y".to_owned())));
    for text in
        ["\n", "\n\n", "\n\n\n\n\n", "\na\n\n", "\n\na\n", "\n\na\nb\n\n", "\n \n\n", "\n\na\n \n", "\n\na\n\n\n"]
    {
        assert!(matches!(read(text), Err(Fault::Statement | Fault::Uri)), "{text:?}");
    }
    for sign in ['"', '%', '<', '>', '\\', '^', '`', '{', '|', '}', '\t', '\r', '\u{7f}', 'é', '\u{202e}'] {
        assert_eq!(read(&format!("\n\na{sign}\n\n")), Err(Fault::Statement), "{sign:?}");
    }
}

#[test]
fn required_lines_have_no_other_spelling() {
    for uri in [
        "",
        "/login",
        "example.com",
        "https://exa mple.com",
        "https://a/%zz",
        "https://a/\"",
        " https://a",
        "https://a ",
        "https://ä",
    ] {
        refuses("URI: https://example.com/login", &format!("URI: {uri}"), Fault::Uri);
    }
    refuses("URI: ", "uri: ", Fault::Uri);
    refuses("URI: ", "URI:", Fault::Uri);
    for version in ["2", "01", "1 ", "", "1.0", "１"] {
        refuses("Version: 1", &format!("Version: {version}"), Fault::Version);
    }
    for number in ["", "+1", "-1", "0x1", "1 ", "1e3", "18446744073709551616", "１"] {
        refuses("Chain ID: 1", &format!("Chain ID: {number}"), Fault::ChainId);
    }
    assert_eq!(changed("Chain ID: 1", "Chain ID: 018446744073709551615").unwrap().chain_id, u64::MAX);
    for nonce in ["", "3289175", "3289-756", "3289175６", "32891756 "] {
        refuses("Nonce: 32891756", &format!("Nonce: {nonce}"), Fault::Nonce);
    }
    refuses("Issued At: 2021-09-30T16:25:24Z", "Issued At: 2021-09-30 16:25:24Z", Fault::IssuedAt);
    refuses("\nIssued At: 2021-09-30T16:25:24Z", "", Fault::IssuedAt);
}

#[test]
fn optional_lines_stand_once_and_in_their_order() {
    let not_before = "\nNot Before: 2021-09-30T16:30:00Z";
    assert_eq!(changed(not_before, "").unwrap().not_before, None);
    refuses(not_before, &not_before.repeat(2), Fault::Order);
    refuses(not_before, "\nNot before: 2021-09-30T16:30:00Z", Fault::Order);
    refuses(not_before, "\nNot Before: ", Fault::NotBefore);
    refuses(not_before, "\n", Fault::Order);
    assert_eq!(changed("some:id", "").unwrap().request_id.unwrap(), "");
    for id in ["a/b", "a?b", "a b", "a%2", "a#b", "[a]"] {
        refuses("some:id", id, Fault::RequestId);
    }
    refuses("Resources:", "Resources: ", Fault::Order);
    refuses("\nResources:", "", Fault::Order);
    refuses("- ipfs", "-ipfs", Fault::Resources);
    refuses("- https://example.com/claim.json", "- ", Fault::Resources);
    let without = &FULL[..FULL.find("\n- ").unwrap()];
    assert_eq!(Message::parse(without).unwrap().resources, Vec::<String>::new());
}

#[test]
fn lines_end_in_a_line_feed_and_the_last_one_in_nothing() {
    assert_eq!(Message::parse(&format!("{FULL}\n")), Err(Fault::Resources));
    assert_eq!(Message::parse(&format!("{}\n", FULL.split("\nExp").next().unwrap())), Err(Fault::Order));
    assert_eq!(Message::parse(&FULL.replace('\n', "\r\n")), Err(Fault::Domain));
    for (place, _) in FULL.match_indices('\n') {
        let text = format!("{}\r{}", &FULL[..place], &FULL[place..]);
        assert!(Message::parse(&text).is_err(), "{text:?}");
    }
    assert_eq!(Message::parse(&format!("\u{feff}{FULL}")), Err(Fault::Domain));
}

#[test]
fn a_message_has_4_kib_at_most() {
    let padding = "a".repeat(MAX_BYTES - FULL.len());
    assert!(changed("some:id", &format!("some:id{padding}")).is_ok());
    refuses("some:id", &format!("some:id{padding}a"), Fault::TooLong);
}

#[test]
fn a_message_is_good_from_not_before_until_just_before_it_expires() {
    let message = Message::parse(FULL).unwrap();
    let check = |now: &str| message.check_times(now.parse().unwrap());
    assert_eq!(check("2021-09-30T16:29:59.999999999Z"), Err(Fault::NotYetValid));
    assert_eq!(check("2021-09-30T16:30:00Z"), Ok(()));
    assert_eq!(check("2021-10-30T16:25:23.999999999Z"), Ok(()));
    assert_eq!(check("2021-10-30T16:25:24Z"), Err(Fault::Expired));
}
