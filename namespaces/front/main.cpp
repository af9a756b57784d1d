// The front: the program that the user executes as `podrun`. It opens the real program, gives it a read-only mount of
// its own, and executes it from there.
//
// Why: a container whose entry point is `#!/proc/self/exe` gets hold of the program that started it, and could
// overwrite it when it no longer runs (the class of CVE-2019-5736). On a read-only mount that fails with EROFS, also
// through a descriptor. The front is static and tiny, so that the large program is loaded only once. With -d it forks
// while it is tiny, and is the process for which the caller waits.
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "namespaces/front/detached_start.hpp"
#include "namespaces/front/program_folder_fd.hpp"

namespace {

using podrun::asks_to_detach;
using podrun::programs_fd;
using podrun::result_fd;
using podrun::wait_for_start;

/// The real program. As a service it is the one that can load libsystemd, which takes longer.
const char* program() {
  const bool is_service = getenv("NOTIFY_SOCKET") != nullptr || getenv("JOURNAL_STREAM") != nullptr;
  return is_service ? "podrun-service" : "podrun-supervisor";
}

constexpr const char* program_folders[] = {"/../libexec/podrun", ""};

// Room after argv for the process title, which names the pod: the kernel reads /proc/PID/cmdline from there. Its first
// digits are the time of the command line, for podrun timeline.
char title_room[] =
    "PODRUN_TITLE_ROOM="
    "00000000000000000000 "
    "................................................................................................................"
    "................................................................................................................"
    "................................................................................................................";

char caller_waits[] = "PODRUN_CALLER_WAITS=1";

[[noreturn]] void fail(const char* what, int status = 70) {
  const char* reason = strerror(errno);
  (void)!write(2, "podrun: ", 8);
  (void)!write(2, what, strlen(what));
  (void)!write(2, ": ", 2);
  (void)!write(2, reason, strlen(reason));
  (void)!write(2, "\n", 1);
  _exit(status);
}

/// Writes CLOCK_BOOTTIME in nanoseconds as digits to the beginning of the title room's value.
void stamp_time() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  unsigned long long left =
      static_cast<unsigned long long>(now.tv_sec) * 1'000'000'000 + static_cast<unsigned long long>(now.tv_nsec);
  char* const first = strchr(title_room, '=') + 1;
  for (char* digit = first + 19; digit >= first; --digit, left /= 10) *digit = static_cast<char>('0' + left % 10);
}

/// Opens the standard descriptors that the caller has closed, so that no other file gets their numbers.
void open_standard_descriptors() {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR);
    if (fd != STDOUT_FILENO) continue;
    close(fd);
    fd = open("/dev/null", O_RDONLY);  // what is printed there is lost, and a write says so
  } while (fd >= 0 && fd <= 2);
  if (fd > 2) close(fd);
}

/// Opens the folder of the real program: ../libexec/podrun if installed, the front's own folder in a build tree.
int open_programs(char* own_path, size_t own_length) {
  char* slash = static_cast<char*>(memrchr(own_path, '/', own_length));
  size_t length = slash ? static_cast<size_t>(slash - own_path) : 0;
  char path[4096 + 64];
  for (const char* folder : program_folders) {
    memcpy(path, own_path, length);
    strcpy(path + length, folder);
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && faccessat(fd, program(), X_OK, 0) == 0) return fd;
    if (fd >= 0) close(fd);
  }
  fail("its program is neither in ../libexec/podrun nor beside podrun");
}

/// Makes a read-only detached mount of the folder. Without privilege (`podrun check`) it returns the folder itself.
int read_only_mount(int programs) {
  long mount = syscall(SYS_open_tree, programs, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (mount < 0) {
    if (errno == EPERM) return programs;
    fail("read-only mount of the programs: open_tree");
  }
  struct mount_attr read_only = {};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  if (syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0)
    fail("read-only mount of the programs: mount_setattr");
  return static_cast<int>(mount);
}

/// Makes the pipe for the result of a start. Its write end is at result_fd. Returns the read end, or -1.
int make_result_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  // First both ends get out of the way of that number, which may be one of theirs.
  int reading = fcntl(ends[0], F_DUPFD_CLOEXEC, result_fd + 1);
  const int writing = fcntl(ends[1], F_DUPFD_CLOEXEC, result_fd + 1);
  close(ends[0]);
  close(ends[1]);
  if (reading >= 0 && (writing < 0 || dup2(writing, result_fd) < 0)) {
    close(reading);
    reading = -1;
  }
  if (writing >= 0) close(writing);
  return reading;
}

/// With -d: returns in a child, which executes the large program. This process waits for the result of the start and
/// ends. Until the pod has left its caller, it dies with this process.
void fork_and_wait() {
  const int result = make_result_pipe();
  if (result < 0) return;  // the large program forks, or says why not
  signal(SIGCHLD, SIG_DFL);  // if it were inherited as ignored, the child's status would be lost
  const pid_t parent = getpid();
  const pid_t child = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (child < 0) fail("fork", 3);
  if (child > 0) {
    close(result_fd);
    signal(SIGPIPE, SIG_IGN);  // a reader that is gone is no reason to fail
    _exit(wait_for_start(result, child));
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(3);
  putenv(caller_waits);
}

}  // namespace

int main(int, char** argv) {
  stamp_time();
  open_standard_descriptors();
  char own_path[4096];
  ssize_t length = readlink("/proc/self/exe", own_path, sizeof own_path - 1);
  if (length < 0) fail("/proc/self/exe");
  own_path[length] = '\0';

  const int programs = read_only_mount(open_programs(own_path, static_cast<size_t>(length)));
  // If the limit of descriptors is too low for this number, the program finds the others by their paths.
  const int left = dup2(programs, programs_fd);
  argv[0] = own_path;  // by which the program finds its folder, and the pause starts a later supervisor
  putenv(title_room);
  if (asks_to_detach(argv)) fork_and_wait();
  if (programs == left) fcntl(programs_fd, F_SETFD, 0);
  syscall(SYS_execveat, left >= 0 ? left : programs, program(), argv, environ, 0);
  fail("execute its program");
}
