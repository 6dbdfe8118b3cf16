//! Whether the data folder takes files, and has room for them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::check::Check;

const MIB: u64 = 1 << 20;
/// With less free space a server may fail soon, and with less than the second it is about to.
const LITTLE: u64 = 1024 * MIB;
const NOTHING: u64 = 64 * MIB;

pub(super) fn check(folder: &Path) -> Check {
    const NAME: &str = "data";
    let there = nearest(folder);
    match write_in(there) {
        Ok(()) if there == folder => Check::ok(NAME, format!("{} takes files.", folder.display())),
        Ok(()) => Check::ok(NAME, format!("{} is not there yet; the server can make it.", folder.display())),
        Err(error) => Check::failed(
            NAME,
            format!("{} cannot be written in: {error}.", there.display()),
            "Make it a folder that belongs to whoever runs the server, or name another with NEXUS_DATA.",
        ),
    }
}

pub(super) fn check_space(folder: &Path) -> Check {
    const NAME: &str = "disk";
    const HINT: &str = "Make room, or keep less: NEXUS_RETENTION_MIB bounds what the database holds.";
    let there = nearest(folder);
    let free = match rustix::fs::statvfs(there) {
        Ok(stat) => stat.f_bavail.saturating_mul(stat.f_frsize),
        Err(error) => return Check::skipped(NAME, format!("Nobody tells how much is free there: {error}.")),
    };
    let message = format!("{} MiB are free for {}.", free / MIB, folder.display());
    match free {
        ..NOTHING => Check::failed(NAME, message, HINT),
        NOTHING..LITTLE => Check::warning(NAME, message, HINT),
        LITTLE.. => Check::ok(NAME, message),
    }
}

/// The folder, or the nearest above it that is there.
fn nearest(folder: &Path) -> &Path {
    let there = folder.ancestors().find(|path| path.exists() || path.is_symlink());
    match there {
        Some(there) if !there.as_os_str().is_empty() => there,
        _ => Path::new("."),
    }
}

/// Writes a file and removes it.
fn write_in(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".nexus-doctor-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    let written = file.write_all(b"nexus").and_then(|()| file.sync_all());
    fs::remove_file(&path)?;
    written
}
