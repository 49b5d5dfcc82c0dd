//! Who gets events: a webhook, a command.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use super::command;
use super::command::Undelivered;
use crate::model::masked_values;
use crate::output::document::JsonDocument;
use crate::remotes::http::{Clients, SecretUrl};

/// Who gets what, and how patiently.
#[derive(Clone, Debug)]
pub struct Receivers {
    /// Gets events by POST.
    pub webhook: Option<SecretUrl>,
    /// A program and its arguments; empty for none.
    pub command: Vec<String>,
    /// Of which recordings hosts are to hear.
    pub recordings: Recordings,
    /// So long after it was sent, an alarm that is still there is sent again.
    pub remind_after: TimeDelta,
    /// So long each may take for one event.
    pub limit: Duration,
}

/// Of which recordings an event tells their hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recordings {
    /// Of none.
    None,
    /// Of those that the holding user keeps, or kept.
    Orphans,
    /// Of all.
    All,
}

impl Recordings {
    /// Whether a piece of news is sent.
    pub(super) fn include(self, what: &str) -> bool {
        match self {
            Recordings::None => false,
            Recordings::Orphans => what != "arrived",
            Recordings::All => true,
        }
    }
}

impl Receivers {
    /// Whether there is nobody to be told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.webhook.is_none() && self.command.is_empty()
    }

    pub(super) fn each<'a>(&'a self, clients: &'a Clients) -> Vec<Receiver<'a>> {
        let webhook = self.webhook.as_ref().map(|url| Receiver::Webhook(url, clients));
        let command = Some(Receiver::Command(&self.command)).filter(|_| !self.command.is_empty());
        webhook.into_iter().chain(command).collect()
    }
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) enum Receiver<'a> {
    Webhook(&'a SecretUrl, &'a Clients),
    Command(&'a [String]),
}

impl Receiver<'_> {
    /// What the ledger calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Receiver::Webhook(..) => "webhook",
            Receiver::Command(_) => "command",
        }
    }

    /// What people call it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Receiver::Webhook(..) => "notify.webhook_url",
            Receiver::Command(_) => "notify.command",
        }
    }

    /// Tells it of one event.
    pub(super) async fn tell(self, event: &JsonDocument<Value>, limit: Duration) -> Result<(), Undelivered> {
        let event = event.line().map_err(|error| Undelivered::for_good(format!("it cannot be written: {error}")))?;
        let event = masked_values(&event);
        match self {
            Receiver::Command(program) => command::run_program(program, event, limit).await,
            Receiver::Webhook(url, clients) => match clients.post(url, "application/json", event, limit).await {
                Ok(200..=299) => Ok(()),
                Ok(status @ (408 | 429 | 500..)) => Err(Undelivered::passing(format!("it answered {status}"))),
                Ok(status @ 300..=399) => {
                    Err(Undelivered::for_good(format!("it answered {status}; redirects are not followed")))
                }
                Ok(status) => Err(Undelivered::for_good(format!("it answered {status}"))),
                Err(why) => Err(Undelivered::passing(why)),
            },
        }
    }
}
