//! `/greet`: a command with an argument, an option, and a refusal.

use nexus::command::prelude::*;

use crate::guestbook::Guestbook;

/// Greet somebody, and remember it.
#[derive(Deserialize, JsonSchema)]
pub struct Greet {
    /// Whom.
    name: Text<1, 40>,
    /// In which language.
    #[serde(default)]
    language: Language,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    English,
    Chinese,
}

#[derive(Serialize, JsonSchema)]
pub struct Greeted {
    /// How often this guest was greeted.
    times: u32,
}

impl Command for Greet {
    type Output = Greeted;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/greet Ada", "Hello, Ada!"), Example("/greet Ada --language chinese", "你好，Ada！")],
        ..Definition::rest("greet")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Greeted>> {
        let Some(times) = context.service::<Guestbook>()?.sign(&self.name) else {
            return Err(Error::failed("The guestbook is full.").with_hint("Greet somebody who was here before."));
        };
        let message = match self.language {
            Language::English => format!("Hello, {}!", self.name),
            Language::Chinese => format!("你好，{}！", self.name),
        };
        Ok(Reply::new(message, Greeted { times }))
    }
}

nexus::register!(Greet);
