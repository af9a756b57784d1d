// The locks of pods. A pod holds its lock exclusively. A query takes a shared lock for an instant. A start whose
// exclusive lock is refused therefore tries a shared one: if that is refused, too, the lock is held exclusively and not
// by a query.
#include "supervisor/state/pod_lock.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::chrono::seconds removal_timeout{10};

// Limits the retries: each failed one has met another process that starts, queries or removes.
constexpr int tries = 10000;

/// flock(2), restarted after signals. False: errno has the reason.
bool lock(const Fd& file, int operation) {
  while (::flock(file.get(), operation) < 0)
    if (errno != EINTR) return false;
  return true;
}

/// Whether `path` still names the open file. The run directory may have been removed and made again.
bool is_named(const Fd& file, const std::string& path) {
  struct stat opened {
  }, named{};
  return ::fstat(file.get(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// Opens the lock file and makes the run directory if necessary. ENOENT: the directory was removed in between.
Result<Fd> open_lock(const Layout& layout, const std::string& id) {
  TRY_VOID(ns::make_directories(layout.run_of(id), 0700));
  const std::string path = layout.lock(id);
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::fchmod(file.get(), 0600) < 0) return fail_system(path);
  return file;
}

/// Whether the refused lock is held by a pod, or by a start that has no pause yet. A process that removes a dead pod
/// also holds the lock: it then reads the dead pod's state file, which soon vanishes.
bool is_of_a_pod(const Layout& layout, const std::string& id) {
  const auto record = read_state(layout, id);
  if (!record && record.error().number == EPROTONOSUPPORT) return true;  // of a newer podrun
  return record && (record->pause == 0 || open_pause(layout, id));
}

}  // namespace

std::vector<std::string> known_pods(const Layout& layout) {
  std::vector<std::string> ids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(layout.run(), error)) {
    std::string name = entry.path().filename();
    if (name.find('_') != std::string::npos && entry.is_directory(error)) ids.push_back(std::move(name));
  }
  std::ranges::sort(ids);
  return ids;
}

bool is_running(const Layout& layout, const std::string& id) {
  const Fd file(::open(layout.lock(id).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file && !lock(file, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
}

Result<> write_lock_uid(const Fd& lock, const std::string& uid) {
  const std::string line = uid + "\n";
  if (::ftruncate(lock.get(), 0) < 0 || ::pwrite(lock.get(), line.data(), line.size(), 0) < 0)
    return fail_system("the pod's lock");
  return {};  // an incomplete line is ignored when it is read
}

std::string uid_of_running(const Layout& layout, const std::string& id) {
  std::string line = ns::read_file(layout.lock(id)).value_or("");
  if (line.ends_with('\n')) return line.substr(0, line.size() - 1);
  const auto record = read_state(layout, id);
  return record ? record->uid : "";
}

Result<Fd> try_lock_pod(const Layout& layout, const std::string& id) {
  const std::string path = layout.lock(id);
  for (int attempt = 0; attempt < tries; ++attempt) {
    auto file = open_lock(layout, id);
    if (!file && file.error().number == ENOENT) continue;
    if (!file) return file;
    if (lock(*file, LOCK_EX | LOCK_NB)) {
      if (is_named(*file, path)) return file;
      continue;
    }
    if (errno != EWOULDBLOCK) return fail_system(path);
    if (!lock(*file, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK && is_named(*file, path)) return Fd();
  }
  return fail(path + ": other processes keep making and removing it");
}

Result<Fd> lock_pod(const Layout& layout, const std::string& id) {
  const auto deadline = std::chrono::steady_clock::now() + removal_timeout;
  for (Fd changes;;) {
    Fd lock = TRY(try_lock_pod(layout, id));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (lock || is_of_a_pod(layout, id)) return lock;
    if (left.count() <= 0)
      return fail(fmt::format("pod {} is dead, but what it left is still being removed", pod::pod_name(id)));
    if (changes) {
      pollfd changed{changes.get(), POLLIN, 0};
      ::poll(&changed, 1, static_cast<int>(left.count()));
      changes.reset();
    } else {
      changes = Fd(::inotify_init1(IN_CLOEXEC));
      if (::inotify_add_watch(changes.get(), layout.run_of(id).c_str(), IN_DELETE | IN_MOVED_TO) < 0) changes.reset();
    }
  }
}

Fd open_pause(const Layout& layout, const std::string& id) {
  const auto record = read_state(layout, id);
  if (!record) return {};
  auto pause = ns::open_process(record->pause);
  // A zombie that its parent has not reaped has ended.
  const bool is_that_one = pause && ns::start_ticks(record->pause).value_or(0) == record->pause_started &&
                           !ns::peek_exit(record->pause).value_or(0);
  return is_that_one ? std::move(pause->pidfd) : Fd();
}

Result<> wait_until_unlocked(const Layout& layout, const std::string& id) {
  const std::string path = layout.lock(id);
  const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return errno == ENOENT ? Result<>{} : fail_system(path);
  if (!lock(file, LOCK_SH)) return fail_system(path);
  return {};
}

std::string id_of(const std::string& name, const std::string& default_namespace) {
  if (name.find('_') != std::string::npos || name.find('/') != std::string::npos) {
    std::string id = name;
    std::ranges::replace(id, '/', '_');  // an id is used in file names, so it must not contain a slash
    return id;
  }
  return default_namespace + "_" + name;
}

}  // namespace podrun::supervisor
