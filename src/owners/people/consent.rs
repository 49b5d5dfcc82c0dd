//! Whether a host agrees that a recording is copied. Pure.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::behind::Link;
use super::line::plain_text;
use super::{Address, BehindBoth, ListHistories, ListName};
use crate::model::{Decision, KalturaUserId, Meeting, Reason, Segment, SegmentKey, one_line};

const OPTED_OUT: Decision = Decision::skip(Reason::OptedOut);
const NOT_OPTED_IN: Decision = Decision::skip(Reason::NotOptedIn);
const IN_DOUBT: Decision = Decision::wait(Reason::ListInDoubt);
/// Before the account of a member of a group in Kaltura: no Zoom user id and no address holds a colon.
const ACCOUNT: &str = "kaltura:";

/// What the lists of the institution say.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Who stood on them, and when.
    pub(super) standings: ListHistories,
    /// Who was found on the opt-out list just now.
    pub(super) opted_out: BTreeSet<String>,
    /// Who was found on the opt-in list just now.
    pub(super) opted_in: BTreeSet<String>,
    /// Why others may have opted out who were not found, where a part of the list cannot be read.
    pub(super) opt_out_unread: Option<Reason>,
    /// Why others may have opted in who were not found, where a part of the list cannot be read or is not believed.
    pub(super) opt_in_unread: Option<Reason>,
    /// Which Zoom users are behind the addresses of the lists.
    pub(super) behind: BehindBoth,
    /// Whether the opt-in list may mean a host by an address that only Zoom's word on this host tells.
    pub(super) opt_in_is_open: bool,
    /// What of that was found out about the opt-in list just now.
    pub(super) found_behind: Vec<Link>,
    /// The accounts of the hosts, as far as they are known.
    pub(super) accounts: HashMap<SegmentKey, KalturaUserId>,
    /// Whether a list is believed that shrank, or that names a domain.
    pub accepts: bool,
    /// Whether only what the lists say now counts, and not what they said when a recording was made.
    pub over_past: bool,
}

impl Consent {
    /// Why what began then is not to be copied: never for the ones, not before it is known for the others. A host whose
    /// address is not known yet is judged by their id alone, and by their account where that is known.
    #[must_use]
    pub fn verdict(&self, segment: &Segment) -> Option<Decision> {
        let account = if self.accounts.is_empty() { None } else { self.accounts.get(&segment.key()) };
        self.verdict_with(segment, account)
    }

    /// The same of a host who has this account.
    #[must_use]
    pub fn verdict_with(&self, segment: &Segment, account: Option<&KalturaUserId>) -> Option<Decision> {
        let mut names = all_names(&segment.meeting);
        names.extend(account.map(|account| account_name(account.as_str())));
        self.verdict_on(&names, segment.started)
    }

    /// Whether the host is left out, or waits, by nothing but the address that a list tells beside the recording: as one who
    /// opted out, or where the address did not opt in, or is another's who did.
    #[must_use]
    pub fn is_out_by_address_alone(&self, segment: &Segment) -> bool {
        let (meeting, started) = (&*segment.meeting, segment.started);
        if meeting.host_id.as_str().is_empty() {
            return false;
        }
        let by_id = || self.verdict_on(&[meeting.host_id.to_string()], started);
        match self.verdict_on(&all_names(meeting), started) {
            Some(OPTED_OUT) => by_id() != Some(OPTED_OUT),
            Some(NOT_OPTED_IN) => self.opt_in_is_open,
            Some(IN_DOUBT) => self.taken(&all_names(meeting)).is_some(),
            _ => false,
        }
    }

    /// Why a recording waits whose host has an address by which somebody else opted in.
    #[must_use]
    pub fn doubt_about(&self, segment: &Segment) -> Option<String> {
        let (meeting, started) = (&*segment.meeting, segment.started);
        let names = all_names(meeting);
        let (address, before) = self.taken(&names)?;
        (self.verdict_on(&names, started) == Some(IN_DOUBT)).then(|| {
            format!(
                "{}: the address {:?} now belongs to the Zoom user {}, no longer to {}, who agreed; confirm with `sync --accept-list` that the line counts for both, or remove it; until then the new user's recordings wait",
                ListName::OptIn.key(),
                one_line(address),
                one_line(meeting.host_id.as_str()),
                one_line(before)
            )
        })
    }

    /// The address by which somebody else opted in, and who that is. The first name is the user's id.
    fn taken<'a>(&'a self, names: &'a [String]) -> Option<(&'a str, &'a str)> {
        let user = names.first().filter(|user| !user.is_empty() && !self.accepts)?;
        let other = |name: &'a String| Some((name.as_str(), self.behind.opt_in.other(name, user)?.as_str()));
        names.iter().skip(1).find_map(other)
    }

    /// Judges by the user's id, and by the names that come with the address.
    fn verdict_on(&self, names: &[String], started: DateTime<Utc>) -> Option<Decision> {
        let any = |stands: &dyn Fn(&str) -> bool| names.iter().any(|name| stands(name));
        let taken = self.taken(names).map(|(address, _)| address);
        let any_own =
            |stands: &dyn Fn(&str) -> bool| names.iter().any(|name| Some(name.as_str()) != taken && stands(name));
        let (out, into) = (&self.standings.opt_out, &self.standings.opt_in);
        let past = !self.over_past;
        // who was on it, and is missing from a list in doubt, has perhaps not left it
        if any(&|name| out.has(name)) && !any(&|name| self.opted_out.contains(name)) {
            return Some(self.opt_out_unread.map_or(IN_DOUBT, Decision::wait));
        }
        if any(&|name| out.has(name)) || (past && any(&|name| out.had(name, started))) {
            return Some(OPTED_OUT);
        }
        let was_in = || any_own(&|name| into.had(name, started));
        if into.is_in_force() {
            if !any_own(&|name| self.opted_in.contains(name)) {
                let doubt = self.opt_in_unread.or(taken.map(|_| Reason::ListInDoubt));
                let unread = doubt.map(Decision::wait);
                return Some(unread.unwrap_or(NOT_OPTED_IN));
            }
            if past && !was_in() {
                return Some(NOT_OPTED_IN);
            }
        } else if past && into.was_in_force(started) && !was_in() {
            return Some(NOT_OPTED_IN);
        }
        self.opt_out_unread.map(Decision::wait)
    }

    /// The same, or without regard to what the lists said when a recording was made.
    #[must_use]
    pub fn over_past(self, over_past: bool) -> Consent {
        Consent { over_past, ..self }
    }

    /// The same, believing or not what the lists say all the same.
    #[must_use]
    pub fn accepting(self, accepts: bool) -> Consent {
        Consent { accepts, ..self }
    }

    /// The same, knowing the accounts of the hosts of these recordings.
    #[must_use]
    pub fn knowing_accounts(self, accounts: HashMap<SegmentKey, KalturaUserId>) -> Consent {
        Consent { accounts, ..self }
    }

    /// Whether somebody is or was in a group in Kaltura, by which hosts are judged by their account.
    #[must_use]
    pub fn asks_for_accounts(&self) -> bool {
        self.standings.opt_out.people.keys().any(|name| name.starts_with(ACCOUNT))
    }

    /// Whether a host of whom several accounts are known may have opted out by one of them.
    #[must_use]
    pub fn may_mean_an_account(&self, started: DateTime<Utc>) -> bool {
        let out = &self.standings.opt_out;
        let counts = |name: &String| out.has(name) || (!self.over_past && out.had(name, started));
        out.people.keys().filter(|name| name.starts_with(ACCOUNT)).any(counts)
    }

    /// Who stood on the lists, and when.
    #[must_use]
    pub fn standings(&self) -> &ListHistories {
        &self.standings
    }

    /// Whether a host can only be judged by their address.
    #[must_use]
    pub fn asks_for_addresses(&self) -> bool {
        [&self.standings.opt_out, &self.standings.opt_in].into_iter().any(|list| !list.in_force.is_empty())
    }
}

/// The name by which the history of a list knows an account in Kaltura, where ids ignore the case of letters.
pub(super) fn account_name(account: &str) -> String {
    format!("{ACCOUNT}{}", account.trim().to_lowercase())
}

/// The names by which lists know the host: the id first, then what comes with the address.
fn all_names(meeting: &Meeting) -> Vec<String> {
    let by_address = meeting.host_email.as_deref().into_iter().flat_map(names_of);
    [meeting.host_id.to_string()].into_iter().chain(by_address).collect()
}

/// The names by which lists know somebody with this address: itself, and that of everybody of its domain.
pub(super) fn names_of(email: &str) -> Vec<String> {
    let addresses = [Address::new(email), Address::new(&plain_text(email)).map(Address::in_dns_spelling)];
    let both = |address: Address| {
        let domain = address.as_str().rsplit_once('@').map(|(_, domain)| format!("@{domain}"));
        [Some(address.to_string()), domain]
    };
    addresses.into_iter().flatten().flat_map(both).flatten().collect()
}

#[cfg(test)]
impl Consent {
    /// One who stands on the opt-out list.
    pub(crate) fn opted_out(person: &str) -> Consent {
        let mut consent = Consent { opted_out: BTreeSet::from([person.to_owned()]), ..Consent::default() };
        let always = super::Span { since: None, until: None };
        consent.standings.opt_out.people.insert(person.to_owned(), vec![always]);
        consent
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::Consent;
    use crate::copying::plan::samples::{sample_now, sample_segment, sample_time};
    use crate::model::{HostId, KalturaUserId, Reason, Segment};
    use crate::owners::people::{ListHistories, ListHistory, Span};

    const ALWAYS: Span = Span { since: None, until: None };

    fn from(since: &str) -> Span {
        Span { since: Some(sample_time(since)), until: None }
    }

    fn until(until: &str) -> Span {
        Span { since: None, until: Some(sample_time(until)) }
    }

    fn standing(in_force: Span, person: &str, span: Span) -> ListHistory {
        let people = HashMap::from([(person.to_owned(), vec![span])]);
        ListHistory { in_force: vec![in_force], people, read: Some(sample_now()), ..ListHistory::default() }
    }

    fn opted_out(person: &str, span: Span) -> Consent {
        let standings = ListHistories { opt_out: standing(ALWAYS, person, span), ..ListHistories::default() };
        let opted_out = span.until.is_none().then(|| person.to_owned()).into_iter().collect();
        Consent { standings, opted_out, ..Consent::default() }
    }

    fn opted_in(in_force: Span, person: &str, span: Span) -> Consent {
        let standings = ListHistories { opt_in: standing(in_force, person, span), ..ListHistories::default() };
        let stands = span.until.is_none() && in_force.until.is_none();
        let opted_in = stands.then(|| person.to_owned()).into_iter().collect();
        Consent { standings, opted_in, ..Consent::default() }
    }

    /// The verdict on a recording of ada@uni.example, whose Zoom id is h.
    fn said(consent: &Consent, started: &str) -> String {
        let segment = Segment { started: sample_time(started), ..sample_segment(Vec::new()) };
        let verdict = consent.verdict(&segment);
        verdict.map_or("yes".to_owned(), |decision| decision.to_string())
    }

    const NINE: &str = "2026-11-22T09:00:00Z";
    const TEN: &str = "2026-11-22T10:00:00Z";
    const ELEVEN: &str = "2026-11-22T11:00:00Z";

    /// Nor is what was recorded while the opt-out stood.
    #[test]
    fn opted_out_hosts_are_not_copied() {
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

    /// Only what was recorded while its host stood on the list is copied.
    #[test]
    fn opt_in_lists_bound_the_copying() {
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
    fn unreadable_groups_hold_back_their_candidates() {
        let group = Some(Reason::GroupUnreadable);
        let unread = Consent { opt_out_unread: group, ..opted_out("guest@uni.example", ALWAYS) };
        assert_eq!(said(&unread, NINE), "wait group_unreadable");
        let unread = Consent { opt_out_unread: group, ..opted_out("ada@uni.example", ALWAYS) };
        assert_eq!(said(&unread, NINE), "skip opted_out");
        let in_the_file = Consent { opt_in_unread: group, ..opted_in(ALWAYS, "ada@uni.example", ALWAYS) };
        assert_eq!(said(&in_the_file, NINE), "yes");
        let in_the_group = Consent { opted_in: BTreeSet::new(), ..in_the_file };
        assert_eq!(said(&in_the_group, NINE), "wait group_unreadable");
    }

    /// All others are decided.
    #[test]
    fn doubtful_lists_leave_absent_hosts_undecided() {
        let missing = |consent: Consent| Consent { opted_out: BTreeSet::new(), ..consent };
        let cases = [
            (missing(opted_out("ada@uni.example", ALWAYS)), "wait list_in_doubt"),
            (missing(opted_out("guest@uni.example", ALWAYS)), "yes"),
            (opted_out("ada@uni.example", ALWAYS), "skip opted_out"),
        ];
        for (consent, expected) in cases {
            assert_eq!(said(&consent, NINE), expected, "{consent:?}");
        }
    }

    /// What Zoom garbles is no other person.
    #[test]
    fn domains_cover_all_their_people() {
        assert_eq!(said(&opted_out("@uni.example", ALWAYS), NINE), "skip opted_out");
        assert_eq!(said(&opted_out("@example", ALWAYS), NINE), "yes");
        assert_eq!(said(&opted_in(ALWAYS, "@uni.example", ALWAYS), NINE), "yes");
        for garbled in ["ada\u{200B}@uni.example", "ａｄａ@uni.example"] {
            assert!(super::names_of(garbled).contains(&"ada@uni.example".to_owned()), "{garbled:?}");
        }
        for spelt in ["ada@köln.example", "ADA@xn--kln-sna.Example"] {
            assert!(super::names_of(spelt).contains(&"@xn--kln-sna.example".to_owned()), "{spelt:?}");
        }
    }

    /// Kaltura ignores the case of letters in ids; an account is no address.
    #[test]
    fn kaltura_groups_mean_their_accounts() {
        let segment = Segment { started: sample_time(NINE), ..sample_segment(Vec::new()) };
        let said = |consent: &Consent, account: Option<&str>| {
            let account = account.map(KalturaUserId::new);
            let verdict = consent.verdict_with(&segment, account.as_ref());
            verdict.map_or("yes".to_owned(), |decision| decision.to_string())
        };
        let in_group = |span| opted_out("kaltura:prof.ada", span);
        let missing = |consent: Consent| Consent { opted_out: BTreeSet::new(), ..consent };
        let unread = |consent: Consent| Consent { opt_out_unread: Some(Reason::GroupUnreadable), ..consent };
        let cases = [
            (in_group(ALWAYS), Some("Prof.Ada "), "skip opted_out"),
            (in_group(ALWAYS), Some("ada@uni.example"), "yes"),
            (in_group(ALWAYS), None, "yes"),
            (opted_out("kaltura:ada@uni.example", ALWAYS), None, "yes"),
            // who joined late, and who left
            (in_group(from(TEN)), Some("prof.ada"), "skip opted_out"),
            (in_group(until(TEN)), Some("prof.ada"), "skip opted_out"),
            (in_group(until(NINE)), Some("prof.ada"), "yes"),
            // the group shrank too much, or cannot be read
            (missing(in_group(ALWAYS)), Some("prof.ada"), "wait list_in_doubt"),
            (missing(in_group(ALWAYS)), Some("bert"), "yes"),
            (unread(in_group(ALWAYS)), Some("prof.ada"), "skip opted_out"),
            (unread(in_group(ALWAYS)), Some("bert"), "wait group_unreadable"),
            (unread(in_group(ALWAYS)), None, "wait group_unreadable"),
        ];
        for (consent, account, expected) in cases {
            assert_eq!(said(&consent, account), expected, "{consent:?} {account:?}");
            assert!(consent.asks_for_accounts());
        }
        for (span, expected) in [(ALWAYS, true), (from(TEN), true), (until(TEN), true), (until(NINE), false)] {
            assert_eq!(in_group(span).may_mean_an_account(segment.started), expected, "{span:?}");
        }
        assert!(!opted_out("ada@uni.example", ALWAYS).asks_for_accounts());
        let known = HashMap::from([(segment.key(), KalturaUserId::new("prof.ada"))]);
        let knowing = in_group(ALWAYS).knowing_accounts(known);
        assert_eq!(knowing.verdict(&segment).map(|decision| decision.to_string()).as_deref(), Some("skip opted_out"));
    }

    /// Whom Zoom found behind ada@uni.example and lovelace@uni.example, which stand on the opt-in list; users by blanks.
    fn agreed(ada: &str, lovelace: &str) -> Consent {
        let mut consent = opted_in(ALWAYS, "ada@uni.example", ALWAYS);
        for (address, users) in [("ada@uni.example", ada), ("lovelace@uni.example", lovelace)] {
            consent.behind.opt_in.addresses.insert(address.to_owned());
            for user in users.split_whitespace() {
                consent.behind.opt_in.note((address.to_owned(), Some(HostId::new(user))));
            }
        }
        consent
    }

    /// Whom Zoom found behind the address, and nobody who gets it later.
    #[test]
    fn opt_ins_follow_the_person_found() {
        let doubt = "wait list_in_doubt";
        let cases = [
            (agreed("", ""), "yes"),
            (agreed("h", ""), "yes"),
            (agreed("a h", ""), "yes"),
            (agreed("a", ""), doubt),
            (agreed("a", "h"), doubt),
            (agreed("a", "").accepting(true), "yes"),
            (agreed("a", "").over_past(true), doubt),
        ];
        for (consent, expected) in cases {
            assert_eq!(said(&consent, NINE), expected, "{consent:?}");
            let told = consent.doubt_about(&Segment { started: sample_time(NINE), ..sample_segment(Vec::new()) });
            assert_eq!(told.is_some(), expected == doubt, "{consent:?}");
            let said = "filter.opt_in: the address \"ada@uni.example\" now belongs to the Zoom user h, no longer to a, who agreed";
            assert!(told.is_none_or(|told| told.starts_with(said)));
        }
        // the host himself stands there, by his id
        let by_id = opted_in(ALWAYS, "h", ALWAYS);
        assert_eq!(super::tests::said(&Consent { behind: agreed("a", "").behind, ..by_id }, NINE), "yes");
    }
}
