//! `/theme`: the colours on the screen, which only the frontend has.

use nexus::command::prelude::*;

/// Choose the colours of the screen.
#[derive(Deserialize, JsonSchema)]
pub struct Theme {
    /// The colours; `system` follows the machine.
    #[serde(rename = "mode")]
    _mode: Mode,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Light,
    Dark,
    System,
}

impl ClientCommand for Theme {
    const DEFINITION: Definition = Definition {
        examples: &[Example("/theme dark", "/theme runs in the frontend, not on the server.")],
        ..Definition::client("theme")
    };
}

register!(client Theme);
