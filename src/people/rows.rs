//! The rows of a file of two columns, as a person or a spreadsheet writes them.

use csv::{ReaderBuilder, Trim};

use super::address_file::split_lines;
use super::fault::BadLine;
use crate::model::is_invisible;

/// Hands the two fields of each row, and the line it stands in, from 1, to `take`, which says what is wrong with them. `#`
/// begins a comment line; the first row may be `header`.
pub(crate) fn read_rows(
    text: &str,
    header: [&str; 2],
    mut take: impl FnMut(&str, &str, u64) -> Result<(), String>,
) -> Result<(), Vec<BadLine>> {
    let mut bad = Vec::new();
    let lines = split_lines(text.trim_start_matches('\u{FEFF}')).zip(1..);
    let says_something = |line: &str| {
        let begins = line.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
        !begins.is_empty() && !begins.starts_with(['#', '＃'])
    };
    for (number, (line, at)) in lines.filter(|(line, _)| says_something(line)).enumerate() {
        let taken = match &split_fields(line)[..] {
            [first, second] if number == 0 && [first.as_str(), second.as_str()] == header => Ok(()),
            [first, second] => take(first, second, at),
            _ => Err(format!("is not of the form {}", header.join(","))),
        };
        if let Err(why) = taken {
            bad.push((at, why));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}

/// The fields of a line; a field that holds a comma stands in quotes.
fn split_fields(line: &str) -> Vec<String> {
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).trim(Trim::All);
    let mut records = reader.from_reader(line.as_bytes()).into_records();
    records.next().and_then(Result::ok).map(|record| record.iter().map(str::to_owned).collect()).unwrap_or_default()
}
