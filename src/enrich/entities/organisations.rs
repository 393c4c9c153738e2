//! Organisations: known bodies, and runs of nouns from an anchor to an ending that names a body.

use crate::enrich::entities::Found;
use crate::enrich::entities::page::Page;
use crate::lexicon::entries::{BEFORE, FULL, HEAD, HONOR, LIST, MOD, ROLE, SAY};
use crate::lexicon::words::Tag;

/// Words that anchor a body at the place in whose paper it stands.
const SCOPES: &[&str] = &[
    "市",
    "省",
    "县",
    "区",
    "州",
    "旗",
    "镇",
    "乡",
    "村",
    "全国",
    "国家",
    "中央",
    "自治区",
    "自治州",
    "中国",
    "特区",
    "最高",
    "国际",
    "世界",
    "联邦",
    "皇家",
    "国立",
    "香港",
    "澳门",
    "台湾",
    "中华",
    "亚洲",
    "欧洲",
    "非洲",
];
const LONGEST_CHARS: usize = 32;
const LONGEST_WORDS: usize = 14;

/// Marks every organisation, in order, without overlaps.
pub fn find(page: &Page<'_>, places: &[Found]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let starts = starts(page, places);
    for at in 0..page.count() {
        let Some(body) = known(page, at, &starts)
            .into_iter()
            .chain(built(page, at, &starts, &found))
            .max_by_key(|f| f.words.1 - f.words.0)
        else {
            continue;
        };
        while found.last().is_some_and(|f| f.words.1 > body.words.0 && f.words.0 >= body.words.0) {
            found.pop();
        }
        if found.last().is_none_or(|f| f.words.1 <= body.words.0) {
            found.push(body);
        }
    }
    found
}

/// For each word: 1 + the first word of the place that ends with it, or 0.
fn starts(page: &Page<'_>, places: &[Found]) -> Vec<u32> {
    let mut starts = vec![0; page.count()];
    let mut before: Option<&Found> = None;
    for place in places {
        let mut first = place.words.0;
        // A chain of places (江苏省无锡市) anchors as one.
        if let Some(b) = before.filter(|b| b.words.1 == first && page.joins(first)) {
            first = starts.get(b.words.1 - 1).map_or(b.words.0, |s| (*s as usize).saturating_sub(1));
        }
        if let Some(slot) = place.words.1.checked_sub(1).and_then(|last| starts.get_mut(last)) {
            *slot = first as u32 + 1;
        }
        before = Some(place);
    }
    starts
}

/// A body of the tables, with the place before it.
fn known(page: &Page<'_>, at: usize, starts: &[u32]) -> Option<Found> {
    let body = page.lexicon.entries.bodies.get(page.entry(at).body? as usize)?;
    let mut first = at;
    let mut score = 500;
    if body.kind == "local" || body.kind == "localparty" {
        let place = if page.joins(at) { starts.get(at - 1).map_or(0, |s| *s as usize) } else { 0 };
        if place > 0 {
            first = place - 1;
        } else if page.joins(at) && matches!(page.word(at - 1), "市" | "省" | "县" | "区" | "州" | "全国" | "自治区")
        {
            first = at - 1;
        } else if !scoped(page.word(at)) {
            return None;
        }
    } else if body.kind == "company" || body.kind == "media" {
        score = 300;
    } else if page.joins(at) {
        let place = starts.get(at - 1).map_or(0, |s| *s as usize);
        if place > 0 && body.kind == "gov" {
            first = place - 1;
        }
    }
    Some(Found { span: page.span(first, at + 1), label: "ORG", words: (first, at + 1), score })
}

/// Whether a short form says of which level it is: 市委, 省政府.
fn scoped(word: &str) -> bool {
    ["市", "省", "区", "县", "州", "旗", "镇", "乡", "团", "村", "居", "街", "自治"].iter().any(|s| word.starts_with(s))
}

/// A run of nouns that ends like a body.
fn built(page: &Page<'_>, at: usize, starts: &[u32], found: &[Found]) -> Option<Found> {
    let suffix = page.suffix(at);
    if suffix.org == 0 || page.dated(at) || page.entry(at).post & (FULL | HEAD) != 0 {
        return None;
    }
    let whole = page.entry(at).suffix.org > 0;
    let kind = page.tag(at);
    if !whole
        && matches!(
            kind,
            Tag::Verb
                | Tag::Adverb
                | Tag::Time
                | Tag::Idiom
                | Tag::Number
                | Tag::Direction
                | Tag::Adjective
                | Tag::Pronoun
        )
    {
        return None;
    }
    let next = if page.joins(at + 1) { page.word(at + 1) } else { "" };
    if page.chars(at) == 1 && matches!(next, "长" | "员") {
        return None;
    }
    let mut score = i32::from(suffix.org) * 100 - 310;
    if page.tag(at) == Tag::Body {
        score += 350;
    }
    let mut best: Option<(usize, i32)> = (!whole && page.tag(at) == Tag::Body).then_some((at, 100));
    let mut first = at;
    let mut run = 0;
    let mut chars = page.chars(at);
    let mut names = i32::from(!whole) * 30;
    let mut brand = None;
    while page.joins(first) && at - first < LONGEST_WORDS && chars < LONGEST_CHARS {
        let prev = first - 1;
        let Some(part) = part(page, prev, first) else { break };
        first = prev;
        chars += page.chars(prev);
        run += 1;
        names += part.min(60);
        let place = starts.get(prev).map_or(0, |s| *s as usize);
        let inner = found.last().filter(|f| f.words.1 == first + 1 && f.label == "ORG");
        if let Some(inner) = inner {
            best = Some((inner.words.0, names + 300));
            first = inner.words.0;
        } else if place > 0 {
            first = place - 1;
            best = Some((first, names + 280));
        } else if SCOPES.contains(&page.word(prev)) && scope_opens(page, prev) {
            best = Some((prev, names + 220));
        } else if page.entry(prev).body.is_some() {
            best = Some((prev, names + 260));
        } else if part >= 120
            || page.chars(prev) == 1
                && page.chars(first + 1) == 1
                && page.tag(prev) != Tag::Direction
                && page.cost(prev) > 800
        {
            brand = Some(prev);
            if best.is_none_or(|(_, s)| s < names + 150) {
                best = Some((prev, names + 100));
            }
        } else if brand == Some(first + 1) && page.chars(prev) <= 2 && part > 40 {
            best = best.map(|(_, s)| (prev, s));
        }
    }
    // A firm's name runs back to a clear border, if something in it is no everyday word.
    if suffix.org >= 3 && page.chars(at) > 1 && run > 0 && brand.is_some() && chars <= 24 && closed(page, first) {
        let score = best.map_or(0, |(_, s)| s).max(names + 100);
        if best.is_none_or(|(start, _)| {
            start > first && page.tag(start) != Tag::Place && !SCOPES.contains(&page.word(start))
        }) {
            best = Some((first, score));
        }
    }
    // 选举事务处, 食物环境卫生署: offices of one kind that nothing anchors.
    let office =
        ["署", "局", "处", "厅", "委员会", "协会", "学会", "商会", "总会"].iter().any(|e| page.word(at).ends_with(e));
    if best.is_none() && office && run > 0 && (4..=12).contains(&chars) && page.chars(at) > 1 && closed(page, first) {
        best = Some((first, 100));
    }
    if page.word(at) == "队" && brand.is_some() {
        score += 120;
    }
    let (start, anchor) = best?;
    score += anchor;
    if start == at && !whole {
        score += 50;
    }
    if run == 0 && start < at {
        return None;
    }
    if start > 0
        && page.joins(start)
        && matches!(
            page.word(start - 1),
            "该" | "本" | "各" | "某" | "相关" | "有关" | "一家" | "这家" | "两家" | "多家" | "几家"
        )
    {
        score -= 200;
    }
    if run == 1 && starts.get(at - 1).is_some_and(|s| *s > 0) && GENERIC.contains(&page.word(at)) {
        let country = page
            .lexicon
            .places
            .find(page.word(start))
            .iter()
            .any(|s| page.lexicon.places.get(s.place).is_some_and(|p| p.code.len() == 2 || p.level() == 3));
        score -= if country {
            500
        } else if matches!(
            page.word(at),
            "公司" | "企业" | "机构" | "银行" | "学校" | "医院" | "工厂" | "媒体" | "中心"
        ) {
            400
        } else {
            0
        };
    }
    if suffix.org == 1 {
        score -= if page.chars(at) == 1 { 60 } else { 0 };
    }
    (score >= 60).then(|| Found { span: page.span(start, at + 1), label: "ORG", words: (start, at + 1), score })
}

/// Whether a clear border stands before a word.
fn closed(page: &Page<'_>, at: usize) -> bool {
    !page.joins(at)
        || matches!(
            page.tag(at - 1),
            Tag::Punctuation | Tag::Preposition | Tag::Conjunction | Tag::Particle | Tag::Time
        )
        || page.entry(at - 1).cue != 0
        || page.dated(at - 1)
}

/// A scope opens a name only after a boundary: 市|教育局, but not 城市|教育局.
fn scope_opens(page: &Page<'_>, at: usize) -> bool {
    !page.joins(at) || page.chars(at) > 1 || {
        let tag = page.tag(at - 1);
        !matches!(tag, Tag::Unknown | Tag::Morpheme) || page.entry(at - 1).cue != 0
    }
}

/// What a word says as an inner part of a body's name; none = the name starts behind it.
fn part(page: &Page<'_>, at: usize, next: usize) -> Option<i32> {
    if page.dated(at) {
        return None;
    }
    let entry = page.entry(at);
    let word = page.word(at);
    if entry.post & (FULL | HEAD | ROLE) != 0
        && !matches!(
            word,
            "律师"
                | "记者"
                | "教师"
                | "工程师"
                | "会计师"
                | "医师"
                | "职工"
                | "学生"
                | "作家"
                | "青年"
                | "农民"
                | "志愿者"
                | "运动员"
                | "科学家"
                | "企业家"
                | "摄影"
                | "编辑"
                | "女子"
                | "男子"
                | "医生"
                | "护士"
                | "建筑师"
                | "设计师"
                | "法官"
                | "检察官"
                | "士兵"
                | "画家"
                | "船长"
                | "代表"
                | "老人"
                | "少年"
                | "专家"
        )
    {
        return None;
    }
    if STOPS.contains(&word)
        || word.len() > 3 && word.ends_with('为')
        || entry.post & MOD != 0
            && matches!(word, "原" | "前" | "副" | "时任" | "现任" | "新任" | "前任" | "兼" | "兼任")
    {
        return None;
    }
    if entry.post & HONOR != 0 && page.chars(at) > 1 || entry.cue & (BEFORE | LIST) != 0 && page.chars(at) > 1 {
        return None;
    }
    let rare = page.cost(at) > 1350;
    match page.tag(at) {
        Tag::Punctuation => matches!(word, "·" | "（" | "）").then_some(0).filter(|_| word == "·"),
        Tag::Conjunction if matches!(word, "和" | "及" | "与" | "暨") => conjunction(page, at, next),
        Tag::Preposition if matches!(word, "和" | "与") => conjunction(page, at, next),
        Tag::Time if matches!(word, "未来" | "现代" | "当代" | "近代" | "古代") => Some(5),
        Tag::Particle | Tag::Preposition | Tag::Conjunction | Tag::Pronoun | Tag::Adverb | Tag::Measure | Tag::Time => {
            None
        }
        Tag::Number | Tag::Digits => {
            let ordinal = word.starts_with('第') || page.joins(at) && page.word(at - 1) == "第";
            ordinal.then_some(60)
        }
        Tag::Direction => {
            Some(if matches!(word, "东" | "西" | "南" | "北" | "中" | "国际" | "海上" | "地方" | "民间") {
                10
            } else {
                return None;
            })
        }
        Tag::Verb => {
            let inner = entry.cue & SAY == 0 && (INNER.contains(&word) || page.chars(at) == 1 && page.cost(at) > 900);
            inner.then_some(5)
        }
        Tag::Idiom => (page.chars(at) == 4 && entry.cue & SAY == 0).then_some(15),
        Tag::Other => (page.chars(at) == 1).then_some(0),
        Tag::Unknown | Tag::Proper | Tag::Person | Tag::Foreign | Tag::Latin => {
            Some(if rare || page.tag(at) == Tag::Latin { 150 } else { 60 })
        }
        Tag::Body | Tag::Short => Some(80),
        Tag::Place => Some(100),
        Tag::Adjective => (entry.cue & SAY == 0).then_some(0),
        Tag::Noun | Tag::VerbNoun | Tag::Kind | Tag::Morpheme => {
            if entry.cue & SAY != 0 && page.chars(at) > 1 || word.ends_with(['时', '后', '们']) {
                None
            } else if page.cost(at) > 1600 && page.chars(at) <= 3 {
                Some(120)
            } else {
                Some(20)
            }
        }
    }
}

/// Nouns that stand beside names of bodies, not in them.
const STOPS: &[&str] = &[
    "高校",
    "非法",
    "央企",
    "民企",
    "国企",
    "外企",
    "专业",
    "基层",
    "当地",
    "各级",
    "上级",
    "下级",
    "主管",
    "群团",
    "巨头",
    "企业",
    "团队",
    "网友",
    "市场",
    "行业",
    "业务",
    "官方",
    "消息",
    "用户",
    "客户",
    "产品",
    "员工",
    "高管",
    "事件",
    "上市",
    "旗下",
    "全部",
    "新一届",
    "当事方",
    "公司",
    "集团公司",
    "单位",
    "部门",
    "机构",
    "有关",
    "相关",
    "主要",
    "负责",
    "负责人",
    "领导",
    "群众",
    "居民",
    "问题",
    "情况",
    "精神",
    "附近",
    "周边",
    "所在",
    "同时",
    "目前",
    "其中",
    "家长",
    "网站",
    "平台",
    "方面",
    "消费者",
    "游客",
    "嘉宾",
];
/// Endings that name no body when only a country stands before them: 美国公司.
const GENERIC: &[&str] = &[
    "公司",
    "企业",
    "集团",
    "银行",
    "医院",
    "学校",
    "大学",
    "中学",
    "小学",
    "机构",
    "组织",
    "协会",
    "工厂",
    "媒体",
    "监狱",
    "酒店",
    "书店",
    "药店",
    "中心",
    "办公室",
    "超市",
    "法庭",
    "俱乐部",
    "总部",
    "分公司",
    "子公司",
    "律师事务所",
    "大队",
    "支队",
    "部队",
    "小组",
    "百货",
    "研究所",
    "研究院",
    "学院",
    "实验室",
    "幼儿园",
    "海关",
];

/// Verbs that stand inside names of bodies.
pub const INNER: &[&str] = &[
    "成像",
    "招生",
    "考试",
    "录取",
    "就业",
    "创业",
    "认定",
    "评审",
    "申诉",
    "选举",
    "监测",
    "预报",
    "测试",
    "采购",
    "供销",
    "养护",
    "养老",
    "护理",
    "康复",
    "急救",
    "医疗",
    "保健",
    "移民",
    "出入境",
    "外贸",
    "进出口",
    "拍卖",
    "征收",
    "征信",
    "编译",
    "翻译",
    "编辑",
    "广告",
    "策划",
    "印刷",
    "装饰",
    "装修",
    "包装",
    "物流",
    "配送",
    "快递",
    "仓储",
    "批发",
    "零售",
    "餐饮",
    "娱乐",
    "竞技",
    "竞赛",
    "登山",
    "滑雪",
    "游泳",
    "射击",
    "射箭",
    "举重",
    "体操",
    "击剑",
    "摔跤",
    "拳击",
    "跳水",
    "冶炼",
    "冶金",
    "采矿",
    "勘测",
    "测量",
    "计量",
    "检察",
    "审判",
    "公证",
    "消费",
    "维权",
    "防疫",
    "防火",
    "防灾",
    "减灾",
    "抗震",
    "救灾",
    "禁毒",
    "反诈",
    "交警",
    "特警",
    "巡警",
    "巡逻",
    "维和",
    "作业",
    "施工",
    "监理",
    "拆迁",
    "绿化",
    "清洁",
    "保洁",
    "环卫",
    "回收",
    "再生",
    "利用",
    "节能",
    "减排",
    "节水",
    "供气",
    "输电",
    "变电",
    "发电",
    "调度",
    "信息",
    "通信",
    "通讯",
    "联络",
    "对外",
    "外事",
    "援助",
    "捐助",
    "助学",
    "助残",
    "家政",
    "殡葬",
    "婚姻",
    "生育",
    "入境",
    "惩教",
    "拓展",
    "事务",
    "议事",
    "经济",
    "分析",
    "座谈",
    "推进",
    "签约",
    "启动",
    "表彰",
    "动员",
    "部署",
    "总结",
    "学习",
    "招商",
    "招聘",
    "洽谈",
    "发展",
    "改革",
    "管理",
    "监督",
    "监察",
    "监管",
    "服务",
    "研究",
    "合作",
    "投资",
    "运输",
    "指导",
    "调查",
    "教育",
    "建设",
    "执法",
    "规划",
    "设计",
    "开发",
    "安全",
    "保障",
    "救援",
    "保险",
    "保护",
    "控股",
    "审计",
    "统计",
    "维护",
    "扶贫",
    "促进",
    "推广",
    "交流",
    "协作",
    "检验",
    "检测",
    "检疫",
    "鉴定",
    "质量",
    "仲裁",
    "调解",
    "防控",
    "预防",
    "治理",
    "创新",
    "应急",
    "举报",
    "信访",
    "环保",
    "卫生",
    "测绘",
    "勘探",
    "勘察",
    "航空",
    "航运",
    "租赁",
    "贸易",
    "出版",
    "传播",
    "广播",
    "演出",
    "展览",
    "体育",
    "训练",
    "培训",
    "生产",
    "制造",
    "供水",
    "供电",
    "供热",
    "排水",
    "处理",
    "收费",
    "缉私",
    "缉毒",
    "巡视",
    "巡查",
    "督查",
    "督察",
    "指挥",
    "作战",
    "支援",
    "行动",
    "募捐",
    "慈善",
    "救助",
    "收容",
    "咨询",
    "评估",
    "评价",
    "认证",
    "登记",
    "交易",
    "结算",
    "清算",
    "担保",
    "信托",
    "理财",
    "食品",
    "退役",
    "抗战",
    "联合",
    "自治",
    "民族",
    "附属",
    "直属",
    "实验",
    "外国语",
    "进修",
    "党史",
    "文史",
    "宣传",
    "组织",
    "统战",
    "科研",
    "养殖",
    "种植",
    "加工",
    "旅游",
    "纪律检查",
    "消防",
    "防汛",
    "抗旱",
    "防汛抗旱",
    "反贪",
    "反恐",
    "反腐",
    "融合",
    "协调",
    "领导",
    "落实",
    "筹备",
    "工作",
];

/// 和 stands inside a name (自然资源和规划局) when what is before it is no name of its own.
fn conjunction(page: &Page<'_>, at: usize, next: usize) -> Option<i32> {
    if !page.joins(at) || next >= page.count() {
        return None;
    }
    let before = at - 1;
    let plain = matches!(
        page.tag(before),
        Tag::Noun | Tag::VerbNoun | Tag::Verb | Tag::Short | Tag::Kind | Tag::Idiom | Tag::Place
    );
    let ends =
        page.suffix(before).org > 1 || page.entry(before).body.is_some() || !page.entry(before).places.is_empty();
    let scope_after =
        SCOPES.contains(&page.word(next)) || page.entry(next).body.is_some() || !page.entry(next).places.is_empty();
    (plain
        && !ends
        && !scope_after
        && (INNER.contains(&page.word(before))
            || matches!(page.tag(before), Tag::Noun | Tag::Idiom | Tag::Place | Tag::Unknown)))
    .then_some(-40)
}
