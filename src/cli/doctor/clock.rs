//! Whether our clock and the server's agree, as signatures need it.

use jiff::SignedDuration;

use super::check::Check;
use super::server::Met;
use crate::signing::v1::SKEW;

const NAME: &str = "clock";

/// The server read its clock somewhere on the way there and back, so half of that is what nobody can know.
pub(super) fn check(met: &Met) -> Check {
    let half = SignedDuration::try_from(met.round_trip / 2).unwrap_or_default();
    let read_at = met.heard_at.saturating_sub(half).unwrap_or(met.heard_at);
    let ahead = read_at.duration_since(met.introduction.time);
    let (direction, off) = if ahead.is_negative() { ("behind", -ahead) } else { ("ahead of", ahead) };
    let seconds = |duration: SignedDuration| format!("{:.1}", duration.as_secs_f64());
    let (shown, unsure) = (seconds(off), seconds(half));
    let allowed = SignedDuration::from_secs(SKEW);
    if off.saturating_sub(half) > allowed {
        return Check::failed(
            NAME,
            format!("This clock is {shown} s {direction} the server's (±{unsure} s); {SKEW} s are allowed."),
            "Set the clock that is wrong, by NTP: signatures made here are refused there.",
        );
    }
    if off.saturating_add(half) > allowed / 2 {
        return Check::warning(
            NAME,
            format!("This clock may be {shown} s {direction} the server's (±{unsure} s); {SKEW} s are allowed."),
            "Set both clocks by NTP, before signatures are refused.",
        );
    }
    Check::ok(NAME, format!("It agrees with the server's to {} s.", seconds(off.saturating_add(half))))
}
