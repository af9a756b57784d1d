// Detects whether a file, a FIFO or a device is opened for reading or writing. inotify(7) reports open(2), but not with
// O_PATH.
#pragma once

#include <sys/inotify.h>
#include <unistd.h>

#include <string>

namespace podrun::test {

class OpenedFiles {
 public:
  OpenedFiles() : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}
  OpenedFiles(const OpenedFiles&) = delete;
  OpenedFiles& operator=(const OpenedFiles&) = delete;
  ~OpenedFiles() { ::close(inotify_); }

  /// Begins to watch a file. False with errno if that fails.
  bool watch(const std::string& path) const { return ::inotify_add_watch(inotify_, path.c_str(), IN_OPEN) >= 0; }

  /// Whether a watched file was opened since the last call.
  bool any() const {
    alignas(inotify_event) char events[4096];
    bool opened = false;
    const ssize_t length = ::read(inotify_, events, sizeof events);
    for (ssize_t at = 0; at < length;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(events + at);
      opened = opened || (event.mask & IN_OPEN) != 0;  // removals are reported, too
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
    return opened;
  }

 private:
  int inotify_;
};

}  // namespace podrun::test
