//! A Zoom user who hosts meetings, as far as their account in Kaltura can be told from it.

use std::collections::BTreeMap;

use super::KalturaUserId;

/// What Zoom says of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostProfile {
    /// The address they sign in with; empty where Zoom has no such user any more, and its list does not tell it.
    pub email: String,
    /// What an institution may tell people apart by, by the names that `owner.candidates` uses: `employee_unique_id`,
    /// `cms_user_id`, `custom:NAME`.
    pub attributes: BTreeMap<String, String>,
    /// Whose account their recordings went to before, where Zoom has no such user any more.
    pub last_owner: Option<KalturaUserId>,
}
