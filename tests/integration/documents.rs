//! What the documents say is so: their code runs, their tables are complete, their links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use nexus::error::Code;
use nexus::http::status;
use tempfile::TempDir;

use crate::common::copied::build_with;
use crate::common::document::Document;
use crate::common::runner::{NOT_RUN, is_not_run, run};
use crate::common::{Binary, project};

/// The document whose commands must be built before it can be run.
const COMMANDS: &str = "docs/commands.md";

/// Every document, from the root of the project.
fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(project(folder.to_str().unwrap())).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[track_caller]
fn read(path: &str) -> Document {
    Document::parse(&fs::read_to_string(project(path)).unwrap())
}

/// All but the one that shows how commands are written; each against a server of its own.
#[test]
fn every_block_of_code_runs_and_shows_what_comes() {
    thread::scope(|scope| {
        let has_blocks = |path: &String| !read(path).blocks.is_empty();
        for path in documents().into_iter().filter(|path| path != COMMANDS).filter(has_blocks) {
            scope.spawn(move || {
                let folder = TempDir::new().unwrap();
                run(&path, &Binary::start(&folder, &[]), Path::new(env!("CARGO_BIN_EXE_nexus")));
            });
        }
    });
}

#[test]
fn every_exception_is_needed() {
    let blocks: Vec<_> = documents().iter().flat_map(|path| read(path).blocks).collect();
    for (beginning, reason) in NOT_RUN {
        let is_used = blocks.iter().any(|block| is_not_run(block) && block.text.starts_with(beginning));
        assert!(is_used, "no block begins with {beginning:?}, of which was said: {reason}");
    }
}

/// Copies the project and adds every command that the documents show, each as a file; builds; and runs the document.
#[test]
fn adding_a_file_is_all_it_takes() {
    let mut commands = Vec::new();
    for path in documents() {
        for block in read(&path).blocks.into_iter().filter(|block| block.language == "rust") {
            if block.text.contains("register!(") {
                commands.push(as_file(&block.text));
            } else {
                assert!(is_a_test(&block.text), "{path}:{}: neither a command nor a file of the tests", block.line);
            }
        }
    }
    let program = build_with(&commands);
    let folder = TempDir::new().unwrap();
    let server = Binary::spawn(Command::new(&program).current_dir(folder.path()).env_clear().args(["--port", "0"]));
    let said = server.introduction.join("\n");
    for (name, _) in &commands {
        assert!(said.contains(&format!("Registered command: {name} from commands/{name}.rs")), "{said}");
    }
    let there = fs::read_dir(project("commands")).unwrap().count();
    assert!(said.contains(&format!("{} commands", there + commands.len())), "{said}");
    run(COMMANDS, &server, &program);
}

/// The name of a command and its text. The one that is there already is added under another name.
fn as_file(text: &str) -> (String, String) {
    let uses: Vec<_> = text.lines().filter(|line| line.starts_with("use ")).collect();
    assert_eq!(uses, ["use nexus::command::prelude::*;"], "{text}");
    let text = text.replace("(\"echo\")", "(\"shout-it\")").replace("/echo", "/shout-it").replace("Echo", "ShoutIt");
    let (_, rest) = text.split_once("..Definition::").unwrap();
    (rest.split('"').nth(1).unwrap().to_owned(), text)
}

/// Whether a block is a whole file of the tests, which run it.
fn is_a_test(text: &str) -> bool {
    let files = fs::read_dir(project("tests/integration")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| fs::read_to_string(path).unwrap() == text)
}

fn codes() -> BTreeMap<String, u16> {
    Code::ALL.iter().map(|code| (code.as_str().to_owned(), status(*code).as_u16())).collect()
}

#[test]
fn the_protocol_lists_every_code_with_its_status() {
    let protocol = read("docs/protocol.md");
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (code, status) = (cells.next()?.strip_prefix('`')?.strip_suffix('`')?, cells.next()?);
        let is_code = code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        Some((code.to_owned(), status.parse().ok().filter(|_| is_code)?))
    };
    let rows: Vec<(String, u16)> = protocol.prose.lines().filter_map(row).collect();
    let listed: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), listed.len(), "a code has two rows");
    assert_eq!(listed, codes());
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    let mut faults = BTreeSet::new();
    for path in documents() {
        let document = read(&path);
        for link in document.links().into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = project(&path).parent().unwrap().join(file);
            let target = if file.is_empty() { project(&path) } else { target };
            let has_anchor = |target: &Path| {
                let text = fs::read_to_string(target).unwrap_or_default();
                Document::parse(&text).anchors().iter().any(|known| known == anchor)
            };
            if !target.exists() || !(anchor.is_empty() || has_anchor(&target)) {
                faults.insert(format!("{path}: {link}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
