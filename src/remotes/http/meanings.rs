//! What the answers of Zoom and Kaltura mean, in one table: by service, call, HTTP status and code. Who wants to know
//! what follows from an answer asks for its [`Meaning`]; codes stand nowhere else.
//!
//! The two remote sides.

use std::fmt;

/// What an answer means, whichever code says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Zoom has no such user (any more).
    NoSuchUser,
    /// Zoom has no recording of the meeting (any more), or it left the account with its host.
    NoRecording,
    /// Zoom knows nothing of the meeting beside its recordings (any more).
    MeetingForgotten,
    /// The host's plan has no such feature, so that nobody used it.
    NotInPlan,
    /// Zoom keeps such reports for a year.
    TooLate,
    /// Zoom still uses the file itself.
    FileInUse,
    /// A page token is no longer good.
    StalePage,
    /// The app lacks a scope or a right.
    MissingScope,
    /// The token is no longer good.
    StaleToken,
    /// One download is not given to this token.
    StaleDownload,
    /// One download is refused.
    DownloadRefused,
    /// A range of a file is not available.
    NoSuchRange,
    /// Too many requests just now.
    TooMany,
    /// No more requests today.
    DailyLimit,
    /// The login is refused.
    LoginRefused,
    /// The session has ended.
    SessionEnded,
    /// Kaltura refuses something: to everybody, or for this one recording or owner.
    Forbidden,
    /// Kaltura has no such entry (any more).
    NoSuchEntry,
    /// There is no such thing (any more).
    NoSuchThing,
    /// It is there already.
    AlreadyThere,
    /// The entry has content, or waits for another upload token.
    AlreadyFilled,
    /// The account has no recycle bin.
    NoRecycleBin,
    /// Kaltura takes the content for none of the kind that it should be, or for a danger.
    ContentRefused,
    /// It answered that it was done, and did not keep a field: of this one entry, or of all.
    FieldDropped,
    /// It answered that it was done, and it is not.
    NotDone,
    /// A value is none of those that Kaltura knows.
    UnknownValue,
    /// The upload token itself tells how it stands.
    AskTheToken,
    /// The upload token takes no bytes any more.
    TokenTooOld,
    /// An error on its side that may pass.
    ServerFault,
    /// It understood and said no.
    No,
}

impl Meaning {
    /// What a person can do about it, to be appended to a message; empty where that is nothing.
    #[must_use]
    pub fn advice(self, service: Service) -> &'static str {
        match (self, service) {
            (Meaning::MissingScope, _) => "; give the app the scope it names, then activate it again",
            (Meaning::StaleToken, _) => "; check that the app is activated and its secret is the one in use",
            (Meaning::LoginRefused | Meaning::Forbidden, Service::Kaltura) => {
                "; check kaltura.partner_id, the secret and the rights of the service user"
            }
            _ => "",
        }
    }

    /// Whether one recording or one person alone may be refused so, while all others are served.
    #[must_use]
    pub fn may_be_about_one(self) -> bool {
        matches!(self, Meaning::Forbidden | Meaning::FieldDropped | Meaning::StaleDownload | Meaning::DownloadRefused)
    }
}

/// An answer that is no success.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// Who gave it.
    pub service: Service,
    /// To which call; see the names in [`calls`].
    pub call: &'a str,
    /// Its HTTP status.
    pub status: u16,
    /// Its code; empty where it has none.
    pub code: &'a str,
    /// What it says beside that.
    pub says: &'a str,
}

/// A line of the table.
#[derive(Debug)]
pub struct Row {
    /// Who answers.
    pub service: Service,
    /// To which calls; none stands for all.
    pub calls: &'static [&'static str],
    /// The first and the last HTTP status.
    pub statuses: (u16, u16),
    /// The codes; none stands for all.
    pub codes: &'static [&'static str],
    /// Of these the text holds one, in any case; none stands for any text.
    pub says: &'static [&'static str],
    /// What that means.
    pub meaning: Meaning,
    /// Where this is from.
    pub source: &'static str,
}

impl Row {
    fn is_about(&self, answer: &Refusal<'_>) -> bool {
        let (first, last) = self.statuses;
        self.service == answer.service
            && (self.calls.is_empty() || self.calls.contains(&answer.call))
            && (first..=last).contains(&answer.status)
            && (self.codes.is_empty() || self.codes.contains(&answer.code))
            && (self.says.is_empty() || {
                let text = answer.says.to_lowercase();
                self.says.iter().any(|part| text.contains(part))
            })
    }
}

/// What an answer means: the first line of the table that is about it.
#[must_use]
pub fn find_meaning(answer: &Refusal<'_>) -> Meaning {
    MEANINGS.iter().find(|row| row.is_about(answer)).map_or(Meaning::No, |row| row.meaning)
}

/// The calls that are answered in a way of their own, by the names that messages have for them.
pub mod calls {
    /// Zoom's `POST /oauth/token`.
    pub const LOGIN: &str = "the login";
    /// Zoom's `GET /accounts/me/recordings` and `GET /users/{id}/recordings`.
    pub const LIST: &str = "the list of recordings";
    /// Zoom's `GET /users/{id}`.
    pub const HOST: &str = "the look-up of a host";
    /// Zoom's `GET /meetings/{id}/recordings`.
    pub const RECORDINGS: &str = "the recordings of a meeting";
    /// The same, for a token.
    pub const PASS: &str = "a download token";
    /// Zoom's `DELETE /meetings/{id}/recordings/{file}`.
    pub const TRASH: &str = "putting a recording file into the trash";
    /// Zoom's `GET /meetings/{id}`.
    pub const MEETING: &str = "the details of a meeting";
    /// Zoom's `GET /webinars/{id}`.
    pub const WEBINAR: &str = "the details of a webinar";
    /// Zoom's `GET /report/…/participants`.
    pub const PARTICIPANTS: &str = "the participants of a meeting";
    /// Zoom's `GET /metrics/…/participants`.
    pub const CO_HOSTS: &str = "the co-hosts of a meeting";
    /// Zoom's `GET /webinars/{id}/panelists`.
    pub const PANELISTS: &str = "the panelists of a webinar";
    /// A `download_url`.
    pub const DOWNLOAD: &str = "the download";
    /// What it redirects to.
    pub const SIGNED: &str = "the download's signed address";
}

/// Everything about a meeting except its recordings.
const ABOUT_A_MEETING: &[&str] =
    &[calls::MEETING, calls::WEBINAR, calls::PARTICIPANTS, calls::CO_HOSTS, calls::PANELISTS];
const OF_A_DOWNLOAD: &[&str] = &[calls::DOWNLOAD, calls::SIGNED];
const ANY: (u16, u16) = (100, 999);
const OK: (u16, u16) = (200, 200);

const SPEC: &str = "Zoom's OpenAPI text";
const LIMITS: &str = "facts-zoom.md#z41, facts-zoom.md#z42";
const SCOPES: &str = "facts-zoom.md#z3, facts-zoom.md#z4";
const HTTP: &str = "RFC 9110";
const DOWNLOADS: &str = "facts-zoom.md#z34, facts-zoom.md#z35";
const CODE: &str = "Kaltura's server code";
const RECORDED: &str = "recorded traffic of Kaltura";

const fn zoom_row(
    calls: &'static [&'static str],
    statuses: (u16, u16),
    codes: &'static [&'static str],
    says: &'static [&'static str],
    meaning: Meaning,
    source: &'static str,
) -> Row {
    Row { service: Service::Zoom, calls, statuses, codes, says, meaning, source }
}

const fn kaltura_row(
    statuses: (u16, u16),
    codes: &'static [&'static str],
    says: &'static [&'static str],
    meaning: Meaning,
    source: &'static str,
) -> Row {
    Row { service: Service::Kaltura, calls: &[], statuses, codes, says, meaning, source }
}

/// The first line that is about an answer counts.
#[rustfmt::skip]
pub const MEANINGS: &[Row] = &[
    // Zoom: for how long, where it says so, is for its headers
    zoom_row(&[], (429, 429), &[], &["daily"], Meaning::DailyLimit, LIMITS),
    zoom_row(&[], (429, 429), &[], &[], Meaning::TooMany, LIMITS),
    // Zoom: logging in
    zoom_row(&[calls::LOGIN], (500, 599), &[], &[], Meaning::ServerFault, HTTP),
    zoom_row(&[calls::LOGIN], ANY, &[], &[], Meaning::LoginRefused, "Zoom's page on OAuth errors"),
    // Zoom: recordings themselves
    zoom_row(&[calls::DOWNLOAD], (401, 401), &[], &[], Meaning::StaleDownload, DOWNLOADS),
    zoom_row(&[calls::DOWNLOAD], (403, 403), &[], &[], Meaning::DownloadRefused, DOWNLOADS),
    zoom_row(&[calls::SIGNED], (401, 403), &[], &[], Meaning::ServerFault, "a signed address ends; another is given"),
    zoom_row(OF_A_DOWNLOAD, (404, 404), &[], &[], Meaning::NoSuchThing, HTTP),
    zoom_row(OF_A_DOWNLOAD, (410, 410), &[], &[], Meaning::NoSuchThing, HTTP),
    zoom_row(OF_A_DOWNLOAD, (416, 416), &[], &[], Meaning::NoSuchRange, HTTP),
    zoom_row(OF_A_DOWNLOAD, (500, 599), &[], &[], Meaning::ServerFault, HTTP),
    zoom_row(OF_A_DOWNLOAD, ANY, &[], &[], Meaning::No, HTTP),
    // Zoom: who and what is no longer there
    zoom_row(&[calls::HOST, calls::LIST], (400, 404), &["1001", "1010", "1120"], &[], Meaning::NoSuchUser, "Zoom's OpenAPI text; jrchamp/moodle-mod_zoom#63, #64"),
    zoom_row(&[calls::RECORDINGS, calls::PASS, calls::TRASH], (400, 404), &["3301", "3001", "1010"], &[], Meaning::NoRecording, SPEC),
    zoom_row(ABOUT_A_MEETING, (400, 404), &["3001", "1001", "1010", "1120"], &[], Meaning::MeetingForgotten, SPEC),
    // Zoom: what nobody can have used
    zoom_row(ABOUT_A_MEETING, (400, 404), &[], &["plan is missing", "subscribe to", "available for paid", "in your plan", "your plan does not", "upgrade your"], Meaning::NotInPlan, "onyx-dot-app/onyx#14516; Zoom's OpenAPI text"),
    zoom_row(ABOUT_A_MEETING, (400, 404), &["12702"], &[], Meaning::TooLate, SPEC),
    zoom_row(&[calls::TRASH], (400, 404), &["3332"], &[], Meaning::FileInUse, SPEC),
    zoom_row(&[], (300, 400), &["300"], &["page token"], Meaning::StalePage, "facts-zoom.md#z11"),
    // Zoom: what is refused, and what is left
    zoom_row(&[], ANY, &["4711", "4700", "200"], &[], Meaning::MissingScope, SCOPES),
    zoom_row(&[], (403, 403), &[], &[], Meaning::MissingScope, SCOPES),
    zoom_row(&[], ANY, &["124"], &[], Meaning::StaleToken, SCOPES),
    zoom_row(&[], (401, 401), &[], &[], Meaning::StaleToken, SCOPES),
    zoom_row(&[], (404, 404), &[], &[], Meaning::NoSuchThing, HTTP),
    zoom_row(&[], (500, 599), &[], &[], Meaning::ServerFault, HTTP),
    // Kaltura: other statuses come from the web tier before it, not from its API
    kaltura_row((429, 429), &[], &[], Meaning::TooMany, HTTP),
    kaltura_row((401, 403), &[], &[], Meaning::Forbidden, HTTP),
    kaltura_row((408, 408), &[], &[], Meaning::ServerFault, HTTP),
    kaltura_row((500, 599), &[], &[], Meaning::ServerFault, HTTP),
    // Kaltura: its exceptions come with 200
    kaltura_row(OK, &["INVALID_KS"], &["expired", "logout"], Meaning::SessionEnded, RECORDED),
    kaltura_row(OK, &["START_SESSION_ERROR", "INVALID_PARTNER_ID", "APP_TOKEN_ID_NOT_FOUND", "APP_TOKEN_NOT_ACTIVE", "APP_TOKEN_EXPIRED", "INVALID_APP_TOKEN_HASH"], &[], Meaning::LoginRefused, CODE),
    kaltura_row(OK, &["INVALID_KS", "MISSING_KS", "SERVICE_FORBIDDEN", "SERVICE_FORBIDDEN_CONTENT_BLOCKED", "SERVICE_FORBIDDEN_FULLY_BLOCKED", "ACCESS_UNAUTHORIZED", "USER_BLOCKED"], &[], Meaning::Forbidden, CODE),
    kaltura_row(OK, &["ACTION_BLOCKED"], &[], Meaning::TooMany, CODE),
    kaltura_row(OK, &["INTERNAL_SERVERL_ERROR", "INTERNAL_SERVER_ERROR", "INTERNAL_DATABASE_ERROR", "SEARCH_ENGINE_QUERY_FAILED", "LOCK_TIMED_OUT", "UPLOAD_TOKEN_CANNOT_MATCH_EXPECTED_SIZE"], &[], Meaning::ServerFault, CODE),
    kaltura_row(OK, &["ENTRY_ID_NOT_FOUND", "INVALID_ENTRY_ID"], &[], Meaning::NoSuchEntry, RECORDED),
    kaltura_row(OK, &["UPLOAD_TOKEN_NOT_FOUND", "INVALID_USER_ID", "FLAVOR_ASSET_ID_NOT_FOUND", "CAPTION_ASSET_ID_NOT_FOUND", "ATTACHMENT_ASSET_ID_NOT_FOUND"], &[], Meaning::NoSuchThing, RECORDED),
    kaltura_row(OK, &["CATEGORY_ENTRY_ALREADY_EXISTS", "INVALID_ENTRY_STATUS_FOR_RECYCLE"], &[], Meaning::AlreadyThere, RECORDED),
    kaltura_row(OK, &["ENTRY_ALREADY_WITH_CONTENT"], &[], Meaning::AlreadyFilled, RECORDED),
    kaltura_row(OK, &["FEATURE_RECYCLE_BIN_DISABLED"], &[], Meaning::NoRecycleBin, RECORDED),
    kaltura_row(OK, &["FILE_CONTENT_NOT_SECURE"], &[], Meaning::ContentRefused, RECORDED),
    kaltura_row(OK, &["INVALID_ENUM_VALUE"], &[], Meaning::UnknownValue, RECORDED),
    kaltura_row(OK, &["UPLOAD_TOKEN_INVALID_STATUS_FOR_UPLOAD", "UPLOAD_TOKEN_CANNOT_RESUME"], &[], Meaning::AskTheToken, RECORDED),
    kaltura_row(OK, &["UPLOAD_PASSED_MAX_RESUME_TIME_ALLOWED"], &[], Meaning::TokenTooOld, CODE),
];

/// Which remote side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Zoom's API and downloads.
    Zoom,
    /// Kaltura's API.
    Kaltura,
}

impl Service {
    /// The word used in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Service::Zoom => "zoom",
            Service::Kaltura => "kaltura",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::Zoom => "Zoom",
            Service::Kaltura => "Kaltura",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{MEANINGS, Meaning, Refusal, calls, find_meaning};
    use crate::remotes::http::Service;

    const NO_PLAN: &str = "Webinar plan is missing. You must subscribe to the webinar plan and enable webinars for this user in order to perform this action.";

    #[test]
    fn answers_mean_what_their_source_says() {
        let zoom = [
            (calls::HOST, 400, "1010", "User not found on this account", Meaning::NoSuchUser),
            (calls::HOST, 400, "1001", "User does not exist", Meaning::NoSuchUser),
            (calls::HOST, 404, "1001", "User does not exist", Meaning::NoSuchUser),
            (calls::HOST, 400, "1120", "A valid invitation was not found", Meaning::NoSuchUser),
            (calls::HOST, 404, "0", "not found", Meaning::NoSuchThing),
            (calls::HOST, 400, "200", "No permission.", Meaning::MissingScope),
            (calls::LIST, 404, "1001", "User not exist", Meaning::NoSuchUser),
            (calls::LIST, 400, "300", "The next page token is invalid or expired.", Meaning::StalePage),
            (calls::LIST, 300, "300", "The next page token is invalid or expired.", Meaning::StalePage),
            (calls::LIST, 400, "300", "Invalid field.", Meaning::No),
            (calls::RECORDINGS, 404, "3301", "There is no recording for this meeting.", Meaning::NoRecording),
            (calls::RECORDINGS, 400, "1010", "User not found on this account", Meaning::NoRecording),
            (calls::RECORDINGS, 404, "", "", Meaning::NoSuchThing),
            // recordings may be another's by now
            (calls::RECORDINGS, 404, "1001", "User does not exist", Meaning::NoSuchThing),
            (calls::TRASH, 400, "3332", "selected for a simulive webinar", Meaning::FileInUse),
            (calls::TRASH, 403, "200", "You do not have the right permissions.", Meaning::MissingScope),
            (calls::WEBINAR, 400, "200", NO_PLAN, Meaning::NotInPlan),
            (calls::PANELISTS, 400, "200", NO_PLAN, Meaning::NotInPlan),
            (calls::PARTICIPANTS, 400, "200", "Only available for Paid or ZMP account: 1.", Meaning::NotInPlan),
            (calls::PANELISTS, 400, "300", NO_PLAN, Meaning::NotInPlan),
            (calls::PARTICIPANTS, 400, "200", "No permission.", Meaning::MissingScope),
            (calls::PARTICIPANTS, 400, "12702", "Can not access meeting a year ago.", Meaning::TooLate),
            (calls::MEETING, 400, "4711", "does not contain scopes:[a]", Meaning::MissingScope),
            (calls::MEETING, 400, "1010", "User not found", Meaning::MeetingForgotten),
            (calls::LIST, 401, "124", "Invalid access token.", Meaning::StaleToken),
            (calls::LIST, 429, "429", "maximum daily rate limit", Meaning::DailyLimit),
            (calls::LIST, 429, "429", "maximum per-second rate limit", Meaning::TooMany),
            (calls::LOGIN, 400, "", "invalid_client", Meaning::LoginRefused),
            (calls::LOGIN, 502, "", "", Meaning::ServerFault),
            (calls::DOWNLOAD, 401, "", "", Meaning::StaleDownload),
            (calls::SIGNED, 401, "", "", Meaning::ServerFault),
            (calls::DOWNLOAD, 418, "", "", Meaning::No),
            ("another call", 418, "1", "", Meaning::No),
        ];
        for (call, status, code, says, expected) in zoom {
            let answer = Refusal { service: Service::Zoom, call, status, code, says };
            assert_eq!(find_meaning(&answer), expected, "{answer:?}");
        }
        let kaltura = [
            (200, "INVALID_KS", "EXPIRED", Meaning::SessionEnded),
            (200, "INVALID_KS", "", Meaning::Forbidden),
            (200, "START_SESSION_ERROR", "", Meaning::LoginRefused),
            (200, "ACTION_BLOCKED", "", Meaning::TooMany),
            (200, "SOMETHING_NEW", "", Meaning::No),
            (403, "", "", Meaning::Forbidden),
            (503, "", "", Meaning::ServerFault),
            (413, "", "", Meaning::No),
        ];
        for (status, code, says, expected) in kaltura {
            let answer = Refusal { service: Service::Kaltura, call: "media.add", status, code, says };
            assert_eq!(find_meaning(&answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn no_table_line_hides_another() {
        for (number, row) in MEANINGS.iter().enumerate() {
            let calls = if row.calls.is_empty() { &["another call"][..] } else { row.calls };
            let codes = if row.codes.is_empty() { &["another code"][..] } else { row.codes };
            let says = row.says.first().copied().unwrap_or_default();
            for (call, code) in calls.iter().flat_map(|call| codes.iter().map(move |code| (*call, *code))) {
                let seen = [row.statuses.0, row.statuses.1].into_iter().any(|status| {
                    let answer = Refusal { service: row.service, call, status, code, says };
                    MEANINGS.iter().position(|other| other.is_about(&answer)) == Some(number)
                });
                assert!(seen, "{call} {code}: {row:?}");
            }
            assert!(!row.source.is_empty() && row.says.iter().all(|part| *part == part.to_lowercase()), "{row:?}");
        }
    }
}
