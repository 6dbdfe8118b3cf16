//! What is logged while a command runs says which run it was.

use std::task::{Context, Poll};

use tower::Service;
use tracing::instrument::Instrumented;
use tracing::{Instrument, info_span};

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
        let span = info_span!("run", command = admitted.form.path, run_id = %admitted.run_id);
        self.0.call(admitted).instrument(span)
    }
}
