//! Where paragraphs end: the best path through all line boundaries.

use crate::clean::evidence::Evidence;
use crate::clean::features;
use crate::lexicon::reflow::ReflowWeights;

/// The weights in the order of the features.
#[derive(Clone, Debug)]
pub struct Weights {
    pub values: Vec<f32>,
}

/// What was decided at the end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decision {
    /// The paragraph ends here.
    pub ends: bool,
    /// How much better the best path with an end here is than the best path without.
    pub margin: f32,
}

/// A margin nobody doubts.
const SURE: f32 = 99.0;

impl Weights {
    /// Sets the weights of the table in the order of the features.
    pub fn new(table: &ReflowWeights) -> Weights {
        let value = |weight| table.by_name.get(&features::name(weight)).copied().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "weights are small numbers with four digits")]
        let values = (0..features::WEIGHTS).map(|weight| value(weight) as f32).collect();
        Weights { values }
    }

    fn of(&self, weight: usize) -> f32 {
        self.values.get(weight).copied().unwrap_or_default()
    }

    /// The four scores of a boundary: `[first][ends]`, where `first` says that the line begins its paragraph.
    pub fn scores(&self, evidence: &Evidence) -> [[f32; 2]; 2] {
        let end: f32 = evidence.unary.iter().map(|feature| self.of(usize::from(*feature))).sum();
        let mut out = [[0.0, end], [0.0, end]];
        for shape in evidence.shapes {
            let base = features::UNARY + usize::from(shape) * 4;
            for (first, row) in out.iter_mut().enumerate() {
                for (ends, score) in row.iter_mut().enumerate() {
                    *score += self.of(base + first * 2 + ends);
                }
            }
        }
        out
    }
}

/// The decisions on the best path.
pub fn best_path(evidence: &[Evidence], weights: &Weights) -> Vec<Decision> {
    let scores: Vec<[[f32; 2]; 2]> = evidence.iter().map(|e| weights.scores(e)).collect();
    // forward[i][s]: the best path up to boundary i that decides s there.
    let mut forward: Vec<[f32; 2]> = Vec::with_capacity(evidence.len());
    let mut before = [f32::NEG_INFINITY, 0.0];
    for (fact, score) in evidence.iter().zip(&scores) {
        let mut now = [0.0; 2];
        for (ends, slot) in now.iter_mut().enumerate() {
            *slot = if (fact.sure_end && ends == 0) || (fact.sure_join && !fact.sure_end && ends == 1) {
                f32::NEG_INFINITY
            } else {
                (before[0] + score[0][ends]).max(before[1] + score[1][ends])
            };
        }
        let top = now[0].max(now[1]);
        now = [now[0] - top, now[1] - top];
        forward.push(now);
        before = now;
    }
    let mut out = vec![Decision::default(); evidence.len()];
    // backward[s]: the best path from here on, given that this boundary decides s.
    let mut backward = [0.0_f32; 2];
    for (index, slot) in out.iter_mut().enumerate().rev() {
        let here = forward.get(index).copied().unwrap_or_default();
        let (join, end) = (here[0] + backward[0], here[1] + backward[1]);
        let margin = (end - join).clamp(-SURE, SURE);
        *slot = Decision { ends: margin >= 0.0, margin };
        let fact = evidence.get(index);
        let score = scores.get(index).copied().unwrap_or_default();
        let sure_end = fact.is_some_and(|f| f.sure_end);
        let sure_join = fact.is_some_and(|f| f.sure_join && !f.sure_end);
        let mut earlier = [0.0; 2];
        for (first, value) in earlier.iter_mut().enumerate() {
            let join = if sure_end { f32::NEG_INFINITY } else { score[first][0] + backward[0] };
            let end = if sure_join { f32::NEG_INFINITY } else { score[first][1] + backward[1] };
            *value = join.max(end);
        }
        let top = earlier[0].max(earlier[1]);
        backward = [earlier[0] - top, earlier[1] - top];
    }
    out
}
