#include "apps/trustee/explain.h"

#include <cstdio>

#include "apps/trustee/home.h"
#include "base/try.h"
#include "net/client.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

constexpr std::chrono::seconds kTimeLimit{30};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

// A token that was not named goes to no other machine in the open.
Result<std::string> token_for(const Home& home, const ExplainOptions& o) {
  if (o.admin_token_file) return reload::read_file(*o.admin_token_file);
  if (net::is_private_channel(o.url)) return reload::read_file(home.admin_token());
  return Error(net::Errc::scheme_refused,
               "the admin token in " + home.admin_token() + " is not sent to " + o.url +
                   " over plain HTTP; use https, or name it with --admin-token-file");
}

}  // namespace

Result<void> run_explain(const std::string& home_path, const ExplainOptions& o) {
  TRY(const Home home, Home::open(home_path));
  TRY(std::string token, token_for(home, o));
  net::ClientConfig config;
  config.allow_http = true;
  if (o.cert_file) {
    TRY(config.extra_roots_pem, reload::read_file(*o.cert_file));
  }
  TRY(const std::unique_ptr<net::HttpClient> client, net::HttpClient::create(std::move(config)));
  net::ClientRequest request;
  request.url = o.url + "/kbs/admin/v1/explain/" + o.request_id + (o.json ? "" : "?format=text");
  request.headers.add("authorization", "Bearer " + trimmed(std::move(token)));
  TRY(const net::ClientResponse answer, client->perform(request, net::Deadline::after(kTimeLimit)));
  const std::string body(as_text(answer.body));
  if (answer.status != 200) {
    return Error(reload::Errc::material_invalid,
                 "the server answered " + std::to_string(answer.status) + ": " + body);
  }
  std::fputs(body.c_str(), stdout);
  if (!body.ends_with('\n')) std::fputs("\n", stdout);
  return {};
}

}  // namespace trustee::apps
