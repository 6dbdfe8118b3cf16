//! What is logged while a command runs says which run it was, where the log is told to: `NEXUS_LOG=info,nexus::middleware=debug`.

use std::task::{Context, Poll};

use tower::Service;
use tracing::instrument::Instrumented;
use tracing::{Instrument, debug_span};

use super::Admitted;

#[derive(Clone)]
pub(super) struct Span<S>(pub(super) S);

impl<S: Service<Admitted>> Service<Admitted> for Span<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Instrumented<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted) -> Self::Future {
        let span = debug_span!("run", command = admitted.form.path, run_id = %admitted.run_id);
        // The command is told of it in the call.
        let work = span.in_scope(|| self.0.call(admitted));
        work.instrument(span)
    }
}
