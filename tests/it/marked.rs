//! Reads the annotated articles of `tests/corpus/annotated/`; see the README there for the format.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use wenliu::record::article::Role;
use wenliu::record::span::Span;

/// An article with everything that a reader marked in it.
#[derive(Debug, Default)]
pub struct Marked {
    pub file: String,
    pub lang: String,
    /// Publication date.
    pub anchor: String,
    pub headline: Vec<String>,
    /// The text without marks, paragraphs joined by one line break.
    pub text: String,
    pub marks: Vec<Mark>,
    /// Name, titles, organisation.
    pub people: Vec<(String, Vec<String>, String)>,
    /// Kind, speaker, text.
    pub quotes: Vec<(String, String, String)>,
    /// Speaker and verb.
    pub statements: Vec<(String, String)>,
    /// Text and type of spans that may also be found, inside others.
    pub inner: HashSet<(String, String)>,
    pub roles: BTreeMap<usize, Role>,
}

/// One marked span of the text.
#[derive(Debug)]
pub struct Mark {
    pub span: Span,
    pub kind: String,
    pub value: String,
}

/// Every annotated article of the project, in order.
pub fn corpus() -> Vec<Marked> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/annotated");
    let folder = std::env::var_os("WENLIU_ANNOTATED").map_or(folder, PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the annotated corpus is there")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    files.iter().map(|path| parse(path)).collect()
}

fn parse(path: &Path) -> Marked {
    let file = path.file_name().expect("a file").to_string_lossy().into_owned();
    let raw = std::fs::read_to_string(path).expect("readable");
    let mut marked = Marked { file, ..Marked::default() };
    let (head, rest) = raw.split_once("\n\n").expect("a head, a blank line, the text");
    for line in head.lines() {
        let (key, value) = line.trim_start_matches("# ").split_once(':').expect("`# key: value`");
        match key {
            "lang" => marked.lang = value.trim().into(),
            "anchor" => marked.anchor = value.trim().into(),
            "headline" => marked.headline = value.split('|').map(|h| h.trim().to_owned()).collect(),
            _ => {}
        }
    }
    let (body, notes) = rest.split_once("\n## ").map_or((rest, ""), |(b, n)| (b, n));
    for line in body.lines().filter(|l| !l.trim().is_empty()) {
        if !marked.text.is_empty() {
            marked.text.push('\n');
        }
        marked.line(line.trim());
    }
    for section in notes.split("\n## ").filter(|s| !s.is_empty()) {
        let (name, rows) = section.split_once('\n').unwrap_or((section, ""));
        for row in rows.lines().filter(|r| !r.trim().is_empty()) {
            marked.note(name.trim_start_matches("## ").trim(), row);
        }
    }
    marked
}

impl Marked {
    fn line(&mut self, line: &str) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('⟦') {
            self.text.push_str(before);
            let (inside, after) = after.split_once('⟧').expect("a mark is closed");
            let mut cells = inside.split('|');
            let text = cells.next().unwrap_or_default();
            let start = self.text.len();
            self.text.push_str(text);
            let kind = cells.next().expect("a mark has a type").to_owned();
            let value = cells.next().unwrap_or_default().to_owned();
            self.marks.push(Mark { span: Span::at(start, self.text.len()), kind, value });
            rest = after;
        }
        self.text.push_str(rest);
    }

    fn note(&mut self, section: &str, row: &str) {
        let cells: Vec<String> =
            row.splitn(if section == "quotes" { 3 } else { 9 }, '|').map(|c| c.trim().to_owned()).collect();
        let cell = |n: usize| cells.get(n).cloned().unwrap_or_default();
        match section {
            "people" => {
                let titles = cell(1).split(';').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect();
                self.people.push((cell(0), titles, cell(2)));
            }
            "quotes" => self.quotes.push((cell(0), cell(1), cell(2))),
            "statements" => self.statements.push((cell(0), cell(1))),
            "inner" => {
                self.inner.insert((cell(0), cell(1)));
            }
            "roles" => {
                let role = match cell(1).as_str() {
                    "byline" => Role::Byline,
                    "caption" => Role::Caption,
                    "subhead" => Role::Subhead,
                    "headline" => Role::Headline,
                    _ => Role::Body,
                };
                // Paragraphs are counted from 1.
                let number: usize = cell(0).parse().expect("a paragraph number");
                self.roles.insert(number - 1, role);
            }
            _ => {}
        }
    }
}
