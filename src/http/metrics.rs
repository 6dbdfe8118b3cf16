//! `GET /metrics`: the numbers of the server, for a collector on the same machine.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::host::is_called_by_address;
use super::peer::Peer;
use crate::app::App;
use crate::command::Form;
use crate::error::{Error, Result};
use crate::gauges::Gauge;

/// The numbers of the server, in the text format of OpenMetrics 1.0.
///
/// For callers from the same machine, by its address or a loopback name; to others there is nothing here, nor to what a
/// proxy forwards.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "Probes",
    responses((status = 200, description = "Gauges, counters and histograms.", body = String, content_type = "application/openmetrics-text"))
)]
pub async fn metrics(State(app): State<Arc<App>>, Peer(peer): Peer, request: Request) -> Result<Response> {
    let is_forwarded = ["forwarded", "x-forwarded-for"].iter().any(|name| request.headers().contains_key(*name));
    if !peer.to_canonical().is_loopback() || is_forwarded || !is_called_by_address(&request) {
        return Err(Error::not_found("There is nothing at this address."));
    }
    let mut text = String::new();
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Numbers::of(&app)));
    prometheus_client::encoding::text::encode(&mut text, &registry).map_err(Error::internal)?;
    let headers =
        [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}

/// What the server knows of itself, and what commands export.
#[derive(Debug)]
struct Numbers {
    gauges: Vec<(&'static str, Gauge)>,
    /// How each fares.
    forms: Vec<Arc<Form>>,
}

impl Numbers {
    fn of(app: &App) -> Self {
        let gauge = |help, count: usize| Gauge { help, value: f64::from(u32::try_from(count).unwrap_or(u32::MAX)) };
        let running = app.config.limits.max_runs.saturating_sub(app.runs.available_permits());
        let own = [
            ("nexus_streams_open", gauge("Streams that are open", app.seats.open())),
            ("nexus_runs_running", gauge("Commands that run", running)),
        ];
        let registry = app.registry.load();
        let forms = registry.entries().iter().flat_map(|entry| entry.forms()).map(Arc::clone).collect();
        Self { gauges: own.into_iter().chain(app.gauges.all()).collect(), forms }
    }
}

impl Collector for Numbers {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, gauge) in &self.gauges {
            let encoder = encoder.encode_descriptor(name, gauge.help, None, MetricType::Gauge)?;
            ConstGauge::new(gauge.value).encode(encoder)?;
        }
        let mut runs = encoder.encode_descriptor("nexus_runs", "Runs that have ended", None, MetricType::Counter)?;
        for form in &self.forms {
            for (end, count) in form.meter.ends() {
                let labels = [("command", &*form.path), ("end", end)];
                ConstCounter::new(count).encode(runs.encode_family(&labels)?)?;
            }
        }
        let help = "How long runs took, in seconds";
        let mut seconds = encoder.encode_descriptor("nexus_run_seconds", help, None, MetricType::Histogram)?;
        for form in self.forms.iter().filter(|form| form.meter.ends().next().is_some()) {
            form.meter.seconds.encode(seconds.encode_family(&[("command", &*form.path)])?)?;
        }
        Ok(())
    }
}
