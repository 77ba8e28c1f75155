// The decisions as whole objects. Each file of testdata/golden is one case: what exists, what is
// decided, and what the specification says must come of it, written by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <ranges>
#include <set>

#include "codec/hex.h"
#include "codec/time.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "operator/applied.h"
#include "operator/decide.h"
#include "operator/object_tree.h"
#include "operator/operator_testdata.h"
#include "tests/support/case.h"

namespace trustee::operators {
namespace {

/// What follows `prefix`, if the text begins with it.
std::optional<std::string> behind(std::string_view prefix, const std::string& text) {
  return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
}

std::string shipped_template(const std::string& name) {
  return file_text("deploy/templates/" + name);
}

/// A text of a case may stand for another: `@file:name` for that file of testdata, `@base64:name`
/// for its base64, `@text64:words` for the base64 of the words, `@template:name` for a shipped
/// policy, `@sha256-template:name` for its digest.
std::string expanded(const std::string& text) {
  if (const auto name = behind("@file:", text)) {
    return testdata(*name);
  }
  if (const auto name = behind("@base64:", text)) {
    return base64_of(testdata(*name));
  }
  if (const auto words = behind("@text64:", text)) {
    return base64_of(*words);
  }
  if (const auto name = behind("@template:", text)) {
    return shipped_template(*name);
  }
  if (const auto name = behind("@sha256-template:", text)) {
    return codec::hex_encode(crypto::sha256(as_bytes(shipped_template(*name))));
  }
  return text;
}

json::Value with_files(const json::Value& value) {
  if (const auto* text = value.as_string(); text != nullptr) {
    return expanded(*text);
  }
  if (const auto* array = value.as_array(); array != nullptr) {
    json::Array out;
    for (const auto& element : *array) {
      out.push_back(with_files(element));
    }
    return out;
  }
  if (const auto* object = value.as_object(); object != nullptr) {
    json::Object out;
    for (const auto& member : *object) {
      out.append(member.name, with_files(member.value));
    }
    return out;
  }
  return value;
}

/// Members of `patch` into `base`, objects into objects; null takes a member away.
json::Object patched(json::Object base, const json::Object& patch) {
  for (const auto& member : patch) {
    auto* old = base.find(member.name);
    if (member.value.is_null()) {
      base.remove(member.name);
    } else if (old != nullptr && old->as_object() != nullptr &&
               member.value.as_object() != nullptr) {
      *old = patched(*old->as_object(), *member.value.as_object());
    } else {
      base.set(member.name, member.value);
    }
  }
  return base;
}

json::Object read_object(const std::string& name) {
  return *with_files(json::parse(testdata(name)).value()).as_object();
}

/// An object with `from` (a file) as its base, if it says so.
json::Object resolved(const json::Object& object) {
  const auto from = text_at(object, {"from"});
  if (from.empty()) {
    return object;
  }
  auto rest = object;
  rest.remove("from");
  return patched(read_object(from), rest);
}

class TestKeys final : public KeySource {
 public:
  Result<crypto::PrivateKey> ed25519() const override {
    return crypto::PrivateKey::from_pem(
        SecretText(file_text("src/crypto/testdata/ed25519.pkcs8.pem")));
  }
  Result<SecretBytes> session_key() const override { return SecretBytes(ByteVec(32, 0xAB)); }
};

Surroundings surroundings_of(const json::Object& given) {
  Surroundings made;
  made.operator_namespace = "operators";
  made.now = codec::parse_rfc3339_seconds("2026-03-01T00:00:00Z").value();
  if (const auto now = text_at(given, {"now"}); !now.empty()) {
    made.now = codec::parse_rfc3339_seconds(now).value();
  }
  made.images = {text_at(given, {"images", "kbs"}), text_at(given, {"images", "microservices"}),
                 text_at(given, {"images", "as"}), text_at(given, {"images", "rvps"})};
  for (const auto& kind : texts_at(given, {"refused"})) {
    made.refused.insert(kind);
  }
  made.unwritten = text_at(given, {"unwritten"});
  const std::string why = text_at(given, {"why_unwritten"});
  EXPECT_TRUE(why.empty() || why == "refused" || why == "failing") << why;
  made.why_unwritten = why == "refused"   ? Unwritten::refused
                       : why == "failing" ? Unwritten::failing
                                          : Unwritten::no_right;
  if (const auto* cluster = object_at(given, {"openShift"}); cluster != nullptr) {
    made.open_shift = OpenShift{text_at(*cluster, {"httpProxy"}), text_at(*cluster, {"httpsProxy"}),
                                text_at(*cluster, {"noProxy"})};
  }
  if (const auto* written = object_at(given, {"written"}); written != nullptr) {
    made.written_status = *written;
    made.written_uid = text_at(given, {"written_uid"});
  }
  return made;
}

std::string place_of(const json::Object& body) {
  return text_at(body, {"kind"}) + "/" + name_of(body);
}

std::string places(const std::vector<json::Value>& bodies) {
  std::string out;
  for (const auto& body : bodies) {
    out += place_of(*body.as_object()) + "\n";
  }
  return out;
}

json::Object without_stamp(json::Object body) {
  auto* metadata = body.find("metadata")->as_object();
  auto* annotations = metadata->find("annotations");
  if (annotations != nullptr) {
    annotations->as_object()->remove(kIntentAnnotation);
    if (annotations->as_object()->empty()) {
      metadata->remove("annotations");
    }
  }
  return body;
}

/// Whether each line of `lines` is a line of `text`.
bool has_lines(const std::string& text, std::string_view lines) {
  const std::string whole = "\n" + text + "\n";
  for (const auto line : std::views::split(lines, '\n')) {
    const std::string one(line.begin(), line.end());
    if (whole.find("\n" + one + "\n") == std::string::npos) return false;
  }
  return true;
}

/// Everything in `wanted` stands in `got`; arrays have the same length; of a text that begins with
/// `@lines:` each line is asked for.
bool holds(const json::Value& got, const json::Value& wanted) {
  if (wanted.as_string() != nullptr && got.as_string() != nullptr) {
    const auto lines = behind("@lines:", *wanted.as_string());
    if (lines.has_value()) return has_lines(*got.as_string(), *lines);
  }
  const auto* object = wanted.as_object();
  if (object != nullptr && got.as_object() != nullptr) {
    return std::ranges::all_of(*object, [&](const json::Member& member) {
      const auto* value = got.as_object()->find(member.name);
      return member.value.is_null() ? value == nullptr
                                    : value != nullptr && holds(*value, member.value);
    });
  }
  if (wanted.as_array() != nullptr && got.as_array() != nullptr) {
    return std::ranges::equal(*got.as_array(), *wanted.as_array(), holds);
  }
  return got == wanted;
}

/// `object`; where its applied intent is `@decided`, with that of the body that was decided for it,
/// if there is one: it stands as it shall be.
json::Object with_intent(json::Object object, const Decision& decision) {
  if (annotation_of(object, kIntentAnnotation) != "@decided") return object;
  for (const auto& body : decision.apply) {
    if (place_of(*body.as_object()) != place_of(object)) continue;
    set_at(object, {"metadata", "annotations", kIntentAnnotation},
           annotation_of(*body.as_object(), kIntentAnnotation));
  }
  return object;
}

class Golden : public ::testing::TestWithParam<std::string> {
 protected:
  const json::Object* written(const Decision& decision, const std::string& place) {
    for (const auto* list : {&decision.apply, &decision.create}) {
      for (const auto& body : *list) {
        if (place_of(*body.as_object()) == place) {
          return body.as_object();
        }
      }
    }
    return nullptr;
  }

  void expect_objects(const Decision& decision, const json::Object& expect) {
    const auto* exact = object_at(expect, {"objects"});
    for (const auto& member : exact == nullptr ? json::Object() : *exact) {
      const auto* body = written(decision, member.name);
      ASSERT_NE(body, nullptr) << member.name << " is not written";
      EXPECT_EQ(json::write_pretty(json::Value(sorted(without_stamp(*body)))),
                json::write_pretty(json::Value(sorted(resolved(*member.value.as_object())))));
    }
    const auto* parts = object_at(expect, {"contains"});
    for (const auto& member : parts == nullptr ? json::Object() : *parts) {
      const auto* body = written(decision, member.name);
      ASSERT_NE(body, nullptr) << member.name << " is not written";
      EXPECT_TRUE(holds(json::Value(*body), member.value))
          << json::write_pretty(json::Value(*body)) << "\nlacks "
          << json::write_pretty(member.value);
    }
    for (const auto& place : texts_at(expect, {"lacks"})) {
      EXPECT_EQ(written(decision, place), nullptr) << place;
    }
  }

  static json::Object sorted(json::Object object) {
    object.sort_deep();
    return object;
  }

  static std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) {
      out += line + "\n";
    }
    return out;
  }

  void expect_lists(const Decision& decision, const json::Object& expect) {
    if (expect.contains("applies")) {
      EXPECT_EQ(places(decision.apply), joined(texts_at(expect, {"applies"})));
    }
    if (expect.contains("creates")) {
      EXPECT_EQ(places(decision.create), joined(texts_at(expect, {"creates"})));
    }
    std::vector<std::string> removed;
    for (const auto& removal : decision.remove) {
      removed.push_back(removal.object.kind + "/" + removal.object.name + " " + removal.uid);
    }
    EXPECT_EQ(joined(removed), joined(texts_at(expect, {"removes"})));
    if (expect.contains("events")) {
      std::vector<std::string> events;
      for (const auto& event : decision.events) {
        events.push_back((event.warning ? "Warning " : "Normal ") + event.reason + ": " +
                         event.note);
      }
      EXPECT_EQ(joined(events), joined(texts_at(expect, {"events"})));
    }
    EXPECT_EQ(decision.drop_finalizer.value_or(""), text_at(expect, {"drop_finalizer"}));
    if (const auto again = integer_at(expect, {"again"}); again) {
      EXPECT_EQ(decision.again.value_or(std::chrono::seconds(-1)).count(), *again);
    }
  }

  /// Places that are among what the decision looked at, and places that are not.
  static void expect_wants(const Decision& decision, const json::Object& expect) {
    std::set<std::string> wants;
    for (const auto& object : decision.wants) {
      wants.insert(object.kind + "/" + object.name);
    }
    for (const auto& place : texts_at(expect, {"wants"})) {
      EXPECT_TRUE(wants.contains(place)) << place;
    }
    for (const auto& place : texts_at(expect, {"wants_not"})) {
      EXPECT_FALSE(wants.contains(place)) << place;
    }
  }

  void expect_status(const Decision& decision, const json::Object& expect) {
    if (expect.contains("status") && expect.find("status")->is_null()) {
      EXPECT_FALSE(decision.status.has_value())
          << json::write_pretty(json::Value(*decision.status));
    }
    if (const auto* status = object_at(expect, {"status"}); status != nullptr) {
      ASSERT_TRUE(decision.status.has_value());
      EXPECT_TRUE(holds(json::Value(*decision.status), json::Value(*status)))
          << json::write_pretty(json::Value(*decision.status));
    }
    const auto* conditions = object_at(expect, {"conditions"});
    for (const auto& member : conditions == nullptr ? json::Object() : *conditions) {
      ASSERT_TRUE(decision.status.has_value());
      std::string got;
      for (const auto& condition : *array_at(*decision.status, {"conditions"})) {
        const auto& object = *condition.as_object();
        if (text_at(object, {"type"}) == member.name) {
          got = text_at(object, {"status"}) + " " + text_at(object, {"reason"}) + ": " +
                text_at(object, {"message"});
        }
      }
      EXPECT_EQ(got, *member.value.as_string()) << member.name;
    }
  }
};

TEST_P(Golden, decides_as_the_specification_says) {
  const auto golden = read_object("golden/" + GetParam());
  const auto cases = texts_at(golden, {"cases"});
  std::vector<std::unique_ptr<CaseMark>> marks;  // they point into `cases`
  for (const auto& id : cases) {
    marks.push_back(std::make_unique<CaseMark>(id.c_str()));
  }
  std::vector<json::Object> exists;
  for (const auto& value : *array_at(golden, {"exists"})) {
    exists.push_back(resolved(*value.as_object()));
  }
  const auto object = resolved(*object_at(golden, {"object"}));
  const auto kind = text_at(object, {"kind"});
  const auto snapshot_of = [&](const Decision& decision) {
    Snapshot snapshot;
    for (const auto& one : exists) {
      snapshot.put(text_at(one, {"kind"}), with_intent(one, decision));
    }
    snapshot.put(kind, object);
    return snapshot;
  };
  const auto* given = object_at(golden, {"surroundings"});
  const auto surroundings = surroundings_of(given == nullptr ? json::Object() : *given);
  const TestKeys keys;
  const auto decide = kind == "TrusteeConfig" ? decide_trustee_config : decide_kbs_config;
  const auto first = decide(object, snapshot_of({}), surroundings, keys);
  const auto decision = decide(object, snapshot_of(first), surroundings, keys);
  const auto& expect = *object_at(golden, {"expect"});
  expect_lists(decision, expect);
  expect_objects(decision, expect);
  expect_status(decision, expect);
  expect_wants(decision, expect);
}

std::vector<std::string> golden_files() {
  std::vector<std::string> names;
  std::error_code missing;  // told by GoogleTest, which wants one case at least
  for (const auto& entry :
       std::filesystem::directory_iterator("src/operator/testdata/golden", missing)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, ::testing::ValuesIn(golden_files()), [](const auto& file) {
  std::string name = file.param.substr(0, file.param.rfind('.'));
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace trustee::operators
