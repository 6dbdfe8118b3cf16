//! Markdown, as far as tests read it: code blocks, links, headings; and whether what a block shows is what came.

use serde_json::{Deserializer, Value};

/// A fenced code block.
#[derive(Clone, Debug)]
pub struct Block {
    pub language: String,
    pub text: String,
    /// Where its fence stands.
    pub line: usize,
    /// How many headings stand before it.
    pub section: usize,
}

/// The blocks of a document, and the text around them.
pub struct Document {
    pub blocks: Vec<Block>,
    pub headings: Vec<String>,
    pub prose: String,
}

impl Document {
    pub fn parse(markdown: &str) -> Self {
        let mut document = Self { blocks: Vec::new(), headings: Vec::new(), prose: String::new() };
        let mut lines = markdown.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let body: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
                let text = body.iter().flat_map(|line| [line, "\n"]).collect();
                let section = document.headings.len();
                document.blocks.push(Block { language: language.to_owned(), text, line: number + 1, section });
                continue;
            }
            if line.starts_with('#') {
                document.headings.push(line.trim_start_matches('#').trim().to_owned());
            }
            document.prose.extend([line, "\n"]);
        }
        document
    }

    /// The targets of the links in the prose.
    pub fn links(&self) -> Vec<&str> {
        self.prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect()
    }

    /// The names under which the headings can be linked to.
    pub fn anchors(&self) -> Vec<String> {
        let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let anchor =
            |heading: &String| heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-");
        self.headings.iter().map(anchor).collect()
    }

    /// The block before this one in its section.
    pub fn before(&self, place: usize) -> Option<usize> {
        let section = self.blocks[place].section;
        place.checked_sub(1).filter(|before| self.blocks[*before].section == section)
    }
}

/// The JSON documents that stand one after the other at the beginning of a text.
pub fn values(text: &str) -> Vec<Value> {
    Deserializer::from_str(text).into_iter().map_while(Result::ok).collect()
}

/// Whether `text` is `pattern`, in which `…` stands for any text.
pub fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap()) else { return false };
    for part in parts {
        if part.is_empty() {
            return true;
        }
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

/// Whether `real` is what `shown` shows: the same members and values, where a text may be shortened by `…`, a lone `…` is
/// anything, an array that ends in `…` goes on, and of a fraction only the kind counts.
pub fn shows(shown: &Value, real: &Value) -> bool {
    match (shown, real) {
        (Value::String(shown), _) if shown == "…" => true,
        (Value::String(shown), Value::String(real)) => matches(real, shown),
        (Value::Object(shown), Value::Object(real)) => {
            shown.len() == real.len()
                && shown.iter().all(|(name, shown)| real.get(name).is_some_and(|real| shows(shown, real)))
        }
        (Value::Array(shown), Value::Array(real)) => match shown.split_last() {
            Some((Value::String(more), first)) if more == "…" => {
                first.len() <= real.len() && first.iter().zip(real).all(|(shown, real)| shows(shown, real))
            }
            _ => shown.len() == real.len() && shown.iter().zip(real).all(|(shown, real)| shows(shown, real)),
        },
        (Value::Number(shown), Value::Number(real)) => shown == real || (shown.is_f64() && real.is_f64()),
        _ => shown == real,
    }
}
