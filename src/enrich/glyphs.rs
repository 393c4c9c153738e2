//! The text as the date and number grammars read it: one character a place, widths and scripts folded.

use std::sync::LazyLock;

use crate::record::span::Span;

/// Traditional characters and the simplified ones that the grammars know, in turns.
const PAIRS: &str = "點点時时個个萬万億亿兩两壹一貳二贰二參三叁三肆四伍五陸六陆六柒七捌八玖九拾十佰百仟千號号後后來来過过週周禮礼週周\
鐘钟鍾钟間间際际歲岁齡龄輛辆棟栋場场張张條条項项層层畝亩頃顷噸吨圓圆鎊镑韓韩盧卢銖铢馬马幣币臺台灣湾歐欧澳澳紐纽錢钱塊块\
頭头隻只處处員员屆届級级門门擔担戶户筆笔關关貫贯發发節节課课針针劑剂頁页冊册數数幾几餘余約约達达幅幅領领軍军師师國国縣县鄉乡鎮镇\
區区線线網网車车飛飞機机艦舰組组隊队團团會会議议種种類类樣样願愿從从這这該该當当舊旧農农陽阳陰阴曆历歷历臘腊閏闰驚惊蟄蛰穀谷滿满種种\
處处節节復复聖圣誕诞慶庆國国婦妇兒儿勞劳動动導导師师護护衛卫讀读環环書书雙双單单產产業业雜杂誌志稱称聽听尋寻晝昼裡里裏里內内\
淩凌夠够開开應应屬属終终現现實实輪轮戰战歡欢樂乐聯联紀纪億亿負负擬拟訂订計计劃划預预將将準准備备爭争達达運运輸输廠厂館馆學学習习\
齋斋爾尔邦邦穌稣難难東东灑洒濟济濟济傑杰歷历庫库華华氏氏攝摄鉅巨億亿圈圈鏈链臨临畢毕業业靈灵體体贖赎義义龍龙聲声顆颗對对異异與与\
慣惯賽赛勝胜敗败進进連连續续決决賓宾週周繼继羅罗瑪玛聞闻較较倍倍佔占約约僅仅逾逾離离遠远寬宽長长闊阔闊阔滬沪戲戏劇剧檯台枱台牀床\
廢废擇择爐炉獎奖牌牌銀银銅铜鐵铁鋼钢電电話话證证據据錄录碼码郵邮電电廣广聖圣嬰婴緬缅卻却盃杯籃篮綠绿紅红藍蓝價价專专屋屋樓楼雲云\
於于啟启裝装匯汇滾滚總总選选傷伤亡亡歿殁殘残兇凶風风氣气壓压壩坝漲涨準准島岛灘滩務务勤勤禦御啲的嘅的喺在畫画黃黄詞词筆笔題题爺爷孫孙飯饭";

static FOLD: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table: Vec<u16> = (0..=u16::MAX).collect();
    // Letters, digits and signs of full width.
    for wide in 0xff01..=0xff5e_u16 {
        table[usize::from(wide)] = wide - 0xff01 + 0x21;
    }
    table[0x3000] = 0x20;
    table[0xa0] = 0x20;
    let mut chars = PAIRS.chars();
    while let (Some(traditional), Some(simplified)) = (chars.next(), chars.next()) {
        // The formal numerals are read by the number grammar and keep their faces.
        if !"壹贰叁肆伍陆柒捌玖拾佰仟".contains(simplified) {
            table[traditional as usize] = u16::try_from(simplified as u32).expect("a character of the basic plane");
        }
    }
    for (from, to) in [('－', '-'), ('–', '—'), ('～', '~'), ('〜', '~'), ('∼', '~'), ('―', '—'), ('‰', '‰')]
    {
        table[from as usize] = u16::try_from(to as u32).expect("a character of the basic plane");
    }
    // The full-width comma is punctuation to a reader, never a separator of thousands.
    for keep in ['，', '！', '？', '；', '（', '）'] {
        table[keep as usize] = u16::try_from(keep as u32).expect("a character of the basic plane");
    }
    table
});

/// Folds one character.
pub fn fold(c: char) -> char {
    FOLD.get(c as usize).and_then(|u| char::from_u32(u32::from(*u))).unwrap_or(c)
}

/// A folded text and the way back to its bytes.
#[derive(Debug)]
pub struct Glyphs {
    pub chars: Vec<char>,
    at: Vec<u32>,
}

impl Glyphs {
    /// Folds a text.
    pub fn new(text: &str) -> Glyphs {
        let table: &[u16] = &FOLD;
        let mut chars = Vec::with_capacity(text.len() / 3 + 8);
        let mut at = Vec::with_capacity(text.len() / 3 + 8);
        for (byte, c) in text.char_indices() {
            at.push(u32::try_from(byte).expect("a text is below 4 GiB"));
            chars.push(table.get(c as usize).and_then(|u| char::from_u32(u32::from(*u))).unwrap_or(c));
        }
        at.push(u32::try_from(text.len()).expect("a text is below 4 GiB"));
        Glyphs { chars, at }
    }

    /// The bytes of the text that places `from..to` stand for.
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.at[from], self.at[to])
    }

    /// The place of the character at or after a byte of the text.
    pub fn place(&self, byte: u32) -> usize {
        self.at.partition_point(|b| *b < byte).min(self.chars.len())
    }
}

/// The character at a place; NUL outside.
pub fn at(text: &[char], place: usize) -> char {
    text.get(place).copied().unwrap_or('\0')
}

/// The end of `word` if it stands at `place`.
pub fn word(text: &[char], place: usize, word: &str) -> Option<usize> {
    let mut end = place;
    for c in word.chars() {
        if text.get(end) != Some(&c) {
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// The first of the words that stands at `place`, as its end and its value; list longer words first.
pub fn one_of<T: Copy>(text: &[char], place: usize, words: &[(&str, T)]) -> Option<(usize, T)> {
    let first = *text.get(place)?;
    words.iter().filter(|(w, _)| w.starts_with(first)).find_map(|(w, value)| Some((word(text, place, w)?, *value)))
}

/// Whether one of the words, separated by blanks, stands at `place`.
pub fn any(text: &[char], place: usize, words: &str) -> bool {
    words.split_ascii_whitespace().any(|w| word(text, place, w).is_some())
}

/// Whether one of the words, separated by blanks, ends at `place`.
pub fn any_before(text: &[char], place: usize, words: &str) -> bool {
    words.split_ascii_whitespace().any(|w| {
        let length = w.chars().count();
        place >= length && word(text, place - length, w).is_some()
    })
}

/// Whether one of the English words, in any case, stands before `place` with a blank between.
pub fn after_word(text: &[char], place: usize, words: &str) -> bool {
    let Some(end) = place.checked_sub(1).filter(|p| at(text, *p) == ' ') else { return false };
    words.split_ascii_whitespace().any(|w| {
        let start = end.checked_sub(w.len());
        start.is_some_and(|s| {
            w.chars().enumerate().all(|(n, c)| at(text, s + n).to_ascii_lowercase() == c)
                && (s == 0 || !at(text, s - 1).is_ascii_alphanumeric())
        })
    })
}

/// Whether the character is Han.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '〇' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_scripts_fold_and_lead_back() {
        let glyphs = Glyphs::new("２０２４年３點半，兩億");
        assert_eq!(glyphs.chars.iter().collect::<String>(), "2024年3点半，两亿");
        assert_eq!(glyphs.span(5, 7), Span::new(15, 21));
    }

    #[test]
    fn every_pair_is_whole() {
        assert_eq!(PAIRS.chars().count() % 2, 0);
    }
}
