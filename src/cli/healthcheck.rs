//! `nexus --healthcheck`: asks the server with the same settings whether it is well, for whoever watches a container.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

/// Ends with 0 when `/health` answers 200 in time, else with 1 and a word why.
#[expect(clippy::print_stderr, reason = "this is all that it has to say")]
pub(super) fn healthcheck(listening: SocketAddr) -> ExitCode {
    match ask(reachable(listening)) {
        Ok(status) if status.split(' ').nth(1) == Some("200") => ExitCode::SUCCESS,
        Ok(status) => {
            eprintln!("nexus: the server answers {status:?}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("nexus: no answer from {listening}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where a server can be called that listens there.
pub(super) fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// The status line of the answer.
fn ask(server: SocketAddr) -> io::Result<String> {
    let mut socket = TcpStream::connect_timeout(&server, PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.write_all(format!("GET /health HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut status = String::new();
    BufReader::new(socket).read_line(&mut status)?;
    Ok(status.trim_end().to_owned())
}
