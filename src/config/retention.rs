//! How much of the past is kept.

use std::time::Duration;

use clap::Args;

/// What is kept of the log; whatever bound is met first holds.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Retention")]
pub struct Retention {
    /// Days after which a result is forgotten.
    #[arg(long = "retention-days", env = "NEXUS_RETENTION_DAYS", value_name = "DAYS", default_value = "30",
          value_parser = parse_days)]
    pub age: Duration,

    /// Results that are kept of one key; the oldest are forgotten first.
    #[arg(long = "retention-per-key", env = "NEXUS_RETENTION_PER_KEY", value_name = "1 OR MORE",
          default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub events_per_key: u32,

    /// MiB that the database may hold before the oldest results of all keys are forgotten.
    #[arg(long = "retention-mib", env = "NEXUS_RETENTION_MIB", value_name = "1 OR MORE",
          default_value = "1024", value_parser = parse_mib)]
    pub bytes: u64,
}

fn parse_days(text: &str) -> Result<Duration, String> {
    match text.parse::<u16>() {
        Ok(days) if days > 0 => Ok(Duration::from_hours(24 * u64::from(days))),
        _ => Err("it is no whole number from 1 to 65535".to_owned()),
    }
}

fn parse_mib(text: &str) -> Result<u64, String> {
    match text.parse::<u32>() {
        Ok(mib) if mib > 0 => Ok(u64::from(mib) << 20),
        _ => Err("it is no whole number from 1 on".to_owned()),
    }
}
