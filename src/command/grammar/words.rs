//! Words, quoted and escaped as in a POSIX shell (IEEE 1003.1, XCU 2.2), without its expansions.

use std::borrow::Cow;

use crate::error::{Code, Error, Result};

/// A word, and where in it the first quote stood: only what is before that can be syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    text: String,
    quoted_from: Option<usize>,
}

impl Word {
    /// A word in which everything may be syntax.
    pub fn unquoted(text: String) -> Self {
        Self { text, quoted_from: None }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn into_text(self) -> String {
        self.text
    }

    /// The whole text, if none of it was quoted.
    pub fn plain(&self) -> Option<&str> {
        self.quoted_from.is_none().then_some(&*self.text)
    }

    /// The text behind `prefix`, if the word begins with it outside of quotes.
    pub fn strip_plain(&self, prefix: &str) -> Option<&str> {
        let plain = self.quoted_from.unwrap_or(self.text.len());
        self.text.strip_prefix(prefix).filter(|_| prefix.len() <= plain)
    }
}

/// The text as one word that is read as it is.
pub fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ',' | '/' | '+' | '@' | '%');
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''")).into()
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Splits at blanks, in one pass. Fails with `malformed_command` when a quote is left open or a backslash ends the text.
pub(super) fn split(text: &str) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted_from = None;
    let mut begun = false;
    let mut quote = Quote::None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Quote::None, ' ') => {
                if begun {
                    words.push(Word { text: std::mem::take(&mut word), quoted_from: quoted_from.take() });
                    begun = false;
                }
                continue;
            }
            (Quote::None, '\'') => {
                quoted_from.get_or_insert(word.len());
                quote = Quote::Single;
            }
            (Quote::None, '"') => {
                quoted_from.get_or_insert(word.len());
                quote = Quote::Double;
            }
            (Quote::Single, '\'') | (Quote::Double, '"') => quote = Quote::None,
            (Quote::None, '\\') => {
                quoted_from.get_or_insert(word.len());
                word.push(characters.next().ok_or_else(|| unbalanced("ends with a backslash"))?);
            }
            (Quote::Double, '\\') => match characters.next().ok_or_else(|| unbalanced("leaves a quote open"))? {
                escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            (Quote::None | Quote::Single | Quote::Double, other) => word.push(other),
        }
        begun = true;
    }
    if quote != Quote::None {
        return Err(unbalanced("leaves a quote open"));
    }
    if begun {
        words.push(Word { text: word, quoted_from });
    }
    Ok(words)
}

fn unbalanced(what: &str) -> Error {
    Error::new(Code::MalformedCommand, format!("The command {what}."))
        .with_hint("Quotes and backslashes work as in a shell; write \\' or \\\\ for the character itself.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let words = split(text).unwrap();
        assert_eq!(words.iter().map(Word::text).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn splits_like_a_shell() {
        check("", &[]);
        check("   ", &[]);
        check("a  b", &["a", "b"]);
        check("'a b' c", &["a b", "c"]);
        check("\"a b\"c", &["a bc"]);
        check("''", &[""]);
        check("a\\ b", &["a b"]);
        check("'a\\b'", &["a\\b"]);
        check("\"a\\\"b\"", &["a\"b"]);
        check("\"a\\b\"", &["a\\b"]);
        check("\"$HOME\" \"\\$\"", &["$HOME", "$"]);
        check("it\\'s", &["it's"]);
        check("äöü 漢字", &["äöü", "漢字"]);
    }

    #[test]
    fn what_is_quoted_is_read_as_it_was() {
        for text in ["", "a", "-a", "--a=b", "a b", "it's", "''", "\\", "a:b", "\"x\" $y", "漢字 äöü"] {
            check(&quoted(text), &[text]);
            assert!(split(&quoted(text)).unwrap()[0].strip_plain("-").is_none(), "{text}");
        }
        assert_eq!(quoted("my-name"), "my-name");
    }

    #[test]
    fn refuses_what_is_left_open() {
        for text in ["'a", "\"a", "a\\", "\"a\\", "a 'b"] {
            assert_eq!(split(text).unwrap_err().code, Code::MalformedCommand, "{text}");
        }
    }

    #[test]
    fn knows_what_was_quoted() {
        let words = split("a:b 'a:b' a:'b c' a\\:b a''").unwrap();
        assert_eq!(words.iter().map(Word::plain).collect::<Vec<_>>(), [Some("a:b"), None, None, None, None]);
        let words = split("--a=b --a='b c' '--a' -'-a' --''").unwrap();
        let options: Vec<_> = words.iter().map(|word| word.strip_plain("--")).collect();
        assert_eq!(options, [Some("a=b"), Some("a=b c"), None, None, Some("")]);
    }
}
