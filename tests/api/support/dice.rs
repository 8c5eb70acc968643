//! Chance that can be had again: numbers that follow from a seed.

use greenroom::clock::Clock;

/// Numbers that follow from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seeds of a test: some that are always played, and one of the moment, or instead of all
    /// the one in `GREENROOM_SEED`. The caller prints which it plays.
    #[expect(clippy::disallowed_methods, reason = "a failed run is asked for again by its seed")]
    pub fn seeds<const N: usize>(fixed: [u64; N]) -> Vec<u64> {
        if let Ok(seed) = std::env::var("GREENROOM_SEED") {
            return vec![seed.parse().expect("GREENROOM_SEED is a number")];
        }
        let now = Clock::system().now().unix_ms();
        fixed.into_iter().chain([now.unsigned_abs()]).collect()
    }

    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = end as u64;
        usize::try_from(self.next() % end).expect("it is below a usize")
    }

    /// True once in `of` times.
    pub fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// One of them.
    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}
