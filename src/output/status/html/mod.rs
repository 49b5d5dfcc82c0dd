//! How things stand as a page of its own: no script, no request, no foreign text that is not escaped.
//!
//! The page as a whole. `maud` escapes every text that is put into it.

mod chart;
#[cfg(test)]
mod contrast;
mod tables;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chart::{draw_copied, draw_times, group_digits};
use chrono::TimeDelta;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use tables::{day_by_day, late_table, left_out_table, orphan_table, wrong_table};

use super::rows::figure_rows;
use super::summary::{attention_count, status_summary};
use super::{Alarm, LastDays, PeriodSums, Site, Status};
use crate::model::one_line;
use crate::output::report::{format_second, format_span};

const STYLE: &str = include_str!("page.css");

/// After so many seconds a browser reloads the page.
const REFRESH: u32 = 300;

/// The page: how things stand, and what the last days were like.
#[must_use]
pub fn render_page(status: &Status, alarms: &[Alarm], lately: &LastDays, site: &Site) -> String {
    let days = lately.days.len();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (page_head(site))
            body {
                (page_header(status, site))
                main {
                    (attention_section(status, alarms))
                    (render_tiles(lately))
                    div class="charts" {
                        section aria-labelledby="copied" {
                            h2 id="copied" { "Recordings copied, day by day" }
                            (draw_copied(&lately.days))
                        }
                        section aria-labelledby="times" {
                            h2 id="times" { "From first listing until READY" }
                            (draw_times(&lately.days))
                        }
                    }
                    section aria-labelledby="late" {
                        h2 id="late" { "Late, at risk, failed, given up or waiting for you" }
                        (late_table(status, site))
                    }
                    section aria-labelledby="now" {
                        h2 id="now" { "Now" }
                        dl class="figures" {
                            @for (name, value) in figure_rows(status, site) { dt { (name.trim()) } dd { (value) } }
                        }
                    }
                    section aria-labelledby="orphans" { h2 id="orphans" { "Orphans" } (orphan_table(status, site)) }
                    section aria-labelledby="left-out" {
                        h2 id="left-out" { "Left out in " (days) " days, and why" }
                        (left_out_table(&lately.left_out))
                    }
                    section aria-labelledby="wrong" {
                        h2 id="wrong" { "What went wrong in " (days) " days" }
                        (wrong_table(&lately.wrong, site))
                    }
                    section aria-labelledby="days" { h2 id="days" { "The days as figures" } (day_by_day(&lately.days)) }
                }
            }
        }
    };
    page.into_string()
}

/// Nothing may be loaded or run but this one style; the page refers to nothing else either.
fn page_head(site: &Site) -> Markup {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'");
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta http-equiv="refresh" content=(REFRESH);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex, nofollow";
            title { "zoom2kaltura: " (one_line(&site.name)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// Whose page it is, and whether it is fresh: a page that nobody updates looks well for ever.
fn page_header(status: &Status, site: &Site) -> Markup {
    html! {
        header {
            h1 { "zoom2kaltura: " bdi { (one_line(&site.name)) } }
            p {
                "Made at "
                time datetime=(format_second(status.now)) { (site.format_minute(status.now)) }
                " on " bdi { (one_line(&site.machine)) } " by zoom2kaltura " (env!("CARGO_PKG_VERSION")) ". "
                "All times are " (site.zone.name()) ". "
                "The page reloads every " (REFRESH / 60) " minutes; if the time above is old, it is no longer being published."
            }
        }
    }
}

/// What is wrong and what to do, marked by words and a sign, and by colour only beside them.
fn attention_section(status: &Status, alarms: &[Alarm]) -> Markup {
    if alarms.is_empty() {
        return html! {
            section class="good" { p { span aria-hidden="true" { "✓ " } (status_summary(status, alarms)) } }
        };
    }
    html! {
        section class="bad" aria-labelledby="needs" {
            h2 id="needs" { span aria-hidden="true" { "⚠ " } (attention_count(alarms)) }
            ul {
                @for alarm in alarms {
                    li { strong { (sentence(&alarm.headline())) } " " span class="remedy" { (sentence(alarm.remedy())) } }
                }
            }
        }
    }
}

/// A phrase as it stands by itself.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    // a command is typed as it is
    let first = if phrase.starts_with("zoom2kaltura") { "z".to_owned() } else { first };
    format!("{first}{}.", letters.as_str())
}

fn render_tiles(lately: &LastDays) -> Markup {
    let time = |time: Option<TimeDelta>| time.map_or("–".to_owned(), format_span);
    let count = |count: usize| group_digits(count);
    let (day, all) = (&lately.last_24_hours, &lately.all);
    let median = |sums: &PeriodSums| time(sums.times.map(|times| times.median));
    let p95 = |sums: &PeriodSums| time(sums.times.map(|times| times.p95));
    let tiles = [
        ("copied", count(day.copied), count(all.copied)),
        ("half were READY within", median(day), median(all)),
        ("95 % were READY within", p95(day), p95(all)),
        ("failed at least once", count(day.failed), count(all.failed)),
        ("left out", count(day.left_out), count(all.left_out)),
    ];
    let by_hand = ("by backfill, times not counted", count(day.by_hand), count(all.by_hand));
    let days = lately.days.len();
    html! {
        dl class="tiles" {
            @for (name, day, all) in tiles.into_iter().chain((all.by_hand > 0).then_some(by_hand)) {
                div {
                    dt { (name) }
                    dd { strong { (day) } " in 24 h" }
                    dd { strong { (all) } " in " (days) " d" }
                }
            }
        }
    }
}
