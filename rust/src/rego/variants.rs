//! Engines for inputs that a part of a policy's definitions cannot apply to, see `guards`. Each is
//! made when its first input comes, and kept.

use std::sync::{Arc, Mutex, PoisonError};

use regorus::Value;

use super::compile::{engines_of, with_large_stack};
use super::guards::{Guards, Members};
use super::{Engines, Rule};

/// Enough for each platform there is; what comes on top is evaluated with all definitions.
const MAX_VARIANTS: usize = 16;

/// None where the text stays as it is, or the engine did not take it.
type Variant = Option<Arc<Engines>>;

pub struct Variants {
    guards: Guards,
    text: String,
    data_keys: Vec<String>,
    made: Mutex<Vec<(Members, Variant)>>,
}

impl Variants {
    /// `text` as the engines of all definitions were made of.
    pub fn new(guards: Guards, text: String, data_keys: Vec<String>) -> Self {
        Self { guards, text, data_keys, made: Mutex::default() }
    }

    /// Engines that answer `input` as those of all definitions do, if there are any better.
    pub fn for_input(&self, input: &Value, rules: &[Rule]) -> Variant {
        let absent = self.guards.absent_from(input);
        if absent == 0 {
            return None;
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, variant)) = made.iter().find(|(members, _)| *members == absent) {
            return variant.clone();
        }
        if made.len() == MAX_VARIANTS {
            return None;
        }
        let variant = self.make(absent, rules);
        made.push((absent, variant.clone()));
        variant
    }

    /// How many were made.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter().filter(|(_, variant)| variant.is_some()).count()
    }

    fn make(&self, absent: Members, rules: &[Rule]) -> Variant {
        let text = self.guards.without(absent, &self.text)?;
        with_large_stack(|| engines_of(&text, rules, &self.data_keys)).ok().map(Arc::new)
    }
}
