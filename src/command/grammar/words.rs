//! Words, quoted and escaped as in a POSIX shell (IEEE 1003.1, XCU 2.2), without its expansions.

use crate::error::{Code, Error, Result};

/// A word, and how much of its beginning stood there without quotes: only that can be syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    text: String,
    plain: usize,
}

impl Word {
    /// A word in which everything may be syntax.
    pub fn unquoted(text: String) -> Self {
        Self { plain: text.len(), text }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn into_text(self) -> String {
        self.text
    }

    /// The text behind `prefix`, if the word begins with it outside of quotes.
    pub fn strip_plain(&self, prefix: &str) -> Option<&str> {
        self.text.strip_prefix(prefix).filter(|_| prefix.len() <= self.plain)
    }

    /// The texts on both sides of the first `separator`, if that stands outside of quotes.
    pub fn split_plain(&self, separator: char) -> Option<(&str, &str)> {
        self.text.split_once(separator).filter(|(before, _)| before.len() < self.plain)
    }

    /// The whole text, if none of it was quoted.
    pub fn plain(&self) -> Option<&str> {
        (self.plain == self.text.len()).then_some(&*self.text)
    }
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
    let mut plain = None;
    let mut begun = false;
    let mut quote = Quote::None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Quote::None, ' ') => {
                if begun {
                    let text = std::mem::take(&mut word);
                    words.push(Word { plain: plain.take().unwrap_or(text.len()), text });
                    begun = false;
                }
                continue;
            }
            (Quote::None, '\'') => {
                plain.get_or_insert(word.len());
                quote = Quote::Single;
            }
            (Quote::None, '"') => {
                plain.get_or_insert(word.len());
                quote = Quote::Double;
            }
            (Quote::Single, '\'') | (Quote::Double, '"') => quote = Quote::None,
            (Quote::None, '\\') => {
                plain.get_or_insert(word.len());
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
        words.push(Word { plain: plain.unwrap_or(word.len()), text: word });
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
    fn refuses_what_is_left_open() {
        for text in ["'a", "\"a", "a\\", "\"a\\", "a 'b"] {
            assert_eq!(split(text).unwrap_err().code, Code::MalformedCommand, "{text}");
        }
    }

    #[test]
    fn knows_what_was_quoted() {
        let words = split("a:b 'a:b' a:'b c' a\\:b").unwrap();
        let split_at_colon: Vec<_> = words.iter().map(|word| word.split_plain(':')).collect();
        assert_eq!(split_at_colon, [Some(("a", "b")), None, Some(("a", "b c")), None]);
    }
}
