//! Reads one JSON object a line and answers with one:
//! `{"token", "jwk"}`: the token as the crate `ear` reads it once its signature verifies, each
//! submodule with `tier`, the worst tier of its claims as the crate knows them;
//! `{"kind", "text"}`: the message as the crate `kbs-types` reads and writes it again, `{"text"}`.
//! `{"error"}` when the crate refuses.

use std::io::BufRead;

use ear::{Algorithm, Ear, TrustTier, TrustVector};
use kbs_types::{Attestation, Challenge, ErrorInformation, Request, Response};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{json, Value};

type Outcome = Result<Value, Box<dyn std::error::Error>>;

fn tier(vector: &TrustVector) -> TrustTier {
    let mut worst = TrustTier::None;
    for claim in *vector {
        if claim.tier() > worst {
            worst = claim.tier();
        }
    }
    worst
}

fn token(text: &str, jwk: &Value) -> Outcome {
    let ear = Ear::from_jwt_jwk(text, Algorithm::ES256, jwk.to_string().as_bytes())?;
    let mut out = serde_json::to_value(&ear)?;
    for (name, appraisal) in &ear.submods {
        out["submods"][name]["tier"] = json!(tier(&appraisal.trust_vector).as_str());
    }
    Ok(out)
}

fn again<T: DeserializeOwned + Serialize>(text: &str) -> Outcome {
    Ok(json!({ "text": serde_json::to_string(&serde_json::from_str::<T>(text)?)? }))
}

fn message(kind: &str, text: &str) -> Outcome {
    match kind {
        "Request" => again::<Request>(text),
        "Challenge" => again::<Challenge>(text),
        "Attestation" => again::<Attestation>(text),
        "Response" => again::<Response>(text),
        "ErrorInformation" => again::<ErrorInformation>(text),
        _ => Err("no such kind".into()),
    }
}

fn answer(line: &str) -> Outcome {
    let question: Value = serde_json::from_str(line)?;
    let text = |name: &str| question[name].as_str().unwrap_or_default();
    if question["token"].is_string() {
        token(text("token"), &question["jwk"])
    } else {
        message(text("kind"), text("text"))
    }
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("readable input");
        println!("{}", answer(&line).unwrap_or_else(|e| json!({ "error": e.to_string() })));
    }
}
