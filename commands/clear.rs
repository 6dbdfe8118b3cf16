//! `/clear`: empties the list of messages on the screen, which only the frontend has.

use nexus::command::prelude::*;

/// Clear the messages on the screen.
#[derive(Deserialize, JsonSchema)]
pub struct Clear {}

impl ClientCommand for Clear {
    const DEFINITION: Definition = Definition {
        examples: &[Example("/clear", "/clear runs in the frontend, not on the server.")],
        ..Definition::client("clear")
    };
}

register!(client Clear);
