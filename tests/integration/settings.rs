//! Settings: where they come from, and what is said of those that cannot be used.

use std::fs;

use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::{Binary, snapshot};

#[test]
fn the_environment_example_is_what_the_program_prints() {
    snapshot(".env.example", &nexus::config::env_example());
}

/// Starts the program with variables and flags; expects exit code 2 and these words, and nothing left behind.
#[track_caller]
fn check(variables: &[(&str, &str)], flags: &[&str], expected: &[&str]) {
    let folder = TempDir::new().unwrap();
    let output = refused(nexus(folder.path()).envs(variables.iter().copied()).args(flags));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    for words in expected {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no folder is made");
}

#[test]
fn a_wrong_value_names_the_variable_the_value_and_what_was_expected() {
    check(&[("PORT", "80a")], &[], &["PORT", "--port", "\"80a\"", "0-65535"]);
    check(&[("PORT", "65536")], &[], &["PORT", "\"65536\"", "0-65535"]);
    check(&[("PORT", "")], &[], &["PORT", "\"\""]);
    check(&[], &["--port=-1"], &["PORT", "\"-1\""]);
    check(&[("NEXUS_ENV", "staging")], &[], &["NEXUS_ENV", "\"staging\"", "development, production"]);
    check(&[("NEXUS_HOST", "example.com")], &[], &["NEXUS_HOST", "\"example.com\"", "IP"]);
    check(&[("NEXUS_ANONYMOUS_STREAMS", "some")], &[], &["NEXUS_ANONYMOUS_STREAMS", "off, state, full"]);
    check(&[("NEXUS_LEGACY_SIGNATURES", "none")], &[], &["NEXUS_LEGACY_SIGNATURES", "off, safe, all"]);
    check(&[("NEXUS_LOG_FORMAT", "xml")], &[], &["NEXUS_LOG_FORMAT", "text, json"]);
    check(&[("NEXUS_LOG", "loud")], &[], &["NEXUS_LOG", "\"loud\""]);
    check(&[("NEXUS_LOG", "")], &[], &["NEXUS_LOG", "it is empty"]);
    check(&[("NEXUS_LOG", "info,,=")], &[], &["NEXUS_LOG", "`` is no level"]);
    check(&[("NEXUS_LOG", "info,=debug")], &[], &["NEXUS_LOG", "`=debug` is no level"]);
    let slip = "0x7E5F4552091A69125d5DfCb7b8C2659029395BDF";
    check(&[("NEXUS_ADMINS", slip)], &[], &["NEXUS_ADMINS", "checksum"]);
    check(&[("NEXUS_ADMINS", "0x12")], &[], &["NEXUS_ADMINS", "no address"]);
    check(&[("NEXUS_WEBHOOK_ALLOW", "http://x")], &[], &["NEXUS_WEBHOOK_ALLOW", "`http://x`", "hooks.internal"]);
    check(&[("NEXUS_KEEPALIVE", "0")], &[], &["NEXUS_KEEPALIVE", "1-3600"]);
    check(&[("ALLOWED_ORIGINS", "*")], &[], &["ALLOWED_ORIGINS", "`*`", "ORIGIN"]);
    check(&[("ALLOWED_ORIGINS", "http://localhost:5173/")], &[], &["ALLOWED_ORIGINS", "last slash"]);
    check(&[("NEXUS_PUBLIC_ORIGINS", "cmd.example.com")], &[], &["NEXUS_PUBLIC_ORIGINS", "has no scheme"]);
    check(&[], &["--no-such-flag"], &["--no-such-flag"]);
    check(&[], &["no-such-subcommand"], &["no-such-subcommand"]);
}

#[test]
fn a_value_that_is_no_text_names_the_variable() {
    use std::os::unix::ffi::OsStrExt;
    let folder = TempDir::new().unwrap();
    let output = refused(nexus(folder.path()).env("PORT", std::ffi::OsStr::from_bytes(b"\xff")));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("PORT is not UTF-8"), "{said}");
}

#[test]
fn a_data_directory_that_cannot_be_one_is_a_wrong_value() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let output = refused(nexus(folder.path()).args(["--port", "0", "--data", "file"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("NEXUS_DATA") && said.contains("file"), "{said}");
}

#[test]
fn a_variable_that_is_no_setting_is_told() {
    let folder = TempDir::new().unwrap();
    let server = Binary::spawn(nexus(folder.path()).env("NEXUS_LEGACY_SIGNATURE", "off").args(["--port", "0"]));
    let said = server.introduction.join("\n");
    assert!(said.contains("\"NEXUS_LEGACY_SIGNATURE\" is set and is no setting"), "{said}");
}

#[test]
fn what_is_unsafe_is_not_taken_from_the_environment() {
    let open = [
        ("NEXUS_ENV", "production"),
        ("NEXUS_PUBLIC_ORIGINS", "https://cmd.example.com"),
        ("NEXUS_ANONYMOUS_STREAMS", "full"),
    ];
    for variable in ["NEXUS_INSECURE", "INSECURE"] {
        check(&[&open[..], &[(variable, "true")]].concat(), &[], &["--insecure"]);
    }
}

#[test]
fn limits_say_what_they_take() {
    check(&[("NEXUS_MAX_STREAMS", "many")], &[], &["NEXUS_MAX_STREAMS", "\"many\""]);
    for limit in ["CONNECTIONS", "RUNS", "STREAMS", "STREAMS_PER_KEY", "STREAMS_PER_PEER", "ANONYMOUS_STREAMS"] {
        let limit = format!("NEXUS_MAX_{limit}");
        check(&[(&limit, "0")], &[], &[&limit, "from 1 on"]);
    }
    check(&[("NEXUS_HEADER_TIMEOUT", "0")], &[], &["NEXUS_HEADER_TIMEOUT", "from 1 to 65535"]);
    check(&[("NEXUS_TRUSTED_PROXIES", "proxy")], &[], &["NEXUS_TRUSTED_PROXIES", "`proxy`", "10.0.0.0/8"]);
}

#[test]
fn development_stays_on_this_machine() {
    check(&[("NEXUS_HOST", "0.0.0.0")], &[], &["NEXUS_HOST", "0.0.0.0", "NEXUS_ENV=production"]);
    check(&[("NEXUS_HOST", "::")], &[], &["NEXUS_HOST"]);
    check(
        &[("NEXUS_PUBLIC_ORIGINS", "https://cmd.example.com")],
        &[],
        &["NEXUS_PUBLIC_ORIGINS", "https://cmd.example.com"],
    );
    check(&[("NEXUS_HOST", "0.0.0.0")], &["--insecure"], &["NEXUS_HOST"]);
}

#[test]
fn production_needs_its_names_and_a_flag_for_what_is_open() {
    let public = ("NEXUS_PUBLIC_ORIGINS", "https://cmd.example.com");
    let production = ("NEXUS_ENV", "production");
    check(&[production], &[], &["NEXUS_PUBLIC_ORIGINS is not set"]);
    check(&[production, ("NEXUS_PUBLIC_ORIGINS", "")], &[], &["NEXUS_PUBLIC_ORIGINS is not set"]);
    check(
        &[production, public, ("NEXUS_ANONYMOUS_STREAMS", "full")],
        &[],
        &["NEXUS_ANONYMOUS_STREAMS=full", "--insecure"],
    );
    check(
        &[production, public, ("NEXUS_LEGACY_SIGNATURES", "all")],
        &[],
        &["NEXUS_LEGACY_SIGNATURES=all", "--insecure"],
    );
    check(&[production, public, ("NEXUS_WEBHOOK_ALLOW", "127.0.0.1")], &[], &["NEXUS_WEBHOOK_ALLOW", "--insecure"]);
}

#[test]
fn what_gives_away_more_than_it_seems_to_is_told_in_production() {
    let told = |more: &[&str]| {
        let folder = TempDir::new().unwrap();
        let mut flags = vec!["--port", "0", "--env", "production", "--public-origins", "https://cmd.example.com"];
        flags.extend(more);
        Binary::spawn(nexus(folder.path()).args(flags)).introduction.join("\n")
    };
    let origins = "http://app.example.com,https://good.example.com,http://localhost:3000";
    let said = told(&["--trusted-proxies", "10.0.0.0/8,::/0", "--allowed-origins", origins]);
    for expected in
        ["NEXUS_TRUSTED_PROXIES has ::/0, so every client", "ALLOWED_ORIGINS has http://app.example.com, whose"]
    {
        assert_eq!(said.matches(expected).count(), 1, "{said}");
    }
    assert!(!said.contains("good.example.com") && !said.contains("localhost:3000"), "{said}");
    assert!(told(&["--trusted-proxies", "0.0.0.0/0"]).contains("has 0.0.0.0/0, so every client"));
    assert!(!told(&["--trusted-proxies", "10.0.0.0/8"]).contains("NEXUS_TRUSTED_PROXIES"));
}

#[test]
fn settings_of_nats_without_nats_are_told_to_be_of_no_use() {
    let folder = TempDir::new().unwrap();
    let mut program = nexus(folder.path());
    program.env("NEXUS_NATS_REPLICAS", "3").env("NEXUS_NATS_MONITOR", "http://127.0.0.1:8222");
    let said = Binary::spawn(program.args(["--port", "0"])).introduction.join("\n");
    for name in ["NEXUS_NATS_REPLICAS", "NEXUS_NATS_MONITOR"] {
        assert_eq!(said.matches(&format!("{name} is set and NEXUS_BUS is not")).count(), 1, "{said}");
    }
    let said = Binary::spawn(nexus(folder.path()).args(["--port", "0"])).introduction.join("\n");
    assert!(!said.contains("NEXUS_NATS"), "{said}");
}

#[test]
fn a_flag_beats_the_environment_which_beats_dotenv() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join(".env"),
        "NEXUS_KEEPALIVE=7\nNEXUS_LEGACY_SIGNATURES=off\nNEXUS_ANONYMOUS_STREAMS=off\n",
    )
    .unwrap();
    let mut program = nexus(folder.path());
    program.env("NEXUS_LEGACY_SIGNATURES", "all").env("NEXUS_ANONYMOUS_STREAMS", "state");
    let server = Binary::spawn(program.args(["--port", "0", "--anonymous-streams", "full"]));
    let open = server.introduction.iter().find(|line| line.contains("open:")).unwrap();
    assert!(open.contains("NEXUS_LEGACY_SIGNATURES=all") && open.contains("NEXUS_ANONYMOUS_STREAMS=full"), "{open}");
    drop(server);
    let server = Binary::spawn(nexus(folder.path()).args(["--port", "0"]));
    assert!(server.introduction.iter().any(|line| line.contains("open: nothing")), "{:?}", server.introduction);
}

#[test]
fn a_dotenv_that_cannot_be_read_is_refused_without_showing_it() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "PORT=0\n\nthe secret 'is open\nNEXUS_LOG=info\n").unwrap();
    let output = refused(&mut nexus(folder.path()));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains(".env cannot be read at its line 3") && !said.contains("secret"), "{said}");
}

#[test]
fn help_teaches_every_setting_with_its_variable() {
    let folder = TempDir::new().unwrap();
    let output = refused(nexus(folder.path()).arg("--help"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let example = nexus::config::env_example();
    let settings = example.lines().filter(|line| line.starts_with('#') && !line.starts_with("# "));
    let variables: Vec<_> =
        settings.filter_map(|line| line[1..].split_once('=')).map(|(variable, _)| variable).collect();
    assert!(variables.len() > 8);
    for variable in variables {
        assert!(said.contains(&format!("[env: {variable}")), "{variable} is not in {said}");
    }
    assert!(refused(nexus(folder.path()).arg("--version")).stdout.starts_with(b"nexus "));
}
