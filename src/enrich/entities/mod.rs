//! Who and where: people with posts, organisations, places, events; and the list of all named spans.
//!
//! [`page`] cuts the article into words that know what the tables say of them. On these, [`works`], [`places`],
//! [`organisations`], [`events`] and [`posts`] mark what they see, [`people`] weighs names against all of it, and
//! [`join`] gives every mention its normal form and its place in the lists.

pub mod english;
pub mod events;
pub mod foreign;
pub mod home;
pub mod join;
pub mod organisations;
pub mod page;
pub mod people;
pub mod places;
pub mod posts;
pub mod titles;
pub mod works;

use crate::enrich::View;
use crate::enrich::entities::page::Page;
use crate::record::mention::{DateMention, Ent, Event, Organisation, Person, Place, Quantity};
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// What the entity annotators found, joined.
#[derive(Clone, Debug, Default)]
pub struct Named {
    pub ents: Vec<Ent>,
    pub people: Vec<Person>,
    pub organisations: Vec<Organisation>,
    pub places: Vec<Place>,
    pub events: Vec<Event>,
    /// Full name of the place the article is located in, or "".
    pub located: String,
}

/// A span that is taken for a name, with the words it covers and the weight of the evidence
/// (100 = one natural logarithm of the odds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub span: Span,
    pub label: &'static str,
    /// First word, and the word after the last.
    pub words: (usize, usize),
    pub score: i32,
}

/// Finds every named entity and joins them with dates and quantities to one list.
pub fn find(view: &View<'_>, dates: &[DateMention], quantities: &[Quantity], remarks: &mut Remarks) -> Named {
    let page = Page::new(view, dates);
    let works = works::find(&page);
    let places = places::find(&page);
    let bodies = organisations::find(&page, &places);
    let events = events::find(&page, &bodies, &places);
    let posts = posts::find(&page, &bodies);
    let people = people::find(&page, &posts, &bodies, remarks);
    let english = english::find(&page);
    let found = join::Found { works, places, bodies, events, posts, people, english };
    join::join(&page, found, dates, quantities, remarks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::testing;

    /// Names of the label stand between ⟦ ⟧; everything else must be left alone.
    fn check(labels: &[&str], marked: &str) {
        testing::with_names(marked, |view, _| {
            let named = find(view, &[], &[], &mut Remarks::default());
            let mut got = String::new();
            let mut at = 0;
            for ent in named.ents.iter().filter(|e| labels.contains(&e.label)) {
                let range = ent.span.range();
                got.push_str(view.text.get(at..range.start).expect("mentions of one label do not overlap"));
                got.push_str(&format!("⟦{}⟧", ent.span.of(view.text)));
                at = range.end;
            }
            got.push_str(view.text.get(at..).expect("on a border"));
            assert_eq!(got, marked);
        });
    }

    fn person(text: &str, name: &str) -> (Vec<String>, String) {
        let mut found = None;
        testing::with_names(text, |view, _| {
            let named = find(view, &[], &[], &mut Remarks::default());
            found = named.people.iter().find(|p| p.name == name).map(|p| (p.titles.clone(), p.organisation.clone()));
        });
        found.expect("the person is found")
    }

    #[test]
    fn a_title_at_the_left_or_right_makes_a_name() {
        check(&["PERSON"], "市委书记⟦杜小刚⟧主持会议，学习⟦习近平⟧总书记重要讲话。");
        check(&["PERSON"], "市委书记主持会议，高度重视安全生产，推动高水平开放。");
    }

    #[test]
    fn one_sure_name_speaks_for_its_list() {
        check(&["PERSON"], "市领导⟦许峰⟧、⟦封晓春⟧、⟦张立军⟧、⟦吴建元⟧参加会议。");
        check(&["PERSON"], "坚持稳中求进、守正创新、先立后破、系统集成。");
    }

    #[test]
    fn a_family_name_before_a_title_leads_back() {
        check(&["PERSON"], "村支书⟦邢满仓⟧介绍了情况。⟦邢⟧书记说，水退了。");
        check(&["PERSON"], "会议要求全体书记、校长到场。");
    }

    #[test]
    fn dots_and_characters_spell_foreign_names() {
        check(&["PERSON"], "法国总统⟦埃马纽埃尔·马克龙⟧抵达北京。⟦马克龙⟧说，法国愿意合作。");
        check(&["PERSON"], "据介绍，巴塞罗那和马德里位于西班牙。");
    }

    #[test]
    fn traditional_characters_count_the_same() {
        check(&["PERSON"], "財政司司長⟦陳茂波⟧表示，經濟將會好轉。");
    }

    #[test]
    fn a_person_keeps_every_post() {
        let (titles, body) = person("北京大学党委常委、副校长王博出席活动。", "王博");
        assert_eq!((titles, body.as_str()), (vec!["党委常委".into(), "副校长".into()], "北京大学"));
        let (titles, body) = person("市委副书记、市长欧阳子敬讲话，市政府秘书长陈寿彬参加。", "陈寿彬");
        assert_eq!((titles, body.as_str()), (vec!["秘书长".into()], "市政府"));
    }

    #[test]
    fn bodies_run_from_an_anchor_to_an_ending() {
        check(&["ORG"], "⟦无锡高新区管委会⟧与⟦上海市胸科医院⟧签约，⟦市委⟧、⟦市政府⟧支持。");
        check(&["ORG"], "相关医疗机构、药企和企业团队参加，社会各界关注。");
        check(&["ORG"], "⟦北京大学未来技术学院⟧揭牌。");
    }

    #[test]
    fn places_need_more_than_a_common_word() {
        check(&["GPE", "LOC", "FAC"], "⟦江苏省⟧⟦无锡市⟧⟦新吴区⟧，⟦太湖⟧之畔。");
        check(&["GPE", "LOC", "FAC"], "世界和平与发展，勇闯无人区，推进城中村改造。");
    }

    #[test]
    fn meetings_take_their_body_and_number() {
        check(&["EVENT"], "⟦省委十四届七次全会⟧精神，⟦党的二十届三中全会⟧精神。");
        check(&["EVENT"], "会议强调，大会指出，三次会议纪要不全。");
    }

    #[test]
    fn what_stands_in_title_marks_is_a_work() {
        check(&["WORK_OF_ART"], "读《⟦摔跤吧！爸爸⟧》影评。");
        check(&["LAW"], "依据《⟦中华人民共和国刑法⟧》定罪；《未闭合。");
    }

    #[test]
    fn nothing_is_a_name_in_an_empty_text() {
        check(&["PERSON", "ORG", "GPE", "EVENT"], "");
    }
}
