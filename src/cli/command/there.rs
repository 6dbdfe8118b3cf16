//! A command that a server runs: its progress heard from the stream of the key, its end from there too, or from the run.

use std::process::ExitCode;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Asked;
use super::meter::Meter;
use super::outcome::Outcome;
use crate::cli::INTERRUPTED;
use crate::cli::failure::{Failure, tell};
use crate::cli::remote::{PATIENCE, Remote, Trouble};
use crate::cli::service::{Service, live};
use crate::cli::statement::{Draft, authorization};
use crate::cli::unlock::unlock;
use crate::cli::watch::reader::{Patience, Reader};
use crate::clock::Clock;
use crate::config::{Running, Server};
use crate::origin::Origin;
use crate::signing::signer::Signer;

const EXECUTE: &str = "/api/v1/commands/execute";
/// How often a run is asked for whose stream is gone, and how often in vain before it is given up.
const ASK: Duration = Duration::from_secs(1);
const VAIN: usize = 20;
/// How long a run that we have cancelled has to end.
const LAST: Duration = Duration::from_secs(7);

pub(super) fn run(server: &Origin, running: &Running, asked: Asked) -> Result<ExitCode, Failure> {
    let server = Server { server: server.clone(), audience: running.audience.clone() };
    let proof = running.key.as_ref().map(|key| {
        // A server that does not answer is told before anybody types a passphrase.
        let (audience, ahead) = introduce(&server)?;
        Ok::<_, Failure>(Proof { signer: unlock(&running.keys, key)?, audience, ahead })
    });
    let proof = proof.transpose()?;
    live(There { remote: Remote::new(&server)?, proof, asked, is_json: running.is_json(), meter: Meter::new() })
}

/// Whom to sign for, and by how many seconds their clock is ahead of ours.
fn introduce(server: &Server) -> Result<(String, i64), Failure> {
    let remote = Remote::new(server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let introduction = runtime.block_on(remote.introduce()).map_err(|trouble| remote.failure(trouble))?;
    let ahead = introduction.time.as_second() - Clock::default().now().as_second();
    Ok((remote.audience(&introduction)?, ahead))
}

struct There {
    remote: Remote,
    proof: Option<Proof>,
    asked: Asked,
    is_json: bool,
    meter: Meter,
}

/// What proves who asks.
struct Proof {
    signer: Signer,
    audience: String,
    ahead: i64,
}

impl Proof {
    fn sign(&self, command: &str, args: Option<&Value>) -> Result<Value, Failure> {
        let issued_at = Clock::default().now().as_second() + self.ahead;
        Draft { audience: &self.audience, command, args, issued_at, valid: 60 }.sign(&self.signer)
    }
}

impl Service for There {
    async fn init(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn run(&mut self, stop: &CancellationToken) -> Result<ExitCode, Failure> {
        let outcome = match &self.proof {
            Some(proof) => self.follow(proof, stop).await?,
            None => self.wait(stop).await?,
        };
        self.meter.end();
        let Some(outcome) = outcome else { return Ok(INTERRUPTED.into()) };
        outcome.print(self.is_json)?;
        Ok(if stop.is_cancelled() { INTERRUPTED.into() } else { outcome.code() })
    }

    async fn cleanup(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

impl There {
    /// Asks as nobody, and waits for the answer; none when that was interrupted.
    async fn wait(&self, stop: &CancellationToken) -> Result<Option<Outcome>, Failure> {
        let request = self.remote.request(Method::POST, EXECUTE).body(self.body(None));
        tokio::select! {
            answer = self.remote.execute(request, Some(self.asked.timeout.saturating_add(PATIENCE))) => self.told(answer).map(Some),
            () = stop.cancelled() => {
                tell("interrupted; without a key a command cannot be cancelled, and the server goes on with it");
                Ok(None)
            }
        }
    }

    /// Asks as the owner of the key, and shows what becomes of the run; none when it did not end in time after an interrupt.
    async fn follow(&self, proof: &Proof, stop: &CancellationToken) -> Result<Option<Outcome>, Failure> {
        // Before the command: then nothing of it is missed.
        let stream = self.listen(proof).await;
        let auth = proof.sign(&self.asked.path, self.asked.args.as_ref())?;
        let request = self.remote.request(Method::POST, EXECUTE).header("prefer", "respond-async");
        let answer = self.told(self.remote.execute(request.body(self.body(Some(auth))), Some(PATIENCE)).await)?;
        let Some(run_id) = answer.run_id().filter(|_| answer.is_pending()) else { return Ok(Some(answer)) };
        let mut end = std::pin::pin!(self.end_of(proof, run_id, stream));
        tokio::select! {
            outcome = &mut end => return outcome.map(Some),
            () = stop.cancelled() => {}
        }
        self.cancel(proof, run_id).await?;
        if let Ok(outcome) = timeout(LAST, end).await {
            return outcome.map(Some);
        }
        tell(format_args!("the run {run_id} is cancelled, and has not ended yet"));
        Ok(None)
    }

    fn body(&self, auth: Option<Value>) -> String {
        let mut body = Map::from_iter([("command".to_owned(), self.asked.path.clone().into())]);
        body.extend(self.asked.args.clone().map(|args| ("args".to_owned(), args)));
        body.extend(auth.map(|auth| ("auth".to_owned(), auth)));
        Value::from(body).to_string()
    }

    fn told(&self, answer: Result<Value, Trouble>) -> Result<Outcome, Failure> {
        answer.map(Outcome).map_err(|trouble| self.remote.failure(trouble))
    }

    /// The stream of the key. Without it the run is asked for again and again, which is as good and not as quick.
    async fn listen(&self, proof: &Proof) -> Option<(Reader, Patience)> {
        let target = format!("/api/v1/stream/{}", proof.signer.address());
        let auth = authorization(&proof.sign(&format!("GET {target}"), None).ok()?);
        let request = self.remote.request(Method::GET, &target).header(AUTHORIZATION, auth);
        let response = self.remote.open(request.header(ACCEPT, "text/event-stream")).await.ok()?;
        let patience = Patience::default();
        Some((Reader::new(response, &patience), patience))
    }

    async fn end_of(
        &self,
        proof: &Proof,
        run_id: &str,
        stream: Option<(Reader, Patience)>,
    ) -> Result<Outcome, Failure> {
        if let Some((mut reader, patience)) = stream {
            while let Ok(event) = reader.next().await {
                if let Some(state) = event.state() {
                    patience.set(state.keepalive());
                }
                // One that cannot be read may be the end: then the run is asked.
                let Ok(mut data) = serde_json::from_str::<Value>(&event.data) else { break };
                if data.get("run_id").and_then(Value::as_str) != Some(run_id) {
                    continue;
                }
                match event.name.as_str() {
                    "command_progress" => self.meter.show(&data),
                    "command_result" => {
                        return Ok(of_run(run_id, data.get_mut("result").map(Value::take).unwrap_or_default()));
                    }
                    _ => {}
                }
            }
        }
        self.ask_for(proof, run_id).await
    }

    async fn ask_for(&self, proof: &Proof, run_id: &str) -> Result<Outcome, Failure> {
        #[derive(Deserialize)]
        struct Run {
            result: Option<Value>,
        }
        let mut in_vain = 0;
        loop {
            let target = format!("/api/v1/runs/{run_id}");
            let auth = authorization(&proof.sign(&format!("GET {target}"), None)?);
            let request = self.remote.request(Method::GET, &target).header(AUTHORIZATION, auth);
            match self.remote.ask(request).await {
                Ok(Run { result: Some(result) }) => return Ok(of_run(run_id, result)),
                Ok(Run { result: None }) => in_vain = 0,
                Err(Trouble::Unreachable(_) | Trouble::Stranger(_)) if in_vain < VAIN => in_vain += 1,
                Err(trouble) => return Err(self.remote.failure(trouble)),
            }
            sleep(ASK).await;
        }
    }

    /// A run that has ended meanwhile is cancelled as well.
    async fn cancel(&self, proof: &Proof, run_id: &str) -> Result<(), Failure> {
        let target = format!("/api/v1/runs/{run_id}");
        let auth = authorization(&proof.sign(&format!("DELETE {target}"), None)?);
        let request = self.remote.request(Method::DELETE, &target).header(AUTHORIZATION, auth);
        match self.remote.ask::<Value>(request).await {
            Err(Trouble::Refused(refusal)) if refusal.code == "finished" => Ok(()),
            Err(trouble) => Err(self.remote.failure(trouble)),
            Ok(_) => Ok(()),
        }
    }
}

/// The result of a run, with the name of the run in it as in any answer.
fn of_run(run_id: &str, mut result: Value) -> Outcome {
    if let Some(members) = result.as_object_mut() {
        members.insert("run_id".to_owned(), run_id.into());
    }
    Outcome(result)
}
