//! Those who send commands, and remember what came of each.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::count::{Count, soon};
use super::history::{Outcome, Sent};
use super::sites::Sites;
use crate::common::{EXECUTE, Wallet};

/// More commands and more attempts than any trial takes.
const MOST: usize = 1_000_000;

/// How long an answer is waited for where another server may be asked instead.
const PATIENCE: Duration = Duration::from_secs(6);

/// A command for a key: by this writer, the so-manyth of it.
pub type Phrase = fn(&str, usize, usize) -> String;

pub struct Key {
    pub address: String,
    wallet: Wallet,
}

impl Key {
    pub fn new(number: u8) -> Self {
        let wallet = Wallet::of_byte(number);
        Self { address: wallet.address().to_string(), wallet }
    }

    /// Returns once every run of this key has ended.
    pub async fn rests(&self, sites: &Sites) {
        let (client, mut sites) = (Client::new(), sites.clone());
        loop {
            let target = "/api/v1/runs?status=pending";
            let authorization = self.wallet.authorization(&format!("GET {target}"));
            let (url, life) = (format!("{}{target}", sites.here().url), sites.here().life.now());
            let answer = client.get(url).header("authorization", authorization).send().await;
            if let Ok(answer) = answer
                && let Ok(answer) = answer.json::<Value>().await
                && answer["runs"] == json!([])
            {
                return;
            }
            sites.leave(life).await;
        }
    }
}

/// One who writes to all keys in turn, and waits for each answer.
pub struct Writer {
    pub number: usize,
    pub phrase: Phrase,
    pub keys: Arc<[Key]>,
    pub sites: Sites,
    /// Between an answer and the next command.
    pub pause: Duration,
    pub acknowledged: Count,
    pub stopped: Count,
}

impl Writer {
    /// Writes until it is stopped.
    pub async fn write(mut self) -> Vec<Sent> {
        let client = Client::new();
        let mut history = Vec::new();
        while self.stopped.now() == 0 && history.len() < MOST {
            let key = &self.keys[(self.number + history.len()) % self.keys.len()];
            let command = (self.phrase)(&key.address, self.number, history.len());
            let outcome = send(&client, &mut self.sites, key, &command).await;
            if let Outcome::Acknowledged { .. } = outcome {
                self.acknowledged.rise();
            }
            history.push(Sent { key: key.address.clone(), writer: self.number, command, outcome });
            self.sites.turn();
            if !self.pause.is_zero() {
                sleep(self.pause).await;
            }
        }
        history
    }
}

/// Sends a command once, as soon as there is a server to send it to.
pub async fn send(client: &Client, sites: &mut Sites, key: &Key, command: &str) -> Outcome {
    let body = json!({ "command": command, "auth": key.wallet.bare(command) });
    for _ in 0..MOST {
        let life = sites.here().life.now();
        let request = client.post(format!("{}{EXECUTE}", sites.here().url)).json(&body);
        let request = if sites.are_alike() { request.timeout(PATIENCE) } else { request };
        if let Some(outcome) = soon("an answer", answer(request)).await {
            return outcome;
        }
        // Nobody listened, so nothing was sent.
        sites.leave(life).await;
    }
    panic!("in none of {MOST} lives did the server listen");
}

/// What came of a request; none when it was not sent.
async fn answer(request: RequestBuilder) -> Option<Outcome> {
    let answer = async {
        let response = request.send().await?;
        Ok((response.status(), response.bytes().await?))
    };
    let (status, body) = match answer.await {
        Ok(answer) => answer,
        Err(failure) => {
            let failure: reqwest::Error = failure;
            return (!failure.is_connect()).then_some(Outcome::Unknown);
        }
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned();
    Some(match status {
        StatusCode::OK => Outcome::Acknowledged { run_id: text("run_id"), message: text("message") },
        StatusCode::SERVICE_UNAVAILABLE if body["run_id"].is_string() => Outcome::Unrecorded { run_id: text("run_id") },
        // The word of nginx, which knows no more.
        StatusCode::SERVICE_UNAVAILABLE if text("message").contains("is not known") => Outcome::Unknown,
        StatusCode::SERVICE_UNAVAILABLE => Outcome::Refused(text("code")),
        _ => panic!("{status}: {body}"),
    })
}
