//! How a NATS server knows who connects.

use std::fs;
use std::path::Path;

use async_nats::ConnectOptions;
use nkeys::KeyPair;

use super::account::Account;
use crate::common::project;

/// What the server asks for, and what is right.
pub struct Access {
    way: Way,
    pub is_over_tls: bool,
}

enum Way {
    Open,
    Password,
    Token,
    Nkey(Box<KeyPair>),
    Credentials(Box<Account>),
}

const SECRET: &str = "correct-horse-battery-staple";
/// The authority of the certificate that the server shows over TLS, for `localhost`.
const AUTHORITY: &str = "tests/files/https/ca.pem";
const CERTIFICATE: &str = "tests/files/https/server.pem";

impl Access {
    fn by(way: Way) -> Self {
        Self { way, is_over_tls: false }
    }

    /// For everybody.
    pub fn open() -> Self {
        Self::by(Way::Open)
    }

    /// By a user's name and password, in the URL.
    pub fn password() -> Self {
        Self::by(Way::Password)
    }

    /// By a token, in the URL.
    pub fn token() -> Self {
        Self::by(Way::Token)
    }

    /// By a key: `NEXUS_NATS_NKEY`.
    pub fn nkey() -> Self {
        Self::by(Way::Nkey(Box::new(KeyPair::new_user())))
    }

    /// By a key and what an account says of it, which an operator has signed: `NEXUS_NATS_CREDENTIALS`.
    pub fn credentials() -> Self {
        Self::by(Way::Credentials(Box::new(Account::new())))
    }

    /// The same over TLS, with a certificate that the system does not trust: `NEXUS_NATS_CA`.
    pub fn over_tls(self) -> Self {
        Self { is_over_tls: true, ..self }
    }

    /// What stands in the configuration of the server.
    pub fn configuration(&self) -> String {
        let way = match &self.way {
            Way::Open => String::new(),
            Way::Password => format!("authorization {{ user: nexus, password: {SECRET:?}, timeout: 10 }}\n"),
            Way::Token => format!("authorization {{ token: {SECRET:?}, timeout: 10 }}\n"),
            Way::Nkey(key) => {
                format!("authorization {{ users: [{{ nkey: {:?} }}], timeout: 10 }}\n", key.public_key())
            }
            Way::Credentials(account) => account.configuration(),
        };
        let certificate = project(CERTIFICATE).to_str().unwrap().to_owned();
        let tls = self
            .is_over_tls
            .then(|| format!("tls {{ cert_file: {certificate:?}, key_file: {certificate:?}, timeout: 10 }}\n"));
        way + &tls.unwrap_or_default()
    }

    /// A URL at which a client is let in, at a host and port of 127.0.0.1.
    pub fn url(&self, port: u16) -> String {
        let who = match &self.way {
            Way::Password => format!("nexus:{SECRET}@"),
            Way::Token => format!("{SECRET}@"),
            Way::Open | Way::Nkey(_) | Way::Credentials(_) => String::new(),
        };
        if self.is_over_tls { format!("tls://{who}localhost:{port}") } else { format!("nats://{who}127.0.0.1:{port}") }
    }

    /// The settings of a node that the URL does not hold; their files are written to `folder`.
    pub fn settings(&self, folder: &Path) -> Vec<(&'static str, String)> {
        let mut settings = Vec::new();
        let mut written = |setting, name, text: String| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            settings.push((setting, path.to_str().unwrap().to_owned()));
        };
        match &self.way {
            Way::Open | Way::Password | Way::Token => {}
            Way::Nkey(key) => written("NEXUS_NATS_NKEY", "nexus.nk", key.seed().unwrap()),
            Way::Credentials(account) => written("NEXUS_NATS_CREDENTIALS", "nexus.creds", account.credentials()),
        }
        if self.is_over_tls {
            settings.push(("NEXUS_NATS_CA", project(AUTHORITY).to_str().unwrap().to_owned()));
        }
        settings
    }

    /// What a client of the test itself connects with.
    pub fn options(&self) -> ConnectOptions {
        let options = match &self.way {
            Way::Open => ConnectOptions::new(),
            Way::Password => ConnectOptions::with_user_and_password("nexus".to_owned(), SECRET.to_owned()),
            Way::Token => ConnectOptions::with_token(SECRET.to_owned()),
            Way::Nkey(key) => ConnectOptions::with_nkey(key.seed().unwrap()),
            Way::Credentials(account) => ConnectOptions::with_credentials(&account.credentials()).unwrap(),
        };
        self.trusting(options)
    }

    /// What a client connects with that is nobody.
    pub fn nobody(&self) -> ConnectOptions {
        self.trusting(ConnectOptions::new())
    }

    fn trusting(&self, options: ConnectOptions) -> ConnectOptions {
        if !self.is_over_tls {
            return options;
        }
        options.add_root_certificates(project(AUTHORITY)).require_tls(true)
    }
}
