// Starts podrun-puller, namespaces/puller/puller_protocol.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What a puller does. The descriptors stay the caller's; -1: there is none.
struct PullerTask {
  std::string name;                  ///< puller::run_task …
  std::string who{"image"};          ///< for people who look at the process
  std::string registry{};            ///< whose certificates are handed in; empty: it gets no network
  std::vector<std::string> words{};  ///< those of skopeo
  int staging = -1;                  ///< a folder, which becomes /staging
  int source = -1;                   ///< what it reads; of run_task a mount: mount_of()
  int credentials = -1;              ///< credentials_file()
  std::uint64_t largest_file = 0;    ///< in bytes, of the files that it writes
};

/// A puller that runs. It ends with the process that started it.
struct StartedPuller {
  Process process;
  Fd output;
  Fd errors;
};

/// The variables of the caller that skopeo gets: proxies and certificates. For the environment of start_puller().
std::vector<std::string> environment_of_puller(const char* const* environment);

/// Starts a puller. `program` is podrun-puller, from open_program(). An error: there is no process.
Result<StartedPuller> start_puller(int program, const PullerTask& task, std::vector<std::string> environment);

/// A detached mount of the file or folder behind a descriptor.
Result<Fd> mount_of(int file, const std::string& name);

}  // namespace podrun::ns
