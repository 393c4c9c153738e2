//! W3C Web Annotations: one mention, with the place it stands at.

use serde_json::{Value, json};

use super::Points;
use super::ninjs::urn;
use crate::record::line::{EntOut, Record};

/// Characters of context on each side of a quotation.
const CONTEXT: u64 = 16;

/// An annotation for every named span.
pub(super) fn annotations<'r>(record: &'r Record<'_>) -> impl Iterator<Item = Value> + 'r {
    let points = Points::new(&record.text);
    record.ents.iter().enumerate().map(move |(index, ent)| annotation(record, index, ent, &points))
}

fn annotation(record: &Record<'_>, index: usize, ent: &EntOut<'_>, points: &Points<'_>) -> Value {
    let source = urn(&record.id);
    json!({
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": format!("{source}#ent-{index}"),
        "type": "Annotation",
        "motivation": "identifying",
        "created": record.added,
        "body": [
            { "type": "TextualBody", "purpose": "tagging", "value": ent.label },
            { "type": "TextualBody", "purpose": "identifying", "value": ent.norm },
        ],
        "target": {
            "source": source,
            "selector": [
                // Code points, as the recommendation demands.
                { "type": "TextPositionSelector", "start": ent.start, "end": ent.end },
                {
                    "type": "TextQuoteSelector",
                    "exact": points.slice(ent.start, ent.end),
                    "prefix": points.slice(ent.start.saturating_sub(CONTEXT), ent.start),
                    "suffix": points.slice(ent.end, ent.end + CONTEXT),
                },
            ],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::tests::sample;

    #[test]
    fn the_quotation_is_the_text_at_the_place() {
        let record = sample();
        let all: Vec<Value> = annotations(&record).collect();
        assert_eq!(all.len(), record.ents.len());
        let selector = &all[1]["target"]["selector"];
        assert_eq!(
            (&selector[0]["start"], &selector[1]["exact"], &selector[1]["prefix"]),
            (&json!(3), &json!("无锡市"), &json!("王𬭎在"))
        );
    }
}
