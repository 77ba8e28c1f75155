//! References of a policy taken apart.

use regorus::unstable::{Expr, Ref};

/// A reference taken apart: `data.a["b"][c].d` has root `data`, path `a b`, computed member `c`.
pub(super) struct Chain<'a> {
    pub(super) root: &'a Ref<Expr>,
    /// Members up to the first computed one.
    pub(super) path: Vec<&'a str>,
    pub(super) computed: Vec<&'a Ref<Expr>>,
    pub(super) length: usize,
}

pub(super) fn chain(expr: &Ref<Expr>) -> Chain<'_> {
    let mut found = Chain { root: expr, path: Vec::new(), computed: Vec::new(), length: 0 };
    loop {
        match found.root.as_ref() {
            Expr::RefDot { refr, field, .. } => {
                found.path.push(field.0.text());
                found.root = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                if let Expr::String { span, .. } = index.as_ref() {
                    found.path.push(span.text());
                } else {
                    found.path.clear();
                    found.computed.push(index);
                }
                found.root = refr;
            }
            _ => break,
        }
        found.length += 1;
    }
    found.path.reverse();
    found
}
