//! How deep the values of a policy can nest.
//!
//! A few functions that put their argument into brackets, called within each other, build a value as
//! deep as the product of what each adds. The engine writes, compares and drops a value by recursion, so
//! that it is bounded before anything is evaluated: each place of the text where a value gets deeper
//! counts as often as its result can come by again. Loops add nothing: what one round makes the next
//! does not see. No built-in function makes a value deeper than its arguments are, but for texts read
//! as JSON, see `reading`.

use regorus::unstable::{
    AssignOp, Expr, Literal, LiteralStmt, Module, Query, Ref, Rule, RuleAssign, RuleHead,
};
use regorus::utils::get_path_string;

use super::chain::chain;
use super::graph::Units;
use super::names::Names;
use super::syntax::rule_refr;
use crate::face::Result;

/// Levels that a policy may add to those of its documents, which have 128 at most. A level takes less
/// than 1 KiB of stack, whatever is done with the value, of the 4 MiB that `graph` leaves.
const LEVELS_LIMIT: usize = 2_000;

/// How deep values become.
#[derive(Clone, Copy, Default)]
struct Levels {
    /// On top of arguments, variables and documents.
    added: usize,
    /// Of the rules that are read: these levels do not come on top of each other.
    read: usize,
    /// Calls of functions.
    calls: usize,
    /// A rule is read that is still being looked at, on a cycle.
    cyclic: bool,
}

impl Levels {
    /// Of two values neither of which is made of the other.
    fn beside(self, other: Self) -> Self {
        Self { added: self.added.max(other.added), ..self.then(other) }
    }

    /// Of a value and what is made of it.
    fn then(self, other: Self) -> Self {
        Self {
            added: self.added.saturating_add(other.added),
            read: self.read.max(other.read),
            calls: self.calls.saturating_add(other.calls),
            cyclic: self.cyclic || other.cyclic,
        }
    }

    fn inside(self, levels: usize) -> Self {
        Self { added: self.added.saturating_add(levels), ..self }
    }

    fn total(self) -> usize {
        self.added.saturating_add(self.read)
    }
}

/// Comes after the stack was found to suffice, so that the text is not too deep for recursion here.
///
/// # Errors
/// `RegoTooDeep`.
pub fn check_nesting(module: &Module, names: &Names, units: &Units) -> Result<()> {
    let mut nesting = Nesting::of(module, names, units);
    let mut rank = vec![0_usize; units.len()];
    for (place, unit) in units.parts(|u| &u.calls).into_iter().flatten().enumerate() {
        if let Some(slot) = rank.get_mut(unit) {
            *slot = place;
        }
    }
    for mut part in units.parts(|u| &u.uses) {
        part.sort_by_key(|unit| rank.get(*unit).copied());
        nesting.enter(&part, units.is_cyclic(&part, |u| &u.uses));
        if let Some(unit) = part.iter().find(|unit| nesting.total(**unit) > LEVELS_LIMIT) {
            return Err(units.too_deep(*unit, "nests values too deep, with all that it uses"));
        }
    }
    Ok(())
}

struct Nesting<'a> {
    names: &'a Names,
    /// The package below `data`.
    package_length: usize,
    /// Definitions of each unit.
    definitions: Vec<Vec<&'a Rule>>,
    uses_of_all: Vec<usize>,
    levels: Vec<Levels>,
    /// Units whose rules are not known yet.
    open: Vec<bool>,
}

impl<'a> Nesting<'a> {
    fn of(module: &'a Module, names: &'a Names, units: &Units) -> Self {
        let mut definitions = vec![Vec::new(); units.len()];
        for rule in &module.policy {
            let head = chain(rule_refr(rule));
            if let Expr::Var { span, .. } = head.root.as_ref()
                && let Some(rules) = names.unit(span.text()).and_then(|u| definitions.get_mut(u))
            {
                rules.push(rule.as_ref());
            }
        }
        Self {
            names,
            package_length: names.package().split('.').count(),
            definitions,
            uses_of_all: units.uses(names.all()).collect(),
            levels: vec![Levels::default(); units.len()],
            open: vec![true; units.len()],
        }
    }

    fn total(&self, unit: usize) -> usize {
        self.levels.get(unit).map_or(0, |levels| levels.total())
    }

    /// Looks at units that use each other, functions before those that call them.
    fn enter(&mut self, part: &[usize], is_cyclic: bool) {
        let mut all = Levels::default();
        for unit in part {
            let levels = self.unit(*unit, is_cyclic);
            all = all.then(levels);
            if let Some(slot) = self.levels.get_mut(*unit) {
                *slot = levels;
            }
        }
        for unit in part {
            // Each rule is evaluated once, perhaps with the values of all the others.
            if let Some(levels) = self.levels.get_mut(*unit).filter(|_| is_cyclic) {
                let read = all.total().saturating_sub(levels.added);
                *levels = Levels { read, calls: usize::MAX, cyclic: false, ..*levels };
            }
            if let Some(open) = self.open.get_mut(*unit) {
                *open = false;
            }
        }
    }

    fn unit(&self, unit: usize, is_cyclic: bool) -> Levels {
        if unit == self.names.all() {
            let read = self.uses_of_all.iter().map(|used| self.read(*used));
            return read.fold(Levels::default(), Levels::beside);
        }
        // Definitions of one name do not see each other, unless it reads itself.
        let join = if is_cyclic { Levels::then } else { Levels::beside };
        let definitions = self.definitions.get(unit).into_iter().flatten();
        definitions.map(|rule| self.definition(rule)).fold(Levels::default(), join)
    }

    fn definition(&self, rule: &Rule) -> Levels {
        let refr = chain(rule_refr(rule));
        let head = self.beside(refr.computed.iter().copied());
        let made = match rule {
            Rule::Default { value, .. } => self.expression(value),
            Rule::Spec { head, bodies, .. } => {
                let value = match head {
                    RuleHead::Compr { assign, .. } => self.assigned(assign.as_ref()),
                    RuleHead::Set { key, .. } => self.beside(key).inside(1),
                    RuleHead::Func { args, assign, .. } => {
                        self.beside(args).then(self.assigned(assign.as_ref()))
                    }
                };
                let all = bodies
                    .iter()
                    .map(|body| self.query(&body.query).then(self.assigned(body.assign.as_ref())));
                all.fold(Levels::default(), Levels::beside).then(value)
            }
        };
        made.then(head).inside(refr.length)
    }

    fn assigned(&self, assign: Option<&RuleAssign>) -> Levels {
        assign.map_or_else(Levels::default, |assign| self.expression(&assign.value))
    }

    fn query(&self, query: &Query) -> Levels {
        query.stmts.iter().map(|s| self.statement(s)).fold(Levels::default(), Levels::then)
    }

    fn statement(&self, statement: &LiteralStmt) -> Levels {
        let literal = self.literal(&statement.literal);
        if statement.with_mods.is_empty() {
            return literal;
        }
        let (mut put, mut replacing) = (Levels::default(), Levels::default());
        for modifier in &statement.with_mods {
            let function = get_path_string(&modifier.r#as, None).ok();
            match function.and_then(|path| self.names.function(&path)) {
                Some(function) => replacing = replacing.beside(self.call(function)),
                None => {
                    let value = self.expression(&modifier.r#as);
                    put = put.then(value.inside(chain(&modifier.refr).length));
                }
            }
        }
        // Rules are evaluated anew and see what was put in place; any call may be of a replaced function.
        let anew = if literal.cyclic { usize::MAX } else { literal.read };
        let calls = literal.calls.saturating_mul(replacing.total());
        put.then(literal).then(replacing).inside(anew).inside(calls)
    }

    fn literal(&self, literal: &Literal) -> Levels {
        match literal {
            Literal::SomeVars { .. } => Levels::default(),
            Literal::SomeIn { key, value, collection, .. } => {
                self.beside(key.iter().chain([value, collection]))
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expression(expr),
            Literal::Every { domain, query, .. } => self.expression(domain).then(self.query(query)),
        }
    }

    fn expression(&self, expr: &Ref<Expr>) -> Levels {
        match expr.as_ref() {
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. } => Levels::default(),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => self.reference(expr),
            Expr::Array { items, .. } | Expr::Set { items, .. } => self.beside(items).inside(1),
            Expr::Object { fields, .. } => {
                self.beside(fields.iter().flat_map(|(_, key, value)| [key, value])).inside(1)
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.query(query).then(self.expression(term)).inside(1)
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                self.query(query).then(self.beside([key, value])).inside(1)
            }
            Expr::Call { fcn, params, .. } => {
                let called = get_path_string(fcn, None).ok().and_then(|p| self.names.function(&p));
                let made = called.map_or_else(Levels::default, |unit| self.call(unit));
                let counted = Levels { calls: made.calls.saturating_add(1), ..made };
                self.beside(params).then(counted)
            }
            Expr::UnaryExpr { expr, .. } => self.expression(expr),
            // `[a, b] = [[1], [a]]` binds part by part.
            Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                self.part_by_part(lhs).then(self.part_by_part(rhs))
            }
            Expr::AssignExpr { lhs, rhs, .. }
            | Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. } => self.beside([lhs, rhs]),
            Expr::Membership { key, value, collection, .. } => {
                self.beside(key.iter().chain([value, collection]))
            }
        }
    }

    fn beside<'e>(&self, parts: impl IntoIterator<Item = &'e Ref<Expr>>) -> Levels {
        parts.into_iter().map(|e| self.expression(e)).fold(Levels::default(), Levels::beside)
    }

    fn part_by_part(&self, pattern: &Ref<Expr>) -> Levels {
        let parts: Vec<_> = match pattern.as_ref() {
            Expr::Array { items, .. } => items.iter().collect(),
            Expr::Object { fields, .. } => {
                fields.iter().flat_map(|(_, key, value)| [key, value]).collect()
            }
            _ => return self.expression(pattern),
        };
        let all = parts.into_iter().map(|part| self.part_by_part(part));
        all.fold(Levels::default(), Levels::then).inside(1)
    }

    fn reference(&self, expr: &Ref<Expr>) -> Levels {
        let found = chain(expr);
        let units = self.names.read_by(&found).into_iter().map(|unit| self.read(unit));
        let read = units.fold(self.beside(found.computed.iter().copied()), Levels::beside);
        match found.root.as_ref() {
            Expr::Var { .. } => read,
            _ => read.beside(self.expression(found.root)),
        }
    }

    /// What reading a rule comes to.
    fn read(&self, unit: usize) -> Levels {
        let added = if unit == self.names.all() { self.package_length } else { 0 };
        if self.open.get(unit).is_none_or(|open| *open) {
            return Levels { added, read: 0, calls: usize::MAX, cyclic: true };
        }
        let levels = self.levels.get(unit).copied().unwrap_or_default();
        Levels { added, read: levels.total(), calls: levels.calls, cyclic: false }
    }

    /// What calling a function comes to.
    fn call(&self, unit: usize) -> Levels {
        self.levels.get(unit).copied().unwrap_or_default()
    }
}
