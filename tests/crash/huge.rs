//! A drop far larger than a chunk, killed in the middle, goes on in the middle.

use std::fs;
use std::time::Duration;

use crate::daemon::Place;
use crate::pages::page;
use crate::tailer::Tailer;

fn place() -> Place {
    Place::new().set("watch.chunk_bytes=65536").set("sink.segment_bytes=2000000")
}

fn lay(place: &Place, articles: u64) -> u64 {
    fs::create_dir_all(place.folder("in")).expect("a folder");
    let text: String = (0..articles).map(|n| page(n, 1)).collect();
    fs::write(place.folder("in/huge-2024-09-05.txt"), &text).expect("written");
    text.len() as u64
}

#[test]
fn a_large_drop_goes_on_where_it_was_killed() {
    let whole = place();
    let bytes = lay(&whole, 1_200);
    assert!(bytes > 8 * 65_536, "{bytes} bytes are few chunks");
    whole.finish();
    whole.verify();

    let cut = place();
    lay(&cut, 1_200);
    let tailer = Tailer::start(&cut.folder("out"));
    let mut chunks = Vec::new();
    for nth in [2, 1, 3] {
        let mut daemon = cut.start(&format!("commit.visible:{nth}"));
        assert!(daemon.ended(Duration::from_secs(60)).is_some(), "it should have died:\n{}", cut.log());
        let text = fs::read_to_string(cut.folder("out/live/drops-00000000000000000001.jsonl")).expect("receipts");
        chunks.push(text.lines().count());
    }
    assert!(chunks.is_sorted() && chunks[0] >= 1, "{chunks:?}");
    assert!(fs::read_to_string(cut.base.join("log")).expect("a log").contains("resumed in mid-file"));
    cut.finish();
    let mut seen = tailer.stop();
    assert_eq!(seen.lines("articles"), whole.lines("articles"));
    assert_eq!(seen.lines("drops"), whole.lines("drops"));
    assert!(seen.complaints.is_empty(), "{:?}", seen.complaints);
    cut.verify();
}
