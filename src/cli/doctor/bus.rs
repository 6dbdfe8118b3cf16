//! Whether the NATS servers can be used, and whether what stands there is as this deployment needs it.

use super::check::Check;
use crate::config::{Config, Servers};
use crate::foundation::wanted;
use crate::nats::{Nats, remedy};

const BUS: &str = "bus";

/// Changes nothing there.
pub(super) async fn check(config: &Config, servers: &Servers) -> Check {
    let prefix = &config.bus.nats_prefix;
    match Nats::look(&config.bus, servers, wanted(config)).await {
        Err(unusable) => Check::failed(BUS, unusable.message, unusable.hint),
        Ok(look) if !look.differences.is_empty() => {
            let told: Vec<_> = look.differences.iter().map(ToString::to_string).collect();
            Check::failed(BUS, format!("NATS at {servers}: {}.", told.join("; ")), remedy(&look.differences))
        }
        Ok(look) if look.missing.is_empty() => {
            Check::ok(BUS, format!("NATS at {servers} has all that {prefix} needs."))
        }
        Ok(_) => Check::ok(BUS, format!("NATS at {servers} can be used; the server makes the streams of {prefix}.")),
    }
}
