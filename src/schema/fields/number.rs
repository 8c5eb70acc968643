//! Field kind `number`: a float or a whole number.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::json;
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, cast};
use crate::sql::{ColumnType, Value, ValueRef};

/// A float or a whole number. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Number {
    /// `min`.
    pub min: Option<f64>,
    /// `max`.
    pub max: Option<f64>,
    /// `only_int`.
    pub only_int: bool,
}

impl FieldKind for Number {
    fn column(&self) -> ColumnType {
        ColumnType::Number
    }

    fn zero(&self) -> Value {
        Value::Int(0)
    }

    /// Whole numbers are kept as such as far as a float counts exactly.
    fn cast(&self, input: &Json) -> Value {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let float = cast::number(input);
        let is_minus_zero = float == 0.0 && float.is_sign_negative();
        if float.fract() == 0.0 && float.abs() <= EXACT && !is_minus_zero {
            Value::Int(float as i64)
        } else {
            Value::Real(float)
        }
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let float = float_of(value.as_ref());
        if !float.is_finite() {
            return Err(Issue::new(Code::NotANumber));
        }
        require(field, float != 0.0)?;
        if float == 0.0 {
            return Ok(());
        }
        if self.only_int && !is_whole(float) {
            return Err(Issue::new(Code::OnlyIntConstraint));
        }
        if let Some(min) = self.min.filter(|min| float < *min) {
            return Err(limit(Code::MinNumberConstraint, "greater", "min", min));
        }
        if let Some(max) = self.max.filter(|max| float > *max) {
            return Err(limit(Code::MaxNumberConstraint, "less", "max", max));
        }
        Ok(())
    }

    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        match value {
            ValueRef::Int(int) if int.unsigned_abs() < 1 << 53 => json::write_int(out, int),
            other => json::write_f64(out, float_of(other)),
        }
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        let is_fraction = |limit: &f64| self.only_int && limit.fract() != 0.0;
        if self.min.as_ref().is_some_and(is_fraction) {
            errors.add("min", Issue::new(Code::OnlyIntConstraint));
        }
        if self.max.as_ref().is_some_and(is_fraction) {
            errors.add("max", Issue::new(Code::OnlyIntConstraint));
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && max < min
        {
            errors.add("max", limit(Code::MinNumberConstraint, "greater", "min", min));
        }
    }
}

/// True for what a 64-bit integer can say.
fn is_whole(float: f64) -> bool {
    const PAST: f64 = 9_223_372_036_854_775_808.0;
    float.fract() == 0.0 && (-PAST..PAST).contains(&float)
}

fn float_of(value: ValueRef<'_>) -> f64 {
    match value {
        ValueRef::Null => 0.0,
        ValueRef::Int(int) => int as f64,
        ValueRef::Real(real) => real,
        ValueRef::Text(text) => cast::number(&Json::String(text.to_owned())),
    }
}

fn limit(code: Code, side: &str, name: &str, threshold: f64) -> Issue {
    let number = Json::from(threshold);
    let message = format!("Must be {side} or equal than {}.", json::to_string(&number));
    Issue::with_message(code, message).param(name, number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, code_of, field};

    #[test]
    fn whole_numbers_stay_whole() {
        let field = field(FieldType::Number(Number::default()));
        check(&field, &json!(5.0), &Value::Int(5), "5", None);
        check(&field, &json!("12.5"), &Value::Real(12.5), "12.5", None);
        check(&field, &json!(1e21), &Value::Real(1e21), "1e+21", None);
        check(&field, &json!(-0.0), &Value::Real(-0.0), "-0", None);
        assert_eq!(code_of(&field, &json!("Infinity")), Some("validation_not_a_number"));
    }

    #[test]
    fn zero_passes_every_limit_but_required() {
        let options = Number { min: Some(2.0), max: Some(5.0), only_int: true };
        let field = field(FieldType::Number(options));
        for (input, expected) in [
            (json!(0), None),
            (json!(2), None),
            (json!(5), None),
            (json!(1), Some("validation_min_number_constraint")),
            (json!(6), Some("validation_max_number_constraint")),
            (json!(2.5), Some("validation_only_int_constraint")),
            (json!(1e20), Some("validation_only_int_constraint")),
        ] {
            assert_eq!(code_of(&field, &input), expected, "{input}");
        }
        let required = Field { required: true, ..field };
        assert_eq!(code_of(&required, &json!(0)), Some("validation_required"));
    }

    #[test]
    fn limits_are_named_in_the_message() {
        let field = field(FieldType::Number(Number { min: Some(2.0), ..Number::default() }));
        let issue = field.kind.validate(&field, &Value::Int(1)).unwrap_err();
        assert_eq!(issue.message, "Must be greater or equal than 2.");
    }
}
