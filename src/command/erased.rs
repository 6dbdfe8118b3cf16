//! One shape for commands of every type, so that a registry can hold them.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::{ClientCommand, Command, Context, Data, Definition, Reply};
use crate::error::Result;

/// A command with its arguments in it.
pub trait Runnable: Send {
    /// `init`, then `run`.
    fn run<'a>(&'a mut self, context: &'a Context) -> BoxFuture<'a, Result<Reply<Data>>>;
    fn cleanup<'a>(&'a mut self, context: &'a Context) -> BoxFuture<'a, Result<()>>;
}

impl<C: Command> Runnable for C {
    fn run<'a>(&'a mut self, context: &'a Context) -> BoxFuture<'a, Result<Reply<Data>>> {
        let work = async move {
            Command::init(self, context).await?;
            Command::run(self, context).await?.encode()
        };
        work.boxed()
    }

    fn cleanup<'a>(&'a mut self, context: &'a Context) -> BoxFuture<'a, Result<()>> {
        Command::cleanup(self, context).boxed()
    }
}

/// Makes a command of its arguments; for an enum they stand under the name of the variant.
pub(super) type Build = fn(Value) -> serde_json::Result<Box<dyn Runnable>>;

/// What `register!` hands in: everything about a command that is known before the program starts.
pub struct Registration {
    pub definition: Definition,
    pub(super) schema: fn() -> Schema,
    /// The schema of `data`; none for a command that only the frontend runs.
    pub(super) output: Option<fn() -> Schema>,
    /// None for a command that only the frontend runs.
    pub(super) build: Option<Build>,
    file: &'static str,
    root: &'static str,
}

inventory::collect!(Registration);

impl Registration {
    pub const fn server<C: Command>(file: &'static str, root: &'static str) -> Self {
        let build: Build = |arguments| Ok(Box::new(serde_json::from_value::<C>(arguments)?));
        Self {
            definition: C::DEFINITION,
            schema: schema_of::<C>,
            output: Some(output_of::<C::Output>),
            build: Some(build),
            file,
            root,
        }
    }

    pub const fn client<C: ClientCommand>(file: &'static str, root: &'static str) -> Self {
        Self { definition: C::DEFINITION, schema: schema_of::<C>, output: None, build: None, file, root }
    }

    /// The file that the command stands in, from the root of its package.
    pub fn file(&self) -> &'static str {
        self.file.strip_prefix(self.root).map_or(self.file, |rest| rest.trim_start_matches('/'))
    }
}

pub(super) fn schema_of<T: JsonSchema>() -> Schema {
    schema_by::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

fn output_of<T: JsonSchema>() -> Schema {
    schema_by::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn schema_by<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    settings
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .into_generator()
        .into_root_schema_for::<T>()
}
