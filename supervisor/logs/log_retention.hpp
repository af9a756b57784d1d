// How much of what containers have logged is kept.
#pragma once

#include <cstddef>
#include <vector>

#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"

namespace podrun::supervisor {

/// The newest runs of a pod, the present one among them.
inline constexpr std::size_t kept_runs = 3;
/// The newest instances of a container, the present one among them.
inline constexpr std::size_t kept_instances = 5;
/// The newest files of an instance: the kubelet's containerLogMaxFiles.
inline constexpr std::size_t kept_files = 5;
/// All files of a container together, in bytes.
inline constexpr off_t kept_bytes = 50 << 20;

/// Which of a container's files must go, the oldest first, so that the last one can grow to its full size.
/// Never the last one itself. LOGS are in order. Pure.
std::vector<LogFileStat> surplus_logs(const std::vector<LogFileStat>& logs);

}  // namespace podrun::supervisor
