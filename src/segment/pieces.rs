//! Paragraphs that hold two things come apart: a credit behind the last line, a headline run into its dateline.

use crate::lexicon::press::Press;
use crate::record::span::{Origins, Span, Way};
use crate::record::text::{CleanPara, CleanText};
use crate::segment::byline::{self, TailKind};
use crate::segment::dateline;
use crate::segment::scan::is_han;

/// Where a paragraph is cut: `end` closes the part before, `start` opens the part behind, white space between goes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cut {
    end: u32,
    start: u32,
}

/// Gives every part of a paragraph its own paragraph. The text is rebuilt only when something comes apart.
pub fn come_apart(press: &Press, mut clean: CleanText) -> CleanText {
    let mut cuts: Vec<(usize, Cut)> = Vec::new();
    let mut remarks = clean.remarks.fresh();
    for (index, para) in clean.paras.iter().enumerate() {
        let text = para.span.of(&clean.text);
        if let Some(at) = dateline::inside(press, text) {
            let end = text.get(..at).unwrap_or_default().trim_end().len() as u32;
            cuts.push((index, Cut { end, start: at as u32 }));
            remarks.say("para.cut.dateline", para.span, || "a headline ran into the dateline".into());
        }
        if let Some(cut) = credit_behind(press, text) {
            cuts.push((index, cut));
            remarks.say("para.cut.credit", para.span, || "a credit stands behind the last sentence".into());
        }
    }
    if cuts.is_empty() {
        return clean;
    }
    let mut text = String::with_capacity(clean.text.len() + cuts.len());
    let mut origins = Origins::new();
    let mut paras = Vec::with_capacity(clean.paras.len() + cuts.len());
    let mut cuts = cuts.into_iter().peekable();
    for (index, para) in clean.paras.iter().enumerate() {
        let mut shape = *para;
        let mut start = 0;
        while let Some((_, cut)) = cuts.next_if(|(i, _)| *i == index) {
            append(&mut text, &mut origins, &mut paras, &clean.text, shape, Span::new(start, cut.end));
            start = cut.start;
            shape = behind(para);
        }
        append(&mut text, &mut origins, &mut paras, &clean.text, shape, Span::new(start, para.span.len()));
    }
    clean.origins = clean.origins.then(&origins);
    clean.text = text;
    clean.paras = paras;
    clean.remarks.list.append(&mut remarks.list);
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
/// unless it is plain: one full name, with or without a role.
fn credit_behind(press: &Press, text: &str) -> Option<Cut> {
    let tail = byline::tail(press, text)?;
    let TailKind::Signed(signed) = &tail.kind else { return None };
    if tail.text_end == 0 {
        return None;
    }
    let before = text.get(..tail.text_end as usize)?.chars().next_back()?;
    // A sentence must have ended, or `主持人（李明）` would lose its name.
    if is_han(before) || before.is_alphanumeric() && !before.is_ascii_digit() || "，、：；".contains(before) {
        return None;
    }
    let plain = signed.full && signed.credits.len() == 1 && !signed.glued && plain_role(&signed.credits[0].role);
    let apart = tail.set_apart() && (signed.role || signed.credits.iter().all(|c| c.name.chars().count() <= 4));
    (apart || plain).then_some(Cut { end: tail.text_end, start: tail.span.start })
}

fn plain_role(role: &str) -> bool {
    matches!(role, "" | "记者" | "通讯员" | "实习生" | "特约记者" | "实习记者" | "摄影")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::segment::tests::clean_text;

    fn check(paragraph: &str, expected: &[&str]) {
        let lexicon = Lexicon::builtin();
        let clean = come_apart(&lexicon.press, clean_text(&["前文。", paragraph, "后文。"]));
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
