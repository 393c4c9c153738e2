//! Builds `config/lexicon/words.img` from a word list: `cargo run --example words_image -- dict.txt`.
//!
//! Without an argument it takes the list that comes with the `jieba-rs` crate, from cargo's own folder.

use std::path::PathBuf;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let list = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => shipped().context("no jieba-rs in cargo's registry folder; name the word list")?,
    };
    let text = std::fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let image = wenliu::lexicon::words::Words::image(&text);
    let goal = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/lexicon/words.img");
    std::fs::write(&goal, &image).with_context(|| format!("cannot write {}", goal.display()))?;
    eprintln!("{}: {} bytes from {}", goal.display(), image.len(), list.display());
    Ok(())
}

fn shipped() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let sources = std::fs::read_dir(home.join("registry/src")).ok()?;
    sources.flatten().map(|index| index.path().join("jieba-rs-0.11.0/src/data/dict.txt")).find(|path| path.exists())
}
