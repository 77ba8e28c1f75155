#pragma once

#include <utility>

#include "base/result.h"

// The three propagation macros. They are several statements, so the enclosing block needs braces.
//
//     TRY(auto report, snp::parse(bytes));      declares report, or returns the error
//     TRY_VOID(check_chain(chain, now));
//     CO_TRY(auto doc, co_await fetch(url));    the same inside a coroutine
//
// Declaration form on purpose: a GNU statement expression around co_await crashes g++ 12.

#define TRUSTEE_TRY_CAT2(a, b) a##b
#define TRUSTEE_TRY_CAT(a, b) TRUSTEE_TRY_CAT2(a, b)

#define TRUSTEE_TRY_IMPL(result, declaration, ...) \
  auto result = (__VA_ARGS__);                     \
  if (!result.ok()) {                              \
    return std::move(result).error();              \
  }                                                \
  declaration = std::move(result).value()

#define TRUSTEE_CO_TRY_IMPL(result, declaration, ...) \
  auto result = __VA_ARGS__;                          \
  if (!result.ok()) {                                 \
    co_return std::move(result).error();              \
  }                                                   \
  declaration = std::move(result).value()

#define TRY(declaration, ...) \
  TRUSTEE_TRY_IMPL(TRUSTEE_TRY_CAT(trustee_try_, __LINE__), declaration, __VA_ARGS__)

#define TRY_VOID(...)                                                    \
  do {                                                                   \
    if (auto trustee_try_void = (__VA_ARGS__); !trustee_try_void.ok()) { \
      return std::move(trustee_try_void).error();                        \
    }                                                                    \
  } while (false)

#define CO_TRY(declaration, ...) \
  TRUSTEE_CO_TRY_IMPL(TRUSTEE_TRY_CAT(trustee_try_, __LINE__), declaration, __VA_ARGS__)
