//! Regular expressions that match a text in full, and the exported functions for them.

use regex::{Regex, RegexBuilder};

use crate::face::{self, Error, Failure, Note, Slice, Status};

const MAX_PATTERN: usize = 4 << 10;
const MAX_COMPILED: usize = 1 << 20;

pub struct Pattern(Regex);

impl Pattern {
    pub fn new(pattern: &str) -> face::Result<Self> {
        let invalid = |e: String| Failure::new(Status::RegexInvalid, e);
        if pattern.len() > MAX_PATTERN {
            return Err(invalid(format!("pattern longer than {MAX_PATTERN} bytes")));
        }
        let build = |text: &str| RegexBuilder::new(text).size_limit(MAX_COMPILED).build();
        // Alone first: what only parses inside our group, as `a)|(b`, is not a pattern.
        build(pattern).map_err(|e| invalid(e.to_string()))?;
        // A pattern in `(?x)` mode may end in a comment, which would hide our closing parenthesis;
        // it needs the line end that this mode ignores.
        build(&format!(r"\A(?:{pattern})\z"))
            .or_else(|_| build(&format!("\\A(?:{pattern}\n)\\z")))
            .map(Self)
            .map_err(|e| invalid(e.to_string()))
    }

    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Pattern>();
};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_regex_compile(
    pattern: Slice,
    out: *mut *mut Pattern,
    error: *mut Error,
) -> Status {
    // SAFETY: the header asks the caller for what `out`, `text` and `guard_into` ask.
    unsafe {
        face::guard_into(error, || {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            *out = Box::into_raw(Box::new(Pattern::new(pattern.text()?)?));
            Ok(Note::Nothing)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_regex_full_match(
    regex: *const Pattern,
    text: Slice,
    matched: *mut i32,
) -> Status {
    face::guard(|| {
        // SAFETY: the header asks the caller for what `out`, `handle` and `text` ask.
        unsafe {
            let matched = face::out(matched)?;
            *matched = 0;
            *matched = i32::from(face::handle(regex)?.matches(text.text()?));
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_regex_free(regex: *mut Pattern) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(regex) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).is_ok_and(|p| p.matches(text))
    }

    #[test]
    fn matches_the_whole_text_whatever_the_pattern_looks_like() {
        for (pattern, yes, no) in [
            ("a|b", "b", "bc"),
            ("a|ab", "ab", "abc"),
            ("^/kbs/v0/resource/[a-z]+$", "/kbs/v0/resource/x", "/kbs/v0/resource/x/y"),
            ("(?i)get", "GET", "xGET"),
            ("(?m)^a$", "a", "a\nb"),
            ("(?x) a b  # comment", "ab", "ab # comment"),
            ("a.c", "abc", "a\nc"),
            ("", "", "x"),
            ("a", "a", "a\n"),
            ("é+", "éé", "e"),
        ] {
            assert!(matches(pattern, yes), "{pattern} {yes}");
            assert!(!matches(pattern, no), "{pattern} {no}");
        }
    }

    #[test]
    fn refuses_what_is_no_pattern_or_too_large() {
        for pattern in ["a)|(b", "(", "[", r"(?=a)", r"\1", "*"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
        assert!(Pattern::new(r"((\w{100}){100}){100}").is_err());
        assert!(Pattern::new(&"a".repeat(MAX_PATTERN)).is_ok());
        assert!(Pattern::new(&"a".repeat(MAX_PATTERN + 1)).is_err());
    }
}
