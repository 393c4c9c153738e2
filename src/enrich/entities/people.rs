//! People: every string that could be a name is weighed with all that stands around it.
//!
//! A candidate starts from how much likelier its characters are as a name than as the words of the dictionary; titles,
//! verbs, brackets and neighbours in a list add to it or take from it. What is sure once is then found everywhere in
//! the article, also by family name and title (杜书记).

use std::collections::{BTreeMap, HashMap};

use crate::enrich::entities::Found;
use crate::enrich::entities::foreign;
use crate::enrich::entities::page::Page;
use crate::enrich::entities::posts::Post;
use crate::lexicon::entries::{BEFORE, FULL, HONOR, LIST, MOD, ROLE, SAY};
use crate::lexicon::words::{Tag, is_han};
use crate::record::article::Role;
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// A name that is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub found: Found,
    /// In simplified characters, without 老, 先生 and the like.
    pub core: String,
    /// The name that it stands for, when only a part of that is printed: 杜 for 杜小刚.
    pub stands_for: Option<String>,
    pub byline: bool,
}

/// A string that may be a name.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    span: Span,
    /// Log odds of the characters, and of what is around.
    letters: i32,
    around: i32,
    aligned: bool,
}

impl Candidate {
    fn score(&self) -> i32 {
        self.letters + self.around
    }
}

/// Weights of what stands around a name (100 = one natural logarithm). Fitted by hand on annotated articles.
mod weigh {
    pub const PRIOR: i32 = -410;
    pub const KNOWN_NAME: i32 = 550;
    /// Title before, verb or comma behind: the slot of a name.
    pub const SLOT: i32 = 150;
    /// 任命X为某局局长.
    pub const BECOMES: i32 = 450;
    /// Listed in `people.tsv`.
    pub const FAMOUS: i32 = 800;
    pub const REPEATED: i32 = 250;
    pub const POST_LEFT: i32 = 520;
    /// The post is complete: 市委书记, or stands at its body.
    pub const FULL_POST_LEFT: i32 = 650;
    pub const WEAK_POST_LEFT: i32 = 330;
    pub const POST_RIGHT: i32 = 380;
    pub const ROLE_LEFT: i32 = 240;
    /// 记者, 通讯员: nothing but a name follows.
    pub const REPORTER_LEFT: i32 = 420;
    pub const LIST_LEFT: i32 = 380;
    pub const BEFORE_LEFT: i32 = 80;
    pub const SAY_RIGHT: i32 = 260;
    pub const HONOR_RIGHT: i32 = 320;
    pub const NEIGHBOUR: i32 = 380;
    pub const SEEN: i32 = 650;
    pub const ACCEPT: i32 = 120;
    pub const SURE: i32 = 300;
}

/// Marks every person, in order, without overlaps.
pub fn find(page: &Page<'_>, posts: &[Post], bodies: &[Found], remarks: &mut Remarks) -> Vec<Name> {
    let around = Around::new(page, posts, bodies);
    let mut names = bylines(page);
    let mut taken = Taken::new(page.simple.len());
    names.iter().for_each(|n| taken.take(n.found.span));
    for (span, parts) in foreign::dotted(page) {
        if taken.free(span) {
            names.push(name(page, span, 900, page.text(span)));
            taken.take(span);
            drop(parts);
        }
    }
    let mut candidates = candidates(page, &around);
    for (span, words, letters) in foreign::runs(page) {
        let edge = around.left(words.0) + around.right(words.1);
        candidates.push(Candidate { span, letters, around: edge, aligned: true });
    }
    slots(page, &around, &mut candidates);
    neighbours(page, &mut candidates);
    candidates.retain(|c| taken.free(c.span));
    // What is sure once speaks for the same string elsewhere.
    let mut best: HashMap<&str, i32> = HashMap::new();
    let mut spoken: HashMap<&str, (i32, i32)> = HashMap::new();
    for candidate in &candidates {
        let slot = best.entry(page.text(candidate.span)).or_insert(i32::MIN);
        *slot = (*slot).max(candidate.score());
        let slot = spoken.entry(page.text(candidate.span)).or_insert((0, 0));
        slot.0 += i32::from(candidate.around >= 250);
        slot.1 += 1;
    }
    for candidate in &mut candidates {
        let (strong, all) = spoken.get(page.text(candidate.span)).copied().unwrap_or_default();
        if strong >= 2 && candidate.around >= 250 && strong * 2 > all {
            candidate.around += weigh::REPEATED;
        }
    }
    let aliases = aliases(page, &names);
    for candidate in &mut candidates {
        let text = page.text(candidate.span);
        let seen = best.get(text).copied().unwrap_or(0);
        if seen > candidate.score() && seen >= weigh::SURE {
            let known = page.lexicon.words.find(text);
            let everyday = known.is_some_and(|(cost, tag)| cost < 1150 * 10 && tag != Tag::Person);
            let most = if everyday { 200 } else { weigh::SEEN };
            candidate.around += most.min(seen - candidate.score() + 50);
        }
        if aliases.contains_key(text) {
            candidate.around += weigh::SEEN;
        }
    }
    if remarks.wanted {
        for candidate in candidates.iter().filter(|c| c.score() > -500) {
            remarks.say("people.candidate", candidate.span, || told(candidate));
        }
    }
    for candidate in choose(&candidates) {
        remarks.say("people.name", candidate.span, || told(&candidate));
        if taken.free(candidate.span) {
            taken.take(candidate.span);
            names.push(name(page, candidate.span, candidate.score(), page.text(candidate.span)));
        }
    }
    again(page, &mut names, &mut taken);
    for name in &mut names {
        if let Some(full) = aliases.get(name.core.as_str()) {
            name.stands_for = Some(full.clone());
        }
    }
    parts(page, posts, &mut names, &mut taken);
    names.sort_by_key(|n| n.found.span.start);
    names
}

/// The evidence in words, in natural logarithms.
fn told(candidate: &Candidate) -> String {
    let ln = |weight: i32| f64::from(weight) / 100.0;
    format!("letters {:+.1}, around {:+.1}", ln(candidate.letters), ln(candidate.around))
}

fn name(page: &Page<'_>, span: Span, score: i32, core: &str) -> Name {
    let first = page.words.partition_point(|w| w.span.end <= span.start);
    let end = page.words.partition_point(|w| w.span.start < span.end);
    let found = Found { span, label: "PERSON", words: (first, end), score };
    Name { found, core: core.to_owned(), stands_for: None, byline: false }
}

/// Last and first parts of dotted names, which later stand for the whole.
fn aliases(page: &Page<'_>, names: &[Name]) -> BTreeMap<String, String> {
    let mut aliases = BTreeMap::new();
    for name in names {
        let text = page.text(name.found.span);
        let parts: Vec<&str> = text.split(['·', '•', '・', '‧']).collect();
        if let [first, .., last] = parts.as_slice() {
            for part in [last, first].into_iter().filter(|p| p.chars().count() > 1) {
                aliases.entry((*part).to_owned()).or_insert_with(|| text.to_owned());
            }
        }
    }
    aliases
}

/// Which bytes are spoken for.
struct Taken(Vec<bool>);

impl Taken {
    fn new(len: usize) -> Taken {
        Taken(vec![false; len])
    }

    fn free(&self, span: Span) -> bool {
        self.0.get(span.range()).is_some_and(|bytes| bytes.iter().all(|b| !b))
    }

    fn take(&mut self, span: Span) {
        if let Some(bytes) = self.0.get_mut(span.range()) {
            bytes.fill(true);
        }
    }
}

/// What stands at either side of a word border, weighed once for the whole article.
struct Around {
    left: Vec<i32>,
    right: Vec<i32>,
    /// Inside a body.
    inside: Vec<bool>,
    /// A post ends before this word.
    post_before: Vec<bool>,
}

impl Around {
    fn new(page: &Page<'_>, posts: &[Post], bodies: &[Found]) -> Around {
        let len = page.count() + 1;
        let mut around =
            Around { left: vec![0; len], right: vec![0; len], inside: vec![false; len], post_before: vec![false; len] };
        let mut body_ends = vec![false; len];
        let mut body_starts = vec![0; len];
        for body in bodies {
            around.inside.iter_mut().take(body.words.1).skip(body.words.0).for_each(|i| *i = true);
            body_ends[body.words.1.min(len - 1)] = true;
            body_starts[body.words.0.min(len - 1)] = body.words.1;
        }
        let mut post_after = vec![None; len];
        let mut post_before = vec![None; len];
        for post in posts {
            post_after[post.words.0.min(len - 1)] = Some(post);
            post_before[post.words.1.min(len - 1)] = Some(post);
        }
        for at in 0..len {
            around.left[at] = match post_before[at].filter(|_| page.joins(at)) {
                Some(post) if post.body.is_some() || page.entry(post.words.1 - 1).post & FULL != 0 => {
                    weigh::FULL_POST_LEFT
                }
                Some(post) if post.sure => weigh::POST_LEFT,
                Some(_) => weigh::WEAK_POST_LEFT,
                None => left(page, at) + if body_ends[at] && page.joins(at) { 60 } else { 0 },
            };
            around.post_before[at] = post_before[at].is_some() && page.joins(at);
            around.right[at] = match post_after[at].filter(|_| page.joins(at)) {
                Some(post) if post.body.is_none() && post.sure => weigh::POST_RIGHT,
                Some(_) => 60,
                None => {
                    let mark = page.joins(at) && matches!(page.word(at), "、" | "，" | "；");
                    let next = mark && starts_post(page, at + 1, &post_after, &body_starts);
                    let becomes = page.joins(at) && matches!(page.word(at), "为" | "任" | "担任" | "出任");
                    let office = becomes && starts_post(page, at + 1, &post_after, &body_starts);
                    right(page, at) + if next { 120 } else { 0 } + if office { weigh::BECOMES } else { 0 }
                }
            };
        }
        around
    }

    fn left(&self, at: usize) -> i32 {
        self.left.get(at).copied().unwrap_or(0)
    }

    fn right(&self, at: usize) -> i32 {
        self.right.get(at).copied().unwrap_or(0)
    }
}

/// Whether a post, with its body or without, starts here.
fn starts_post(page: &Page<'_>, at: usize, posts: &[Option<&Post>], bodies: &[usize]) -> bool {
    let post = |at: usize| posts.get(at).is_some_and(Option::is_some);
    let body = bodies.get(at).copied().unwrap_or(0);
    page.joins(at) && (post(at) || body > 0 && post(body))
}

/// What the word before a name says.
fn left(page: &Page<'_>, at: usize) -> i32 {
    if !page.joins(at) {
        return 60;
    }
    let before = at - 1;
    let (entry, word) = (page.entry(before), page.word(before));
    if entry.cue & LIST != 0 && page.chars(before) > 2 {
        return weigh::LIST_LEFT;
    }
    if entry.post & ROLE != 0 {
        if ["记者", "通讯员", "实习生"].iter().any(|r| word.ends_with(r)) {
            return weigh::REPORTER_LEFT;
        }
        return weigh::ROLE_LEFT;
    }
    if entry.cue & BEFORE != 0 {
        return weigh::BEFORE_LEFT;
    }
    if matches!(word, "多" | "余" | "几" | "这" | "那" | "每" | "各" | "某") {
        return -350;
    }
    match page.tag(before) {
        Tag::Punctuation => match word {
            "。" | "！" | "？" | "：" | "；" | "…" => 80,
            "，" | "、" | "（" | "(" | "”" | "」" | "【" | "/" => 60,
            "《" | "-" | "—" => -150,
            _ => 0,
        },
        Tag::Particle => -40,
        Tag::Preposition | Tag::Conjunction => 60,
        Tag::Verb => -30,
        Tag::Pronoun | Tag::Number | Tag::Measure | Tag::Digits => -160,
        Tag::Adverb => -80,
        _ => -90,
    }
}

/// What the word after a name says.
fn right(page: &Page<'_>, at: usize) -> i32 {
    if !page.joins(at) {
        return 50;
    }
    let (entry, word) = (page.entry(at), page.word(at));
    if entry.cue & SAY != 0 && page.chars(at) > 1 || word == "说" {
        return weigh::SAY_RIGHT;
    }
    if entry.post & HONOR != 0 && page.chars(at) > 1 {
        return weigh::HONOR_RIGHT;
    }
    if entry.cue & SAY != 0 {
        return 90;
    }
    match page.tag(at) {
        Tag::Punctuation => match word {
            "、" => 90,
            "，" | "。" | "（" | "）" | "：" | "；" | "(" | ")" => 60,
            "》" => -150,
            _ => 0,
        },
        _ if matches!(word, "着" | "了" | "过") => -160,
        Tag::Particle => -20,
        Tag::Preposition | Tag::Conjunction | Tag::Adverb => 80,
        Tag::Verb => 50,
        Tag::Number | Tag::Digits | Tag::Measure => -40,
        _ => -70,
    }
}

/// Every string that starts with a family name.
fn candidates(page: &Page<'_>, around: &Around) -> Vec<Candidate> {
    let mut list = Vec::new();
    let names = &page.lexicon.names;
    for at in 0..page.count() {
        if !page.han(at) || page.dated(at) {
            continue;
        }
        let start = page.words.get(at).map_or(0, |w| w.span.start as usize);
        if page.entry(at).person && page.chars(at) > 3 {
            let around = around.left(at) + around.right(at + 1);
            list.push(Candidate { span: page.span(at, at + 1), letters: weigh::FAMOUS, around, aligned: true });
        }
        let Some(rest) = page.simple.get(start..) else { continue };
        let mut chars = ['\0'; 4];
        let mut length = 0;
        for (slot, c) in chars.iter_mut().zip(rest.chars().take_while(|c| is_han(*c) && c.len_utf8() == 3)) {
            *slot = c;
            length += 1;
        }
        let single = i32::from(names.letter(chars[0]).surname);
        let double = rest.get(..6.min(length * 3)).filter(|d| d.len() == 6).and_then(|d| names.surname(d));
        if single > 0 {
            for size in 2..=length.min(3) {
                weigh_one(page, around, at, start, 1, size, single, &mut list);
            }
        }
        if let Some(double) = double {
            for size in 3..=length.min(4) {
                weigh_one(page, around, at, start, 2, size, double - 150, &mut list);
            }
        }
    }
    list
}

#[expect(clippy::too_many_arguments, reason = "one candidate has as many sides")]
fn weigh_one(
    page: &Page<'_>,
    around: &Around,
    at: usize,
    start: usize,
    family: usize,
    size: usize,
    surname: i32,
    list: &mut Vec<Candidate>,
) {
    let span = Span::at(start, start + size * 3);
    let Some(given) = page.simple.get(start + family * 3..start + size * 3) else { return };
    let mut next = at;
    let mut dictionary = 0;
    while page.words.get(next).is_some_and(|w| w.span.start < span.end) {
        dictionary += page.cost(next);
        next += 1;
    }
    let last = page.words.get(next - 1).map_or(span.end, |w| w.span.end);
    let mut cost = -weigh::PRIOR + surname + page.lexicon.names.given(given);
    let aligned = last == span.end;
    let mut edge = around.left(at);
    if aligned {
        edge += around.right(next);
        if around.left(at) >= weigh::POST_LEFT && around.right(next) >= 60 {
            edge += weigh::SLOT;
        }
        let follows = page.suffix(next);
        if page.joins(next) && page.entry(next).cue == 0 && follows.gpe.max(follows.loc).max(follows.fac) >= 2 {
            edge -= 250;
        }
        if next == at + 1 && page.entry(at).person {
            cost -= weigh::FAMOUS;
        } else if next == at + 1 && !page.entry(at).places.is_empty() {
            cost += 250;
        } else if next == at + 1 && matches!(page.tag(at), Tag::Person | Tag::Foreign) {
            // Names of two characters in the word list are no better than chance.
            cost -= if size > 2 { weigh::KNOWN_NAME } else { 0 };
            if size > 2 {
                edge += (cost - dictionary + 150).clamp(0, 400)
                    * i32::from(page.cost(at) > 1300 || names_like(page, given));
            }
        } else if next == at + 1 {
            // The dictionary knows the string, and not as a name.
            cost += if size > 2 {
                400
            } else if page.cost(at) > 1250 {
                350
            } else {
                100
            };
        }
    } else {
        // The name ends inside a word: its rest must be a word by itself.
        let rest = page.text(Span::new(span.end, last));
        match page.lexicon.words.find(rest) {
            Some((rest_cost, tag)) => {
                cost += (rest_cost / 10) as i32 + 60;
                if matches!(rest, "说" | "称" | "指出" | "表示" | "介绍") {
                    edge += weigh::SAY_RIGHT;
                } else if matches!(tag, Tag::Verb | Tag::Preposition | Tag::Conjunction | Tag::Adverb) {
                    edge += 60;
                }
            }
            None => cost += 700 * (rest.chars().count() as i32) + 100,
        }
    }
    if (at..next).any(|k| page.dated(k)) {
        return;
    }
    if around.inside.get(at).copied().unwrap_or(false) || around.inside.get(next - 1).copied().unwrap_or(false) {
        edge -= 600;
    }
    if [
        "镇", "乡", "村", "县", "市", "区", "州", "省", "路", "街", "桥", "寺", "庙", "站", "岛", "湖", "河", "局",
        "厅", "部", "院",
    ]
    .iter()
    .any(|e| given.len() > 3 && given.ends_with(e))
    {
        edge -= 450;
    }
    // 李莹|将: a small word at the end is more often the next word than the name's.
    if [
        "将", "已", "也", "曾", "在", "于", "对", "向", "从", "与", "和", "为", "等", "则", "还", "又", "就", "都",
        "并", "率", "称", "说", "及", "由", "被", "把", "让", "是", "这", "那", "说", "到", "以", "因",
    ]
    .iter()
    .any(|e| given.ends_with(e))
    {
        edge -= 180;
    }
    // A word of the tables inside a name speaks against it.
    for k in at..next {
        let entry = page.entry(k);
        if page.chars(k) > 1 && (entry.post != 0 || entry.cue & (SAY | LIST) != 0 || entry.body.is_some()) {
            edge -= 350;
        }
        if page.chars(k) > 1 && !entry.places.is_empty() {
            edge -= if next > at + 1 { 60 } else { 150 };
        }
        if matches!(page.tag(k), Tag::Particle | Tag::Pronoun) && k > at {
            edge -= 100;
        }
    }
    let letters = dictionary - cost;
    if letters + edge > -1500 {
        list.push(Candidate { span, letters, around: edge, aligned });
    }
}

/// Whether both characters of a given name are common in given names.
fn names_like(page: &Page<'_>, given: &str) -> bool {
    page.lexicon.names.given(given) < 1250
}

/// Names without a family name that the tables know, between a title and a strong border: 主任|戈壁舟|主持.
fn slots(page: &Page<'_>, around: &Around, list: &mut Vec<Candidate>) {
    for at in 0..page.count() {
        if !page.han(at) || page.dated(at) {
            continue;
        }
        let titled = around.left(at) >= weigh::POST_LEFT;
        let open = around.left(at) > 0;
        let mut next = at;
        let mut chars = 0;
        let mut dictionary = 0;
        while next < page.count() && (next == at || page.joins(next)) && page.han(next) && chars + page.chars(next) <= 4
        {
            let entry = page.entry(next);
            let other = matches!(page.tag(next), Tag::Particle | Tag::Preposition | Tag::Pronoun | Tag::Conjunction)
                || entry.cue & (SAY | BEFORE | LIST) != 0 && page.chars(next) > 1
                || entry.post != 0 && page.chars(next) > 1
                || around.inside.get(next).copied().unwrap_or(false);
            if other {
                break;
            }
            chars += page.chars(next);
            dictionary += page.cost(next);
            if page.chars(next) > 1
                && matches!(page.tag(next), Tag::Verb | Tag::VerbNoun | Tag::Adverb | Tag::Noun | Tag::Time)
            {
                dictionary -= 300;
            }
            next += 1;
            let border = around.right(next);
            if (2..=4).contains(&chars) && (titled && border >= 60 || open && border >= weigh::BECOMES) {
                let span = page.span(at, next);
                let name = 410 + 900 + 650 * (chars as i32 - 1) + if chars == 4 { 700 } else { 0 };
                let letters = dictionary - name;
                list.push(Candidate { span, letters, around: around.left(at) + border + weigh::SLOT, aligned: true });
            }
        }
    }
}

/// In 许峰、封晓春、张立军 one likely name speaks for the next.
fn neighbours(page: &Page<'_>, list: &mut [Candidate]) {
    list.sort_by_key(|c| (c.span.start, c.span.end));
    let text = page.simple.as_ref();
    let gap = |from: u32| -> Option<u32> {
        let rest = text.get(from as usize..)?;
        let c = rest.chars().next()?;
        match c {
            '、' | '和' | '与' | '及' | '/' => Some(from + c.len_utf8() as u32),
            ' ' | '\u{3000}' => {
                let skip: usize = rest.chars().take_while(|c| matches!(c, ' ' | '\u{3000}')).map(char::len_utf8).sum();
                Some(from + skip as u32)
            }
            _ => None,
        }
    };
    // Rightwards: the best candidate that ends where a list goes on.
    let mut reach: HashMap<u32, i32> = HashMap::new();
    let mut bonus = vec![0; list.len()];
    for (nth, candidate) in list.iter().enumerate() {
        let own = reach.get(&candidate.span.start).copied().unwrap_or(0);
        bonus[nth] = own;
        if let Some(goal) = gap(candidate.span.end) {
            let score = candidate.score() + own;
            if score >= 100 && candidate.aligned {
                let slot = reach.entry(goal).or_insert(0);
                *slot = (*slot).max((score / 2).min(weigh::NEIGHBOUR));
            }
        }
    }
    // Leftwards.
    let mut reach: HashMap<u32, i32> = HashMap::new();
    for (nth, candidate) in list.iter().enumerate().rev() {
        let own = gap(candidate.span.end).and_then(|goal| reach.get(&goal)).copied().unwrap_or(0);
        let score = candidate.score() + bonus[nth].max(own);
        bonus[nth] = bonus[nth].max(own);
        if score >= 100 && candidate.aligned {
            let slot = reach.entry(candidate.span.start).or_insert(0);
            *slot = (*slot).max((score / 2).min(weigh::NEIGHBOUR));
        }
    }
    for (candidate, bonus) in list.iter_mut().zip(bonus) {
        candidate.around += bonus;
    }
}

/// The set of candidates without overlaps that weighs most.
fn choose(list: &[Candidate]) -> Vec<Candidate> {
    let mut good: Vec<&Candidate> = list.iter().filter(|c| c.score() > weigh::ACCEPT).collect();
    good.sort_by_key(|c| (c.span.end, c.span.start));
    let mut best: Vec<i32> = Vec::with_capacity(good.len() + 1);
    best.push(0);
    let mut from: Vec<Option<usize>> = Vec::with_capacity(good.len());
    for (nth, candidate) in good.iter().enumerate() {
        let fits = good.partition_point(|c| c.span.end <= candidate.span.start).min(nth);
        let with = best[fits] + candidate.score();
        let without = best[nth];
        from.push((with > without).then_some(fits));
        best.push(with.max(without));
    }
    let mut chosen = Vec::new();
    let mut nth = good.len();
    while nth > 0 {
        match from[nth - 1] {
            Some(fits) => {
                chosen.push(*good[nth - 1]);
                nth = fits;
            }
            None => nth -= 1,
        }
    }
    chosen.reverse();
    chosen
}

/// Finds names that are sure in other places of the article.
fn again(page: &Page<'_>, names: &mut Vec<Name>, taken: &mut Taken) {
    let known: BTreeMap<String, bool> = names
        .iter()
        .filter(|n| n.found.score >= weigh::SURE && n.core.chars().count() >= 3)
        .map(|n| (n.core.clone(), n.byline))
        .collect();
    if known.is_empty() {
        return;
    }
    let mut firsts: Vec<char> = known.keys().filter_map(|k| k.chars().next()).collect();
    firsts.sort_unstable();
    firsts.dedup();
    let text = page.simple.as_ref();
    let mut more = Vec::new();
    for (at, c) in text.char_indices() {
        if firsts.binary_search(&c).is_err() {
            continue;
        }
        for size in [12, 9] {
            let Some(string) = text.get(at..at + size) else { continue };
            let span = Span::at(at, at + size);
            if known.contains_key(string) && taken.free(span) {
                taken.take(span);
                more.push(name(page, span, weigh::SURE, string));
                break;
            }
        }
    }
    names.append(&mut more);
}

/// Parts that stand for a name: 杜书记, 闵大姐, 老鲍, 禹某.
fn parts(page: &Page<'_>, posts: &[Post], names: &mut Vec<Name>, taken: &mut Taken) {
    let lexicon = &page.lexicon.names;
    let mut families: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    let mut sorted: Vec<&Name> = names.iter().filter(|n| !n.byline).collect();
    sorted.sort_by_key(|n| n.found.span.start);
    for name in sorted {
        let mut chars = name.core.char_indices();
        let one = chars.nth(1).map(|(i, _)| i).and_then(|i| name.core.get(..i));
        let two = chars.next().map(|(i, _)| i).and_then(|i| name.core.get(..i));
        for family in [one, two].into_iter().flatten() {
            if lexicon.surname(family).is_some() || name.core.chars().count() > 1 {
                let list = families.entry(family.to_owned()).or_default();
                if list.iter().all(|(_, n)| *n != name.core) {
                    list.push((name.found.span.start, name.core.clone()));
                }
            }
        }
    }
    let post_at: HashMap<usize, &Post> = posts.iter().filter(|p| p.body.is_none()).map(|p| (p.words.0, p)).collect();
    let mut more = Vec::new();
    for at in 0..page.count() {
        let word = page.word(at);
        let chars = page.chars(at);
        if !page.han(at) || chars > 2 || page.dated(at) {
            continue;
        }
        let surname = lexicon.surname(word);
        let next = page.joins(at + 1).then_some(at + 1);
        let family = next.filter(|n| page.chars(*n) == 1 && lexicon.surname(page.word(*n)).is_some());
        let who = |family: &str| {
            let start = page.words.get(at).map_or(0, |w| w.span.start);
            let list = families.get(family)?;
            list.iter().rev().find(|(s, _)| *s < start).or(list.first()).map(|(_, n)| n.clone())
        };
        let free_left = !page.joins(at)
            || matches!(
                page.tag(at - 1),
                Tag::Punctuation
                    | Tag::Verb
                    | Tag::Preposition
                    | Tag::Conjunction
                    | Tag::Adverb
                    | Tag::Particle
                    | Tag::Time
            )
            || page.entry(at - 1).post & ROLE != 0;
        let mut add = |span: Span, core: &str, full: Option<String>| {
            if taken.free(span) {
                taken.take(span);
                let mut made = name(page, span, 300, core);
                made.stands_for = full;
                more.push(made);
            }
        };
        // 杜书记, 邢书记, 司徒先生
        if let Some(next) = next {
            let known = who(word);
            let cost = surname.unwrap_or(2000);
            let honor = page.entry(next).post & HONOR != 0 && page.chars(next) > 1;
            let after = page.joins(next + 1).then(|| page.entry(next + 1)).is_some_and(|e| e.post & HONOR != 0);
            if honor {
                if known.is_some() || free_left && (cost < 900 || chars == 2) {
                    add(page.span(at, next + 1), word, known);
                    continue;
                }
            } else if let Some(post) =
                post_at.get(&next).filter(|p| p.words.1 == next + 1 || page.entry(next).post & MOD != 0)
            {
                let title = page.text(post.span);
                if known.is_some() && free_left
                    || free_left
                        && cost < 650
                        && post.sure
                        && chars == 1
                        && page.tag(at) != Tag::Adjective
                        && title.chars().count() >= 2
                {
                    add(page.span(at, at + 1), word, known);
                    continue;
                }
            } else if page.word(next).starts_with('某')
                && page.chars(next) < 3
                && chars == 1
                && (surname.is_some() || free_left)
            {
                let mut end = next + 1;
                while page.joins(end)
                    && (page.word(end).starts_with('某') || matches!(page.word(end), "甲" | "乙" | "丙" | "丁"))
                {
                    end += 1;
                }
                add(page.span(at, end), page.text(page.span(at, end)), None);
                continue;
            } else if matches!(page.word(next), "总" | "老" | "伯" | "叔" | "婶" | "姨" | "嫂" | "公") && chars == 1
            {
                let spoken = after
                    || page.joins(next + 1)
                        && (page.entry(next + 1).cue & SAY != 0 || page.tag(next + 1) == Tag::Punctuation);
                if free_left && spoken && (known.is_some() || page.entry(at.wrapping_sub(1)).post & ROLE != 0) {
                    add(page.span(at, next + 1), word, known);
                    continue;
                }
            }
        }
        // 老鲍
        if let Some(next) = family.filter(|_| matches!(word, "老" | "小" | "阿")) {
            let known = who(page.word(next));
            let said = page.joins(next + 1)
                && (page.entry(next + 1).cue & SAY != 0 || matches!(page.word(next + 1), "，" | "”" | "的"));
            if known.is_some() && (said || !page.joins(next + 1)) {
                let family = page.word(next).to_owned();
                add(page.span(at, next + 1), &family, known);
                continue;
            }
        }
        // 老鲍 as one word
        if chars == 2 && (word.starts_with('老') || word.starts_with('小')) {
            let family = word.get(3..).unwrap_or_default();
            if let Some(known) = who(family).filter(|_| lexicon.surname(family).is_some()) {
                add(page.span(at, at + 1), family, Some(known));
                continue;
            }
        }
        // 姓包
        if let Some(next) = family.filter(|_| word == "姓") {
            let family = page.word(next).to_owned();
            add(page.span(next, next + 1), &family, None);
        }
    }
    names.append(&mut more);
}

/// Who signs: the credits that SEGMENT found, and names in brackets after 记者 and its like.
fn bylines(page: &Page<'_>) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut push = |span: Span, byline: bool| {
        if !span.is_empty() && names.iter().rev().take(40).all(|n| !n.found.span.meets(span)) {
            let mut made = name(page, span, 900, page.text(span));
            made.byline = byline;
            names.push(made);
        }
    };
    for credit in &page.view.article.credits {
        let text = page.view.text.get(credit.span.range()).unwrap_or_default();
        if text.chars().filter(|c| is_han(*c)).count() >= 2 || text.chars().any(|c| c.is_ascii_alphabetic()) {
            push(credit.span, true);
        }
    }
    let mut at = 0;
    while at < page.count() {
        if !matches!(page.word(at), "（" | "(" | "【") {
            at += 1;
            continue;
        }
        let limit = (at + 60).min(page.count());
        let close = (at + 1..limit).find(|k| matches!(page.word(*k), "）" | ")" | "】" | "，" | "。"));
        let Some(close) = close.filter(|k| matches!(page.word(*k), "）" | ")" | "】")) else {
            at += 1;
            continue;
        };
        let paras = &page.view.article.paras;
        let para = paras.get(paras.partition_point(|p| p.span.end <= page.span(at, at + 1).start));
        let signed = para.is_some_and(|p| p.role == Role::Byline);
        let role = (at + 1..close).find(|k| credit_role(page, *k));
        if signed || role.is_some_and(|r| r <= at + 3) {
            for span in chunks(page, at + 1, close) {
                push(span, true);
            }
        }
        at = close;
    }
    names
}

fn credit_role(page: &Page<'_>, at: usize) -> bool {
    page.entry(at).post & ROLE != 0
        && ["记者", "通讯员", "实习生", "编译", "摄影", "编辑"].iter().any(|r| page.word(at).ends_with(r))
}

/// Pieces of two to four characters (or with a dot) between blanks, 、 and roles.
fn chunks(page: &Page<'_>, first: usize, end: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start: Option<usize> = None;
    let mut close = |from: Option<usize>, to: usize| {
        let Some(from) = from else { return };
        let span = page.span(from, to);
        let chars = page.text(span).chars().count();
        let abroad = page.word(from) == "驻" || page.word(from).starts_with('驻');
        if abroad {
            return;
        }
        if (2..=4).contains(&chars) || page.text(span).contains('·') && chars < 20 {
            spans.push(span);
        }
    };
    for at in first..end {
        let breaks = !page.han(at) && page.word(at) != "·"
            || credit_role(page, at)
            || matches!(page.word(at), "文" | "图" | "摄" | "报道" | "本报" | "记者" | "特约" | "见习" | "实习");
        if breaks {
            close(start.take(), at);
        } else if start.is_some() && !page.joins(at) {
            close(start.take(), at);
            start = Some(at);
        } else if start.is_none() {
            start = Some(at);
        }
    }
    close(start, end);
    spans
}
