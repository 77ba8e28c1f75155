#include "operator/derived_secrets.h"

#include <utility>

#include "base/bytes.h"
#include "codec/base64.h"
#include "operator/bodies.h"
#include "operator/errors.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

json::Object derived_body(const json::Object& tc, const TlsSource& source, const std::string& name,
                          std::string_view entry, const std::string& pem, Lookup& lookup) {
  const ObjectRef ref{"Secret", namespace_of(tc), name};
  const auto* stored = lookup.find(ref.kind, ref.ns, ref.name);
  auto body = body_of(ref);
  set_at(body, {"metadata", "labels"}, standard_labels(name_of(tc), source.component));
  own(body, tc, kTrusteeConfig, stored);
  body.set("type", "Opaque");
  set_at(body, {"data", entry}, codec::base64_encode(as_bytes(pem)));
  return body;
}

Problem unfit(const Error& error, bool kept) {
  Findings findings;
  findings.add(Aspect::secrets, kept ? Weight::degraded : Weight::blocking, error);
  auto problem = findings.all().front();
  if (kept) {
    problem.message += "; what was derived from it before stays in force";
  }
  return problem;
}

Problem not_named(const TlsSource& source) {
  return {Aspect::secrets, Weight::blocking,
          source.use == TlsUse::https ? "HttpsSecretNotNamed" : "AttestationSecretNotNamed",
          "profile Restricted needs spec." + std::string(source.spec) +
              ".tlsSecretName: name a Secret of type kubernetes.io/tls"};
}

}  // namespace

TlsSource https_source(const json::Object& tc) {
  const TrusteeNames names(name_of(tc));
  return {TlsUse::https, "httpsSpec",        "https",      names.https_key(),
          "privateKey",  names.https_cert(), "certificate"};
}

TlsSource attestation_source(const json::Object& tc) {
  const TrusteeNames names(name_of(tc));
  return {TlsUse::token, "attestationTokenVerificationSpec", "attestation", names.attestation_key(),
          "token.key",   names.attestation_cert(),           "token.crt"};
}

DerivedSecrets derive_secrets(const json::Object& tc, const TlsSource& source, bool required,
                              Lookup& lookup, Time now) {
  DerivedSecrets derived;
  const auto ns = namespace_of(tc);
  const auto name = text_at(tc, {"spec", source.spec, "tlsSecretName"});
  derived.wanted = !name.empty();
  if (!derived.wanted) {
    if (required) {
      derived.problems.push_back(not_named(source));
    }
    return derived;
  }
  const auto checked = check_tls_secret(lookup.find("Secret", ns, name), name, source.use, now);
  if (!checked.ok()) {
    const bool kept = lookup.find("Secret", ns, source.key_secret) != nullptr &&
                      lookup.find("Secret", ns, source.cert_secret) != nullptr;
    derived.problems.push_back(unfit(checked.error(), kept));
    return derived;
  }
  derived.apply.push_back(
      derived_body(tc, source, source.key_secret, source.key_entry, checked->key, lookup));
  derived.apply.push_back(
      derived_body(tc, source, source.cert_secret, source.cert_entry, checked->cert, lookup));
  derived.not_after = checked->not_after;
  if (source.use == TlsUse::https && !checked->names_service) {
    derived.problems.push_back({Aspect::secrets, Weight::note, "CertificateLacksName",
                                "secret " + name +
                                    ": its certificate does not name kbs-service; clients inside "
                                    "the cluster will refuse it"});
  }
  return derived;
}

}  // namespace trustee::operators
