//! The program: see [`nexus`].

fn main() -> std::process::ExitCode {
    nexus::cli::run(nexus::app::Additions::default())
}
