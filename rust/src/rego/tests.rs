use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use regorus::Value;
use regorus::unstable::BUILTINS;

use super::{Options, Outcome, Policy, Query, Request, RuleOption, State, compile};
use crate::face::{Failure, Status};
use crate::references::{Prepared, References};

mod compiling;
mod cycles;
mod data;
mod limits;
mod nesting;
mod reference_values;
mod results;
mod variants;

const CPU_POLICY: &str = include_str!("../../testdata/cpu_policy.rego");
const SNP_CLAIMS: &str = include_str!("../../testdata/snp_claims.json");
const SNP_REFERENCES: &str = include_str!("../../testdata/snp_refs.json");

const APPRAISAL: [RuleOption; 2] = [
    RuleOption { path: "data.policy.trust_claims", required: true },
    RuleOption { path: "data.policy.extensions", required: false },
];
const ALLOW: [RuleOption; 1] = [RuleOption { path: "data.policy.allow", required: true }];
const DATA_KEYS: [&str; 3] = ["plugin", "query", "resource-path"];

const AFFIRMING: &str = r#"{"configuration":2,"executables":3,"file-system":0,"hardware":2,"instance-identity":0,"runtime-opaque":0,"sourced-data":0,"storage-opaque":0}"#;
const CONTRAINDICATED: &str = r#"{"configuration":3,"executables":33,"file-system":0,"hardware":97,"instance-identity":0,"runtime-opaque":0,"sourced-data":0,"storage-opaque":0}"#;
const IDENTIFIERS: &str =
    r#"[{"key":-18,"name":"ear.trustee.identifiers","value":{"validated":{}}}]"#;

fn value(json: &str) -> Value {
    Value::from_json_str(json).unwrap()
}

fn references(json: &str) -> References {
    let mut refs = References::new();
    for (name, value) in value(json).as_object().unwrap().iter() {
        refs.insert(name.as_string().unwrap(), Prepared::new(value.clone()));
    }
    refs
}

fn request(input: &str) -> Request {
    Request {
        input: value(input),
        data: Value::new_object(),
        references: References::new(),
        overlay: Vec::new(),
        rule: None,
        unknown_is_needed: false,
        time_limit: Duration::from_secs(20),
    }
}

fn strict<'a>(rules: &'a [RuleOption<'a>]) -> Options<'a> {
    Options { rules, data_keys: &[], reference_values: true, lenient: false }
}

/// A policy with the rule `allow`, in package `policy`.
fn policy(body: &str) -> Policy {
    compile(&format!("package policy\n{body}"), &strict(&ALLOW)).unwrap().0
}

fn refused(text: &str) -> Failure {
    compile(text, &strict(&ALLOW)).err().unwrap()
}

fn allow(policy: &Policy, request: Request) -> State {
    policy.evaluate(request).unwrap().states.remove(0)
}

/// What `allow := <expression>` gives with input {}.
fn eval(expression: &str) -> Result<State, Failure> {
    let text = format!("package policy\nallow := {expression}");
    let (policy, _) = compile(&text, &strict(&ALLOW))?;
    Ok(policy.evaluate(request("{}"))?.states.remove(0))
}

fn is(json: &str) -> State {
    State::Value(json.to_owned())
}

fn query(name: &str, found: bool) -> Query {
    Query { name: name.into(), found }
}

fn snp(policy: &Policy, references: References) -> Outcome {
    policy.evaluate(Request { references, ..request(SNP_CLAIMS) }).unwrap()
}
