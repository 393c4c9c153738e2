//! Where a piece of text is, and which dropped bytes it came from.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes, on character borders of the text it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// `start..end`.
    pub fn new(start: u32, end: u32) -> Span {
        debug_assert!(start <= end, "a span runs forward: {start}..{end}");
        Span { start, end }
    }

    /// The span of two `usize` offsets; texts are bounded by the chunk size, far below 4 GiB.
    pub fn at(start: usize, end: usize) -> Span {
        Span::new(
            u32::try_from(start).expect("a text is below 4 GiB"),
            u32::try_from(end).expect("a text is below 4 GiB"),
        )
    }

    /// Length in bytes.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether nothing lies in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// As a range for slices of bytes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text it covers.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).expect("a span lies on character borders of its own text")
    }

    /// Whether `other` lies inside.
    pub fn holds(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte.
    pub fn meets(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same span counted from `origin` bytes later.
    pub fn minus(self, origin: u32) -> Span {
        Span::new(self.start - origin, self.end - origin)
    }

    /// The same span counted from `origin` bytes earlier.
    pub fn plus(self, origin: u32) -> Span {
        Span::new(self.start + origin, self.end + origin)
    }
}

/// How a run of text relates to its raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Equal bytes.
    Copy,
    /// Every character has this many bytes in the text and this many in the drop (`北京` in GB18030: 3 and 2).
    Each(u8, u8),
    /// The whole run stands for the whole raw range; with no raw bytes it is inserted white space.
    Whole,
}

/// Text from `text` up to the next run comes from `len` bytes at `raw`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: u32,
    pub raw: u32,
    pub len: u32,
    pub way: Way,
}

/// The way back from a text to the bytes it was made of. Runs are in order of the text and cover it without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    runs: Vec<Run>,
    end: u32,
}

impl Origins {
    /// Origins of nothing, to be filled by [`Origins::push`].
    pub fn new() -> Origins {
        Origins::default()
    }

    /// A text that equals its raw bytes.
    pub fn identity(len: u32) -> Origins {
        let mut origins = Origins::new();
        origins.push(len, 0, len, Way::Copy);
        origins
    }

    /// Bytes of the text that are covered.
    pub fn text_len(&self) -> u32 {
        self.end
    }

    /// The runs, in order of the text.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Appends `text` bytes that come from `len` bytes at `raw`; joins the run before when it just goes on.
    pub fn push(&mut self, text: u32, raw: u32, len: u32, way: Way) {
        if text == 0 {
            return;
        }
        debug_assert!(way != Way::Copy || text == len, "a copy has as many bytes as its origin");
        let start = self.end;
        self.end += text;
        if let Some(last) = self.runs.last_mut() {
            let goes_on = last.raw + last.len == raw && last.way == way && way != Way::Whole;
            if goes_on {
                last.len += len;
                return;
            }
        }
        self.runs.push(Run { text: start, raw, len, way });
    }

    /// Appends one changed character of `text` bytes that comes from `len` bytes at `raw`.
    pub fn push_char(&mut self, text: u32, raw: u32, len: u32) {
        match (u8::try_from(text), u8::try_from(len)) {
            (Ok(t), Ok(r)) if r > 0 => self.push(text, raw, len, Way::Each(t, r)),
            _ => self.push(text, raw, len, Way::Whole),
        }
    }

    /// Appends inserted white space that stands where `raw` is.
    pub fn push_inserted(&mut self, text: u32, raw: u32) {
        self.push(text, raw, 0, Way::Whole);
    }

    fn run_at(&self, text: u32) -> usize {
        self.runs.partition_point(|r| r.text <= text).saturating_sub(1)
    }

    fn text_end(&self, index: usize) -> u32 {
        self.runs.get(index + 1).map_or(self.end, |r| r.text)
    }

    /// Calls `each` for every part of `span` that lies in one run: the part, and its raw range.
    pub fn pieces(&self, span: Span, mut each: impl FnMut(Span, Span, Way)) {
        if span.is_empty() || self.runs.is_empty() {
            return;
        }
        let mut index = self.run_at(span.start);
        while let Some(run) = self.runs.get(index) {
            if run.text >= span.end {
                break;
            }
            let part = Span::new(run.text.max(span.start), self.text_end(index).min(span.end));
            let raw = match run.way {
                Way::Copy => Span::new(run.raw + part.start - run.text, run.raw + part.end - run.text),
                Way::Each(t, r) => {
                    let (t, r) = (u32::from(t), u32::from(r));
                    Span::new(
                        run.raw + (part.start - run.text) / t * r,
                        run.raw + (part.end - run.text).div_ceil(t) * r,
                    )
                }
                Way::Whole => Span::new(run.raw, run.raw + run.len),
            };
            each(part, raw, run.way);
            index += 1;
        }
    }

    /// The raw bytes from the first to the last byte that `span` comes from, inserted white space aside.
    pub fn raw(&self, span: Span) -> Span {
        let mut hull: Option<Span> = None;
        let mut inserted = 0;
        self.pieces(span, |_, raw, _| {
            if raw.is_empty() {
                inserted = raw.start;
            } else {
                hull = Some(hull.map_or(raw, |h| Span::new(h.start.min(raw.start), h.end.max(raw.end))));
            }
        });
        hull.unwrap_or(Span::new(inserted, inserted))
    }

    /// The way from a `later` text, made of this one, back to the raw bytes.
    pub fn then(&self, later: &Origins) -> Origins {
        let mut out = Origins::new();
        for (index, run) in later.runs.iter().enumerate() {
            let text = later.text_end(index) - run.text;
            match run.way {
                Way::Copy => self.pieces(Span::new(run.raw, run.raw + run.len), |part, raw, way| {
                    out.push(part.len(), raw.start, raw.len(), way);
                }),
                Way::Each(t, r) => {
                    let (t, r) = (u32::from(t), u32::from(r));
                    for nth in 0..text / t {
                        let raw = self.raw(Span::new(run.raw + nth * r, run.raw + (nth + 1) * r));
                        out.push_char(t, raw.start, raw.len());
                    }
                }
                Way::Whole if run.len == 0 => {
                    let at = if run.raw < self.end {
                        self.raw(Span::new(run.raw, run.raw + 1)).start
                    } else {
                        self.raw_end()
                    };
                    out.push_inserted(text, at);
                }
                Way::Whole => {
                    let raw = self.raw(Span::new(run.raw, run.raw + run.len));
                    out.push(text, raw.start, raw.len(), Way::Whole);
                }
            }
        }
        out
    }

    fn raw_end(&self) -> u32 {
        self.runs.last().map_or(0, |r| r.raw + r.len)
    }
}

/// The `source_map` of a record: three columns, see DESIGN §2.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SourceMap {
    /// Code point of `text` where run k starts.
    pub text: Vec<u64>,
    /// Byte of the drop where run k starts.
    pub raw: Vec<u64>,
    /// Raw bytes that run k covers; 0 = inserted white space.
    pub len: Vec<u64>,
}

impl SourceMap {
    /// The map of `span` of `text`; raw bytes are counted from `base` bytes earlier.
    pub fn of(text: &str, span: Span, origins: &Origins, base: u64) -> SourceMap {
        let mut map = SourceMap::default();
        let mut point = 0_u64;
        let mut push = |point: u64, raw: u32, len: u32| {
            map.text.push(point);
            map.raw.push(base + u64::from(raw));
            map.len.push(u64::from(len));
        };
        origins.pieces(span, |part, raw, way| {
            let piece = part.of(text);
            if let Way::Each(_, r) = way {
                let r = u32::from(r);
                for (nth, _) in (0_u32..).zip(piece.chars()) {
                    push(point, raw.start + nth * r, r);
                    point += 1;
                }
            } else {
                push(point, raw.start, raw.len());
                point += piece.chars().count() as u64;
            }
        });
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_join_and_split() {
        let mut origins = Origins::new();
        origins.push(3, 1, 3, Way::Copy);
        origins.push(3, 4, 3, Way::Copy);
        origins.push(3, 8, 3, Way::Copy);
        assert_eq!(origins.runs().len(), 2);
        assert_eq!(origins.raw(Span::new(3, 9)), Span::new(4, 11));
    }

    #[test]
    fn a_character_of_a_two_byte_encoding_leads_to_its_own_bytes() {
        let mut origins = Origins::new();
        for nth in 0..4 {
            origins.push_char(3, nth * 2, 2);
        }
        assert_eq!(origins.runs().len(), 1);
        assert_eq!(origins.raw(Span::new(3, 6)), Span::new(2, 4));
        let map = SourceMap::of("北京日报", Span::new(3, 9), &origins, 100);
        assert_eq!((map.text, map.raw, map.len), (vec![0, 1], vec![102, 104], vec![2, 2]));
    }

    #[test]
    fn composition_keeps_every_way() {
        let mut decoded = Origins::new();
        decoded.push(2, 0, 2, Way::Copy);
        decoded.push_char(3, 2, 2);
        decoded.push_char(3, 4, 2);
        decoded.push(1, 6, 1, Way::Copy);
        let mut reflowed = Origins::new();
        reflowed.push(5, 0, 5, Way::Copy);
        reflowed.push_inserted(1, 5);
        reflowed.push(4, 5, 4, Way::Copy);
        let both = decoded.then(&reflowed);
        assert_eq!(both.text_len(), 10);
        assert_eq!(both.raw(Span::new(2, 5)), Span::new(2, 4));
        assert_eq!(both.raw(Span::new(5, 6)), Span::new(4, 4));
        assert_eq!(both.raw(Span::new(6, 10)), Span::new(4, 7));
    }
}
