// The pause's register: registered children and held descriptors, for later supervisors. No heap.
#pragma once

#include "namespaces/pause/pause_protocol.hpp"

namespace podrun::pause {

/// A registered child (pid > 0; its first descriptor is its pidfd) or a hold (pid 0).
struct RegistryItem {
  bool used = false;
  int32_t pid = 0;
  int32_t instance = 0;
  char name[sizeof Message::name] = {};
  int fds[max_descriptors] = {};
  unsigned count = 0;
  bool ended = false;     ///< a child whose end was seen
  int32_t signalled = 0;  ///< the last signal that signal_child() sent it
};

/// All children and holds.
class Registry {
 public:
  /// Adds an item and takes ownership of its descriptors. A hold of the same name, or a child of the same pid, is
  /// replaced; the child's last signal is kept. If there is no room, the descriptors are closed.
  void keep(const Message& message, const int* fds, unsigned count);
  /// Removes a child and closes its descriptors.
  void drop_child(int32_t pid);
  /// Sends a child a signal by its pidfd, and records it.
  void signal_child(int32_t pid, int32_t signal);
  bool has_child(int32_t pid) { return child(pid) != nullptr; }
  /// Removes the hold of that name and closes its descriptors.
  void drop_hold(const char* name);
  /// The first descriptor of the hold of that name, or -1.
  int held(const char* name) const;

  RegistryItem* begin() { return items_; }
  RegistryItem* end() { return items_ + max_items; }

 private:
  RegistryItem* child(int32_t pid);

  RegistryItem items_[max_items];
};

}  // namespace podrun::pause
