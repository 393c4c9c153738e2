//! Paragraphs as the cutter sees them: what each looks like by itself.

use crate::lexicon::press::Press;
use crate::record::span::Span;
use crate::record::text::{CleanPara, CleanText};
use crate::segment::byline::{self, Signed, Tail, TailKind};
use crate::segment::dateline::{self, Mark};
use crate::segment::scan::{Scan, is_bullet, is_closer, is_digit, is_han, is_terminator};

/// What a paragraph is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Sentences.
    Prose,
    /// A short line without a full stop: headline, sub-heading, item of a list.
    Line,
    /// A credit such as stands under a headline.
    Head,
    /// A credit or closing mark in brackets, alone.
    Tail,
    Caption,
}

/// A paragraph with everything that can be read off it alone.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    pub text: &'a str,
    pub span: Span,
    pub shape: CleanPara,
    pub look: Look,
    pub mark: Option<Mark>,
    pub head: Option<Signed>,
    pub tail: Option<Tail>,
    pub bullet: bool,
    pub chars: u32,
    /// Width in half-width cells.
    pub cells: u32,
    /// Mostly written in letters.
    pub latin: bool,
    /// Its last character, closing marks aside.
    pub last: char,
}

/// Longest line that can be a headline by itself, in characters; Latin text counts double.
const LINE_MAX: u32 = 64;

impl<'a> Block<'a> {
    /// Looks at one paragraph.
    pub fn new(press: &Press, text: &'a str, span: Span, shape: CleanPara) -> Block<'a> {
        let (chars, cells, han, letters) = measure(text);
        let latin = han * 4 < letters;
        let last = text.trim_end().chars().rev().find(|c| !is_closer(*c)).unwrap_or(' ');
        let short = chars <= if latin { LINE_MAX * 2 } else { LINE_MAX };
        let mark = dateline::read(press, text);
        let mut block = Block {
            text,
            span,
            shape,
            look: Look::Prose,
            head: if short && mark.is_none() { byline::head(press, text) } else { None },
            tail: byline::tail(press, text),
            mark,
            bullet: opens_with_bullet(text),
            chars,
            cells,
            latin,
            last,
        };
        block.look = block.look_of(short);
        block
    }

    fn look_of(&self, short: bool) -> Look {
        if is_caption(self) {
            return Look::Caption;
        }
        if self.head.is_some() {
            return Look::Head;
        }
        if self.tail.as_ref().is_some_and(|t| t.text_end == 0) {
            return Look::Tail;
        }
        // A headline may ask or call; it does not state with a full stop, and it is no dateline.
        let stops = match self.last {
            '。' | '；' | ';' | '，' | '、' => true,
            '.' => self.latin || self.chars > 30,
            '：' | ':' => self.chars > 30,
            '！' | '？' | '!' | '?' | '…' => {
                self.text.trim_end().chars().next_back().is_some_and(is_closer) || self.chars > 40
            }
            _ => false,
        };
        let inner_stops = self.text.chars().filter(|c| matches!(c, '。' | '；')).count();
        if short && !stops && inner_stops == 0 && self.mark.is_none() { Look::Line } else { Look::Prose }
    }

    /// Whether the paragraph ends as sentences do.
    pub fn finished(&self) -> bool {
        is_terminator(self.last) || self.last == '.' || self.tail.is_some()
    }

    /// Whether a credit or a closing mark ends it.
    pub fn closes(&self) -> bool {
        match &self.tail {
            Some(Tail { kind: TailKind::Closing, .. }) => true,
            Some(tail) => tail.set_apart() || matches!(&tail.kind, TailKind::Signed(s) if s.role),
            None => self.text.trim_end().ends_with(['■', '□', '▲', '◆', '●']) && self.chars > 10,
        }
    }
}

/// Every paragraph of a clean text.
pub fn all<'a>(press: &Press, clean: &'a CleanText) -> Vec<Block<'a>> {
    clean.paras.iter().map(|p| Block::new(press, p.span.of(&clean.text), p.span, *p)).collect()
}

/// Characters, half-width cells, Chinese characters, other letters.
fn measure(text: &str) -> (u32, u32, u32, u32) {
    let (mut chars, mut cells, mut han, mut letters) = (0, 0, 0, 0);
    for c in text.chars() {
        chars += 1;
        cells += if (c as u32) < 0x1100 || ('\u{ff61}'..='\u{ffdc}').contains(&c) { 1 } else { 2 };
        if is_han(c) {
            han += 1;
        } else if c.is_alphabetic() {
            letters += 1;
        }
    }
    (chars, cells, han, letters)
}

fn opens_with_bullet(text: &str) -> bool {
    text.trim_start().starts_with(is_bullet)
}

/// `图为会议现场。`, `图①：…`, `（李明 摄）` behind a short line.
fn is_caption(block: &Block<'_>) -> bool {
    if block.chars > 120 {
        return false;
    }
    let mut scan = Scan::new(block.text);
    scan.blanks();
    scan.eat_if(|c| is_bullet(c) || matches!(c, '↑' | '↓' | '←' | '→' | '↗' | '↖' | '（' | '('));
    scan.blanks();
    let opens = [
        "图为",
        "圖為",
        "图一",
        "图①",
        "图②",
        "图③",
        "上图",
        "下图",
        "左图",
        "右图",
        "题图",
        "圖一",
        "上圖",
        "下圖",
        "資料圖片",
        "资料图片",
        "资料图",
        "图片来源",
        "圖片來源",
        "图说",
        "圖說",
        "漫画：",
    ];
    if scan.eat_any(&opens).is_some() {
        return true;
    }
    if scan.eat("图") || scan.eat("圖") {
        let digit = scan.eat_if(is_digit).is_some();
        if digit && scan.eat_if(|c| matches!(c, '：' | ':' | ' ' | '　' | '.' | '．')).is_some() {
            return true;
        }
    }
    if block.chars <= 60
        && ["图自", "图源", "圖源", "图片来自", "圖片來自", "网络截图", "視頻截圖", "视频截图"]
            .iter()
            .any(|w| block.text.contains(w))
        && block.last != '。'
    {
        return true;
    }
    let photo = |s: &Signed| s.credits.iter().any(|c| c.role == "摄影");
    let issued = block.text.trim_end().ends_with(['发', '發'])
        && block.chars <= 80
        && ["新华社", "新華社", "中新社", "本报"].iter().any(|a| block.text.contains(a));
    issued
        || (block.chars <= 90
            && matches!(&block.tail, Some(Tail { kind: TailKind::Signed(s), text_end, .. }) if *text_end > 0 && photo(s)))
}
