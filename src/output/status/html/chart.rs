//! The charts: one slot a day, as SVG that scales with the page.

use chrono::TimeDelta;
use maud::{Markup, html};

use crate::model::format_count;
use crate::output::report::format_span;
use crate::output::status::{Day, Times};

/// In the units of the drawing, of which a phone shows about one a pixel.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 168.0;
/// Between the base lines of two labels of the scale, at least: they are 10 units high.
const APART: f64 = 14.0;
/// Between two labels of the days.
const LABEL_EVERY: usize = 7;
/// Where lines are drawn for times, in seconds: what people think in.
const MARKS: [(i64, &str); 12] = [
    (60, "1 min"),
    (5 * 60, "5 min"),
    (15 * 60, "15 min"),
    (3600, "1 h"),
    (3 * 3600, "3 h"),
    (12 * 3600, "12 h"),
    (86_400, "1 d"),
    (3 * 86_400, "3 d"),
    (10 * 86_400, "10 d"),
    (30 * 86_400, "30 d"),
    (100 * 86_400, "100 d"),
    (400 * 86_400, "400 d"),
];

/// How many recordings were copied on each day.
pub(super) fn draw_copied(days: &[Day]) -> Markup {
    let most = days.iter().map(|day| day.copied).max().unwrap_or_default();
    if most == 0 {
        return html! { p class="quiet" { "Nothing was copied in these days." } };
    }
    let top = round_up(most);
    let height = |copied: usize| (BOTTOM - TOP) * part_of(copied, top);
    let lines = [0, top / 2, top];
    let lines = lines.into_iter().map(|line| (BOTTOM - height(line), group_digits(line)));
    let bar = |day: &Day, left: f64, wide: f64| {
        let (top, height) = (BOTTOM - height(day.copied), height(day.copied));
        html! { rect class="bar" x=(coordinate(left)) y=(coordinate(top)) width=(coordinate(wide)) height=(coordinate(height)) rx="1" {} }
    };
    let told = |day: &Day| format!("{}: {} copied", day.date, day.copied);
    let all: usize = days.iter().map(|day| day.copied).sum();
    draw_chart(
        &format!("{} copied, {most} on the busiest day", format_count(all, "recording")),
        days,
        &lines.collect::<Vec<_>>(),
        told,
        bar,
    )
}

/// How long they took: from the median to the 95th percentile. The scale is logarithmic, as minutes matter as much as
/// days.
pub(super) fn draw_times(days: &[Day]) -> Markup {
    let known: Vec<Times> = days.iter().filter_map(|day| day.times).collect();
    let (Some(shortest), Some(longest)) =
        (known.iter().map(|times| times.median).min(), known.iter().map(|times| times.p95).max())
    else {
        return html! { p class="quiet" { "No copy of these days has a known time." } };
    };
    let marks = draw_marks(shortest, longest);
    let (low, high) = (logarithm(marks[0].0), logarithm(marks[marks.len() - 1].0));
    let y = |seconds: i64| BOTTOM - (BOTTOM - TOP) * ((logarithm(seconds) - low) / (high - low)).clamp(0.0, 1.0);
    let lines: Vec<_> = marks.iter().map(|(seconds, name)| (y(*seconds), (*name).to_owned())).collect();
    let mark = |day: &Day, left: f64, wide: f64| {
        let Some(times) = day.times else { return html! {} };
        let (median, p95) = (y(times.median.num_seconds()), y(times.p95.num_seconds()));
        let (middle, radius) = (left + wide / 2.0, (wide / 2.0).min(3.5));
        html! {
            rect class="spread" x=(coordinate(left)) y=(coordinate(p95)) width=(coordinate(wide)) height=(coordinate(median - p95)) rx="1" {}
            circle class="median" cx=(coordinate(middle)) cy=(coordinate(median)) r=(coordinate(radius)) {}
        }
    };
    let told = |day: &Day| match day.times {
        None => format!("{}: no times", day.date),
        Some(times) => {
            format!("{}: median {}, 95th percentile {}", day.date, format_span(times.median), format_span(times.p95))
        }
    };
    let label = format!("medians from {}, 95th percentiles up to {}", format_span(shortest), format_span(longest));
    html! {
        (draw_chart(&label, days, &lines, told, mark))
        p class="quiet" { "A dot is the median of a day, its bar reaches up to the 95th percentile." }
    }
}

/// The lines that hold all of it between them, two at least.
fn draw_marks(shortest: TimeDelta, longest: TimeDelta) -> &'static [(i64, &'static str)] {
    let last = MARKS.iter().position(|(mark, _)| *mark >= longest.num_seconds()).unwrap_or(MARKS.len() - 1).max(1);
    let first = MARKS.iter().rposition(|(mark, _)| *mark <= shortest.num_seconds()).unwrap_or_default().min(last - 1);
    &MARKS[first..=last]
}

/// A slot for each day with what `shape` draws between its left edge and its width; `lines` are heights and names.
fn draw_chart(
    label: &str,
    days: &[Day],
    lines: &[(f64, String)],
    told: impl Fn(&Day) -> String,
    shape: impl Fn(&Day, f64, f64) -> Markup,
) -> Markup {
    let slot = (WIDTH - LEFT) / as_float(days.len().max(1));
    let is_labelled = |place: usize| (days.len() - 1 - place).is_multiple_of(LABEL_EVERY);
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(label) {
                title { (label) }
                @for (y, name) in spread_labels(lines) {
                    line class="grid" x1=(coordinate(LEFT)) x2=(coordinate(WIDTH)) y1=(coordinate(y)) y2=(coordinate(y)) {}
                    text x=(coordinate(LEFT - 4.0)) y=(coordinate(y + 3.5)) text-anchor="end" { (name) }
                }
                @for (place, day) in days.iter().enumerate() {
                    @let left = LEFT + slot * as_float(place);
                    g class="day" {
                        title { (told(day)) }
                        rect class="hit" x=(coordinate(left)) y=(coordinate(TOP)) width=(coordinate(slot)) height=(coordinate(BOTTOM - TOP)) {}
                        (shape(day, left + slot * 0.15, slot * 0.7))
                    }
                    @if is_labelled(place) {
                        @let (x, anchor) = if place + 1 == days.len() { (WIDTH, "end") } else { (left + slot / 2.0, "middle") };
                        text x=(coordinate(x)) y=(coordinate(BOTTOM + 16.0)) text-anchor=(anchor) { (day.date.format("%-d %b")) }
                    }
                }
            }
        }
    }
}

/// The lines of a scale from the bottom up, without those whose labels would touch one below; the top one stays.
fn spread_labels(lines: &[(f64, String)]) -> Vec<(f64, &str)> {
    let mut spread: Vec<(f64, &str)> = Vec::new();
    for (place, (y, name)) in lines.iter().enumerate() {
        let is_top = place + 1 == lines.len();
        while is_top && spread.len() > 1 && spread.last().is_some_and(|(below, _)| below - y < APART) {
            spread.pop();
        }
        if is_top || spread.last().is_none_or(|(below, _)| below - y >= APART) {
            spread.push((*y, name));
        }
    }
    spread
}

/// With a comma between thousands.
pub(super) fn group_digits(number: usize) -> String {
    let digits = number.to_string();
    let with_comma = |(place, digit): (usize, char)| {
        let comma = place > 0 && (digits.len() - place).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(with_comma).collect()
}

/// The next number that halves well.
fn round_up(most: usize) -> usize {
    let unit = 10_usize.pow(most.ilog10());
    [2, 4, 6, 10, 20].into_iter().map(|times| times * unit).find(|top| *top >= most).unwrap_or(most)
}

fn part_of(of: usize, whole: usize) -> f64 {
    as_float(of) / as_float(whole)
}

/// Far below 2^52 in any drawing.
#[allow(clippy::cast_precision_loss, reason = "see above")]
fn as_float(number: usize) -> f64 {
    number as f64
}

#[allow(clippy::cast_precision_loss, reason = "a drawing needs no second of a millennium")]
fn logarithm(seconds: i64) -> f64 {
    (seconds.max(1) as f64).ln()
}

/// A place in the drawing, to a hundredth.
fn coordinate(place: f64) -> String {
    format!("{place:.2}")
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::{draw_copied, draw_marks, draw_times, group_digits, round_up};
    use crate::output::status::{Day, Times};

    /// One that halves well, above what is shown.
    #[test]
    fn scales_end_at_round_numbers() {
        let tops = [1, 2, 3, 7, 9, 11, 60, 61, 130, 999, 1001].map(round_up);
        assert_eq!(tops, [2, 2, 4, 10, 10, 20, 60, 100, 200, 1000, 2000]);
    }

    /// With one below and one above.
    #[test]
    fn axis_marks_enclose_all_times() {
        let names = |shortest, longest| {
            let marks = draw_marks(TimeDelta::seconds(shortest), TimeDelta::seconds(longest));
            (marks[0].1, marks[marks.len() - 1].1)
        };
        assert_eq!(names(600, 4000), ("5 min", "3 h"));
        assert_eq!(names(0, 10), ("1 min", "5 min"));
        assert_eq!(names(60, 60), ("1 min", "5 min"));
        assert_eq!(names(3600, 3600), ("15 min", "1 h"));
        assert_eq!(names(600 * 86_400, 900 * 86_400), ("100 d", "400 d"));
    }

    #[test]
    fn thousands_are_parted_by_commas() {
        let grouped = [0, 999, 1000, 10_000, 1_234_567].map(group_digits);
        assert_eq!(grouped, ["0", "999", "1,000", "10,000", "1,234,567"]);
    }

    /// A label as a box: its left edge, top, right edge and bottom, and what it says.
    type LabelBox = (f64, f64, f64, f64, String);

    fn attribute(tag: &str, name: &str) -> f64 {
        let value =
            tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"')).expect("a value").0;
        value.parse().expect("a number")
    }

    /// The labels of a drawing; a letter of 10 units is seldom wider than 6.2 of them.
    fn label_boxes(svg: &str) -> Vec<LabelBox> {
        let texts = svg.split("<text ").skip(1).map(|rest| rest.split_once('>').expect("a tag"));
        texts
            .map(|(tag, rest)| {
                let name = rest.split('<').next().expect("a label").to_owned();
                let wide = 6.2 * f64::from(u32::try_from(name.chars().count()).expect("a short label"));
                let (x, y) = (attribute(tag, "x"), attribute(tag, "y"));
                let left = match tag.split_once("text-anchor=\"").expect("an anchor").1 {
                    anchor if anchor.starts_with("end") => x - wide,
                    anchor if anchor.starts_with("middle") => x - wide / 2.0,
                    _ => x,
                };
                (left, y - 9.0, left + wide, y + 2.0, name)
            })
            .collect()
    }

    fn touching_labels(svg: &str) -> Vec<(String, String)> {
        let boxes = label_boxes(svg);
        assert!(boxes.len() > 5, "{svg}");
        let is_outside = |label: &&LabelBox| label.0 < 0.0 || label.2 > super::WIDTH || label.3 > super::HEIGHT;
        let outside = boxes.iter().filter(is_outside).map(|label| (label.4.clone(), "the edge".to_owned()));
        let touch = |a: &LabelBox, b: &LabelBox| a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3;
        let pairs = boxes.iter().enumerate().flat_map(|(place, a)| boxes[place + 1..].iter().map(move |b| (a, b)));
        let touching = pairs.filter(|(a, b)| touch(a, b)).map(|(a, b)| (a.4.clone(), b.4.clone()));
        outside.chain(touching).collect()
    }

    /// The busiest day and the times of its quickest and slowest recordings, in seconds: each line is a page.
    #[test]
    fn labels_of_charts_never_overlap() {
        let cases = [
            (1, 1, 1),
            (10, 30, 3600),
            (100, 60, 86_400),
            (1000, 1, 30 * 86_400),
            (10_000, 40_000, 90_000),
            (10_000, 1, 400 * 86_400),
            (100_000, 3600, 90_000 * 86_400),
        ];
        let first = NaiveDate::from_ymd_opt(2026, 10, 26).expect("a day");
        for (busiest, quickest, slowest) in cases {
            let day = |(place, date): (usize, NaiveDate)| {
                let times =
                    Times { median: TimeDelta::seconds(quickest), p95: TimeDelta::seconds(slowest), of: busiest };
                Day { date, copied: busiest / (place + 1), times: Some(times), failed: 0 }
            };
            let days: Vec<Day> = first.iter_days().take(30).enumerate().map(day).collect();
            for svg in [draw_copied(&days), draw_times(&days)] {
                let touching = touching_labels(&svg.into_string());
                assert!(touching.is_empty(), "{busiest} {quickest} {slowest}: {touching:?}");
            }
        }
    }
}
