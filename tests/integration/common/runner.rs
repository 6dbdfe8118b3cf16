//! The code blocks of a document, run one after the other as a reader would.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Deserializer, Value};
use tempfile::TempDir;

use super::binary::bounded;
use super::document::{Block, Document, matches, shows, values};
use super::{Binary, project};

/// Blocks of `sh` that cannot be run here, by what they begin with.
pub const NOT_RUN: [(&str, &str); 3] = [
    ("cd console", "it installs what the tests of the console have installed, which build it and run it"),
    (
        "docker build",
        "there is no Docker; scripts/container runs the steps of the Dockerfile and starts what they built",
    ),
    ("scripts/test\n", "it runs this very test"),
];

/// For all blocks of a document together.
const BOUND: Duration = Duration::from_mins(3);
/// Stands before what a block prints.
const MARK: char = '\u{1e}';

pub fn is_not_run(block: &Block) -> bool {
    block.language == "sh" && NOT_RUN.iter().any(|(beginning, _)| block.text.starts_with(beginning))
}

/// Runs the blocks of `path` against a server and checks all that they show. A block shows what the block before it in its
/// section printed: JSON some of its answers, in their order, and `text` its lines, or the events of the open stream, or what
/// `nexus watch` shows.
#[track_caller]
pub fn run(path: &str, server: &Binary, program: &Path) {
    let address = server.url.trim_start_matches("http://");
    let markdown = fs::read_to_string(project(path)).unwrap().replace("127.0.0.1:8000", address);
    // Tests listen to this machine only.
    let document = Document::parse(&markdown.replace("NEXUS_HOST=0.0.0.0", "NEXUS_HOST=127.0.0.1"));
    let folder = TempDir::new().unwrap();
    furnish(folder.path());
    let mut script = fs::read_to_string(project("tests/documents/prelude.sh")).unwrap();
    for (place, block) in document.blocks.iter().enumerate() {
        let line = block.line;
        script.push_str(&format!("printf '{MARK}%s\\n' {place}\n"));
        let file = |extension: &str| {
            let name = format!("line-{line}.{extension}");
            fs::write(folder.path().join(&name), &block.text).unwrap();
            name
        };
        match block.language.as_str() {
            "sh" if is_not_run(block) => {}
            "sh" => script.push_str(&block.text),
            "js" => script.push_str(&format!("node {}\n", file("mjs"))),
            "python" => script.push_str(&format!(".venv/bin/python {}\n", file("py"))),
            "html" => script.push_str(&format!("node page.mjs {}\n", file("html"))),
            "text" if is_events(block) => script.push_str(&format!("heard {}\n", frames(&block.text).len())),
            "text" if is_watched(block) => script.push_str(&format!("watched {}\n", block.text.lines().count())),
            // Commands are built, not run; the others are looked at below.
            "rust" | "json" | "text" => {}
            other => panic!("{path}:{line}: nobody checks a block of `{other}`"),
        }
    }
    let script_file = folder.path().join("document.sh");
    fs::write(&script_file, script).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail"]).arg(&script_file).current_dir(folder.path()).env_clear();
    bash.env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", folder.path())
        .env("PORT", "0")
        .env("NEXUS_SERVER", &server.url)
        .env("PROGRAM", program);
    bash.envs([("PIP_NO_INDEX", "1"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1")]);
    let output = bounded(&mut bash, BOUND);
    let said = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let complained = String::from_utf8_lossy(&output.stderr);
    let printed: Vec<&str> = said.split(MARK).skip(1).map(|part| part.split_once('\n').unwrap().1).collect();
    let last = document.blocks.get(printed.len().saturating_sub(1)).map_or(0, |block| block.line);
    assert!(output.status.success(), "{path}:{last}: {}\n{said}\n{complained}", output.status);
    for place in 0..document.blocks.len() {
        if let Err(fault) = check(&document, &printed, place) {
            panic!("{path}:{}: {fault}\n{complained}", document.blocks[place].line);
        }
    }
}

/// What a reader of the documents has.
fn furnish(folder: &Path) {
    for (from, to) in [
        (".tools/python", ".venv"),
        (".tools/node_modules", "node_modules"),
        ("examples", "examples"),
        ("tests/documents/page.mjs", "page.mjs"),
    ] {
        let from = project(from);
        assert!(from.exists(), "{} is not there; run scripts/test once, which installs it", from.display());
        symlink(from, folder.join(to)).unwrap();
    }
}

fn check(document: &Document, printed: &[&str], place: usize) -> Result<(), String> {
    let block = &document.blocks[place];
    let before = document.before(place).filter(|before| is_run(&document.blocks[*before]));
    match block.language.as_str() {
        "json" => {
            let shown: Result<Vec<Value>, _> = Deserializer::from_str(&block.text).into_iter().collect();
            let shown = shown.map_err(|error| format!("this is no JSON: {error}"))?;
            match before {
                Some(before) => answered(&shown, &values(printed[before])),
                None if shown.iter().any(|value| value.get("status").is_some()) => {
                    Err("it shows an answer, and no block before it in its section was run".to_owned())
                }
                None => Ok(()),
            }
        }
        "text" if is_events(block) => {
            let (shown, told) = (frames(&block.text), frames(printed[place]));
            let is_so = shown.len() == told.len() && shown.iter().zip(&told).all(|(shown, told)| is_frame(shown, told));
            if is_so { Ok(()) } else { Err(format!("the stream told\n{}", printed[place])) }
        }
        "text" if is_watched(block) => {
            if matches(&without_times(printed[place]), &without_times(&block.text)) {
                return Ok(());
            }
            Err(format!("nexus watch shows\n{}", printed[place]))
        }
        "text" => match before {
            Some(before) if !matches(printed[before].trim_end(), block.text.trim_end()) => {
                Err(format!("the block before it printed\n{}", printed[before]))
            }
            _ => Ok(()),
        },
        _ if is_run(block) => {
            let next =
                document.blocks.get(place + 1).filter(|next| next.language == "json" && next.section == block.section);
            let shown = next.map(|next| values(&next.text)).unwrap_or_default();
            let is_fine = |real: &Value| real.get("status").is_none_or(|status| status != "error");
            let is_expected = |real: &Value| is_fine(real) || shown.iter().any(|shown| shows(shown, real));
            values(printed[place])
                .iter()
                .find(|real| !is_expected(real))
                .map_or(Ok(()), |real| Err(format!("it fails: {real}")))
        }
        _ => Ok(()),
    }
}

fn is_run(block: &Block) -> bool {
    matches!(block.language.as_str(), "sh" | "js" | "python" | "html") && !is_not_run(block)
}

/// Each shown answer must be among the real ones, in their order.
fn answered(shown: &[Value], real: &[Value]) -> Result<(), String> {
    let mut rest = real.iter();
    match shown.iter().find(|shown| !rest.any(|real| shows(shown, real))) {
        Some(missing) => Err(format!("nobody answered {missing}; the answers are {real:#?}")),
        None => Ok(()),
    }
}

fn is_events(block: &Block) -> bool {
    block.text.lines().any(|line| line.starts_with("event: "))
}

fn is_watched(block: &Block) -> bool {
    block.text.lines().any(|line| line.contains("  ✓  "))
}

/// The lines without the `HH:MM:SS` that each begins with.
fn without_times(text: &str) -> String {
    text.lines().map(|line| line.get(8..).unwrap_or(line)).fold(String::new(), |all, line| all + line + "\n")
}

/// The frames of a stream that carry data.
fn frames(text: &str) -> Vec<&str> {
    text.split("\n\n").filter(|frame| frame.contains("data: ")).map(|frame| frame.trim_matches('\n')).collect()
}

/// Whether the lines of a frame are those shown; `{…}` stands for any object.
fn is_frame(shown: &str, told: &str) -> bool {
    let is_line = |(shown, told): (&str, &str)| match (shown.strip_prefix("data: "), told.strip_prefix("data: ")) {
        (Some(shown), Some(told)) => {
            let (shown, told) = (values(&shown.replace("{…}", "\"…\"")), values(told));
            shown.len() == 1 && told.len() == 1 && shows(&shown[0], &told[0])
        }
        (None, None) if shown.starts_with("id: ") => told.starts_with("id: "),
        _ => shown == told,
    };
    shown.lines().count() == told.lines().count() && shown.lines().zip(told.lines()).all(is_line)
}
