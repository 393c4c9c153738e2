//! Laws of SEGMENT, and short pages with the articles they must become.

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use wenliu::config::SegmentConfig;
use wenliu::lexicon::Lexicon;
use wenliu::record::article::{Article, Role, Segmented};
use wenliu::record::drop::{DropId, DropInfo};
use wenliu::record::remark::Remarks;
use wenliu::record::span::{Origins, Span};
use wenliu::record::text::{CleanPara, CleanText, PageFacts};
use wenliu::segment::Segmenter;

fn segmenter() -> &'static Segmenter {
    static STAGE: OnceLock<Segmenter> = OnceLock::new();
    STAGE.get_or_init(|| {
        let stage = Segmenter::new(&SegmentConfig::default(), Arc::new(Lexicon::builtin()));
        stage.expect("the built-in weights are legal").with_words(true)
    })
}

/// A clean text of paragraphs, each with the width of its column in half-width cells.
fn clean(paragraphs: &[(u16, &str)]) -> CleanText {
    let mut text = String::new();
    let mut paras = Vec::new();
    for (column, paragraph) in paragraphs {
        if !paras.is_empty() {
            text.push('\n');
        }
        let start = text.len();
        text.push_str(paragraph);
        let cells = paragraph.chars().count() as u32 * 2;
        paras.push(CleanPara {
            span: Span::at(start, text.len()),
            lines: cells.div_ceil(u32::from(*column).max(1)).max(1),
            column: *column,
            widest: *column,
            indent: 0,
            blank_before: 1,
            page_break_before: false,
        });
    }
    let info = DropInfo {
        id: DropId([7; 32]),
        name: "page.txt".into(),
        bytes: text.len() as u64,
        admitted_ms: 0,
        mtime_ms: 0,
    };
    CleanText {
        drop: Arc::new(info),
        chunk: 0,
        chunk_start: 0,
        chunk_bytes: text.len() as u64,
        last: true,
        origins: Origins::identity(text.len() as u32),
        text,
        paras,
        page: PageFacts::default(),
        set_aside: Vec::new(),
        encoding: "utf-8".into(),
        replaced: 0,
        warnings: Vec::new(),
        remarks: Remarks::default(),
    }
}

/// Every law on one text.
fn laws(paragraphs: &[(u16, &str)]) {
    let before = clean(paragraphs);
    let done = segmenter().segment(before.clone());
    assert_eq!(done.articles, segmenter().segment(before.clone()).articles, "the same text is cut the same way");
    let squeeze = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert_eq!(squeeze(&done.clean.text), squeeze(&before.text), "no character is lost or invented");
    assert_eq!(done.clean.origins.text_len() as usize, done.clean.text.len());
    tiles(&done);
    for article in &done.articles {
        nests(article, done.text(article));
    }
}

/// The articles hold every paragraph of the clean text, once and in order.
fn tiles(done: &Segmented) {
    let held: Vec<Span> =
        done.articles.iter().flat_map(|a| a.paras.iter().map(|p| p.span.plus(a.span.start))).collect();
    let all: Vec<Span> = done.clean.paras.iter().map(|p| p.span).collect();
    assert_eq!(held, all);
    for (index, pair) in all.windows(2).enumerate() {
        let gap = Span::new(pair[0].end, pair[1].start);
        assert_eq!(gap.of(&done.clean.text), "\n", "paragraphs {index} and its follower");
    }
}

fn nests(article: &Article, text: &str) {
    let whole = Span::at(0, text.len());
    let para_of = |s: Span| article.paras.iter().position(|p| p.span.holds(s));
    assert!(whole.holds(article.body) && text.get(article.body.range()).is_some());
    for credit in &article.credits {
        assert!(para_of(credit.span).is_some(), "a credit lies in one paragraph");
        let printed: String = credit.span.of(text).chars().filter(|c| !c.is_whitespace()).collect();
        let name: String = credit.name.chars().filter(|c| !c.is_whitespace()).collect();
        assert_eq!(printed, name);
    }
    if let Some(dateline) = &article.dateline {
        let lead = article.paras.iter().find(|p| p.role == Role::Lead).expect("a dateline opens a lead");
        assert!(lead.span.holds(dateline.span));
        assert!(dateline.date.is_none_or(|d| lead.span.holds(d)));
    }
    for (index, para) in (0_u32..).zip(&article.paras) {
        let mine: Vec<&str> = article.sents.iter().filter(|s| s.para == index).map(|s| s.span.of(text)).collect();
        if matches!(para.role, Role::Lead | Role::Body) || !mine.is_empty() {
            assert_eq!(mine.concat(), para.span.of(text), "sentences rejoin to their paragraph");
        }
    }
    let mut at = 0;
    for word in &article.words {
        assert!(word.start >= at && !word.is_empty());
        let gap = Span::new(at, word.start).of(text);
        assert!(gap.chars().all(char::is_whitespace), "only white space lies between words, not {gap:?}");
        at = word.end;
    }
    assert!(Span::new(at, whole.end).of(text).chars().all(char::is_whitespace));
}

/// Pieces that newspapers are made of, and some that they are not.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "本报讯 9月4日，市委召开会议。",
        "【本报讯】",
        "（高美梅）",
        "圆满成功。 （记者 李明 通讯员 王小红）",
        "（完）",
        "（下转第3版）",
        "新华社北京9月3日电（记者李明）国务院总理",
        "市领导调研重点项目",
        "一、加快转型",
        "□ 本报记者 崔琪",
        "By Mary Castell, Staff Writer",
        "The UK economy probably grew at a faster rate. Mr. Smith said so.",
        "「「「「（（（（《《《",
        "。。。！！？？……”””",
        "图为会议现场。（李明 摄）",
        "●简讯",
        "東京は日本の首都です。",
        "“",
        "\u{a0}",
        "記者陳",
        "（",
        "电",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[^\n\r\u{85}\u{2028}\u{2029}]{1,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn laws_hold_for_any_text(
        page in prop::collection::vec((0_u16..40, prop::collection::vec(piece(), 1..5)), 0..12)
    ) {
        let joined: Vec<(u16, String)> = page.into_iter().map(|(w, p)| (w, p.concat().trim().to_owned())).collect();
        let borrowed: Vec<(u16, &str)> =
            joined.iter().filter(|(_, p)| !p.is_empty()).map(|(w, p)| (*w, p.as_str())).collect();
        laws(&borrowed);
    }
}

/// Each article as `headline|names|first characters of the lead`.
fn check(paragraphs: &[(u16, &str)], expected: &[&str]) {
    laws(paragraphs);
    let done = segmenter().segment(clean(paragraphs));
    let told: Vec<String> = done
        .articles
        .iter()
        .map(|a| {
            let text = done.text(a);
            let headline: Vec<&str> = a.headline.parts().map(|s| s.of(text)).collect();
            let names: Vec<&str> = a.credits.iter().map(|c| c.name.as_str()).collect();
            let lead = a.paras.iter().find(|p| p.role == Role::Lead).map_or("", |p| p.span.of(text));
            let lead: String = lead.chars().take(6).collect();
            format!("{}|{}|{lead}", headline.join(" "), names.join("、"))
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn datelines_and_credits_cut_a_page() {
    check(
        &[
            (32, "本报讯 9月4日，市委常委会召开会议，传达学习省委全会精神。"),
            (32, "会议强调，全市上下要坚定信心、鼓足干劲。会议圆满成功。 （高美梅）"),
            (32, "本报讯 9月3日，全市经济运行分析会召开，分析当前经济形势。"),
            (32, "会议指出，要全力完成全年目标任务。（惠晓婧）"),
        ],
        &["|高美梅|本报讯 9月", "|惠晓婧|本报讯 9月"],
    );
}

#[test]
fn headlines_cut_a_page() {
    check(
        &[
            (36, "神舟飞船发射准备就绪"),
            (36, "□ 本报记者 崔琪"),
            (36, "本报讯 酒泉卫星发射中心将于今天发射载人飞船，发射任务准备进展顺利。"),
            (36, "目前，火箭、飞船、发射场系统状态良好，已进入倒计时准备。"),
            (28, "秋粮收购进展顺利"),
            (28, "本报讯 国家粮食和物资储备局最新发布，各类粮食经营主体累计收购秋粮超一亿吨。"),
        ],
        &["神舟飞船发射准备就绪|崔琪|本报讯 酒泉", "秋粮收购进展顺利||本报讯 国家"],
    );
}

#[test]
fn a_text_of_lines_alone_is_a_fragment() {
    let done = segmenter().segment(clean(&[(0, "目录"), (0, "要闻")]));
    assert_eq!(done.articles.len(), 1);
    assert_eq!(done.articles[0].kind, wenliu::record::article::Kind::Fragment);
}

/// Runs of Chinese characters of the pages at hand.
fn runs(text: &str) -> Vec<&str> {
    text.split(|c| !wenliu::lexicon::words::is_han(c)).filter(|r| !r.is_empty()).collect()
}

#[test]
fn the_dictionary_cuts_as_jieba_does() {
    let jieba = jieba_rs::Jieba::new();
    let words = wenliu::lexicon::words::Words::new();
    let (mut all, mut other) = (0, Vec::new());
    for (name, bytes) in [crate::common::pages(), crate::common::shared_drops()].concat() {
        let Ok(read) = crate::common::read(&name, &bytes) else { continue };
        for run in runs(&read.segmented.clean.text) {
            let theirs: Vec<&str> = jieba.cut(run, false).iter().map(|t| t.word).collect();
            let mut ours = Vec::new();
            words.cut(run, &mut ours);
            let ours: Vec<&str> = ours.iter().map(|w| w.span.of(run)).collect();
            all += 1;
            if ours != theirs {
                other.push(format!("{} for {}", ours.join("/"), theirs.join("/")));
            }
        }
    }
    // The image leaves out rare compounds that only join two known words (主持会议), so that posts and names inside
    // them are seen; everything else is cut alike.
    assert!(
        other.len() * 100 <= all * 8,
        "{} of {all} runs are cut otherwise: {:#?}",
        other.len(),
        other.get(..other.len().min(20))
    );
}

#[test]
fn two_cuts_that_meet_in_one_paragraph_do_not_tear_it() {
    let page = "本报讯 \u{c}“改革”３.５％本报讯 、\u{c}本报讯 word-\n";
    assert!(crate::common::read("p.txt", page.as_bytes()).is_ok());
}
