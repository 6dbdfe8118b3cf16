//! The power fails: what was acknowledged is there afterwards, whenever it was, and whatever the disk had written by then.
//!
//! A real server does its work with a recorder in it (`tests/power/record.c`). From what that wrote down follows what a
//! disk could hold at each moment. The product opens such disks, and must find what it had told its clients by then.

mod disk;
mod journal;
mod moments;
mod recording;
mod recovery;

use std::fmt;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use self::disk::{DATABASE, Disk, Files, LOG, Luck};
use self::journal::{Act, Entry};
use self::moments::moments;
use self::recording::{Acknowledged, Recording, record};
use self::recovery::recover;

/// How many disks are looked at together; most of the time goes by with waiting for the real one.
const TOGETHER: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_was_acknowledged_is_missing_whenever_the_power_fails() {
    let losses = fail_often(record("full").await).await;
    assert!(losses.is_empty(), "{} losses, the first {}", losses.len(), losses[0]);
}

/// Which shows as well that the other test would notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_normal_durability_only_the_power_takes_what_was_acknowledged_and_the_file_is_whole() {
    let losses = fail_often(record("normal").await).await;
    assert!(!losses.is_empty());
    assert!(losses.iter().all(|loss| !matches!(loss.failure.luck, Luck::Good)), "the end of the program takes nothing");
}

/// The end of the power.
#[derive(Clone, Copy, Debug)]
struct Failure {
    /// How many entries of the journal had happened, and how long it was with them.
    entries: usize,
    length: u64,
    luck: Luck,
}

/// What was acknowledged and is missing.
struct Loss {
    failure: Failure,
    runs: Vec<String>,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { entries, length, luck } = self.failure;
        write!(f, "after {entries} entries ({length} bytes), with luck {luck:?}: {:?}", self.runs)
    }
}

/// Lets the power fail at many moments, and expects a file that is whole after each.
async fn fail_often(recording: Recording) -> Vec<Loss> {
    let Recording { journal, acknowledged, files } = recording;
    assert!(is_written_back(&journal), "the log is written back into the file while the server works");
    let acknowledged = Arc::new(acknowledged);
    let moments = moments(&journal);
    let (mut disk, mut length) = (Disk::default(), 0);
    let mut journal = journal.into_iter();
    let images = moments.into_iter().enumerate().flat_map(|(entries, lucks)| {
        let image = |luck| (Failure { entries, length, luck }, disk.files(luck));
        let images: Vec<_> = lucks.into_iter().map(image).collect();
        if let Some(entry) = journal.next() {
            length = entry.end;
            disk.follow(entry);
        }
        images
    });
    let losses: Vec<_> = stream::iter(images)
        .map(|(failure, files)| tokio::spawn(look(failure, files, Arc::clone(&acknowledged))))
        .buffered(TOGETHER)
        .filter_map(async |loss| loss.expect("a file that is whole, and in it what was told"))
        .collect()
        .await;
    assert!(disk.files(Luck::Good) == files, "the journal tells all that happened to the files");
    losses
}

/// Compares what is found with what had been told by then.
async fn look(failure: Failure, files: Files, acknowledged: Arc<Vec<Acknowledged>>) -> Option<Loss> {
    let found = recover(&files).await.unwrap_or_else(|fault| panic!("{fault}, after {failure:?}"));
    let mut runs = Vec::new();
    for told in acknowledged.iter().filter(|told| told.journal <= failure.length) {
        match found.get(&told.run) {
            Some(messages) => assert_eq!(*messages, [told.message.as_str()], "{} after {failure:?}", told.run),
            None => runs.push(told.run.clone()),
        }
    }
    (!runs.is_empty()).then_some(Loss { failure, runs })
}

/// Whether what had gathered in the log was written to the file, and the same log then begun anew.
fn is_written_back(journal: &[Entry]) -> bool {
    let is_write = |entry: &Entry, name| entry.name == name && matches!(entry.act, Act::Write { .. });
    let is_first = |entry: &Entry| is_write(entry, LOG) && matches!(entry.act, Act::Write { offset: 0, .. });
    let mut life = journal.iter().take_while(|entry| entry.name != LOG || !matches!(entry.act, Act::Remove));
    life.any(is_first) && life.any(|entry| is_write(entry, DATABASE)) && life.any(is_first)
}
