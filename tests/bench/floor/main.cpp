// The floor: a static program that makes only the system calls that a task needs. It has no manifest, no supervisor, no
// logs, no masks and no clean-up. Its times are those of the kernel, which no program can beat.
//
//   podrun-floor pod ROOTFS LAYERS BENCH            a pod of two containers
//   podrun-floor network ROOTFS LAYERS BENCH FILE   the same with a network, by the requests in FILE
//   podrun-floor restart ROOTFS LAYERS BENCH REST   a container that ends after REST milliseconds, and its successor
//   podrun-floor enter PID COMMAND…                 a process beside that one, in its container
//   podrun-floor copy FILE COMMAND…                 what COMMAND prints, read from a pipe and written to FILE
//   podrun-floor nothing                            what it takes to execute a static program
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/floor/pod.hpp"

namespace {

void copy(const char* path, char** command) {
  static char buffer[64 * 1024];
  const int file = static_cast<int>(MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)));
  int ends[2];
  MUST(pipe2(ends, O_CLOEXEC));
  const pid_t child = static_cast<pid_t>(MUST(fork()));
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    MUST(execv(command[0], command));
  }
  close(ends[1]);
  for (long length; (length = MUST(read(ends[0], buffer, sizeof buffer))) > 0;)
    MUST(write(file, buffer, static_cast<size_t>(length)));
  waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = [&](const char* mode, int words) { return argc >= words && strcmp(argv[1], mode) == 0; };
  if (asked("nothing", 2)) return 0;
  if (asked("copy", 4)) return copy(argv[2], argv + 3), 0;
  if (asked("enter", 4)) return run_in_container(argv[2], argv + 3);
  if (asked("pod", 5)) return run_pod({argv[2], argv[3], argv[4]}), 0;
  if (asked("network", 6)) return run_pod({argv[2], argv[3], argv[4]}, argv[5]), 0;
  if (asked("restart", 6)) return run_restart({argv[2], argv[3], argv[4]}, argv[5]), 0;
  return 2;
}
