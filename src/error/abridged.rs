//! What is told of what is too long to be read.

use std::borrow::Cow;

/// The longest line that is told whole, in characters.
const LONGEST: usize = 400;
/// What is told of each end of a longer one.
const END: usize = 160;

/// The text with the middle of each line left out that is too long. A line grows long by a value that somebody gave us; what is to be
/// said of it stands before it and after it.
pub fn abridged(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST || text.lines().all(|line| line.chars().count() <= LONGEST) {
        return text.into();
    }
    let lines = text.split_inclusive('\n').map(|line| match line.chars().count() {
        length if length <= LONGEST => line.to_owned(),
        length => {
            let [first, last] = [line.chars().take(END).collect::<String>(), line.chars().skip(length - END).collect()];
            format!("{first}…{last}")
        }
    });
    lines.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_keeps_its_ends() {
        let value = "é".repeat(70_000);
        let told = format!("PORT is {value}, which cannot be used.\n  Expected: 0-65535.\n");
        let short = abridged(&told);
        assert!(short.starts_with("PORT is éé") && short.contains("éé…éé"), "{short}");
        assert!(short.ends_with("é, which cannot be used.\n  Expected: 0-65535.\n"), "{short}");
        assert!(short.chars().count() < 400);
    }

    #[test]
    fn what_can_be_read_stays_as_it_is() {
        let told = format!("{}\n{}", "a".repeat(LONGEST), "b".repeat(LONGEST));
        assert_eq!(abridged(&told), told);
    }
}
