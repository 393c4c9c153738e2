//! Who signs an article: the grammar of credits.
//!
//! A credit is a list of items, each with an optional agency, an optional role before or behind, and names:
//! `本报记者 丁伟佳 通讯员 李 明`, `大众网记者贺辉`, `实习生笛儿/文`, `文/杨浩思`, `新华社记者A、本报记者B`.

use crate::lexicon::press::Press;
use crate::record::article::Credit;
use crate::record::span::Span;
use crate::segment::names::{can_sign, is_full, unglue};
use crate::segment::scan::{Scan, is_bullet, is_digit, is_han};

/// Credits that were read, and how sure it is that they are some.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signed {
    pub credits: Vec<Credit>,
    /// A role was printed.
    pub role: bool,
    /// Every Chinese name has the build of a full name.
    pub full: bool,
    /// A name had to be cut out of a run of characters (`余瑶王飞翔`).
    pub glued: bool,
    /// A place came behind a slash (`記者戴磊海／台北報導`).
    pub place: Option<Span>,
}

/// Most characters of a credit: four names with their roles.
const LONGEST: usize = 60;

/// A piece of the credit between separators.
#[derive(Clone, Copy, Debug)]
struct Token {
    span: Span,
    /// It stands directly after a blank, so a single character may go with the one before (`李 明`).
    after_blank: bool,
    after_slash: bool,
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '、' | '，' | ',' | '/' | '／' | '∕' | '⁄' | '；' | ';' | '：' | ':' | '|' | '｜' | '&')
}

fn tokens(text: &str, within: Span) -> Vec<Token> {
    let mut found = Vec::new();
    let mut scan = Scan::from(text, within.start as usize);
    let (mut blank, mut slash) = (false, false);
    while scan.at() < within.end as usize {
        let span = scan.take(usize::MAX, |c| !is_separator(c));
        let span = Span::new(span.start, span.end.min(within.end));
        if !span.is_empty() {
            found.push(Token { span, after_blank: blank, after_slash: slash });
            (blank, slash) = (false, false);
        }
        if scan.at() < within.end as usize
            && let Some(c) = scan.bump()
        {
            blank = c.is_whitespace() || (blank && !matches!(c, '、' | '，' | ','));
            slash |= matches!(c, '/' | '／' | '∕' | '⁄');
        }
    }
    found
}

/// Latin words that follow each other are one name.
fn joins_latin(text: &str, before: Span, token: Token) -> bool {
    let latin = |s: Span| s.of(text).chars().all(|c| c.is_alphabetic() && !is_han(c) || ".-'’".contains(c));
    token.after_blank && latin(before) && latin(token.span)
}

/// Reads `within` of `text` as credits; `None` when anything in it is neither role, agency nor name.
pub fn read(press: &Press, text: &str, within: Span) -> Option<Signed> {
    let inner = within.of(text);
    if inner.is_empty() || inner.chars().nth(LONGEST).is_some() {
        return None;
    }
    let mut signed = Signed { full: true, ..Signed::default() };
    let mut role = String::new();
    // Names since the last role, for a role that stands behind them (`张三 李四 摄`).
    let mut open_from = 0;
    let mut single: Option<Span> = None;
    let mut last_was_name = false;
    for token in tokens(text, within) {
        let mut span = token.span;
        // `李明 摄`: a role alone goes with the names before it when these have none yet.
        let unsigned = signed.credits.get(open_from..).is_some_and(|c| c.iter().any(|c| c.role.is_empty()));
        if let Some((word, name)) = press.role_at(span.of(text))
            && word.len() as u32 == span.len()
            && unsigned
        {
            close_role(&mut signed, &mut open_from, name);
            continue;
        }
        // Agencies and roles in front, as many as there are: `新华社记者`, `驻华盛顿记者`.
        while let Some((skip, name)) = role_in_front(press, span.of(text)) {
            span.start += skip;
            role.clear();
            role.push_str(name);
            open_from = signed.credits.len();
            signed.role = true;
            last_was_name = false;
            if span.is_empty() {
                break;
            }
        }
        if !span.is_empty() && press.is_agency(span.of(text)) {
            continue;
        }
        let mut behind = None;
        if let Some((word, name)) = press.role_before(span.of(text))
            && (word.len() as u32) < span.len()
            && (word.chars().count() > 1
                || glued_role(word, Span::new(span.start, span.end - word.len() as u32).of(text)))
        {
            span.end -= word.len() as u32;
            behind = Some(name);
        }
        if !span.is_empty() {
            let chars = span.of(text).chars().count();
            let one_han = chars == 1 && span.of(text).chars().all(is_han);
            match (single.take(), one_han) {
                (Some(first), true) if token.after_blank => {
                    sign(&mut signed, text, Span::new(first.start, span.end), &role)?;
                }
                (Some(_), _) => return None,
                (None, true) => single = Some(span),
                (None, false) => {
                    let goes_on =
                        last_was_name && signed.credits.last().is_some_and(|c| joins_latin(text, c.span, token));
                    if goes_on && let Some(last) = signed.credits.last_mut() {
                        last.span.end = span.end;
                        last.name = last.span.of(text).to_owned();
                    } else if token.after_slash
                        && let Some(place) = place_of_report(press, text, span)
                    {
                        signed.place = Some(place);
                    } else {
                        sign(&mut signed, text, span, &role)?;
                    }
                }
            }
            last_was_name = true;
        }
        if let Some(name) = behind {
            close_role(&mut signed, &mut open_from, name);
        }
    }
    (single.is_none() && !signed.credits.is_empty() && signed.credits.iter().all(|c| can_sign(&c.name)))
        .then_some(signed)
}

/// Whether a role of one character may stand behind a name without a gap: `李明摄` is one, `马军文` and `韩图` are names.
fn glued_role(word: &str, name: &str) -> bool {
    matches!(word, "摄" | "攝") && is_full(name)
}

/// Gives the role behind them to the names that have none.
fn close_role(signed: &mut Signed, open_from: &mut usize, role: &str) {
    signed.role = true;
    for credit in signed.credits.iter_mut().skip(*open_from).filter(|c| c.role.is_empty()) {
        credit.role = role.to_owned();
    }
    *open_from = signed.credits.len();
}

/// `台北報導`, `綜合報導`, `台北9日電`: the place of a report behind the names.
fn place_of_report(press: &Press, text: &str, span: Span) -> Option<Span> {
    let mode = press.modes.iter().find(|m| span.of(text).ends_with(m.as_str()))?;
    let place = Span::new(span.start, span.end - mode.len() as u32);
    let digits = place.of(text).find(is_digit).map_or(place.len(), |at| at as u32);
    Some(Span::new(place.start, place.start + digits))
}

/// Bytes to skip for a role in front of `text`, with agency or post (`本报驻华盛顿`), and the role's name.
fn role_in_front<'p>(press: &'p Press, text: &str) -> Option<(u32, &'p str)> {
    if let Some((word, role)) = press.role_at(text) {
        // `文静`, `图雅` are names: a role of one character needs a separator, which stands here as the token's end.
        let alone = word.len() == text.len();
        if alone || word.chars().count() > 1 {
            return Some((word.len() as u32, role));
        }
    }
    // `大众网-山东24小时记者贺辉`, `驻华盛顿记者张琪`: a role a little further in, behind an agency.
    for (at, _) in text.char_indices().skip(1).take(14) {
        let (before, rest) = text.split_at(at);
        if let Some((word, role)) = press.role_at(rest)
            && word.chars().count() > 1
            && (press.agency_at(before).is_some()
                || press.is_agency(before)
                || before.starts_with(['驻', '駐'])
                || before.chars().any(|c| !is_han(c)))
        {
            return Some(((at + word.len()) as u32, role));
        }
    }
    None
}

fn sign(signed: &mut Signed, text: &str, span: Span, role: &str) -> Option<()> {
    let whole = span.of(text);
    let spaced = whole.chars().any(char::is_whitespace) && whole.chars().any(is_han);
    let name: String = if spaced { whole.chars().filter(|c| !c.is_whitespace()).collect() } else { whole.to_owned() };
    if spaced || can_sign(&name) && !(name.chars().count() == 4 && !is_full(&name) && signed.role) {
        signed.full &= is_full(&name) || !name.chars().all(is_han);
        signed.credits.push(Credit { span, name, role: role.to_owned() });
        return Some(());
    }
    let pieces = unglue(whole);
    if pieces.len() == 1 && !can_sign(&name) {
        return None;
    }
    let mut start = span.start;
    signed.glued |= pieces.len() > 1;
    for piece in pieces {
        let end = start + piece.len() as u32;
        signed.full &= is_full(piece);
        signed.credits.push(Credit { span: Span::new(start, end), name: piece.to_owned(), role: role.to_owned() });
        start = end;
    }
    Some(())
}

/// Reads a whole line as the credit that stands under a headline: `□ 本报记者 崔琪`, `文：王浩鈞`, `By Anna Okafor`.
pub fn head(press: &Press, text: &str) -> Option<Signed> {
    let mut scan = Scan::new(text);
    scan.blanks();
    let bullet = scan.eat_if(is_bullet).is_some();
    scan.blanks();
    if let Some(english) = english(text, scan.at()) {
        return Some(english);
    }
    let inner = Span::at(scan.at(), text.trim_end().len().max(scan.at()));
    let signed = read(press, text, inner)?;
    (signed.role || (bullet && signed.full)).then_some(signed)
}

/// `By Mary Castell, Staff Writer`, `BY JOHN MORENO and Sam Bryce`.
fn english(text: &str, at: usize) -> Option<Signed> {
    let rest = text.get(at..)?;
    let by = ["By ", "BY ", "by "].iter().find(|b| rest.starts_with(**b))?;
    if rest.chars().count() > 90 || rest.trim_end().ends_with('.') {
        return None;
    }
    let mut signed = Signed { role: true, full: true, ..Signed::default() };
    let mut start = at + by.len();
    let end = text.trim_end().len();
    while start < end {
        let rest = text.get(start..end)?;
        let (len, skip) = [", ", " and ", " & ", " AND "]
            .iter()
            .filter_map(|s| rest.find(s).map(|i| (i, i + s.len())))
            .min()
            .unwrap_or((rest.len(), rest.len()));
        let piece = rest.get(..len)?.trim();
        let words: Vec<&str> = piece.split_whitespace().collect();
        let job = ["Writer", "Correspondent", "Reporter", "Editor", "writer", "correspondent", "reporter", "editor"];
        if words.last().is_some_and(|w| job.contains(w)) || piece.chars().any(|c| c.is_ascii_digit()) {
            if let Some(credit) = signed.credits.last_mut() {
                credit.role = piece.to_owned();
            }
        } else if (1..=5).contains(&words.len())
            && words.iter().all(|w| {
                w.chars().next().is_some_and(char::is_uppercase)
                    || ["de", "van", "von", "bin", "al", "der", "la"].contains(w)
            })
        {
            let lead = rest.get(..len)?.len() - rest.get(..len)?.trim_start().len();
            let span = Span::at(start + lead, start + lead + piece.len());
            signed.credits.push(Credit { span, name: piece.to_owned(), role: String::new() });
        } else {
            return None;
        }
        start += skip;
    }
    (!signed.credits.is_empty()).then_some(signed)
}

/// What stands in brackets at the end of a paragraph.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// From the opening to the closing bracket.
    pub span: Span,
    /// Where the text before it ends.
    pub text_end: u32,
    pub kind: TailKind,
}

/// A credit, or a mark that closes the article.
#[derive(Clone, Debug, PartialEq)]
pub enum TailKind {
    Signed(Signed),
    /// `（完）`, `（据新华社电）`, `（编辑 小娜）`.
    Closing,
}

impl Tail {
    /// Whether a blank was printed before it, or nothing else stands in the paragraph.
    pub fn set_apart(&self) -> bool {
        self.text_end < self.span.start || self.text_end == 0
    }
}

/// Reads the brackets that end `text`, if they hold a credit or a closing mark.
pub fn tail(press: &Press, text: &str) -> Option<Tail> {
    const PAIRS: &[(char, char)] = &[('）', '（'), (')', '('), ('】', '【'), ('〕', '〔'), (']', '['), ('］', '［')];
    let trimmed = text.trim_end();
    let close = trimmed.chars().next_back()?;
    // Carelessly mixed brackets, `（高美梅)`, are common enough.
    let round = |c: char| matches!(c, '（' | '(');
    let (_, opener) = PAIRS.iter().find(|(c, _)| *c == close)?;
    let end = trimmed.len() - close.len_utf8();
    let mut start = None;
    for (back, (at, c)) in trimmed.get(..end)?.char_indices().rev().enumerate() {
        if c == *opener || (round(c) && round(*opener)) {
            start = Some((at, c.len_utf8()));
            break;
        }
        if back > LONGEST || PAIRS.iter().any(|(x, _)| *x == c) || matches!(c, '。' | '！' | '？') {
            return None;
        }
    }
    let (at, width) = start?;
    let inner = Span::at(at + width, end);
    let trim = inner.of(text).trim();
    let lead = inner.of(text).len() - inner.of(text).trim_start().len();
    let inner = Span::at(at + width + lead, at + width + lead + trim.len());
    let kind = if closes(press, trim) { TailKind::Closing } else { TailKind::Signed(read(press, text, inner)?) };
    let text_end = trimmed.get(..at)?.trim_end().len() as u32;
    Some(Tail { span: Span::at(at, trimmed.len()), text_end, kind })
}

/// Whether the words in brackets close an article: `完`, `据新华社电`, `新华社北京9月3日电`, `本栏均据新华社电`.
fn closes(press: &Press, inner: &str) -> bool {
    if press.closings.iter().any(|c| c == inner) {
        return true;
    }
    let origin = [
        "来源",
        "來源",
        "转自",
        "轉自",
        "原载",
        "原載",
        "摘自",
        "选自",
        "編輯",
        "编辑",
        "责编",
        "责任编辑",
        "責任編輯",
        "校对",
    ];
    if origin.iter().any(|o| inner.starts_with(o)) && inner.chars().count() <= 30 {
        return true;
    }
    let ends = press.modes.iter().any(|m| inner.ends_with(m.as_str()));
    let source = press.agency_at(inner).is_some()
        || press.relays.iter().any(|r| inner.starts_with(r.as_str()))
        || ["本栏", "本欄", "本组", "本組", "本版", "均据", "以上", "稿件"].iter().any(|w| inner.starts_with(w));
    (ends && source) || (source && inner.chars().count() <= 12 && press.is_agency(inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::tests::lexicon;

    /// `name/role` of each credit, joined by a blank.
    fn told(signed: Option<Signed>) -> String {
        let list = signed.map(|s| s.credits).unwrap_or_default();
        list.iter().map(|c| format!("{}/{}", c.name, c.role)).collect::<Vec<_>>().join(" ")
    }

    fn check(line: &str, expected: &str) {
        let lexicon = lexicon();
        assert_eq!(told(head(&lexicon.press, line)), expected, "{line}");
    }

    fn check_tail(text: &str, expected: &str) {
        let lexicon = lexicon();
        let found = tail(&lexicon.press, text).map(|t| match t.kind {
            TailKind::Signed(s) => told(Some(s)),
            TailKind::Closing => "closes".into(),
        });
        assert_eq!(found.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn lines_under_a_headline() {
        check("□ 本报记者 崔琪", "崔琪/记者");
        check("◎ 本报记者　钟高欣", "钟高欣/记者");
        check("■本报记者 王洋宇", "王洋宇/记者");
        check("文：王浩鈞", "王浩鈞/文");
        check("文/杨浩思", "杨浩思/文");
        check("撰文：賈娟明", "賈娟明/文");
        check("記者 范鑫彤", "范鑫彤/记者");
        check("本报记者 张 伟 通讯员 李 明 王小红", "张伟/记者 李明/通讯员 王小红/通讯员");
        check("新华社记者李明、本报记者王小红", "李明/记者 王小红/记者");
        check("記者戴磊海／台北報導", "戴磊海/记者");
        check("By Mary Castell, Staff Writer", "Mary Castell/Staff Writer");
        check("BY Anna Okafor", "Anna Okafor/");
    }

    #[test]
    fn lines_that_are_no_credit() {
        check("记者从工业和信息化部了解到", "");
        check("文化和旅游部发布公告", "");
        check("就绪", "");
        check("By the end of the year, sales had doubled.", "");
        check("图为会议现场", "");
        check("", "");
    }

    #[test]
    fn brackets_at_the_end() {
        check_tail("圆满成功。 （高美梅）", "高美梅/");
        check_tail("圆满成功。（本报记者 岳敬飞 何军）", "岳敬飞/记者 何军/记者");
        check_tail("发展。（记者余瑶王飞翔）", "余瑶/记者 王飞翔/记者");
        check_tail("开庭审理。（大众网-山东24小时记者贺辉）", "贺辉/记者");
        check_tail("真心不多~”（实习生笛儿/文）", "笛儿/实习生");
        check_tail("会场。（李明 摄）", "李明/摄影");
        check_tail("弥补回来。（完）", "closes");
        check_tail("出席。（据新华社电）", "closes");
        check_tail("出席。（新华社北京9月3日电）", "closes");
        check_tail("(记者李明)", "李明/记者");
    }

    #[test]
    fn names_that_end_like_a_role() {
        check_tail("国事访问。（方玉文）", "方玉文/");
        check_tail("国事访问。（记者 張建文）", "張建文/记者");
        check_tail("会场。（李明摄）", "李明/摄影");
    }

    #[test]
    fn brackets_that_sign_nothing() {
        check_tail("成本上升（同比增长3%）", "");
        check_tail("三年计划（2020—2023年）", "");
        check_tail("他这样说（笑）", "");
    }
}
