//! Invented pages, hard-wrapped like the real ones; the same number gives the same page.

use std::fs;
use std::path::Path;

const PLACES: [&str; 6] = ["南溪", "东桥", "柳河", "白石", "青浦", "云台"];
const NAMES: [&str; 6] = ["李文博", "周小禾", "陈立新", "何秋月", "孙明远", "郑雨桐"];
const SENTENCES: [&str; 8] = [
    "新建的步行桥昨日通车，两岸居民往来不再绕行。",
    "镇里今年修缮水渠12公里，灌溉面积增加三成。",
    "“孩子们放学路上更安全了。”一位家长说。",
    "图书馆把闭馆时间推迟到晚上九点，周末人流明显增多。",
    "农技员走进大棚，手把手教菜农识别病害。",
    "据统计，上半年全镇接待游客8.6万人次，同比增长15%。",
    "老街的铺面保留了青砖灰瓦，管线全部埋入地下。",
    "会议要求，汛期值班人员必须全程在岗。",
];

/// A small sequence of numbers that look random and are not.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.roll(list.len() as u64)).expect("small")]
    }
}

/// Page number `n` with this many articles.
pub fn page(n: u64, articles: u64) -> String {
    let mut dice = Dice::new(n + 1);
    let mut out = String::new();
    for article in 0..articles {
        let place = dice.pick(&PLACES);
        out += &format!("{place}第{}号工程见成效\n", n * 100 + article);
        let mut text = format!("本报讯（记者 {}）", dice.pick(&NAMES));
        for _ in 0..4 + dice.roll(6) {
            text += dice.pick(&SENTENCES);
        }
        let letters: Vec<char> = text.chars().collect();
        for line in letters.chunks(16) {
            out.extend(line);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// Lays pages into a folder: one twin of an earlier page, one that is no text, and file times in the order of the names, so
/// that every run takes them in the same order.
pub fn lay(folder: &Path, count: u64) {
    fs::create_dir_all(folder).expect("a folder");
    for n in 0..count {
        let text = match n {
            7 => page(3, 1).into_bytes(),
            9 => (0..400_u32).map(|i| (i % 9) as u8).collect(),
            _ => page(n, 1 + n % 3).into_bytes(),
        };
        let path = folder.join(format!("p{n:04}-2024-09-05.txt"));
        fs::write(&path, text).expect("written");
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_725_000_000 + n);
        fs::File::options().write(true).open(&path).and_then(|f| f.set_modified(time)).expect("a file time");
    }
    // A file that was written a moment ago may be held for its writer, so only files that have lain still are taken in
    // the order of their times.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
}
