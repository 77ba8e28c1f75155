use super::*;

#[test]
fn reference_values_answer_as_specified() {
    let policy = policy(
        "allow := [query_reference_value(\"list\"), query_reference_value(\"none\"), x]\n\
         x := y if { y := query_reference_value(input.absent) } else := \"undefined\"",
    );
    let references = references(r#"{"list":[1,"a",null],"other":2}"#);
    let outcome = policy.evaluate(Request { references, ..request("{}") }).unwrap();
    assert_eq!(outcome.states, [is(r#"[[1,"a",null],null,"undefined"]"#)]);
    assert_eq!(outcome.queries, [query("list", true), query("none", false)]);
    assert!(!outcome.needs);
}

#[test]
fn a_null_answer_compares_as_null_does() {
    for (expression, expected) in [
        (r#"4 >= query_reference_value("none")"#, "true"),
        (r#"4 in query_reference_value("none")"#, "false"),
        (r#"4 == query_reference_value("none")"#, "false"),
    ] {
        assert_eq!(eval(expression).unwrap(), is(expected), "{expression}");
    }
}

#[test]
fn a_bad_call_is_an_evaluation_error() {
    for call in [
        "query_reference_value(1)",
        "query_reference_value(null)",
        "query_reference_value()",
        "query_reference_value(\"a\", \"b\")",
        "1 in query_reference_value(1)",
    ] {
        let failure = eval(call).unwrap_err();
        assert_eq!((failure.status, failure.line), (Status::RegoEvaluation, 2), "{call}");
        assert!(!failure.message.contains("__query"), "{}", failure.message);
    }
}

#[test]
fn a_policys_own_function_of_that_name_wins() {
    let policy =
        policy("query_reference_value(x) := [x]\nallow := \"a\" in query_reference_value(\"a\")");
    let outcome = policy.evaluate(request("{}")).unwrap();
    assert_eq!((outcome.states, outcome.queries), (vec![is("true")], vec![]));
}

#[test]
fn membership_answers_alike_through_the_set_and_through_the_array() {
    let mut entries: Vec<String> = (0..40).map(|i| format!("\"{i:03}\"")).collect();
    entries.extend(
        ["1", "1", "-5", "2.5", "18446744073709551615", "null", "true", "[1]", "{}"]
            .map(String::from),
    );
    let refs = references(&format!("{{\"long\":[{}]}}", entries.join(",")));
    let direct = policy("allow := input.x in query_reference_value(\"long\")");
    let indirect = policy("allow := input.x in rv\nrv := query_reference_value(\"long\")");
    let visible = policy(
        "allow := [count(rv), rv[0], rv == query_reference_value(\"long\"), keyed, order]
         rv := query_reference_value(\"long\")
         keyed if 0, \"000\" in query_reference_value(\"long\")
         order := [x | some x in query_reference_value(\"long\")] == rv",
    );
    let mut answers = [0, 0];
    for x in [
        "\"000\"",
        "\"039\"",
        "\"040\"",
        "1",
        "1.0",
        "-5",
        "-5.0",
        "2.5",
        "2",
        "18446744073709551615",
        "18446744073709551614",
        "null",
        "true",
        "false",
        "[1]",
        "[1.0]",
        "[2]",
        "{}",
        "{\"a\":1}",
        "\"\"",
    ] {
        let ask = |policy: &Policy| {
            let input = format!("{{\"x\":{x}}}");
            allow(policy, Request { references: refs.clone(), ..request(&input) })
        };
        assert_eq!(ask(&direct), ask(&indirect), "{x}");
        answers[usize::from(ask(&direct) == is("true"))] += 1;
    }
    assert_eq!(answers, [7, 13]);
    let outcome = allow(&visible, Request { references: refs, ..request("{}") });
    assert_eq!(outcome, is(r#"[49,"000",true,true,true]"#));
}

#[test]
fn an_overlay_is_looked_up_first_and_its_last_entry_wins() {
    let policy = policy("allow := [query_reference_value(x) | some x in [\"a\", \"b\", \"c\"]]");
    let entry = |name: &str, json: &str| (name.to_owned(), Prepared::new(value(json)));
    let outcome = policy
        .evaluate(Request {
            references: references(r#"{"a":1,"b":2}"#),
            overlay: vec![entry("b", "3"), entry("c", "4"), entry("b", "5")],
            ..request("{}")
        })
        .unwrap();
    assert_eq!(outcome.states, [is("[1,5,4]")]);
    assert_eq!(outcome.queries, [query("a", true), query("b", true), query("c", true)]);
}

#[test]
fn what_is_not_at_hand_is_reported_as_needed_and_nothing_else() {
    let policy = policy(
        "allow if { 1 in query_reference_value(\"a\"); count(query_reference_value(\"b\")) == 1 }",
    );
    let ask = |refs: &str, needed: bool| {
        policy.evaluate(Request {
            references: references(refs),
            unknown_is_needed: needed,
            ..request("{}")
        })
    };
    let first = ask("{}", true).unwrap();
    assert_eq!((first.needs, first.states), (true, vec![State::NotEvaluated]));
    assert_eq!(first.queries, [query("a", false)]);
    // The second missing value makes count() fail; that is no error yet.
    let second = ask(r#"{"a":[1]}"#, true).unwrap();
    assert!(second.needs);
    assert_eq!(second.queries, [query("a", true), query("b", false)]);
    let third = ask(r#"{"a":[1],"b":[2]}"#, true).unwrap();
    assert_eq!((third.needs, third.states), (false, vec![is("true")]));
    // Known to be absent is another thing than not at hand.
    assert_eq!(ask(r#"{"a":[1]}"#, false).unwrap_err().status, Status::RegoEvaluation);
    assert_eq!(ask(r#"{"a":[1],"b":null}"#, true).unwrap_err().status, Status::RegoEvaluation);
}

#[test]
fn each_name_is_listed_once_however_often_it_is_asked_for() {
    let policy = policy(
        "allow := [query_reference_value(sprintf(\"n%d\", [i % 50])) | some i in numbers.range(0, 999)]",
    );
    let outcome = policy.evaluate(request("{}")).unwrap();
    assert_eq!(outcome.queries.len(), 50);
    assert_eq!(outcome.queries[0], query("n0", false));
    assert_eq!(outcome.queries[49], query("n49", false));
}
