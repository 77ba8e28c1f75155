use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use regorus::Value;
use regorus::unstable::BUILTINS;

use super::{Options, Outcome, Policy, Query, Request, RuleOption, State, compile};
use crate::face::{Failure, Status};
use crate::references::{Prepared, References};

const CPU_POLICY: &str = include_str!("../../testdata/cpu_policy.rego");
const SNP_CLAIMS: &str = include_str!("../../testdata/snp_claims.json");
const SNP_REFERENCES: &str = include_str!("../../testdata/snp_refs.json");

const APPRAISAL: [RuleOption; 2] = [
    RuleOption { path: "data.policy.trust_claims", required: true },
    RuleOption { path: "data.policy.extensions", required: false },
];
const ALLOW: [RuleOption; 1] = [RuleOption { path: "data.policy.allow", required: true }];
const DATA_KEYS: [&str; 3] = ["plugin", "query", "resource-path"];

const AFFIRMING: &str = r#"{"configuration":2,"executables":3,"file-system":0,"hardware":2,"instance-identity":0,"runtime-opaque":0,"sourced-data":0,"storage-opaque":0}"#;
const CONTRAINDICATED: &str = r#"{"configuration":3,"executables":33,"file-system":0,"hardware":97,"instance-identity":0,"runtime-opaque":0,"sourced-data":0,"storage-opaque":0}"#;
const IDENTIFIERS: &str =
    r#"[{"key":-18,"name":"ear.trustee.identifiers","value":{"validated":{}}}]"#;

fn value(json: &str) -> Value {
    Value::from_json_str(json).unwrap()
}

fn references(json: &str) -> References {
    let mut refs = References::new();
    for (name, value) in value(json).as_object().unwrap().iter() {
        refs.insert(name.as_string().unwrap(), Prepared::new(value.clone()));
    }
    refs
}

fn request(input: &str) -> Request {
    Request {
        input: value(input),
        data: Value::new_object(),
        references: References::new(),
        overlay: Vec::new(),
        rule: None,
        unknown_is_needed: false,
        time_limit: Duration::from_secs(20),
    }
}

fn strict<'a>(rules: &'a [RuleOption<'a>]) -> Options<'a> {
    Options { rules, data_keys: &[], reference_values: true, lenient: false }
}

/// A policy with the rule `allow`, in package `policy`.
fn policy(body: &str) -> Policy {
    compile(&format!("package policy\n{body}"), &strict(&ALLOW)).unwrap().0
}

fn refused(text: &str) -> Failure {
    compile(text, &strict(&ALLOW)).err().unwrap()
}

fn allow(policy: &Policy, request: Request) -> State {
    policy.evaluate(request).unwrap().states.remove(0)
}

/// What `allow := <expression>` gives with input {}.
fn eval(expression: &str) -> Result<State, Failure> {
    let text = format!("package policy\nallow := {expression}");
    let (policy, _) = compile(&text, &strict(&ALLOW))?;
    Ok(policy.evaluate(request("{}"))?.states.remove(0))
}

fn is(json: &str) -> State {
    State::Value(json.to_owned())
}

fn query(name: &str, found: bool) -> Query {
    Query { name: name.into(), found }
}

fn snp(policy: &Policy, references: References) -> Outcome {
    policy.evaluate(Request { references, ..request(SNP_CLAIMS) }).unwrap()
}

// ---- compiling

#[test]
fn both_rules_of_the_cpu_policy_are_evaluated() {
    let (policy, objection) = compile(CPU_POLICY, &strict(&APPRAISAL)).unwrap();
    assert!(objection.is_none());
    let outcome = snp(&policy, references(SNP_REFERENCES));
    assert_eq!(outcome.states, [is(AFFIRMING), is(IDENTIFIERS)]);
    let outcome = snp(&policy, References::new());
    assert_eq!(outcome.states, [is(CONTRAINDICATED), is(IDENTIFIERS)]);
}

#[test]
fn literal_reference_names_are_known_without_evaluating() {
    let (policy, _) = compile(CPU_POLICY, &strict(&APPRAISAL)).unwrap();
    let names = policy.references();
    assert!(names.is_sorted());
    assert_eq!(names.iter().filter(|n| n.starts_with("snp_")).count(), 12);
    assert!(names.iter().any(|n| n == "mr_td"));
    assert_eq!(names.len(), 28); // as grep counts them
}

#[test]
fn a_syntax_error_says_where() {
    let failure = refused("package policy\n\nallow if {\n  input.x ==\n}\n");
    assert_eq!((failure.status, failure.line, failure.column), (Status::RegoSyntax, 5, 1));
    assert!(failure.message.contains("policy.rego:5:1"), "{}", failure.message);
}

#[test]
fn the_old_dialect_is_refused() {
    for text in [
        "package policy\nallow { input.x }",
        "package policy\nallow = true { input.x }",
        "package policy\nallow[x] { x := 1 }",
    ] {
        assert_eq!(refused(text).status, Status::RegoSyntax, "{text}");
    }
    for import in ["import rego.v1", "import future.keywords.if", ""] {
        let text = format!("package policy\n{import}\nallow if input.x");
        assert!(compile(&text, &strict(&ALLOW)).is_ok(), "{import}");
    }
}

#[test]
fn a_policy_in_another_package_is_refused_with_the_package_to_write() {
    let failure = refused("# comment\npackage kbs.policy\nallow := true");
    assert_eq!((failure.status, failure.line), (Status::RegoWrongPackage, 2));
    assert!(failure.message.contains("write `package policy`"), "{}", failure.message);
    // A package that only begins alike is another one.
    assert_eq!(refused("package policy2\nallow := true").status, Status::RegoWrongPackage);
}

#[test]
fn a_missing_rule_is_refused_with_those_that_exist() {
    let failure = refused("package policy\npermit := true\nf(x) := x");
    assert_eq!(failure.status, Status::RegoRuleMissing);
    assert!(failure.message.ends_with("it defines: f, permit"), "{}", failure.message);
    // A member of an object is not the object, as for the engine.
    assert_eq!(refused("package policy\nallow.x := true").status, Status::RegoRuleMissing);
    // One that is only defaulted exists.
    assert_eq!(allow(&policy("default allow := false"), request("{}")), is("false"));
}

#[test]
fn an_unknown_function_is_refused_where_it_stands() {
    let failure = refused("package policy\nallow if {\n  x := f(1)\n}");
    assert_eq!((failure.status, failure.line, failure.column), (Status::RegoUnknownFunction, 3, 8));
    assert!(failure.message.contains("could not find function f"), "{}", failure.message);
    for call in [
        "http.send({})",
        "crypto.sha256(\"\")",
        "io.jwt.decode(\"\")",
        "opa.runtime()",
        "walk(1)",
        "base64url.encode(\"\")",
        "hex.encode(\"\")",
        "yaml.unmarshal(\"\")",
        "uuid.rfc4122(\"\")",
        "semver.is_valid(\"1\")",
        "net.cidr_contains(\"\", \"\")",
        "glob.match(\"\", [], \"\")",
        "graph.reachable({}, [])",
        "urlquery.encode(\"\")",
        "__query_reference_set(\"x\")",
        "data.policy.g(1)",
    ] {
        let text = format!("package policy\nallow := {call}");
        assert_eq!(refused(&text).status, Status::RegoUnknownFunction, "{call}");
    }
}

#[test]
fn unknown_functions_are_found_wherever_a_call_can_stand() {
    for body in [
        "allow := [nope(1)]",
        "allow := {nope(1)}",
        "allow := {\"a\": nope(1)}",
        "allow := {nope(1): 1}",
        "allow := [x | x := nope(1)]",
        "allow := {x | x := 1; nope(x)}",
        "allow := {x: y | x := 1; y := nope(x)}",
        "allow := {\"a\": 1}[nope(1)]",
        "allow := nope(1).x",
        "allow := 1 + nope(1)",
        "allow := 1 == nope(1)",
        "allow := {1} | nope(1)",
        "allow := 1 in nope(1)",
        "allow := nope(1) in [1]",
        "allow := abs(nope(1))",
        "allow if not nope(1)",
        "allow if some x in nope(1)",
        "allow if { every x in [1] { nope(x) } }",
        "allow if { every x in nope(1) { x } }",
        "allow if input.x with input.x as nope(1)",
        "allow := 1 if false else := nope(1)",
        "allow if false else if nope(1)",
        "allow contains nope(1)",
        "allow := 1\nb[x] := 1 if x := nope(1)",
        "allow := 1\nf(x) := nope(x)",
        "allow if true with nope as 1",
    ] {
        let text = format!("package policy\n{body}");
        assert_eq!(refused(&text).status, Status::RegoUnknownFunction, "{body}");
    }
}

#[test]
fn known_functions_are_those_of_the_policy_and_of_the_engine() {
    for body in [
        "f(x) := x + 1\nallow := f(1)",
        "f(x) := x + 1\nallow := data.policy.f(1)",
        "default f(_) := 1\nallow := f(1)",
        "a.b.f(x) := x\nallow := a.b.f(1)",
        "allow := x if { x := abs(1) with abs as 3 }",
        "f(x) := x\nallow := y if { y := abs(1) with abs as f }",
        "allow := true if print(1)",
        "f(x) := f2(x)\nf2(x) := x\nallow := f(1)",
    ] {
        let policy = policy(body);
        assert!(matches!(allow(&policy, request("{}")), State::Value(_)), "{body}");
    }
    // With print(), the 94 of the dialect.
    assert_eq!(BUILTINS.keys().filter(|name| !name.starts_with("__")).count(), 93);
}

#[test]
fn reference_values_are_only_for_policies_that_may_ask() {
    let text = "package policy\nallow := query_reference_value(\"x\")";
    let options = Options { reference_values: false, ..strict(&ALLOW) };
    let failure = compile(text, &options).err().unwrap();
    assert_eq!(failure.status, Status::RegoUnknownFunction);
    let (policy, _) = compile(text, &Options { lenient: true, ..options }).unwrap();
    assert_eq!(policy.evaluate(request("{}")).unwrap_err().status, Status::RegoEvaluation);
}

#[test]
fn what_cannot_be_prepared_is_refused() {
    for body in ["allow if { x == 1 }", "f(x) := 1\nf(x, y) := 2\nallow := f(1)"] {
        let failure = refused(&format!("package policy\n{body}"));
        assert_eq!(failure.status, Status::RegoUnsound, "{body}");
    }
}

#[test]
fn lenient_accepts_and_tells() {
    let lenient = |rules| Options { lenient: true, ..strict(rules) };
    for (text, status) in [
        ("package other\nallow := true", Status::RegoWrongPackage),
        ("package policy\npermit := true", Status::RegoRuleMissing),
        ("package policy\nallow if nope(1)", Status::RegoUnknownFunction),
    ] {
        let (policy, objection) = compile(text, &lenient(&ALLOW)).unwrap();
        assert_eq!(objection.unwrap().status, status);
        assert_eq!(policy.has_rule(0), text.contains("nope"));
        match policy.evaluate(request("{}")) {
            Ok(outcome) => assert_eq!(outcome.states, [State::Missing]),
            Err(failure) => assert_eq!(failure.status, Status::RegoEvaluation),
        }
    }
    assert!(compile("package policy\nallow {", &lenient(&ALLOW)).is_err());
}

#[test]
fn an_optional_rule_may_be_missing() {
    let (policy, objection) =
        compile("package policy\ntrust_claims := {}", &strict(&APPRAISAL)).unwrap();
    assert!(objection.is_none());
    assert_eq!((policy.has_rule(0), policy.has_rule(1), policy.has_rule(2)), (true, false, false));
    assert_eq!(policy.evaluate(request("{}")).unwrap().states, [is("{}"), State::Missing]);
}

#[test]
fn the_engines_size_limits_hold_at_the_limit_and_one_past_it() {
    let accepts = |text: String| match compile(&text, &strict(&ALLOW)) {
        Ok(_) => true,
        Err(f) if f.status == Status::RegoSyntax => false,
        Err(f) => panic!("{f:?}"),
    };
    let head = "package policy\nallow := true\n";
    let comments = |bytes: usize| {
        let mut text = head.to_owned();
        while text.len() < bytes {
            let line = (bytes - text.len()).min(200);
            text.push_str(&format!("{:#<1$}\n", "", line - 1));
        }
        text
    };
    assert!(accepts(comments(1 << 20)));
    assert!(!accepts(comments((1 << 20) + 1)));
    assert!(accepts(head.to_owned() + &"\n".repeat(20_000 - 3)));
    assert!(!accepts(head.to_owned() + &"\n".repeat(20_000 + 1)));
    let wide = |columns: usize| format!("{head}x := \"{}\"\n", "a".repeat(columns - 7));
    assert!(accepts(wide(1023))); // the engine counts the column after the last character, too
    assert!(!accepts(wide(1024)));
    let deep = |n: usize| format!("{head}x := {}1{}\n", "(".repeat(n), ")".repeat(n));
    assert!(accepts(deep(31)));
    assert!(!accepts(deep(32)));
}

#[test]
fn brackets_whose_parsing_would_take_for_ever_are_refused() {
    let nested = |open: &str, n: usize, inner: &str| {
        let close = if open.starts_with('[') { "]" } else { "}" };
        format!(
            "package policy\nallow := true\nx := {}{inner}{}\n",
            open.repeat(n),
            close.repeat(n)
        )
    };
    for open in ["[", "{", "{\"a\":"] {
        assert!(compile(&nested(open, 12, "1"), &strict(&ALLOW)).is_ok(), "{open}");
        let failure = refused(&nested(open, 30, "1"));
        assert_eq!((failure.status, failure.line), (Status::RegoTooDeep, 3), "{open}");
    }
    let long = "1,".repeat(200) + "\n";
    assert!(compile(&nested("[", 3, &long.repeat(1000)), &strict(&ALLOW)).is_ok());
    assert_eq!(refused(&nested("[", 8, &long.repeat(1000))).status, Status::RegoTooDeep);
    // Brackets in texts and comments are none.
    let brackets = "[{".repeat(30);
    let text = format!("package policy\n# {brackets}\nallow := [\"\\\"{brackets}\", `{brackets}`]");
    assert!(compile(&text, &strict(&ALLOW)).is_ok());
}

#[test]
fn functions_that_call_themselves_are_refused() {
    for body in [
        "f(x) := f(x)\nallow := f(1)",
        "f(x) := g(x)\ng(x) := f(x)\nallow := f(1)",
        "f(x) := data.policy.f(x)\nallow := f(1)",
        "f(x) := y if { y := abs(x) with abs as f }\nallow := f(1)",
    ] {
        let failure = refused(&format!("package policy\n{body}"));
        assert_eq!((failure.status, failure.line), (Status::RegoTooDeep, 2), "{body}");
    }
}

#[test]
fn rules_that_depend_on_each_other_fail_when_evaluated() {
    let policy = policy("allow := b\nb := allow");
    let failure = policy.evaluate(request("{}")).unwrap_err();
    assert_eq!(failure.status, Status::RegoEvaluation);
    assert!(failure.message.contains("recursion"), "{}", failure.message);
}

/// Evaluates on a stack that fits a build without optimisation, too.
fn deep(body: String) -> Result<State, Failure> {
    let run = move || {
        let text = format!("package policy\n{body}");
        let (policy, _) = compile(&text, &strict(&ALLOW))?;
        Ok(policy.evaluate(request("{}"))?.states.remove(0))
    };
    let stack = if cfg!(debug_assertions) { 256 << 20 } else { 5 << 20 };
    thread::Builder::new().stack_size(stack).spawn(run).unwrap().join().unwrap()
}

#[test]
fn nesting_is_accepted_as_far_as_the_stack_goes_and_refused_beyond() {
    let chain = |n: usize, body: &str| {
        let mut text = String::from("allow := r0\n");
        for i in 0..n {
            text.push_str(
                &body.replace("THIS", &format!("r{i}")).replace("NEXT", &format!("r{}", i + 1)),
            );
        }
        text + &format!("r{n} := 1\nr{n}f(x) := x\n")
    };
    let looping = "THIS := x if { some y in [1]; some z in [y]; z == 1; x := NEXT }\n";
    let functions = "THIS := THISf(1)\nTHISf(x) := NEXTf(x)\n";
    for (body, most) in [("THIS := NEXT\n", 270), (looping, 120), (functions, 130)] {
        assert_eq!(deep(chain(most, body)).ok(), Some(is("1")), "{body}");
        let failure = deep(chain(20 * most, body)).unwrap_err();
        assert_eq!(failure.status, Status::RegoTooDeep, "{body}");
    }
    let sum =
        |n: usize| format!("allow := 1{}\n", "+1".repeat(n).replace("+1+1+1+1", "+1+1+1+1\n"));
    assert_eq!(deep(sum(1200)).ok(), Some(is("1201")));
    assert_eq!(deep(sum(2000)).unwrap_err().status, Status::RegoTooDeep);
    let loops = |n: usize| {
        let body: String = (0..n).map(|i| format!("some x{i} in [1]\n")).collect();
        format!("allow if {{\n{body}}}\n")
    };
    assert_eq!(deep(loops(1000)).ok(), Some(is("true")));
    assert_eq!(deep(loops(2000)).unwrap_err().status, Status::RegoTooDeep);
}

#[test]
fn the_deepest_tree_that_fits_the_size_limit_is_refused_without_overflow() {
    let mut text = String::from("package policy\nallow := x");
    for i in 0..520_000 {
        text.push_str(if i % 500 == 0 { "\n+x" } else { "+x" });
    }
    assert!(text.len() < 1 << 20);
    assert_eq!(refused(&text).status, Status::RegoTooDeep);
}

// ---- results

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

// ---- reference values

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

// ---- data

const RESOURCE_DATA: &str =
    r#"{"plugin":"resource","resource-path":["repo","key","k1"],"query":{"version":"2"}}"#;

#[test]
fn data_gives_the_same_answers_with_and_without_declared_keys() {
    let modules = [
        "allow if data.plugin == \"resource\"",
        "allow := data[\"resource-path\"]",
        "allow := count(data[\"resource-path\"]) + to_number(data.query.version) + input.n",
        "import data.plugin as p\nallow := [p, data.plugin]",
        "allow := data.absent",
        "allow := data.query[input.key]",
        "allow := data[input.member]",
        "allow := count(data)",
        "allow := {k | some k, _ in data}",
        "allow := x if { x := input.n with input.n as 3 }",
        "allow := x if { x := data.plugin with data.plugin as \"other\" }",
        "allow := [x | some x in data[\"resource-path\"]; x != \"key\"]",
        "default allow := false\nallow if helper\nhelper if data.policy.third == \"k1\"\nthird := data[\"resource-path\"][2]",
        "f(x) := data.query[x]\nallow := f(\"version\")",
        "allow if every part in data[\"resource-path\"] { count(part) > 1 }",
        "allow if 1 / (input.n - 7) == data.plugin",
        "allow := json.marshal(data)",
        "plugin := 1\nallow := [plugin, data.plugin, data.policy.plugin]",
        "allow if not data.absent",
        "allow := input",
    ];
    let mut values = 0;
    for module in modules {
        let text = format!("package policy\n{module}");
        let plain = compile(&text, &strict(&ALLOW)).unwrap().0;
        let keyed = compile(&text, &Options { data_keys: &DATA_KEYS, ..strict(&ALLOW) }).unwrap().0;
        for (input, data) in [
            (r#"{"n":7,"key":"version","member":"plugin"}"#, RESOURCE_DATA),
            (
                r#"{"n":1,"key":"x","member":"query"}"#,
                r#"{"plugin":"","resource-path":[],"query":{}}"#,
            ),
            (
                r#"{"n":1,"key":"x","member":"query"}"#,
                r#"{"plugin":1,"resource-path":null,"query":null}"#,
            ),
            (r#"{"n":1}"#, r#"{"plugin":"resource"}"#),
            (r#"{"n":1}"#, r#"{"plugin":"resource","query":{},"resource-path":[],"more":1}"#),
            (r#"{"n":1}"#, r#"{"plugin":"resource","query":{},"another":[]}"#),
            ("null", RESOURCE_DATA),
        ] {
            let ask = |policy: &Policy| {
                policy
                    .evaluate(Request { data: value(data), ..request(input) })
                    .map(|o| o.states)
                    .map_err(|f| f.status)
            };
            let answer = ask(&plain);
            assert_eq!(answer, ask(&keyed), "{module}\n{input} {data}");
            values += usize::from(matches!(answer.as_deref(), Ok([State::Value(_)])));
        }
    }
    assert!(values > 60, "{values}");
}

#[test]
fn data_of_one_evaluation_is_not_seen_by_the_next() {
    for keys in [&[] as &[&str], &DATA_KEYS] {
        let options = Options { data_keys: keys, ..strict(&ALLOW) };
        let policy = compile("package policy\nallow := data.plugin", &options).unwrap().0;
        let with = Request { data: value(RESOURCE_DATA), ..request("{}") };
        assert_eq!(allow(&policy, with), is("\"resource\""));
        assert_eq!(allow(&policy, request("{}")), State::Undefined);
    }
}

#[test]
fn data_must_be_an_object() {
    let policy = policy("allow := 1");
    let failure = policy.evaluate(Request { data: value("[1]"), ..request("{}") }).unwrap_err();
    assert_eq!(failure.status, Status::JsonInvalid);
}

#[test]
fn our_own_package_cannot_be_taken_over() {
    let text = "package __trustee_entry\nallow := false\nr0 := true";
    let rules = [RuleOption { path: "data.__trustee_entry.allow", required: true }];
    let options = Options { data_keys: &DATA_KEYS, ..strict(&rules) };
    let policy = compile(text, &options).unwrap().0;
    let with = Request { data: value(RESOURCE_DATA), ..request("{}") };
    assert_eq!(allow(&policy, with), is("false"));
}

// ---- limits and threads

#[test]
fn a_runaway_policy_is_stopped_near_its_limit() {
    let nested = "allow := count([1 | some x in numbers.range(1, 1000000); some y in numbers.range(1, 1000000); x == y])";
    let in_function = "f(n) := count([1 | some x in numbers.range(1, n); some y in numbers.range(1, n); x == y])\nallow := f(100000)";
    let every = "allow if { every x in numbers.range(1, 10000) { every y in numbers.range(1, 10000) { x + y > 0 } } }";
    for body in [nested, in_function, every] {
        let policy = policy(body);
        let start = Instant::now();
        let limit = Duration::from_millis(100);
        let failure = policy.evaluate(Request { time_limit: limit, ..request("{}") }).unwrap_err();
        assert_eq!(failure.status, Status::RegoTimeLimit, "{body}");
        // Hundredfold slack for a busy machine; without the limit these take hours.
        assert!(start.elapsed() < Duration::from_secs(10), "{body}: {:?}", start.elapsed());
    }
}

#[test]
fn the_limit_covers_all_rules_together_and_missing_values_do_not_hide_it() {
    let slow = "count([1 | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x == y])";
    let text = format!(
        "package policy\ntrust_claims := query_reference_value(\"x\")\nextensions := {slow}"
    );
    let policy = compile(&text, &strict(&APPRAISAL)).unwrap().0;
    let limited =
        Request { unknown_is_needed: true, time_limit: Duration::from_millis(50), ..request("{}") };
    assert_eq!(policy.evaluate(limited).unwrap_err().status, Status::RegoTimeLimit);
}

#[test]
fn eight_threads_share_a_policy_and_keep_their_own_values() {
    let (cpu, _) = compile(CPU_POLICY, &strict(&APPRAISAL)).unwrap();
    let options = Options { data_keys: &DATA_KEYS, ..strict(&ALLOW) };
    let text = "package policy\nallow := [input.n, data.query, query_reference_value(\"n\")]";
    let (own, _) = compile(text, &options).unwrap();
    let (cpu, own) = (Arc::new(cpu), Arc::new(own));
    let shared = references(SNP_REFERENCES);
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let (cpu, own, mut shared) = (Arc::clone(&cpu), Arc::clone(&own), shared.clone());
            thread::spawn(move || {
                for i in 0..200 {
                    if (i + n) % 2 == 0 {
                        let outcome = snp(&cpu, shared.clone());
                        assert_eq!(outcome.states, [is(AFFIRMING), is(IDENTIFIERS)]);
                        assert_eq!(outcome.queries.len(), 11);
                    } else {
                        let outcome = snp(&cpu, References::new());
                        assert_eq!(outcome.states, [is(CONTRAINDICATED), is(IDENTIFIERS)]);
                    }
                    shared.insert("n", Prepared::new(Value::from(n * 1000 + i)));
                    let outcome = own
                        .evaluate(Request {
                            data: value(&format!(
                                r#"{{"plugin":"p","resource-path":[],"query":{n}}}"#
                            )),
                            references: shared.clone(),
                            ..request(&format!("{{\"n\":{i}}}"))
                        })
                        .unwrap();
                    assert_eq!(outcome.states, [is(&format!("[{i},{n},{}]", n * 1000 + i))]);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_redundant_import_of_input_is_harmless_and_keeps_positions() {
    let policy = policy("import input\nimport rego.v1\nallow := input.x");
    assert_eq!(allow(&policy, request(r#"{"x":1}"#)), is("1"));
    let failure = refused("package policy\nimport input\nallow := nope(1)");
    assert_eq!((failure.line, failure.column), (3, 10));
}
