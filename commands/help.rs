//! `/help`: what there is. A frontend answers it from its own list; whoever calls the server gets the server's.

use nexus::command::prelude::*;

/// List the commands that are available.
#[derive(Deserialize, JsonSchema)]
pub struct Help {}

#[derive(Serialize, JsonSchema)]
pub struct Commands {
    /// The definitions, as `GET /api/v1/commands` gives them.
    commands: Vec<Data>,
}

impl Command for Help {
    type Output = Commands;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/help", "/clear  Clear the messages on the screen.\n…")],
        replay_safe: true,
        ..Definition::client("help")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Commands>> {
        let commands = context.commands();
        let mut lines = Vec::new();
        for command in &commands {
            lines.extend(command.forms().map(|form| format!("{}  {}", form.usage, form.description)));
        }
        let commands = commands.iter().map(|command| command.document.json.clone()).collect();
        Ok(Reply::new(lines.join("\n"), Commands { commands }))
    }
}

register!(Help);
