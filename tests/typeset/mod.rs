//! A small typesetter: articles become pages as extraction hands them on, with what was lost on the way.

#![allow(dead_code, reason = "each test binary uses its own part")]

/// Numbers that look random and are the same on every run.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// An article before it is set.
#[derive(Clone, Debug, Default)]
pub struct Story {
    pub headline: String,
    /// A line of its own under the headline.
    pub byline: String,
    pub paragraphs: Vec<String>,
    /// In brackets, behind the last paragraph or on a line of its own.
    pub credit: String,
    pub credit_alone: bool,
}

/// How a page is set, and what extraction does to it.
#[derive(Clone, Debug)]
pub struct Layout {
    pub latin: bool,
    /// Column width in cells; 0 = lines are not broken at all.
    pub width: usize,
    /// Lines in a column; 0 = no blank lines at column ends.
    pub height: usize,
    /// Cells of the first line's indent, and whether its blanks survive.
    pub indent: usize,
    pub indent_kept: bool,
    /// How many paragraph ends in a hundred get a blank line.
    pub blank_at_end: usize,
    /// A blank line before every line that starts with an opening quote, or with a digit.
    pub blank_at_quote: bool,
    pub blank_at_digit: bool,
    /// Punctuation is squeezed, so that lines hold more than their cells.
    pub squeeze: bool,
    /// Blank lines between articles, and after a headline.
    pub blank_between: usize,
    pub blank_after_head: bool,
    pub trailing_blanks: bool,
    pub crlf: bool,
    /// Extraction breaks lines before and after Latin words and numbers now and then.
    pub fragments: bool,
}

impl Layout {
    /// Any layout.
    pub fn roll(dice: &mut Dice, latin: bool) -> Layout {
        let width = if latin { dice.between(24, 60) } else { dice.between(9, 26) * 2 };
        let blocks = dice.chance(75);
        Layout {
            latin,
            width,
            height: if blocks && dice.chance(70) { dice.between(4, 40) } else { 0 },
            indent: if latin { dice.pick(&[0, 0, 2, 3, 4]) } else { dice.pick(&[4, 4, 4, 4, 0]) },
            indent_kept: dice.chance(25),
            blank_at_end: if blocks { dice.pick(&[100, 90, 80, 60, 30, 0]) } else { 0 },
            blank_at_quote: blocks && dice.chance(50),
            blank_at_digit: blocks && dice.chance(40),
            squeeze: dice.chance(70),
            blank_between: if blocks { dice.between(1, 2) } else { 0 },
            blank_after_head: blocks && dice.chance(85),
            trailing_blanks: dice.chance(15),
            crlf: dice.chance(20),
            fragments: !latin && dice.chance(8),
        }
    }
}

/// Sets stories under each other.
pub fn set(dice: &mut Dice, stories: &[Story], layout: &Layout) -> String {
    let mut out: Vec<String> = Vec::new();
    for (number, story) in stories.iter().enumerate() {
        if number > 0 {
            out.extend((0..layout.blank_between).map(|_| String::new()));
        }
        if !story.headline.is_empty() {
            let width = if layout.width == 0 { 0 } else { dice.between(12, layout.width.max(14) + 8) };
            let even =
                if width == 0 { 0 } else { balanced(&story.headline, width) + if layout.latin { 10 } else { 0 } };
            out.extend(break_lines(&story.headline, even, 0, false, layout.latin));
            if layout.blank_after_head {
                out.push(String::new());
            }
        }
        if !story.byline.is_empty() {
            out.push(story.byline.clone());
            if layout.blank_after_head {
                out.push(String::new());
            }
        }
        column(dice, story, layout, &mut out);
    }
    let end = if layout.crlf { "\r\n" } else { "\n" };
    let mut text = String::new();
    for line in out {
        text.push_str(&line);
        if layout.trailing_blanks && dice.chance(30) {
            text.push(if layout.latin { ' ' } else { dice.pick(&[' ', '\u{3000}']) });
        }
        text.push_str(end);
    }
    text
}

/// A width that fills the lines of a headline evenly.
fn balanced(text: &str, width: usize) -> usize {
    let cells: usize = text.chars().map(cells_of).sum();
    let lines = cells.div_ceil(width).max(1);
    (cells.div_ceil(lines) + 3).min(width.max(8))
}

fn column(dice: &mut Dice, story: &Story, layout: &Layout, out: &mut Vec<String>) {
    let mut lines: Vec<(String, bool)> = Vec::new();
    for (number, paragraph) in story.paragraphs.iter().enumerate() {
        let mut text = paragraph.clone();
        let last = number + 1 == story.paragraphs.len();
        if last && !story.credit.is_empty() && !story.credit_alone {
            text = format!("{text}{}（{}）", if dice.chance(70) { "\u{3000}" } else { "" }, story.credit);
        }
        let indent = if is_head(&text) && dice.chance(50) { 0 } else { layout.indent };
        let set = break_lines(&text, layout.width, indent, layout.squeeze, layout.latin);
        let count = set.len();
        for (index, line) in set.into_iter().enumerate() {
            let blank = if index == 0 && layout.indent_kept {
                if layout.latin { " ".repeat(indent) } else { "\u{3000}".repeat(indent / 2) }
            } else {
                String::new()
            };
            lines.push((format!("{blank}{line}"), index + 1 == count));
        }
    }
    if !story.credit.is_empty() && story.credit_alone {
        lines.push((format!("（{}）", story.credit), true));
    }
    let count = lines.len();
    for (index, (line, end)) in lines.into_iter().enumerate() {
        let first = line.trim_start().chars().next().unwrap_or(' ');
        let quote = layout.blank_at_quote && matches!(first, '“' | '「' | '"');
        let digit = layout.blank_at_digit && first.is_ascii_digit();
        if (quote || digit) && index > 0 && out.last().is_some_and(|l| !l.is_empty()) {
            out.push(String::new());
        }
        if layout.fragments {
            out.extend(fragments(dice, &line));
        } else {
            out.push(line);
        }
        let column_end = layout.height > 0 && (index + 1) % layout.height == 0;
        let paragraph_end = end && dice.chance(layout.blank_at_end);
        if index + 1 < count && (column_end || paragraph_end) {
            out.push(String::new());
        }
    }
}

/// A line broken around some of its Latin words and numbers.
fn fragments(dice: &mut Dice, line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut before = ' ';
    for c in line.chars() {
        let edge = c.is_ascii_alphanumeric() != before.is_ascii_alphanumeric() && !c.is_whitespace();
        let last = out.last_mut().expect("never empty");
        if edge && !last.trim().is_empty() && dice.chance(12) {
            out.push(c.to_string());
        } else {
            last.push(c);
        }
        before = c;
    }
    out
}

/// A paragraph that looks like a sub-head.
fn is_head(text: &str) -> bool {
    text.chars().count() < 24 && !text.contains(['。', '，'])
}

pub fn cells_of(c: char) -> usize {
    if c.is_ascii() || matches!(c, 'À'..='ɏ') { 1 } else { 2 }
}

/// Breaks a text into lines by the rules for Chinese (no closing mark first, no opening mark last, numbers and Latin words
/// whole) or for English.
pub fn break_lines(text: &str, width: usize, indent: usize, squeeze: bool, latin: bool) -> Vec<String> {
    if width == 0 {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = indent;
    for atom in atoms(text, latin) {
        let cells: usize = atom.trim_end().chars().map(cells_of).sum();
        let slack = if squeeze {
            line.chars().chain(atom.chars()).filter(|c| "，。、；：“”（）《》".contains(*c)).count().min(4)
        } else {
            0
        };
        // A closing mark may hang out of the column.
        let room = width + slack;
        if used + cells > room && !line.trim().is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        used += atom.chars().map(cells_of).sum::<usize>();
        line.push_str(if line.is_empty() { atom.trim_start() } else { &atom });
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

fn atoms(text: &str, latin: bool) -> Vec<String> {
    if latin {
        return text.split_inclusive(' ').map(str::to_owned).collect();
    }
    let closing = |c: char| "，。、；：！？”’）》」』】…%％".contains(c);
    let opening = |c: char| "“‘（《「『【".contains(c);
    let mut atoms: Vec<String> = Vec::new();
    let mut glue = false;
    for c in text.chars() {
        let word = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '%');
        let last = atoms.last().and_then(|a| a.chars().next_back());
        let joins =
            glue || closing(c) || (word && last.is_some_and(|l| l.is_ascii_alphanumeric() || matches!(l, '.' | '-')));
        match atoms.last_mut() {
            Some(atom) if joins => atom.push(c),
            _ => atoms.push(c.to_string()),
        }
        glue = opening(c);
    }
    atoms
}

/// A story of invented words: Chinese by syllables that sound like news, or English.
pub fn invent(dice: &mut Dice, latin: bool) -> Story {
    let count = dice.between(1, 6);
    let paragraphs = (0..count).map(|_| paragraph(dice, latin)).collect();
    Story {
        headline: if dice.chance(70) { headline(dice, latin) } else { String::new() },
        paragraphs,
        credit: if !latin && dice.chance(40) { name(dice) } else { String::new() },
        credit_alone: dice.chance(40),
        ..Story::default()
    }
}

const NOUNS: &[&str] = &[
    "市民",
    "会议",
    "工程",
    "项目",
    "记者",
    "企业",
    "乡镇",
    "社区",
    "河道",
    "学校",
    "医院",
    "展览",
    "市场",
    "车站",
    "公园",
    "水库",
    "志愿者",
    "负责人",
    "专家",
    "老人",
    "桥梁",
    "道路",
    "果园",
    "图书馆",
    "港口",
    "渔船",
    "铁路",
    "夜市",
    "剧场",
    "工厂",
    "农户",
    "合作社",
    "气象台",
    "博物馆",
    "运动会",
    "灯会",
    "码头",
    "茶园",
    "稻田",
    "货轮",
];
const VERBS: &[&str] = &[
    "召开", "建成", "完成", "推进", "开放", "修复", "参观", "介绍", "增加", "改造", "检查", "支持", "举办", "培训",
    "检修", "迎来", "公布", "调整", "验收", "讨论", "启用", "征集", "收割", "装卸",
];
const LINKS: &[&str] =
    &["在", "对", "和", "与", "将", "已", "并", "为", "的", "从", "了", "正在", "陆续", "首次", "继续", "共同"];
const ENGLISH: &[&str] = &[
    "the",
    "a",
    "council",
    "harbour",
    "bridge",
    "report",
    "market",
    "opened",
    "said",
    "river",
    "workers",
    "new",
    "season",
    "plans",
    "rail",
    "school",
    "visitors",
    "after",
    "before",
    "with",
    "and",
    "over",
    "budget",
    "museum",
    "festival",
    "north",
    "rain",
    "crops",
    "team",
    "won",
    "its",
    "first",
    "second",
    "line",
    "station",
    "traffic",
    "night",
    "long-awaited",
    "repairs",
    "engineers",
];
const SURNAMES: &[&str] = &["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
const GIVEN: &[&str] = &["明", "丽华", "建国", "小梅", "志强", "芳", "海燕", "国庆", "雪", "永康", "晓东", "玉兰"];

pub fn name(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(SURNAMES), dice.pick(GIVEN))
}

fn clause(dice: &mut Dice) -> String {
    let mut out = String::new();
    for _ in 0..dice.between(1, 3) {
        out.push_str(dice.pick(NOUNS));
        out.push_str(dice.pick(LINKS));
        out.push_str(dice.pick(VERBS));
        match dice.below(12) {
            0 => out.push_str(&format!("{}个", dice.between(2, 99_999))),
            1 => out.push_str(&format!("{}%", dice.between(1, 99))),
            2 => out.push_str(&format!("“{}”", dice.pick(NOUNS))),
            3 => out.push_str(&format!("《{}{}》", dice.pick(NOUNS), dice.pick(VERBS))),
            4 => out.push_str(&format!("（{}）", dice.pick(NOUNS))),
            5 => out.push_str("GDP"),
            _ => out.push_str(dice.pick(NOUNS)),
        }
    }
    out
}

fn sentence(dice: &mut Dice) -> String {
    let clauses: Vec<String> = (0..dice.between(1, 4)).map(|_| clause(dice)).collect();
    let text = clauses.join("，");
    match dice.below(9) {
        0 => format!("{}说：“{text}。”", name(dice)),
        1 => format!("{text}！"),
        2 => format!("{}月{}日，{text}。", dice.between(1, 12), dice.between(1, 28)),
        _ => format!("{text}。"),
    }
}

fn english_sentence(dice: &mut Dice) -> String {
    let words: Vec<&str> = (0..dice.between(5, 22)).map(|_| dice.pick(ENGLISH)).collect();
    let mut text = words.join(" ");
    if let Some(first) = text.get(..1) {
        text = format!("{}{}", first.to_uppercase(), text.get(1..).unwrap_or_default());
    }
    text + "."
}

fn paragraph(dice: &mut Dice, latin: bool) -> String {
    let count = dice.between(1, 6);
    let sentences: Vec<String> =
        (0..count).map(|_| if latin { english_sentence(dice) } else { sentence(dice) }).collect();
    sentences.join(if latin { " " } else { "" })
}

fn headline(dice: &mut Dice, latin: bool) -> String {
    if latin {
        let words: Vec<&str> = (0..dice.between(3, 9)).map(|_| dice.pick(ENGLISH)).collect();
        return words.join(" ");
    }
    format!("{}{}{}", dice.pick(NOUNS), dice.pick(VERBS), clause(dice).replace(['“', '”', '（', '）'], ""))
}
