//! The recordings of an account that cannot be listed as a whole: user by user.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

use super::client::Zoom;
use super::listing::{Lister, Listing, PageSift, Reading};
use super::wire::WireZoomUser;
use crate::model::{HostId, Window, one_line};
use crate::remotes::http::{RemoteError, RemoteKind};

/// Users whose lists are read at a time.
const SIDE_BY_SIDE: usize = 8;
/// Deactivated users have recordings too; those who never came have neither recordings nor an id.
const STATUSES: [&str; 2] = ["active", "inactive"];

impl Zoom {
    /// Every recording of every user. An error at one user is reported and keeps the others from nothing; the list is not
    /// complete then.
    pub(super) async fn recordings_by_user(&self, window: Window, sift: &dyn PageSift) -> Result<Listing, RemoteError> {
        let mut whole = Listing::default();
        let users = self.all_users(&mut whole).await?;
        let with_address = users.values().filter_map(|user| Some((user.id.clone(), user.email.clone()?)));
        whole.users = with_address.filter(|(_, email)| !email.trim().is_empty()).collect();
        let lists = users.into_values().map(|user| async move {
            let mut listing = Listing::default();
            let path = ["users", user.id.as_str(), "recordings"];
            let reading = Reading { path: &path, lister: Some(&user), sift, in_parts: false };
            let read = self.read(reading, window, &mut listing).await;
            (user, listing, read)
        });
        let (mut unread, mut answered) = (Vec::new(), false);
        let mut lists = stream::iter(lists).buffer_unordered(SIDE_BY_SIDE);
        while let Some((user, listing, read)) = lists.next().await {
            whole.add(listing);
            match read {
                Err(error) => unread.push((user, error)),
                Ok(()) => answered = true,
            }
        }
        // where nobody's list could be read, there is no list
        match unread.pop() {
            Some((_, error)) if !answered => return Err(error),
            last => unread.extend(last),
        }
        whole.trouble.extend(unread.into_iter().map(|(user, error)| blame_user(&user, error)));
        Ok(whole)
    }

    /// The users by their ids: one may be listed twice, and under two statuses.
    async fn all_users(&self, listing: &mut Listing) -> Result<BTreeMap<HostId, Lister>, RemoteError> {
        let mut users = BTreeMap::new();
        for status in STATUSES {
            let of_status = [("status", status.to_owned())];
            let list = self.list::<WireZoomUser>("the list of users", &["users"], &of_status, "users").await;
            let list = list.map_err(list_by_user)?;
            listing.short.extend(list.short);
            listing.trouble.extend(list.odd);
            for user in list.records {
                if let Some(id) = user.id.map(HostId::new) {
                    users.entry(id.clone()).or_insert(Lister { id, email: user.email });
                }
            }
        }
        Ok(users)
    }
}

/// Without its users nothing of the account is known: another run may have more luck.
fn list_by_user(error: RemoteError) -> RemoteError {
    let kind = if error.kind == RemoteKind::Rejected { RemoteKind::Garbled } else { error.kind };
    RemoteError { kind, ..error }
}

/// What is wrong with one user's list is no fault of the account, as others' could be read.
fn blame_user(user: &Lister, error: RemoteError) -> RemoteError {
    let name = one_line(user.email.as_deref().unwrap_or(user.id.as_str()));
    let message =
        format!("the recordings of the user {name:?} cannot be listed, and wait for a later run: {}", error.message);
    let kind = if error.kind == RemoteKind::DailyLimit { error.kind } else { RemoteKind::Rejected };
    RemoteError { kind, message, ..error }
}
