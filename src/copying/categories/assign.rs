//! Putting an entry into its category: once a copy, each category and each meeting asked for once a run.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use tokio::sync::OnceCell;

use super::rules::{CategoryName, CategoryRules, FieldRule, LONGEST_NAME, is_too_long};
use crate::copying::systems::Systems;
use crate::ledger::LedgerError;
use crate::model::{EntryId, Meeting, MeetingKind, Segment, one_line};
use crate::remotes::http::{Breaker, RemoteError, RemoteKind, Service};
use crate::remotes::kaltura::Kaltura;
use crate::remotes::zoom::Zoom;

/// What may be refused for one entry alone.
const FILING: &str = "filing";

/// The rules, and what became of them in this run.
#[derive(Debug, Default)]
pub struct Categories {
    rules: CategoryRules,
    /// The ids by full name; inside, why a category cannot be used.
    ids: Once<String, Result<i64, String>>,
    /// The value of the tracking field by kind and number of the meeting; inside, why it cannot be read.
    values: Once<(bool, i64), Result<Option<String>, String>>,
    trouble: Mutex<Vec<RemoteError>>,
    /// Tells what is refused for one entry from what is refused for all.
    breaker: Breaker,
}

/// What is asked for once a run, by what it is asked for.
type Once<K, V> = Mutex<HashMap<K, Arc<OnceCell<V>>>>;

/// Why an entry is not in its category.
#[derive(Debug, thiserror::Error)]
pub enum Unfiled {
    /// A service failed; the next run tries again.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The ledger could not be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Categories {
    /// Goes by these rules, their file read.
    #[must_use]
    pub fn new(rules: CategoryRules) -> Categories {
        Categories { rules, ..Categories::default() }
    }

    /// Puts the entry of a recording into its category. What is refused for good keeps nothing from being copied, and is
    /// told at the end of the run.
    pub async fn assign_category(
        &self,
        systems: Systems<'_>,
        run: &str,
        segment: &Segment,
        entry: &EntryId,
    ) -> Result<(), Unfiled> {
        let put = match self.choose_category(systems.zoom, &segment.meeting).await? {
            Ok(None) => return Ok(()),
            Ok(Some(named)) => self
                .file_entry(systems.kaltura, &named, entry, segment.meeting.host_id.as_str())
                .await?
                .map(|()| named.name),
            Err(why) => Err(why),
        };
        let (event, detail) = match &put {
            Ok(name) => ("category", name),
            Err(why) => ("no_category", why),
        };
        tracing::info!(entry_id = %entry, "{}: {}", event.replace('_', " "), one_line(detail));
        Ok(systems.ledger.tell(run, &segment.key(), event, detail, Utc::now())?)
    }

    /// The category that the rules name; inside, why that cannot be told.
    async fn choose_category(
        &self,
        zoom: &Zoom,
        meeting: &Meeting,
    ) -> Result<Result<Option<CategoryName>, String>, RemoteError> {
        if let Some(rule) = &self.rules.field {
            let value = assign_once(&self.values, (meeting.kind == MeetingKind::Webinar, meeting.number));
            match value.get_or_try_init(|| self.read_field(zoom, rule, meeting)).await? {
                Ok(None) => {}
                Ok(Some(value)) => {
                    if let Some(named) = rule.category_of(value) {
                        return Ok(Ok(Some(named)));
                    }
                }
                Err(why) => return Ok(Err(why.clone())),
            }
        }
        Ok(Ok(self.rules.by_meeting(&meeting.topic, meeting.kind)))
    }

    /// What a meeting was scheduled with; nothing where Zoom has forgotten it.
    async fn read_field(
        &self,
        zoom: &Zoom,
        rule: &FieldRule,
        meeting: &Meeting,
    ) -> Result<Result<Option<String>, String>, RemoteError> {
        match zoom.meeting_details(meeting).await {
            Ok(details) => Ok(Ok(details.and_then(|details| details.tracking_field(&rule.field)))),
            Err(error) if is_for_good(&error) => Ok(Err(self.note_refusal("copy.category_field", error))),
            Err(error) => Err(error),
        }
    }

    /// Inside, why the entry could not be put there.
    async fn file_entry(
        &self,
        kaltura: &Kaltura,
        named: &CategoryName,
        entry: &EntryId,
        host: &str,
    ) -> Result<Result<(), String>, RemoteError> {
        let id = assign_once(&self.ids, named.name.to_lowercase());
        let id = match id.get_or_try_init(|| self.find_category_id(kaltura, named)).await? {
            Ok(id) => *id,
            Err(why) => return Ok(Err(why.clone())),
        };
        match kaltura.put_into_category(entry, id).await {
            Err(error) if error.may_be_about_one() && !self.breaker.refused(FILING, host) => {
                Ok(Err(self.note_refusal(named.key, error.about_one())))
            }
            Err(error) if is_for_good(&error) => Ok(Err(self.note_refusal(named.key, error))),
            answer => {
                self.breaker.passed(FILING);
                answer.map(Ok)
            }
        }
    }

    async fn find_category_id(
        &self,
        kaltura: &Kaltura,
        named: &CategoryName,
    ) -> Result<Result<i64, String>, RemoteError> {
        let CategoryName { name, key, is_written } = named;
        let name = one_line(name);
        if is_too_long(&name) {
            let why = format!(
                "{key}: the category {name:.60?}… has a name of more than {LONGEST_NAME} characters, which Kaltura does not allow; the recording was copied without it"
            );
            return Ok(Err(why));
        }
        let why = match kaltura.categories(&name).await {
            Ok(ids) => match ids[..] {
                [id] => return Ok(Ok(id)),
                [] => format!(
                    "{key}: Kaltura has no category {name:?}; recordings were copied without it: create it, or correct the key"
                ),
                _ => format!(
                    "{key}: Kaltura has several categories {name:?}; recordings were copied without it: name a category that exists once"
                ),
            },
            Err(error) if is_for_good(&error) => return Ok(Err(self.note_refusal(key, error))),
            Err(error) => return Err(error),
        };
        // what is made from a topic or a field need not exist; what somebody wrote down is a slip of the pen
        if *is_written {
            self.report_once(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, why.clone()));
        }
        Ok(Err(why))
    }

    fn note_refusal(&self, key: &str, error: RemoteError) -> String {
        let message = format!("{key}: {}", error.message);
        self.report_once(RemoteError { message: message.clone(), ..error });
        message
    }

    /// Each thing is reported once.
    fn report_once(&self, error: RemoteError) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble.iter_mut().find(|known| known.message == error.message) {
            // what was taken for one recording's may turn out to be everybody's
            Some(known) if error.ends_the_run() => *known = error,
            Some(_) => {}
            None => trouble.push(error),
        }
    }

    /// What went wrong in this run.
    pub fn take_trouble(&self) -> Vec<RemoteError> {
        std::mem::take(&mut *self.trouble.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The place for what is asked for by `key`.
fn assign_once<K: Eq + Hash, V>(all: &Once<K, V>, key: K) -> Arc<OnceCell<V>> {
    Arc::clone(all.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
}

fn is_for_good(error: &RemoteError) -> bool {
    matches!(error.kind, RemoteKind::Refused | RemoteKind::Rejected | RemoteKind::NotFound)
}
