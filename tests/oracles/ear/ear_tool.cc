// Issues tokens and reads messages for the comparison with the crates `ear` and `kbs-types`. Reads
// one JSON object a line and answers with one:
//   {"policy", "input", "references", "now"}   {"token", "jwk"}, appraised and signed
//   {"kind", "text"}                           {"text"}, the message read and written again
// {"error"} when the library refuses.
#include <iostream>
#include <string>
#include <vector>

#include "appraise/ear.h"
#include "appraise/evaluate.h"
#include "base/try.h"
#include "jose/jwe.h"
#include "rcar/messages.h"

namespace trustee {
namespace {

Result<appraise::References> references_of(const json::Object& values) {
  std::vector<std::string> texts;
  for (const json::Member& m : values) {
    texts.push_back(json::write(m.value));
  }
  std::vector<rego::NamedJson> named;
  for (const json::Member& m : values) {
    named.push_back({m.name, texts[named.size()]});
  }
  TRY(auto set, rego::ReferenceSet::create(named));
  return appraise::References{.set = std::move(set)};
}

Result<json::Value> issue(const json::Object& question) {
  TRY(const std::string* const text, json::string_member(question, "policy"));
  TRY(const json::Value* const input, json::member(question, "input"));
  TRY(const json::Object* const values, json::object_member(question, "references"));
  TRY(const std::int64_t now, json::i64_member(question, "now"));
  TRY(const auto policy, appraise::Policy::compile("default_cpu", *text));
  TRY(const auto references, references_of(*values));
  TRY(auto outcome, appraise::evaluate(*policy, json::write(*input), references));
  auto& appraisal = std::get<appraise::Appraisal>(outcome);
  const appraise::Submodule submodules[] = {{"cpu0", appraisal, json::write(*input)},
                                            {"gpu0", appraisal, json::write(*input)}};
  TRY(const auto signer, appraise::TokenSigner::ephemeral());
  TRY(const std::string token,
      appraise::issue_ear({}, signer, "default", submodules, from_unix_seconds(now)));
  return json::Value(json::Object{{"token", token}, {"jwk", jose::to_json(signer.jwk())}});
}

Result<std::string> again(std::string_view kind, std::string_view text) {
  if (kind == "Request") {
    TRY(const auto message, rcar::parse_request(text));
    return rcar::write(message);
  }
  if (kind == "Challenge") {
    TRY(const auto message, rcar::parse_challenge(text));
    return rcar::write(message);
  }
  if (kind == "Attestation") {
    TRY(const auto message, rcar::parse_attestation(text));
    return rcar::write(message);
  }
  if (kind == "Response") {
    TRY(const auto message, jose::parse_jwe(text));
    return jose::to_json_text(message);
  }
  TRY(const auto message, rcar::parse_error_information(text));
  return rcar::write(message);
}

Result<json::Value> answer(std::string_view line) {
  TRY(const json::Value document, json::parse(line));
  TRY(const json::Object* const question, json::object_of(document, "question"));
  if (question->contains("policy")) return issue(*question);
  TRY(const std::string* const kind, json::string_member(*question, "kind"));
  TRY(const std::string* const text, json::string_member(*question, "text"));
  TRY(std::string written, again(*kind, *text));
  return json::Value(json::Object{{"text", std::move(written)}});
}

}  // namespace
}  // namespace trustee

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto out = trustee::answer(line);
    std::cout << trustee::json::write(
                     out.ok() ? *out : trustee::json::Object{{"error", out.error().to_string()}})
              << "\n";
  }
  return 0;
}
