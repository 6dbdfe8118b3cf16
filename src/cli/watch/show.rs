//! Events as people read them, or as programs do.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use serde_json::{Value, json};
use uuid::Uuid;

use super::reader::Event;
use crate::cli::failure::tell;
use crate::cli::visible::visible;
use crate::clock::Clock;
use crate::config;
use jiff::Timestamp;

const GREEN: &str = "32";
const RED: &str = "31";
const GREY: &str = "90";
/// The longest line of progress: it must fit, to be written over.
const WIDTH: usize = 78;

/// Where the events go.
pub(super) struct Show {
    is_terminal: bool,
    has_colour: bool,
    /// Whether the last line is progress that the next will take the place of.
    is_open: bool,
}

impl Show {
    pub(super) fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self { is_terminal, has_colour: is_terminal && !config::no_color(), is_open: false }
    }

    /// Fails when nobody reads.
    pub(super) fn event(&mut self, event: &Event) -> io::Result<()> {
        let data = serde_json::from_str(&event.data).unwrap_or_else(|_| Value::from(event.data.as_str()));
        let told = match event.name.as_str() {
            "stream_gap" => Some(gap(&data)),
            "commands_changed" if self.is_terminal => Some("the server's commands have changed".to_owned()),
            _ => None,
        };
        if let Some(told) = told {
            self.leave();
            tell(told);
        }
        let mut out = io::stdout().lock();
        if !self.is_terminal {
            writeln!(out, "{}", json!({ "id": event.id, "event": event.name, "data": data }))?;
            return out.flush();
        }
        match event.name.as_str() {
            "command_result" => {
                let line = self.result(&data);
                writeln!(out, "{}{line}", self.over())?;
                self.is_open = false;
            }
            "command_progress" => {
                let line = self.progress(&data);
                write!(out, "{}{line}", self.over())?;
                self.is_open = true;
            }
            _ => {}
        }
        out.flush()
    }

    /// Ends a line that is open, before something else is written.
    pub(super) fn leave(&mut self) {
        if std::mem::take(&mut self.is_open) {
            // What cannot be written here cannot be written next, and is told then.
            let _ = writeln!(io::stdout());
        }
    }

    /// To the beginning of a line that is open, which is wiped.
    const fn over(&self) -> &'static str {
        if self.is_open { "\r\u{1b}[2K" } else { "" }
    }

    fn result(&self, data: &Value) -> String {
        let is_fine = text(data, "/result/status") == "success";
        let (mark, colour) = if is_fine { ("✓", GREEN) } else { ("✗", RED) };
        let code = text(data, "/result/code");
        let mut line =
            format!("{}  {}  {}", self.time(data), self.painted(mark, colour), visible(&text(data, "/command")));
        if !code.is_empty() {
            line.push_str(&format!("  {}", self.painted(&visible(&code), RED)));
        }
        for (place, part) in text(data, "/result/message").lines().enumerate() {
            let before = if place == 0 { "  " } else { "\n             " };
            line.push_str(&format!("{before}{}", visible(part)));
        }
        line
    }

    fn progress(&self, data: &Value) -> String {
        let number = |pointer: &str| data.pointer(pointer).filter(|number| number.is_number()).map(ToString::to_string);
        let mut words = vec![visible(&text(data, "/command")).into_owned()];
        let current = number("/progress/current");
        let total = number("/progress/total").map_or_else(String::new, |total| format!("/{total}"));
        words.extend(current.map(|current| format!("{current}{total} {}", visible(&text(data, "/progress/unit")))));
        words.push(visible(text(data, "/message").lines().next().unwrap_or_default()).into_owned());
        let words: String = words.join("  ").trim_end().chars().take(WIDTH - 13).collect();
        format!("{}  {}  {words}", self.time(data), self.painted("…", GREY))
    }

    /// When the run began, which its id tells; of others, when they are heard.
    fn time(&self, data: &Value) -> String {
        let began = Uuid::parse_str(&text(data, "/run_id")).ok().and_then(|id| id.get_timestamp()).and_then(|time| {
            let (seconds, _) = time.to_unix();
            Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
        });
        let time = began.unwrap_or_else(|| Clock::default().now());
        self.painted(&time.strftime("%H:%M:%S").to_string(), GREY).into_owned()
    }

    fn painted<'a>(&self, text: &'a str, colour: &str) -> Cow<'a, str> {
        if self.has_colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m").into() } else { text.into() }
    }
}

fn gap(data: &Value) -> String {
    let missed = data
        .pointer("/missed")
        .filter(|missed| missed.is_number())
        .map_or_else(|| "some".to_owned(), ToString::to_string);
    let why = match text(data, "/reason").as_ref() {
        "evicted" => "the server has forgotten them".to_owned(),
        "unknown_id" => "the server does not know the last id, so nobody knows how many".to_owned(),
        "slow_reader" => "they were announced faster than they were read".to_owned(),
        other => visible(other).into_owned(),
    };
    format!("a gap: {missed} events are missing, {why}")
}

fn text<'a>(data: &'a Value, pointer: &str) -> Cow<'a, str> {
    data.pointer(pointer).and_then(Value::as_str).unwrap_or_default().into()
}
