//! A user of the account.

use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Status {
    Active,
    Inactive,
    Pending,
}

/// A user of the account; active unless said otherwise.
#[derive(Clone, Debug)]
#[must_use]
pub struct User {
    id: String,
    email: String,
    status: Status,
}

impl User {
    /// An active user.
    pub fn new(id: &str, email: &str) -> User {
        User { id: id.to_owned(), email: email.to_owned(), status: Status::Active }
    }

    /// A deactivated one, who is in no list that does not ask for such.
    pub fn inactive(mut self) -> User {
        self.status = Status::Inactive;
        self
    }

    /// One who was invited and has not answered yet.
    pub fn pending(mut self) -> User {
        self.status = Status::Pending;
        self
    }

    /// Another address.
    pub fn email(mut self, email: &str) -> User {
        email.clone_into(&mut self.email);
        self
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn address(&self) -> &str {
        &self.email
    }

    pub(super) fn goes_by(&self, id_or_email: &str) -> bool {
        self.id == id_or_email || self.email.eq_ignore_ascii_case(id_or_email)
    }

    pub(super) fn status(&self) -> &'static str {
        match self.status {
            Status::Active => "active",
            Status::Inactive => "inactive",
            Status::Pending => "pending",
        }
    }

    /// As in the list of users. Names are left out, as Zoom does for users who gave none.
    pub(super) fn to_json(&self) -> Value {
        let mut user = json!({
            "email": self.email,
            "type": 2,
            "status": self.status(),
            "dept": "",
            "timezone": "",
            "verified": 1,
        });
        if self.status != Status::Pending {
            user["id"] = json!(self.id);
        }
        user
    }
}
