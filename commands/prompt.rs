//! `/prompt`: texts that a key keeps under names, for whatever its frontends begin with them.

use nexus::command::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Prompts {
    /// List your prompts.
    Prompt,
    /// Create or replace a prompt.
    Set {
        /// What it is called.
        name: Name,
        /// What it says.
        text: Text<1, 16_000>,
    },
    /// Show a prompt.
    Show {
        /// What it is called.
        name: Name,
    },
    /// Delete a prompt.
    Delete {
        /// What it is called.
        name: Name,
    },
}

type Name = Slug<64>;

/// A prompt, without its text.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    name: String,
    /// How many characters its text has (Unicode code points).
    size: u64,
    /// When it was set (RFC 3339).
    changed_at: String,
}

impl Row {
    fn of(prompt: Prompt) -> Self {
        Self { name: prompt.name, size: prompt.size, changed_at: format!("{:.3}", prompt.changed_at) }
    }
}

/// What of this was asked for.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// The prompts, in the order of their names.
    List { prompts: Vec<Row> },
    /// A prompt.
    Shown {
        #[serde(flatten)]
        row: Row,
        text: String,
    },
    /// What was set.
    Placed {
        #[serde(flatten)]
        row: Row,
        /// Whether there was none of this name before.
        is_new: bool,
    },
    /// What was deleted.
    Deleted { name: String },
}

impl Command for Prompts {
    type Output = Answer;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/prompt", "…")],
        requires_identity: true,
        requires_gui: true,
        renderer: Some("table"),
        endpoint: Some(Endpoint::new(Method::Get, "/api/v1/prompt")),
        subcommands: &[
            Subcommand {
                examples: &[
                    Example("/prompt/set tone Be brief and say why.", "Prompt created: tone"),
                    Example("/prompt set tone 'Be brief.'", "Prompt replaced: tone"),
                ],
                requires_signature: true,
                endpoint: Some(Endpoint::new(Method::Put, "/api/v1/prompt/{name}")),
                ..Subcommand::named("set")
            },
            Subcommand {
                examples: &[Example("/prompt/show tone", "Be brief.")],
                requires_identity: true,
                endpoint: Some(Endpoint::new(Method::Get, "/api/v1/prompt/{name}")),
                ..Subcommand::named("show")
            },
            Subcommand {
                examples: &[Example("/prompt/delete tone", "Prompt deleted: tone")],
                requires_signature: true,
                endpoint: Some(Endpoint::new(Method::Delete, "/api/v1/prompt/{name}")),
                ..Subcommand::named("delete")
            },
        ],
        ..Definition::rest("prompt")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Answer>> {
        match self {
            Self::Prompt => list(context).await,
            Self::Set { name, text } => set(context, name, text).await,
            Self::Show { name } => match context.prompt(name).await? {
                Some((prompt, text)) => Ok(Reply::new(text.clone(), Answer::Shown { row: Row::of(prompt), text })),
                None => Err(missing(context, name).await),
            },
            Self::Delete { name } if context.delete_prompt(name).await? => {
                Ok(Reply::new(format!("Prompt deleted: {name}"), Answer::Deleted { name: name.to_string() }))
            }
            Self::Delete { name } => Err(missing(context, name).await),
        }
    }
}

async fn list(context: &Context) -> Result<Reply<Answer>> {
    let prompts: Vec<_> = context.prompts().await?.into_iter().map(Row::of).collect();
    let line = |row: &Row| format!("{}  {} characters  {}", row.name, row.size, row.changed_at);
    let message = match prompts.as_slice() {
        [] => "You have no prompts.".to_owned(),
        prompts => prompts.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    Ok(Reply::new(message, Answer::List { prompts }))
}

async fn set(context: &Context, name: &Name, text: &str) -> Result<Reply<Answer>> {
    let (done, is_new, prompt) = match context.set_prompt(name, text).await? {
        Placed::Created(prompt) => ("created", true, prompt),
        Placed::Replaced(prompt) => ("replaced", false, prompt),
        Placed::Full => {
            return Err(Error::failed(format!("You have {PROMPTS} prompts, and there may not be more."))
                .with_hint("Delete one that you need no longer: /prompt/delete <name>."));
        }
        Placed::NoRoom => {
            return Err(Error::new(Code::Overloaded, "The server keeps as many prompts as it can.")
                .with_hint("Its operator allows them so many bytes in all: NEXUS_MAX_PROMPT_BYTES."));
        }
    };
    Ok(Reply::new(format!("Prompt {done}: {name}"), Answer::Placed { row: Row::of(prompt), is_new }))
}

/// That there is none of this name, and which may have been meant.
async fn missing(context: &Context, name: &Name) -> Error {
    let prompts = match context.prompts().await {
        Ok(prompts) => prompts,
        Err(error) => return error,
    };
    let nearest = did_you_mean(name, prompts.iter().map(|prompt| prompt.name.as_str()), "");
    Error::not_found(format!("You have no prompt {name}."))
        .with_hint(nearest.unwrap_or_else(|| "/prompt lists those that you have.".to_owned()))
}

register!(Prompts);
