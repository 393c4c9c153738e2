//! Posts: 市委书记; 省科协|副主席; 心脏外科主任; and the body that each belongs to.

use crate::enrich::entities::Found;
use crate::enrich::entities::page::Page;
use crate::lexicon::entries::{BEFORE, FULL, HEAD, LIST, MOD, ROLE, SAY};
use crate::lexicon::words::Tag;
use crate::record::span::Span;

/// A title where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Post {
    pub span: Span,
    pub words: (usize, usize),
    /// The body before it, as an index into the organisations.
    pub body: Option<usize>,
    /// The word is no more than a title: 市委书记, but not 代表.
    pub sure: bool,
}

/// Words that are titles at a name and everyday words elsewhere.
const WEAK: &[&str] = &[
    "代表",
    "指挥",
    "负责人",
    "秘书",
    "助理",
    "顾问",
    "专员",
    "经理",
    "教师",
    "作家",
    "画家",
    "诗人",
    "主管",
    "法官",
    "律师",
    "民警",
    "导师",
    "博士",
    "医师",
    "科学家",
    "企业家",
    "专家",
    "股东",
    "理事",
    "干事",
    "委员",
    "主席团",
    "总管",
    "领队",
    "店主",
    "评论家",
    "苏丹",
    "国王",
    "女王",
    "工程师",
    "设计师",
    "建筑师",
    "分析师",
    "经济学家",
    "议员",
    "领事",
    "大使",
];

/// Finds every post, in order, without overlaps.
pub fn find(page: &Page<'_>, bodies: &[Found]) -> Vec<Post> {
    let mut ends = vec![0_u32; page.count() + 1];
    let mut inside = vec![false; page.count() + 1];
    for (nth, body) in bodies.iter().enumerate() {
        if let Some(slot) = ends.get_mut(body.words.1) {
            *slot = nth as u32 + 1;
        }
        inside.iter_mut().take(body.words.1).skip(body.words.0).for_each(|i| *i = true);
    }
    let mut posts: Vec<Post> = Vec::new();
    for at in 0..page.count() {
        let kind = page.entry(at).post;
        if kind & (FULL | HEAD) == 0 || inside.get(at).copied().unwrap_or(false) || page.dated(at) {
            continue;
        }
        let mut first = at;
        while first > 0 && page.joins(first) && page.entry(first - 1).post & MOD != 0 && !inside[first - 1] {
            first -= 1;
        }
        let body_at =
            |first: usize| page.joins(first).then(|| ends.get(first).copied().unwrap_or(0)).filter(|b| *b > 0);
        let mut body = body_at(first);
        if body.is_none() && kind & HEAD != 0 {
            let absorbed = absorb(page, first, &inside);
            let wider = body_at(absorbed);
            // 中共无锡市委|组织部|部长: what is between belongs to the body, so it is only absorbed without one.
            if wider.is_none() || first - absorbed <= 1 {
                first = absorbed;
                body = wider;
            }
        }
        if posts.last().is_some_and(|p| p.words.1 > first) {
            first = at;
        }
        let post = Post {
            span: page.span(first, at + 1),
            words: (first, at + 1),
            body: body.map(|b| b as usize - 1),
            sure: !WEAK.contains(&page.word(at)) || first < at || body.is_some(),
        };
        posts.push(post);
    }
    posts
}

/// How far nouns before a head belong to the title: 物理|教师, 大会|执行主席.
fn absorb(page: &Page<'_>, head: usize, inside: &[bool]) -> usize {
    let mut first = head;
    let mut taken = 0;
    while first > 0 && page.joins(first) && taken < 3 {
        let prev = first - 1;
        let entry = page.entry(prev);
        let noun = matches!(page.tag(prev), Tag::Noun | Tag::Proper | Tag::VerbNoun | Tag::Kind | Tag::Short)
            || page.tag(prev) == Tag::Unknown && page.chars(prev) > 1;
        let other = entry.post & (FULL | HEAD | ROLE) != 0
            || entry.cue & (SAY | BEFORE | LIST) != 0
            || !entry.places.is_empty()
            || inside.get(prev).copied().unwrap_or(false);
        let unit = page.suffix(prev).org > 0 && page.chars(prev) > 1;
        let small = ["组", "队", "科", "室", "部", "处"].iter().any(|u| page.word(prev).ends_with(u));
        if unit && !(taken == 0 && small)
            || !(noun || unit && page.tag(prev) == Tag::Person)
            || other
            || page.dated(prev)
        {
            break;
        }
        first = prev;
        if unit {
            break;
        }
        taken += 1;
    }
    first
}
