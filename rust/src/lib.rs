//! Rego, regular expressions, ECDSA and TOML behind the C face of `include/trustee_rust.h`.
//!
//! The header documents every function; the modules here say how and why.
//!
//! | module       | job                                                                    |
//! |--------------|------------------------------------------------------------------------|
//! | `face`       | slices, buffers, errors, and the guard around every exported function   |
//! | `references` | the persistent map of reference values                                 |
//! | `rego`       | compile a policy, evaluate it; `inspect` reads its syntax tree          |
//! | `pattern`    | regular expressions that match in full                                 |
//! | `ecdsa`      | verification and signing over digests with AWS-LC                      |
//! | `toml_json`  | TOML to JSON, within limits                                            |
//!
//! `*_face` modules hold nothing but the exported functions.

#![deny(unsafe_op_in_unsafe_fn)]

pub mod ecdsa;
mod ecdsa_face;
pub mod face;
mod pattern;
mod references;
mod references_face;
pub mod rego;
mod rego_face;
mod toml_json;

pub use references::{Prepared, References};

/// What the C function `trustee_rust_version` returns.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " regorus 0.11.0");
