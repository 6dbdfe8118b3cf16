//! What keeps a stream open that was opened by a session or a ticket.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};

use crate::app::App;
use crate::error::Result;
use crate::secret::Pass;
use crate::store::HOLD;

/// How long a stream goes on that may not: the result of what has ended it is told on it.
const LINGER: Duration = Duration::from_secs(1);

/// Says from time to time that the stream is open, and hears whether it may go on.
pub struct Lease {
    app: Arc<App>,
    pass: Pass,
    tick: Interval,
    asking: Option<BoxFuture<'static, Result<bool>>>,
    ending: Option<Pin<Box<Sleep>>>,
}

impl Lease {
    pub fn new(app: Arc<App>, pass: Pass) -> Self {
        let period = HOLD.unsigned_abs();
        let mut tick = interval(period);
        tick.reset();
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { app, pass, tick, asking: None, ending: None }
    }

    /// Whether the ticket of this stream has opened another since: what a stream hears of came after it.
    pub fn is_superseded_by(&self, opened: Pass) -> bool {
        match (self.pass, opened) {
            (Pass::Ticket { id, .. }, Pass::Ticket { id: other, .. }) => id == other,
            _ => false,
        }
    }

    /// Asks now, and not only when it is time.
    pub fn doubt(&mut self) {
        let (app, pass) = (Arc::clone(&self.app), self.pass);
        self.asking = Some(Box::pin(async move { app.store.hold(pass).await }));
    }

    /// Returns once the stream may not go on; goes on where it was when it is called again.
    pub async fn lapsed(&mut self) {
        loop {
            if let Some(end) = &mut self.ending {
                return end.await;
            }
            if let Some(asking) = &mut self.asking {
                let answer = asking.await;
                self.asking = None;
                // Without an answer it goes on: it was good half a minute ago.
                if let Ok(false) = answer {
                    self.ending = Some(Box::pin(sleep(LINGER)));
                }
                continue;
            }
            self.tick.tick().await;
            self.doubt();
        }
    }
}
