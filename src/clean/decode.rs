//! Bytes become text, each character led back to its bytes.

use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030};

use crate::clean::charset::Charset;
use crate::record::span::{Origins, Span, Way};

/// A chunk as text.
#[derive(Debug, Default)]
pub struct Decoded {
    pub text: String,
    /// From the text to the bytes of the chunk.
    pub origins: Origins,
    /// Runs of bytes that could not be decoded; each became U+FFFD.
    pub replaced: u32,
    /// Bytes in these runs, and where the first is.
    pub bad_bytes: usize,
    pub first_bad: Option<usize>,
    /// Escape sequences, which are no characters.
    pub escapes: Vec<Span>,
}

impl Decoded {
    fn put(&mut self, c: char, raw: usize, len: usize) {
        self.text.push(c);
        let (raw, len) = (cut(raw), cut(len));
        if c.is_ascii() && len == 1 {
            self.origins.push(1, raw, 1, Way::Copy);
        } else {
            self.origins.push_char(cut(c.len_utf8()), raw, len);
        }
    }

    fn put_bad(&mut self, raw: usize, len: usize) {
        self.text.push('\u{fffd}');
        self.origins.push(3, cut(raw), cut(len), Way::Whole);
        self.replaced += 1;
        self.bad_bytes += len;
        self.first_bad.get_or_insert(raw);
    }
}

fn cut(offset: usize) -> u32 {
    u32::try_from(offset).expect("a chunk is below 4 GiB")
}

/// Decodes all of `bytes`; what cannot be decoded becomes U+FFFD and is counted.
pub fn decode(bytes: Vec<u8>, charset: Charset) -> Decoded {
    match charset {
        Charset::Utf8 => utf8(bytes),
        Charset::Utf16Le => utf16(&bytes, u16::from_le_bytes),
        Charset::Utf16Be => utf16(&bytes, u16::from_be_bytes),
        Charset::Gb18030 => in_step(&bytes, GB18030, gb18030_unit),
        Charset::Big5 => in_step(&bytes, BIG5, big5_unit),
        Charset::Hz => hz(&bytes),
        Charset::Other(encoding) => byte_by_byte(&bytes, encoding),
    }
}

fn utf8(bytes: Vec<u8>) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { origins: Origins::identity(cut(text.len())), text, ..Decoded::default() },
        Err(error) => {
            let bytes = error.into_bytes();
            let mut out = Decoded { text: String::with_capacity(bytes.len()), ..Decoded::default() };
            let mut at = 0;
            for chunk in bytes.utf8_chunks() {
                let (valid, invalid) = (chunk.valid(), chunk.invalid());
                out.text.push_str(valid);
                out.origins.push(cut(valid.len()), cut(at), cut(valid.len()), Way::Copy);
                at += valid.len();
                if !invalid.is_empty() {
                    out.put_bad(at, invalid.len());
                    at += invalid.len();
                }
            }
            out
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let mut out = Decoded { text: String::with_capacity(bytes.len() + bytes.len() / 2), ..Decoded::default() };
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut at = 0;
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => {
                out.put(c, at, c.len_utf16() * 2);
                at += c.len_utf16() * 2;
            }
            Err(_) => {
                out.put_bad(at, 2);
                at += 2;
            }
        }
    }
    if at < bytes.len() {
        out.put_bad(at, bytes.len() - at);
    }
    out
}

/// Bytes of the sequence that starts here, and the characters it stands for.
type Unit = fn(&[u8]) -> (usize, usize);

fn gb18030_unit(bytes: &[u8]) -> (usize, usize) {
    match bytes {
        [0..=0x80, ..] => (1, 1),
        [_, 0x30..=0x39, ..] => (4, 1),
        _ => (2, 1),
    }
}

fn big5_unit(bytes: &[u8]) -> (usize, usize) {
    match bytes {
        [0..=0x80, ..] => (1, 1),
        // Four sequences of the Hong Kong supplement stand for a letter and a combining mark.
        [0x88, 0x62 | 0x64 | 0xa3 | 0xa5, ..] => (2, 2),
        _ => (2, 1),
    }
}

/// Decodes with the table of `encoding`, then walks text and bytes in step.
fn in_step(bytes: &[u8], encoding: &'static Encoding, unit: Unit) -> Decoded {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = Decoded { text: String::with_capacity(bytes.len() * 3 / 2 + 16), ..Decoded::default() };
    let (mut read, mut walked, mut text_walked) = (0, 0, 0);
    loop {
        let rest = bytes.get(read..).unwrap_or_default();
        let (result, consumed) = decoder.decode_to_string_without_replacement(rest, &mut out.text, true);
        read += consumed;
        match result {
            DecoderResult::OutputFull => out.text.reserve(rest.len() + 64),
            DecoderResult::InputEmpty => {
                walk(&mut out, bytes, walked..bytes.len(), text_walked, unit);
                return out;
            }
            DecoderResult::Malformed(bad, after) => {
                let bad_end = read - usize::from(after);
                let bad_start = bad_end - usize::from(bad);
                walk(&mut out, bytes, walked..bad_start, text_walked, unit);
                // The decoder goes on after its own output, so the mark has to stand in its place now.
                out.text.reserve(64);
                out.put_bad(bad_start, bad_end - bad_start);
                walked = bad_end;
                text_walked = out.text.len();
            }
        }
    }
}

fn walk(out: &mut Decoded, bytes: &[u8], raw: std::ops::Range<usize>, from: usize, unit: Unit) {
    let mut at = raw.start;
    let mut chars = out.text.get(from..).unwrap_or_default().chars();
    while at < raw.end {
        let (len, count) = unit(bytes.get(at..).unwrap_or_default());
        let len = len.min(raw.end - at);
        let text: usize = chars.by_ref().take(count).map(char::len_utf8).sum();
        match (text, len, count) {
            (1, 1, _) => out.origins.push(1, cut(at), 1, Way::Copy),
            (_, _, 1) => out.origins.push_char(cut(text), cut(at), cut(len)),
            _ => out.origins.push(cut(text), cut(at), cut(len), Way::Whole),
        }
        at += len;
    }
    let left: usize = chars.map(char::len_utf8).sum();
    debug_assert_eq!(left, 0, "text and bytes keep step");
    out.origins.push(cut(left), cut(raw.end), 0, Way::Whole);
}

fn hz(bytes: &[u8]) -> Decoded {
    let mut out = Decoded::default();
    let (mut at, mut wide) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        match (wide, byte, next) {
            (false, b'~', Some(b'{')) | (true, b'~', Some(b'}')) | (false, b'~', Some(b'\n')) => {
                wide = next == Some(b'{');
                out.escapes.push(Span::at(at, at + 2));
                at += 2;
            }
            (false, b'~', Some(b'~')) => {
                out.put('~', at, 2);
                at += 2;
            }
            (true, 0x21..=0x7e, Some(low @ 0x21..=0x7e)) => {
                let pair = [byte | 0x80, low | 0x80];
                let (text, _) = GB18030.decode_without_bom_handling(&pair);
                match text.chars().next() {
                    Some(c) if c != '\u{fffd}' => out.put(c, at, 2),
                    _ => out.put_bad(at, 2),
                }
                at += 2;
            }
            _ => {
                wide = wide && !matches!(byte, b'\n' | b'\r');
                if byte.is_ascii() {
                    out.put(char::from(byte), at, 1);
                } else {
                    out.put_bad(at, 1);
                }
                at += 1;
            }
        }
    }
    out
}

/// The slow way that suits every encoding: feed a byte, and see whether a character comes out.
fn byte_by_byte(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = Decoded::default();
    let mut buffer = [0_u8; 32];
    let mut start = 0;
    for at in 0..bytes.len() {
        let mut offset = at;
        loop {
            let piece = bytes.get(offset..=at).unwrap_or_default();
            let last = at + 1 == bytes.len();
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(piece, &mut buffer, last);
            offset += read;
            let text = buffer.get(..written).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => out.put(c, start, at + 1 - start),
                (Some(_), Some(_)) => {
                    out.text.push_str(text);
                    out.origins.push(cut(text.len()), cut(start), cut(at + 1 - start), Way::Whole);
                }
                _ => {}
            }
            if written > 0 {
                start = at + 1;
            }
            match result {
                DecoderResult::Malformed(bad, after) => {
                    let end = (at + 1).saturating_sub(usize::from(after)).max(start);
                    let begin = end.saturating_sub(usize::from(bad)).max(start);
                    if begin > start {
                        out.escapes.push(Span::at(start, begin));
                    }
                    if end > begin {
                        out.put_bad(begin, end - begin);
                    }
                    start = end;
                }
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
            }
        }
    }
    if start < bytes.len() {
        out.escapes.push(Span::at(start, bytes.len()));
    }
    out
}
