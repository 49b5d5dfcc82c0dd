//! Who is notified of a run, when it begins and when it has ended: the ping, the metrics file, the receivers of events.
//! Everything that goes wrong here is a warning.

use std::time::Duration;

use chrono::Utc;
use tokio::task::JoinHandle;

use super::CommandContext;
use super::readings::{read_daily_calls, read_offsets};
use super::setup::{Run, entry_terms};
use super::status::{alert_limits, read_standing};
use crate::copying::apply::Outcome;
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerError};
use crate::output::notify::{Measured, Pings, Ran, RunDigest, Signal, tell, write_metrics};
use crate::output::status::{Alarm, Status, hidden_by_outages};

/// The commands whose runs are in the metrics.
const COMMANDS: [&str; 4] = ["sync", "backfill", "purge", "reassign"];
/// An interrupted run has no time to lose.
const IN_HASTE: Duration = Duration::from_secs(2);

/// Those who are notified of one run.
pub(super) struct Signals<'a> {
    run: Run<'a>,
    pings: Option<Pings>,
    /// The ping of the beginning, under way beside the run.
    begun: Option<JoinHandle<Result<(), String>>>,
}

impl<'a> Signals<'a> {
    /// Reports that a run begins, without waiting for an answer.
    pub(super) fn begin(run: Run<'a>) -> Signals<'a> {
        let mut signals = Signals::begin_late(run);
        signals.begun = signals.pings.clone().map(|pings| {
            let text = format!("{} {}", run.command, run.id);
            tokio::spawn(async move { pings.ping(Signal::Start, text).await })
        });
        signals
    }

    /// Reports nothing before the end.
    pub(super) fn begin_late(run: Run<'a>) -> Signals<'a> {
        let notify = &run.settings.notify;
        let url = match run.command {
            "sync" => notify.ping_url.clone(),
            "purge" => notify.purge_ping_url.clone(),
            // by hand: a person is watching
            _ => None,
        };
        let limit = notify.receivers.limit;
        let pings = url.map(|url| Pings { url, clients: run.services.clients.clone(), run: run.id.to_owned(), limit });
        Signals { run, pings, begun: None }
    }

    /// Reports how a run ended and what is news. One that is interrupted leaves the news to the next one.
    pub(super) async fn end(
        self,
        ledger: &Ledger,
        outcome: Option<&Outcome>,
        exit: Exit,
        context: &CommandContext<'_>,
    ) {
        let settings = self.run.settings;
        let notify = &settings.notify;
        if notify.metrics_file.is_none() && self.pings.is_none() && notify.receivers.is_empty() {
            // how things stand is not asked for nothing
            if let Err(error) = ledger.forget_news(&[], Utc::now()) {
                tracing::warn!("notifications that nobody receives cannot be removed from the ledger: {error}");
            }
            return;
        }
        let standing = read_standing(settings, ledger);
        let (status, alarms) = match &standing {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!("no notification is sent: {error}");
                return self.end_without_ledger(exit, context).await;
            }
        };
        self.write_metrics(ledger, status, alarms);
        let told = async {
            let hearing = RunDigest {
                run: self.run.id,
                status,
                alarms,
                hidden: hidden_by_outages(status, alert_limits(settings)),
                purge: outcome.filter(|_| self.run.command == "purge"),
                terms: entry_terms(settings),
            };
            let told = tell(&notify.receivers, &self.run.services.clients, ledger, &settings.state_dir, hearing).await;
            if let Err(error) = told {
                tracing::warn!("the ledger cannot record which notifications were sent: {error}");
            }
        };
        // the first signal ends a run, the news included
        let told = async {
            if context.interrupt.exit().is_none() {
                context.interrupt.or(told).await;
            }
        };
        tokio::join!(self.send_ping(exit, alarms, context), told);
    }

    /// The same where the ledger cannot be used: the ping, and metrics that know of this run only.
    pub(super) async fn end_without_ledger(&self, exit: Exit, context: &CommandContext<'_>) {
        if let Some(file) = &self.run.settings.notify.metrics_file {
            let run = Ran {
                command: self.run.command,
                started: self.run.began,
                lasted: Utc::now() - self.run.began,
                exit_code: exit.code().into(),
                last_good: None,
            };
            self.warn_unwritten(write_metrics(file, self.run.settings.account(), None, &[run]));
        }
        self.send_ping(exit, &[], context).await;
    }

    fn write_metrics(&self, ledger: &Ledger, status: &Status, alarms: &[Alarm]) {
        let Some(file) = &self.run.settings.notify.metrics_file else {
            return;
        };
        let from = (status.now - self.run.settings.sync.rescan).date_naive();
        let measured = || {
            let (census, counts) = (ledger.census(from)?, ledger.counts()?);
            let mut runs = Vec::new();
            for command in COMMANDS {
                let Some(last) = ledger.last_ended(command)? else { continue };
                let lasted = last.finished.unwrap_or(last.started) - last.started;
                let last_good = ledger.last_good(command)?.map(|run| run.started);
                let exit_code = last.exit_code.unwrap_or_default();
                runs.push(Ran { command, started: last.started, lasted, exit_code, last_good });
            }
            let (clock_offsets, daily_calls) = (read_offsets(ledger)?, read_daily_calls(ledger, status.now)?);
            Ok::<_, LedgerError>((Measured { status, alarms, census, counts, clock_offsets, daily_calls }, runs))
        };
        match measured() {
            Ok((measured, runs)) => {
                self.warn_unwritten(write_metrics(file, self.run.settings.account(), Some(&measured), &runs));
            }
            Err(error) => tracing::warn!("notify.metrics_file is not updated: {error}"),
        }
    }

    fn warn_unwritten(&self, written: std::io::Result<()>) {
        if let (Err(error), Some(file)) = (written, &self.run.settings.notify.metrics_file) {
            let (file, user) = (file.display(), "the user who runs the program");
            tracing::warn!(
                "notify.metrics_file {file} cannot be written: {error}; its folder must exist, and be writable for {user}"
            );
        }
    }

    async fn send_ping(&self, exit: Exit, alarms: &[Alarm], context: &CommandContext<'_>) {
        let Some(pings) = &self.pings else {
            return;
        };
        let haste = context.interrupt.exit().is_some();
        let limit = if haste { pings.limit.min(IN_HASTE) } else { pings.limit };
        let signal = if exit == Exit::Good { Signal::Good } else { Signal::Fail };
        let mut text = format!("{} {}: exit code {}, {}\n", self.run.command, self.run.id, exit.code(), exit.meaning());
        text.extend(alarms.iter().map(|alarm| format!("{alarm}\n")));
        let ping = async {
            // the beginning before the end
            while self.begun.as_ref().is_some_and(|begun| !begun.is_finished()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            pings.ping(signal, text).await
        };
        let pinged = async {
            let late = |_| Err(format!("no answer within {} s", limit.as_secs_f64()));
            tokio::time::timeout(limit * 2, ping).await.unwrap_or_else(late)
        };
        let pinged = if haste { Some(pinged.await) } else { context.interrupt.or(pinged).await };
        if let Some(Err(why)) = pinged {
            tracing::warn!("the ping of {} failed: {why}", self.run.command);
        }
    }
}
