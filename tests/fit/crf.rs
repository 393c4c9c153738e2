//! A linear chain with two states, fitted by its likelihood.

use std::fmt::Write as _;

use wenliu::clean::evidence::Evidence;
use wenliu::clean::features;

use crate::gold::Sample;

const ROUNDS: usize = 240;
const RATE: f64 = 0.25;
/// Pull towards zero, for each page line.
const PULL: f64 = 0.6;

/// Weights that make the true ends likely.
pub fn fit(samples: &[&Sample]) -> Vec<f32> {
    let mut weights = vec![0.0_f64; features::WEIGHTS];
    let mut moments = vec![1e-6_f64; features::WEIGHTS];
    for round in 0..ROUNDS {
        let mut slope: Vec<f64> = weights.iter().map(|w| -PULL * w).collect();
        let mut loss = 0.0;
        for sample in samples {
            loss += add_slope(&sample.page.evidence, &sample.ends, &weights, &mut slope);
        }
        // AdaGrad with a fading memory: each weight has its own pace.
        for ((weight, moment), slope) in weights.iter_mut().zip(&mut moments).zip(&slope) {
            *moment = 0.95 * *moment + 0.05 * slope * slope;
            let rate = RATE / (1.0 + round as f64 / 30.0);
            *weight += rate * slope / moment.sqrt();
        }
        if round % 40 == 39 {
            eprintln!("round {}: loss {loss:.1}", round + 1);
        }
    }
    weights.iter().map(|w| *w as f32).collect()
}

/// The table of all weights that count.
pub fn table(weights: &[f32]) -> String {
    let mut out = String::from(
        "# The weights of reflow, fitted by `cargo test --profile ci --test fit -- write`; do not edit by hand.\n\
         # Positive weights speak for the end of a paragraph. `first.*` and `inner.*` weigh a line's shape on the path\n\
         # where it begins its paragraph or does not, and where the paragraph ends with it or is joined to the next.\n\
         feature\tweight\n",
    );
    for (index, weight) in weights.iter().enumerate() {
        if weight.abs() >= 0.005 {
            writeln!(out, "{}\t{weight:.3}", features::name(index)).expect("a string takes everything");
        }
    }
    out
}

type Pair = [[f64; 2]; 2];

fn scores(evidence: &Evidence, weights: &[f64]) -> Pair {
    let end: f64 = evidence.unary.iter().map(|f| weights[usize::from(*f)]).sum();
    let mut out = [[0.0, end], [0.0, end]];
    for shape in evidence.shapes {
        let base = features::UNARY + usize::from(shape) * 4;
        for first in 0..2 {
            for ends in 0..2 {
                out[first][ends] += weights[base + first * 2 + ends];
            }
        }
    }
    out
}

/// What the truth and the settings allow at a boundary: `[join, end]`.
fn allowed(evidence: &Evidence, truth: Option<bool>) -> [bool; 2] {
    match (evidence.sure_end, truth) {
        (true, _) => [false, true],
        (false, _) if evidence.sure_join => [true, false],
        (false, None) => [true, true],
        (false, Some(end)) => [!end, end],
    }
}

/// Adds the slope of one page's log-likelihood, and returns its loss.
fn add_slope(page: &[Evidence], truth: &[Option<bool>], weights: &[f64], slope: &mut [f64]) -> f64 {
    let scores: Vec<Pair> = page.iter().map(|e| scores(e, weights)).collect();
    let free: Vec<[bool; 2]> = page.iter().map(|e| allowed(e, None)).collect();
    let bound: Vec<[bool; 2]> = page.iter().zip(truth).map(|(e, t)| allowed(e, *t)).collect();
    let (model, model_sum) = expected(&scores, &free);
    let (gold, gold_sum) = expected(&scores, &bound);
    for ((evidence, model), gold) in page.iter().zip(&model).zip(&gold) {
        let ends = |p: &Pair| p[0][1] + p[1][1];
        for feature in evidence.unary.iter() {
            slope[usize::from(*feature)] += ends(gold) - ends(model);
        }
        for shape in evidence.shapes {
            let base = features::UNARY + usize::from(shape) * 4;
            for first in 0..2 {
                for end in 0..2 {
                    slope[base + first * 2 + end] += gold[first][end] - model[first][end];
                }
            }
        }
    }
    model_sum - gold_sum
}

fn log_sum(a: f64, b: f64) -> f64 {
    let top = a.max(b);
    if top == f64::NEG_INFINITY { top } else { top + ((a - top).exp() + (b - top).exp()).ln() }
}

/// The probability of each (first, ends) at each boundary, and the log of the sum over all paths.
fn expected(scores: &[Pair], allowed: &[[bool; 2]]) -> (Vec<Pair>, f64) {
    const NEVER: f64 = f64::NEG_INFINITY;
    let score = |i: usize, first: usize, end: usize| if allowed[i][end] { scores[i][first][end] } else { NEVER };
    let mut forward = vec![[NEVER, 0.0]];
    for i in 0..scores.len() {
        let before = forward[i];
        forward.push([0, 1].map(|end| log_sum(before[0] + score(i, 0, end), before[1] + score(i, 1, end))));
    }
    let mut backward = vec![[0.0; 2]; scores.len() + 1];
    for i in (0..scores.len()).rev() {
        let after = backward[i + 1];
        backward[i] = [0, 1].map(|first| log_sum(score(i, first, 0) + after[0], score(i, first, 1) + after[1]));
    }
    let sum = backward[0][1];
    let pairs = (0..scores.len())
        .map(|i| {
            let mut pair = [[0.0; 2]; 2];
            for first in 0..2 {
                for end in 0..2 {
                    pair[first][end] = (forward[i][first] + score(i, first, end) + backward[i + 1][end] - sum).exp();
                }
            }
            pair
        })
        .collect();
    (pairs, sum)
}
