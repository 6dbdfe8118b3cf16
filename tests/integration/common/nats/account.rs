//! An operator, an account and a user of NATS, who vouch for each other by JSON Web Tokens with keys of Ed25519
//! (`ed25519-nkey`), as nats-server's `jwt` package, version 2, has them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};

pub struct Account {
    operator: KeyPair,
    system: KeyPair,
    account: KeyPair,
    user: KeyPair,
}

impl Account {
    pub fn new() -> Self {
        Self {
            operator: KeyPair::new_operator(),
            system: KeyPair::new_account(),
            account: KeyPair::new_account(),
            user: KeyPair::new_user(),
        }
    }

    /// What stands in the configuration of a server: it trusts the operator, and knows the accounts by heart.
    pub fn configuration(&self) -> String {
        let operator = token(&self.operator, &self.operator, &json!({ "type": "operator", "version": 2 }));
        let (system, account) = (self.system.public_key(), self.account.public_key());
        let [of_system, of_account] = [(&self.system, limits(0)), (&self.account, limits(-1))].map(|(key, limits)| {
            token(&self.operator, key, &json!({ "type": "account", "version": 2, "limits": limits }))
        });
        format!(
            "operator: {operator:?}\nsystem_account: {system}\nresolver: MEMORY\n\
             resolver_preload {{ {system}: {of_system:?}, {account}: {of_account:?} }}\n"
        )
    }

    /// The file that a user has.
    pub fn credentials(&self) -> String {
        let may = json!({ "type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1 });
        let (token, seed) = (token(&self.account, &self.user, &may), self.user.seed().unwrap());
        format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }
}

/// No limits but for what JetStream may store: the account of the system must not store anything.
fn limits(storage: i64) -> Value {
    let mut limits = json!({ "wildcards": true });
    for name in ["subs", "data", "payload", "imports", "exports", "conn", "leaf"] {
        limits[name] = json!(-1);
    }
    for name in ["mem_storage", "disk_storage", "streams", "consumer"] {
        limits[name] = json!(storage);
    }
    limits
}

/// What `issuer` says of `subject`.
fn token(issuer: &KeyPair, subject: &KeyPair, says: &Value) -> String {
    let claims = json!({
        "jti": "test", "iat": 1, "name": "test",
        "iss": issuer.public_key(), "sub": subject.public_key(), "nats": says,
    });
    let [header, claims] =
        [json!({ "typ": "JWT", "alg": "ed25519-nkey" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(issuer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}
