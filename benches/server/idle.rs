//! What a stream costs on which nothing happens, beside nginx with Nchan.

use crate::dialect::Dialect;
use crate::streams::{Readers, are_allowed, serve};
use crate::{ROUNDS, nchan, row_of};

/// What the process has in memory with the streams and had without, by stream. Each is of a key of its own.
pub fn idle() {
    let has_peer = nchan::is_there();
    for (streams, what) in [(10_000, "10,000"), (18_000, "18,000")] {
        if are_allowed(streams) {
            let rounds: Vec<_> = (0..ROUNDS)
                .map(|_| (cost(Dialect::Nexus, streams), has_peer.then(|| cost(Dialect::Nchan, streams))))
                .collect();
            row_of(&format!("KiB an idle stream, of {what}"), 2, &rounds, "16 KiB");
        }
    }
}

fn cost(dialect: Dialect, streams: usize) -> f64 {
    let server = serve(dialect);
    let without = server.resident();
    let _readers = Readers::gather(dialect, &server, streams, streams, "hold");
    (server.resident() - without) / f64::from(u32::try_from(streams).unwrap())
}
