//! Work on its way from tasks to a thread, in heaps.
//!
//! To wake a thread for each piece interrupts whoever makes the pieces, and leaves nothing to be shared. So the bell is rung
//! when other tasks have had their turn: on a busy machine the thread finds a heap, on an idle one it is woken at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, Thread};

use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::error::{Error, Result};
use crate::runtime::Inside;

/// The sending end; the thread ends when the last one is dropped.
pub(super) struct Sender<T> {
    work: mpsc::Sender<T>,
    // Behind the work: it rings for the last time when there can be no more of it.
    bell: Arc<Bell>,
}

struct Bell {
    thread: Thread,
    runtime: Inside,
    /// Whether it is about to be rung.
    is_due: AtomicBool,
}

pub(super) struct Receiver<T>(mpsc::Receiver<T>);

/// Starts a thread with a queue that holds so many pieces; who has more waits outside.
pub(super) fn start<T: Send + 'static>(
    name: &str,
    places: usize,
    work_off: impl FnOnce(Receiver<T>, &Inside) + Send + 'static,
) -> io::Result<Sender<T>> {
    let (work, receiving) = mpsc::channel(places);
    let (runtime, inside) = (Inside::here(), Inside::here());
    let thread = thread::Builder::new().name(name.into()).spawn(move || work_off(Receiver(receiving), &inside))?;
    let thread = thread.thread().clone();
    Ok(Sender { work, bell: Arc::new(Bell { thread, runtime, is_due: AtomicBool::new(false) }) })
}

impl<T> Sender<T> {
    /// Hands in a piece. From then on it will be done, also when the caller stops waiting. Fails with `store_unavailable`
    /// when the thread is gone.
    pub(super) async fn send(&self, piece: T) -> Result<()> {
        let place = match self.work.try_reserve() {
            Ok(place) => place,
            Err(_full) => {
                self.bell.thread.unpark();
                self.work.reserve().await.map_err(|_| Error::store_unavailable("a thread of the database is gone"))?
            }
        };
        place.send(piece);
        if !self.bell.is_due.swap(true, SeqCst) {
            let bell = Arc::clone(&self.bell);
            self.bell.runtime.do_last(move || {
                bell.is_due.store(false, SeqCst);
                bell.thread.unpark();
            });
        }
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { work: self.work.clone(), bell: Arc::clone(&self.bell) }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.thread.unpark();
    }
}

impl<T> Receiver<T> {
    /// Waits until there is something, and takes up to `most` pieces; false once all senders are gone and all is done.
    pub(super) fn take(&mut self, heap: &mut Vec<T>, most: usize) -> bool {
        while heap.len() < most {
            match self.0.try_recv() {
                Ok(piece) => heap.push(piece),
                Err(_) if !heap.is_empty() => break,
                // Rung meanwhile, it goes on at once.
                Err(TryRecvError::Empty) => thread::park(),
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::task::yield_now;

    use super::*;

    /// A thread that takes until the senders are gone, and then tells the heaps.
    fn thread_of(places: usize) -> (Sender<u32>, oneshot::Receiver<Vec<Vec<u32>>>) {
        let (tell, told) = oneshot::channel();
        let sender = start("test", places, |mut receiver, _| {
            let mut heaps = Vec::new();
            let mut heap = Vec::new();
            while receiver.take(&mut heap, 4) {
                heaps.push(heap.split_off(0));
            }
            tell.send(heaps).unwrap();
        });
        (sender.unwrap(), told)
    }

    #[tokio::test]
    async fn all_is_taken_in_its_order_and_no_heap_is_too_large() {
        let (sender, told) = thread_of(2);
        for piece in 0..100 {
            sender.send(piece).await.unwrap();
        }
        drop(sender);
        let heaps = told.await.unwrap();
        assert!(heaps.iter().all(|heap| heap.len() <= 4), "{heaps:?}");
        assert_eq!(heaps.concat(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_was_handed_in_is_done_when_nobody_is_left() {
        let (sender, told) = thread_of(8);
        sender.send(7).await.unwrap();
        // The thread ends only when the queue is empty and the last sender is gone.
        drop(sender);
        assert_eq!(told.await.unwrap(), [[7]]);
    }

    #[tokio::test]
    async fn the_bell_is_rung_once_for_all_that_are_ready() {
        let (sender, told) = thread_of(8);
        for piece in 0..3 {
            sender.send(piece).await.unwrap();
            assert!(sender.bell.is_due.load(SeqCst), "whoever comes next has a turn before");
        }
        while sender.bell.is_due.load(SeqCst) {
            yield_now().await;
        }
        drop(sender);
        assert_eq!(told.await.unwrap().concat(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn a_thread_that_is_gone_is_told() {
        let sender = start("test", 8, |receiver: Receiver<u32>, _: &Inside| drop(receiver)).unwrap();
        sender.work.closed().await;
        assert!(sender.send(1).await.is_err());
    }
}
