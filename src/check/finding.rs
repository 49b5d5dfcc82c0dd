//! One thing that was tried, and what to do about it where it fails.

use std::fmt::Write;

use serde_json::{Value, json as object};

use crate::model::one_line;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried.
    pub what: String,
    /// Whether it is as it must be.
    pub good: bool,
    /// What was found; where it is not good, what to do.
    pub said: String,
}

impl Finding {
    /// All is well.
    pub fn good(what: impl Into<String>, said: impl Into<String>) -> Finding {
        Finding { what: what.into(), good: true, said: said.into() }
    }

    /// Something is to be done.
    pub fn bad(what: impl Into<String>, said: impl Into<String>) -> Finding {
        Finding { what: what.into(), good: false, said: said.into() }
    }
}

/// A line each, for people.
#[must_use]
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { what, good, said } in findings {
        let _ = writeln!(text, "{:<5}{}: {}", if *good { "ok" } else { "FAIL" }, one_line(what), one_line(said));
    }
    let bad = findings.iter().filter(|finding| !finding.good).count();
    let _ = match bad {
        0 => writeln!(text, "all is as it must be"),
        _ => writeln!(text, "{bad} of {} need somebody", findings.len()),
    };
    text
}

/// For programs.
#[must_use]
pub fn json(findings: &[Finding]) -> Value {
    let checks: Vec<Value> = findings
        .iter()
        .map(|Finding { what, good, said }| object!({ "check": one_line(what), "ok": good, "said": one_line(said) }))
        .collect();
    object!({ "ok": findings.iter().all(|finding| finding.good), "checks": checks })
}
