// The whole service without a socket, as main starts it and the tests use it.
#pragma once
#include <memory>
{{#if calls}}
#include <map>
#include <string>
{{/if}}

#include "runtime/app.h"
{{#if calls}}
#include "runtime/client.h"

// The log outlives it.
std::unique_ptr<runtime::App> build(runtime::Log& log, std::map<std::string, runtime::Client> clients);
{{else}}

// The log outlives it.
std::unique_ptr<runtime::App> build(runtime::Log& log);
{{/if}}
