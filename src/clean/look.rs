//! What a line says by itself: how it begins and ends, and whether it looks like a headline or a byline.

use crate::clean::evidence::Kept;
use crate::clean::features::{End, Start};
use crate::clean::glyphs::{Line, Sheet};
use crate::lexicon::furniture::FurnitureWords;

/// What is known of a line by itself.
pub struct Facts {
    pub line: Line,
    pub column: u16,
    /// Cells of a credit behind its last full stop.
    pub credit: u32,
    pub end: End,
    pub start: Start,
    pub stop: bool,
    /// Cells of the first piece that cannot be broken.
    pub atom: u32,
    pub byline: bool,
    pub bracketed: bool,
    pub opens: bool,
    /// Furniture was set aside just before it.
    pub after_furniture: bool,
    /// It has a comma or a full stop inside, as headlines seldom have.
    pub prose: bool,
    /// A blank parts two Chinese phrases, as in headlines.
    pub blank_inside: bool,
    pub quotes: Marks,
    pub brackets: Marks,
}

/// First and last mark of a kind in a line: whether it opens, and characters from the line's start and end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    pub first: Option<(bool, u32)>,
    pub last: Option<(bool, u32)>,
    pub chars: u32,
}

impl Facts {
    /// Looks at a line; its column is not known yet.
    pub fn of(sheet: &Sheet, kept: &Kept, words: &FurnitureWords) -> Facts {
        let text = sheet.text(&kept.line);
        let credit = credit_cells(text);
        let end = if credit > 0 { End::Credit } else { end_of(text, sheet.cjk) };
        let (quotes, brackets, prose) = marks(text);
        let short = kept.line.width <= 44;
        Facts {
            line: kept.line,
            column: 0,
            credit,
            end,
            start: start_of(text),
            stop: matches!(end, End::Stop | End::StopClose | End::Credit),
            atom: atom(text, sheet.cjk),
            byline: short && is_byline(text),
            bracketed: short && is_bracketed(text),
            opens: opens_article(text, words),
            after_furniture: kept.after_furniture,
            prose,
            blank_inside: sheet.cjk && !prose && text.len() < 120 && blank_between_han(text),
            quotes,
            brackets,
        }
    }

    pub fn blank(&self) -> usize {
        usize::from(self.line.blank_before.min(2))
    }

    pub fn missing(&self) -> i32 {
        let missing = i32::from(self.column) - i32::try_from(self.line.reach()).unwrap_or(i32::MAX);
        let squeezed = i32::try_from(self.line.squeeze.min(6)).unwrap_or_default();
        // What squeezed marks explain is not over.
        if missing < 0 { (missing + squeezed).min(0) } else { missing }
    }

    /// A short line that ends no sentence: so headlines look.
    pub fn head_shape(&self) -> bool {
        !self.stop && self.missing() >= 6 && !matches!(self.end, End::Comma | End::Open | End::Hyphen)
    }
}

fn blank_between_han(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(left, right)| {
        left.chars().count() >= 3
            && right.chars().count() >= 3
            && left.chars().next_back().is_some_and(|c| is_han(c) || matches!(c, '”' | '？' | '！' | '》'))
            && right.chars().next().is_some_and(|c| is_han(c) || matches!(c, '“' | '《'))
    })
}

fn is_stop(c: char, cjk: bool) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '…' | '．' | '｡') || (c == '.' && !cjk)
}

fn end_of(text: &str, cjk: bool) -> End {
    let mut back = text.chars().rev();
    let Some(last) = back.next() else { return End::Other };
    match last {
        c if is_stop(c, cjk) => End::Stop,
        '”' | '’' | '」' | '』' | '）' | ')' | '"' | '\'' | '】' | '》' | '〉' | '］' | ']' | '〕' => {
            let closed = back.find(|c| !matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '"' | '\'' | '】'));
            if closed.is_some_and(|c| is_stop(c, cjk)) { End::StopClose } else { End::Close }
        }
        '：' | ':' => End::Colon,
        '；' | ';' => End::Semicolon,
        '，' | '、' | ',' | '､' => End::Comma,
        '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '〈' | '【' | '[' => End::Open,
        '.' => {
            // In Chinese an ASCII full stop may end a sentence after a Han character, or stand in a number.
            if back.next().is_some_and(is_han) { End::Stop } else { End::Other }
        }
        '-' | '‐' => End::Hyphen,
        c if is_han(c) => End::Han,
        c if c.is_ascii_digit() || matches!(c, '%' | '％' | '‰' | '℃') => End::Digit,
        c if c.is_alphabetic() => End::Latin,
        _ => End::Other,
    }
}

/// Cells of a credit in brackets that stands behind a full stop at the end of a line; 0 without one.
fn credit_cells(text: &str) -> u32 {
    let Some(open) = text.strip_suffix(['）', ')', '】']).and_then(|t| t.rfind(['（', '(', '【'])) else {
        return 0;
    };
    let (before, credit) = (text.get(..open).unwrap_or_default(), text.get(open..).unwrap_or_default());
    let mut back = before.trim_end().chars().rev();
    let stop = back.find(|c| !matches!(c, '”' | '’' | '」' | '』' | '"' | '）' | ')'));
    let count = credit.chars().count();
    if count > 26 || credit.contains('。') || !stop.is_some_and(|c| matches!(c, '。' | '！' | '？' | '…' | '!' | '?'))
    {
        return 0;
    }
    let blank = before.len() - before.trim_end().len();
    u32::try_from(count * 2 + blank * 2).unwrap_or_default()
}

fn start_of(text: &str) -> Start {
    let Some(first) = text.chars().next() else { return Start::Other };
    match first {
        '“' | '‘' | '「' | '『' | '"' | '\'' => Start::Quote,
        '（' | '(' | '《' | '〈' | '【' | '[' | '〔' => Start::Open,
        '，' | '。' | '、' | '；' | '：' | '！' | '？' | '”' | '’' | '」' | '』' | '）' | ')' | '》' | '〉' | '】'
        | ']' | ',' | '.' | ';' | ':' | '!' | '?' | '%' | '％' | '…' | '·' => Start::Close,
        '■' | '□' | '●' | '○' | '◆' | '◇' | '★' | '☆' | '▲' | '△' | '▼' | '◎' | '※' | '•' | '▶' | '►' | '①'..='⑳' => {
            Start::Bullet
        }
        '—' | '-' | '–' | '─' => Start::Dash,
        c if c.is_ascii_digit() => Start::Digit,
        c if is_han(c) => Start::Han,
        c if c.is_uppercase() => Start::Upper,
        c if c.is_alphabetic() => Start::Lower,
        _ => Start::Other,
    }
}

/// A Han character, or kana, which break anywhere as Han characters do.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Cells of the first piece of a line that could not have been broken: if they had fitted on the line before, it would
/// have been set there.
fn atom(text: &str, cjk: bool) -> u32 {
    let mut chars = text.chars().peekable();
    let mut cells = 0;
    let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
    while let Some(c) = chars.next_if(|c| matches!(c, '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '〈' | '【' | '"'))
    {
        cells += wide(c);
    }
    let Some(first) = chars.next() else { return cells };
    cells += wide(first);
    if first.is_ascii_alphanumeric() || (!cjk && first != ' ') {
        while let Some(c) = chars.next_if(|c| if cjk { c.is_ascii_graphic() } else { *c != ' ' }) {
            cells += wide(c);
            if cells > 60 || (c == '-' && !cjk) {
                break;
            }
        }
    }
    if !cjk {
        return cells + 1;
    }
    while let Some(c) = chars.next_if(|c| "，。、；：！？”’」』）》〉】%".contains(*c)) {
        cells += wide(c);
    }
    cells
}

/// First and last quotation mark, first and last bracket, and whether a comma or a full stop stands inside the line.
fn marks(text: &str) -> (Marks, Marks, bool) {
    let (mut quotes, mut brackets) = (Marks::default(), Marks::default());
    let mut count = 0;
    // Whether the character before was a comma or a full stop; ASCII ones count when a blank follows.
    let (mut pause, mut prose, mut ascii_pause) = (false, false, false);
    for c in text.chars() {
        count += 1;
        prose |= pause || (ascii_pause && c == ' ');
        pause = matches!(c, '，' | '。' | '；');
        ascii_pause = matches!(c, ',' | '.');
        let (kind, opens) = match c {
            '“' | '「' | '『' => (&mut quotes, true),
            '”' | '」' | '』' => (&mut quotes, false),
            '（' | '(' | '《' | '【' | '〈' => (&mut brackets, true),
            '）' | ')' | '》' | '】' | '〉' => (&mut brackets, false),
            _ => continue,
        };
        kind.first.get_or_insert((opens, count));
        kind.last = Some((opens, count));
    }
    for kind in [&mut quotes, &mut brackets] {
        kind.chars = count;
        kind.last = kind.last.map(|(opens, at)| (opens, count - at));
    }
    (quotes, brackets, prose)
}

/// `本报讯`, `【新华社北京9月3日电】`: the line opens an article.
fn opens_article(text: &str, words: &FurnitureWords) -> bool {
    let bare = text.trim_start_matches(['【', '（', '(', '[', '■', '●', '◆', '▲', '□', ' ', '“']);
    if words.opens(bare) {
        return true;
    }
    let mut agency = false;
    let mut chars = bare.chars().take(24).peekable();
    while let Some(c) = chars.next() {
        match c {
            '报' | '報' | '社' | '网' | '網' | '台' => agency = true,
            '电' | '電' | '讯' | '訊' if agency => {
                return chars.peek().is_none_or(|n| matches!(n, ' ' | '】' | '）' | ')' | '（' | '(' | '：' | ':'));
            }
            '】' if agency => return text.starts_with('【'),
            '，' | '。' | '、' | ',' | '；' => return false,
            _ => {}
        }
    }
    false
}

/// A line that names who wrote the article: `记者 钱佳`, `本报记者 张三 通讯员 李四`, `By Laura Whitfield`.
fn is_byline(text: &str) -> bool {
    if !text.starts_with(|c| "Bb本新特见見实實记記通评評撰文采採作□■◎●◆/／（(".contains(c))
    {
        return false;
    }
    let bare = text.trim_start_matches(['□', '■', '◎', '●', '◆', '/', '／', ' ', '（', '(']);
    if let Some(rest) = ["By ", "BY ", "by "].iter().find_map(|w| bare.strip_prefix(w)) {
        return rest.starts_with(|c: char| c.is_ascii_uppercase()) && !rest.contains(['.', '"', '?']);
    }
    let bare = ["本报", "本報", "本刊", "新华社", "新華社", "特约", "特約", "见习", "見習", "实习"]
        .iter()
        .find_map(|w| bare.strip_prefix(w))
        .unwrap_or(bare);
    let role = [
        "记者",
        "記者",
        "通讯员",
        "通訊員",
        "评论员",
        "評論員",
        "撰文",
        "撰稿",
        "文/",
        "文／",
        "文|",
        "采写",
        "作者",
        "实习生",
        "特派员",
    ]
    .iter()
    .find_map(|w| bare.strip_prefix(w));
    let marked = bare.len() < text.len() && role.is_none();
    let rest = match role {
        Some(rest) => rest,
        None if marked && text.starts_with(['□', '■', '◎']) => bare,
        None => return false,
    };
    let names = rest.trim_matches([' ', '：', ':', '/', '／', '）', ')', '|']);
    let count = names.chars().count();
    (2..=20).contains(&count)
        && names.chars().all(|c| is_han(c) || matches!(c, ' ' | '、' | '·' | '/' | '／'))
        && (names.chars().count() <= 4 || names.contains([' ', '、', '/', '／']))
}

/// A line that is one bracket and nothing else: `（高美梅）`.
fn is_bracketed(text: &str) -> bool {
    let inner = text
        .strip_prefix(['（', '('])
        .and_then(|t| t.strip_suffix(['）', ')']))
        .or_else(|| text.strip_prefix('【').and_then(|t| t.strip_suffix('】')));
    inner.is_some_and(|t| !t.is_empty() && !t.contains(['（', '(', '。']))
}
