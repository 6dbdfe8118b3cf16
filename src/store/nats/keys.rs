//! Under which keys everything stands. They are made of hex and fixed words: a key is a part of a subject, in which nothing stands
//! that a client has written.

use crate::address::Address;
use crate::secret::SecretId;

pub(super) const SECRET: &str = "deployment.secret";

/// All commands.
pub(super) const COMMANDS: &str = "commands.*";

/// How often commands were changed.
pub(super) const CHANGES: &str = "deployment.commands";

/// What belongs to an address.
pub(super) fn belongings(address: Address) -> String {
    format!("identities.{}", hex::encode(address.as_bytes()))
}

/// The text of a prompt of an address. Each that is set has an id of its own.
pub(super) fn text(address: Address, id: &str) -> String {
    format!("prompts.{}.{id}", hex::encode(address.as_bytes()))
}

/// The texts of all prompts of an address.
pub(super) fn texts(address: Address) -> String {
    text(address, "*")
}

/// The sessions and tickets of an address.
pub(super) fn holder(address: Address) -> String {
    format!("holders.{}", hex::encode(address.as_bytes()))
}

/// Whose session or ticket this is.
pub(super) fn session(id: &str) -> String {
    format!("sessions.{id}")
}

pub(super) fn ticket(id: &str) -> String {
    format!("tickets.{id}")
}

/// How a session or a ticket is called in keys and documents.
pub(super) fn id(id: SecretId) -> String {
    hex::encode(id)
}

pub(super) fn command(name: &str) -> String {
    format!("commands.{}", hex::encode(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_command_is_called_its_key_is_hex() {
        for name in ["send", "a.b *>", "größe"] {
            let key = command(name);
            assert!(key.strip_prefix("commands.").unwrap().bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        }
    }
}
