//! Names to addresses, of which only those that may be called come back.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::public::is_public;
use super::target::Reach;
use crate::config::Allowance;

/// The addresses of a name, looked up anew each time.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Looks names up as every program of this machine does.
pub fn by_the_system() -> Lookup {
    Arc::new(|name| async move { Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) }.boxed())
}

/// Looks a name up once for each connection, and gives all its addresses or none: a name that has a private one beside a
/// public one is not asked which is meant. What it gives is what is connected to, so there is no second lookup that could
/// say otherwise.
pub(super) struct Resolver {
    pub(super) lookup: Lookup,
    pub(super) allowance: Arc<Allowance>,
    pub(super) reach: Reach,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, allowance, reach) =
            ((self.lookup)(name.as_str().to_owned()), Arc::clone(&self.allowance), self.reach);
        let work = async move {
            let addresses = found.await?;
            let is_refused =
                |address: &IpAddr| reach == Reach::Checked && !is_public(*address) && !allowance.holds(*address);
            if let Some(address) = addresses.iter().copied().find(is_refused) {
                return Err(NotPublic(address).into());
            }
            if addresses.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            // The port is the URL's.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        };
        Box::pin(work)
    }
}

/// A name stands for an address that may not be called.
#[derive(Debug)]
pub(super) struct NotPublic(IpAddr);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host has the address {}, which is not public", self.0)
    }
}

impl std::error::Error for NotPublic {}
