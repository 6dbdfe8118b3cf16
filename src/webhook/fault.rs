//! Why there is no answer that can be used.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use super::resolver::NotPublic;
use crate::error::{Code, Error};

/// What is told of a failure: its kind, and nothing of what stands where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    NotAllowed,
    Unreachable,
    Untrusted,
    Late,
    NotHttp,
    HeadTooLarge,
    Redirect,
    Status(u16),
    TooLarge,
    NotJson,
    TooDeep,
    WrongShape,
}

#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    /// How long the webhook asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// For the log.
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Fault {
    /// Whether another attempt may end otherwise.
    pub(super) fn may_pass(&self) -> bool {
        match self.kind {
            Kind::Unreachable | Kind::Late => true,
            Kind::Status(status) => status == 429 || status >= 500,
            Kind::NotAllowed
            | Kind::Untrusted
            | Kind::NotHttp
            | Kind::HeadTooLarge
            | Kind::Redirect
            | Kind::TooLarge
            | Kind::NotJson
            | Kind::TooDeep
            | Kind::WrongShape => false,
        }
    }
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self { kind, retry_after: None, source: None }
    }
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        // A URL may hold a secret, which does not belong in a log either.
        let error = error.without_url();
        let kind = kind_of_chain(&error);
        Self { source: Some(error.into()), ..Self::from(kind) }
    }
}

impl From<Fault> for Error {
    fn from(Fault { kind, source, .. }: Fault) -> Self {
        let error = Self::new(Code::WebhookFailed, message(kind)).with_hint(hint(kind));
        match source {
            Some(source) => error.caused_by(source),
            None => error,
        }
    }
}

/// What the innermost causes say; the outer errors only say where.
fn kind_of_chain(error: &(dyn StdError + 'static)) -> Kind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return Kind::NotAllowed;
        }
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            return Kind::HeadTooLarge;
        }
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Kind::NotHttp;
        }
        if error.downcast_ref::<io::Error>().is_some_and(is_about_tls) {
            return Kind::Untrusted;
        }
        cause = error.source();
    }
    Kind::Unreachable
}

/// TLS says so by the kind of an error of the connection, perhaps within another.
fn is_about_tls(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    error.kind() == io::ErrorKind::InvalidData || inner.is_some_and(is_about_tls)
}

fn message(kind: Kind) -> String {
    match kind {
        Kind::NotAllowed => "The webhook is at an address that this server does not call.".to_owned(),
        Kind::Unreachable => "The webhook could not be reached.".to_owned(),
        Kind::Untrusted => "The webhook could not be trusted: its TLS or its certificate is not good.".to_owned(),
        Kind::Late => "The webhook did not answer in time.".to_owned(),
        Kind::NotHttp => "The webhook answered, but not in HTTP.".to_owned(),
        Kind::HeadTooLarge => "The webhook's answer has more than 100 header fields, or too long ones.".to_owned(),
        Kind::Redirect => "The webhook sends its caller elsewhere, and redirects are not followed.".to_owned(),
        Kind::Status(status) => format!("The webhook answered with the status {status}."),
        Kind::TooLarge => "The webhook's answer is larger than 256 KiB.".to_owned(),
        Kind::NotJson => "The webhook's answer is not JSON that two readers would read alike.".to_owned(),
        Kind::TooDeep => "The webhook's answer nests deeper than 100 levels.".to_owned(),
        Kind::WrongShape => "The webhook's answer is JSON, but not of the shape that is asked of it.".to_owned(),
    }
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Unreachable | Kind::Late | Kind::Status(429 | 500..) => {
            "Try again in a moment; whether it had its effect is not known."
        }
        Kind::NotAllowed
        | Kind::Untrusted
        | Kind::NotHttp
        | Kind::HeadTooLarge
        | Kind::Redirect
        | Kind::Status(_)
        | Kind::TooLarge
        | Kind::NotJson
        | Kind::TooDeep
        | Kind::WrongShape => "Whoever runs the webhook has to mend it; whether it had its effect is not known.",
    }
}
