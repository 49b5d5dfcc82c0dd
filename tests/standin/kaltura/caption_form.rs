//! What Kaltura makes of the content of captions, by recorded traffic.

/// Whether content is of the form that `format` names: 1 SRT, 2 DFXP, 3 `WebVTT`.
pub(super) fn is_of_form(format: &str, content: &str) -> bool {
    match format {
        "1" => content.starts_with(|letter: char| letter.is_ascii_digit()) && has_cue(content, ','),
        "2" => content.contains("<tt"),
        "3" => is_webvtt(content.trim_start_matches('\u{FEFF}')) && has_cue(content, '.'),
        _ => true,
    }
}

/// A page for people, a blank and nothing are refused as such, whatever the format.
pub(super) fn is_secure(content: &str) -> bool {
    let begin = content.trim_start_matches('\u{FEFF}').trim_start().to_ascii_lowercase();
    !begin.is_empty() && !begin.starts_with("<html") && !begin.starts_with("<!doctype html")
}

fn is_webvtt(content: &str) -> bool {
    content.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// A line with two times, whose thousandths stand behind `mark`.
fn has_cue(content: &str, mark: char) -> bool {
    let is_time = |text: &str| {
        let last = text.split(':').next_back().and_then(|seconds| seconds.split_once(mark));
        last.is_some_and(|(seconds, rest)| [seconds, rest].iter().all(|part| is_number(part))) && text.contains(':')
    };
    content.lines().filter_map(|line| line.split_once(" --> ")).any(|(from, to)| {
        let to = to.split_whitespace().next().unwrap_or_default();
        is_time(from.trim()) && is_time(to)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
