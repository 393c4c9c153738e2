//! What the tests of this binary share: the stages, the corpus, a drop read to lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use wenliu::clean::Refusal;
use wenliu::config::Config;
use wenliu::pipeline::stages::Stages;
use wenliu::record::drop::{Carry, Chunk, DropId, DropInfo};
use wenliu::record::line::Splice;
use wenliu::record::mention::Enriched;
use wenliu::record::remark::Remarks;

/// The stages with default settings, built once.
pub fn stages() -> &'static Stages {
    static STAGES: OnceLock<Stages> = OnceLock::new();
    STAGES.get_or_init(|| Stages::build(&Config::default()).expect("the built-in tables are legal"))
}

/// A file below the crate's folder.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The pages that this project wrote itself, by name.
pub fn pages() -> Vec<(String, Vec<u8>)> {
    read_folder(&path("tests/corpus/pages"))
}

/// The shared corpus of real pages, which a user's clone does not have.
pub fn shared_drops() -> Vec<(String, Vec<u8>)> {
    let folder = path("../shared/corpus");
    if !folder.is_dir() {
        eprintln!("no shared corpus beside this checkout: only the project's own pages are read");
        return Vec::new();
    }
    [read_folder(&folder.join("seed")), read_folder(&folder.join("drops"))].concat()
}

fn read_folder(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("a folder of drops")
        .flatten()
        .filter(|e| e.path().is_file())
        .map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("readable")))
        .collect();
    found.sort();
    found
}

/// A whole drop as one chunk, at a fixed time.
pub fn chunk(name: &str, bytes: &[u8]) -> Chunk {
    let info = DropInfo {
        id: DropId(Sha256::digest(bytes).into()),
        name: name.into(),
        bytes: bytes.len() as u64,
        admitted_ms: 1_725_500_000_000,
        mtime_ms: 1_725_500_000_000,
    };
    Chunk { drop: Arc::new(info), index: 0, start: 0, bytes: bytes.to_vec(), last: true }
}

/// A drop through all stages.
pub fn read(name: &str, bytes: &[u8]) -> Result<Enriched, Refusal> {
    stages().read(chunk(name, bytes), Carry::default(), Remarks::default()).map(|(enriched, _)| enriched)
}

/// The finished lines of a drop, as a reader would see them.
pub fn lines(enriched: &Enriched) -> Vec<String> {
    let mut article = 0;
    let rendered = stages().lines(enriched);
    rendered
        .lines
        .iter()
        .map(|line| {
            article += 1;
            let mut bytes = Vec::new();
            line.write(&Splice { seq: article, article, ..Splice::default() }, &mut bytes);
            String::from_utf8(bytes).expect("a line is UTF-8")
        })
        .collect()
}
