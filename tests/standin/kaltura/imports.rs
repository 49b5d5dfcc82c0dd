//! The workers that fetch what `media.addContent` was given a URL of.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RANGE};
use reqwest::{Client, Method, Response, StatusCode, Url, redirect};

use super::content::extension;
use super::entry::status;
use super::error::ApiError;
use super::params::Params;
use super::store::Stored;
use super::world::{Shared, World};

/// The User-Agent of a worker, which looks like a browser's.
pub const IMPORTER: &str = "Mozilla/5.0 (Windows NT 6.1; rv:26.0) Gecko/20100101 Firefox/26.0";
/// So often an address is tried that cannot be fetched, and one that breaks off in the middle (recorded traffic).
const TRIES: usize = 3;
const TRIES_OF_PARTS: usize = 4;
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
    url: String,
    headers: Vec<String>,
}

/// What a try came to.
enum Fetched {
    Whole(Stored, String),
    /// Fewer bytes than were announced.
    Part(Stored),
    Nothing,
    /// A page, or nothing at all, where the file should be: no further try.
    Useless,
}

impl Import {
    pub fn new(entry_id: &str, url: &str, resource: &Params) -> Import {
        Import { entry_id: entry_id.to_owned(), url: mangled(url), headers: headers(resource) }
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
    let (mut number, mut begun) = (0, None);
    loop {
        number += 1;
        let importers = free(&shared).await;
        if !shared.world().is_importing(&import) {
            return;
        }
        let fetched = match importers {
            Importers::CutOff => Fetched::Nothing,
            _ => fetch(&import, begun.take()).await,
        };
        let over = match fetched {
            Fetched::Whole(content, file_ext) => shared.world().take_import(&import, content, &file_ext),
            Fetched::Part(content) if number < TRIES_OF_PARTS => {
                begun = Some(content);
                false
            }
            Fetched::Nothing if number < TRIES => false,
            _ => shared.world().give_up(&import),
        };
        if over {
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

    /// Takes in what was fetched, if anybody still waits for it.
    fn take_import(&mut self, import: &Import, content: Stored, file_ext: &str) -> bool {
        if self.is_importing(import) {
            let asset_id = self.add_source(&import.entry_id);
            self.fill(&asset_id, content, file_ext);
        }
        true
    }

    fn give_up(&mut self, import: &Import) -> bool {
        if self.is_importing(import) {
            self.entries.get_mut(&import.entry_id).expect("looked at above").status = status::ERROR_IMPORTING;
        }
        true
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

/// Asks for the head without the headers, whatever comes of it, then for the file with them (recorded traffic). What was
/// fetched before, in part, is asked for from where it ends.
async fn fetch(import: &Import, begun: Option<Stored>) -> Fetched {
    tried(import, begun).await.unwrap_or(Fetched::Nothing)
}

async fn tried(import: &Import, begun: Option<Stored>) -> Option<Fetched> {
    let client = Client::builder().user_agent(IMPORTER).redirect(redirect::Policy::none()).build().ok()?;
    let mut headers = HeaderMap::new();
    for line in &import.headers {
        let (name, value) = line.split_once(':')?;
        headers.insert(name.trim().parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?);
    }
    let url = Url::parse(&import.url).ok()?;
    if begun.is_some() {
        let probe = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-0"))]);
        let _ = follow(&client, Method::GET, url.clone(), probe).await;
    }
    let _ = follow(&client, Method::HEAD, url.clone(), HeaderMap::new()).await;
    let from = begun.as_ref().map(Stored::length);
    if let Some(from) = from {
        headers.insert(RANGE, HeaderValue::from_str(&format!("bytes={from}-")).ok()?);
    }
    let mut answer = follow(&client, Method::GET, url.clone(), headers).await?;
    let wanted = if from.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    if answer.status() != wanted {
        // a source that ignores the range ends it
        return Some(if answer.status() == StatusCode::OK { Fetched::Useless } else { Fetched::Nothing });
    }
    let is_page = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let mut content = begun.unwrap_or_else(Stored::empty);
    loop {
        match answer.chunk().await {
            Ok(Some(bytes)) => content.push(&bytes),
            Ok(None) => break,
            Err(_) => return Some(Fetched::Part(content)),
        }
    }
    let useless = is_page || content.length() == 0;
    Some(if useless { Fetched::Useless } else { Fetched::Whole(content, extension(url.path())) })
}

/// Follows redirects as curl does: the headers go with them, `Authorization` to the same host and port only.
async fn follow(client: &Client, method: Method, mut url: Url, mut headers: HeaderMap) -> Option<Response> {
    for _ in 0..=MOST_REDIRECTS {
        let answer = client.request(method.clone(), url.clone()).headers(headers.clone()).send().await.ok()?;
        let Some(location) = answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection()) else {
            return Some(answer);
        };
        let next = url.join(location.to_str().ok()?).ok()?;
        if (next.host_str(), next.port_or_known_default()) != (url.host_str(), url.port_or_known_default()) {
            headers.remove(AUTHORIZATION);
        }
        url = next;
    }
    None
}
