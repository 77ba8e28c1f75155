//! A look at the text before the engine's parser sees it.
//!
//! That parser tries `[` and `{` as a comprehension first, and as a plain array, set or object after
//! that: each level of nesting doubles the work for all that is inside. Thirty brackets would keep it
//! busy for an hour. So the work is estimated first, from above: brackets that it needs not try twice
//! count, too.

use crate::face::{Failure, Result, Status};

/// Bytes parsed, each as often as it is tried: a text of the maximum size nested four deep, or a few
/// bytes nested twenty deep. Takes seconds.
const WORK_LIMIT: u64 = 1 << 24;
const ENGINE_LIMIT: usize = 1 << 20;

/// # Errors
/// `RegoTooDeep`, where the work exceeds the limit.
pub fn check_parsing_work(text: &str) -> Result<()> {
    if text.len() > ENGINE_LIMIT {
        return Ok(()); // the parser refuses it unread
    }
    let (mut line, mut column) = (1, 0);
    let (mut depth, mut work) = (0_u32, 0_u64);
    let mut inside = Inside::Code;
    for byte in text.bytes() {
        column += 1;
        if byte == b'\n' {
            (line, column) = (line + 1, 0);
        }
        let was = inside;
        inside = inside.after(byte);
        if was == Inside::Code {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        work = work.saturating_add(1 << depth.min(40));
        if work > WORK_LIMIT {
            let message = "brackets nested too deep for the size of what is in them";
            return Err(Failure::at(Status::RegoTooDeep, line, column, message));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Code,
    Comment,
    /// "…"
    Text,
    /// After a backslash in one.
    Escape,
    /// `…`
    Raw,
}

impl Inside {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Code, b'#') => Self::Comment,
            (Self::Code, b'"') => Self::Text,
            (Self::Code, b'`') => Self::Raw,
            (Self::Text, b'\\') => Self::Escape,
            (Self::Escape, b'\n') => Self::Code,
            (Self::Escape, _) => Self::Text,
            // A text that the line's end cuts off is a syntax error, which the parser reports.
            (Self::Comment | Self::Text, b'\n') | (Self::Text, b'"') | (Self::Raw, b'`') => {
                Self::Code
            }
            (inside, _) => inside,
        }
    }
}
