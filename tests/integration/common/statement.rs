//! Signed Command v1 as a client writes it, with no line of the server's code.

use serde_json::{Value, json};
use uuid::Uuid;

use super::wallet::base64url;
use super::{Server, Wallet};

/// What is signed and sent; each field may be changed before that.
#[derive(Clone, Debug)]
pub struct Statement {
    pub audience: String,
    pub command: String,
    /// In their canonical form already.
    pub args: Option<Value>,
    pub nonce: String,
    pub issued_at: i64,
    pub expires_at: i64,
}

impl Statement {
    /// What `personal_sign` is given.
    pub fn text(&self, signer: &str) -> String {
        let args = self.args.as_ref().map_or("[]".to_owned(), Value::to_string);
        [
            "Signed Command v1".to_owned(),
            format!("Audience: {}", self.audience),
            format!("Signer: {signer}"),
            format!("Command: {}", Value::from(self.command.as_str())),
            format!("Args: {args}"),
            format!("Nonce: {}", self.nonce),
            format!("Issued At: {}", self.issued_at),
            format!("Expires At: {}", self.expires_at),
        ]
        .join("\n")
    }

    /// `auth`, signed.
    pub fn auth(&self, wallet: &Wallet) -> Value {
        let signer = wallet.address().to_string();
        let signature = wallet.personal_sign(self.text(&signer).as_bytes());
        self.auth_with(&signer, &format!("0x{}", hex::encode(signature)))
    }

    pub fn auth_with(&self, public_key: &str, signature: &str) -> Value {
        json!({
            "scheme": "eip191",
            "publicKey": public_key,
            "signature": signature,
            "audience": self.audience,
            "nonce": self.nonce,
            "issuedAt": self.issued_at,
            "expiresAt": self.expires_at,
        })
    }

    /// The body of an execution.
    pub fn body(&self, wallet: &Wallet) -> Value {
        let mut body = json!({ "command": self.command, "auth": self.auth(wallet) });
        if let Some(args) = &self.args {
            body["args"] = args.clone();
        }
        body
    }

    /// The value of `Authorization`.
    pub fn authorization(&self, wallet: &Wallet) -> String {
        format!("EthSignature {}", base64url(&self.auth(wallet).to_string()))
    }
}

impl Statement {
    /// As a client would sign it at this time.
    pub fn at(audience: &str, command: &str, now: i64) -> Self {
        Self {
            audience: audience.to_owned(),
            command: command.to_owned(),
            args: None,
            nonce: Uuid::now_v7().simple().to_string(),
            issued_at: now,
            expires_at: now + 60,
        }
    }
}

impl Server {
    /// A command, or `METHOD path?query`, as a client would sign it now.
    pub fn statement(&self, command: &str) -> Statement {
        Statement::at(&self.url, command, self.now())
    }
}
