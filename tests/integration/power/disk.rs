//! A disk without power: what it holds for sure, and what it may hold of the rest.
//!
//! A file that was synced is there up to the begin of that sync; a name, once its folder was synced. Of what came later
//! each change has landed or not, whatever the order, and of a write any of its sectors, with or without the length that
//! the file got by it. A file system of today loses less; POSIX allows all of this.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use super::journal::{Act, Entry};
use crate::common::dice::Dice;

/// SQLite's file, and the log beside it (WAL) in which changes are gathered.
pub const DATABASE: &str = "data/nexus.db";
pub const LOG: &str = "data/nexus.db-wal";

/// The least that is written as a whole.
const SECTOR: usize = 512;

/// What becomes of that which was not synced.
#[derive(Clone, Copy, Debug)]
pub enum Luck {
    /// Nothing of it has landed.
    Bad,
    /// Some of it has, some not, some in part; as the dice fall that this number begins.
    Mixed(u64),
    /// All of it has, as when only the program ends.
    Good,
}

/// The files of a folder by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Folder(String),
    File(usize),
}

enum Change {
    Enter(String, Node),
    Leave(String),
    Write { file: usize, offset: usize, data: Vec<u8> },
    Cut { file: usize, length: usize },
}

/// A change that is not safe yet.
struct Loose {
    change: Change,
    /// How many came before it.
    number: usize,
    /// Whose sync makes it safe.
    owner: Node,
}

#[derive(Clone, Default)]
struct State {
    names: BTreeMap<String, Node>,
    contents: Vec<Vec<u8>>,
}

#[derive(Default)]
pub struct Disk {
    safe: State,
    loose: Vec<Loose>,
    /// What the program sees.
    names: HashMap<String, Node>,
    /// How many changes there were when the thread began its sync.
    syncing: HashMap<u32, usize>,
    changes: usize,
}

impl Disk {
    /// Goes on by one entry of the journal.
    pub fn follow(&mut self, entry: Entry) {
        let Entry { act, name, thread, .. } = entry;
        match act {
            Act::CreateFile => {
                self.safe.contents.push(Vec::new());
                self.enter(name, Node::File(self.safe.contents.len() - 1));
            }
            Act::MakeFolder => self.enter(name.clone(), Node::Folder(name)),
            Act::Remove => {
                self.names.remove(&name).expect("what is removed was there");
                self.change(folder_of(&name), Change::Leave(name));
            }
            Act::Write { offset, data } => {
                let file = self.file(&name);
                self.change(Node::File(file), Change::Write { file, offset, data });
            }
            Act::Cut { length } => {
                let file = self.file(&name);
                self.change(Node::File(file), Change::Cut { file, length });
            }
            Act::BeginSync => drop(self.syncing.insert(thread, self.changes)),
            Act::EndSync => {
                let before = self.syncing.remove(&thread).expect("a sync that ends has begun");
                let owner = if name.is_empty() { Node::Folder(name) } else { self.names[&name].clone() };
                let is_safe = |loose: &Loose| loose.owner == owner && loose.number < before;
                let (safe, loose): (Vec<_>, Vec<_>) = mem::take(&mut self.loose).into_iter().partition(is_safe);
                self.loose = loose;
                for Loose { change, .. } in safe {
                    self.safe.apply(&change, || true);
                }
            }
        }
    }

    fn file(&self, name: &str) -> usize {
        let Some(Node::File(file)) = self.names.get(name) else { panic!("{name:?} was never created") };
        *file
    }

    fn enter(&mut self, name: String, node: Node) {
        self.names.insert(name.clone(), node.clone());
        self.change(folder_of(&name), Change::Enter(name, node));
    }

    fn change(&mut self, owner: Node, change: Change) {
        self.loose.push(Loose { change, number: self.changes, owner });
        self.changes += 1;
    }

    /// What is there after the power has failed.
    pub fn files(&self, luck: Luck) -> Files {
        let mut state = self.safe.clone();
        match luck {
            Luck::Bad => {}
            Luck::Good => self.loose.iter().for_each(|loose| state.apply(&loose.change, || true)),
            Luck::Mixed(seed) => {
                let mut dice = Dice::new(seed);
                let odds = dice.below(9);
                for Loose { change, .. } in &self.loose {
                    if dice.below(8) < odds {
                        state.apply(change, || true);
                    } else if dice.below(3) == 0 {
                        let odds = dice.below(8);
                        state.apply(change, || dice.below(8) < odds);
                    }
                }
            }
        }
        state.files()
    }
}

impl State {
    /// Applies what has landed of a change: `lands` is asked for each of its sectors.
    fn apply(&mut self, change: &Change, mut lands: impl FnMut() -> bool) {
        match change {
            Change::Write { file, offset, data } => {
                let content = &mut self.contents[*file];
                let end = offset + data.len();
                content.resize(content.len().max(end), 0);
                let mut from = *offset;
                while from < end {
                    let to = end.min((from / SECTOR + 1) * SECTOR);
                    if lands() {
                        content[from..to].copy_from_slice(&data[from - offset..to - offset]);
                    }
                    from = to;
                }
            }
            Change::Cut { file, length } if lands() => self.contents[*file].resize(*length, 0),
            Change::Enter(name, node) if lands() => drop(self.names.insert(name.clone(), node.clone())),
            Change::Leave(name) if lands() => drop(self.names.remove(name)),
            _ => {}
        }
    }

    /// The files whose names are there, and those of all folders above them.
    fn files(mut self) -> Files {
        let is_reached = |name: &str| name.match_indices('/').all(|(end, _)| self.names.contains_key(&name[..end]));
        let names: Vec<_> = self.names.iter().filter(|(name, _)| is_reached(name)).collect();
        let content = |(name, node): (&String, &Node)| match node {
            Node::File(file) => Some((name.clone(), mem::take(&mut self.contents[*file]))),
            Node::Folder(_) => None,
        };
        names.into_iter().filter_map(content).collect()
    }
}

/// The folder that a name stands in.
fn folder_of(name: &str) -> Node {
    Node::Folder(name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned())
}
