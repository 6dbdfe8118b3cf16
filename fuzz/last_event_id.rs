//! The id of an event: each has one text, and no other text is one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus::event::{Epoch, EventId};

fuzz_target!(|input: (u64, u64, &str)| {
    let (epoch, sequence, text) = input;
    let id = EventId { epoch: Epoch(epoch), sequence };
    assert_eq!(id.to_string().parse(), Ok(id));
    if let Ok(id) = text.parse::<EventId>() {
        assert_eq!(id.to_string(), text);
    }
});
