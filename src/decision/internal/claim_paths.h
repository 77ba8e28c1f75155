#pragma once

#include <string>
#include <variant>
#include <vector>

#include "codec/json.h"

namespace trustee::decision::internal {

/// One step into a document: a member's name or an element's index.
using Segment = std::variant<std::string, std::size_t>;
using Path = std::vector<Segment>;

/// `snp.measurement`, `tdx.uefi_event_logs[3].digests[0].digest`, `submods.cpu0["ear.status"]`;
/// printable, whatever the names are.
std::string to_string(const Path& path);

/// A claim that has no parts.
struct Leaf {
  Path path;
  json::Value value;  ///< a text, number, boolean
};

/// The leaves of a document in its order, at most `limit`; null is none.
std::vector<Leaf> leaves_of(const json::Value& document, std::size_t limit);

/// The members of all objects down to `depth`, at most `limit`.
std::vector<Path> members_of(const json::Value& document, std::size_t depth, std::size_t limit);

/// Puts another value at `path`, which must exist; without one the member is removed.
void set_claim(json::Value& document, const Path& path, const json::Value* value);

/// A copy of the document with that done to it.
json::Value with_claim(const json::Value& document, const Path& path, const json::Value* value);

/// A value of the same kind that no document has by chance: other than `value`.
json::Value another_value(const json::Value& value, bool larger);

/// The texts and numbers written in a policy, as JSON values, each once; at most `limit`. Comments
/// are skipped, and so are the names of members and of reference values.
std::vector<json::Value> literals_of(std::string_view policy_text, std::size_t limit);

}  // namespace trustee::decision::internal
