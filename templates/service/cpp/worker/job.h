// The job, to be replaced by yours: take one piece of work, do it, return. It runs again after INTERVAL_SECONDS.
//
// Throw when it cannot be done: it is logged, counted, and tried again after a growing pause. A job may be cut when the
// process ends, so write it such that doing it twice does no harm.
#pragma once
{{#if calls}}
#include <map>
#include <string>

#include "runtime/client.h"
{{/if}}
#include "runtime/log.h"

class Job {
 public:
{{#if calls}}
  Job(runtime::Log& log, std::map<std::string, runtime::Client> clients) : log_(log), clients_(std::move(clients)) {}
{{else}}
  explicit Job(runtime::Log& log) : log_(log) {}
{{/if}}
  void run();

 private:
  runtime::Log& log_;
{{#if calls}}
  std::map<std::string, runtime::Client> clients_;
{{/if}}
};
