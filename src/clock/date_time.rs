//! `date-time` of RFC 3339, section 5.6, which is narrower than what parsers of ISO 8601 take.

use std::iter;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Takes `T` and `Z` in either case and any number of digits of a fraction, of which nine count; an offset of less than a
/// day; and as second 60 what may be a leap second, which is the second before it. Not what in UTC is before the year 0000.
pub fn parse(text: &str) -> Option<Timestamp> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 2)?;
    let (hour, rest) = number(rest.strip_prefix(['T', 't'])?, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = number::<i8>(rest.strip_prefix(':')?, 2)?;
    let (nanosecond, rest) = fraction(rest)?;
    let offset = offset(rest)?;
    let is_leap = second == 60;
    let second = if is_leap { 59 } else { second };
    let date = Date::new(year, month, day).ok()?;
    let time = Time::new(hour, minute, second, nanosecond).ok()?;
    let timestamp = offset.to_timestamp(DateTime::from_parts(date, time)).ok()?;
    let utc = Offset::UTC.to_datetime(timestamp);
    (utc.year() >= 0 && (!is_leap || may_be_followed_by_leap_second(utc))).then_some(timestamp)
}

/// RFC 3339, section 5.7 and appendix D: at the end of June or December in UTC.
fn may_be_followed_by_leap_second(utc: DateTime) -> bool {
    matches!((utc.month(), utc.day(), utc.hour(), utc.minute()), (6, 30, 23, 59) | (12, 31, 23, 59))
}

/// A number of just so many digits, and what follows.
fn number<T: FromStr>(text: &str, width: usize) -> Option<(T, &str)> {
    let (digits, rest) = text.split_at_checked(width)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((is_number.then(|| digits.parse().ok())??, rest))
}

/// `[ "." 1*DIGIT ]` in nanoseconds, and what follows.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_suffix(rest).filter(|digits| !digits.is_empty())?;
    let nine = digits.bytes().chain(iter::repeat(b'0')).take(9);
    Some((nine.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')), rest))
}

/// `"Z" / ( "+" / "-" ) hour ":" minute`. `-00:00`, UTC of an unknown place, is UTC.
fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("Z") {
        return Some(Offset::UTC);
    }
    let (sign, text) =
        text.strip_prefix('+').map(|text| (1, text)).or(text.strip_prefix('-').map(|text| (-1, text)))?;
    let (hour, rest) = number::<i32>(text, 2)?;
    let (minute, rest) = number::<i32>(rest.strip_prefix(':')?, 2)?;
    let is_whole = rest.is_empty() && hour < 24 && minute < 60;
    is_whole.then(|| Offset::from_seconds(sign * (hour * 60 + minute) * 60).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn one_moment_may_be_written_in_many_ways() {
        for text in
            ["2021-09-30T16:25:24Z", "2021-09-30t16:25:24z", "2021-09-30T16:25:24.000Z", "2021-09-30T16:25:24-00:00"]
        {
            check(text, Some("2021-09-30T16:25:24Z"));
        }
        check("2021-09-30T23:59:59+23:59", Some("2021-09-30T00:00:59Z"));
        check("2021-09-30T16:25:24.5-02:30", Some("2021-09-30T18:55:24.5Z"));
        check("2021-09-30T16:25:24.1234567899Z", Some("2021-09-30T16:25:24.123456789Z"));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        check("2024-02-29T00:00:00Z", Some("2024-02-29T00:00:00Z"));
        check("2000-02-29T00:00:00Z", Some("2000-02-29T00:00:00Z"));
        for day in [
            "2023-02-29",
            "1900-02-29",
            "2022-02-31",
            "2022-04-31",
            "2022-00-01",
            "2022-13-01",
            "2022-01-00",
            "2022-01-32",
        ] {
            check(&format!("{day}T00:00:00Z"), None);
        }
    }

    #[test]
    fn the_ends_of_time() {
        check("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z"));
        check("0000-01-01T00:00:00+00:01", None);
        check("9999-12-30T22:00:00Z", Some("9999-12-30T22:00:00Z"));
        check("9999-12-31T23:59:59Z", None);
    }

    #[test]
    fn a_leap_second_stands_where_one_may_be() {
        check("1990-12-31T23:59:60Z", Some("1990-12-31T23:59:59Z"));
        check("1990-12-31T15:59:60-08:00", Some("1990-12-31T23:59:59Z"));
        check("2015-06-30T23:59:60.5Z", Some("2015-06-30T23:59:59.5Z"));
        for text in
            ["1990-12-31T22:59:60Z", "1990-12-31T23:59:60-08:00", "1990-12-30T23:59:60Z", "1990-12-31T23:59:61Z"]
        {
            check(text, None);
        }
    }

    #[test]
    fn iso_8601_is_wider() {
        for text in [
            "",
            "2021-09-30",
            "2021-09-30T16:25Z",
            "2021-09-30 16:25:24Z",
            "2021-09-30T16:25:24",
            "20210930T162524Z",
            "2021-09-30T16:25:24.Z",
            "2021-09-30T16:25:24,5Z",
            "2021-09-30T16:25:24+02",
            "2021-09-30T16:25:24+0200",
            "2021-09-30T16:25:24+24:00",
            "2021-09-30T16:25:24+00:60",
            "2021-09-30T16:25:24+02:00:00",
            "2021-09-30T24:00:00Z",
            "2021-09-30T16:60:24Z",
            "+02021-09-30T16:25:24Z",
            "-2021-09-30T16:25:24Z",
            "2021-9-30T16:25:24Z",
            "2021-W39-4T16:25:24Z",
            "2021-09-30T16:25:24Z[UTC]",
            "2021-09-30T16:25:24Z ",
            " 2021-09-30T16:25:24Z",
            "2021-09-30T16:25:+4Z",
            "2021-09-30T16:25:2é",
            "2021-09-30T16:25:24−02:00",
            "２021-09-30T16:25:24Z",
        ] {
            check(text, None);
        }
    }
}
