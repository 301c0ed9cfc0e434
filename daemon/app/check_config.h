// shouwangd --check-config: what the configuration and everything it names come to.
#pragma once

#include <string>

#include "daemon/config/config.h"

namespace shouwang::app {

// What was loaded, a line each: indicators, divisions, sites, and of every policy its rules.
std::string DescribeLoaded(const Config& config, const Rulebook& rulebook);
// Every problem on a line of its own, then how many there are.
std::string DescribeProblems(const Problems& problems);

}  // namespace shouwang::app
