//! Near-duplicates: sets made by a seeded perturber, with hard negatives of one form.

use wenliu::config::EnrichConfig;
use wenliu::enrich::{View, fingerprint};
use wenliu::ledger::near_dup::{self, Memory};
use wenliu::record::mention::Fingerprint;

use crate::annotated::plain;
use crate::common;
use crate::marked;

/// A seeded source of chance (xorshift64*), so that every run makes the same sets.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 11) as usize % n.max(1)
    }

    fn hits(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64 <= share
    }
}

/// What OCR does: characters read as others, lost, or invented.
fn noisy(text: &str, share: f64, chance: &mut Chance) -> String {
    let all: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !chance.hits(share) {
            out.push(c);
            continue;
        }
        match chance.below(10) {
            0 | 1 => {}
            2 => out.extend([c, all[chance.below(all.len())]]),
            _ => out.push(all[chance.below(all.len())]),
        }
    }
    out
}

/// The pieces that end with a full stop, with their line breaks.
fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['。', '！', '？', '\n']).collect()
}

fn wide(text: &str) -> String {
    let widen = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        '，' => '、',
        '“' => '「',
        '”' => '」',
        other => other,
    };
    text.chars().map(widen).collect()
}

/// The variants of an article, by name.
fn variants(text: &str, other: &str, chance: &mut Chance) -> Vec<(&'static str, String)> {
    let parts = sentences(text);
    let half = parts.len().div_ceil(2);
    let lead = |n: usize| sentences(other).into_iter().take(n).collect::<String>();
    let mut brief = String::new();
    let from = chance.below(parts.len() / 2);
    for part in &parts[from..] {
        brief.push_str(part);
        if brief.chars().count() >= 110 {
            break;
        }
    }
    vec![
        ("copy", text.to_owned()),
        ("width", wide(text)),
        ("cut", parts[..parts.len() * 7 / 10 + 1].concat()),
        ("new lead", format!("{}{}", lead(2), parts[1..].concat())),
        ("first half", parts[..half].concat()),
        ("second half", parts[parts.len() / 2..].concat()),
        ("brief", brief),
    ]
}

/// Reports of one form on two occasions: the same phrases, other facts.
fn one_form(chance: &mut Chance, form: usize) -> String {
    const NAMES: &[&str] = &[
        "王建国",
        "李秀英",
        "张文博",
        "赵海燕",
        "陈立新",
        "周明远",
        "吴晓峰",
        "郑德厚",
        "冯子涵",
        "褚云飞",
        "卫兰芝",
        "蒋志强",
    ];
    const TOWNS: &[&str] =
        &["青溪", "白石", "柳庄", "石桥", "龙潭", "梅岭", "沙河", "东湾", "枫林", "云台", "金沟", "南浦"];
    const THINGS: &[&str] =
        &["煤炭", "有色金属", "券商", "半导体", "白酒", "医药", "光伏", "银行", "地产", "军工", "传媒", "钢铁"];
    let mut pick = |list: &'static [&'static str]| list[chance.below(list.len())];
    let (a, b, c, d) = (pick(NAMES), pick(NAMES), pick(TOWNS), pick(TOWNS));
    let (x, y, z) = (pick(THINGS), pick(THINGS), pick(THINGS));
    let mut n = |low: usize, high: usize| low + chance.below(high - low);
    match form {
        0 => format!(
            "本报讯 沪深两市昨日{}开，上证综指收报{}.{:02}点，{}{}.{:02}%；深证成指收报{}.{:02}点，{}{}.{:02}%。两市成交{}亿元，较上一交易日{}{}亿元。盘面上，{x}、{y}板块涨幅居前，{z}板块跌幅居前。北向资金全天净{}{}.{:02}亿元。分析人士认为，市场短期仍将维持震荡格局，投资者宜控制仓位。",
            ["高", "低", "平"][n(0, 3)],
            n(2800, 3400),
            n(0, 100),
            ["涨", "跌"][n(0, 2)],
            n(0, 3),
            n(0, 100),
            n(9000, 12000),
            n(0, 100),
            ["涨", "跌"][n(0, 2)],
            n(0, 3),
            n(0, 100),
            n(5000, 12000),
            ["放量", "缩量"][n(0, 2)],
            n(100, 2000),
            ["流入", "流出"][n(0, 2)],
            n(1, 90),
            n(0, 100)
        ),
        1 => format!(
            "本报讯 市气象台昨日发布天气预报：今天{}，{}风{}到{}级，最高气温{}℃，最低气温{}℃；明天{}，{}风{}到{}级，最高气温{}℃。气象专家提醒，近期昼夜温差较大，市民外出请注意增减衣物。空气质量指数预计为{}到{}，{c}、{d}一带早晨有雾，驾车出行请注意安全。",
            ["多云转晴", "晴", "阴有小雨", "雷阵雨"][n(0, 4)],
            ["东南", "西北", "偏东", "偏南"][n(0, 4)],
            n(2, 4),
            n(4, 6),
            n(10, 38),
            n(0, 20),
            ["多云", "阴", "小到中雨", "晴到多云"][n(0, 4)],
            ["东北", "西南", "偏西", "偏北"][n(0, 4)],
            n(2, 4),
            n(4, 6),
            n(10, 38),
            n(30, 90),
            n(90, 160)
        ),
        2 => format!(
            "本报讯 {}月{}日，{c}镇举行第{}届{}文化节开幕式，镇党委书记{a}致辞，镇长{b}主持。本届文化节为期{}天，共设{}项活动，吸引了来自周边{}个村的{}余名群众参加。活动现场还表彰了{}名先进个人和{}个先进集体。据介绍，{c}镇去年接待游客{}万人次，实现旅游收入{}万元。",
            n(3, 11),
            n(1, 28),
            n(2, 20),
            ["桃花", "龙舟", "稻香", "红叶"][n(0, 4)],
            n(3, 12),
            n(8, 30),
            n(5, 40),
            n(800, 9000),
            n(10, 60),
            n(3, 20),
            n(10, 90),
            n(300, 9000)
        ),
        _ => format!(
            "本报讯 {}月{}日{}时许，{c}路与{d}路交叉口发生一起交通事故，一辆{}与一辆{}相撞，造成{}人受伤。接到报警后，交警、消防和医护人员迅速赶到现场，伤者被送往附近医院救治，目前无生命危险。经初步调查，事故系{}所致，具体原因正在进一步调查中。交警提醒广大驾驶人，雨天路滑，请减速慢行，确保安全。记者{a}",
            n(1, 12),
            n(1, 28),
            n(0, 24),
            ["轿车", "货车", "面包车", "公交车"][n(0, 4)],
            ["电动车", "摩托车", "三轮车", "出租车"][n(0, 4)],
            n(1, 6),
            ["疲劳驾驶", "超速行驶", "未按规定让行", "闯红灯"][n(0, 4)]
        ),
    }
}

#[derive(Debug, Default)]
struct Tally {
    right: usize,
    missed: usize,
    invented: usize,
    kinds: std::collections::BTreeMap<(&'static str, String), usize>,
}

/// Every original, its variants with `noise`, and the hard negatives, in one stream; each article's answer is right
/// when it names an article of its own set, or nothing for the first of a set.
fn run(noise: f64, texts: &[String]) -> Tally {
    let (lexicon, config) = (&common::stages().lexicon, EnrichConfig::default());
    let print = |text: &str| -> Fingerprint {
        let page = plain(text);
        let article = &page.articles[0];
        let view =
            View { text: page.text(article), article, clean: &page.clean, lexicon, config: &config, language: "zh" };
        fingerprint::find(&view)
    };
    let mut chance = Chance(0x5eed);
    let mut shelf = Memory::default();
    let mut tally = Tally::default();
    let mut seq = 0;
    let mut ask = |set: usize, kind: &'static str, first: bool, text: &str, shelf: &mut Memory, tally: &mut Tally| {
        let fingerprint = print(text);
        let near = near_dup::nearest(&fingerprint, shelf, 0.4, i64::MIN).expect("memory answers");
        seq += 1;
        shelf.add(seq, &format!("{set}-{seq}"), &fingerprint, 0);
        let own = near.of.split('-').next().is_some_and(|s| s == set.to_string());
        *tally
            .kinds
            .entry((kind, if own || near.of.is_empty() { near.relation.clone() } else { "wrong".into() }))
            .or_default() += 1;
        if std::env::var_os("WENLIU_SHOW").is_some() && !near.of.is_empty() && !own {
            println!("{kind} {near:?} {}", text.chars().take(60).collect::<String>());
        }
        match (near.of.is_empty(), own) {
            (true, _) if first => {}
            (true, _) => tally.missed += 1,
            (false, true) => tally.right += 1,
            (false, false) => {
                tally.invented += 1;
                tally.missed += usize::from(!first);
            }
        }
    };
    for (set, text) in texts.iter().enumerate() {
        ask(set, "original", true, text, &mut shelf, &mut tally);
    }
    for (set, text) in texts.iter().enumerate() {
        let other = &texts[(set + 17) % texts.len()];
        for (kind, variant) in variants(text, other, &mut chance) {
            let variant = if noise > 0.0 { noisy(&variant, noise, &mut chance) } else { variant };
            ask(set, kind, false, &variant, &mut shelf, &mut tally);
        }
    }
    for nth in 0..80 {
        let text = one_form(&mut chance, nth % 4);
        ask(10_000 + nth, "one form", true, &text, &mut shelf, &mut tally);
    }
    tally
}

fn judge(name: &str, texts: &[String], noises: &[f64]) {
    for noise in noises {
        let tally = run(*noise, texts);
        let f1 = 2.0 * tally.right as f64 / (2 * tally.right + tally.missed + tally.invented) as f64;
        println!(
            "{name}, noise {noise}: F1 {f1:.4}, right {} missed {} invented {}",
            tally.right, tally.missed, tally.invented
        );
        for ((kind, relation), count) in &tally.kinds {
            println!("    {kind:<12} {relation:<18} {count}");
        }
        assert!(f1 >= 0.97, "{name}, noise {noise}: F1 {f1:.4}");
    }
}

#[test]
fn pairs_are_found_under_noise_and_forms_are_not_pairs() {
    let long = |text: &String| text.chars().count() > 200;
    let own: Vec<String> =
        marked::corpus().into_iter().filter(|a| a.lang != "en").map(|a| a.text).filter(long).collect();
    judge("own", &own, &[0.0, 0.01, 0.05]);
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/gold");
    let Ok(files) = std::fs::read_dir(&shared) else {
        eprintln!("no shared corpus at {}: judged on the project's own articles only", shared.display());
        return;
    };
    let mut files: Vec<_> = files.flatten().map(|f| f.path()).collect();
    files.sort();
    let mut texts: Vec<String> = Vec::new();
    for file in files {
        let gold: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&file).expect("readable")).expect("the gold is JSON");
        for article in gold["articles"].as_array().into_iter().flatten().filter(|a| a["lang"] != "en") {
            let paras: Vec<&str> =
                article["paragraphs"].as_array().into_iter().flatten().filter_map(|p| p.as_str()).collect();
            texts.push(paras.join("\n"));
        }
    }
    texts.retain(long);
    texts.sort();
    texts.dedup();
    judge("shared, without its own duplicates", &apart(texts), &[0.05]);
}

/// The texts that share less than a fifth of their 3-grams with every one before.
fn apart(texts: Vec<String>) -> Vec<String> {
    let grams = |text: &str| -> std::collections::HashSet<[char; 3]> {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        letters.windows(3).map(|w| [w[0], w[1], w[2]]).collect()
    };
    let mut kept: Vec<(String, std::collections::HashSet<[char; 3]>)> = Vec::new();
    for text in texts {
        let own = grams(&text);
        let near = kept.iter().any(|(_, other)| {
            let both = own.intersection(other).count();
            both * 5 > own.len().min(other.len())
        });
        if !near {
            kept.push((text, own));
        }
    }
    kept.into_iter().map(|(text, _)| text).collect()
}
