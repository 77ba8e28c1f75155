use super::*;

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
    // Only what comes first is read again and again.
    let table = "[1, \"a\"],\n".repeat(15_000);
    assert!(compile(&nested("[1, ", 8, &table), &strict(&ALLOW)).is_ok());
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
