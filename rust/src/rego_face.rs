//! Exported functions of the policy engine.

use std::time::Duration;

use regorus::Value;

use crate::face::{self, Error, Failure, Note, Slice, Status};
use crate::references::References;
use crate::references_face::NamedJson;
use crate::rego::{self, Options, Outcome, Policy, Request, RuleOption, State, parse_json};

const FLAG_REFERENCE_VALUES: u32 = 1;
const FLAG_LENIENT: u32 = 2;
const ALL_RULES: u32 = u32::MAX;
const UNKNOWN_IS_NULL: u32 = 0;
const UNKNOWN_IS_NEEDED: u32 = 1;

/// Mirrors `trustee_rego_rule`.
#[repr(C)]
pub struct RuleWanted {
    path: Slice,
    required: u32,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_compile(
    text: Slice,
    rules: *const RuleWanted,
    rule_count: usize,
    data_keys: *const Slice,
    data_key_count: usize,
    flags: u32,
    out: *mut *mut Policy,
    error: *mut Error,
) -> Status {
    let body = || {
        // SAFETY: the header asks the caller for what `out`, `text` and `array` ask.
        let (out, text, rules, keys) = unsafe {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            (
                out,
                text.text()?,
                face::array(rules, rule_count)?,
                face::array(data_keys, data_key_count)?,
            )
        };
        if flags & !(FLAG_REFERENCE_VALUES | FLAG_LENIENT) != 0 {
            return Err(Failure::argument("unknown flag"));
        }
        let rules = rules
            .iter()
            // SAFETY: as above.
            .map(|r| Ok(RuleOption { path: unsafe { r.path.text() }?, required: r.required != 0 }))
            .collect::<face::Result<Vec<_>>>()?;
        // SAFETY: as above.
        let keys = keys.iter().map(|k| unsafe { k.text() }).collect::<face::Result<Vec<_>>>()?;
        let (policy, objection) = rego::compile(
            text,
            &Options {
                rules: &rules,
                data_keys: &keys,
                reference_values: flags & FLAG_REFERENCE_VALUES != 0,
                lenient: flags & FLAG_LENIENT != 0,
            },
        )?;
        *out = Box::into_raw(Box::new(policy));
        Ok(objection.map_or(Note::Nothing, Note::Warning))
    };
    // SAFETY: the header asks for null or a writable error.
    unsafe { face::guard_into(error, body) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_policy_free(policy: *mut Policy) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(policy) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_policy_has_rule(policy: *const Policy, index: usize) -> i32 {
    // SAFETY: the header asks for a live handle; null is answered with 0.
    i32::from(unsafe { policy.as_ref() }.is_some_and(|p| p.has_rule(index)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_policy_reference_count(policy: *const Policy) -> usize {
    // SAFETY: the header asks for a live handle; null is answered with 0.
    unsafe { policy.as_ref() }.map_or(0, |p| p.references().len())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_policy_reference_name(
    policy: *const Policy,
    index: usize,
) -> Slice {
    // SAFETY: the header asks for a live handle; null is answered with an empty slice.
    unsafe { policy.as_ref() }
        .and_then(|p| p.references().get(index))
        .map_or(Slice::EMPTY, |name| Slice::of(name.as_bytes()))
}

/// Mirrors `trustee_rego_input`: cloning the value shares it.
pub struct Input(Value);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_input_new(
    json: Slice,
    out: *mut *mut Input,
    error: *mut Error,
) -> Status {
    let body = || {
        // SAFETY: the header asks the caller for what `out` and `text` ask.
        let (out, json) = unsafe {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            (out, json.text()?)
        };
        *out = Box::into_raw(Box::new(Input(parse_json(json, "input")?)));
        Ok(Note::Nothing)
    };
    // SAFETY: the header asks for null or a writable error.
    unsafe { face::guard_into(error, body) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_input_free(input: *mut Input) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(input) }
}

/// Mirrors `trustee_rego_request`.
#[repr(C)]
pub struct RequestWanted {
    input: Slice,
    prepared_input: *const Input,
    data: Slice,
    refs: *const References,
    overlay: *const NamedJson,
    overlay_count: usize,
    rule: u32,
    unknown_references: u32,
    time_limit_ms: u32,
}

impl RequestWanted {
    /// # Safety
    /// Slices, arrays and handles must be as `face` asks.
    unsafe fn read(&self, policy: &Policy) -> face::Result<Request> {
        // SAFETY: the caller's promise.
        let (input, data, overlay) = unsafe {
            (self.input.text()?, self.data.text()?, face::array(self.overlay, self.overlay_count)?)
        };
        let rule = match self.rule {
            ALL_RULES => None,
            index if (index as usize) < policy.rule_count() => Some(index as usize),
            _ => return Err(Failure::argument("no such rule")),
        };
        let unknown_is_needed = match self.unknown_references {
            UNKNOWN_IS_NULL => false,
            UNKNOWN_IS_NEEDED => true,
            _ => return Err(Failure::argument("unknown_references is neither 0 nor 1")),
        };
        if self.time_limit_ms == 0 {
            return Err(Failure::argument("a time limit of 0 ms"));
        }
        let overlay = overlay
            .iter()
            // SAFETY: the caller's promise.
            .map(|item| unsafe { item.read() }.map(|(name, value)| (name.to_owned(), value)))
            .collect::<face::Result<Vec<_>>>()?;
        // SAFETY: the caller's promise; null stands for none.
        let input = match unsafe { self.prepared_input.as_ref() } {
            Some(prepared) => prepared.0.clone(),
            None if input.is_empty() => Value::Undefined,
            None => parse_json(input, "input")?,
        };
        Ok(Request {
            input,
            data: if data.is_empty() { Value::new_object() } else { parse_json(data, "data")? },
            // SAFETY: the caller's promise; null stands for none.
            references: unsafe { self.refs.as_ref() }.cloned().unwrap_or_default(),
            overlay,
            rule,
            unknown_is_needed,
            time_limit: Duration::from_millis(self.time_limit_ms.into()),
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_evaluate(
    policy: *const Policy,
    request: *const RequestWanted,
    out: *mut *mut Outcome,
    error: *mut Error,
) -> Status {
    let body = || {
        // SAFETY: the header asks the caller for what `out`, `handle` and `read` ask.
        let (out, policy, request) = unsafe {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            let policy = face::handle(policy)?;
            (out, policy, face::handle(request)?.read(policy)?)
        };
        let outcome = policy.evaluate(request)?;
        let needs = outcome.needs;
        *out = Box::into_raw(Box::new(outcome));
        Ok(if needs { Note::Status(Status::RegoNeeds) } else { Note::Nothing })
    };
    // SAFETY: the header asks for null or a writable error.
    unsafe { face::guard_into(error, body) }
}

/// Mirrors `trustee_rego_state`.
#[derive(Debug, PartialEq, Eq)]
#[repr(C)]
pub enum RuleState {
    NotEvaluated = 0,
    Missing = 1,
    Undefined = 2,
    Value = 3,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_result_rule(
    result: *const Outcome,
    index: usize,
    json: *mut Slice,
) -> RuleState {
    // SAFETY: the header asks for a live handle; null is answered as not evaluated.
    let state = unsafe { result.as_ref() }.and_then(|r| r.states.get(index));
    let (state, text) = match state {
        None | Some(State::NotEvaluated) => (RuleState::NotEvaluated, Slice::EMPTY),
        Some(State::Missing) => (RuleState::Missing, Slice::EMPTY),
        Some(State::Undefined) => (RuleState::Undefined, Slice::EMPTY),
        Some(State::Value(text)) => (RuleState::Value, Slice::of(text.as_bytes())),
    };
    // SAFETY: the header asks for null or a writable slice.
    if let Some(json) = unsafe { json.as_mut() } {
        *json = text;
    }
    state
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_result_query_count(result: *const Outcome) -> usize {
    // SAFETY: the header asks for a live handle; null is answered with 0.
    unsafe { result.as_ref() }.map_or(0, |r| r.queries.len())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_result_query(
    result: *const Outcome,
    index: usize,
    found: *mut i32,
) -> Slice {
    // SAFETY: the header asks for a live handle; null is answered with an empty slice.
    let query = unsafe { result.as_ref() }.and_then(|r| r.queries.get(index));
    // SAFETY: the header asks for null or a writable int.
    if let Some(found) = unsafe { found.as_mut() } {
        *found = i32::from(query.is_some_and(|q| q.found));
    }
    query.map_or(Slice::EMPTY, |q| Slice::of(q.name.as_bytes()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_rego_result_free(result: *mut Outcome) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(result) }
}
