//! Texts by the grammar, texts of the recorded cases with something changed, and plain noise.

use greenroom::schema::{FieldType, Schema};
use serde_json::Value;

use crate::support::Dice;

const CASES: &str = include_str!("../../../filter/rows/cases.json");
/// Stands in what the grammar lets a client choose freely.
const MARK: &str = "zqxj";
const PIECES: [&str; 46] = [
    "(",
    ")",
    "((",
    "))",
    "&&",
    "||",
    "&",
    "|",
    "=",
    "!=",
    "?=",
    "?!~",
    "~",
    "!",
    "?",
    "<",
    ">=",
    "'",
    "\"",
    "\\",
    "\\'",
    "//",
    "\n",
    "\t",
    "\0",
    "\r",
    ",",
    ".",
    "..",
    ":",
    ":lower",
    ":each",
    ":length",
    ":isset",
    ":changed",
    "@",
    "@request.",
    "@collection.",
    "_via_",
    "null",
    "true",
    "-",
    "1e9",
    "é",
    "\u{202e}",
    "😀",
];

pub struct Texts {
    fields: Vec<String>,
    hops: Vec<String>,
    recorded: Vec<String>,
}

impl Texts {
    pub fn new(schema: &Schema) -> Self {
        let mut fields = vec!["id".to_owned(), "nope".to_owned(), "@rowid".to_owned()];
        let mut hops = Vec::new();
        for collection in schema.collections().iter().filter(|c| !c.name.starts_with('_')) {
            for field in &collection.fields {
                fields.push(field.name.clone());
                if matches!(field.kind, FieldType::Relation(_)) {
                    hops.push(field.name.clone());
                    hops.push(format!("{}_via_{}", collection.name, field.name));
                }
            }
            hops.push(format!("@collection.{}", collection.name));
            hops.push(format!("@collection.{}:{MARK}", collection.name));
        }
        hops.extend(
            ["@request.auth", "@request.body", "@request.query", "meta"].map(str::to_owned),
        );
        let cases: Vec<Value> = serde_json::from_str(CASES).expect("the recorded cases");
        let of = |key: &'static str| cases.iter().filter_map(move |case| case[key].as_str());
        let recorded = of("filter").chain(of("sort")).chain(of("rule")).map(str::to_owned);
        Self { fields, hops, recorded: recorded.filter(|text| !text.is_empty()).collect() }
    }

    /// Draws one.
    pub fn draw(&self, dice: &mut Dice) -> String {
        match dice.below(10) {
            0 | 1 => self.filter(dice, 3),
            2 => {
                let keys: Vec<String> = (0..=dice.below(3)).map(|_| self.path(dice)).collect();
                keys.join(dice.pick(&[",", ",-", ", +", "."]))
            }
            3..=6 => {
                let text = dice.pick(&self.recorded);
                self.changed(dice, &text)
            }
            7 => {
                let text = self.filter(dice, 2);
                self.changed(dice, &text)
            }
            8 => (0..dice.below(30)).map(|_| dice.pick(&PIECES)).collect(),
            _ => {
                let bytes: Vec<u8> =
                    (0..dice.below(60)).map(|_| dice.next().to_le_bytes()[0]).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }
    }

    fn filter(&self, dice: &mut Dice, depth: usize) -> String {
        if depth == 0 || dice.once_in(3) {
            let operator = dice.pick(&[
                "=", "!=", ">", ">=", "<", "<=", "~", "!~", "?=", "?!=", "?>", "?<=", "?~", "?!~",
            ]);
            let blank = dice.pick(&["", " ", "\n"]);
            return format!("{}{blank}{operator}{blank}{}", self.operand(dice), self.operand(dice));
        }
        let parts: Vec<String> =
            (0..=dice.below(3)).map(|_| self.filter(dice, depth - 1)).collect();
        format!("({})", parts.join(dice.pick(&[" && ", "||", " || ", "&&"])))
    }

    fn operand(&self, dice: &mut Dice) -> String {
        match dice.below(9) {
            0 => format!("'{MARK}{}'", dice.pick(&["", "%", "_", "\\'", "\"", ";--", "é", "\\n"])),
            1 => format!("\"{MARK}{}\"", dice.pick(&["", "' OR 1=1", "`", "?1", "$x", ":y"])),
            2 => dice.pick(&["0", "1", "-7.25", "99999999999999999999", "00.10"]).to_owned(),
            3 => dice.pick(&["@now", "@year", "true", "null", "False", "@todayEnd"]).to_owned(),
            4 => format!("strftime('%Y-{MARK}', {})", self.path(dice)),
            5 => {
                let (a, b) = (self.path(dice), self.path(dice));
                format!("geoDistance({a}, {b}, 1, -2.5)")
            }
            _ => self.path(dice),
        }
    }

    fn path(&self, dice: &mut Dice) -> String {
        let mut text = String::new();
        while dice.once_in(3) {
            text.push_str(&dice.pick(&self.hops));
            text.push('.');
        }
        text.push_str(&dice.pick(&self.fields));
        let below = dice.pick(&["", "", "", "", ":lower", ":each", ":length", ".a.b.0", ".id"]);
        text.push_str(below);
        if dice.once_in(20) {
            text.push_str(&format!(".{MARK}"));
        }
        text
    }

    /// The text with something cut, doubled, swapped or put in.
    fn changed(&self, dice: &mut Dice, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..=dice.below(3) {
            let at = dice.below(chars.len() + 1);
            let to = at + dice.below(chars.len() + 1 - at);
            match dice.below(6) {
                0 => drop(chars.drain(at..to)),
                1 => {
                    let again = chars[at..to].to_vec();
                    chars.splice(at..at, again);
                }
                2 => {
                    let piece: Vec<char> = dice.pick(&PIECES).chars().collect();
                    chars.splice(at..at, piece);
                }
                3 => {
                    let path: Vec<char> = self.path(dice).chars().collect();
                    chars.splice(at..at, path);
                }
                4 if at < chars.len() => {
                    chars[at] = char::from(dice.next().to_le_bytes()[0]);
                }
                _ => {}
            }
            chars.truncate(4_000);
        }
        chars.into_iter().collect()
    }
}
