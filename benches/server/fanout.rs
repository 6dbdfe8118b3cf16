//! What a small event costs on its way to many streams, beside nginx with Nchan.

use crate::dialect::Dialect;
use crate::streams::{Readers, are_allowed, serve};
use crate::{ROUNDS, nchan, row_of};

const STREAMS: usize = 10_000;

/// What the readers say of one spell.
struct Delivery {
    rate: f64,
    /// The delays, in milliseconds.
    half: f64,
    most: f64,
    /// How much of its core each has used: who limits the other.
    server: f64,
    readers: f64,
}

/// The next event follows when all have the last; events to other keys do not wait for each other, 64 are under way.
pub fn fanout() {
    if !are_allowed(STREAMS) {
        return;
    }
    let has_peer = nchan::is_there();
    for (keys, what) in [(1, "1 key"), (STREAMS, "10,000 keys")] {
        let rounds: Vec<_> = (0..ROUNDS)
            .map(|_| (deliver(Dialect::Nexus, keys), has_peer.then(|| deliver(Dialect::Nchan, keys))))
            .collect();
        let row = |what: &str, digits, wanted, of: fn(&Delivery) -> f64| {
            let rounds: Vec<_> = rounds.iter().map(|(ours, beside)| (of(ours), beside.as_ref().map(of))).collect();
            row_of(what, digits, &rounds, wanted);
        };
        row(&format!("10,000 streams, {what}: a second"), 0, ">= 1", |delivery| delivery.rate);
        // Where others use the machine too, this is what is left of the figure.
        row("  a second of the server's own", 0, ">= 1", |delivery| delivery.rate / delivery.server);
        row("  half of them within, ms", 2, "", |delivery| delivery.half);
        row("  99 of 100 within, ms", 2, "<= 1", |delivery| delivery.most);
        row("  share of its core, the server", 2, "", |delivery| delivery.server);
        row("  share of their core, the readers", 2, "", |delivery| delivery.readers);
    }
}

fn deliver(dialect: Dialect, keys: usize) -> Delivery {
    let server = serve(dialect);
    let mut readers = Readers::gather(dialect, &server, keys, STREAMS, "publish");
    let line = readers.line();
    let numbers: Vec<f64> = line.split(' ').skip(1).map(|number| number.trim().parse().unwrap()).collect();
    let [rate, half, most, server, readers] = numbers[..] else { panic!("{line}") };
    Delivery { rate, half, most, server, readers }
}
