//! Groups of users, by name, and who is in them.
//!
//! Who hosted a meeting, where the listing does not tell.

use std::collections::{BTreeMap, BTreeSet};

use super::client::Zoom;
use super::wire::{WireGroup, WireZoomUser};
use crate::model::{HostId, one_line};
use crate::remotes::http::meanings::calls;
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Their id; those who have not answered their invitation have none yet.
    pub id: Option<HostId>,
    /// The address they sign in with, or were invited by.
    pub email: Option<String>,
}

impl Zoom {
    /// For each of `names`, in order: who is in the group, or why that cannot be told. The list of groups is read once.
    pub async fn groups(&self, names: &[String]) -> Vec<Result<Vec<GroupMember>, RemoteError>> {
        if names.is_empty() {
            return Vec::new();
        }
        let known: Result<Vec<WireGroup>, _> = self.whole_list("the list of groups", &["groups"], &[], "groups").await;
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.push(match &known {
                Ok(known) => self.group(name, known).await,
                Err(error) => Err(name_group_error(name, error.clone())),
            });
        }
        found
    }

    async fn group(&self, name: &str, known: &[WireGroup]) -> Result<Vec<GroupMember>, RemoteError> {
        let is_it = |group: &&WireGroup| group.name.as_deref().unwrap_or_default().trim() == name.trim();
        // one that is listed twice is one group
        let ids: BTreeSet<Option<&str>> = known.iter().filter(is_it).map(|group| group.id.as_deref()).collect();
        let mut ids = ids.into_iter();
        let id = match (ids.next(), ids.next()) {
            (Some(Some(id)), None) => id,
            (Some(None), None) => return Err(reject_group(name, "is listed without an id, and cannot be read")),
            (None, _) => return Err(reject_group(name, "does not exist; correct its name, or create it")),
            (Some(_), Some(_)) => return Err(reject_group(name, "exists twice; rename one of them")),
        };
        let members: Vec<WireZoomUser> = self
            .whole_list("the members of a group", &["groups", id, "members"], &[], "members")
            .await
            .map_err(|error| name_group_error(name, error))?;
        let member = |user: WireZoomUser| GroupMember { id: user.id.map(HostId::new), email: user.email };
        Ok(members.into_iter().map(member).collect())
    }
}

fn reject_group(name: &str, what: &str) -> RemoteError {
    let message = format!("the group {:?} {what}; recordings of its possible members wait", one_line(name));
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
}

fn name_group_error(name: &str, error: RemoteError) -> RemoteError {
    let message = format!(
        "the group {:?} cannot be read, and recordings of its possible members wait: {}",
        one_line(name),
        error.message
    );
    RemoteError { message, ..error }
}

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
