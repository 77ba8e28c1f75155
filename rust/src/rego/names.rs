//! What the names of a policy stand for: its rules and functions, by themselves or below `data`, and
//! its imports.

use std::collections::{BTreeMap, HashMap};

use regorus::unstable::{Expr, Module, Rule, RuleHead};
use regorus::utils::get_path_string;

use super::chain::{Chain, chain};
use super::graph::Units;
use super::syntax::rule_refr;
use crate::face::{Failure, Result, Status};

pub struct Names {
    /// "data.policy"
    package: String,
    /// First component of a rule's path -> its unit.
    units: BTreeMap<String, usize>,
    /// Full paths of functions, as calls find them.
    functions: HashMap<String, usize>,
    /// Aliases of imports -> path below `data`.
    imports: HashMap<String, String>,
    /// The unit that stands for the package as a whole.
    all: usize,
}

impl Names {
    /// Learns all names of rules, so that their uses can be read. Imports come by `import`.
    ///
    /// # Errors
    /// `RegoUnsound`.
    pub fn of(module: &Module, units: &mut Units) -> Result<Self> {
        let mut names = Self {
            package: path_of(&module.package.refr, Some("data"))?,
            units: BTreeMap::new(),
            functions: HashMap::new(),
            imports: HashMap::new(),
            all: 0,
        };
        for rule in &module.policy {
            names.declare(rule, units)?;
        }
        names.all = units.len();
        units.push(module.package.refr.span());
        Ok(names)
    }

    fn declare(&mut self, rule: &Rule, units: &mut Units) -> Result<()> {
        let refr = rule_refr(rule);
        let found = chain(refr);
        let Expr::Var { span, .. } = found.root.as_ref() else { return Ok(()) };
        let next = units.len();
        let unit = *self.units.entry(span.text().to_owned()).or_insert(next);
        if unit == next {
            units.push(span);
        }
        match rule {
            Rule::Spec { head: RuleHead::Func { args, .. }, .. } => {
                units.note_function(unit);
                self.functions.insert(path_of(refr, Some(&self.package))?, unit);
                if args.is_empty() {
                    units.note_rule(unit, &found.path);
                }
            }
            Rule::Spec { .. } => units.note_rule(unit, &found.path),
            // A call may name any default rule.
            Rule::Default { .. } => {
                self.functions.insert(path_of(refr, Some(&self.package))?, unit);
            }
        }
        Ok(())
    }

    pub fn import(&mut self, alias: &str, path: String) {
        self.imports.insert(alias.to_owned(), path);
    }

    pub fn package(&self) -> &str {
        &self.package
    }

    /// The unit that stands for the package as a whole: what reads `data` with a computed member may
    /// read any rule.
    pub fn all(&self) -> usize {
        self.all
    }

    pub fn unit(&self, name: &str) -> Option<usize> {
        self.units.get(name).copied()
    }

    /// The function or default rule that a call by `path` finds.
    pub fn function(&self, path: &str) -> Option<usize> {
        let full = format!("{}.{path}", self.package);
        self.functions.get(path).or_else(|| self.functions.get(&full)).copied()
    }

    /// The units that a reference may read.
    pub fn read_by(&self, found: &Chain<'_>) -> Vec<usize> {
        let Expr::Var { span, .. } = found.root.as_ref() else { return Vec::new() };
        let name = span.text();
        let document = match name {
            "data" => Some(name),
            _ => self.imports.get(name).map(String::as_str),
        };
        let below = document.and_then(|document| {
            let path: Vec<&str> =
                [document].into_iter().chain(found.path.iter().copied()).collect();
            self.unit_at(&path.join("."))
        });
        self.unit(name).into_iter().chain(below).collect()
    }

    /// What a path from `data` reads of this package.
    pub fn unit_at(&self, path: &str) -> Option<usize> {
        if self.package.strip_prefix(path).is_some_and(|r| r.is_empty() || r.starts_with('.')) {
            return Some(self.all);
        }
        let rest = path.strip_prefix(self.package.as_str())?.strip_prefix('.')?;
        self.unit(rest.split('.').next()?)
    }

    /// All names of rules and functions, sorted.
    pub fn into_sorted(self) -> Vec<String> {
        self.units.into_keys().collect()
    }
}

/// # Errors
/// `RegoUnsound`.
pub fn path_of(refr: &Expr, document: Option<&str>) -> Result<String> {
    get_path_string(refr, document).map_err(|e| {
        let span = refr.span();
        Failure::at(Status::RegoUnsound, span.line, span.col, e.to_string())
    })
}
