//! Reads a policy's syntax tree: which functions it calls, which reference values it names, how it
//! uses `data`, and how deep an evaluation can nest. Every walk here keeps its own stack, because the
//! tree of a hostile text may be deeper than ours.

use std::collections::BTreeSet;
use std::ops::Range;

use regorus::unstable::{
    AssignOp, BUILTINS, Expr, Literal, Module, Query, Ref, Rule, RuleHead, Span,
};
use regorus::utils::get_path_string;

use super::chain::{Chain, chain};
use super::graph::Units;
use super::names::{Names, path_of};
use super::nesting::check_nesting;
use super::syntax::{names_bound_by, range, rule_refr};
use super::{ENTRY_PACKAGE, REFERENCE_FUNCTION};
use crate::face::{Failure, Result, Status};

#[derive(Default)]
pub struct Findings {
    /// "data.policy"
    pub package: String,
    pub package_line: u32,
    /// Names of the rules defined, functions included, sorted.
    pub rule_names: Vec<String>,
    /// The first call that nothing answers.
    pub unknown_function: Option<Failure>,
    /// Literal names passed to `query_reference_value`.
    pub references: BTreeSet<String>,
    /// Where `query_reference_value` stands as the right side of `in`.
    pub member_calls: Vec<Range<usize>>,
    /// `import input`, which means nothing and makes the engine print a warning.
    pub redundant_imports: Vec<Range<usize>>,
    /// `data` is used as a whole, or with a computed member: its shape can be seen.
    pub uses_whole_data: bool,
    /// Names that the text may bind to something local or imported, and perhaps others.
    pub bound: BTreeSet<String>,
    /// Something is evaluated `with input`, a rule or a part of them replaced.
    pub replaces_documents: bool,
}

impl Findings {
    /// The member of `data` that the package is, or is below.
    pub fn root(&self) -> &str {
        self.package.split('.').nth(1).unwrap_or_default()
    }
}

enum Node<'a> {
    Expr(&'a Ref<Expr>),
    Query(&'a Ref<Query>),
}

struct Inspector {
    findings: Findings,
    reference_values: bool,
    names: Names,
    units: Units,
    current: usize,
    /// What is read is the value of a default.
    in_default: bool,
    /// Something may read any rule.
    reads_all: bool,
}

/// # Errors
/// `RegoTooDeep`.
pub fn inspect(module: &Module, reference_values: bool) -> Result<Findings> {
    let mut units = Units::default();
    let names = Names::of(module, &mut units)?;
    let mut inspector = Inspector {
        findings: Findings {
            package_line: module.package.span.line,
            package: names.package().to_owned(),
            ..Findings::default()
        },
        reference_values,
        names,
        units,
        current: 0,
        in_default: false,
        reads_all: false,
    };
    inspector.read_imports(module)?;
    for rule in &module.policy {
        inspector.read_rule(rule)?;
    }
    let Inspector { mut findings, names, mut units, reads_all, .. } = inspector;
    if reads_all {
        (0..names.all()).for_each(|unit| units.add_use(names.all(), unit));
    }
    units.check_call_cycles()?;
    units.check_defaults()?;
    units.check_stack()?;
    check_nesting(module, &names, &units)?;
    findings.rule_names = names.into_sorted();
    Ok(findings)
}

impl Inspector {
    fn read_imports(&mut self, module: &Module) -> Result<()> {
        for import in &module.imports {
            let found = chain(&import.refr);
            let name = import.r#as.as_ref().map(Span::text).or(found.path.last().copied());
            self.findings.bound.extend(name.map(str::to_owned));
            let Expr::Var { span, .. } = found.root.as_ref() else { continue };
            match span.text() {
                "input" if found.length == 0 && import.r#as.is_none() => {
                    self.findings.redundant_imports.push(range(&import.span));
                }
                "data" => {
                    self.findings.uses_whole_data |= found.path.is_empty();
                    let alias = import.r#as.as_ref().map(Span::text).or(found.path.last().copied());
                    if let Some(alias) = alias {
                        self.names.import(alias, path_of(&import.refr, None)?);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_rule(&mut self, rule: &Ref<Rule>) -> Result<()> {
        let refr = rule_refr(rule);
        let head = chain(refr);
        let Expr::Var { span, .. } = head.root.as_ref() else { return Ok(()) };
        self.current = self.names.unit(span.text()).unwrap_or_default();
        self.in_default = matches!(rule.as_ref(), Rule::Default { .. });
        let mut nodes: Vec<Node> = head.computed.iter().map(|e| Node::Expr(e)).collect();
        match rule.as_ref() {
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { assign, .. } => {
                        nodes.extend(assign.iter().map(|a| Node::Expr(&a.value)));
                    }
                    RuleHead::Set { key, .. } => nodes.extend(key.iter().map(Node::Expr)),
                    RuleHead::Func { args, assign, .. } => {
                        args.iter().for_each(|a| self.bind(a));
                        nodes.extend(args.iter().map(Node::Expr));
                        nodes.extend(assign.iter().map(|a| Node::Expr(&a.value)));
                    }
                }
                for body in bodies {
                    nodes.extend(body.assign.iter().map(|a| Node::Expr(&a.value)));
                    nodes.push(Node::Query(&body.query));
                }
            }
            Rule::Default { args, value, .. } => {
                nodes.extend(args.iter().map(Node::Expr));
                nodes.push(Node::Expr(value));
            }
        }
        self.walk(nodes)
    }

    fn walk(&mut self, roots: Vec<Node<'_>>) -> Result<()> {
        let mut stack: Vec<(Node<'_>, usize)> = roots.into_iter().map(|n| (n, 1)).collect();
        while let Some((node, depth)) = stack.pop() {
            self.units.note_depth(self.current, depth);
            let mut children = Vec::new();
            let below = match node {
                Node::Query(query) => {
                    self.read_query(query, &mut children)?;
                    // Each statement that loops holds those after it.
                    1 + query.stmts.len()
                }
                Node::Expr(expr) => self.read_expr(expr, &mut children)?,
            };
            stack.extend(children.into_iter().map(|n| (n, depth + below)));
        }
        Ok(())
    }

    fn read_query<'a>(&mut self, query: &'a Ref<Query>, nodes: &mut Vec<Node<'a>>) -> Result<()> {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => {
                    self.findings.bound.extend(vars.iter().map(|v| v.text().to_owned()));
                }
                Literal::SomeIn { key, value, collection, .. } => {
                    key.iter().for_each(|k| self.bind(k));
                    self.bind(value);
                    nodes.extend(key.iter().map(Node::Expr));
                    nodes.extend([Node::Expr(value), Node::Expr(collection)]);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
                    nodes.push(Node::Expr(expr));
                }
                Literal::Every { key, value, domain, query, .. } => {
                    let names = key.iter().chain([value]).map(|v| v.text().to_owned());
                    self.findings.bound.extend(names);
                    nodes.extend([Node::Expr(domain), Node::Query(query)]);
                }
            }
            for modifier in &statement.with_mods {
                self.read_with_target(&modifier.refr)?;
                self.units.note_replacing(self.current);
                // The replacement may be a function's name instead of a value.
                if let Ok(path) = get_path_string(&modifier.r#as, None)
                    && let Some(unit) = self.names.function(&path)
                {
                    self.note_use(unit);
                    self.units.add_replacement(self.current, unit);
                } else {
                    nodes.push(Node::Expr(&modifier.r#as));
                }
            }
        }
        Ok(())
    }

    /// `with f as …` must replace something that exists; the engine only says so when it gets there.
    fn read_with_target(&mut self, refr: &Ref<Expr>) -> Result<()> {
        let path = path_of(refr, None)?;
        let is_input = path == "input" || path.starts_with("input.");
        self.findings.replaces_documents |= is_input || self.names.unit_at(&path).is_some();
        let is_document = is_input || path.starts_with("data.");
        if !is_document && self.names.function(&path).is_none() && !is_builtin(&path) {
            self.unknown(refr.span(), &path);
        }
        Ok(())
    }

    /// Reads one expression, hands out its parts, and says how many levels it stands for.
    fn read_expr<'a>(&mut self, expr: &'a Ref<Expr>, nodes: &mut Vec<Node<'a>>) -> Result<usize> {
        match expr.as_ref() {
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. } => {}
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                let found = chain(expr);
                self.read_chain(&found);
                found.computed.iter().for_each(|index| self.bind(index));
                if !matches!(found.root.as_ref(), Expr::Var { .. }) {
                    nodes.push(Node::Expr(found.root));
                }
                nodes.extend(found.computed.iter().map(|e| Node::Expr(e)));
                return Ok(1 + found.length);
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                nodes.extend(items.iter().map(Node::Expr));
            }
            Expr::Object { fields, .. } => {
                for (_, key, value) in fields {
                    nodes.extend([Node::Expr(key), Node::Expr(value)]);
                }
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                nodes.extend([Node::Expr(term), Node::Query(query)]);
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                nodes.extend([Node::Expr(key), Node::Expr(value), Node::Query(query)]);
            }
            Expr::Call { fcn, params, .. } => {
                self.read_call(fcn, params)?;
                nodes.extend(params.iter().map(Node::Expr));
            }
            Expr::UnaryExpr { expr, .. } => nodes.push(Node::Expr(expr)),
            Expr::AssignExpr { op, lhs, rhs, .. } => {
                self.bind(lhs);
                if matches!(op, AssignOp::Eq) {
                    self.bind(rhs); // `1 = x` binds, too
                }
                nodes.extend([Node::Expr(lhs), Node::Expr(rhs)]);
            }
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. } => {
                nodes.extend([Node::Expr(lhs), Node::Expr(rhs)]);
            }
            Expr::Membership { key, value, collection, .. } => {
                if key.is_none() {
                    self.read_member_call(collection);
                }
                nodes.extend(key.iter().map(Node::Expr));
                nodes.extend([Node::Expr(value), Node::Expr(collection)]);
            }
        }
        Ok(1)
    }

    fn bind(&mut self, pattern: &Ref<Expr>) {
        self.findings.bound.extend(names_bound_by(pattern).map(str::to_owned));
    }

    fn read_chain(&mut self, found: &Chain<'_>) {
        let Expr::Var { span, .. } = found.root.as_ref() else { return };
        if span.text() == "data" {
            let member = found.path.first();
            self.findings.uses_whole_data |= member.is_none_or(|m| *m == ENTRY_PACKAGE);
        }
        for unit in self.names.read_by(found) {
            self.note_use(unit);
            self.reads_all |= unit == self.names.all();
        }
    }

    fn note_use(&mut self, unit: usize) {
        self.units.add_use(self.current, unit);
        if self.in_default {
            self.units.add_default(self.current, unit);
        }
    }

    fn read_call(&mut self, fcn: &Ref<Expr>, params: &[Ref<Expr>]) -> Result<()> {
        let path = path_of(fcn, None)?;
        if let Some(unit) = self.names.function(&path) {
            self.note_use(unit);
            self.units.add_call(self.current, unit);
            return Ok(());
        }
        if path == REFERENCE_FUNCTION && self.reference_values {
            if let [only] = params
                && let Expr::String { value, .. } = only.as_ref()
                && let Ok(name) = value.as_string()
            {
                self.findings.references.insert(name.to_string());
            }
        } else if !is_builtin(&path) {
            self.unknown(fcn.span(), &path);
        }
        Ok(())
    }

    fn read_member_call(&mut self, collection: &Ref<Expr>) {
        if let Expr::Call { fcn, params, .. } = collection.as_ref()
            && let Expr::Var { span, .. } = fcn.as_ref()
            && span.text() == REFERENCE_FUNCTION
            && params.len() == 1
            && self.reference_values
            && self.names.function(REFERENCE_FUNCTION).is_none()
        {
            self.findings.member_calls.push(range(span));
        }
    }

    fn unknown(&mut self, span: &Span, path: &str) {
        if self.findings.unknown_function.is_none() {
            let text = span.error(&format!("could not find function {path}")).to_string();
            let failure = Failure::at(Status::RegoUnknownFunction, span.line, span.col, text);
            self.findings.unknown_function = Some(failure);
        }
    }
}

fn is_builtin(path: &str) -> bool {
    path == "print" || BUILTINS.contains_key(path)
}
