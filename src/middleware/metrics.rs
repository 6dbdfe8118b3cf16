//! How often each command ran, how it ended, how long it took.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use tower::{BoxError, Service};

use super::{Admitted, error_of};
use crate::command::{Data, Reply};

#[derive(Clone)]
pub(super) struct Metrics<S>(pub(super) S);

impl<S> Service<Admitted> for Metrics<S>
where
    S: Service<Admitted, Response = Reply<Data>, Error = BoxError, Future: Send + 'static>,
{
    type Response = Reply<Data>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Reply<Data>, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted) -> Self::Future {
        let (form, clock) = (Arc::clone(&admitted.form), admitted.clock());
        let begun = clock.instant();
        let work = self.0.call(admitted);
        async move {
            let outcome = work.map_err(error_of).await;
            let code = outcome.as_ref().err().map(|error| error.code);
            form.meter.note(code, clock.instant().duration_since(begun));
            outcome.map_err(BoxError::from)
        }
        .boxed()
    }
}
