//! Reading transcripts, closed captions and side files, which are small enough to be held whole. Their content decides what they
//! are: a proxy may give them another type, and Zoom's file list another form.

use reqwest::Response;
use serde_json::Value;

use super::client::Zoom;
use super::media::{CALL, Extent, Source, SourceError, page_type, served_as_page};
use crate::model::Reason;
use crate::remotes::http::{Flow, FlowLimit, RemoteError};

/// Far beyond a day of speech.
const LIMIT: usize = 16 * 1024 * 1024;
/// In bytes: errors and JSON without content are shorter.
const LONGEST_TREE: usize = 64 * 1024;
/// What every `WebVTT` file begins with, alone on its line or before a blank or a tab (W3C).
const SIGNATURE: &str = "WEBVTT";
/// What stands between the times of every cue (W3C).
const ARROW: &str = "-->";

/// What was found in a file of captions or in a side file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// What it says it is.
    Whole(String),
    /// Something else, or nothing, for this reason.
    LeftOut(Reason),
}

/// Which sizes of a text are right.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// Zoom's `file_size`, where its list tells one.
    pub listed: Option<u64>,
    /// Another one that an earlier download had.
    pub seen: Option<u64>,
}

impl Zoom {
    /// The captions in a file.
    pub async fn parse_captions(&self, source: Source<'_>, sizes: Sizes) -> Result<Text, SourceError> {
        Ok(decode_captions(self.text(source, sizes).await?))
    }

    /// What a side file holds.
    pub async fn parse_side_file(&self, source: Source<'_>, sizes: Sizes) -> Result<Text, SourceError> {
        Ok(decode_side_file(self.text(source, sizes).await?))
    }

    /// The bytes of a text. Where they are not as many as listed, two downloads must agree.
    async fn text(&self, source: Source<'_>, sizes: Sizes) -> Result<Vec<u8>, SourceError> {
        let limit = self.clients.flow_limit();
        let body = self.served(source, Extent::default(), |response| read_text_body(response, limit)).await?;
        let received = body.len() as u64;
        match sizes.listed.filter(|listed| *listed != received && sizes.seen != Some(received)) {
            Some(listed) => Err(SourceError::OtherSize { announced: received, expected: listed }),
            None => Ok(body),
        }
    }
}

/// The whole body; inside, the page or the error that came in its place. A body that breaks is an error that may pass.
async fn read_text_body(response: Response, limit: FlowLimit) -> Result<Result<Vec<u8>, SourceError>, RemoteError> {
    let kind = page_type(&response);
    let (mut flow, mut body) = (Flow::new(response, CALL, limit), Vec::new());
    while let Some(part) = flow.next().await {
        body.extend_from_slice(&part?);
        if body.len() > LIMIT {
            let message = format!("the text is longer than {LIMIT} bytes");
            return Ok(Err(SourceError::NotTheRecording(message)));
        }
    }
    Ok(match page_in_place(kind, &body) {
        Some(kind) => Err(served_as_page(kind)),
        None => Ok(body),
    })
}

/// As what a page for people, or an error, came in place of a text.
fn page_in_place(kind: Option<&'static str>, body: &[u8]) -> Option<&'static str> {
    const HTML: &str = "text/html";
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let begins_with = |what: &str| text.get(..what.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(what));
    if begins_with("<!doctype html") || begins_with("<html") {
        return Some(HTML);
    }
    if parse_short_json(text).is_some_and(|value| is_error(&value)) {
        return Some("application/json");
    }
    kind.filter(|kind| *kind == HTML && !is_webvtt(text))
}

/// What JSON holds that is short enough: a tree takes up to a hundred times the bytes of its text.
fn parse_short_json(text: &str) -> Option<Value> {
    if text.len() > LONGEST_TREE {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// `{"status": false, "errorCode": 124, …}` of a download, `{"code": 124, "message": …}` of the API
/// (facts-zoom.md#z35).
fn is_error(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some_and(|field| !field.is_null());
    has("errorCode") || value.get("status") == Some(&Value::Bool(false)) || (has("code") && has("message"))
}

fn decode_captions(body: Vec<u8>) -> Text {
    match decode_utf8(body) {
        Some(text) if text.trim().is_empty() => Text::LeftOut(Reason::Empty),
        // nobody spoke
        Some(text) if is_webvtt(&text) && !text.contains(ARROW) => Text::LeftOut(Reason::Empty),
        Some(text) if is_webvtt(&text) => Text::Whole(text),
        _ => Text::LeftOut(Reason::NotACaption),
    }
}

/// Any text: what people read, CSV or JSON, in whatever form Zoom gives it.
fn decode_side_file(body: Vec<u8>) -> Text {
    match decode_utf8(body) {
        Some(text) if text.trim().is_empty() => Text::LeftOut(Reason::Empty),
        Some(text) if parse_short_json(&text).is_some_and(|value| is_without_content(&value)) => {
            Text::LeftOut(Reason::Empty)
        }
        Some(text) if !text.contains('\0') => Text::Whole(text),
        _ => Text::LeftOut(Reason::NotAText),
    }
}

/// `{"timeline": []}` holds as little as no byte.
fn is_without_content(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_without_content),
        Value::Object(fields) => fields.values().all(is_without_content),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn decode_utf8(body: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(body).ok()?;
    Some(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

fn is_webvtt(text: &str) -> bool {
    let after = text.strip_prefix(SIGNATURE).map(|rest| rest.chars().next());
    matches!(after, Some(None | Some(' ' | '\t' | '\n' | '\r')))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_TREE, Text, decode_captions, decode_side_file, page_in_place};

    const CUE: &str = "\n\n00:00.000 --> 00:02.000\nx\n";

    fn word(text: &Text) -> &'static str {
        match text {
            Text::Whole(_) => "whole",
            Text::LeftOut(reason) => reason.word(),
        }
    }

    /// As that would take far more memory.
    #[test]
    fn long_json_makes_no_tree() {
        let long = format!("[{}[]]", "[],".repeat(LONGEST_TREE));
        assert_eq!(word(&decode_side_file(long.into_bytes())), "whole");
        let long = format!("{{\"errorCode\": 124, \"x\": \"{}\"}}", "x".repeat(LONGEST_TREE));
        assert_eq!(page_in_place(None, long.as_bytes()), None);
    }

    #[test]
    fn captions_have_head_and_cue() {
        let cases: [(&[u8], &str); 14] = [
            (b"WEBVTT\n\n00:00.000 --> 00:02.000\nx\n", "whole"),
            ("\u{FEFF}WEBVTT\n\n00:00.000 --> 00:02.000\nx\n".as_bytes(), "whole"),
            (b"WEBVTT\r\n\r\n00:00.000 --> 00:02.000\r\nx\r\n", "whole"),
            (b"WEBVTT - Lecture\n\n00:00.000 --> 00:02.000\nx\n", "whole"),
            (b"WEBVTT\tLecture\n\n00:00.000 --> 00:02.000\nx\n", "whole"),
            (b"WEBVTTX\n\n00:00.000 --> 00:02.000\nx\n", "not_a_caption"),
            (b"webvtt\n\n00:00.000 --> 00:02.000\nx\n", "not_a_caption"),
            (b"\nWEBVTT\n\n00:00.000 --> 00:02.000\nx\n", "not_a_caption"),
            (b"1\n00:00:00,000 --> 00:00:02,000\nx\n", "not_a_caption"),
            (b"{\"x\":1}", "not_a_caption"),
            (b"Here is a caption 1\n", "not_a_caption"),
            (b"\xFF\xFEW\0E\0B\0", "not_a_caption"),
            (b" \r\n", "empty"),
            (b"WEBVTT\n\n", "empty"),
        ];
        for (body, expected) in cases {
            assert_eq!(word(&decode_captions(body.to_vec())), expected, "{:?}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn side_files_are_texts_of_any_form() {
        let cases: [(&[u8], &str); 16] = [
            (b"09:00:00 From Ada to Everyone: {\"x\":1}", "whole"),
            (b"12", "whole"),
            (b"[{\"from\":\"Ada\"}]", "whole"),
            (b"{\"timeline\":[{\"ts\":\"00:00:01.000\"}]}", "whole"),
            (b"\xEF\xBB\xBF{\"overview\":\"Optics\"}", "whole"),
            (b"#,User,Answer\r\n1,Ada,yes\r\n", "whole"),
            (b"\xFF\xD8\xFF", "not_a_text"),
            (b"%PDF-1.7\0\0", "not_a_text"),
            (b"", "empty"),
            (b"\xEF\xBB\xBF\n", "empty"),
            (b"{}", "empty"),
            (b"[]", "empty"),
            (b"null", "empty"),
            (b"{\"timeline\":[]}", "empty"),
            (b"{\"overview\":\" \",\"items\":[{\"label\":\"\"}]}", "empty"),
            (b"{\"polls\":0}", "whole"),
        ];
        for (body, expected) in cases {
            assert_eq!(word(&decode_side_file(body.to_vec())), expected, "{:?}", String::from_utf8_lossy(body));
        }
    }

    /// Whatever type they claim, they are recognised.
    #[test]
    fn zoom_pages_and_errors_are_recognised() {
        let (html, json) = (Some("text/html"), Some("application/json"));
        let vtt = format!("WEBVTT{CUE}");
        let cases = [
            (None, "<!DOCTYPE html><html>", html),
            (None, "\n <HTML lang=\"en\">", html),
            (html, "Please sign in", html),
            (html, "", html),
            (html, vtt.as_str(), None),
            (json, vtt.as_str(), None),
            (json, r#"{"x":1}"#, None),
            (json, "", None),
            (None, r#"{"status":false,"errorCode":124,"errorMessage":"Forbidden"}"#, json),
            (None, r#"{"status":false}"#, json),
            (json, r#"{"code":124,"message":"Invalid access token."}"#, json),
            (None, "<v Ada>hello", None),
        ];
        for (kind, body, expected) in cases {
            assert_eq!(page_in_place(kind, body.as_bytes()), expected, "{kind:?} {body:?}");
        }
    }
}
