//! `/config`: the settings of a key, which its frontends read. A setting is a field of [`Preferences`] and is declared nowhere
//! else.

use nexus::command::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Config {
    /// Show your settings, and what each may be.
    Config,
    /// Replace your settings: what you leave out takes its default again, and without arguments everything does.
    Set(Overrides),
}

/// The settings of a key.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// The colours of the screen; `system` follows the machine.
    theme: Theme,
    /// The language of the screen.
    language: Language,
    /// How many lines a frontend keeps of what was typed.
    history: Int<0, 1000>,
    /// Show results as the JSON that came, not as their renderer would.
    raw_results: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: Language::En,
            history: const { Int::new(500) },
            raw_results: false,
        }
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Theme {
    System,
    Light,
    Dark,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Language {
    En,
    Zh,
}

/// Some of the settings, as they were given.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Overrides(Members);

type Members = serde_json::Map<String, serde_json::Value>;

impl<'de> Deserialize<'de> for Overrides {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        Preferences::deserialize(&members).map_err(serde::de::Error::custom)?;
        Ok(Self(members))
    }
}

impl JsonSchema for Overrides {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Overrides".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Preferences::json_schema(generator)
    }
}

/// The settings of the caller, and what a form for them needs to know.
#[derive(Serialize, JsonSchema)]
pub struct Settings {
    /// What holds: what was set, and the default of everything else.
    effective: Preferences,
    /// What was set.
    overrides: Overrides,
    /// The names of all settings, in the order in which to show them.
    editable_fields: Vec<String>,
    /// What each setting is and may be.
    field_options: std::collections::BTreeMap<String, Field>,
}

impl Command for Config {
    type Output = Settings;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/config", "theme: system (default)\n…")],
        requires_identity: true,
        requires_gui: true,
        endpoint: Some(Endpoint::new(Method::Get, "/api/v1/config")),
        subcommands: &[Subcommand {
            examples: &[
                Example("/config/set --theme dark --history 200", "theme: dark\nlanguage: en (default)\nhistory: 200\n…"),
                Example("/config set --raw-results", "theme: system (default)\n…\nraw_results: true"),
                Example("/config/set", "theme: system (default)\n…"),
            ],
            requires_signature: true,
            endpoint: Some(Endpoint::new(Method::Put, "/api/v1/config")),
            ..Subcommand::named("set")
        }],
        ..Definition::rest("config")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Settings>> {
        let overrides = match self {
            Self::Config => readable(context.preferences().await?),
            Self::Set(Overrides(overrides)) => {
                context.replace_preferences(overrides).await?;
                overrides.clone()
            }
        };
        show(overrides)
    }
}

/// What another version of the program has kept may be no setting any more, or may not be what it was.
fn readable(mut overrides: Members) -> Members {
    overrides.retain(|name, value| {
        let alone = Members::from_iter([(name.clone(), value.clone())]);
        Preferences::deserialize(&alone).is_ok()
    });
    overrides
}

fn show(overrides: Members) -> Result<Reply<Settings>> {
    let effective = Preferences::deserialize(&overrides).map_err(Error::internal)?;
    let fields = fields_of::<Preferences>();
    let values = serde_json::to_value(&effective).map_err(Error::internal)?;
    let line = |(name, _): &(String, Field)| {
        let value = values.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let default = if overrides.contains_key(name) { "" } else { " (default)" };
        format!("{name}: {}{default}", value.unwrap_or_default())
    };
    let message = fields.iter().map(line).collect::<Vec<_>>().join("\n");
    let settings = Settings {
        effective,
        editable_fields: fields.iter().map(|(name, _)| name.clone()).collect(),
        field_options: fields.into_iter().collect(),
        overrides: Overrides(overrides),
    };
    Ok(Reply::new(message, settings))
}

register!(Config);
