#pragma once

#include <cstdint>

#include "base/error.h"
#include "net/http.h"

namespace trustee::net {

/// Why a request cannot be handed to the handler.
enum class Stop : std::uint8_t {
  none,
  gone,  ///< the peer left or nothing was asked: no answer
  late,
  malformed,
  head_too_large,
  body_too_large,
  unsupported,
  undecodable,
  failed,  ///< by no fault of the client
  busy,
};

/// What an error met while a request was read means for the request.
Stop stop_of(const Error& error);

/// The answer to a request that was stopped; it closes the connection.
Response refusal(Stop stop);

}  // namespace trustee::net
