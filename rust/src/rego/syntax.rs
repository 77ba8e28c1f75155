//! Small questions to the engine's syntax tree.

use std::ops::Range;

use regorus::unstable::{Expr, Ref, Rule, RuleHead, Span};

pub fn range(span: &Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

pub fn rule_refr(rule: &Rule) -> &Ref<Expr> {
    match rule {
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. }
            | RuleHead::Set { refr, .. }
            | RuleHead::Func { refr, .. } => refr,
        },
        Rule::Default { refr, .. } => refr,
    }
}

/// The variables of a pattern: what unifying it could bind.
pub fn names_bound_by(pattern: &Ref<Expr>) -> impl Iterator<Item = &str> {
    let mut stack = vec![pattern];
    std::iter::from_fn(move || {
        while let Some(part) = stack.pop() {
            match part.as_ref() {
                Expr::Var { span, .. } => return Some(span.text()),
                Expr::Array { items, .. } | Expr::Set { items, .. } => stack.extend(items),
                Expr::Object { fields, .. } => {
                    stack.extend(fields.iter().flat_map(|(_, key, value)| [key, value]));
                }
                _ => {}
            }
        }
        None
    })
}
