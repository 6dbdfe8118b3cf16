//! A command: the first line is its text, the rest the JSON of its `args`. It is taken apart, found and built.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use nexus::command::Registry;
use nexus::command::grammar::Spoken;
use nexus::json::parse;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::discover().expect("the commands are well defined"));

fuzz_target!(|text: &str| {
    let (text, args) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(mut spoken) = Spoken::parse(text, parse(args.as_bytes()).ok()) else { return };
    let _ = REGISTRY.canonical(&spoken.name);
    if let Ok(form) = REGISTRY.resolve(&mut spoken) {
        let _ = form.build(spoken.words, spoken.typed);
    }
});
