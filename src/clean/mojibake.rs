//! Text that was once decoded wrongly and saved so: repaired when the repair is certain.

use encoding_rs::{Encoding, GB18030, GBK, WINDOWS_1252};

use crate::clean::charset::score;
use crate::clean::decode::Decoded;
use crate::lexicon::frequent::Frequent;
use crate::record::span::{Origins, Span, Way};

/// Characters that a verdict needs, and how much better the repaired text must read.
const ENOUGH: usize = 12;
const BETTER: f64 = 1.5;

/// Repairs UTF-8 that was read as GBK (`鏂囨祦`) or Latin-1 (`æ–‡`), and GBK that was read as Latin-1 (`ÎÄÁ÷`).
///
/// Certain means: every character goes back to the bytes it was misread from, the bytes are valid in their true
/// encoding, and what they say reads far more like Chinese.
pub fn repair(decoded: Decoded, frequent: &Frequent) -> (Decoded, Option<&'static str>) {
    let first: String = decoded.text.chars().filter(|c| !c.is_ascii()).take(200).collect();
    // Good Chinese needs no repair: this is where nearly every text leaves.
    if score(&first, frequent) > 1.2 {
        return (decoded, None);
    }
    let sample: String = decoded.text.chars().filter(|c| !c.is_ascii()).take(2000).collect();
    if sample.chars().count() < ENOUGH {
        return (decoded, None);
    }
    let before = score(&sample, frequent);
    let suspects: [(&'static Encoding, &'static Encoding, &'static str); 3] = [
        (GBK, encoding_rs::UTF_8, "decode.mojibake.utf8_as_gbk"),
        (WINDOWS_1252, encoding_rs::UTF_8, "decode.mojibake.utf8_as_latin1"),
        (WINDOWS_1252, GB18030, "decode.mojibake.gbk_as_latin1"),
    ];
    for (misread, truth, rule) in suspects {
        let Some(found) = undo(&decoded, misread, truth) else { continue };
        let repaired: String = found.text.chars().filter(|c| !c.is_ascii()).take(2000).collect();
        let shrunk = repaired.chars().count() < sample.chars().count();
        if shrunk && score(&repaired, frequent) > (before + BETTER).max(1.0) {
            return (found, Some(rule));
        }
    }
    (decoded, None)
}

/// The text as it was before `truth` was read as `misread`; `None` when a character has no way back.
fn undo(decoded: &Decoded, misread: &'static Encoding, truth: &'static Encoding) -> Option<Decoded> {
    let mut bytes = Vec::with_capacity(decoded.text.len());
    // For each byte, the character of the misread text that it belongs to.
    let mut owner: Vec<u32> = Vec::with_capacity(decoded.text.len());
    let mut one = [0_u8; 4];
    for (at, c) in decoded.text.char_indices() {
        let c = if c == '\u{feff}' && at == 0 { continue } else { c };
        let start = bytes.len();
        if c.is_ascii() {
            bytes.push(u8::try_from(u32::from(c)).ok()?);
        } else if misread == WINDOWS_1252 && matches!(c, '\u{80}'..='\u{9f}') {
            // Latin-1 keeps these as control characters where windows-1252 has marks.
            bytes.push(u8::try_from(u32::from(c)).ok()?);
        } else {
            let (encoded, _, unmappable) = misread.encode(c.encode_utf8(&mut one));
            if unmappable {
                return None;
            }
            bytes.extend_from_slice(&encoded);
        }
        owner.extend(std::iter::repeat_n(u32::try_from(at).ok()?, bytes.len() - start));
    }
    let (text, malformed) = truth.decode_without_bom_handling(&bytes);
    if malformed {
        return None;
    }
    Some(rebuild(decoded, &text, &bytes, &owner, truth))
}

fn rebuild(decoded: &Decoded, text: &str, bytes: &[u8], owner: &[u32], truth: &'static Encoding) -> Decoded {
    let mut origins = Origins::new();
    let mut at = 0;
    // Characters whose bytes share a misread character wait until both end together.
    let (mut waiting, mut from) = (0_u32, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let len = match (truth == encoding_rs::UTF_8, c.is_ascii(), bytes.get(at + 1)) {
            (true, ..) => c.len_utf8(),
            (false, true, _) => 1,
            (false, false, Some(b'0'..=b'9')) => 4,
            _ => 2,
        };
        at += len;
        waiting += u32::try_from(c.len_utf8()).expect("at most four");
        let torn = at < owner.len() && owner.get(at) == owner.get(at - 1);
        if torn && chars.peek().is_some() {
            continue;
        }
        let start = owner.get(from).copied().unwrap_or_default();
        let end = owner.get(at).copied().unwrap_or_else(|| u32::try_from(decoded.text.len()).unwrap_or(start));
        let raw = decoded.origins.raw(Span::new(start, end.max(start)));
        if waiting == 1 && raw.len() == 1 {
            origins.push(1, raw.start, 1, Way::Copy);
        } else {
            origins.push(waiting, raw.start, raw.len(), Way::Whole);
        }
        (waiting, from) = (0, at);
    }
    Decoded {
        text: text.to_owned(),
        origins,
        replaced: decoded.replaced,
        bad_bytes: decoded.bad_bytes,
        first_bad: decoded.first_bad,
        escapes: decoded.escapes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::charset::Charset;
    use crate::clean::decode::decode;
    use crate::lexicon::Lexicon;

    const TEXT: &str = "本报讯 昨天上午，全市经济工作会议在北京召开，市长出席会议并讲话。";

    fn repaired(text: &str) -> (String, Option<&'static str>) {
        let decoded = decode(text.as_bytes().to_vec(), Charset::Utf8);
        let (found, rule) = repair(decoded, &Lexicon::builtin().frequent);
        assert_eq!(found.origins.text_len() as usize, found.text.len(), "origins cover the text");
        (found.text, rule)
    }

    #[test]
    fn certain_repairs_are_made() {
        // An even number of bytes goes through GBK without loss.
        let even = TEXT.trim_end_matches('。');
        let gbk = GBK.decode_without_bom_handling(even.as_bytes());
        if !gbk.1 {
            assert_eq!(repaired(&gbk.0), (even.to_owned(), Some("decode.mojibake.utf8_as_gbk")));
        }
        let latin: String = TEXT.bytes().map(char::from).collect();
        assert_eq!(repaired(&latin), (TEXT.to_owned(), Some("decode.mojibake.utf8_as_latin1")));
        let (bytes, ..) = GBK.encode(TEXT);
        let latin: String = bytes.iter().map(|b| char::from(*b)).collect();
        assert_eq!(repaired(&latin), (TEXT.to_owned(), Some("decode.mojibake.gbk_as_latin1")));
    }

    #[test]
    fn everything_else_is_left_alone() {
        for text in
            [TEXT, "Société générale à Paris, déjà vu à l’été, naïveté", "東京都は新しい計画を発表した。", "鏂囨祦"]
        {
            assert_eq!(repaired(text), (text.to_owned(), None));
        }
    }
}
