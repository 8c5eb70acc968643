//! What a column can hold, whatever the engine.

/// An owned value of a column or a parameter.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// SQL NULL.
    #[default]
    Null,
    /// A whole number; booleans are 0 and 1.
    Int(i64),
    /// A float.
    Real(f64),
    /// UTF-8 text; dates, lists and JSON are text too.
    Text(String),
}

/// A borrowed value, as a row shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// SQL NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// A float.
    Real(f64),
    /// Text; bytes that are not UTF-8 are shown as empty text.
    Text(&'a str),
}

impl Value {
    /// A view of this value.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Int(int) => ValueRef::Int(*int),
            Self::Real(real) => ValueRef::Real(*real),
            Self::Text(text) => ValueRef::Text(text),
        }
    }

    /// The text, or `""` for anything else.
    pub fn text(&self) -> &str {
        self.as_ref().text()
    }
}

impl<'a> ValueRef<'a> {
    /// The text, or `""` for anything else.
    pub fn text(self) -> &'a str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// An owned copy.
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(int) => Value::Int(int),
            Self::Real(real) => Value::Real(real),
            Self::Text(text) => Value::Text(text.to_owned()),
        }
    }

    /// True for a number other than zero.
    pub fn is_true(self) -> bool {
        match self {
            Self::Int(int) => int != 0,
            Self::Real(real) => real != 0.0,
            Self::Null | Self::Text(_) => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Value {
    fn from(real: f64) -> Self {
        Self::Real(real)
    }
}

impl From<bool> for Value {
    fn from(fact: bool) -> Self {
        Self::Int(fact.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Null, Into::into)
    }
}
