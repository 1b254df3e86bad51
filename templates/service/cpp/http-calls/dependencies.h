// How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours.
//
// The request id and the trace of the call that is being answered go along by themselves.
#pragma once
#include <map>
#include <string>

#include "runtime/client.h"

void add_dependencies(runtime::Router& router, std::map<std::string, runtime::Client> clients);
