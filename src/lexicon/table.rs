//! The one reader of lexicon tables.
//!
//! A table is UTF-8 text, one entry a line, columns separated by one tab. Lines that are empty or start with `#` are
//! skipped; the first line that is left names the columns. A user's file of the same name in a lexicon folder extends
//! the built-in table; when its first line is `#!replace` it replaces it. A line that starts with `-` and a tab
//! removes the entry whose first column follows.

use std::path::{Path, PathBuf};

/// What is wrong with a table, and where.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{file}:{line}: {message}")]
    Line { file: String, line: usize, message: String },
}

/// Reads tables and mixes what it read into one hash.
#[derive(Debug)]
pub struct Reader<'a> {
    folders: &'a [PathBuf],
    /// Over the rows of every table read so far.
    pub hash: u64,
}

impl<'a> Reader<'a> {
    /// A reader that looks for users' tables in `folders`.
    pub fn new(folders: &'a [PathBuf]) -> Reader<'a> {
        Reader { folders, hash: 0 }
    }

    /// Reads the built-in `text` of table `name`, then the users' tables of that name over it.
    ///
    /// # Errors
    /// See [`Table::load`].
    pub fn read(&mut self, name: &str, text: &str) -> Result<Table, TableError> {
        let table = Table::load(name, text, self.folders)?;
        let mut bytes = Vec::from(self.hash.to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            bytes.push(b'\t');
            bytes.extend_from_slice(cell.as_bytes());
        }
        self.hash = rapidhash::v3::rapidhash_v3(&bytes);
        Ok(table)
    }
}

/// The rows of a table, each with as many cells as the header.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// One entry, and the line that it stands on.
#[derive(Clone, Debug)]
pub struct Row {
    pub file: String,
    pub line: usize,
    pub cells: Vec<String>,
}

impl Row {
    /// The text of a column.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// A number in a column.
    ///
    /// # Errors
    /// The cell is no number; the error names file and line.
    pub fn number<T: std::str::FromStr>(&self, column: usize) -> Result<T, TableError> {
        self.cell(column)
            .parse()
            .map_err(|_| self.wrong(format!("`{}` is no number of the kind wanted", self.cell(column))))
    }

    /// An error that points at this row.
    pub fn wrong(&self, message: impl Into<String>) -> TableError {
        TableError::Line { file: self.file.clone(), line: self.line, message: message.into() }
    }
}

impl Table {
    /// Reads the built-in `text` of table `name`, then `name` in each of the users' folders.
    ///
    /// # Errors
    /// An unreadable file, a row with more or fewer cells than the header, or another header than the built-in one.
    pub fn load(name: &str, text: &str, folders: &[PathBuf]) -> Result<Table, TableError> {
        let mut table = Table { name: name.into(), columns: Vec::new(), rows: Vec::new() };
        table.extend(name, text)?;
        for folder in folders {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => table.extend(&path.display().to_string(), &text)?,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(TableError::Read { path: Path::new(&path).into(), source }),
            }
        }
        Ok(table)
    }

    /// Reads one file as a table of its own: a replacement that a setting names.
    ///
    /// # Errors
    /// See [`Table::load`].
    pub fn file(path: &Path) -> Result<Table, TableError> {
        let text = std::fs::read_to_string(path).map_err(|source| TableError::Read { path: path.into(), source })?;
        Table::load(&path.display().to_string(), &text, &[])
    }

    fn extend(&mut self, file: &str, text: &str) -> Result<(), TableError> {
        let mut header = false;
        if text.starts_with("#!replace") {
            self.rows.clear();
        }
        for (index, line) in text.lines().enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            let row = Row { file: file.into(), line: index + 1, cells };
            if !header {
                header = true;
                if self.columns.is_empty() {
                    self.columns = row.cells;
                } else if self.columns != row.cells {
                    return Err(row.wrong(format!("the header must be `{}`", self.columns.join("<tab>"))));
                }
            } else if row.cell(0) == "-" {
                let gone = row.cell(1).to_owned();
                self.rows.retain(|r| r.cell(0) != gone);
            } else if row.cells.len() == self.columns.len() {
                self.rows.push(row);
            } else {
                let (got, want) = (row.cells.len(), self.columns.len());
                return Err(
                    row.wrong(format!("{got} cells, but the header has {want}; cells are separated by one tab"))
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(user: &str) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().expect("a temp folder");
        std::fs::write(folder.path().join("t.tsv"), user).expect("written");
        let table = Table::load("t.tsv", "# about\nword\tweight\na\t1\nb\t2\n", &[folder.path().into()]);
        table.map(|t| t.rows.iter().map(|r| r.cells.join("=")).collect()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_users_table_extends_replaces_and_removes() {
        assert_eq!(rows("word\tweight\nc\t3\n-\ta\n"), Ok(vec!["b=2".into(), "c=3".into()]));
        assert_eq!(rows("#!replace\nword\tweight\nc\t3\n"), Ok(vec!["c=3".into()]));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = rows("word\tweight\nc\n").expect_err("one cell short");
        assert!(error.ends_with("t.tsv:2: 1 cells, but the header has 2; cells are separated by one tab"), "{error}");
    }
}
