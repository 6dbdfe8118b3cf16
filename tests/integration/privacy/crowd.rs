//! Many keys at one server, to each of which something happens by chance.

use std::collections::VecDeque;
use std::iter::repeat_with;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use nexus::bus::Signal;
use nexus::event::{Event, EventName};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::listener::{Listener, Proof, Told};
use crate::common::dice::Dice;
use crate::common::{EXECUTE, Reply, Server, Stream, Wallet};

/// How much happens between two looks at the streams: too little for a key to let a reader fall behind.
const ROUND: usize = 2_000;
/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// What happens to a key.
#[derive(Clone, Copy, Debug)]
enum Act {
    Append,
    Announce,
    Progress,
    /// It gains or loses its identity.
    ChangeState,
    /// Its owner runs a command, by a signature or by a session.
    Sign,
    RunInSession,
    /// Somebody runs a command and names it.
    Claim,
}

impl Act {
    fn by_chance(dice: &mut Dice) -> Self {
        match dice.below(1000) {
            0..4 => Self::Sign,
            4..10 => Self::RunInSession,
            10..20 => Self::Claim,
            20..60 => Self::ChangeState,
            60..260 => Self::Append,
            260..630 => Self::Announce,
            _ => Self::Progress,
        }
    }
}

pub struct Crowd {
    server: Server,
    is_full: bool,
    is_off: bool,
    people: Vec<Person>,
    dice: Dice,
    events: usize,
    heard: usize,
    refused: usize,
}

struct Person {
    name: String,
    wallet: Wallet,
    token: String,
    visitor: bool,
    acts: usize,
    told: Vec<Told>,
    listeners: Vec<Listener>,
}

impl Crowd {
    /// So many people with a session each, at a server that tells this to streams that prove nothing.
    #[expect(clippy::print_stdout, reason = "whoever wants the same again needs the seed")]
    pub async fn gather(anonymous: &str, keys: usize, seed: u64) -> Self {
        println!("NEXUS_TEST_SEED={seed}");
        // Our ends of the streams are in this process, which may run other tests beside this one.
        rlimit::increase_nofile_limit(8192).unwrap();
        let fixed = ["--durability", "normal", "--keepalive", "600", "--stall-timeout", "600"];
        let limits = ["--max-streams", "--max-streams-per-peer"].into_iter().flat_map(|limit| [limit, "2000"]);
        let flags: Vec<_> = fixed.into_iter().chain(limits).chain(["--anonymous-streams", anonymous]).collect();
        let server = Server::with(&flags).await;
        let person = async |number: usize| {
            let wallet = Wallet::new(&[&[0x11; 28][..], &u32::try_from(number + 1).unwrap().to_be_bytes()].concat());
            let token = server.sign_in(&wallet).await;
            Person {
                name: number.to_string(),
                wallet,
                token,
                visitor: true,
                acts: 0,
                told: Vec::new(),
                listeners: Vec::new(),
            }
        };
        let people = stream::iter(0..keys).map(person).buffered(AT_ONCE).collect().await;
        let (is_full, is_off) = (anonymous == "full", anonymous == "off");
        Self { server, is_full, is_off, people, dice: Dice::new(seed), events: 0, heard: 0, refused: 0 }
    }

    /// Opens one or two streams of each key; whoever comes late asks for all that was before.
    pub async fn open_streams(&mut self, late: bool) {
        for place in 0..self.people.len() {
            for _ in 0..=self.dice.below(2) {
                let proof = Proof::ALL[usize::try_from(self.dice.below(5)).unwrap()];
                self.open_stream(place, proof, late).await;
            }
        }
    }

    async fn open_stream(&mut self, place: usize, proof: Proof, late: bool) {
        let person = &mut self.people[place];
        let target = format!("/api/v1/stream/{}", person.wallet.address());
        let request = ask(&self.server, person, &target, proof).await;
        let request = if late { request.header("last-event-id", "0") } else { request };
        if self.is_off && !proof.is_one() {
            Reply::of(request).await.failure(401, "identity_required");
            self.refused += 1;
            return;
        }
        let hears_all = self.is_full || proof.is_one();
        let is_missed = |told: &&Told| late && hears_all && matches!(told, Told::Logged(_));
        let missed: VecDeque<_> = person.told.iter().filter(is_missed).cloned().collect();
        let listener = Listener::new(proof, hears_all, Stream::of(request).await, missed).await;
        person.listeners.push(listener);
    }

    /// Lets so much happen, and expects that it is told to whom it may be.
    pub async fn live_through(&mut self, events: usize) {
        let mut left = events;
        while left > 0 {
            let round = left.min(ROUND);
            left -= round;
            let mut acts: Vec<Vec<Act>> = repeat_with(Vec::new).take(self.people.len()).collect();
            for _ in 0..round {
                let place = usize::try_from(self.dice.below(self.people.len() as u64)).unwrap();
                acts[place].push(Act::by_chance(&mut self.dice));
            }
            let (server, is_full) = (&self.server, self.is_full);
            let people = self.people.iter_mut().zip(acts);
            join_all(people.map(|(person, acts)| person.live_through(server, is_full, acts))).await;
            self.events += round;
            for person in &mut self.people {
                for listener in &mut person.listeners {
                    self.heard += listener.hear(&person.name).await;
                }
            }
        }
    }

    /// Tries to open each stream with a good proof of somebody else.
    pub async fn refuse_the_proofs_of_others(&mut self) {
        for (owner, other) in self.people.iter().zip(self.people.iter().cycle().skip(1)) {
            let target = format!("/api/v1/stream/{}", owner.wallet.address());
            for proof in [Proof::Session, Proof::Ticket, Proof::Signature] {
                let request = ask(&self.server, other, &target, proof).await;
                Reply::of(request).await.failure(403, "bearer_mismatch");
                self.refused += 1;
            }
        }
    }

    /// Expects that no stream was told anything else. The figures are shown by `--no-capture`.
    #[expect(clippy::print_stdout, reason = "a test has no other place to say how much it tried")]
    pub async fn end(self) {
        let streams: usize = self.people.iter().map(|person| person.listeners.len()).sum();
        let Self { events, heard, refused, .. } = self;
        println!("{events} events, {} keys, {streams} streams, {heard} heard, {refused} refused", self.people.len());
        assert!(heard > events / 2 && refused > 0);
        self.server.close();
        join_all(self.people.into_iter().flat_map(|person| person.listeners).map(Listener::end)).await;
    }
}

/// A request for `target` by somebody who proves who they are, or does not.
async fn ask(server: &Server, person: &Person, target: &str, proof: Proof) -> RequestBuilder {
    let request = |target: &str| server.request(Method::GET, target);
    match proof {
        Proof::Nothing => request(target),
        Proof::Claim => request(target).bearer_auth(person.wallet.address()),
        Proof::Session => request(target).bearer_auth(&person.token),
        Proof::Ticket => {
            let ticket = server.request(Method::POST, "/api/v1/stream/ticket").bearer_auth(&person.token);
            request(&format!("{target}?ticket={}", Reply::of(ticket).await.text_at("/ticket")))
        }
        Proof::Signature => {
            let statement = server.statement(&format!("GET {target}"));
            request(target).header("authorization", statement.authorization(&person.wallet))
        }
    }
}

impl Person {
    async fn live_through(&mut self, server: &Server, is_full: bool, acts: Vec<Act>) {
        for act in acts {
            self.acts += 1;
            let text = format!("/echo {} {}", self.name, self.acts);
            if let Some(told) = self.act(server, is_full, act, text).await {
                self.listeners.iter_mut().for_each(|listener| listener.expect(&told));
                self.told.push(told);
            }
        }
    }

    /// Does it; what the key is told of it, if anything.
    async fn act(&mut self, server: &Server, is_full: bool, act: Act, text: String) -> Option<Told> {
        let address = self.wallet.address();
        let announce = |name: EventName| {
            let event = Event::new(None, name, &json!({ "command": text })).unwrap();
            server.app.bus.announce(address, Signal::Event(event));
        };
        match act {
            Act::Append => server.record(&self.wallet, &text, 0).await,
            Act::Announce => announce(EventName::CommandResult),
            Act::Progress => announce(EventName::CommandProgress),
            Act::ChangeState => {
                self.visitor = !self.visitor;
                server.app.bus.announce(address, Signal::Visitor(self.visitor));
            }
            Act::Sign => drop(server.run_signed(&self.wallet, &text).await.success()),
            Act::RunInSession => drop(server.run_in(&self.token, &text).await.success()),
            Act::Claim => {
                let request = server.request(Method::POST, EXECUTE).bearer_auth(address);
                Reply::of(request.json(&json!({ "command": text }))).await.success();
            }
        }
        match act {
            Act::Append | Act::Sign | Act::RunInSession => Some(Told::Logged(text)),
            Act::Announce | Act::Progress => Some(Told::Announced(text)),
            Act::ChangeState => Some(Told::State(self.visitor)),
            Act::Claim => is_full.then_some(Told::Announced(text)),
        }
    }
}
