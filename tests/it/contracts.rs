//! Laws that hold for every drop, whatever is in it.

use std::sync::OnceLock;

use encoding_rs::Encoding;
use jsonschema::Validator;
use proptest::prelude::*;
use wenliu::record::line::Record;
use wenliu::record::mention::Enriched;
use wenliu::record::schema;

use crate::common::{lines, pages, read, shared_drops};

fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| jsonschema::validator_for(&schema::articles()).expect("the schema is legal"))
}

/// Checks every law on one drop, as an outsider would who has only the drop and the lines.
fn check(name: &str, bytes: &[u8]) {
    let Ok(enriched) = read(name, bytes) else { return };
    let first = lines(&enriched);
    let again = lines(&read(name, bytes).expect("what was read once is read again"));
    assert_eq!(first, again, "{name}: the same bytes give the same lines");
    let mut used = vec![false; bytes.len()];
    for aside in &enriched.segmented.clean.set_aside {
        claim(&mut used, aside.raw.start.into(), aside.raw.len().into(), name, aside.kind);
    }
    for line in &first {
        let json: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        if let Some(error) = validator().iter_errors(&json).next() {
            panic!("{name}: not valid under the schema at {}: {error}", error.instance_path());
        }
        let record: Record<'_> = serde_json::from_str(line).expect("a line is a record");
        provenance(name, bytes, &record, &mut used);
        spans(name, &record);
    }
    leftovers(name, bytes, &enriched, &used);
}

/// Marks bytes as accounted for; no byte may stand in two places.
fn claim(used: &mut [bool], raw: u64, len: u64, name: &str, what: &str) {
    let (raw, len) = (raw as usize, len as usize);
    for (at, byte) in used.iter_mut().enumerate().skip(raw).take(len) {
        assert!(!*byte, "{name}: byte {at} stands twice, again as {what}");
        *byte = true;
    }
    assert!(raw + len <= used.len(), "{name}: {what} lies beyond the drop");
}

/// The source map reproduces every character of the text from the raw bytes.
fn provenance(name: &str, bytes: &[u8], record: &Record<'_>, used: &mut [bool]) {
    let chars: Vec<char> = record.text.chars().collect();
    assert_eq!(chars.len() as u64, record.chars, "{name}: chars counts code points");
    let map = &record.source_map;
    assert_eq!(map.text.len(), map.raw.len());
    assert_eq!(map.text.len(), map.len.len());
    for (k, start) in map.text.iter().enumerate() {
        let end = map.text.get(k + 1).copied().unwrap_or(record.chars);
        assert!(*start < end, "{name}: runs go forward");
        let text: String = chars[*start as usize..end as usize].iter().collect();
        let (raw, len) = (map.raw[k] as usize, map.len[k] as usize);
        let piece = &bytes[raw..raw + len];
        if len == 0 {
            assert!(text.chars().all(char::is_whitespace), "{name}: only white space is inserted, not {text:?}");
            continue;
        }
        claim(used, raw as u64, len as u64, name, &record.id);
        if piece != text.as_bytes() {
            let decoded = decode(&record.metadata.drop.encoding, piece);
            let folded = |t: &str| t.chars().map(fold).collect::<String>();
            assert_eq!(folded(&decoded), folded(&text), "{name}: bytes {raw}+{len} are not what they became");
        }
    }
}

fn decode(encoding: &str, piece: &[u8]) -> String {
    if encoding == "hz-gb-2312" {
        let high: Vec<u8> = piece.iter().map(|b| b | 0x80).collect();
        return encoding_rs::GBK.decode_without_bom_handling(&high).0.into_owned();
    }
    let encoding = Encoding::for_label(encoding.as_bytes()).expect("a WHATWG name");
    encoding.decode_without_bom_handling(piece).0.into_owned()
}

/// Full-width letters and digits as ASCII, white space as one blank: the folds that CLEAN may make.
fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Every span lies in the text, and those of one kind that must nest do.
fn spans(name: &str, record: &Record<'_>) {
    let chars: Vec<char> = record.text.chars().collect();
    let slice = |start: u64, end: u64| -> String {
        assert!(start <= end && end <= record.chars, "{name}: span {start}..{end} lies in the text");
        chars[start as usize..end as usize].iter().collect()
    };
    for ent in &record.ents {
        assert_eq!(slice(ent.start, ent.end), ent.text, "{name}: an entity is its slice");
    }
    for label in record.ents.iter().map(|e| e.label.clone()) {
        let same: Vec<_> = record.ents.iter().filter(|e| e.label == label).collect();
        for pair in same.windows(2) {
            assert!(pair[0].end <= pair[1].start, "{name}: two {label} overlap: {:?} {:?}", pair[0].text, pair[1].text);
        }
    }
    for date in &record.dates {
        assert_eq!(slice(date.start, date.end), date.text);
    }
    for quantity in &record.quantities {
        assert_eq!(slice(quantity.start, quantity.end), quantity.text);
    }
    for quote in &record.quotes {
        assert_eq!(slice(quote.start, quote.end), quote.text);
    }
    slice(record.body.start, record.body.end);
    let mut at = 0;
    for (index, para) in record.paras.iter().enumerate() {
        assert_eq!(para.start, at, "{name}: paragraphs follow each other with one line break between");
        at = para.end + 1;
        let inside: Vec<_> = record.sents.iter().filter(|s| s.para == index as u64).collect();
        if matches!(para.role.as_ref(), "lead" | "body") && para.start < para.end {
            let joined: String = inside.iter().map(|s| slice(s.start, s.end)).collect();
            let whole = slice(para.start, para.end);
            let solid = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(solid(&joined), solid(&whole), "{name}: the sentences of a paragraph are the paragraph");
        }
        for sent in inside {
            assert!(para.start <= sent.start && sent.end <= para.end, "{name}: a sentence lies in its paragraph");
        }
    }
    assert_eq!(at, record.chars + 1, "{name}: the paragraphs are the text");
    let mentions = record.people.iter().flat_map(|p| &p.mentions).chain(record.places.iter().flat_map(|p| &p.mentions));
    let named = record.organisations.iter().chain(&record.events).flat_map(|n| &n.mentions);
    for index in mentions.chain(named) {
        assert!((*index as usize) < record.ents.len(), "{name}: mention {index} is an index into ents");
    }
    assert!(!record.title.is_empty(), "{name}: a title is never empty");
    assert!(!record.created.is_empty(), "{name}: an article has a date");
}

/// Bytes that stand in no record and are not set aside follow by rule: white space, invisible characters, and hyphens
/// at a joined line end.
fn leftovers(name: &str, bytes: &[u8], enriched: &Enriched, used: &[bool]) {
    let encoding = &enriched.segmented.clean.encoding;
    let mut at = 0;
    while at < used.len() {
        let end = used[at..].iter().position(|u| *u != used[at]).map_or(used.len(), |n| at + n);
        if !used[at] {
            let text = if encoding == "hz-gb-2312" { String::new() } else { decode(encoding, &bytes[at..end]) };
            let lost: String = text.chars().filter(|c| !invisible(*c) && *c != '-').collect();
            assert!(lost.is_empty(), "{name}: bytes {at}..{end} are in no record: {lost:?}");
        }
        at = end;
    }
}

fn invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn the_laws_hold_for_the_projects_own_pages() {
    for (name, bytes) in pages() {
        check(&name, &bytes);
    }
}

#[test]
fn the_laws_hold_for_real_pages() {
    for (name, bytes) in shared_drops() {
        check(&name, &bytes);
    }
}

/// Lines of newspaper-like text, cut and spaced at random.
fn any_page() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("本报讯 "),
        Just("9月4日，"),
        Just("市委书记"),
        Just("张建国"),
        Just("强调，"),
        Just("“改革”"),
        Just("《条例》"),
        Just("\n"),
        Just("\n\n"),
        Just("　　"),
        Just("。"),
        Just("（李梅）"),
        Just("３.５％"),
        Just("\u{200b}"),
        Just("\u{e000}"),
        Just("责编 王芳\n"),
        Just("2024年9月5日 星期四\n"),
        Just("word-\n"),
        Just("Reform "),
        Just("—10—\n"),
        Just("全市经济平稳增长"),
        Just("\u{0c}"),
        Just("\r\n"),
        Just("！"),
        Just("、"),
        Just("”"),
        Just("第120次会议"),
        Just("■"),
        Just("下转第3版"),
    ];
    proptest::collection::vec(pieces, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_for_any_layout(page in any_page()) {
        check("any-2024-09-05.txt", page.as_bytes());
    }

    #[test]
    fn the_laws_hold_for_any_text(text in "\\PC{0,400}") {
        check("any.txt", text.as_bytes());
    }

    #[test]
    fn no_bytes_make_the_stages_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        check("any.bin", &bytes);
    }
}

/// `WENLIU_CASES` asks for more than the few of every run.
fn cases() -> u32 {
    std::env::var("WENLIU_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}
