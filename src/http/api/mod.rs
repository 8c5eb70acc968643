//! One file per operation: it parses, calls one service method, and presents.

pub mod auth;
pub mod backups;
pub mod batch;
pub mod checks;
pub mod collections;
pub mod crons;
pub mod files;
pub mod health;
pub mod info;
pub mod jobs;
pub mod logs;
pub mod mails;
pub mod realtime;
pub mod records;
pub mod rules;
pub mod search;
pub mod settings;
pub mod sql;
pub mod transfers;
pub mod webhooks;
