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
    employee_unique_id: Option<String>,
    cms_user_id: Option<String>,
    /// Names and values.
    custom: Vec<(String, String)>,
}

impl User {
    /// An active user.
    pub fn new(id: &str, email: &str) -> User {
        User {
            id: id.to_owned(),
            email: email.to_owned(),
            status: Status::Active,
            employee_unique_id: None,
            cms_user_id: None,
            custom: Vec::new(),
        }
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

    /// With the number that an institution's own directory has for them.
    pub fn employee(mut self, id: &str) -> User {
        self.employee_unique_id = Some(id.to_owned());
        self
    }

    /// With the id that Kaltura's own integration uses.
    pub fn cms(mut self, id: &str) -> User {
        self.cms_user_id = Some(id.to_owned());
        self
    }

    /// With an attribute of the institution's own making.
    pub fn custom(mut self, name: &str, value: &str) -> User {
        self.custom.push((name.to_owned(), value.to_owned()));
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

    /// As asked for alone.
    pub(super) fn in_full(&self, attributes_as_list: bool) -> Value {
        let mut user = self.to_json();
        if let Some(id) = &self.cms_user_id {
            user["cms_user_id"] = json!(id);
        }
        let attributes = self
            .custom
            .iter()
            .enumerate()
            .map(|(number, (name, value))| json!({ "key": format!("cbf_{number}"), "name": name, "value": value }));
        let mut attributes: Vec<Value> = attributes.collect();
        if attributes_as_list {
            user["custom_attributes"] = attributes.into();
        } else if let Some(last) = attributes.pop() {
            user["custom_attributes"] = last;
        }
        user
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
        if let Some(id) = &self.employee_unique_id {
            user["employee_unique_id"] = json!(id);
        }
        user
    }
}
