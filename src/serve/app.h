#pragma once

#include "log/logger.h"
#include "net/task.h"
#include "reload/keeper.h"
#include "serve/administration.h"
#include "serve/decisions.h"
#include "serve/explanations.h"
#include "serve/handshake.h"
#include "serve/operations.h"
#include "serve/resources.h"
#include "serve/services.h"

namespace trustee::serve {

/// What the KBS is made of. Everything outlives the App.
struct Parts {
  Namespaces namespaces;
  Settings settings;
  world::Worlds& worlds;
  reload::Keeper& keeper;
  Evaluator& evaluator;
  Explanations& explanations;
  Decisions& decisions;
  net::ComputePool& compute;
  net::ComputePool& io;
  const Clock& clock;
  metrics::Registry& registry;
  metrics::KbsMetrics& metrics;
  log::Logger logger;
};

/// Answers requests: routes, takes the world of the moment, once it holds what is known to have
/// changed, calls the flow, logs refusals. One App serves all connections; `handle` is called on
/// any of their threads.
class App {
 public:
  explicit App(Parts parts);

  net::Task<net::Response> handle(net::Request request);

 private:
  net::Task<Result<void>> catch_up(Context& context);
  net::Task<net::Response> dispatch(Context& context);
  void note_refusal(const Context& context);

  world::Worlds& worlds_;
  reload::Keeper& keeper_;
  Explanations& explanations_;
  const Clock& clock_;
  metrics::KbsMetrics& metrics_;
  log::Logger logger_;
  StoreRunner store_;
  SessionShelf shelf_;
  Handshake handshake_;
  Resources resources_;
  Administration administration_;
  Operations operations_;
};

}  // namespace trustee::serve
