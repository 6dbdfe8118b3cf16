//! What the store promises, in either of its forms, and by two handles on it as two nodes have them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use nexus::address::Address;
use nexus::clock::Clock;
use nexus::config::{Bus, Engine};
use nexus::database::Database;
use nexus::error::{Code, Result};
use nexus::nats::{self, Wanted};
use nexus::runtime::Runtime;
use nexus::secret::{Pass, Secret};
use nexus::store::embedded::Embedded;
use nexus::store::nats::Remote;
use nexus::store::{Identity, MOST_COMMANDS, PROMPTS, Placed, Registered, Store, TICKET};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::common::eventually::eventually;
use crate::common::nats::Nats;

const ALICE: Address = Address::from_bytes([0xA1; 20]);
const BOB: Address = Address::from_bytes([0xB0; 20]);
/// Of all prompts together.
const ROOM: usize = 100_000;

struct Kept {
    here: Arc<dyn Store>,
    there: Arc<dyn Store>,
    ahead: &'static AtomicI64,
    _ground: Ground,
}

enum Ground {
    Folder(#[expect(dead_code, reason = "it is removed with the test")] TempDir),
    Servers(#[expect(dead_code, reason = "they end with the test")] Nats),
}

impl Kept {
    fn embedded() -> Self {
        let (folder, ahead): (_, &AtomicI64) = (TempDir::new().unwrap(), Box::leak(Box::default()));
        let clock = Clock::stepping(ahead);
        let database = Database::open(folder.path(), "full", clock).unwrap();
        let handle = || Arc::new(Embedded::new(database.clone(), ROOM, clock));
        Self { here: handle(), there: handle(), ahead, _ground: Ground::Folder(folder) }
    }

    async fn remote() -> Self {
        let (servers, ahead): (_, &AtomicI64) = (Nats::one().await, Box::leak(Box::default()));
        let [here, there] = [remote(&servers, ahead).await, remote(&servers, ahead).await];
        Self { here, there, ahead, _ground: Ground::Servers(servers) }
    }

    fn step(&self, time: SignedDuration) {
        self.ahead.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    bus: Bus,
}

async fn connected(servers: &Nats) -> nats::Nats {
    let settings = servers.settings();
    let setting = |wanted| settings.iter().find(|(name, _)| *name == wanted).unwrap().1.as_str();
    let [urls, replicas] = ["NEXUS_BUS", "NEXUS_NATS_REPLICAS"].map(setting);
    let bus = Flags::parse_from(["nexus", "--bus", urls, "--nats-replicas", replicas]).bus;
    let Engine::Nats(list) = &bus.engine else { panic!("{urls} is no list of servers") };
    let (window, age) = (Duration::from_mins(10), Duration::from_hours(24));
    let wanted = Wanted { replicas: bus.nats_replicas, window, age, bytes: 1 << 30, events_per_key: 1000 };
    nats::Nats::open(&bus, list, wanted).await.unwrap()
}

async fn remote(servers: &Nats, ahead: &'static AtomicI64) -> Arc<dyn Store> {
    Arc::new(Remote::new(connected(servers).await, ROOM, Clock::stepping(ahead), Runtime::default()))
}

async fn create(store: &dyn Store, replayed: bool) -> Option<(Identity, bool)> {
    store.create_identity(ALICE, replayed, Box::new(|_, _| ())).await.unwrap()
}

async fn delete(store: &dyn Store) -> bool {
    store.delete_identity(ALICE, Box::new(|_| ())).await.unwrap()
}

async fn session(store: &dyn Store) -> Secret {
    let secret = Secret::new().unwrap();
    store.begin_session(ALICE, &secret).await.unwrap();
    secret
}

async fn ticket(store: &dyn Store, session: Option<&Secret>) -> Secret {
    let secret = Secret::new().unwrap();
    store.issue_ticket(ALICE, session.map(|session| session.id), &secret).await.unwrap();
    secret
}

async fn redeem(store: &dyn Store, ticket: &Secret) -> Option<Pass> {
    store.redeem_ticket(ticket, Box::new(|_| ())).await.unwrap()
}

async fn set(store: &dyn Store, name: &str, text: &str) -> Placed {
    store.set_prompt(ALICE, name.to_owned(), text.to_owned()).await.unwrap()
}

async fn text(store: &dyn Store, name: &str) -> Option<String> {
    store.prompt(ALICE, name.to_owned()).await.unwrap().map(|(_, text)| text)
}

fn registered(name: &str) -> Registered {
    let (definition, url) = (json!({ "name": name }).to_string(), "https://example.com/".to_owned());
    let secret = Some(Zeroizing::new("whsec_".to_owned()));
    Registered { name: name.to_owned(), definition, url, secret, created_by: ALICE, expires_at: None }
}

async fn names(store: &dyn Store) -> Vec<String> {
    store.registered_commands().await.unwrap().into_iter().map(|command| command.name).collect()
}

/// Each of these behaviours, of both forms.
macro_rules! of_both {
    ($($behaviour:ident)*) => {
        mod embedded {
            $(#[tokio::test] async fn $behaviour() { super::$behaviour(super::Kept::embedded()).await; })*
        }
        mod remote {
            $(#[tokio::test] async fn $behaviour() { super::$behaviour(super::Kept::remote().await).await; })*
        }
    };
}

of_both! {
    an_identity_is_made_once_and_every_node_finds_it
    an_identity_that_was_deleted_comes_back_by_nothing_that_can_be_replayed
    what_becomes_visible_does_so_once_and_in_its_order
    with_an_identity_goes_all_that_belongs_to_it
    a_session_lasts_while_it_is_used_and_a_day_at_most
    of_many_sessions_the_oldest_give_way
    a_session_ends_with_its_tickets_and_no_others
    all_sessions_end_with_all_tickets_and_of_one_address
    a_ticket_is_redeemed_in_its_minute_and_the_newest_connection_holds_it
    a_ticket_is_good_again_for_a_while_after_its_stream_and_not_without_its_session
    connections_that_come_at_once_have_numbers_of_their_own
    preferences_are_replaced_as_a_whole
    a_prompt_is_found_as_it_was_set_last_whatever_it_is_called
    a_key_has_no_more_prompts_than_it_may
    all_prompts_together_have_no_more_than_their_room
    prompts_that_are_set_at_once_are_all_there
    a_prompt_that_is_replaced_by_many_at_once_is_one_of_theirs
    commands_are_kept_replaced_and_forgotten
    there_are_no_more_commands_than_there_may_be
    a_command_is_forgotten_when_its_time_is_over_and_none_that_took_its_place
    a_deployment_has_one_secret
}

async fn an_identity_is_made_once_and_every_node_finds_it(kept: Kept) {
    assert_eq!(kept.here.identity(ALICE).await.unwrap(), None);
    let made = join_all((0..10).map(|i| create(if i % 2 == 0 { &*kept.here } else { &*kept.there }, true))).await;
    assert_eq!(made.iter().filter(|made| made.unwrap().1).count(), 1);
    let identity = kept.there.identity(ALICE).await.unwrap().unwrap();
    assert!(made.iter().all(|made| made.unwrap().0 == identity) && identity.address == ALICE);
    assert_eq!(kept.here.identity(BOB).await.unwrap(), None);
}

async fn an_identity_that_was_deleted_comes_back_by_nothing_that_can_be_replayed(kept: Kept) {
    assert!(!delete(&*kept.here).await && !kept.here.was_deleted(ALICE).await.unwrap());
    create(&*kept.here, true).await.unwrap();
    assert!(delete(&*kept.there).await && !delete(&*kept.here).await);
    assert!(kept.here.was_deleted(ALICE).await.unwrap());
    assert_eq!(create(&*kept.here, true).await, None);
    assert!(create(&*kept.here, false).await.unwrap().1);
    assert!(kept.there.was_deleted(ALICE).await.unwrap());
    assert!(!create(&*kept.there, false).await.unwrap().1);
}

async fn what_becomes_visible_does_so_once_and_in_its_order(kept: Kept) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let changes = (0..10).map(|i| {
        let (store, heard) = (Arc::clone(&kept.here), Arc::clone(&heard));
        async move {
            if i % 2 == 0 {
                let visible = move |_: Identity, is_new: bool| heard.lock().unwrap().push((true, is_new));
                store.create_identity(ALICE, false, Box::new(visible)).await.unwrap();
            } else {
                let visible = move |deleted: bool| heard.lock().unwrap().push((false, deleted));
                store.delete_identity(ALICE, Box::new(visible)).await.unwrap();
            }
        }
    });
    join_all(changes).await;
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 10);
    let mut is_there = false;
    for (creates, has_changed) in heard.iter() {
        assert_eq!(*has_changed, is_there != *creates, "{heard:?}");
        is_there = *creates;
    }
}

async fn with_an_identity_goes_all_that_belongs_to_it(kept: Kept) {
    create(&*kept.here, true).await.unwrap();
    let (session, ticket) = (session(&*kept.here).await, ticket(&*kept.there, None).await);
    set(&*kept.here, "a", "text").await;
    let overrides = Map::from_iter([("theme".to_owned(), json!("dark"))]);
    kept.here.replace_preferences(ALICE, &overrides).await.unwrap();
    assert!(delete(&*kept.there).await);
    assert_eq!(kept.here.session(&session).await.unwrap(), None);
    assert_eq!(redeem(&*kept.here, &ticket).await, None);
    assert_eq!((kept.here.prompts(ALICE).await.unwrap(), text(&*kept.here, "a").await), (vec![], None));
    assert!(kept.here.preferences(ALICE).await.unwrap().is_empty());
}

async fn a_session_lasts_while_it_is_used_and_a_day_at_most(kept: Kept) {
    let [used, unused] = [session(&*kept.here).await, session(&*kept.here).await];
    for _ in 0..24 {
        assert_eq!(kept.there.session(&used).await.unwrap(), Some(ALICE));
        kept.step(SignedDuration::from_mins(59));
        kept.here.forget_ended().await.unwrap();
    }
    assert_eq!(kept.here.session(&unused).await.unwrap(), None);
    assert!(kept.here.hold(Pass::Session(used.id)).await.unwrap());
    assert!(!kept.here.hold(Pass::Session(unused.id)).await.unwrap());
    kept.step(SignedDuration::from_mins(30));
    assert_eq!(kept.here.session(&used).await.unwrap(), None);
    assert_eq!(kept.here.session(&Secret::new().unwrap()).await.unwrap(), None);
}

async fn of_many_sessions_the_oldest_give_way(kept: Kept) {
    let mut sessions = Vec::new();
    for _ in 0..66 {
        sessions.push(session(&*kept.here).await);
        kept.step(SignedDuration::from_millis(1));
    }
    for (place, session) in sessions.iter().enumerate() {
        assert_eq!(kept.there.session(session).await.unwrap().is_some(), place >= 2, "{place}");
    }
}

async fn a_session_ends_with_its_tickets_and_no_others(kept: Kept) {
    let [ended, other] = [session(&*kept.here).await, session(&*kept.there).await];
    let [of_ended, of_other] = [ticket(&*kept.here, Some(&ended)).await, ticket(&*kept.here, Some(&other)).await];
    let of_none = ticket(&*kept.there, None).await;
    let heard = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&heard);
    let visible = move || counted.store(1 + counted.load(Ordering::Relaxed), Ordering::Relaxed);
    kept.here.end_sessions(ALICE, Some(ended.id), Box::new(visible)).await.unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    assert_eq!(kept.there.session(&ended).await.unwrap(), None);
    assert_eq!(kept.there.session(&other).await.unwrap(), Some(ALICE));
    assert_eq!(kept.there.ticket_owner(&of_ended).await.unwrap(), None);
    assert!(redeem(&*kept.there, &of_other).await.is_some() && redeem(&*kept.there, &of_none).await.is_some());
}

async fn all_sessions_end_with_all_tickets_and_of_one_address(kept: Kept) {
    let secrets = [session(&*kept.here).await, session(&*kept.there).await];
    let tickets = [ticket(&*kept.here, Some(&secrets[0])).await, ticket(&*kept.here, None).await];
    let of_bob = Secret::new().unwrap();
    kept.here.begin_session(BOB, &of_bob).await.unwrap();
    kept.there.end_sessions(ALICE, None, Box::new(|| ())).await.unwrap();
    for (session, ticket) in secrets.iter().zip(&tickets) {
        assert_eq!(kept.here.session(session).await.unwrap(), None);
        assert_eq!(redeem(&*kept.here, ticket).await, None);
    }
    assert_eq!(kept.here.session(&of_bob).await.unwrap(), Some(BOB));
}

async fn a_ticket_is_redeemed_in_its_minute_and_the_newest_connection_holds_it(kept: Kept) {
    let [used, late] = [ticket(&*kept.here, None).await, ticket(&*kept.here, None).await];
    assert_eq!(kept.there.ticket_owner(&used).await.unwrap(), Some(ALICE));
    let first = redeem(&*kept.here, &used).await.unwrap();
    let second = redeem(&*kept.there, &used).await.unwrap();
    assert!(!kept.here.hold(first).await.unwrap() && kept.here.hold(second).await.unwrap());
    kept.step(TICKET);
    assert_eq!(redeem(&*kept.here, &late).await, None);
    assert_eq!(redeem(&*kept.here, &Secret::new().unwrap()).await, None);
}

async fn a_ticket_is_good_again_for_a_while_after_its_stream_and_not_without_its_session(kept: Kept) {
    let session = session(&*kept.here).await;
    let ticket = ticket(&*kept.here, Some(&session)).await;
    let mut pass = redeem(&*kept.here, &ticket).await.unwrap();
    for _ in 0..3 {
        kept.step(SignedDuration::from_secs(140));
        assert!(kept.there.hold(pass).await.unwrap());
        kept.step(SignedDuration::from_secs(140));
        pass = redeem(&*kept.there, &ticket).await.unwrap();
    }
    kept.here.end_sessions(ALICE, Some(session.id), Box::new(|| ())).await.unwrap();
    assert!(!kept.there.hold(pass).await.unwrap());
    assert_eq!(redeem(&*kept.there, &ticket).await, None);
}

async fn connections_that_come_at_once_have_numbers_of_their_own(kept: Kept) {
    let ticket = ticket(&*kept.here, None).await;
    let stores = (0..10).map(|i| if i % 2 == 0 { &*kept.here } else { &*kept.there });
    let passes = join_all(stores.map(|store| redeem(store, &ticket))).await;
    let numbers: BTreeSet<_> = passes
        .iter()
        .map(|pass| match pass.unwrap() {
            Pass::Ticket { connection, .. } => connection,
            Pass::Session(_) => panic!("a ticket has opened it"),
        })
        .collect();
    assert_eq!(numbers, (1..=10).collect());
}

async fn preferences_are_replaced_as_a_whole(kept: Kept) {
    let read = async || Value::from(kept.there.preferences(ALICE).await.unwrap());
    for wanted in [json!({ "a": 1, "b": [true] }), json!({ "b": "c" }), json!({})] {
        kept.here.replace_preferences(ALICE, wanted.as_object().unwrap()).await.unwrap();
        assert_eq!(read().await, wanted);
    }
}

async fn a_prompt_is_found_as_it_was_set_last_whatever_it_is_called(kept: Kept) {
    for name in ["plain", "a.b *>", "größe", ""] {
        assert!(matches!(set(&*kept.here, name, "one").await, Placed::Created(_)), "{name}");
        assert!(matches!(set(&*kept.there, name, "zwölf").await, Placed::Replaced(_)), "{name}");
        let (prompt, text) = kept.here.prompt(ALICE, name.to_owned()).await.unwrap().unwrap();
        assert_eq!((prompt.name.as_str(), prompt.size, text.as_str()), (name, 5, "zwölf"));
    }
    let list = kept.here.prompts(ALICE).await.unwrap();
    let names: Vec<_> = list.iter().map(|prompt| prompt.name.as_str()).collect();
    assert_eq!(names, ["", "a.b *>", "größe", "plain"]);
    assert!(kept.here.delete_prompt(ALICE, "plain".to_owned()).await.unwrap());
    assert!(!kept.there.delete_prompt(ALICE, "plain".to_owned()).await.unwrap());
    assert_eq!(text(&*kept.there, "plain").await, None);
}

async fn a_key_has_no_more_prompts_than_it_may(kept: Kept) {
    for number in 0..PROMPTS {
        assert!(matches!(set(&*kept.here, &number.to_string(), "text").await, Placed::Created(_)), "{number}");
    }
    assert_eq!(set(&*kept.there, "one more", "text").await, Placed::Full);
    assert!(matches!(set(&*kept.there, "7", "other").await, Placed::Replaced(_)));
    assert!(kept.there.delete_prompt(ALICE, "7".to_owned()).await.unwrap());
    assert!(matches!(set(&*kept.here, "one more", "text").await, Placed::Created(_)));
    assert_eq!(kept.here.prompts(ALICE).await.unwrap().len(), PROMPTS);
}

async fn all_prompts_together_have_no_more_than_their_room(kept: Kept) {
    let large = "x".repeat(ROOM * 4 / 10);
    set(&*kept.here, "a", &large).await;
    set(&*kept.there, "b", &large).await;
    assert_eq!(set(&*kept.here, "c", &large).await, Placed::NoRoom);
    assert_eq!(text(&*kept.here, "c").await, None);
    kept.here.delete_prompt(ALICE, "a".to_owned()).await.unwrap();
    assert!(matches!(set(&*kept.there, "c", &large).await, Placed::Created(_)));
}

async fn prompts_that_are_set_at_once_are_all_there(kept: Kept) {
    let names: Vec<_> = (10..30).map(|number| number.to_string()).collect();
    let one = |(place, name)| set(if place % 2 == 0 { &*kept.here } else { &*kept.there }, name, name);
    let placed = join_all(names.iter().map(String::as_str).enumerate().map(one)).await;
    assert!(placed.iter().all(|placed| matches!(placed, Placed::Created(_))), "{placed:?}");
    for name in &names {
        assert_eq!(text(&*kept.there, name).await.as_ref(), Some(name));
    }
    assert_eq!(kept.here.prompts(ALICE).await.unwrap().len(), 20);
}

async fn a_prompt_that_is_replaced_by_many_at_once_is_one_of_theirs(kept: Kept) {
    let texts: Vec<_> = (1..=10).map(|size| "x".repeat(size)).collect();
    let one = |(place, text)| set(if place % 2 == 0 { &*kept.here } else { &*kept.there }, "a", text);
    let placed = join_all(texts.iter().map(String::as_str).enumerate().map(one)).await;
    assert_eq!(placed.iter().filter(|placed| matches!(placed, Placed::Created(_))).count(), 1, "{placed:?}");
    let (prompt, text) = kept.here.prompt(ALICE, "a".to_owned()).await.unwrap().unwrap();
    assert_eq!(prompt.size, text.len() as u64);
}

async fn commands_are_kept_replaced_and_forgotten(kept: Kept) {
    for name in ["b", "a"] {
        assert!(kept.here.keep_command(registered(name)).await.unwrap());
    }
    let other = Registered { url: "https://example.org/".to_owned(), secret: None, ..registered("b") };
    assert!(kept.there.keep_command(other).await.unwrap());
    let list = kept.here.registered_commands().await.unwrap();
    let told = |command: &Registered| (command.name.clone(), command.url.clone(), command.secret.is_some());
    let [a, b] = [("a", "https://example.com/", true), ("b", "https://example.org/", false)]
        .map(|(name, url, is_secret)| (name.to_owned(), url.to_owned(), is_secret));
    assert_eq!(list.iter().map(told).collect::<Vec<_>>(), [a, b]);
    assert!(list.iter().all(|command| command.created_by == ALICE && command.definition.contains(&command.name)));
    assert!(kept.there.forget_command("a".to_owned()).await.unwrap());
    assert!(!kept.here.forget_command("a".to_owned()).await.unwrap());
    assert_eq!(names(&*kept.here).await, ["b"]);
}

async fn there_are_no_more_commands_than_there_may_be(kept: Kept) {
    let keep = |number: usize| {
        let store = Arc::clone(if number.is_multiple_of(2) { &kept.here } else { &kept.there });
        // So many at once may take a busy disk longer than one of them waits for it.
        let keep = async move || store.keep_command(registered(&format!("c{number}"))).await.ok();
        async move { eventually("an answer", keep).await }
    };
    let most: Vec<_> = stream::iter(1..MOST_COMMANDS).map(keep).buffer_unordered(8).collect().await;
    assert!(most.iter().all(|is_kept| *is_kept));
    assert!(keep(MOST_COMMANDS).await && !keep(MOST_COMMANDS + 1).await && keep(7).await);
    assert!(kept.here.forget_command("c7".to_owned()).await.unwrap() && keep(MOST_COMMANDS + 1).await);
    assert_eq!(names(&*kept.there).await.len(), MOST_COMMANDS);
}

async fn a_command_is_forgotten_when_its_time_is_over_and_none_that_took_its_place(kept: Kept) {
    let hour = SignedDuration::from_hours(1);
    let end = Clock::stepping(kept.ahead).now() + hour;
    for name in ["brief", "replaced", "long"] {
        let expires_at = (name != "long").then_some(end);
        assert!(kept.here.keep_command(Registered { expires_at, ..registered(name) }).await.unwrap());
    }
    assert!(kept.here.keep_command(registered("replaced")).await.unwrap());
    kept.there.refresh_commands().await.unwrap();
    assert!(!kept.there.refresh_commands().await.unwrap());
    assert_eq!(names(&*kept.here).await, ["brief", "long", "replaced"]);
    kept.step(hour);
    assert!(kept.there.refresh_commands().await.unwrap());
    assert_eq!(names(&*kept.here).await, ["long", "replaced"]);
}

async fn a_deployment_has_one_secret(kept: Kept) {
    let secrets = join_all([kept.here.secret(), kept.there.secret(), kept.here.secret()]).await;
    let secrets: Vec<_> = secrets.into_iter().map(Result::unwrap).collect();
    assert!(secrets[0] == secrets[1] && secrets[0] == secrets[2] && secrets[0] != [0; 32]);
}

#[tokio::test]
async fn a_store_without_its_servers_says_so_in_time_and_is_well_again_with_them() {
    let mut servers = Nats::one().await;
    let store = remote(&servers, Box::leak(Box::default())).await;
    let identity = create(&*store, true).await.unwrap().0;
    let session = session(&*store).await;
    servers.kill(0);
    for _ in 0..2 {
        let in_time = Duration::from_secs(4);
        let read = timeout(in_time, store.session(&session)).await.unwrap();
        assert_eq!(read.unwrap_err().code, Code::StoreUnavailable);
        let written = timeout(in_time, store.set_prompt(ALICE, "a".to_owned(), "b".to_owned())).await.unwrap();
        assert_eq!(written.unwrap_err().code, Code::StoreUnavailable);
        let deleted = timeout(in_time, store.delete_identity(ALICE, Box::new(|_| ()))).await.unwrap();
        assert_eq!(deleted.unwrap_err().code, Code::StoreUnavailable);
    }
    servers.start_again(0);
    servers.wait_until_whole().await;
    let found = eventually("the store", async || store.identity(ALICE).await.ok()).await;
    assert_eq!((found, store.session(&session).await.unwrap()), (Some(identity), Some(ALICE)));
}

#[tokio::test]
async fn what_was_done_is_told_as_done_though_the_word_of_it_was_lost() {
    let servers = Nats::one().await;
    let store = remote(&servers, Box::leak(Box::default())).await;
    let addresses = (0..64).map(|number| Address::from_bytes([number; 20]));
    let create = |address| store.create_identity(address, false, Box::new(|_, _| ()));
    let mut creations = stream::iter(addresses.map(create)).buffer_unordered(64);
    // The others are on their way to the disk.
    let mut created = vec![creations.next().await.unwrap()];
    servers.halt(0);
    // Until each that waits has been sent once more.
    while let Ok(Some(one)) = timeout(Duration::from_secs(1), creations.next()).await {
        created.push(one);
    }
    servers.go_on(0);
    created.extend(creations.collect::<Vec<_>>().await);
    assert_eq!(created.len(), 64);
    for one in created {
        match one {
            Ok(created) => assert!(created.unwrap().1, "it was there already"),
            Err(error) => assert_eq!(error.code, Code::StoreUnavailable),
        }
    }
}

#[tokio::test]
async fn a_cluster_that_loses_the_leader_of_a_bucket_goes_on_and_has_lost_nothing() {
    let mut servers = Nats::three().await;
    let ahead = Box::leak(Box::default());
    let stores = [remote(&servers, ahead).await, remote(&servers, ahead).await];
    let leader = servers.leader("KV_nexus-keys").await;
    let names: Vec<_> = (10..50).map(|number| number.to_string()).collect();
    let writes = stream::iter(names.iter().enumerate()).map(|(place, name)| {
        let store = &stores[place % 2];
        let set = async move || store.set_prompt(ALICE, name.clone(), name.clone()).await.ok();
        async move { eventually("a prompt", set).await }
    });
    let mut writes = writes.buffer_unordered(4);
    for place in 0..names.len() {
        if place == 10 {
            servers.kill(leader);
        }
        assert!(matches!(writes.next().await.unwrap(), Placed::Created(_) | Placed::Replaced(_)));
    }
    for name in &names {
        let read = async || stores[0].prompt(ALICE, name.clone()).await.ok();
        assert_eq!(eventually("an answer", read).await.map(|(_, text)| text).as_ref(), Some(name));
    }
}

#[tokio::test]
async fn another_node_says_too_that_commands_have_changed() {
    let kept = Kept::remote().await;
    let expires_at = Some(Clock::stepping(kept.ahead).now());
    assert!(kept.here.keep_command(Registered { expires_at, ..registered("brief") }).await.unwrap());
    // Both know of it before one of them forgets it.
    kept.step(SignedDuration::from_hours(-1));
    assert!(kept.there.refresh_commands().await.unwrap(), "it has come");
    assert!(!kept.there.refresh_commands().await.unwrap());
    kept.step(SignedDuration::from_hours(1));
    assert!(kept.here.refresh_commands().await.unwrap());
    assert!(kept.there.refresh_commands().await.unwrap());
    assert!(names(&*kept.there).await.is_empty());
}

#[tokio::test]
async fn nothing_is_left_in_the_servers_of_what_was_deleted() {
    let servers = Nats::one().await;
    let (store, bucket) = (remote(&servers, Box::leak(Box::default())).await, connected(&servers).await);
    let count =
        async |bucket: &async_nats::jetstream::kv::Store| bucket.stream.get_info().await.unwrap().state.messages;
    // As a node has left it that died before it named it.
    let left = format!("prompts.{}.{}", "a1".repeat(20), "018f0000000070008000000000000000");
    bucket.lasting().put(left, "{\"text\":\"x\"}".into()).await.unwrap();
    for text in ["one", "two"] {
        set(&*store, "a", text).await;
    }
    assert_eq!(count(bucket.lasting()).await, 2, "a prompt, and what names it");
    assert!(store.keep_command(registered("a")).await.unwrap() && store.forget_command("a".to_owned()).await.unwrap());
    assert!(store.delete_prompt(ALICE, "a".to_owned()).await.unwrap());
    assert_eq!(count(bucket.lasting()).await, 1, "how often commands were changed");
    let session = session(&*store).await;
    ticket(&*store, Some(&session)).await;
    assert_eq!(count(bucket.passing()).await, 3, "a session, a ticket, and who holds them");
    store.end_sessions(ALICE, None, Box::new(|| ())).await.unwrap();
    assert_eq!(count(bucket.passing()).await, 0);
}
