//! The Kaltura stand-in itself, asked over plain HTTP: what it refuses, its moods, and what it takes for a field.

mod captions;
mod cue_points;
mod entitled;
mod frozen;
mod groups;
mod imports;
mod look_ups;
mod moods;
mod recycle;
mod references;
mod refusals;
mod roles;
mod tables;
mod texts;
mod token_names;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use standin::kaltura::{Builder, Kaltura};
use standin::setup::ADMIN_SECRET;

const LECTURE: &[u8] = include_bytes!("../fixtures/lecture.mp4");

/// A client that makes the mistakes it is told to make.
struct Caller {
    kaltura: Kaltura,
    ks: String,
    client: Client,
    runtime: Runtime,
}

impl Caller {
    /// A strict server with nothing in it, and a session on it.
    fn start() -> Caller {
        Caller::of(Kaltura::builder())
    }

    /// The same of another server.
    fn of(builder: Builder) -> Caller {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = Client::builder().no_proxy().build().expect("a client");
        let mut caller = Caller { kaltura: builder.start(), ks: String::new(), client, runtime };
        caller.ks = caller.log_in();
        caller
    }

    fn log_in(&self) -> String {
        self.log_in_as("zoom2kaltura", 2, "")
    }

    /// Starts a session of somebody else: of an administrator (2) or of a user (0).
    fn log_in_as(&self, user_id: &str, kind: i32, privileges: &str) -> String {
        let params = json!({
            "secret": ADMIN_SECRET, "partnerId": 102, "type": kind, "userId": user_id, "privileges": privileges,
        });
        let ks = self.answer(self.post("session.start", params)).expect("an answer");
        ks.as_str().expect("a session").to_owned()
    }

    /// Makes a call as the program would, with this session.
    fn call(&self, call: &str, mut params: Value) -> Value {
        params["ks"] = json!(self.ks);
        self.answer(self.post(call, params)).expect("an answer")
    }

    /// A call that still wants its session.
    fn post(&self, call: &str, mut params: Value) -> RequestBuilder {
        params["format"] = json!(1);
        params["clientTag"] = json!("test");
        self.client.post(self.address(call)).json(&params)
    }

    fn address(&self, call: &str) -> String {
        let url = self.kaltura.url();
        match call.split_once('.') {
            Some((service, action)) => format!("{url}/api_v3/service/{service}/action/{action}"),
            None => format!("{url}/api_v3/service/{call}"),
        }
    }

    /// What comes back; none if the connection breaks.
    fn answer(&self, request: RequestBuilder) -> Option<Value> {
        let text = self.runtime.block_on(async { request.send().await?.text().await });
        text.ok().map(|text| serde_json::from_str(&text).expect("JSON"))
    }

    /// Sends the lecture as one chunk with these flags.
    fn upload(&self, token: &str, flags: &[(&'static str, &'static str)]) -> Option<Value> {
        let part = Part::bytes(LECTURE).file_name("lecture.mp4");
        let form = Form::new().text("ks", self.ks.clone()).text("format", "1").text("clientTag", "test");
        let form = flags.iter().fold(form, |form, (name, value)| form.text(*name, *value));
        let form = form.text("uploadTokenId", token.to_owned()).part("fileData", part);
        self.answer(self.client.post(self.address("uploadToken.upload")).multipart(form))
    }

    fn add_token(&self) -> String {
        let token = json!({ "objectType": "KalturaUploadToken", "fileName": "lecture.mp4" });
        id(&self.call("uploadToken.add", json!({ "uploadToken": token })))
    }

    fn add_entry(&self) -> String {
        id(&self.call("media.add", json!({ "entry": entry() })))
    }

    /// What comes back for an entry with these fields besides.
    fn add_entry_with(&self, fields: Value) -> Value {
        self.call("media.add", json!({ "entry": with(entry(), fields) }))
    }

    /// Changes an entry; the answer.
    fn update(&self, entry: &str, fields: Value) -> Value {
        let fields = with(json!({ "objectType": "KalturaMediaEntry" }), fields);
        self.call("baseEntry.update", json!({ "entryId": entry, "baseEntry": fields }))
    }

    fn get(&self, entry: &str) -> Value {
        self.call("media.get", json!({ "entryId": entry }))
    }

    /// The ids that a list shows, in the order of the alphabet; the error's code if it fails.
    fn found(&self, call: &str, filter: &Value) -> Result<Vec<String>, String> {
        let answer = self.call(call, json!({ "filter": filter }));
        let objects = answer["objects"].as_array().ok_or_else(|| code(&answer).to_owned())?;
        let mut ids: Vec<_> = objects.iter().map(id).collect();
        ids.sort();
        Ok(ids)
    }

    /// An entry with its content.
    fn add_lecture(&self) -> String {
        let token = self.add_token();
        self.upload(&token, &[("resume", "0"), ("finalChunk", "1"), ("resumeAt", "0")]).expect("an answer");
        let entry = self.add_entry();
        let resource = json!({ "objectType": "KalturaUploadedFileTokenResource", "token": token });
        self.call("media.addContent", json!({ "entryId": entry, "resource": resource }));
        entry
    }

    /// How many entries of any status a list shows; the error's code if it fails.
    fn listed(&self) -> Result<u64, String> {
        let filter = json!({ "objectType": "KalturaMediaEntryFilter", "statusIn": "-1,0,1,2,7" });
        let answer = self.call("media.list", json!({ "filter": filter }));
        answer["totalCount"].as_u64().ok_or_else(|| code(&answer).to_owned())
    }

    fn status(&self, entry: &str) -> Value {
        self.call("media.get", json!({ "entryId": entry }))["status"].clone()
    }
}

/// An object with other fields besides.
fn with(mut object: Value, fields: Value) -> Value {
    let members = object.as_object_mut().expect("an object");
    let Value::Object(fields) = fields else { panic!("no object: {fields}") };
    members.extend(fields);
    object
}

/// A video without content.
fn entry() -> Value {
    json!({ "objectType": "KalturaMediaEntry", "mediaType": 1, "name": "Lecture" })
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap_or_else(|| panic!("no id: {answer}")).to_owned()
}

/// The code of an error; nothing if it is none.
fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}
