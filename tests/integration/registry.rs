//! How commands become known, and which are refused.

use std::fs;

use nexus::command::prelude::*;
use nexus::command::{Registration, Registry};
use tempfile::TempDir;

use crate::common::project;

#[expect(clippy::print_stdout, dead_code, reason = "cargo calls the rest, and reads what it prints")]
#[path = "../../build.rs"]
mod build;

/// A command of whatever definition, which takes nothing.
macro_rules! command {
    ($type:ident, $definition:expr) => {
        /// Do nothing.
        #[derive(Deserialize, JsonSchema)]
        struct $type {}

        impl ClientCommand for $type {
            const DEFINITION: Definition = $definition;
        }
    };
}

/// The complaints about commands that stand in these files.
fn complaints(commands: &[Registration]) -> String {
    Registry::new(commands).expect_err("these commands are refused").to_string()
}

fn file<C: ClientCommand>(file: &'static str) -> Registration {
    Registration::client::<C>(file, "/somewhere")
}

#[test]
fn two_commands_of_one_name_are_refused_with_both_files() {
    command!(One, Definition { examples: &[Example("/one", "")], ..Definition::client("one") });
    let said = complaints(&[file::<One>("/somewhere/commands/a.rs"), file::<One>("/somewhere/commands/b.rs")]);
    assert!(said.contains("commands/a.rs and commands/b.rs: both define `one`"), "{said}");
}

#[test]
fn an_alias_that_is_taken_is_refused_with_both_files() {
    command!(One, Definition { examples: &[Example("/one", "")], aliases: &["x"], ..Definition::client("one") });
    command!(Two, Definition { examples: &[Example("/two", "")], aliases: &["one"], ..Definition::client("two") });
    command!(Three, Definition { examples: &[Example("/three", "")], aliases: &["x"], ..Definition::client("three") });
    let said = complaints(&[file::<One>("a.rs"), file::<Two>("b.rs"), file::<Three>("c.rs")]);
    assert!(
        said.contains("a.rs and b.rs: both define `one`") || said.contains("b.rs and a.rs: both define `one`"),
        "{said}"
    );
    assert!(said.contains("both define `x`"), "{said}");
}

#[test]
fn reserved_names_are_refused_with_the_file() {
    macro_rules! check {
        ($($type:ident $name:literal)*) => {$({
            command!($type, Definition { examples: &[Example(concat!("/", $name), "")], ..Definition::client($name) });
            let said = complaints(&[file::<$type>(concat!($name, ".rs"))]);
            assert!(said.contains(concat!($name, ".rs: `", $name, "` is reserved")), "{said}");
        })*};
    }
    check!(A "serve" B "keys" C "sign" D "verify" E "watch" F "openapi" G "doctor" H "bus" I "completions" J "man");
    check!(K "get" L "head" M "post" N "put" O "patch" P "delete" Q "options" R "trace" S "connect");
    command!(
        Alias,
        Definition { examples: &[Example("/fine", "")], aliases: &["serve"], ..Definition::client("fine") }
    );
    assert!(complaints(&[file::<Alias>("fine.rs")]).contains("fine.rs: `serve` is reserved"));
}

#[test]
fn malformed_definitions_are_refused_with_the_file_and_all_that_is_wrong() {
    command!(Upper, Definition { examples: &[Example("/Upper", "")], ..Definition::client("Upper") });
    command!(Digit, Definition { examples: &[Example("/1st", "")], ..Definition::client("1st") });
    command!(Slash, Definition { examples: &[Example("/a/b", "")], ..Definition::client("a/b") });
    command!(
        Long,
        Definition { examples: &[Example("/a", "")], ..Definition::client("a23456789012345678901234567890123") }
    );
    command!(Bare, Definition::client("bare"));
    command!(Stray, Definition { examples: &[Example("/other", "")], ..Definition::client("stray") });
    command!(
        Hasty,
        Definition {
            examples: &[Example("/hasty", "")],
            timeout: std::time::Duration::ZERO,
            ..Definition::client("hasty")
        }
    );
    command!(
        Endless,
        Definition {
            examples: &[Example("/endless", "")],
            timeout: std::time::Duration::MAX,
            aliases: &["endless"],
            ..Definition::client("endless")
        }
    );
    command!(
        Enumless,
        Definition {
            examples: &[Example("/enumless", "")],
            subcommands: &[Subcommand::named("sub")],
            ..Definition::client("enumless")
        }
    );
    let commands = [
        file::<Upper>("upper.rs"),
        file::<Digit>("digit.rs"),
        file::<Slash>("slash.rs"),
        file::<Long>("long.rs"),
        file::<Bare>("bare.rs"),
        file::<Stray>("stray.rs"),
        file::<Hasty>("hasty.rs"),
        file::<Endless>("endless.rs"),
        file::<Enumless>("enumless.rs"),
    ];
    let said = complaints(&commands);
    for expected in [
        "upper.rs: `Upper` is no name",
        "digit.rs: `1st` is no name",
        "slash.rs: `a/b` is no name",
        "long.rs: `a23456789012345678901234567890123` is no name",
        "bare.rs: /bare has no example",
        "stray.rs: /stray has the example `/other`, which does not begin with it",
        "hasty.rs: `hasty` has a timeout of nothing",
        "endless.rs: `endless` has a timeout of nothing or of more than a day",
        "endless.rs: `endless` is an alias of itself",
        "enumless.rs: declares the subcommand `sub` and is no enum",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in {said}");
    }
}

#[test]
fn a_type_that_words_cannot_express_is_refused_with_the_argument() {
    /// Take too much.
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema is of interest")]
    struct TooMuch {
        map: std::collections::BTreeMap<String, String>,
        lists: Vec<Vec<String>>,
        anything: serde_json::Value,
        #[schemars(regex(pattern = "^x$"))]
        pattern: String,
        either: Either,
    }
    #[derive(Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only the schema is of interest")]
    enum Either {
        Text(String),
        Number(f64),
    }
    impl ClientCommand for TooMuch {
        const DEFINITION: Definition =
            Definition { examples: &[Example("/too-much", "")], ..Definition::client("too-much") };
    }
    let said = complaints(&[file::<TooMuch>("too-much.rs")]);
    for expected in [
        "the argument `map`, which is an object",
        "the argument `lists`, which is a list of lists",
        "the argument `anything`, which",
        "the argument `pattern`, which uses `pattern`",
        "the argument `either`, which is of no single type",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in {said}");
    }
}

#[test]
fn names_are_in_kebab_case_and_services_are_called_so() {
    for (name, said) in [
        ("two--hyphens", "`two--hyphens` is no name; a name is words of [a-z0-9] with one hyphen between them"),
        ("last-", "`last-` is no name"),
        ("under_score", "`under_score` is no name"),
        ("watch-service", "`watch-service`: a service, and nothing else, is called `…-service`"),
    ] {
        command!(Named, Definition::client("named"));
        let mut registration = file::<Named>("named.rs");
        registration.definition.name = name;
        assert!(complaints(&[registration]).contains(said), "{name}");
    }
    command!(Endless, Definition { examples: &[Example("/endless", "")], ..Definition::service("endless") });
    assert!(complaints(&[file::<Endless>("endless.rs")]).contains("`endless`: a service"));
}

#[test]
fn a_file_of_the_folder_is_called_like_its_command_and_a_renderer_is_a_name() {
    command!(
        One,
        Definition { examples: &[Example("/one", "")], renderer: Some("Fancy Table"), ..Definition::client("one") }
    );
    let said = complaints(&[file::<One>("/somewhere/commands/two.rs")]);
    assert!(said.contains("commands/two.rs: `one` is defined in it; a file in commands/ is called like"), "{said}");
    assert!(said.contains("`Fancy Table` is no name of a renderer"), "{said}");
}

#[test]
fn arguments_have_names_that_words_can_say() {
    /// Take oddly named things.
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only the schema is of interest")]
    struct Odd {
        #[serde(rename = "two words")]
        two_words: String,
        #[serde(rename = "dry-run")]
        hyphen: bool,
        dry_run: bool,
    }
    impl ClientCommand for Odd {
        const DEFINITION: Definition = Definition { examples: &[Example("/odd", "")], ..Definition::client("odd") };
    }
    let said = complaints(&[file::<Odd>("odd.rs")]);
    assert!(said.contains("the argument `two words`, which words cannot name"), "{said}");
    assert!(said.contains("the arguments `dry-run` and `dry_run`, which words cannot tell apart"), "{said}");
}

/// Stand at an endpoint.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is of interest")]
struct Placed {
    name: String,
    size: Option<u8>,
}

impl Command for Placed {
    type Output = ();

    const DEFINITION: Definition = Definition { examples: &[Example("/placed x", "")], ..Definition::rest("placed") };

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message("here"))
    }
}

fn at(name: &'static str, method: Method, path: &'static str) -> Registration {
    let mut registration = Registration::server::<Placed>("placed.rs", "");
    registration.definition.name = name;
    registration.definition.examples = vec![Example(format!("/{name} x").leak(), "")].leak();
    registration.definition.endpoint = Some(Endpoint::new(method, path));
    registration
}

#[test]
fn an_endpoint_has_a_place_that_is_free_and_names_arguments_that_are_there() {
    for (path, said) in [
        ("/placed", "one begins with /api/v1/ and a word that is free"),
        ("/api/v1/", "one begins with"),
        ("/api/v1/commands/x", "one begins with"),
        ("/api/v1/runs", "one begins with"),
        ("/api/v1/{name}", "one begins with"),
        ("/api/v1/placed/Up", "`Up` is no word"),
        ("/api/v1/placed/{*name}", "no required argument `*name`"),
        ("/api/v1/placed/{other}", "no required argument `other`"),
        ("/api/v1/placed/{size}", "no required argument `size`"),
    ] {
        let said_of = complaints(&[at("placed", Method::Get, path)]);
        assert!(said_of.contains(said), "{path}: {said_of}");
    }
    Registry::new(&[at("placed", Method::Get, "/api/v1/placed/{name}")]).unwrap();
    Registry::new(&[at("a", Method::Get, "/api/v1/placed"), at("b", Method::Put, "/api/v1/placed")]).unwrap();
    let twice = complaints(&[at("a", Method::Get, "/api/v1/placed"), at("b", Method::Get, "/api/v1/placed")]);
    assert!(twice.contains("both have the endpoint GET /api/v1/placed"), "{twice}");

    let mut client = file::<Clear>("clear.rs");
    client.definition.endpoint = Some(Endpoint::new(Method::Get, "/api/v1/clear"));
    assert!(complaints(&[client]).contains("/clear has an endpoint of its own and runs in the frontend"));
}

command!(Clear, Definition { examples: &[Example("/clear", "")], ..Definition::client("clear") });

#[test]
fn an_enum_and_its_declaration_must_name_the_same_subcommands() {
    /// Be several.
    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    #[expect(dead_code, reason = "only the schema is of interest")]
    enum Several {
        /// Undeclared.
        Undeclared,
        /// Declared.
        Declared { argument: String },
    }
    impl ClientCommand for Several {
        const DEFINITION: Definition = Definition {
            examples: &[Example("/several", "")],
            subcommands: &[
                Subcommand { examples: &[Example("/several declared x", "")], ..Subcommand::named("declared") },
                Subcommand::named("missing"),
            ],
            ..Definition::client("several")
        };
    }
    let said = complaints(&[file::<Several>("several.rs")]);
    for expected in [
        "has the variant `undeclared` and no Subcommand::named(\"undeclared\")",
        "declares the subcommand `missing` and has no such variant",
        "has no usable variant `several`, which would be the bare command",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in {said}");
    }
    assert!(!said.contains("does not begin"), "a subcommand may be said with a blank: {said}");
}

#[test]
fn every_file_in_commands_is_registered_under_its_name() {
    let registry = Registry::discover().unwrap();
    for file in fs::read_dir(project("commands")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let entry = registry.entry(name).unwrap_or_else(|_| panic!("{} registers no command", path.display()));
        assert_eq!((&*entry.name, entry.source.as_str()), (name, format!("commands/{name}.rs").as_str()));
    }
}

/// What the build makes of a folder with these files.
fn built(files: &[(&str, &str)]) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    build::modules(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn a_file_that_cannot_be_a_command_stops_the_build_by_its_name() {
    for (name, text, fault) in [
        ("greet.rs", "pub struct Greet;", "commands/greet.rs: nothing in it is registered; end it with `register!("),
        ("Greet.rs", "register!(Greet);", "commands/Greet.rs: a command's file has a name of a-z"),
        ("2nd.rs", "register!(Second);", "commands/2nd.rs: a command's file has a name"),
    ] {
        let said = built(&[("good.rs", "register!(Good);"), (name, text)]).unwrap_err();
        assert!(said.contains(fault), "{said}");
    }
    let alike = built(&[("a-b.rs", "register!(A);"), ("a_b.rs", "register!(B);")]).unwrap_err();
    assert!(alike.contains("differs from it by - and _ only"), "{alike}");
}

#[test]
fn a_file_with_a_command_is_built_under_a_name_that_is_no_keyword() {
    let modules = built(&[("my-loop.rs", "register!(Loop);"), ("notes.md", "nothing")]).unwrap();
    assert!(modules.ends_with("/my-loop.rs\"]\nmod command_my_loop;\n"), "{modules}");
    assert_eq!(modules.matches("mod ").count(), 1);
}
