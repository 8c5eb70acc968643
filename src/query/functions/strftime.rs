//! `strftime(format, [timeValue], [modifier…])`: a moment as text. No moment is empty text.

use super::Function;
use crate::query::ast::OperandKind;

const MOST: usize = 10;

pub(super) const FUNCTION: Function = Function {
    name: "strftime",
    strict: false,
    check,
    write: |dialect, arguments| dialect.strftime(arguments),
};

fn check(arguments: &[&OperandKind]) -> Result<(), String> {
    if arguments.is_empty() || arguments.len() > MOST {
        return Err(format!("[strftime] expected 1 to {MOST} arguments, got {}", arguments.len()));
    }
    for (at, kind) in arguments.iter().enumerate() {
        let fits = match (at, kind) {
            (1, OperandKind::Ident(_) | OperandKind::Number(_)) | (_, OperandKind::Text(_)) => true,
            (_, _) => false,
        };
        if !fits {
            let place = match at {
                0 => "first argument to be a format string".to_owned(),
                1 => "second argument to be a moment".to_owned(),
                _ => format!("argument {at} to be a modifier string"),
            };
            return Err(format!("[strftime] expects the {place}"));
        }
    }
    Ok(())
}
