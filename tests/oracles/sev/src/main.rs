//! Reads lines "ASK.der ARK.der VEK.der REPORT.bin" from standard input and prints for each `ok`, or
//! `bad` with the reason: chain and signature by the crate `sev`.

use sev::certs::snp::{ca, Certificate, Chain, Verifiable};
use sev::firmware::guest::AttestationReport;
use sev::parser::ByteParser;
use std::io::BufRead;

fn certificate(path: &str) -> std::io::Result<Certificate> {
    Certificate::from_der(&std::fs::read(path)?)
}

fn verdict(line: &str) -> std::io::Result<()> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [ask, ark, vek, report] = parts[..] else {
        return Err(std::io::Error::other("want four paths"));
    };
    let ca = ca::Chain { ark: certificate(ark)?, ask: certificate(ask)? };
    let chain = Chain { ca, vek: certificate(vek)? };
    let report = AttestationReport::from_bytes(&std::fs::read(report)?)?;
    (&chain, &report).verify()
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        match verdict(&line.expect("readable input")) {
            Ok(()) => println!("ok"),
            Err(reason) => println!("bad {}", reason.to_string().replace('\n', " ")),
        }
    }
}
