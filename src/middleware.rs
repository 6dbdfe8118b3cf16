//! What stands around the execution of a command: layers of `tower` over one service.
//!
//! ```text
//! Admitted ─▶ span ─▶ metrics ─▶ audit ─▶ layers of the program ─▶ life: init, run, cleanup ─▶ Reply
//! ```
//!
//! A layer sees a command that is admitted: who asked is proven, its place in the log is taken. It may wait, refuse, or end it
//! early, and look at the outcome; whatever it does, the run ends in one result. A layer that drops the future of what is below
//! it cancels the command, which is cleaned up all the same. What may not cost a caller its nonce (how many at once, how often)
//! is no layer and stands before admission, in `pipeline::admit`.

mod audit;
mod life;
mod metrics;
mod span;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, Service, ServiceBuilder, load_shed, timeout};
use uuid::Uuid;

use self::life::Living;
use crate::address::Address;
use crate::clock::Clock;
use crate::command::{Context, Data, Form, Reply, Runnable};
use crate::error::{Code, Error};
use crate::ongoing::{Control, Permits};
use crate::runtime::Runtime;

pub(crate) use self::life::GRACE;

/// A command that is admitted: what layers see of it.
pub struct Admitted {
    pub run_id: Uuid,
    pub form: Arc<Form>,
    /// The command text as it was sent.
    pub text: Arc<str>,
    /// The address, where it is proven.
    pub caller: Option<Address>,
    /// Whether its result is written to the log of that address; a caller by a signature that can be sent again has none.
    pub is_logged: bool,
    /// The network address that it came from.
    pub peer: IpAddr,
    /// How long `init` and `run` may take together.
    pub timeout: Duration,
    pub(crate) life: Box<Life>,
}

/// What the command lives on; nobody but the pipeline can make one.
pub(crate) struct Life {
    pub(crate) control: Arc<Control>,
    pub(crate) command: Box<dyn Runnable>,
    pub(crate) context: Context,
    /// Held until the command has really ended.
    pub(crate) permits: Arc<Permits>,
}

impl Admitted {
    /// What tells the time.
    pub fn clock(&self) -> Clock {
        self.life.context.clock()
    }
}

/// Executes an admitted command. A failure is an [`Error`], one of `tower`'s own (`Elapsed` becomes
/// `command_timeout`, `Overloaded` becomes `overloaded`), or `internal`.
pub type Execution = BoxCloneSyncService<Admitted, Reply<Data>, BoxError>;

/// The layers that a program adds, the innermost first.
#[derive(Default)]
pub struct Layers(Vec<Box<dyn Fn(Execution) -> Execution + Send + Sync>>);

impl Layers {
    /// Puts a layer around those that are there.
    pub fn add<L>(&mut self, layer: L)
    where
        L: Layer<Execution> + Send + Sync + 'static,
        L::Service: Service<Admitted, Response = Reply<Data>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Admitted>>::Error: Into<BoxError>,
        <L::Service as Service<Admitted>>::Future: Send + 'static,
    {
        self.0.push(Box::new(move |inner| {
            BoxCloneSyncService::new(ServiceBuilder::new().map_err(Into::into).service(layer.layer(inner)))
        }));
    }

    /// All there is around a command, and its life within.
    pub(crate) fn execution(&self, runtime: Runtime) -> Execution {
        let life = Living::new(runtime);
        // Each box between is made anew for each execution.
        if self.0.is_empty() {
            return with_ours(life);
        }
        with_ours(self.0.iter().fold(BoxCloneSyncService::new(life), |inner, layer| layer(inner)))
    }
}

fn with_ours<S>(inner: S) -> Execution
where
    S: Service<Admitted, Response = Reply<Data>, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Future: Unpin + Send + 'static,
{
    BoxCloneSyncService::new(span::Span(metrics::Metrics(audit::Audit(inner))))
}

/// What a failure is, whichever layer it comes from.
pub(crate) fn error_of(error: BoxError) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(error) => return *error,
        Err(error) => error,
    };
    if error.is::<timeout::error::Elapsed>() {
        return Error::new(Code::CommandTimeout, "The command did not end in its time and was given up.")
            .with_hint("Ask for less at a time, or try again when the server is less busy.");
    }
    if error.is::<load_shed::error::Overloaded>() {
        return Error::new(Code::Overloaded, "The command runs as often as it may at once.")
            .with_hint("Try again in a moment.");
    }
    Error::internal(error)
}
