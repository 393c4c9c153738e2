//! The grammar of a furniture line: dates, folios, paper names, sections, editors, one after the other.

use crate::lexicon::furniture::FurnitureWords;
use crate::record::text::PageFacts;

/// What a furniture line is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Date,
    Weekday,
    /// `第5版`, `A9`, `Page 6`, `- 6 -`.
    Folio,
    /// Digits and nothing else.
    Number,
    Paper,
    Section,
    Editors,
    /// Publisher, telephone, price.
    Imprint,
}

/// A line read as furniture.
#[derive(Clone, Debug, Default)]
pub struct Imprint {
    pub parts: Vec<Part>,
    /// Share of the line's characters that the parts explain.
    pub explained: f64,
    pub facts: PageFacts,
}

impl Imprint {
    /// Whether a part of that kind is in it.
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

/// Share of a line that must be explained before it can be furniture.
const EXPLAINED_MIN: f64 = 0.7;

/// Reads a line; every character that no part explains lowers `explained`. Gives up, with nothing explained, as soon as
/// too much is unknown: so nearly every line of prose costs next to nothing.
pub fn read(line: &str, words: &FurnitureWords) -> Imprint {
    if !may_be(line, words) {
        return Imprint::default();
    }
    let chars: Vec<char> = line.chars().collect();
    let count = chars.iter().filter(|c| !is_separator(**c)).count();
    let mut reader = Reader { chars: &chars, at: 0, words, out: Imprint::default() };
    let (mut explained, mut unknown) = (0_usize, 0_usize);
    while let Some(&c) = reader.chars.get(reader.at) {
        let start = reader.at;
        if is_separator(c) {
            reader.at += 1;
        } else if reader.part() {
            explained += reader.at - start;
        } else {
            unknown += 1;
            reader.at += 1;
            if ratio(unknown, count) > 1.0 - EXPLAINED_MIN {
                return Imprint::default();
            }
        }
    }
    let mut out = reader.out;
    out.explained = if explained == 0 { 0.0 } else { ratio(explained, explained + unknown) };
    out
}

/// A glance at the first characters: a date, a folio, a known word, or the name of a paper.
fn may_be(line: &str, words: &FurnitureWords) -> bool {
    let mut chars = line.chars().skip_while(|c| is_separator(*c));
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    if first.is_ascii_digit() || first.is_ascii_uppercase() || first == 'p' {
        return true;
    }
    match (first, second) {
        ('第' | '农' | '農' | '〇' | '○' | '零' | '一' | '二', _) => true,
        ('星', Some('期'))
        | ('礼', Some('拜'))
        | ('周' | '週', Some('一' | '二' | '三' | '四' | '五' | '六' | '日')) => true,
        (_, Some(second)) if words.begins(first, second) => true,
        _ => {
            // Names of papers have up to ten characters.
            let start = line.trim_start_matches(is_separator);
            let end = start.char_indices().take(11).find(|(_, c)| is_separator(*c)).map(|(at, _)| at);
            let token = match end {
                Some(end) => start.get(..end).unwrap_or_default(),
                None if start.len() <= 40 => start,
                None => return false,
            };
            words.paper.iter().any(|w| token.ends_with(w.as_str()) && token.len() > w.len())
        }
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap_or(u32::MAX)) / f64::from(u32::try_from(whole).unwrap_or(u32::MAX))
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '|' | '｜' | '│' | '/' | '／' | '·' | '・' | '•' | ':' | '：' | ',' | '，' | ';' | '；' | '、')
        || matches!(c, '-' | '－' | '—' | '–' | '~' | '～' | '(' | ')' | '（' | '）' | '[' | ']' | '【' | '】')
        || matches!(c, '<' | '>' | '《' | '》' | '■' | '□' | '●' | '◆')
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    words: &'a FurnitureWords,
    out: Imprint,
}

impl Reader<'_> {
    fn part(&mut self) -> bool {
        self.editors()
            || self.date()
            || self.weekday()
            || self.folio()
            || self.imprint()
            || self.paper()
            || self.section()
    }

    fn found(&mut self, part: Part, len: usize) -> bool {
        self.out.parts.push(part);
        self.at += len;
        true
    }

    fn rest(&self) -> &[char] {
        self.chars.get(self.at..).unwrap_or_default()
    }

    fn word_at(&self, offset: usize, word: &str) -> Option<usize> {
        let mut rest = self.rest().get(offset..)?.iter();
        let mut len = 0;
        for c in word.chars() {
            if rest.next() != Some(&c) {
                return None;
            }
            len += 1;
        }
        Some(len)
    }

    fn longest<'w>(&self, list: &'w [String]) -> Option<(&'w str, usize)> {
        list.iter().find_map(|w| self.word_at(0, w).map(|len| (w.as_str(), len)))
    }

    fn digits(&self, offset: usize) -> usize {
        self.rest().iter().skip(offset).take_while(|c| c.is_ascii_digit()).count()
    }

    fn number(&self, offset: usize, len: usize) -> String {
        self.rest().iter().skip(offset).take(len).collect()
    }

    /// Whether the part that ends `len` characters on stands alone there.
    fn ends_at(&self, len: usize) -> bool {
        self.rest().get(len).is_none_or(|c| is_separator(*c))
    }

    fn starts_alone(&self) -> bool {
        self.at == 0 || self.chars.get(self.at - 1).is_none_or(|c| is_separator(*c))
    }

    /// `责任编辑：宋欣 美编：傅燕`, `组版 许萍洋 校对 赖远平`.
    fn editors(&mut self) -> bool {
        if !self.starts_alone() {
            return false;
        }
        let Some((_, role)) = self.longest(&self.words.editor) else { return false };
        let mark = |c: Option<&char>| c.is_some_and(|c| matches!(c, '：' | ':' | ' ' | '/' | '／' | '|'));
        let mut len = role;
        while mark(self.rest().get(len)) {
            len += 1;
        }
        if len == role {
            return false;
        }
        let mut names = Vec::new();
        loop {
            let name: String = self.rest().iter().skip(len).take_while(|c| is_han(**c) || **c == '·').collect();
            let count = name.chars().count();
            let role_next = self.words.editor.contains(&name);
            if !(2..=4).contains(&count) || role_next {
                break;
            }
            names.push(name);
            len += count;
            let gap = self.rest().iter().skip(len).take_while(|c| matches!(c, ' ' | '、' | '，' | ',')).count();
            let next: String = self.rest().iter().skip(len + gap).take_while(|c| is_han(**c)).collect();
            if gap == 0 || self.words.editor.contains(&next) {
                break;
            }
            len += gap;
        }
        if names.is_empty() {
            return false;
        }
        self.out.facts.editors.extend(names);
        self.found(Part::Editors, len)
    }

    fn date(&mut self) -> bool {
        let Some((len, date)) = self.numeric_date().or_else(|| self.chinese_date()).or_else(|| self.english_date())
        else {
            return false;
        };
        if !date.is_empty() && self.out.facts.published.is_empty() {
            self.out.facts.published = date;
        }
        self.found(Part::Date, len)
    }

    /// `2016-09-19`, `2011年4月16日`, `2024.9.5`.
    fn numeric_date(&self) -> Option<(usize, String)> {
        let year = self.digits(0);
        let mark = *self.rest().get(year)?;
        if year != 4 || !matches!(mark, '年' | '-' | '.' | '/' | '－' | '．') {
            return None;
        }
        let month = self.digits(5);
        let second = *self.rest().get(5 + month)?;
        let agree = if mark == '年' { second == '月' } else { second == mark };
        let day = self.digits(6 + month);
        if !agree || !(1..=2).contains(&month) || !(1..=2).contains(&day) {
            return None;
        }
        let mut len = 6 + month + day;
        len += usize::from(self.rest().get(len) == Some(&'日'));
        let text = calendar(&self.number(0, 4), &self.number(5, month), &self.number(6 + month, day))?;
        Some((len, text))
    }

    /// `二〇二四年九月五日`, and the lunar date that stands beside it.
    fn chinese_date(&self) -> Option<(usize, String)> {
        let run = self
            .rest()
            .iter()
            .take_while(|c| {
                "〇○零一二三四五六七八九十廿卅初闰閏年月日农农历曆農甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥正腊冬"
                    .contains(**c)
            })
            .count();
        if run < 4 {
            return None;
        }
        let text: String = self.rest().iter().take(run).collect();
        let dated = text.contains('年') && text.contains('月');
        let lunar = ["农历", "農曆"].iter().any(|w| text.starts_with(w));
        if !(dated || lunar) {
            return None;
        }
        Some((run, chinese_calendar(&text).unwrap_or_default()))
    }

    /// `9 August 2024`, `October 7, 2011`.
    fn english_date(&self) -> Option<(usize, String)> {
        if !self.starts_alone() || !self.rest().first().is_some_and(char::is_ascii_alphanumeric) {
            return None;
        }
        let text: String = self.rest().iter().take(40).collect();
        let mut tokens = text.split([' ', ',']).filter(|t| !t.is_empty());
        let (first, second, third) = (tokens.next()?, tokens.next()?, tokens.next()?);
        let month = |t: &str| {
            self.words.month.iter().position(|m| m == t || (t.len() >= 3 && m.starts_with(t.trim_end_matches('.'))))
        };
        let (day, month, year) = match (month(first), month(second)) {
            (None, Some(m)) => (first, m, third),
            (Some(m), None) => (second, m, third),
            _ => return None,
        };
        let date = calendar(year, &(month + 1).to_string(), day.trim_end_matches(|c: char| c.is_ascii_alphabetic()))?;
        let end = text.find(third)? + third.len();
        Some((text.get(..end)?.chars().count(), date))
    }

    fn weekday(&mut self) -> bool {
        for front in ["星期", "礼拜", "周", "週"] {
            if let Some(len) = self.word_at(0, front) {
                let day = self.rest().get(len).is_some_and(|c| "一二三四五六日天".contains(*c));
                if day && self.ends_at(len + 1) {
                    return self.found(Part::Weekday, len + 1);
                }
            }
        }
        match self.longest(&self.words.weekday) {
            Some((_, len)) if self.ends_at(len) => self.found(Part::Weekday, len),
            _ => false,
        }
    }

    fn folio(&mut self) -> bool {
        let letter = |c: Option<&char>| c.is_some_and(|c| c.is_ascii_uppercase());
        let lead = usize::from(self.rest().first() == Some(&'第'));
        let letters = usize::from(letter(self.rest().get(lead)));
        let digits = self.digits(lead + letters);
        let mut len = lead + letters + digits;
        let mark = self.rest().get(len).is_some_and(|c| matches!(c, '版' | '页' | '頁'));
        let page = self.number(lead, letters + digits);
        if (1..=3).contains(&digits) && mark {
            len += 1;
            self.set_page(page);
            return self.found(Part::Folio, len);
        }
        if lead == 0 && letters == 1 && (1..=3).contains(&digits) && self.starts_alone() && self.ends_at(len) {
            self.set_page(page);
            return self.found(Part::Folio, len);
        }
        for word in ["Page ", "PAGE ", "page ", "P.", "p."] {
            if let Some(start) = self.word_at(0, word) {
                let letters = usize::from(letter(self.rest().get(start)));
                let digits = self.digits(start + letters);
                if (1..=3).contains(&digits) {
                    self.set_page(self.number(start, letters + digits));
                    return self.found(Part::Folio, start + letters + digits);
                }
            }
        }
        if lead == 0 && letters == 0 && (1..=3).contains(&digits) && self.starts_alone() && self.ends_at(digits) {
            let dash = |c: Option<&char>| c.is_some_and(|c| matches!(c, '-' | '－' | '—' | '–' | '·' | '~'));
            let alone = self.chars.iter().filter(|c| !is_separator(**c)).count() == digits;
            let dashed = alone && dash(self.chars.first()) && dash(self.chars.last());
            self.set_page(page);
            return self.found(if dashed { Part::Folio } else { Part::Number }, digits);
        }
        false
    }

    fn set_page(&mut self, page: String) {
        if self.out.facts.page.is_empty() {
            self.out.facts.page = page;
        }
    }

    /// `国内统一刊号：CN32-0001`, `今日16版`: the word, and what belongs to it up to the next blank.
    fn imprint(&mut self) -> bool {
        if !self.starts_alone() {
            return false;
        }
        let Some((_, word)) = self.longest(&self.words.imprint) else { return false };
        let value = self.rest().iter().skip(word).take_while(|c| **c != ' ').count();
        let numbers = self.rest().iter().skip(word).take(value).filter(|c| c.is_ascii_digit()).count();
        if numbers == 0 || value > 24 {
            return false;
        }
        self.found(Part::Imprint, word + value)
    }

    /// `江城晚报`, `The Evening Ledger`.
    fn paper(&mut self) -> bool {
        if !self.starts_alone() {
            return false;
        }
        let han = self.rest().iter().take_while(|c| is_han(**c)).count();
        if (3..=10).contains(&han) {
            let name: String = self.rest().iter().take(han).collect();
            if self.words.paper.iter().any(|w| name.ends_with(w.as_str()) && name != *w) {
                self.set_paper(name);
                return self.found(Part::Paper, han);
            }
        }
        if !self.rest().first().is_some_and(char::is_ascii_uppercase) {
            return false;
        }
        let line: String = self.rest().iter().take(60).collect();
        let (mut end, mut count, mut last) = (0, 0, "");
        for token in line.split(' ') {
            let capital = token.starts_with(|c: char| c.is_ascii_uppercase());
            if token.is_empty() || !capital || !token.chars().all(|c| c.is_ascii_alphabetic()) || count == 6 {
                break;
            }
            end += token.chars().count() + usize::from(count > 0);
            count += 1;
            last = token;
        }
        if count >= 2 && self.words.english_paper.iter().any(|w| w.eq_ignore_ascii_case(last)) {
            self.set_paper(line.chars().take(end).collect());
            return self.found(Part::Paper, end);
        }
        false
    }

    fn set_paper(&mut self, name: String) {
        if self.out.facts.paper.is_empty() {
            self.out.facts.paper = name;
        }
    }

    fn section(&mut self) -> bool {
        let after_folio = self.out.has(Part::Folio);
        if !self.starts_alone() && !after_folio {
            return false;
        }
        let run = self.rest().iter().take_while(|c| is_han(**c)).count();
        let named: String = self.rest().iter().take(run).collect();
        let bare = ["新闻", "新聞", "版"].iter().find_map(|tail| named.strip_suffix(tail)).unwrap_or(&named);
        let known = |word: &str| self.words.section.iter().any(|w| w == word);
        if run >= 2 && (known(&named) || known(bare)) {
            if self.out.facts.section.is_empty() {
                self.out.facts.section = named;
            }
            return self.found(Part::Section, run);
        }
        let len = self.rest().iter().take_while(|c| c.is_ascii_uppercase()).count();
        let capitals: String = self.rest().iter().take(len).collect();
        if self.words.english.contains(&capitals) && self.ends_at(len) {
            if self.out.facts.section.is_empty() {
                self.out.facts.section = capitals;
            }
            return self.found(Part::Section, len);
        }
        false
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇' | '\u{20000}'..='\u{2ffff}')
}

/// `YYYY-MM-DD` of printed numbers, if there is such a day.
fn calendar(year: &str, month: &str, day: &str) -> Option<String> {
    let (year, month, day) = (year.parse::<u16>().ok()?, month.parse::<u8>().ok()?, day.parse::<u8>().ok()?);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    ((1800..=2200).contains(&year) && (1..=days).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The date of `二〇二四年九月五日`.
fn chinese_calendar(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, _) = rest.split_once('日')?;
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|d| d == c || (d == '〇' && "零○".contains(c)));
    let year: Option<String> = year.chars().map(|c| digit(c).map(|d| d.to_string())).collect();
    let small = |text: &str| -> Option<usize> {
        let (mut tens, mut ones) = (0, 0);
        for c in text.chars() {
            match c {
                '十' => (tens, ones) = (if ones == 0 { 1 } else { ones }, 0),
                '廿' => tens = 2,
                '卅' => tens = 3,
                _ => ones = digit(c)?,
            }
        }
        Some(tens * 10 + ones)
    };
    calendar(&year?, &small(month)?.to_string(), &small(day)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;

    /// Parts and page facts of a line, in one word each.
    fn check(line: &str, parts: &[Part], facts: &str) {
        let found = read(line, &Lexicon::builtin().furniture);
        let f = &found.facts;
        let told = format!("{}/{}/{}/{}/{}", f.published, f.paper, f.page, f.section, f.editors.join("+"));
        assert_eq!((found.parts.as_slice(), told.as_str()), (parts, facts), "{line}");
    }

    #[test]
    fn mastheads_and_folios() {
        use Part::{Date, Folio, Number, Paper, Section, Weekday};
        check("2016-09-19 星期三 第5版：民生", &[Date, Weekday, Folio, Section], "2016-09-19//5/民生/");
        check("江城晚报 2008年12月7日", &[Paper, Date], "2008-12-07/江城晚报///");
        check("11 时事 江城晚报", &[Number, Section, Paper], "/江城晚报/11/时事/");
        check("- 6 -", &[Folio], "//6//");
        check("LOCAL | Page 15", &[Section, Folio], "//15/LOCAL/");
        check("Northern Courier 7 October 2011", &[Paper, Date], "2011-10-07/Northern Courier///");
        check("二〇二四年九月五日 星期四", &[Date, Weekday], "2024-09-05////");
    }

    #[test]
    fn editors_are_named() {
        check("责编 谭春娟 版面 蔡博高 校对 乔国娟", &[Part::Editors; 3], "////谭春娟+蔡博高+乔国娟");
        check("责任编辑：龙晓 美编：朱刚高", &[Part::Editors; 2], "////龙晓+朱刚高");
        check("本版编辑 潘芳琪", &[Part::Editors], "////潘芳琪");
    }

    #[test]
    fn prose_is_not_explained() {
        let words = Lexicon::builtin().furniture;
        for line in ["中国经济持续回升向好", "本报讯 2024年9月4日上午，市委常委会召开", "编辑部召开座谈会"]
        {
            assert!(read(line, &words).explained < 0.6, "{line}");
        }
    }
}
