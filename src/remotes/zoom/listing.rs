//! The account's recordings, window by window, page by page.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Days, NaiveDate, Utc};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use super::client::{Endless, Paging, Zoom};
use super::fields::Record;
use super::segments::merge_segments;
use super::wire::{ListingPage, WireMeeting, read_segments};
use crate::model::{HostId, Interner, MeetingUuid, Segment, TextHash, TextHashes, Window};
use crate::remotes::http::meanings::calls;
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

/// The most that Zoom gives in one page.
const PAGE_SIZE: &str = "300";
/// Zoom clamps a longer range without a word ("the maximum range can be a month").
const LONGEST_WINDOW_DAYS: u64 = 30;
/// A list of more pages is read in parts, as each page leads to the next one and Zoom takes its time for each.
const MANY_PAGES: u64 = 12;
/// So many parts of a long list.
const PARTS: u64 = 8;
/// Parts that are read at a time.
const SIDE_BY_SIDE: usize = 4;
/// A list whose page tokens expired or lead in a circle is read from its beginning so often.
const BEGINNINGS: usize = 3;

/// The recordings of a window.
#[derive(Debug, Default)]
pub struct Listing {
    /// Every segment that is held as it is, each once.
    pub segments: Vec<Segment>,
    /// What could not be read, one by one: the list is not complete then.
    pub trouble: Vec<RemoteError>,
    /// Lists that were read to their end and fall short of what Zoom counts.
    pub short: Vec<String>,
    /// The users of the account and their addresses, where they had to be walked.
    pub users: BTreeMap<HostId, String>,
    /// Of each meeting's UUID: of a meeting that need not be held nothing else is. Two that share one are distinguished where
    /// they are merged.
    seen: TextHashes,
    doubles: TextHashes,
    texts: Interner,
}

/// Takes what need not be held as it is out of what is listed, page by page.
pub trait PageSift: Sync {
    /// Takes it out of a page.
    fn sift(&self, page: &mut Vec<Segment>);

    /// Forgets what it took: everything is listed from the beginning, in another way.
    fn begin_anew(&self);
}

/// Everything is held.
struct KeepAll;

impl PageSift for KeepAll {
    fn sift(&self, _: &mut Vec<Segment>) {}

    fn begin_anew(&self) {}
}

/// What is read: which days, of whom, and by whom it is sifted.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) path: &'a [&'a str],
    pub(super) lister: Option<&'a Lister>,
    pub(super) sift: &'a dyn PageSift,
    /// Whether a long list is read in parts.
    pub(super) in_parts: bool,
}

/// Whose list it is that is read, where it is one user's.
#[derive(Clone, Debug)]
pub(super) struct Lister {
    pub(super) id: HostId,
    pub(super) email: Option<String>,
}

impl Zoom {
    /// Every recording of the account whose meeting began in `window`. All pages are read before anything is returned,
    /// as page tokens live 15 minutes; what does not add up is an error, never a shorter list. An account whose
    /// recordings cannot be listed as a whole is walked user by user.
    pub async fn recordings(&self, window: Window) -> Result<Listing, RemoteError> {
        Ok(self.sifted_recordings(window, &KeepAll).await?.each_once())
    }

    /// The same, sifted. What comes more than once is there as often as it came and was not taken out.
    pub async fn sifted_recordings(&self, window: Window, sift: &dyn PageSift) -> Result<Listing, RemoteError> {
        // `me` is the account of the app itself; its literal id asks for a scope of master accounts
        let reading = Reading { path: &["accounts", "me", "recordings"], lister: None, sift, in_parts: true };
        let mut listing = Listing::default();
        match self.read(reading, window, &mut listing).await {
            Err(error) if is_for_others(&error) => {
                tracing::info!(%error, "the account cannot be listed as a whole: its users are listed one by one");
                sift.begin_anew();
                // where that is refused too, what was asked for first is what must be corrected
                let by_user = self.recordings_by_user(window, sift).await;
                by_user.map_err(|other| if is_for_others(&other) { error } else { other })
            }
            Err(error) => Err(error),
            Ok(()) => Ok(listing),
        }
    }

    /// Reads a list for the whole of `window`, also where Zoom answers for fewer days than it was asked for.
    pub(super) async fn read(
        &self,
        reading: Reading<'_>,
        window: Window,
        listing: &mut Listing,
    ) -> Result<(), RemoteError> {
        let mut due: Vec<Window> = window.spans(LONGEST_WINDOW_DAYS).collect();
        due.reverse();
        while let Some(asked) = due.pop() {
            match self.read_window(reading, asked, listing).await? {
                Some(answered) => due.extend(unanswered_windows(asked, answered, Utc::now().date_naive())?),
                None => self.read_parts(reading, asked, listing).await?,
            }
        }
        Ok(())
    }

    /// Reads the days of a long list, some of them at a time.
    fn read_parts<'a>(
        &'a self,
        reading: Reading<'a>,
        window: Window,
        listing: &'a mut Listing,
    ) -> BoxFuture<'a, Result<(), RemoteError>> {
        let reading = Reading { in_parts: false, ..reading };
        async move {
            let parts = window.spans(window.count_days().div_ceil(PARTS)).map(|part| async move {
                let mut listing = Listing::default();
                self.read(reading, part, &mut listing).await.map(|()| listing)
            });
            let mut parts = stream::iter(parts).buffered(SIDE_BY_SIDE);
            while let Some(part) = parts.next().await {
                listing.add(part?);
            }
            Ok(())
        }
        .boxed()
    }

    /// Reads all pages of one request, from its beginning again where a page token turns out to be of no use. It returns the
    /// days that Zoom answered for; `None`, and nothing is read, where the list is to be read in parts.
    async fn read_window(
        &self,
        reading: Reading<'_>,
        asked: Window,
        listing: &mut Listing,
    ) -> Result<Option<Window>, RemoteError> {
        let mut beginnings = 1;
        loop {
            match self.read_pages(reading, asked, listing).await {
                Err(PageError::Token(_)) if beginnings < BEGINNINGS => beginnings += 1,
                Err(PageError::Token(error) | PageError::Other(error)) => return Err(error),
                Ok(answered) => return Ok(answered),
            }
        }
    }

    async fn read_pages(
        &self,
        reading: Reading<'_>,
        asked: Window,
        listing: &mut Listing,
    ) -> Result<Option<Window>, PageError> {
        let (mut token, mut paging) = (String::new(), Paging::default());
        let mut answered = asked;
        loop {
            let Some(page) = self.read_page(reading, asked, &token, &mut paging, listing).await? else {
                return Ok(None);
            };
            answered = Window { from: page.from.unwrap_or(answered.from), to: page.to.unwrap_or(answered.to) };
            token = page.next;
            if token.is_empty() {
                listing.short.extend(find_shortfall(asked, page.total, paging.received())?);
                return Ok(Some(answered));
            }
            paging.go_on(&token, page.total).map_err(|why| match why {
                Endless::Circle => PageError::Token(unsound_listing(asked, "the same page came twice")),
                Endless::NothingNew(what) => PageError::Other(unsound_listing(asked, &what)),
            })?;
        }
    }

    /// Reads a page and takes up what is in it: nothing of one that cannot be read to its end. `None`, and nothing is taken up,
    /// where it is the first one of a list that is to be read in parts.
    async fn read_page(
        &self,
        reading: Reading<'_>,
        window: Window,
        token: &str,
        paging: &mut Paging,
        listing: &mut Listing,
    ) -> Result<Option<PageEnd>, PageError> {
        let mut query =
            vec![("from", window.from.to_string()), ("to", window.to.to_string()), ("page_size", PAGE_SIZE.to_owned())];
        if !token.is_empty() {
            query.push(("next_page_token", token.to_owned()));
        }
        let taken_up = Mutex::new((paging, listing));
        let read = |body: &[u8]| {
            let page = ListingPage::read(body)?;
            let is_long = token.is_empty() && page.count_pages() > MANY_PAGES && window.count_days() > 1;
            if reading.in_parts && is_long {
                return Ok(None);
            }
            let (paging, listing) = &mut *taken_up.lock().unwrap_or_else(PoisonError::into_inner);
            let names: Vec<TextHash> =
                page.meetings.iter().map(|Record(meeting)| TextHash::of(&meeting.name())).collect();
            let known = listing.segments.len();
            for (Record(meeting), name) in page.meetings.iter().zip(&names) {
                listing.take(meeting, *name, window, reading.lister);
            }
            paging.count(names.into_iter());
            let mut found = listing.segments.split_off(known);
            reading.sift.sift(&mut found);
            listing.segments.append(&mut found);
            let (from, to) = page.days();
            Ok(Some(PageEnd { from, to, next: page.next(), total: page.total() }))
        };
        self.get_by(calls::LIST, reading.path, &query, &read).await.map_err(|error| {
            if error.means(Meaning::StalePage) { PageError::Token(error) } else { PageError::Other(error) }
        })
    }
}

/// What a page says of its list.
struct PageEnd {
    /// The days that Zoom answers for.
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    /// Leads to the next page; empty on the last one.
    next: String,
    /// How many meetings the whole list has.
    total: Option<u64>,
}

/// Why a list could not be read to its end.
enum PageError {
    /// A page token was of no use: another beginning may help.
    Token(RemoteError),
    Other(RemoteError),
}

impl From<RemoteError> for PageError {
    fn from(error: RemoteError) -> PageError {
        PageError::Other(error)
    }
}

impl Listing {
    /// Takes a meeting up. One that cannot be read keeps the others from nothing.
    fn take(&mut self, meeting: &WireMeeting<'_>, name: TextHash, window: Window, lister: Option<&Lister>) {
        let mut found = match read_segments(meeting, Some(window), &mut self.texts) {
            Ok(found) => found,
            Err(what) => {
                let message = format!("the list of recordings from {} to {}: {what}", window.from, window.to);
                self.trouble.push(RemoteError::new(Service::Zoom, RemoteKind::Rejected, message));
                return;
            }
        };
        for segment in &mut found {
            if let Some(lister) = lister {
                lister.fill_in(segment);
            }
        }
        if !self.seen.insert(name) {
            self.doubles.insert(name);
        }
        self.segments.append(&mut found);
    }

    /// Whether a meeting may have come more than once; `None` where none did.
    #[must_use]
    pub fn find_doubles(&self) -> Option<impl Fn(&MeetingUuid) -> bool> {
        let doubles = &self.doubles;
        (!doubles.is_empty()).then_some(|uuid: &MeetingUuid| doubles.contains(&TextHash::of(uuid.as_str())))
    }

    /// Takes up what another list has.
    pub(super) fn add(&mut self, other: Listing) {
        for uuid in other.seen {
            if !self.seen.insert(uuid) {
                self.doubles.insert(uuid);
            }
        }
        self.doubles.extend(other.doubles);
        self.segments.extend(other.segments);
        self.trouble.extend(other.trouble);
        self.short.extend(other.short);
    }

    /// What came more than once counts once.
    #[must_use]
    pub fn each_once(mut self) -> Listing {
        if self.doubles.is_empty() {
            return self;
        }
        let mut doubles: BTreeMap<MeetingUuid, Vec<Segment>> = BTreeMap::new();
        for segment in std::mem::take(&mut self.segments) {
            if self.doubles.contains(&TextHash::of(segment.meeting.uuid.as_str())) {
                doubles.entry(segment.meeting.uuid.clone()).or_default().push(segment);
            } else {
                self.segments.push(segment);
            }
        }
        self.segments.extend(doubles.into_values().flat_map(merge_segments));
        self
    }
}

impl Lister {
    /// Who lists a recording is its host, unless the recording says otherwise.
    fn fill_in(&self, segment: &mut Segment) {
        let host = &segment.meeting.host_id;
        if segment.meeting.host_email.is_some() || !(host.as_str().is_empty() || *host == self.id) {
            return;
        }
        let meeting = Arc::make_mut(&mut segment.meeting);
        meeting.host_id = self.id.clone();
        meeting.host_email.clone_from(&self.email);
    }
}

/// The parts of `asked` that Zoom did not answer for: it clamps a range that it finds too long, without a word. Days that
/// have not come, by whatever clock, need no answer.
fn unanswered_windows(asked: Window, answered: Window, today: NaiveDate) -> Result<Vec<Window>, RemoteError> {
    if asked.from >= today {
        return Ok(Vec::new());
    }
    if answered.from > asked.to || answered.to < asked.from || answered.from > answered.to {
        return Err(unsound_listing(asked, "Zoom answered for other days"));
    }
    let before = answered.from.checked_sub_days(Days::new(1)).map(|to| Window { from: asked.from, to });
    let after = answered.to.checked_add_days(Days::new(1)).map(|from| Window { from, to: asked.to });
    Ok(before.into_iter().chain(after).filter(|window| window.from <= window.to.min(today)).collect())
}

/// The app may not list the account as a whole: a missing scope, an account of another kind.
fn is_for_others(error: &RemoteError) -> bool {
    matches!(error.kind, RemoteKind::Refused | RemoteKind::NotFound)
}

/// By how much a list that was read to its end falls short of what Zoom counts. Where nothing came it is no list.
fn find_shortfall(window: Window, total: Option<u64>, received: u64) -> Result<Option<String>, RemoteError> {
    let Some(total) = total.filter(|total| received < *total) else {
        return Ok(None);
    };
    let error = unsound_listing(window, &format!("Zoom counts {total} meetings, but sent {received}"));
    if received == 0 { Err(error) } else { Ok(Some(error.to_string())) }
}

fn unsound_listing(window: Window, what: &str) -> RemoteError {
    let message = format!("the list of recordings from {} to {} is not complete: {what}", window.from, window.to);
    RemoteError::new(Service::Zoom, RemoteKind::Garbled, message)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::unanswered_windows;
    use crate::model::Window;

    fn window(from: &str, to: &str) -> Window {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        Window { from: day(from), to: day(to) }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn omitted_days_are_requested_once_more() {
        let asked = window("2026-10-01", "2026-10-30");
        let cases = [
            (window("2026-10-01", "2026-10-30"), vec![]),
            (window("2026-10-20", "2026-10-30"), vec![window("2026-10-01", "2026-10-19")]),
            (
                window("2026-10-05", "2026-10-25"),
                vec![window("2026-10-01", "2026-10-04"), window("2026-10-26", "2026-10-30")],
            ),
            (window("2026-09-01", "2026-11-30"), vec![]),
        ];
        let today = day("2026-11-24");
        for (answered, expected) in cases {
            assert_eq!(
                unanswered_windows(asked, answered, today).expect("days that were asked for"),
                expected,
                "{answered:?}"
            );
        }
        assert!(unanswered_windows(asked, window("2020-01-01", "2020-01-30"), today).is_err());
        assert!(unanswered_windows(asked, window("2026-10-20", "2026-10-10"), today).is_err());
    }

    #[test]
    fn future_days_need_no_answer() {
        let today = day("2026-10-29");
        let cases = [
            (window("2026-10-01", "2026-10-30"), window("2026-10-01", "2026-10-29"), Some(vec![])),
            (
                window("2026-10-01", "2026-10-30"),
                window("2026-10-01", "2026-10-28"),
                Some(vec![window("2026-10-29", "2026-10-30")]),
            ),
            (window("2026-10-29", "2026-10-30"), window("2026-10-28", "2026-10-28"), Some(vec![])),
            (window("2026-10-30", "2026-10-30"), window("2026-10-29", "2026-10-29"), Some(vec![])),
            (window("2026-10-28", "2026-10-30"), window("2026-10-27", "2026-10-27"), None),
        ];
        for (asked, answered, expected) in cases {
            assert_eq!(unanswered_windows(asked, answered, today).ok(), expected, "{asked:?} {answered:?}");
        }
    }
}
