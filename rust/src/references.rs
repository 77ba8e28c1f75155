//! The persistent map of reference values: a hash trie of 32-way nodes under `Arc`, so a new version
//! shares all it does not change with the old one, and any number of threads read any version.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use regorus::Value;

/// Arrays shorter than this are searched one by one as quickly as through a tree.
const MEMBERS_FROM: usize = 17;

const BITS: u32 = 5;

/// A reference value ready for evaluation.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub value: Value,
    /// The same entries as a set when `value` is a long array: `x in` it answers alike, faster.
    pub members: Option<Value>,
}

impl Prepared {
    pub fn new(value: Value) -> Self {
        let members = match &value {
            Value::Array(entries) if entries.len() >= MEMBERS_FROM => {
                Some(Value::from(entries.iter().cloned().collect::<BTreeSet<_>>()))
            }
            _ => None,
        };
        Self { value, members }
    }
}

#[derive(Clone)]
struct Entry {
    name: Arc<str>,
    prepared: Prepared,
}

#[derive(Clone)]
enum Node {
    /// One child for each bit set, in the order of the bits.
    Branch { bitmap: u32, children: Vec<Arc<Node>> },
    /// Entries of one hash; more than one only when two names collide in all 64 bits.
    Leaf { hash: u64, entries: Vec<Entry> },
}

/// A set of reference values. Cloning is one reference count.
#[derive(Clone, Default)]
pub struct References {
    root: Option<Arc<Node>>,
    count: usize,
    keys: RandomState,
}

impl References {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn get(&self, name: &str) -> Option<&Prepared> {
        let hash = self.keys.hash_one(name);
        let mut node = self.root.as_deref()?;
        let mut shift = 0;
        loop {
            match node {
                Node::Branch { bitmap, children } => {
                    let bit = bit(hash, shift);
                    if bitmap & bit == 0 {
                        return None;
                    }
                    node = children.get(position(*bitmap, bit))?;
                    shift += BITS;
                }
                Node::Leaf { hash: own, entries } => {
                    return entries
                        .iter()
                        .find(|e| *own == hash && &*e.name == name)
                        .map(|e| &e.prepared);
                }
            }
        }
    }

    /// Adds or replaces. Nodes that another version shares are copied, others changed in place.
    pub fn insert(&mut self, name: &str, prepared: Prepared) {
        let hash = self.keys.hash_one(name);
        let entry = Entry { name: name.into(), prepared };
        let added = match &mut self.root {
            Some(root) => insert(root, 0, hash, entry),
            none => {
                *none = Some(leaf(hash, entry));
                true
            }
        };
        self.count += usize::from(added);
    }

    pub fn remove(&mut self, name: &str) {
        if self.get(name).is_none() {
            return; // copies no node for nothing
        }
        let hash = self.keys.hash_one(name);
        if let Some(root) = &mut self.root {
            if remove(root, 0, hash, name) {
                self.root = None;
            }
            self.count -= 1;
        }
    }
}

fn bit(hash: u64, shift: u32) -> u32 {
    1 << ((hash >> shift) & 31)
}

fn position(bitmap: u32, bit: u32) -> usize {
    (bitmap & (bit - 1)).count_ones() as usize
}

fn leaf(hash: u64, entry: Entry) -> Arc<Node> {
    Arc::new(Node::Leaf { hash, entries: vec![entry] })
}

/// True when a name was added, false when one was replaced.
fn insert(node: &mut Arc<Node>, shift: u32, hash: u64, entry: Entry) -> bool {
    if let Node::Leaf { hash: own, .. } = **node
        && own != hash
    {
        // Two hashes that agree so far: put a branch above the leaf and try again. They differ
        // somewhere in 64 bits, so this ends.
        let below = std::mem::replace(node, Arc::new(Node::Branch { bitmap: 0, children: vec![] }));
        *node = Arc::new(Node::Branch { bitmap: bit(own, shift), children: vec![below] });
    }
    match Arc::make_mut(node) {
        Node::Leaf { entries, .. } => match entries.iter_mut().find(|e| e.name == entry.name) {
            Some(old) => {
                *old = entry;
                false
            }
            None => {
                entries.push(entry);
                true
            }
        },
        Node::Branch { bitmap, children } => {
            let bit = bit(hash, shift);
            let at = position(*bitmap, bit);
            if *bitmap & bit == 0 {
                children.insert(at, leaf(hash, entry));
                *bitmap |= bit;
                return true;
            }
            match children.get_mut(at) {
                Some(child) => insert(child, shift + BITS, hash, entry),
                None => false, // cannot be: the bit says there is a child
            }
        }
    }
}

/// True when nothing is left of the node. The name is known to be there.
fn remove(node: &mut Arc<Node>, shift: u32, hash: u64, name: &str) -> bool {
    match Arc::make_mut(node) {
        Node::Leaf { entries, .. } => {
            entries.retain(|e| &*e.name != name);
            entries.is_empty()
        }
        Node::Branch { bitmap, children } => {
            let bit = bit(hash, shift);
            let at = position(*bitmap, bit);
            if let Some(child) = children.get_mut(at)
                && remove(child, shift + BITS, hash, name)
            {
                children.remove(at);
                *bitmap &= !bit;
            }
            children.is_empty()
        }
    }
}

const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<References>();
};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn number(n: u64) -> Prepared {
        Prepared::new(Value::from(n))
    }

    fn same(refs: &References, model: &BTreeMap<String, u64>, names: u64) {
        assert_eq!(refs.len(), model.len());
        for i in 0..names {
            let name = format!("n{i}");
            assert_eq!(
                refs.get(&name).map(|p| p.value.clone()),
                model.get(&name).map(|n| Value::from(*n)),
                "{name}"
            );
        }
    }

    #[test]
    fn agrees_with_a_tree_map_through_random_changes_and_keeps_old_versions() {
        let mut state = 0x9e3779b97f4a7c15_u64; // xorshift: the seed is this line
        let mut random = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut refs = References::new();
        let mut model = BTreeMap::new();
        let mut old = Vec::new();
        for step in 0..4000_u64 {
            let name = format!("n{}", random(300));
            if random(3) == 0 {
                refs.remove(&name);
                model.remove(&name);
            } else {
                refs.insert(&name, number(step));
                model.insert(name, step);
            }
            if step % 500 == 0 {
                old.push((refs.clone(), model.clone()));
            }
        }
        same(&refs, &model, 300);
        for (refs, model) in old {
            same(&refs, &model, 300);
        }
    }

    #[test]
    fn names_that_collide_in_all_bits_share_a_leaf() {
        let mut root = leaf(7, Entry { name: "a".into(), prepared: number(1) });
        assert!(insert(&mut root, 0, 7, Entry { name: "b".into(), prepared: number(2) }));
        assert!(!insert(&mut root, 0, 7, Entry { name: "b".into(), prepared: number(3) }));
        // Agrees with 7 in the lowest 60 bits, so twelve branches stand above the leaves.
        assert!(insert(&mut root, 0, 7 | 1 << 63, Entry { name: "c".into(), prepared: number(4) }));
        assert!(!remove(&mut root, 0, 7, "a"));
        assert!(!remove(&mut root, 0, 7, "b"));
        assert!(remove(&mut root, 0, 7 | 1 << 63, "c"));
    }

    #[test]
    fn adding_to_a_large_set_copies_one_path_only() {
        let mut refs = References::new();
        for i in 0..20_000 {
            refs.insert(&format!("n{i}"), number(i));
        }
        let before = refs.clone();
        refs.insert("another", number(1));
        let (Some(a), Some(b)) = (&before.root, &refs.root) else { panic!("empty") };
        let (Node::Branch { children: a, .. }, Node::Branch { children: b, .. }) = (&**a, &**b)
        else {
            panic!("no branch")
        };
        let copied = a.iter().zip(b).filter(|(x, y)| !Arc::ptr_eq(x, y)).count();
        assert_eq!((a.len(), copied), (32, 1));
    }

    #[test]
    fn long_arrays_get_a_member_set_and_nothing_else_does() {
        let array = |n: u64| Value::from((0..n).map(Value::from).collect::<Vec<_>>());
        assert!(Prepared::new(array(16)).members.is_none());
        let long = Prepared::new(array(17));
        assert_eq!(long.value, array(17));
        assert_eq!(long.members.unwrap().as_set().unwrap().len(), 17);
        assert!(Prepared::new(Value::from("text")).members.is_none());
    }
}
