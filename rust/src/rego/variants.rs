//! Engines for inputs that a part of a policy's definitions cannot apply to, see `guards`. Each is
//! made when its first input comes, and kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    made: Mutex<Vec<(Members, Claim)>>,
}

/// What there is of a variant for one who needs it.
#[derive(Clone)]
pub enum Claim {
    Made(Variant),
    /// Another thread makes it, or there are enough: all definitions will do.
    Taken,
    /// Nobody makes it yet.
    Free,
}

impl Variants {
    /// `text` as the engines of all definitions were made of.
    pub fn new(guards: Guards, text: String, data_keys: Vec<String>) -> Self {
        Self { guards, text, data_keys, made: Mutex::default() }
    }

    /// Engines that answer `input` and `data` as those of all definitions do, if there are any better.
    /// One caller makes them; others do not wait for it.
    pub fn for_input(&self, input: &Value, data: &Value, rules: &[Rule]) -> Variant {
        let absent = self.guards.absent_from(input, data);
        if absent == 0 {
            return None;
        }
        match self.claim(absent) {
            Claim::Made(variant) => variant,
            Claim::Taken => None,
            Claim::Free => {
                let variant = self.make(absent, rules);
                let mut made = self.lock();
                if let Some((_, claim)) = made.iter_mut().find(|(members, _)| *members == absent) {
                    *claim = Claim::Made(variant.clone());
                }
                variant
            }
        }
    }

    /// Free only once for each set of members: who is told so makes the variant.
    pub fn claim(&self, absent: Members) -> Claim {
        let mut made = self.lock();
        if let Some((_, claim)) = made.iter().find(|(members, _)| *members == absent) {
            return claim.clone();
        }
        if made.len() == MAX_VARIANTS {
            return Claim::Taken;
        }
        made.push((absent, Claim::Taken));
        Claim::Free
    }

    /// How many were made.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.lock().iter().filter(|(_, claim)| matches!(claim, Claim::Made(Some(_)))).count()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Members, Claim)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, absent: Members, rules: &[Rule]) -> Variant {
        let text = self.guards.without(absent, &self.text)?;
        with_large_stack(|| engines_of(&text, rules, &self.data_keys)).ok().map(Arc::new)
    }
}
