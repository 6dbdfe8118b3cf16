//! What is asked for, and whether it can be.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::check_free;
use crate::app::App;
use crate::clock::date_time;
use crate::command::{Entry, Hook};
use crate::error::{Code, Error, Result, abridged};
use crate::webhook::Secret;

/// Of these the message speaks.
const SPOKEN: usize = 5;

/// A command as it was sent.
pub struct Asked {
    pub definition: Value,
    pub url: String,
    pub secret: Option<Zeroizing<String>>,
    /// By RFC 3339, section 5.6.
    pub expires_at: Option<String>,
}

/// One that can be registered.
pub struct Checked {
    pub entry: Arc<Entry>,
    pub expires_at: Option<Timestamp>,
    pub(super) definition: Value,
    pub(super) url: String,
    pub(super) secret: Option<Zeroizing<String>>,
}

impl Asked {
    /// Fails with `definition_invalid`, which lists every fault by member, or with `already_exists`.
    pub fn check(self, app: &App) -> Result<Checked> {
        let mut faults = Faults::default();
        let target = app.webhooks.target(&self.url).map_err(|fault| faults.add("url", fault));
        let secret = self.secret.as_ref().map(|secret| Secret::parse(secret)).transpose();
        let secret = secret.map_err(|fault| faults.add("secret", fault));
        let expires_at = match self.expires_at.map(|at| date_time::parse(&at)) {
            None => None,
            Some(Some(at)) if at > app.clock.now() => Some(at),
            Some(Some(_)) => {
                faults.add("expiresAt", "`expiresAt` is over.");
                None
            }
            Some(None) => {
                let fault = "`expiresAt` is no date-time of RFC 3339 up to 9999-12-30T22:00:00Z, such as 2030-01-01T00:00:00Z \
                             or 2030-01-01T02:00:00+02:00.";
                faults.add("expiresAt", fault);
                None
            }
        };
        // A definition is checked also where nothing could be called: all that is wrong is said at once.
        let hook = match (target, secret) {
            (Ok(target), Ok(secret)) => Some(Hook { target, secret }),
            _ => None,
        };
        let entry = Entry::of_webhook(&self.definition, hook, &app.webhooks);
        let entry = entry.map_err(|all| all.into_iter().for_each(|fault| faults.add("definition", fault)));
        let entry = match entry {
            Ok(entry) if faults.0.is_empty() => Arc::new(entry),
            _ => return Err(faults.into_error()),
        };
        check_free(&app.registry.load(), &entry)?;
        Ok(Checked { entry, expires_at, definition: self.definition, url: self.url, secret: self.secret })
    }
}

/// What is wrong, by member.
#[derive(Default)]
struct Faults(Map<String, Value>);

impl Faults {
    fn add(&mut self, member: &str, fault: impl AsRef<str>) {
        let faults = self.0.entry(member).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(faults) = faults {
            faults.push(abridged(fault.as_ref()).into());
        }
    }

    fn into_error(self) -> Error {
        let all: Vec<_> = self.0.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect();
        let mut message = all.iter().take(SPOKEN).copied().collect::<Vec<_>>().join(" ");
        if all.len() > SPOKEN {
            message.push_str(&format!(" {} more are listed in `data`.", all.len() - SPOKEN));
        }
        Error::new(Code::DefinitionInvalid, message)
            .with_hint("GET /api/v1/commands shows definitions; docs/commands.md says what may stand in one.")
            .with_data(Value::Object(self.0))
    }
}
