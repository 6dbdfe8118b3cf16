//! What other programs read of the command line: completions, manual pages, and its document.

use std::process::Command;

use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::snapshot;
use crate::common::tool::succeed;

fn print(words: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let output = refused(nexus(folder.path()).args(words));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_document_in_the_project_is_what_the_program_prints() {
    snapshot("docs/cli.md", &print(&["man", "--markdown"]));
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("nexus.bash");
    std::fs::write(&script, print(&["completions", "bash"])).unwrap();
    succeed(Command::new("bash").arg("-n").arg(&script));
    let complete = |words: &[&str]| {
        let ask = r#"source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
                     _nexus nexus "${@: -1}" "${@: -2:1}"; printf '%s\n' "${COMPREPLY[@]}""#;
        let said = succeed(Command::new("bash").args(["-c", ask, "bash"]).arg(&script).args(words));
        said.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["nexus", "his"]), ["history"]);
    assert_eq!(complete(&["nexus", "echo", "--ti"]), ["--times"]);
    assert_eq!(complete(&["nexus", "history", "--status", ""]), ["pending", "success", "error"]);
    assert!(complete(&["nexus", "identity", ""]).contains(&"delete".to_owned()));
}

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(print(&["completions", shell]).contains("countdown"), "{shell}");
    }
}

#[test]
fn manual_pages_are_read_without_a_complaint() {
    for (words, name) in [
        (&["man"][..], "nexus"),
        (&["man", "echo"], "nexus\\-echo"),
        (&["man", "identity", "delete"], "nexus\\-identity\\-delete"),
    ] {
        let page = print(words);
        assert!(page.contains(&format!(".SH NAME\n{name} \\- ")), "{page}");
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("page.1");
        std::fs::write(&file, page).unwrap();
        let output = refused(Command::new("groff").args(["-man", "-ww", "-z"]).arg(&file));
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
    }
    assert!(print(&["man", "echo"]).contains("How many times to say it"));
}
