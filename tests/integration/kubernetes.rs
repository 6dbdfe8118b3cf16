//! deploy/kubernetes, which nobody runs here: Kubernetes knows all that stands in it, and it agrees with the server.

use std::collections::BTreeMap;
use std::fs;

use nexus::config::Engine;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::nexus;
use crate::common::configured::configured;
use crate::common::tool::{python, succeed, yaml};
use crate::common::{Binary, Server, project};

fn resource(name: &str) -> Value {
    yaml(&format!("deploy/kubernetes/{name}.yaml"))
}

/// What a pod of the deployment is made of, and its container.
fn pod() -> (Value, Value) {
    let pod = resource("deployment")["spec"]["template"]["spec"].take();
    let container = pod["containers"][0].clone();
    (pod, container)
}

#[test]
fn kubernetes_knows_every_field() {
    let files = fs::read_dir(project("deploy/kubernetes")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.collect();
    // The oldest knows `preStop.sleep` already.
    for version in ["1.30", "1.37"] {
        let mut command = python();
        command.args(["-m", "kubernetes_validate", "--strict", "-k", version]).args(&files);
        let said = succeed(&mut command);
        assert_eq!(said.matches("passed for resource").count(), 4, "{said}");
    }
}

#[test]
fn what_belongs_together_has_the_same_labels() {
    let labels = json!({ "app.kubernetes.io/name": "nexus" });
    let (deployment, disruption) = (resource("deployment"), resource("disruption"));
    for found in [
        &deployment["spec"]["template"]["metadata"]["labels"],
        &deployment["spec"]["selector"]["matchLabels"],
        &deployment["spec"]["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
        &disruption["spec"]["selector"]["matchLabels"],
        &resource("service")["spec"]["selector"],
    ] {
        assert_eq!(*found, labels);
    }
    let kept = disruption["spec"]["minAvailable"].as_u64().unwrap();
    assert!(deployment["spec"]["replicas"].as_u64().unwrap() > kept, "maintenance takes one away");
}

#[test]
fn a_node_takes_the_settings_of_the_pod() {
    let (_, container) = pod();
    let map = resource("config");
    assert_eq!(container["envFrom"], json!([{ "configMapRef": { "name": map["metadata"]["name"] } }]));
    assert_eq!(container["env"][0]["name"], "NEXUS_BUS");
    let mut settings: BTreeMap<String, String> = serde_json::from_value(map["data"].clone()).unwrap();
    // As the file says that the secret is made.
    let told = fs::read_to_string(project("deploy/kubernetes/config.yaml")).unwrap();
    let secret = told.split("--from-literal=bus=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let bus = configured(settings.clone().into_iter().chain([("NEXUS_BUS".to_owned(), secret)])).bus;
    assert!(matches!(bus.engine, Engine::Nats(_)) && !bus.nats_monitor.is_empty(), "{bus:?}");
    assert_eq!(bus.nats_replicas, 3);
    settings.retain(|name, _| !name.starts_with("NEXUS_NATS_"));
    let example = fs::read_to_string(project(".env.example")).unwrap();
    for name in settings.keys() {
        assert!(example.contains(&format!("\n#{name}=")), "there is no {name}");
    }
    let folder = TempDir::new().unwrap();
    let node = Binary::spawn(nexus(folder.path()).args(["--port", "0"]).envs(&settings));
    assert!(node.introduction.iter().any(|line| line.contains("production")), "{:?}", node.introduction);
}

#[test]
fn a_pod_is_what_the_dockerfile_makes() {
    let (pod, container) = pod();
    let dockerfile = fs::read_to_string(project("Dockerfile")).unwrap();
    let user = &pod["securityContext"]["runAsUser"];
    assert!(dockerfile.contains(&format!("USER {user}:{user}")), "{user}");
    assert!(dockerfile.contains(&format!("EXPOSE {}", container["ports"][0]["containerPort"])));
    let folder = container["volumeMounts"][0]["mountPath"].as_str().unwrap();
    assert!(dockerfile.contains(&format!("NEXUS_DATA={folder}")), "{folder}");
}

#[test]
fn a_pod_has_the_time_that_a_node_takes_to_end() {
    let (pod, container) = pod();
    let drain: u64 = resource("config")["data"]["NEXUS_DRAIN"].as_str().unwrap().parse().unwrap();
    let before = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
    // What runs then has seven seconds, and streams have five.
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() > before + drain + 7 + 5);
}

#[tokio::test]
async fn every_probe_is_answered() {
    let server = Server::start().await;
    let (_, container) = pod();
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let path = container[probe]["httpGet"]["path"].as_str().unwrap();
        assert_eq!(server.get(path).await.status, 200, "{probe}");
    }
}
