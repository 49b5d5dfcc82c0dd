//! Who hosted a meeting, where the listing does not tell.

use std::collections::BTreeMap;

use super::client::Zoom;
use super::wire::WireZoomUser;
use crate::http::meanings::calls;
use crate::http::{Meaning, RemoteError};
use crate::model::HostId;

/// A Zoom user as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Their id.
    pub id: Option<HostId>,
    /// The address they sign in with.
    pub email: Option<String>,
    /// See [`HostProfile::attributes`](crate::model::HostProfile::attributes).
    pub attributes: BTreeMap<String, String>,
}

impl Zoom {
    /// The host by id or address, or `None` where Zoom has no such user (any more).
    pub async fn host(&self, id: &HostId) -> Result<Option<Host>, RemoteError> {
        let answer: Result<WireZoomUser, RemoteError> = self.get(calls::HOST, &["users", id.as_str()], &[]).await;
        match answer {
            Ok(user) => Ok(Some(Host {
                attributes: user.attributes(),
                id: user.id.map(HostId::new),
                email: user.email.filter(|email| !email.trim().is_empty()),
            })),
            Err(error) if error.means(Meaning::NoSuchUser) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
