//! One thing that was tried, and what to do about it where it fails.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::model::one_line;
use crate::output::document::JsonDocument;
use crate::output::table::{Screen, Tone};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFinding {
    /// What was tried.
    pub what: String,
    /// Whether nothing needs to be done about it.
    pub good: bool,
    /// Whether it could not be found out: no reason to fail.
    pub unknown: bool,
    /// Whether somebody should look at it: no reason to fail either.
    pub warns: bool,
    /// What was found; where it is not good, what to do.
    pub said: String,
}

impl CheckFinding {
    /// All is well.
    pub fn good(what: impl Into<String>, said: impl Into<String>) -> CheckFinding {
        CheckFinding { what: what.into(), good: true, unknown: false, warns: false, said: said.into() }
    }

    /// Something is to be done.
    pub fn bad(what: impl Into<String>, said: impl Into<String>) -> CheckFinding {
        CheckFinding { good: false, ..CheckFinding::good(what, said) }
    }

    /// All may be well, and somebody should look whether it is.
    pub fn warning(what: impl Into<String>, said: impl Into<String>) -> CheckFinding {
        CheckFinding { warns: true, ..CheckFinding::good(what, said) }
    }

    /// It could not be found out.
    pub fn unknown(what: impl Into<String>, said: impl Into<String>) -> CheckFinding {
        CheckFinding { unknown: true, ..CheckFinding::good(what, said) }
    }

    fn word(&self) -> &'static str {
        match self {
            CheckFinding { unknown: true, .. } => "unknown",
            CheckFinding { warns: true, .. } => "warn",
            CheckFinding { good: true, .. } => "ok",
            CheckFinding { .. } => "FAIL",
        }
    }

    fn tone(&self) -> Tone {
        match self {
            CheckFinding { good: false, unknown: false, .. } => Tone::Bad,
            CheckFinding { warns: false, unknown: false, .. } => Tone::Good,
            CheckFinding { .. } => Tone::Waiting,
        }
    }
}

/// For people: whether anything needs attention, then a line each.
#[must_use]
pub fn findings_text(findings: &[CheckFinding], screen: Screen) -> String {
    let bad = findings.iter().filter(|finding| !finding.good).count();
    let unknown = findings.iter().filter(|finding| finding.unknown).count();
    let answer = match (bad, unknown) {
        (0, 0) => "nothing needs attention".to_owned(),
        (0, _) => format!("nothing needs attention as far as known; {unknown} of {} unknown", findings.len()),
        (1, _) => format!("1 of {} needs attention", findings.len()),
        _ => format!("{bad} of {} need attention", findings.len()),
    };
    let mut text = screen.paint(&answer, if bad == 0 { Tone::Good } else { Tone::Bad }) + "\n\n";
    for finding in findings {
        let word = screen.paint(&format!("{:<4}", finding.word()), finding.tone());
        let _ = writeln!(text, "{word} {}: {}", one_line(&finding.what), one_line(&finding.said));
    }
    text
}

/// For programs. `ok` is null where it could not be found out; `warns` where it is true and somebody should look.
#[must_use]
pub fn check_document(findings: &[CheckFinding]) -> JsonDocument<Value> {
    let check = |finding: &CheckFinding| {
        let ok = if finding.unknown { Value::Null } else { finding.good.into() };
        json!({
            "check": one_line(&finding.what), "ok": ok, "warns": finding.warns, "text": one_line(&finding.said),
        })
    };
    let checks: Vec<Value> = findings.iter().map(check).collect();
    JsonDocument::new(json!({ "ok": findings.iter().all(|finding| finding.good), "checks": checks }))
}
