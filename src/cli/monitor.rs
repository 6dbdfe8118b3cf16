//! What the monitoring port of a NATS server tells of how it keeps things.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Deserialize;
use tracing::warn;

const PATIENCE: Duration = Duration::from_secs(2);
const LINE: &str = "set `sync_interval: always` in the block `jetstream` of its configuration, or have replicas on machines that \
                    do not fail together";

#[derive(Deserialize)]
struct Varz {
    jetstream: Jetstream,
}

#[derive(Deserialize)]
struct Jetstream {
    config: Settings,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    sync_always: bool,
}

/// Warns where a server acknowledges what a loss of power takes from it: by default JetStream writes through to its disk every
/// two minutes.
pub(super) async fn warn_of_lost_power(monitors: &[String]) {
    if monitors.is_empty() {
        warn!("whether the NATS servers write through to their disks is not known (NEXUS_NATS_MONITOR); {LINE}");
    }
    join_all(monitors.iter().map(|monitor| warn_of(monitor))).await;
}

async fn warn_of(url: &str) {
    // What stands before an @ is for nobody's eyes.
    let monitor = url.rsplit('@').next().unwrap_or_default();
    match ask(url).await {
        Ok(true) => {}
        Ok(false) => warn!("NATS at {monitor} acknowledges what is not on its disk yet; {LINE}"),
        Err(error) => {
            let error = error.without_url();
            warn!(error = &error as &dyn std::error::Error, "NEXUS_NATS_MONITOR {monitor} does not answer");
        }
    }
}

async fn ask(monitor: &str) -> reqwest::Result<bool> {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let answer = client.get(format!("{}/varz", monitor.trim_end_matches('/'))).send().await?.error_for_status()?;
    let text = answer.bytes().await?;
    Ok(serde_json::from_slice::<Varz>(&text).is_ok_and(|varz| varz.jetstream.config.sync_always))
}
