//! Sessions and stream tickets: who was let in, and until when.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::address::Address;
use crate::error::Result;
use crate::secret::{Pass, Secret, SecretId};

/// How long a session lasts at most, and how long without being used.
pub(super) const SESSION: SignedDuration = SignedDuration::from_hours(24);
pub(super) const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// How much later its use may be written down: not each is worth a write.
pub(super) const TOUCH: SignedDuration = SignedDuration::from_mins(1);

/// Until when a ticket must be used first, and until when again after its stream has ended.
pub const TICKET: SignedDuration = SignedDuration::from_secs(60);
pub(super) const RECONNECT: SignedDuration = SignedDuration::from_secs(120);
/// How long the streams of a ticket may last, one after the other.
pub(super) const STREAMS: SignedDuration = SignedDuration::from_hours(12);
/// How often whoever has an open stream says so.
pub const HOLD: SignedDuration = SignedDuration::from_secs(30);

/// How many sessions and tickets an address has at most; the oldest give way.
pub(super) const SESSIONS: usize = 64;
pub(super) const TICKETS: usize = 256;

#[async_trait]
pub trait Sessions: Send + Sync {
    /// Begins a session; returns when it ends.
    async fn begin_session(&self, address: Address, secret: &Secret) -> Result<Timestamp>;

    /// Whose session this is, while it lasts. It is used by this.
    async fn session(&self, secret: &Secret) -> Result<Option<Address>>;

    /// Ends one session of an address, or all of them, and their tickets. `visible` runs as soon as that is durable.
    async fn end_sessions(
        &self,
        address: Address,
        only: Option<SecretId>,
        visible: Box<dyn FnOnce() + Send>,
    ) -> Result<()>;

    /// Gives out a ticket, which ends with the session if there is one.
    async fn issue_ticket(&self, address: Address, session: Option<SecretId>, secret: &Secret) -> Result<()>;

    /// Whose ticket this is, good or no longer.
    async fn ticket_owner(&self, secret: &Secret) -> Result<Option<Address>>;

    /// Lets a new connection use a ticket, if it is good now; `visible` hears of it as soon as it is durable, since the
    /// connection that used the ticket before is to be closed.
    async fn redeem_ticket(&self, secret: &Secret, visible: Box<dyn FnOnce(Pass) + Send>) -> Result<Option<Pass>>;

    /// Says that a stream is open; whether it may go on.
    async fn hold(&self, pass: Pass) -> Result<bool>;

    /// Forgets what has ended, some of it at a time. Whether there was any.
    async fn forget_ended(&self) -> Result<bool>;
}

/// The millisecond that was so long ago.
pub(super) fn before(now: Timestamp, time: SignedDuration) -> i64 {
    now.as_millisecond().saturating_sub(millis(time))
}

/// The millisecond that is so far ahead.
pub(super) fn after(now: Timestamp, time: SignedDuration) -> i64 {
    now.as_millisecond().saturating_add(millis(time))
}

fn millis(time: SignedDuration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
