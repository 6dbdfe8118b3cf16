//! A command server. Define a command once, in one file of `commands/`; the server lists it, checks who calls it by an
//! Ethereum-style signature, runs it, answers over HTTP, and fans the result out to every stream of the caller's key.
//!
//! The modules in reading order, each of which uses only those below it:
//!
//! | module | its duty |
//! |---|---|
//! | [`cli`] | what the words of the command line mean |
//! | [`http`] | routes, layers, and the only place where a code becomes a status |
//! | [`pipeline`] | the way of one command; read this first |
//! | [`access`] | who is behind a request, and what proves it |
//! | [`registration`] | commands that come and go while the server runs |
//! | [`app`] | the parts of a server, put together |
//! | [`foundation`] | what a server stands on: a file of its own, or NATS servers |
//! | [`middleware`] | what stands around the execution of a command |
//! | [`command`] | what a command is: definition, grammar, registry, context |
//! | [`signing`] | who made a signature; does no I/O |
//! | [`bus`] | the log and the streams that follow it |
//! | [`webhook`] | calls to somebody else's server |
//! | [`store`] | what is remembered of a key: its identity, its runs, its sessions |
//! | [`database`] | the SQLite file under both, on one machine |
//! | [`nats`] | the streams and buckets under both, on many |
//! | [`keystore`] | private keys in files that a passphrase opens |
//! | [`seats`], [`budget`] | who may hold how many streams, and have how many signatures checked |
//! | [`ongoing`], [`gauges`] | runs that are going on; numbers for whoever watches |
//! | [`config`] | settings |
//! | [`runtime`] | tasks and the word to stop |
//! | [`event`], [`run`], [`secret`], [`address`], [`origin`], [`json`], [`error`], [`clock`] | the nouns of the protocol |
//!
//! What is not here, and stays away:
//!
//! - No command knows who transports its result; files in `commands/` see [`command::prelude`] and nothing else.
//! - Only `http::error` turns a code into a status.
//! - Only `bus` writes the log, and nothing is visible before it is durable.
//! - Only [`webhook`] calls somebody else's server, and the terminal the one that it is told.
//! - Only [`config`] reads the environment, only [`clock`] the time, only [`runtime`] starts tasks.
//! - No queue, channel or map grows with what a client sends.
//! - No client text stands in an event's id or name, in SQL, or in the structure of a log line.
//! - No panic that a client can reach; one that happens all the same ends one run and nothing else.

extern crate self as nexus;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod access;
pub mod address;
pub mod app;
pub mod budget;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod command;
mod commands;
pub mod config;
pub mod database;
pub mod error;
pub mod event;
pub mod foundation;
pub mod gauges;
pub mod http;
pub mod json;
pub mod keystore;
pub mod middleware;
pub mod nats;
pub mod ongoing;
pub mod origin;
pub mod pipeline;
pub mod registration;
pub mod run;
pub mod runtime;
pub mod seats;
pub mod secret;
pub mod signing;
pub mod store;
pub mod webhook;
