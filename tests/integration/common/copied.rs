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
    for part in ["Cargo.toml", "Cargo.lock", "build.rs", "src", "commands", "benches", "README.md"] {
        copy_all(&project(part), &copy.path().join(part));
    }
    for (name, text) in commands {
        let path = copy.path().join("commands").join(format!("{name}.rs"));
        assert!(!path.exists(), "there is a command {name}");
        fs::write(path, text).unwrap();
    }
    // A folder of its own: in ours the build would replace the program that other tests run.
    let target = Path::new(env!("CARGO_BIN_EXE_nexus")).ancestors().nth(2).unwrap().join("copied-project");
    let build = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--locked", "--bin", "nexus", "--target-dir"])
        .arg(&target)
        .arg("--manifest-path")
        .arg(copy.path().join("Cargo.toml"))
        .status();
    assert!(build.unwrap().success());
    target.join("debug/nexus")
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy_all(&entry.path(), &to.join(entry.file_name()));
    }
}
