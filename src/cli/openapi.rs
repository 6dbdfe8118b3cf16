//! `nexus openapi`: the OpenAPI document of this program, without a server.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::command::Registry;
use crate::http;

/// Writes the document to `file`, or to standard output for `-`. Ends with 0, or with 1 and a word why.
#[expect(clippy::print_stderr, reason = "what it has done is not what it has written")]
pub(super) fn openapi(file: &Path, registry: &Registry) -> ExitCode {
    match write(file, registry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nexus: {}: {error}", file.display());
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "what it has done is not what it has written")]
fn write(file: &Path, registry: &Registry) -> Result<(), Box<dyn Error>> {
    let document = serde_json::to_string_pretty(&http::document(registry)?)? + "\n";
    if file == Path::new("-") {
        return match io::stdout().write_all(document.as_bytes()) {
            // Whoever reads it has enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        };
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, document)?;
    eprintln!("wrote {}", file.display());
    Ok(())
}
