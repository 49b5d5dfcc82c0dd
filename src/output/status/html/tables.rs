//! The tables. On a narrow screen a row of a wide one becomes a card.

use maud::{Markup, html};

use crate::model::{EntryId, one_line};
use crate::output::report::{format_span, shorten_topic};
use crate::output::status::rows::{
    ORPHAN, deletion_day, host_address, orphan_row, shown_recordings, waiting_reason, waiting_state,
};
use crate::output::status::{Day, LeftOutCount, Site, Status, Waiting, Wrong};

/// A page with more rows than this is read by nobody.
const MOST: usize = 500;

/// How a column is set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Text that may be broken anywhere.
    Text,
    /// Whose or what it is, which has room.
    Name,
    /// A time, a word or an id, which is not broken.
    Short,
    /// A figure.
    Number,
}

use Column::{Name, Number, Short, Text};

/// What is not safely in Kaltura and should be.
pub(super) fn late_table(status: &Status, site: &Site) -> Markup {
    let rows: Vec<_> = shown_recordings(status).into_iter().map(|waiting| late_cells(waiting, site)).collect();
    let columns = [
        ("state", Text),
        ("recorded", Short),
        ("recording", Name),
        ("why", Text),
        ("next try", Short),
        ("Zoom deletes it", Short),
        ("entry", Short),
    ];
    let nothing = "Nothing is late, at risk, failed, given up or waiting for you.";
    or_nothing(rows.is_empty(), nothing, || html_table(columns, &rows))
}

/// A recording and why it is not there, each with what belongs to it below.
fn late_cells(waiting: &Waiting, site: &Site) -> [Vec<String>; 7] {
    let (pending, meeting) = (&waiting.pending, &waiting.pending.segment.meeting);
    let host = host_address(meeting.host_email.as_deref());
    let why = [waiting_reason(waiting).to_owned(), one_line(pending.error.as_deref().unwrap_or_default())];
    [
        vec![waiting_state(waiting)],
        vec![site.format_minute(pending.segment.started)],
        vec![shorten_topic(&meeting.topic), host, format!("meeting {}", meeting.number)],
        why.to_vec(),
        vec![pending.next_try.map(|time| site.format_minute(time)).unwrap_or_default()],
        vec![deletion_day(waiting, site)],
        vec![one_line(pending.entry_id.as_ref().map_or("", EntryId::as_str))],
    ]
}

/// What the holding user keeps.
pub(super) fn orphan_table(status: &Status, site: &Site) -> Markup {
    let rows: Vec<_> =
        status.orphans.iter().map(|orphan| orphan_row(orphan, status, site).map(|cell| vec![cell])).collect();
    let [recorded, host, topic, entry, end] = ORPHAN.map(|(title, _)| title);
    let columns = [(recorded, Short), (host, Text), (topic, Text), (entry, Short), (end, Text)];
    or_nothing(rows.is_empty(), "There are none.", || html_table(columns, &rows))
}

/// What was left out.
pub(super) fn left_out_table(left_out: &[LeftOutCount]) -> Markup {
    let row = |count: &LeftOutCount| {
        let meaning = count.reason.meaning().replace('`', "");
        let (lately, all) = (count.last_24_hours.to_string(), count.all.to_string());
        [count.reason.word().to_owned(), meaning, lately, all].map(|cell| vec![cell])
    };
    let rows: Vec<_> = left_out.iter().map(row).collect();
    let columns = [("reason", Short), ("meaning", Text), ("in 24 hours", Number), ("in 30 days", Number)];
    or_nothing(rows.is_empty(), "Nothing.", || html_table(columns, &rows))
}

/// What went wrong.
pub(super) fn wrong_table(wrong: &[Wrong], site: &Site) -> Markup {
    let row = |wrong: &Wrong| {
        let meaning = wrong.meaning.replace('`', "");
        [wrong.why.clone(), meaning, wrong.recordings.to_string(), site.format_minute(wrong.last)]
            .map(|cell| vec![cell])
    };
    let rows: Vec<_> = wrong.iter().map(row).collect();
    let columns = [("reason", Text), ("meaning", Text), ("recordings", Number), ("last", Short)];
    or_nothing(rows.is_empty(), "Nothing.", || html_table(columns, &rows))
}

/// What the charts show, for those who cannot see them or want it exactly.
pub(super) fn day_by_day(days: &[Day]) -> Markup {
    let row = |day: &Day| {
        let time = |time: Option<chrono::TimeDelta>| time.map(format_span).unwrap_or_default();
        let (median, p95) = (day.times.map(|times| times.median), day.times.map(|times| times.p95));
        let figures = [day.copied.to_string(), time(median), time(p95), day.failed.to_string()];
        let [copied, median, p95, failed] = figures.map(|cell| vec![cell]);
        [vec![day.date.to_string()], copied, median, p95, failed]
    };
    let rows: Vec<_> = days.iter().rev().map(row).collect();
    let columns = [
        ("day", Short),
        ("copied", Number),
        ("median time", Number),
        ("95th percentile", Number),
        ("recordings with a failed try", Number),
    ];
    html! { details { summary { "Show the table" } (html_table(columns, &rows)) } }
}

fn or_nothing(nothing: bool, words: &str, table: impl FnOnce() -> Markup) -> Markup {
    if nothing {
        html! { p class="quiet" { (words) } }
    } else {
        table()
    }
}

/// Its roles are named, as browsers forget them where a row is shown as a card. The first line of a cell is what it says,
/// the others what belongs to that. A column that says nothing is left out.
fn html_table<const N: usize>(columns: [(&str, Column); N], rows: &[[Vec<String>; N]]) -> Markup {
    let is_used = |place: usize| rows.iter().any(|row| row[place].iter().any(|line| !line.is_empty()));
    let used: Vec<usize> = (0..N).filter(|place| is_used(*place)).collect();
    html! {
        table class="cards" role="table" {
            thead role="rowgroup" {
                tr role="row" {
                    @for (name, column) in used.iter().map(|place| columns[*place]) {
                        th role="columnheader" scope="col" class=[(column == Number).then_some("number")] { (name) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows.iter().take(MOST) {
                    tr role="row" {
                        @for place in &used {
                            @let (lines, (name, column)) = (&row[*place], columns[*place]);
                            td role="cell" data-name=(name) class=[cell_class(lines, column)] { (cell_lines(lines)) }
                        }
                    }
                }
            }
        }
        @if rows.len() > MOST {
            p class="quiet" { "and " (rows.len() - MOST) " more: " code { "zoom2kaltura status" } " shows all of them" }
        }
    }
}

fn cell_lines(lines: &[String]) -> Markup {
    html! {
        div {
            @for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
                @if place == 0 { bdi { (line) } } @else { div class="beside" { bdi { (line) } } }
            }
        }
    }
}

fn cell_class(lines: &[String], column: Column) -> Option<&'static str> {
    match column {
        // on a phone nobody needs a name without a value
        _ if lines.iter().all(String::is_empty) => Some("empty"),
        Number => Some("number"),
        Name => Some("name"),
        Short => Some("short"),
        Text => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, MOST, html_table};

    #[test]
    fn long_tables_are_cut_visibly() {
        let rows = vec![[vec!["Optics".to_owned()]]; MOST + 1];
        let told = |rows| {
            let table = html_table([("topic", Column::Text)], rows).into_string();
            (table.matches("Optics").count(), table.contains("and 1 more"))
        };
        assert_eq!((told(&rows[..MOST]), told(&rows)), ((MOST, false), (MOST, true)));
    }
}
