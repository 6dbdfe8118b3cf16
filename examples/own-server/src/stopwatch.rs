//! A middleware: it says how long each command took, whatever became of it.

use std::task::{Context, Poll};

use nexus::middleware::{Admitted, Execution};
use tower::Service;
use tracing::info;

type Future = <Execution as Service<Admitted>>::Future;
type Error = <Execution as Service<Admitted>>::Error;
type Response = <Execution as Service<Admitted>>::Response;

#[derive(Clone)]
pub struct Stopwatch {
    inner: Execution,
}

impl Stopwatch {
    pub fn new(inner: Execution) -> Self {
        Self { inner }
    }
}

impl Service<Admitted> for Stopwatch {
    type Response = Response;
    type Error = Error;
    type Future = Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted) -> Future {
        let (clock, path) = (admitted.clock(), admitted.form.path.clone());
        let begun = clock.instant();
        let work = self.inner.call(admitted);
        Box::pin(async move {
            let outcome = work.await;
            info!("{path} took {} µs", clock.instant().duration_since(begun).as_micros());
            outcome
        })
    }
}
