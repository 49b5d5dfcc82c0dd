//! A Zoom user who hosts meetings, as far as their account in Kaltura can be told from it.

use std::collections::BTreeMap;

/// What Zoom says of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostProfile {
    /// The address they sign in with.
    pub email: String,
    /// What an institution may tell people apart by, by the names that `owner.candidates` uses: `employee_unique_id`,
    /// `cms_user_id`, `custom:NAME`.
    pub attributes: BTreeMap<String, String>,
}
