//! Did you mean …?

use strsim::damerau_levenshtein;

use super::is_forbidden;

/// Longer words are no typing errors of anything, and comparing them would cost.
const LONGEST: usize = 48;

/// A question that names the nearest candidate, if one is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, prefix: &str) -> Option<String> {
    if word.len() > LONGEST {
        return None;
    }
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    let (_, name) = candidates
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()?;
    Some(format!("Did you mean {prefix}{name}?"))
}

/// Edits from one to the other; a word that begins a name is as near as one edit.
fn distance(word: &str, name: &str) -> usize {
    let edits = damerau_levenshtein(word, name);
    if word.len() >= 2 && name.starts_with(word) { edits.min(1) } else { edits }
}

/// Enough of a client's word to recognise it by, without what could disguise it.
pub fn shortened(word: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = word.chars().filter(|c| !is_forbidden(*c)).take(LONGEST + 1).collect();
    if let Some((end, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}
