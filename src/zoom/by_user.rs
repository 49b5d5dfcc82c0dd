//! The recordings of an account that cannot be listed as a whole: user by user.

use futures_util::{StreamExt, stream};

use super::client::Zoom;
use super::listing::Listing;
use super::wire::WireUser;
use crate::http::RemoteError;
use crate::model::Window;

/// Users whose lists are read at a time.
const SIDE_BY_SIDE: usize = 8;
/// Deactivated users have recordings too; those who never came have neither recordings nor an id.
const STATUSES: [&str; 2] = ["active", "inactive"];

struct User {
    id: String,
    email: Option<String>,
}

impl Zoom {
    /// Every recording of every user. An error at one user is told and keeps the others from nothing; the list is not
    /// complete then.
    pub(super) async fn recordings_by_user(&self, window: Window) -> Result<Listing, RemoteError> {
        let users = self.all_users().await?;
        let lists = users.into_iter().map(|user| async move {
            let mut listing = Listing::default();
            let path = ["users", user.id.as_str(), "recordings"];
            let read = self.read(&path, window, user.email.as_deref(), &mut listing).await;
            (listing, read)
        });
        let (mut whole, mut answered) = (Listing::default(), false);
        let mut lists = stream::iter(lists).buffer_unordered(SIDE_BY_SIDE);
        while let Some((listing, read)) = lists.next().await {
            whole.segments.extend(listing.segments);
            whole.trouble.extend(listing.trouble);
            match read {
                Err(error) => whole.trouble.push(error),
                Ok(()) => answered = true,
            }
        }
        // where nobody's list could be read, there is no list
        match whole.trouble.pop() {
            Some(error) if !answered => Err(error),
            last => {
                whole.trouble.extend(last);
                Ok(whole)
            }
        }
    }

    async fn all_users(&self) -> Result<Vec<User>, RemoteError> {
        let mut users = Vec::new();
        for status in STATUSES {
            let of_status = [("status", status.to_owned())];
            let known: Vec<WireUser> = self.whole_list("the list of users", &["users"], &of_status, "users").await?;
            users.extend(known.into_iter().filter_map(|user| Some(User { id: user.id?, email: user.email })));
        }
        Ok(users)
    }
}
