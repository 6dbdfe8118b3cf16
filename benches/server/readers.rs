//! The part of all readers, and of who publishes to them.

use std::fs;
use std::io::{Read, stdin};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::Events;

use crate::SPELL;
use crate::crowd::{Crowd, Line};
use crate::dialect::{Dialect, stamp};
use crate::load::PATIENCE;

/// Events that are under way at once, at most one for each key.
const WINDOW: usize = 64;

/// Opens the streams and says so; then publishes to them, or holds them until nobody listens to it any more.
pub fn read(words: &[String]) {
    let [dialect, address, server, keys, streams, what] = words else { panic!("{words:?}") };
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let dialect: Dialect = dialect.parse().expect("a server that it knows");
    let address: SocketAddr = address.parse().unwrap();
    let keys: usize = keys.parse().unwrap();
    let crowd = Crowd::gather(dialect, address, keys, streams.parse().unwrap());
    println!("all have begun");
    if what == "hold" {
        stdin().read_to_end(&mut Vec::new()).unwrap();
    } else {
        let events = vec![Event::default(); keys];
        let (streams, clock) = (crowd.lines.len(), Instant::now());
        Press { dialect, address, crowd, streams, events, clock, last: 0, delays: Vec::new() }.run(server);
    }
}

/// The last event of a key.
#[derive(Clone, Copy, Default)]
struct Event {
    stamp: u64,
    /// The connection that published it.
    line: usize,
    is_answered: bool,
    /// How many streams are still to hear of it.
    missing: usize,
}

struct Press {
    dialect: Dialect,
    address: SocketAddr,
    /// The streams, and after these the connections that publish.
    crowd: Crowd,
    streams: usize,
    /// By key.
    events: Vec<Event>,
    clock: Instant,
    last: u64,
    /// In milliseconds.
    delays: Vec<f64>,
}

impl Press {
    /// Publishes the next event whenever one has reached everybody; prints the rate, the delays, and how much of its
    /// core each side used.
    fn run(mut self, server: &str) {
        let mut under_way = WINDOW.min(self.events.len());
        let mut key_of_line: Vec<usize> = (0..under_way).collect();
        let mut next = under_way;
        let (begun, theirs, ours) = (Instant::now(), busy(server), busy("self"));
        for key in 0..under_way {
            let line = self.streams + key;
            self.crowd.lines.push(Line::open(self.address, line, &self.crowd.poll));
            self.publish(key, line);
        }
        let mut ready = Events::with_capacity(1024);
        while under_way > 0 {
            self.crowd.wait(&mut ready);
            assert!(begun.elapsed() < PATIENCE, "{under_way} events have not reached everybody");
            for number in ready.iter().map(|event| event.token().0) {
                let key = match number.checked_sub(self.streams) {
                    Some(line) => self.hear_answer(number, key_of_line[line]),
                    None => self.hear_event(number),
                };
                let event = &mut self.events[key];
                if event.missing > 0 || !event.is_answered {
                    continue;
                }
                if begun.elapsed() < SPELL {
                    let (line, key) = (event.line, next % self.events.len());
                    key_of_line[line - self.streams] = key;
                    self.publish(key, line);
                    next += 1;
                } else {
                    under_way -= 1;
                    // Whatever wakes this line again is not the end of its event.
                    event.is_answered = false;
                }
            }
        }
        let spell = begun.elapsed().as_secs_f64();
        let rate = f64::from(u32::try_from(self.delays.len()).unwrap()) / spell;
        let (theirs, ours) = ((busy(server) - theirs) / spell, (busy("self") - ours) / spell);
        self.delays.sort_by(f64::total_cmp);
        let delay = |percent: usize| self.delays[(self.delays.len() - 1) * percent / 100];
        println!("delivered {rate} {} {} {theirs} {ours}", delay(50), delay(99));
    }

    fn publish(&mut self, key: usize, line: usize) {
        // No two are alike, so that each is told from the one before.
        self.last = self.now().max(self.last + 1);
        let missing = self.streams / self.events.len();
        self.events[key] = Event { stamp: self.last, line, is_answered: false, missing };
        self.crowd.lines[line].say(&self.dialect.publish(&self.address.to_string(), 1 + key, self.last));
    }

    /// What a stream hears must be the last event of its key.
    fn hear_event(&mut self, number: usize) -> usize {
        let key = number % self.events.len();
        self.crowd.hear(number);
        let now = self.now();
        let (event, delays) = (&mut self.events[key], &mut self.delays);
        self.crowd.lines[number].frames(|frame| {
            if let Some(stamp) = stamp(frame) {
                assert_eq!(stamp, event.stamp, "on stream {number}");
                event.missing -= 1;
                delays.push(Duration::from_nanos(now - stamp).as_secs_f64() * 1000.0);
            }
        });
        key
    }

    fn hear_answer(&mut self, number: usize, key: usize) -> usize {
        self.events[key].is_answered |= answered(&mut self.crowd.hear(number).text);
        key
    }

    /// In nanoseconds.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_nanos()).unwrap()
    }
}

/// Takes an answer out when it is complete, which must be a success.
fn answered(text: &mut Vec<u8>) -> bool {
    let answer = String::from_utf8_lossy(text);
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
    let head = head.to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let is_complete = body.len() == length.lines().next().unwrap().parse::<usize>().unwrap();
    if is_complete {
        text.clear();
    }
    is_complete
}

/// The seconds that a process has had of its core; the kernel counts them in hundredths.
fn busy(process: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = text.rsplit_once(") ").unwrap();
    let times = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u32>().unwrap());
    f64::from(times.sum::<u32>()) / 100.0
}
