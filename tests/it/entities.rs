//! Names on the sample page against a careful reading, and the laws of names for any text.

use std::collections::BTreeSet;

use wenliu::record::mention::{Enriched, Mentions};

use crate::common;

/// `kind name posts organisation` of everything that an article names.
fn found(text: &str, mentions: &Mentions) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for person in &mentions.people {
        if person.rel == "byline" {
            all.insert(format!("byline\t{}\t\t", person.name));
            continue;
        }
        all.insert(format!("person\t{}\t{}\t{}", person.name, person.titles.join(";"), person.organisation));
    }
    for ent in &mentions.ents {
        let kind = match ent.label {
            "ORG" => "org",
            "GPE" | "LOC" | "FAC" => "place",
            "EVENT" => "event",
            _ => continue,
        };
        all.insert(format!("{kind}\t{}\t\t", ent.span.of(text)));
    }
    all
}

#[test]
fn the_sample_page_names_what_a_reader_names() {
    let seed = common::shared_drops().into_iter().find(|(name, _)| name.starts_with("wuxi-"));
    let Some((name, bytes)) = seed else { return };
    let enriched = common::read(&name, &bytes).expect("a legal page");
    let gold = include_str!("../corpus/entities/seed.tsv");
    let (mut right, mut wrong) = (0, Vec::new());
    for (nth, article) in enriched.segmented.articles.iter().enumerate() {
        let text = enriched.segmented.text(article);
        let ours = found(text, &enriched.mentions[nth]);
        let number = format!("{}\t", nth + 1);
        let gold: BTreeSet<String> = gold.lines().filter_map(|l| l.strip_prefix(&number)).map(str::to_owned).collect();
        right += ours.intersection(&gold).count();
        wrong.extend(gold.difference(&ours).map(|m| format!("{number}missed {m}")));
        wrong.extend(ours.difference(&gold).map(|m| format!("{number}invented {m}")));
    }
    let f1 = 2.0 * right as f64 / (2 * right + wrong.len()) as f64;
    println!("names of the sample page: F1 {f1:.3}, {right} right\n{}", wrong.join("\n"));
    assert!(f1 >= 0.95, "F1 {f1:.3}:\n{}", wrong.join("\n"));
}

/// Spans lie on characters, indexes lead to mentions of the right kind, no two mentions of one label overlap.
fn laws(enriched: &Enriched) {
    for (article, mentions) in enriched.segmented.articles.iter().zip(&enriched.mentions) {
        let text = enriched.segmented.text(article);
        let mut ends = std::collections::HashMap::new();
        for ent in &mentions.ents {
            assert!(!ent.span.of(text).trim().is_empty(), "{ent:?} covers nothing");
            assert!(!ent.span.of(text).contains('\n'), "{ent:?} runs over a line break");
            let end = ends.entry(ent.label).or_insert(0);
            assert!(*end <= ent.span.start, "{ent:?} overlaps another {}", ent.label);
            *end = ent.span.end;
        }
        let lists = [
            (mentions.people.iter().map(|p| &p.mentions).collect::<Vec<_>>(), ["PERSON", "", ""]),
            (mentions.organisations.iter().map(|o| &o.mentions).collect(), ["ORG", "", ""]),
            (mentions.places.iter().map(|p| &p.mentions).collect(), ["GPE", "LOC", "FAC"]),
            (mentions.events.iter().map(|e| &e.mentions).collect(), ["EVENT", "", ""]),
        ];
        for (list, labels) in lists {
            let of_label = mentions.ents.iter().filter(|e| labels.contains(&e.label)).count();
            assert_eq!(list.iter().map(|m| m.len()).sum::<usize>(), of_label, "every {} is listed once", labels[0]);
            for index in list.into_iter().flatten() {
                assert!(labels.contains(&mentions.ents[*index as usize].label));
            }
        }
    }
}

#[test]
fn the_laws_of_names_hold_for_every_page() {
    for (name, bytes) in common::pages().into_iter().chain(common::shared_drops().into_iter().step_by(7)) {
        laws(&common::read(&name, &bytes).expect("a legal page"));
    }
}

#[test]
fn hostile_runs_of_names_are_read_in_linear_time() {
    let patterns = [
        "王小明、",
        "市委书记、副市长",
        "李·",
        "记者",
        "《《",
        "无锡市江苏省",
        "第十次会议",
        "和平",
        "（记者",
        "阿巴拉",
        "为局长任",
    ];
    for pattern in patterns {
        let text = format!("本报讯 {}。\n", pattern.repeat(60_000 / pattern.len()));
        let enriched = common::read("hostile-2024-09-05.txt", text.as_bytes()).expect("legal text");
        laws(&enriched);
    }
}
