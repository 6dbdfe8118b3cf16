//! Messages of random fields, and what is left of them when they are damaged.

use jiff::Timestamp;
use nexus::address::Address;
use nexus::signing::siwe::Message;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::string::string_regex;

use super::{FULL, LABELS};

fn times() -> impl Strategy<Value = Timestamp> {
    let moments = (-62_167_219_200_i64..253_402_207_200, 0..1_000_000_000_i32);
    moments.prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap())
}

fn uris() -> impl Strategy<Value = String> {
    let path = "(/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}){0,5}){0,3}";
    let end = "([?][a-z0-9/?=&]{0,5})?(#[a-z0-9/?]{0,5})?";
    let server = "[a-z][a-z0-9+.-]{0,5}://([a-z0-9]{1,5}@)?[a-z0-9.-]{0,9}(:[0-9]{0,5})?";
    string_regex(&format!("({server}|urn:[a-z0-9:]{{1,9}}){path}{end}")).unwrap()
}

fn messages() -> impl Strategy<Value = Message> {
    let domain = "([a-z0-9._~!$&'()*+,;=:-]{0,5}@)?([a-z0-9.-]{1,9}|\\[[0-9a-f]{1,4}::[0-9a-f]{1,4}\\])(:[0-9]{0,5})?";
    let origin = (option::of("[A-Za-z][A-Za-z0-9+.-]{0,5}"), domain, any::<[u8; 20]>());
    let statement = option::of("[A-Za-z0-9 :/?#\\[\\]@!$&'()*+,;=._~-]{0,20}");
    let required = (statement, uris(), any::<u64>(), "[A-Za-z0-9]{8,20}", times());
    let id = option::of("([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}){0,9}");
    let optional = (option::of(times()), option::of(times()), id, vec(uris(), 0..4));
    (origin, required, optional).prop_map(|(origin, required, optional)| {
        let (scheme, domain, address) = origin;
        let (statement, uri, chain_id, nonce, issued_at) = required;
        let (expiration_time, not_before, request_id, resources) = optional;
        let address = Address::from_bytes(address);
        Message {
            scheme,
            domain,
            address,
            statement,
            uri,
            chain_id,
            nonce,
            issued_at,
            expiration_time,
            not_before,
            request_id,
            resources,
        }
    })
}

/// One thing done to the lines or the characters of a text.
fn damage(text: &str, kind: u8, here: Index, there: Index, with: char) -> String {
    let mut lines: Vec<_> = text.split('\n').collect();
    let (line, other) = (here.index(lines.len()), there.index(lines.len()));
    let mut characters: Vec<_> = text.chars().collect();
    let place = here.index(characters.len());
    match kind {
        0 => drop(lines.remove(line)),
        1 => lines.insert(other, lines[line]),
        2 => lines.swap(line, other),
        3 => characters[place] = with,
        4 => characters.insert(place, with),
        _ => characters.truncate(place),
    }
    if kind < 3 { lines.join("\n") } else { characters.into_iter().collect() }
}

/// The lines that have one spelling: those of numbers and times have several, and no resources may be said or not said.
fn firm_lines(text: &str) -> Vec<&str> {
    let is_firm = |line: &&str| {
        let loose = ["Chain ID: ", "Issued At: ", "Expiration Time: ", "Not Before: ", "Resources:"];
        !loose.iter().any(|label| line.starts_with(label))
    };
    text.split('\n').filter(is_firm).collect()
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(message in messages()) {
        prop_assert_eq!(Message::parse(&message.to_string()), Ok(message));
    }

    /// Nothing is passed over: what is taken prints the lines that it was read from.
    #[test]
    fn a_damaged_message_is_refused_or_another_message(
        message in messages(),
        damages in vec((0_u8..6, any::<Index>(), any::<Index>(), prop_oneof![any::<char>(), "[ -~\\n\r\t]".prop_map(|text| text.chars().next().unwrap())]), 1..3),
    ) {
        let mut text = message.to_string();
        for (kind, here, there, with) in damages {
            if !text.is_empty() {
                text = damage(&text, kind, here, there, with);
            }
        }
        if let Ok(taken) = Message::parse(&text) {
            let printed = taken.to_string();
            prop_assert_eq!(firm_lines(&printed), firm_lines(&text));
            prop_assert_eq!(Message::parse(&printed), Ok(taken));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*|[\\s\\S]*", line in ".*") {
        let _ = Message::parse(&text);
        for (label, _) in LABELS {
            let _ = Message::parse(&format!("{}\n{label}{line}", FULL.split(&format!("\n{label}")).next().unwrap()));
        }
        let _ = Message::parse(&FULL.replacen("https://example.com", &line, 1));
    }
}
