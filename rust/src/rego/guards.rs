//! Which definitions of a rule cannot apply to an input.
//!
//! A policy for many platforms begins each definition with the platform it is for: `input.snp`. The
//! engine tries all definitions of a rule, which costs some microseconds each. Where the input has no
//! such member, the first statement is undefined, nothing after it is evaluated, and the definition
//! has no value: an engine without it answers alike, down to the reference values asked for.
//!
//! Everything here is conservative: what is not recognised is tried as ever.

use std::collections::BTreeMap;
use std::ops::Range;

use regorus::Value;
use regorus::unstable::{Expr, Literal, Module, Rule, RuleBody, RuleHead};

use super::chain::chain;
use super::inspect::Findings;
use super::syntax::{range, rule_refr};

/// A set of members is a word.
const MAX_MEMBERS: usize = 64;
/// How many rules may stand between a definition and the member it depends on.
const MAX_STEPS: usize = 8;

/// Indices of `Guards::members`, one bit each.
pub type Members = u64;

/// A definition that has no value unless the input has a member.
struct Guarded {
    rule: String,
    member: usize,
    range: Range<usize>,
}

#[derive(Default)]
pub struct Guards {
    members: Vec<String>,
    definitions: Vec<Guarded>,
    /// Name of a rule -> how many definitions it has, guarded or not.
    counts: BTreeMap<String, usize>,
    /// First component of the package: `data` of a request may have values for rules below it.
    root: String,
}

/// The definitions of one name.
#[derive(Default)]
struct Definitions<'a> {
    /// None is a function, a set, or below a member.
    plain: bool,
    has_default: bool,
    bodies: Vec<(&'a [RuleBody], Range<usize>)>,
}

impl Guards {
    pub fn of(module: &Module, findings: &Findings) -> Self {
        let mut guards = Self { root: findings.root().to_owned(), ..Self::default() };
        if findings.replaces_documents || findings.bound.contains("input") {
            return guards;
        }
        let rules = by_name(module);
        // Rules that are undefined without a member stand for it, and so on.
        let mut stand_ins: BTreeMap<&str, usize> = BTreeMap::new();
        for _ in 0..MAX_STEPS {
            let known = stand_ins.len();
            for (name, rule) in rules.iter().filter(|(_, r)| r.plain && !r.has_default) {
                let always = rule.bodies.iter().any(|(bodies, _)| bodies.is_empty());
                if always || findings.bound.contains(*name) || stand_ins.contains_key(name) {
                    continue;
                }
                let all = rule.bodies.iter().flat_map(|(bodies, _)| bodies.iter());
                if let Some(member) = guards.common_member(all, &stand_ins) {
                    stand_ins.insert(name, member);
                }
            }
            if stand_ins.len() == known {
                break;
            }
        }
        for (name, rule) in rules.iter().filter(|(_, r)| r.plain) {
            for (bodies, range) in &rule.bodies {
                if let Some(member) = guards.common_member(bodies.iter(), &stand_ins) {
                    let rule = (*name).to_owned();
                    guards.definitions.push(Guarded { rule, member, range: range.clone() });
                }
            }
            guards.counts.insert((*name).to_owned(), rule.bodies.len());
        }
        guards
    }

    /// The member without which none of the bodies gets past its first statement.
    fn common_member<'a>(
        &mut self,
        bodies: impl Iterator<Item = &'a RuleBody>,
        stand_ins: &BTreeMap<&str, usize>,
    ) -> Option<usize> {
        let mut common = None;
        for body in bodies {
            let member = self.first_member(body, stand_ins)?;
            if common.is_some_and(|c| c != member) {
                return None;
            }
            common = Some(member);
        }
        common
    }

    fn first_member(
        &mut self,
        body: &RuleBody,
        stand_ins: &BTreeMap<&str, usize>,
    ) -> Option<usize> {
        // It uses no variable, so the engine schedules it first, too.
        let first = body.query.stmts.first()?;
        let Literal::Expr { expr, .. } = &first.literal else { return None };
        let found = chain(expr);
        let Expr::Var { span, .. } = found.root.as_ref() else { return None };
        if !first.with_mods.is_empty() || !found.computed.is_empty() {
            return None;
        }
        match (span.text(), found.path.first()) {
            ("input", Some(member)) => self.index_of(member),
            (rule, None) => stand_ins.get(rule).copied(),
            _ => None,
        }
    }

    fn index_of(&mut self, member: &str) -> Option<usize> {
        if member.contains('\\') {
            return None; // spelt with escapes
        }
        if let Some(index) = self.members.iter().position(|m| m == member) {
            return Some(index);
        }
        if self.members.len() == MAX_MEMBERS {
            return None;
        }
        self.members.push(member.to_owned());
        Some(self.members.len() - 1)
    }

    /// What some definition waits for and `input` does not have; none when `data` may have values
    /// for the rules.
    pub fn absent_from(&self, input: &Value, data: &Value) -> Members {
        if !matches!(data[self.root.as_str()], Value::Undefined) {
            return 0;
        }
        self.members
            .iter()
            .enumerate()
            .filter(|(_, member)| matches!(input[member.as_str()], Value::Undefined))
            .fold(0, |set, (index, _)| set | 1 << index)
    }

    /// `text` with the definitions blanked that wait for one of `absent`; places stay as they are,
    /// and each rule keeps at least one definition, or its name would be unknown. `None` when none
    /// would go.
    pub fn without(&self, absent: Members, text: &str) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        let mut left = self.counts.clone();
        let mut any = false;
        for definition in self.definitions.iter().filter(|d| absent & 1 << d.member != 0) {
            let count = left.get_mut(&definition.rule).filter(|count| **count > 1);
            let Some(count) = count else { continue };
            *count -= 1;
            any = true;
            let blanked = bytes.get_mut(definition.range.clone())?;
            blanked.iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
        }
        String::from_utf8(bytes).ok().filter(|_| any)
    }
}

fn by_name(module: &Module) -> BTreeMap<&str, Definitions<'_>> {
    let mut rules: BTreeMap<&str, Definitions> = BTreeMap::new();
    for rule in &module.policy {
        let head = chain(rule_refr(rule));
        let Expr::Var { span, .. } = head.root.as_ref() else { continue };
        let first = Definitions { plain: true, ..Definitions::default() };
        let definitions = rules.entry(span.text()).or_insert(first);
        definitions.plain &= head.length == 0;
        match rule.as_ref() {
            Rule::Default { .. } => definitions.has_default = true,
            Rule::Spec { head: RuleHead::Compr { .. }, bodies, span } => {
                definitions.bodies.push((bodies, range(span)));
            }
            Rule::Spec { .. } => definitions.plain = false,
        }
    }
    rules
}
