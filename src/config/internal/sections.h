#pragma once

#include "config/internal/section.h"
#include "config/types.h"

// One reader per table of the file. Each marks its keys as known and finishes its section.

namespace trustee::config::internal {

void read_http_server(Section s, HttpServer& out, Report& report);
void read_attestation_token(Section s, AttestationToken& out, Report& report);
void read_storage(Section s, Storage& out, Report& report);
/// A storage type by its name (`LocalFs`, `local_fs`, …) under `key`.
void read_storage_type(Section& s, std::string_view key, std::optional<StorageType>& out);
/// `places`: where old files put the values; null where there are no old files.
void read_rvps(Section s, Rvps& out, OldPlaces* places, Report& report);
void read_broker(Section s, TokenBroker& out, OldPlaces* places, Report& report);
void read_verifiers(Section s, Verifiers& out);
void read_attestation_service(Section s, AttestationService& out, OldPlaces& places,
                              Report& report);
/// `[policy_engine]`, of old files only.
void read_policy_engine(Section s, OldPlaces& places, Report& report);
/// Where a release before the unified storage had what its file `root` names no place for. After
/// all other tables.
void assume_old_places(const json::Value& root, Kbs& kbs, Report& report);
void read_admin(Section s, Admin& out, Report& report);
void read_plugin(Section s, std::vector<Plugin>& out, OldPlaces& places, Report& report);

}  // namespace trustee::config::internal
