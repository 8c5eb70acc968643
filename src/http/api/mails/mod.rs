//! Routes of the mails that are shown instead of sent with `--dev`, for superusers.

pub mod clear;
pub mod list;
pub mod view;
