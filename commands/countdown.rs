//! `/countdown`: counts down to nothing. The command to copy when yours takes long: it tells how far it has come, and ends as
//! soon as it is cancelled.

use nexus::command::prelude::*;

/// Count seconds down to nothing.
#[derive(Deserialize, JsonSchema)]
pub struct Countdown {
    /// How many seconds.
    seconds: Int<0, 86_000>,
}

#[derive(Serialize, JsonSchema)]
pub struct Counted {
    /// How many seconds were counted.
    seconds: u64,
}

impl Command for Countdown {
    type Output = Counted;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/countdown 1", "Lift-off after 1 s.")],
        requires_identity: true,
        timeout: Definition::LONGEST_TIMEOUT,
        ..Definition::rest("countdown")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Counted>> {
        let total = self.seconds.get().unsigned_abs();
        for current in 0..total {
            let left = total - current;
            context.progress(Progress::new(current).of(total).in_units("s").with_message(format!("{left} s to go")));
            // Fails with `cancelled`, which then is the result.
            context.wait(std::time::Duration::from_secs(1)).await?;
        }
        context.progress(Progress::new(total).of(total).in_units("s"));
        Ok(Reply::new(format!("Lift-off after {total} s."), Counted { seconds: total }))
    }
}

register!(Countdown);
