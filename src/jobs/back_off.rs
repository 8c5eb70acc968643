//! How long a failed job waits for its next attempt.

use std::time::Duration;

use crate::crypto::random_below;

/// Before the second attempt; each further one waits twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(3600);

/// The wait after so many failed attempts: doubled each time, cut at an hour, and then between
/// half and all of it, so that what failed together does not come back together.
pub(super) fn back_off(failed: u32) -> Duration {
    let full = full_wait(failed);
    let half = full / 2;
    let spread = usize::try_from(half.as_millis()).unwrap_or(usize::MAX);
    half + Duration::from_millis(random_below(spread.max(1)).try_into().unwrap_or(0))
}

fn full_wait(failed: u32) -> Duration {
    let doubled = 2_u32.checked_pow(failed.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST.saturating_mul(doubled).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        for (failed, seconds) in
            [(1, 1), (2, 2), (5, 16), (12, 2048), (13, 3600), (40, 3600), (u32::MAX, 3600)]
        {
            assert_eq!(full_wait(failed), Duration::from_secs(seconds), "{failed}");
            for _ in 0..50 {
                let wait = back_off(failed);
                assert!(wait >= full_wait(failed) / 2 && wait <= full_wait(failed), "{wait:?}");
            }
        }
        let some: Vec<Duration> = (0..20).map(|_| back_off(10)).collect();
        assert!(some.iter().any(|wait| *wait != some[0]), "no spread: {some:?}");
    }
}
