//! Marks that Kaltura dropped, given to the entries later: before answers were compared, nobody noticed, and the role that
//! the README named lacked the permission for them.

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::ledger::{Ledger, LedgerError, Unmarked};
use crate::model::EntryStatus;
use crate::remotes::http::{Meaning, RemoteError};
use crate::remotes::kaltura::Kaltura;

/// So many are looked at in one run.
const MOST: u32 = 1000;
/// So many at a time.
const BATCH: usize = 25;
/// Two entries of which the mark is dropped, and it is a matter of the role.
const ENOUGH: usize = 2;

/// What came of giving them.
#[derive(Debug, Default)]
pub struct Given {
    /// How many entries got their mark, or lack it where none was given.
    pub entries: usize,
    /// What went wrong.
    pub trouble: Vec<RemoteError>,
}

/// Entries of copies that the ledger holds which lack their mark, out of those that may.
struct UnmarkedSeen {
    lacking: Vec<Unmarked>,
    /// These carry one, or are not this program's to change.
    sound: Vec<Unmarked>,
}

/// How many entries lack their mark; what could not be looked at is named beside.
pub async fn count_unmarked(kaltura: &Kaltura, ledger: &Ledger) -> Result<Given, LedgerError> {
    let mut found = Given::default();
    for batch in ledger.unmarked(MOST)?.chunks(BATCH) {
        match find_unmarked(kaltura, batch, &mut found.trouble).await {
            Ok(seen) => found.entries += seen.lacking.len(),
            Err(error) => {
                found.trouble.push(error);
                break;
            }
        }
    }
    Ok(found)
}

/// Gives entries that lack their mark the mark, each once.
pub async fn give_marks(
    kaltura: &Kaltura,
    ledger: &Ledger,
    run: &str,
    cancel: &CancellationToken,
) -> Result<Given, LedgerError> {
    let mut given = Given::default();
    let mut dropped = Vec::new();
    for batch in ledger.unmarked(MOST)?.chunks(BATCH) {
        let Some(end) =
            cancel.run_until_cancelled(give_some(kaltura, ledger, run, batch, &mut given, &mut dropped)).await
        else {
            // what was given is found so by the next run
            break;
        };
        match end? {
            Ok(()) if dropped.len() < ENOUGH => {}
            Ok(()) => break,
            Err(error) => {
                given.trouble.push(error);
                break;
            }
        }
    }
    match dropped.len() {
        0 => {}
        1 => given.trouble.extend(dropped.pop().map(RemoteError::about_one)),
        _ => given.trouble.extend(dropped.pop()),
    }
    Ok(given)
}

async fn give_some(
    kaltura: &Kaltura,
    ledger: &Ledger,
    run: &str,
    batch: &[Unmarked],
    given: &mut Given,
    dropped: &mut Vec<RemoteError>,
) -> Result<Result<(), RemoteError>, LedgerError> {
    let seen = match find_unmarked(kaltura, batch, &mut given.trouble).await {
        Ok(seen) => seen,
        Err(error) => return Ok(Err(error)),
    };
    let due: Vec<_> = seen.lacking.iter().map(|copy| (copy.entry.clone(), copy.mark.clone())).collect();
    let ends = match kaltura.mark(&due).await {
        Ok(ends) => ends,
        Err(error) if error.means(Meaning::FieldDropped) => {
            *dropped = vec![error; due.len()];
            return Ok(Ok(()));
        }
        Err(error) => return Ok(Err(error)),
    };
    let mut over: Vec<(&Unmarked, Option<&str>)> = seen.sound.iter().map(|copy| (copy, None)).collect();
    for (copy, end) in seen.lacking.iter().zip(ends) {
        match end {
            Ok(()) => {
                given.entries += 1;
                over.push((copy, Some("marked")));
            }
            Err(error) if error.means(Meaning::FieldDropped) => dropped.push(error),
            // it would be tried in vain by every run
            Err(error) if error.means(Meaning::NotDone) => {
                over.push((copy, Some("not_marked")));
                given.trouble.push(error);
            }
            Err(error) => given.trouble.push(error.of_one_if_refused()),
        }
    }
    ledger.looked_at(run, &over, Utc::now())?;
    Ok(Ok(()))
}

async fn find_unmarked(
    kaltura: &Kaltura,
    batch: &[Unmarked],
    trouble: &mut Vec<RemoteError>,
) -> Result<UnmarkedSeen, RemoteError> {
    let ids: Vec<_> = batch.iter().map(|copy| copy.entry.clone()).collect();
    let (mut lacking, mut sound) = (Vec::new(), Vec::new());
    for (copy, answer) in batch.iter().zip(kaltura.entries_with_source(&ids).await?) {
        let entry = match answer {
            Ok(copied) => copied.map(|copied| copied.entry),
            Err(error) => {
                trouble.push(error);
                continue;
            }
        };
        let lacks = entry.is_some_and(|entry| {
            entry.ours && entry.reference_id.as_str().is_empty() && entry.status != EntryStatus::Deleted
        });
        if lacks { lacking.push(copy.clone()) } else { sound.push(copy.clone()) }
    }
    Ok(UnmarkedSeen { lacking, sound })
}
