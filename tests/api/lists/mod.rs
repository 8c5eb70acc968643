//! Lists beyond the contract.

mod collation;
mod plans;
