//! `cargo bench --bench parse`: from the text of a command with three arguments to its typed struct.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on shall stop")]

use divan::{Bencher, black_box};
use nexus::command::grammar::Spoken;
use nexus::command::prelude::*;
use nexus::command::{Registration, Registry, Runnable};

fn main() {
    divan::main();
}

/// Look for something.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the reading is of interest")]
struct Search {
    query: Text<1, 100>,
    limit: Option<Int<1, 100>>,
    #[serde(default)]
    exact: bool,
}

impl Command for Search {
    type Output = ();

    const DEFINITION: Definition =
        Definition { examples: &[Example("/search x", "Done.")], ..Definition::rest("search") };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message("Done."))
    }
}

fn registry() -> Registry {
    Registry::new(&[Registration::server::<Search>("search.rs", "")]).unwrap()
}

fn build(registry: &Registry, text: &str) -> Box<dyn Runnable> {
    let mut spoken = Spoken::parse(text, None).unwrap();
    let form = registry.resolve(&mut spoken).unwrap();
    form.build(spoken.words, spoken.typed).unwrap()
}

#[divan::bench(args = ["/search rust --limit 5 --exact", "/search 'two words' limit:5 --no-exact"])]
fn text_with_three_arguments(bencher: Bencher<'_, '_>, text: &str) {
    let registry = registry();
    bencher.bench_local(|| build(&registry, black_box(text)));
}
