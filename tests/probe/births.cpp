// A container with CAP_SYS_PTRACE inspects each process that appears in its PID namespace.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

/// What it must not find: a file that only the host's root has, and words that only podrun's caller knows.
struct HostSecret {
  const char* file;
  const char* words;
};

struct Looks {
  long made = 0, processes = 0, hits = 0;

  void hit(int pid, const char* where) {
    if (++hits <= 20) dprintf(STDOUT_FILENO, "hit: process %d: %s\n", pid, where);
  }
};

int open_of(int pid, const char* name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return open(path, flags | O_CLOEXEC);
}

bool leads_to(int directory, const HostSecret& host_secret) {
  const int file = openat(directory, host_secret.file, O_PATH | O_CLOEXEC);
  if (file >= 0) close(file);
  return file >= 0;
}

bool holds(int file, const char* words) {
  static char text[64 * 1024];
  const ssize_t length = read(file, text, sizeof text);
  return length > 0 && memmem(text, static_cast<size_t>(length), words, strlen(words)) != nullptr;
}

/// Whether a path from the root, the working directory or a descriptor of a process reaches the host's file.
void look_at_paths(Looks& looks, int pid, const HostSecret& host_secret) {
  for (const char* const name : {"root", "cwd"}) {
    const int place = open_of(pid, name, O_PATH | O_DIRECTORY);
    if (place < 0) continue;
    if (leads_to(place, host_secret)) looks.hit(pid, name);
    close(place);
  }
  for (int number = 0; number < 40; ++number) {
    char name[16];
    snprintf(name, sizeof name, "fd/%d", number);
    const int place = open_of(pid, name, O_PATH | O_DIRECTORY);
    if (place < 0) continue;
    if (leads_to(place, host_secret)) looks.hit(pid, name);
    close(place);
  }
}

void look_at_words(Looks& looks, int pid, const HostSecret& host_secret) {
  const int environment = open_of(pid, "environ", O_RDONLY);
  if (environment < 0) return;
  if (holds(environment, host_secret.words)) looks.hit(pid, "environ");
  close(environment);
}

/// Expects only the standard streams, the gate and the report socket. Through any other descriptor the process could be
/// made to act for podrun.
void count_descriptors(Looks& looks, int pid) {
  constexpr int most = 5;
  int count = 0;
  for (int number = 0; number < 40; ++number) {
    char path[64], target[8];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
    if (readlink(path, target, sizeof target) > 0) ++count;
  }
  if (count > most) looks.hit(pid, "descriptors");
}

/// Everything to which a process can write.
void look_at_memory(Looks& looks, int pid, const HostSecret& host_secret) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  FILE* const maps = fopen(path, "re");
  const int memory = open_of(pid, "mem", O_RDONLY);
  char line[512];
  while (maps != nullptr && memory >= 0 && fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin, end;
    char access[8];
    if (sscanf(line, "%lx-%lx %7s", &begin, &end, access) != 3 || access[1] != 'w') continue;
    for (unsigned long at = begin; at < end && at - begin < 8UL << 20; at += 60 * 1024) {
      if (lseek(memory, static_cast<off_t>(at), SEEK_SET) < 0) break;
      if (!holds(memory, host_secret.words)) continue;
      looks.hit(pid, "memory");
      break;
    }
  }
  if (memory >= 0) close(memory);
  if (maps != nullptr) fclose(maps);
}

/// Inspects only the root, as fast as possible, while the process exists. Each fourth process is stopped and searched.
void look_into(Looks& looks, int pid, const HostSecret& host_secret) {
  constexpr int most = 400;
  bool is_held = false;
  if (looks.processes % 4 == 0 && ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) {
    is_held = ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0 && waitpid(pid, nullptr, __WALL) == pid;
    look_at_paths(looks, pid, host_secret);
    look_at_words(looks, pid, host_secret);
    look_at_memory(looks, pid, host_secret);
    count_descriptors(looks, pid);
  }
  int seen = 0;
  for (; seen < most; ++seen) {
    const int root = open_of(pid, "root", O_PATH | O_DIRECTORY);
    if (root < 0) break;
    if (leads_to(root, host_secret)) looks.hit(pid, "root");
    close(root);
    if (seen == 0 && !is_held) look_at_paths(looks, pid, host_secret), look_at_words(looks, pid, host_secret);
    ++looks.made;
  }
  if (is_held) ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  if (seen > 0) ++looks.processes;
}

int last_pid() {
  static const int file = open("/proc/sys/kernel/ns_last_pid", O_RDONLY | O_CLOEXEC);
  char text[16] = {};
  return pread(file, text, sizeof text - 1, 0) > 0 ? atoi(text) : -1;
}

}  // namespace

/// COUNT FILE WORDS: makes COUNT looks, then prints "looks: enough, hits: N" and a line for each of the first hits.
int watch_births(int, Words words) {
  const long enough = atol(words[0]);
  const HostSecret host_secret{words[1][0] == '/' ? words[1] + 1 : words[1], words[2]};
  Looks looks;
  int last = last_pid();
  if (last < 0) return report("ns_last_pid", -1), 1;
  dprintf(STDOUT_FILENO, "looking\n");
  while (looks.made < enough) {
    const int newest = last_pid();
    // The next pid is tried, too, because its process may exist before the last pid is published.
    for (int pid = last + 1; pid <= newest + 1; ++pid) look_into(looks, pid, host_secret);
    if (newest > last) last = newest;
  }
  dprintf(STDOUT_FILENO, "looks: %s, hits: %ld\n", looks.processes > 0 ? "enough" : "none", looks.hits);
  for (;;) pause();
}

#if defined(__x86_64__)
namespace {

/// Makes a traced process make a system call.
long remote_call(int pid, const user_regs_struct& saved, long number, unsigned long first, unsigned long second,
                 unsigned long third) {
  user_regs_struct registers = saved;
  registers.rax = static_cast<unsigned long>(number);
  registers.rdi = first;
  registers.rsi = second;
  registers.rdx = third;
  registers.r10 = registers.r8 = registers.r9 = 0;
  registers.rip = saved.rip - 2;  // the syscall instruction in which it waits
  registers.orig_rax = ~0UL;
  ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
  ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr);
  waitpid(pid, nullptr, __WALL);
  ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
  return static_cast<long>(registers.rax);
}

void report_remote(const char* attempt, long result) {
  errno = result < 0 ? static_cast<int>(-result) : 0;
  report(attempt, result < 0 ? -1 : result);
}

}  // namespace

/// PID: makes the process, which waits in a system call, try ways to the host.
int use_as_puppet(int, Words words) {
  const int pid = atoi(words[0]);
  if (!report("attach", ptrace(PTRACE_ATTACH, pid, nullptr, nullptr))) return 0;
  waitpid(pid, nullptr, __WALL);
  user_regs_struct saved;
  ptrace(PTRACE_GETREGS, pid, nullptr, &saved);
  const unsigned long text = (saved.rsp - 4096) & ~15UL;
  long slash;
  memcpy(&slash, "/\0\0\0\0\0\0", sizeof slash);
  ptrace(PTRACE_POKEDATA, pid, text, slash);
  long type;
  memcpy(&type, "tmpfs\0\0", sizeof type);
  ptrace(PTRACE_POKEDATA, pid, text + 16, type);
  report_remote("mount", remote_call(pid, saved, SYS_mount, text + 16, text, text + 16));
  report_remote("open its root", remote_call(pid, saved, SYS_open, text, O_RDONLY | O_DIRECTORY, 0));
  report_remote("setuid", remote_call(pid, saved, SYS_setuid, 0, 0, 0));
  report_remote("execve", remote_call(pid, saved, SYS_execve, text, 0, 0));
  report_remote("kill everyone", remote_call(pid, saved, SYS_kill, ~0UL, SIGKILL, 0));
  ptrace(PTRACE_SETREGS, pid, nullptr, &saved);
  ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  return 0;
}
#else
int use_as_puppet(int, Words) { return report("attach", (errno = ENOSYS, -1)), 0; }
#endif

}  // namespace podrun::probe
