//! Drops that cannot become articles: each is refused with a reason that names the place and what to do, and each that
//! only looks broken is read.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::daemon::{binary, page};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn with_head(head: &[u8], length: usize) -> Vec<u8> {
    [head, &noise(length)].concat()
}

/// Name, bytes, and a word that the reason must have; "" when it is to be read.
fn cases() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = page(7);
    let packed = gzip(page(8).repeat(40).as_bytes());
    let mut wrong_sum = packed.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 0xff;
    let zst = zstd::encode_all(page(9).repeat(40).as_bytes(), 3).expect("packed");
    let (gbk, ..) = encoding_rs::GBK.encode(&good);
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        ("empty.txt", Vec::new(), "empty"),
        ("bom.txt", b"\xef\xbb\xbf".to_vec(), "empty"),
        ("blanks.txt", b" \r\n\t\n  \n".repeat(30), "empty"),
        ("ideographic-blanks.txt", "\u{3000}\u{3000}\n".repeat(20).into_bytes(), "empty"),
        ("zeros.txt", vec![0; 4096], "not text|empty"),
        ("page.rtf", b"{\\rtf1\\ansi \\u25253? }".to_vec(), "not text"),
        ("noise.txt", noise(8192), "undecodable|binary"),
        ("photo.png", with_head(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 4096), "binary"),
        ("photo.jpg", with_head(b"\xff\xd8\xff\xe0\0\x10JFIF\0", 4096), "binary|undecodable"),
        ("page.pdf", with_head(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 4096), "binary|undecodable"),
        ("page.docx", with_head(b"PK\x03\x04\x14\0\x06\0\x08\0", 4096), "binary|undecodable"),
        ("page.doc", with_head(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0", 4096), "binary|undecodable"),
        ("program", with_head(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", 4096), "binary|undecodable"),
        ("sound.mp3", with_head(b"ID3\x04\0\0\0\0\0\0", 4096), "binary|undecodable"),
        ("base.sqlite", with_head(b"SQLite format 3\0\x10\0\x01\x01\0", 4096), "binary|undecodable"),
        ("pages.7z", with_head(b"7z\xbc\xaf\x27\x1c\0\x04", 4096), "binary|undecodable"),
        ("pages.tar.xz", with_head(b"\xfd7zXZ\0\0\x04", 4096), "binary|undecodable"),
        ("scan.tif", with_head(b"II*\0\x08\0\0\0", 4096), "not text"),
        ("photo.gif", with_head(b"GIF89a\x10\0\x10\0", 4096), "not text"),
        ("pages.rar", with_head(b"Rar!\x1a\x07\x01\0", 4096), "not text"),
        ("pages.tar.bz2", with_head(b"BZh91AY&SY", 4096), "not text"),
        ("cut.gz", packed[..packed.len() / 2].to_vec(), "unpack"),
        ("sum.gz", wrong_sum, "unpack"),
        ("head.gz", b"\x1f\x8b\x08\0".to_vec(), "unpack"),
        ("nothing.gz", gzip(b""), "empty"),
        ("bomb.gz", gzip(&vec![b' '; 64 << 20]), "max_bytes"),
        ("cut.zst", zst[..zst.len() / 2].to_vec(), "unpack"),
        ("head.zst", b"\x28\xb5\x2f\xfd\x04".to_vec(), "unpack"),
        ("twice.gz", gzip(&gzip(&noise(5000))), "binary|undecodable"),
        ("large.txt", "一".repeat(400_000).into_bytes(), "max_bytes"),
        ("half.txt", [good.as_bytes(), &noise(2000)].concat(), "undecodable|binary"),
        // These only look broken.
        ("gbk.txt", gbk.into_owned(), ""),
        ("wide.txt", wide(&page(10)), ""),
        ("packed.gz", packed, ""),
        ("packed.zst", zst, ""),
        ("crlf.txt", page(11).replace('\n', "\r\n").into_bytes(), ""),
        ("one-bad-byte.txt", [page(12).repeat(30).as_bytes(), b"\xff\n"].concat(), ""),
        ("name with blanks 与中文.txt", page(13).into_bytes(), ""),
    ]
}

fn find(folder: &Path, name: &str) -> Option<Value> {
    let path = folder.join(".quarantine").join(format!("{name}.reason.json"));
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[test]
fn every_broken_drop_is_set_aside_whole_with_a_reason_and_the_rest_is_read() {
    let root = tempfile::tempdir().expect("a folder");
    let (input, out) = (root.path().join("in"), root.path().join("out"));
    fs::create_dir_all(&input).expect("made");
    let cases = cases();
    for (name, bytes, _) in &cases {
        fs::write(input.join(name), bytes).expect("written");
    }
    let run = Command::new(binary())
        .args(["run", "--until-idle", "1500ms", "--set", "http.listen=\"\"", "--set", "watch.max_bytes=1000000"])
        .args(["--set", "watch.max_unpacked_ratio=50", "--set", "watch.settle_ms=50"])
        .args(["--in".as_ref(), input.as_os_str(), "--out".as_ref(), out.as_os_str()])
        .args(["--state".as_ref(), root.path().join("state").as_os_str()])
        .output()
        .expect("it runs");
    let log = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{log}");
    let mut receipts: Vec<Value> = Vec::new();
    for entry in fs::read_dir(out.join("sealed")).expect("sealed").flatten() {
        if entry.file_name().to_string_lossy().starts_with("drops-") {
            let text = fs::read_to_string(entry.path()).expect("lines");
            receipts.extend(text.lines().map(|l| serde_json::from_str::<Value>(l).expect("a receipt")));
        }
    }
    let mut bad = Vec::new();
    for (name, bytes, words) in &cases {
        let receipt = receipts.iter().find(|r| r["name"] == *name).cloned().unwrap_or_default();
        let reason = find(&input, name);
        if words.is_empty() {
            if receipt["outcome"] != "done" {
                bad.push(format!("{name}: is to be read, but: {receipt}"));
            }
            continue;
        }
        let said = receipt["reason"].as_str().unwrap_or_default();
        let kept = fs::read(input.join(".quarantine").join(name)).unwrap_or_default();
        let told = words.split('|').any(|w| said.contains(w))
            || reason
                .as_ref()
                .is_some_and(|r| words.split('|').any(|w| r["reason"].as_str().is_some_and(|s| s.contains(w))));
        // A cure: what to do about it, beyond what is wrong.
        let cure = said.contains(';') || said.contains("drop it again");
        if receipt["outcome"] != "refused" || !told || !cure || kept != *bytes || reason.is_none() {
            bad.push(format!(
                "{name}: wanted {words}, whole in quarantine ({}), got {receipt} {reason:?}",
                kept == *bytes
            ));
        }
        if !log.contains(name) {
            bad.push(format!("{name}: is not named in the log"));
        }
    }
    assert!(bad.is_empty(), "{} of {}:\n{}", bad.len(), cases.len(), bad.join("\n"));
}
