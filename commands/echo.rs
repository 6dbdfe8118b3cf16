//! `/echo`: gives back what it is given. The command to copy when you write one.

use nexus::command::prelude::*;

/// Say a text back, once or several times.
#[derive(Deserialize, JsonSchema)]
pub struct Echo {
    /// What to say.
    text: Text<1, 1000>,
    /// How many times to say it.
    #[serde(default = "once")]
    times: Int<1, 10>,
}

fn once() -> Int<1, 10> {
    const { Int::new(1) }
}

#[derive(Serialize, JsonSchema)]
pub struct Echoed {
    /// The text, as often as it was asked for.
    lines: Vec<String>,
}

impl Command for Echo {
    type Output = Echoed;

    const DEFINITION: Definition = Definition {
        examples: &[
            Example("/echo hello", "hello"),
            Example("/echo good morning --times 2", "good morning good morning"),
            Example("/echo times:3 'ho  ho'", "ho  ho ho  ho ho  ho"),
        ],
        ..Definition::rest("echo")
    };

    async fn run(&mut self, _context: &Context) -> Result<Reply<Echoed>> {
        let lines: Vec<String> = (0..self.times.get()).map(|_| self.text.to_string()).collect();
        Ok(Reply::new(lines.join(" "), Echoed { lines }))
    }
}

register!(Echo);
