//! The mark an article opens with: `新华社北京9月3日电（记者 李明）`, `本报讯`, `BEIJING, Sept. 3 (Xinhua) --`.

use crate::lexicon::press::Press;
use crate::record::article::{Credit, Dateline};
use crate::record::span::Span;
use crate::segment::byline;
use crate::segment::scan::{Scan, is_bullet, is_digit, is_han, is_numeral};

/// A dateline as it was read, with the credits that stand in it or right behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub dateline: Dateline,
    pub credits: Vec<Credit>,
    /// Where the story itself begins.
    pub body: u32,
    /// The agency is one of the table, or the paper itself.
    pub known: bool,
}

/// Most characters from the opening of a paragraph to the end of its dateline.
const WINDOW: usize = 44;

/// What `电` and `讯` begin when they are no mode.
const NOT_A_MODE: &str =
    "视視影子力话話脑腦台商信动動网網气氣器缆纜池路量竞競梯站息号號问問机機源费費价價厂廠贺賀诈詐玩";

/// Reads the dateline that `text` opens with.
pub fn read(press: &Press, text: &str) -> Option<Mark> {
    let mut scan = Scan::new(text);
    scan.blanks();
    if scan.eat_if(is_bullet).is_some() {
        scan.blanks();
    }
    let at = scan.at();
    chinese(press, text, at).or_else(|| english(text, at))
}

fn bracket(c: char) -> Option<char> {
    Some(match c {
        '【' => '】',
        '〔' => '〕',
        '（' => '）',
        '(' => ')',
        '［' => '］',
        '[' => ']',
        '〖' => '〗',
        _ => return None,
    })
}

fn chinese(press: &Press, text: &str, at: usize) -> Option<Mark> {
    let mut scan = Scan::from(text, at);
    let first = scan.peek()?;
    if let Some(close) = bracket(first) {
        scan.bump();
        let inner = scan.take(WINDOW, |c| c != close && !matches!(c, '。' | '，' | '！' | '？'));
        if scan.peek() != Some(close) {
            return None;
        }
        scan.bump();
        let mut mark = bracketed(press, text, inner)?;
        mark.dateline.span = Span::at(at, scan.at());
        behind(press, text, &mut scan, &mut mark);
        return Some(mark);
    }
    let mut mark = plain(press, text, &mut scan)?;
    mark.dateline.span = Span::at(at, scan.at());
    behind(press, text, &mut scan, &mut mark);
    Some(mark)
}

/// `本报讯`, `据新华社北京9月3日电`, `新浪财经讯`: leaves `scan` behind the mode.
fn plain<'a>(press: &Press, text: &'a str, scan: &mut Scan<'a>) -> Option<Mark> {
    let start = scan.at();
    let relayed = press.relays.iter().any(|r| scan.eat(r));
    let at = scan.at();
    let window = Scan::from(text, at).take(WINDOW, |c| {
        is_han(c) || is_numeral(c) || c.is_ascii_alphanumeric() || "·、-—－“”\"".contains(c) || c == ' '
    });
    let head = window.of(text);
    let known = press.agency_at(head);
    // The mode is the first 电 or 讯 that makes sense of what stands before it.
    for (offset, c) in head.char_indices() {
        if !press.modes.iter().any(|m| m.starts_with(c)) {
            continue;
        }
        let Some(mode) = press.modes.iter().find(|m| head.get(offset..).is_some_and(|h| h.starts_with(m.as_str())))
        else {
            continue;
        };
        let end = at + offset + mode.len();
        let next = text.get(end..).and_then(|t| t.chars().next());
        let short = mode.chars().count() == 1;
        if short && next.is_some_and(|n| NOT_A_MODE.contains(n)) {
            continue;
        }
        let Some(before) = head.get(..offset) else { continue };
        let Some(parts) = agency_place_date(press, text, Span::at(at, at + before.len()), known) else { continue };
        // `新华社消息` is a dateline only where something ends; `本报讯` wherever it opens a paragraph.
        let closed = next.is_none_or(|n| !is_han(n)) || parts.date.is_some();
        let own = known.is_some_and(|k| k.len() == before.len()) && short;
        if !(closed || own) || (parts.agency.is_empty() && !relayed) {
            continue;
        }
        if !short && parts.date.is_none() && !matches!(next, Some('（' | '(' | '：' | ':' | ' ' | '　') | None) {
            continue;
        }
        *scan = Scan::from(text, end);
        let dateline = Dateline {
            span: Span::at(start, end),
            agency: parts.agency,
            place: parts.place,
            date: parts.date,
            mode: mode.clone(),
            relayed,
        };
        return Some(Mark { dateline, credits: Vec::new(), body: end as u32, known: known.is_some() });
    }
    None
}

#[derive(Debug, Default)]
struct Parts {
    agency: String,
    place: String,
    date: Option<Span>,
}

/// Reads all of `within` as agency, place and date.
fn agency_place_date(press: &Press, text: &str, within: Span, known: Option<&str>) -> Option<Parts> {
    let whole = within.of(text);
    let date = date_behind(text, within);
    let named = Span::new(within.start, date.map_or(within.end, |d| d.start));
    let named_text = named.of(text).trim_end();
    let agency = match known {
        Some(agency) if named_text.starts_with(agency) => agency,
        _ => unknown_agency(press, named_text, date.is_some())?,
    };
    let place = named_text.get(agency.len()..)?.trim_matches(|c: char| c.is_whitespace() || "、-—－".contains(c));
    let chars = place.chars().count();
    let strange =
        place.chars().any(|c| !is_han(c) && !"、·“”\"".contains(c) || "的了在是和将對对与與从從为為记記".contains(c));
    if strange || chars > if date.is_some() { 14 } else { 6 } || whole.contains(['，', '。']) {
        return None;
    }
    Some(Parts { agency: agency.to_owned(), place: place.to_owned(), date })
}

/// An agency that no table knows, by how its name ends: `大众网`, `凤凰网科技`.
fn unknown_agency<'t>(press: &Press, text: &'t str, dated: bool) -> Option<&'t str> {
    let mut best = None;
    for (at, _) in text.char_indices().skip(1).take(12) {
        for suffix in &press.suffixes {
            if text.get(at..).is_some_and(|t| t.starts_with(suffix.as_str())) {
                let end = at + suffix.len();
                // Without a date the agency must reach to the mode, or prose would pass for one.
                if dated || end == text.len() {
                    best = text.get(..end);
                }
            }
        }
        if dated && best.is_some() {
            break;
        }
    }
    best.filter(|a| {
        !a.chars().any(|c| "的了在是将對对与與从從为為据據日月年".contains(c) || is_digit(c) && !a.contains("24"))
    })
}

/// The date that `within` ends with: `9月3日`, `2024年9月3日`, `3日`, `九月三日`.
fn date_behind(text: &str, within: Span) -> Option<Span> {
    let whole = within.of(text).trim_end();
    let end = within.start as usize + whole.len();
    let mut start = end;
    let mut seen_day = false;
    for (offset, c) in whole.char_indices().rev().take(14) {
        let part = match c {
            '日' | '号' => {
                seen_day = true;
                true
            }
            '年' | '月' => seen_day,
            c => seen_day && (is_numeral(c) || c == ' '),
        };
        if !part {
            break;
        }
        start = within.start as usize + offset;
    }
    // `元` is a numeral only in 元月, and a place may end in 一: a date begins with a digit.
    let found = text.get(start..end)?;
    let lead = found.len() - found.trim_start_matches(|c: char| !is_numeral(c)).len();
    let span = Span::at(start + lead, end);
    (span.of(text).chars().count() >= 2).then_some(span)
}

/// What stands in `【本报讯】`, `〔記者戴磊海／台北報導〕`, `（中央社台北9日電）`, `【财新网】`.
fn bracketed(press: &Press, text: &str, inner: Span) -> Option<Mark> {
    let lead = inner.of(text).len() - inner.of(text).trim_start().len();
    let inner = Span::at(inner.start as usize + lead, inner.start as usize + lead + inner.of(text).trim().len());
    let mut scan = Scan::from(text, inner.start as usize);
    if let Some(mark) = plain(press, text, &mut scan)
        && scan.at() >= inner.end as usize
    {
        return Some(mark);
    }
    let words = inner.of(text);
    if press.agency_at(words).is_some_and(|a| a.len() == words.len()) {
        let dateline = Dateline { agency: words.to_owned(), ..Dateline::default() };
        return Some(Mark { dateline, credits: Vec::new(), body: inner.end, known: true });
    }
    let signed = byline::read(press, text, inner).filter(|s| s.role)?;
    let place = signed.place?;
    let mode = press.modes.iter().find(|m| words.ends_with(m.as_str()))?;
    let dateline =
        Dateline { place: place.of(text).to_owned(), mode: mode.clone(), agency: String::new(), ..Dateline::default() };
    Some(Mark { dateline, credits: signed.credits, body: inner.end, known: true })
}

/// Reads the credits behind the mark, and finds where the story begins.
fn behind(press: &Press, text: &str, scan: &mut Scan<'_>, mark: &mut Mark) {
    let mut body = scan.at();
    let mut look = *scan;
    look.blanks();
    if let Some(close) = look.peek().and_then(bracket) {
        look.bump();
        let inner = look.take(WINDOW + 16, |c| c != close && c != '）' && c != ')' && !matches!(c, '。' | '！' | '？'));
        if look.peek().is_some_and(|c| c == close || c == '）' || c == ')') {
            look.bump();
            if let Some(signed) = byline::read(press, text, inner).filter(|s| s.role || s.full) {
                mark.credits.extend(signed.credits);
                body = look.at();
            }
        }
    } else if let Some((credits, end)) = reported(press, text, look.at()) {
        mark.credits.extend(credits);
        body = end;
    }
    let mut after = Scan::from(text, body);
    after.blanks();
    while after.eat_if(|c| matches!(c, '：' | ':' | '—' | '-' | '－')).is_some() {}
    after.blanks();
    mark.body = after.at() as u32;
}

/// `记者李明、通讯员王小红报道：` and `记者 李明 ` behind a dateline.
fn reported(press: &Press, text: &str, at: usize) -> Option<(Vec<Credit>, usize)> {
    let rest = text.get(at..)?;
    press.role_at(rest).filter(|(w, _)| w.chars().count() > 1)?;
    let window = Scan::from(text, at).take(WINDOW, |c| !matches!(c, '，' | '。' | '：' | ':' | '！' | '？' | '“'));
    for verb in ["报道", "報道", "報導", "摄影报道", "报导"] {
        if let Some(offset) = window.of(text).find(verb) {
            let names = Span::at(at, at + window.of(text).get(..offset)?.trim_end().len());
            let signed = byline::read(press, text, names)?;
            return Some((signed.credits, at + offset + verb.len()));
        }
    }
    // Without 报道 the names must be set apart by blanks, and the first must be a full one.
    let mut end = None;
    for (offset, _) in window.of(text).match_indices(char::is_whitespace).take(8) {
        let names = Span::at(at, at + offset);
        if let Some(signed) = byline::read(press, text, names).filter(|s| s.role && s.full && !s.glued) {
            end = Some((signed.credits, at + offset));
        }
    }
    end
}

/// `BEIJING, Sept. 3 (Xinhua) --`, `LONDON (Reuters) -`, `SHANGHAI —`.
fn english(text: &str, at: usize) -> Option<Mark> {
    let mut scan = Scan::from(text, at);
    let place = scan.take(40, |c| c.is_ascii_uppercase() || " .,'-/".contains(c));
    let letters = place.of(text).chars().filter(char::is_ascii_uppercase).count();
    if letters < 3 {
        return None;
    }
    // The first letter of `Sept.` was taken for the place: give it back.
    let mut end = place.end as usize;
    if scan.peek().is_some_and(|c| c.is_ascii_lowercase()) {
        end = text.get(..end)?.char_indices().next_back()?.0;
    }
    let name = text.get(at..end)?.trim_end_matches(|c: char| !c.is_ascii_uppercase());
    let mut scan = Scan::from(text, at + name.len());
    let mut date = None;
    if scan.eat(", ") {
        let start = scan.at();
        let month = scan.take(10, |c| c.is_ascii_alphabetic() || c == '.');
        scan.blanks();
        let day = scan.take(2, |c| c.is_ascii_digit());
        if !MONTHS.iter().any(|m| month.of(text).starts_with(m)) || day.is_empty() {
            return None;
        }
        date = Some(Span::at(start, scan.at()));
    }
    scan.blanks();
    let mut agency = "";
    if scan.eat("(") {
        let inner = scan.take(30, |c| c != ')');
        if !scan.eat(")") {
            return None;
        }
        agency = inner.of(text);
        scan.blanks();
    }
    scan.eat_any(&["--", "—", "–", "-"])?;
    let end = scan.at();
    if agency.is_empty() && date.is_none() && !text.get(end..)?.starts_with(' ') {
        return None;
    }
    scan.blanks();
    let dateline = Dateline {
        span: Span::at(at, end),
        agency: agency.to_owned(),
        place: name.to_owned(),
        date,
        mode: String::new(),
        relayed: false,
    };
    Some(Mark { dateline, credits: Vec::new(), body: scan.at() as u32, known: !agency.is_empty() })
}

const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "June", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Where a dateline stands inside `text`, within its first sixty characters: an extractor ran the headline into it
/// (`…诈骗案”本报讯 大众网济南`).
pub fn inside(press: &Press, text: &str) -> Option<usize> {
    for (nth, (at, c)) in text.char_indices().take(60).enumerate() {
        if matches!(c, '。' | '，' | '：') {
            return None;
        }
        let opens = matches!(c, '本' | '【' | '〔');
        if nth < 4 || !opens {
            continue;
        }
        let rest = text.get(at..)?;
        let own = press.own.iter().any(|o| {
            let inner = rest.trim_start_matches(['【', '〔']);
            inner.starts_with(o.as_str()) && inner.get(o.len()..).is_some_and(|r| r.starts_with(['讯', '訊']))
        });
        if own && read(press, rest).is_some() {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::tests::lexicon;

    /// `agency|place|date|mode|relayed|names|first characters of the story`
    fn check(text: &str, expected: &str) {
        let lexicon = lexicon();
        let told = read(&lexicon.press, text).map(|m| {
            let names: Vec<&str> = m.credits.iter().map(|c| c.name.as_str()).collect();
            let body: String = text.get(m.body as usize..).unwrap_or_default().chars().take(4).collect();
            let d = &m.dateline;
            let date = d.date.map_or("", |s| s.of(text));
            format!("{}|{}|{date}|{}|{}|{}|{body}", d.agency, d.place, d.mode, u8::from(d.relayed), names.join("、"))
        });
        assert_eq!(told.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn the_papers_own() {
        check("本报讯 9月4日，市委常委会", "本报|||讯|0||9月4日");
        check("本報訊　全國人大常委會", "本報|||訊|0||全國人大");
        check("【本报讯】当地时间", "本报|||讯|0||当地时间");
        check("本报讯（记者 韩美）《联合国", "本报|||讯|0|韩美|《联合国");
        check("本报讯 记者白婧报道：《看今天》", "本报|||讯|0|白婧|《看今天");
        check("本报讯 通讯员 王小红 李明 9月3日", "本报|||讯|0|王小红、李明|9月3日");
        check("本报北京9月3日电 （记者李明、王小红）国务院", "本报|北京|9月3日|电|0|李明、王小红|国务院");
        check("●本报讯 昨天", "本报|||讯|0||昨天");
    }

    #[test]
    fn agencies() {
        check("新华社福州11月17日电（记者郑良）据来自福建", "新华社|福州|11月17日|电|0|郑良|据来自福");
        check("据新华社北京9月3日电 国务院", "新华社|北京|9月3日|电|1||国务院");
        check("新华社北京7月20日电(张淳艺)7月", "新华社|北京|7月20日|电|0|张淳艺|7月");
        check("中新网12月24日电据深圳市", "中新网||12月24日|电|0||据深圳市");
        check("新浪财经讯06月21日消息，", "新浪财经|||讯|0||06月2");
        check("大众网济南4月20日讯大众网记者", "大众网|济南|4月20日|讯|0||大众网记");
        check("新华社联合国九月三日电 安理会", "新华社|联合国|九月三日|电|0||安理会");
        check("〔記者戴磊海／台北報導〕立法會", "|台北||報導|0|戴磊海|立法會");
    }

    #[test]
    fn english_datelines() {
        check("BEIJING, Sept. 3 (Xinhua) -- China", "Xinhua|BEIJING|Sept. 3||0||Chin");
        check("LONDON (Reuters) - The pound", "Reuters|LONDON|||0||The ");
        check("BMW is to recall all cars", "");
    }

    #[test]
    fn prose_is_no_dateline() {
        check("国家电网公司昨天宣布", "");
        check("新华社电视台昨天开播", "");
        check("记者从国家能源局了解到，电", "");
        check("据新华社消息，美国商务部", "");
        check("人民日报社社长昨天在北京", "");
        check("【学习贯彻党的二十届四中全会精神】中央宣讲团", "");
        check("（一）总体要求", "");
        check("中国网络电视台记者昨天", "");
    }

    #[test]
    fn a_headline_ran_into_the_dateline() {
        let lexicon = lexicon();
        let text = "受理“徐玉玉被骗案”本报讯 大众网济南";
        assert_eq!(inside(&lexicon.press, text).and_then(|at| text.get(at..at + 9)), Some("本报讯"));
        assert_eq!(inside(&lexicon.press, "他说，昨天的本报讯 写错了"), None);
    }
}
