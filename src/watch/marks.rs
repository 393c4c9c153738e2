//! Raw bytes that tell lines, blanks and the openings of articles apart, before anything is decoded.

use std::sync::LazyLock;

/// How wide the units of the text are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Everything but UTF-16.
    Byte,
    /// UTF-16, the low byte first …
    Little,
    /// … or the high byte.
    Big,
}

impl Width {
    /// Told by the byte order mark; without one by line ends and blanks, whose other half is zero, and where there are
    /// none, by the column in which the high bytes of Han characters stand. No other encoding of text has zeros at all.
    pub(crate) fn of(head: &[u8]) -> Width {
        match head {
            [0xff, 0xfe, ..] => return Width::Little,
            [0xfe, 0xff, ..] => return Width::Big,
            _ => {}
        }
        let head = head.get(..head.len().min(64 << 10)).unwrap_or(head);
        if !head.contains(&0) {
            return Width::Byte;
        }
        let count = |is: fn(u8, u8) -> bool| head.chunks_exact(2).filter(|u| is(u[0], u[1])).count();
        let spaces = (
            count(|low, high| high == 0 && matches!(low, b'\n' | b'\r' | b'\t' | b' ')),
            count(|high, low| high == 0 && matches!(low, b'\n' | b'\r' | b'\t' | b' ')),
        );
        let han = (count(|_, b| (0x4e..0xa0).contains(&b)), count(|b, _| (0x4e..0xa0).contains(&b)));
        let told = |(little, big): (usize, usize)| match () {
            () if little > big * 4 => Some(Width::Little),
            () if big > little * 4 => Some(Width::Big),
            () => None,
        };
        told(spaces).or_else(|| told(han)).unwrap_or(Width::Byte)
    }

    pub(crate) fn bytes(self) -> usize {
        match self {
            Width::Byte => 1,
            Width::Little | Width::Big => 2,
        }
    }

    fn unit(self, unit: u16) -> [u8; 2] {
        match self {
            Width::Big => unit.to_be_bytes(),
            _ => unit.to_le_bytes(),
        }
    }

    /// Just behind the last line end.
    pub(crate) fn last_line_end(self, bytes: &[u8]) -> Option<usize> {
        if self == Width::Byte {
            return memchr::memrchr(b'\n', bytes).map(|at| at + 1);
        }
        let feed = self.unit(u16::from(b'\n'));
        let even = bytes.get(..bytes.len() & !1)?;
        even.chunks_exact(2).rposition(|u| u == feed).map(|at| at * 2 + 2)
    }

    /// Where the first line ends.
    pub(crate) fn first_line_end(self, bytes: &[u8]) -> Option<usize> {
        if self == Width::Byte {
            return memchr::memchr(b'\n', bytes);
        }
        let feed = self.unit(u16::from(b'\n'));
        bytes.chunks_exact(2).position(|u| u == feed).map(|at| at * 2)
    }

    pub(crate) fn without_carriage_return(self, line: &[u8]) -> &[u8] {
        let end = self.unit(u16::from(b'\r'));
        match self {
            Width::Byte => line.strip_suffix(b"\r").unwrap_or(line),
            _ => line.strip_suffix(&end).unwrap_or(line),
        }
    }
}

/// What is looked for, in every encoding it may come in.
pub(crate) struct Marks {
    openers: Vec<Vec<u8>>,
    blanks: Vec<Vec<u8>>,
    sentence_ends: Vec<Vec<u8>>,
    pub(crate) page_break: Vec<u8>,
}

/// How the first line of an article begins, in both scripts; found where most articles of a page have one.
const OPENERS: &[&str] = &[
    "本报讯",
    "本报记者",
    "本报综合",
    "本刊讯",
    "本网讯",
    "新华社",
    "据新华社",
    "中新社",
    "据中新社",
    "中新网",
    "人民网",
    "本報訊",
    "本報記者",
    "新華社",
    "據新華社",
    "中央社",
];
const BLANKS: &[&str] = &[" ", "\t", "\r", "\u{3000}", "\u{feff}"];
const SENTENCE_ENDS: &[&str] = &["。", "！", "？", "”", "」", "）", "…"];

impl Marks {
    /// The marks for texts of this width.
    pub(crate) fn of(width: Width) -> &'static Marks {
        static BYTE: LazyLock<Marks> = LazyLock::new(|| Marks::new(Width::Byte));
        static LITTLE: LazyLock<Marks> = LazyLock::new(|| Marks::new(Width::Little));
        static BIG: LazyLock<Marks> = LazyLock::new(|| Marks::new(Width::Big));
        match width {
            Width::Byte => &BYTE,
            Width::Little => &LITTLE,
            Width::Big => &BIG,
        }
    }

    fn new(width: Width) -> Marks {
        let all = |words: &[&str]| words.iter().flat_map(|w| encodings(w, width)).collect::<Vec<_>>();
        let bracketed = OPENERS.iter().map(|o| format!("【{o}")).collect::<Vec<_>>();
        let bracketed: Vec<&str> = bracketed.iter().map(String::as_str).collect();
        Marks {
            openers: [all(OPENERS), all(&bracketed)].concat(),
            blanks: all(BLANKS),
            sentence_ends: all(SENTENCE_ENDS),
            page_break: encodings("\u{c}", width).swap_remove(0),
        }
    }

    pub(crate) fn is_blank(&self, line: &[u8]) -> bool {
        self.skip_blanks(line).is_empty()
    }

    pub(crate) fn opens_article(&self, line: &[u8]) -> bool {
        let line = self.skip_blanks(line);
        self.openers.iter().any(|o| line.starts_with(o))
    }

    pub(crate) fn ends_sentence(&self, line: &[u8]) -> bool {
        self.sentence_ends.iter().any(|e| line.ends_with(e))
    }

    fn skip_blanks<'a>(&self, mut line: &'a [u8]) -> &'a [u8] {
        while let Some(rest) = self.blanks.iter().find_map(|b| line.strip_prefix(b.as_slice())) {
            line = rest;
        }
        line
    }
}

/// The word in each encoding of this width that has all its characters.
fn encodings(word: &str, width: Width) -> Vec<Vec<u8>> {
    match width {
        Width::Little => vec![word.encode_utf16().flat_map(u16::to_le_bytes).collect()],
        Width::Big => vec![word.encode_utf16().flat_map(u16::to_be_bytes).collect()],
        Width::Byte => {
            let mut found = vec![word.as_bytes().to_vec()];
            for encoding in [encoding_rs::GB18030, encoding_rs::BIG5] {
                let (bytes, _, missing) = encoding.encode(word);
                if !missing && !found.contains(&bytes.to_vec()) {
                    found.push(bytes.into_owned());
                }
            }
            found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_told_without_a_byte_order_mark() {
        let text = "本报讯 今天\n天气很好\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Width::of(&little), Width::Little);
        assert_eq!(Width::of(&big), Width::Big);
        assert_eq!(Width::of(text.as_bytes()), Width::Byte);
        assert_eq!(Width::of(&encoding_rs::GBK.encode(text).0), Width::Byte);
    }

    #[test]
    fn openers_are_known_in_every_encoding() {
        let marks = Marks::of(Width::Byte);
        for line in ["本报讯（记者某）", "　　新华社北京电", "【本報訊】"] {
            assert!(marks.opens_article(line.as_bytes()), "{line}");
            assert!(marks.opens_article(&encoding_rs::GB18030.encode(line).0), "{line}");
        }
        assert!(marks.opens_article(&encoding_rs::BIG5.encode("　本報訊").0));
        assert!(!marks.opens_article("他说本报讯".as_bytes()));
        assert!(marks.is_blank(" \u{3000}\r".as_bytes()) && !marks.is_blank("。".as_bytes()));
    }
}
