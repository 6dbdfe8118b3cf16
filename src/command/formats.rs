//! The formats of numbers that types have, as OpenAPI names them.

use super::parameter::Kind;
use crate::json::LARGEST_INTEGER;

/// What stands between these is written as a 32-bit float; beyond it there is only the infinite.
const WIDEST: f64 = 3.402_823_5e38;

pub(super) const OF_NUMBERS: [&str; 12] =
    ["int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64", "uint", "float", "double"];

/// What a number of this format may be; none where the name is none of [`OF_NUMBERS`].
pub(super) fn of_numbers(format: &str) -> Option<Kind> {
    let (minimum, maximum) = match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" | "int" => (-LARGEST_INTEGER, LARGEST_INTEGER),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" | "uint" => (0, LARGEST_INTEGER),
        "float" => return Some(Kind::Number { minimum: -WIDEST, maximum: WIDEST }),
        "double" => return Some(Kind::Number { minimum: f64::NEG_INFINITY, maximum: f64::INFINITY }),
        _ => return None,
    };
    Some(Kind::Integer { minimum, maximum })
}
