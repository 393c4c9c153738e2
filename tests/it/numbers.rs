//! Laws of the date and number grammars on any text: spans on borders and in order, the same answer twice, linear time.

use std::fs;
use std::path::Path;
use std::time::Instant;

use jiff::civil::{Date, Time};
use proptest::prelude::*;
use wenliu::enrich::dates::{self, Base};
use wenliu::enrich::quantities;
use wenliu::lexicon::Lexicon;
use wenliu::record::mention::{DateMention, Quantity};
use wenliu::record::remark::Remarks;
use wenliu::record::span::Span;

use std::sync::LazyLock;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::builtin);

fn base(date: &str) -> Base {
    let (day, clock) = date.split_once('T').unwrap_or((date, ""));
    let date: Date = day.parse().expect("an anchor is a date");
    let clock = clock.parse::<Time>().ok();
    Base { date, clock, basis: "filename" }
}

fn read(text: &str, anchor: &str) -> (Vec<DateMention>, Vec<Quantity>) {
    let dates = dates::scan(text, &LEXICON, &base(anchor), &mut Remarks::default());
    let numbers = quantities::scan(text, &LEXICON, &dates, &mut Remarks::default());
    (dates, numbers)
}

fn hold(text: &str) -> Result<(), TestCaseError> {
    let (dates, numbers) = read(text, "2024-09-05T04:30");
    let in_order = |spans: Vec<Span>| {
        let mut end = 0;
        for span in spans {
            prop_assert!(span.start >= end && !span.is_empty(), "spans run forward: {span:?} in {text:?}");
            prop_assert!(text.get(span.range()).is_some(), "{span:?} lies on characters of {text:?}");
            end = span.end;
        }
        Ok(())
    };
    in_order(dates.iter().map(|d| d.span).collect())?;
    in_order(numbers.iter().map(|q| q.span).collect())?;
    for d in &dates {
        prop_assert!(!d.timex.is_empty() && !d.precision.is_empty() && !d.basis.is_empty(), "{d:?} in {text:?}");
        let set = d.date.is_empty() && d.end_date.is_empty();
        prop_assert!(!set || d.timex.starts_with('P') || d.timex.starts_with('R'), "{d:?} in {text:?}");
        let before_our_era = d.date.starts_with('-') || d.end_date.starts_with('-');
        prop_assert!(
            d.date.is_empty() || d.end_date.is_empty() || before_our_era || d.date <= d.end_date,
            "{d:?} in {text:?}"
        );
    }
    for q in &numbers {
        prop_assert!(q.value.is_finite() && q.upper.is_finite() && !q.kind.is_empty(), "{q:?} in {text:?}");
        prop_assert!(q.value <= q.upper || q.kind == "score", "{q:?} in {text:?}");
    }
    let again = read(text, "2024-09-05T04:30");
    prop_assert!(again == (dates, numbers), "the same text gives the same answer: {text:?}");
    Ok(())
}

/// Pieces that dates and numbers are made of, and what stands around them.
const PIECES: &[&str] = &[
    "年",
    "月",
    "日",
    "号",
    "时",
    "点",
    "分",
    "秒",
    "半",
    "刻",
    "前",
    "后",
    "至",
    "到",
    "—",
    "、",
    "上",
    "下",
    "今",
    "昨",
    "明",
    "去",
    "周",
    "星期",
    "个",
    "天",
    "小时",
    "季度",
    "世纪",
    "年代",
    "初",
    "底",
    "旬",
    "每",
    "近",
    "过去",
    "未来",
    "第",
    "十",
    "百",
    "千",
    "万",
    "亿",
    "两",
    "几",
    "一",
    "三",
    "五",
    "零",
    "廿",
    "１",
    "2",
    "30",
    "2024",
    "1.5",
    "%",
    "元",
    "美元",
    "米",
    "公里",
    "人",
    "家",
    "次",
    "倍",
    "成",
    "之",
    "分之",
    "负",
    "零下",
    "约",
    "多",
    "余",
    "农历",
    "正月",
    "春节",
    "腊",
    "闰",
    "“",
    "”",
    "（",
    "）",
    "，",
    "。",
    "\n",
    " ",
    "-",
    "/",
    ":",
    "Sept. ",
    "Monday",
    " the ",
    "last ",
    "million ",
    "US$",
    "点",
    "點",
    "萬",
    "個",
    "週",
    "比",
    "𠮷",
    "e\u{301}",
    "\u{200d}",
    "甲辰",
    "民国",
    "公元前",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn laws_hold_for_any_text(text in "\\PC{0,60}") {
        hold(&text)?;
    }

    #[test]
    fn laws_hold_for_anything_that_looks_like_a_date(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        hold(&pieces.concat())?;
    }
}

/// Seconds for a text, the better of two.
fn seconds(text: &str) -> f64 {
    (0..2)
        .map(|_| {
            let start = Instant::now();
            let found = read(text, "2024-09-05");
            assert!(found.0.len() <= text.len());
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn time_is_linear_whatever_the_text() {
    for unit in [
        "一二三四五六七八九",
        "年月日",
        "2024年",
        "12345678901234567890",
        "一百万亿",
        "今年去年上周三",
        "3至5",
        "十",
        "1,234,567,",
        "每每每",
        "“十四五",
        "两个半",
        "the last ",
        "one two three ",
        "第一第二",
        "百分之",
        "-1-1",
        "3:2:1:",
        "人民币",
        "9月9日",
    ] {
        let of = |bytes: usize| unit.repeat(bytes / unit.len());
        let (small, large) = (seconds(&of(50_000)), seconds(&of(200_000)));
        // Four times the text in four times the time; twelve leaves room for a busy machine, and none for a square.
        assert!(
            large < small.max(0.005) * 12.0,
            "{unit}: {small:.4} s for a part, {large:.4} s for four times as much"
        );
    }
}

#[test]
#[ignore = "prints a speed; run with --ignored --nocapture under --profile ci"]
fn speed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/annotated");
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("the annotated corpus is there").flatten() {
        text.push_str(&fs::read_to_string(entry.path()).expect("readable").replace(['⟦', '⟧'], ""));
    }
    let text = text.repeat(8);
    let mega = text.len() as f64 / 1e6;
    let start = Instant::now();
    let dates = dates::scan(&text, &LEXICON, &base("2024-09-05"), &mut Remarks::default());
    let middle = Instant::now();
    let numbers = quantities::scan(&text, &LEXICON, &dates, &mut Remarks::default());
    let end = Instant::now();
    println!(
        "{mega:.1} MB: {} dates at {:.0} MB/s, {} quantities at {:.0} MB/s, together {:.0} MB/s",
        dates.len(),
        mega / (middle - start).as_secs_f64(),
        numbers.len(),
        mega / (end - middle).as_secs_f64(),
        mega / (end - start).as_secs_f64()
    );
}
