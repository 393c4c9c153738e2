//! Language and script.
//!
//! Scripts are counted first: no character n-gram can tell Japanese set in kanji from Chinese, or simplified from
//! traditional, but single characters can. Alphabetic text goes to whatlang.

use crate::lexicon::scripts::{Habit, Scripts};

/// Characters read at most; an article's language does not change after that.
const READ_MAX: usize = 20_000;

/// BCP 47 tag of a text: `zh-Hans`, `zh-Hant`, `ja`, `ko`, `en`, … or `und`.
///
/// `東京都議会選挙` is `ja`, `東京都議會選舉` is `zh-Hant`.
pub fn find(text: &str, scripts: &Scripts) -> String {
    let counts = Counts::of(text, scripts);
    let han = counts.han;
    let east = han + counts.kana + counts.hangul;
    // A word of an alphabet says as much as one or two Han characters: OpenAI发布GPT-5模型 is Chinese.
    if east > 0 && east * 2 >= counts.words * 3 {
        return counts.east_asian(text, scripts).into();
    }
    if let Some(tag) = counts.other() {
        return tag.into();
    }
    if counts.words == 0 {
        return if east > 0 { counts.east_asian(text, scripts).into() } else { "und".into() };
    }
    alphabetic(text).into()
}

#[derive(Debug, Default)]
struct Counts {
    han: usize,
    kana: usize,
    /// Kana between quotation marks or title marks: a word that is talked about.
    kana_quoted: usize,
    hangul: usize,
    /// Runs of letters of other scripts.
    words: usize,
    /// Letters of scripts that one language (as far as newspapers go) is written in.
    single: [usize; SINGLE.len()],
    letters: usize,
    simplified: usize,
    simplified_japanese: usize,
    traditional: usize,
    traditional_japanese: usize,
    japanese: usize,
    chinese: usize,
}

/// Scripts that name their language.
const SINGLE: [(u32, u32, &str); 10] = [
    (0x0590, 0x05ff, "he"),
    (0x0e00, 0x0e7f, "th"),
    (0x0e80, 0x0eff, "lo"),
    (0x0f00, 0x0fff, "bo"),
    (0x1000, 0x109f, "my"),
    (0x10a0, 0x10ff, "ka"),
    (0x1780, 0x17ff, "km"),
    (0x1800, 0x18af, "mn-Mong"),
    (0xa000, 0xa4cf, "ii"),
    (0x0530, 0x058f, "hy"),
];

impl Counts {
    fn of(text: &str, scripts: &Scripts) -> Counts {
        let mut counts = Counts::default();
        let (mut inside, mut depth) = (false, 0_usize);
        for c in text.chars().take(READ_MAX) {
            let mut letter = false;
            match u32::from(c) {
                0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff | 0x3007 => counts.count_han(scripts.of(c)),
                // The prolonged sound mark and the middle dot also stand in Chinese text.
                0x3041..=0x309f | 0x30a1..=0x30fa | 0x31f0..=0x31ff | 0xff66..=0xff9d => {
                    *(if depth > 0 { &mut counts.kana_quoted } else { &mut counts.kana }) += 1;
                }
                0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7af => counts.hangul += 1,
                code => {
                    match c {
                        '“' | '「' | '『' | '《' | '〈' => depth += 1,
                        '”' | '」' | '』' | '》' | '〉' | '\n' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    letter = c.is_alphabetic() || (inside && matches!(c, '\'' | '’' | '-'));
                    if letter
                        && !c.is_ascii()
                        && let Some(at) = SINGLE.iter().position(|(from, to, _)| (*from..=*to).contains(&code))
                    {
                        counts.single[at] += 1;
                    }
                    counts.letters += usize::from(letter);
                }
            }
            counts.words += usize::from(letter && !inside);
            inside = letter;
        }
        if counts.simplified + counts.traditional + counts.chinese == 0 {
            counts.kana += std::mem::take(&mut counts.kana_quoted);
        }
        counts
    }

    fn count_han(&mut self, habit: Habit) {
        self.han += 1;
        self.chinese += usize::from(habit.has(Habit::CHINESE));
        let japanese = habit.has(Habit::JAPANESE);
        if habit.has(Habit::SIMPLIFIED) {
            *(if japanese { &mut self.simplified_japanese } else { &mut self.simplified }) += 1;
        } else if habit.has(Habit::TRADITIONAL) {
            *(if japanese { &mut self.traditional_japanese } else { &mut self.traditional }) += 1;
        } else {
            self.japanese += usize::from(japanese);
        }
    }

    fn east_asian(&self, text: &str, scripts: &Scripts) -> &'static str {
        if self.hangul * 2 > self.han + self.kana {
            return "ko";
        }
        // A Chinese report may quote a word in kana; Japanese prose has a third of its characters in kana, a
        // headline a tenth, and hardly ever a 的 or 们.
        let chinese = self.simplified + self.traditional + self.chinese;
        if self.kana * 10 >= self.han + self.kana && self.kana * 2 > chinese {
            return "ja";
        }
        // New forms of kanji are partly the simplified ones (国 会), partly traditional (東 議), partly neither (県).
        let mixed = self.simplified_japanese.min(self.traditional_japanese);
        let words = if self.han <= 400 && self.chinese == 0 {
            scripts.japanese_words.iter().filter(|w| text.contains(w.as_str())).count()
        } else {
            0
        };
        if (self.japanese + words) * 2 + mixed + self.kana > chinese * 3 {
            return "ja";
        }
        let simplified = self.simplified + self.simplified_japanese;
        if self.traditional + self.traditional_japanese > simplified { "zh-Hant" } else { "zh-Hans" }
    }

    fn other(&self) -> Option<&'static str> {
        let (at, count) = self.single.iter().enumerate().max_by_key(|(_, n)| **n)?;
        (*count * 2 > self.letters).then_some(SINGLE[at].2)
    }
}

/// Words that no other language of the Latin alphabet has so often.
const ENGLISH: &[&str] = &["the", "of", "and", "to", "in", "for", "on", "with", "is", "are", "was", "says", "after"];

fn alphabetic(text: &str) -> &'static str {
    let text = text.char_indices().nth(4_000).and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    // Uyghur and Kazakh of Xinjiang write vowels that Arabic does not have.
    if text.chars().filter(|c| matches!(c, 'ې' | 'ۆ' | 'ۈ' | 'ۇ' | 'ە')).count() * 20 > text.chars().count() {
        return "ug";
    }
    let english = text
        .split(|c: char| !c.is_alphabetic())
        .take(400)
        .filter(|w| ENGLISH.iter().any(|e| w.eq_ignore_ascii_case(e)))
        .count();
    let words = text.split_whitespace().take(400).count();
    let Some(info) = whatlang::detect(text) else { return "und" };
    if info.script() == whatlang::Script::Latin {
        if english * 12 >= words.max(1) {
            return "en";
        }
        if !info.is_reliable() && words < 12 {
            // Too short for n-grams; a line of plain ASCII words is English more often than anything else.
            let plain = text.chars().all(|c| c.is_ascii() || matches!(c, '’' | '‘' | '“' | '”' | '–' | '—'));
            return if plain && words > 1 { "en" } else { "und" };
        }
    }
    two_letters(info.lang().code())
}

/// ISO 639-3, as whatlang names a language, to the shortest code, as BCP 47 wants it.
fn two_letters(code: &str) -> &'static str {
    const TAGS: &str = "epo:eo eng:en rus:ru cmn:zh spa:es por:pt ita:it ben:bn fra:fr deu:de ukr:uk kat:ka ara:ar \
        hin:hi jpn:ja heb:he yid:yi pol:pl amh:am jav:jv kor:ko nob:nb dan:da swe:sv fin:fi tur:tr nld:nl hun:hu \
        ces:cs ell:el bul:bg bel:be mar:mr kan:kn ron:ro slv:sl hrv:hr srp:sr mkd:mk lit:lt lav:lv est:et tam:ta \
        vie:vi urd:ur tha:th guj:gu uzb:uz pan:pa aze:az ind:id tel:te pes:fa mal:ml ori:or mya:my nep:ne sin:si \
        khm:km tuk:tk aka:ak zul:zu sna:sn afr:af lat:la slk:sk cat:ca tgl:tl hye:hy cym:cy";
    TAGS.split_whitespace().filter_map(|t| t.split_once(':')).find(|(long, _)| *long == code).map_or("und", |(_, s)| s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;

    fn check(text: &str, tag: &str) {
        assert_eq!(find(text, &Lexicon::builtin().scripts), tag, "{text}");
    }

    #[test]
    fn chinese_in_both_scripts() {
        check("市委书记杜小刚主持会议", "zh-Hans");
        check("立法會昨日首讀條例草案", "zh-Hant");
        check("行政院長今天表示", "zh-Hant");
        check("台北", "zh-Hans");
        check("記者张三报道：国务院总理出席会议。", "zh-Hans");
    }

    #[test]
    fn japanese_in_kanji_is_not_chinese() {
        check("東京都議会選挙開票結果", "ja");
        check("日本放送協会", "ja");
        check("衆院選、与党過半数割れ", "ja");
        check("県知事選 現職当選", "ja");
        check("市は4日、新しい図書館を開いた。", "ja");
        check("東京都議會選舉開票結果", "zh-Hant");
        check("東京奧運會閉幕，國際奧委會主席致辭。", "zh-Hant");
    }

    #[test]
    fn a_word_of_kana_does_not_make_chinese_japanese() {
        check("这家名叫“さくら”的餐馆昨天在上海开业，来了不少客人。", "zh-Hans");
        check("日剧《おしん》当年在中国播出时万人空巷", "zh-Hans");
    }

    #[test]
    fn a_latin_name_does_not_make_chinese_english() {
        check("OpenAI发布GPT-5模型", "zh-Hans");
        check("The State Council (国务院) said on Monday that growth was stable.", "en");
        check("Xinhua News Agency reported the trial in Wuxi", "en");
    }

    #[test]
    fn other_scripts() {
        check("서울시는 4일 새 도서관을 열었다", "ko");
        check("Москва, 4 сентября. Президент России провел совещание с членами правительства.", "ru");
        check("བོད་ལྗོངས་ཉིན་རེའི་ཚགས་པར།", "bo");
        check("กรุงเทพมหานคร เปิดห้องสมุดใหม่", "th");
        check("El presidente del Gobierno anunció ayer nuevas medidas para la vivienda en España.", "es");
    }

    #[test]
    fn nothing_to_read_is_undetermined() {
        check("", "und");
        check("2024-09-05  12:30 …", "und");
        check("\u{fffd}\u{fffd}", "und");
    }
}
