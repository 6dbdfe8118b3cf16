//! Work on its way from tasks to a thread, in heaps.
//!
//! To wake a thread for each piece interrupts whoever makes the pieces, and leaves nothing to be shared. So a sender lets
//! other tasks go first and then rings: on a busy machine the thread finds a heap, on an idle one it is woken at once.

use std::sync::mpsc::{self as bell, RecvError, SyncSender};

use tokio::sync::mpsc;
use tokio::task::yield_now;

use crate::error::{Error, Result};

/// The sending end; the thread ends when the last one is dropped.
pub(super) struct Sender<T> {
    work: mpsc::Sender<T>,
    bell: SyncSender<()>,
}

pub(super) struct Receiver<T> {
    work: mpsc::Receiver<T>,
    bell: bell::Receiver<()>,
}

/// A queue that holds so many pieces; who has more waits outside.
pub(super) fn queue<T>(places: usize) -> (Sender<T>, Receiver<T>) {
    let (sending, receiving) = mpsc::channel(places);
    let (ringing, hearing) = bell::sync_channel(1);
    (Sender { work: sending, bell: ringing }, Receiver { work: receiving, bell: hearing })
}

impl<T> Sender<T> {
    /// Hands in a piece. From then on it will be done, also when the caller stops waiting. Fails with `store_unavailable`
    /// when the thread is gone.
    pub(super) async fn send(&self, piece: T) -> Result<()> {
        let place = match self.work.try_reserve() {
            Ok(place) => place,
            Err(_full) => {
                self.ring();
                self.work.reserve().await.map_err(|_| Error::store_unavailable("a thread of the database is gone"))?
            }
        };
        let _ring = RingWhenDropped(self);
        place.send(piece);
        yield_now().await;
        Ok(())
    }

    /// Wakes the thread, unless it has taken everything already.
    fn ring(&self) {
        if self.work.capacity() < self.work.max_capacity() {
            // Full: it has been rung and not been heard yet.
            let _ = self.bell.try_send(());
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { work: self.work.clone(), bell: self.bell.clone() }
    }
}

struct RingWhenDropped<'a, T>(&'a Sender<T>);

impl<T> Drop for RingWhenDropped<'_, T> {
    fn drop(&mut self) {
        self.0.ring();
    }
}

impl<T> Receiver<T> {
    /// Waits until there is something, and takes up to `most` pieces; false once all senders are gone and all is done.
    pub(super) fn take(&mut self, heap: &mut Vec<T>, most: usize) -> bool {
        loop {
            while heap.len() < most
                && let Ok(piece) = self.work.try_recv()
            {
                heap.push(piece);
            }
            if !heap.is_empty() {
                return true;
            }
            if let Err(RecvError) = self.bell.recv() {
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use futures_util::poll;

    use super::*;

    /// Takes until the senders are gone.
    fn thread_of(mut receiver: Receiver<u32>) -> thread::JoinHandle<Vec<Vec<u32>>> {
        thread::spawn(move || {
            let mut heaps = Vec::new();
            let mut heap = Vec::new();
            while receiver.take(&mut heap, 4) {
                heaps.push(heap.split_off(0));
            }
            heaps
        })
    }

    #[tokio::test]
    async fn all_is_taken_in_its_order_and_no_heap_is_too_large() {
        let (sender, receiver) = queue(2);
        let thread = thread_of(receiver);
        for piece in 0..100 {
            sender.send(piece).await.unwrap();
        }
        drop(sender);
        let heaps = thread.join().unwrap();
        assert!(heaps.iter().all(|heap| heap.len() <= 4), "{heaps:?}");
        assert_eq!(heaps.concat(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_was_handed_in_is_done_when_the_sender_stops_waiting() {
        let (sender, receiver) = queue(8);
        let thread = thread_of(receiver);
        {
            let mut sending = Box::pin(sender.send(7));
            assert!(poll!(&mut sending).is_pending(), "others go first");
        }
        // The thread ends only when the queue is empty and the last sender is gone.
        drop(sender);
        assert_eq!(thread.join().unwrap(), [[7]]);
    }

    #[tokio::test]
    async fn those_that_are_ready_together_share_a_heap() {
        let (sender, receiver) = queue(8);
        let mut sending: Vec<_> = (0..3).map(|piece| Box::pin(sender.send(piece))).collect();
        for one in &mut sending {
            assert!(poll!(one).is_pending());
        }
        let thread = thread_of(receiver);
        drop(sending);
        drop(sender);
        assert_eq!(thread.join().unwrap(), [[0, 1, 2]]);
    }

    #[tokio::test]
    async fn a_thread_that_is_gone_is_told() {
        let (sender, receiver) = queue(8);
        drop(receiver);
        assert!(sender.send(1).await.is_err());
    }
}
