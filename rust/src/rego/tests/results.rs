use super::*;

#[test]
fn missing_undefined_and_false_are_three_things() {
    assert_eq!(eval("false").unwrap(), is("false"));
    assert_eq!(eval("input.absent").unwrap(), State::Undefined);
    let policy = policy("allow if input.x == 1");
    assert_eq!(allow(&policy, request(r#"{"x":1}"#)), is("true"));
    assert_eq!(allow(&policy, request(r#"{"x":2}"#)), State::Undefined);
    assert_eq!(eval("null").unwrap(), is("null"));
}

#[test]
fn one_rule_can_be_asked_for_alone() {
    let (policy, _) = compile(CPU_POLICY, &strict(&APPRAISAL)).unwrap();
    let outcome = policy.evaluate(Request { rule: Some(1), ..request(SNP_CLAIMS) }).unwrap();
    assert_eq!(outcome.states, [State::NotEvaluated, is(IDENTIFIERS)]);
    assert!(outcome.queries.is_empty());
}

#[test]
fn results_are_written_as_the_engine_writes_them() {
    assert_eq!(eval(r#"{3, 1, "a"}"#).unwrap(), is(r#"[1,3,"a"]"#));
    assert_eq!(eval(r#"{"b": 1, "a": {1: 2}}"#).unwrap(), is(r#"{"a":{"1":2},"b":1}"#));
    assert_eq!(eval(r#""é\n""#).unwrap(), is("\"é\\n\""));
    assert_eq!(
        eval("[1.5, 1e3, 18446744073709551615]").unwrap(),
        is("[1.5,1000,18446744073709551615]")
    );
}

#[test]
fn integers_of_64_bits_pass_through_exactly() {
    let policy = policy("allow := input");
    for text in ["18446744073709551615", "-9223372036854775808", "9007199254740993", "0", "-1"] {
        assert_eq!(allow(&policy, request(text)), is(text));
    }
}

#[test]
fn an_undefined_input_is_not_null() {
    let policy = policy("allow := input");
    let absent = Request { input: Value::Undefined, ..request("null") };
    assert_eq!(allow(&policy, absent), State::Undefined);
    assert_eq!(allow(&policy, request("null")), is("null"));
}

#[test]
fn rules_that_disagree_and_failing_built_ins_end_the_evaluation() {
    for expression in ["1\nallow := 2", "to_number(\"x\")", "count(null)", "1 / 0"] {
        let failure = eval(expression).unwrap_err();
        assert_eq!(failure.status, Status::RegoEvaluation, "{expression}");
        assert!(failure.line > 0, "{expression}: {}", failure.message);
    }
}

#[test]
fn an_error_in_the_first_rule_ends_the_call() {
    let (policy, _) = compile(
        "package policy\ntrust_claims := count(null)\nextensions := query_reference_value(\"x\")",
        &strict(&APPRAISAL),
    )
    .unwrap();
    assert_eq!(policy.evaluate(request("{}")).unwrap_err().status, Status::RegoEvaluation);
    let second = policy.evaluate(Request { rule: Some(1), ..request("{}") }).unwrap();
    assert_eq!(second.states, [State::NotEvaluated, is("null")]);
}

#[test]
fn the_dialects_built_ins_work() {
    for (expression, expected) in [
        (r#"regex.match("^a+$", "aa")"#, "true"),
        (r#"regex.find_n("[0-9]+", "a12b3", -1)"#, r#"["12","3"]"#),
        (r#"base64.encode("hi")"#, "\"aGk=\""),
        (r#"base64.decode("aGk=")"#, "\"hi\""),
        (r#"time.parse_rfc3339_ns("1970-01-01T00:00:01Z")"#, "1000000000"),
        ("time.now_ns() > 1700000000000000000", "true"),
        (r#"json.unmarshal("[1]")"#, "[1]"),
        (r#"units.parse_bytes("1KiB")"#, "1024"),
        (r#"sprintf("%d-%s", [1, "a"])"#, "\"1-a\""),
        ("bits.and(6, 3)", "2"),
        ("numbers.range(1, 3)", "[1,2,3]"),
        (r#"json.filter({"a": 1, "b": 2}, ["a"])"#, r#"{"a":1}"#),
        (r#"trace("x")"#, "\"x\""),
        ("rand.intn(\"x\", 1)", "0"),
    ] {
        assert_eq!(eval(expression).unwrap(), is(expected), "{expression}");
    }
}
