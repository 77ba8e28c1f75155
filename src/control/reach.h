#pragma once

#include "k8s/client.h"

namespace trustee::control {

/// Whether the role lets both configuration kinds be listed in every namespace. A role bound in one
/// namespace only is enough, too; then only that namespace is looked at.
/// Errors  those of Client::get_path but forbidden and not_found: it is not known, so ask again.
Result<bool> may_list_everywhere(k8s::Client& client);

}  // namespace trustee::control
