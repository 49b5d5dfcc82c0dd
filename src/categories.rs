//! The categories that copies are put into: looked up once a run, and only where something goes there.

use std::sync::{Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::http::{RemoteError, RemoteKind, Service};
use crate::kaltura::Kaltura;
use crate::model::{EntryId, MeetingKind};

/// What the configuration names, and what became of it in this run.
#[derive(Debug, Default)]
pub struct Categories {
    meetings: Category,
    webinars: Category,
    trouble: Mutex<Vec<RemoteError>>,
}

#[derive(Debug, Default)]
struct Category {
    key: &'static str,
    name: Option<String>,
    /// `None` where it cannot be used.
    id: OnceCell<Option<i64>>,
}

impl Categories {
    /// The full names of the two categories, where there are any.
    #[must_use]
    pub fn new(meetings: Option<String>, webinars: Option<String>) -> Categories {
        let category = |key, name| Category { key, name, id: OnceCell::new() };
        Categories {
            meetings: category("copy.category", meetings),
            webinars: category("copy.webinar_category", webinars),
            trouble: Mutex::default(),
        }
    }

    /// Puts the entry of a recording of this kind into its category. What Kaltura refuses for good keeps nothing from
    /// being copied, and is told at the end of the run.
    pub async fn assign(&self, kaltura: &Kaltura, kind: MeetingKind, entry: &EntryId) -> Result<(), RemoteError> {
        let category = match kind {
            MeetingKind::Meeting => &self.meetings,
            MeetingKind::Webinar => &self.webinars,
        };
        let Some(name) = &category.name else {
            return Ok(());
        };
        let found = category.id.get_or_try_init(|| self.look_up(kaltura, category.key, name)).await?;
        let Some(id) = found else {
            return Ok(());
        };
        match kaltura.put_into_category(entry, *id).await {
            Err(error) if is_for_good(&error) => {
                self.tell(RemoteError { message: format!("{}: {}", category.key, error.message), ..error });
                Ok(())
            }
            answer => answer,
        }
    }

    async fn look_up(&self, kaltura: &Kaltura, key: &str, name: &str) -> Result<Option<i64>, RemoteError> {
        let why = match kaltura.categories(name).await {
            Ok(ids) => match ids[..] {
                [id] => return Ok(Some(id)),
                [] => format!(
                    "{key}: Kaltura has no category {name:?}; recordings were copied without it: create it, or correct the key"
                ),
                _ => format!(
                    "{key}: Kaltura has several categories {name:?}; recordings were copied without it: name another"
                ),
            },
            Err(error) if is_for_good(&error) => {
                self.tell(RemoteError { message: format!("{key}: {}", error.message), ..error });
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        self.tell(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, why));
        Ok(None)
    }

    /// Each thing is told once.
    fn tell(&self, error: RemoteError) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if !trouble.iter().any(|known| known.message == error.message) {
            trouble.push(error);
        }
    }

    /// What went wrong in this run.
    pub fn trouble(&self) -> Vec<RemoteError> {
        std::mem::take(&mut *self.trouble.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_for_good(error: &RemoteError) -> bool {
    matches!(error.kind, RemoteKind::Refused | RemoteKind::Rejected | RemoteKind::NotFound)
}
