//! What the recorder wrote down (`tests/power/record.c`), read back.

use std::fs;
use std::path::Path;

/// One thing that the program did to a file or a folder.
pub struct Entry {
    pub act: Act,
    /// Within the folder that was watched, which itself is the empty name.
    pub name: String,
    pub thread: u32,
    /// How long the journal was with it.
    pub end: u64,
}

pub enum Act {
    CreateFile,
    MakeFolder,
    Write { offset: usize, data: Vec<u8> },
    Cut { length: usize },
    Remove,
    BeginSync,
    EndSync,
}

pub fn read(path: &Path) -> Vec<Entry> {
    let bytes = fs::read(path).unwrap();
    let mut rest = bytes.as_slice();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let offset = u64::from_ne_bytes(take(&mut rest)).try_into().unwrap();
        let data_length = u64::from_ne_bytes(take(&mut rest)).try_into().unwrap();
        let name_length = u32::from_ne_bytes(take(&mut rest)) as usize;
        let thread = u32::from_ne_bytes(take(&mut rest));
        let [kind, ..] = u64::from_ne_bytes(take(&mut rest)).to_le_bytes();
        let (name, behind) = rest.split_at(name_length);
        let (data, behind) = behind.split_at(data_length);
        rest = behind;
        let act = match kind {
            b'c' => Act::CreateFile,
            b'f' => Act::MakeFolder,
            b'w' => Act::Write { offset, data: data.to_vec() },
            b't' => Act::Cut { length: offset },
            b'r' => Act::Remove,
            b'b' => Act::BeginSync,
            b's' => Act::EndSync,
            _ => panic!("an entry of the kind {kind}"),
        };
        let name = String::from_utf8(name.to_vec()).unwrap();
        entries.push(Entry { act, name, thread, end: (bytes.len() - rest.len()) as u64 });
    }
    entries
}

fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (head, behind) = rest.split_first_chunk().expect("a whole entry");
    *rest = behind;
    *head
}
