//! One quantity: sign of money, number, range, unit, and what the words around say of it.

use crate::enrich::dates::connector;
use crate::enrich::glyphs::{any, any_before, at, is_han, one_of, word};
use crate::enrich::numerals::{self, Number, Style, digit, number};
use crate::enrich::quantities::{Amount, english};
use crate::lexicon::units::{Unit, Units};

/// A folded text and the tables of units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub text: &'a [char],
    pub units: &'a Units,
}

impl Reader<'_> {
    /// The quantity at a place.
    pub fn amount(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        let c = at(text, place);
        let mut amount = if c.is_ascii_alphabetic() {
            self.money_first(place).or_else(|| english::amount(self, place))
        } else if c == '第' {
            return self.ordinal(place);
        } else {
            self.money_first(place)
                .or_else(|| self.negative(place))
                .or_else(|| {
                    if digit(c).is_some() || c == '半' || c == '百' || c == '千' || c == '万' || c == '十' {
                        self.parts(place)
                    } else {
                        None
                    }
                })
                .or_else(|| self.score(place))
                .or_else(|| if c.is_ascii_digit() { english::amount(self, place) } else { None })
                .or_else(|| self.plain(place))
        }?;
        self.weigh(&mut amount);
        Some(amount)
    }

    /// Whether a number at a place is the tail of a code, a name or another number.
    fn inside_code(&self, place: usize) -> bool {
        let text = self.text;
        if place == 0 {
            return false;
        }
        let (before, c) = (at(text, place - 1), at(text, place));
        if c.is_ascii_digit() {
            let far = if place > 1 { at(text, place - 2) } else { ' ' };
            return before.is_ascii_alphanumeric()
                || matches!(before, '_' | '№' | '#' | '@' | '\\')
                || (matches!(before, '.' | ',' | ':') && far.is_ascii_digit())
                || (before == '/' && (far.is_ascii_alphanumeric()))
                // 歼-20, COVID-19
                || (before == '-' && (far.is_ascii_alphanumeric() || is_han(far)) && !self.in_range(place));
        }
        numerals::is_numeral(c) && (before.is_ascii_digit() || numerals::is_numeral(before))
    }

    /// Whether the hyphen before a place joins two numbers.
    fn in_range(&self, place: usize) -> bool {
        place > 2 && at(self.text, place - 2).is_ascii_digit()
    }

    /// The unit behind a number, over one blank.
    fn unit(&self, place: usize) -> Option<(usize, &Unit)> {
        let from = place + usize::from(at(self.text, place) == ' ' && !at(self.text, place + 1).is_ascii_digit());
        let latin = at(self.text, from).is_ascii_alphabetic();
        self.units.after.all(self.text, from).find(|(end, unit)| {
            !(self.misread(from, *end, unit) || latin && at(self.text, *end).is_ascii_alphanumeric())
        })
    }

    /// Whether what looks like a unit is the front of another word.
    fn misread(&self, from: usize, end: usize, unit: &Unit) -> bool {
        let text = self.text;
        let c = at(text, from);
        if end - from > 1 {
            return any(
                text,
                from,
                "个体 个性 个别 人大 人民日报 场所 口号 口气 项目 位于 位置 家庭 家族 家长 家具 条件 条例 层面 层次 级别 处理 处罚 处置 处分 件事 次要 次日 部分 部门 部队 本地 本身 本报 本市 本科 台湾 台风 台北 张家 道路 道理 章程 章节 种植 种子 代表 代码 点钟 分钟前 队伍 队员 队长 组织 组长 组合 股份 股东 股票 股市 圈子 集团 集体 集中 期间 期待 声音 句子 步伐 步行 站点 球员 球队 球迷 面积 面临 面对 面向 环境 环保 环节 款项 句话 类似 类型 字体 桌子 届时 届满 课程 课堂 版本 版权 行业 行动 行政 头部 头条 头脑 只要 只有 只能 只是 支持 支付 支撑 支部 根据 根本 条约 篇幅 届会 轮流 轮椅 轮胎 包括 包含 盒子 门口 门票 门诊 顶级 顶层 朵朵 双方 双边 双双 对于 对方 对外 对象 对策 对此 对应 对接 串联 座谈 座谈会 房间 盘点 局长 局面 局部 批准 批评 批复 样本 样板 份子 名义 名单 名字 名称 员工 员额 把握 把关 块头 起点 起义 宗教 宗旨 案件 案例 例如 例外 例会 票房 票价 席卷 排名 回家 回应 回归 遍布 遍地 轮廓 页面 页岩 层出 楼盘 路线 趟次 声明 口碑 口岸 孔子 孔雀 眼睛 眼前 片区 片面 团队 团体 团结",
            ) && !matches!(unit.kind, "money" | "duration");
        }
        match unit.kind {
            "count" | "points" => {
                let next = at(text, end);
                let joined = match c {
                    '人' => "民大均才工类口心士文间",
                    '个' => "体性别展",
                    '场' => "馆所地景合面内外",
                    '家' => "庭族长具电居乡园畜禽用务境",
                    '条' => "件例约款纹理形",
                    '层' => "面次级出层",
                    '级' => "别差联甲",
                    '处' => "理罚置分于在女境长级",
                    '件' => "事套",
                    '次' => "要日序数元贷新年生",
                    '部' => "分门队委长署位级落省",
                    '本' => "地身报市科土质级次来国人金息月周年届季省县村案",
                    '台' => "湾风北海州阶账",
                    '张' => "家口力贴掖",
                    '道' => "路理德教歉琼",
                    '章' => "程节子鱼",
                    '种' => "植子类群族质粮地田",
                    '点' => "击评名赞燃缀滴明面建意",
                    '分' => "之析布别类为成配享钟子公管局行店支明散歧布工隔开水设裂区级红手期会院馆数内",
                    '队' => "伍员长友列",
                    '组' => "织长合成委建装",
                    '股' => "份东票市权民指",
                    '圈' => "子层",
                    '集' => "团体中聚成合结会市约资邮",
                    '期' => "间待望限货盼末刊",
                    '句' => "子号",
                    '步' => "伐行骤入枪道",
                    '站' => "点在立台长起位",
                    '球' => "员队迷场拍赛星类门",
                    '面' => "积临对向貌试粉包条议孔",
                    '环' => "境保节球卫路评比线城岛形",
                    '款' => "项式待",
                    '类' => "似型别比",
                    '字' => "体母典幕里",
                    '届' => "时满",
                    '课' => "程堂题业本时改",
                    '版' => "本权图块面画",
                    '行' => "业动政为程驶人李使走进情长星",
                    '头' => "部条脑发痛盔衔等",
                    '只' => "要有能是会不好剩为",
                    '支' => "持付撑部行援出柱线",
                    '根' => "据本治源除",
                    '轮' => "流椅胎换廓到值岗船渡",
                    '包' => "括含装容裹围机车袱",
                    '门' => "口票诊槛户前店卫将",
                    '顶' => "级层尖部住端",
                    '双' => "方边双重向语城",
                    '对' => "于方外象策此应接话手口比照待象标抗",
                    '座' => "谈位席",
                    '盘' => "点活查",
                    '局' => "长面部势限级",
                    '批' => "准评复发判示改",
                    '份' => "子额",
                    '名' => "义单字称声誉列胜牌片额气家副校为叫",
                    '把' => "握关控",
                    '起' => "点义来到草步源因诉飞伏码",
                    '例' => "如外会行",
                    '票' => "房价",
                    '席' => "卷",
                    '回' => "家应归到来升落答收顾购报",
                    '口' => "号气碑岸味腔述头径",
                    '省' => "委政会市级长道内外直",
                    '市' => "委政场民区长值井级面直",
                    '县' => "委政城长级直域",
                    '区' => "委政域长级别间块位划",
                    '镇' => "长定江静",
                    '村' => "委民支庄口落级",
                    '所' => "以有在谓需属作得长",
                    '路' => "线口段面",
                    '声' => "明音称誉",
                    '片' => "区面",
                    '团' => "队体结员长",
                    '成' => "为立本果都功长员绩分就熟",
                    '户' => "籍口外型主均",
                    '位' => "于置移列次",
                    '项' => "目链",
                    '套' => "餐房利现取",
                    '卷' => "入烟",
                    '段' => "时落位",
                    '节' => "目能日约省奏假",
                    '楼' => "市盘上下房道",
                    '桌' => "子面",
                    '岗' => "位",
                    '晚' => "会上间报餐年期宴",
                    '夜' => "间里晚市景",
                    '幕' => "后",
                    '餐' => "厅饮馆具",
                    '波' => "动及折兰音士",
                    '群' => "众体",
                    '单' => "位元",
                    '案' => "件例情",
                    '篇' => "幅章",
                    '枚' => "举",
                    _ => "",
                };
                joined.contains(next) && !any(text, end, "人选手 人员 分别 分析 分布 分期 部长 人民群众")
                    || (matches!(c, '人') && any(text, end, "民 才 工 均 口 大代表 力 类"))
            }
            "degree" => matches!(c, '度' | '级') && any(text, end, "过 假 日 电 量 别 联 数"),
            "length" => {
                matches!(c, '里' | '丈' | '尺' | '寸' | '码') && any(text, end, "面 程 子 夫 度 头 斯 约 昂 拉 奥 字")
            }
            "mass" => {
                matches!(c, '两' | '克' | '钱' | '担')
                    && any(
                        text,
                        end,
                        "个 名 位 人 家 次 国 会 岸 地 者 市 级 里 拉 服 制 隆 罗 什 任 心 负 当 保 塘 包 江 条 年 天 种 项 座 大 侧 手 边 三",
                    )
            }
            "energy" => c == '卡' && any(text, end, "片 车 里 通 尔 塔 口 点 拉"),
            "power" => matches!(c, '匹' | '瓦') && any(text, end, "配 片 斯 解 兹"),
            "area" => matches!(c, '顷' | '坪') && any(text, end, "刻 坝"),
            "volume" => {
                matches!(c, '升' | '方' | '桶')
                    && any(text, end, "级 至 到 温 值 学 旗 起 降 面 案 式 法 便 向 言 位 可 针 阵 圆 才 能")
            }
            "money" => {
                matches!(c, '元') && any(text, end, "旦 宵 素 件 首 老 月 年 气 音 勋 宇 代 曲 朝 明 青 帅")
                    || matches!(c, '角') && any(text, end, "色 度 落 逐")
                    || matches!(c, '毛' | '块' | '镑' | '盾' | '铢')
                        && any(text, end, "钱包 主席 泽东 利率 巾 衣 病 状 头 垒 安 构")
                    || matches!(c, '分')
            }
            "duration" => self.not_a_length(from, end),
            "discount" => any(text, end, "射 叠 扣 腾 磨 返 旧 中 线 算 戟 服 合"),
            "tenths" => any(
                text,
                end,
                "为 立 本 果 都 功 长 员 绩 就 熟 才 交 千 群 分 对 品 人 年 语 败 型 套 份 片 了 因 田 吉",
            ),
            _ => false,
        }
    }

    /// 年 of a year, 日 of a date, 周 of a name.
    fn not_a_length(&self, from: usize, end: usize) -> bool {
        let text = self.text;
        match at(text, from) {
            '年' => any(text, end, "级 代 龄 度 薪 份 糕 底 初 末 中 报 鉴 会 级 轻 前 后 以 来 之"),
            '日' => end - from == 1,
            '周' => any(text, end, "边 围 岁 期 刊 一 二 三 四 五 六 日 末 转"),
            '天' => any(text, end, "津 气 空 花 使 桥 下 然"),
            '载' => !any(text, end, "， 。 、 春秋"),
            _ => false,
        }
    }

    /// 人民币30亿元, HK$2.5万, ¥300.
    fn money_first(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        let (mut after, money) = self.units.before.at(text, place)?;
        let latin = at(text, place).is_ascii_alphabetic();
        if latin && place > 0 && at(text, place - 1).is_ascii_alphanumeric() {
            return None;
        }
        while at(text, after) == ' ' || any(text, after, "约 逾 近 超") {
            after += 1;
            if after > place + 12 {
                return None;
            }
        }
        let mut amount = self.measured(after).filter(|a| a.kind == "money" || a.unit.is_empty()).or_else(|| {
            let n = number(text, after)?;
            Some(bare(after, &n))
        })?;
        if !starts_number(at(text, after)) {
            return None;
        }
        // US$3 bn, $3.5 million
        if amount.unit.is_empty()
            && let Some((end, scale)) = english::scale(text, amount.end)
        {
            (amount.value, amount.upper, amount.end) = (amount.value * scale, amount.upper * scale, end);
        }
        (amount.start, amount.unit, amount.kind) = (place, money.clone(), "money");
        Some(amount)
    }

    /// 零下3℃, 负0.05%, -2度.
    fn negative(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        let before = if place > 0 { at(text, place - 1) } else { ' ' };
        if let Some((after, scale)) = one_of(text, place, &[("摄氏", "摄氏度"), ("华氏", "华氏度")]) {
            let from = word(text, after, "零下").unwrap_or(after);
            let mut amount = self.measured(from).filter(|a| a.unit == "度")?;
            if from > after {
                (amount.value, amount.upper) = (-amount.value, -amount.upper);
            }
            (amount.start, amount.unit, amount.kind) = (place, scale.into(), "temperature");
            return Some(amount);
        }
        let (after, ()) = one_of(text, place, &[("零下", ()), ("负", ()), ("-", ()), ("−", ())])?;
        if at(text, place) == '-'
            && (before.is_ascii_alphanumeric() || is_han(before) || before == '-' || before == '%' || before == '℃')
        {
            return None;
        }
        if !starts_number(at(text, after)) {
            return None;
        }
        let mut amount = self.measured(after).filter(|a| a.kind != "count")?;
        (amount.value, amount.upper) = (-amount.value, -amount.upper);
        if amount.value > amount.upper {
            std::mem::swap(&mut amount.value, &mut amount.upper);
        }
        amount.start = place;
        Some(amount)
    }

    /// 百分之三, 三分之一, 四分一, 一半, 半米, 两至三成.
    fn parts(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        if self.inside_code(place) {
            return None;
        }
        if let Some(after) = word(text, place, "百分之") {
            let (end, low, high) = self.span_of_numbers(after)?;
            return Some(Amount {
                start: place,
                end,
                value: low,
                upper: high,
                unit: "%".into(),
                kind: "percent",
                modifier: "",
            });
        }
        if let Some(end) = word(text, place, "一半").filter(|e| !any(text, *e, "是 以下的")) {
            return Some(fraction(place, end, 0.5));
        }
        if at(text, place) == '半' {
            let (end, unit) = self.unit(place + 1)?;
            let measure = matches!(unit.kind, "length" | "mass" | "area" | "volume")
                && !any_before(text, place, "大 过 多 一 两 三 四 五 上 下");
            return measure.then(|| Amount {
                start: place,
                end,
                value: 0.5,
                upper: 0.5,
                unit: unit.name.clone(),
                kind: unit.kind,
                modifier: "",
            });
        }
        let whole = number(text, place).filter(|n| n.style != Style::Digits || n.end - place <= 2)?;
        let (after, ()) = one_of(text, whole.end, &[("分之", ()), ("分", ())])?;
        let short = after == whole.end + 1;
        let top = number(text, after).filter(|n| n.value > 0.0)?;
        if short && !(top.end == after + 1 && any(text, after, "一 二 三") && whole.value >= 3.0 && whole.value <= 10.0)
            || whole.value < 2.0 && whole.style != Style::Unit
        {
            return None;
        }
        if short && any(text, top.end, "秒 钟 点 十 百 千 万 亿 个") {
            return None;
        }
        let value = top.value / whole.value;
        (value.is_finite()).then(|| fraction(place, top.end, value))
    }

    /// Two numbers joined, or one: end, low, high.
    fn span_of_numbers(&self, place: usize) -> Option<(usize, f64, f64)> {
        let n = number(self.text, place)?;
        if let Some(after) = connector(self.text, n.end) {
            let after = word(self.text, after, "百分之").unwrap_or(after);
            if let Some(m) = number(self.text, after).filter(|m| m.value > n.value) {
                return Some((m.end, n.value, m.value));
            }
        }
        Some((n.end, n.value, n.upper))
    }

    /// 3比2, 2:2.
    fn score(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        if self.inside_code(place) {
            return None;
        }
        let first = number(text, place)
            .filter(|n| n.value < 1000.0 && n.value.fract() == 0.0 && !n.vague && n.style != Style::Unit)?;
        let colon = matches!(at(text, first.end), ':' | '：') && at(text, place).is_ascii_digit();
        let after = if colon { first.end + 1 } else { word(text, first.end, "比")? };
        let second = number(text, after).filter(|n| n.value < 1000.0 && !n.vague && n.style != Style::Unit)?;
        let next = at(text, second.end);
        if next.is_ascii_alphanumeric()
            || matches!(next, ':' | '：' | '%' | '/')
            || any(text, second.end, "年 月 个 成 季度")
        {
            return None;
        }
        Some(Amount {
            start: place,
            end: second.end,
            value: first.value,
            upper: second.value,
            unit: "比".into(),
            kind: "score",
            modifier: "",
        })
    }

    /// A number or range with its unit, or a number alone.
    fn plain(&self, place: usize) -> Option<Amount> {
        if !starts_number(at(self.text, place)) || self.inside_code(place) {
            return None;
        }
        self.measured(place).filter(|a| self.counts(place, a)).or_else(|| self.alone(place))
    }

    /// A number, or two, and the unit behind.
    fn measured(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        let n = number(text, place)?;
        let first = self.unit(n.end);
        let bracket = one_of(text, n.end, &[("(含)", ()), ("（含）", ())]).map_or(n.end, |(e, ())| e);
        // 500元至2000元, 22℃~31℃, 5%至8%, 3至5次, 2——3万
        let joined = match first {
            Some((end, _)) => one_of(text, end, &[("以上、", ()), ("以上,", ()), ("以上，", ()), ("以上", ())])
                .map(|(e, ())| e)
                .or_else(|| connector(text, end)),
            None => connector(text, bracket),
        };
        if let Some(after) = joined
            && starts_number(at(text, after))
            && let Some(m) = number(text, after)
            && let Some((end, unit)) = self.unit(m.end)
            && first.is_none_or(|(_, u)| u.name == unit.name || (u.kind == unit.kind && unit.kind == "money"))
        {
            let low = scaled(&n, &m);
            if low < m.value && !n.vague {
                let end = one_of(text, end, &[("以下", ())]).filter(|_| first.is_some()).map_or(end, |(e, ())| e);
                return Some(self.finish(place, end, low, m.upper, unit));
            }
        }
        let (end, unit) = first?;
        // 1.4克/千克
        if let Some((last, per)) = word(text, end, "/").and_then(|e| self.unit(e)).filter(|(_, u)| u.kind != "count") {
            let name = format!("{}/{}", unit.name, per.name);
            let joint = Unit { name, kind: if unit.kind == "money" { "money" } else { "concentration" } };
            return Some(self.finish(place, last, n.value, n.upper, &joint));
        }
        if n.style == Style::Digits && n.end - place > 2 && unit.kind != "money" {
            return None;
        }
        if n.style == Style::Unit && (n.value < 10_000.0 || !any(text, n.end, "人 元 吨 亩 名 美元 港元 人次 册 平方"))
        {
            return None;
        }
        let mut amount = self.finish(place, end, n.value, n.upper, unit);
        self.behind(&mut amount, unit);
        if n.vague && amount.value == amount.upper {
            amount.modifier = "over";
        }
        Some(amount)
    }

    fn finish(&self, start: usize, end: usize, value: f64, upper: f64, unit: &Unit) -> Amount {
        let coin = if unit.kind == "money" && unit.name == "元" { at(self.text, end - 1) } else { ' ' };
        let coin = if coin == '钱' { at(self.text, end - 2) } else { coin };
        let (value, upper, kind) = match unit.kind {
            "tenths" => (value * 10.0, upper * 10.0, "percent"),
            "money" if matches!(coin, '角' | '毛') => (value / 10.0, upper / 10.0, "money"),
            "money" if coin == '分' => (value / 100.0, upper / 100.0, "money"),
            kind => (value, upper, kind),
        };
        Amount { start, end, value: clean(value), upper: clean(upper), unit: unit.name.clone(), kind, modifier: "" }
    }

    /// What adds to the number behind its unit: 三本半, 六成二, 十块三毛, 1米78.
    fn behind(&self, amount: &mut Amount, unit: &Unit) {
        let text = self.text;
        let end = amount.end;
        if unit.kind == "tenths" {
            let digit_at =
                |p: usize| digit(at(text, p)).or_else(|| at(text, p).to_digit(10).and_then(|d| u8::try_from(d).ok()));
            if at(text, end) == '半' {
                amount.grow(end + 1, 5.0);
            } else if let Some(d) =
                digit_at(end).filter(|_| digit_at(end + 1).is_none() && !any(text, end + 1, "个 名 年 月 成 人 家 是"))
            {
                amount.grow(end + 1, d.into());
            } else if at(text, end) == '多' {
                amount.end += 1;
                amount.modifier = "over";
            }
            return;
        }
        if unit.name == "斤"
            && let Some(n) = number(text, end).filter(|n| n.value < 10.0 && at(text, n.end) == '两')
        {
            amount.grow(n.end + 1, n.value / 10.0);
            return;
        }
        if at(text, end) == '半'
            && self.unit(end + 1).is_none()
            && !any(text, end, "半年 半数 半夜 半天 半个 半日 半月 半价 半岛")
            && matches!(unit.kind, "count" | "age" | "mass" | "length" | "area" | "duration" | "volume" | "multiple")
        {
            amount.grow(end + 1, 0.5);
            return;
        }
        if unit.kind == "money" && unit.name == "元" && !matches!(at(text, end - 1), '分' | '钱') {
            let mut place = end;
            let mut total = 0.0;
            for (words, weight) in [("角 毛", 0.1), ("分", 0.01)] {
                if let Some(n) = number(text, place).filter(|n| n.value < 10.0)
                    && any(text, n.end, words)
                    && !any(text, n.end, "分之 分别")
                {
                    total += n.value * weight;
                    place = n.end + 1;
                }
            }
            if place == end && any(text, end.saturating_sub(1), "块") {
                // 三块五
                if let Some(d) = digit(at(text, end)).filter(|d| {
                    *d > 0 && !starts_number(at(text, end + 1)) && !self.units.after.starts(at(text, end + 1))
                }) {
                    (total, place) = (f64::from(d) / 10.0, end + 1);
                }
            }
            if place > end {
                amount.grow(word(text, place, "钱").unwrap_or(place), total);
            }
        } else if unit.name == "米"
            && end - amount.start <= 4
            && let Some(n) = number(text, end).filter(|n| {
                n.end - end <= 2
                    && n.value < 100.0
                    && !n.vague
                    && self.unit(n.end).is_none()
                    && !at(text, n.end).is_ascii_alphanumeric()
                    && at(text, n.end) != '.'
            })
        {
            let by = if n.end - end == 2 && at(text, end).is_ascii_digit() { n.value / 100.0 } else { n.value / 10.0 };
            if n.value < 10.0 || at(text, end).is_ascii_digit() {
                amount.grow(n.end, by);
            }
        }
    }

    /// Whether a number with a counter says how many, and is not a mere article (一个, 一种) or part of a name.
    fn counts(&self, place: usize, amount: &Amount) -> bool {
        let text = self.text;
        let chinese = !at(text, place).is_ascii_digit();
        if chinese && self.quoted_term(place, amount.end) {
            return false;
        }
        // 十四届七次全会 is the name of a meeting.
        if matches!(amount.unit.as_str(), "届" | "次")
            && (any(text, amount.end, "全会 全体会议 常委会 会议 人大 政协 党代会 代表大会")
                || (amount.unit == "届" && starts_number(at(text, amount.end)))
                || amount.unit == "届" && any(text, amount.end, "省委 市委 县委 全国"))
        {
            return false;
        }
        let single = amount.value == amount.upper;
        if matches!(amount.kind, "count" | "points" | "degree" | "discount") && chinese {
            if amount.value == 1.0 && single && amount.end - place <= 1 + amount.unit.chars().count() {
                return amount.unit == "人"
                    && !any(text, amount.end, "一 之 为 的 公司 多")
                    && !any_before(text, place, "每 同 第 任何 另 独 某 一");
            }
            if amount.unit == "分" || amount.unit == "点" {
                return amount.value >= 2.0
                    && amount.value != 10.0
                    && (amount.unit == "分" && any_before(text, place, "得 扣 加 减 领先 落后 总 以 拿到 差 砍下"));
            }
            if amount.unit == "级" && amount.value <= 3.0 && !any_before(text, place, "风 里氏 震") {
                return false;
            }
        }
        // 一斤, 一公里 are mostly "a pound", "the kilometre".
        let measure = ["length", "mass", "area", "volume", "energy", "power", "money"].contains(&amount.kind);
        if measure && chinese && amount.value == 1.0 && single {
            return false;
        }
        if chinese && amount.value == 0.0 && amount.kind == "count" {
            return false;
        }
        if amount.unit == "分" && any_before(text, place, "时 小时") {
            return false;
        }
        if amount.kind == "duration" && single && chinese && amount.value == 1.0 {
            return false;
        }
        if amount.unit == "点"
            && !chinese
            && amount.end - place < 3
            && !any_before(text, place, "报 跌 涨 升 挫 至 收 近 逾 约")
        {
            return false;
        }
        if amount.unit == "分" && !chinese && any(text, amount.end, "钟 之 秒") {
            return false;
        }
        !any_before(text, place, "第 这 那") || !chinese
    }

    /// “两张清单”, “三个代表”: a short quoted term that begins with a number is a name.
    fn quoted_term(&self, place: usize, end: usize) -> bool {
        let text = self.text;
        if place == 0 || !matches!(at(text, place - 1), '“' | '‘' | '「' | '『' | '《') {
            return false;
        }
        (end..end + 9).any(|p| matches!(at(text, p), '”' | '’' | '」' | '』' | '》'))
    }

    /// A number without a unit.
    fn alone(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        let n = number(text, place)?;
        if n.style == Style::Unit || n.style == Style::Pair {
            return None;
        }
        let next = at(text, n.end);
        let joined = next.is_ascii_alphanumeric()
            || matches!(next, '-' | '/' | '_' | ':' | '@' | '#' | '*')
            || (next == '.' && at(text, n.end + 1).is_ascii_alphanumeric());
        if joined || self.quoted_term(place, n.end) {
            return None;
        }
        let before = if place == 0 { '\n' } else { at(text, place - 1) };
        let scaled = n.scale > 0.0;
        let thousands = n.style == Style::Arabic && text.get(place..n.end).is_some_and(|t| t.contains(&','));
        let edge = |c: char| !is_han(c) && !c.is_ascii_alphanumeric() && !matches!(c, '第' | '.' | '-' | '/');
        let whole = edge(before) && edge(next);
        let said = any_before(
            text,
            place,
            "为 是 达 到 至 约 超 近 逾 破 共 计 于 报 系数 指数 比值 得分 总数 达到 突破 超过 等于 负 正 =",
        ) && !any_before(text, place, "编号为 号码为 邮编为 电话是 电话为 号是 号为 联系 拨打 致电")
            && edge(next);
        let numeric = matches!(before, '\n') && next == '.' || before == '\n' && n.decimal && is_han(next);
        let ok = scaled && !(n.value == 10_001.0)
            || thousands
            || n.decimal && n.style == Style::Arabic && !numeric && !matches!(next, '版' | '代' | '声')
            || (said && (n.value < 1e6 || scaled))
            || (whole && place == 0 && n.end == text.len());
        if !ok || any_before(text, place, "第 版本") {
            return None;
        }
        if n.style == Style::Chinese && scaled && n.vague && is_han(next) && n.end - place < 2 {
            return None;
        }
        let mut amount = bare(place, &n);
        if n.vague {
            amount.modifier = "over";
        }
        Some(amount)
    }

    /// 第120次, 第二名, 第一: the number behind 第, with what it counts.
    fn ordinal(&self, place: usize) -> Option<Amount> {
        let text = self.text;
        let from = place + 1 + usize::from(at(text, place + 1) == ' ');
        if !starts_number(at(text, from)) {
            return None;
        }
        let n = number(text, from).filter(|n| n.style != Style::Unit && !n.decimal && n.value > 0.0)?;
        if any(
            text,
            n.end,
            "人民 中学 小学 医院 百货 机床 实验 监狱 幼儿园 集团军 工程局 建筑 公司 检察 附属 初级 高级 机械 汽车 炼油 纺织 师范 农业 职业 看守所 航空 军医 野战 研究 设计 产业 时间 季度 世界 者 方面军 国际",
        ) {
            return None;
        }
        let (end, unit) = match self.unit(n.end) {
            Some((end, unit)) if unit.kind == "duration" => {
                (end, text.get(n.end..end)?.iter().filter(|c| **c != ' ').collect())
            }
            Some((end, unit)) if unit.kind != "percent" && unit.kind != "tenths" => (end, unit.name.clone()),
            _ if any(text, n.end, "号") => (n.end + 1, "号".to_owned()),
            _ => (n.end, String::new()),
        };
        Some(Amount { start: from, end, value: n.value, upper: n.upper, unit, kind: "ordinal", modifier: "" })
    }

    /// What the words before and behind say: 约, 近, 逾, 不到, 左右, 以上.
    fn weigh(&self, amount: &mut Amount) {
        const BEFORE: &[(&str, &str)] = &[
            ("about", "大约 大概 大致 约 约为 约合 约占 左右"),
            ("under", "不到 不足 不满 不超过 低于 少于 小于 至多 最多 最高 未满 不多于 不高于 以内"),
            ("almost", "将近 接近 几近 近 临近 逼近"),
            ("over", "超过 超出 多于 高于 大于 不少于 不低于 至少 最少 最低 突破 逾 超 过 高达 多达 不止 起码"),
        ];
        const BEHIND: &[(&str, &str)] = &[
            ("about", "左右 上下 前后 许"),
            ("under", "以下 以内 之内 不到"),
            ("over", "以上 之多 有余 开外 （含）以上 (含)以上 及以上 多 起"),
        ];
        if let Some((modifier, _)) = BEFORE.iter().find(|(_, words)| any_before(self.text, amount.start, words)) {
            amount.modifier = modifier;
        } else if let Some((modifier, _)) = BEHIND.iter().find(|(_, words)| any(self.text, amount.end, words))
            && !any(
                self.text,
                amount.end,
                "许多 许可 多次 多个 多家 起来 起诉 起点 起步 起到 以下简称 多年 多元 多名 多地",
            )
            && amount.value == amount.upper
        {
            amount.modifier = modifier;
        }
    }
}

impl Amount {
    fn grow(&mut self, end: usize, by: f64) {
        (self.end, self.value, self.upper) = (end, clean(self.value + by), clean(self.upper + by));
    }
}

/// Whether a number may begin here, 几 and 数 included.
fn starts_number(c: char) -> bool {
    numerals::starts(c)
}

fn bare(start: usize, n: &Number) -> Amount {
    Amount {
        start,
        end: n.end,
        value: clean(n.value),
        upper: clean(n.upper),
        unit: String::new(),
        kind: "number",
        modifier: "",
    }
}

fn fraction(start: usize, end: usize, value: f64) -> Amount {
    let value = (value * 1e4).round() / 1e4;
    Amount { start, end, value, upper: value, unit: String::new(), kind: "fraction", modifier: "" }
}

/// 1.2 times 10,000 is 12,000 to the reader, whatever binary makes of it.
fn clean(value: f64) -> f64 {
    if value.abs() >= 1e3 { (value * 1e4).round() / 1e4 } else { (value * 1e9).round() / 1e9 }
}

/// The lower number of a range, with the scale that is said only once: 两到三万 is 20,000 to 30,000.
fn scaled(n: &Number, m: &Number) -> f64 {
    let mut low = n.value;
    if m.scale > 0.0 && n.scale == 0.0 && low * m.scale < m.value {
        low *= m.scale;
    }
    if n.style == Style::Chinese && low < 10.0 && m.style == Style::Chinese && m.scale == 0.0 {
        // 两到三千, 两~3百
        let unit =
            [1000.0, 100.0, 10.0].into_iter().find(|u| m.value >= *u && m.value % u == 0.0 && m.value / u < 10.0);
        if let Some(u) = unit
            && low * u < m.value
            && u >= 100.0
        {
            low *= u;
        }
    }
    low
}
