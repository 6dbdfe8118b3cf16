//! Any sequence of append, trim, subscribe, resume and read gives what a model gives that keeps everything in lists.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures_util::FutureExt;
use nexus::address::Address;
use nexus::bus::embedded::Embedded;
use nexus::bus::{After, Bus, Follower, Heard, Signal};
use nexus::clock::Clock;
use nexus::config::Retention;
use nexus::database::Database;
use nexus::run::{Ended, Once, Opened, Status};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::time::timeout;
use uuid::Uuid;

const BOUND: std::time::Duration = std::time::Duration::from_secs(20);
const KEYS: u8 = 3;
/// How many events a key keeps when the log is trimmed.
const KEPT: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Step {
    Append(u8),
    Trim,
    /// From now on.
    Subscribe(u8),
    FromOldest(u8),
    /// From the place up to which a reader was told that reads no more; it is the oldest reader.
    Resume,
    /// Let the oldest reader read all there is.
    Read,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..KEYS;
    let step = prop_oneof![
        6 => key.clone().prop_map(Step::Append),
        2 => Just(Step::Trim),
        1 => key.clone().prop_map(Step::Subscribe),
        1 => key.prop_map(Step::FromOldest),
        2 => Just(Step::Resume),
        2 => Just(Step::Read),
    ];
    proptest::collection::vec(step, 1..50)
}

/// What a reader is told: the sequence of an event, or that something is missing.
type Told = Option<u64>;

struct Reader {
    key: u8,
    follower: Follower,
    /// What the model says that it is still to be told.
    expected: VecDeque<Told>,
    place: u64,
}

#[derive(Default)]
struct Model {
    kept: BTreeMap<u8, Vec<u64>>,
    trimmed: BTreeMap<u8, u64>,
}

struct World {
    bus: Arc<dyn Bus>,
    model: Model,
    readers: VecDeque<Reader>,
}

fn address(key: u8) -> Address {
    Address::from_bytes([key; 20])
}

impl World {
    async fn append(&mut self, key: u8) {
        let (id, address, at) = (Uuid::now_v7(), address(key), Clock::default().now());
        let run = Opened { id, address, command: "/echo".into(), text: "/echo".into(), at };
        assert_eq!(self.bus.open(run, Once::default()).await.unwrap(), None);
        let data = r#"{"command":"/echo","result":{"status":"success","message":"x"}}"#.to_owned();
        let ended = Ended { id, address, status: Status::Success, code: None, at, data };
        let written = self.bus.append(ended.clone()).await.unwrap().expect("it was open");
        assert_eq!(self.bus.append(ended).await.unwrap(), None, "a run ends once");
        self.model.kept.entry(key).or_default().push(written.sequence);
        for reader in self.readers.iter_mut().filter(|reader| reader.key == key) {
            reader.expected.push_back(Some(written.sequence));
        }
    }

    async fn trim(&mut self) {
        while self.bus.trim().await.unwrap() {}
        for (key, kept) in &mut self.model.kept {
            let forgotten = kept.drain(..kept.len().saturating_sub(KEPT)).next_back();
            if let Some(forgotten) = forgotten {
                self.model.trimmed.insert(*key, forgotten);
            }
        }
    }

    async fn follow(&mut self, key: u8, after: After) {
        let mut follower = Follower::new(Arc::clone(&self.bus), address(key), self.bus.subscribe(address(key)), after);
        let kept = self.model.kept.get(&key).cloned().unwrap_or_default();
        let trimmed = self.model.trimmed.get(&key).copied().unwrap_or_default();
        let place = match after {
            After::Oldest => 0,
            After::Sequence(sequence) => sequence,
            After::Now => u64::MAX,
        };
        let is_gap = matches!(after, After::Sequence(sequence) if sequence < trimmed);
        let mut expected: VecDeque<Told> = kept.into_iter().filter(|sequence| *sequence > place).map(Some).collect();
        if is_gap {
            expected.push_front(None);
        }
        assert_eq!(follower.look_back().await.unwrap(), !is_gap);
        let place = follower.place().sequence;
        self.readers.push_back(Reader { key, follower, expected, place });
    }

    /// Everything that the reader is to be told by now.
    async fn read(reader: &mut Reader) {
        let mut told = VecDeque::new();
        while told.len() < reader.expected.len() {
            let heard = timeout(BOUND, reader.follower.next()).await.expect("it is told within the bound");
            match heard.unwrap() {
                Heard::Signal(Signal::Event(event)) => told.push_back(Some(event.id().unwrap().sequence)),
                Heard::Evicted => told.push_back(None),
                Heard::Signal(_) | Heard::Missed(_) => panic!("nothing of this was said"),
            }
        }
        assert_eq!(told, std::mem::take(&mut reader.expected));
        assert!(reader.follower.next().now_or_never().is_none(), "there is nothing more");
        reader.place = reader.follower.place().sequence;
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Append(key) => self.append(key).await,
            Step::Trim => self.trim().await,
            Step::Subscribe(key) => self.follow(key, After::Now).await,
            Step::FromOldest(key) => self.follow(key, After::Oldest).await,
            Step::Resume => {
                if let Some(mut reader) = self.readers.pop_front() {
                    // What it was told since it was last read is lost on the way.
                    let place = reader.place;
                    Self::read(&mut reader).await;
                    self.follow(reader.key, After::Sequence(place)).await;
                }
            }
            Step::Read => {
                if let Some(mut reader) = self.readers.pop_front() {
                    Self::read(&mut reader).await;
                    self.readers.push_back(reader);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_bus_is_its_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            let database = Database::open(folder.path(), "normal", Clock::default()).unwrap();
            let retention = Retention {
                age: std::time::Duration::from_hours(24),
                events_per_key: u32::try_from(KEPT).unwrap(),
                bytes: 1 << 30,
            };
            let bus: Arc<dyn Bus> = Arc::new(Embedded::new(database, retention, Clock::default()));
            let mut world = World { bus, model: Model::default(), readers: VecDeque::new() };
            for step in steps {
                world.take(step).await;
            }
            for reader in &mut world.readers {
                World::read(reader).await;
            }
        });
    }
}
