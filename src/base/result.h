#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace trustee {

/// A value or an Error; either converts to it. Without empty state or exception: `value()` on an
/// error aborts; test `ok()` first or use TRY (try.h).
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  explicit(false) Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <class U = T>
    requires(std::constructible_from<T, U &&> && !std::same_as<std::remove_cvref_t<U>, Result> &&
             !std::same_as<std::remove_cvref_t<U>, Error> && !CodeEnum<std::remove_cvref_t<U>>)
  explicit(false) Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <CodeEnum E>
  explicit(false) Result(E code, std::source_location where = std::source_location::current())
      : state_(std::in_place_index<1>, Error(code, {}, where)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    TRUSTEE_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    TRUSTEE_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    TRUSTEE_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & {
    TRUSTEE_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  const Error& error() const& {
    TRUSTEE_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    TRUSTEE_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

  /// Adds what was being done, if this is an error.
  Result while_doing(std::string what) && {
    if (!ok()) return std::move(*std::get_if<1>(&state_)).while_doing(std::move(what));
    return std::move(*this);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  explicit(false) Result(Error error) : error_(std::move(error)) {}
  template <CodeEnum E>
  explicit(false) Result(E code, std::source_location where = std::source_location::current())
      : error_(Error(code, {}, where)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }

  const Error& error() const& {
    TRUSTEE_CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    TRUSTEE_CHECK(!ok());
    return std::move(*error_);
  }
  Result while_doing(std::string what) && {
    if (!ok()) return std::move(*error_).while_doing(std::move(what));
    return std::move(*this);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace trustee
