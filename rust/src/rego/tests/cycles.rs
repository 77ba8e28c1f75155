//! What evaluates itself, or could evaluate very much in a row.

use super::*;

fn answer(body: &str) -> Result<State, Failure> {
    let (policy, _) = compile(&format!("package policy\n{body}"), &strict(&ALLOW))?;
    Ok(policy.evaluate(request("{}"))?.states.remove(0))
}

fn status(body: &str) -> Status {
    answer(body).map_or_else(|f| f.status, |_| Status::Ok)
}

#[test]
fn defaults_that_depend_on_themselves_are_refused() {
    for body in [
        "default allow := [x | x := allow]",
        "default allow := [x | x := f(1)]\nf(y) := allow",
        "default allow := {x | x := other}\nother := allow",
        "default allow := 1\ndefault f(_) := [x | x := g(1)]\ng(y) := f(y)",
    ] {
        assert_eq!(status(body), Status::RegoTooDeep, "{body}");
    }
    assert_eq!(answer("default allow := [x | x := other]\nother := 1").ok(), Some(is("[1]")));
}

/// Rules in rows, each of which goes on to the next. A walk that meets the last of a row first goes
/// backwards through it along uses that do not come to pass.
fn rows(count: usize, length: usize) -> String {
    let name = |i: usize| format!("r{i}");
    let mut text = String::new();
    for row in (0..count).rev() {
        for i in (row * length..(row + 1) * length).rev() {
            text.push_str(&format!("{} := {}\n", name(i), name(i + 1)));
            if i > row * length {
                text.push_str(&format!("{} := {} if input.never\n", name(i), name(i - 1)));
            }
        }
    }
    text + &format!("{} := 1\nallow := r0\n", name(count * length))
}

#[test]
fn rules_on_cycles_are_counted_each_once() {
    assert_eq!(answer(&rows(1, 60)).ok(), Some(is("1")));
    assert_eq!(status(&rows(10, 60)), Status::RegoTooDeep);
}

#[test]
fn rules_below_one_name_that_use_each_other_are_counted_each_once() {
    let chain = |n: usize| {
        let rules: String = (0..n).map(|i| format!("a.b{i} := a.b{}\n", i + 1)).collect();
        format!("{rules}a.b{n} := 1\nallow := a.b0\n")
    };
    assert_eq!(answer(&chain(60)).ok(), Some(is("1")));
    assert_eq!(status(&chain(600)), Status::RegoTooDeep);
}

#[test]
fn a_computed_member_of_data_may_be_any_rule() {
    let chain = |n: usize| {
        let rule = |i: usize| format!("r{i} := data.policy[n] if n := \"r{}\"\n", i + 1);
        let rules: String = (0..n).map(rule).collect();
        format!("{rules}r{n} := 1\nallow := r0\n")
    };
    assert_eq!(answer(&chain(40)).ok(), Some(is("1")));
    assert_eq!(status(&chain(600)), Status::RegoTooDeep);
}

#[test]
fn a_function_in_the_place_of_another_goes_on_from_there() {
    let chain = |n: usize| {
        let down: String = (0..40).map(|i| format!("g{i}(x) := g{}(x)\n", i + 1)).collect();
        let level = |i: usize| format!("u{i}(x) := y if y := g0(x) with abs as u{}\n", i + 1);
        let levels: String = (0..n).map(level).collect();
        format!("{down}g40(x) := abs(x)\n{levels}u{n}(x) := x\nallow := u0(1)\n")
    };
    assert_eq!(answer(&chain(2)).ok(), Some(is("1")));
    assert_eq!(status(&chain(15)), Status::RegoTooDeep);
}

#[test]
fn functions_between_rules_on_a_cycle_are_counted_again() {
    let body = |n: usize| {
        let functions: String = (0..n).map(|i| format!("f{i}(x) := f{}(x)\n", i + 1)).collect();
        let rule = |i: usize| format!("r{i} := f0({i}) if not input.x\n");
        let rules: String = (0..n).map(rule).collect();
        let last: String = (0..n).map(|i| format!("f{n}(x) := r{} if x == {i}\n", i + 1)).collect();
        format!("{functions}{rules}{last}r{n} := 1\nallow := r0\n")
    };
    assert_eq!(answer(&body(5)).ok(), Some(is("1")));
    assert_eq!(status(&body(30)), Status::RegoTooDeep);
}
