use super::super::parse_json;
use super::*;

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
fn only_the_time_limit_is_the_time_limit() {
    for body in [
        "allow if regex.match(\"(?:[a-z]{1000}){1000}\", \"x\")",
        "f(x) if regex.match(\"(?:[a-z]{1000}){1000}\", x)\nallow if f(\"x\")",
    ] {
        let failure = policy(body).evaluate(request("{}")).unwrap_err();
        assert_eq!(failure.status, Status::RegoEvaluation, "{body}: {}", failure.message);
        assert!(failure.message.contains("size limit"), "{}", failure.message);
    }
}

#[test]
fn functions_whose_cost_follows_a_number_refuse_large_ones() {
    for (body, reason) in [
        ("count(numbers.range(0, 1000000)) > 0", "a range of more than 1000000 numbers"),
        ("count(numbers.range(1000000000000, 0)) > 0", "a range of more than 1000000 numbers"),
        ("count(numbers[\"range\"](0, 1000000)) > 0", "a range of more than 1000000 numbers"),
        ("numbers.range_step(0, 1000000, 1)[0] == 0", "a range of more than 1000000 numbers"),
        ("numbers.range(1e18, 1.000000000000001e18)[0] > 0", "a range "),
        ("numbers.range(input.large, input.larger)[0] > 0", "a range "),
        ("numbers.range_step(input.large, input.larger, 1)[0] > 0", "a range "),
        ("numbers.range_step(9007199254740990, input.end, 1)[0] > 0", "a range "),
        ("sprintf(\"%1000d\", [1]) == \"\"", "a field of a format is wider"),
        ("sprintf(\"%+%%4000000000d\", [\"a\", 5]) == \"\"", "a field of a format is wider"),
        ("sprintf(\"%1%%.999999999f\", [\"a\", 1.5]) == \"\"", "a field of a format is wider"),
        ("sprintf(\"%s %.1000f\", [\"a\", 1]) == \"\"", "a field of a format is wider"),
        ("units.parse(\"1e1000\") > 1", "an exponent of more than 3 digits"),
        ("units.parse(input.text) > 1", "an exponent of more than 3 digits"),
        ("units.parse_bytes(\"1e1000000000\") > 1", "an exponent of more than 3 digits"),
        ("bits.lsh(1, 65537) > 1", "a shift by more than 65536 bits"),
        ("sprintf(\"%\u{b2}d\", [1]) == \"\"", "is no number"),
        ("to_number(input.marked) > 1", "could not parse string as number"),
    ] {
        let policy = policy(&format!("allow if {{ {body} }}"));
        let failure = policy.evaluate(request(
            r#"{"text":"1E-99999999","marked":"{\"$serde_json::private::Number\":\"1e9999999\"}","large":1e18,"larger":1.000000000000001e18,"end":9007199254740992.0}"#,
        )).unwrap_err();
        assert_eq!(failure.status, Status::RegoEvaluation, "{body}");
        assert!(failure.message.contains(reason), "{body}: {}", failure.message);
    }
}

#[test]
fn bounded_functions_answer_as_the_engine_does() {
    for (body, answer) in [
        ("numbers.range(3, 1)", "[3,2,1]"),
        ("count(numbers.range(1, 1000000))", "1000000"),
        ("numbers.range_step(0, 10, 5)", "[0,5,10]"),
        ("count(numbers.range(9007199254740990, 9007199254740991))", "2"),
        ("count(numbers.range(-9007199254740991, -9007199254740990))", "2"),
        ("sprintf(\"%d%%%d %+x %.2f\", [1, 2, \"a\", 0.5])", "\"1%2  0.50\""),
        ("sprintf(\"%s: %d of %03d%%\", [\"a\", 1, 7])", "\"a: 1 of 007%\""),
        ("units.parse(\"1.5K\")", "1500"),
        ("units.parse_bytes(\"2KiB\")", "2048"),
        ("bits.lsh(1, 65536) > 1", "true"),
        ("sprintf(\"100%%1234\", [])", "\"100%1234\""),
        ("to_number(\" 1.5e3\")", "1500"),
        ("json.unmarshal(\"{\\\"a\\\":[1,null]}\")", "{\"a\":[1,null]}"),
        ("[json.is_valid(\"[1\"), json.is_valid(\"[1]\")]", "[false,true]"),
    ] {
        let outcome = policy(&format!("allow := {body}")).evaluate(request("{}")).unwrap();
        assert_eq!(outcome.states, [is(answer)], "{body}");
    }
}

/// Guests choose keys of their claims. Where the engine's reader expands the number, this takes hours.
#[test]
fn a_private_key_of_the_json_library_is_a_key_like_any_other() {
    for key in ["$serde_json::private::Number", "\\u0024serde_json::private::Number"] {
        let object = format!(r#"{{"{key}":"1e2000000000"}}"#);
        for text in [object.clone(), format!(r#"{{"a":[{object}]}}"#)] {
            let unmarshalled = format!("allow := json.unmarshal({}) == input", quoted(&text));
            let outcome = policy(&unmarshalled).evaluate(read(&text)).unwrap();
            assert_eq!(outcome.states, [is("true")], "{text}");
            let written = policy("allow := json.marshal(input)").evaluate(read(&text)).unwrap();
            let plain = text.replace("\\u0024", "$");
            assert_eq!(written.states, [is(&quoted(&plain))], "{text}");
        }
    }
}

#[test]
fn other_documents_are_read_as_the_engine_reads_them() {
    for text in [
        "null",
        "true",
        "-0",
        "1e3",
        "0.1",
        "18446744073709551615",
        "-9223372036854775808",
        "123456789012345678901234567890",
        "\"\\ud83d\\ude00\"",
        "[]",
        "{}",
        r#"{"a":1,"a":2}"#,
        r#"{"b":[{"c":null}],"a":"x"}"#,
    ] {
        assert_eq!(
            parse_json(text, "text").unwrap(),
            Value::from_json_str(text).unwrap(),
            "{text}"
        );
    }
    for text in ["", "1e400", "{", "[1,]", "nul", "\u{feff}1"] {
        assert!(parse_json(text, "text").is_err() && Value::from_json_str(text).is_err(), "{text}");
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// As the face reads an evaluation's input.
fn read(text: &str) -> Request {
    Request { input: parse_json(text, "input").unwrap(), ..request("{}") }
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
