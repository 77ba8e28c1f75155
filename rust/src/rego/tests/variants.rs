use super::super::guards::Guards;
use super::super::variants::{Claim, Variants};
use super::*;

/// What an evaluation comes to, failures by their place and text.
fn outcome(policy: &Policy, input: &str, data: &str) -> String {
    let mut request = request(input);
    request.data = value(data);
    request.references = references(SNP_REFERENCES);
    match policy.evaluate(request) {
        Ok(o) => format!("{:?} {:?} {}", o.states, o.queries, o.needs),
        Err(f) => format!("{:?} {}:{} {}", f.status, f.line, f.column, f.message),
    }
}

/// Compares with the engines of all definitions, and says how many variants were made.
fn same_as_all_definitions(text: &str, rules: &[RuleOption], inputs: &[&str]) -> usize {
    let options = Options { data_keys: &DATA_KEYS, ..strict(rules) };
    let (policy, _) = compile(text, &options).unwrap();
    let (mut plain, _) = compile(text, &options).unwrap();
    plain.variants = Variants::new(Guards::default(), String::new(), Vec::new());
    let data = r#"{"plugin":"p","query":{},"resource-path":["a"]}"#;
    for input in inputs {
        for data in ["{}", data] {
            let expected = outcome(&plain, input, data);
            assert_eq!(outcome(&policy, input, data), expected, "{text}\n{input}");
            assert_eq!(outcome(&policy, input, data), expected, "again: {text}\n{input}");
        }
    }
    assert_eq!(plain.variants.count(), 0);
    policy.variants.count()
}

const INPUTS: [&str; 9] = [
    "{}",
    "null",
    "[1,2]",
    r#""text""#,
    r#"{"a":1}"#,
    r#"{"b":{"c":[1]}}"#,
    r#"{"a":false,"b":null}"#,
    r#"{"a":{"x":2},"b":{"c":[1]},"a-b":1}"#,
    r#"{"a-b":{"x":1}}"#,
];

fn variants_of(body: &str) -> usize {
    same_as_all_definitions(&format!("package policy\n{body}"), &ALLOW, &INPUTS)
}

#[test]
fn definitions_for_other_platforms_are_left_out() {
    let with_platforms = SNP_CLAIMS.to_owned();
    let tdx = with_platforms.replace("\"snp\"", "\"tdx\"");
    let sample = r#"{"sample":{"svn":"1","debug":false,"launch_digest":"abcde"}}"#;
    let inputs = [with_platforms.as_str(), &tdx, sample, "{}", "null"];
    assert_ne!(same_as_all_definitions(CPU_POLICY, &APPRAISAL, &inputs), 0);
    let own = include_str!("../../../../policies/default_cpu.rego");
    assert_eq!(same_as_all_definitions(own, &APPRAISAL, &inputs), 4);
}

#[test]
fn what_begins_with_a_member_that_is_absent_has_no_value() {
    for body in [
        "default allow := 0\nallow := 1 if input.a\nallow := 2 if { input.b; input.b.c }",
        "default allow := 0\nallow := 1 if input[\"a-b\"]\nallow := 2 if input.b.c[0]\nallow := 2 if input.b",
        "allow := 1 if input.a\nallow := 2 if input.b",
        "allow := 1 if { input.a } else := 2 if { input.a.x }\nallow := 3 if input.b",
        "default allow := 0\nallow := 1 if { input.a; 1 / 0 }\nallow := 1 if { input.b; query_reference_value(\"none\") }",
        "default allow := 0\nh if { input.a; k }\nk if input.b\nallow := 1 if { h; 1 / 0 }\nallow := 1 if { k; input.b }",
        "allow := [x, y]\ndefault x := 0\ndefault y := 0\nx := 1 if input.a\nx := 1 if input.b\ny := 1 if input.b\ny := 1 if input.a",
        "default allow := 0\nallow := 1 if input.a\nallow := 2 if input.a\nallow := 3 if input.b",
        "default allow := 0\nallow := 1 if h\nh if true\nh if input.a",
    ] {
        assert_ne!(variants_of(body), 0, "{body}");
    }
}

#[test]
fn what_begins_otherwise_is_tried() {
    for body in [
        "default allow := 0\nallow := 1 if not input.a\nallow := 2 if input.b == null",
        "allow contains 1 if input.a\nallow contains 2 if input.b",
        "f(x) := 1 if input.a\nf(x) := 2 if input.b\ndefault allow := 0\nallow := f(1)",
        "default allow := 0\nallow := 1 if { some x in input.a; x == 2 }\nallow := 2 if input[input.a]",
        "default allow := 0\nallow := 1 if h\nallow := 2 if false\nh if true",
        "default allow := 0\ndefault h := true\nh := false if input.a\nallow := 1 if h",
        "default allow := 0\nallow := 1 if { input.a } else := 2 if { input.b }\nallow := 1 if true",
        "default allow := 0\nallow := 1 if { input.a } else := 2\n",
        "default allow := 0\nallow := 1 if { input.a with input as {\"a\": 1} }\nallow := 1 if input.b",
        "default allow := 0\nx := 1 if input.a\nallow := 1 if { x with input.a as 1 }\nx := 1 if input.b",
        "default allow := 0\nallow := 1 if input[\"\\u0061\"]\nallow := 1 if input[\"\\u0062\"]",
        "default allow := 0\nh if input.a\nv := 1 if h\nv := 2 if input.b\nallow := x if { x := v with data.policy.h as true }",
        "default allow := 0\nh if input.a\nv := 1 if h\nv := 2 if input.b\nallow := x if { x := v with data.policy as {\"h\": true} }",
        "import data.policy.x as h\ndefault allow := 0\nh2 if input.a\nx := 1\nallow := 1 if h\nallow := 1 if false",
    ] {
        assert_eq!(variants_of(body), 0, "{body}");
    }
}

#[test]
fn errors_name_the_same_places() {
    let body = "default allow := 0\nallow := 1 if {\n input.b\n 1 / 0 }\nallow := 2 if {\n  input.a\n  object.get(1, 2) }";
    assert_ne!(variants_of(body), 0);
    let conflict = "default allow := 0\nallow := 1 if input.a\nallow := 2 if input.a\nallow := 3 if input.b\nallow := 4 if input[\"a-b\"]";
    assert_ne!(variants_of(conflict), 0);
}

#[test]
fn the_number_of_variants_is_bounded() {
    let rules: String = (0..20).map(|i| format!("allow := {i} if input.m{i}\n")).collect();
    let text = format!("package policy\ndefault allow := 99\n{rules}");
    let inputs: Vec<String> = (0..20).map(|i| format!(r#"{{"m{i}":1}}"#)).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    assert_eq!(same_as_all_definitions(&text, &ALLOW, &inputs), 16);
}

#[test]
fn threads_share_variants() {
    let text = "package policy\ndefault allow := 0\nallow := 1 if input.a\nallow := 2 if input.b";
    let (policy, _) = compile(text, &strict(&ALLOW)).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (input, expected) in [(r#"{"a":1}"#, "1"), (r#"{"b":1}"#, "2"), ("{}", "0")] {
                    assert_eq!(policy.evaluate(request(input)).unwrap().states, [is(expected)]);
                }
            });
        }
    });
    assert_eq!(policy.variants.count(), 3);
}

#[test]
fn values_that_a_request_has_for_rules_are_seen() {
    let text =
        "package policy\ndefault allow := 0\nh if input.a\nallow := 1 if h\nallow := 2 if input.b";
    let (policy, _) = compile(text, &strict(&ALLOW)).unwrap();
    for (data, expected) in [("{}", "0"), (r#"{"policy":{"h":true}}"#, "1")] {
        let asked = Request { data: value(data), ..request("{}") };
        assert_eq!(allow(&policy, asked), is(expected), "{data}");
    }
}

#[test]
fn nobody_waits_for_a_variant_that_another_thread_makes() {
    let text = "package policy\ndefault allow := 0\nallow := 1 if input.a\nallow := 2 if input.b";
    let (policy, _) = compile(text, &strict(&ALLOW)).unwrap();
    let both_absent = 0b11;
    assert!(matches!(policy.variants.claim(both_absent), Claim::Free));
    assert!(matches!(policy.variants.claim(both_absent), Claim::Taken));
    assert_eq!(allow(&policy, request("{}")), is("0"));
    assert_eq!(policy.variants.count(), 0);
    assert_eq!(allow(&policy, request(r#"{"a":1}"#)), is("1"));
    assert_eq!(policy.variants.count(), 1);
}
