//! Copies every new Zoom cloud recording into its host's Kaltura account.
//!
//! Data flows one way: **gather → plan → report → apply → report**. What is read from Zoom, the ledger and Kaltura
//! becomes facts; facts and the institution's rules become a plan, without a clock, a request or a query; the plan is
//! printed and left alone (a dry run) or carried out; and one report shows either.
//!
//! # Where to look
//!
//! The skin: what a person or cron sees.
//!
//! | file | what is in it |
//! |---|---|
//! | `cli.rs` | the command line |
//! | `version.rs` | what this binary is |
//! | `exit.rs` | the exit codes |
//! | `interrupt.rs` | SIGINT and SIGTERM |
//! | `console/log.rs` | log lines on stderr: what is shown, and in which form |
//! | `console/line.rs` | a log line, and the run it belongs to |
//! | `console/bars.rs` | progress bars |
//! | `console/out.rs` | what is printed on stdout: nothing that hides, nothing that looks like a secret |
//! | `console/ticker.rs` | progress as log lines |
//! | `progress.rs` | how the core tells of progress without knowing who listens |
//! | `commands/copying.rs` | the story that `sync` and `backfill` share, and where a dry run parts from a real one |
//! | `commands/sync.rs` | which recordings `sync` is about, the brake of a first run, the checkpoint |
//! | `commands/backfill.rs` | which recordings `backfill` is about |
//! | `commands/purge.rs` | the story of `purge` |
//! | `commands/status.rs` | `status` |
//! | `commands/explain.rs` | `explain` |
//! | `commands/shell.rs` | `completions` and `man` |
//! | `commands/reassign.rs` | the story of `reassign` |
//! | `commands/verify.rs` | `verify` |
//! | `commands/check.rs` | `check` |
//! | `commands/retention.rs` | `retention` |
//! | `commands/retry.rs` | `retry` |
//! | `commands/run.rs` | a run that is carried out: its lock, what is noted down of it, what it did in numbers |
//! | `commands/signals.rs` | who hears of a run, and when |
//! | `commands/end.rs` | how a run ends: what is told, the report, the exit code |
//! | `commands/config.rs` | `config show` and `config validate` |
//! | `commands/world.rs` | from settings to clients, policy and tuning |
//! | `commands/failure.rs` | which error ends a command with which exit code |
//! | `report/text.rs` | the report for people |
//! | `report/json.rs` | the report for programs |
//! | `report/csv.rs` | the report for spreadsheets |
//! | `report/cell.rs` | tables for spreadsheets, in which foreign text is no formula |
//! | `report/totals.rs` | its sums |
//! | `report/words.rs` | sizes, times and topics as people read them |
//! | `status/figures.rs` | what the ledger knows, sorted into what people ask for |
//! | `status/judge.rs` | what needs a person now |
//! | `status/lately.rs` | the last 30 days: what was copied, how long it took, what went wrong |
//! | `status/rows.rs` | figures and rows that the text and the page share |
//! | `status/html/document.rs` | how things stand, as a page |
//! | `status/html/chart.rs` | its charts |
//! | `status/html/tables.rs` | its tables |
//! | `status/text.rs` | how things stand, for people |
//! | `status/json.rs` | the same for programs |
//! | `notify/metrics.rs` | which metrics there are |
//! | `notify/exposition.rs` | Prometheus' text format, and the file for it |
//! | `notify/ping.rs` | pings when a run begins and ends |
//! | `notify/telling.rs` | the story of telling: what is news to whom, told, written down |
//! | `notify/turns.rs` | what is news about alarms |
//! | `notify/event.rs` | events as JSON |
//! | `notify/receiver.rs` | who is told: a webhook, a command |
//! | `notify/command.rs` | running a program that is told, without a shell and with a time limit |
//! | `notify/undelivered.rs` | why an event was not taken |
//! | `verify/gather.rs` | what Zoom, the ledger and Kaltura say of some days |
//! | `verify/differences.rs` | what differs |
//! | `verify/report.rs` | the differences as text, JSON or CSV |
//! | `check/finding.rs` | one thing that was tried, and what to do about it |
//! | `check/here.rs` | what is tried on this machine |
//! | `check/zoom.rs` | what is tried at Zoom |
//! | `check/kaltura.rs` | what is tried at Kaltura |
//! | `check/permissions.rs` | which permissions the service user has there, and what fails without the others |
//! | `retention/gather.rs` | what Kaltura says of our copies and their owners |
//! | `retention/rules.rs` | which of them nobody seems to need |
//! | `retention/report.rs` | these as text, JSON or CSV |
//! | `explain.rs` | the story of a recording in plain words |
//! | `report/reasons.rs` | how much there is for each reason |
//!
//! The configuration: one table of keys, three places they come from.
//!
//! | file | what is in it |
//! |---|---|
//! | `config/table.rs` | every key with its kind and its default: where a key is added |
//! | `config/key.rs` | what a key is |
//! | `config/settings.rs` | the settings as the program uses them |
//! | `config/loaded.rs` | loading them, and showing where each comes from |
//! | `config/sources.rs` | which file, and which environment variables |
//! | `config/document.rs` | the TOML file: syntax, unknown sections and keys |
//! | `config/given.rs` | the value of a key: environment, then file, then default |
//! | `config/secret.rs` | secrets: environment, file, systemd credential |
//! | `config/values.rs` | checking a value and giving it its type |
//! | `config/contacts.rs` | the same for what `[notify]` holds |
//! | `config/category_rules.rs` | the keys that name categories |
//! | `config/pattern.rs` | a regular expression, or at which character it is malformed |
//! | `config/rate.rs` | bandwidths |
//! | `config/spans.rs` | durations and instants |
//! | `config/nearest.rs` | the known name nearest to a misspelt one |
//! | `config/origin.rs` | where a value comes from, in words |
//! | `config/error.rs` | what is wrong with a configuration, in one line |
//! | `config/bench.rs` | a place on disk for the tests of this folder |
//! | `config/samples.rs` | tests: complete configurations, `examples/config.toml` among them |
//!
//! The core: from facts to a plan, from a plan to copies.
//!
//! | file | what is in it |
//! |---|---|
//! | `gather.rs` | reads everything a plan is made from |
//! | `identity.rs` | the names that a recording goes by, however Zoom spells its start |
//! | `owed.rs` | what is owed and not listed, asked for meeting by meeting |
//! | `marks.rs` | marks that Kaltura dropped, given to the entries later |
//! | `directory.rs` | who is who: what is remembered of hosts and accounts, the alias file, who agrees |
//! | `people/read.rs` | reading the files and groups that name people |
//! | `people/address.rs` | e-mail addresses, as they are compared |
//! | `people/address_file.rs` | a file with an address a line |
//! | `people/alias_file.rs` | the alias file |
//! | `people/rows.rs` | the rows of a file of two columns |
//! | `people/fault.rs` | what is wrong with such a file, in one line |
//! | `people/standing.rs` | who stood on a list, and when |
//! | `people/consent.rs` | whether a host agrees that a recording is copied |
//! | `owners/rules.rs` | which Kaltura account a Zoom host has |
//! | `owners/candidate.rs` | an id to try, spelt with placeholders |
//! | `owners/profiles.rs` | asking Zoom who the hosts are |
//! | `owners/changed.rs` | addresses and ids of hosts that came apart since they were asked for before |
//! | `owners/lookup.rs` | asking Kaltura for their accounts |
//! | `plan/facts.rs` | what a plan is made from |
//! | `plan/policy.rs` | the institution's rules, as values |
//! | `plan/scope.rs` | which recordings a run is about |
//! | `plan/window.rs` | which days are listed |
//! | `plan/stage.rs` | how far a segment has come, and what comes next |
//! | `plan/rules.rs` | what is not copied, which file stands for a segment, what becomes of the others |
//! | `plan/main_file.rs` | what is to happen to the file that stands for a segment, and whose its entry is to be |
//! | `plan/further.rs` | how far the other files have come, and what comes next for them |
//! | `plan/mark.rs` | what an entry means that carries the segment's mark already |
//! | `plan/trash.rs` | which files go to Zoom's trash, and whether a copy is still safe enough for that |
//! | `plan/trash_brake.rs` | so much for the trash that none goes there |
//! | `plan/confirm.rs` | whether a copy is a good one |
//! | `plan/planner.rs` | facts and rules become a plan |
//! | `plan/order.rs` | which recording is copied before which |
//! | `plan/scene.rs` | what every line of it is made from |
//! | `plan/segment.rs` | a segment and its files become a line of it |
//! | `plan/item.rs` | a line of the plan |
//! | `plan/samples.rs` | tests: segments, copies and rules to try the plan with |
//! | `apply/run.rs` | carries a plan out, and writes down how each recording stands then |
//! | `apply/queue.rs` | recordings side by side, fresh ones before the backlog |
//! | `apply/turn.rs` | a recording's turn, and its second one where Zoom did not give it in the first |
//! | `apply/carry.rs` | the files of a recording one after another |
//! | `apply/halt.rs` | when going on has become pointless |
//! | `apply/decisions.rs` | what is decided, written down |
//! | `apply/failure.rs` | which failure counts against a recording, and what is written down of it |
//! | `apply/line.rs` | a line of the plan and what came of it |
//! | `apply/means.rs` | what a plan is carried out with |
//! | `apply/settle.rs` | copies confirmed, recognised, taken back |
//! | `apply/trash.rs` | files put into Zoom's trash, after a last look at both sides |
//! | `apply/adopt.rs` | orphans handed over to the accounts that their hosts have by now |
//! | `apply/outcome.rs` | what came of it, and how far the checkpoint may move |
//! | `handover/plan.rs` | which entries of a segment are given to another account |
//! | `handover/apply.rs` | giving them, and reading back |
//! | `purge/origins.rs` | where a purge looks |
//! | `purge/gather.rs` | what Kaltura says of the orphaned copies |
//! | `purge/heirs.rs` | whose they could be by now |
//! | `purge/seen.rs` | what is known of one of them |
//! | `purge/evidence.rs` | everything that a purge is decided on |
//! | `purge/plan.rs` | which of them go, which find their owner, and why the others stay |
//! | `purge/brake.rs` | what holds a purge back as a whole |
//! | `purge/apply.rs` | deleting them or handing them over, each looked at again just before |
//! | `reassign/accounts.rs` | between which accounts copies can be handed |
//! | `reassign/origins.rs` | where it is looked, and why nothing may be handed over |
//! | `reassign/gather.rs` | which segments lie in an account |
//! | `reassign/plan.rs` | which of them go to the other, and why the others stay |
//! | `reassign/apply.rs` | handing them over, each looked at again just before |
//! | `categories/rules.rs` | which category a recording goes into |
//! | `categories/file.rs` | the file that says what a tracking field leads to |
//! | `categories/assign.rs` | putting entries there |
//! | `rights/grants.rs` | what others than the owner may do with a copy |
//! | `rights/give.rs` | giving it: who was there, whom Kaltura knows, once |
//! | `transfer/story.rs` | one file from Zoom to Kaltura: where the two ways part; open, reserve, attach, stream |
//! | `transfer/open.rs` | the recording opened, before anything is made for it |
//! | `transfer/pull.rs` | Kaltura's import workers fetch the bytes: what they are told, and what becomes of it |
//! | `transfer/remains.rs` | what earlier tries left in Kaltura, and what may be deleted of it |
//! | `transfer/renew.rs` | a new token for an entry whose old one leads nowhere |
//! | `transfer/twin.rs` | an entry that was asked for twice and came twice |
//! | `transfer/parent.rs` | the entry that a further file belongs to, looked at before anything is added to it |
//! | `transfer/text.rs` | captions and chats, made once |
//! | `transfer/wording.rs` | what entries, captions and chats are called |
//! | `transfer/job.rs` | what a transfer works on, and with what |
//! | `transfer/attach.rs` | making the entry, exactly once |
//! | `transfer/kept.rs` | whether the entry was made as it was asked for, before a byte is sent |
//! | `transfer/stream.rs` | the bytes, and going on after a fault |
//! | `transfer/parts.rs` | a long recording in several parts at a time |
//! | `transfer/slots.rs` | how many downloads there may be at a time |
//! | `transfer/position.rs` | where a transfer stands, by its upload token |
//! | `transfer/bandwidth.rs` | how fast all transfers together may be |
//! | `transfer/pump.rs` | one chunk, from one socket into the other |
//! | `transfer/error.rs` | why a transfer did not get to its end |
//!
//! The vocabulary: no I/O, no foreign JSON.
//!
//! | file | what is in it |
//! |---|---|
//! | `model/id.rs` | ids as types of their own, and the reference id of a segment |
//! | `model/segment.rs` | meetings and recording segments |
//! | `model/start.rs` | when a recording began: how that is spelt, and how far it is believed |
//! | `model/doubles.rs` | files that come twice, or share an id |
//! | `model/file.rs` | recording files and views |
//! | `model/host.rs` | what Zoom says of a host |
//! | `model/entry.rs` | Kaltura's entries |
//! | `model/pending.rs` | recordings that are not safely in Kaltura |
//! | `model/lately.rs` | what happened to recordings of late |
//! | `model/made.rs` | what this program once made, and how much of it is played |
//! | `model/owner.rs` | whose account a copy goes to |
//! | `model/decision.rs` | actions and the fixed words for why |
//! | `model/state.rs` | how far a copy has come |
//! | `model/window.rs` | a span of days |
//! | `model/secrets.rs` | secrets told by their shape, and masked |
//! | `model/text.rs` | untrusted text made fit to show and to send |
//! | `model/kept.rs` | how much Kaltura keeps of a text, by what it is |
//! | `model/texts.rs` | texts that come again and again, each held once |
//! | `model/template.rs` | text with placeholders, filled in from a recording |
//!
//! The outside: what is known of each remote side, and the ledger.
//!
//! | file | what is in it |
//! |---|---|
//! | `http/clients.rs` | the three reqwest clients and their timeouts |
//! | `http/clock.rs` | what time it is by the clocks of the remote sides |
//! | `http/call.rs` | a call of an API, as errors name it |
//! | `http/answer.rs` | an answer of an API, read to its end, bounded in size and time |
//! | `http/flow.rs` | a download as it comes, as long as it comes |
//! | `machine.rs` | what this machine lacks, told apart from what others do wrong |
//! | `http/setup.rs` | what keeps this machine from speaking HTTP |
//! | `http/proxy.rs` | which proxy is used, and that loopback needs none |
//! | `http/stray.rs` | answers that come from somebody else than the API: redirects, proxies |
//! | `http/calls.rs` | how many calls are made, and what comes of them |
//! | `http/post.rs` | telling somebody at an address that is as good as a password |
//! | `http/service.rs` | the two remote sides |
//! | `http/meanings.rs` | what answers mean: the one table of statuses and codes |
//! | `http/breaker.rs` | whether what one is refused is refused to all |
//! | `http/error.rs` | what can go wrong, sorted by what is to be done about it |
//! | `http/retry.rs` | the rule for repeating a call |
//! | `http/redact.rs` | keeping secrets out of messages |
//! | `http/address.rs` | which addresses may be spoken to |
//! | `zoom/client.rs` | one authorised GET, renewed once |
//! | `zoom/access.rs` | what it takes to speak for an account |
//! | `zoom/auth.rs` | server-to-server OAuth |
//! | `zoom/by_user.rs` | the same, user by user, where the account cannot be listed as a whole |
//! | `zoom/path.rs` | the path of a call, of which no part can vanish |
//! | `zoom/pass.rs` | what lets somebody else fetch one recording file |
//! | `zoom/meeting.rs` | one meeting's recordings, and a token for their files |
//! | `zoom/listing.rs` | the account's recordings, all pages or an error |
//! | `zoom/meeting_details.rs` | what a meeting was scheduled with |
//! | `zoom/attendance.rs` | who took part in it |
//! | `zoom/trash.rs` | putting a file into Zoom's trash, the only thing that is ever changed in Zoom |
//! | `zoom/limits.rs` | calls a second, and what a 429 means |
//! | `zoom/whole_list.rs` | a list of users or groups, all pages or an error |
//! | `zoom/groups.rs` | groups of users, by name |
//! | `zoom/hosts.rs` | who hosted a meeting |
//! | `zoom/source.rs` | where a recording file is to be had, and what may come in its place |
//! | `zoom/download.rs` | opening it: redirects, tokens, ranges |
//! | `zoom/media.rs` | its media as they come: what is none, and how many bytes they are |
//! | `zoom/texts.rs` | reading transcripts, closed captions and chats |
//! | `zoom/download_hosts.rs` | where the bearer token may go |
//! | `zoom/paging.rs` | each page brings something new, so that no list goes on for ever |
//! | `zoom/merged.rs` | the segments of one meeting, also where it is listed more than once |
//! | `zoom/lenient.rs` | single values, read leniently and within bounds |
//! | `zoom/wire.rs` | Zoom's JSON as sent |
//! | `kaltura/client.rs` | one call, and 200 with an exception in it |
//! | `kaltura/references.rs` | what one part of a multirequest says of another, and what only looks so |
//! | `kaltura/token_hash.rs` | how an app token is shown to Kaltura |
//! | `kaltura/session.rs` | sessions |
//! | `kaltura/users.rs` | whether Kaltura knows a user |
//! | `kaltura/confirmed.rs` | users found a moment ago |
//! | `kaltura/held.rs` | what lies in one account, and what people made of it |
//! | `kaltura/pages.rs` | lists of entries, page by page, to their end |
//! | `kaltura/made.rs` | every entry that this program ever made |
//! | `kaltura/uploads.rs` | upload tokens and chunks |
//! | `kaltura/entries.rs` | entries: made, found by mark, looked at |
//! | `kaltura/entitled.rs` | who may do what with an entry beside its owner |
//! | `kaltura/imports.rs` | entries whose content Kaltura fetches by itself |
//! | `kaltura/categories.rs` | categories, and entries put into them |
//! | `kaltura/texts.rs` | texts that hang on an entry: captions, attachments |
//! | `kaltura/family.rs` | an entry with what hangs on it |
//! | `kaltura/frozen.rs` | entries that can never be changed again |
//! | `kaltura/wire.rs` | Kaltura's JSON as sent |
//! | `kaltura/permissions.rs` | which permissions open what the program does |
//! | `kaltura/dropped.rs` | what Kaltura did not keep of what was sent |
//! | `kaltura/updates.rs` | entries changed, and looked at afterwards |
//! | `kaltura/gone.rs` | entries deleted or recycled, and looked at afterwards |
//! | `ledger/open.rs` | opening it to write or to read only, and whose it is |
//! | `ledger/lately.rs` | what became ready of late, and what went wrong |
//! | `ledger/lock.rs` | the run lock and purge's |
//! | `ledger/migrations.rs` | the schema and its history |
//! | `ledger/tracked.rs` | what it knows of segments and copies |
//! | `ledger/decisions.rs` | writing decisions down, with an event for each change |
//! | `ledger/file.rs` | its file while it is open, and the changes that wait |
//! | `ledger/together.rs` | changes of several transfers in one transaction |
//! | `ledger/future.rs` | instants that were written down by a clock that was ahead |
//! | `ledger/claims.rs` | who is at work on a segment: a run that copies, or a purge |
//! | `ledger/rights.rs` | copies on which others are still to get rights |
//! | `ledger/marks.rs` | copies whose entries may lack their mark |
//! | `ledger/trash.rs` | files on their way into Zoom's trash |
//! | `ledger/copies.rs` | moving a copy from state to state |
//! | `ledger/retry.rs` | what failed is made due again |
//! | `ledger/pending.rs` | what is not safely in Kaltura yet, and the last runs |
//! | `ledger/stories.rs` | what happened to single recordings |
//! | `ledger/orphans.rs` | segments that change hands: orphans, and copies given away by hand |
//! | `ledger/hosts.rs` | what Zoom was asked about hosts, remembered for a while |
//! | `ledger/accounts.rs` | accounts that Kaltura confirmed, remembered for a while |
//! | `ledger/standings.rs` | who stood on the lists of those who opt out or in |
//! | `ledger/history.rs` | how long what happened is kept |
//! | `ledger/counters.rs` | what runs have done, in numbers that only grow, and how many recordings stand alike |
//! | `ledger/news.rs` | what hosts may want to hear |
//! | `ledger/told.rs` | who was told of which alarm |
//! | `ledger/runs.rs` | runs and the checkpoint |
//! | `ledger/queries.rs` | tests: no query reads a whole table |
//! | `ledger/error.rs` | why it cannot be used |

pub mod apply;
pub mod categories;
pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
pub mod console;
pub mod directory;
pub mod exit;
pub mod explain;
pub mod gather;
pub mod handover;
pub mod http;
pub mod identity;
pub mod interrupt;
pub mod kaltura;
pub mod ledger;
pub mod machine;
pub mod marks;
pub mod model;
pub mod notify;
pub mod owed;
pub mod owners;
pub mod people;
pub mod plan;
pub mod progress;
pub mod purge;
pub mod reassign;
pub mod report;
pub mod retention;
pub mod rights;
pub mod status;
pub mod transfer;
pub mod verify;
pub mod version;
pub mod zoom;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::Parser;

use cli::Cli;
use console::{Bars, Shown, Ticker};
use exit::Exit;

/// The whole program: `args` as the shell gives them, the name of the program first. Reports go to stdout, everything
/// else to stderr.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(usage) => {
            // help and version are answers, not errors; a closed pipe leaves nobody to tell
            let _ = usage.print();
            return if usage.use_stderr() { Exit::Configuration } else { Exit::Good };
        }
    };
    let bars = Bars::default();
    console::start_log(&cli, &bars);
    let runtime = machine::check_handles()
        .and_then(|()| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let advice = machine::lack(&error);
            tracing::error!("the program cannot start: {error}; {}", advice.unwrap_or("look at this machine"));
            return if advice.is_some() { Exit::Configuration } else { Exit::Unexpected };
        }
    };
    let terminal = io::stdout().is_terminal();
    let mut out = Shown::new(io::stdout());
    let exit = runtime.block_on(async {
        if io::stderr().is_terminal() {
            return commands::carry_out(cli, &bars, terminal, &mut out).await;
        }
        let ticker = Ticker::default();
        ticker.start();
        commands::carry_out(cli, &ticker, terminal, &mut out).await
    });
    // a name that is being looked up cannot be interrupted, and is not worth waiting for
    runtime.shutdown_timeout(Duration::from_secs(1));
    exit
}
