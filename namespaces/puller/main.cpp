// podrun-puller: the program that becomes skopeo, which talks to registries and reads archives. What it reads is
// hostile, and so it counts as taken over: it has no right that would help.
//
//   namespaces  own mount, PID, IPC and UTS namespaces; the host's network, or an empty one for what needs none
//   files       puller_root.hpp; it can write in its staging folder, which nobody else uses
//   rights      a user of its own, no group, no capability, no_new_privs, capped memory and file sizes, the system calls
//               of puller_filter.hpp: no Unix sockets, so that neither abstract ones nor those of the host are reached
//   life        ends with the process that started it
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/helper/exec_path.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/puller/archive_index.hpp"
#include "namespaces/puller/give_rights_up.hpp"
#include "namespaces/puller/puller_protocol.hpp"
#include "namespaces/puller/puller_root.hpp"
#include "namespaces/puller/short_names.hpp"

namespace podrun::puller {
namespace {

/// The command line.
struct Order {
  std::string task, registry;
  std::uint64_t largest_file = 0;
  std::vector<std::string> words;
  bool needs_network() const { return task == run_task && registry != "-"; }
};

[[noreturn]] void end_with(int status, std::string_view reason) {
  static_cast<void>(ns::write_all(STDERR_FILENO, std::string(reason) + "\n", "stderr"));
  ::_exit(status);
}

Order read_order(int argc, char** argv) {
  if (argc < 5) end_with(cannot_run, "podrun-puller: this program is started by podrun");
  Order order{.task = argv[2], .registry = argv[3], .words = std::vector<std::string>(argv + 5, argv + argc)};
  const std::string_view number = argv[4];
  if (std::from_chars(number.data(), number.data() + number.size(), order.largest_file).ec != std::errc())
    end_with(cannot_run, "podrun-puller: wrong command line");
  return order;
}

/// The caller may have blocked or ignored signals, which an exec keeps. A file that grows too large is an error.
void reset_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  ::signal(SIGXFSZ, SIG_IGN);
}

bool is_there(int fd) {
  struct stat status;
  return ::fstat(fd, &status) == 0 && !S_ISCHR(status.st_mode);
}

[[noreturn]] void run_skopeo(const std::vector<std::string>& words) {
  std::string name = "skopeo";
  std::vector<char*> argv{name.data()};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int error = exec_along(search_path, argv.data(), environ);
  end_with(error == ENOENT ? no_skopeo : cannot_run, "podrun-puller: skopeo: " + std::string(std::strerror(error)));
}

Result<std::string> names_of(const std::vector<std::string>& words) {
  if (words.size() != 2) return fail("podrun-puller: the task names takes a name");
  const auto files = TRY(read_registries_files());
  std::vector<std::string> repositories{words.back()};
  if (words.front() == short_name) repositories = TRY(repositories_of(words.back(), files));
  std::string lines;
  for (const std::string& repository : repositories) {
    const auto registries = TRY(registries_of(repository, files));
    lines += repository;
    for (const std::string& registry : registries) lines += " " + registry;
    lines += "\n";
  }
  return lines;
}

Result<std::string> look_into_archive(bool is_to_copy) {
  is_to_copy = is_to_copy || ::lseek(source_fd, 0, SEEK_SET) < 0 || is_compressed(source_fd);
  if (!is_to_copy) return describe_archive(source_fd, -1);
  const std::string path = std::string(staging_place) + "/" + input_name;
  const Fd copy(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!copy) return fail_system("the copy of the archive");
  return describe_archive(source_fd, copy.get());
}

/// A task of this program's own.
[[noreturn]] void answer(const Result<std::string>& text) {
  if (!text) end_with(cannot_run, text.error().message);
  ::_exit(ns::write_all(STDOUT_FILENO, *text, "stdout") ? 0 : cannot_run);
}

void confine(const Order& order) {
  const char* certificates = ::getenv("SSL_CERT_FILE");
  const RootRequest request{.registry = order.registry == "-" ? "" : order.registry,
                            .certificate_file = certificates != nullptr ? certificates : "",
                            .source_is_mount = order.task == run_task && is_there(source_fd)};
  if (const auto entered = enter_root(request); !entered)
    end_with(cannot_run, "podrun-puller: " + entered.error().message);
  if (certificates != nullptr) ::setenv("SSL_CERT_FILE", certificate_place, 1);
  if (const int error = give_rights_up(order.largest_file, order.needs_network()))
    end_with(cannot_run, "podrun-puller: cannot give its rights up: " + std::string(std::strerror(error)));
}

}  // namespace
}  // namespace podrun::puller

int main(int argc, char** argv) {
  using namespace podrun::puller;
  ::prctl(PR_SET_NAME, "podrun-puller");
  const Order order = read_order(argc, argv);
  reset_signals();
  confine(order);
  if (order.task == run_task) run_skopeo(order.words);
  if (order.task == names_task) answer(names_of(order.words));
  if (order.task == archive_task) answer(look_into_archive(!order.words.empty() && order.words.front() == must_copy));
  end_with(cannot_run, "podrun-puller: there is no task " + order.task);
}
