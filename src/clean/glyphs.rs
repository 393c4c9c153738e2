//! Decoded text becomes lines of repaired characters: widths folded, stray and invisible characters out.

use crate::record::span::{Origins, Span, Way};

/// One printed line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// Its characters in [`Sheet::text`], without blanks at either end.
    pub span: Span,
    /// The whole line in the decoded text, without its line end.
    pub source: Span,
    /// Half-width cells between the first and the last character.
    pub width: u32,
    /// Blank cells before the first character.
    pub indent: u32,
    /// Marks that may have been set narrower than they are: so many cells the line may hang out of its column.
    pub squeeze: u32,
    /// Blank lines before it.
    pub blank_before: u16,
    /// A form feed stands before it.
    pub page_break: bool,
    /// The widest run of blanks inside: the cell where it ends, and its cells.
    pub gap_end: u32,
    pub gap: u32,
}

impl Line {
    /// Cells from the left edge to the last character.
    pub fn reach(&self) -> u32 {
        self.indent + self.width
    }
}

/// The lines of a chunk; blank lines are only counted.
#[derive(Debug, Default)]
pub struct Sheet {
    /// The repaired lines, one after the other with nothing between.
    pub text: String,
    /// From `text` to the decoded text.
    pub origins: Origins,
    pub lines: Vec<Line>,
    /// Private-use and control characters that were taken out, in the decoded text.
    pub noise: Vec<Span>,
    /// Ideographs make up a good part of it, so that ambiguous characters are two cells wide.
    pub cjk: bool,
}

impl Sheet {
    /// The text of a line.
    pub fn text(&self, line: &Line) -> &str {
        line.span.of(&self.text)
    }
}

/// What becomes of a character.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Glyph {
    /// Stays, and is so many cells wide.
    Stay(u32),
    /// Stays; a Chinese mark, two cells wide and often squeezed into one.
    Mark,
    /// Becomes this ASCII letter or digit; it was two cells wide.
    Fold(char),
    /// White space of so many cells.
    Blank(u32),
    /// Takes no room and says nothing.
    Invisible,
    /// Stands for nothing that could be read.
    Noise,
    LineEnd,
    PageEnd,
}

/// Whether ideographs make up at least a tenth of the head of a text.
pub fn is_cjk(text: &str) -> bool {
    let (mut wide, mut count) = (0_u32, 0_u32);
    for c in text.chars().filter(|c| !c.is_whitespace()).take(3_000) {
        count += 1;
        wide += u32::from(matches!(c, '\u{3040}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'));
    }
    wide * 10 > count
}

/// Reads the lines of a decoded text.
pub fn read(decoded: &str) -> Sheet {
    let cjk = is_cjk(decoded);
    let mut setter = Setter { decoded, sheet: Sheet { cjk, ..Sheet::default() }, ..Setter::default() };
    setter.sheet.text.reserve(decoded.len());
    let bytes = decoded.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        // ASCII and Han characters, which are nearly all of a page, need no look at the character itself.
        match byte {
            b'!'..=b'~' => {
                setter.visible(at, 1);
                at += 1;
            }
            0xe4..=0xe9 => {
                setter.visible(at, 2);
                at += 3;
            }
            _ => at = setter.character(at),
        }
    }
    setter.end_line(decoded.len(), decoded.len());
    setter.sheet
}

/// The zero-width joiners shape letters in Arabic, Persian and the scripts of India; there they stay.
fn joins_letters(c: char, before: Option<char>, after: Option<char>) -> bool {
    let shaping = |c: Option<char>| c.is_some_and(|c| matches!(c, '\u{600}'..='\u{fff}' | '\u{1f000}'..='\u{1faff}'));
    matches!(c, '\u{200c}' | '\u{200d}') && shaping(before) && shaping(after)
}

fn glyph(c: char, cjk: bool) -> Glyph {
    match c {
        '\n' | '\r' | '\u{85}' | '\u{b}' | '\u{2028}' | '\u{2029}' => Glyph::LineEnd,
        '\u{c}' => Glyph::PageEnd,
        ' ' => Glyph::Blank(1),
        '\t' => Glyph::Blank(4),
        '!'..='~' => Glyph::Stay(1),
        '\u{4e00}'..='\u{9fff}' => Glyph::Stay(2),
        '，' | '。' | '、' | '；' | '：' | '？' | '！' | '（' | '）' | '《' | '》' | '「' | '」' | '『' | '』'
        | '【' | '】' => Glyph::Mark,
        '“' | '”' | '‘' | '’' | '·' if cjk => Glyph::Mark,
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            Glyph::Fold(char::from_u32(u32::from(c) - 0xfee0).expect("full-width forms stand in the order of ASCII"))
        }
        '\u{3000}' => Glyph::Blank(2),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Glyph::Noise,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{1680}' => Glyph::Blank(1),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => Glyph::Invisible,
        '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => Glyph::Invisible,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{fffe}' | '\u{ffff}' => Glyph::Noise,
        '\u{300}'..='\u{36f}' => Glyph::Stay(0),
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => Glyph::Stay(2),
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => Glyph::Stay(2),
        '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => Glyph::Stay(2),
        '\u{b7}' | '\u{d7}' | '\u{2010}'..='\u{205e}' | '\u{2100}'..='\u{27bf}' if cjk => Glyph::Stay(2),
        _ => Glyph::Stay(1),
    }
}

/// The line being read, and what of the decoded text waits to be copied.
#[derive(Default)]
struct Setter<'a> {
    decoded: &'a str,
    sheet: Sheet,
    /// Start of the run that waits to be copied; it ends where something else than a plain character comes.
    from: usize,
    line_start: usize,
    text_start: usize,
    blank: Option<(usize, u32)>,
    line: Line,
    blank_lines: u16,
    page_break: bool,
    filled: bool,
}

impl Setter<'_> {
    /// Reads the character that starts here, and returns where the next one starts.
    fn character(&mut self, at: usize) -> usize {
        let mut chars = self.decoded.get(at..).unwrap_or_default().chars();
        let Some(c) = chars.next() else { return self.decoded.len() };
        let end = at + c.len_utf8();
        let next = chars.next();
        match glyph(c, self.sheet.cjk) {
            Glyph::Stay(cells) => self.visible(at, cells),
            Glyph::Mark => {
                self.visible(at, 2);
                self.line.squeeze += 1;
            }
            Glyph::Fold(folded) => self.fold(at, end, folded),
            Glyph::Blank(cells) => self.blank(at, end, cells),
            Glyph::Invisible if joins_letters(c, self.last_char(at), next) => self.visible(at, 0),
            Glyph::Invisible => self.skip(at, end),
            Glyph::Noise => {
                self.skip(at, end);
                self.sheet.noise.push(Span::at(at, end));
            }
            Glyph::LineEnd | Glyph::PageEnd => {
                if c == '\r' && next == Some('\n') {
                    self.skip(at, end);
                } else {
                    self.end_line(at, end);
                    self.page_break |= c == '\u{c}';
                }
            }
        }
        end
    }

    fn flush(&mut self, to: usize) {
        let run = self.decoded.get(self.from..to).unwrap_or_default();
        if !run.is_empty() {
            let len = u32::try_from(run.len()).expect("a chunk is below 4 GiB");
            let from = u32::try_from(self.from).expect("a chunk is below 4 GiB");
            self.sheet.text.push_str(run);
            self.sheet.origins.push(len, from, len, Way::Copy);
        }
    }

    /// A visible character: blanks that wait before it are set as one.
    #[inline]
    fn visible(&mut self, at: usize, cells: u32) {
        if self.blank.is_some() {
            self.set_blank(at);
        }
        self.filled = true;
        self.line.width += cells;
    }

    fn set_blank(&mut self, at: usize) {
        if let Some((start, blank)) = self.blank.take() {
            if self.filled {
                let first = self.decoded.get(start..at).and_then(|b| b.chars().next()).unwrap_or(' ');
                let raw = u32::try_from(start).expect("a chunk is below 4 GiB");
                self.sheet.text.push(' ');
                if first == ' ' {
                    self.sheet.origins.push(1, raw, 1, Way::Copy);
                } else {
                    self.sheet.origins.push_char(1, raw, u32::try_from(first.len_utf8()).expect("at most four"));
                }
                self.line.width += blank;
                if blank > self.line.gap {
                    (self.line.gap, self.line.gap_end) = (blank, self.line.indent + self.line.width);
                }
            } else {
                self.line.indent = blank;
            }
        }
    }

    fn fold(&mut self, at: usize, end: usize, folded: char) {
        self.flush(at);
        self.visible(at, 2);
        self.sheet.text.push(folded);
        let raw = u32::try_from(at).expect("a chunk is below 4 GiB");
        self.sheet.origins.push_char(1, raw, u32::try_from(end - at).expect("at most four"));
        self.from = end;
    }

    fn blank(&mut self, at: usize, end: usize, cells: u32) {
        self.flush(at);
        self.from = end;
        self.blank = Some(self.blank.map_or((at, cells), |(start, before)| (start, before + cells)));
    }

    fn skip(&mut self, at: usize, end: usize) {
        self.flush(at);
        self.from = end;
    }

    fn last_char(&self, at: usize) -> Option<char> {
        self.decoded.get(..at).and_then(|t| t.chars().next_back())
    }

    fn end_line(&mut self, at: usize, next: usize) {
        self.flush(at);
        self.from = next;
        self.blank = None;
        if self.filled {
            self.sheet.lines.push(Line {
                span: Span::at(self.text_start, self.sheet.text.len()),
                source: Span::at(self.line_start, at),
                blank_before: self.blank_lines,
                page_break: self.page_break,
                ..self.line
            });
            self.blank_lines = 0;
            self.page_break = false;
        } else {
            self.blank_lines = self.blank_lines.saturating_add(1);
        }
        self.filled = false;
        self.line = Line::default();
        self.line_start = next;
        self.text_start = self.sheet.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of the sheet, each as indent, text and width.
    fn check(input: &str, expected: &[(u32, &str, u32)]) {
        let sheet = read(input);
        let lines: Vec<_> = sheet.lines.iter().map(|l| (l.indent, sheet.text(l), l.width)).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn widths_are_folded_for_letters_and_digits_only() {
        check("１０月３１日（ＡＢｃ）！", &[(0, "10月31日（ABc）！", 24)]);
    }

    #[test]
    fn blanks_go_at_the_ends_and_shrink_inside() {
        check("　　本报讯　　今天 \r\n \n好", &[(4, "本报讯 今天", 14), (0, "好", 2)]);
    }

    #[test]
    fn what_cannot_be_seen_is_out() {
        check("\u{feff}北\u{200b}京\u{e001}日\u{ad}报\u{7}", &[(0, "北京日报", 8)]);
    }

    #[test]
    fn joiners_stay_where_they_shape_letters() {
        check("می\u{200c}روم", &[(0, "می\u{200c}روم", 5)]);
    }
}
