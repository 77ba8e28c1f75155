#include "serve/stored_session.h"

#include "authz/errors.h"
#include "codec/json.h"
#include "kbs/errors.h"

namespace trustee::serve {

ByteVec write_stored_session(std::string_view token, Time expires) {
  json::Object record;
  record.append("token", token);
  record.append("expires", std::int64_t{expires.time_since_epoch().count()});
  return to_vec(as_bytes(json::write(std::move(record))));
}

Result<std::string> read_stored_session(Bytes record, Time now) {
  const auto value = json::parse(as_text(record));
  const json::Object* object = value.ok() ? value->as_object() : nullptr;
  if (object == nullptr) return Error(kbs::Errc::session_unknown, "the stored session is damaged");
  const auto token = json::string_member(*object, "token");
  const auto expires = json::i64_member(*object, "expires");
  if (!token.ok() || !expires.ok()) {
    return Error(kbs::Errc::session_unknown, "the stored session is of another form");
  }
  if (Time(Time::duration(*expires)) < now) return authz::Errc::session_expired;
  return **token;
}

}  // namespace trustee::serve
