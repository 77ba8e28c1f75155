#include "base/error.h"

namespace trustee {

std::string_view to_string(Actor actor) {
  switch (actor) {
    case Actor::guest:
      return "guest";
    case Actor::platform:
      return "platform";
    case Actor::policy_author:
      return "policy-author";
    case Actor::administrator:
      return "administrator";
    case Actor::vendor:
      return "vendor";
    case Actor::service:
      return "service";
  }
  return "service";
}

std::string Code::id() const {
  std::string out(module());
  out += '.';
  out += name();
  return out;
}

std::string Error::to_string() const {
  std::string out = code_.id();
  out += ": ";
  out += detail_.empty() ? code_.text() : std::string_view(detail_);
  for (const auto& what : context_) {
    out += " (while ";
    out += what;
    out += ')';
  }
  return out;
}

}  // namespace trustee
