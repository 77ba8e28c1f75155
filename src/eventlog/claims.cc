#include "eventlog/claims.h"

#include <string>
#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "eventlog/details.h"
#include "eventlog/errors.h"

namespace trustee::eventlog {

namespace {

/// Whether each digest is the hash of the data; true for an event without digests.
Result<bool> digests_match(const Event& event) {
  bool match = true;
  for (const EventDigest& digest : event.digests) {
    const auto hash = hash_of(digest.algorithm);
    if (!hash.has_value()) {
      return Error(Errc::digest_not_comparable,
                   "Digest comparison failed: Digest hash algorithm not supported - " +
                       std::string(to_string(digest.algorithm)));
    }
    match = match && equal(crypto::digest(*hash, event.data).bytes(), digest.value);
  }
  return match;
}

json::Array digests_of(const Event& event) {
  json::Array digests;
  for (const EventDigest& digest : event.digests) {
    digests.push_back(json::Object{{"alg", to_string(digest.algorithm)},
                                   {"digest", codec::hex_encode(digest.value)}});
  }
  return digests;
}

Result<json::Value> claim_of(const Event& event) {
  TRY(const bool match, digests_match(event));
  TRY(json::Object details, details_of(event.type, event.data));
  return json::Value(json::Object{{"details", std::move(details)},
                                  {"digest_matches_event", match},
                                  {"digests", digests_of(event)},
                                  {"event", codec::base64_encode(event.data)},
                                  {"index", std::uint64_t{event.index}},
                                  {"type_name", to_string(event.type)}});
}

}  // namespace

Result<json::Array> claims_of(const Log& log) {
  json::Array claims;
  claims.reserve(log.events.size());
  for (std::size_t i = 0; i < log.events.size(); ++i) {
    auto claim = claim_of(log.events[i]);
    if (!claim.ok())
      return std::move(claim).error().while_doing("reading event " + std::to_string(i));
    claims.push_back(std::move(*claim));
  }
  return claims;
}

}  // namespace trustee::eventlog
