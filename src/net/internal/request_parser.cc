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

/// Beast splits lines and undoes chunks; the rules about what is acceptable are ours.
class Sink final : public http::basic_parser<true> {
 public:
  Sink(ParserLimits limits, Request& request) : limits_(limits), request_(&request) {
    // Over-long bodies are found by our own count, so that one rule serves all kinds of body.
    this->body_limit(boost::none);
    this->header_limit(0xffffffff);
    this->eager(true);
  }
  void collect_into(ByteVec& body) { body_ = &body; }
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
    if (body_ != nullptr) return;  // a trailer: bounded by the caller, not passed on
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

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, error_code& ec) override {
    if (body.size() > limits_.body_bytes - body_->size()) {
      refuse(Errc::body_too_large, ec);
      return 0;
    }
    const Bytes bytes = as_bytes(text(body));
    body_->insert(body_->end(), bytes.begin(), bytes.end());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t size, BeastText, error_code& ec) override {
    if (size > limits_.body_bytes - body_->size()) refuse(Errc::body_too_large, ec);
  }

  void on_response_impl(int, BeastText, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastText body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  ParserLimits limits_;
  Request* request_;
  ByteVec* body_ = nullptr;
  std::optional<Errc> own_;
  std::uint64_t declared_ = 0;
  int lengths_ = 0;
  int codings_ = 0;
  int hosts_ = 0;
  bool expect_continue_ = false;
};

}  // namespace

struct RequestParser::State {
  std::optional<Sink> sink;
};

RequestParser::RequestParser(ParserLimits limits)
    : state_(std::make_unique<State>()), limits_(limits) {}
RequestParser::~RequestParser() = default;

void RequestParser::reset() { state_->sink.reset(); }

Result<Framing> RequestParser::parse_head(Bytes head, Request& request) {
  Sink& sink = state_->sink.emplace(limits_, request);
  error_code ec;
  const std::size_t used = sink.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (sink.own_error()) return *sink.own_error();
  // At the end of the head of a chunked request an eager parser asks for the first chunk.
  if (ec && !(ec == http::error::need_more && sink.is_header_done())) return from_beast(ec);
  if (!sink.is_header_done() || used != head.size()) return Errc::head_malformed;
  Framing framing;
  framing.keep_alive = sink.keep_alive();
  framing.expect_continue = sink.expect_continue() && request.minor_version == 1;
  if (sink.has_coding()) {
    framing.body = BodyKind::chunked;
  } else if (sink.declared() > 0) {
    framing.body = BodyKind::sized;
    framing.length = sink.declared();
    if (framing.length > limits_.body_bytes) return Errc::body_too_large;
  }
  return framing;
}

Result<std::size_t> RequestParser::feed_chunked(Bytes input, ByteVec& body) {
  Sink& sink = *state_->sink;
  sink.collect_into(body);
  std::size_t used = 0;
  while (!sink.is_done() && used < input.size()) {
    error_code ec;
    const Bytes rest = input.subspan(used);
    const std::size_t n = sink.put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    used += n;
    if (sink.own_error()) return *sink.own_error();
    if (ec == http::error::need_more) break;
    if (ec) return Errc::chunk_malformed;
    if (n == 0) break;
  }
  if (!sink.is_done() && input.size() - used > kMaxChunkLine) return Errc::chunk_malformed;
  return used;
}

bool RequestParser::chunked_done() const { return state_->sink->is_done(); }

}  // namespace trustee::net
