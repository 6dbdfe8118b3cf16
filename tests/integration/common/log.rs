//! What stands in the log of a server, whatever it is kept in, and how more gets there without a command that runs.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use nexus::foundation::Foundation;
use nexus::nats::Nats;
use nexus::run::{Ended, Once, Opened, Status};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Server, Wallet};

impl Server {
    /// The data of all events, in their order.
    pub async fn log(&self) -> Vec<Value> {
        let written = match &self.app.foundation {
            Foundation::Machine(_) => in_file(&self.data.path().join("nexus.db")),
            Foundation::Cluster(nats) => in_stream(nats).await,
        };
        written.iter().map(|data| serde_json::from_slice(data).unwrap()).collect()
    }

    /// The commands of all events, in their order.
    pub async fn events(&self) -> Vec<String> {
        self.log().await.iter().map(|data| data["command"].as_str().unwrap().to_owned()).collect()
    }

    /// Writes down that a run begins which nobody runs. Gives back its id.
    pub async fn admit(&self, wallet: &Wallet, text: &str, once: Once) -> Uuid {
        let now = self.app.clock.now();
        self.admit_at(wallet, text, once, now).await
    }

    async fn admit_at(&self, wallet: &Wallet, text: &str, once: Once, at: Timestamp) -> Uuid {
        let command = text.split(' ').next().unwrap().to_owned();
        let run = Opened { id: Uuid::now_v7(), address: wallet.address(), command, text: text.to_owned(), at };
        let id = run.id;
        assert_eq!(self.app.bus.open(run, once).await.unwrap(), None);
        id
    }

    /// Writes down that a run has ended just now, after so many milliseconds.
    pub async fn record(&self, wallet: &Wallet, text: &str, took: i64) {
        let at = self.app.clock.now();
        let id = self.admit_at(wallet, text, Once::default(), at - SignedDuration::from_millis(took)).await;
        let data =
            json!({ "command": text, "result": { "status": "success", "message": "x" }, "run_id": id }).to_string();
        let ended = Ended { id, address: wallet.address(), status: Status::Success, code: None, at, data };
        self.app.bus.append(ended).await.unwrap().expect("it was open");
    }
}

/// As another process finds them.
fn in_file(path: &Path) -> Vec<Vec<u8>> {
    let db = Connection::open(path).unwrap();
    let mut select = db.prepare("SELECT CAST(data AS BLOB) FROM events ORDER BY sequence").unwrap();
    select.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// As the leader of the stream has them.
async fn in_stream(nats: &Nats) -> Vec<Vec<u8>> {
    let state = nats.jetstream().get_stream(nats.names().log()).await.unwrap().cached_info().state.clone();
    let mut written = Vec::new();
    if state.messages > 0 {
        for sequence in state.first_sequence..=state.last_sequence {
            written.push(nats.record(&nats.names().log(), sequence).await.unwrap().payload.to_vec());
        }
    }
    written
}
