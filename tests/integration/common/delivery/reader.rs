//! Those who hold the stream of a key, come back whenever it ends, and remember what they heard.

use std::pin::pin;

use reqwest::{Client, StatusCode};

use super::count::Count;
use super::history::{End, Event, Heard, Told};
use super::sites::Sites;
use crate::common::stream::{Frame, Stream};

/// More connections than any trial takes.
const MOST: usize = 100_000;

/// What readers tell the trial, and the other way round.
#[derive(Clone)]
pub struct Signs {
    /// Streams that were opened, by all readers together.
    pub opened: Count,
    /// How often all readers were asked to cut their streams.
    pub cuts: Count,
    /// Rises when those that sleep are to begin to read.
    pub woken: Count,
    /// How often the last word was said to each key.
    pub words: Count,
    /// Readers that have heard a last word, or will hear none.
    pub sated: Count,
    /// Rises when nobody waits for more.
    pub over: Count,
}

impl Signs {
    pub fn new() -> Self {
        let [opened, cuts, woken, words, sated, over] = std::array::from_fn(|_| Count::new());
        Self { opened, cuts, woken, words, sated, over }
    }
}

pub struct Reader {
    pub sites: Sites,
    pub client: Client,
    pub signs: Signs,
    /// Whether it opens its stream and then reads nothing until it is woken.
    pub sleeps: bool,
    /// How the commands begin that are a last word to its key; their number follows.
    pub last_word: String,
    pub heard: Heard,
    /// The id that it heard last.
    place: Option<String>,
    /// The number of the last word with which its history ends: the first that was said after it had heard one. So what
    /// comes after a last word, and should not, is heard too.
    end: Option<usize>,
}

impl Reader {
    pub fn new(key: &str, last_word: String, sleeps: bool, sites: Sites, client: Client, signs: Signs) -> Self {
        let heard = Heard { key: key.to_owned(), events: Vec::new(), ends: Vec::new() };
        Self { sites, client, signs, sleeps, last_word, heard, place: None, end: None }
    }

    /// Follows the key to its end, or until it is over.
    pub async fn follow(mut self) -> Heard {
        let over = self.signs.over.clone();
        tokio::select! {
            () = self.hold() => {}
            () = over.reaches(1) => {}
        }
        if self.end.is_none() {
            self.signs.sated.rise();
        }
        self.heard
    }

    async fn hold(&mut self) {
        for _ in 0..MOST {
            let (life, cuts) = (self.sites.here().life.now(), self.signs.cuts.now());
            let end = match self.open().await {
                Ok(None) => None,
                Ok(Some(stream)) => {
                    self.signs.opened.rise();
                    if self.sleeps {
                        self.signs.woken.reaches(1).await;
                    }
                    let end = self.listen(stream, cuts).await;
                    self.heard.ends.push(end);
                    Some(end)
                }
                // It was accepted by a server that has ended before it answered, and perhaps not the one of `life`.
                Err(failure) if !failure.is_connect() => Some(End::Broken),
                Err(_nobody_listens) => None,
            };
            match end {
                Some(End::Done) => return,
                Some(End::Cut | End::Broken | End::Abandoned) => self.sites.turn(),
                Some(End::Dismissed) | None => self.sites.leave(life).await,
            }
        }
    }

    /// None where the server takes no stream now, and another one may.
    async fn open(&self) -> reqwest::Result<Option<Stream>> {
        let url = format!("{}/api/v1/stream/{}", self.sites.here().url, self.heard.key);
        let request = match &self.place {
            Some(id) => self.client.get(url).header("last-event-id", id),
            None => self.client.get(format!("{url}?last_event_id=0")),
        };
        let stream = Stream::try_of(request).await?;
        let status = stream.response.status();
        if status == StatusCode::SERVICE_UNAVAILABLE && self.sites.are_alike() {
            return Ok(None);
        }
        assert_eq!(status, StatusCode::OK, "{:?}", stream.response);
        Ok(Some(stream))
    }

    async fn listen(&mut self, mut stream: Stream, cuts: usize) -> End {
        let signs = self.signs.clone();
        let mut cut = pin!(signs.cuts.reaches(cuts + 1));
        let mut dismissed = false;
        loop {
            let frame = tokio::select! {
                biased;
                () = &mut cut => return End::Cut,
                frame = stream.hear() => frame,
            };
            match frame {
                Ok(Some(frame)) if self.note(&frame) => return End::Done,
                Ok(Some(frame)) => dismissed = frame.event.is_empty() && frame.retry.is_some(),
                Ok(None) if dismissed => return End::Dismissed,
                Ok(None) => return End::Abandoned,
                Err(_broken) => return End::Broken,
            }
        }
    }

    /// Remembers a frame, and returns whether it was the end.
    fn note(&mut self, frame: &Frame) -> bool {
        if let Some(id) = &frame.id {
            self.place = Some(id.clone());
        }
        let event = match frame.event.as_str() {
            "command_result" => {
                let mut data = frame.json();
                let text =
                    |name: &str| data[name].as_str().unwrap_or_else(|| panic!("no {name}: {frame:?}")).to_owned();
                let (run_id, command) = (text("run_id"), text("command"));
                Event::Result(Told { id: frame.id.clone(), run_id, command, result: data["result"].take() })
            }
            // A stream that does not go on where it was asked to has a gap, whether it says so or not.
            "connection_state" if frame.json()["recovered"] == true => return false,
            "connection_state" | "stream_gap" => Event::Gap(frame.json()),
            _ => return false,
        };
        let word = match &event {
            Event::Result(told) => told.command.strip_prefix(&self.last_word),
            Event::Gap(_) => None,
        };
        let word: Option<usize> = word.and_then(|number| number.parse().ok());
        self.heard.events.push(event);
        match (word, self.end) {
            (Some(word), Some(end)) => word >= end,
            (Some(_), None) => {
                self.end = Some(self.signs.words.now());
                self.signs.sated.rise();
                false
            }
            (None, _) => false,
        }
    }
}
