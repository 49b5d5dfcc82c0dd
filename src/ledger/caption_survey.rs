//! What `captions` last counted: for `status`, its page and the metrics, which ask Kaltura nothing.

use super::runs::{format_stamp, parse_stamp};
use super::{Ledger, LedgerError};
use crate::model::CaptionSurvey;

/// When it was counted, how many recordings there are, and how many lack what.
const CAPTION_SURVEY: &str = "caption_survey";

impl Ledger {
    /// What was counted last; `None` before the first time.
    pub fn caption_survey(&self) -> Result<Option<CaptionSurvey>, LedgerError> {
        Ok(self.read_meta(CAPTION_SURVEY)?.as_deref().and_then(parse_survey))
    }

    /// Remembers what was counted.
    pub fn set_caption_survey(&self, survey: CaptionSurvey) -> Result<(), LedgerError> {
        let CaptionSurvey { counted, recordings, no_captions, machine_made, unreadable } = survey;
        let text = format!("{} {recordings} {no_captions} {machine_made} {unreadable}", format_stamp(counted));
        self.set_meta(CAPTION_SURVEY, &text)
    }
}

/// What cannot be read is counted again next time: nothing depends on it.
fn parse_survey(text: &str) -> Option<CaptionSurvey> {
    let (counted, numbers) = text.split_once(' ')?;
    let numbers: Option<Vec<u64>> = numbers.split(' ').map(|number| number.parse().ok()).collect();
    let [recordings, no_captions, machine_made, unreadable] = numbers?.try_into().ok()?;
    Some(CaptionSurvey { counted: parse_stamp(counted).ok()?, recordings, no_captions, machine_made, unreadable })
}

#[cfg(test)]
mod tests {
    use super::parse_survey;
    use crate::copying::plan::samples::sample_time;
    use crate::model::CaptionSurvey;

    #[test]
    fn surveys_are_read_or_ignored() {
        let survey = CaptionSurvey {
            counted: sample_time("2026-11-22T04:00:00Z"),
            recordings: 4,
            no_captions: 2,
            machine_made: 1,
            unreadable: 0,
        };
        assert_eq!(parse_survey("2026-11-22T04:00:00Z 4 2 1 0"), Some(survey));
        for odd in
            ["", "2026-11-22T04:00:00Z", "2026-11-22T04:00:00Z 4 2 1", "2026-11-22T04:00:00Z 4 2 1 -1", "x 4 2 1 0"]
        {
            assert_eq!(parse_survey(odd), None, "{odd}");
        }
    }
}
