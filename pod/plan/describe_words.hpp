// Describes parts of steps.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// A set of capabilities: "CHOWN KILL", "all", "none".
std::string capability_words(std::uint64_t set);

/// The offset of a clock: "24h ahead", "90m behind".
std::string offset_words(std::string_view clock, std::chrono::nanoseconds offset);

/// The details of a new namespace: ", lo up".
std::string details_of(const host::MakeNamespace& step);

/// The lines of a text.
std::vector<std::string> lines_of(std::string_view text);

/// The name of a protocol that has ports: "TCP", "UDP", "SCTP".
std::string_view protocol_name(std::uint8_t number);

/// Resource limits: "stack 8Mi:unlimited, core 0:unlimited; no limit on cpu fsize".
std::string limits_words(const step::ResourceLimits& step);

/// A probe: "httpGet http://127.0.0.1:80/ every 10s, timeout 1s; fails after 3 failures".
std::string probe_words(ProbeKind kind, const Probe& probe);

/// What a hook does: "sleep 5s", "exec sync".
std::string hook_words(const HookAction& action);

/// The names of the fields of probes: "startupProbe".
std::string_view field_of(ProbeKind kind);

/// A seccomp filter: "refuses keyctl setns" for podrun's own, else the name of the profile.
std::string filter_words(const step::Seccomp& step);

}  // namespace podrun::pod
