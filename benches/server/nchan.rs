//! nginx with Nchan, the peer of streams.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::load::{Child, PATIENCE, free_address};

const NGINX: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// Whether it can be started; says what to install if not.
pub fn is_there() -> bool {
    let is_there = Path::new(NGINX).exists() && Path::new(MODULE).exists();
    if !is_there {
        println!(
            "no nginx with Nchan to measure beside: install the Debian packages nginx-light and libnginx-mod-nchan"
        );
    }
    is_there
}

/// One process, which is what a single core can use.
pub fn start(files: u64) -> Child {
    let folder = TempDir::new().unwrap();
    let address = free_address();
    fs::write(folder.path().join("nginx.conf"), configuration(&address, files)).unwrap();
    let prefix = folder.path().to_str().unwrap().to_owned();
    let words = ["-p", &prefix, "-c", "nginx.conf", "-e", "stderr"];
    let mut child = Child::of(Path::new(NGINX), &words, folder);
    child.says("nginx/");
    child.address = address;
    let begun = Instant::now();
    while TcpStream::connect(&child.address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "nginx does not listen");
        thread::sleep(Duration::from_millis(1));
    }
    child
}

/// As it comes, but for what limits the number of connections and of requests on each.
fn configuration(address: &str, files: u64) -> String {
    let connections = files - 100;
    format!(
        "load_module {MODULE};
        daemon off; master_process off; pid nginx.pid; error_log stderr notice;
        worker_rlimit_nofile {files};
        events {{ worker_connections {connections}; }}
        http {{
            access_log off; keepalive_requests 1000000000; client_body_temp_path temp;
            proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
            server {{
                listen {address} backlog=4096;
                location ~ ^/publish/(\\w+)$ {{ nchan_publisher http; nchan_channel_id $1; }}
                location ~ ^/stream/(\\w+)$ {{
                    nchan_subscriber eventsource; nchan_channel_id $1; nchan_subscriber_first_message newest;
                }}
            }}
        }}"
    )
}
