//! Many readers of streams in one process, with one system call for each thing that is heard.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, Socket, Type};

use crate::dialect::Dialect;
use crate::load::PATIENCE;

/// Streams that are asked for and have not begun; a server accepts so many at a time.
const OPENING: usize = 128;
/// Addresses from which the streams come, each with ports of its own.
const SOURCES: usize = 100;

/// A connection, and what came of it and is not complete.
pub struct Line {
    socket: TcpStream,
    pub text: Vec<u8>,
}

impl Line {
    /// From one of several addresses of this machine.
    pub fn open(address: SocketAddr, number: usize, poll: &Poll) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
        // What is left when it closes would wait for a minute, with its port.
        socket.set_linger(Some(Duration::ZERO)).unwrap();
        socket.set_tcp_nodelay(true).unwrap();
        let source = Ipv4Addr::new(127, 0, 1, u8::try_from(1 + number % SOURCES).unwrap());
        socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut socket = TcpStream::from_std(socket.into());
        socket.register(poll.registry(), Token(number), Interest::READABLE).unwrap();
        Self { socket, text: Vec::new() }
    }

    pub fn say(&mut self, request: &str) {
        let written = self.socket.write(request.as_bytes()).unwrap();
        assert_eq!(written, request.len(), "a request fits into the buffer of a socket");
    }

    /// Takes all that has come.
    pub fn hear(&mut self, buffer: &mut [u8]) {
        loop {
            match self.socket.read(buffer) {
                Ok(0) => panic!("the server ended it after {:?}", String::from_utf8_lossy(&self.text)),
                Ok(length) => {
                    self.text.extend_from_slice(&buffer[..length]);
                    // There is no more when less came than there was room for.
                    if length < buffer.len() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Takes the whole frames out, each of which ends with a blank line.
    pub fn frames(&mut self, mut each: impl FnMut(&[u8])) {
        let mut begin = 0;
        while let Some(length) = self.text[begin..].windows(2).position(|pair| pair == b"\n\n") {
            each(&self.text[begin..begin + length]);
            begin += length + 2;
        }
        self.text.drain(..begin);
    }
}

pub struct Crowd {
    pub poll: Poll,
    pub lines: Vec<Line>,
    buffer: Vec<u8>,
}

impl Crowd {
    /// Opens the streams, of the keys in turn, and waits until each of them has begun.
    pub fn gather(dialect: Dialect, address: SocketAddr, keys: usize, streams: usize) -> Self {
        let mut crowd = Self { poll: Poll::new().unwrap(), lines: Vec::new(), buffer: vec![0; 16 * 1024] };
        let host = address.to_string();
        let mut begun = 0;
        let mut events = Events::with_capacity(OPENING);
        let patience = Instant::now();
        while begun < streams {
            while crowd.lines.len() < streams.min(begun + OPENING) {
                let number = crowd.lines.len();
                let mut line = Line::open(address, number, &crowd.poll);
                line.say(&dialect.subscribe(&host, 1 + number % keys));
                crowd.lines.push(line);
            }
            crowd.wait(&mut events);
            assert!(patience.elapsed() < PATIENCE, "{begun} of {streams} streams have begun");
            for event in &events {
                let line = crowd.hear(event.token().0);
                // The first frame comes after the head, in which no line ends without a carriage return.
                line.frames(|frame| {
                    assert!(frame.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(frame));
                    begun += 1;
                });
            }
        }
        crowd
    }

    /// Waits until something has come on some of the connections.
    pub fn wait(&mut self, events: &mut Events) {
        self.poll.poll(events, Some(PATIENCE)).unwrap();
        assert!(!events.is_empty(), "nothing comes any more");
    }

    pub fn hear(&mut self, number: usize) -> &mut Line {
        let line = &mut self.lines[number];
        line.hear(&mut self.buffer);
        line
    }
}
