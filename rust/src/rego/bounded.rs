//! Functions of the language whose cost follows the value of a number, not the size of an argument.
//!
//! The engine looks at the clock between calls, not inside one, so that a few characters of a policy,
//! or of evidence that a policy hands to such a function, would hold a thread and its memory for
//! minutes. Here their arguments are bounded first; what passes is computed by the engine itself.
//!
//! Looked through were all functions of the engine's features `base64`, `regex`, `std` and `time`. What
//! is left grows with its arguments: a policy can still square numbers or double texts step by step
//! until its time is over.

use std::iter::Peekable;
use std::str::Chars;

use anyhow::{Result, bail};
use regorus::{Engine, Value};

use super::compile::prepare;
use super::reading::value_of;

/// The longest array that `numbers.range` and `numbers.range_step` make.
const MAX_RANGE: f64 = 1_000_000.0;
/// 2^53 - 1. Beyond, a number may be as large as the next, and the engine would count for ever.
const MAX_END: f64 = 9_007_199_254_740_991.0;
/// The widest field, and the most decimals, in a format of `sprintf`.
const MAX_WIDTH_DIGITS: usize = 3;
/// The longest exponent in a text that `units.parse` and `units.parse_bytes` read.
const MAX_EXPONENT_DIGITS: usize = 3;
/// The most bits that `bits.lsh` shifts by.
const MAX_SHIFT: f64 = 65_536.0;

#[derive(Clone, Copy)]
enum How {
    /// The engine's function, once the arguments were looked at.
    Checked(fn(&[Value]) -> Result<()>),
    /// A function of ours.
    Replaced(fn(&[Value]) -> Result<Value>),
}

const FUNCTIONS: [(&str, u8, How); 9] = [
    ("bits.lsh", 2, How::Checked(check_shift)),
    ("json.is_valid", 1, How::Replaced(is_json)),
    ("json.unmarshal", 1, How::Replaced(from_json)),
    ("numbers.range", 2, How::Checked(check_range)),
    ("numbers.range_step", 3, How::Checked(check_range)),
    ("sprintf", 2, How::Checked(check_format)),
    ("to_number", 1, How::Checked(check_number_text)),
    ("units.parse", 1, How::Checked(check_quantity)),
    ("units.parse_bytes", 1, How::Checked(check_quantity)),
];

/// Puts the bounded functions in front of the engine's own, those that `text` can name.
pub fn bound_functions(engine: &mut Engine, text: &str) -> Result<()> {
    // Between the parts of a name there may be brackets and quotes, in which no escape is undone.
    let named = |name: &str| name.split('.').all(|part| text.contains(part));
    for (name, arity, how) in FUNCTIONS.into_iter().filter(|(name, ..)| named(name)) {
        match how {
            How::Replaced(function) => engine.add_extension(
                name.to_owned(),
                arity,
                Box::new(move |arguments: Vec<Value>| function(&arguments)),
            )?,
            How::Checked(check) => {
                let original = engine_of(name, arity)?;
                engine.add_extension(
                    name.to_owned(),
                    arity,
                    Box::new(move |arguments: Vec<Value>| {
                        check(&arguments)?;
                        let mut original = original.clone();
                        original.set_input(Value::from(arguments));
                        original.eval_rule("data.bounded.result".to_owned())
                    }),
                )?;
            }
        }
    }
    Ok(())
}

/// An engine prepared to answer one call of its own function, with the arguments as input.
fn engine_of(name: &str, arity: u8) -> Result<Engine> {
    let arguments: Vec<String> = (0..arity).map(|i| format!("input[{i}]")).collect();
    let mut engine = Engine::new();
    engine.add_policy(
        "bounded.rego".to_owned(),
        format!("package bounded\nimport rego.v1\nresult := {name}({})\n", arguments.join(", ")),
    )?;
    prepare(&mut engine).map_err(|failure| anyhow::anyhow!(failure.message))?;
    Ok(engine)
}

fn check_shift(arguments: &[Value]) -> Result<()> {
    // What is no number is the engine's to refuse, here and below.
    let [_, Value::Number(bits)] = arguments else { return Ok(()) };
    match bits.as_f64() {
        Some(bits) if bits <= MAX_SHIFT => Ok(()),
        _ => bail!("a shift by more than {MAX_SHIFT} bits"),
    }
}

fn check_range(arguments: &[Value]) -> Result<()> {
    let [Value::Number(from), Value::Number(to), ..] = arguments else { return Ok(()) };
    match (from.as_f64(), to.as_f64()) {
        (Some(from), Some(to)) if from.abs().max(to.abs()) > MAX_END => {
            bail!("a range with an end beyond {MAX_END}")
        }
        (Some(from), Some(to)) if (to - from).abs() < MAX_RANGE => Ok(()),
        _ => bail!("a range of more than {MAX_RANGE} numbers"),
    }
}

/// Reads the format as the engine does, which is not as one would think: `%+` takes the character
/// after it, whatever that is, when its value is no number.
fn check_format(arguments: &[Value]) -> Result<()> {
    let [Value::String(format), Value::Array(values)] = arguments else { return Ok(()) };
    let (mut chars, mut values) = (format.chars().peekable(), values.iter());
    while let Some(each) = chars.next() {
        if each != '%' || chars.next_if_eq(&'%').is_some() {
            continue;
        }
        chars.next_if_eq(&'.');
        check_width(&mut chars)?;
        // Without a verb or a value the engine refuses the format.
        let (Some(verb), Some(value)) = (chars.next(), values.next()) else { return Ok(()) };
        if verb == '+' && !matches!(value, Value::Number(_)) {
            chars.next();
        }
    }
    Ok(())
}

fn check_width(chars: &mut Peekable<Chars<'_>>) -> Result<()> {
    let mut digits = 0;
    while let Some(digit) = chars.next_if(|c| c.is_numeric()) {
        digits += 1;
        if digits > MAX_WIDTH_DIGITS {
            bail!("a field of a format is wider than {MAX_WIDTH_DIGITS} digits can say");
        }
        if !digit.is_ascii_digit() {
            bail!("the width of a field of a format is no number");
        }
    }
    Ok(())
}

fn check_quantity(arguments: &[Value]) -> Result<()> {
    let Some(Value::String(text)) = arguments.first() else { return Ok(()) };
    let long = text.split(['e', 'E']).skip(1).any(|exponent| {
        exponent.chars().filter(char::is_ascii_digit).count() > MAX_EXPONENT_DIGITS
    });
    if long {
        bail!("an exponent of more than {MAX_EXPONENT_DIGITS} digits");
    }
    Ok(())
}

/// The engine reads the text as any JSON, and would expand a number inside an object.
fn check_number_text(arguments: &[Value]) -> Result<()> {
    match arguments {
        [Value::String(text)] if text.trim_start().starts_with(['{', '[']) => {
            bail!("could not parse string as number")
        }
        _ => Ok(()),
    }
}

fn from_json(arguments: &[Value]) -> Result<Value> {
    let [Value::String(text)] = arguments else { bail!("`json.unmarshal` expects a string") };
    Ok(value_of(text)?)
}

fn is_json(arguments: &[Value]) -> Result<Value> {
    let [Value::String(text)] = arguments else { bail!("`json.is_valid` expects a string") };
    Ok(Value::from(value_of(text).is_ok()))
}
