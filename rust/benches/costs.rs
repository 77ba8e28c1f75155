//! What an evaluation and a signature cost, and the ratios that the design promises. Prints; asserts
//! nothing, because a busy machine is no bug: `cargo bench --locked`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use regorus::{Engine, Value};
use trustee_rust::ecdsa::{Curve, PrivateKey, PublicKey};
use trustee_rust::rego::{Options, Policy, Request, RuleOption, compile, parse_json};
use trustee_rust::{Prepared, References};

const CPU_POLICY: &str = include_str!("../testdata/cpu_policy.rego");
const SNP_CLAIMS: &str = include_str!("../testdata/snp_claims.json");
const SNP_REFERENCES: &str = include_str!("../testdata/snp_refs.json");
const RULES: [RuleOption; 2] = [
    RuleOption { path: "data.policy.trust_claims", required: true },
    RuleOption { path: "data.policy.extensions", required: false },
];

/// The best of many short runs, in microseconds: what the work costs when nothing else runs.
fn time(mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..40 {
        let start = Instant::now();
        for _ in 0..50 {
            work();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / 50.0);
    }
    best
}

fn row(what: &str, micros: f64, base: f64) {
    println!("{what:<64} {micros:9.2} us  {:5.2} x", micros / base);
}

fn references() -> References {
    let mut refs = References::new();
    for (name, value) in Value::from_json_str(SNP_REFERENCES).unwrap().as_object().unwrap().iter() {
        refs.insert(name.as_string().unwrap(), Prepared::new(value.clone()));
    }
    refs
}

fn policy(text: &str, rules: &[RuleOption], data_keys: &[&str]) -> Policy {
    compile(text, &Options { rules, data_keys, reference_values: true, lenient: false }).unwrap().0
}

fn evaluate(policy: &Policy, input: &str, data: &str, refs: &References, rule: Option<usize>) {
    let request = Request {
        input: parse_json(input, "input").unwrap(),
        data: parse_json(data, "data").unwrap(),
        references: refs.clone(),
        overlay: Vec::new(),
        rule,
        unknown_is_needed: false,
        time_limit: Duration::from_secs(1),
    };
    black_box(policy.evaluate(request).unwrap());
}

/// The engine's compiled policy with one entry point: what everything is measured against.
fn entry_point(rule: &str) -> f64 {
    let mut engine = Engine::new();
    engine.add_policy("p".to_owned(), CPU_POLICY.to_owned()).unwrap();
    let refs = references();
    let answer = move |arguments: Vec<Value>| {
        let name = arguments.first().expect("one").as_string()?;
        Ok(refs.get(name).map_or(Value::Null, |p| p.value.clone()))
    };
    engine.add_extension("query_reference_value".to_owned(), 1, Box::new(answer)).unwrap();
    let compiled = engine.compile_with_entrypoint(&rule.into()).unwrap();
    let input = Value::from_json_str(SNP_CLAIMS).unwrap();
    time(|| {
        black_box(compiled.eval_with_input(input.clone()).unwrap());
    })
}

/// Nine more copies of the policy's platform rules, `name` deciding what they are called.
fn tenfold(rename: impl Fn(&str, usize) -> String) -> String {
    let start = CPU_POLICY.find("##### sample").unwrap();
    let end = CPU_POLICY.find("##### identifiers").unwrap();
    let platforms = CPU_POLICY.get(start..end).unwrap();
    let copies =
        (0..9).map(|i| rename(&platforms.replace("tdx_kernel", &format!("k{i}_kernel")), i));
    CPU_POLICY.to_owned() + &copies.collect::<String>()
}

fn rego() {
    let (first, second) =
        (entry_point("data.policy.trust_claims"), entry_point("data.policy.extensions"));
    let base = first + second;
    row("compiled entry points, input parsed: trust_claims + extensions", base, base);
    let refs = references();
    let cpu = policy(CPU_POLICY, &RULES, &[]);
    let both = |p: &Policy, refs: &References| time(|| evaluate(p, SNP_CLAIMS, "{}", refs, None));
    let ours = both(&cpu, &refs);
    row("both rules, JSON text in and out, queries recorded", ours, base);
    row("  trust_claims alone", time(|| evaluate(&cpu, SNP_CLAIMS, "{}", &refs, Some(0))), first);
    row("  parsing the input", time(|| drop(black_box(parse_json(SNP_CLAIMS, "").unwrap()))), base);

    println!("\nreference values");
    let mut many = refs.clone();
    for i in 0..100_000 {
        many.insert(&format!("value-{i}"), Prepared::new(Value::from(i)));
    }
    row("100,000 stored", both(&cpu, &many), ours);
    row(
        "  adding one to them",
        time(|| {
            let mut next = many.clone();
            next.insert("another", Prepared::new(Value::from(1)));
            black_box(next);
        }),
        ours,
    );
    let measurement =
        Value::from_json_str(SNP_REFERENCES).unwrap()["snp_launch_measurement"][1].clone();
    let mut long: Vec<Value> = (0..9_999).map(|i| Value::from(format!("{i:096x}"))).collect();
    long.push(measurement);
    let mut large = refs.clone();
    large.insert("snp_launch_measurement", Prepared::new(Value::from(long)));
    row("one value of 10,000 entries, the last one matching", both(&cpu, &large), ours);
    let indirect = CPU_POLICY.replace(
        "\tinput.snp.measurement in query_reference_value(\"snp_launch_measurement\")",
        "\trv := query_reference_value(\"snp_launch_measurement\")\n\tinput.snp.measurement in rv",
    );
    row(
        "  the same through a variable: searched one by one",
        both(&policy(&indirect, &RULES, &[]), &large),
        ours,
    );

    println!("\npolicy ten times the size");
    let comments = CPU_POLICY.to_owned()
        + &"# a comment as long as the lines of a policy are\n".repeat(CPU_POLICY.len() * 9 / 49);
    row("comments", both(&policy(&comments, &RULES, &[]), &refs), ours);
    let unused = tenfold(|text, i| {
        text.replace("executables :=", &format!("executables_{i} :="))
            .replace("hardware :=", &format!("hardware_{i} :="))
            .replace("configuration :=", &format!("configuration_{i} :="))
    });
    row("rules that are not used", both(&policy(&unused, &RULES, &[]), &refs), ours);
    let alternatives = tenfold(|text, i| {
        text.replace("input.snp", &format!("input.snp_{i}"))
            .replace("input.tdx", &format!("input.tdx_{i}"))
            .replace("input.sample", &format!("input.sample_{i}"))
            .replace("-vtpm\"", &format!("-vtpm{i}\""))
    });
    row(
        "108 more alternatives of the rules used, all tried",
        both(&policy(&alternatives, &RULES, &[]), &refs),
        ours,
    );

    println!("\ndata for each request");
    let resource = "package policy\nimport rego.v1\ndefault allow := false\nallow if {\n\
        data.plugin == \"resource\"\n\
        count(data[\"resource-path\"]) == 3\n\
        every submod in input.submods { submod[\"ear.status\"] == \"affirming\" }\n}\n";
    let data =
        r#"{"plugin":"resource","resource-path":["repo","key","k1"],"query":{"version":"2"}}"#;
    let input =
        format!(r#"{{"submods":{{"cpu0":{{"ear.status":"affirming","claims":{SNP_CLAIMS}}}}}}}"#);
    let allow = [RuleOption { path: "data.policy.allow", required: true }];
    let keys = ["plugin", "resource-path", "query"];
    let filler: String =
        (0..200).map(|i| format!("unused_{i} if input.x == \"some value {i}\"\n")).collect();
    for (size, text) in [("small", resource.to_owned()), ("10 KB", resource.to_owned() + &filler)] {
        let none = References::new();
        let keyed = policy(&text, &allow, &keys);
        let announced = time(|| evaluate(&keyed, &input, data, &none, None));
        row(&format!("{size} resource policy, members announced"), announced, announced);
        let plain = policy(&text, &allow, &[]);
        let prepared = time(|| evaluate(&plain, &input, data, &none, None));
        row("  not announced: prepared again", prepared, announced);
    }
}

fn ecdsa() {
    println!("\nECDSA, one thread");
    for (curve, name, size) in [(Curve::P256, "P-256", 32), (Curve::P384, "P-384", 48)] {
        let mut scalar = vec![0x11; size];
        let signer = PrivateKey::new(curve, &scalar).unwrap();
        let digest = vec![0x5a; size];
        let mut signature = vec![0; 2 * size];
        let sign = time(|| signer.sign(&digest, &mut signature).unwrap());
        println!("{name} sign    {:9.0}/s", 1e6 / sign);
        // The generator is the public key of 1.
        scalar.fill(0);
        *scalar.last_mut().unwrap() = 1;
        let one = PrivateKey::new(curve, &scalar).unwrap();
        one.sign(&digest, &mut signature).unwrap();
        let key = PublicKey::new(curve, &generator(curve)).unwrap();
        let verify = time(|| key.verify(&digest, &signature).unwrap());
        println!("{name} verify  {:9.0}/s", 1e6 / verify);
    }
}

fn generator(curve: Curve) -> Vec<u8> {
    let text = match curve {
        Curve::P256 => {
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
             4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        }
        Curve::P384 => {
            "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7\
             3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
        }
    };
    let digit = |b: u8| char::from(b).to_digit(16).unwrap() as u8;
    text.as_bytes().chunks(2).map(|c| c.iter().fold(0, |n, b| n << 4 | digit(*b))).collect()
}

fn main() {
    rego();
    ecdsa();
}
