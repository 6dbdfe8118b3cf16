//! Tools that are not ours. `scripts/test` installs them.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::project;

/// A tool that `scripts/test` has installed.
pub fn tool(path: &str) -> PathBuf {
    let tool = project(".tools").join(path);
    assert!(tool.exists(), "{} is not there; run scripts/test once, which installs it", tool.display());
    tool
}

pub fn python() -> Command {
    Command::new(tool("python/bin/python"))
}

pub fn node() -> Command {
    tool("node_modules/ethers");
    let mut node = Command::new("node");
    node.env("NODE_PATH", project(".tools/node_modules"));
    node
}

#[track_caller]
pub fn succeed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let (said, complained) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{command:?}: {status}\n{said}\n{complained}");
    said
}

/// A YAML file of the project, as JSON.
pub fn yaml(path: &str) -> Value {
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    serde_json::from_str(&succeed(python().args(["-c", script]).arg(project(path)))).unwrap()
}
