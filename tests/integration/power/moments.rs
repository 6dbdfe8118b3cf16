//! The moments at which the power fails.

use super::disk::{DATABASE, Luck};
use super::journal::{Act, Entry};
use crate::common::dice::Dice;

/// So many syncs are looked at; where there are more, each second, or third.
const SYNCS: usize = 300;

/// The kinds of luck to be tried at each moment: before the first entry, before the second, and after the last. The dice
/// fall the same way for the same journal.
pub fn moments(journal: &[Entry]) -> Vec<Vec<Luck>> {
    let mut dice = Dice::new(1);
    let is_sync = |entry: &&Entry| matches!(entry.act, Act::EndSync);
    let step = journal.iter().filter(is_sync).count().div_ceil(SYNCS);
    let mut syncs = 0;
    let before = |entry: &Entry| match entry.act {
        // The last moment at which nothing is safe of what this sync makes safe.
        Act::EndSync => {
            syncs += 1;
            let mut lucks = once_in(2, &mut dice);
            lucks.extend((syncs % step == 0).then_some(Luck::Bad));
            lucks
        }
        Act::CreateFile | Act::MakeFolder | Act::Remove | Act::Cut { .. } => (0..4).map(|_| mixed(&mut dice)).collect(),
        Act::BeginSync => once_in(8, &mut dice),
        Act::Write { .. } => once_in(if entry.name == DATABASE { 6 } else { 32 }, &mut dice),
    };
    let mut moments: Vec<_> = journal.iter().map(before).collect();
    moments.push(vec![Luck::Bad, Luck::Good]);
    moments
}

fn mixed(dice: &mut Dice) -> Luck {
    Luck::Mixed(dice.below(u64::MAX))
}

/// Any luck, and most often none is tried at all.
fn once_in(times: u64, dice: &mut Dice) -> Vec<Luck> {
    let luck = match dice.below(4) {
        0 => Luck::Bad,
        1 => Luck::Good,
        _ => mixed(dice),
    };
    if dice.below(times) == 0 { vec![luck] } else { Vec::new() }
}
