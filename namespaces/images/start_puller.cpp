// Starts podrun-puller.
#include "namespaces/images/start_puller.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/start_helper.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/puller/puller_protocol.hpp"

namespace podrun::ns {
namespace {

constexpr std::string_view passed_on[] = {"HTTP_PROXY=",  "HTTPS_PROXY=", "NO_PROXY=", "http_proxy=",
                                          "https_proxy=", "no_proxy=",    "SSL_CERT_FILE="};

}  // namespace

std::vector<std::string> environment_of_puller(const char* const* environment) {
  // The Go resolver asks the name servers itself: it needs no service of the host behind a Unix socket.
  std::vector<std::string> words{"PATH=" + std::string(puller::search_path), "HOME=/home", "TMPDIR=/tmp",
                                 "GODEBUG=netdns=go", "GOMEMLIMIT=256MiB"};
  for (; *environment != nullptr; ++environment) {
    const std::string_view word = *environment;
    if (std::ranges::any_of(passed_on, [&](std::string_view name) { return word.starts_with(name); }))
      words.emplace_back(word);
  }
  return words;
}

Result<StartedPuller> start_puller(int program, const PullerTask& task, std::vector<std::string> environment) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  Fd staging;
  if (task.staging >= 0) staging = TRY(mount_of(task.staging, "the staging folder"));
  Channel output = TRY(make_pipe()), errors = TRY(make_pipe());
  const auto or_null = [&](int fd) { return fd < 0 ? null.get() : fd; };
  HelperSite site{.program = program,
                  .pod = task.who,
                  .new_namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS};
  if (task.registry.empty()) site.new_namespaces |= CLONE_NEWNET;
  HelperStart start{.name = "podrun-puller",
                    .words = {task.name, task.registry.empty() ? "-" : task.registry,
                              std::to_string(task.largest_file)},
                    .environment = std::move(environment),
                    .descriptors = {or_null(staging.get()), or_null(task.source), or_null(task.credentials)},
                    .output = output.second.get(),
                    .errors = errors.second.get()};
  start.words.insert(start.words.end(), task.words.begin(), task.words.end());
  static_assert(puller::staging_fd == 3 && puller::source_fd == 4 && puller::credentials_fd == 5);
  StartedHelper started = TRY(start_helper(site, start));
  return StartedPuller{std::move(started.process), std::move(output.first), std::move(errors.first)};
}

Result<Fd> mount_of(int file, const std::string& name) {
  Fd mount(sys::open_tree(file, "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
  if (!mount) return fail_system(name);
  return mount;
}

}  // namespace podrun::ns
