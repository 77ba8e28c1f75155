//! Functions of the language whose cost follows the value of a number, not the size of an argument.
//!
//! The engine looks at the clock between calls, not inside one, so that a few characters of a policy,
//! or of evidence that a policy hands to such a function, would hold a thread and its memory for
//! minutes. Here their arguments are bounded first; what passes is computed by the engine itself.

use anyhow::{Result, bail};
use regorus::{Engine, Value};

/// The longest array that `numbers.range` and `numbers.range_step` make.
const MAX_RANGE: f64 = 1_000_000.0;
/// The widest field, and the most decimals, in a format of `sprintf`.
const MAX_WIDTH_DIGITS: usize = 3;
/// The longest exponent in a text that `units.parse` and `units.parse_bytes` read.
const MAX_EXPONENT_DIGITS: usize = 3;

/// Each function: its name, how many arguments it takes, and what they must keep to.
const FUNCTIONS: [(&str, u8, fn(&[Value]) -> Result<()>); 5] = [
    ("numbers.range", 2, check_range),
    ("numbers.range_step", 3, check_range),
    ("sprintf", 2, check_format),
    ("units.parse", 1, check_quantity),
    ("units.parse_bytes", 1, check_quantity),
];

/// Puts the bounded functions in front of the engine's own, those that `text` can name.
pub fn bound_functions(engine: &mut Engine, text: &str) -> Result<()> {
    for (name, arity, check) in FUNCTIONS {
        // Between the parts of a name there may be brackets and quotes.
        if name.split('.').all(|part| text.contains(part)) {
            engine.add_extension(
                name.to_owned(),
                arity,
                Box::new(move |arguments: Vec<Value>| call(name, check, arguments)),
            )?;
        }
    }
    Ok(())
}

/// The engine's own function on arguments that keep to the bounds.
fn call(name: &str, check: fn(&[Value]) -> Result<()>, arguments: Vec<Value>) -> Result<Value> {
    check(&arguments)?;
    let names: Vec<String> = (0..arguments.len()).map(|i| format!("input[{i}]")).collect();
    let mut engine = Engine::new();
    engine.add_policy(
        "bounded.rego".to_owned(),
        format!("package bounded\nimport rego.v1\nresult := {name}({})\n", names.join(", ")),
    )?;
    engine.set_input(Value::from(arguments));
    engine.eval_rule("data.bounded.result".to_owned())
}

fn check_range(arguments: &[Value]) -> Result<()> {
    let [from, to, ..] = arguments else { bail!("a range has two ends") };
    // What is no number is the engine's to refuse.
    let (Value::Number(from), Value::Number(to)) = (from, to) else { return Ok(()) };
    match (from.as_f64(), to.as_f64()) {
        (Some(from), Some(to)) if (to - from).abs() < MAX_RANGE => Ok(()),
        _ => bail!("a range of more than {MAX_RANGE} numbers"),
    }
}

fn check_format(arguments: &[Value]) -> Result<()> {
    let Some(Value::String(format)) = arguments.first() else { return Ok(()) };
    let wide = format.split('%').skip(1).any(|verb| {
        let digits = verb.trim_start_matches('.');
        digits.chars().take_while(|c| c.is_numeric()).count() > MAX_WIDTH_DIGITS
    });
    if wide {
        bail!("a field of a format is wider than {MAX_WIDTH_DIGITS} digits can say");
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
