// Directories of podrun-bench, and the removal of those of killed ones.
#include "tests/bench/leftovers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

#include "namespaces/kernel/process.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "supervisor/core/layout.hpp"
#include "tests/bench/measured_run.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

namespace fs = std::filesystem;

// On a disk, like the layers and logs of users. /tmp may be a tmpfs.
constexpr char place[] = "/var/tmp";
constexpr char prefix[] = "/var/tmp/podrun-bench-";

/// Opens a directory and takes its lock. Empty if the lock is not free.
Fd lock(const std::string& directory) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : Fd();
}

std::vector<std::string> entries(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) paths.push_back(entry.path());
  return paths;
}

/// Finds processes by the directory in their command lines: floors, and the pauses of pods. All others die with these.
void end_processes_of(const std::string& directory) {
  for (const std::string& entry : entries("/proc")) {
    const pid_t pid = ::atoi(entry.c_str() + sizeof "/proc");
    const auto names_it = [&](const std::string& word) { return word.starts_with(directory); };
    if (pid <= 0 || pid == ::getpid() || std::ranges::none_of(test::command_line_of(pid), names_it)) continue;
    const auto process = ns::open_process(pid);
    if (!process || !ns::send_signal(*process, SIGKILL)) continue;
    pollfd dead{process->pidfd.get(), POLLIN, 0};
    ::poll(&dead, 1, test::milliseconds_left(test::soon()));
  }
}

void run(std::vector<std::string> command) {
  if (auto running = Running::start(command, STDERR_FILENO)) (void)running->wait();
}

std::vector<char*> command;
char clean_option[] = "--clean=00";

void begin_anew(int signal) {
  char* digits = clean_option + sizeof clean_option - 3;
  digits[0] = static_cast<char>('0' + signal / 10);
  digits[1] = static_cast<char>('0' + signal % 10);
  ::execv("/proc/self/exe", command.data());
  ::_exit(128 + signal);
}

}  // namespace

Result<Directory> make_directory() {
  std::string path = std::string(prefix) + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return fail_system(path);
  Fd held = lock(path);
  if (!held) return fail_system(path);
  return Directory{std::move(path), std::move(held)};
}

void remove_directory(const std::string& podrun, const std::string& directory) {
  test::end_all_descendants();
  end_processes_of(directory);
  const std::string root = directory + "/root";
  // The supervisor of a pod whose pause was killed cleans up. `rm` waits for that.
  for (const std::string& pod : entries(supervisor::Layout(root).run()))
    if (!fs::path(pod).filename().string().starts_with("."))  // what pods share
      run({podrun, "--root", root, "rm", fs::path(pod).filename()});
  run({podrun, "--root", root, "rm", "--leftovers"});
  ::umount2((root + "/run").c_str(), MNT_DETACH);  // this process's mount; that of a dead one is gone already
  if (const auto removed = ns::remove_tree(directory); !removed)
    ::dprintf(STDERR_FILENO, "podrun-bench: %s\n", removed.error().message.c_str());
}

void remove_leftovers(const std::string& podrun) {
  for (const std::string& directory : entries(place))
    if (directory.starts_with(prefix))
      if (const Fd orphan = lock(directory)) remove_directory(podrun, directory);
}

void clean_up_when_signalled(char** argv) {
  while (*argv != nullptr) command.push_back(*argv++);
  command.push_back(clean_option);
  command.push_back(nullptr);
  struct sigaction caught {};
  caught.sa_handler = begin_anew;
  ::sigfillset(&caught.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &caught, nullptr);
}

void die_of(int signal) {
  sigset_t none;
  ::sigemptyset(&none);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::_exit(128 + signal);
}

}  // namespace podrun::bench
