//! Who uses whom in a policy, and how deep an evaluation can nest because of it.

use std::collections::BTreeSet;

use regorus::unstable::Span;

use crate::face::{Failure, Result, Status};

/// Bytes of stack that an evaluation may need. Threads that evaluate have 8 MiB. Measured with an
/// optimised build, and about doubled: 3 to 4 KiB for a rule that uses another, 1.4 KiB for a
/// statement that loops, 0.1 to 3 KiB for an expression inside another. What is left is for values,
/// see `nesting`.
const STACK_LIMIT: usize = 4 << 20;
const RULE_COST: usize = 12 << 10;
const NODE_COST: usize = 3 << 10;

/// One name of the package: all rules or function definitions that share it.
#[derive(Default)]
pub struct Unit {
    name: String,
    line: u32,
    column: u32,
    /// How deep its expressions and statements nest.
    depth: usize,
    /// Of its rules, which are evaluated path by path.
    paths: BTreeSet<String>,
    rules: usize,
    is_function: bool,
    /// Something in it is evaluated `with` something else in its place.
    replaces: bool,
    /// Units that its text names.
    pub uses: BTreeSet<usize>,
    /// Those of them that it calls as functions.
    pub calls: BTreeSet<usize>,
    /// Those of them that it puts in the place of other functions.
    replacements: BTreeSet<usize>,
    /// Those of them that a default value names.
    defaults: BTreeSet<usize>,
}

impl Unit {
    fn cost(&self) -> usize {
        RULE_COST.saturating_add(self.depth.saturating_mul(NODE_COST))
    }
}

/// All units of a policy, known by their index.
#[derive(Default)]
pub struct Units(Vec<Unit>);

impl Units {
    /// A new unit; its index is the number of those before it.
    pub fn push(&mut self, name: &Span) {
        self.0.push(Unit {
            name: name.text().to_owned(),
            line: name.line,
            column: name.col,
            ..Unit::default()
        });
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn note_rule(&mut self, unit: usize, path: &[&str]) {
        if let Some(unit) = self.0.get_mut(unit) {
            unit.paths.insert(path.join("."));
            unit.rules += 1;
        }
    }

    pub fn note_function(&mut self, unit: usize) {
        if let Some(unit) = self.0.get_mut(unit) {
            unit.is_function = true;
        }
    }

    pub fn note_replacing(&mut self, unit: usize) {
        if let Some(unit) = self.0.get_mut(unit) {
            unit.replaces = true;
        }
    }

    pub fn note_depth(&mut self, unit: usize, depth: usize) {
        if let Some(unit) = self.0.get_mut(unit) {
            unit.depth = unit.depth.max(depth);
        }
    }

    pub fn add_use(&mut self, user: usize, used: usize) {
        if let Some(user) = self.0.get_mut(user) {
            user.uses.insert(used);
        }
    }

    pub fn add_call(&mut self, caller: usize, called: usize) {
        self.add_use(caller, called);
        if let Some(caller) = self.0.get_mut(caller) {
            caller.calls.insert(called);
        }
    }

    /// `unit` evaluates something with `function` in the place of another function.
    pub fn add_replacement(&mut self, unit: usize, function: usize) {
        self.add_call(unit, function);
        if let Some(unit) = self.0.get_mut(unit) {
            unit.replacements.insert(function);
        }
    }

    /// A default value of `user` names `used`.
    pub fn add_default(&mut self, user: usize, used: usize) {
        if let Some(user) = self.0.get_mut(user) {
            user.defaults.insert(used);
        }
    }

    pub fn too_deep(&self, unit: usize, what: &str) -> Failure {
        let Some(unit) = self.0.get(unit) else { return Failure::new(Status::RegoTooDeep, what) };
        let message = format!("`{}` {what}", unit.name);
        Failure::at(Status::RegoTooDeep, unit.line, unit.column, message)
    }

    /// Functions that call themselves: the engine finds recursion between rules while evaluating,
    /// but not between functions, and would run out of stack.
    pub fn check_call_cycles(&self) -> Result<()> {
        let parts = self.parts(|unit| &unit.calls).into_iter();
        match parts.filter(|part| self.is_cyclic(part, |unit| &unit.calls)).flatten().min() {
            None => Ok(()),
            Some(unit) => Err(self.too_deep(unit, "is a function that calls itself")),
        }
    }

    /// Defaults that depend on themselves: the engine finds recursion between rules, not this.
    pub fn check_defaults(&self) -> Result<()> {
        for part in self.parts(|unit| &unit.uses) {
            let own = |index: &&usize| {
                self.0.get(**index).is_some_and(|u| u.defaults.iter().any(|d| part.contains(d)))
            };
            if let Some(unit) = part.iter().find(own) {
                return Err(self.too_deep(*unit, "has a default that depends on itself"));
            }
        }
        Ok(())
    }

    /// The longest way through rules that use each other.
    pub fn check_stack(&self) -> Result<()> {
        let mut need = vec![0_usize; self.0.len()];
        for part in self.parts(|unit| &unit.uses) {
            let (mut below, mut from_below) = (0, 0);
            for unit in part.iter().filter_map(|index| self.0.get(*index)) {
                for (used, need) in unit.uses.iter().filter_map(|u| Some((u, *need.get(*u)?))) {
                    // It is called from anywhere below, and goes on from there.
                    let replaces = unit.replacements.contains(used);
                    let most = if replaces { &mut from_below } else { &mut below };
                    *most = need.max(*most);
                }
            }
            let total = self.own_cost(&part).saturating_add(below).saturating_add(from_below);
            for index in &part {
                if total > STACK_LIMIT {
                    return Err(self.too_deep(*index, "nests too deep, with all that it uses"));
                }
                if let Some(slot) = need.get_mut(*index) {
                    *slot = total;
                }
            }
        }
        Ok(())
    }

    /// What the units of a part take when they use each other as often as they can. The engine refuses
    /// a rule that it meets the second time; in between, functions may come again. Rules of one path
    /// are met one by one, but where something is replaced, all are evaluated anew.
    fn own_cost(&self, part: &[usize]) -> usize {
        let units = || part.iter().filter_map(|index| self.0.get(*index));
        if !self.is_cyclic(part, |unit| &unit.uses) {
            return units().map(Unit::cost).sum();
        }
        if units().any(|u| u.replacements.iter().any(|r| part.contains(r))) {
            return usize::MAX;
        }
        let replaces = units().any(|u| u.replaces);
        let times = |u: &Unit| if replaces { u.rules } else { u.paths.len() };
        let rules: usize = units().map(times).sum();
        let functions = |u: &Unit| if u.is_function { rules + 1 } else { 0 };
        let cost = |u: &Unit| (times(u) + functions(u)).max(1).saturating_mul(u.cost());
        units().map(cost).fold(0, usize::saturating_add)
    }

    /// Whether units of a part use each other, or one itself.
    pub fn is_cyclic(&self, part: &[usize], edges: impl Fn(&Unit) -> &BTreeSet<usize>) -> bool {
        part.len() > 1
            || part.iter().any(|index| self.0.get(*index).is_some_and(|u| edges(u).contains(index)))
    }

    pub fn uses(&self, unit: usize) -> impl Iterator<Item = usize> {
        self.0.get(unit).into_iter().flat_map(|u| u.uses.iter().copied())
    }

    /// All units, those together that lead to each other; each part after what it leads to.
    pub fn parts(&self, edges: impl Fn(&Unit) -> &BTreeSet<usize>) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); self.0.len()];
        for (user, unit) in self.0.iter().enumerate() {
            for used in edges(unit) {
                if let Some(users) = users.get_mut(*used) {
                    users.push(user);
                }
            }
        }
        let mut seen = vec![false; self.0.len()];
        let mut parts = Vec::new();
        // Backwards from what ends last, so that what a part leads to comes after it.
        for start in self.post_order(&edges).into_iter().rev() {
            let (mut part, mut stack) = (Vec::new(), vec![start]);
            while let Some(index) = stack.pop() {
                let Some(new) = seen.get_mut(index).filter(|seen| !**seen) else { continue };
                *new = true;
                part.push(index);
                stack.extend(users.get(index).into_iter().flatten());
            }
            if !part.is_empty() {
                parts.push(part);
            }
        }
        parts.reverse();
        parts
    }

    /// All units in the order in which a walk along the edges leaves them.
    fn post_order(&self, edges: impl Fn(&Unit) -> &BTreeSet<usize>) -> Vec<usize> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.0.len()];
        let mut order = Vec::with_capacity(self.0.len());
        for start in 0..self.0.len() {
            let mut stack = vec![(start, false)];
            while let Some((index, leaving)) = stack.pop() {
                let (Some(mark), Some(unit)) = (marks.get_mut(index), self.0.get(index)) else {
                    continue;
                };
                match (*mark, leaving) {
                    (Mark::Done, _) | (Mark::Open, false) => {}
                    (_, true) => {
                        *mark = Mark::Done;
                        order.push(index);
                    }
                    (Mark::New, false) => {
                        *mark = Mark::Open;
                        stack.push((index, true));
                        stack.extend(edges(unit).iter().map(|e| (*e, false)));
                    }
                }
            }
        }
        order
    }
}
