//! Signatures that prove nothing, ten thousand a second: what they cost the server, and whoever is honest.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::load::{Child, LOAD_CORE, median};
use crate::peers::AUDIENCE;
use crate::{QUIET, row};

const WANTED: usize = 10_000;
const FORGERS: usize = 16;
/// Every so often the honest one asks.
const PACE: Duration = Duration::from_millis(2);
const ROUNDS: usize = 5;
const SPELL: Duration = Duration::from_secs(4);

/// The server's share of its core and the latency of an honest `/ping`, without forgers and with them.
pub fn forged() {
    let rounds: Vec<[f64; 4]> = (0..ROUNDS)
        .map(|_| {
            let server = Child::nexus(&["--log", QUIET, "--public-origins", AUDIENCE]);
            let [calm, _] = attack(&server, 0);
            let before = processor_seconds(server.id());
            let begun = Instant::now();
            let [attacked, sent] = attack(&server, WANTED);
            let share = (processor_seconds(server.id()) - before) / begun.elapsed().as_secs_f64();
            [calm, attacked, sent, share]
        })
        .collect();
    let of = |column: usize| median(rounds.iter().map(|round| round[column]).collect());
    let ratio = median(rounds.iter().map(|round| round[1] / round[0]).collect());
    let sent = of(2);
    row(&format!("core at {sent:.0} forged a second"), format!("{:.2}", of(3)), "1.00".to_owned(), of(3), "< 0.50");
    row("p99 of /ping beside them, us", format!("{:.0}", of(1)), format!("{:.0}", of(0)), ratio, "<= 2");
}

/// The 99th percentile of an honest `/ping` in microseconds, and how many forged requests a second there were.
fn attack(server: &Child, rate: usize) -> [f64; 2] {
    let mut command = Command::new("taskset");
    command.args(["-c", LOAD_CORE]).arg(std::env::current_exe().unwrap());
    let output = command.args(["forgers", &server.address, &rate.to_string()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    numbers.try_into().unwrap_or_else(|_| panic!("{text} {}", String::from_utf8_lossy(&output.stderr)))
}

/// The process of `attack`: some threads that forge, and one that is honest.
pub fn forge(words: &[String]) {
    let (address, rate): (&str, usize) = (&words[0], words[1].parse().unwrap());
    let (is_over, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let forged = request(address, &body());
    let begun = Instant::now();
    let latencies = thread::scope(|scope| {
        for number in 0..if rate == 0 { 0 } else { FORGERS } {
            let (is_over, sent, forged) = (&is_over, &sent, &forged);
            scope.spawn(move || {
                let mut socket = connect(address);
                let pace = Duration::from_secs_f64(FORGERS as f64 / rate as f64);
                // One after the other, and not all at once.
                let mut due = begun + pace.mul_f64(number as f64 / FORGERS as f64);
                while !is_over.load(Ordering::Relaxed) {
                    let status = ask(&mut socket, forged);
                    assert!(status == 401 || status == 429, "{status}");
                    sent.fetch_add(1, Ordering::Relaxed);
                    due += pace;
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                }
            });
        }
        let latencies = be_honest(address);
        is_over.store(true, Ordering::Relaxed);
        latencies
    });
    let rate = sent.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    println!("{} {rate}", latencies[latencies.len() * 99 / 100]);
}

/// The latencies of `/ping`, sorted, in microseconds.
fn be_honest(address: &str) -> Vec<f64> {
    let ping = request(address, r#"{"command": "/ping"}"#);
    let mut socket = connect(address);
    let begun = Instant::now();
    let mut latencies = Vec::new();
    while begun.elapsed() < SPELL {
        let asked = Instant::now();
        assert_eq!(ask(&mut socket, &ping), 200);
        latencies.push(asked.elapsed().as_secs_f64() * 1e6);
        thread::sleep(PACE);
    }
    latencies.sort_by(f64::total_cmp);
    latencies
}

/// Signed for another command, and right in all else.
fn body() -> String {
    crate::peers::signed("/whoami", 1, 1).concat().replace("/whoami", "/echo hello")
}

fn connect(address: &str) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

fn request(address: &str, body: &str) -> String {
    format!(
        "POST /api/v1/commands/execute HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The status of the answer, which fits into one packet.
fn ask(socket: &mut TcpStream, request: &str) -> u16 {
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 4096];
    let read = socket.read(&mut answer).unwrap();
    std::str::from_utf8(&answer[9..12.min(read)]).unwrap().parse().unwrap()
}

/// What a process has had of the processors.
fn processor_seconds(id: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // Ticks of a hundredth of a second, on every Linux there is (proc(5)).
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}
