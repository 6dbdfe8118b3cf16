//! How often each command ran, how it ended, how long it took.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tower::{BoxError, Service};

use super::{Admitted, error_of};
use crate::clock::Clock;
use crate::command::{Data, Form, Reply};

#[derive(Clone)]
pub(super) struct Metrics<S>(pub(super) S);

impl<S> Service<Admitted> for Metrics<S>
where
    S: Service<Admitted, Response = Reply<Data>, Error = BoxError, Future: Unpin>,
{
    type Response = Reply<Data>;
    type Error = BoxError;
    type Future = Metered<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted) -> Self::Future {
        let (form, clock) = (Arc::clone(&admitted.form), admitted.clock());
        let begun = clock.instant();
        Metered { work: self.0.call(admitted), form, clock, begun }
    }
}

pub(super) struct Metered<F> {
    work: F,
    form: Arc<Form>,
    clock: Clock,
    begun: Instant,
}

impl<F: Future<Output = Result<Reply<Data>, BoxError>> + Unpin> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.work).poll(cx).map(|outcome| {
            let outcome = outcome.map_err(error_of);
            let code = outcome.as_ref().err().map(|error| error.code);
            self.form.meter.note(code, self.clock.instant().duration_since(self.begun));
            outcome.map_err(BoxError::from)
        })
    }
}
