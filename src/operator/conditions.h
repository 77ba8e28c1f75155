#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "codec/json.h"
#include "operator/decide.h"

namespace trustee::operators {

/// The condition that a problem belongs to.
enum class Aspect : std::uint8_t {
  secrets,        ///< `SecretsAvailable`
  configuration,  ///< `ConfigurationValid`
};

enum class Weight : std::uint8_t {
  note,      ///< works, but somebody should know: the condition stays True
  degraded,  ///< a part does not work, the rest goes on: False, `Ready` may be True
  blocking,  ///< nothing is changed until it is mended: False, and `Ready` is False
};

/// Bounds of what is told: texts of users find their way into messages, and an API server refuses a
/// condition beyond 32 KiB.
inline constexpr std::size_t kMostProblemsTold = 10;
inline constexpr std::size_t kLongestMessage = 512;  ///< bytes of one problem

/// `text`; beyond kLongestMessage cut between characters, and then it ends in `…`.
std::string cut_message(std::string text);

/// Something a person must mend: what, and who does what about it.
struct Problem {
  Aspect aspect = Aspect::configuration;
  Weight weight = Weight::blocking;
  std::string reason;   ///< CamelCase
  std::string message;  ///< the same text as long as the problem is the same
};

/// What a decision found, in the order found.
class Findings {
 public:
  /// The message is cut: cut_message.
  void add(Problem problem);
  /// The reason is the code's name in CamelCase, the message its detail, or its text without one.
  void add(Aspect aspect, Weight weight, const Error& error);
  bool blocked() const;
  /// The heaviest problem, the first of equals; null without any.
  const Problem* worst() const;
  const std::vector<Problem>& all() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

struct Condition {
  std::string type;
  bool holds = false;
  std::string reason;
  std::string message;
  bool tell = false;  ///< a change to this is worth a Warning event
};

/// The conditions `SecretsAvailable` and `ConfigurationValid` of these findings, with the messages
/// of the kMostProblemsTold heaviest and how many more there are.
std::vector<Condition> aspect_conditions(const Findings& findings);

/// The condition `Ready` of who waits for a write that is refused or fails: what runs goes on, what
/// it is to become stays out. Advises another role where that is what refuses.
Condition not_written(bool serves, const Surroundings& surroundings);

/// The status of who cannot be decided about, because the API server does not let us read `what`
/// (`Kind name`): the standing one, not ready. Nothing: it stands already.
std::optional<json::Object> read_refused_status(const json::Object& owner,
                                                const Surroundings& surroundings,
                                                const std::string& what);

/// `secret_missing` as `SecretMissing`.
std::string camel_case(std::string_view name);

/// What transitions and events are told against: the status that the object carries, or, when an
/// older CRD pruned the conditions from it, what this process wrote last.
const json::Object& standing_status(const json::Object& owner, const Surroundings& surroundings);

/// Whether `status` has to be written: it is not the stored one. Where the conditions were pruned
/// it is compared with `standing`, and what such a CRD keeps (`isReady`, `statusDescription`) with
/// what is stored: somebody else may have written it since.
bool must_write(const json::Object& status, const json::Object& owner,
                const json::Object& standing);

/// `status.conditions`: metav1.Condition each, with the owner's generation; the transition time is
/// `now` where the status of the condition changed, else the standing one.
json::Array write_conditions(const std::vector<Condition>& conditions, const json::Object& owner,
                             const json::Object& standing, Time now);

/// One Warning for each condition to be told whose reason or message is not the standing one.
std::vector<Event> condition_events(const std::vector<Condition>& conditions,
                                    const json::Object& standing);

/// A condition of a standing status, or null.
const json::Object* find_condition(const json::Object& status, std::string_view type);

}  // namespace trustee::operators
