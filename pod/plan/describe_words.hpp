// Words for the parts of a step.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// "CHOWN KILL", "all", "none".
std::string capability_words(std::uint64_t set);

/// "24h ahead", "90m behind": of one clock.
std::string offset_words(std::string_view clock, std::chrono::nanoseconds offset);

/// What is special about a new namespace: ", lo up".
std::string details_of(const host::MakeNamespace& step);

/// "stack 8Mi:unlimited, core 0:unlimited; no limit on cpu fsize".
std::string limits_words(const step::ResourceLimits& step);

/// "refuses keyctl setns", or the profile's name.
std::string filter_words(const step::Seccomp& step);

}  // namespace podrun::pod
