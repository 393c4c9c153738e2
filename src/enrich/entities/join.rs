//! All mentions in one list: overlaps settled, posts given to their people, normal forms and references filled in.

use std::collections::HashMap;

use crate::enrich::entities::page::Page;
use crate::enrich::entities::people::Name;
use crate::enrich::entities::posts::Post;
use crate::enrich::entities::{Named, home, titles};
use crate::record::mention::{DateMention, Ent, Event, Organisation, Person, Place, Quantity};
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// What each annotator found.
#[derive(Debug, Default)]
pub struct Found {
    pub works: Vec<super::Found>,
    pub places: Vec<super::Found>,
    pub bodies: Vec<super::Found>,
    pub events: Vec<super::Found>,
    pub posts: Vec<Post>,
    pub people: Vec<Name>,
    pub english: Vec<super::Found>,
}

/// A mention on its way to the record.
struct Mention {
    ent: Ent,
    /// Key of the list entry it belongs to.
    key: String,
}

/// Joins everything.
pub fn join(
    page: &Page<'_>,
    mut found: Found,
    dates: &[DateMention],
    quantities: &[Quantity],
    remarks: &mut Remarks,
) -> Named {
    settle(page, &mut found);
    let home = home::find(page, &found.places);
    let titles = titles::link(page, &found);
    let mut mentions: Vec<Mention> = Vec::new();
    let mut add = |span: Span, label: &'static str, norm: String, key: String| {
        mentions.push(Mention { ent: Ent { span, label, norm, reference: String::new() }, key });
    };
    for work in &found.works {
        add(work.span, work.label, page.text(work.span).to_owned(), String::new());
    }
    for body in &found.bodies {
        let norm = home::body_norm(page, &home, page.text(body.span));
        add(body.span, "ORG", norm.clone(), norm);
    }
    let mut unmentioned: Vec<(u32, String)> = Vec::new();
    for event in &found.events {
        let after = found.bodies.partition_point(|b| b.span.end <= event.span.start);
        let before = after.checked_sub(1).and_then(|at| found.bodies.get(at));
        let same = before.filter(|b| {
            b.span.end + 300 > event.span.start
                && !page.text(Span::new(b.span.end, event.span.start)).contains(['。', '\n', '；'])
        });
        let norm = home::event_norm(page, &home, page.text(event.span), same.map(|b| page.text(b.span)));
        if let Some(body) = home::event_body(page, &home, page.text(event.span)) {
            unmentioned.push((event.span.start, body));
        }
        add(event.span, "EVENT", norm.clone(), norm);
    }
    let mut codes: HashMap<String, String> = HashMap::new();
    for place in &found.places {
        let (norm, code) = home::place_norm(page, &home, place);
        codes.insert(norm.clone(), code);
        add(place.span, place.label, norm.clone(), norm);
    }
    for span in &titles.spans {
        add(*span, "TITLE", page.text(*span).to_owned(), String::new());
    }
    for (nth, name) in found.people.iter().enumerate() {
        let norm = name.stands_for.clone().unwrap_or_else(|| page.text(name.found.span).to_owned());
        let norm = if name.stands_for.is_some() { norm } else { page.text(name.found.span).to_owned() };
        let key = format!("{}\u{1}{nth}", titles.key(&found.people, nth));
        add(name.found.span, "PERSON", norm, key);
    }
    for mention in &found.english {
        let norm = page.view.text.get(mention.span.range()).unwrap_or_default().to_owned();
        add(mention.span, mention.label, norm.clone(), norm);
    }
    numbers(&mut mentions, dates, quantities);
    mentions.sort_by_key(|m| (m.ent.span.start, std::cmp::Reverse(m.ent.span.end)));
    lists(page, mentions, &found, &titles, &home, &codes, unmentioned, dates, remarks)
}

/// Of overlapping spans one stays.
fn settle(page: &Page<'_>, found: &mut Found) {
    let mut owner = vec![0_u8; page.view.text.len()];
    let mut paint = |spans: &mut dyn Iterator<Item = Span>, by: u8| {
        for span in spans {
            if let Some(bytes) = owner.get_mut(span.range()) {
                bytes.iter_mut().filter(|b| **b == 0).for_each(|b| *b = by);
            }
        }
    };
    paint(&mut found.works.iter().map(|f| f.span), 1);
    paint(&mut found.people.iter().filter(|n| n.byline || n.found.score >= 900).map(|n| n.found.span), 2);
    paint(&mut found.events.iter().map(|f| f.span), 3);
    paint(&mut found.bodies.iter().map(|f| f.span), 4);
    paint(&mut found.people.iter().map(|n| n.found.span), 2);
    paint(&mut found.places.iter().map(|f| f.span), 5);
    let owns = |span: Span, by: u8| owner.get(span.range()).is_some_and(|bytes| bytes.iter().all(|b| *b == by));
    found.events.retain(|f| owns(f.span, 3));
    found.bodies.retain(|f| owns(f.span, 4));
    found.people.retain(|n| owns(n.found.span, 2));
    found.places.retain(|f| owns(f.span, 5));
    found.posts.retain(|p| owner.get(p.span.range()).is_some_and(|bytes| bytes.iter().all(|b| *b == 0 || *b == 5)));
}

/// Adds what the date and quantity annotators found, outside of names.
fn numbers(mentions: &mut Vec<Mention>, dates: &[DateMention], quantities: &[Quantity]) {
    let mut spans: Vec<Span> = mentions.iter().map(|m| m.ent.span).collect();
    spans.sort_unstable();
    let inside = |span: Span| {
        let after = spans.partition_point(|s| s.start < span.end);
        spans.get(after.saturating_sub(3)..after).is_some_and(|near| near.iter().any(|s| s.meets(span)))
    };
    let mut more = Vec::new();
    for (nth, date) in dates.iter().enumerate().filter(|(_, d)| !inside(d.span)) {
        let time = matches!(date.precision, "hour" | "minute" | "second") || date.timex.starts_with("PT");
        let norm =
            if date.timex.contains('X') && !date.date.is_empty() { date.date.clone() } else { date.timex.clone() };
        let ent = Ent {
            span: date.span,
            label: if time { "TIME" } else { "DATE" },
            norm,
            reference: format!("d{}", nth + 1),
        };
        more.push(Mention { ent, key: String::new() });
    }
    // A length of time stands in both lists and is named once.
    let dated = |span: Span| dates.iter().any(|d| d.span.meets(span));
    for quantity in quantities.iter().filter(|q| !(inside(q.span) || q.kind == "duration" && dated(q.span))) {
        let label = match quantity.kind {
            "money" => "MONEY",
            "percent" => "PERCENT",
            "ordinal" => "ORDINAL",
            "number" => "CARDINAL",
            _ => "QUANTITY",
        };
        let norm = if quantity.value == quantity.upper {
            format!("{}{}", quantity.value, quantity.unit)
        } else {
            format!("{}~{}{}", quantity.value, quantity.upper, quantity.unit)
        };
        more.push(Mention {
            ent: Ent { span: quantity.span, label, norm, reference: String::new() },
            key: String::new(),
        });
    }
    mentions.append(&mut more);
}

/// Numbers the entries of each list by their first mention.
#[expect(clippy::too_many_arguments, reason = "the last step sees everything")]
fn lists(
    page: &Page<'_>,
    mentions: Vec<Mention>,
    found: &Found,
    titles: &titles::Titles,
    home: &home::Home,
    codes: &HashMap<String, String>,
    unmentioned: Vec<(u32, String)>,
    _dates: &[DateMention],
    remarks: &mut Remarks,
) -> Named {
    let mut named = Named { located: home.located.clone(), ..Named::default() };
    let mut index: HashMap<(char, String), usize> = HashMap::new();
    for (nth, mut mention) in (0_u32..).zip(mentions) {
        let (letter, key) = match mention.ent.label {
            "PERSON" => ('p', mention.key.split('\u{1}').next().unwrap_or_default().to_owned()),
            "ORG" => ('o', mention.key.clone()),
            "GPE" | "LOC" | "FAC" => ('g', mention.key.clone()),
            "EVENT" => ('e', mention.key.clone()),
            _ => {
                named.ents.push(mention.ent);
                continue;
            }
        };
        let len = match letter {
            'p' => named.people.len(),
            'o' => named.organisations.len(),
            'g' => named.places.len(),
            _ => named.events.len(),
        };
        let at = *index.entry((letter, key.clone())).or_insert(len);
        if at == len {
            match letter {
                'p' => named.people.push(titles.person(page, &found.people, &key)),
                'o' => named.organisations.push(Organisation { name: key.clone(), rel: "mentions", mentions: vec![] }),
                'g' => named.places.push(Place {
                    name: key.clone(),
                    rel: if key == named.located { "located" } else { "mentions" },
                    code: codes.get(&key).cloned().unwrap_or_default(),
                    mentions: vec![],
                }),
                _ => named.events.push(Event { name: key.clone(), rel: "mentions", mentions: vec![] }),
            }
        }
        let list = match letter {
            'p' => named.people.get_mut(at).map(|p| &mut p.mentions),
            'o' => named.organisations.get_mut(at).map(|o| &mut o.mentions),
            'g' => named.places.get_mut(at).map(|g| &mut g.mentions),
            _ => named.events.get_mut(at).map(|e| &mut e.mentions),
        };
        if let Some(list) = list {
            list.push(nth);
        }
        if letter != 'e' {
            mention.ent.reference = format!("{letter}{}", at + 1);
        }
        if let Some(person) = named.people.get(at).filter(|_| letter == 'p') {
            mention.ent.norm = page.lexicon.script.simplify(&person.name).into_owned();
        }
        remarks.say("entities.mention", mention.ent.span, || format!("{} {}", mention.ent.label, mention.ent.norm));
        named.ents.push(mention.ent);
    }
    for (_, body) in unmentioned {
        if !named.organisations.iter().any(|o| o.name == body) {
            named.organisations.push(Organisation { name: body, rel: "mentions", mentions: vec![] });
        }
    }
    if !home.located.is_empty() && !named.places.iter().any(|p| p.name == home.located) {
        let code = home.located_code.clone();
        named.places.push(Place { name: home.located.clone(), rel: "located", code, mentions: vec![] });
    }
    let _: &[Person] = &named.people;
    named
}
