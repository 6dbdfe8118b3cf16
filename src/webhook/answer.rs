//! What a webhook says.

use std::borrow::Cow;

use serde_json::value::to_raw_value;
use serde_json::{Map, Value};

use super::fault::{Fault, Kind};
use crate::error::{Error, Result};
use crate::json::{self, Data};

/// The longest message and the longest hint, in characters.
const LONGEST: usize = 2_000;

/// How deep a member may nest. What is told of a run wraps it in more, and readers of JSON take 127 levels.
const DEEPEST: usize = 100;

/// A success: a sentence for people, and what a program reads from it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub message: Cow<'static, str>,
    pub data: Option<Data>,
}

/// Reads the body of a success: nothing, or an object with any of `status`, `message`, `data` and `hint`. Fails with
/// `command_failed` where `status` is `error`, and with `webhook_failed` on all else.
pub(super) fn read(body: &[u8]) -> Result<Answer> {
    if body.is_empty() {
        return Ok(Answer { message: "Done.".into(), data: None });
    }
    let value = json::parse(body).map_err(|error| Error::from(Fault::from(Kind::NotJson)).caused_by(error))?;
    let Value::Object(mut members) = value else { return Err(Fault::from(Kind::WrongShape).into()) };
    if members.values().any(|member| nests_deeper(member, DEEPEST)) {
        return Err(Fault::from(Kind::TooDeep).into());
    }
    let status = text(&mut members, "status")?;
    let message = text(&mut members, "message")?.filter(|message| !message.trim().is_empty());
    let hint = text(&mut members, "hint")?.filter(|hint| !hint.trim().is_empty());
    match status.as_deref() {
        None | Some("success") => {
            let data = members.remove("data").filter(|data| !data.is_null());
            let data = data.map(|data| to_raw_value(&data)).transpose().map_err(Error::internal)?;
            Ok(Answer { message: message.map_or("Done.".into(), bounded), data })
        }
        Some("error") => {
            let mut error = Error::failed(message.map_or("The webhook refused.".into(), bounded));
            error.hint = hint.map(bounded);
            Err(error)
        }
        Some(_) => Err(Fault::from(Kind::WrongShape).into()),
    }
}

fn nests_deeper(value: &Value, levels: usize) -> bool {
    let Some(left) = levels.checked_sub(1) else { return value.is_array() || value.is_object() };
    match value {
        Value::Array(items) => items.iter().any(|item| nests_deeper(item, left)),
        Value::Object(members) => members.values().any(|member| nests_deeper(member, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A member that is a text, or is not there.
fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Fault::from(Kind::WrongShape).into()),
    }
}

fn bounded(mut text: String) -> Cow<'static, str> {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[track_caller]
    fn check(body: &str, message: &str, data: Option<&str>) {
        let answer = read(body.as_bytes()).unwrap();
        assert_eq!((&*answer.message, answer.data.as_deref().map(RawValue::get)), (message, data), "{body}");
    }

    #[track_caller]
    fn fails(body: &str, code: &str, message: &str) {
        let error = read(body.as_bytes()).unwrap_err();
        assert_eq!((error.code.as_str(), &*error.message), (code, message), "{body}");
    }

    #[test]
    fn a_success_has_a_message_and_what_data_it_gives() {
        check("", "Done.", None);
        check("{}", "Done.", None);
        check(r#"{"message": " ", "data": null}"#, "Done.", None);
        check(
            r#"{"status": "success", "message": "Sent.", "data": {"b": 1, "a": [2]}, "more": 3}"#,
            "Sent.",
            Some(r#"{"b":1,"a":[2]}"#),
        );
        check(&format!(r#"{{"message": "{}"}}"#, "ä".repeat(3000)), &format!("{}…", "ä".repeat(2000)), None);
    }

    #[test]
    fn a_refusal_has_its_own_words() {
        fails(r#"{"status": "error", "message": "Not today."}"#, "command_failed", "Not today.");
        fails(r#"{"status": "error"}"#, "command_failed", "The webhook refused.");
        let error = read(br#"{"status": "error", "message": "No.", "hint": "Come back tomorrow."}"#).unwrap_err();
        assert_eq!(error.hint.unwrap(), "Come back tomorrow.");
    }

    #[test]
    fn all_else_is_no_answer() {
        for body in ["<html></html>", r#"{"a": 1"#, r#"{"message": "a", "message": "b"}"#, "{} {}", "\u{feff}{}"] {
            fails(body, "webhook_failed", "The webhook's answer is not JSON that two readers would read alike.");
        }
        for body in [
            "[]",
            "null",
            r#""ok""#,
            r#"{"status": "ok"}"#,
            r#"{"message": 1}"#,
            r#"{"status": true}"#,
            r#"{"hint": []}"#,
        ] {
            fails(body, "webhook_failed", "The webhook's answer is JSON, but not of the shape that is asked of it.");
        }
    }
}
