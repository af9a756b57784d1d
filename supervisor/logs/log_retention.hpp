// Which logs are kept.
#pragma once

#include <cstddef>
#include <vector>

#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"

namespace podrun::supervisor {

/// Runs of a pod that are kept, including the present one.
inline constexpr std::size_t kept_runs = 3;
/// Instances of a container that are kept, including the present one.
inline constexpr std::size_t kept_instances = 5;
/// Files of an instance that are kept: the kubelet's containerLogMaxFiles.
inline constexpr std::size_t kept_files = 5;
/// The size of all files of a container that are kept together, in bytes.
inline constexpr off_t kept_bytes = 50 << 20;

/// The files of a container that must be removed, oldest first, so that the last file can grow to its full size. The
/// last file is never among them, nor is the one before it: that may be larger than all together if it could not be
/// rotated for some time, and has the newest lines. `logs` must be in order. Pure.
std::vector<LogFileStat> surplus_logs(const std::vector<LogFileStat>& logs);

}  // namespace podrun::supervisor
