//! Lists `commands/*.rs`, so that adding a file there is all it takes to add a command.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "this is how cargo speaks to a build script")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=commands");
    // What is embedded of it is listed when the library is compiled.
    println!("cargo::rerun-if-changed=console/dist");
    let modules = modules(&Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("commands"))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("commands.rs"), modules)?;
    Ok(())
}

/// The files of a folder as modules. Fails with the first that cannot be a command.
pub fn modules(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut modules = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let path = path.to_str().ok_or("the path of commands/ is not UTF-8")?;
        let file = path.rsplit('/').next().unwrap_or(path);
        let name = file.trim_end_matches(".rs");
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_name) {
            return Err(format!(
                "commands/{file}: a command's file has a name of a-z, 0-9 and -, such as my-command.rs"
            )
            .into());
        }
        if !fs::read_to_string(path)?.contains("register!(") {
            return Err(
                format!("commands/{file}: nothing in it is registered; end it with `register!(MyCommand);`").into()
            );
        }
        // With a prefix no name is a keyword.
        let module = format!("command_{}", name.replace('-', "_"));
        if modules.insert(module, path.to_owned()).is_some() {
            return Err(format!("commands/{file}: another file differs from it by - and _ only").into());
        }
    }
    let modules: Vec<_> = modules.iter().map(|(module, path)| format!("#[path = {path:?}]\nmod {module};\n")).collect();
    Ok(modules.concat())
}
