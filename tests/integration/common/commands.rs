//! Commands that only the tests have, registered from this binary as another package would.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use nexus::command::prelude::*;
use tokio::sync::Notify;

/// What happened, by the token that the test gave.
static JOURNAL: LazyLock<Mutex<HashMap<String, Vec<&'static str>>>> = LazyLock::new(Mutex::default);
static CHANGED: Notify = Notify::const_new();

fn note(token: &str, what: &'static str) {
    JOURNAL.lock().unwrap().entry(token.to_owned()).or_default().push(what);
    CHANGED.notify_waiters();
}

pub fn journal(token: &str) -> Vec<&'static str> {
    JOURNAL.lock().unwrap().get(token).cloned().unwrap_or_default()
}

/// Waits until `what` has happened.
pub async fn happened(token: &str, what: &'static str) {
    let wait = async {
        loop {
            let changed = CHANGED.notified();
            if journal(token).contains(&what) {
                return;
            }
            changed.await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it happens within the bound");
}

/// Misbehave in one of several ways.
#[derive(Deserialize, JsonSchema)]
pub struct Misbehave {
    how: How,
    token: Text<1, 40>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum How {
    NotAtAll,
    FailInInit,
    FailInRun,
    FailInCleanup,
    PanicInInit,
    PanicInRun,
    PanicInCleanup,
    HangInCleanup,
    FloodInError,
    SayNothing,
    FailSayingNothing,
    Demand,
    Hang,
    Block,
    Flood,
}

impl Command for Misbehave {
    type Output = String;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/misbehave not-at-all x", "well behaved")],
        timeout: Duration::from_millis(500),
        renderer: Some("markdown"),
        deprecated: true,
        ..Definition::rest("misbehave")
    };

    async fn init(&mut self, _context: &Context) -> Result<()> {
        note(&self.token, "init");
        match self.how {
            How::FailInInit => Err(Error::failed("init refuses")),
            How::PanicInInit => panic!("secret of init"),
            _ => Ok(()),
        }
    }

    async fn run(&mut self, context: &Context) -> Result<Reply<String>> {
        note(&self.token, "run");
        tracing::info!("{} misbehaves", &*self.token);
        match self.how {
            How::FailInRun => return Err(Error::failed("run refuses").with_hint("ask nicely")),
            How::PanicInRun => panic!("secret of run"),
            How::FloodInError => return Err(Error::failed("x".repeat(10 << 20))),
            How::SayNothing => return Ok(Reply::new("", String::new())),
            How::FailSayingNothing => return Err(Error::failed("")),
            How::Demand => drop(context.caller()?),
            How::Hang => pending().await,
            How::Block => std::thread::sleep(Duration::from_secs(3)),
            How::Flood => return Ok(Reply::new("big", "x".repeat(256 * 1024))),
            _ => {}
        }
        note(&self.token, "ran");
        Ok(Reply::new("well behaved", "data".to_owned()))
    }

    async fn cleanup(&mut self, _context: &Context) -> Result<()> {
        note(&self.token, "cleanup");
        match self.how {
            How::FailInCleanup => Err(Error::failed("cleanup refuses")),
            How::PanicInCleanup => panic!("secret of cleanup"),
            How::HangInCleanup => pending().await,
            _ => Ok(()),
        }
    }
}

nexus::register!(Misbehave);

/// Panic while the arguments are read.
#[derive(JsonSchema)]
pub struct Trap {}

impl<'de> Deserialize<'de> for Trap {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("secret of the arguments")
    }
}

impl Command for Trap {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/trap", "Something went wrong on the server.")], ..Definition::rest("trap") };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message("never"))
    }
}

nexus::register!(Trap);

/// Hold on until the test lets go.
#[derive(Deserialize, JsonSchema)]
pub struct Hold {
    token: Text<1, 40>,
}

impl Command for Hold {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/hold released", "let go")], ..Definition::rest("hold") };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        note(&self.token, "held");
        if &*self.token != "released" {
            happened(&self.token, "let go").await;
        }
        note(&self.token, "ended");
        Ok(Reply::message("let go"))
    }
}

nexus::register!(Hold);

pub fn let_go(token: &str) {
    note(token, "let go");
}

/// Take arguments of every kind.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct Kinds {
    /// A word.
    first: Text<1, 20>,
    /// The rest.
    rest: String,
    /// A whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u8>,
    /// Any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// A switch.
    #[serde(default)]
    dry_run: bool,
    /// One of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    colour: Option<Colour>,
    /// As many as you like.
    #[serde(default)]
    tag: Vec<Text<1, 10>>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

impl Command for Kinds {
    type Output = serde_json::Value;

    const DEFINITION: Definition = Definition {
        aliases: &["all-kinds"],
        examples: &[Example("/kinds a b c", "taken")],
        ..Definition::rest("kinds")
    };

    async fn run(&mut self, _context: &Context) -> Result<Reply<serde_json::Value>> {
        Ok(Reply::new("taken", serde_json::to_value(self).map_err(Error::internal)?))
    }
}

nexus::register!(Kinds);

/// Need a proven address.
#[derive(Deserialize, JsonSchema)]
pub struct Members {}

impl Command for Members {
    type Output = ();

    const DEFINITION: Definition = Definition {
        examples: &[Example("/members", "come in")],
        requires_identity: true,
        ..Definition::rest("members")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<()>> {
        context.caller()?;
        Ok(Reply::message("come in"))
    }
}

nexus::register!(Members);

/// Go on until cancelled, in one of several ways.
#[derive(Deserialize, JsonSchema)]
pub struct Linger {
    way: Way,
    token: Text<1, 40>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Way {
    NotAtAll,
    Heedless,
    Heeding,
    Stubborn,
    Blocking,
    InInit,
    UntilDraining,
}

impl Command for Linger {
    type Output = ();

    const DEFINITION: Definition = Definition {
        examples: &[Example("/linger not-at-all x", "ended by itself")],
        timeout: Duration::from_mins(1),
        ..Definition::rest("linger")
    };

    async fn init(&mut self, context: &Context) -> Result<()> {
        note(&self.token, "init");
        if self.way == Way::InInit {
            context.wait(Duration::from_mins(1)).await?;
        }
        Ok(())
    }

    async fn run(&mut self, context: &Context) -> Result<Reply<()>> {
        note(&self.token, "run");
        match self.way {
            Way::NotAtAll | Way::InInit => {}
            Way::Heedless => pending::<()>().await,
            Way::Heeding => context.cancelled().await,
            Way::UntilDraining => context.draining().await,
            Way::Stubborn => {
                context.cancelled().await;
                note(&self.token, "told");
                pending::<()>().await;
            }
            Way::Blocking => std::thread::sleep(Duration::from_secs(3)),
        }
        Ok(Reply::message("ended by itself"))
    }

    async fn cleanup(&mut self, _context: &Context) -> Result<()> {
        note(&self.token, "cleanup");
        Ok(())
    }
}

nexus::register!(Linger);

/// Be asked for seldom.
#[derive(Deserialize, JsonSchema)]
pub struct Seldom {}

impl Command for Seldom {
    type Output = ();

    const DEFINITION: Definition = Definition {
        examples: &[Example("/seldom", "at last")],
        cooldown: Duration::from_hours(1),
        ..Definition::rest("seldom")
    };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message("at last"))
    }
}

nexus::register!(Seldom);

/// Tell progress many times over.
#[derive(Deserialize, JsonSchema)]
pub struct Natter {
    /// How many times.
    times: Int<0, 100_000>,
    /// How many bytes of data to tell each time.
    #[serde(default)]
    bytes: Option<Int<0, 1_000_000>>,
    /// What to wait for in the end.
    token: Option<Text<1, 40>>,
}

impl Command for Natter {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/natter 3", "told 3 times")], ..Definition::rest("natter") };

    async fn run(&mut self, context: &Context) -> Result<Reply<()>> {
        let times = self.times.get().unsigned_abs();
        for current in 1..=times {
            let mut progress = Progress::new(current).of(times).in_units("words").with_message("still talking");
            if let Some(bytes) = self.bytes {
                progress = progress.with_data(&"x".repeat(usize::try_from(bytes.get()).unwrap()))?;
            }
            context.progress(progress);
            tokio::task::yield_now().await;
        }
        if let Some(token) = &self.token {
            note(token, "told");
            happened(token, "let go").await;
        }
        Ok(Reply::message(format!("told {times} times")))
    }
}

nexus::register!(Natter);

/// Export numbers under good names and bad ones.
#[derive(Deserialize, JsonSchema)]
pub struct Numbers {
    token: Text<1, 40>,
}

impl Command for Numbers {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/numbers released", "counted")], ..Definition::rest("numbers") };

    async fn run(&mut self, context: &Context) -> Result<Reply<()>> {
        for name in ["nexus_streams_open", "other", "nexus_a b", "nexus_\n", "nexus_good_things"] {
            context.gauge(name, "Things", 7.0);
        }
        context.gauge("nexus_two_lines", "One\nTwo", 7.0);
        note(&self.token, "counted");
        if &*self.token != "released" {
            happened(&self.token, "let go").await;
        }
        Ok(Reply::message("counted"))
    }
}

nexus::register!(Numbers);

/// Count that it was run.
#[derive(Deserialize, JsonSchema)]
pub struct Count {
    token: Text<1, 40>,
}

impl Command for Count {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/count once", "counted")], ..Definition::rest("count") };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        note(&self.token, "counted");
        Ok(Reply::message("counted"))
    }
}

nexus::register!(Count);

/// Greet members, and admins in another way.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Greeting {
    /// Greet a member.
    Club,
    /// Greet an admin.
    Board,
    /// Greet anybody.
    Door,
}

impl Command for Greeting {
    type Output = ();

    const DEFINITION: Definition = Definition {
        examples: &[Example("/club", "…")],
        requires_identity: true,
        requires_role: Some(Role::Member),
        subcommands: &[
            Subcommand {
                examples: &[Example("/club/board", "…")],
                requires_signature: true,
                requires_role: Some(Role::Admin),
                ..Subcommand::named("board")
            },
            Subcommand { examples: &[Example("/club/door", "welcome to the door")], ..Subcommand::named("door") },
        ],
        ..Definition::rest("club")
    };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message(match self {
            Self::Club => "welcome, member",
            Self::Board => "welcome, admin",
            Self::Door => "welcome to the door",
        }))
    }
}

nexus::register!(Greeting);

/// Need an environment variable.
#[derive(Deserialize, JsonSchema)]
pub struct Needy {
    variable: Text<1, 100>,
    #[serde(skip)]
    value: String,
}

impl Command for Needy {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/needy PATH", "PATH is …")], ..Definition::rest("needy") };

    async fn init(&mut self, context: &Context) -> Result<()> {
        self.value = context.variable(&self.variable)?;
        Ok(())
    }

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        note(&self.variable, "ran");
        Ok(Reply::message(format!("{} is {}", &*self.variable, self.value)))
    }
}

nexus::register!(Needy);
