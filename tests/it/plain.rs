//! Plain HTTP to a stand-in, without the program in between.

use std::time::Duration;

use reqwest::header::HeaderMap;
use standin::zoom::Zoom;

/// An answer as it came, or what went wrong on the way.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Vec<u8>, String>,
}

impl Got {
    pub(crate) fn json(&self) -> serde_json::Value {
        let body = self.body.as_ref().expect("a whole body");
        serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// GET with a token; no redirect is followed. `Err` where not even a head came.
pub(crate) fn get(url: &str, token: &str) -> Result<Got, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .user_agent("tests")
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let answer = client.get(url).bearer_auth(token).send().await.map_err(|error| error.to_string())?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.map(|bytes| bytes.to_vec()).map_err(|error| error.to_string());
        Ok(Got { status, headers, body })
    })
}

/// An access token for the whole API.
pub(crate) fn token(zoom: &Zoom) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answer: serde_json::Value = runtime.block_on(async {
        let request = reqwest::Client::builder()
            .user_agent("tests")
            .build()
            .expect("a client")
            .post(zoom.oauth_url())
            .basic_auth(zoom.client_id(), Some(zoom.client_secret()))
            .form(&[("grant_type", "account_credentials"), ("account_id", zoom.account_id())]);
        request.send().await.expect("an answer").json().await.expect("a token")
    });
    answer["access_token"].as_str().expect("a token").to_owned()
}
