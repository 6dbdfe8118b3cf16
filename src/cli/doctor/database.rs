//! Whether the database is whole, and the log in it can be read.

use std::path::Path;

use super::check::Check;
use crate::database::{Inspection, Soundness, is_held};

const DATABASE: &str = "database";
const BUS: &str = "bus";
const RESTORE: &str = "Stop the server, keep a copy of the folder, and put a backup in its place (README, In production); \
                       without one, move nexus.db away, and the server begins anew.";

const OTHER: &str = "If a newer nexus or another program wrote it, use that, or name another folder with NEXUS_DATA. If it is \
                     damaged, put a backup in its place (README, In production).";

/// Two checks: the file, and the log.
pub(super) fn check(folder: &Path) -> [Check; 2] {
    let inspection = match Inspection::begin(folder) {
        Ok(Some(inspection)) => inspection,
        Ok(None) => {
            let none = "There is no nexus.db yet; the server makes it.";
            return [Check::ok(DATABASE, none), Check::skipped(BUS, "Embedded; there is no log yet.")];
        }
        Err(error) => {
            let unread = Check::failed(BUS, "Embedded; the log cannot be read without the database.", RESTORE);
            return [Check::failed(DATABASE, format!("{error}."), OTHER), unread];
        }
    };
    let holder = if is_held(folder) { "a server holds it" } else { "no server holds it" };
    let database = match inspection.check() {
        Ok(Soundness::Sound) => Check::ok(DATABASE, format!("nexus.db is whole; {holder}.")),
        Ok(Soundness::SoundSoFar) => Check::warning(
            DATABASE,
            format!("Nothing is wrong with what a minute was enough to look at of nexus.db; {holder}."),
            "Run PRAGMA quick_check on it yourself: sqlite3 -readonly nexus.db 'PRAGMA quick_check'.",
        ),
        Err(fault) => Check::failed(DATABASE, format!("nexus.db is damaged: {fault}."), RESTORE),
    };
    let bus = match inspection.newest() {
        Ok(newest) => Check::ok(BUS, format!("Embedded; the log can be read, up to event {newest}.")),
        Err(error) => Check::failed(BUS, format!("Embedded; the log cannot be read: {error}."), RESTORE),
    };
    [database, bus]
}
