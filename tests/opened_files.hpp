// Whether somebody opens a file, a FIFO or a device, as opposed to looking at it: inotify(7) tells of open(2), not of
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

  /// Begins to watch; false with errno.
  bool watch(const std::string& path) const { return ::inotify_add_watch(inotify_, path.c_str(), IN_OPEN) >= 0; }

  /// Whether one of those was opened since the last call.
  bool any() const {
    alignas(inotify_event) char events[4096];
    bool opened = false;
    const ssize_t length = ::read(inotify_, events, sizeof events);
    for (ssize_t at = 0; at < length;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(events + at);
      opened = opened || (event.mask & IN_OPEN) != 0;  // a removal is told of as well
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
    return opened;
  }

 private:
  int inotify_;
};

}  // namespace podrun::test
