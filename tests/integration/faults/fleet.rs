//! Nodes over three NATS servers, each with links of its own to them.

use crate::common::delivery::trial::Served;
use crate::common::delivery::{Lives, Sites};
use crate::common::links::{Link, Manner};
use crate::common::nats::Nats;

pub struct Fleet {
    pub nats: Nats,
    pub nodes: Vec<Node>,
}

pub struct Node {
    pub lives: Lives,
    /// One to each NATS server.
    links: Vec<Link>,
}

/// As many as a trial may take, whatever else is tried.
const LIMITS: [&str; 5] = [
    "--max-streams",
    "--max-streams-per-key",
    "--max-streams-per-peer",
    "--max-anonymous-streams",
    "--retention-per-key",
];

impl Fleet {
    pub async fn launch(nodes: usize) -> Self {
        let nats = Nats::three().await;
        let flags: Vec<_> = LIMITS.iter().flat_map(|limit| [limit, "1000000"]).collect();
        let node = |_| {
            let links: Vec<_> = (0..3).map(|server| Link::to(&nats.address(server))).collect();
            let ports: Vec<_> = links.iter().map(|link| link.port).collect();
            Node { lives: Lives::under(nats.settings_at(&ports), &flags), links }
        };
        let nodes = (0..nodes).map(node).collect();
        Self { nats, nodes }
    }
}

impl Served for Fleet {
    fn sites(&self) -> Sites {
        Sites::alike(self.nodes.iter().map(|node| node.lives.site.clone()).collect())
    }
}

impl Node {
    /// What becomes of the link to one server, or of those to all.
    pub fn link(&self, server: Option<usize>, manner: Manner) {
        for (place, link) in self.links.iter().enumerate() {
            if server.is_none_or(|server| server == place) {
                link.set(manner);
            }
        }
    }
}
