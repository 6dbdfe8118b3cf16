//! Commands that come and go while the server runs.
//!
//! What is registered is written down first, and known then: a start finds it again. One comes or goes at a time, so that none is
//! lost, and each time every stream hears of it. A run that goes on when its command goes ends as it would have.

mod asked;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use tracing::{info, warn};

use crate::address::Address;
use crate::app::App;
use crate::bus::Signal;
use crate::command::{Entry, Hook, Registry, Source};
use crate::error::{Code, Error, Result};
use crate::store::{MOST_COMMANDS, Registered};
use crate::webhook::Secret;

pub use self::asked::{Asked, Checked};

/// Makes a command known that was checked. Also done when the caller stops waiting. Fails with `already_exists`, `overloaded`
/// when there are as many as there may be, or `store_unavailable`.
pub async fn register(app: &Arc<App>, checked: Checked, by: Address) -> Result<Arc<Entry>> {
    let (runtime, app) = (app.runtime.clone(), Arc::clone(app));
    let work = async move {
        let _turn = app.registering.lock().await;
        let registry = app.registry.load_full();
        let Checked { entry, definition, url, secret, expires_at } = checked;
        check_free(&registry, &entry)?;
        let next = registry.with(Arc::clone(&entry)).map_err(Error::internal)?;
        let definition = definition.to_string();
        let kept = Registered { name: entry.name.clone(), definition, url, secret, created_by: by, expires_at };
        if !app.store.keep_command(kept).await? {
            let message = format!("There are {MOST_COMMANDS} registered commands, and may not be more.");
            return Err(Error::new(Code::Overloaded, message).with_hint("Delete one that is not needed any more."));
        }
        exchange(&app, next);
        info!(target: "audit", command = entry.name, %by, "a command was registered");
        Ok(entry)
    };
    runtime.see_through(work).await
}

/// Lets a command go that was registered. Also done when the caller stops waiting. Fails with `unknown_command`, `forbidden`
/// where it belongs to the program, or `store_unavailable`.
pub async fn remove(app: &Arc<App>, name: String, by: Address) -> Result<()> {
    let (runtime, app) = (app.runtime.clone(), Arc::clone(app));
    let work = async move {
        let _turn = app.registering.lock().await;
        let known = removable(&app.registry.load(), &name);
        // One that could not be made known when the server started is still written down.
        let was_kept = app.store.forget_command(name.clone()).await?;
        match known {
            Ok(()) => exchange(&app, app.registry.load().without(&name).map_err(Error::internal)?),
            Err(error) if error.code == Code::UnknownCommand && was_kept => {}
            Err(error) => return Err(error),
        }
        info!(target: "audit", command = name, %by, "a command was deleted");
        Ok(())
    };
    runtime.see_through(work).await
}

/// Whether a command of this name may go. Fails as [`remove`] does.
pub fn removable(registry: &Registry, name: &str) -> Result<()> {
    let entry = registry.entry(name)?;
    if entry.name != name {
        let message = format!("/{name} is another name of /{}.", entry.name);
        return Err(Error::new(Code::UnknownCommand, message).with_hint("Delete a command by its name."));
    }
    match entry.source {
        Source::Elsewhere => Ok(()),
        Source::File(_) => Err(Error::new(Code::Forbidden, format!("/{name} belongs to the program and stays."))
            .with_hint("Only what was registered can be deleted.")),
    }
}

/// Makes known what was registered before the server started, or at another node. What can no longer be is told in the log, and
/// stays written down: a setting or another version of the program may let it in again. Fails with `store_unavailable`.
pub async fn load(app: &App) -> Result<()> {
    let _turn = app.registering.lock().await;
    app.store.refresh_commands().await?;
    reload(app).await
}

/// Lets those go whose time is over, and takes over what another node has changed. Fails with `store_unavailable`.
pub async fn refresh(app: &App) -> Result<()> {
    // First the turn: what is changed here meanwhile is not to be lost.
    let mut is_stale = app.registering.lock().await;
    *is_stale |= app.store.refresh_commands().await?;
    if *is_stale {
        reload(app).await?;
        *is_stale = false;
    }
    Ok(())
}

async fn reload(app: &App) -> Result<()> {
    let kept = app.store.registered_commands().await?;
    let before = app.registry.load_full();
    let ours = before.entries().iter().filter(|entry| entry.source != Source::Elsewhere);
    let mut entries: Vec<_> = ours.map(Arc::clone).collect();
    let mut taken: HashSet<String> = entries.iter().flat_map(|entry| entry.names()).map(str::to_owned).collect();
    for registered in kept {
        let name = registered.name.clone();
        match read(app, registered) {
            Ok(entry) if entry.names().all(|name| !taken.contains(name)) => {
                taken.extend(entry.names().map(str::to_owned));
                entries.push(Arc::new(entry));
            }
            Ok(_) => warn!(command = name, "a registered command is left out: its name is taken"),
            Err(error) => {
                warn!(command = name, error = &error as &dyn std::error::Error, "a registered command is left out");
            }
        }
    }
    let after = Registry::of(entries).map_err(Error::internal)?;
    if after.catalogue().etag == before.catalogue().etag {
        app.registry.store(Arc::new(after));
    } else {
        exchange(app, after);
    }
    Ok(())
}

fn read(app: &App, registered: Registered) -> Result<Entry> {
    // It stands in a line of the log.
    let invalid = |faults: Vec<String>| Error::internal(faults.join(" ").replace(char::is_control, " "));
    let definition: Value = serde_json::from_str(&registered.definition).map_err(Error::internal)?;
    let target = app.webhooks.target(&registered.url).map_err(|fault| invalid(vec![fault]))?;
    let secret = registered.secret.map(|secret| Secret::parse(&secret)).transpose();
    let secret = secret.map_err(|fault| invalid(vec![fault.to_owned()]))?;
    Entry::of_webhook(&definition, Some(Hook { target, secret }), &app.webhooks).map_err(invalid)
}

/// Whether none of its names is taken. Fails with `already_exists`.
pub(crate) fn check_free(registry: &Registry, entry: &Entry) -> Result<()> {
    let taken = entry.names().find_map(|name| Some((name, registry.entry(name).ok()?)));
    let Some((name, other)) = taken else { return Ok(()) };
    let hint = match other.source {
        Source::File(_) => "That one belongs to the program; take another name.".to_owned(),
        Source::Elsewhere => format!("Delete it first (DELETE /api/v1/commands/{}), or take another name.", other.name),
    };
    Err(Error::new(Code::AlreadyExists, format!("There is a command /{name} already.")).with_hint(hint))
}

fn exchange(app: &App, registry: Registry) {
    app.registry.store(Arc::new(registry));
    app.bus.announce_to_all(Signal::Commands);
}
