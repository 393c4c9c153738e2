//! Which posts belong to which person.

use std::collections::{BTreeMap, HashMap};

use crate::enrich::entities::join::Found;
use crate::enrich::entities::page::Page;
use crate::enrich::entities::people::Name;
use crate::enrich::entities::posts::Post;
use crate::lexicon::entries::SAY;
use crate::record::mention::Person;
use crate::record::span::Span;

/// The posts of every person, and the spans to mark as titles.
#[derive(Debug, Default)]
pub struct Titles {
    /// By index into the people: indexes into the posts, with the body that each belongs to.
    given: BTreeMap<usize, Vec<(Span, Option<Span>)>>,
    pub spans: Vec<Span>,
    /// The mentions of each name, as indexes into the people.
    groups: HashMap<String, Vec<usize>>,
}

/// Words between a person and a post to come: 任命X为Y局局长.
const BECOMES: &[&str] = &["为", "任", "担任", "出任", "当选", "当选为", "就任", "兼任", "接任", "系", "是"];

/// Gives each post to the people it is said of.
pub fn link(page: &Page<'_>, found: &Found) -> Titles {
    let mut titles = Titles::default();
    for nth in 0..found.people.len() {
        titles.groups.entry(titles.key(&found.people, nth)).or_default().push(nth);
    }
    let ends: HashMap<usize, usize> = found.posts.iter().enumerate().map(|(n, p)| (p.words.1, n)).collect();
    let starts: HashMap<usize, usize> = found.posts.iter().enumerate().map(|(n, p)| (whole(found, p).0, n)).collect();
    let people: Vec<(usize, &Name)> = found.people.iter().enumerate().filter(|(_, n)| !n.byline).collect();
    let mut used = vec![false; found.posts.len()];
    let mut last_body: Option<(Span, u32)> = None;
    for (order, (nth, name)) in people.iter().enumerate() {
        let mut posts = left(page, found, name, &ends);
        posts.iter().for_each(|p| used[*p] = true);
        let right = page.joins(name.found.words.1).then(|| starts.get(&name.found.words.1)).flatten().copied();
        let right = right.filter(|p| found.posts[*p].body.is_none());
        if posts.is_empty() && order > 0 {
            // 副市长解红、区海波: the title goes on along the list.
            let (before, other) = people[order - 1];
            let between = page.text(Span::new(other.found.span.end, name.found.span.start.max(other.found.span.end)));
            if matches!(between, "、" | "和" | "与" | "及" | " ") && other.stands_for.is_none() {
                let shared = titles.given.get(&before).cloned().unwrap_or_default();
                if !shared.is_empty() && right.is_none() {
                    titles.given.insert(*nth, shared);
                }
            }
        }
        if let Some(post) = right {
            used[post] = true;
            if posts.is_empty() && name.stands_for.is_none()
                || name.stands_for.is_none()
                    && !posts
                        .iter()
                        .any(|p| page.text(found.posts[*p].span).ends_with(page.text(found.posts[post].span)))
            {
                posts.push(post);
            }
        }
        for post in posts {
            let post = &found.posts[post];
            let mut body = post.body.and_then(|b| body_of(found, post, b));
            if let Some(span) = body {
                last_body = Some((span, post.span.start));
            } else if name.stands_for.is_none() && page.text(post.span).starts_with('副')
                || page.text(post.span) == "秘书长"
            {
                // 市人大常委会主任A主持，副主任B: the body of the sentence before.
                body = last_body
                    .filter(|(span, _)| {
                        let between = page.text(Span::new(span.end.min(post.span.start), post.span.start));
                        !between.contains(['。', '\n'])
                            && between.contains(same_head(page.text(post.span)))
                            && !between.contains("市长")
                    })
                    .map(|(span, _)| span);
            }
            let list = titles.given.entry(*nth).or_default();
            if list.iter().all(|(s, _)| *s != post.span) {
                list.push((post.span, body));
            }
        }
    }
    becomes(page, found, &people, &starts, &mut used, &mut titles);
    for (nth, post) in found.posts.iter().enumerate() {
        let said = page.joins(post.words.1) && page.entry(post.words.1).cue & SAY != 0;
        let word = page.text(post.span);
        if used[nth] || post.body.is_some() && said && post.sure && !word.ends_with("负责人") && !word.ends_with("代表")
        {
            titles.spans.push(post.span);
        }
    }
    titles
}

fn same_head(post: &str) -> &str {
    post.strip_prefix('副').unwrap_or("")
}

/// A post with its body in words.
fn whole(found: &Found, post: &Post) -> (usize, usize) {
    let _ = found;
    post.words
}

/// The span of a post's body, if that still stands right before it.
fn body_of(found: &Found, post: &Post, _body: usize) -> Option<Span> {
    let at = found.bodies.partition_point(|b| b.span.end < post.span.start);
    found.bodies.get(at).filter(|b| b.span.end == post.span.start).map(|b| b.span)
}

/// The chain of posts that ends at a name: 市委副书记、市长|欧阳子敬.
fn left(page: &Page<'_>, found: &Found, name: &Name, ends: &HashMap<usize, usize>) -> Vec<usize> {
    let mut chain = Vec::new();
    let mut end = name.found.words.0;
    if !page.joins(end) || page.words.get(end).is_none_or(|w| w.span.start != name.found.span.start) {
        return chain;
    }
    while let Some(post) = ends.get(&end) {
        chain.push(*post);
        let own = &found.posts[*post];
        let body = own.body.and_then(|b| body_of(found, own, b));
        let start = body.map_or(own.span.start, |b| b.start);
        let Some(first) = page.at(start) else { break };
        if first == 0 || !page.joins(first) || !matches!(page.word(first - 1), "、" | "兼" | "和") || chain.len() > 8
        {
            break;
        }
        end = first - 1;
    }
    chain.reverse();
    chain
}

/// 任命A、B为某局局长: the post goes to the people before 为.
fn becomes(
    page: &Page<'_>,
    found: &Found,
    people: &[(usize, &Name)],
    starts: &HashMap<usize, usize>,
    used: &mut [bool],
    titles: &mut Titles,
) {
    for (order, (nth, name)) in people.iter().enumerate() {
        let mut at = name.found.words.1;
        if !page.joins(at) || !BECOMES.contains(&page.word(at)) {
            continue;
        }
        at += 1;
        let start = page.words.get(at).map_or(0, |w| w.span.start);
        let body = found.bodies.get(found.bodies.partition_point(|b| b.span.start < start));
        let body = body.filter(|b| b.span.start == start).map(|b| (b.span, b.words.1));
        let first = body.map_or(at, |(_, end)| end);
        let Some(post) = starts.get(&first).copied() else { continue };
        let own = &found.posts[post];
        if body.is_none() && !own.sure {
            continue;
        }
        used[post] = true;
        let mut group = vec![*nth];
        let mut start = name.found.span.start;
        for (other, before) in people[..order].iter().rev() {
            let between = page.text(Span::new(before.found.span.end.min(start), start));
            if !matches!(between, "、" | "和" | "及") {
                break;
            }
            group.push(*other);
            start = before.found.span.start;
        }
        for one in group {
            let list = titles.given.entry(one).or_default();
            if list.iter().all(|(s, _)| *s != own.span) {
                list.push((own.span, body.map(|(span, _)| span)));
            }
        }
    }
}

impl Titles {
    /// The name that a mention belongs to.
    pub fn key(&self, people: &[Name], nth: usize) -> String {
        people.get(nth).map_or(String::new(), |n| n.stands_for.clone().unwrap_or_else(|| n.core.clone()))
    }

    /// The person of a key, with the posts said of any of its mentions.
    pub fn person(&self, page: &Page<'_>, people: &[Name], key: &str) -> Person {
        let mut person = Person { name: key.to_owned(), rel: "byline", ..Person::default() };
        let text = page.view.text;
        let mut printed = false;
        for nth in self.groups.get(key).into_iter().flatten() {
            let Some(name) = people.get(*nth) else { continue };
            if !name.byline {
                person.rel = "mentions";
            }
            if name.stands_for.is_none() && !printed {
                printed = true;
                person.name = text.get(name.found.span.range()).unwrap_or_default().to_owned();
            }
            for (post, body) in self.given.get(nth).into_iter().flatten() {
                let title = text.get(post.range()).unwrap_or_default();
                let org = body.and_then(|b| text.get(b.range())).unwrap_or_default();
                let first = person.titles.is_empty();
                if first && person.organisation.is_empty() {
                    org.clone_into(&mut person.organisation);
                }
                let full = if org.is_empty() || org == person.organisation {
                    title.to_owned()
                } else {
                    format!("{org}{title}")
                };
                if person.titles.iter().all(|t| *t != full && !t.ends_with(&full)) {
                    person.titles.push(full);
                }
            }
        }
        person
    }
}
