#pragma once

#include <memory>

#include "base/result.h"
#include "net/http.h"

struct curl_slist;

namespace trustee::net {

/// Overwrites the texts of a list; the list stays.
void wipe_lines(curl_slist* list);

struct HeaderLinesFree {
  void operator()(curl_slist* list) const;
};
/// The fields of a request as libcurl wants them; wiped when they go, as tokens are among them.
using HeaderLines = std::unique_ptr<curl_slist, HeaderLinesFree>;

/// `Name: value` lines: an empty value needs a semicolon, and what libcurl would add by itself is
/// switched off by a name alone. `content-length` is left out.
/// Errors: header_invalid; transfer_failed when memory runs out.
Result<HeaderLines> header_lines(const Headers& headers);

}  // namespace trustee::net
