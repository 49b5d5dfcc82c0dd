//! The tables. On a narrow screen a row of a wide one becomes a card.

use maud::{Markup, html};

use crate::output::report::{format_minute, format_span};
use crate::output::status::rows::{ORPHAN, WAITING, orphan_row, shown_recordings, waiting_row};
use crate::output::status::{Day, Status, Wrong};

/// A page with more rows than this is read by nobody.
const MOST: usize = 500;

/// What is not safely in Kaltura and should be.
pub(super) fn late_table(status: &Status) -> Markup {
    let rows: Vec<_> = shown_recordings(status).into_iter().map(waiting_row).collect();
    let names = WAITING.map(|name| if name.is_empty() { "how" } else { name });
    or_nothing(rows.is_empty(), "Nothing is late, at risk, failed or given up.", || html_table(names, &rows, &[]))
}

/// What the holding user keeps.
pub(super) fn orphan_table(status: &Status) -> Markup {
    let rows: Vec<_> = status.orphans.iter().map(orphan_row).collect();
    or_nothing(rows.is_empty(), "There are none.", || html_table(ORPHAN, &rows, &[]))
}

/// What went wrong.
pub(super) fn wrong_table(wrong: &[Wrong]) -> Markup {
    let row = |wrong: &Wrong| {
        [wrong.why.clone(), wrong.meaning.replace('`', ""), wrong.recordings.to_string(), format_minute(wrong.last)]
    };
    let rows: Vec<_> = wrong.iter().map(row).collect();
    let names = ["reason", "meaning", "recordings", "last"];
    or_nothing(rows.is_empty(), "Nothing.", || html_table(names, &rows, &[2]))
}

/// What the charts show, for those who cannot see them or want it exactly.
pub(super) fn day_by_day(days: &[Day]) -> Markup {
    let row = |day: &Day| {
        let time = |time: Option<chrono::TimeDelta>| time.map(format_span).unwrap_or_default();
        let (median, p95) = (day.times.map(|times| times.median), day.times.map(|times| times.p95));
        [day.date.to_string(), day.copied.to_string(), time(median), time(p95), day.failed.to_string()]
    };
    let rows: Vec<_> = days.iter().rev().map(row).collect();
    let names = ["day", "copied", "median time", "95th percentile", "recordings with a failed try"];
    html! { details { summary { "Show the table" } (html_table(names, &rows, &[1, 2, 3, 4])) } }
}

fn or_nothing(nothing: bool, words: &str, table: impl FnOnce() -> Markup) -> Markup {
    if nothing {
        html! { p class="quiet" { (words) } }
    } else {
        table()
    }
}

/// Its roles are named, as browsers forget them where a row is shown as a card. `numbers` are columns of figures.
fn html_table<const N: usize>(names: [&str; N], rows: &[[String; N]], numbers: &[usize]) -> Markup {
    html! {
        table class="cards" role="table" {
            thead role="rowgroup" {
                tr role="row" {
                    @for (column, name) in names.iter().enumerate() {
                        th role="columnheader" scope="col" class=[numbers.contains(&column).then_some("number")] { (name) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows.iter().take(MOST) {
                    tr role="row" {
                        @for (column, (name, text)) in names.iter().zip(row).enumerate() {
                            td role="cell" data-name=(name) class=[row_class(text, numbers.contains(&column))] { bdi { (text) } }
                        }
                    }
                }
            }
        }
        @if rows.len() > MOST {
            p class="quiet" { "and " (rows.len() - MOST) " more: " code { "zoom2kaltura status" } " tells all of them" }
        }
    }
}

/// A word, a day, an id or an address is not broken.
fn row_class(text: &str, number: bool) -> Option<&'static str> {
    match (number, text.chars().count()) {
        // on a phone nobody needs a name without a value
        (_, 0) => Some("empty"),
        (true, _) => Some("number"),
        (false, 0..=24) if !text.contains(' ') => Some("short"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, html_table};

    #[test]
    fn long_tables_are_cut_visibly() {
        let rows = vec![["Optics".to_owned()]; MOST + 1];
        let told = |rows| {
            let table = html_table(["topic"], rows, &[]).into_string();
            (table.matches("Optics").count(), table.contains("and 1 more"))
        };
        assert_eq!((told(&rows[..MOST]), told(&rows)), ((MOST, false), (MOST, true)));
    }
}
