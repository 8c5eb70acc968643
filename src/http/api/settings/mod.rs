//! Settings routes, for superusers.

pub mod apple_secret;
pub mod test_email;
pub mod test_s3;
pub mod update;
pub mod view;
