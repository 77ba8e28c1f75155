// Writes serde-numbers.txt: for doubles and number texts what serde_json (1.0.154, feature
// arbitrary_precision) prints. Build with that single dependency and redirect stdout to the file.
use serde_json::{from_str, to_string, Value};

fn main() {
    let mut doubles = vec![
        0.0, -0.0, 1.0, -1.0, 0.1, 0.2, 0.3, 1.5, 123.456, 1e15, 9999999999999998.0, 1e16, 1.5e16, 1e17, 1e21, 1e22,
        1e23, 1e100, 1e-4, 1e-5, 1.25e-5, 1e-6, 1.25e-6, 1e-7, 5e-324, 2.2250738585072014e-308, f64::MAX, f64::MIN,
        9007199254740992.0, 9007199254740993.0, 4503599627370496.5, 1.7976931348623155e308, 100.0, 1e2, 120000.0,
    ];
    let mut state: u64 = 0x9e3779b97f4a7c15;
    while doubles.len() < 400 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let d = f64::from_bits(state);
        if d.is_finite() {
            doubles.push(d);
            doubles.push((state % 1_000_000) as f64 / 1000.0);
        }
    }
    for d in doubles {
        println!("d {:016x} {}", d.to_bits(), to_string(&Value::from(d)).unwrap());
    }
    for t in [
        "0", "-0", "1", "-1", "1.00", "1e2", "1E2", "1e+2", "1E+2", "1e-2", "1E-2", "0e0", "-0.0e-0", "1.0E5",
        "1e007", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
        "0.1000000000000000055511151231257827", "2.2250738585072011e-308", "1e308",
    ] {
        println!("t {} {}", t, from_str::<Value>(t).unwrap());
    }
}
