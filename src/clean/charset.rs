//! In which encoding a drop was written, decided on what the decoded text looks like.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::clean::decode;
use crate::lexicon::frequent::Frequent;

/// An encoding that CLEAN reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
    /// With the Hong Kong supplement.
    Big5,
    /// Seven-bit GB 2312 between `~{` and `~}`.
    Hz,
    /// What `chardetng` named or the settings demand.
    Other(&'static Encoding),
}

/// The choice and the evidence for it, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub charset: Charset,
    /// The rule that decided, such as `decode.gb18030`.
    pub rule: &'static str,
    pub evidence: String,
}

/// Bytes that are decoded on trial; enough to tell encodings apart, and cheap.
const SAMPLE: usize = 12 << 10;
/// Mean score a character of running Chinese stays above, and of a wrong decoding stays below.
const PLAUSIBLE: f64 = 0.4;

impl Charset {
    /// Lower-case WHATWG name, or `hz-gb-2312`.
    pub fn name(self) -> String {
        match self {
            Charset::Utf8 => "utf-8".into(),
            Charset::Utf16Le => "utf-16le".into(),
            Charset::Utf16Be => "utf-16be".into(),
            Charset::Gb18030 => "gb18030".into(),
            Charset::Big5 => "big5".into(),
            Charset::Hz => "hz-gb-2312".into(),
            Charset::Other(encoding) => encoding.name().to_ascii_lowercase(),
        }
    }

    /// The charset of a WHATWG label, or of `hz-gb-2312`.
    pub fn named(label: &str) -> Option<Charset> {
        if label.eq_ignore_ascii_case("hz-gb-2312") {
            return Some(Charset::Hz);
        }
        let encoding = Encoding::for_label(label.as_bytes())?;
        Some(match encoding {
            e if e == UTF_8 => Charset::Utf8,
            e if e == UTF_16LE => Charset::Utf16Le,
            e if e == UTF_16BE => Charset::Utf16Be,
            // GB 2312 and GBK are parts of GB 18030.
            e if e == GB18030 || e == encoding_rs::GBK => Charset::Gb18030,
            e if e == BIG5 => Charset::Big5,
            e => Charset::Other(e),
        })
    }

    /// Chooses in the order of the design: byte order mark, HZ, UTF-8, then the best score.
    pub fn choose(bytes: &[u8], frequent: &Frequent) -> Choice {
        if let Some((charset, rule)) = marked(bytes) {
            return Choice { charset, rule, evidence: "byte order mark".into() };
        }
        let nul = memchr::memchr(0, bytes).is_some();
        if is_hz(bytes) {
            return Choice { charset: Charset::Hz, rule: "decode.hz", evidence: "seven bits with ~{ and ~}".into() };
        }
        if !nul && std::str::from_utf8(bytes).is_ok() {
            return Choice { charset: Charset::Utf8, rule: "decode.utf8", evidence: "every byte is UTF-8".into() };
        }
        if let Some(charset) = latin_utf16(bytes) {
            return Choice { charset, rule: "decode.utf16", evidence: "a zero in every second byte".into() };
        }
        if nearly_utf8(bytes) {
            return Choice {
                charset: Charset::Utf8,
                rule: "decode.utf8",
                evidence: "nearly every byte is UTF-8".into(),
            };
        }
        by_score(bytes, frequent)
    }
}

fn marked(bytes: &[u8]) -> Option<(Charset, &'static str)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some((Charset::Utf8, "decode.utf8")),
        [0xff, 0xfe, ..] => Some((Charset::Utf16Le, "decode.utf16")),
        [0xfe, 0xff, ..] => Some((Charset::Utf16Be, "decode.utf16")),
        [0x84, 0x31, 0x95, 0x33, ..] => Some((Charset::Gb18030, "decode.gb18030")),
        _ => None,
    }
}

/// Seven-bit throughout, with at least one `~{…~}` that holds whole pairs.
fn is_hz(bytes: &[u8]) -> bool {
    let Some(open) = memchr::memmem::find(bytes, b"~{") else { return false };
    let sound = |from: usize| {
        let inside = bytes.get(from..).unwrap_or_default();
        let end = inside.iter().position(|b| matches!(b, b'~' | b'\n' | b'\r')).unwrap_or(inside.len());
        let pairs = inside.get(..end).unwrap_or_default();
        end > 0 && pairs.len() % 2 == 0 && pairs.chunks(2).all(|p| (0x21..=0x77).contains(&p[0]))
    };
    bytes.is_ascii() && sound(open + 2)
}

/// Latin text in UTF-16 has a zero in nearly every second byte.
fn latin_utf16(bytes: &[u8]) -> Option<Charset> {
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    if half == 0 {
        return None;
    }
    if odd * 2 > half && even * 20 < half {
        Some(Charset::Utf16Le)
    } else if even * 2 > half && odd * 20 < half {
        Some(Charset::Utf16Be)
    } else {
        None
    }
}

/// A few bytes went bad in a text that is UTF-8 everywhere else.
fn nearly_utf8(bytes: &[u8]) -> bool {
    let (mut wide, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().bytes().filter(|b| *b >= 0xc0).count();
        bad += chunk.invalid().len();
    }
    wide >= 8 && wide > bad * 12
}

/// Decodes a sample in each encoding that could be meant, and takes the one that reads most like Chinese.
fn by_score(bytes: &[u8], frequent: &Frequent) -> Choice {
    const RIVALS: [(Charset, &str); 4] = [
        (Charset::Gb18030, "decode.gb18030"),
        (Charset::Big5, "decode.big5"),
        (Charset::Utf16Le, "decode.utf16"),
        (Charset::Utf16Be, "decode.utf16"),
    ];
    let sample = sample(bytes);
    let mut best: Option<(f64, f64, Charset, &'static str)> = None;
    let mut evidence = String::new();
    for (charset, rule) in RIVALS {
        let text = decode::decode(sample.to_vec(), charset).text;
        let score = score(&text, frequent);
        evidence.push_str(&format!("{} {score:.2}  ", charset.name()));
        if best.is_none_or(|b| score > b.0) {
            best = Some((score, kana_share(&text), charset, rule));
        }
    }
    let (score, kana, charset, rule) = best.expect("there are four rivals");
    // EUC-JP read as GB 18030 shows kana at the right places, and nonsense between them.
    if score < PLAUSIBLE || kana > 0.04 {
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
        detector.feed(sample, true);
        let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
        let named = Charset::named(guess.name()).unwrap_or(charset);
        evidence.push_str(&format!("none is plausible, the detector says {}", guess.name()));
        return Choice { charset: named, rule: "decode.detected", evidence };
    }
    Choice { charset, rule, evidence: evidence.trim_end().into() }
}

/// The first bytes, cut after a line end where one is near, so that no character is torn.
fn sample(bytes: &[u8]) -> &[u8] {
    let head = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    if head.len() == bytes.len() {
        return head;
    }
    let even = head.len() & !1;
    match memchr::memrchr(b'\n', head) {
        Some(at) if at > head.len() / 2 => head.get(..at.next_multiple_of(2).min(even)).unwrap_or(head),
        _ => head.get(..even).unwrap_or(head),
    }
}

/// How much a text looks like running Chinese: mean over its characters outside ASCII, from -8 to 3.
pub fn score(text: &str, frequent: &Frequent) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u32);
    for c in text.chars().filter(|c| !c.is_ascii() && *c != '\u{feff}') {
        count += 1;
        sum += match c {
            '\u{4e00}'..='\u{9fff}' => match frequent.band(c) {
                0 => -1.5,
                band => f64::from(band),
            },
            '，' | '。' | '、' | '：' | '；' | '？' | '！' | '“' | '”' | '（' | '）' | '《' | '》' | '「' | '」'
            | '\u{3000}' => 2.5,
            '‘' | '’' | '『' | '』' | '—' | '…' | '·' | '【' | '】' | '〈' | '〉' | '％' | '．' | '－' => {
                1.0
            }
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => 1.0,
            '\u{3040}'..='\u{30ff}' => 0.3,
            '■' | '□' | '●' | '○' | '◆' | '★' | '▲' | '△' | '◎' | '℃' | '×' => 0.5,
            '\u{e000}'..='\u{f8ff}' => -6.0,
            '\u{fffd}' | '\u{80}'..='\u{9f}' => -8.0,
            '\u{3400}'..='\u{4dbf}' | '\u{20000}'.. | '\u{f900}'..='\u{faff}' => -3.0,
            '\u{2500}'..='\u{257f}' | '\u{ff61}'..='\u{ff9f}' => -3.0,
            '\u{ac00}'..='\u{d7a3}' => -2.0,
            _ => -1.5,
        };
    }
    let controls = text.bytes().filter(|b| *b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x0c)).count();
    if count == 0 {
        return -1.0;
    }
    let controls = u32::try_from(controls).unwrap_or(u32::MAX);
    (sum - 8.0 * f64::from(controls)) / f64::from(count)
}

fn kana_share(text: &str) -> f64 {
    let (mut kana, mut count) = (0_u32, 0_u32);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        count += 1;
        kana += u32::from(matches!(c, '\u{3041}'..='\u{30fe}' | '\u{ff66}'..='\u{ff9f}'));
    }
    f64::from(kana) / f64::from(count.max(1))
}
