// Precompiled for the command line: what every folder has, and the JSON that its commands print.
#pragma once
#include <nlohmann/json.hpp>

#include "std.h"
