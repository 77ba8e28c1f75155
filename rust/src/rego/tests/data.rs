use super::*;

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
