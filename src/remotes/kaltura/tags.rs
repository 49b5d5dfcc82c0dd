//! The admin tags that entries carry. Kaltura finds words inside tags, so that what a list shows is compared exactly, and
//! makes them lower-case (facts-kaltura.md#k9).

use chrono::{DateTime, TimeDelta, Utc};

use super::client::Kaltura;
use super::wire::WireEntry;
use crate::model::{Entry, EntryStatus, Installation, InstallationId, Tags};

/// The mark of this program: what does not carry it is never changed by it.
pub(super) const OUR_TAG: &str = "zoom2kaltura";
/// What nobody owns carries it.
pub(super) const ORPHAN_TAG: &str = "zoom2kaltura-orphan";
const BY: &str = "zoom2kaltura-by-";
/// So long an upload token lives (facts-kaltura.md#s1): whatever another installation has not finished by then
/// it cannot finish any more.
const UPLOADS_LIVE: TimeDelta = TimeDelta::days(7);

/// Who reads entries, and when by Kaltura's clock.
#[derive(Clone, Copy)]
pub(super) struct EntryReader<'a> {
    pub(super) here: &'a Installation,
    pub(super) now: Option<DateTime<Utc>>,
}

impl Kaltura {
    pub(super) fn reader(&self) -> EntryReader<'_> {
        EntryReader { here: self.installation(), now: self.now() }
    }

    /// The admin tags of an entry that is made; `orphan` where nobody owns it.
    #[must_use]
    pub fn tags(&self, orphan: bool) -> String {
        let tags = format!("{OUR_TAG},{}", sign_tag(self.installation()));
        if orphan { format!("{tags},{ORPHAN_TAG}") } else { tags }
    }
}

/// The tag that tells who made an entry.
pub(super) fn sign_tag(Installation { account, id, .. }: &Installation) -> String {
    format!("{BY}{account}-{id}")
}

fn each_tag(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim).filter(|tag| !tag.is_empty())
}

/// The same tags without the one of an orphan.
pub(super) fn without_orphan(tags: &str) -> String {
    each_tag(tags).filter(|tag| *tag != ORPHAN_TAG).collect::<Vec<_>>().join(",")
}

/// The same tags signed by this installation in place of those that it takes over from; `None` where none of these signed.
pub(super) fn signed_anew(tags: &str, here: &Installation) -> Option<String> {
    let account = format!("{BY}{}-", here.account);
    let id = |tag: &str| InstallationId::new(tag.strip_prefix(&account)?);
    let is_taken = |tag: &&str| id(tag).is_some_and(|id| id != here.id && here.takes(&id));
    each_tag(tags).any(|tag| is_taken(&tag)).then(|| {
        let ours = sign_tag(here);
        let others = each_tag(tags).filter(|tag| !is_taken(tag) && *tag != ours);
        others.chain([ours.as_str()]).collect::<Vec<_>>().join(",")
    })
}

impl EntryReader<'_> {
    /// What the tags of an entry say. Where several installations signed it, it is another one's.
    pub(super) fn read(self, tags: &str) -> Tags {
        let account = format!("{BY}{}-", self.here.account);
        let id = |tag: &str| InstallationId::new(tag.strip_prefix(&account)?);
        let is_ours = |id: &InstallationId| *id == self.here.id || self.here.takes(id);
        Tags {
            is_marked: each_tag(tags).any(|tag| tag == OUR_TAG),
            is_signed: each_tag(tags).any(|tag| tag.starts_with(BY)),
            is_orphan: each_tag(tags).any(|tag| tag == ORPHAN_TAG),
            another: each_tag(tags).filter_map(id).find(|id| !is_ours(id)),
            is_by_us: each_tag(tags).filter_map(id).any(|id| is_ours(&id)),
            all: tags.to_owned(),
        }
    }

    /// Whether what carries these tags is this installation's to change. What another one left unfinished for longer than an
    /// upload can live is so, too.
    pub(super) fn is_ours(self, tags: &Tags, status: EntryStatus, wire: &WireEntry) -> bool {
        let unfinished = matches!(status, EntryStatus::NoContent | EntryStatus::Importing | EntryStatus::Failed);
        let is_left = || {
            let (Some(now), Some(updated)) = (self.now, self.now.and_then(|now| wire.updated_at.time(now))) else {
                return false;
            };
            unfinished && now - updated > UPLOADS_LIVE
        };
        let may = match &tags.another {
            Some(_) => is_left(),
            None => tags.is_by_us || !tags.is_signed,
        };
        tags.is_marked && may
    }
}

/// Whether it is met at all: what installations of other Zoom accounts made is not.
pub(super) fn is_met(entry: &Entry) -> bool {
    let Tags { is_marked, is_signed, is_by_us, another, .. } = &entry.tags;
    !(*is_marked && *is_signed && !is_by_us && another.is_none())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{EntryReader, sign_tag, signed_anew, without_orphan};
    use crate::model::{EntryStatus, Installation, InstallationId, InstallationPlace, TakeOver};
    use crate::remotes::kaltura::wire::WireEntry;

    fn here() -> Installation {
        let (us, place) = (InstallationId::new("0000aaaa"), |configured| InstallationPlace {
            machine_id: "m",
            state_dir: "/s",
            zoom_account: "z",
            partner_id: 102,
            configured,
        });
        Installation::at(place(us.as_ref()), None)
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    #[test]
    fn only_exactly_our_tags_are_ours() {
        let here = here();
        let (us, other) = (sign_tag(&here), format!("zoom2kaltura-by-{}-0000bbbb", here.account));
        let (failed, ready, empty) = (EntryStatus::Failed, EntryStatus::Ready, EntryStatus::NoContent);
        // tags, status, days since it was last changed, ours, another
        let cases: [(String, EntryStatus, i64, bool, bool); 14] = [
            (format!("zoom2kaltura,{us}"), ready, 0, true, false),
            (format!("x, zoom2kaltura , {us}"), ready, 0, true, false),
            ("zoom2kaltura".to_owned(), ready, 0, true, false),
            (us.clone(), ready, 0, false, false),
            ("zoom2kaltura-orphan".to_owned(), ready, 0, false, false),
            (format!("zoom2kaltura:x,{us}"), ready, 0, false, false),
            (format!("zoom2kaltura,{us}0"), ready, 0, false, false),
            (format!("zoom2kaltura,{other}"), ready, 30, false, true),
            (format!("zoom2kaltura,{us},{other}"), ready, 30, false, true),
            (format!("zoom2kaltura,{other}"), empty, 6, false, true),
            (format!("zoom2kaltura,{other}"), empty, 8, true, true),
            (format!("zoom2kaltura,{other}"), failed, 8, true, true),
            (other.clone(), empty, 8, false, true),
            ("zoom2kaltura,zoom2kaltura-by-ffffffff-0000aaaa".to_owned(), empty, 8, false, false),
        ];
        for (tags, status, days, ours, another) in cases {
            let updated = (now() - TimeDelta::days(days)).timestamp();
            let wire: WireEntry =
                serde_json::from_value(serde_json::json!({ "id": "0_a", "updatedAt": updated })).expect("an entry");
            let reader = EntryReader { here: &here, now: Some(now()) };
            let read = reader.read(&tags);
            let found = (reader.is_ours(&read, status, &wire), read.another.is_some());
            assert_eq!(found, (ours, another), "{tags} {status:?} {days}");
            let unclear: WireEntry = serde_json::from_value(serde_json::json!({ "id": "0_a" })).expect("an entry");
            assert_eq!(reader.is_ours(&read, status, &unclear), ours && !another, "{tags} without a time");
        }
    }

    #[test]
    fn takeovers_sign_anew_keeping_other_tags() {
        let signed = |id: &str| format!("zoom2kaltura-by-{}-{id}", here().account);
        let (us, one, two) = (signed("0000aaaa"), signed("0000bbbb"), signed("0000cccc"));
        let of = TakeOver::Of(InstallationId::new("0000bbbb").expect("an id"));
        let cases = [
            (TakeOver::Nothing, format!("zoom2kaltura,{one}"), None),
            (TakeOver::Everything, format!("zoom2kaltura,{us}"), None),
            (TakeOver::Everything, "zoom2kaltura,zoom2kaltura-by-ffffffff-0000bbbb".to_owned(), None),
            (
                TakeOver::Everything,
                format!("zoom2kaltura,{one},zoom2kaltura-orphan"),
                Some("zoom2kaltura,zoom2kaltura-orphan"),
            ),
            (TakeOver::Everything, format!("x,{two},{us},zoom2kaltura"), Some("x,zoom2kaltura")),
            (of.clone(), format!("zoom2kaltura,{two}"), None),
            (of, format!("zoom2kaltura,{one}"), Some("zoom2kaltura")),
        ];
        for (take_over, tags, others) in cases {
            let here = Installation { take_over, ..here() };
            let expected = others.map(|others| format!("{others},{us}"));
            assert_eq!(signed_anew(&tags, &here), expected, "{tags}");
            let read = EntryReader { here: &here, now: None }.read(&tags);
            if expected.is_some() {
                assert!(read.is_by_us && read.another.is_none(), "{tags}");
            }
        }
    }

    #[test]
    fn orphan_marks_go_other_tags_stay() {
        assert_eq!(without_orphan("a,zoom2kaltura-orphan, zoom2kaltura-orphans"), "a,zoom2kaltura-orphans");
    }
}
