//! Lists `commands/*.rs`, so that adding a file there is all it takes to add a command.

use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "this is how cargo speaks to a build script")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=commands");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("commands");
    let mut modules = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name =
                path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file name in commands/ is not UTF-8")?;
            let path = path.to_str().ok_or("the path of commands/ is not UTF-8")?;
            modules.push(format!("#[path = {path:?}]\nmod r#{};\n", name.replace('-', "_")));
        }
    }
    modules.sort();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("commands.rs"), modules.concat())?;
    Ok(())
}
