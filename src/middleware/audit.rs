//! Who had what run, and how it ended: a line of the target `audit` in the server's log at the end of every run that a key's own
//! log has. A run whose process dies has none; the next process closes it.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use futures_util::{FutureExt, TryFutureExt};
use tower::{BoxError, Service};
use tracing::info;

use super::{Admitted, error_of};
use crate::command::{Data, Reply};

#[derive(Clone)]
pub(super) struct Audit<S>(pub(super) S);

impl<S> Service<Admitted> for Audit<S>
where
    S: Service<Admitted, Response = Reply<Data>, Error = BoxError, Future: Send + 'static>,
{
    type Response = Reply<Data>;
    type Error = BoxError;
    type Future = Either<S::Future, BoxFuture<'static, Result<Reply<Data>, BoxError>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted) -> Self::Future {
        let Some(caller) = admitted.caller.filter(|_| admitted.is_logged) else {
            return Either::Left(self.0.call(admitted));
        };
        let (form, run_id, peer, clock) =
            (Arc::clone(&admitted.form), admitted.run_id, admitted.peer, admitted.clock());
        let begun = clock.instant();
        let work = self.0.call(admitted);
        let watched = async move {
            let outcome = work.map_err(error_of).await;
            let code = outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "success");
            let ms = clock.instant().duration_since(begun).as_secs_f64() * 1000.0;
            info!(target: "audit", command = form.path, %run_id, %caller, %peer, code, ms, "ran");
            outcome.map_err(BoxError::from)
        };
        Either::Right(watched.boxed())
    }
}
