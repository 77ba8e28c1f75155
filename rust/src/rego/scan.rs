//! A look at the text before the engine's parser sees it.
//!
//! That parser reads what follows `[` or `{` as the head of a comprehension first, and when no `|`
//! follows, again as the first entry of an array, set or object: a first entry costs twice as much for
//! each bracket that it is the first entry of. Thirty brackets would keep it busy for a day. So the
//! work is estimated first, from above: brackets of rule bodies and comprehensions count, too.

use crate::face::{Failure, Result, Status};

/// A text of the maximum size nested five deep, or fifteen brackets around nothing. Some seconds.
const WORK_LIMIT: u64 = 1 << 25;
/// What a failed attempt costs in bytes read: it words an error message.
const ATTEMPT: u64 = 400;
const ENGINE_LIMIT: usize = 1 << 20;

/// The work, in bytes read.
///
/// # Errors
/// `RegoTooDeep`, where the work exceeds the limit.
pub fn check_parsing_work(text: &str) -> Result<u64> {
    if text.len() > ENGINE_LIMIT {
        return Ok(0); // the parser refuses it unread
    }
    let (mut line, mut column) = (1, 0);
    let mut inside = Inside::Code;
    // How often this byte is read, and the same for what stands around the brackets open here.
    let (mut times, mut around) = (1_u64, Vec::new());
    let mut work = 0_u64;
    for byte in text.bytes() {
        column += 1;
        if byte == b'\n' {
            (line, column) = (line + 1, 0);
        }
        match byte {
            _ if inside != Inside::Code => {}
            b'[' | b'{' => {
                around.push(times);
                times = times.saturating_mul(2);
                work = work.saturating_add(times.saturating_mul(ATTEMPT));
            }
            b']' | b'}' => times = around.pop().unwrap_or(1),
            b',' => times = around.last().copied().unwrap_or(1),
            _ => {}
        }
        inside = inside.after(byte);
        work = work.saturating_add(times);
        if work > WORK_LIMIT {
            let message = "brackets nested too deep for the size of what is in them";
            return Err(Failure::at(Status::RegoTooDeep, line, column, message));
        }
    }
    Ok(work)
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
