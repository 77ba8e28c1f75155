//! Reads lines "ROOT.der QUOTE COLLATERAL.json UNIX-SECONDS" from standard input and prints for each
//! `ok STATUS ADVISORIES`, or `bad` with the reason: the verdict of the crate `dcap-qvl`. With the
//! argument `--layout`: `ok` and what it reads in the quote, without a verdict.

use dcap_qvl::quote::{Quote, Report};
use dcap_qvl::verify::QuoteVerifier;
use dcap_qvl::QuoteCollateralV3;
use std::error::Error;
use std::io::BufRead;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn collateral(path: &str) -> Outcome<QuoteCollateralV3> {
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let text = |name: &str| -> Outcome<String> {
        Ok(file[name].as_str().ok_or_else(|| format!("no {name}"))?.to_owned())
    };
    let bytes = |name: &str| -> Outcome<Vec<u8>> { Ok(hex::decode(text(name)?)?) };
    Ok(QuoteCollateralV3 {
        pck_crl_issuer_chain: text("pck_crl_issuer_chain")?,
        root_ca_crl: bytes("root_ca_crl")?,
        pck_crl: bytes("pck_crl")?,
        tcb_info_issuer_chain: text("tcb_info_issuer_chain")?,
        tcb_info: text("tcb_info")?,
        tcb_info_signature: bytes("tcb_info_signature")?,
        qe_identity_issuer_chain: text("qe_identity_issuer_chain")?,
        qe_identity: text("qe_identity")?,
        qe_identity_signature: bytes("qe_identity_signature")?,
        pck_certificate_chain: None,
    })
}

fn verdict(line: &str) -> Outcome<String> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [root, quote, documents, now] = parts[..] else {
        return Err("want four words".into());
    };
    let verifier = QuoteVerifier::new(std::fs::read(root)?).allow_debug(true).allow_service_td(true);
    let report = verifier
        .verify(&std::fs::read(quote)?, &collateral(documents)?, now.parse()?)
        .map_err(|reason| format!("{reason:#}"))?;
    let mut advisories = report.advisory_ids;
    advisories.sort();
    Ok(format!("{} {}", report.status, advisories.join(",")))
}

fn layout(line: &str) -> Outcome<String> {
    let path = line.split_whitespace().nth(1).ok_or("want four words")?;
    let quote = Quote::parse(&std::fs::read(path)?)?;
    let mut words = vec![quote.header.version.to_string()];
    let mut add = |bytes: &[u8]| words.push(hex::encode(bytes));
    match &quote.report {
        Report::SgxEnclave(r) => {
            add(&r.mr_enclave);
            add(&r.report_data);
        }
        other => {
            let td = other.as_td10().ok_or("no TD report")?;
            add(&td.mr_td);
            add(&td.report_data);
        }
    }
    if let Some(td) = quote.report.as_td15() {
        add(&td.tee_tcb_svn2);
    }
    if let Some(td) = quote.report.as_td15_ex() {
        add(&[td.vmid]);
        add(&td.td_id);
        add(&td.dev_info);
        add(&td.init_service_td_hash);
        add(&td.init_service_td_attributes);
        add(&td.init_cpu_svn);
        add(&td.init_tee_tcb_svn);
        add(&td.init_tee_fmspc);
        add(&td.cur_service_td_hash);
        add(&td.cur_service_td_attributes);
    }
    Ok(words.join(" "))
}

fn main() {
    let of = if std::env::args().nth(1).as_deref() == Some("--layout") { layout } else { verdict };
    for line in std::io::stdin().lock().lines() {
        match of(&line.expect("readable input")) {
            Ok(what) => println!("ok {}", what.trim_end()),
            Err(reason) => println!("bad {}", reason.to_string().replace('\n', " ")),
        }
    }
}
