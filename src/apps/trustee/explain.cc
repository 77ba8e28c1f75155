#include "apps/trustee/explain.h"

#include <cstdio>

#include "apps/trustee/home.h"
#include "base/try.h"
#include "codec/blank.h"
#include "codec/json.h"
#include "codec/printable.h"
#include "net/client.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

constexpr std::chrono::seconds kTimeLimit{30};

// A token that was not named goes to no other machine in the open.
Result<std::string> token_for(const Home& home, const ExplainOptions& o) {
  if (o.admin_token_file) return reload::read_file(*o.admin_token_file);
  if (net::is_private_channel(o.url)) return reload::read_file(home.admin_token());
  return Error(net::Errc::scheme_refused,
               "the admin token in " + home.admin_token() + " is not sent to " + o.url +
                   " over plain HTTP; use https, or name it with --admin-token-file");
}

std::string url_of(const ExplainOptions& o) {
  const std::string root = o.url.substr(0, o.url.find_last_not_of('/') + 1);
  return root + "/kbs/admin/v1/explain/" + o.request_id + (o.json ? "" : "?format=text");
}

Error refusal(const net::ClientResponse& answer) {
  std::string text = "the server answered " + std::to_string(answer.status);
  if (const std::string* to = answer.headers.find("location"); to != nullptr) {
    text += ", a redirect to " + codec::printable(*to) + ", which is not followed";
  }
  return {reload::Errc::material_invalid, text + ": " + codec::printable(as_text(answer.body))};
}

Result<void> print(std::string_view body, bool json) {
  if (json && !json::parse(body).ok()) {
    return Error(reload::Errc::material_invalid,
                 "the server's answer is no JSON: " + codec::printable(body));
  }
  std::fputs(codec::printable_lines(body).c_str(), stdout);
  if (!body.ends_with('\n')) std::fputs("\n", stdout);
  return {};
}

}  // namespace

Result<void> run_explain(const std::string& home_path, const ExplainOptions& o) {
  TRY(const Home home, Home::open(home_path));
  TRY(const std::string token, token_for(home, o));
  net::ClientConfig config;
  config.allow_http = true;
  if (o.cert_file) {
    TRY(config.extra_roots_pem, reload::read_file(*o.cert_file));
  }
  TRY(const std::unique_ptr<net::HttpClient> client, net::HttpClient::create(std::move(config)));
  net::ClientRequest request;
  request.url = url_of(o);
  request.headers.add("authorization",
                      "Bearer " + std::string(codec::trimmed(token, codec::kBlankOrLineEnd)));
  TRY(const net::ClientResponse answer, client->perform(request, net::Deadline::after(kTimeLimit)));
  if (answer.status != 200) return refusal(answer);
  return print(as_text(answer.body), o.json);
}

}  // namespace trustee::apps
