//! How far a command has come: a bar on a terminal, elsewhere a line each time, both on standard error.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::cli::failure::tell;
use crate::cli::visible::visible;

/// The longest message beside a bar.
const WIDTH: usize = 40;

pub(super) struct Meter {
    /// None where there is no terminal.
    bar: Option<ProgressBar>,
}

impl Meter {
    pub(super) fn new() -> Self {
        let bar = || ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self { bar: io::stderr().is_terminal().then(bar) }
    }

    /// Shows the data of a `command_progress`; what is something else is passed over.
    pub(super) fn show(&self, data: &Value) {
        let Some(current) = data.pointer("/progress/current").and_then(Value::as_u64) else { return };
        let total = data.pointer("/progress/total").and_then(Value::as_u64);
        let text = |pointer| {
            let text = data.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            visible(text.lines().next().unwrap_or_default()).into_owned()
        };
        let (unit, message) = (text("/progress/unit"), text("/message"));
        let Some(bar) = &self.bar else {
            let of = total.map_or_else(String::new, |total| format!(" of {total}"));
            tell(format_args!("{current}{of} {unit}  {message}").to_string().trim_end());
            return;
        };
        if bar.length() != total || bar.position() == 0 {
            bar.set_style(style(total));
            if let Some(total) = total {
                bar.set_length(total);
            }
        }
        bar.set_prefix(unit);
        bar.set_message(message.chars().take(WIDTH).collect::<String>());
        bar.set_position(current);
        bar.tick();
    }

    /// Wipes the bar: what comes now is the result.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Without colours, which not everybody wants.
fn style(total: Option<u64>) -> ProgressStyle {
    let template =
        if total.is_some() { "[{bar:30}] {pos}/{len} {prefix}  {msg}" } else { "{spinner} {pos} {prefix}  {msg}" };
    // The templates are ours; a slip in one would be shown as a bar of the usual looks.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ")
}
