//! The overlay of the environment: `GREENROOM_SETTINGS__SMTP__HOST=mail.example.com`.

use serde_json::Value;

use crate::config::SETTINGS_PREFIX;
use crate::crypto::Secret;
use crate::settings::overlay::{Overlay, OverlayError, Place};

/// Reads the variables into `overlay`.
pub(super) fn read(
    variables: &[(String, Secret)],
    overlay: &mut Overlay,
) -> Result<(), OverlayError> {
    for (variable, text) in variables {
        let place = Place::Variable(variable.clone());
        let path = variable.strip_prefix(SETTINGS_PREFIX).unwrap_or(variable);
        let names: Vec<String> = path.split("__").map(str::to_owned).collect();
        add(overlay, &names, text.reveal(), &place)?;
    }
    Ok(())
}

/// A variable is text: it is taken for the first kind of value that the setting can hold.
fn add(
    overlay: &mut Overlay,
    names: &[String],
    text: &str,
    place: &Place,
) -> Result<(), OverlayError> {
    let mut refused = None;
    for value in readings(text) {
        match overlay.add(names, value, place) {
            Ok(()) => return Ok(()),
            Err(error) => drop(refused.get_or_insert(error)),
        }
    }
    Err(refused.unwrap_or_else(|| OverlayError::new(place, "it is empty")))
}

fn readings(text: &str) -> Vec<Value> {
    let mut readings = vec![Value::String(text.to_owned())];
    let bare = text.trim();
    match bare {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => readings.push(Value::Bool(true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => readings.push(Value::Bool(false)),
        _ => {}
    }
    readings.extend(bare.parse::<i64>().ok().map(Value::from));
    if bare.starts_with('[') {
        readings.extend(serde_json::from_str::<Value>(bare).ok());
    }
    let items = bare.split(',').map(str::trim).filter(|item| !item.is_empty());
    readings.push(items.map(str::to_owned).collect());
    readings
}
