//! An article put together from its paragraphs.

use crate::lexicon::press::Press;
use crate::record::article::{Article, Credit, Dateline, Headline, Jump, Kind, Para, Role, Sent};
use crate::record::span::Span;
use crate::segment::blocks::{Block, Look};
use crate::segment::byline::{Tail, TailKind};
use crate::segment::jump;
use crate::segment::sentences;

/// Puts an article together from the paragraphs `blocks`, all of one article.
pub fn assemble(press: &Press, blocks: &[Block<'_>]) -> Option<Article> {
    let (first, last) = (blocks.first()?, blocks.last()?);
    let span = Span::new(first.span.start, last.span.end);
    let prose = blocks.iter().position(|b| b.look == Look::Prose);
    let roles = roles(blocks, prose);
    let local = |b: &Block<'_>| b.span.minus(span.start);
    let paras: Vec<Para> = blocks.iter().zip(&roles).map(|(b, r)| Para { span: local(b), role: *r }).collect();
    let lead = paras.iter().position(|p| p.role == Role::Lead);
    let mut credits = Vec::new();
    let apart = roles.contains(&Role::Byline);
    for (block, role) in blocks.iter().zip(&roles) {
        credits_of(press, block, *role, apart, block.span.start - span.start, &mut credits);
    }
    credits.dedup_by(|b, a| b.span == a.span);
    let dateline = lead.and_then(|l| dateline_of(&blocks[l], paras[l].span.start));
    let body = body(blocks, &paras, lead, span.len());
    let mut sents = Vec::new();
    for (index, (block, para)) in (0_u32..).zip(blocks.iter().zip(&paras)) {
        match para.role {
            Role::Lead | Role::Body => sents.extend(
                sentences::split(block.text).into_iter().map(|s| Sent { span: s.plus(para.span.start), para: index }),
            ),
            Role::Subhead => sents.push(Sent { span: para.span, para: index }),
            Role::Headline | Role::Caption | Role::Byline => {}
        }
    }
    Some(Article {
        kind: if prose.is_some() { Kind::Article } else { Kind::Fragment },
        span,
        headline: headline(&paras),
        dateline,
        credits,
        sents,
        words: Vec::new(),
        body,
        jump: jump_of(blocks),
        warnings: Vec::new(),
        paras,
    })
}

/// What each paragraph is to the article.
fn roles(blocks: &[Block<'_>], prose: Option<usize>) -> Vec<Role> {
    let lead = prose.unwrap_or(blocks.len());
    let mut roles: Vec<Role> = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        roles.push(match block.look {
            Look::Caption => Role::Caption,
            Look::Head if index < lead => Role::Byline,
            Look::Tail if matches!(&block.tail, Some(Tail { kind: TailKind::Signed(_), .. })) => Role::Byline,
            // `（完）` and `（转自：…）` sign nothing.
            Look::Tail => Role::Body,
            Look::Line if prose.is_none() => Role::Body,
            Look::Line if index < lead => Role::Headline,
            Look::Line | Look::Head if blocks.get(index + 1).is_some_and(|b| b.look == Look::Prose) => Role::Subhead,
            Look::Line | Look::Head => Role::Body,
            Look::Prose if index == lead => Role::Lead,
            Look::Prose => Role::Body,
        });
    }
    roles
}

/// The printed title: kicker, main line, deck. Type sizes are lost in a text drop; of two lines the first is the main
/// one unless it names a column (`【…】`), of more the second is.
fn headline(paras: &[Para]) -> Headline {
    let lines: Vec<Span> = paras.iter().filter(|p| p.role == Role::Headline).map(|p| p.span).collect();
    match *lines.as_slice() {
        [] => Headline::default(),
        [main] => Headline { main: Some(main), ..Headline::default() },
        [main, deck] => Headline { main: Some(main), deck: Some(deck), kicker: None },
        [kicker, main, ref decks @ ..] => {
            let deck = decks.first().zip(decks.last()).map(|(a, b)| Span::new(a.start, b.end));
            Headline { kicker: Some(kicker), main: Some(main), deck }
        }
    }
}

fn dateline_of(block: &Block<'_>, shift: u32) -> Option<Dateline> {
    let mut dateline = block.mark.as_ref()?.dateline.clone();
    dateline.span = dateline.span.plus(shift);
    dateline.date = dateline.date.map(|d| d.plus(shift));
    Some(dateline)
}

/// Adds the names that sign in this paragraph. Where the paper set a byline apart, names that an agency's text brought
/// along (`新华社北京7月20日电(张淳艺)`, `（实习生笛儿/文）` in the last line) are part of that text.
fn credits_of(press: &Press, block: &Block<'_>, role: Role, apart: bool, shift: u32, credits: &mut Vec<Credit>) {
    let mut add = |list: &[Credit]| {
        credits.extend(list.iter().map(|c| Credit { span: c.span.plus(shift), ..c.clone() }));
    };
    if let (Role::Lead, Some(mark)) = (role, &block.mark)
        && (!apart || mark.dateline.agency.is_empty() || press.own.contains(&mark.dateline.agency))
    {
        add(&mark.credits);
    }
    if let (Role::Byline, Some(head)) = (role, &block.head) {
        add(&head.credits);
    } else if let Some(Tail { kind: TailKind::Signed(signed), .. }) = &block.tail {
        match role {
            Role::Byline | Role::Caption => add(&signed.credits),
            Role::Lead | Role::Body if signed.role && !apart => add(&signed.credits),
            _ => {}
        }
    }
}

/// From behind the dateline to the last sentence, credits and closing marks left out.
fn body(blocks: &[Block<'_>], paras: &[Para], lead: Option<usize>, len: u32) -> Span {
    let Some(lead) = lead else { return Span::new(0, len) };
    let opens = blocks[lead].mark.as_ref().map_or(0, |m| m.body);
    let start = paras[lead].span.start + opens;
    let held = |p: &&Para| matches!(p.role, Role::Lead | Role::Body | Role::Subhead | Role::Caption);
    let Some(last) = paras.iter().rposition(|p| held(&p)) else { return Span::new(start, start) };
    let end = match (&blocks[last].tail, paras[last].role) {
        (Some(tail), Role::Lead | Role::Body) if tail.text_end > 0 || matches!(tail.kind, TailKind::Closing) => {
            paras[last].span.start + tail.text_end
        }
        _ => paras[last].span.end,
    };
    Span::new(start.min(end), end)
}

fn jump_of(blocks: &[Block<'_>]) -> Jump {
    let mut jump = Jump::default();
    for block in blocks {
        jump::find(block.text, &mut jump);
    }
    jump
}
