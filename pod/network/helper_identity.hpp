// The users of the helpers that serve a pod's network. Rules hold them to what they have to reach.
#pragma once

#include <cstdint>

namespace podrun::pod {

/// The user and group of the resolver of the pod with this number (NetworkPlan::number). No other process has it: the
/// range 2147100000 … 2147165535 is outside those of distributions, systemd and subordinate ids
/// (https://systemd.io/UIDS-GIDS), and no other helper of podrun is in it.
constexpr std::uint32_t resolver_uid(std::uint32_t number) { return 2'147'100'000 + number; }

/// The user and group of podrun-forwarder.
inline constexpr std::uint32_t forwarder_uid = 2'147'000'003;

}  // namespace podrun::pod
