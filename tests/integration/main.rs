//! One binary for all tests of the server from outside: linking is slow, and they share their world.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, has no clock to be given, and ends its tasks with itself"
)]

mod batch;
mod canonical;
mod catalogue;
mod cli;
mod cli_remote;
mod cli_shell;
mod cluster;
mod common;
mod config;
mod console;
mod database;
mod delivery;
mod deployment;
mod doctor;
mod documents;
mod echo;
mod environments;
mod examples;
mod execute;
mod faults;
mod file;
mod golden;
mod grammar;
mod health;
mod history;
mod hostile;
mod house;
mod idempotency;
mod identity;
mod input;
mod keys;
mod kubernetes;
mod lifecycle;
mod limits;
mod middleware;
mod model;
mod monitor;
mod nodes;
mod openapi;
mod origins;
mod orphans;
mod power;
mod privacy;
mod process;
mod prompt;
mod registration;
mod registry;
mod replay;
mod resume;
mod retention;
mod roles;
mod runs;
mod servers;
mod sessions;
mod settings;
mod sign;
mod signatures;
mod signed;
mod siwe;
mod store;
mod stream;
mod tickets;
mod wallets;
mod watch;
mod webhook;
mod wycheproof;
