// Runs one task of podrun-puller to its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "namespaces/images/fetch_error.hpp"
#include "namespaces/images/start_puller.hpp"
#include "pod/image/platform.hpp"

namespace podrun::ns {

/// How images are fetched.
struct FetchOptions {
  int program = -1;                              ///< podrun-puller, from open_program()
  std::vector<std::string> environment{};        ///< environment_of_puller()
  std::string who{"image"};                      ///< for people who look at the process
  bool without_tls = false;                      ///< plain HTTP and any certificate; else as registries.conf says
  pod::Platform platform{};                      ///< which of a list is taken
  std::chrono::milliseconds patience{60'000};    ///< how long it may get nothing
  int cancel = -1;                               ///< once it is readable, the work is given up; -1: never
};

/// How a task is watched.
struct Watch {
  std::size_t longest_output = 0;  ///< more is an error
  /// Called a few times a second. While its value changes there is progress. Empty: the output is the progress.
  std::function<std::uint64_t()> progress{};
  bool is_patient = false;  ///< it may get nothing for as long as it takes: who writes to a pipe is the caller's affair
};

/// Starts a task, waits for its end, and returns what it has printed. It takes as long as the registry does, so it is
/// for a process that does nothing else. Without progress for as long as the options say, the task is ended.
FetchResult<std::string> run_puller(const FetchOptions& options, const PullerTask& task, const Watch& watch);

}  // namespace podrun::ns
