//! The gazetteer: divisions of China, countries, cities, natural features.

use std::collections::HashMap;

use crate::lexicon::table::{Reader, TableError};

/// What kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gpe,
    Loc,
    Fac,
    /// A single letter that stands for a place beside another one: 京沪, 中美.
    Letter,
}

/// A place; its `code` is GB/T 2260 or ISO 3166-1 alpha-2, or "".
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub name: String,
    pub kind: Kind,
    pub code: String,
    /// The last year it was listed, for a division that is no more.
    pub until: String,
}

impl Place {
    /// How far down the hierarchy: 1 province, 2 city, 3 county; 0 for what is no division of China.
    pub fn level(&self) -> u8 {
        match self.code.as_bytes() {
            [_, _, b'0', b'0', b'0', b'0'] => 1,
            [_, _, _, _, b'0', b'0'] => 2,
            code if code.len() == 6 => 3,
            _ => 0,
        }
    }

    /// Whether the division lies in `other`, by their codes.
    pub fn lies_in(&self, other: &Place) -> bool {
        let stem = match other.level() {
            1 => other.code.get(..2),
            2 => other.code.get(..4),
            _ => None,
        };
        self.level() > other.level() && stem.is_some_and(|stem| self.code.starts_with(stem))
    }
}

/// One way to write a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    pub place: u32,
    /// The name without its kind of division: 无锡 for 无锡市.
    pub short: bool,
}

/// The tables `divisions.tsv`, `countries.tsv` and `places.tsv`.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub list: Vec<Place>,
    spellings: HashMap<String, Vec<Spelling>>,
    codes: HashMap<String, u32>,
}

const ENDINGS: &[&str] = &[
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "各族自治县",
    "林区",
    "新区",
    "矿区",
    "特区",
    "地区",
    "省",
    "市",
    "盟",
    "县",
    "区",
    "旗",
];
const PEOPLES: &[&str] = &[
    "朝鲜族",
    "土家族",
    "苗族",
    "藏族",
    "羌族",
    "彝族",
    "布依族",
    "侗族",
    "哈尼族",
    "壮族",
    "傣族",
    "白族",
    "景颇族",
    "傈僳族",
    "回族",
    "蒙古族",
    "哈萨克",
    "蒙古",
    "柯尔克孜",
    "瑶族",
    "满族",
    "黎族",
    "畲族",
    "土族",
    "东乡族",
    "撒拉族",
    "保安族",
    "裕固族",
    "仡佬族",
    "水族",
    "纳西族",
    "拉祜族",
    "佤族",
    "布朗族",
    "独龙族",
    "怒族",
    "普米族",
    "毛南族",
    "仫佬族",
    "各族",
    "塔吉克",
    "锡伯",
    "达斡尔族",
    "鄂温克族",
    "鄂伦春",
    "达斡尔",
];

/// The name without its kind of division and the peoples it is named after.
pub fn short(name: &str) -> Option<&str> {
    let mut stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))?;
    if name.contains("自治") {
        while let Some(rest) = PEOPLES.iter().find_map(|people| stem.strip_suffix(people)) {
            stem = rest;
        }
    }
    (stem.chars().count() >= 2).then_some(stem)
}

impl Places {
    /// Reads the tables.
    ///
    /// # Errors
    /// A wrong line.
    pub fn load(tables: &mut Reader<'_>) -> Result<Places, TableError> {
        let mut places = Places::default();
        let table = tables.read("divisions.tsv", include_str!("../../config/lexicon/divisions.tsv"))?;
        for row in &table.rows {
            if row.cell(0).len() != 6 || !row.cell(0).bytes().all(|b| b.is_ascii_digit()) {
                return Err(row.wrong(format!("`{}` is no code of six digits", row.cell(0))));
            }
            places.add(row.cell(1), Kind::Gpe, row.cell(0), row.cell(2));
        }
        let table = tables.read("countries.tsv", include_str!("../../config/lexicon/countries.tsv"))?;
        for row in &table.rows {
            let place = places.add(row.cell(1), Kind::Gpe, row.cell(0), "");
            for alias in row.cell(2).split_whitespace() {
                places.spell(alias, place, false);
            }
        }
        let table = tables.read("places.tsv", include_str!("../../config/lexicon/places.tsv"))?;
        for row in &table.rows {
            let kind = match row.cell(1) {
                "gpe" => Kind::Gpe,
                "loc" => Kind::Loc,
                "fac" => Kind::Fac,
                "letter" => Kind::Letter,
                other => return Err(row.wrong(format!("`{other}` is no kind of place: gpe loc fac letter"))),
            };
            let (word, norm) = (row.cell(0), row.cell(2));
            let known = places.named(norm).filter(|_| word != norm);
            let letter = kind == Kind::Letter;
            let place = known.unwrap_or_else(|| if letter { 0 } else { places.add(norm, kind, row.cell(3), "") });
            if word != norm && (!letter || known.is_some()) {
                places.spell(word, place, letter);
            }
        }
        Ok(places)
    }

    fn add(&mut self, name: &str, kind: Kind, code: &str, until: &str) -> u32 {
        if let Some(known) = self.named(name).filter(|_| code.is_empty()) {
            return known;
        }
        let index = u32::try_from(self.list.len()).expect("tables are small");
        self.list.push(Place { name: name.into(), kind, code: code.into(), until: until.into() });
        if !code.is_empty() && until.is_empty() {
            self.codes.insert(code.into(), index);
        }
        self.spell(name, index, false);
        if let Some(stem) = short(name).filter(|_| code.len() == 6) {
            self.spell(stem, index, true);
        }
        index
    }

    fn spell(&mut self, word: &str, place: u32, short: bool) {
        let list = self.spellings.entry(word.into()).or_default();
        if !list.iter().any(|s| s.place == place) {
            list.push(Spelling { place, short });
        }
    }

    fn named(&self, name: &str) -> Option<u32> {
        self.spellings.get(name)?.iter().find(|s| !s.short).map(|s| s.place)
    }

    /// Every place that may be written so, in order of the tables.
    pub fn find(&self, word: &str) -> &[Spelling] {
        self.spellings.get(word).map_or(&[], Vec::as_slice)
    }

    /// Every way to write a place that has more than one letter, in a fixed order.
    pub fn words(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.spellings.keys().map(String::as_str).filter(|w| w.len() > 3).collect();
        words.sort_unstable();
        words
    }

    /// The place of a code.
    pub fn by_code(&self, code: &str) -> Option<&Place> {
        self.list.get(*self.codes.get(code)? as usize)
    }

    /// The place by its number.
    pub fn get(&self, index: u32) -> Option<&Place> {
        self.list.get(index as usize)
    }

    /// The place that a setting names, by code or by name.
    pub fn by_setting(&self, text: &str) -> Option<&Place> {
        let spelling = || {
            let found = self.find(text);
            found.iter().min_by_key(|s| self.get(s.place).map_or(9, |p| if p.level() == 0 { 8 } else { p.level() }))
        };
        self.by_code(text).or_else(|| self.get(spelling()?.place))
    }

    /// The province and the city that a place lies in (itself included).
    pub fn chain(&self, place: &Place) -> (Option<&Place>, Option<&Place>) {
        let up = |digits: usize, zeros: &str| {
            let code = place.code.get(..digits).filter(|_| place.level() > 0)?;
            self.by_code(&format!("{code}{zeros}"))
        };
        (up(2, "0000"), up(4, "00").filter(|p| p.level() == 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_what_kind_of_division() {
        assert_eq!(short("无锡市"), Some("无锡"));
        assert_eq!(short("延边朝鲜族自治州"), Some("延边"));
        assert_eq!(short("双江拉祜族佤族布朗族傣族自治县"), Some("双江"));
        assert_eq!(short("滑县"), None);
    }

    #[test]
    fn knows_the_hierarchy() {
        let places = Places::load(&mut Reader::new(&[])).expect("the built-in tables are right");
        let wuxi = places.by_setting("无锡市").expect("listed");
        assert_eq!(wuxi.code, "320200");
        assert_eq!(places.chain(wuxi).0.map(|p| p.name.as_str()), Some("江苏省"));
        assert_eq!(places.by_setting("320214").map(|p| p.name.as_str()), Some("新吴区"));
        let usa = places.find("美利坚合众国").first().and_then(|s| places.get(s.place)).expect("listed");
        assert_eq!((usa.name.as_str(), usa.code.as_str()), ("美国", "US"));
    }
}
