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

/// Replaces every `{N:result:path}` by what the N-th part answered; by nothing where it answered no such thing.
fn resolved(text: &str, answers: &[Value]) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('{') {
        done.push_str(before);
        match reference.split_once('}') {
            Some((inside, after)) if inside.contains(":result") => {
                done.push_str(&looked_up(inside, answers));
                rest = after;
            }
            _ => {
                done.push('{');
                rest = reference;
            }
        }
    }
    done + rest
}

fn looked_up(reference: &str, answers: &[Value]) -> String {
    let mut steps = reference.split(':');
    let number = steps.next().and_then(|number| number.parse::<usize>().ok());
    let answer = number.and_then(|number| answers.get(number.checked_sub(1)?));
    let found = steps.skip(1).fold(answer, |value, step| match value? {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Object(members) => members.get(step),
        _ => None,
    });
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
