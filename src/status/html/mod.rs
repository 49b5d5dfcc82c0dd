//! How things stand as a page of its own: no script, no request, no foreign text that is not escaped.

mod chart;
mod document;
mod tables;

pub use document::render_page;
