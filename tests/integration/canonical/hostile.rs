//! JSON that is hard to read or to write: random texts, each on one line.

use std::collections::HashSet;

use proptest::char::{any, range};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Near the ends of the doubles, half way between two of them, and with digits that do not count.
pub const NUMBERS: [&str; 30] = [
    "-0",
    "-0.0e-5",
    "0e400",
    "0.000e-99999",
    "1e-400",
    "-1e-400",
    "123456789e-400",
    "5e-324",
    "4.9406564584124654e-324",
    "2.4703282292062327208e-324",
    "2.47032822920623272088284396434110686182e-324",
    "2.47032822920623272088284396434110686183e-324",
    "2.2250738585072011e-308",
    "2.2250738585072012e-308",
    "2.225073858507201136057409796709131975934819546351645648023426109724822222021076945516529523908135087914149158913039621106870086438694594645527657207407820621743379988141063267329253552286881372149012981122451451889849057222307285255133155755015914397476397983411801999323962548289017107081850690630666655994938275772572015763062690663332647565300009245888316433037779791869612049497390377829704905051080609940730262937128958950003583799967207254304360284078895771796150945516748243471030702609144621572289880258182545180325707018860872113128079512233426288368622321503775666622503982534335974568884423900265498198385487948292206894721689831099698365846814022854243330660339850886445804001034933970427567186443383770486037861622771738545623065874679014086723327636718751234567890123456789012345678901e-308",
    "6.631236846766476e-316",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "17976931348623157e292",
    "1e23",
    "8.5e22",
    "9007199254740992.5",
    "9007199254740993",
    "9007199254740993.00000000000000000000000000001",
    "18446744073709551616",
    "-9223372036854775809",
    "999999999999999999999.5",
    "0.0000009999999999999999",
    "333333333.33333329",
    "5708990770823839207320493820740630171355185152e-47",
];

/// Where one order of characters differs from another, or a writer may forget to escape or escape in vain.
const CHARACTERS: [char; 24] = [
    '\0',
    '\u{8}',
    '\t',
    '\n',
    '\u{b}',
    '\u{c}',
    '\r',
    '\u{1f}',
    '"',
    '\\',
    '/',
    '<',
    '\u{7f}',
    '\u{80}',
    'é',
    '\u{301}',
    '\u{2028}',
    '\u{2029}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{feff}',
    '\u{ffff}',
    '\u{10000}',
    '\u{10ffff}',
];

/// Names that JavaScript sorts, or understands, in its own way.
const NAMES: [&str; 12] =
    ["", "0", "1", "9", "10", "01", "-1", "4294967295", "__proto__", "constructor", "toString", "length"];

const SPACES: [&str; 6] = ["", "", "", " ", "\t", " \r "];

/// What may follow a whole number.
const ENDS: [&str; 7] = ["", ".0", ".5", ".00000000000000000001", "e0", "e+7", "e-7"];

/// A character and how to spell it: as it is, shortly, or by its code units.
type Spelled = (char, u8);

pub fn texts() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => numbers(),
        4 => strings().prop_map(|characters| literal(&characters)),
        1 => select(&["true", "false", "null", "[]", "{}"][..]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let arrays = vec(padded(inner.clone()), 0..6).prop_map(|items| format!("[{}]", items.join(",")));
        let objects = vec((names(), select(&SPACES[..]), padded(inner)), 0..6).prop_map(|members| object(&members));
        prop_oneof![1 => arrays, 2 => objects]
    })
}

fn padded(texts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (select(&SPACES[..]), texts, select(&SPACES[..])).prop_map(|(before, text, after)| format!("{before}{text}{after}"))
}

/// A name may stand once, however it is spelled.
fn object(members: &[(Vec<Spelled>, &str, String)]) -> String {
    let mut seen = HashSet::new();
    let is_new = |name: &[Spelled]| seen.insert(name.iter().map(|(character, _)| *character).collect::<String>());
    let members = members.iter().scan(is_new, |is_new, (name, space, value)| {
        Some(is_new(name).then(|| format!("{space}{}{space}:{value}", literal(name))))
    });
    format!("{{{}}}", members.flatten().collect::<Vec<_>>().join(","))
}

fn names() -> impl Strategy<Value = Vec<Spelled>> {
    let known = (select(&NAMES[..]), 0..4_u8);
    prop_oneof![
        1 => known.prop_map(|(name, spelling)| name.chars().map(|character| (character, spelling)).collect()),
        3 => strings(),
    ]
}

fn strings() -> impl Strategy<Value = Vec<Spelled>> {
    let character = prop_oneof![
        4 => select(&CHARACTERS[..]),
        3 => range('a', 'c'),
        2 => range('\0', '\u{ff}'),
        1 => range('\u{d000}', '\u{d7ff}'),
        1 => range('\u{e000}', '\u{ffff}'),
        2 => range('\u{10000}', '\u{10ffff}'),
        1 => any(),
    ];
    vec((character, 0..4_u8), 0..6)
}

fn literal(characters: &[Spelled]) -> String {
    format!("\"{}\"", characters.iter().copied().map(spell).collect::<String>())
}

fn spell((character, spelling): Spelled) -> String {
    let short = match character {
        '\u{8}' => Some("\\b"),
        '\t' => Some("\\t"),
        '\n' => Some("\\n"),
        '\u{c}' => Some("\\f"),
        '\r' => Some("\\r"),
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '/' => Some("\\/"),
        _ => None,
    };
    let may_stand = character >= ' ' && character != '"' && character != '\\';
    match (spelling, short) {
        (0, _) if may_stand => character.to_string(),
        (0 | 1, Some(short)) => short.to_owned(),
        (0..=2, _) => by_units(character),
        _ => by_units(character).to_uppercase().replace("\\U", "\\u"),
    }
}

fn by_units(character: char) -> String {
    let units = character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>();
    units.concat()
}

/// As JSON may spell them: doubles by their bits, ties between two of them, and digits at random.
pub fn numbers() -> impl Strategy<Value = String> {
    let double = prop_oneof![
        4 => any_bits(0..0x7ff0_0000_0000_0000),
        2 => any_bits(0..0x0010_0000_0000_0000),
        1 => any_bits(0x7fef_ffff_ffff_ff00..0x7ff0_0000_0000_0000),
        // Where the exponent appears and goes, and the neighbours of powers of ten.
        3 => (-30..30_i32, -3..4_i64).prop_map(|(power, steps)| neighbour(10_f64.powi(power), steps)),
    ];
    let written = (double, 0..6_u8, proptest::bool::ANY).prop_map(|(number, form, is_negative)| {
        let number = if is_negative { -number } else { number };
        match form {
            0 => format!("{number}"),
            1 => format!("{number:e}"),
            2 => format!("{number:E}"),
            3 => format!("{number:.17e}"),
            4 => format!("{number:.16e}"),
            _ => format!("{number:.30e}"),
        }
    });
    let around = (-9..10_i64, 50..56_u32).prop_map(|(steps, power)| ((1_i64 << power) + steps).to_string());
    // A mantissa and a half: the tie goes to the even neighbour, unless what follows breaks it.
    let ties = (1_u128 << 52..1_u128 << 53, 1..60_u32, -1..2_i8, select(&ENDS[..])).prop_map(|tie| {
        let (mantissa, shift, step, end) = tie;
        let half = (mantissa << shift) + (1 << (shift - 1));
        format!("{}{end}", half.wrapping_add_signed(step.into()))
    });
    prop_oneof![
        8 => written,
        2 => ties,
        1 => around,
        1 => proptest::num::i64::ANY.prop_map(|number| number.to_string()),
        1 => proptest::num::u64::ANY.prop_map(|number| number.to_string()),
        1 => "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?",
        1 => (0..400_usize).prop_map(|zeros| format!("1{}e-{zeros}", "0".repeat(zeros))),
        1 => (0..400_usize).prop_map(|zeros| format!("0.{}7e{zeros}", "0".repeat(zeros))),
    ]
}

fn any_bits(bits: std::ops::Range<u64>) -> impl Strategy<Value = f64> {
    bits.prop_map(f64::from_bits)
}

fn neighbour(number: f64, steps: i64) -> f64 {
    f64::from_bits(number.to_bits().wrapping_add_signed(steps))
}
