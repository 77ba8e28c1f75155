//! A policy: compiled once into a prepared engine, cloned for each evaluation.
//!
//! Why a clone of a prepared engine, and not the engine's own compiled policy: see
//! `docs/adr/0001-rego-binding.md`. Cloning costs a few reference counts; the clone has its own input,
//! time limit, print sink and reference-value source, so that nothing is shared but immutable trees.

mod bounded;
mod chain;
mod compile;
mod evaluate;
mod graph;
mod guards;
mod inspect;
mod names;
mod nesting;
mod reading;
mod scan;
mod syntax;
mod variants;

pub use compile::{Options, RuleOption, compile};
pub use evaluate::{Outcome, Query, Request, State, json, parse_json};

use regorus::Engine;

use variants::Variants;

/// The function that policies call.
const REFERENCE_FUNCTION: &str = "query_reference_value";
/// The same function where its answer is searched with `in` and nothing else can see it. It is as
/// long as the other, so that rewriting a call moves nothing in the text.
const MEMBERS_FUNCTION: &str = "__query_reference_set";
/// The package of the module that hands `data` over, see `compile::entry_module`.
const ENTRY_PACKAGE: &str = "__trustee_entry";
const FILE_NAME: &str = "policy.rego";

pub struct Policy {
    engines: Engines,
    variants: Variants,
    rules: Vec<Rule>,
    references: Vec<String>,
    reference_values: bool,
}

struct Engines {
    /// Prepared for evaluations without `data`.
    plain: Engine,
    /// Prepared for `data` with exactly these members, which travel inside `input`.
    keyed: Option<(Vec<String>, Engine)>,
}

struct Rule {
    path: String,
    defined: bool,
}

impl Policy {
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    pub fn has_rule(&self, index: usize) -> bool {
        self.rules.get(index).is_some_and(|r| r.defined)
    }

    /// Literal arguments of `query_reference_value` in the text, sorted.
    pub fn references(&self) -> &[String] {
        &self.references
    }
}

const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Policy>();
};

const _: () = assert!(REFERENCE_FUNCTION.len() == MEMBERS_FUNCTION.len());

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
