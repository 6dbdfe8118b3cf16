//! From a command's schema to a subcommand of the program.

use std::collections::HashMap;

use clap::{Arg, ArgAction, Args};
use serde_json::Value;

use super::arguments::{id_of, is_rest, negated};
use super::values::{Words, placeholder};
use crate::cli::line::HELP;
use crate::command::grammar::Spoken;
use crate::command::{Entry, Form, Handler, Kind, Parameter, Registry, Role, Source};
use crate::config::{Absent, Running, Settings, setting_variables, variable as value_of, without_empty};

/// A subcommand for every command; the program's own `help` stands for the one of that name.
pub(in crate::cli) fn subcommands(registry: &Registry) -> impl Iterator<Item = clap::Command> {
    let ours = Ours {
        options: Running::augment_args(clap::Command::new("options")),
        variables: setting_variables(),
        owners: owners(registry),
    };
    let entries = registry.entries().iter().filter(|entry| entry.name != HELP);
    entries.map(move |entry| without_empty(subcommand(entry, &ours)))
}

/// What is the program's own, and no command's.
struct Ours {
    options: clap::Command,
    /// The variables that are settings.
    variables: Vec<String>,
    /// Of which form a variable is, where two have arguments that would share it.
    owners: HashMap<String, String>,
}

/// The first has the variable: what belongs to the program before what a server has, then by name.
fn owners(registry: &Registry) -> HashMap<String, String> {
    let mut entries: Vec<_> = registry.entries().iter().collect();
    entries.sort_by_key(|entry| entry.source == Source::Elsewhere);
    let mut owners = HashMap::new();
    for form in entries.iter().flat_map(|entry| entry.forms()) {
        for parameter in &form.parameters {
            owners.entry(variable(form, parameter)).or_insert_with(|| form.path.clone());
        }
    }
    owners
}

/// The variables that stand for arguments of commands.
pub(in crate::cli) fn variables(registry: &Registry) -> Vec<String> {
    let forms = registry.entries().iter().flat_map(|entry| entry.forms());
    forms.flat_map(|form| form.parameters.iter().map(|parameter| variable(form, parameter))).collect()
}

/// What may be explained in the words of its variable where a subcommand is called: its arguments whose variables are set, and
/// the settings that are not called like one of its arguments.
pub(in crate::cli) fn explained(subcommand: &clap::Command) -> clap::Command {
    let below = subcommand.get_subcommands().flat_map(clap::Command::get_arguments);
    let own: Vec<_> = subcommand.get_arguments().chain(below).collect();
    let is_set = |arg: &&&Arg| {
        arg.get_env().and_then(|name| name.to_str()).is_some_and(|name| value_of(name) != Err(Absent::NotSet))
    };
    let settings = Settings::and_of_the_terminal();
    let others = settings.get_arguments().filter(|setting| own.iter().all(|arg| arg.get_long() != setting.get_long()));
    own.iter().filter(is_set).copied().chain(others).cloned().fold(clap::Command::new("explained"), clap::Command::arg)
}

fn subcommand(entry: &Entry, ours: &Ours) -> clap::Command {
    let declared = &entry.declared;
    let bare = command_of(&entry.bare, entry.name.clone(), declared.handler, ours);
    let below = entry.subcommands.iter().map(|form| {
        let name = form.path.rsplit('/').next().unwrap_or_default().to_owned();
        command_of(form, name, declared.handler, ours)
    });
    let about = if declared.deprecated { " (deprecated)" } else { "" };
    bare.about(format!("{}{about}", entry.bare.description.trim_end_matches('.')))
        .visible_aliases(declared.aliases.clone())
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .disable_help_subcommand(true)
        .subcommands(below)
}

fn command_of(form: &Form, name: String, handler: Handler, ours: &Ours) -> clap::Command {
    let command = clap::Command::new(name)
        .about(form.description.trim_end_matches('.').to_owned())
        .after_help(notes(form, handler))
        .args(form.parameters.iter().flat_map(|parameter| args_of(form, parameter, ours)));
    let taken: Vec<String> = command.get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
    command
        .disable_help_flag(taken.iter().any(|long| long == HELP))
        .args(ours.options.get_arguments().map(|option| besides(&taken, option.clone())))
}

/// One of our options. Where the command has an argument of its name, ours goes by another.
fn besides(taken: &[String], option: Arg) -> Arg {
    let Some(ours) = option.get_long().map(str::to_owned) else { return option };
    let mut long = ours.clone();
    while taken.contains(&long) {
        long = format!("nexus-{long}");
    }
    if long == ours {
        return option;
    }
    let help = option.get_help().map(ToString::to_string).unwrap_or_default();
    option.long(long).help(format!("{help}; --{ours} is the command's own"))
}

/// The argument, and for a switch the one that turns it off.
fn args_of(form: &Form, parameter: &Parameter, ours: &Ours) -> Vec<Arg> {
    let Parameter { name, kind, required } = parameter;
    let long = name.replace('_', "-");
    let mut arg = Arg::new(id_of(name)).value_parser(Words::of(kind));
    let (variable, mut help) = (variable(form, parameter), help_of(form, name));
    match ours.owners.get(&variable).filter(|owner| **owner != form.path) {
        _ if ours.variables.contains(&variable) => {}
        Some(owner) => help.push_str(&format!(" ({variable} is an argument of {owner})")),
        None => {
            if !kind.is_scalar() {
                help.push_str(" (in its variable with commas between)");
            }
            arg = arg.env(variable);
        }
    }
    arg = arg.help(help.trim_start().to_owned());
    if *required && kind.is_scalar() {
        arg = arg.required(true).value_name(name.to_ascii_uppercase()).allow_negative_numbers(true);
        return vec![if is_rest(&form.parameters, parameter) { arg.num_args(1..) } else { arg }];
    }
    arg = arg.long(long.clone()).required(*required);
    if *kind != Kind::Boolean {
        let action = if kind.is_scalar() { ArgAction::Set } else { ArgAction::Append };
        return vec![arg.action(action).value_name(placeholder(kind)).allow_negative_numbers(true)];
    }
    let switch = arg.num_args(0..=1).require_equals(true).default_missing_value("true").hide_possible_values(true);
    let switch = switch.value_name("true|false");
    let other = negated(&form.parameters, name).map(|id| {
        let other = Arg::new(id).long(format!("no-{long}")).action(ArgAction::SetTrue);
        // Where it is off anyway, this is good against the variable only.
        let is_off = default_of(form, name) == Some(&Value::Bool(false));
        other.hide(is_off).help(format!("The opposite of --{long}"))
    });
    [switch].into_iter().chain(other).collect()
}

/// `NEXUS_<COMMAND>_<ARG>`, or `NEXUS_<COMMAND>_<SUBCOMMAND>_<ARG>`.
fn variable(form: &Form, parameter: &Parameter) -> String {
    format!("NEXUS{}_{}", form.path, parameter.name).replace(['/', '-'], "_").to_ascii_uppercase()
}

/// What the schema says of an argument.
fn help_of(form: &Form, name: &str) -> String {
    let schema = form.schema.get("properties").and_then(|properties| properties.get(name));
    let description = schema.and_then(|schema| schema.get("description")).and_then(Value::as_str).unwrap_or_default();
    let help = description.trim_end_matches('.');
    match default_of(form, name) {
        None | Some(Value::Null | Value::Bool(false)) => help.to_owned(),
        Some(Value::Array(items)) if items.is_empty() => help.to_owned(),
        Some(Value::String(default)) => format!("{help} [default: {default}]"),
        Some(default) => format!("{help} [default: {default}]"),
    }
}

fn default_of<'a>(form: &'a Form, name: &str) -> Option<&'a Value> {
    form.schema.get("properties")?.get(name)?.get("default")
}

/// Examples, and what the command demands of its caller.
fn notes(form: &Form, handler: Handler) -> String {
    let mut notes = Vec::new();
    let key = if form.demands.want_proof() { " --key NAME" } else { "" };
    let examples: Vec<_> = form.examples.iter().filter_map(|text| in_terminal(form, text)).collect();
    if !examples.is_empty() {
        let lines = examples.iter().map(|example| format!("  nexus {example}{key}"));
        notes.push(format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n")));
    }
    if form.demands.requires_role == Some(Role::Admin) {
        notes.push("It is for admins, who are listed in NEXUS_ADMINS, and wants to know who asks: --key.".to_owned());
    } else if !key.is_empty() {
        notes.push("It wants to know who asks: --key.".to_owned());
    }
    if handler == Handler::Client && !form.runs_here() {
        notes.push("It runs in a frontend; here there is nothing to run.".to_owned());
    }
    notes.join("\n\n")
}

/// How an example is typed here; none for what only a console reads, `key:value`.
fn in_terminal(form: &Form, example: &str) -> Option<String> {
    let is_pair = |word: &str| {
        let name = word.split_once(':').map(|(name, _)| name.replace('-', "_"));
        name.is_some_and(|name| form.parameters.iter().any(|parameter| parameter.name == name))
    };
    let spoken = Spoken::parse(example, None).ok()?;
    if spoken.words.iter().filter_map(|word| word.plain()).any(is_pair) {
        return None;
    }
    let (path, rest) = example.split_once(' ').unwrap_or((example, ""));
    Some(format!("{} {rest}", path.trim_start_matches('/').replace('/', " ")).trim_end().to_owned())
}
