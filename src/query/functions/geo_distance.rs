//! `geoDistance(lonA, latA, lonB, latB)`: kilometres between two points of the globe.

use super::Function;
use crate::query::ast::OperandKind;

pub(super) const FUNCTION: Function = Function {
    name: "geoDistance",
    strict: true,
    check,
    write: |dialect, arguments| match arguments {
        [lon_a, lat_a, lon_b, lat_b] => dialect.geo_distance([lon_a, lat_a, lon_b, lat_b]),
        _ => "NULL".to_owned(),
    },
};

fn check(arguments: &[&OperandKind]) -> Result<(), String> {
    if arguments.len() != 4 {
        return Err(format!("[geoDistance] expected 4 arguments, got {}", arguments.len()));
    }
    let fits = |kind: &&OperandKind| matches!(kind, OperandKind::Ident(_) | OperandKind::Number(_));
    match arguments.iter().position(|kind| !fits(kind)) {
        None => Ok(()),
        Some(at) => Err(format!("[geoDistance] argument {at} must be an identifier or a number")),
    }
}
