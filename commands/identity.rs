//! `/identity`: the record that makes a visitor a member.

use nexus::command::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// Create your identity, or verify the one you have.
    Identity,
    /// Delete your identity, settings and prompts; what you ran stays in the log.
    Delete,
}

/// The state of the caller's identity.
#[derive(Serialize, JsonSchema)]
pub struct State {
    /// The proven address (ERC-55).
    public_key: Address,
    /// Whether the signature proved the address; always true in a success.
    verified: bool,
    /// Whether the identity was created just now.
    is_new: bool,
    /// When it was created (RFC 3339); not there once it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

impl Command for Identity {
    type Output = State;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/identity", "Identity …: 0x…")],
        requires_signature: true,
        requires_gui: true,
        replay_safe: true,
        subcommands: &[Subcommand {
            examples: &[Example("/identity/delete", "Identity deleted: 0x…")],
            requires_signature: true,
            requires_gui: true,
            ..Subcommand::named("delete")
        }],
        ..Definition::rest("identity")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<State>> {
        match self {
            Self::Identity => create_or_verify(context).await,
            Self::Delete => delete(context).await,
        }
    }
}

async fn create_or_verify(context: &Context) -> Result<Reply<State>> {
    let (identity, is_new) = context.create_identity().await?;
    let public_key = identity.address;
    let done = if is_new { "created" } else { "verified" };
    let created_at = Some(identity.created_at.to_string());
    Ok(Reply::new(format!("Identity {done}: {public_key}"), State { public_key, verified: true, is_new, created_at }))
}

async fn delete(context: &Context) -> Result<Reply<State>> {
    let public_key = context.caller()?;
    if !context.delete_identity().await? {
        return Err(Error::not_found(format!("There is no identity of {public_key} to delete."))
            .with_hint("Send /identity, signed, to create one."));
    }
    let state = State { public_key, verified: true, is_new: false, created_at: None };
    Ok(Reply::new(format!("Identity deleted: {public_key}"), state))
}

register!(Identity);
