//! Tables for people: columns as wide as what they hold, fitted to the terminal where there is one.
//!
//! Where a row is too wide, topics and names are shortened first; where that does not do, what may go below goes below.
//! Ids are never cut.

use std::io::IsTerminal;

use console::{Alignment, Style, Term, measure_text_width, pad_str, truncate_str};

/// Narrower and wider terminals are treated like these.
const NARROWEST: usize = 80;
const WIDEST: usize = 200;
/// Between two columns.
const GAP: usize = 2;
/// A shortened text keeps so much.
const SHORTEST: usize = 16;

/// How text is laid out for those who read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// The columns of the terminal; `None` in a file or a pipe, where nothing is cut.
    pub width: Option<usize>,
    /// Whether states are coloured.
    pub colour: bool,
}

impl Screen {
    /// As stdout is: `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb` count.
    #[must_use]
    pub fn of_stdout() -> Screen {
        let width = std::io::stdout()
            .is_terminal()
            .then(|| Term::stdout().size().1.into())
            .map(|width: usize| width.clamp(NARROWEST, WIDEST));
        Screen { width, colour: console::colors_enabled() }
    }

    /// Whether somebody is looking on.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self.width.is_some()
    }

    /// The text in the colour of its tone.
    #[must_use]
    pub fn paint(self, text: &str, tone: Tone) -> String {
        match tone.style() {
            Some(style) if self.colour && !text.trim().is_empty() => {
                let (bare, end) = text.split_at(text.trim_end().len());
                format!("{}{end}", style.force_styling(true).apply_to(bare))
            }
            _ => text.to_owned(),
        }
    }
}

/// How something stands, beside what its word says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// No more than the word.
    #[default]
    Plain,
    /// As it is meant to be.
    Good,
    /// It waits.
    Waiting,
    /// It failed, or needs attention.
    Bad,
    /// Of no interest to most.
    Faint,
}

impl Tone {
    fn style(self) -> Option<Style> {
        match self {
            Tone::Plain => None,
            Tone::Good => Some(Style::new().green()),
            Tone::Waiting => Some(Style::new().yellow()),
            Tone::Bad => Some(Style::new().red().bold()),
            Tone::Faint => Some(Style::new().dim()),
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Always shown whole, in the first line.
    Whole,
    /// A number: whole, and to the right.
    Number,
    /// Shortened where the terminal is too narrow.
    Shortened,
    /// Whole, but in a second line where the first is too narrow.
    Below,
}

/// A column: its title and what it holds.
pub type TextColumn = (&'static str, Fit);

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextCell {
    /// One line.
    pub text: String,
    /// How it stands.
    pub tone: Tone,
}

impl From<String> for TextCell {
    fn from(text: String) -> TextCell {
        TextCell { text, tone: Tone::Plain }
    }
}

impl From<&str> for TextCell {
    fn from(text: &str) -> TextCell {
        text.to_owned().into()
    }
}

/// A header and its rows, a line each or two; columns that hold nothing are left out. Nothing of no rows.
#[must_use]
pub fn text_table<const N: usize>(columns: [TextColumn; N], rows: &[[TextCell; N]], screen: Screen) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let used: Vec<usize> = (0..N).filter(|column| rows.iter().any(|row| !row[*column].text.is_empty())).collect();
    let widest = |column: &usize| {
        let cells = rows.iter().map(|row| measure_text_width(&row[*column].text));
        cells.chain([measure_text_width(columns[*column].0)]).max().unwrap_or_default()
    };
    let mut layout = Layout { first: used.iter().map(|column| (*column, widest(column))).collect(), below: Vec::new() };
    if let Some(width) = screen.width {
        layout.fit(&columns, width);
    }
    let titles = columns.map(|(title, _)| TextCell { text: title.to_owned(), tone: Tone::Faint });
    [&titles].into_iter().chain(rows).map(|row| layout.lines(&columns, row, screen)).collect()
}

/// Which columns stand where.
struct Layout {
    /// In the first line, each with its width.
    first: Vec<(usize, usize)>,
    /// In the second.
    below: Vec<usize>,
}

impl Layout {
    fn fit(&mut self, columns: &[TextColumn], width: usize) {
        let whole = self.first.clone();
        self.shorten(columns, width);
        if self.width() > width {
            self.first = whole;
            self.below =
                self.first.iter().map(|(column, _)| *column).filter(|at| columns[*at].1 == Fit::Below).collect();
            self.first.retain(|(column, _)| columns[*column].1 != Fit::Below);
            self.shorten(columns, width);
        }
    }

    fn width(&self) -> usize {
        self.first.iter().map(|(_, width)| width + GAP).sum::<usize>().saturating_sub(GAP)
    }

    /// Takes from the widest of those that can be shortened, until it fits or they are all short.
    fn shorten(&mut self, columns: &[TextColumn], wanted: usize) {
        while self.width() > wanted {
            let short =
                self.first.iter_mut().filter(|(at, width)| columns[*at].1 == Fit::Shortened && *width > SHORTEST);
            let Some((_, widest)) = short.max_by_key(|(_, width)| *width) else { return };
            *widest -= 1;
        }
    }

    fn lines<const N: usize>(&self, columns: &[TextColumn; N], row: &[TextCell; N], screen: Screen) -> String {
        let cell = |(at, width): &(usize, usize)| {
            let alignment = if columns[*at].1 == Fit::Number { Alignment::Right } else { Alignment::Left };
            let text = truncate_str(&row[*at].text, *width, "…");
            screen.paint(&pad_str(&text, *width, alignment, None), row[*at].tone)
        };
        let first = self.first.iter().map(cell).collect::<Vec<_>>().join(&" ".repeat(GAP));
        let mut lines = first.trim_end().to_owned() + "\n";
        let below = self.below.iter().map(|at| &row[*at]).filter(|cell| !cell.text.is_empty());
        let below = below.map(|cell| screen.paint(&cell.text, cell.tone)).collect::<Vec<_>>();
        if !below.is_empty() {
            lines.extend(["    ", &below.join(&" ".repeat(GAP)), "\n"]);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::{Fit, Screen, TextCell, TextColumn, Tone, text_table};

    const COLUMNS: [TextColumn; 5] = [
        ("action", Fit::Whole),
        ("size", Fit::Number),
        ("topic", Fit::Shortened),
        ("entry", Fit::Whole),
        ("why", Fit::Below),
    ];

    fn row(cells: [&str; 5]) -> [TextCell; 5] {
        cells.map(TextCell::from)
    }

    fn rows() -> Vec<[TextCell; 5]> {
        vec![
            row(["copy", "4.6 MB", "光学 3 🎉", "0_12345678", ""]),
            row([
                "",
                "30.0 MB",
                "A topic that is a good deal longer than any terminal is wide, and goes on",
                "",
                "too long",
            ]),
        ]
    }

    #[test]
    fn columns_stand_below_their_titles() {
        let table = text_table(COLUMNS, &rows(), Screen::default());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        for (title, cell, line) in [("topic", "光学", 1), ("entry", "0_12345678", 1), ("why", "too long", 2)] {
            let column = |line: &str, of: &str| measure_text_width(line.split(of).next().expect("a begin"));
            assert_eq!(column(lines[0], title), column(lines[line], cell), "{title}\n{table}");
        }
        // a number ends where its title does
        let end = |line: &str, of: &str| measure_text_width(&line[..line.find(of).expect("a cell") + of.len()]);
        assert_eq!(end(lines[0], "size"), end(lines[2], "30.0 MB"), "{table}");
    }

    #[test]
    fn lines_fit_and_ids_stay() {
        for width in [46, 60, 80, 120] {
            let table = text_table(COLUMNS, &rows(), Screen { width: Some(width), colour: false });
            assert!(table.lines().all(|line| measure_text_width(line) <= width), "{width}:\n{table}");
            assert!(table.contains("0_12345678") && table.contains("too long"), "{width}:\n{table}");
        }
        let wide = text_table(COLUMNS, &rows(), Screen { width: Some(200), colour: false });
        assert!(wide.contains("and goes on") && wide.lines().count() == 3, "{wide}");
        let narrow = text_table(COLUMNS, &rows(), Screen { width: Some(46), colour: false });
        assert!(narrow.lines().count() > 3 && narrow.contains('…'), "{narrow}");
    }

    #[test]
    fn colour_changes_no_width() {
        let mut rows = rows();
        rows[0][0].tone = Tone::Bad;
        let coloured = text_table(COLUMNS, &rows, Screen { width: None, colour: true });
        assert!(coloured.contains("\u{1b}[31m"), "{coloured:?}");
        let plain = text_table(COLUMNS, &rows, Screen::default());
        assert!(!plain.contains('\u{1b}'), "{plain:?}");
        assert_eq!(console::strip_ansi_codes(&coloured), plain);
    }

    #[test]
    fn empty_columns_are_left_out() {
        assert_eq!(text_table(COLUMNS, &[row(["copy", "", "", "", ""])], Screen::default()), "action\ncopy\n");
        assert_eq!(text_table(COLUMNS, &[], Screen::default()), "");
    }
}
