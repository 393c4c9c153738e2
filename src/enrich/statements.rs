//! Attributed statements: 会议强调, X指出, “…”X说, according to …
//!
//! A verb of saying is looked for outside quotation marks; then its speaker, before it in the clause, else in the
//! clauses before; what follows the verb must be content. [`english`](crate::enrich::statements_english) does the same
//! for English.

use crate::enrich::View;
use crate::enrich::entities::Named;
use crate::enrich::marks::Pair;
use crate::enrich::statements_english;
use crate::lexicon::speech::{Speech, Verb};
use crate::record::article::Role;
use crate::record::mention::{Ent, Statement};
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// Who said something, and in which word.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub speaker: Span,
    pub verb: Span,
    /// Index of the speaker's name in the named spans.
    pub ent: Option<usize>,
    /// 他, she …: the speaker was named before.
    pub pronoun: bool,
}

impl Said {
    /// As the record tells it; the span covers speaker and verb.
    pub fn statement(&self, text: &str) -> Statement {
        let (a, b) = (self.speaker, self.verb);
        Statement {
            span: Span::new(a.start.min(b.start), a.end.max(b.end)),
            speaker: a.of(text).to_owned(),
            verb: b.of(text).to_owned(),
        }
    }
}

/// Finds who said what in which word, in order of the text.
pub fn find(view: &View<'_>, named: &Named, pairs: &[Pair], remarks: &mut Remarks) -> Vec<Said> {
    let mut found = Vec::new();
    for para in view.article.paras.iter().filter(|p| matches!(p.role, Role::Lead | Role::Body | Role::Caption)) {
        let page = Page { text: view.text, para: para.span, named, pairs, speech: &view.lexicon.speech };
        for (verb, kind) in view.lexicon.speech.verbs(para.span.of(view.text)) {
            let verb = verb.plus(para.span.start);
            if page.quoted(verb.start).is_some() || (kind == Verb::Never && !page.name_ends(verb.start)) {
                continue;
            }
            let said = match kind {
                Verb::English => statements_english::at(view.text, para.span, named, verb),
                _ => page.said(verb, kind, &found),
            };
            if let Some(said) = said {
                remarks.say("statement", said.verb, || said.speaker.of(view.text).to_owned());
                found.push(said);
            }
        }
    }
    found
}

/// A paragraph and what is known of it.
struct Page<'a> {
    text: &'a str,
    para: Span,
    named: &'a Named,
    pairs: &'a [Pair],
    speech: &'a Speech,
}

/// How much of the text before a verb is searched for its speaker, in bytes.
const CLAUSE_MAX: u32 = 360;
const SENTENCE_MAX: u32 = 900;

impl<'a> Page<'a> {
    /// The pair of quotation marks around a place.
    fn quoted(&self, at: u32) -> Option<Pair> {
        let next = self.pairs.partition_point(|p| p.whole.end <= at);
        self.pairs.get(next).copied().filter(|p| p.whole.start <= at)
    }

    fn name_ends(&self, at: u32) -> bool {
        self.ents(at.saturating_sub(60), at).any(|(_, e)| e.span.end == at && matches!(e.label, "PERSON" | "ORG"))
    }

    fn slice(&self, from: u32, to: u32) -> &'a str {
        Span::new(from.min(to), to).of(self.text)
    }

    fn after(&self, at: u32) -> &'a str {
        self.slice(at, self.para.end)
    }

    /// Where the clause (or sentence) that ends at `end` starts; quoted sentences are borders, quoted terms are not.
    fn start_of(&self, end: u32, sentence: bool) -> u32 {
        let limit = end - (end - self.para.start).min(if sentence { SENTENCE_MAX } else { CLAUSE_MAX });
        let mut at = end;
        while at > limit {
            let Some(c) = self.slice(self.para.start, at).chars().next_back() else { break };
            if let Some(pair) = self.quoted(at - 1) {
                if pair.ends_as_sentence(self.text) && !(sentence && pair.inner.of(self.text).ends_with(['，', ','])) {
                    return at;
                }
                at = pair.whole.start;
                continue;
            }
            // After a dateline (本报讯, 〔記者X／台南報導〕) a clause starts without punctuation.
            let dateline = c == ' ' && self.slice(self.para.start, at).trim_end().ends_with(['讯', '訊', '电', '電']);
            let border = matches!(c, '。' | '！' | '？' | '!' | '?' | '…' | '〕' | '】')
                || (!sentence && (dateline || matches!(c, '，' | '；' | '：' | ';' | ':' | '—')));
            if border {
                return at;
            }
            at -= u32::try_from(c.len_utf8()).unwrap_or(1);
        }
        at.max(self.para.start)
    }

    fn said(&self, verb: Span, kind: Verb, before: &[Said]) -> Option<Said> {
        let clause = self.start_of(verb.start, false);
        let verb = self.with_ending(verb);
        let follows = self.follows(verb, clause, kind)?;
        let lead = self.slice(clause, verb.start);
        let noun = kind == Verb::Noun;
        if noun && (lead.ends_with(['的', '新', '项', '被', '表', '布', '作', '出']) || is_basis(lead)) {
            return None;
        }
        let bare = lead.ends_with('所') && !self.name_ends(verb.start) && !is_office(lead);
        if bare || lead.ends_with(['被', '未', '不']) {
            return None;
        }
        let own = self.person(clause, verb.start).or_else(|| self.noun(clause, verb.start));
        // Content without a comma is weak evidence: then the speaker must be a name, a pronoun, or a body.
        let (speaker, ent, pronoun) = match own {
            Some(found) => found,
            None => self.carried(clause, verb.start, before)?,
        };
        (follows != Follows::Content || kind != Verb::Noun || ent.is_some()).then_some(())?;
        Some(Said { speaker, verb, ent, pronoun })
    }

    /// `打趣` with its `道`.
    fn with_ending(&self, verb: Span) -> Span {
        let rest = self.after(verb.end);
        let long = verb.of(self.text).chars().count() > 1;
        if long && rest.starts_with('道') && !rest.starts_with("道路") && !rest.starts_with("道德") {
            Span::new(verb.start, verb.end + 3)
        } else {
            verb
        }
    }

    fn follows(&self, verb: Span, clause: u32, kind: Verb) -> Option<Follows> {
        let word = verb.of(self.text);
        let single = word.chars().count() == 1;
        let rest = self.after(verb.end);
        // 只说了一句：“…”
        let rest = ["了一句", "了句", "了", "着", "著"]
            .iter()
            .find_map(|skip| rest.strip_prefix(skip).filter(|r| r.starts_with(['：', ':', '，', '“', '「'])))
            .unwrap_or(rest);
        match rest.chars().next() {
            None | Some('。' | '！' | '；' | '\n' | '…') => {
                let quoted = self.pairs.partition_point(|p| p.whole.end <= clause);
                let close = quoted.checked_sub(1).and_then(|i| self.pairs.get(i)).map(|p| p.whole.end);
                let sentence = self.start_of(clause, true);
                close.is_some_and(|c| c == clause || c == sentence).then_some(Follows::End)
            }
            Some('，' | '：' | ':' | '“' | '「' | '"' | '『' | ',') => Some(Follows::Marked),
            Some(
                '的' | '过' | '過' | '了' | '出' | '为' | '為' | '作' | '和' | '与' | '等' | '、' | '起' | '到' | '着'
                | '著',
            ) => None,
            Some('不') if single => None,
            Some(_) => {
                let quote_near = rest.char_indices().take(8).any(|(_, c)| matches!(c, '“' | '「'));
                let words = ["说", "說", "称", "稱"];
                if single && !words.contains(&word) && !quote_near {
                    return None;
                }
                if matches!(word, "表示") && FEELINGS.iter().any(|f| rest.starts_with(f)) {
                    return None;
                }
                (kind == Verb::Say || quote_near || matches!(word, "要求" | "建议" | "建議"))
                    .then_some(Follows::Content)
            }
        }
    }

    fn ents(&self, from: u32, to: u32) -> impl DoubleEndedIterator<Item = (usize, &'a Ent)> + use<'a> {
        let ents = &self.named.ents;
        let first = ents.partition_point(|e| e.span.start < from);
        let last = ents.partition_point(|e| e.span.start < to).max(first);
        (first..last).zip(&ents[first..last]).filter(move |(_, e)| e.span.end <= to)
    }

    /// A name or pronoun in the clause with nothing but adverbials between it and the verb.
    fn person(&self, clause: u32, verb: u32) -> Option<(Span, Option<usize>, bool)> {
        let by_name =
            self.ents(clause, verb).rev().filter(|(index, e)| e.label == "PERSON" && !self.spoken_to(*index)).find_map(
                |(index, e)| {
                    let (speaker, end) = self.with_title(index, e, verb);
                    self.adverbial(self.slice(end, verb)).then_some((speaker, Some(index), false))
                },
            );
        let lead = self.slice(clause, verb);
        let by_pronoun = lead
            .rmatch_indices(['他', '她'])
            .filter(|(at, _)| !lead.get(..*at).is_some_and(|b| b.ends_with(['其', '吉', '对', '對', '向'])))
            .filter(|(at, p)| !lead.get(at + p.len()..).is_some_and(|r| r.starts_with(['人', '国', '國', '的', '尼'])))
            .find_map(|(at, pronoun)| {
                let rest = lead.get(at + pronoun.len()..)?;
                let plural = rest.starts_with(['们', '們']);
                let rest = rest.trim_start_matches(['们', '們']);
                let start = clause + u32::try_from(at).ok()?;
                let end = start + if plural { 6 } else { 3 };
                let named =
                    self.ents(clause, verb).any(|(_, e)| e.label == "PERSON" && e.span.meets(Span::new(start, end)));
                (!named && self.adverbial(rest)).then_some((Span::new(start, end), None, true))
            });
        match (by_name, by_pronoun) {
            (Some(name), Some(pronoun)) => Some(if name.0.start > pronoun.0.start { name } else { pronoun }),
            (name, pronoun) => name.or(pronoun),
        }
    }

    /// The speaker as printed (`应经理`, but `应采儿`), and where name, title and brackets end.
    fn with_title(&self, index: usize, name: &Ent, verb: u32) -> (Span, u32) {
        let chars = name.span.of(self.text).chars().count();
        let full = chars > 2 || (chars == 2 && !COMPOUND.contains(&name.span.of(self.text)));
        let mut end = name.span.end;
        if let Some((_, title)) =
            self.ents(end, verb).find(|(i, e)| *i > index && e.label == "TITLE" && e.span.start == end)
        {
            end = title.span.end;
        }
        for honorific in ["先生", "女士", "小姐", "老师", "老師", "老人", "阿婆", "大爷", "大妈", "太太", "伯", "婆婆"]
        {
            if self.slice(end, verb).starts_with(honorific) {
                end += u32::try_from(honorific.len()).unwrap_or(0);
                break;
            }
        }
        (if full { name.span } else { Span::new(name.span.start, end) }, end)
    }

    /// 对市长赵建军说: the name is whom the words were for.
    fn spoken_to(&self, index: usize) -> bool {
        let mut start = self.named.ents[index].span.start;
        for ent in self.named.ents[..index].iter().rev().take(4) {
            if ent.span.end == start && matches!(ent.label, "TITLE" | "ORG" | "GPE") {
                start = ent.span.start;
            }
        }
        let before = self.slice(self.para.start, start);
        before.ends_with(['对', '對', '向', '给', '給', '跟', '把', '被', '替', '让', '讓', '请', '請'])
    }

    /// A body or a noun that can speak: 会议, 宁波海关统计处有关负责人, 商户. A place that only says where or when
    /// (在列席小组会议时) is no speaker, so an end before a preposition wins over a later one.
    fn noun(&self, clause: u32, verb: u32) -> Option<(Span, Option<usize>, bool)> {
        let lead = self.slice(clause, verb);
        let ends = lead.char_indices().rev().map(|(at, c)| at + c.len_utf8()).take(30);
        let mut best = None;
        for end in ends {
            let (phrase, tail) = (lead.get(..end)?, lead.get(end..)?);
            let at = clause + u32::try_from(end).ok()?;
            let org = self.ents(clause, verb).find(|(_, e)| e.span.end == at && matches!(e.label, "ORG" | "GPE"));
            if (org.is_none() && !self.speech.ends_in_head(phrase)) || !self.adverbial(tail) {
                continue;
            }
            let placed = tail.trim_start().starts_with(TOWARDS);
            if best.is_none() || placed {
                best = self.noun_phrase(clause, at, org).or(best);
            }
            if placed {
                break;
            }
        }
        best
    }

    fn noun_phrase(&self, clause: u32, at: u32, org: Option<(usize, &Ent)>) -> Option<(Span, Option<usize>, bool)> {
        let phrase = self.slice(clause, at);
        let mut speaker = self.speech.without_openers(phrase.trim_start());
        let is_time = |e: &Ent| matches!(e.label, "DATE" | "TIME" | "CARDINAL" | "QUANTITY");
        for (_, date) in self.ents(clause, at).take_while(|(_, e)| is_time(e)) {
            speaker = speaker.strip_prefix(date.span.of(self.text)).unwrap_or(speaker);
        }
        let speaker = speaker.rsplit_once('的').map_or(speaker, |(_, r)| r);
        let speaker = self.speech.without_openers(speaker);
        let chars = speaker.chars().count();
        let start = at - u32::try_from(speaker.len()).ok()?;
        if let Some((index, ent)) = org
            && (chars > 24 || ent.span.start <= start)
        {
            return Some((ent.span, Some(index), false));
        }
        (2..=24).contains(&chars).then_some((Span::new(start, at), org.map(|(i, _)| i), false))
    }

    /// The speaker of the clauses before, in the same sentence.
    fn carried(&self, clause: u32, verb: u32, before: &[Said]) -> Option<(Span, Option<usize>, bool)> {
        if !self.adverbial(self.slice(clause, verb).trim_start_matches(['，', ' '])) {
            return None;
        }
        let sentence = self.start_of(clause, true);
        if sentence == clause {
            return None;
        }
        if let Some(last) = before.last().filter(|s| s.verb.start >= sentence) {
            return Some((last.speaker, last.ent, last.pronoun));
        }
        let named = self.ents(sentence, clause).find(|(i, e)| {
            let source = self.slice(sentence, e.span.start).ends_with(['据', '據']);
            let free = self.quoted(e.span.start).is_none() && !self.spoken_to(*i) && !source;
            matches!(e.label, "PERSON" | "ORG") && free
        });
        if let Some((index, ent)) = named.map(|n| self.holder(n.0, clause)) {
            let follows = self.after(ent.span.end);
            if !follows.starts_with(['的', '、', '与', '和']) {
                return Some((self.with_title(index, ent, clause).0, Some(index), false));
            }
        }
        let mut from = sentence;
        for part in self.slice(sentence, clause).split_inclusive('，') {
            if let Some(head) = TOPICS.iter().find(|h| part.starts_with(**h)) {
                let speaker = Span::new(from, from + u32::try_from(head.len()).ok()?);
                return Some((speaker, None, speaker.len() == 3));
            }
            from += u32::try_from(part.len()).ok()?;
        }
        None
    }

    /// The person at the end of a chain such as 省防汛指挥部副指挥长欧阳涌泉, else the body itself.
    fn holder(&self, index: usize, to: u32) -> (usize, &'a Ent) {
        let first = &self.named.ents[index];
        let mut end = first.span.end;
        while let Some((next, ent)) = self.ents(end, to).next().filter(|(_, e)| e.span.start == end) {
            if ent.label == "PERSON" {
                return (next, ent);
            }
            end = ent.span.end.max(end + 1);
        }
        (index, first)
    }

    /// Whether `tail`, between a speaker and a verb, says only how, when, where or to whom.
    fn adverbial(&self, tail: &str) -> bool {
        let mut tail = tail.trim();
        if let Some(rest) = tail.strip_prefix('（').and_then(|t| t.split_once('）')) {
            tail = rest.1;
        }
        while let Some(adverb) = self.speech.last_adverb(tail) {
            tail = tail.strip_suffix(adverb).unwrap_or_default();
        }
        while let Some(adverb) = self.speech.first_adverb(tail) {
            tail = tail.strip_prefix(adverb).unwrap_or_default();
        }
        if tail.chars().all(|c| c.is_ascii_digit() || "年月日时時上下午晚早昨".contains(c)) {
            return true;
        }
        let chars = tail.chars().count();
        if chars > 22 || tail.starts_with(['的', '、', '和', '与', '（']) {
            return false;
        }
        tail.starts_with(TOWARDS)
            || tail.ends_with(['时', '時', '后', '後', '中', '地', '着', '著', '并', '並'])
            || (chars <= 14 && tail.contains(['着', '著']))
    }
}

/// What starts a phrase of place, time or address.
const TOWARDS: [char; 24] = [
    '对', '對', '向', '在', '就', '于', '於', '与', '與', '跟', '给', '給', '针', '針', '当', '從', '从', '用', '指',
    '握', '拉', '摸', '通', '随',
];

/// What a clause may start with to be the speaker of the next.
const TOPICS: &[&str] = &["会议", "全会", "大会", "報告", "报告", "會議", "他", "她"];

/// What stands after the verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// The sentence's end: the words stand before, in quotation marks.
    End,
    /// A comma, colon or quotation mark, then the words.
    Marked,
    /// The words, at once.
    Content,
}

/// What one 表示s without saying anything.
const FEELINGS: &[&str] = &[
    "欢迎", "感谢", "祝贺", "敬意", "慰问", "哀悼", "关切", "支持", "反对", "不满", "理解", "肯定", "遗憾", "歉意",
    "满意", "担忧", "谴责", "赞赏", "赞同", "同意", "衷心", "热烈", "诚挚", "深切", "强烈", "由衷", "高度", "崇高",
    "歡迎", "感謝", "祝賀", "慰問", "遺憾", "滿意", "擔憂", "譴責", "讚賞", "贊同", "支援", "反對", "不滿", "尊重",
    "关注", "關注",
];

/// Surnames of two characters; alone they are no full name.
const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "司徒", "司马", "司馬", "上官", "诸葛", "諸葛", "令狐", "皇甫", "尉迟", "尉遲", "公孙", "公孫",
    "慕容", "闻人", "聞人", "端木", "东方", "東方", "夏侯", "宇文", "长孙", "長孫", "轩辕", "淳于", "单于", "申屠",
    "公冶", "濮阳", "太史", "南宫", "百里", "呼延", "钟离", "独孤", "西门", "澹台", "赫连", "万俟", "老邢",
];

/// 按照…要求: the word names what was asked, nobody asks it here.
fn is_basis(lead: &str) -> bool {
    ["按", "根据", "根據", "依照", "依据", "符合", "达到", "满足", "落实", "贯彻", "遵照", "围绕"]
        .iter()
        .any(|b| lead.starts_with(b))
}

/// 研究所说 has a speaker, 所说 alone has none.
fn is_office(lead: &str) -> bool {
    const OFFICES: &[&str] =
        &["究所", "出所", "务所", "易所", "守所", "管所", "疗所", "测所", "測所", "務所", "診所", "诊所"];
    OFFICES.iter().any(|o| lead.ends_with(o))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::{marks, testing};

    /// Names stand between ⟦ ⟧; every statement is told as `speaker verb`.
    fn check(marked: &str, expected: &[&str]) {
        testing::with_names(marked, |view, named| {
            let pairs = marks::pairs(view.text, view.article);
            let said = find(view, named, &pairs, &mut Remarks::default());
            let told: Vec<String> =
                said.iter().map(|s| format!("{} {}", s.speaker.of(view.text), s.verb.of(view.text))).collect();
            assert_eq!(told, expected, "{marked}");
        });
    }

    #[test]
    fn a_body_speaks() {
        check("会议强调，全市上下要统一思想。会议指出，开好这次全会具有重要意义。", &["会议 强调", "会议 指出"]);
        check("北大相关负责人表示，研究院正式启用后将面向国家需求。", &["北大相关负责人 表示"]);
        check("一名在此经营三十年的商户说，生意好了。", &["商户 说"]);
    }

    #[test]
    fn a_name_speaks_over_adverbials() {
        check("市委书记⟦杜小刚⟧强调，要抓落实。", &["杜小刚 强调"]);
        check("⟦莫向晚⟧在动议二读时表示，现有十万个单位。", &["莫向晚 表示"]);
        check("⟦和平⟧对⟦杜小刚⟧说，要抓落实。", &["和平 说"]);
        check("“他不是英雄，他只是不肯走。”⟦高兴⟧说。", &["高兴 说"]);
    }

    #[test]
    fn a_speaker_carries_over_clauses() {
        check("⟦宫本立⟧当场叫来有关部门，要求本月底前送电。", &["宫本立 要求"]);
        check("⟦高洛雄⟧透露，已与他约好，并表示愿意。", &["高洛雄 透露", "高洛雄 表示"]);
    }

    #[test]
    fn nouns_and_set_phrases_attribute_nothing() {
        check("按照省委全会部署要求，坚决扛起责任。", &[]);
        check("也就是说，这本小说的说法没有说明问题。", &[]);
        check("⟦杜小刚⟧作出的指示要求很高。", &[]);
        check("他对此表示感谢。", &[]);
        check("他写道：“会议强调，要抓落实。”", &["他 写道"]);
    }
}
