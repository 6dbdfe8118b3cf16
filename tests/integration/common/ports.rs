//! Ports for what has to be found again under the same one after it was gone.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that the system gives away by itself, and above those that scripts/cluster takes.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;
/// How many a process of the tests has to itself, until all have had theirs.
const SHARE: u32 = 60;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port of 127.0.0.1 on which nobody listens. Nobody is given it a second time in this process.
pub fn free_port() -> u16 {
    let share = process::id() % (COUNT / SHARE) * SHARE;
    for _ in 0..COUNT {
        let number = (share + NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + number).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
