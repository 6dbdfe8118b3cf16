//! `/ping`: is anybody there, and how long did it take to get to the point of asking?

use nexus::command::prelude::*;

/// Test the connection to the server.
#[derive(Deserialize, JsonSchema)]
pub struct Ping {}

#[derive(Serialize, JsonSchema)]
pub struct Pong {
    /// Milliseconds from the arrival of the request to this command.
    latency_ms: f64,
    /// The version of the server.
    nexus_version: &'static str,
    /// The server's time (RFC 3339).
    timestamp: String,
}

impl Command for Ping {
    type Output = Pong;

    const DEFINITION: Definition = Definition {
        aliases: &["p"],
        examples: &[Example("/ping", "pong")],
        replay_safe: true,
        ..Definition::rest("ping")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Pong>> {
        let pong = Pong {
            latency_ms: context.elapsed().as_secs_f64() * 1000.0,
            nexus_version: env!("CARGO_PKG_VERSION"),
            timestamp: format!("{:.3}", context.now()),
        };
        Ok(Reply::new("pong", pong))
    }
}

register!(Ping);
