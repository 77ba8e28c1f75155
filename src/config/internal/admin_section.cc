#include <array>

#include "config/errors.h"
#include "config/internal/sections.h"

namespace trustee::config::internal {
namespace {

constexpr std::array<std::string_view, 3> kModes = {"DenyAll", "InsecureAllowAll",
                                                    "AuthenticatedAuthorization"};

void read_provider(Section s, std::vector<IdentityProvider>& out) {
  IdentityProvider p;
  s.text("issuer", p.issuer);
  s.text("audience", p.audience);
  s.text("public_key_uri", p.public_key_uri);
  s.text("jwk_set_uri", p.jwk_set_uri);
  s.text("default_role", p.default_role);
  s.finish(true);
  out.push_back(std::move(p));
}

void read_acl(Section s, std::vector<Acl>& out) {
  Acl acl;
  s.require("role");
  s.text("role", acl.role);
  s.text("allowed_endpoints", acl.allowed_endpoints);
  s.texts("methods", acl.methods);
  s.finish(true);
  out.push_back(std::move(acl));
}

void read_authenticated(Section& s, Admin& out, Report& report) {
  Section authentication = s.child("authentication");
  if (authentication.has("type")) {
    // The tagged form of an interim release: [admin.authentication] type = "BearerJwt".
    (void)authentication.any("type");
    report.warnings.push_back(
        "`admin.authentication.type` is an old form; write the identity providers under "
        "[admin.authentication.bearer_jwt]");
    for (Section& p : authentication.children("identity_providers")) {
      read_provider(p, out.identity_providers);
    }
  }
  Section jwt = authentication.child("bearer_jwt");
  for (Section& p : jwt.children("identity_providers")) {
    read_provider(p, out.identity_providers);
  }
  jwt.finish(true);
  authentication.finish(true);
  Section authorization = s.child("authorization");
  Section acl = authorization.child("regex_acl");
  for (Section& rule : acl.children("acls")) {
    read_acl(rule, out.acls);
  }
  acl.finish(true);
  authorization.finish(true);
}

// A key that may do everything, as it could before roles existed.
void add_keyed_admin(Admin& out, const std::string& key, const std::string& role) {
  out.mode = AdminMode::authenticated;
  IdentityProvider provider;
  provider.public_key_uri = key;
  provider.default_role = role;
  out.identity_providers.push_back(std::move(provider));
  out.acls.push_back({role, "^/kbs/.*$", {}});
}

std::string new_form(const Admin& admin) {
  std::string out =
      "[admin] authorization_mode = \"AuthenticatedAuthorization\" "
      "[admin.authentication.bearer_jwt] identity_providers = [";
  for (const auto& p : admin.identity_providers) {
    out += "{ public_key_uri = \"" + p.public_key_uri.value_or("") + "\", default_role = \"" +
           p.default_role.value_or("") + "\" }, ";
  }
  out += "] [admin.authorization.regex_acl] acls = [";
  for (const auto& a : admin.acls) {
    out += "{ role = \"" + a.role + "\", allowed_endpoints = \"" + a.allowed_endpoints + "\" }, ";
  }
  return out + "]";
}

// [admin] type = "Simple" | "InsecureAllowAll" | "AllowAll" | "DenyAll" with [[admin.personas]].
void translate_typed(Section& s, Admin& out, Report& report) {
  static constexpr std::array<std::string_view, 4> kTypes = {"DenyAll", "InsecureAllowAll",
                                                             "AllowAll", "Simple"};
  std::size_t type = 0;
  s.choice("type", kTypes, type);
  for (const std::string_view older : {"insecure_api", "auth_public_key"}) {
    if (s.any(older) != nullptr) {
      report.without_effect(s.full(older), "delete the line, `admin.type` decides");
    }
  }
  if (type == 3) {
    for (Section& persona : s.children("personas")) {
      std::string id;
      std::string key;
      persona.require("id");
      persona.require("public_key_path");
      persona.text("id", id);
      persona.text("public_key_path", key);
      persona.finish(true);
      add_keyed_admin(out, key, id);
    }
    report.translated("admin.type", new_form(out));
    return;
  }
  out.mode = type == 0 ? AdminMode::deny_all : AdminMode::insecure_allow_all;
  report.translated("admin.type", "[admin] authorization_mode = \"" +
                                      std::string(kModes[type == 0 ? 0 : 1]) + "\"");
}

// [admin] insecure_api = true, or auth_public_key = "…", of the first releases with [admin].
void translate_flat(Section& s, Admin& out, Report& report) {
  bool insecure = false;
  std::optional<std::string> key;
  s.boolean("insecure_api", insecure);
  s.text("auth_public_key", key);
  if (insecure) {
    out.mode = AdminMode::insecure_allow_all;
    report.translated("admin.insecure_api",
                      "[admin] authorization_mode = \"InsecureAllowAll\", better another mode");
    if (key)
      report.without_effect("admin.auth_public_key", "delete the line, every call is allowed");
  } else if (key) {
    add_keyed_admin(out, *key, "admin");
    report.translated("admin.auth_public_key", new_form(out));
    if (s.has("insecure_api")) report.without_effect("admin.insecure_api", "delete the line");
  } else {
    report.fail(Error(Errc::missing_key, "missing field `authorization_mode` in [admin]"));
  }
}

}  // namespace

void read_admin(Section s, Admin& out, Report& report) {
  if (s.has("authorization_mode")) {
    std::size_t mode = 0;
    s.choice("authorization_mode", kModes, mode);
    out.mode = static_cast<AdminMode>(mode);
    read_authenticated(s, out, report);
    if (out.mode == AdminMode::authenticated) {
      if (!s.has("authentication")) s.require("authentication");
      if (!s.has("authorization")) s.require("authorization");
    }
    s.finish(true);
  } else if (s.has("type")) {
    translate_typed(s, out, report);
    if (s.has("authentication")) read_authenticated(s, out, report);
    s.finish(true);
  } else {
    translate_flat(s, out, report);
    s.finish(true);
  }
}

}  // namespace trustee::config::internal
