#include "net/internal/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <string_view>

namespace trustee::net {
namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastText = boost::beast::string_view;

namespace {

std::string_view text(BeastText t) { return {t.data(), t.size()}; }

bool is_all_digits(std::string_view t) {
  return !t.empty() && std::all_of(t.begin(), t.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Errc from_beast(const error_code& ec) {
  if (ec == http::error::body_limit) return Errc::body_too_large;
  if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length ||
      ec == http::error::bad_transfer_encoding) {
    return Errc::framing_ambiguous;
  }
  return Errc::head_malformed;
}

/// Beast splits the head into fields; the rules about what is acceptable are ours.
class Sink final : public http::basic_parser<true> {
 public:
  Sink(HeadLimits limits, Request& request) : limits_(limits), request_(&request) {
    // The caller limits heads and bodies: one rule for all kinds of body.
    this->body_limit(boost::none);
    this->header_limit(0xffffffff);
  }
  std::optional<Errc> own_error() const { return own_; }
  bool expect_continue() const { return expect_continue_; }
  std::uint64_t declared() const { return declared_; }
  bool has_length() const { return lengths_ != 0; }
  bool has_coding() const { return codings_ != 0; }

 private:
  void refuse(Errc why, error_code& ec) {
    own_ = why;
    ec = http::error::bad_value;
  }

  void on_request_impl(http::verb, BeastText method, BeastText target, int version,
                       error_code&) override {
    request_->method = text(method);
    request_->target = text(target);
    request_->minor_version = version % 10;
  }

  void on_field_impl(http::field f, BeastText name, BeastText value, error_code& ec) override {
    if (request_->headers.size() >= limits_.header_count) {
      return refuse(Errc::header_count_exceeded, ec);
    }
    if (f == http::field::content_length) check_length(text(value), ec);
    if (f == http::field::transfer_encoding) check_coding(text(value), ec);
    if (f == http::field::host && ++hosts_ > 1) refuse(Errc::head_malformed, ec);
    if (f == http::field::expect) {
      expect_continue_ = equal_ignoring_case(text(value), "100-continue");
    }
    request_->headers.add(std::string(text(name)), std::string(text(value)));
  }

  void check_length(std::string_view value, error_code& ec) {
    constexpr std::size_t kMaxDigits = 18;
    if (++lengths_ > 1 || codings_ != 0 || !is_all_digits(value)) {
      return refuse(Errc::framing_ambiguous, ec);
    }
    if (value.size() > kMaxDigits) return refuse(Errc::body_too_large, ec);
    declared_ = 0;
    for (const char c : value) {
      declared_ = declared_ * 10 + static_cast<std::uint64_t>(c - '0');
    }
  }

  void check_coding(std::string_view value, error_code& ec) {
    if (++codings_ > 1 || lengths_ != 0 || request_->minor_version == 0) {
      return refuse(Errc::framing_ambiguous, ec);
    }
    if (!equal_ignoring_case(value, "chunked")) {
      refuse(Errc::transfer_coding_unsupported, ec);
    }
  }

  void on_response_impl(int, BeastText, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  // Heads only; these are never reached.
  std::size_t on_body_impl(BeastText, error_code&) override { return 0; }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  HeadLimits limits_;
  Request* request_;
  std::optional<Errc> own_;
  std::uint64_t declared_ = 0;
  int lengths_ = 0;
  int codings_ = 0;
  int hosts_ = 0;
  bool expect_continue_ = false;
};

}  // namespace

Result<Framing> parse_head(Bytes head, HeadLimits limits, Request& request) {
  Sink sink(limits, request);
  error_code ec;
  const std::size_t used = sink.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (sink.own_error()) return *sink.own_error();
  if (ec) return from_beast(ec);
  if (!sink.is_header_done() || used != head.size()) return Errc::head_malformed;
  Framing framing;
  framing.keep_alive = sink.keep_alive();
  framing.expect_continue = sink.expect_continue() && request.minor_version == 1;
  if (sink.has_coding()) {
    framing.body = BodyKind::chunked;
  } else if (sink.declared() > 0) {
    framing.body = BodyKind::sized;
    framing.length = sink.declared();
    if (framing.length > limits.body_bytes) return Errc::body_too_large;
  }
  return framing;
}

}  // namespace trustee::net
