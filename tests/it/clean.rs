//! The laws of CLEAN, on pages of all layouts and encodings and on any bytes.
//!
//! `WENLIU_LAYOUTS=100000 cargo test --profile ci --test it clean` tries more layouts than the default.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use wenliu::clean::{Cleaner, Refusal};
use wenliu::config::CleanConfig;
use wenliu::lexicon::Lexicon;
use wenliu::record::drop::{Carry, Chunk, DropId, DropInfo};
use wenliu::record::remark::Remarks;
use wenliu::record::span::{Span, Way};
use wenliu::record::text::CleanText;

use crate::typeset::{self, Dice, Layout, Story};

static CLEANER: LazyLock<Cleaner> =
    LazyLock::new(|| Cleaner::new(&CleanConfig::default(), Arc::new(Lexicon::builtin())));

fn clean(bytes: Vec<u8>) -> Result<CleanText, Refusal> {
    let info =
        DropInfo { id: DropId([0; 32]), name: "a.txt".into(), bytes: bytes.len() as u64, admitted_ms: 0, mtime_ms: 0 };
    let chunk = Chunk { drop: Arc::new(info), index: 0, start: 0, bytes, last: true };
    CLEANER.clean(chunk, Carry::default(), Remarks::default()).map(|(clean, _)| clean)
}

/// The encodings a page may come in, with the name that CLEAN gives them.
const ENCODINGS: [&str; 8] =
    ["utf-8", "utf-8 with mark", "gb18030", "big5", "utf-16le", "utf-16be", "utf-16le with mark", "hz-gb-2312"];

fn encode(text: &str, encoding: &str) -> Vec<u8> {
    let wide = |big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    match encoding {
        "utf-8" => text.as_bytes().to_vec(),
        "utf-8 with mark" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        "gb18030" => encoding_rs::GB18030.encode(text).0.into_owned(),
        "big5" => encoding_rs::BIG5.encode(text).0.into_owned(),
        "utf-16le" => wide(false),
        "utf-16be" => wide(true),
        "utf-16le with mark" => [b"\xff\xfe".to_vec(), wide(false)].concat(),
        _ => hz(text),
    }
}

fn hz(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if c.is_ascii() {
            if open {
                out.extend(b"~}");
            }
            open = false;
            out.extend(if c == '~' { b"~~".to_vec() } else { vec![c as u8] });
        } else {
            if !open {
                out.extend(b"~{");
            }
            open = true;
            let one = c.to_string();
            let (pair, ..) = encoding_rs::GBK.encode(&one);
            out.extend(pair.iter().map(|b| b & 0x7f));
        }
    }
    out
}

fn decode(bytes: &[u8], encoding: &str) -> String {
    match encoding {
        "utf-16le" => encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned(),
        "utf-16be" => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
        "hz-gb-2312" if bytes.iter().all(|b| (0x21..0x7f).contains(b)) && bytes.len() == 2 => {
            let high: Vec<u8> = bytes.iter().map(|b| b | 0x80).collect();
            encoding_rs::GBK.decode_without_bom_handling(&high).0.into_owned()
        }
        // A blank of full width is `!!` between the escapes.
        "hz-gb-2312" => String::from_utf8_lossy(bytes).replace("!!", "\u{3000}"),
        name => {
            let encoding = encoding_rs::Encoding::for_label(name.as_bytes()).expect("a known name");
            encoding.decode_without_bom_handling(bytes).0.into_owned()
        }
    }
}

fn folded(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Every character leads to its bytes, and every byte is in the text, set aside, or says nothing.
fn check_accounts(bytes: &[u8], clean: &CleanText) {
    let mut seen = vec![false; bytes.len()];
    let whole = Span::at(0, clean.text.len());
    assert_eq!(clean.origins.text_len() as usize, clean.text.len(), "origins cover the text");
    clean.origins.pieces(whole, |part, raw, way| {
        let text = part.of(&clean.text);
        if raw.is_empty() {
            assert!(text.chars().all(char::is_whitespace), "only white space is inserted, not {text:?}");
            return;
        }
        let source = &bytes[raw.range()];
        if way == Way::Copy {
            assert_eq!(text.as_bytes(), source, "a copy has the bytes of its origin");
        } else if let Way::Each(_, len) = way {
            for (c, unit) in text.chars().zip(source.chunks(usize::from(len))) {
                assert_eq!(folded(&c.to_string()), folded(&decode(unit, &clean.encoding)));
            }
        } else {
            assert_eq!(folded(text), folded(&decode(source, &clean.encoding)));
        }
        for at in raw.range() {
            assert!(!seen[at], "byte {at} is in the text twice");
            seen[at] = true;
        }
    });
    for aside in &clean.set_aside {
        seen[aside.raw.range()].fill(true);
    }
    let mut at = 0;
    while at < bytes.len() {
        let end = at + seen[at..].iter().take_while(|s| !**s).count();
        let left = decode(&bytes[at..end], &clean.encoding);
        assert!(
            left.chars().all(|c| c.is_whitespace() || is_invisible(c) || c == '-'),
            "bytes {at}..{end} are nowhere: {left:?}"
        );
        at = end.max(at + 1);
    }
}

fn check_shape(clean: &CleanText) {
    let mut end = 0;
    for (index, para) in clean.paras.iter().enumerate() {
        assert_eq!(
            para.span.start,
            end + u32::from(index > 0),
            "paragraphs follow each other with one line feed between"
        );
        assert!(!para.span.is_empty());
        assert!(!para.span.of(&clean.text).contains(['\n', '\r']), "nothing else is a line break");
        end = para.span.end;
    }
    assert_eq!(end as usize, clean.text.len());
}

fn layouts() -> u64 {
    std::env::var("WENLIU_LAYOUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

fn page(seed: u64) -> (Dice, Vec<Story>, Layout, String) {
    let mut dice = Dice::new(seed);
    let latin = dice.chance(15);
    let stories: Vec<Story> = (0..dice.between(1, 4)).map(|_| typeset::invent(&mut dice, latin)).collect();
    let layout = Layout::roll(&mut dice, latin);
    let text = typeset::set(&mut dice, &stories, &layout);
    (dice, stories, layout, text)
}

#[test]
fn every_byte_of_a_page_is_accounted_for() {
    for seed in 1..=layouts() {
        let (mut dice, _, layout, text) = page(seed);
        let encoding = if layout.latin { "utf-8" } else { dice.pick(&ENCODINGS) };
        // Big5 has no simplified characters, and the invented stories are in simplified Chinese.
        let encoding = if encoding == "big5" { "gb18030" } else { encoding };
        let bytes = encode(&text, encoding);
        let clean = clean(bytes.clone()).expect("a page is text");
        let name = encoding.split(' ').next().unwrap_or_default();
        assert_eq!(clean.encoding, name, "seed {seed}");
        check_shape(&clean);
        check_accounts(&bytes, &clean);
    }
}

#[test]
fn cleaning_twice_changes_nothing() {
    let mut changed = 0;
    for seed in 1..=layouts() {
        let (.., text) = page(seed);
        let once = clean(text.into_bytes()).expect("a page is text");
        let twice = clean(once.text.clone().into_bytes()).expect("clean text is text");
        if twice.text != once.text {
            changed += 1;
            if changed < 4 {
                eprintln!("seed {seed}\n{}\n----\n{}\n", once.text, twice.text);
            }
        }
    }
    assert!(changed * 100 <= layouts(), "{changed} of {} pages change when cleaned again", layouts());
}

#[test]
fn invented_pages_are_reflowed() {
    let (mut right, mut missed, mut wrong) = (0_u32, 0_u32, 0_u32);
    for seed in 1..=layouts() {
        let (_, stories, _, text) = page(seed);
        let clean = clean(text.into_bytes()).expect("a page is text");
        let ends = |list: Vec<String>| -> std::collections::BTreeSet<usize> {
            let mut at = 0;
            list.iter()
                .map(|p| {
                    at += p.chars().filter(|c| !c.is_whitespace() && *c != '-').count();
                    at
                })
                .collect()
        };
        let mut truth = Vec::new();
        for story in &stories {
            truth.extend(Some(story.headline.clone()).filter(|h| !h.is_empty()));
            truth.extend(story.paragraphs.iter().cloned());
            if !story.credit.is_empty() {
                let credit = format!("（{}）", story.credit);
                truth.push(credit);
            }
        }
        let truth = ends(truth);
        let inline: std::collections::BTreeSet<usize> =
            ends(clean.paras.iter().map(|p| p.span.of(&clean.text).to_owned()).collect());
        right += truth.intersection(&inline).count() as u32;
        missed += truth.difference(&inline).count() as u32;
        wrong += inline.difference(&truth).count() as u32;
    }
    let f1 = f64::from(2 * right) / f64::from(2 * right + missed + wrong);
    eprintln!("paragraph ends of invented pages: {right} right, {missed} missed, {wrong} wrong, F1 {f1:.4}");
    // Some of these layouts keep no trace of paragraphs at all; invented words say nothing either.
    assert!(f1 > 0.92, "F1 {f1:.4}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(clean) = clean(bytes) {
            check_shape(&clean);
        }
    }

    #[test]
    fn any_text_is_accounted_for(text in "(\\PC|[\\n\\r\\t \u{3000}\u{200b}-。，“”（）]){0,300}") {
        let bytes = text.into_bytes();
        if let Ok(clean) = clean(bytes.clone()) {
            check_shape(&clean);
            if clean.encoding == "utf-8" {
                check_accounts(&bytes, &clean);
            }
        }
    }

    #[test]
    fn any_high_bytes_are_accounted_for(bytes in prop::collection::vec(prop_oneof![0xa1_u8..=0xfe, 0x40_u8..=0x7e, Just(b'\n'), 0x30_u8..=0x39], 20..400)) {
        if let Ok(clean) = clean(bytes) {
            check_shape(&clean);
        }
    }
}

/// Each kind of text in each encoding, down to one short line.
#[test]
fn encodings_are_told_by_what_they_say() {
    let hans = "本报讯 昨天上午，全市经济运行分析会在北京召开。";
    let hant = "本報訊 昨天上午，全港經濟運行分析會議在香港召開。";
    for (text, encodings) in [
        (hans, ["utf-8", "gb18030", "utf-16le", "utf-16be", "hz-gb-2312"].as_slice()),
        (hant, ["utf-8", "gb18030", "big5", "utf-16le", "utf-16be"].as_slice()),
        ("天气晴", &["utf-8", "gb18030"]),
        ("中國", &["utf-8", "big5"]),
        ("《海上花》重印出版，𠮷野家開業", &["utf-8", "utf-16le", "gb18030"]),
        ("The council opened the bridge.", &["utf-8", "utf-16le", "utf-16be"]),
    ] {
        for encoding in encodings {
            let found = clean(encode(text, encoding)).expect("text");
            assert_eq!((found.encoding.as_str(), folded(&found.text)), (*encoding, folded(text)), "{text}");
        }
    }
}

#[test]
fn japanese_passes_unharmed() {
    let text = "新しい図書館が駅前に開館した。\n市民は本を借りることができる。";
    for label in ["shift_jis", "euc-jp", "utf-8"] {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a label");
        let found = clean(encoding.encode(text).0.into_owned()).expect("text");
        assert_eq!((found.encoding.as_str(), found.text.replace('\n', "")), (label, text.replace('\n', "")), "{label}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(clean(Vec::new()).err(), Some(Refusal::Empty));
    assert_eq!(clean(b"\xef\xbb\xbf \n\t\n".to_vec()).err(), Some(Refusal::Empty));
    assert!(matches!(clean(b"%PDF-1.7\n%\xe2\xe3".to_vec()).err(), Some(Refusal::Binary { at: 0, byte: b'%' })));
    let noise: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(matches!(clean(noise).err(), Some(Refusal::Binary { .. } | Refusal::Undecodable { .. })));
}

/// A text whose lines are paragraphs already is left as it is.
#[test]
fn text_that_is_not_hard_wrapped_keeps_its_lines() {
    let text = "江边新建步道向市民开放\n记者 王明\n本报讯 昨天，江边步道全线贯通，沿线设有观景台、驿站和自行车道，市民从东门可以一路走到西门，全程约十二公里，沿途有三处码头可以换乘渡轮。\n步道由三段组成，东段去年建成，中段和西段今年春天动工，施工期间河道没有断航，夜间施工的噪声也控制在标准之内。\n下一步，有关部门将在沿线补种乔木，并延长照明时间。\n";
    let found = clean(text.as_bytes().to_vec()).expect("text");
    assert_eq!(found.text, text.trim_end());
}

/// Ten times the text takes about ten times the work: no pattern makes a stage look back over all that came before.
#[test]
fn hostile_patterns_pass() {
    for pattern in
        ["（", "“", "a-\n", "本报讯\n", "1\n", "。\n\n", "第1版\n", "\u{3000}", "《\n", "責編 王明 ", "- 1 -\n"]
    {
        let text = pattern.repeat(200_000 / pattern.len());
        match clean(text.into_bytes()) {
            Ok(clean) => check_shape(&clean),
            Err(refusal) => assert_eq!(refusal, Refusal::Empty, "{pattern}"),
        }
    }
}
