//! What a person's name in a credit may look like.

use crate::segment::scan::is_han;

/// Surnames of one character, simplified and traditional.
const SINGLE: &str = "赵趙钱錢孙孫李周吴吳郑鄭王冯馮陈陳褚卫衛蒋蔣沈韩韓杨楊朱秦尤许許何吕呂施张張孔曹严嚴华華金魏陶姜戚谢謝邹鄒喻柏窦竇章云雲苏蘇潘葛奚范範彭郎鲁魯韦韋昌马馬苗凤鳳花方俞任袁柳酆鲍鮑史唐费費廉岑薛雷贺賀倪汤湯滕殷罗羅毕畢郝邬鄔安常乐樂于於时時傅皮卞齐齊康伍余餘元卜顾顧孟平黄黃和穆萧蕭肖尹姚邵湛汪祁毛禹狄米贝貝明臧计計伏成戴谈談宋茅庞龐熊纪紀舒屈项項祝董梁杜阮蓝藍闵閔席季麻强強贾賈路娄婁危江童颜顏郭梅盛林刁钟鍾鐘徐邱丘骆駱高夏蔡田樊胡凌霍虞万萬支柯昝管卢盧莫经經房裘缪繆干解应應宗丁宣贲邓鄧郁单單杭洪包诸諸左石崔吉钮鈕龚龔程嵇邢滑裴陆陸荣榮翁荀羊惠甄曲家封芮羿储儲靳汲糜松井段富巫乌烏焦巴弓牧隗山谷车車侯宓蓬全郗班仰秋仲伊宫宮宁寧仇栾欒暴甘厉厲戎祖武符刘劉景詹束龙龍叶葉幸司韶郜黎蓟溥印宿白怀懷蒲邰从鄂索咸籍赖賴卓蔺藺屠蒙池乔喬阴陰胥能苍双闻聞莘党黨翟谭譚贡勞劳姬申扶堵冉宰雍璩桑桂濮牛寿壽通边邊扈燕冀浦尚农農温溫柴瞿阎閻闫閆充慕连連茹习習宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满滿弘匡国國文寇广禄祿阙东東欧歐殳沃利蔚越夔隆师師巩鞏厍聂聶晁勾敖融冷訾辛阚闞那简簡饶饒曾毋沙乜养鞠须丰关關蒯查荆荊游竺权權逯盖益桓公覃岳帅帥缑亢况琴商牟佘佴伯赏墨哈谯笪阳陽佟邸苟鄢修麦麥邝鄺仝展";
/// Surnames of two characters.
const DOUBLE: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "夏侯", "东方", "東方", "皇甫", "尉迟", "公孙", "公孫",
    "慕容", "令狐", "司徒", "司空", "端木", "南宫", "独孤", "宇文", "长孙", "呼延", "百里", "拓跋", "淳于", "闻人",
    "轩辕",
];

/// Whether `name` opens with a surname.
pub fn has_surname(name: &str) -> bool {
    name.chars().next().is_some_and(|c| SINGLE.contains(c)) || DOUBLE.iter().any(|d| name.starts_with(d))
}

/// Whether `name` has the build of a Chinese name: a surname and one or two more characters.
pub fn is_full(name: &str) -> bool {
    let chars = name.chars().count();
    let double = DOUBLE.iter().any(|d| name.starts_with(d));
    name.chars().all(is_han) && has_surname(name) && (chars == 2 || chars == 3 || (double && chars == 4))
}

/// Whether `name` can sign an article: a full name, a pen name of two to four characters, a name with `·`, or Latin
/// words (`阿卜杜拉·买买提`, `一悠`, `Anna Okafor`).
pub fn can_sign(name: &str) -> bool {
    let chars = name.chars().count();
    let han = name.chars().filter(|c| is_han(*c)).count();
    if han == chars {
        return (2..=4).contains(&chars);
    }
    let dotted = name.contains(['·', '•', '・', '．']);
    if han > 0 && dotted {
        return han >= 2 && chars <= 18 && name.chars().all(|c| is_han(c) || "·•・．".contains(c));
    }
    han == 0
        && (2..=40).contains(&chars)
        && name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().all(|c| c.is_alphabetic() || " .-'’·".contains(c))
}

/// Splits names that were set without a gap (`余瑶王飞翔`) where exactly one reading gives full names throughout,
/// preferring fewer names.
pub fn unglue(name: &str) -> Vec<&str> {
    let borders: Vec<usize> = name.char_indices().map(|(i, _)| i).chain([name.len()]).collect();
    let chars = borders.len() - 1;
    if !(4..=12).contains(&chars) || is_full(name) || !name.chars().all(is_han) {
        return vec![name];
    }
    // best[i] = fewest names that make up the first i characters, and where the last of them starts.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; chars + 1];
    best[0] = Some((0, 0));
    for end in 1..=chars {
        for len in [3_usize, 2, 4] {
            let Some(start) = end.checked_sub(len) else { continue };
            let piece = name.get(borders[start]..borders[end]).unwrap_or_default();
            if let (Some((count, _)), true) = (best[start], is_full(piece))
                && best[end].is_none_or(|(old, _)| count + 1 < old)
            {
                best[end] = Some((count + 1, start));
            }
        }
    }
    let mut pieces = Vec::new();
    let mut end = chars;
    while end > 0 {
        let Some((_, start)) = best[end] else { return vec![name] };
        pieces.push(name.get(borders[start]..borders[end]).unwrap_or_default());
        end = start;
    }
    pieces.reverse();
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_sign() {
        for name in ["高美梅", "惠晓婧", "一悠", "欧阳娜娜", "阿卜杜拉·买买提", "Anna Okafor"] {
            assert!(can_sign(name), "{name}");
        }
        for name in ["高", "见图", "the end", "2024"] {
            assert!(!is_full(name), "{name}");
        }
        assert!(!can_sign("2024"));
    }

    #[test]
    fn glued_names_come_apart() {
        assert_eq!(unglue("余瑶王飞翔"), ["余瑶", "王飞翔"]);
        assert_eq!(unglue("高美梅"), ["高美梅"]);
        assert_eq!(unglue("李明张晓红王洋"), ["李明", "张晓红", "王洋"]);
        assert_eq!(unglue("讀者來論"), ["讀者來論"]);
    }
}
