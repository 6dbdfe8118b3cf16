//! What a definition must keep to, whoever hands it in; each rule has its sentence.

use std::collections::{HashMap, HashSet};

use tokio::sync::Semaphore;

use super::declared::{Declared, Saying};
use super::definition::{Definition, Endpoint, Handler, Role, SERVICE};
use super::entry::Source;
use super::form::Form;

/// Names that the terminal keeps for itself.
const RESERVED: [&str; 21] = [
    "serve",
    "keys",
    "sign",
    "verify",
    "watch",
    "openapi",
    "doctor",
    "bus",
    "completions",
    "man",
    // And those that stand beside the names in the paths of the API.
    "execute",
    "batch",
    // A signature over `GET /api/v1/runs` must not be one over a command.
    "connect",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "trace",
];

/// Where the endpoints of commands stand, and what stands there already.
const ROOT: &str = "/api/v1/";
const TAKEN: [&str; 7] = ["auth", "commands", "docs", "health", "openapi.json", "runs", "stream"];

/// All that is wrong with a declaration by itself.
pub(super) fn faults_of(declared: &Declared, source: Source) -> Vec<String> {
    let mut faults = Vec::new();
    let name = declared.name();
    for name in [name].into_iter().chain(declared.aliases.iter().map(|alias| &**alias)) {
        if !is_name(name) {
            faults.push(format!("`{name}` is no name; {NAME}."));
        }
        if RESERVED.contains(&name) {
            faults.push(format!("`{name}` is reserved for the terminal or the API."));
        }
    }
    if declared.aliases.iter().any(|alias| alias == name) {
        faults.push(format!("`{name}` is an alias of itself."));
    }
    let mut seen = HashSet::new();
    for alias in declared.aliases.iter().filter(|alias| !seen.insert(&***alias)) {
        faults.push(format!("the alias `{alias}` is declared twice."));
    }
    let mut seen = HashSet::from([name]);
    for Saying { name, .. } in &declared.subcommands {
        if !seen.insert(name) {
            faults.push(format!("the subcommand `{name}` is declared twice or called like the command."));
        }
        if !is_name(name) {
            faults.push(format!("`{name}` is no name of a subcommand; {NAME}."));
        }
    }
    faults.extend(declared.sayings().flat_map(|saying| faults_of_saying(declared, saying, source)));
    if declared.timeout.is_zero() || declared.timeout > Definition::LONGEST_TIMEOUT {
        faults.push(format!("`{name}` has a timeout of nothing or of more than a day."));
    }
    if declared.is_service != name.ends_with(SERVICE) {
        faults.push(format!("`{name}`: a service, and nothing else, is called `…{SERVICE}`."));
    }
    if declared.at_once.is_some_and(|places| !(1..=Semaphore::MAX_PERMITS).contains(&places)) {
        faults.push(format!("`{name}` may not run even once at a time."));
    }
    if declared.cooldown > Definition::LONGEST_TIMEOUT {
        faults.push(format!("`{name}` has a cooldown of more than a day."));
    }
    if let Some(renderer) = declared.renderer.as_ref().filter(|renderer| !is_name(renderer)) {
        faults.push(format!("`{renderer}` is no name of a renderer; {NAME}."));
    }
    faults
}

fn faults_of_saying(declared: &Declared, saying: &Saying, source: Source) -> Vec<String> {
    let (path, mut faults) = (declared.path(saying), Vec::new());
    if saying.description.trim().is_empty() {
        faults.push(match source {
            Source::File(_) => format!("{path} has no description; of a type that is its doc comment."),
            Source::Elsewhere => format!("{path} has no description; `description` says in a sentence what it does."),
        });
    }
    if saying.examples.is_empty() {
        faults.push(format!("{path} has no example."));
    }
    // `/identity delete` says the same as `/identity/delete`.
    let spoken = |text: &str| text.replace('/', " ");
    for example in &saying.examples {
        let rest = spoken(example).strip_prefix(&spoken(&path)).map(str::to_owned);
        if rest.is_none_or(|rest| !rest.is_empty() && !rest.starts_with(' ')) {
            faults.push(format!("{path} has the example `{example}`, which does not begin with it."));
        }
    }
    let demands = saying.demands;
    if demands.requires_role.is_some() && !demands.want_proof() {
        faults.push(format!("{path} requires a role of a caller who need not prove an address."));
    }
    if demands.requires_role == Some(Role::Visitor) {
        faults.push(format!("{path} requires its caller to be a visitor; leave the role out."));
    }
    if saying.endpoint.is_some() && declared.handler == Handler::Client {
        faults.push(format!("{path} has an endpoint of its own and runs in the frontend."));
    }
    faults
}

/// What is wrong with the endpoint of a form: it names its arguments.
pub(super) fn faults_of_endpoint(form: &Form, endpoint: Endpoint) -> Vec<String> {
    let (path, mut faults) = (&form.path, Vec::new());
    let mut segments = endpoint.path.strip_prefix(ROOT).unwrap_or_default().split('/');
    let first = segments.next().unwrap_or_default();
    if !is_name(first) || TAKEN.contains(&first) {
        faults.push(format!(
            "{path} has the endpoint `{}`; one begins with {ROOT} and a word that is free.",
            endpoint.path
        ));
    }
    for segment in segments {
        let Some(argument) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            if !is_name(segment) {
                faults.push(format!("{path} has the endpoint `{}`, in which `{segment}` is no word.", endpoint.path));
            }
            continue;
        };
        if !form.parameters.iter().any(|one| one.name == argument && one.required && one.kind.is_scalar()) {
            faults.push(format!(
                "{path} has the endpoint `{}`, and no required argument `{argument}` of one word.",
                endpoint.path
            ));
        }
    }
    faults
}

/// What is wrong with many endpoints beside each other; each comes with what it is called by.
pub(super) fn clashes<'a>(endpoints: impl Iterator<Item = (&'a str, Endpoint)>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut paths = matchit::Router::new();
    let mut seen: HashMap<Endpoint, &str> = HashMap::new();
    let mut known = HashSet::new();
    for (who, endpoint) in endpoints {
        if let Some(other) = seen.insert(endpoint, who) {
            let Endpoint { method, path } = endpoint;
            faults.push(format!("{other} and {who}: both have the endpoint {} {path}.", method.as_str()));
        }
        if known.insert(endpoint.path) && paths.insert(endpoint.path, ()).is_err() {
            faults.push(format!("{who}: the endpoint `{}` cannot be told from another.", endpoint.path));
        }
    }
    faults
}

const NAME: &str =
    "a name is words of [a-z0-9] with one hyphen between them, begins with a letter, and has 32 characters at most";

/// In kebab-case.
pub(super) fn is_name(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'));
    name.len() <= 32 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(is_word)
}
