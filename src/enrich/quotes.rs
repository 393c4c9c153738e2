//! Quoted speech with its speaker, and quoted terms.

use crate::enrich::View;
use crate::enrich::entities::Named;
use crate::enrich::marks::Pair;
use crate::enrich::statements::Said;
use crate::record::article::Role;
use crate::record::mention::Quote;
use crate::record::span::Span;

/// Characters that an attributed quotation without a full stop needs, to be speech and no term.
const SPEECH_MIN: usize = 6;

/// Finds every outermost quotation, in order of the text.
///
/// Speech is what is attributed (`X说：“…”`, `“…”X说`, `X透露，…，“能站上台子就是胜利”`) or stands as a sentence of its
/// own; everything else (`“强富美高”新无锡`) is a term.
pub fn find(view: &View<'_>, named: &Named, pairs: &[Pair], said: &[Said]) -> Vec<Quote> {
    let mut quotes: Vec<Quote> = Vec::with_capacity(pairs.len());
    let mut page = Page { text: view.text, named, pairs, said, para: Span::default(), last: None };
    for para in &view.article.paras {
        page.para = para.span;
        page.last = None;
        let first = pairs.partition_point(|p| p.whole.start < para.span.start);
        for pair in pairs[first..].iter().take_while(|p| p.whole.end <= para.span.end) {
            let speaker = if para.role == Role::Headline { None } else { page.speaker(*pair) };
            let kind = if speaker.is_some() { "speech" } else { "term" };
            if let Some(speaker) = &speaker {
                page.last = Some(speaker.clone());
            }
            quotes.push(Quote { span: pair.inner, kind, speaker: speaker.unwrap_or_default() });
        }
    }
    quotes
}

struct Page<'a> {
    text: &'a str,
    named: &'a Named,
    pairs: &'a [Pair],
    said: &'a [Said],
    para: Span,
    /// Who spoke last in this paragraph.
    last: Option<String>,
}

impl Page<'_> {
    /// The speaker of a quotation, "" if it is speech of somebody unknown, nothing if it is a term.
    fn speaker(&self, pair: Pair) -> Option<String> {
        let inner = pair.inner.of(self.text);
        let chars = inner.chars().count();
        let before = Span::new(self.para.start, pair.whole.start).of(self.text);
        let after = Span::new(pair.whole.end, self.para.end).of(self.text);
        let sentence = pair.ends_as_sentence(self.text);
        let lead = before.trim_end();
        let dateline = lead.len() < before.len() && lead.ends_with(['讯', '訊', '电', '電', '-', '–']);
        let starts_clause = dateline || lead.chars().next_back().is_none_or(is_border);
        if sentence && let Some(said) = self.said_after(pair) {
            return Some(self.name(said));
        }
        let ends_clause = after.chars().next().is_none_or(is_border);
        let colon = before.trim_end().ends_with(['：', ':']);
        if let Some(said) = self.said_before(pair) {
            let list = inner.contains('、') && !inner.contains('，');
            if (colon && chars > 1)
                || (sentence && starts_clause)
                || (ends_clause && chars >= SPEECH_MIN && !list && !names_a_term(lead))
            {
                return Some(self.name(said));
            }
        }
        if (sentence && chars > 2 && starts_clause && !is_name_tail(after)) || (colon && chars > 12) {
            return Some(self.guess(pair, colon));
        }
        None
    }

    /// `“…”X说`: the first statement after the quotation, in the clause that follows it.
    fn said_after(&self, pair: Pair) -> Option<&Said> {
        let first = self.said.partition_point(|s| s.verb.start < pair.whole.end);
        let said = self.said.get(first).filter(|s| s.verb.end <= self.para.end)?;
        let from = said.speaker.start.min(said.verb.start);
        if from < pair.whole.end {
            return None;
        }
        let gap = Span::new(pair.whole.end, from).of(self.text);
        let gap = gap.strip_prefix('，').unwrap_or(gap);
        (gap.len() < 120 && !gap.contains(is_border)).then_some(said)
    }

    /// The last statement before the quotation in the same sentence.
    fn said_before(&self, pair: Pair) -> Option<&Said> {
        let next = self.said.partition_point(|s| s.verb.start < pair.whole.start);
        let said = self.said.get(next.checked_sub(1)?).filter(|s| s.verb.start >= self.para.start)?;
        let between = Span::new(said.verb.end, pair.whole.start);
        let mut at = between.start;
        // A full stop inside another quotation ends no sentence of this one, unless that quotation was the speech.
        let first = self.pairs.partition_point(|p| p.whole.start < between.start);
        for other in self.pairs[first..].iter().take_while(|p| p.whole.end <= between.end) {
            if Span::new(at, other.whole.start.max(at)).of(self.text).contains(is_stop) {
                return None;
            }
            if other.inner.of(self.text).ends_with(is_stop) {
                return None;
            }
            at = other.whole.end;
        }
        (!Span::new(at.min(between.end), between.end).of(self.text).contains(is_stop)).then_some(said)
    }

    /// The full name of who said it.
    fn name(&self, said: &Said) -> String {
        let by_ent = said.ent.and_then(|i| self.full_name(i));
        let by_pronoun = || said.pronoun.then(|| self.person_before(said.speaker.start, 0)).flatten();
        by_ent.or_else(by_pronoun).unwrap_or_else(|| said.speaker.of(self.text).to_owned())
    }

    fn full_name(&self, ent: usize) -> Option<String> {
        let ent = self.named.ents.get(ent)?;
        let number: usize = ent.reference.strip_prefix('p')?.parse().ok()?;
        self.named.people.get(number.checked_sub(1)?).map(|p| p.name.clone())
    }

    /// The person named last between `from` and `at`, outside quotation marks.
    fn person_before(&self, at: u32, from: u32) -> Option<String> {
        let last = self.named.ents.partition_point(|e| e.span.start < at);
        let (index, ent) = (0..last)
            .zip(self.named.ents.get(..last)?)
            .rev()
            .take_while(|(_, e)| e.span.start >= from)
            .find(|(_, e)| e.label == "PERSON" && !self.quoted(e.span.start))?;
        self.full_name(index).or_else(|| Some(ent.span.of(self.text).to_owned()))
    }

    fn quoted(&self, at: u32) -> bool {
        let next = self.pairs.partition_point(|p| p.whole.end <= at);
        self.pairs.get(next).is_some_and(|p| p.whole.start <= at)
    }

    /// The likely speaker of words that nobody is said to have said.
    fn guess(&self, pair: Pair, colon: bool) -> String {
        if !colon && let Some(name) = self.person_after(pair.whole.end) {
            return name;
        }
        self.last.clone().or_else(|| self.person_before(pair.whole.start, self.para.start)).unwrap_or_default()
    }

    /// The first person of the sentence that follows: `“爬高上低的事，我熟。”46岁的海军记得清楚`.
    fn person_after(&self, at: u32) -> Option<String> {
        let rest = Span::new(at, self.para.end).of(self.text);
        let end = rest.char_indices().take(120).find(|(_, c)| is_stop(*c) || *c == '“').map_or(rest.len(), |(i, _)| i);
        let end = at + u32::try_from(end).ok()?;
        let next = self.named.ents.partition_point(|e| e.span.start < at);
        let (index, ent) = (next..)
            .zip(self.named.ents.get(next..)?)
            .take_while(|(_, e)| e.span.end <= end)
            .find(|(_, e)| e.label == "PERSON")?;
        self.full_name(index).or_else(|| Some(ent.span.of(self.text).to_owned()))
    }
}

/// 相当于“在豆腐里打洞”, 最后的“拼图”: words that introduce a term rather than somebody's own words.
fn names_a_term(lead: &str) -> bool {
    const LAST: [char; 34] = [
        '的', '于', '於', '必', '为', '為', '是', '叫', '做', '办', '辦', '出', '谓', '謂', '称', '稱', '名', '以',
        '用', '了', '把', '将', '將', '行', '展', '进', '有', '成', '到', '与', '和', '及', '按', '等',
    ];
    lead.ends_with(LAST)
}

fn is_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?')
}

fn is_border(c: char) -> bool {
    is_stop(c)
        || matches!(
            c,
            '，' | '〕'
                | '】'
                | '；'
                | '：'
                | ','
                | ';'
                | ':'
                | '.'
                | '…'
                | '—'
                | '”'
                | '」'
                | '（'
                | '）'
                | '('
                | ')'
        )
}

/// `“跟着课本去旅行！”活动`: the quoted sentence is the name of something.
fn is_name_tail(after: &str) -> bool {
    ["活动", "主题", "为题", "为主题", "系列", "的", "專題", "专题", "栏目", "一词", "一文", "口号", "标语"]
        .iter()
        .any(|tail| after.starts_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::{marks, statements, testing};
    use crate::record::remark::Remarks;

    /// Names stand between ⟦ ⟧; every quotation is told as `kind speaker text`.
    fn check(marked: &str, expected: &[&str]) {
        testing::with_names(marked, |view, named| {
            let pairs = marks::pairs(view.text, view.article);
            let said = statements::find(view, named, &pairs, &mut Remarks::default());
            let told: Vec<String> = find(view, named, &pairs, &said)
                .iter()
                .map(|q| format!("{} {} {}", q.kind, q.speaker, q.span.of(view.text)))
                .collect();
            assert_eq!(told, expected, "{marked}");
        });
    }

    #[test]
    fn terms_have_no_speaker() {
        check("始终保持“闯”的精神，勇闯“无人区”。", &["term  闯", "term  无人区"]);
        check("⟦杜小刚⟧强调，要扛起“勇挑大梁”的责任。", &["term  勇挑大梁"]);
        check("⟦杜小刚⟧指出，“十四五”期间成绩很大。", &["term  十四五"]);
        check("开展“跟着课本去旅行！”活动。", &["term  跟着课本去旅行！"]);
    }

    #[test]
    fn speech_before_and_after_its_speaker() {
        check("⟦高兴⟧说：“他只是不肯走。”", &["speech 高兴 他只是不肯走。"]);
        check("“他只是不肯走。”⟦高兴⟧说。", &["speech 高兴 他只是不肯走。"]);
        check("“不怕，”⟦高兴⟧强调，“人在就好。”", &["speech 高兴 不怕，", "speech 高兴 人在就好。"]);
    }

    #[test]
    fn part_of_a_sentence_can_be_speech() {
        check("⟦钟表匠⟧透露，她停训五个月，“能站上台子就是胜利”。", &["speech 钟表匠 能站上台子就是胜利"]);
    }

    #[test]
    fn a_pronoun_leads_back_to_the_name() {
        check("⟦高兴⟧守了九天。“人在就好。”他说。", &["speech 高兴 人在就好。"]);
    }
}
