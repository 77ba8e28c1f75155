//! Who uses whom in a policy, and how deep an evaluation can nest because of it.

use std::collections::BTreeSet;

use regorus::unstable::Span;

use crate::face::{Failure, Result, Status};

/// Bytes of stack that an evaluation may need. Threads that evaluate have 8 MiB by default. Measured
/// with an optimised build, and about doubled: 3 to 4 KiB for a rule that uses another, 1.4 KiB for a
/// statement that loops, 0.1 to 3 KiB for an expression inside another.
const STACK_LIMIT: usize = 4 << 20;
const RULE_COST: usize = 12 << 10;
const NODE_COST: usize = 3 << 10;

/// One name of the package: all rules or function definitions that share it.
struct Unit {
    name: String,
    line: u32,
    column: u32,
    /// How deep its expressions and statements nest.
    depth: usize,
    /// Units that its text names.
    uses: BTreeSet<usize>,
    /// Those of them that it calls as functions.
    calls: BTreeSet<usize>,
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
            depth: 0,
            uses: BTreeSet::new(),
            calls: BTreeSet::new(),
        });
    }

    pub fn len(&self) -> usize {
        self.0.len()
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

    fn too_deep(&self, unit: usize, what: &str) -> Failure {
        let Some(unit) = self.0.get(unit) else { return Failure::new(Status::RegoTooDeep, what) };
        let message = format!("`{}` {what}", unit.name);
        Failure::at(Status::RegoTooDeep, unit.line, unit.column, message)
    }

    /// Functions that call themselves: the engine finds recursion between rules while evaluating,
    /// but not between functions, and would run out of stack.
    pub fn check_call_cycles(&self) -> Result<()> {
        match self.post_order(|unit| &unit.calls).1 {
            None => Ok(()),
            Some(unit) => Err(self.too_deep(unit, "is a function that calls itself")),
        }
    }

    /// The longest way through rules that use each other. Cycles do not count: the engine refuses
    /// them at run time, the second time it meets a rule (or a local variable has a rule's name).
    pub fn check_stack(&self) -> Result<()> {
        let mut need = vec![0_usize; self.0.len()];
        for index in self.post_order(|unit| &unit.uses).0 {
            let Some(unit) = self.0.get(index) else { continue };
            let below = unit.uses.iter().filter_map(|u| need.get(*u)).max().copied();
            let own = RULE_COST + unit.depth * NODE_COST;
            let total = own.saturating_add(below.unwrap_or_default());
            if total > STACK_LIMIT {
                return Err(self.too_deep(index, "nests too deep, with all that it uses"));
            }
            if let Some(slot) = need.get_mut(index) {
                *slot = total;
            }
        }
        Ok(())
    }

    /// All units, each after what its edges lead to, and a unit that lies on a cycle, if any does.
    fn post_order(&self, edges: impl Fn(&Unit) -> &BTreeSet<usize>) -> (Vec<usize>, Option<usize>) {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.0.len()];
        let mut order = Vec::with_capacity(self.0.len());
        let mut on_cycle = None;
        for start in 0..self.0.len() {
            let mut stack = vec![(start, false)];
            while let Some((index, leaving)) = stack.pop() {
                let (Some(mark), Some(unit)) = (marks.get_mut(index), self.0.get(index)) else {
                    continue;
                };
                match (*mark, leaving) {
                    (Mark::Done, _) => {}
                    (_, true) => {
                        *mark = Mark::Done;
                        order.push(index);
                    }
                    (Mark::Open, false) => on_cycle = on_cycle.or(Some(index)),
                    (Mark::New, false) => {
                        *mark = Mark::Open;
                        stack.push((index, true));
                        stack.extend(edges(unit).iter().map(|e| (*e, false)));
                    }
                }
            }
        }
        (order, on_cycle)
    }
}
