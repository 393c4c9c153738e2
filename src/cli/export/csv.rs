//! Tables: one row an article, a sentence or a mention, as RFC 4180 writes them.

use super::{Explode, Points};
use crate::record::line::Record;

const ARTICLE: &[&str] = &[
    "seq",
    "id",
    "type",
    "source",
    "created",
    "created_basis",
    "language",
    "title",
    "headline",
    "by",
    "located",
    "people",
    "organisations",
    "places",
    "keywords",
    "summary",
    "chars",
    "paper",
    "page",
    "section",
    "drop",
    "text",
];
const SENTENCE: &[&str] = &["seq", "id", "created", "title", "sentence", "role", "start", "end", "text"];
const ENT: &[&str] = &["seq", "id", "created", "title", "mention", "label", "start", "end", "text", "norm", "ref"];

/// The header line.
pub(super) fn header(explode: Option<Explode>, out: &mut Vec<u8>) {
    let names = match explode {
        None => ARTICLE,
        Some(Explode::Sentences) => SENTENCE,
        Some(Explode::Ents) => ENT,
    };
    row(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>(), out);
}

/// The rows of a record.
pub(super) fn rows(record: &Record<'_>, explode: Option<Explode>, out: &mut Vec<u8>) {
    let points = Points::new(&record.text);
    let front = || [record.seq.to_string(), record.id.clone(), record.created.clone(), record.title.to_string()];
    match explode {
        None => row(&article(record), out),
        Some(Explode::Sentences) => {
            for (index, sent) in record.sents.iter().enumerate() {
                let role =
                    usize::try_from(sent.para).ok().and_then(|p| record.paras.get(p)).map(|p| p.role.to_string());
                let mut cells = front().to_vec();
                cells.extend([
                    index.to_string(),
                    role.unwrap_or_default(),
                    sent.start.to_string(),
                    sent.end.to_string(),
                    points.slice(sent.start, sent.end).to_owned(),
                ]);
                row(&cells, out);
            }
        }
        Some(Explode::Ents) => {
            for (index, ent) in record.ents.iter().enumerate() {
                let mut cells = front().to_vec();
                cells.extend([index.to_string(), ent.label.to_string(), ent.start.to_string(), ent.end.to_string()]);
                cells.extend([ent.text.to_string(), ent.norm.to_string(), ent.reference.to_string()]);
                row(&cells, out);
            }
        }
    }
}

fn article(record: &Record<'_>) -> Vec<String> {
    let drop = &record.metadata.drop;
    let joined = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join("; ");
    vec![
        record.seq.to_string(),
        record.id.clone(),
        record.r#type.to_string(),
        record.source.to_string(),
        record.created.clone(),
        record.created_basis.to_string(),
        record.language.to_string(),
        record.title.to_string(),
        record.headline.clone(),
        record.by.clone(),
        record.located.to_string(),
        joined(&mut record.people.iter().map(|p| p.name.as_ref())),
        joined(&mut record.organisations.iter().map(|o| o.name.as_ref())),
        joined(&mut record.places.iter().map(|p| p.name.as_ref())),
        joined(&mut record.keywords.iter().map(AsRef::as_ref)),
        record.summary.to_string(),
        record.chars.to_string(),
        drop.paper.to_string(),
        drop.page.to_string(),
        drop.section.to_string(),
        drop.name.to_string(),
        record.text.to_string(),
    ]
}

fn row(cells: &[String], out: &mut Vec<u8>) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        // An edge blank is quoted too: some readers trim bare cells.
        let bare = !cell.contains(['"', ',', '\n', '\r']) && cell.trim() == cell;
        if bare {
            out.extend_from_slice(cell.as_bytes());
        } else {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        }
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::tests::sample;

    #[test]
    fn rows_have_as_many_cells_as_the_header() {
        assert_eq!(article(&sample()).len(), ARTICLE.len());
        for explode in [Explode::Sentences, Explode::Ents] {
            let mut out = Vec::new();
            header(Some(explode), &mut out);
            rows(&sample(), Some(explode), &mut out);
            let text = String::from_utf8(out).expect("utf-8");
            let commas: Vec<usize> = text.lines().map(|l| l.matches(',').count()).collect();
            assert!(commas.len() > 1 && commas.iter().all(|n| *n == commas[0]), "{text}");
        }
    }

    #[test]
    fn what_could_break_a_row_is_quoted() {
        let mut out = Vec::new();
        row(&["a".into(), "b\"c".into(), "d\ne".into(), " f".into(), String::new()], &mut out);
        assert_eq!(String::from_utf8(out).expect("utf-8"), "a,\"b\"\"c\",\"d\ne\",\" f\",\r\n");
    }
}
