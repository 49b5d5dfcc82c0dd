//! How things stand as a page of its own: no script, no request, no foreign text that is not escaped.
//!
//! The page as a whole. `maud` escapes every text that is put into it.

mod chart;
mod tables;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chart::{draw_copied, draw_times};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use tables::{day_by_day, late_table, orphan_table, wrong_table};

use super::rows::figure_rows;
use super::{Alarm, LastDays, Status};
use crate::output::report::{format_minute, format_second, format_span};

const STYLE: &str = include_str!("page.css");

/// The page: how things stand, and what the last days were like.
#[must_use]
pub fn render_page(status: &Status, alarms: &[Alarm], lately: &LastDays) -> String {
    let days = lately.days.len();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (page_head())
            body {
                header {
                    h1 { "zoom2kaltura" }
                    p {
                        "How things stand at "
                        time datetime=(format_second(status.now)) { (format_minute(status.now)) }
                    }
                }
                main {
                    (needs_section(alarms))
                    (render_tiles(lately))
                    div class="charts" {
                        section aria-labelledby="copied" {
                            h2 id="copied" { "Recordings copied, day by day" }
                            (draw_copied(&lately.days))
                        }
                        section aria-labelledby="times" {
                            h2 id="times" { "From the end of a recording until it is READY" }
                            (draw_times(&lately.days))
                        }
                    }
                    section aria-labelledby="now" {
                        h2 id="now" { "Now" }
                        dl class="figures" {
                            @for (name, value) in figure_rows(status) { dt { (name.trim()) } dd { (value) } }
                        }
                    }
                    section aria-labelledby="late" { h2 id="late" { "Late, at risk, failed or given up" } (late_table(status)) }
                    section aria-labelledby="orphans" { h2 id="orphans" { "Orphans" } (orphan_table(status)) }
                    section aria-labelledby="wrong" {
                        h2 id="wrong" { "What went wrong in " (days) " days" }
                        (wrong_table(&lately.wrong))
                    }
                    section aria-labelledby="days" { h2 id="days" { "The days as figures" } (day_by_day(&lately.days)) }
                }
                footer { "All times are UTC. zoom2kaltura " (env!("CARGO_PKG_VERSION")) }
            }
        }
    };
    page.into_string()
}

/// Nothing may be loaded or run but this one style; the page refers to nothing else either.
fn page_head() -> Markup {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'");
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex, nofollow";
            title { "zoom2kaltura: how things stand" }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn needs_section(alarms: &[Alarm]) -> Markup {
    if alarms.is_empty() {
        return html! { section class="good" { p { "Nothing needs anybody." } } };
    }
    html! {
        section class="bad" aria-labelledby="needs" {
            h2 id="needs" { "Needs somebody" }
            ul { @for alarm in alarms { li { (alarm.to_string()) } } }
        }
    }
}

fn render_tiles(lately: &LastDays) -> Markup {
    let time = |time: Option<chrono::TimeDelta>| time.map_or("–".to_owned(), format_span);
    let days = lately.days.len();
    html! {
        dl class="tiles" {
            div { dt { "copied in " (days) " days" } dd { (lately.copied) } }
            div { dt { "half were READY within" } dd { (time(lately.times.map(|times| times.median))) } }
            div { dt { "95 % were READY within" } dd { (time(lately.times.map(|times| times.p95))) } }
            @if lately.by_hand > 0 {
                div { dt { "by " code { "backfill" } ", times left out" } dd { (lately.by_hand) } }
            }
        }
    }
}
