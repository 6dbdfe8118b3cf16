//! `/whoami`: which address the server takes you for.

use nexus::command::prelude::*;

/// Show the address that your signature proves.
#[derive(Deserialize, JsonSchema)]
pub struct Whoami {}

#[derive(Serialize, JsonSchema)]
pub struct Caller {
    /// The proven address (ERC-55).
    public_key: Address,
    /// Whether there is no identity record for it.
    visitor: bool,
    /// When the identity was created (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

impl Command for Whoami {
    type Output = Caller;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/whoami", "You are 0x…, a …")],
        requires_signature: true,
        ..Definition::rest("whoami")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Caller>> {
        let address = context.caller()?;
        let identity = context.identity().await?;
        let kind = if identity.is_some() { "member" } else { "visitor" };
        let caller = Caller {
            public_key: address,
            visitor: identity.is_none(),
            created_at: identity.map(|identity| identity.created_at.to_string()),
        };
        Ok(Reply::new(format!("You are {address}, a {kind}."), caller))
    }
}

register!(Whoami);
