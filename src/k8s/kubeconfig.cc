#include <algorithm>
#include <map>
#include <optional>

#include "base/try.h"
#include "codec/base64.h"
#include "config/document.h"
#include "k8s/access.h"

namespace trustee::k8s {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

Error malformed(std::string what) { return Error(Errc::kubeconfig_malformed, std::move(what)); }

/// One named entry with what its paths are relative to.
struct Entry {
  json::Object fields;
  std::string directory;
};

using Entries = std::map<std::string, Entry, std::less<>>;

struct Merged {
  std::string current_context;
  Entries contexts;
  Entries clusters;
  Entries users;
};

/// YAML makes numbers of plain digits, which are a fine token or name.
Result<std::string> text_of(const json::Object& fields, std::string_view name) {
  const json::Value* value = fields.find(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (const std::string* text = value->as_string(); text != nullptr) return *text;
  if (const json::Number* number = value->as_number(); number != nullptr) return number->text();
  return malformed(std::string(name) + " is not a text");
}

Result<bool> flag_of(const json::Object& fields, std::string_view name) {
  const json::Value* value = fields.find(name);
  if (value == nullptr || value->is_null()) return false;
  if (const bool* flag = value->as_bool(); flag != nullptr) return *flag;
  return malformed(std::string(name) + " is neither true nor false");
}

Result<std::string> path_in(const Entry& entry, std::string_view name) {
  TRY(std::string path, text_of(entry.fields, name));
  if (path.empty() || path.front() == '/') return path;
  return entry.directory + '/' + path;
}

Result<std::string> decoded(const Entry& entry, std::string_view name) {
  TRY(std::string text, text_of(entry.fields, name));
  std::erase_if(text, [](char c) { return kWhite.find(c) != std::string_view::npos; });
  auto bytes = codec::base64_decode(text);
  wipe(text.data(), text.size());  // it may be a key
  if (!bytes.ok()) return malformed(std::string(name) + " is not base64");
  std::string out(as_text(*bytes));
  wipe(bytes->data(), bytes->size());
  return out;
}

/// Data in the file goes before a path beside it.
Result<TextSource> public_source(const Entry& entry, std::string_view name) {
  TextSource out;
  TRY(out.text, decoded(entry, std::string(name) + "-data"));
  if (!out.text.empty()) return out;
  TRY(out.path, path_in(entry, name));
  return out;
}

Result<void> add_entries(const json::Object& root, std::string_view list, std::string_view member,
                         const std::string& directory, Entries& out) {
  const json::Value* value = root.find(list);
  if (value == nullptr || value->is_null()) return {};
  const json::Array* items = value->as_array();
  if (items == nullptr) return malformed(std::string(list) + " is not a list");
  for (const json::Value& item : *items) {
    const json::Object* named = item.as_object();
    if (named == nullptr) return malformed(std::string(list) + " holds something nameless");
    TRY(const std::string name, text_of(*named, "name"));
    const json::Value* fields = named->find(member);
    const bool absent = fields == nullptr || fields->is_null();
    if (!absent && fields->as_object() == nullptr) {
      return malformed(std::string(member) + ' ' + name + " has no fields");
    }
    out.emplace(name, Entry{absent ? json::Object() : *fields->as_object(), directory});
  }
  return {};
}

Result<json::Value> document_of(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhite);
  const bool json = first != std::string_view::npos && text[first] == '{';
  auto value = config::parse_document(text, json ? config::Format::json : config::Format::yaml);
  if (!value.ok()) return malformed(value.error().detail());
  return value;
}

Result<void> merge(const KubeconfigFile& file, Merged& out) {
  TRY(const json::Value root, document_of(file.text));
  if (root.is_null()) return {};  // an empty file, as `kubectl config` makes them
  const json::Object* fields = root.as_object();
  if (fields == nullptr) return malformed("it is no mapping");
  TRY(std::string current, text_of(*fields, "current-context"));
  if (out.current_context.empty()) out.current_context = std::move(current);
  TRY_VOID(add_entries(*fields, "contexts", "context", file.directory, out.contexts));
  TRY_VOID(add_entries(*fields, "clusters", "cluster", file.directory, out.clusters));
  return add_entries(*fields, "users", "user", file.directory, out.users);
}

Result<const Entry*> entry_named(const Entries& entries, std::string_view kind,
                                 const std::string& name) {
  const auto found = entries.find(name);
  if (found != entries.end()) return &found->second;
  return malformed("there is no " + std::string(kind) + " named '" + name + '\'');
}

Result<void> read_cluster(const Entry& cluster, Access& out) {
  TRY(out.server, text_of(cluster.fields, "server"));
  while (out.server.ends_with('/')) out.server.pop_back();
  if (!out.server.starts_with("https://") && !out.server.starts_with("http://")) {
    return malformed("the cluster's server is no http or https URL");
  }
  TRY(out.server_name, text_of(cluster.fields, "tls-server-name"));
  TRY(out.insecure, flag_of(cluster.fields, "insecure-skip-tls-verify"));
  TRY(out.proxy, text_of(cluster.fields, "proxy-url"));
  TRY(out.authority, public_source(cluster, "certificate-authority"));
  if (out.insecure && !out.authority.empty()) {
    return malformed("insecure-skip-tls-verify contradicts certificate-authority");
  }
  return {};
}

Result<void> refuse_plugins(const json::Object& user) {
  for (const char* name : {"exec", "auth-provider", "as", "as-uid", "as-groups"}) {
    const json::Value* value = user.find(name);
    if (value == nullptr || value->is_null()) continue;
    return Error(Errc::kubeconfig_unsupported,
                 std::string("the user's '") + name +
                     "' is not built in; use token, tokenFile or a client certificate");
  }
  return {};
}

Result<void> read_user(const Entry& user, Access& out) {
  TRY_VOID(refuse_plugins(user.fields));
  TRY(std::string token, text_of(user.fields, "token"));
  out.token.text = SecretText(std::move(token));
  TRY(out.token.path, path_in(user, "tokenFile"));
  TRY(out.certificate, public_source(user, "client-certificate"));
  TRY(std::string key, decoded(user, "client-key-data"));
  out.key.text = SecretText(std::move(key));
  if (out.key.text.empty()) {
    TRY(out.key.path, path_in(user, "client-key"));
  }
  if (out.certificate.empty() != out.key.empty()) {
    return malformed("client-certificate and client-key belong together");
  }
  TRY(out.user, text_of(user.fields, "username"));
  TRY(std::string password, text_of(user.fields, "password"));
  out.password = SecretText(std::move(password));
  return {};
}

}  // namespace

Result<Access> access_from_kubeconfig(const std::vector<KubeconfigFile>& files) {
  Merged merged;
  for (const KubeconfigFile& file : files) {
    TRY_VOID(merge(file, merged));
  }
  if (merged.current_context.empty()) return malformed("current-context is not set");
  TRY(const Entry* context, entry_named(merged.contexts, "context", merged.current_context));
  TRY(const std::string cluster_name, text_of(context->fields, "cluster"));
  TRY(const std::string user_name, text_of(context->fields, "user"));
  TRY(const Entry* cluster, entry_named(merged.clusters, "cluster", cluster_name));
  Access out;
  TRY(out.default_ns, text_of(context->fields, "namespace"));
  TRY_VOID(read_cluster(*cluster, out));
  if (user_name.empty()) return out;
  TRY(const Entry* user, entry_named(merged.users, "user", user_name));
  TRY_VOID(read_user(*user, out));
  return out;
}

}  // namespace trustee::k8s
