//! The file that says which category a value of the tracking field stands for.

use std::collections::HashMap;
use std::path::Path;

use super::rules::{CategoryRules, LONGEST_NAME, full_name, is_too_long};
use crate::people::{BadLine, ListFault, read_list_text, read_rows, show_hidden};

const KEY: &str = "copy.category_file";
/// What the file may begin with, as spreadsheets write it.
const HEADER: [&str; 2] = ["value", "category"];

/// The rules with what their file says, where they name one.
pub fn read_category_rules(mut rules: CategoryRules) -> Result<CategoryRules, ListFault> {
    if let Some(field) = &mut rules.field
        && let Some(file) = &field.file
    {
        field.by_value = category_file(file)?;
    }
    Ok(rules)
}

/// Every line of the file, by the value in lower case. `value,category` a line, `#` begins a comment line.
fn category_file(file: &Path) -> Result<HashMap<String, String>, ListFault> {
    let text = read_list_text(KEY, file)?;
    read_category_lines(&text).map_err(|bad| ListFault::lines(KEY, file, bad))
}

/// Line by line, so that what is wrong can be pointed at.
fn read_category_lines(text: &str) -> Result<HashMap<String, String>, Vec<BadLine>> {
    let mut categories = HashMap::new();
    read_rows(text, HEADER, |value, category, _| {
        let category = full_name(category).ok_or_else(|| format!("names no category: {}", show_hidden(category)))?;
        if is_too_long(&category) {
            return Err(format!("names a category of more than {LONGEST_NAME} characters, which Kaltura cannot have"));
        }
        if value.is_empty() {
            return Err("names no value".to_owned());
        }
        match categories.insert(value.to_lowercase(), category.clone()) {
            Some(before) if before != category => Err("contradicts a line above it".to_owned()),
            _ => Ok(()),
        }
    })?;
    Ok(categories)
}

#[cfg(test)]
mod tests {
    use super::read_category_lines;

    #[test]
    fn a_value_is_found_in_any_case_and_a_category_has_no_blanks_between_its_parts() {
        let text =
            "\u{FEFF}value,category\r\n# physics\r\nPHYS 101,Courses > Physics\r\n\"HIST 7, evening\",History\r\n";
        let categories = read_category_lines(text).expect("categories");
        assert_eq!(categories["phys 101"], "Courses>Physics");
        assert_eq!(categories["hist 7, evening"], "History");
        assert_eq!(categories.len(), 2);
    }

    #[test]
    fn every_bad_line_is_named_with_what_is_wrong() {
        let text = format!("a\na,\n,B\na,B\nA,C\na,B>\nb,A>{}\n", "ü".repeat(201));
        let bad = read_category_lines(&text).expect_err("bad lines");
        let said: Vec<String> = bad.iter().map(|(line, why)| format!("{line} {why}")).collect();
        let expected = [
            "1 is not of the form value,category",
            "2 names no category: \"\"",
            "3 names no value",
            "5 contradicts a line above it",
            "6 names no category: \"B>\"",
            "7 names a category of more than 200 characters, which Kaltura cannot have",
        ];
        assert_eq!(said, expected);
    }
}
