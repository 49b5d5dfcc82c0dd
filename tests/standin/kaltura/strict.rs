//! The mistakes that the real server swallows and the stand-in does not let pass.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use super::schema::{COMMON, Field, fields, is_a, parameters, parsed};
use super::world::World;

/// Calls that were on their way when another was told that its session has ended are no mistake.
const ON_ITS_WAY: Duration = Duration::from_millis(50);

impl World {
    /// Looks at a request as a whole, before it is carried out.
    pub fn check_request(&mut self, call: &str, params: &Params) -> Result<(), ApiError> {
        let objection = incomplete(call, params).or_else(|| unknown_in_call(call, params));
        objection.map_or(Ok(()), |why| self.complain(&why))
    }

    /// Looks at a part of a multirequest, whose common parameters stand in the request itself.
    pub fn check_part(&mut self, call: &str, params: &Params) -> Result<(), ApiError> {
        unknown_in_call(call, params).map_or(Ok(()), |why| self.complain(&why))
    }

    /// Looks at the header of a request: the real server reads a JSON body only if its type is exactly this.
    pub fn check_content_type(&mut self, content_type: &str, bodiless: bool) -> Result<(), ApiError> {
        if content_type == "application/json" || (bodiless && content_type.is_empty()) {
            return Ok(());
        }
        self.complain(&format!("content type {content_type:?} is not application/json"))
    }

    /// Looks at the flags of a chunk.
    pub fn check_upload(&mut self, resume: bool, resume_at: i64) -> Result<(), ApiError> {
        if resume && resume_at < 0 {
            return self.complain("uploadToken.upload with resumeAt=-1: a re-sent chunk is stored twice");
        }
        Ok(())
    }

    /// Looks at a new upload token.
    pub fn check_upload_token(&mut self, token: &Params) -> Result<(), ApiError> {
        if token.flag("autoFinalize", false) {
            return self.complain("uploadToken.add with autoFinalize: counts re-sent chunks twice");
        }
        Ok(())
    }

    /// Looks at a URL that is to be fetched: what the importer needs to get through Zoom's redirects, and no token where
    /// every log shows it.
    pub fn check_url_resource(&mut self, resource: &Params) -> Result<(), ApiError> {
        let url = resource.text("url").unwrap_or_default();
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let headers = super::imports::headers(resource);
        let bad_header =
            headers.iter().find(|header| header.split_once(": ").is_none_or(|(_, value)| value.is_empty()));
        match bad_header {
            _ if rest.contains("//") => {
                self.complain("media.addContent with a URL that holds // after its scheme: it is mangled")
            }
            _ if url.contains("token=") => self.complain("media.addContent with a token in the URL"),
            _ if !resource.flag("shouldRedirect", false) => {
                self.complain("media.addContent with a URL, without shouldRedirect")
            }
            Some(_) => self.complain("media.addContent with a header that is none"),
            None => Ok(()),
        }
    }

    /// Looks for a search by referenceId that shows READY entries only.
    pub fn check_reference_search(&mut self, filter: &Params) -> Result<(), ApiError> {
        let by_reference = ["referenceIdEqual", "referenceIdIn"].iter().any(|name| filter.filled(name).is_some());
        if by_reference && filter.filled("statusIn").is_none() {
            return self.complain("a search by referenceId without statusIn: not every status is looked at");
        }
        Ok(())
    }

    /// Looks for a session that is used although the caller was told that it has ended, and did not log in again.
    pub fn check_ended_session(&mut self, told: Option<Instant>, arrived: Instant) -> Result<(), ApiError> {
        let Some(told) = told.filter(|told| arrived > *told + ON_ITS_WAY) else {
            return Ok(());
        };
        if self.last_login.is_some_and(|login| login > told) {
            return Ok(());
        }
        self.complain("a session that has ended is used again, with no new login in between")
    }

    /// Refuses in strict mode, lets pass otherwise.
    pub fn complain(&mut self, why: &str) -> Result<(), ApiError> {
        if self.settings.strict { Err(self.refuse(why)) } else { Ok(()) }
    }
}

/// What every request has to hold.
fn incomplete(call: &str, params: &Params) -> Option<String> {
    if params.filled("clientTag").is_none() {
        return Some(format!("{call} without clientTag"));
    }
    (params.text("format").as_deref() != Some("1")).then(|| format!("{call} without format=1: the answer is XML"))
}

/// The first parameter or field that would be ignored. A call that is not known is refused by others.
fn unknown_in_call(call: &str, params: &Params) -> Option<String> {
    let common = parsed(COMMON);
    if call == "multirequest" {
        // its parts are looked at one by one
        let known: Vec<_> = common.collect();
        let own = params.members().filter(|(name, _)| name.parse::<usize>().is_err());
        return own.into_iter().find_map(|(name, value)| misfit(call, name, value, &known));
    }
    let known: Vec<_> = common.chain(parameters(call)?).collect();
    params.members().find_map(|(name, value)| misfit(call, name, value, &known))
}

/// What is wrong with one parameter or field, or with something in it.
fn misfit(place: &str, name: &str, value: &Value, known: &[Field]) -> Option<String> {
    let place = format!("{place}: {name}");
    let Some(field) = known.iter().find(|field| field.name == name) else {
        return Some(format!("{place} is not known here"));
    };
    let object = Params::from_value(value);
    if let (Some(kind), true) = (field.kind, field.several) {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let objects = items.iter().map(|item| Params::from_value(item).unwrap_or_default());
        return match items {
            [] => Some(format!("{place} is no list of {kind}")),
            _ => objects.into_iter().find_map(|object| unknown_in_object(&place, kind, &object)),
        };
    }
    match (field.kind, object) {
        (None, None) if !value.is_array() && !value.is_null() => None,
        (None, _) => Some(format!("{place} is no plain value")),
        (Some(kind), Some(object)) => unknown_in_object(&place, kind, &object),
        (Some(kind), None) => Some(format!("{place} is no {kind}")),
    }
}

fn unknown_in_object(place: &str, declared: &str, object: &Params) -> Option<String> {
    let kind = object.text("objectType").unwrap_or_else(|| declared.to_owned());
    if !is_a(&kind, declared) {
        return Some(format!("{place} is a {kind}, not a {declared}"));
    }
    let is_filter = is_a(&kind, "KalturaFilter");
    let known = fields(&kind);
    let own = object.members().filter(|(name, _)| *name != "objectType");
    own.into_iter().find_map(|(name, value)| {
        let empty = is_filter && value.as_str().is_some_and(str::is_empty);
        misfit(place, name, value, known)
            .or_else(|| empty.then(|| format!("{place}: {name} is empty: everything would be listed")))
    })
}
