//! Subjects from the users' own lexicons.

use crate::enrich::View;

/// The subjects whose words the article holds, the one with most words first.
pub fn find(view: &View<'_>) -> Vec<String> {
    let subjects = &view.lexicon.subjects;
    let mut counts = vec![0_u32; subjects.names.len()];
    for subject in subjects.find(view.text) {
        counts[subject] += 1;
    }
    let mut found: Vec<usize> = (0..counts.len()).filter(|s| counts[*s] > 0).collect();
    found.sort_by_key(|s| (std::cmp::Reverse(counts[*s]), *s));
    found.into_iter().map(|s| subjects.names[s].clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::config::EnrichConfig;
    use crate::enrich::{View, testing};
    use crate::lexicon::Lexicon;

    fn check(table: &str, text: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().expect("a temp folder");
        std::fs::write(folder.path().join("subjects.tsv"), table).expect("written");
        let lexicon = Arc::new(Lexicon::load(&[folder.path().into()]).expect("a right table"));
        let config = EnrichConfig::default();
        testing::with_names(text, |view, _| {
            let view = View { lexicon: &lexicon, config: &config, ..*view };
            assert_eq!(super::find(&view), expected, "{text}");
        });
    }

    #[test]
    fn words_lead_to_subjects() {
        let table = "subject\tword\n交通\t地铁\n交通\t公交\n财经\t股市\n科技\tAI\n";
        check(table, "地铁四号线贯通，公交接驳。股市大涨。", &["交通", "财经"]);
        check(table, "会议还研究了其他事项。", &[]);
        check(table, "the ai lab said AIR was down", &["科技"]);
    }
}
