//! A copy of the project with more commands in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::project;

/// Builds the program with more files in `commands/` and nothing else touched; gives back the program.
#[track_caller]
pub fn build_with(commands: &[(String, String)]) -> PathBuf {
    let copy = TempDir::new().unwrap();
    for part in ["Cargo.toml", "Cargo.lock", "build.rs", "src", "commands", "benches", "console/dist", "README.md"] {
        copy_all(&project(part), &copy.path().join(part));
    }
    for (name, text) in commands {
        let path = copy.path().join("commands").join(format!("{name}.rs"));
        assert!(!path.exists(), "there is a command {name}");
        fs::write(path, text).unwrap();
    }
    // A folder of its own: in ours the build would replace the program that other tests run.
    let ours = Path::new(env!("CARGO_BIN_EXE_nexus")).parent().unwrap();
    let target = ours.parent().unwrap().join("copied-project");
    if !target.exists() {
        lend(ours, &target.join("debug"));
    }
    let build = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--locked", "--bin", "nexus", "--target-dir"])
        .arg(&target)
        .arg("--manifest-path")
        .arg(copy.path().join("Cargo.toml"))
        .status();
    assert!(build.unwrap().success());
    target.join("debug/nexus")
}

/// Lets a build begin with the libraries that ours has built: it takes those that are just what it needs. Cargo replaces them
/// and writes into none; what is of this project itself it would write into.
fn lend(ours: &Path, theirs: &Path) {
    fs::create_dir_all(theirs).unwrap();
    for part in ["deps", "build", ".fingerprint"] {
        let lent = Command::new("cp").arg("--recursive").arg("--link").arg(ours.join(part)).arg(theirs).status();
        assert!(lent.unwrap().success());
        for entry in fs::read_dir(theirs.join(part)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if name.trim_start_matches("lib").starts_with("nexus-") {
                let path = entry.path();
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
            }
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy_all(&entry.path(), &to.join(entry.file_name()));
    }
}
