//! [`Report`]: all that was looked at, and what was found.

use serde::Serialize;

use crate::checks::{Finding, Level};

/// All that was looked at, and what was found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was found, what matters most first.
    pub findings: Vec<Finding>,
    /// What was looked at without a finding.
    pub passed: Vec<&'static str>,
}

impl Report {
    /// Adds what one look found.
    pub fn add(&mut self, name: &'static str, findings: Vec<Finding>) {
        if findings.is_empty() {
            self.passed.push(name);
        }
        self.findings.extend(findings);
        // Stable: within a level they stay in the order in which they were found.
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    }

    /// What matters most of what was found.
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|finding| finding.level).max()
    }

    /// `{"status", "findings", "passed"}`
    pub fn to_json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Shown<'a> {
            status: &'a str,
            #[serde(flatten)]
            report: &'a Report,
        }
        let status = match self.worst() {
            None | Some(Level::Note) => "ok",
            Some(Level::Warning) => "warning",
            Some(Level::Error) => "error",
        };
        serde_json::to_vec(&Shown { status, report: self }).unwrap_or_default()
    }
}
