//! The colours of the page can be read, in daylight and in the dark: by the contrast of WCAG 2.

use std::collections::{BTreeMap, BTreeSet};

use super::STYLE;

/// What is written or drawn, on what, and how much it must differ: 4.5 for text, 3 for a shape that says something.
const PAIRS: [(&str, &str, f64); 12] = [
    ("ink", "ground", 4.5),
    ("ink", "paper", 4.5),
    ("ink", "bad-ground", 4.5),
    ("quiet", "ground", 4.5),
    ("quiet", "paper", 4.5),
    ("bad", "bad-ground", 4.5),
    ("good", "good-ground", 4.5),
    ("mark", "paper", 3.0),
    ("soft", "paper", 3.0),
    ("mark", "soft", 1.5),
    ("bad", "ground", 3.0),
    ("good", "ground", 3.0),
];

/// The colours that a block of the style names, each as `#rrggbb`.
fn named_colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
    let named = block.split("--").skip(1).filter_map(|rest| rest.split_once(": #"));
    named
        .map(|(name, rest)| {
            let part = |at: usize| f64::from(u8::from_str_radix(&rest[at..at + 2], 16).expect("a colour"));
            (name, [part(0), part(2), part(4)])
        })
        .collect()
}

/// The relative luminance of WCAG 2.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour
        .map(|part| part / 255.0)
        .map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn palettes() -> [BTreeMap<&'static str, [f64; 3]>; 2] {
    let (light, rest) = STYLE.split_once("@media screen and (prefers-color-scheme: dark)").expect("two palettes");
    [named_colours(light), named_colours(rest.split_once("}\n}").expect("an end").0)]
}

#[test]
fn text_and_marks_can_be_read() {
    assert!((contrast([0.0; 3], [255.0; 3]) - 21.0).abs() < 0.01, "black on white");
    for (palette, mode) in palettes().iter().zip(["light", "dark"]) {
        for (front, back, least) in PAIRS {
            let found = contrast(palette[front], palette[back]);
            assert!(found >= least, "{mode}: {front} on {back} has {found:.2}, and needs {least}");
        }
    }
}

/// A colour that is written with is one of those above, and none is written directly.
#[test]
fn every_colour_used_is_judged() {
    let [light, dark] = palettes();
    assert!(light.keys().eq(dark.keys()), "each colour has a light and a dark form");
    let rules = STYLE.split_once("* {").expect("rules").1;
    let judged: BTreeSet<&str> = PAIRS.iter().map(|(front, ..)| *front).collect();
    for property in ["{ color: ", " color: ", "fill: "] {
        for value in rules.split(property).skip(1).filter_map(|rest| rest.split([';', '}']).next()) {
            let name = value.trim().strip_prefix("var(--").and_then(|value| value.strip_suffix(')'));
            let is_grid = ["line", "transparent"].contains(&name.unwrap_or(value.trim()));
            assert!(is_grid || name.is_some_and(|name| judged.contains(name)), "{property}{value}");
        }
    }
    assert!(!rules.contains('#'), "a colour without a name");
}
