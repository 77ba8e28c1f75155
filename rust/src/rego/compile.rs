//! Policy text -> prepared engines.

use std::fmt::Write;
use std::thread;

use regorus::Engine;

use super::bounded::bound_functions;
use super::guards::Guards;
use super::inspect::{Findings, inspect};
use super::scan::check_parsing_work;
use super::variants::Variants;
use super::{ENTRY_PACKAGE, Engines, FILE_NAME, MEMBERS_FUNCTION, Policy, Rule};
use crate::face::{Failure, Result, Status};

/// A hostile text of the engine's maximum size (1 MiB) makes a tree 500,000 deep, whose destructor
/// takes 97 bytes a level when optimised: 49 MB before `inspect` can refuse it. Only what is touched
/// becomes memory.
const COMPILE_STACK: usize = 256 << 20;
/// What the engine answers, once prepared, when asked for a rule that is not there.
const NO_SUCH_RULE: &str = "not a valid rule path";
const MAX_RULES: usize = 16;
/// Up to here preparing a text once more takes milliseconds, which an evaluation can wait for; twenty
/// times the default policy.
const VARIANT_WORK: u64 = 1 << 21;

#[derive(Clone, Copy)]
pub struct RuleOption<'a> {
    pub path: &'a str,
    pub required: bool,
}

pub struct Options<'a> {
    pub rules: &'a [RuleOption<'a>],
    pub data_keys: &'a [&'a str],
    pub reference_values: bool,
    pub lenient: bool,
}

/// Compiles one module. With `lenient`, what would be refused after parsing and preparing comes back
/// beside the policy instead.
pub fn compile(text: &str, options: &Options) -> Result<(Policy, Option<Failure>)> {
    check_options(options)?;
    let work = check_parsing_work(text)?;
    // The engine's parser and destructors recurse as deep as the text nests, before anything can be
    // inspected; evaluation is bounded by `inspect` and runs on the caller's thread.
    with_large_stack(|| compile_here(text, options, work <= VARIANT_WORK))
}

/// Runs `work` on a thread that is made for it.
///
/// # Errors
/// `OutOfResources`, and those of `work`.
pub fn with_large_stack<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("rego-compile".to_owned())
            .stack_size(COMPILE_STACK)
            .spawn_scoped(scope, work)
            .map_err(|e| Failure::new(Status::OutOfResources, format!("no compile thread: {e}")))?
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn check_options(options: &Options) -> Result<()> {
    if options.rules.is_empty() || options.rules.len() > MAX_RULES {
        return Err(Failure::argument(format!("between 1 and {MAX_RULES} rules")));
    }
    match options.rules.iter().find(|r| !r.path.starts_with("data.")) {
        Some(rule) => Err(Failure::argument(format!("`{}` is not below `data`", rule.path))),
        None => Ok(()),
    }
}

fn compile_here(
    text: &str,
    options: &Options,
    with_variants: bool,
) -> Result<(Policy, Option<Failure>)> {
    let mut engine = parse(text)?;
    let module = engine.get_modules().first().cloned();
    let Some(module) = module else {
        return Err(Failure::new(Status::RegoSyntax, "no module"));
    };
    let mut findings = inspect(&module, options.reference_values)?;
    let rewritten = rewrite(text, &findings);
    if let Some(rewritten) = &rewritten {
        engine = parse(rewritten)?;
    }
    let unprepared = engine.clone();
    prepare(&mut engine)?;
    let rules = find_rules(&engine, options)?;
    let mut objection = rule_objection(&rules, options, &findings);
    if objection.is_none() {
        objection = findings.unknown_function.take();
    }
    if let Some(objection) = objection.take_if(|_| !options.lenient) {
        return Err(objection);
    }
    let keys = usable_keys(&rules, options, &findings);
    let policy = Policy {
        engines: Engines { keyed: keyed_engine(unprepared, &rules, &keys)?, plain: engine },
        variants: Variants::new(
            if with_variants { Guards::of(&module, &findings) } else { Guards::default() },
            rewritten.unwrap_or_else(|| text.to_owned()),
            keys,
        ),
        rules,
        references: findings.references.into_iter().collect(),
        reference_values: options.reference_values,
    };
    Ok((policy, objection))
}

fn parse(text: &str) -> Result<Engine> {
    let mut engine = Engine::new();
    engine.set_gather_prints(true); // or print() writes to stderr
    engine
        .add_policy(FILE_NAME.to_owned(), text.to_owned())
        .map_err(|e| located(Status::RegoSyntax, &e))?;
    bound_functions(&mut engine, text).map_err(|e| located(Status::RegoUnsound, &e))?;
    Ok(engine)
}

/// Analyses and schedules, which the engine does when first asked for a rule.
pub fn prepare(engine: &mut Engine) -> Result<()> {
    match engine.compile_with_entrypoint(&"data".into()) {
        Err(e) if e.to_string() == NO_SUCH_RULE => Ok(()),
        Err(e) => Err(located(Status::RegoUnsound, &e)),
        Ok(_) => Err(Failure::new(Status::RegoUnsound, "`data` is a rule")),
    }
}

fn find_rules(engine: &Engine, options: &Options) -> Result<Vec<Rule>> {
    options
        .rules
        .iter()
        .map(|rule| {
            let defined = match engine.clone().compile_with_entrypoint(&rule.path.into()) {
                Ok(_) => true,
                Err(e) if e.to_string() == NO_SUCH_RULE => false,
                Err(e) => return Err(located(Status::RegoUnsound, &e)),
            };
            Ok(Rule { path: rule.path.to_owned(), defined })
        })
        .collect()
}

fn rule_objection(rules: &[Rule], options: &Options, findings: &Findings) -> Option<Failure> {
    let (rule, _) = rules.iter().zip(options.rules).find(|(r, o)| o.required && !r.defined)?;
    let package = &findings.package;
    if !rule.path.starts_with(&format!("{package}.")) {
        let wanted = rule.path.rsplit_once('.').map_or("data", |(package, _)| package);
        let message = format!(
            "the policy is in package `{}`, but `{}` is asked for: write `package {}`",
            below_data(package),
            rule.path,
            below_data(wanted),
        );
        let line = findings.package_line;
        return Some(Failure::at(Status::RegoWrongPackage, line, 1, message));
    }
    let message = format!(
        "the policy does not define `{}`; it defines: {}",
        rule.path,
        findings.rule_names.join(", "),
    );
    Some(Failure::new(Status::RegoRuleMissing, message))
}

fn below_data(path: &str) -> &str {
    path.strip_prefix("data.").unwrap_or(path)
}

/// The text with calls marked whose answer is only searched, and without `import input`; columns stay
/// as they are. `None` when there is nothing to change.
fn rewrite(text: &str, findings: &Findings) -> Option<String> {
    let mark_members = !text.contains(MEMBERS_FUNCTION);
    let members = findings.member_calls.iter().filter(|_| mark_members);
    if findings.redundant_imports.is_empty() && members.clone().next().is_none() {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in &findings.redundant_imports {
        bytes.get_mut(range.clone())?.iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
    }
    for range in members {
        let identifier = bytes.get_mut(range.clone())?;
        if identifier.len() == MEMBERS_FUNCTION.len() {
            identifier.copy_from_slice(MEMBERS_FUNCTION.as_bytes());
        }
    }
    String::from_utf8(bytes).ok()
}

/// The engines of a text that was accepted before, perhaps with definitions blanked since.
pub fn engines_of(text: &str, rules: &[Rule], keys: &[String]) -> Result<Engines> {
    let mut plain = parse(text)?;
    let keyed = keyed_engine(plain.clone(), rules, keys)?;
    prepare(&mut plain)?;
    Ok(Engines { plain, keyed })
}

/// The members of `data` for which there can be an engine of their own; else none.
fn usable_keys(rules: &[Rule], options: &Options, findings: &Findings) -> Vec<String> {
    let keys = options.data_keys;
    let is_name = |key: &&str| {
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    let root = findings.root();
    let usable = !keys.is_empty()
        && keys.iter().all(is_name)
        && !keys.contains(&root)
        && root != ENTRY_PACKAGE
        && !findings.uses_whole_data // or it would see our module
        && rules.iter().any(|r| r.defined);
    if !usable {
        return Vec::new();
    }
    let mut keys: Vec<String> = keys.iter().map(|k| (*k).to_owned()).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// An engine that takes `data` as part of `input`.
///
/// The engine must be prepared again whenever its data changes, which costs several evaluations. The
/// language has a way around: a rule of our own evaluates the policy's `with` the data in place.
fn keyed_engine(
    mut engine: Engine,
    rules: &[Rule],
    keys: &[String],
) -> Result<Option<(Vec<String>, Engine)>> {
    if keys.is_empty() {
        return Ok(None);
    }
    engine
        .add_policy("entry.rego".to_owned(), entry_module(rules, keys))
        .map_err(|e| located(Status::RegoUnsound, &e))?;
    prepare(&mut engine)?;
    Ok(Some((keys.to_vec(), engine)))
}

fn entry_module(rules: &[Rule], keys: &[String]) -> String {
    let mut text = format!("package {ENTRY_PACKAGE}\nimport rego.v1\n");
    for (index, rule) in rules.iter().enumerate().filter(|(_, r)| r.defined) {
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "r{index} := x if {{\nx := {}\nwith input as input.input", rule.path);
        for key in keys {
            let _ = writeln!(text, "with data[\"{key}\"] as input.data[\"{key}\"]");
        }
        text.push_str("}\n");
    }
    text
}

/// The engine's error with the place it names: "\n--> policy.rego:3:14\n…".
pub fn located(status: Status, error: &anyhow::Error) -> Failure {
    let text = error.to_string().replace(MEMBERS_FUNCTION, super::REFERENCE_FUNCTION);
    let text = text.trim_start();
    let place = text
        .strip_prefix("--> ")
        .and_then(|t| t.strip_prefix(FILE_NAME))
        .and_then(|t| t.strip_prefix(':'))
        .and_then(|t| t.lines().next())
        .and_then(|t| t.split_once(':'))
        .and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)));
    let (line, column) = place.unwrap_or((0, 0));
    Failure::at(status, line, column, text)
}
