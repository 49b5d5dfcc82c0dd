//! `explain`: where a recording is, by the ledger; Zoom is asked for what no run has seen yet.

use chrono::{Days, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::setup::{Services, entry_terms, ledger_identity};
use crate::cli::{AnswerFormat, ExplainArgs};
use crate::config::Settings;
use crate::copying::gather::read_known;
use crate::copying::misnamed::{match_by_id, suggest_meant};
use crate::copying::plan::Selection;
use crate::exit::Exit;
use crate::ledger::{Ledger, MOST_STORIES};
use crate::model::{Segment, Window, one_line};
use crate::output::explain::{Explained, explain_document, tell_story, tell_unseen};

/// Tells every recording that goes by what was asked for.
pub(super) async fn run_explain(
    args: &ExplainArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let (what, now) = (args.what.trim(), Utc::now());
    let ledger = Ledger::read_only(&settings.state_dir, &ledger_identity(settings))?;
    let stories = ledger.stories(what)?;
    let terms = entry_terms(settings);
    if args.format == AnswerFormat::Text {
        // also where Zoom does not answer
        for story in &stories {
            writeln!(context.out, "{}", tell_story(story, terms, now))?;
        }
    }
    let more = stories.len() == MOST_STORIES;
    if more {
        tracing::warn!("only the newest {MOST_STORIES} recordings are shown; ask for fewer");
    }
    let listed = context.or_interrupted(Box::pin(find_unseen(what, settings, &ledger))).await?;
    let (listed, failure) = match listed {
        Ok(listed) => (listed, None),
        Err(failure) => (Unseen { unread: 1, ..Unseen::default() }, Some(failure)),
    };
    let Unseen { segments: unseen, meant, unread } = listed;
    let go_live = settings.sync.go_live;
    match args.format {
        AnswerFormat::Text => {
            for segment in &unseen {
                writeln!(context.out, "{}", tell_unseen(segment, go_live, terms.zone))?;
            }
        }
        AnswerFormat::Json => {
            let explained = Explained { stories: &stories, more, unseen: &unseen, unread, go_live };
            context.print_document(&explain_document(explained, terms, now))?;
        }
    }
    match failure {
        Some(Failure { exit, error: Some(why) }) if stories.is_empty() => {
            let known =
                format!("the ledger has no recording that matches {:?}, and Zoom cannot be asked", one_line(what));
            return Err(Failure::new(exit, why.context(known)));
        }
        Some(failure) => {
            let why = failure.error.map(|error| format!("{error:#}")).unwrap_or_default();
            tracing::warn!("recordings that no run has seen yet cannot be shown: {why}");
        }
        None => {}
    }
    if stories.is_empty() && unseen.is_empty() {
        let advice = ": give an e-mail address, a meeting number, a meeting UUID, an entry id or a part of the topic";
        let message = format!("no recording matches {:?}{}", one_line(what), meant.as_deref().unwrap_or(advice));
        return Err(Failure::with_message(Exit::Configuration, message));
    }
    Ok(Exit::Good)
}

/// What Zoom still has and the ledger does not know.
#[derive(Debug, Default)]
struct Unseen {
    segments: Vec<Segment>,
    /// Which name may have been meant, where nothing matches.
    meant: Option<String>,
    /// How many parts of Zoom's lists could not be read.
    unread: usize,
}

async fn find_unseen(what: &str, settings: &Settings, ledger: &Ledger) -> Result<Unseen, Failure> {
    let today = Utc::now().date_naive();
    // a run looks at what is recent, a person asks for what Zoom has
    let kept = Window { from: today - settings.sync.zoom_retention, to: today + Days::new(1) };
    let services = Services::new(settings)?;
    let mut listing = services.zoom.recordings(kept).await?;
    let tracked = read_known(ledger, kept, &mut listing.segments)?;
    let unread: Vec<String> =
        listing.trouble.iter().map(ToString::to_string).chain(listing.short.iter().cloned()).collect();
    for what in &unread {
        tracing::warn!("not all recordings could be searched: {what}");
    }
    let by_host = Selection { users: vec![what.to_owned()], ..Selection::default() };
    let by_host = match_by_id(&services.zoom, &by_host, &listing.segments).await?;
    let by_meeting = Selection { meetings: vec![what.to_owned()], ..Selection::default() };
    let by_topic = |segment: &Segment| segment.meeting.topic.to_lowercase().contains(&what.to_lowercase());
    let is_it = |segment: &Segment| by_host.includes(segment) || by_meeting.includes(segment) || by_topic(segment);
    let is_new = |segment: &Segment| !tracked.contains_key(&segment.key());
    let meant = suggest_meant(what, ledger, &listing.segments)?;
    let segments = listing.segments.into_iter().filter(|segment| is_it(segment) && is_new(segment)).collect();
    Ok(Unseen { segments, meant, unread: unread.len() })
}
