//! The workers that fetch what `media.addContent` was given a URL of.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response, StatusCode, Url, redirect};

use super::content::extension;
use super::entry::status;
use super::error::ApiError;
use super::params::Params;
use super::store::Stored;
use super::world::{Shared, World};

/// The User-Agent of a worker.
pub const IMPORTER: &str = "kaltura-import";
/// A first try and a second one (recorded traffic).
const TRIES: usize = 2;
const MOST_REDIRECTS: usize = 5;

/// What the workers do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Importers {
    #[default]
    Work,
    /// They reach nothing outside: every try fails.
    CutOff,
    /// None is free, for as long as this holds.
    Busy,
    /// `addContent` turns a URL down, and says with what it was asked.
    Refused,
}

/// A file that is to be fetched into the source of an entry.
#[derive(Clone)]
pub struct Import {
    entry_id: String,
    asset_id: String,
    url: String,
    headers: Vec<String>,
    should_redirect: bool,
}

impl Import {
    pub fn new(entry_id: &str, asset_id: &str, url: &str, resource: &Params) -> Import {
        Import {
            entry_id: entry_id.to_owned(),
            asset_id: asset_id.to_owned(),
            url: mangled(url),
            headers: headers(resource),
            should_redirect: resource.flag("shouldRedirect", false),
        }
    }
}

impl World {
    /// Turns a URL down if nothing is to be fetched at all.
    pub fn check_importers(&self, resource: &Params) -> Result<(), ApiError> {
        if self.importers != Importers::Refused {
            return Ok(());
        }
        let message = format!("Resource type \"{}\" not supported", resource.json());
        Err(ApiError::new("RESOURCE_TYPE_NOT_SUPPORTED", &message))
    }
}

/// `urlHeaders`, in JSON a list, in a form an object whose members are numbered.
pub fn headers(resource: &Params) -> Vec<String> {
    let list = resource.members().find(|(name, _)| *name == "urlHeaders").map(|(_, value)| value);
    let items: Vec<_> = match list {
        Some(serde_json::Value::Array(items)) => items.iter().collect(),
        Some(serde_json::Value::Object(items)) => items.values().collect(),
        _ => Vec::new(),
    };
    items.into_iter().filter_map(|item| item["value"].as_str().map(str::to_owned)).collect()
}

/// Every `//` after the scheme becomes `/`.
fn mangled(url: &str) -> String {
    let (scheme, mut rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest.to_owned()),
        None => (String::new(), url.to_owned()),
    };
    while rest.contains("//") {
        rest = rest.replace("//", "/");
    }
    scheme + &rest
}

/// Lets a worker take up each file that was asked for meanwhile.
pub fn import_all(shared: &Shared) {
    for import in std::mem::take(&mut shared.world().imports) {
        tokio::spawn(work(shared.clone(), import));
    }
}

async fn work(shared: Shared, import: Import) {
    let settings = shared.world().settings.clone();
    tokio::time::sleep(settings.import_after).await;
    for number in 1..=TRIES {
        let importers = free(&shared).await;
        if !shared.world().is_importing(&import) {
            return;
        }
        let fetched = if importers == Importers::CutOff { None } else { fetch(&import).await };
        if shared.world().is_over(&import, fetched, number == TRIES) {
            return;
        }
        tokio::time::sleep(settings.import_again_after).await;
    }
}

impl World {
    /// Deleting an entry ends its import.
    fn is_importing(&self, import: &Import) -> bool {
        self.entries.get(&import.entry_id).is_some_and(|entry| entry.status == status::IMPORT)
    }

    /// Takes in what a try fetched, if anything; whether no further one is due.
    fn is_over(&mut self, import: &Import, fetched: Option<(Stored, String)>, last: bool) -> bool {
        match fetched {
            _ if !self.is_importing(import) => true,
            Some((content, file_ext)) => {
                self.fill(&import.asset_id, content, &file_ext);
                true
            }
            None if last => {
                self.entries.get_mut(&import.entry_id).expect("looked at above").status = status::ERROR_IMPORTING;
                true
            }
            None => false,
        }
    }
}

/// Waits until a worker is free.
async fn free(shared: &Shared) -> Importers {
    loop {
        let importers = shared.world().importers;
        if importers != Importers::Busy {
            return importers;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The file and its extension. Redirects are resolved first, by HEAD, then the address they lead to is fetched; the headers
/// go with every request, also to another host. What is fetched is not looked at: a page is as good as a video.
async fn fetch(import: &Import) -> Option<(Stored, String)> {
    let client = Client::builder().user_agent(IMPORTER).redirect(redirect::Policy::none()).build().ok()?;
    let mut headers = HeaderMap::new();
    for line in &import.headers {
        let (name, value) = line.split_once(':')?;
        headers.insert(name.trim().parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?);
    }
    let mut url = Url::parse(&import.url).ok()?;
    for _ in 0..MOST_REDIRECTS {
        if !import.should_redirect {
            break;
        }
        let answer = send(&client, Method::HEAD, &url, &headers).await?;
        match answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection()) {
            Some(location) => url = url.join(location.to_str().ok()?).ok()?,
            None => break,
        }
    }
    let mut answer = send(&client, Method::GET, &url, &headers).await?;
    // of the size nothing is compared but what the answer itself announces
    if answer.status() != StatusCode::OK {
        return None;
    }
    let mut content = Stored::empty();
    while let Some(bytes) = answer.chunk().await.ok()? {
        content.push(&bytes);
    }
    Some((content, extension(url.path())))
}

async fn send(client: &Client, method: Method, url: &Url, headers: &HeaderMap) -> Option<Response> {
    client.request(method, url.clone()).headers(headers.clone()).send().await.ok()
}
