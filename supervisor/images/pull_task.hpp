// A pull beside a running pod: in a process of its own, a child of the supervisor, with which it ends. Credentials
// reach it by fork(2) alone.
//
//   supervisor ──fork──▶ pull_image() ──▶ podrun-puller, podrun-unpacker…
//        ▲                    │
//        └── lines of JSON ───┘     the pipe becomes readable; its end is the end of the pull
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "namespaces/kernel/process.hpp"
#include "supervisor/images/pull_image.hpp"

namespace podrun::supervisor {

/// A pull that runs. Destroying this object neither ends it nor waits for it.
struct PullTask {
  ns::Process process;
  Fd reports;  ///< non-blocking
};

/// The end of a pull. If it succeeded the image is in the store, under `name` and by its digest; the caller then holds
/// it: ImageStore::find().
struct PullResult {
  std::optional<ns::FetchFault> fault;  ///< empty: it succeeded
  std::string message;                  ///< of the fault
  std::string name, manifest_digest, id;
  bool was_here = false;
  std::uint64_t size = 0;  ///< the bytes of its blobs
  std::vector<std::string> notes;
};

/// Starts a pull. The child is born into the control group `cgroup`, if one is given; SIGKILL to it ends all that it
/// has started, and leaves nothing that the store does not clean up.
Result<PullTask> start_pull(const ns::ImageStore& store, const ImageTools& tools, const PullRequest& request,
                            int cgroup = -1);

/// What has come of a pull, after `reports` has become readable; to be called with the same text until it returns a
/// value: empty means that it goes on. Then the process is to be waited for.
std::optional<PullResult> read_pull_result(const PullTask& task, std::string& text);

/// The line that is sent, and its inverse.
std::string to_json(const PullResult& result);
Result<PullResult> parse_pull_result(std::string_view json);

}  // namespace podrun::supervisor
