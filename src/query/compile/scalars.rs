//! Values and comparisons in SQL (contract §2.2, §2.6).

use super::{Compiler, FALSE, Scope, TRUE};
use crate::json;
use crate::query::ast::Compare;
use crate::query::predicate::{Join, Origin, Scalar, Test};
use crate::sql::Value;

/// What is known of an operand before the statement runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Empty text or NULL.
    Empty,
    /// Any other value.
    Value,
    /// A row decides.
    Nothing,
}

/// What a comparison says when one of its joins found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    True,
    False,
    Null,
    Any,
}

fn known(scalar: &Scalar) -> Known {
    match scalar {
        Scalar::Param(Value::Null) => Known::Empty,
        Scalar::Param(Value::Text(text)) if text.is_empty() => Known::Empty,
        Scalar::Param(_) | Scalar::Truth(_) => Known::Value,
        // The items of a submitted list are compared as they are: no item is not an empty one.
        Scalar::Item(join) if join.is_submitted() => Known::Value,
        _ => Known::Nothing,
    }
}

impl Compiler<'_> {
    /// The joins that `scalar` reads must be in `scope`.
    pub(super) fn scalar(&mut self, scalar: &Scalar, scope: &Scope) -> String {
        match scalar {
            Scalar::Param(value) => self.param(value.clone()),
            Scalar::Column(Origin::Base, column) => self.base_column(column),
            Scalar::Column(Origin::Join(join), column) => {
                let alias = scope.get(&join.key).map_or("r", String::as_str);
                format!("{alias}.{}", self.dialect.quote(column))
            }
            Scalar::Item(join) => {
                let alias = scope.get(&join.key).map_or("r", String::as_str);
                self.dialect.list_table_item(alias)
            }
            Scalar::RowId => self.dialect.row_id("r"),
            Scalar::Json(document, path) => {
                let document = self.scalar(document, scope);
                let path = self.param(self.dialect.json_path(path));
                self.dialect.json_value(&document, &path)
            }
            Scalar::Length(list) => {
                let list = self.scalar(list, scope);
                self.dialect.list_length(&list)
            }
            Scalar::Lower(of) => {
                let of = self.scalar(of, scope);
                self.dialect.lower(&of)
            }
            Scalar::Call(function, arguments) => {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| self.scalar(argument, scope)).collect();
                (function.write)(self.dialect, &arguments)
            }
            Scalar::Truth(cond) => {
                let cond = self.cond(cond, scope);
                format!("(CASE WHEN {cond} THEN 1 ELSE 0 END)")
            }
            Scalar::Shown(of, cond) => {
                let cond = self.cond(cond, scope);
                let value = self.scalar(of, scope);
                format!("(CASE WHEN {cond} THEN {value} WHEN {value} IS NOT NULL THEN '' END)")
            }
        }
    }

    /// A comparison; each side may have joins of its own at hand.
    pub(super) fn test(&mut self, test: &Test, left: &Scope, right: &Scope) -> String {
        match test.compare {
            Compare::Equal | Compare::NotEqual => self.equality(test, left, right),
            Compare::Like | Compare::NotLike => self.like(test, left, right),
            Compare::Greater => self.order(test, ">", left, right),
            Compare::GreaterOrEqual => self.order(test, ">=", left, right),
            Compare::Less => self.order(test, "<", left, right),
            Compare::LessOrEqual => self.order(test, "<=", left, right),
        }
    }

    fn order(&mut self, test: &Test, sign: &str, left: &Scope, right: &Scope) -> String {
        let left = self.scalar(&test.left, left);
        let right = self.scalar(&test.right, right);
        format!("{left} {sign} {right}")
    }

    fn equality(&mut self, test: &Test, left: &Scope, right: &Scope) -> String {
        let equal = test.compare == Compare::Equal;
        let (known_left, known_right) = (known(&test.left), known(&test.right));
        let is_exact = test.strict || test.with_id;
        if !is_exact {
            match (known_left, known_right) {
                (Known::Empty, Known::Empty) => return if equal { TRUE } else { FALSE }.to_owned(),
                (Known::Nothing, Known::Empty) => return self.emptiness(&test.left, equal, left),
                (Known::Empty, Known::Nothing) => return self.emptiness(&test.right, equal, right),
                _ => {}
            }
        }
        let left = self.scalar(&test.left, left);
        let right = self.scalar(&test.right, right);
        if is_exact {
            return if equal {
                self.dialect.same(&left, &right)
            } else {
                self.dialect.differs(&left, &right)
            };
        }
        if (known_left, known_right) == (Known::Nothing, Known::Nothing) {
            let sign = if equal { "=" } else { "<>" };
            return format!("COALESCE({left}, '') {sign} COALESCE({right}, '')");
        }
        if equal { format!("{left} = {right}") } else { self.dialect.differs(&left, &right) }
    }

    /// Whether a value is empty: `''` and NULL are one.
    fn emptiness(&mut self, scalar: &Scalar, equal: bool, scope: &Scope) -> String {
        let value = self.scalar(scalar, scope);
        if equal {
            format!("({value} = '' OR {value} IS NULL)")
        } else {
            format!("({} AND {value} IS NOT NULL)", self.dialect.differs(&value, "''"))
        }
    }

    fn like(&mut self, test: &Test, left: &Scope, right: &Scope) -> String {
        let value = self.scalar(&test.left, left);
        let pattern = match &test.right {
            Scalar::Param(value) => self.param(pattern(value)),
            scalar => {
                let text = self.scalar(scalar, right);
                self.dialect.pattern_around(&text)
            }
        };
        if test.compare == Compare::Like {
            self.dialect.like(&value, &pattern)
        } else {
            self.dialect.not_like(&value, &pattern)
        }
    }
}

impl Test {
    /// What the comparison says where `join` found nothing; only the named sides are looked at.
    pub(super) fn outcome_without(&self, join: &Join, left: bool, right: bool) -> Outcome {
        let other = if left && self.left.is_null_without(join) {
            &self.right
        } else if right && self.right.is_null_without(join) {
            &self.left
        } else {
            return Outcome::Any;
        };
        let equal = match self.compare {
            Compare::Equal => true,
            Compare::NotEqual => false,
            _ => return Outcome::Null,
        };
        let truth = |fact| if fact { Outcome::True } else { Outcome::False };
        if self.with_id {
            return truth(!equal);
        }
        match (known(other), self.strict) {
            (Known::Nothing, _) => Outcome::Any,
            (Known::Empty, false) => truth(equal),
            (Known::Value, false) if equal => Outcome::Null,
            (Known::Value, false) => Outcome::True,
            // NULL is told from empty text here.
            (_, true) => truth(equal == matches!(other, Scalar::Param(Value::Null))),
        }
    }
}

/// The pattern of `~`: as written when it says where it is open, else with anything around it.
fn pattern(value: &Value) -> Value {
    let text = match value {
        Value::Null => return Value::Null,
        Value::Text(text) => text.clone(),
        Value::Int(int) => int.to_string(),
        Value::Real(real) => {
            let mut out = Vec::new();
            json::write_f64(&mut out, *real);
            String::from_utf8(out).unwrap_or_default()
        }
    };
    if has_open_end(&text) {
        return Value::Text(text);
    }
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' if matches!(chars.peek(), Some('\\' | '%' | '_')) => {
                pattern.push('\\');
                pattern.extend(chars.next());
            }
            '\\' | '%' | '_' => pattern.extend(['\\', char]),
            _ => pattern.push(char),
        }
    }
    pattern.push('%');
    Value::Text(pattern)
}

/// A `%` that no backslash stands before.
fn has_open_end(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '%' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_wrapped_unless_it_says_where_it_is_open() {
        for (text, expected) in [
            ("s", "%s%"),
            ("s%", "s%"),
            ("100\\%", "%100\\%%"),
            ("_x", "%\\_x%"),
            ("a\\b", "%a\\\\b%"),
            ("a\\\\b", "%a\\\\b%"),
            ("\\", "%\\\\%"),
            ("", "%%"),
        ] {
            assert_eq!(pattern(&text.into()), expected.into(), "{text}");
        }
        assert_eq!(pattern(&Value::Real(1.0)), "%1%".into());
        assert_eq!(pattern(&Value::Null), Value::Null);
    }
}
