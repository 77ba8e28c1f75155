#include "net/internal/response_writer.h"

namespace trustee::net {
namespace {

bool is_ours(std::string_view name) {
  for (const std::string_view ours :
       {"content-length", "transfer-encoding", "connection", "date", "x-request-id"}) {
    if (equal_ignoring_case(name, ours)) return true;
  }
  return false;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool has_length(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

bool sends_body(int status, bool head_request) { return has_length(status) && !head_request; }

std::string response_head(const Response& r, const ResponseFrame& frame) {
  std::string out;
  out.reserve(256);
  out += "HTTP/1.1 ";
  out += std::to_string(r.status);
  out += ' ';
  out += reason_phrase(r.status);
  out += "\r\n";
  if (has_length(r.status)) append_field(out, "content-length", std::to_string(r.body.size()));
  for (const auto& h : r.headers) {
    if (!is_ours(h.name) && is_sendable_header(h.name, h.value)) {
      append_field(out, h.name, h.value);
    }
  }
  append_field(out, "x-request-id", frame.request_id);
  if (frame.close) {
    append_field(out, "connection", "close");
  } else if (frame.http_1_0) {
    append_field(out, "connection", "keep-alive");
  }
  append_field(out, "date", frame.date);
  out += "\r\n";
  return out;
}

}  // namespace trustee::net
