#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// Why `object` is not deployed at all: it lives outside the operator's namespace, or another
/// object of its kind was there first. There is one Trustee in a namespace, because the names of
/// its Deployment and Service are fixed; the first is the one that controls the Deployment (of
/// TrusteeConfigs the one whose KbsConfig does), else the oldest.
/// Source  operator specification, B13; OP-82.
std::optional<Problem> check_instance(const json::Object& object, std::string_view kind,
                                      std::string_view operator_namespace, Lookup& lookup);

/// The Deployment that is `kc`'s: the one it controls, or one without a controller, made by hand or
/// restored, where `kc` is what is deployed. Null: there is none.
const json::Object* deployment_of(const json::Object& kc, std::string_view operator_namespace,
                                  Lookup& lookup);

/// Whether an operator in the namespace of `object`, which is not ours, looks after it: its status
/// says something else than that nothing is deployed there, or that it is ready, which we never say
/// elsewhere (a released operator and an older CRD leave nothing but that). Then it is none of our
/// business; two operators that both told it their mind would write for ever.
/// What remains where that operator was uninstalled: its last status, a true `isReady` included,
/// and its finalizer. Nobody tells that the object is deserted; it takes a person to delete it, and
/// the finalizer with it.
bool is_anothers(const json::Object& object, std::string_view operator_namespace);

}  // namespace trustee::operators
