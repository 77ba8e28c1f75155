#include "net/internal/stop.h"

#include "net/errors.h"

namespace trustee::net {

Stop stop_of(const Error& error) {
  if (error.is(Errc::body_too_large)) return Stop::body_too_large;
  if (error.is(Errc::header_count_exceeded)) return Stop::head_too_large;
  if (error.is(Errc::transfer_coding_unsupported)) return Stop::unsupported;
  if (error.is(Errc::content_coding_malformed) || error.is(Errc::content_coding_nested)) {
    return Stop::undecodable;
  }
  if (error.is(Errc::job_failed) || error.is(Errc::decoder_unavailable)) return Stop::failed;
  if (error.is(Errc::pool_full) || error.is(Errc::peer_share_exceeded) ||
      error.is(Errc::pool_stopped)) {
    return Stop::busy;
  }
  return Stop::malformed;
}

Response refusal(Stop stop) {
  Response r;
  switch (stop) {
    case Stop::none:
    case Stop::gone:
    case Stop::malformed:
      r.status = 400;
      break;
    case Stop::late:
      r.status = 408;
      break;
    case Stop::head_too_large:
      r.status = 431;
      break;
    case Stop::body_too_large:
      r = text_response(413, "text/plain; charset=utf-8", "payload reached size limit");
      break;
    case Stop::unsupported:
      r.status = 501;
      break;
    case Stop::undecodable:
      r = text_response(400, "text/plain; charset=utf-8", "can not decode content-encoding");
      break;
    case Stop::failed:
      r.status = 500;
      break;
    case Stop::busy:
      r = overload_response();
      break;
  }
  r.close = true;
  return r;
}

}  // namespace trustee::net
