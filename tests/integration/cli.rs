//! Commands on the terminal, run by the program itself: what their words may be, and what comes of them.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::keyring::script;
use crate::common::started::Started;
use crate::common::{Binary, Keyring, alice};

/// Runs the program with variables and words in a folder of its own, in which it must leave nothing behind; its exit code,
/// what it printed, and what it told.
fn run_with(variables: &[(&str, &str)], words: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let output = refused(nexus(folder.path()).envs(variables.iter().copied()).args(words));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{words:?} leaves something behind");
    let [said, told] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!said.contains('\u{1b}') && !told.contains('\u{1b}'), "no colour on a pipe: {said}{told}");
    (output.status.code(), said, told)
}

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    run_with(&[], words)
}

/// Expects a success that prints this and tells nothing.
#[track_caller]
fn prints(variables: &[(&str, &str)], words: &[&str], expected: &str) {
    let (code, said, told) = run_with(variables, words);
    assert_eq!((code, said.as_str(), told.as_str()), (Some(0), &*format!("{expected}\n"), ""), "{words:?}");
}

/// Expects a failure that prints nothing and tells this.
#[track_caller]
fn fails(variables: &[(&str, &str)], words: &[&str], code: i32, expected: &[&str]) {
    let (ended, said, told) = run_with(variables, words);
    assert_eq!((ended, said.as_str()), (Some(code), ""), "{words:?}: {told}");
    for expected in expected {
        assert!(told.contains(expected), "{expected:?} is not in {told}");
    }
}

/// The help of a command, without its breaks of lines.
fn help_of(command: &str) -> String {
    let (code, help, told) = run(&[command, "--help"]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    help.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn help_is_made_from_the_schema() {
    let help = help_of("echo");
    for expected in [
        "Say a text back, once or several times",
        "<TEXT>...",
        "What to say",
        "[env: NEXUS_ECHO_TEXT=]",
        "--times <N>",
        "How many times to say it [default: 1]",
        "[env: NEXUS_ECHO_TIMES=]",
        "nexus echo good morning --times 2",
        "--server <ORIGIN>",
    ] {
        assert!(help.contains(expected), "{expected:?} is not in {help}");
    }
    assert!(!help.contains("times:3"), "what only a console reads is no example here: {help}");
    let help = help_of("identity");
    assert!(help.contains("delete Delete your identity"), "{help}");
    assert!(help.contains("nexus identity --key NAME"), "{help}");
    let help = help_of("history");
    assert!(help.contains("[possible values: pending, success, error]"), "{help}");
    assert!(help.contains("--nexus-format <FORMAT>") && help.contains("--format is the command's own"), "{help}");
}

#[test]
fn the_programs_own_help_lists_every_command() {
    let (_, help, _) = run(&["--help"]);
    let (_, same, _) = run(&["help"]);
    assert_eq!(help, same);
    for file in fs::read_dir(crate::common::project("commands")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap().replace(".rs", "");
        assert!(help.contains(&format!("\n  {name} ")), "{name} is not in {help}");
    }
}

#[test]
fn words_fill_arguments_as_a_reader_of_the_help_expects() {
    prints(&[], &["ping"], "pong");
    prints(&[], &["p"], "pong");
    prints(&[], &["echo", "good", "morning", "--times", "2"], "good morning good morning");
    prints(&[], &["echo", "--times=2", "good  morning"], "good  morning good  morning");
    prints(&[], &["echo", "--", "--times", "2"], "--times 2");
    prints(&[], &["echo", "a\nb\u{1b}[31m"], "a\nb\\u{1b}[31m");
}

#[test]
fn a_variable_stands_in_for_an_argument_and_a_flag_beats_it() {
    let thrice = [("NEXUS_ECHO_TIMES", "3")];
    prints(&thrice, &["echo", "ho"], "ho ho ho");
    prints(&thrice, &["echo", "ho", "--times", "1"], "ho");
    prints(&[("NEXUS_ECHO_TEXT", "good morning")], &["echo"], "good morning");
    fails(&[("NEXUS_ECHO_TIMES", "many")], &["echo", "ho"], 2, &["NEXUS_ECHO_TIMES", "\"many\"", "a whole number"]);
}

#[test]
fn help_that_nobody_can_read_is_a_failure() {
    let program = env!("CARGO_BIN_EXE_nexus");
    let output = refused(std::process::Command::new("sh").args(["-c", "\"$0\" --help >/dev/full", program]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Standard output cannot be written"), "{output:?}");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let nothing = [("NEXUS_SERVER", ""), ("NEXUS_KEY", ""), ("NEXUS_ECHO_TIMES", ""), ("NEXUS_ECHO_TEXT", "")];
    prints(&nothing, &["echo", "ho"], "ho");
    fails(&nothing, &["echo"], 2, &["<TEXT>..."]);
}

#[test]
fn names_ignore_case_and_our_options_may_stand_before_them() {
    prints(&[], &["ECHO", "Hi"], "Hi");
    prints(&[], &["P"], "pong");
    prints(&[], &["--format", "text", "--data=elsewhere", "Echo", "Hi"], "Hi");
    assert_eq!(run(&["man", "ECHO"]), run(&["man", "echo"]));
    assert_eq!(run(&["Help", "ECHO"]), run(&["help", "echo"]));
    assert_eq!(run(&["CONFIG", "SET", "--help"]), run(&["config", "set", "--help"]));
    let keyring = alone();
    let (said, _) = keyring.succeed(&["config", "--key", "alice", "--json", "SET", "--theme", "dark"]);
    assert!(said.contains("\"dark\""), "{said}");
    // That is the command's own.
    fails(&[], &["history", "--format", "text", "nope"], 2, &["nope"]);
}

#[test]
fn a_variable_of_an_argument_is_no_slip_in_a_setting() {
    let folder = TempDir::new().unwrap();
    let variables = [("NEXUS_ECHO_TIMES", "3"), ("NEXUS_ECHO_TIME", "3")];
    let server = Binary::spawn(nexus(folder.path()).envs(variables).args(["--port", "0"]));
    let said = server.introduction.join("\n");
    assert!(said.contains("\"NEXUS_ECHO_TIME\" is set and is no setting"), "{said}");
    assert!(!said.contains("NEXUS_ECHO_TIMES"), "{said}");
}

#[test]
fn what_was_typed_wrong_ends_with_2() {
    fails(&[], &["pong"], 2, &["unrecognized subcommand 'pong'", "'ping'"]);
    fails(&[], &["echo"], 2, &["<TEXT>..."]);
    fails(&[], &["echo", "ho", "--times", "11"], 2, &["'11'", "--times", "must be a whole number from 1 to 10"]);
    fails(&[], &["echo", "ho", "--time", "2"], 2, &["--time", "--times"]);
    fails(&[], &["echo", &"x".repeat(600), &"x".repeat(600)], 2, &["invalid_arguments", "1 to 1000 characters"]);
    fails(&[], &["theme", "purple"], 2, &["purple", "light, dark, system"]);
    fails(&[], &["ping", "--format", "xml"], 2, &["xml", "text, json"]);
    fails(&[("PORT", "many")], &["ping"], 2, &["PORT", "\"many\""]);
}

#[test]
fn a_value_that_nobody_would_read_is_cut_where_it_is_quoted() {
    let long = "x".repeat(70_000);
    let all = [
        (vec![], vec!["ping", &*long], "' found"),
        (vec![], vec![&*long], "unrecognized subcommand"),
        (vec![], vec!["theme", &*long], "light, dark, system"),
        (vec![], vec!["echo", "ho", "--times", &*long], "must be a whole number"),
        (vec![("PORT", &*long)], vec!["ping"], "which cannot be used"),
        (vec![("NEXUS_ADMINS", &*long)], vec![], "it is 0x and 40 hex digits"),
        (vec![], vec!["keys", "address", &*long, "--keys", "."], "up to 64 letters"),
    ];
    for (variables, words, expected) in all {
        let (_, said, told) = run_with(&variables, &words);
        assert!(said.is_empty() && told.contains("xxx…") && told.contains(expected), "{told:.1000}");
        assert!(told.len() < 1_000, "{} bytes", told.len());
    }
}

#[test]
fn what_went_wrong_otherwise_ends_with_1() {
    fails(&[], &["clear"], 1, &["client_command", "runs in the frontend"]);
    fails(&[], &["whoami"], 1, &["required", "--key NAME", "nexus keys"]);
    fails(&[], &["ping", "--key", "nobody", "--keys", "."], 1, &["There is no key nobody"]);
}

#[test]
fn as_json_the_whole_answer_is_one_line() {
    for words in [["--json", "--json"], ["--format", "json"]] {
        let (code, said, told) = run(&["echo", "ho", words[0], words[1]][..if words[0] == "--json" { 3 } else { 4 }]);
        assert_eq!((code, told.as_str(), said.lines().count()), (Some(0), "", 1));
        let answer: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&answer["status"], &answer["data"]["lines"]), (&json!("success"), &json!(["ho"])));
        assert!(answer["run_id"].is_string());
    }
    let (code, said, told) = run(&["clear", "--json"]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &answer["code"]), (Some(1), &json!("client_command")));
    assert!(told.contains("client_command"), "people are told as well: {told}");
}

#[test]
fn a_terminal_is_shown_colours_and_a_bar_unless_it_wants_no_colours() {
    let keyring = Keyring::of("alice", &alice());
    let shown = |no_color: &str, words: &[&str], until: &str, code: i32| {
        let mut script = script("watched.py");
        script.arg(until).arg(env!("CARGO_BIN_EXE_nexus")).args(words).env("TERM", "xterm").env("NO_COLOR", no_color);
        script.env("NEXUS_KEYS", "keys").env("NEXUS_PASSPHRASE_FILE", "passphrase");
        Keyring::expect(script.current_dir(keyring.folder.path()), code).0
    };
    assert!(shown("", &["theme", "purple"], "never", 2).contains("\u{1b}[1m"));
    assert!(!shown("1", &["theme", "purple"], "never", 2).contains("\u{1b}["));
    let bar = shown("1", &["countdown", "60", "--key", "alice"], "59 s to go", 130);
    assert!(bar.contains("] 1/60 s  59 s to go"), "{bar:?}");
    assert!(!bar.contains("\u{1b}[3"), "no colour: {bar:?}");
}

/// A folder with the key of alice, which also has the database.
fn alone() -> Keyring {
    Keyring::of("alice", &alice())
}

#[test]
fn with_a_key_it_is_signed_and_logged_and_its_progress_told() {
    let keyring = alone();
    let (said, told) = keyring.succeed(&["countdown", "1", "--key", "alice"]);
    assert_eq!(said, "Lift-off after 1 s.\n");
    assert!(told.starts_with("nexus: 0 of 1 s  1 s to go\n"), "{told}");
    let (said, _) = keyring.succeed(&["whoami", "--key", "alice"]);
    assert!(said.contains(&alice().address().to_string()), "{said}");
    let (said, _) = keyring.succeed(&["history", "--key", "alice", "--stats", "--command", "countdown"]);
    assert!(said.starts_with("/countdown  1 run  0 errors"), "{said}");
    let answer =
        keyring.json(&["history", "--key", "alice", "--limit", "1", "--format", "text", "--nexus-format", "json"]);
    assert_eq!(answer["data"]["runs"].as_array().map(Vec::len), Some(1), "{answer}");
    assert!(keyring.folder.path().join("data/nexus.db").exists());
    let mut elsewhere = keyring.nexus(&["history", "--key", "alice", "--data", "elsewhere"]);
    let (said, _) = Keyring::expect(elsewhere.env("NEXUS_HISTORY_STATS", "true"), 0);
    assert_eq!(said, "No runs have ended.\n");
    let mut turned_off = keyring.nexus(&["history", "--key", "alice", "--data", "elsewhere", "--no-stats"]);
    let (said, _) = Keyring::expect(turned_off.env("NEXUS_HISTORY_STATS", "true"), 0);
    assert!(said.contains("  success  "), "a list, since the word beats the variable: {said}");
}

#[test]
fn an_interrupt_cancels_the_run_which_is_written_down_and_cleaned_up() {
    let keyring = alone();
    for (signal, times) in [("-INT", "1 time"), ("-TERM", "2 times")] {
        let running = Started::new(&mut keyring.nexus(&["countdown", "600", "--key", "alice"]));
        running.wait_for("600 s to go");
        running.signal(signal);
        let ended = running.end();
        assert_eq!((ended.code, ended.said.as_str()), (Some(130), ""), "{}", ended.told);
        assert!(ended.told.contains("cancelled: The run was cancelled."), "{}", ended.told);
        let beside = fs::metadata(keyring.folder.path().join("data/nexus.db-wal")).map_or(0, |file| file.len());
        assert_eq!(beside, 0, "all is in the one file");
        let told = keyring.succeed(&["history", "--key", "alice", "--analyze"]).0;
        assert!(told.contains(&format!("/countdown failed {times} with cancelled")), "{told}");
    }
}

#[test]
fn a_run_that_died_with_its_process_is_closed_by_the_next_one() {
    let keyring = alone();
    let running = Started::new(&mut keyring.nexus(&["countdown", "600", "--key", "alice"]));
    running.wait_for("600 s to go");
    running.signal("-KILL");
    assert_eq!(running.end().code, None);
    let (_, told) = keyring.succeed(&["ping", "--key", "alice"]);
    assert!(told.contains("left 1 commands unfinished"), "{told}");
    let (said, _) = keyring.succeed(&["history", "--key", "alice", "--status", "error"]);
    assert!(said.contains("outcome_unknown"), "{said}");
}

#[test]
fn a_service_ends_as_it_should_when_it_is_told_to_stop() {
    let keyring = alone();
    for signal in ["-TERM", "-INT"] {
        let mut command = keyring.nexus(&["monitor-service", "--interval", "1", "--key", "alice"]);
        let running = Started::new(command.env("NEXUS_ADMINS", alice().address().to_string()));
        running.wait_for("1 samples");
        running.signal(signal);
        let ended = running.end();
        assert_eq!(ended.code, Some(0), "{}", ended.told);
        assert!(ended.said.starts_with("Watched: "), "{}", ended.said);
    }
}

#[test]
fn a_folder_that_a_server_has_names_the_way_to_the_server() {
    let (keyring, folder) = (alone(), TempDir::new().unwrap());
    let _server = Binary::start(&folder, &[]);
    let data = folder.path().join("data");
    let words = ["ping", "--key", "alice", "--data", data.to_str().unwrap()];
    keyring.fail(&words, &["is held by a server that runs, or by another command", "--server http://127.0.0.1:8000"]);
    prints(&[("NEXUS_DATA", data.to_str().unwrap())], &["ping"], "pong");
}
