// podrun-unpacker: the program that unpacks one layer of an image. Others made what it reads, so it is hostile: it
// counts as taken over, and can do nothing but to fill the layer's folder.
//
//   namespaces  its own mount, network, IPC and UTS namespaces; its mounts are one: the layer's folder, its root
//   rights      a user of its own, no group; of root's capabilities those that make files of other users: CHOWN,
//               DAC_OVERRIDE, FOWNER, FSETID, SETFCAP; no_new_privs, little memory, few system calls
//   life        a child of its starter, and ends with it or when the layer is whole
#include <fcntl.h>
#include <iconv.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "namespaces/helper/helper_rights.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/unpacker/unpack.hpp"
#include "namespaces/unpacker/unpacker_filter.hpp"

namespace podrun::unpacker {
namespace {

constexpr std::uint64_t bit(unsigned capability) { return std::uint64_t{1} << capability; }
constexpr std::uint64_t kept =
    bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_SETFCAP);

/// The largest window of zstd, and what is remembered of the most entries.
constexpr rlim_t memory = 512UL * 1024 * 1024;

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<Expected> read_arguments(int argc, char** argv) {
  Expected expected;
  if (argc < 2 || argc % 2 != 0) return std::nullopt;
  for (int i = 2; i < argc; i += 2) {
    const std::string_view name = argv[i], value = argv[i + 1];
    if (name == "--diff-id") expected.diff_id = value;
    else if (name == "--blob") expected.blob_digest = value;
    else if (name == "--size" && read_number(value, expected.blob_bytes)) continue;
    else if (name == "--most-bytes" && read_number(value, expected.most_bytes)) continue;
    else if (name == "--most-entries" && read_number(value, expected.most_entries)) continue;
    else return std::nullopt;
  }
  return expected;
}

void reset_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that is too long is an error, EFBIG
}

/// Makes the layer's folder the only mount there is.
int leave_host() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0) return errno;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return errno;
  // Any directory can be the place to mount it on.
  if (::syscall(SYS_move_mount, folder_fd, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) < 0) return errno;
  if (::fchdir(folder_fd) < 0 || ::syscall(SYS_pivot_root, ".", ".") < 0) return errno;
  return ::umount2(".", MNT_DETACH) < 0 ? errno : 0;
}

int give_rights_up(const Expected& expected) {
  const struct {
    __rlimit_resource resource;
    rlim_t value;
  } limits[] = {
      {RLIMIT_AS, memory},  {RLIMIT_NOFILE, 32},    {RLIMIT_NPROC, 0},    {RLIMIT_CORE, 0},
      {RLIMIT_MEMLOCK, 0},  {RLIMIT_MSGQUEUE, 0},   {RLIMIT_FSIZE, expected.most_bytes},
  };
  for (const auto& limit : limits) {
    const rlimit both{.rlim_cur = limit.value, .rlim_max = limit.value};
    if (::setrlimit(limit.resource, &both) < 0) return errno;
  }
  ::umask(0);
  return helper::confine(kept, SIGKILL, filter, user_id);
}

int say(std::string_view text, UnpackerExit code) {
  (void)!::write(report_fd, text.data(), text.size());
  return code;
}

/// Everything before is of the starter's making; from unpack() on it is the image's.
int run(const Expected& expected) {
  // libarchive asks for this conversion, and the C library looks for files the first time.
  if (const iconv_t conversion = ::iconv_open("ANSI_X3.4-1968", "UTF-8"); conversion != iconv_t(-1))
    ::iconv_close(conversion);
  const int folder = ::openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = folder < 0 ? errno : leave_host();
  if (error == 0) error = give_rights_up(expected);
  if (error != 0)
    return say(encode_error("podrun-unpacker cannot give up its rights: " + std::string(strerror(error))), cannot_run);
  ::close(folder_fd);
  const auto report = unpack(blob_fd, folder, expected);
  return report ? say(encode(*report), unpacked) : say(encode_error(report.error().message), refused);
}

}  // namespace
}  // namespace podrun::unpacker

int main(int argc, char** argv) {
  using namespace podrun::unpacker;
  ::prctl(PR_SET_NAME, "podrun-unpacker");
  reset_signals();
  try {
    const auto expected = read_arguments(argc, argv);
    ::_exit(expected ? run(*expected) : cannot_run);
  } catch (const std::bad_alloc&) {
    ::_exit(say(encode_error("the layer needs more memory than an unpacker may have"), refused));
  }
}
