//! The files that a deployment takes: nginx and NATS accept them, nginx does what nodes and clients rely on, and
//! compose.yaml, which nobody runs here, agrees with them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use async_nats::ServerAddr;
use nexus::config::Engine;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::nexus;
use crate::common::configured::configured;
use crate::common::eventually::eventually;
use crate::common::middleman::replying;
use crate::common::nginx::{Nginx, nginx};
use crate::common::ports::free_port;
use crate::common::tool::{succeed, tool, yaml};
use crate::common::{Binary, EXECUTE, Reply, Server, Stream, alice, project};

/// A server behind nginx.
async fn behind(flags: &[&str]) -> (Server, Nginx) {
    let server = Server::with(&[&["--trusted-proxies", "127.0.0.1"], flags].concat()).await;
    let nginx = Nginx::before(&[&server.url]).await;
    (server, nginx)
}

#[tokio::test]
async fn nginx_passes_events_on_at_once_and_ends_a_stream_as_the_node_does() {
    let (server, nginx) = behind(&[]).await;
    let url = format!("{}/api/v1/stream/{}", nginx.url, alice().address());
    let mut stream = Stream::open(&server.client, &url).await;
    assert_eq!(stream.next().await.event, "connection_state");
    for command in ["/whoami", "/identity", "/whoami"] {
        let _ = server.run_as(&alice(), command).await;
        assert_eq!(stream.next_of("command_result").await.json()["command"], command);
    }
    server.close();
    stream.end().await;
}

#[tokio::test]
async fn nginx_leaves_no_stream_open_whose_client_has_gone() {
    let (server, nginx) = behind(&["--max-streams", "1"]).await;
    let url = format!("{}/api/v1/stream/{}", nginx.url, alice().address());
    let open = async || Some(Stream::open(&server.client, &url).await).filter(|stream| stream.response.status() == 200);
    let stream = open().await.unwrap();
    assert!(open().await.is_none(), "there is one place");
    drop(stream);
    eventually("the place of the first", open).await;
}

#[tokio::test]
async fn nginx_lets_the_node_say_that_a_body_is_too_large() {
    let (server, nginx) = behind(&[]).await;
    let post = async |kib: usize| {
        let body = json!({ "command": "x".repeat(kib * 1024) });
        Reply::of(server.client.post(nginx.url.clone() + EXECUTE).json(&body)).await
    };
    post(100).await.failure(413, "body_too_large").message("64 KiB");
    post(600).await.failure(413, "body_too_large").message("512 KiB");
}

#[tokio::test]
async fn nginx_shows_nobody_the_numbers_of_a_node() {
    let (server, nginx) = behind(&[]).await;
    assert_eq!(server.get("/metrics").await.status, 200);
    assert_eq!(Reply::of(server.client.get(format!("{}/metrics", nginx.url))).await.status, 404);
}

/// A node that writes down what it is asked, and answers with these bytes.
fn node(asked: &Arc<Mutex<Vec<String>>>, answer: &'static str) -> String {
    let asked = Arc::clone(asked);
    replying(move |request, _| {
        asked.lock().unwrap().push(request.to_owned());
        answer.to_owned()
    })
}

const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn nginx_passes_a_request_on_as_it_came_and_says_itself_who_sent_it() {
    let asked = Arc::default();
    let nginx = Nginx::before(&[&node(&asked, DONE)]).await;
    for method in [Method::GET, Method::PUT] {
        let request = Client::new().request(method.clone(), format!("{}/api/v1/prompt/a%20b//%2F?q=%7e", nginx.url));
        let request = request.header("x-forwarded-for", "192.0.2.1").header("forwarded", "for=192.0.2.1");
        assert_eq!(Reply::of(request).await.status, 200);
        let heard = asked.lock().unwrap().pop().unwrap().to_lowercase();
        assert!(heard.starts_with(&format!("{method} /api/v1/prompt/a%20b//%2f?q=%7e http/1.1\r\n").to_lowercase()));
        assert!(heard.contains(&format!("host: {}\r\n", nginx.url.trim_start_matches("http://"))), "{heard}");
        assert!(heard.contains("x-forwarded-for: 127.0.0.1\r\n"), "{heard}");
        assert!(!heard.contains("192.0.2.1"), "{heard}");
    }
}

/// How many nodes hear of a request when each takes it and breaks the connection.
async fn heard(method: Method) -> usize {
    let asked = Arc::default();
    let [first, second] = [(); 2].map(|()| node(&asked, ""));
    let nginx = Nginx::before(&[&first, &second]).await;
    let reply = Reply::of(Client::new().request(method, nginx.url.clone() + EXECUTE)).await;
    reply.failure(503, "overloaded").message("not known").hint("Send the same again");
    assert_eq!(reply.header("retry-after"), "1");
    asked.lock().unwrap().len()
}

#[tokio::test]
async fn nginx_sends_what_may_have_been_done_to_no_second_node() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        assert_eq!(heard(method.clone()).await, 1, "{method}");
    }
    assert_eq!(heard(Method::GET).await, 2);
}

#[tokio::test]
async fn nginx_sends_what_no_node_has_heard_to_another() {
    let asked = Arc::default();
    let gone = format!("http://127.0.0.1:{}", free_port());
    let nginx = Nginx::before(&[&gone, &node(&asked, DONE)]).await;
    for _ in 0..4 {
        assert_eq!(Reply::of(Client::new().post(nginx.url.clone() + EXECUTE)).await.status, 200);
    }
    assert_eq!(asked.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn no_ticket_stands_in_a_log_of_nginx() {
    let asked = Arc::default();
    let nginx = Nginx::before(&[&node(&asked, "")]).await;
    let stream = format!("{}/api/v1/stream/0x00?ticket=nt_secret", nginx.url);
    assert_eq!(Reply::of(Client::new().get(stream)).await.status, 503);
    assert!(asked.lock().unwrap()[0].contains("nt_secret"));
    assert!(!nginx.log("/api/v1/stream/0x00").await.contains("secret"));
}

fn read(path: &str) -> String {
    fs::read_to_string(project(path)).unwrap()
}

#[track_caller]
fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// What `.env` would hold. The secret is one that is a number to whoever does not put it in quotes.
fn value(name: &str) -> &'static str {
    match name {
        "NEXUS_PUBLIC_ORIGINS" => "https://cmd.example.com",
        "NATS_PASSWORD" | "NATS_CLUSTER_PASSWORD" => "12345678",
        // What follows `:-` is nothing everywhere.
        "ALLOWED_ORIGINS" | "NEXUS_ADMINS" => "",
        _ => panic!("nobody has said what {name} is"),
    }
}

/// The variables of a service, as `docker compose` gives them.
fn environment(service: &Value) -> Vec<(String, String)> {
    let fill = |text: &str| {
        let mut parts = text.split("${");
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |filled, part| {
            let (variable, rest) = part.split_once('}').unwrap();
            filled + value(variable.split(':').next().unwrap()) + rest
        })
    };
    let written = service["environment"].as_object().unwrap().iter();
    written.map(|(name, text)| (name.clone(), fill(text.as_str().unwrap()))).collect()
}

const NATS: [&str; 3] = ["nats-1", "nats-2", "nats-3"];
const NODES: [&str; 3] = ["nexus-1", "nexus-2", "nexus-3"];

#[test]
fn nats_takes_its_file_with_what_compose_gives_it() {
    let compose = yaml("compose.yaml");
    for name in NATS {
        let service = &compose["services"][name];
        let command = strings(&service["command"]);
        assert_eq!(command, ["-c", "/etc/nats/nats.conf", "-n", name]);
        let mut program = Command::new(tool("python/bin/nats-server"));
        succeed(program.arg("-t").arg("-c").arg(project("deploy/nats.conf")).env_clear().envs(environment(service)));
    }
}

#[test]
fn nginx_takes_its_files() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("nginx.conf", &read("deploy/nginx.conf"));
    // Names that only Docker has, and a port of all addresses.
    write("nodes.conf", &NODES.iter().fold(read("deploy/nodes.conf"), |text, node| text.replace(node, "127.0.0.1")));
    write(
        "listen.conf",
        &read("deploy/listen.conf").replace("listen 8443", &format!("listen 127.0.0.1:{}", free_port())),
    );
    fs::create_dir(folder.path().join("tls")).unwrap();
    for name in ["tls/fullchain.pem", "tls/privkey.pem"] {
        write(name, &read("tests/files/https/server.pem"));
    }
    succeed(nginx(folder.path()).arg("-t"));
}

#[test]
fn compose_mounts_files_that_are_there_where_programs_look_for_them() {
    let compose = yaml("compose.yaml");
    let services = compose["services"].as_object().unwrap();
    let mut mounted = BTreeSet::new();
    for (name, service) in services {
        for volume in strings(&service["volumes"]) {
            let (source, rest) = volume.rsplit_once(":/").unwrap();
            if source.starts_with("./") {
                assert!(project(source).is_file(), "{name}: {volume}");
                assert!(rest.ends_with(":ro"), "{name}: {volume}");
                mounted.insert(source.trim_start_matches("./deploy/").to_owned());
            } else if !source.starts_with("${") {
                assert!(compose["volumes"].as_object().unwrap().contains_key(source), "{name}: {volume}");
            }
        }
    }
    let files = fs::read_dir(project("deploy")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.is_file()).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    assert_eq!(mounted, files.collect());
    let dockerfile = read("Dockerfile");
    assert!(dockerfile.contains("VOLUME /data") && read("deploy/nats.conf").contains("store_dir: $NATS_STORE"));
    for name in NODES.iter().chain(&NATS) {
        assert!(strings(&services[*name]["volumes"]).contains(&format!("{name}:/data").as_str()), "{name}");
    }
}

#[test]
fn compose_names_the_addresses_that_the_files_have() {
    let compose = yaml("compose.yaml");
    let nodes: Vec<_> = NODES.iter().map(|node| format!("server {node}:8000 max_fails=2 fail_timeout=5s;")).collect();
    let conf = read("deploy/nodes.conf");
    assert_eq!(conf.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), nodes);
    assert!(read("Dockerfile").contains("EXPOSE 8000"));
    assert_eq!(compose["services"]["nginx"]["ports"], json!(["443:8443"]));
    assert!(read("deploy/listen.conf").contains("\nlisten 8443 ssl http2;\n"));

    let nats = read("deploy/nats.conf");
    assert!(nats.contains("\nlisten: \"0.0.0.0:4222\"\n") && nats.contains("\nhttp: \"0.0.0.0:8222\"\n"));
    for name in NATS {
        let environment = &compose["services"][name]["environment"];
        assert_eq!(environment["NATS_CLUSTER"], "0.0.0.0:6222");
        let routes: Vec<String> = serde_json::from_str(environment["NATS_ROUTES"].as_str().unwrap()).unwrap();
        let all = NATS.map(|server| format!("nats://route:${{NATS_CLUSTER_PASSWORD}}@{server}:6222"));
        assert_eq!(routes, all);
        let check = &compose["services"][name]["healthcheck"]["test"];
        assert_eq!(strings(check).last(), Some(&"http://127.0.0.1:8222/healthz"));
    }
    for name in NODES {
        let service = &compose["services"][name];
        let environment = &service["environment"];
        let all = NATS.map(|server| format!("nats://nexus:${{NATS_PASSWORD}}@{server}:4222"));
        assert_eq!(environment["NEXUS_BUS"], all.join(","));
        assert_eq!(environment["NEXUS_NATS_MONITOR"], "http://nats-1:8222,http://nats-2:8222,http://nats-3:8222");
        let nginx = &compose["services"]["nginx"]["networks"]["inside"]["ipv4_address"];
        assert_eq!(environment["NEXUS_TRUSTED_PROXIES"], *nginx);
        let waits_for: Vec<_> = service["depends_on"].as_object().unwrap().keys().collect();
        assert_eq!(waits_for, NATS);
        let drain: u32 = environment["NEXUS_DRAIN"].as_str().unwrap().parse().unwrap();
        let grace: u32 = service["stop_grace_period"].as_str().unwrap().trim_end_matches('s').parse().unwrap();
        assert!(grace > drain + 12, "what runs then has seven seconds, and streams have five");
    }
    assert_eq!(compose["services"].as_object().unwrap().len(), NATS.len() + NODES.len() + 1);
}

#[test]
fn a_node_takes_the_settings_that_compose_gives_it() {
    let compose = yaml("compose.yaml");
    for name in NODES {
        let bus = configured(environment(&compose["services"][name])).bus;
        let Engine::Nats(servers) = &bus.engine else { panic!("{bus:?}") };
        let named = |server: &ServerAddr| (server.host().to_owned(), server.password().map(str::to_owned));
        assert!(servers.0.iter().map(named).eq(NATS.map(|nats| (nats.to_owned(), Some("12345678".to_owned())))));
        assert_eq!((bus.nats_replicas, bus.nats_monitor.len()), (NATS.len(), NATS.len()));
    }
    let is_of_nats = |name: &str| name == "NEXUS_BUS" || name.starts_with("NEXUS_NATS_");
    let mut settings = environment(&compose["services"]["nexus-1"]);
    settings.retain(|(name, _)| !is_of_nats(name));
    for (name, _) in &settings {
        assert!(read(".env.example").contains(&format!("\n#{name}=")), "there is no {name}");
    }
    let folder = TempDir::new().unwrap();
    let node = Binary::spawn(nexus(folder.path()).args(["--port", "0"]).envs(settings));
    assert!(node.introduction.iter().any(|line| line.contains("production")), "{:?}", node.introduction);
}
