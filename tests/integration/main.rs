//! One binary for all tests of the server from outside: linking is slow, and they share their world.

mod catalogue;
mod common;
mod environments;
mod execute;
mod grammar;
mod health;
mod house;
mod identity;
mod input;
mod lifecycle;
mod origins;
mod process;
mod registry;
mod settings;
mod signatures;
mod stream;
mod wallets;
