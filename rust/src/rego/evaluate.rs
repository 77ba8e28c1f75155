//! One evaluation: a clone of a prepared engine with its own input, limit and reference values.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Extension, LimitError, Value};

use super::compile::located;
use super::reading::value_of;
use super::{ENTRY_PACKAGE, Engines, MEMBERS_FUNCTION, Policy, REFERENCE_FUNCTION};
use crate::face::{Failure, Result, Status};
use crate::references::{Prepared, References};

/// Expressions between two looks at the clock.
const TICKS: NonZeroU32 = NonZeroU32::MIN.saturating_add(7);
/// How the engine words that the time is over.
const TIME_LIMIT_TEXT: &str = "execution exceeded time limit (elapsed=";

pub struct Request {
    /// `Undefined` when there is none.
    pub input: Value,
    /// An object.
    pub data: Value,
    pub references: References,
    pub overlay: Vec<(String, Prepared)>,
    /// One rule, or all.
    pub rule: Option<usize>,
    /// Names not at hand are needed, and not null.
    pub unknown_is_needed: bool,
    pub time_limit: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    NotEvaluated,
    Missing,
    Undefined,
    /// Compact JSON.
    Value(String),
}

/// A reference value asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub name: Arc<str>,
    pub found: bool,
}

#[derive(Debug)]
pub struct Outcome {
    /// One for each rule compiled.
    pub states: Vec<State>,
    /// Each name once, in the order first asked.
    pub queries: Vec<Query>,
    /// Some names must be fetched first; then there are no states.
    pub needs: bool,
}

/// Answers `query_reference_value`, and keeps what was asked.
struct Source {
    references: References,
    overlay: Vec<(String, Prepared)>,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    queries: Vec<Query>,
    names: HashSet<Arc<str>>,
}

impl Policy {
    pub fn evaluate(&self, request: Request) -> Result<Outcome> {
        let start = Instant::now();
        let source = Arc::new(Source {
            references: request.references,
            overlay: request.overlay,
            asked: Mutex::default(),
        });
        let variant = self.variants.for_input(&request.input, &request.data, &self.rules);
        let engines = variant.as_deref().unwrap_or(&self.engines);
        let (mut engine, keyed) = engines.engine_for(request.input, request.data)?;
        if self.reference_values {
            for function in [REFERENCE_FUNCTION, MEMBERS_FUNCTION] {
                engine
                    .add_extension(function.to_owned(), 1, extension(&source, function))
                    .map_err(|e| located(Status::RegoEvaluation, &e))?;
            }
        }
        let mut states = vec![State::NotEvaluated; self.rules.len()];
        let mut failure = None;
        for (index, state) in states.iter_mut().enumerate() {
            if request.rule.is_some_and(|wanted| wanted != index) {
                continue;
            }
            match self.evaluate_rule(&mut engine, index, keyed, start, request.time_limit) {
                Ok(found) => *state = found,
                Err(e) => {
                    failure = Some(e);
                    break;
                }
            }
        }
        let queries = std::mem::take(&mut source.lock().queries);
        let needs = request.unknown_is_needed && queries.iter().any(|q| !q.found);
        match failure {
            // What is needed stood in as null, so the failure may be its fault. Not the time limit:
            // fetching and trying again must not go on for ever.
            Some(f) if !needs || f.status == Status::RegoTimeLimit => Err(f),
            _ if needs => {
                Ok(Outcome { states: vec![State::NotEvaluated; self.rules.len()], queries, needs })
            }
            _ => Ok(Outcome { states, queries, needs }),
        }
    }

    fn evaluate_rule(
        &self,
        engine: &mut Engine,
        index: usize,
        keyed: bool,
        start: Instant,
        limit: Duration,
    ) -> Result<State> {
        let Some(rule) = self.rules.get(index) else { return Ok(State::NotEvaluated) };
        if !rule.defined {
            return Ok(State::Missing);
        }
        let left = limit.saturating_sub(start.elapsed());
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: left,
            check_interval: TICKS,
        });
        let path = if keyed { format!("data.{ENTRY_PACKAGE}.r{index}") } else { rule.path.clone() };
        match engine.eval_rule(path) {
            Ok(Value::Undefined) => Ok(State::Undefined),
            Ok(value) => json(&value).map(State::Value),
            Err(e) if is_time_limit(&e) => {
                let text = format!("stopped after {} ms: {}", limit.as_millis(), rule.path);
                Err(Failure::new(Status::RegoTimeLimit, text))
            }
            Err(e) => Err(located(Status::RegoEvaluation, &e)),
        }
    }
}

/// Other limits have errors of the same type, and inside a function the engine keeps an error's text
/// only. Texts that a policy has a part in begin with their place.
fn is_time_limit(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(LimitError::TimeLimitExceeded { .. }))
        || error.to_string().starts_with(TIME_LIMIT_TEXT)
}

impl Engines {
    /// A fresh engine, and whether it is the one that takes `data` inside `input`.
    fn engine_for(&self, input: Value, data: Value) -> Result<(Engine, bool)> {
        let members = data
            .as_object()
            .map_err(|_| Failure::new(Status::JsonInvalid, "`data` is not an object"))?;
        if members.is_empty() {
            let mut engine = self.plain.clone();
            engine.set_input(input);
            return Ok((engine, false));
        }
        if let Some((keys, engine)) = &self.keyed
            && input != Value::Undefined
            && members.len() == keys.len()
            && keys.iter().all(|k| !matches!(data[k.as_str()], Value::Undefined))
        {
            let mut engine = engine.clone();
            let both = [("data", data), ("input", input)].map(|(k, v)| (Value::from(k), v));
            engine.set_input(Value::from(std::collections::BTreeMap::from(both)));
            return Ok((engine, true));
        }
        let mut engine = self.plain.clone();
        engine.add_data(data).map_err(|e| located(Status::RegoEvaluation, &e))?;
        engine.set_input(input);
        Ok((engine, false))
    }
}

pub fn json(value: &Value) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|e| Failure::new(Status::RegoEvaluation, format!("result is not JSON: {e}")))
}

fn extension(source: &Arc<Source>, function: &str) -> Box<dyn Extension> {
    let source = Arc::clone(source);
    let members = function == MEMBERS_FUNCTION;
    Box::new(move |arguments: Vec<Value>| source.answer(&arguments, members))
}

impl Source {
    fn answer(&self, arguments: &[Value], members: bool) -> anyhow::Result<Value> {
        let [Value::String(name)] = arguments else {
            bail!("{REFERENCE_FUNCTION} takes one string");
        };
        let overlaid = self.overlay.iter().rev().find(|(n, _)| **n == **name).map(|(_, p)| p);
        let found = overlaid.or_else(|| self.references.get(name));
        self.lock().record(name, found.is_some());
        Ok(match found {
            Some(Prepared { members: Some(set), .. }) if members => set.clone(),
            Some(prepared) => prepared.value.clone(),
            None => Value::Null,
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    fn record(&mut self, name: &Arc<str>, found: bool) {
        if self.names.insert(Arc::clone(name)) {
            self.queries.push(Query { name: Arc::clone(name), found });
        }
    }
}

/// Text of one JSON value.
pub fn parse_json(text: &str, what: &str) -> Result<Value> {
    value_of(text).map_err(|e| {
        Failure::new(Status::JsonInvalid, anyhow!(e).context(what.to_owned()).to_string())
    })
}
