//! What fails, how, and for how long.

use std::time::Duration;

use tokio::time::sleep;

use super::fleet::Fleet;
use crate::common::dice::Dice;
use crate::common::links::Manner;

/// One thing that fails and is mended.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub kind: Kind,
    /// Which of those of its kind.
    place: usize,
    /// Whether it concerns one of several links, or all.
    is_partial: bool,
    pub lasts: Duration,
    pub delay: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The NATS server that leads this is killed, or stands still.
    KillLeader(Led),
    HaltLeader(Led),
    /// A node is killed, or stands still.
    KillNode,
    HaltNode,
    /// The links of a node to NATS.
    Cut,
    Delay,
    Hole,
}

/// What NATS servers lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Led {
    Events,
    Runs,
    All,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::KillLeader(Led::Events),
        Self::Cut,
        Self::KillNode,
        Self::HaltLeader(Led::Events),
        Self::Delay,
        Self::KillLeader(Led::Runs),
        Self::Hole,
        Self::HaltLeader(Led::Runs),
        Self::HaltNode,
        Self::KillLeader(Led::All),
        Self::HaltLeader(Led::All),
    ];

    /// Whether somebody must be elected.
    pub fn needs_election(self) -> bool {
        matches!(self, Self::KillLeader(_) | Self::HaltLeader(_))
    }
}

impl Fault {
    /// All kinds one after the other, each time shuffled in another way.
    pub fn next(dice: &mut Dice, waiting: &mut Vec<Kind>) -> Self {
        if waiting.is_empty() {
            waiting.extend(Kind::ALL);
        }
        let kind = waiting.swap_remove(below(dice, waiting.len()));
        // One in four nodes is away for so long that the others take it for dead.
        let lasts = match kind {
            Kind::HaltNode | Kind::Cut | Kind::Hole if dice.below(4) == 0 => 14_000,
            _ => 500 + dice.below(3_500),
        };
        Self {
            kind,
            place: below(dice, 3),
            is_partial: dice.below(2) == 0,
            lasts: Duration::from_millis(lasts),
            delay: Duration::from_millis(50 + dice.below(151)),
        }
    }

    /// Comes, lasts, and is mended: returns once all is as before.
    pub async fn happen(&self, fleet: &mut Fleet) {
        let node = self.place % fleet.nodes.len();
        match self.kind {
            Kind::KillLeader(led) => {
                let server = leader(fleet, led).await;
                fleet.nats.kill(server);
                sleep(self.lasts).await;
                fleet.nats.start_again(server);
                fleet.nats.wait_until_whole().await;
            }
            Kind::HaltLeader(led) => {
                let server = leader(fleet, led).await;
                fleet.nats.halt(server);
                sleep(self.lasts).await;
                fleet.nats.go_on(server);
                fleet.nats.wait_until_whole().await;
            }
            Kind::KillNode => {
                fleet.nodes[node].lives.kill();
                sleep(self.lasts).await;
                fleet.nodes[node].lives.start();
            }
            Kind::HaltNode => {
                fleet.nodes[node].lives.signal("-STOP");
                sleep(self.lasts).await;
                fleet.nodes[node].lives.signal("-CONT");
            }
            Kind::Cut => self.links(fleet, node, Manner::Cut).await,
            Kind::Delay => self.links(fleet, node, Manner::Delay(self.delay)).await,
            Kind::Hole => self.links(fleet, node, Manner::Hole).await,
        }
    }

    async fn links(&self, fleet: &Fleet, node: usize, manner: Manner) {
        let server = self.is_partial.then_some(self.place);
        fleet.nodes[node].link(server, manner);
        sleep(self.lasts).await;
        fleet.nodes[node].link(server, Manner::Pass);
    }
}

async fn leader(fleet: &mut Fleet, led: Led) -> usize {
    match led {
        Led::Events => fleet.nats.leader("nexus-events").await,
        Led::Runs => fleet.nats.leader("nexus-runs").await,
        Led::All => fleet.nats.head().await,
    }
}

fn below(dice: &mut Dice, bound: usize) -> usize {
    usize::try_from(dice.below(bound as u64)).unwrap()
}
