//! Servers, those who write to them, and those who listen.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Client;
use tokio::task::JoinHandle;

use super::count::{Count, hurried, soon};
use super::history::{Heard, Outcome, Sent};
use super::judge::judge;
use super::lives::Lives;
use super::reader::{Reader, Signs};
use super::sites::Sites;
use super::verdict::Verdict;
use super::writer::{Key, Phrase, Writer, send};

pub type Readers = Vec<JoinHandle<Heard>>;

/// What a trial is about: one server, or a deployment.
pub trait Served {
    /// Where it is called.
    fn sites(&self) -> Sites;
}

impl Served for Lives {
    fn sites(&self) -> Sites {
        Sites::one(self.site.clone())
    }
}

pub struct Trial<S> {
    pub server: S,
    pub signs: Signs,
    pub acknowledged: Count,
    keys: Arc<[Key]>,
    stopped: Count,
    writers: Vec<JoinHandle<Vec<Sent>>>,
    sent: Vec<Sent>,
    readers: usize,
}

fn last_word(key: &str) -> String {
    format!("/echo {key} last word ")
}

impl Trial<Lives> {
    /// With so many keys, and a server with these flags.
    pub fn begin(keys: u8, flags: &[&str]) -> Self {
        Self::of(Lives::begin(flags), keys)
    }
}

impl<S: Served> Trial<S> {
    /// With so many keys.
    pub fn of(server: S, keys: u8) -> Self {
        Self {
            server,
            signs: Signs::new(),
            acknowledged: Count::new(),
            keys: (1..=keys).map(Key::new).collect(),
            stopped: Count::new(),
            writers: Vec::new(),
            sent: Vec::new(),
            readers: 0,
        }
    }

    /// So many begin to write.
    pub fn write(&mut self, count: usize, phrase: Phrase) {
        self.write_slowly(count, phrase, Duration::ZERO);
    }

    /// The same, with a pause between two commands of one of them.
    pub fn write_slowly(&mut self, count: usize, phrase: Phrase, pause: Duration) {
        for number in (self.writers.len()..).take(count) {
            let writer = Writer {
                number,
                phrase,
                pause,
                keys: Arc::clone(&self.keys),
                sites: self.server.sites().from(number),
                acknowledged: self.acknowledged.clone(),
                stopped: self.stopped.clone(),
            };
            self.writers.push(tokio::spawn(writer.write()));
        }
    }

    /// So many begin to listen, shared out among the keys.
    pub fn listen(&mut self, count: usize) -> Readers {
        self.seat(count, false)
    }

    /// So many open a stream and read nothing of it until they are woken.
    pub fn sleep(&mut self, count: usize) -> Readers {
        self.seat(count, true)
    }

    fn seat(&mut self, count: usize, sleeps: bool) -> Readers {
        self.readers += count;
        let client = Client::new();
        let keys = self.keys.iter().cycle().map(|key| &key.address);
        let follow = |(place, key): (usize, &String)| {
            // Those of one key begin at different servers.
            let sites = self.server.sites().from(place + place / self.keys.len());
            let (client, signs) = (client.clone(), self.signs.clone());
            tokio::spawn(Reader::new(key, last_word(key), sleeps, sites, client, signs).follow())
        };
        keys.take(count).enumerate().map(follow).collect()
    }

    /// Waits until so many commands more are acknowledged.
    pub async fn acknowledged(&self, more: usize) {
        soon("so many acknowledgements", self.acknowledged.reaches(self.acknowledged.now() + more)).await;
    }

    /// Waits until each reader has opened its stream so many times.
    pub async fn opened(&self, times: usize) {
        soon("a stream for each", self.signs.opened.reaches(self.readers * times)).await;
    }

    /// Lets the writers end, and says a last word to each key.
    pub async fn stop_writing(&mut self) {
        self.stopped.rise();
        for history in soon("the end of all writers", join_all(&mut self.writers)).await {
            self.sent.extend(history.unwrap());
        }
        if self.server.sites().are_alike() {
            // What one has left, another brings to an end.
            for key in self.keys.iter() {
                soon("the end of all runs", key.rests(&self.server.sites())).await;
            }
        }
        self.say_last_word().await;
    }

    async fn say_last_word(&mut self) {
        let number = self.signs.words.now();
        self.signs.words.rise();
        let client = Client::new();
        for key in self.keys.iter() {
            let command = format!("{}{number}", last_word(&key.address));
            let outcome = send(&client, &mut self.server.sites(), key, &command).await;
            assert!(matches!(outcome, Outcome::Acknowledged { .. }), "{outcome:?}");
            self.sent.push(Sent { key: key.address.clone(), writer: self.writers.len(), command, outcome });
        }
    }

    /// Waits until so many readers have heard a last word, and so all that was before.
    pub async fn sated(&self, readers: usize) {
        soon("a last word for each", self.signs.sated.reaches(readers)).await;
    }

    /// Waits until all readers have heard a last word, and then another one. Who has not in a long time has what was heard
    /// till then.
    pub async fn told(&mut self, readers: Readers) -> Vec<Heard> {
        let Signs { sated, over, .. } = self.signs.clone();
        let told = async {
            sated.reaches(self.readers).await;
            self.say_last_word().await;
            join_all(readers).await
        };
        hurried(told, &over).await.into_iter().map(Result::unwrap).collect()
    }

    pub fn judge(&self, heard: &[Heard]) -> Verdict {
        judge(&self.sent, heard, self.server.sites().are_alike())
    }
}
