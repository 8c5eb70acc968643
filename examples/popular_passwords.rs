//! Makes the filter of common passwords out of a list of them: a JSON array of texts.
//!
//! The list is `src/passwords.json` of the npm package `@zxcvbn-ts/language-common`, version 3.0.4,
//! which is under the MIT licence:
//!
//!     cargo run --example popular_passwords -- passwords.json src/crypto/popular_passwords.bin

use std::error::Error;

use greenroom::crypto::PopularPasswords;

#[expect(clippy::disallowed_methods, reason = "a file of the repository, not of a folder")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(list), Some(filter)) = (arguments.next(), arguments.next()) else {
        return Err("usage: popular_passwords LIST.json FILTER.bin".into());
    };
    let passwords: Vec<String> = serde_json::from_slice(&std::fs::read(list)?)?;
    std::fs::write(filter, PopularPasswords::build(&passwords)?)?;
    Ok(())
}
