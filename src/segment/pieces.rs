//! Paragraphs that hold two things come apart: a credit behind the last line, a headline run into its dateline.

use crate::lexicon::press::Press;
use crate::record::remark::Remarks;
use crate::record::span::{Origins, Span, Way};
use crate::record::text::{CleanPara, CleanText};
use crate::segment::byline::{self, TailKind};
use crate::segment::dateline;
use crate::segment::scan::{is_closer, is_han, is_terminator};

/// Where a paragraph is cut: `end` closes the part before, `start` opens the part behind, white space between goes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cut {
    end: u32,
    start: u32,
}

/// Gives every part of a paragraph its own paragraph. The text is rebuilt only when something comes apart.
pub fn come_apart(press: &Press, mut clean: CleanText, remarks: &mut Remarks) -> CleanText {
    let mut cuts: Vec<(usize, Cut)> = Vec::new();
    let mut why: Vec<(usize, &'static str, &'static str)> = Vec::new();
    let texts: Vec<&str> = clean.paras.iter().map(|p| p.span.of(&clean.text)).collect();
    for (index, text) in texts.iter().enumerate() {
        if let Some(at) = dateline::inside(press, text) {
            let end = text.get(..at).unwrap_or_default().trim_end().len() as u32;
            cuts.push((index, Cut { end, start: at as u32 }));
            why.push((index, "para.cut.dateline", "a headline ran into the dateline"));
        }
        let next = texts.get(index + 1).copied().unwrap_or_default();
        if let Some((before, behind)) = credit_inside(press, text) {
            cuts.extend([(index, before), (index, behind)]);
            why.push((index, "para.cut.credit", "a credit and a headline behind the last sentence"));
        } else if let Some(cut) = headline_behind(press, text, next) {
            cuts.push((index, cut));
            why.push((index, "para.cut.headline", "the next article's headline behind the last sentence"));
        } else if let Some(cut) = credit_behind(press, text, is_credit(press, next)) {
            cuts.push((index, cut));
            why.push((index, "para.cut.credit", "a credit stands behind the last sentence"));
        }
    }
    if cuts.is_empty() {
        return clean;
    }
    // Each rule looks at the whole paragraph, so two may meet: the earlier cut stands.
    cuts.sort_by_key(|(index, cut)| (*index, cut.end, cut.start));
    let mut text = String::with_capacity(clean.text.len() + cuts.len());
    let mut origins = Origins::new();
    let mut paras = Vec::with_capacity(clean.paras.len() + cuts.len());
    let mut cuts = cuts.into_iter().peekable();
    // Where the parts of each old paragraph begin among the new ones.
    let mut firsts = Vec::with_capacity(clean.paras.len());
    for (index, para) in clean.paras.iter().enumerate() {
        firsts.push(paras.len());
        let mut shape = *para;
        let mut start = 0;
        while let Some((_, cut)) = cuts.next_if(|(i, _)| *i == index) {
            if cut.end < start {
                continue;
            }
            append(&mut text, &mut origins, &mut paras, &clean.text, shape, Span::new(start, cut.end));
            start = cut.start;
            shape = behind(para);
        }
        append(&mut text, &mut origins, &mut paras, &clean.text, shape, Span::new(start, para.span.len()));
    }
    clean.origins = clean.origins.then(&origins);
    clean.text = text;
    clean.paras = paras;
    for (index, rule, note) in why {
        if let Some(para) = firsts.get(index).and_then(|at| clean.paras.get(*at)) {
            remarks.say(rule, para.span, || note.into());
        }
    }
    clean
}

/// The shape of a part that did not open its paragraph.
fn behind(para: &CleanPara) -> CleanPara {
    CleanPara { lines: 1, indent: 0, blank_before: 0, page_break_before: false, ..*para }
}

fn append(
    text: &mut String,
    origins: &mut Origins,
    paras: &mut Vec<CleanPara>,
    from: &str,
    shape: CleanPara,
    part: Span,
) {
    let source = part.plus(shape.span.start);
    if !paras.is_empty() {
        text.push('\n');
        origins.push_inserted(1, source.start);
    }
    let start = text.len();
    text.push_str(source.of(from));
    origins.push(source.len(), source.start, source.len(), Way::Copy);
    paras.push(CleanPara { span: Span::at(start, text.len()), ..shape });
}

/// Where the credit behind the last sentence is cut off. A credit that runs on without a blank stays in its paragraph
/// unless it is plain: one full name, with or without a role. A bare name that runs on also stays where the article is
/// `signed` elsewhere: it came with the text.
fn credit_behind(press: &Press, text: &str, signed: bool) -> Option<Cut> {
    let tail = byline::tail(press, text)?;
    let TailKind::Signed(credit) = &tail.kind else { return None };
    if tail.text_end == 0 {
        return None;
    }
    let before = text.get(..tail.text_end as usize)?.chars().next_back()?;
    // A sentence must have ended, or `主持人（李明）` would lose its name.
    if is_han(before) || before.is_alphanumeric() && !before.is_ascii_digit() || "，、：；".contains(before) {
        return None;
    }
    let plain = credit.full && credit.credits.len() == 1 && !credit.glued && plain_role(&credit.credits[0].role);
    let apart = tail.set_apart() && (credit.role || credit.credits.iter().all(|c| c.name.chars().count() <= 4));
    (apart || (plain && (credit.role || !signed))).then_some(Cut { end: tail.text_end, start: tail.span.start })
}

/// Whether the whole paragraph is a credit in brackets.
fn is_credit(press: &Press, text: &str) -> bool {
    text.len() < 200
        && byline::tail(press, text).is_some_and(|t| t.text_end == 0 && matches!(t.kind, TailKind::Signed(_)))
}

/// Longest headline that is looked for behind a sentence, in characters.
const HEADLINE_MAX: usize = 60;

/// Where the line behind the last sentence of `text` starts, if it may be a headline: no full stop, not too short.
fn line_behind(text: &str) -> Option<usize> {
    let text = text.trim_end();
    for (back, (at, c)) in text.char_indices().rev().enumerate() {
        let ends = matches!(c, '。' | '！' | '？' | '.') || (is_closer(c) && back > 3 && ends_sentence(text, at));
        if ends {
            return (back >= 6).then_some(at + c.len_utf8());
        }
        if back > HEADLINE_MAX || matches!(c, '；') {
            return None;
        }
    }
    None
}

/// Whether the closing mark at `at` stands behind a full stop.
fn ends_sentence(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|t| t.ends_with(['。', '！', '？']))
}

/// A headline that ran into the paragraph before it: the next paragraph opens with the paper's own dateline.
fn headline_behind(press: &Press, text: &str, next: &str) -> Option<Cut> {
    let own = dateline::read(press, next).is_some_and(|m| press.own.contains(&m.dateline.agency));
    if !own || text.trim_end().ends_with(is_terminator) || byline::tail(press, text).is_some() {
        return None;
    }
    let end = line_behind(text)?;
    let start = end + (text.get(end..)?.len() - text.get(end..)?.trim_start().len());
    let line = text.get(start..)?;
    (!line.contains('，') || line.chars().count() <= 40).then_some(Cut { end: end as u32, start: start as u32 })
}

/// A credit with a role between the last sentence and a headline that ran into both.
fn credit_inside(press: &Press, text: &str) -> Option<(Cut, Cut)> {
    let end = text.trim_end();
    let close = end.char_indices().rev().take(HEADLINE_MAX).find(|(_, c)| matches!(c, '）' | ')'))?;
    let behind = close.0 + close.1.len_utf8();
    let rest = text.get(behind..)?;
    if rest.trim().chars().count() < 6 || rest.contains(['。', '，', '；']) || rest.trim_end().ends_with(is_terminator)
    {
        return None;
    }
    let tail = byline::tail(press, text.get(..behind)?)?;
    let TailKind::Signed(signed) = &tail.kind else { return None };
    let before = text.get(..tail.text_end as usize)?.chars().next_back()?;
    let stops =
        is_terminator(before) || (is_closer(before) && ends_sentence(text, tail.text_end as usize - before.len_utf8()));
    if !signed.role || !stops {
        return None;
    }
    let start = behind + (rest.len() - rest.trim_start().len());
    Some((Cut { end: tail.text_end, start: tail.span.start }, Cut { end: behind as u32, start: start as u32 }))
}

fn plain_role(role: &str) -> bool {
    matches!(role, "" | "记者" | "通讯员" | "实习生" | "特约记者" | "实习记者" | "摄影")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::tests::{clean_text, lexicon};

    fn check(paragraph: &str, expected: &[&str]) {
        let lexicon = lexicon();
        let clean = come_apart(&lexicon.press, clean_text(&["前文。", paragraph, "后文。"]), &mut Remarks::all());
        let told: Vec<&str> = clean.paras.iter().map(|p| p.span.of(&clean.text)).collect();
        assert_eq!(told.get(1..told.len() - 1).unwrap_or_default(), expected, "{paragraph}");
        assert_eq!(clean.origins.text_len() as usize, clean.text.len());
    }

    #[test]
    fn credits_come_off() {
        check("圆满成功。 （高美梅）", &["圆满成功。", "（高美梅）"]);
        check("攻坚战。（本报记者叶英）", &["攻坚战。", "（本报记者叶英）"]);
        check("同比由盈转亏。　（龚文）", &["同比由盈转亏。", "（龚文）"]);
    }

    #[test]
    fn a_headline_behind_comes_off() {
        let lexicon = lexicon();
        let told = |paras: &[&str]| {
            let clean = come_apart(&lexicon.press, clean_text(paras), &mut Remarks::all());
            clean.paras.iter().map(|p| p.span.of(&clean.text).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            told(&["這片海灣宛如天堂...秋糧收購進展順利", "本報訊 國家糧食局"]),
            ["這片海灣宛如天堂...", "秋糧收購進展順利", "本報訊 國家糧食局"]
        );
        assert_eq!(
            told(&["没有回应。(记者 彭宇) 秋粮收购进展顺利", "后文。"]),
            ["没有回应。", "(记者 彭宇)", "秋粮收购进展顺利", "后文。"]
        );
        assert_eq!(told(&["他说。然后没有了", "后文。"]).len(), 2);
    }

    #[test]
    fn a_bare_name_stays_where_another_signs() {
        let lexicon = lexicon();
        let clean = come_apart(
            &lexicon.press,
            clean_text(&["保护公众慈善积极性。（禄永峰）", "（钟平浩）"]),
            &mut Remarks::all(),
        );
        assert_eq!(clean.paras.len(), 2);
    }

    #[test]
    fn what_runs_on_stays() {
        check("主持人（李明）", &["主持人（李明）"]);
        check("发展。（记者余瑶王飞翔）", &["发展。（记者余瑶王飞翔）"]);
        check("弥补回来。（完）", &["弥补回来。（完）"]);
        check("（高美梅）", &["（高美梅）"]);
    }

    #[test]
    fn a_dateline_inside_opens_a_paragraph() {
        check("受理“徐玉玉被骗案”本报讯 大众网济南", &["受理“徐玉玉被骗案”", "本报讯 大众网济南"]);
    }
}
