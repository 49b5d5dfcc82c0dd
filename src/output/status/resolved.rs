//! What it means that an alarm is over. Pure.

use super::Status;
use crate::model::format_count;
use crate::remotes::http::Service;

/// In one line, for whoever heard of the alarm.
#[must_use]
pub fn resolved_text(word: &str, status: &Status) -> String {
    let text = match word {
        "zoom_down" => return answers_again(Service::Zoom, status),
        "kaltura_down" => return answers_again(Service::Kaltura, status),
        "not_listed" => "all recordings in Zoom are listed again",
        "sync_failed" => "the last sync no longer failed that way",
        "purge_failed" => "the last purge no longer failed that way",
        "at_risk" => "recordings are no longer at risk",
        "lost" => "no recording was lost in the last 7 days",
        "given_up" => "given-up recordings are settled",
        "needs_person" => "recordings no longer wait for a change of yours",
        "late" => "recordings are no longer late",
        "orphans_overdue" => "orphaned copies are no longer overdue",
        "ambiguous_owners" => "every orphaned copy with several possible owners is settled",
        "another_installation" => "other installations no longer have unfinished uploads",
        "clock_off" => "this machine's clock is right again",
        other => return format!("{other} is resolved"),
    };
    format!("{text}; there is nothing to do")
}

fn answers_again(service: Service, status: &Status) -> String {
    let waiting = match status.backlog.len() {
        0 => "nothing waits to be copied".to_owned(),
        1 => "the next runs copy the 1 recording that still waits".to_owned(),
        count => format!("the next runs copy the {} that still wait", format_count(count, "recording")),
    };
    format!("{service} answers again: {waiting}; there is nothing to do")
}

#[cfg(test)]
mod tests {
    use super::resolved_text;
    use crate::copying::plan::samples::sample_now;
    use crate::output::status::figures::tests::{limits, pending};
    use crate::output::status::{ALARM_WORDS, Figures, sort_status};

    #[test]
    fn every_alarms_end_has_words() {
        let status = |count| {
            let pending = (0..count).map(|_| pending(2, None)).collect();
            sort_status(Figures { pending, ..Figures::default() }, limits(), sample_now())
        };
        for word in ALARM_WORDS {
            let text = resolved_text(word, &status(0));
            assert!(!text.contains("is resolved") && text.ends_with("there is nothing to do"), "{text}");
        }
        let ends = [0, 1, 2].map(|count| resolved_text("zoom_down", &status(count)));
        let ends: Vec<_> = ends.iter().filter_map(|text| text.split(": ").nth(1)?.split(';').next()).collect();
        let (one, two) = (
            "the next runs copy the 1 recording that still waits",
            "the next runs copy the 2 recordings that still wait",
        );
        assert_eq!(ends, ["nothing waits to be copied", one, two]);
    }
}
