//! From sums of votes to classes.

/// What becomes of the sums of one score a class.
#[derive(Debug)]
pub struct Highest {
    /// Added to the scores, one a class.
    pub base: Vec<f32>,
    /// Which classes may be chosen; others have no votes.
    pub candidates: Vec<bool>,
}

impl Highest {
    /// Adds the base values, and writes each row's class of the highest score, the first of those that
    /// are as high.
    #[inline(never)]
    pub fn choose(&self, scores: &mut [f32], chosen: &mut [i64]) {
        let first = self.candidates.iter().position(|is| *is).unwrap_or(0);
        for (row, chosen) in scores.chunks_exact_mut(self.base.len()).zip(chosen) {
            let mut best = first;
            let mut highest = f32::NEG_INFINITY;
            for (class, (score, base)) in row.iter_mut().zip(&self.base).enumerate() {
                *score += base;
                let is_first = class == first;
                if is_first || (class > first && self.candidates[class] && *score > highest) {
                    best = class;
                    highest = *score;
                }
            }
            *chosen = best as i64;
        }
    }
}

/// What becomes of the sums for two classes, of which one's score may stand for both.
#[derive(Debug)]
pub struct Two {
    /// Whether the second score is the first and the base value, and the first one its opposite.
    pub is_turned: bool,
    /// Added to the first score, or so made the second.
    pub base: f32,
    /// Whether the first score becomes zero.
    pub no_first: bool,
    /// Whether the second score decides, and not the first.
    pub by_second: bool,
    /// Above this score the second class is chosen.
    pub above: f32,
    /// What both scores add up to, where the first alone stands for both.
    pub whole: Option<f32>,
}

impl Two {
    /// Completes the scores, and writes each row's class.
    #[inline(never)]
    pub fn choose(&self, scores: &mut [f32], chosen: &mut [i64]) {
        for (row, chosen) in scores.as_chunks_mut().0.iter_mut().zip(chosen) {
            *chosen = i64::from(self.complete(row));
        }
    }

    /// Not in the loop: compilers would write it once for each of the rules.
    #[inline(never)]
    fn complete(&self, row: &mut [f32; 2]) -> bool {
        let [mut first, mut second] = *row;
        if self.is_turned {
            second = first + self.base;
            first = 0.0 - second;
        } else {
            first += self.base;
        }
        if self.no_first {
            first = 0.0;
        }
        *row = match self.whole {
            Some(whole) => [whole - first, first],
            None => [first, second],
        };
        let decisive = if self.by_second { second } else { first };
        decisive > self.above
    }
}
