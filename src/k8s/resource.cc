#include "k8s/resource.h"

#include "codec/percent.h"

namespace trustee::k8s {
std::string Resource::api_version() const {
  return group.empty() ? std::string(version) : std::string(group) + '/' + std::string(version);
}

std::string path_of(const Resource& resource, std::string_view ns, std::string_view name,
                    std::string_view subresource) {
  std::string out = resource.group.empty() ? "/api/" : "/apis/";
  out += resource.api_version();
  if (resource.namespaced && !ns.empty()) out += "/namespaces/" + codec::percent_encode(ns);
  out += '/';
  out += resource.plural;
  if (!name.empty()) out += '/' + codec::percent_encode(name);
  if (!subresource.empty()) out += '/' + codec::percent_encode(subresource);
  return out;
}

std::string_view text_member(const json::Object& object, std::string_view member) {
  const json::Value* value = object.find(member);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::string_view metadata_text(const json::Object& object, std::string_view member) {
  const json::Value* metadata = object.find("metadata");
  const json::Object* fields = metadata == nullptr ? nullptr : metadata->as_object();
  return fields == nullptr ? std::string_view() : text_member(*fields, member);
}

Key key_of(const json::Object& object) {
  return {std::string(metadata_text(object, "namespace")),
          std::string(metadata_text(object, "name"))};
}

json::Object owner_reference(const json::Object& owner) {
  return {{"apiVersion", text_member(owner, "apiVersion")},
          {"kind", text_member(owner, "kind")},
          {"name", metadata_text(owner, "name")},
          {"uid", metadata_text(owner, "uid")},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

}  // namespace trustee::k8s
