//! Routes of webhooks, for superusers. Webhooks themselves are records of their collection.

pub mod deliveries;
pub mod enable;
pub mod redeliver;
pub mod test;
