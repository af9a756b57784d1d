// Attacks of two containers of a pod: one passes a descriptor of a directory to the other, over an abstract unix
// socket, which is possible because they share a network namespace.
//
// MEETING is a path in a volume that both have. They wait for each other by FIFOs there.
#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <initializer_list>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

struct Address {
  sockaddr_un name;
  socklen_t length;
};

Address abstract_address(const char* name) {
  Address address{};
  address.name.sun_family = AF_UNIX;
  strncpy(address.name.sun_path + 1, name, sizeof address.name.sun_path - 2);
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + strlen(name));
  return address;
}

/// The path MEETING.SUFFIX.
struct MeetingPoint {
  MeetingPoint(const char* meeting, const char* suffix) {
    snprintf(path, sizeof path, "%s.%s", meeting, suffix);
  }
  char path[PATH_MAX];
};

/// Waits until the other end of a FIFO is opened.
void meet(const char* meeting, const char* suffix, int side) {
  const MeetingPoint point(meeting, suffix);
  mkfifo(point.path, 0600);
  close(open(point.path, side));
}

struct Control {
  alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(int))];
};

bool send_descriptor(const char* name, int fd) {
  Address to = abstract_address(name);
  char byte = 'x';
  iovec data{&byte, 1};
  Control control{};
  msghdr header{};
  header.msg_name = &to.name;
  header.msg_namelen = to.length;
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  return report("give", sendmsg(socket(AF_UNIX, SOCK_DGRAM, 0), &header, 0));
}

/// Binds the socket, tells the giver, and waits for the descriptor.
int receive_descriptor(const char* name, const char* meeting) {
  const Address own = abstract_address(name);
  const int receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (!report("bind", bind(receiver, reinterpret_cast<const sockaddr*>(&own.name), own.length))) return -1;
  meet(meeting, "bound", O_WRONLY);
  char byte;
  iovec data{&byte, 1};
  Control control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  if (!report("take", recvmsg(receiver, &header, 0))) return -1;
  int fd = -1;
  if (const cmsghdr* rights = CMSG_FIRSTHDR(&header)) memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return fd;
}

/// Prints the sorted entries of a directory: "WHAT: a b c".
void list(const char* what, int directory) {
  dirent** entries = nullptr;
  const int count = scandirat(directory, ".", &entries, nullptr, alphasort);
  if (count < 0) {
    report(what, -1);
    return;
  }
  dprintf(STDOUT_FILENO, "%s:", what);
  for (int i = 0; i < count; ++i)
    if (entries[i]->d_name[0] != '.') dprintf(STDOUT_FILENO, " %s", entries[i]->d_name);
  dprintf(STDOUT_FILENO, "\n");
}

void try_to_write_proc(const char* when, int proc) {
  for (const char* file : {"sys/kernel/core_pattern", "sysrq-trigger", "sys/kernel/modprobe"}) {
    char attempt[PATH_MAX];
    snprintf(attempt, sizeof attempt, "%s: %s", when, file);
    report_open(attempt, openat(proc, file, O_WRONLY));
  }
}

/// Opens a file of a container, if DIRECTORY is that of the containers' roots or its parent.
int open_below(int directory, const char* container, const char* file, int flags) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", container, file);
  const int there = openat(directory, path, flags);
  if (there >= 0) return there;
  snprintf(path, sizeof path, "c/%s/%s", container, file);
  return openat(directory, path, flags);
}

}  // namespace

/// SOCKET PATH MEETING: the first instance passes PATH and exits when the taker has used it. The second one tells the
/// taker that it runs.
int give(int, Words words) {
  if (mkfifo(MeetingPoint(words[2], "restarted").path, 0600) < 0) {
    meet(words[2], "restarted", O_WRONLY);
    pause();
  }
  meet(words[2], "bound", O_RDONLY);
  const bool sent = send_descriptor(words[0], open(words[1], O_RDONLY | O_DIRECTORY));
  meet(words[2], "tried", O_RDONLY);
  return sent ? 0 : 1;
}

/// SOCKET MEETING: waits for a connection, with one of its directories open.
int serve(int, Words words) {
  open("/etc", O_RDONLY | O_DIRECTORY);
  const Address own = abstract_address(words[0]);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(listener, reinterpret_cast<const sockaddr*>(&own.name), own.length);
  report("serve", listen(listener, 1));
  meet(words[1], "bound", O_WRONLY);
  pause();
  return 0;
}

/// SOCKET MEETING: tries to take the descriptors of the process that serves there, by the pidfd of its socket.
int take_descriptors(int, Words words) {
  constexpr int peer_pidfd = 77;  // SO_PEERPIDFD, socket(7)
  constexpr int most = 32;
  const Address server = abstract_address(words[0]);
  const int own = socket(AF_UNIX, SOCK_STREAM, 0);
  meet(words[1], "bound", O_RDONLY);
  report("connect", connect(own, reinterpret_cast<const sockaddr*>(&server.name), server.length));
  int pidfd = -1, taken = 0, files = 0;
  socklen_t length = sizeof pidfd;
  report("the neighbour's pidfd", getsockopt(own, SOL_SOCKET, peer_pidfd, &pidfd, &length));
  for (int number = 0; number < most; ++number) {
    const int fd = static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, number, 0));
    taken += fd >= 0;
    files += fd >= 0 && openat(fd, "../secret", O_RDONLY) >= 0;
  }
  dprintf(STDOUT_FILENO, "descriptors: %d\nfiles: %d\n", taken, files);
  return 0;
}

/// SOCKET MEETING: tries the giver's /proc while the giver runs, and after its container was restarted.
int take_proc(int, Words words) {
  const int proc = receive_descriptor(words[0], words[1]);
  try_to_write_proc("first instance", proc);
  meet(words[1], "tried", O_WRONLY);
  meet(words[1], "restarted", O_RDONLY);
  try_to_write_proc("second instance", proc);
  return 0;
}

/// SOCKET MEETING THIRD: walks up from the giver's root, and looks for the container THIRD on the way.
int take_root(int, Words words) {
  const int root = receive_descriptor(words[0], words[1]);
  int above = root;
  for (const char* level : {"one level up", "two levels up", "three levels up"}) {
    above = openat(above, "..", O_RDONLY | O_DIRECTORY);
    list(level, above);
    report_open("the third one's file", open_below(above, words[2], "secret", O_RDONLY));
    report_open("the third one's memory", open_below(above, words[2], "proc/1/mem", O_RDWR));
    report_open("the third one's core_pattern",
                open_below(above, words[2], "proc/sys/kernel/core_pattern", O_WRONLY));
    report_open("a new file", openat(above, "junk", O_CREAT | O_WRONLY, 0600));
    report("a new directory", mkdirat(above, "junk", 0700));
  }
  return 0;
}

/// SOCKET MEETING THIRD: while THIRD is restarted again and again, tries to reach its root, or its /proc without masks.
/// Ends when MEETING.over exists.
int watch_window(int, Words words) {
  const MeetingPoint over(words[1], "over");
  const int root = receive_descriptor(words[0], words[1]);
  const int up = openat(root, "..", O_RDONLY | O_DIRECTORY);
  long tries = 0, hits = 0;
  for (; tries % 64 != 0 || access(over.path, F_OK) < 0; ++tries) {
    const int pattern = open_below(up, words[2], "proc/sys/kernel/core_pattern", O_WRONLY);
    const int secret = open_below(up, words[2], "bin", O_RDONLY);
    if (pattern >= 0 || secret >= 0) ++hits;
    if (pattern >= 0) close(pattern);
    if (secret >= 0) close(secret);
  }
  dprintf(STDOUT_FILENO, "tries: %s\nhits: %ld\n", tries > 0 ? "many" : "none", hits);
  return 0;
}

}  // namespace podrun::probe
