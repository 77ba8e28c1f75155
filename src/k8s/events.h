#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "k8s/client.h"

namespace trustee::k8s {

/// What is told about an object.
struct EventText {
  bool warning = false;
  std::string reason;  ///< a CamelCase word
  std::string action;  ///< what was being done, a CamelCase word
  std::string note;    ///< a sentence; cut to 1,024 bytes
};

/// Writes events in `events.k8s.io/v1`; where that group is refused or not served, in core/v1 from
/// then on. Any thread.
/// Source  operator.md sections 4.10, 10.1 (C2).
class EventWriter {
 public:
  /// `component` is the reporting controller, `instance` the pod or process.
  /// Lifetime  references outlive it.
  EventWriter(Client& client, const Clock& clock, std::string component, std::string instance);

  /// `regarding` has apiVersion, kind, name, uid and, unless it has no namespace, namespace.
  /// Errors  those of Client::create; forbidden only when both groups are refused.
  Result<void> write(const json::Object& regarding, const EventText& text);

 private:
  json::Object metadata(const json::Object& regarding, Time now);
  json::Object modern(const json::Object& regarding, const EventText& text, Time now);
  json::Object core(const json::Object& regarding, const EventText& text, Time now);

  Client& client_;
  const Clock& clock_;
  const std::string component_;
  const std::string instance_;
  std::atomic<bool> core_only_{false};
  std::atomic<std::uint32_t> counter_{0};
};

}  // namespace trustee::k8s
