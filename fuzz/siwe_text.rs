//! A message of Sign-In with Ethereum: what is taken is printed as a message that says the same.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use nexus::signing::siwe::Message;

fuzz_target!(|text: &str| {
    if let Ok(message) = Message::parse(text) {
        let _ = message.check_times(Timestamp::UNIX_EPOCH);
        assert_eq!(Message::parse(&message.to_string()), Ok(message));
    }
});
