//! A server that speaks TLS as `localhost`, with a certificate of `tests/files/https/ca.pem`, and answers every POST with `{}`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::project;
use super::tool::python;

const SERVER: &str = "
import http.server, ssl, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['content-length']))
        self.send_response(200)
        self.send_header('content-length', '2')
        self.end_headers()
        self.wfile.write(b'{}')
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Answer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
";

pub struct Https {
    child: Child,
    pub url: String,
}

impl Https {
    pub fn start() -> Self {
        let server =
            python().args(["-c", SERVER]).arg(project("tests/files/https/server.pem")).stdout(Stdio::piped()).spawn();
        let mut child = server.unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { child, url: format!("https://localhost:{}/", port.trim()) }
    }
}

impl Drop for Https {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
