//! Lists beyond the contract.

mod collation;
