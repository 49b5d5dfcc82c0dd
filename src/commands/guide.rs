//! `guide`: the manual, so that a person with nothing but the binary has all of it.

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::CommandContext;
use super::failure::Failure;
use crate::exit::Exit;
use crate::model::near;

/// A page of the manual.
struct Page {
    /// The name of its file, without the ending.
    topic: &'static str,
    /// What a reader finds there.
    about: &'static str,
    text: &'static str,
}

macro_rules! pages {
    ($($topic:literal: $about:literal,)*) => {
        &[$(Page { topic: $topic, about: $about, text: include_str!(concat!("../doc/", $topic, ".md")) },)*]
    };
}

/// In the order in which people need them.
const PAGES: &[Page] = pages! {
    "install": "Install, set up Zoom and Kaltura, start with cron or systemd",
    "copying": "What is copied, to whom it belongs, opt-out, categories, rights, captions",
    "operations": "Daily work, trouble by symptom, recipes: another machine, backup, secrets",
    "notify": "Metrics, pings, webhooks, mail",
    "reference": "Commands, exit codes, keys, reasons, metrics, events, JSON fields",
    "guarantees": "What the program promises, how each promise is tested, security, versions",
    "scale": "What a run costs, bandwidth, pull mode, sizes of institutions",
    "hosts": "Questions of hosts: a handout to adapt",
    "changelog": "What each version changes",
    "design": "How the program is built, glossary (for developers)",
    "copy-states": "Every state of a copy (for developers)",
    "deleting": "What is deleted, and on what proof (for developers)",
    "facts-zoom": "What the program relies on in Zoom (for developers)",
    "facts-kaltura": "What the program relies on in Kaltura (for developers)",
};

/// The page on `topic`, or the list of topics.
pub(super) fn run_guide(topic: Option<&str>, context: &mut CommandContext<'_>) -> Result<Exit, Failure> {
    let Some(topic) = topic else {
        write!(context.out, "{}", list_topics())?;
        return Ok(Exit::Good);
    };
    let page = find_page(topic)?;
    let text = without_markers(page.text);
    if !(context.screen.is_terminal() && show_in_pager(&text)) {
        write!(context.out, "{text}")?;
    }
    Ok(Exit::Good)
}

fn list_topics() -> String {
    let lines = PAGES.iter().map(|page| format!("  {:<13}  {}\n", page.topic, page.about));
    format!("zoom2kaltura guide TOPIC prints a page of the manual:\n\n{}", lines.collect::<String>())
}

fn find_page(topic: &str) -> Result<&'static Page, Failure> {
    PAGES.iter().find(|page| page.topic == topic).ok_or_else(|| {
        let topics: Vec<_> = PAGES.iter().map(|page| page.topic).collect();
        let meant = near(topic, topics.iter().copied()).map(|name| format!(", did you mean {name}?"));
        let line = format!("the manual has no topic {topic:?}{}", meant.unwrap_or_default());
        Failure::with_message(Exit::Configuration, format!("{line}; topics: {}", topics.join(", ")))
    })
}

/// Pages carry comments that say which parts are generated.
fn without_markers(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("<!--"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Whether a pager has shown it. One that was left early has.
fn show_in_pager(text: &str) -> bool {
    let chosen = env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty()).unwrap_or_else(|| "less".to_owned());
    let Some((program, args)) = shlex::split(&chosen).and_then(|mut words| {
        let program = (!words.is_empty()).then(|| words.remove(0))?;
        Some((program, words))
    }) else {
        return false;
    };
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        // quits where the page fits on the screen, and leaves it there
        command.env("LESS", "FRX");
    }
    let Ok(mut pager) = command.spawn() else { return false };
    if let Some(mut input) = pager.stdin.take() {
        // a reader who has read enough closes the pager before its end
        let _: io::Result<()> = input.write_all(text.as_bytes());
    }
    pager.wait().is_ok()
}
