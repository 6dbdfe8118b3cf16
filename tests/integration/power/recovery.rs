//! What the product finds when the power is back.

use std::collections::HashMap;
use std::fs;

use nexus::clock::Clock;
use nexus::database::Database;
use rusqlite::Connection;
use tempfile::TempDir;

use super::disk::Files;

/// Opens the files as the product does, and gives back the messages of the results by their runs. Fails in words when
/// they cannot be opened, or are not whole.
pub async fn recover(files: &Files) -> Result<HashMap<String, Vec<String>>, String> {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let database =
        Database::open(&folder.path().join("data"), "full", Clock::default()).map_err(|error| error.to_string())?;
    let read = database.read(|db| Ok((faults(db)?, results(db)?)));
    let (faults, results) = read.await.map_err(|error| format!("{error:?}"))?;
    if faults == "ok" { Ok(results) } else { Err(faults) }
}

fn faults(db: &Connection) -> rusqlite::Result<String> {
    let mut check = db.prepare("PRAGMA integrity_check")?;
    let faults: rusqlite::Result<Vec<String>> = check.query_map((), |row| row.get(0))?.collect();
    Ok(faults?.join("; "))
}

fn results(db: &Connection) -> rusqlite::Result<HashMap<String, Vec<String>>> {
    let select = "SELECT json_extract(data, '$.run_id'), json_extract(data, '$.result.message') FROM events
                  WHERE json_extract(data, '$.result') IS NOT NULL";
    let mut select = db.prepare(select)?;
    let mut rows = select.query(())?;
    let mut results = HashMap::<String, Vec<String>>::new();
    while let Some(row) = rows.next()? {
        results.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(results)
}
