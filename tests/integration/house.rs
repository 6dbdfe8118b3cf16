//! The order of the house: who may use whom, and what must not be there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{project, vectors};

/// The rooms from the top down; each may use those after it. What stands together in a row does not use each other.
const FLOORS: [&[&str]; 13] = [
    &["cli"],
    &["http"],
    &["pipeline"],
    &["access", "registration"],
    &["app"],
    &["foundation", "middleware"],
    &["command"],
    &["signing", "bus", "webhook", "store"],
    &["seats", "budget", "ongoing", "gauges", "nats"],
    &["database", "keystore", "config"],
    &["event", "run", "secret", "runtime"],
    &["address", "origin", "json"],
    &["error", "clock"],
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![project(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The room that a file of `src` stands in.
fn room(path: &Path) -> String {
    let inner = path.strip_prefix(project("src")).unwrap();
    inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a text names in its code.
fn used(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let parts = code.flat_map(|line| line.split("crate::").skip(1));
    let rooms = parts.map(|part| part.split(|c: char| !c.is_ascii_lowercase()).next().unwrap());
    // The macro has no room: it stands at the root of the crate.
    rooms.filter(|room| *room != "register").collect()
}

#[test]
fn every_room_uses_only_those_below_it() {
    for (path, text) in sources("src") {
        let here = room(&path);
        if ["lib", "main", "commands"].contains(&here.as_str()) {
            continue;
        }
        let level = floor(&here).unwrap_or_else(|| panic!("{} is in no room that FLOORS knows", path.display()));
        for there in used(&text).into_iter().filter(|there| *there != here) {
            let below = floor(there).unwrap_or_else(|| panic!("{there} is no room that FLOORS knows"));
            assert!(below > level, "{} uses crate::{there}, which is not below it", path.display());
        }
    }
}

#[test]
fn commands_see_the_prelude_only() {
    for (path, text) in sources("commands") {
        let uses: Vec<_> = text.lines().filter(|line| line.starts_with("use ") || line.contains("crate::")).collect();
        assert_eq!(uses, ["use nexus::command::prelude::*;"], "{}", path.display());
        assert!(!text.contains("nexus::http") && !text.contains("axum"), "{}", path.display());
    }
}

#[test]
fn only_one_place_turns_a_code_into_a_status() {
    for (path, text) in sources("src") {
        let is_there = text.contains("fn status(code: Code)");
        assert_eq!(is_there, path.ends_with("http/error.rs"), "{}", path.display());
    }
}

#[test]
fn only_one_place_recovers_keys_and_one_signs() {
    for (path, text) in sources("src") {
        let may = path.ends_with("signing/recover.rs") || path.ends_with("signing/signer.rs");
        assert_eq!(text.contains("secp256k1::"), may, "{}", path.display());
    }
}

#[test]
fn only_webhooks_and_the_terminal_call_other_servers() {
    for (path, text) in sources("src") {
        let may = ["webhook", "cli"].contains(&room(&path).as_str());
        assert!(may || !text.contains("reqwest::"), "{}", path.display());
    }
}

#[test]
fn only_the_bus_writes_the_log() {
    for (path, text) in sources("src") {
        assert!(!text.contains("INTO events") || path.ends_with("bus/embedded/log.rs"), "{}", path.display());
    }
}

#[test]
fn no_queue_is_unbounded_and_no_lint_is_waived_without_a_reason() {
    for (path, text) in sources("src").into_iter().chain(sources("commands")) {
        for word in ["unbounded", "#[allow", "todo!", "unimplemented!"] {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn files_stay_small() {
    let mut lengths: Vec<_> = sources("src").into_iter().map(|(path, text)| (text.lines().count(), path)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    assert!(*longest <= 300, "{} has {longest} lines", path.display());
    assert!(lengths[lengths.len() / 2].0 < 120, "the median file has {} lines", lengths[lengths.len() / 2].0);
}

#[test]
fn every_file_of_vectors_has_a_source_a_licence_and_a_reader() {
    let told = fs::read_to_string(project("tests/vectors/README.md")).unwrap();
    let code: String = ["src", "tests"].map(sources).into_iter().flatten().map(|(_, text)| text).collect();
    for entry in fs::read_dir(project("tests/vectors")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let row = told.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let cells: Vec<_> = row.unwrap_or_else(|| panic!("no row tells of {name}")).split('|').map(str::trim).collect();
        let [_, _, count, source, _, licence, _] = cells[..] else { panic!("{cells:?} are not five") };
        assert_eq!(count, vectors(&name).len().to_string(), "{name}");
        assert!(!source.is_empty() && !licence.is_empty(), "{name}");
        assert!(code.contains(&format!("{name}\"")), "nobody reads {name}");
    }
}

/// What starts a server and is no part of the second pass: it is about SQLite or about NATS alone, or never comes to either.
const ON_ONE_ENGINE: [&str; 18] = [
    "canonical",
    "catalogue",
    "cli_remote",
    "console",
    "database",
    "deployment",
    "file",
    "grammar",
    "hostile",
    "kubernetes",
    "nodes",
    "openapi",
    "origins",
    "orphans",
    "retention",
    "servers",
    "signatures",
    "wycheproof",
];

#[test]
fn what_holds_on_one_engine_is_tried_on_the_other() {
    let script = fs::read_to_string(project("scripts/test")).unwrap();
    let list = script.split("rooms=(").nth(1).unwrap().split(')').next().unwrap();
    let twice: Vec<_> = list.split_whitespace().collect();
    for entry in fs::read_dir(project("tests/integration")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_about_servers = path.is_file() && fs::read_to_string(&path).unwrap().contains("Server::");
        let is_somewhere = twice.contains(&name) || ON_ONE_ENGINE.contains(&name);
        let is_exempt = ["common", "house"].contains(&name);
        assert!(!is_about_servers || is_exempt || is_somewhere, "{name} stands in no list");
    }
}
