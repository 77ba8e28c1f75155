//! How deep values may nest.

use super::*;

/// `name` called `times` times within itself.
fn within(name: &str, times: usize, argument: &str) -> String {
    format!("{}{argument}{}", format!("{name}(").repeat(times), ")".repeat(times))
}

/// What `w(x)` does, done `times`³ times.
fn multiplied(definition: &str, times: usize) -> String {
    format!(
        "{definition}\nw2(x) := {}\nw3(x) := {}\nallow := {}",
        within("w", times, "x"),
        within("w2", times, "x"),
        within("w3", times, "1")
    )
}

fn status(body: &str) -> Status {
    let compiled = compile(&format!("package policy\n{body}"), &strict(&ALLOW));
    compiled.map_or_else(|f| f.status, |_| Status::Ok)
}

#[test]
fn calls_that_multiply_the_depth_of_a_value_are_refused() {
    let brackets = "w1(x) := [[[[[[[[[[x]]]]]]]]]]\n";
    let calls = [
        format!("w2(x) := {}\n", within("w1", 20, "x")),
        format!("w3(x) := {}\n", within("w2", 20, "x")),
        format!("w4(x) := {}\n", within("w3", 20, "x")),
        format!("allow := {}\n", within("w4", 5, "1")),
    ];
    assert_eq!(status(&format!("{brackets}{}", calls.concat())), Status::RegoTooDeep);
}

#[test]
fn each_construction_adds_a_level() {
    for made in [
        "[x]",
        "{x}",
        "{\"k\": x}",
        "{x: 1}",
        "[y | y := x]",
        "{y | y := x}",
        "{y: 1 | y := x}",
        "{1: y | y := x}",
        "[[1], x][1] + 0",
        "{1} | {x}",
        "[x][0]",
    ] {
        let body = |times| multiplied(&format!("w(x) := {made}"), times);
        assert_eq!(status(&body(15)), Status::RegoTooDeep, "{made}");
        assert_eq!(status(&body(10)), Status::Ok, "{made}");
    }
    let array = policy(&multiplied("w(x) := [x]", 10));
    let expected = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(allow(&array, request("{}")), is(&expected));
}

#[test]
fn statements_definitions_and_documents_that_wrap_a_value_count() {
    for definition in [
        "w(x) := y if y := [x]",
        "w(x) := 1 if x == 0 else := [x]",
        "w(x) := y if some y in [[x]]",
        "w(x) := [y | every z in [x] { z == x }; y := x]",
        "w(x) := y if [z, y] = [x, [z]]",
        "w(x) := y if y := r with input as x\nr := [input]",
        "w(x) := y if y := r with input.a as x\nr := input",
        "w(x) := y if y := v(1) with v as [x]\nv(z) := z",
        "w(x) := y if y := r with input as x\nr contains input",
        "w(x) := y if y := r with input as x\nr.a := input",
        "w(x) := y if y := r with input as x\nr[k] := input if k := \"a\"",
        "w(x) := v(x) if x != 0\ndefault v(_) := [1]\nv(z) := [z] if z != 0",
    ] {
        assert_eq!(status(&multiplied(definition, 15)), Status::RegoTooDeep, "{definition}");
        assert_eq!(status(&multiplied(definition, 5)), Status::Ok, "{definition}");
    }
    let statements = |n: usize| {
        let steps: String = (1..=n).map(|i| format!("x{i} := [[[[[x{}]]]]]\n", i - 1)).collect();
        format!("allow := x{n} if {{\nx0 := 1\n{steps}}}")
    };
    assert_eq!(status(&statements(350)), Status::Ok);
    assert_eq!(status(&statements(450)), Status::RegoTooDeep);
}

#[test]
fn a_function_in_the_place_of_another_counts_for_each_call() {
    let body = |times| {
        let calls = multiplied("w(x) := abs(x)", times).replace("allow :=", "result :=");
        format!("{calls}\nwrap(x) := [x]\nallow := y if y := result with abs as wrap")
    };
    assert_eq!(status(&body(15)), Status::RegoTooDeep);
    let expected = format!("{}1{}", "[".repeat(125), "]".repeat(125));
    assert_eq!(allow(&policy(&body(5)), request("{}")), is(&expected));
}

#[test]
fn rules_that_read_each_other_on_a_cycle_count_together() {
    let cycle = |n: usize| {
        let steps: String = (0..n).map(|i| format!("x{i} := [[[[[1]]]]]\n")).collect();
        let rule = |name: &str, next: &str| format!("{name} := {next} if {{\n{steps}input.x\n}}\n");
        format!("allow := a\na := 1 if not input.x\n{}{}", rule("a", "b"), rule("b", "a"))
    };
    assert_eq!(status(&cycle(150)), Status::Ok);
    assert_eq!(status(&cycle(250)), Status::RegoTooDeep);
    let anew =
        "a := 1 if not input.x\na := b if input.x\nb := x if { x := a with input as [input] }";
    assert_eq!(status(&format!("allow := a\n{anew}")), Status::RegoTooDeep);
    // A name of a variable is taken for a rule's.
    let shadowed = "allow := [a, b]\na := 1 if { b := 1; b == 1 }\nb := [a]";
    assert_eq!(allow(&policy(shadowed), request("{}")), is("[1,[1]]"));
}

#[test]
fn wide_values_and_long_policies_are_not_deep() {
    let table = "[1, [\"a\", {\"b\": []}]],\n".repeat(5000);
    assert_eq!(status(&format!("allow := [{table}]")), Status::Ok);
    let alternatives: String =
        (0..3000).map(|i| format!("allow := [{i}] if input.n == [{i}]\n")).collect();
    assert_eq!(status(&alternatives), Status::Ok);
    let members: String = (0..3000).map(|i| format!("many contains [{i}]\n")).collect();
    assert_eq!(status(&format!("allow := many\n{members}")), Status::Ok);
    let layers: String =
        (0..60).map(|i| format!("r{i} := [r{0}, r{0}, r{0}, r{0}]\n", i + 1)).collect();
    assert_eq!(status(&format!("allow := count(r0)\n{layers}r60 := 1")), Status::Ok);
}

/// What `allow := <expression>` gives with `deep` and `other`, about the deepest values there are, on
/// half the stack that evaluations leave for them.
fn of_deepest(expression: &str) -> Result<State, Failure> {
    let body = format!(
        "{}\ndeep := {}\nother := {}\ntwo(x) := y if some y in [deep, [x]]\nallow := {expression}\n",
        multiplied("w(x) := [x]", 12).replace("allow :=", "base :="),
        within("w", 20, "base"),
        within("w", 19, "[base]"),
    );
    let run = move || Ok(policy(&body).evaluate(request("{}"))?.states.remove(0));
    let stack = if cfg!(debug_assertions) { 64 << 20 } else { 2 << 20 };
    thread::Builder::new().stack_size(stack).spawn(run).unwrap().join().unwrap()
}

#[test]
fn the_deepest_values_are_written_compared_and_dropped() {
    let levels = 12 * 12 * 12 + 20;
    let text = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let length = (2 * levels + 1).to_string();
    for (expression, expected) in [
        ("deep", text.as_str()),
        ("deep == other", "true"),
        ("count({deep, other})", "1"),
        ("count(json.marshal(deep))", length.as_str()),
        ("count(sprintf(\"%v\", [deep]))", length.as_str()),
        ("count(object.union({1: deep}, {1: other}))", "1"),
        ("object.union({\"a\": deep}, {\"a\": other}).a == deep", "true"),
    ] {
        assert_eq!(of_deepest(expression).ok(), Some(is(expected)), "{expression}");
    }
    for expression in ["{1: x | some x in [deep, [deep]]}", "two(deep)"] {
        let failure = of_deepest(expression).unwrap_err();
        assert_eq!(failure.status, Status::RegoEvaluation, "{expression}");
    }
}

#[test]
fn texts_read_as_json_end_at_128_levels() {
    let read = |levels: usize| {
        let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        policy("allow := count(json.unmarshal(input))").evaluate(request(&format!("\"{text}\"")))
    };
    assert_eq!(read(127).unwrap().states, [is("1")]);
    assert_eq!(read(129).unwrap_err().status, Status::RegoEvaluation);
    assert_eq!(read(500_000).unwrap_err().status, Status::RegoEvaluation);
}
