//! Where a large drop is cut.

use super::marks::{Marks, Width};

/// Cuts a drop into chunks.
///
/// A chunk's end is a function of the bytes from its start and of the width of the drop's characters, and of nothing
/// else: so a restart in mid-file cuts the rest as an unbroken run would have. The evidence is raw, since nothing is
/// decoded yet: a page break, or a line that opens an article (with the headline above it); else a blank line; else a
/// line end; and where a line is longer than three quarters of a chunk, the last whole character.
pub(crate) struct Cutter {
    max: usize,
    width: Option<Width>,
}

/// Blank lines that may stand between a headline and its article, and lines that a headline may have.
const HEADLINE_BLANKS: usize = 2;
const HEADLINE_LINES: usize = 4;
const HEADLINE_BYTES: usize = 120;
/// Enough to know whether a character goes on behind the last byte that a chunk may have.
const LOOKAHEAD: usize = 4;

impl Cutter {
    pub(crate) fn new(max: usize) -> Cutter {
        Cutter { max: max.max(64) & !1, width: None }
    }

    /// How many bytes from the chunk's start must be seen, unless the drop ends before.
    pub(crate) fn wanted(&self) -> usize {
        self.max + LOOKAHEAD
    }

    /// Length of the chunk that starts with `bytes`; `at_end` says that nothing follows them. The first call must be
    /// for the start of the drop.
    pub(crate) fn cut(&mut self, bytes: &[u8], at_end: bool) -> usize {
        let width = *self.width.get_or_insert_with(|| Width::of(bytes));
        if at_end && bytes.len() <= self.max {
            return bytes.len();
        }
        let page = Page { bytes, max: self.max.min(bytes.len()), marks: Marks::of(width), width };
        page.cut()
    }
}

/// The bytes from which one chunk is taken.
struct Page<'a> {
    bytes: &'a [u8],
    max: usize,
    marks: &'static Marks,
    width: Width,
}

impl Page<'_> {
    fn cut(&self) -> usize {
        let low = self.max / 4;
        let (mut after_blank, mut line_end) = (None, None);
        let mut next = None;
        let mut at = self.line_start(self.max);
        while at >= low.max(1) {
            let line = self.line(at);
            if self.starts_page(line) || self.marks.opens_article(line) {
                return self.headline_above(at, low);
            }
            line_end = line_end.or(Some(at));
            match self.marks.is_blank(line) {
                true => after_blank = after_blank.or(next),
                false => next = Some(at),
            }
            at = self.line_start(at - self.width.bytes());
        }
        after_blank.or(line_end).unwrap_or_else(|| self.whole_character())
    }

    /// Start of the line that holds byte `at`, or that starts there.
    fn line_start(&self, at: usize) -> usize {
        let window = self.bytes.get(..at).unwrap_or(self.bytes);
        self.width.last_line_end(window).unwrap_or(0)
    }

    /// The line that starts here, without its end, as far as it lies in the page.
    fn line(&self, start: usize) -> &[u8] {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let line = rest.get(..self.width.first_line_end(rest).unwrap_or(rest.len())).unwrap_or(rest);
        self.width.without_carriage_return(line)
    }

    fn starts_page(&self, line: &[u8]) -> bool {
        line.starts_with(&self.marks.page_break)
    }

    /// Goes up from a line that opens an article to the first line of its headline.
    fn headline_above(&self, opener: usize, low: usize) -> usize {
        let (mut best, mut at) = (opener, opener);
        let (mut blanks, mut lines) = (0, 0);
        if self.starts_page(self.line(opener)) {
            return opener;
        }
        while at > low && lines < HEADLINE_LINES {
            let above = self.line_start(at - self.width.bytes());
            let line = self.line(above);
            if above < low || above == at {
                break;
            }
            if self.marks.is_blank(line) {
                blanks += 1;
                if lines > 0 || blanks > HEADLINE_BLANKS {
                    break;
                }
            } else if line.len() > HEADLINE_BYTES || self.marks.ends_sentence(line) {
                break;
            } else {
                lines += 1;
                best = above;
            }
            at = above;
        }
        best
    }

    /// The largest length not above `max` that splits no character.
    fn whole_character(&self) -> usize {
        let cut = match self.width {
            Width::Little | Width::Big => self.whole_pair(self.max & !1),
            Width::Byte => match self.utf8_boundary() {
                Some(at) => at,
                None => self.double_byte_boundary(),
            },
        };
        if cut == 0 { self.max } else { cut }
    }

    /// UTF-16: both halves of a surrogate pair stay together.
    fn whole_pair(&self, at: usize) -> usize {
        let high = match self.width {
            Width::Big => at.checked_sub(2),
            _ => at.checked_sub(1),
        };
        let splits = high.and_then(|i| self.bytes.get(i)).is_some_and(|b| (0xd8..0xdc).contains(b));
        if splits { at - 2 } else { at }
    }

    /// None if this is no UTF-8.
    fn utf8_boundary(&self) -> Option<usize> {
        let is_start = |at: usize| self.bytes.get(at).is_none_or(|b| !(0x80..0xc0).contains(b));
        let at = (self.max.saturating_sub(3)..=self.max).rev().find(|at| is_start(*at))?;
        let before = (at.saturating_sub(1027)..at).find(|at| is_start(*at))?;
        std::str::from_utf8(self.bytes.get(before..at)?).is_ok().then_some(at)
    }

    /// GBK, GB18030 and Big5 cannot be told from the middle: counted from the start of the line.
    fn double_byte_boundary(&self) -> usize {
        let mut at = self.line_start(self.max);
        loop {
            let second = self.bytes.get(at + 1).copied().unwrap_or_default();
            let length = match self.bytes.get(at) {
                Some(0x81..=0xfe) if second.is_ascii_digit() => 4,
                Some(0x81..=0xfe) => 2,
                _ => 1,
            };
            if at + length > self.max {
                return at;
            }
            at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts the text, in which `⟦⟧` stands where the cut is expected, at `max` bytes.
    fn check_encoded(max: usize, marked: &str, encode: impl Fn(&str) -> Vec<u8>) {
        let (before, after) = marked.split_once("⟦⟧").expect("a mark");
        let (before, after) = (encode(before), encode(after));
        let bytes = [before.clone(), after].concat();
        assert!(bytes.len() > max, "the text is cut at all: {} bytes", bytes.len());
        let cut = Cutter::new(max).cut(&bytes, true);
        assert_eq!(cut, before.len(), "{}", String::from_utf8_lossy(&bytes[..cut]));
    }

    fn check(max: usize, marked: &str) {
        check_encoded(max, marked, |text| text.as_bytes().to_vec());
        check_encoded(max * 3 / 4, marked, |text| encoding_rs::GB18030.encode(text).0.into_owned());
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        check_encoded(max * 3 / 4, marked, wide);
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        check_encoded(max * 3 / 4, marked, big);
    }

    #[test]
    fn a_line_that_opens_an_article_wins_with_its_headline() {
        check(
            240,
            "前面一篇文章的文字在这里写了许多许多行字。\n又一行文字在这里继续写着不停地写。\n\n⟦⟧春耕正忙\n本报讯（记者某）今天\n天气\n\n很好，还有许多文字在后面继续写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着。\n",
        );
    }

    #[test]
    fn prose_above_an_opener_is_no_headline() {
        check(
            240,
            "前面一篇文章的文字在这里写了许多许多行字。\n又一行文字在这里继续写着不停地写。\n⟦⟧新华社北京一月一日电 今天\n天气\n\n很好，还有许多文字在后面继续写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着。\n",
        );
    }

    #[test]
    fn else_a_blank_line_and_else_a_line_end() {
        check(
            240,
            "文字在这里写了许多许多行字而且写了又写写了又写。\n又一行文字在这里继续写着不停地写。\n\n⟦⟧天气很好还有许多\n文字在后面继续写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写。\n",
        );
        check(
            240,
            "文字在这里写了许多许多行字而且写了又写写了又写。\n又一行文字在这里继续写着不停地写。\n天气很好还有许多\n⟦⟧文字在后面继续写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写着写。\n",
        );
    }

    #[test]
    fn a_line_without_end_is_cut_between_characters() {
        let text = "报".repeat(1000);
        for max in [64, 66, 100, 998] {
            assert_eq!(Cutter::new(max).cut(text.as_bytes(), false) % 3, 0);
            let (gbk, _, _) = encoding_rs::GBK.encode(&text);
            let odd = [b"x", gbk.as_ref()].concat();
            assert_eq!(Cutter::new(max).cut(&odd, false) % 2, 1);
            let four = "\u{20000}".repeat(200);
            let (gb, _, _) = encoding_rs::GB18030.encode(&four);
            assert_eq!(Cutter::new(max).cut(&gb, false) % 4, 0);
            let wide: Vec<u8> = "\n\u{20000}"
                .chars()
                .chain(four.chars())
                .flat_map(|c| {
                    let mut units = [0; 2];
                    c.encode_utf16(&mut units).iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<u8>>()
                })
                .collect();
            assert_eq!((Cutter::new(max).cut(&wide, false) - 2) % 4, 0);
        }
    }

    #[test]
    fn every_byte_finds_its_chunk_whatever_the_bytes() {
        let mut seed = 7_u64;
        for round in 0..200 {
            let bytes: Vec<u8> = (0..2000)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let byte = (seed >> 33) as u8;
                    if round % 2 == 0 {
                        byte
                    } else {
                        [b'\n', 0, b'\r', 0xe6, 0x8a, 0xa5, 0xb1, b' '][usize::from(byte % 8)]
                    }
                })
                .collect();
            let mut cutter = Cutter::new(128);
            let (mut at, mut cuts) = (0, 0);
            while at < bytes.len() {
                let end = (at + cutter.wanted()).min(bytes.len());
                let cut = cutter.cut(&bytes[at..end], end == bytes.len());
                assert!(cut > 0 && cut <= 128);
                at += cut;
                cuts += 1;
            }
            assert!((at, cuts < 60) == (bytes.len(), true), "{cuts} cuts");
        }
    }
}
