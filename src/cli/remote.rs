//! A server that is called from the terminal.

use std::error::Error as _;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::failure::Failure;
use super::visible::visible;
use crate::config::Server;
use crate::origin::Origin;

/// How long a server may take to be reached.
const REACH: Duration = Duration::from_secs(10);
/// How long an answer may take, but for a stream.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// The longest answer that is read, in bytes, but for a stream.
const LONGEST: usize = 1 << 20;

/// An origin, and what it is called with.
pub(super) struct Remote {
    origin: Origin,
    /// By what name it is known, where we are told so.
    audience: Option<Origin>,
    client: Client,
}

/// What `GET /` says of a server.
pub(super) struct Introduction {
    pub(super) audience: String,
    pub(super) time: Timestamp,
}

#[derive(Deserialize)]
struct Wire {
    audience: String,
    time: String,
}

/// An answer that was no success.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    /// How long it asks to be left alone.
    pub(super) pause: Option<Duration>,
    message: String,
    hint: String,
}

#[derive(Deserialize)]
struct Envelope {
    code: Option<String>,
    message: Option<String>,
    hint: Option<String>,
}

/// Why there is no answer that can be used.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody answers, or not as a server does; later it may be otherwise.
    Unreachable(String),
    /// Somebody answers who is no server of ours.
    Stranger(String),
    Refused(Refusal),
}

impl Remote {
    pub(super) fn new(server: &Server) -> Result<Self, Failure> {
        let client = Client::builder()
            .user_agent(concat!("nexus/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(REACH)
            // A signature is made for one address and is not carried to another.
            .redirect(Policy::none())
            .build();
        let client = client.map_err(|error| {
            Failure::new(format!("There is no client for HTTP: {}.", innermost(&error)), "Look at the proxy settings.")
        })?;
        Ok(Self { origin: server.server.clone(), audience: server.audience.clone(), client })
    }

    pub(super) fn request(&self, method: Method, target: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{target}", self.origin))
    }

    /// Who the server is and what time it is there.
    pub(super) async fn introduce(&self) -> Result<Introduction, Trouble> {
        let Wire { audience, time } = self.ask(self.request(Method::GET, "/")).await?;
        let time = time.parse().map_err(|_| Trouble::Unreachable("it tells no time".to_owned()))?;
        Ok(Introduction { audience, time })
    }

    /// Whom a signature for this server is made out to: the name that we call it by, or were given. Fails when it says that it has
    /// another, to which a signature could be carried; not where both are names of this machine.
    pub(super) fn audience(&self, introduction: &Introduction) -> Result<String, Failure> {
        let told = introduction.audience.parse::<Origin>().ok();
        let is_here =
            |origin: &Origin| origin.is_loopback() && origin.authority().port() == self.origin.authority().port();
        match &self.audience {
            Some(origin) => Ok(origin.to_string()),
            None if told.as_ref() == Some(&self.origin) => Ok(self.origin.to_string()),
            None if self.origin.is_loopback() && told.as_ref().is_some_and(is_here) => Ok(self.origin.to_string()),
            None => {
                let told = visible(&introduction.audience);
                Err(Failure::new(
                    format!("The server that is called as {} says that it is {told}.", self.origin),
                    format!(
                        "A signature for that is good there. If that is the server you mean, say so: --audience {told}"
                    ),
                ))
            }
        }
    }

    /// The JSON that answers a request.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Trouble> {
        let request = request.header("accept", "application/json").timeout(PATIENCE);
        let response = self.send(request).await?;
        let body = read(response).await?;
        serde_json::from_slice(&body).map_err(|_| Trouble::Stranger("it does not answer as nexus does".to_owned()))
    }

    /// The answer to a request, if it is a success.
    async fn send(&self, request: RequestBuilder) -> Result<reqwest::Response, Trouble> {
        let response = request.send().await.map_err(|error| Trouble::Unreachable(innermost(&error)))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let seconds = response.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let said = serde_json::from_slice::<Envelope>(&read(response).await?).ok();
        let Some(Envelope { code: Some(code), message, hint }) = said else { return Err(unlike_us(status)) };
        Err(Trouble::Refused(Refusal {
            status: status.as_u16(),
            pause: seconds.map(Duration::from_secs),
            code,
            message: message.unwrap_or_default(),
            hint: hint.unwrap_or_default(),
        }))
    }

    /// What is answered to the execution of a command, be it a success or a failure; it may take as long as `patience`, if that
    /// is bounded.
    pub(super) async fn execute(&self, request: RequestBuilder, patience: Option<Duration>) -> Result<Value, Trouble> {
        let request = request.header("content-type", "application/json").header("accept", "application/json");
        let request = patience.into_iter().fold(request, RequestBuilder::timeout);
        let response = request.send().await.map_err(|error| Trouble::Unreachable(innermost(&error)))?;
        let status = response.status();
        let answer: Option<Value> = serde_json::from_slice(&read(response).await?).ok();
        let is_answer = |answer: &Value| ["status", "message"].iter().all(|member| answer.get(member).is_some());
        answer.filter(is_answer).ok_or_else(|| unlike_us(status))
    }

    /// The beginning of a stream, which may go on for ever; that it begins may not take long.
    pub(super) async fn open(&self, request: RequestBuilder) -> Result<reqwest::Response, Trouble> {
        let begun = timeout(PATIENCE, self.send(request)).await;
        begun.unwrap_or_else(|_| Err(Trouble::Unreachable("it does not answer in time".to_owned())))
    }

    pub(super) fn failure(&self, trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Unreachable(why) => Failure::new(
                format!("No answer from {}: {why}.", self.origin),
                "Start the server, or name another one with --server or NEXUS_SERVER.",
            ),
            Trouble::Stranger(why) => Failure::new(
                format!("{} is no nexus server: {why}.", self.origin),
                "Name another one with --server or NEXUS_SERVER.",
            ),
            Trouble::Refused(Refusal { status, code, message, hint, .. }) => {
                Failure::new(format!("{} answers {status} {code}: {message}", self.origin), hint)
            }
        }
    }
}

/// An answer of this status in other words than ours: of a server in between, to which ours does not answer, or of a stranger.
fn unlike_us(status: StatusCode) -> Trouble {
    let why = format!("it answers {status}");
    let is_between = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
    if is_between { Trouble::Unreachable(why) } else { Trouble::Stranger(why) }
}

pub(super) async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Trouble::Unreachable(innermost(&error)))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err(Trouble::Unreachable("its answer has no end".to_owned()));
        }
    }
    Ok(body)
}

/// What really went wrong; the outer errors only say where.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}
