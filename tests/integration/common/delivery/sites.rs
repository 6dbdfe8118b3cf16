//! Where clients may go.

use std::time::Duration;

use tokio::time::sleep;

use super::count::{Count, soon};

/// What clients know of a server.
#[derive(Clone)]
pub struct Site {
    pub url: String,
    /// The number of the life that serves, or has served last.
    pub life: Count,
}

/// One server that there is, or some that are alike, of which mostly another is well when one is not.
#[derive(Clone)]
pub struct Sites {
    all: Vec<Site>,
    /// That of the one to go to.
    place: usize,
    are_alike: bool,
}

/// How long somebody waits who was turned away, before the next attempt.
const PAUSE: Duration = Duration::from_millis(100);

impl Sites {
    pub fn one(site: Site) -> Self {
        Self { all: vec![site], place: 0, are_alike: false }
    }

    /// What stands before several servers is one of these as well.
    pub fn alike(all: Vec<Site>) -> Self {
        Self { all, place: 0, are_alike: true }
    }

    /// Whether one may be away, or refuse, and another takes what it does not.
    pub fn are_alike(&self) -> bool {
        self.are_alike
    }

    pub fn here(&self) -> &Site {
        &self.all[self.place]
    }

    /// The same, from the so-manyth on.
    pub fn from(&self, place: usize) -> Self {
        Self { place: place % self.all.len(), ..self.clone() }
    }

    /// Turns to the next one; where there is no other, it stays.
    pub fn turn(&mut self) {
        self.place = (self.place + 1) % self.all.len();
    }

    /// Leaves one that takes nothing, in this life: for the next one, or until it has another life.
    pub async fn leave(&mut self, life: usize) {
        if self.are_alike {
            self.turn();
            sleep(PAUSE).await;
        } else {
            soon("another life", self.here().life.reaches(life + 1)).await;
        }
    }
}
