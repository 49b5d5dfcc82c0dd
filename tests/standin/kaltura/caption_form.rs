//! Whether captions have the form that their asset announces. What has another one is taken without an error, and the asset
//! is in error from then on.

const SRT: &str = "1";
const DFXP: &str = "2";
const WEBVTT: &str = "3";

/// The forms that can be announced.
pub const FORMATS: [&str; 5] = [SRT, DFXP, WEBVTT, "4", "5"];

/// The extension of a file of this form.
pub fn extension(format: &str) -> &'static str {
    match format {
        WEBVTT => "vtt",
        DFXP => "dfxp",
        _ => "srt",
    }
}

/// Whether Kaltura can read these captions.
pub fn is_of_form(content: &str, format: &str) -> bool {
    match format {
        WEBVTT => content.trim_start_matches('\u{feff}').starts_with("WEBVTT") && has_cues(content, '.', 2),
        SRT => content.trim_start().starts_with(|c: char| c.is_ascii_digit()) && has_cues(content, ',', 3),
        DFXP => content.contains("<tt"),
        _ => true,
    }
}

/// Whether there are cues, and the times of all can be read: `parts` numbers at least, then a fraction behind `point`.
fn has_cues(content: &str, point: char, parts: usize) -> bool {
    let mut cues = content.lines().filter_map(|line| line.split_once("-->")).peekable();
    let is_time = |text: &str| is_time(text.split_whitespace().next().unwrap_or_default(), point, parts);
    cues.peek().is_some() && cues.all(|(from, to)| is_time(from) && is_time(to))
}

fn is_time(text: &str, point: char, parts: usize) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    text.split_once(point).is_some_and(|(whole, fraction)| {
        let numbers: Vec<_> = whole.split(':').collect();
        is_number(fraction) && (parts..=3).contains(&numbers.len()) && numbers.into_iter().all(is_number)
    })
}

/// Content that is no text but a page, and none at all: Kaltura calls both a risk.
pub fn is_a_risk(content: &str) -> bool {
    let begins = content.trim_start().to_lowercase();
    begins.is_empty()
        || ["<!doctype html", "<html", "<head", "<body", "<script"].iter().any(|tag| begins.starts_with(tag))
}
