//! What a command is. Everything a file in `commands/` needs is in [`prelude`].
//!
//! A command is a type: its fields are the arguments, its doc comment the description, its [`Definition`] what it demands
//! of a caller, its `run` what it does. From that one type come the entry in the catalogue, the JSON Schema, the usage
//! line, and the reading of text and typed arguments. No command knows who asked for it or who hears of its result.

pub mod bounds;
mod catalogue;
mod context;
mod declared;
mod definition;
mod describe;
mod dynamic;
mod entry;
mod erased;
mod faults;
mod fields;
mod form;
mod formats;
pub mod grammar;
mod meter;
mod parameter;
mod registry;
mod reply;
mod rules;
mod services;
mod turns;
mod usage;
mod wire;

use std::future::Future;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

pub use self::catalogue::Document;
pub use self::context::{Context, Proof, World};
pub use self::declared::{Declared, Saying};
pub use self::definition::{Definition, Demands, Endpoint, Example, Handler, Method, Role, Subcommand};
pub use self::dynamic::Hook;
pub use self::entry::{Entry, Source};
pub use self::erased::{Registration, Runnable};
pub use self::fields::{Field, fields_of};
pub use self::form::{Form, Make};
pub use self::parameter::{Kind, Parameter};
pub use self::registry::{InvalidDefinitions, Registry};
pub use self::reply::Reply;
pub use self::services::Services;
pub use self::wire::strays;
pub use crate::json::Data;

#[doc(hidden)]
pub use inventory;

/// All that a file in `commands/` needs.
pub mod prelude {
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};

    pub use super::bounds::{Int, Slug, Text};
    pub use super::grammar::did_you_mean;
    pub use super::{
        ClientCommand, Command, Context, Data, Definition, Endpoint, Example, Field, Method, Reply, Role, Subcommand,
        fields_of,
    };
    pub use crate::address::Address;
    pub use crate::error::{Code, Error, Result};
    pub use crate::register;
    pub use crate::run::{Progress, Status};
    pub use crate::store::{PROMPTS, Placed, Prompt, Run, Tally, Wanted};
}

/// A command that the server runs.
///
/// The type is the arguments: a struct, or an enum of subcommands in which the variant that is called like the command is
/// the bare command. One value is made for each execution, and `init`, `run` and `cleanup` share it.
pub trait Command: DeserializeOwned + JsonSchema + Send + 'static {
    /// What stands in `data` of a success; `()` for none.
    type Output: Serialize + JsonSchema + 'static;

    const DEFINITION: Definition;

    /// Makes ready what `run` needs. Runs within the command's time, before `run`; a failure is the result.
    fn init(&mut self, _context: &Context) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Does the work. When its time is up, or its run is cancelled, it is dropped at the point where it waits, so it must not block a thread.
    fn run(&mut self, context: &Context) -> impl Future<Output = Result<Reply<Self::Output>>> + Send;

    /// Gives back what `init` and `run` took. Runs once whenever `init` began: after a success, a failure, a time-out, a
    /// cancellation, a panic. It has ten seconds; a failure is logged and does not change the result.
    fn cleanup(&mut self, _context: &Context) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// A command that runs in the frontend. The server lists it and refuses to run it.
pub trait ClientCommand: DeserializeOwned + JsonSchema + Send + 'static {
    const DEFINITION: Definition;
}

/// Makes a command known: `register!(Ping);`, or `register!(client Clear);` for a [`ClientCommand`].
#[macro_export]
macro_rules! register {
    (client $command:ty) => {
        $crate::command::inventory::submit! {
            $crate::command::Registration::client::<$command>(file!(), env!("CARGO_MANIFEST_DIR"))
        }
    };
    ($command:ty) => {
        $crate::command::inventory::submit! {
            $crate::command::Registration::server::<$command>(file!(), env!("CARGO_MANIFEST_DIR"))
        }
    };
}
