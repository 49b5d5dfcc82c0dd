//! `multirequest`: several calls in one request, all of them carried out, whatever becomes of the others.

use std::time::Instant;

use serde_json::Value;

use super::super::fault::Fault;
use super::super::request_log::Logged;
use super::params::Params;
use super::wire::{admit, call_name};
use super::world::Shared;

/// What a part takes over from the request as a whole.
const SHARED: &[&str] = &["ks", "clientTag", "partnerId", "format"];

/// Carries out the parts in turn, up to the first gap in their numbers, and returns all answers. Each part is logged
/// under its own name; of faults it knows only `Fault::Answer`.
pub fn multirequest(shared: &Shared, params: &Params, whole: &Logged) -> Value {
    let mut answers: Vec<Value> = Vec::new();
    let first = usize::from(params.object("0").is_none());
    while let Some(mut part) = params.object(&(first + answers.len()).to_string()) {
        part.rewrite(&|text| resolved(text, &answers));
        let call = call_name(&part);
        let body = part.json();
        let checked = shared.world().check_part(&call, &part);
        shared.log.push(Logged { call: call.clone(), body, ..whole.clone() });
        for name in SHARED {
            part.inherit(params, name);
        }
        answers.push(match shared.faults.take(&call) {
            Some(Fault::Answer { body, .. }) => serde_json::from_str(&body).unwrap_or(Value::String(body)),
            Some(fault) => {
                let why = format!("{fault:?} for a part of a multirequest");
                shared.world().refuse(&why).wire()
            }
            None => checked.map_or_else(|error| error.wire(), |()| carry_out(shared, &part, whole.arrived)),
        });
    }
    Value::Array(answers)
}

fn carry_out(shared: &Shared, part: &Params, arrived: Instant) -> Value {
    let mut world = shared.world();
    let done = admit(&mut world, part, arrived).and_then(|(call, session)| world.perform(call, part, &session));
    done.unwrap_or_else(|error| error.wire())
}

/// Replaces a reference by what that part answered, wherever in a text it stands: the first one of the text, to the last
/// brace of its line, each time that it occurs; by nothing where no such thing was answered. A reference to this part or a
/// later one stays, as the parts before are all that there is (the server's code).
fn resolved(text: &str, answers: &[Value]) -> String {
    let Some(reference) = first_reference(text) else {
        return text.to_owned();
    };
    let inside = &reference[1..reference.len() - 1];
    let (number, path) = inside.split_once(":result").expect("looked for above");
    let answer = number.parse::<usize>().ok().and_then(|number| answers.get(number.checked_sub(1)?));
    answer.map_or_else(|| text.to_owned(), |answer| text.replace(reference, &looked_up(path, answer)))
}

fn first_reference(text: &str) -> Option<&str> {
    text.match_indices('{').find_map(|(at, _)| {
        let from = &text[at..];
        let inside = from[1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let is_one = inside.len() < from.len() - 1 && inside.starts_with(":result");
        let line = from.lines().next().filter(|_| is_one)?;
        line.rfind('}').map(|end| &line[..=end])
    })
}

fn looked_up(path: &str, answer: &Value) -> String {
    let mut steps = path.strip_prefix(':').unwrap_or(path).split(':').filter(|step| !step.is_empty());
    let found = steps.try_fold(answer, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Object(members) => members.get(step),
        _ => None,
    });
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(true)) => "1".to_owned(),
        _ => String::new(),
    }
}
