//! Stream tickets: for a native `EventSource`, which can send no header. What stands in a URL is seen by many, so a ticket opens
//! one stream of one address and nothing else, and only for a while.

use std::sync::Arc;

use super::{Means, Proven, check_same};
use crate::address::Address;
use crate::app::App;
use crate::bus::Signal;
use crate::error::{Code, Error, Result};
use crate::secret::{Pass, Secret, SecretId};

const PREFIX: &str = "nt_";

/// A ticket for the streams of whoever has proven an address; it ends with the session by which that was proven. Fails with
/// `store_unavailable`.
pub async fn issue(app: &App, proven: &Proven) -> Result<String> {
    let session = match proven.by {
        Means::Session(id) => Some(id),
        Means::Signature => None,
    };
    let secret = Secret::new()?;
    app.store.issue_ticket(proven.address, session, &secret).await?;
    Ok(secret.reveal(PREFIX))
}

/// A ticket of an address, good or no longer.
pub struct Ticket {
    secret: Secret,
    address: Address,
}

impl Ticket {
    /// Fails with `ticket_invalid` when it is none, and with `bearer_mismatch` when it is not of `address`.
    pub async fn read(app: &App, text: &str, address: Address) -> Result<Self> {
        let secret = Secret::parse(PREFIX, text).ok_or_else(invalid)?;
        let owner = app.store.ticket_owner(&secret).await?.ok_or_else(invalid)?;
        check_same(owner, address)?;
        Ok(Self { secret, address })
    }

    pub fn id(&self) -> SecretId {
        self.secret.id
    }

    /// Opens a stream by it, and closes the one that it has opened before. Fails with `ticket_invalid` when it is good no
    /// longer.
    pub async fn redeem(self, app: &App) -> Result<Pass> {
        let (bus, address) = (Arc::clone(&app.bus), self.address);
        let redeemed =
            app.store.redeem_ticket(&self.secret, Box::new(move |pass| bus.announce(address, Signal::Opened(pass))));
        redeemed.await?.ok_or_else(invalid)
    }
}

fn invalid() -> Error {
    Error::new(Code::TicketInvalid, "The ticket is none that is good now.").with_hint(
        "Get a new one by POST /api/v1/stream/ticket, and open the stream within 60 s; after a break come back within 120 s.",
    )
}
