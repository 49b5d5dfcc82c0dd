//! Whether a host agrees that a recording is copied. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Address, Standings};
use crate::model::{Action, Meeting, Reason};

/// What the lists of the institution say.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Who stood on them, and when.
    pub(super) standings: Standings,
    /// Who was found on the opt-in list just now.
    pub(super) opted_in: BTreeSet<String>,
    /// Whether a group could not be read from which people opt out.
    pub(super) opt_out_unread: bool,
    /// Whether a group could not be read from which people opt in.
    pub(super) opt_in_unread: bool,
    /// Whether only what the lists say now counts, and not what they said when a recording was made.
    pub over_past: bool,
}

impl Consent {
    /// Why what began then is not to be copied: never for the ones, not before it is known for the others. A host whose
    /// address is not known yet is judged by their id alone.
    #[must_use]
    pub fn verdict(&self, meeting: &Meeting, started: DateTime<Utc>) -> Option<(Action, Reason)> {
        let address = meeting.host_email.as_deref().and_then(Address::new);
        let names = [address.as_ref().map(Address::as_str), Some(meeting.host_id.as_str())];
        let any = |stands: &dyn Fn(&str) -> bool| names.into_iter().flatten().any(stands);
        let (out, into) = (&self.standings.opt_out, &self.standings.opt_in);
        let past = !self.over_past;
        if any(&|name| out.has(name)) || (past && any(&|name| out.had(name, started))) {
            return Some((Action::Skip, Reason::OptedOut));
        }
        let was_in = || any(&|name| into.had(name, started));
        if into.is_in_force() {
            if !any(&|name| self.opted_in.contains(name)) {
                let unread = (Action::Wait, Reason::GroupUnreadable);
                return Some(if self.opt_in_unread { unread } else { (Action::Skip, Reason::NotOptedIn) });
            }
            if past && !was_in() {
                return Some((Action::Skip, Reason::NotOptedIn));
            }
        } else if past && into.was_in_force(started) && !was_in() {
            return Some((Action::Skip, Reason::NotOptedIn));
        }
        self.opt_out_unread.then_some((Action::Wait, Reason::GroupUnreadable))
    }

    /// The same, or without regard to what the lists said when a recording was made.
    #[must_use]
    pub fn over_past(self, over_past: bool) -> Consent {
        Consent { over_past, ..self }
    }

    /// Who stood on the lists, and when.
    #[must_use]
    pub fn standings(&self) -> &Standings {
        &self.standings
    }

    /// Whether a host can only be judged by their address.
    #[must_use]
    pub fn asks_for_addresses(&self) -> bool {
        [&self.standings.opt_out, &self.standings.opt_in].into_iter().any(|list| !list.in_force.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use chrono::{DateTime, Utc};

    use super::super::{Span, Standing, Standings};
    use super::Consent;
    use crate::plan::samples::{now, segment, time};

    const ALWAYS: Span = Span { since: None, until: None };

    fn from(since: &str) -> Span {
        Span { since: Some(time(since)), until: None }
    }

    fn until(until: &str) -> Span {
        Span { since: None, until: Some(time(until)) }
    }

    fn standing(in_force: Span, person: &str, span: Span) -> Standing {
        let people = HashMap::from([(person.to_owned(), vec![span])]);
        Standing { in_force: vec![in_force], people, read: Some(now()) }
    }

    fn opted_out(person: &str, span: Span) -> Consent {
        let standings = Standings { opt_out: standing(ALWAYS, person, span), ..Standings::default() };
        Consent { standings, ..Consent::default() }
    }

    fn opted_in(in_force: Span, person: &str, span: Span) -> Consent {
        let standings = Standings { opt_in: standing(in_force, person, span), ..Standings::default() };
        let stands = span.until.is_none() && in_force.until.is_none();
        let opted_in = stands.then(|| person.to_owned()).into_iter().collect();
        Consent { standings, opted_in, ..Consent::default() }
    }

    /// The verdict on a recording of ada@uni.example, whose Zoom id is h.
    fn said(consent: &Consent, started: &str) -> String {
        let started: DateTime<Utc> = time(started);
        let verdict = consent.verdict(&segment(Vec::new()).meeting, started);
        verdict.map_or("yes".to_owned(), |(action, reason)| format!("{action} {reason}"))
    }

    const NINE: &str = "2026-11-22T09:00:00Z";
    const TEN: &str = "2026-11-22T10:00:00Z";
    const ELEVEN: &str = "2026-11-22T11:00:00Z";

    #[test]
    fn whoever_opted_out_is_not_copied_and_neither_is_what_was_recorded_while_it_stood() {
        let out = "skip opted_out";
        let cases = [
            (Consent::default(), NINE, "yes"),
            (opted_out("ada@uni.example", ALWAYS), NINE, out),
            (opted_out("h", ALWAYS), NINE, out),
            (opted_out("guest@uni.example", ALWAYS), NINE, "yes"),
            (opted_out("ada@uni.example", until(TEN)), NINE, out),
            (opted_out("ada@uni.example", until(TEN)), TEN, "yes"),
            // what was recorded before is not sent either while the line stands
            (opted_out("ada@uni.example", from(TEN)), NINE, out),
        ];
        for (consent, started, expected) in cases {
            assert_eq!(said(&consent, started), expected, "{consent:?} {started}");
        }
        let over_past = Consent { over_past: true, ..opted_out("ada@uni.example", until(TEN)) };
        assert_eq!(said(&over_past, NINE), "yes");
        let over_past = Consent { over_past: true, ..opted_out("ada@uni.example", ALWAYS) };
        assert_eq!(said(&over_past, NINE), out);
    }

    #[test]
    fn with_an_opt_in_list_only_what_was_recorded_while_its_host_stood_on_it_is_copied() {
        let out = "skip not_opted_in";
        let cases = [
            (opted_in(ALWAYS, "ada@uni.example", ALWAYS), NINE, "yes"),
            (opted_in(ALWAYS, "guest@uni.example", ALWAYS), NINE, out),
            (opted_in(ALWAYS, "ada@uni.example", from(TEN)), NINE, out),
            (opted_in(ALWAYS, "ada@uni.example", from(TEN)), TEN, "yes"),
            (opted_in(ALWAYS, "ada@uni.example", until(TEN)), NINE, out),
            // the pilot is over: what others recorded meanwhile stays where it is
            (opted_in(until(TEN), "guest@uni.example", until(TEN)), NINE, out),
            (opted_in(until(TEN), "ada@uni.example", until(TEN)), NINE, "yes"),
            (opted_in(until(TEN), "guest@uni.example", until(TEN)), ELEVEN, "yes"),
        ];
        for (consent, started, expected) in cases {
            assert_eq!(said(&consent, started), expected, "{consent:?} {started}");
        }
        let over_past = Consent { over_past: true, ..opted_in(ALWAYS, "ada@uni.example", from(TEN)) };
        assert_eq!(said(&over_past, NINE), "yes");
    }

    #[test]
    fn a_group_that_cannot_be_read_holds_back_everybody_who_may_be_meant() {
        let unread = Consent { opt_out_unread: true, ..opted_out("guest@uni.example", ALWAYS) };
        assert_eq!(said(&unread, NINE), "wait group_unreadable");
        let unread = Consent { opt_out_unread: true, ..opted_out("ada@uni.example", ALWAYS) };
        assert_eq!(said(&unread, NINE), "skip opted_out");
        let in_the_file = Consent { opt_in_unread: true, ..opted_in(ALWAYS, "ada@uni.example", ALWAYS) };
        assert_eq!(said(&in_the_file, NINE), "yes");
        let in_the_group = Consent { opted_in: BTreeSet::new(), ..in_the_file };
        assert_eq!(said(&in_the_group, NINE), "wait group_unreadable");
    }
}
