// What the pause keeps for supervisors to come: registered children and held descriptors. No heap.
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
  bool ended = false;     ///< a child that was seen to have ended
  int32_t signalled = 0;  ///< the last signal that it was sent by signal_child()
};

/// All of them.
class Registry {
 public:
  /// Takes the descriptors. A hold of the same name, a child of the same pid is replaced; what it was sent is not
  /// forgotten. When there is no room they are closed.
  void keep(const Message& message, const int* fds, unsigned count);
  /// Drops the child, closing its descriptors.
  void drop_child(int32_t pid);
  /// Sends a child a signal, by its pidfd, and remembers it.
  void signal_child(int32_t pid, int32_t signal);
  bool has_child(int32_t pid) { return child(pid) != nullptr; }
  /// Drops the hold of that name.
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
