//! The reader thread.

use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::queue::Receiver;
use crate::runtime::Inside;

/// So many questions are answered together at most, which bounds how long the first of them waits.
const HEAP: usize = 64;

/// One question on its way.
pub(super) trait Query: Send {
    fn ask(&mut self, connection: &Connection);
    /// Tells whoever waits.
    fn answer(self: Box<Self>);
}

pub(super) struct Asked<F, T> {
    question: Option<F>,
    found: Option<T>,
    answer: oneshot::Sender<T>,
}

impl<F, T> Asked<F, T> {
    pub(super) fn new(question: F, answer: oneshot::Sender<T>) -> Self {
        Self { question: Some(question), found: None, answer }
    }
}

impl<F, T> Query for Asked<F, T>
where
    F: FnOnce(&Connection) -> T + Send,
    T: Send,
{
    fn ask(&mut self, connection: &Connection) {
        // A panic in one question must not end the thread that all others need.
        let ask = AssertUnwindSafe(|| self.question.take().map(|question| question(connection)));
        self.found = catch_unwind(ask).unwrap_or_default();
    }

    fn answer(self: Box<Self>) {
        if let Some(found) = self.found {
            // Nobody waits any more.
            drop(self.answer.send(found));
        }
    }
}

/// Takes questions until the last sender is gone. Answers are given out on the runtime.
pub(super) fn run(connection: &Connection, mut queries: Receiver<Box<dyn Query>>, runtime: &Inside) {
    let mut heap = Vec::new();
    while queries.take(&mut heap, HEAP) {
        for query in &mut heap {
            query.ask(connection);
        }
        let asked = take(&mut heap);
        runtime.wake(|| asked.into_iter().for_each(Query::answer));
    }
}
