//! How a form is used, in one line: `/search <query> [--limit N]`.

use super::parameter::{Kind, Parameter};

pub(super) fn usage(path: &str, parameters: &[Parameter]) -> String {
    let (positional, named): (Vec<_>, Vec<_>) =
        parameters.iter().partition(|parameter| parameter.required && parameter.kind.is_scalar());
    let mut usage = path.to_owned();
    for parameter in positional {
        match &parameter.kind {
            Kind::Choice(choices) => usage.push_str(&format!(" <{}>", choices.join("|"))),
            _ => usage.push_str(&format!(" <{}>", parameter.name)),
        }
    }
    for Parameter { name, kind, required } in named {
        let name = name.replace('_', "-");
        let option = match placeholder(kind) {
            None => format!("--{name}"),
            Some(value) => format!("--{name} {value}"),
        };
        let more = if kind.is_scalar() { "" } else { "..." };
        usage.push_str(&if *required { format!(" {option}{more}") } else { format!(" [{option}]{more}") });
    }
    usage
}

fn placeholder(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Boolean => None,
        Kind::Integer { .. } | Kind::Number { .. } => Some("N".to_owned()),
        Kind::Text { .. } => Some("TEXT".to_owned()),
        Kind::Slug { .. } => Some("NAME".to_owned()),
        Kind::Choice(choices) => Some(choices.join("|")),
        Kind::Json => Some("JSON".to_owned()),
        Kind::List(item) => placeholder(item).or_else(|| Some("true|false".to_owned())),
    }
}
