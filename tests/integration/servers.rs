//! NATS servers that a node cannot stand on: it does not start, and says once what to change and nothing that is secret.

use std::fs;
use std::process::Command;

use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::common::Server;
use crate::common::binary::{nexus, refused};
use crate::common::eventually::eventually;
use crate::common::nats::{Access, Nats};

/// What no message may hold: of passwords, tokens and seeds in these tests.
const SECRETS: [&str; 4] = ["correct-horse", "wrong-horse", "SUA", "BEGIN"];

/// Runs the program to its end, and expects this exit code and one complaint, which it gives back.
#[track_caller]
fn complaint(command: &mut Command, code: i32) -> String {
    let output = refused(command);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    let complaints: Vec<_> =
        said.lines().filter(|line| line.contains("ERROR") || line.starts_with("nexus: ")).collect();
    let [complaint] = complaints[..] else { panic!("{said}") };
    assert!(!said.contains("panicked") && SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
    complaint.to_owned()
}

/// What a server says that does not start with these settings.
#[track_caller]
fn says(settings: &[(&'static str, String)], expected: &[&str]) {
    let folder = TempDir::new().unwrap();
    let complaint = complaint(nexus(folder.path()).args(["serve", "--port", "0"]).envs(settings.iter().cloned()), 1);
    for words in expected {
        assert!(complaint.contains(words), "{words:?} is not said in {complaint}");
    }
}

/// Settings with some in the place of others.
fn with(mut settings: Vec<(&'static str, String)>, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    settings.retain(|(other, _)| *other != name);
    settings.push((name, value.to_owned()));
    settings
}

#[tokio::test]
async fn where_nobody_listens_is_said() {
    says(
        &[("NEXUS_BUS", "nats://127.0.0.1:1".to_owned())],
        &["nats://127.0.0.1:1 (NEXUS_BUS)", "Look whether it runs"],
    );
    let nobody = "nats://nexus:wrong-horse@nowhere.invalid:4222".to_owned();
    says(&[("NEXUS_BUS", nobody)], &["nats://nowhere.invalid:4222 (NEXUS_BUS)", "can be reached from here"]);
}

#[test]
fn what_is_no_url_of_nats_is_a_wrong_setting() {
    let folder = TempDir::new().unwrap();
    for bus in ["http://127.0.0.1:4222", "127.0.0.1:4222", "nats:/x", "", "nats://wrong-horse@", "embedded,nats://a:1"]
    {
        let said = complaint(nexus(folder.path()).args(["serve", "--port", "0"]).env("NEXUS_BUS", bus), 2);
        assert!(said.contains("NEXUS_BUS"), "{said}");
    }
}

#[test]
fn a_prefix_that_is_no_word_of_a_subject_is_a_wrong_setting() {
    let folder = TempDir::new().unwrap();
    let long = "x".repeat(10_000);
    for prefix in [">", "*", "a.b", "a b", "A", "$JS", "-a", "a\n", "a\u{7f}", "ä", "", &long] {
        let said = complaint(nexus(folder.path()).args(["serve", "--port", "0"]).env("NEXUS_NATS_PREFIX", prefix), 2);
        assert!(said.contains("NEXUS_NATS_PREFIX") && said.len() < 20_000, "{said}");
    }
}

#[tokio::test]
async fn wrong_words_at_the_door_are_not_repeated() {
    for access in [Access::password(), Access::token()] {
        let nats = Nats::of(1, access).await;
        let right = nats.settings();
        let url = right[0].1.replace("correct-horse", "wrong-horse");
        says(&with(right.clone(), "NEXUS_BUS", &url), &["cannot be used", "It asks for other credentials"]);
        let nobody = format!("nats://{}", nats.address(0));
        says(&with(right, "NEXUS_BUS", &nobody), &["cannot be used", "It asks for other credentials"]);
    }
}

#[tokio::test]
async fn a_wrong_key_and_wrong_credentials_are_refused_and_named() {
    for (access, other, setting) in [
        (Access::nkey(), Access::nkey(), "NEXUS_NATS_NKEY"),
        (Access::credentials(), Access::credentials(), "NEXUS_NATS_CREDENTIALS"),
    ] {
        let nats = Nats::of(1, access).await;
        let folder = TempDir::new().unwrap();
        let (_, stranger) = other.settings(folder.path()).remove(0);
        says(&with(nats.settings(), setting, &stranger), &["cannot be used", "It asks for other credentials"]);
        says(
            &with(nats.settings(), setting, "/nowhere/at-all"),
            &[setting, "/nowhere/at-all", "It is the path of a file"],
        );
        let garbage = folder.path().join("garbage");
        fs::write(&garbage, "wrong-horse, and no key\n").unwrap();
        says(&with(nats.settings(), setting, garbage.to_str().unwrap()), &[setting, "It is the path of a file"]);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let nats = Nats::of(1, Access::password().over_tls()).await;
    let mut settings = nats.settings();
    settings.retain(|(name, _)| *name != "NEXUS_NATS_CA");
    says(&settings, &["tls://localhost", "cannot be used", "NEXUS_NATS_CA"]);
    says(&with(settings.clone(), "NEXUS_NATS_CA", "/nowhere/at-all"), &["NEXUS_NATS_CA", "/nowhere/at-all"]);
    let in_the_clear = settings[0].1.replace("tls://", "nats://");
    says(&with(settings, "NEXUS_BUS", &in_the_clear), &["cannot be used"]);
}

#[tokio::test]
async fn a_server_without_jetstream_is_refused() {
    let nats = Nats::forgetful().await;
    says(&nats.settings(), &["no JetStream", "store_dir"]);
}

#[tokio::test]
async fn servers_that_are_too_few_to_agree_are_refused_with_what_is_missing() {
    let mut nats = Nats::three().await;
    nats.kill(1);
    nats.kill(2);
    // It is told by whoever has noticed.
    let stream = nats.stream().await;
    eventually("a server that follows nobody", async || {
        stream.query_account().await.is_err_and(|error| format!("{error:?}").contains("10008")).then_some(())
    })
    .await;
    says(&nats.settings(), &["have no leader: too few of them are there", "start them"]);
}

/// The port of a server that says of itself that it is of another version.
async fn disguised(nats: &Nats, version: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, address) = (listener.local_addr().unwrap().port(), nats.address(0));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = BufReader::new(TcpStream::connect(&address).await.unwrap());
            let mut hello = String::new();
            server.read_line(&mut hello).await.unwrap();
            let (before, rest) = hello.split_once("\"version\":\"").unwrap();
            let (_, after) = rest.split_once('"').unwrap();
            client.write_all(format!("{before}\"version\":\"{version}\"{after}").as_bytes()).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_too_old_is_refused_with_the_version_that_is_needed() {
    let nats = Nats::one().await;
    for version in ["2.9.10", "2.9.25", "1.4.1"] {
        let settings = nats.settings_at(&[disguised(&nats, version).await]);
        says(&settings, &[version, "2.10 or newer is needed"]);
    }
}

/// The settings of a stream, as the server tells them.
async fn settings_of(nats: &Nats, stream: &str) -> Config {
    nats.stream().await.get_stream(stream).await.unwrap().cached_info().config.clone()
}

#[tokio::test]
async fn a_stream_in_memory_is_refused_and_left_as_it_is() {
    let nats = Nats::one().await;
    let config = Config {
        name: "nexus-events".to_owned(),
        subjects: vec!["nexus.events.*".to_owned()],
        storage: StorageType::Memory,
        ..Config::default()
    };
    nats.stream().await.create_stream(config).await.unwrap();
    let before = settings_of(&nats, "nexus-events").await;
    says(&nats.settings(), &["nexus-events has storage Memory, and needs File", "another NEXUS_NATS_PREFIX"]);
    assert_eq!(settings_of(&nats, "nexus-events").await, before);
    let folder = TempDir::new().unwrap();
    let said = complaint(nexus(folder.path()).args(["bus", "migrate"]).envs(nats.settings()), 1);
    assert!(said.contains("nexus-events") && said.contains("storage"), "{said}");
    assert_eq!(settings_of(&nats, "nexus-events").await, before);
}

#[tokio::test]
async fn streams_with_other_settings_are_told_and_changed_by_whoever_says_so() {
    let nats = Nats::one().await;
    drop(Server::on(&nats, &[]).await);
    let context = nats.stream().await;
    for (stream, discard) in [("nexus-runs", DiscardPolicy::New), ("KV_nexus-keys", DiscardPolicy::New)] {
        let found = settings_of(&nats, stream).await;
        context.update_stream(Config { max_messages: 7, discard, ..found }).await.unwrap();
    }
    let before = settings_of(&nats, "nexus-runs").await;
    let runs = "nexus-runs has max_messages 7, and needs -1; nexus-runs has discard New, and needs Old";
    says(&nats.settings(), &[runs, "KV_nexus-keys has max_messages 7", "nexus bus migrate"]);
    assert_eq!(settings_of(&nats, "nexus-runs").await, before);
    let folder = TempDir::new().unwrap();
    let migrated = refused(nexus(folder.path()).args(["bus", "migrate"]).envs(nats.settings()));
    let told = String::from_utf8(migrated.stdout).unwrap();
    assert!(migrated.status.success() && told.matches("changed: ").count() == 3, "{told}");
    drop(Server::on(&nats, &[]).await);
}
