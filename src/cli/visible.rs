//! Texts of others, shown so that they cannot play with the terminal.

use std::borrow::Cow;

/// The text with every character that is not seen, or moves others about, written out as `\u{..}`: control characters,
/// with which a terminal is commanded, and those that turn the direction of writing.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if !text.contains(hides) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hides(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}
