// The pause's register: registered children and held descriptors, for later supervisors. No heap.
#pragma once

#include "namespaces/pause/pause_protocol.hpp"

namespace podrun::pause {

/// A registered child (pid > 0) or a hold (pid 0).
struct RegistryItem {
  bool used = false;
  ChildKind kind = ChildKind::Container;
  bool ended = false;     ///< a child whose end was seen; a command was reaped, too: its pid may be another process's
  int32_t pid = 0;
  int32_t instance = 0;
  int32_t signalled = 0;  ///< the last signal that signal_child() sent it
  int64_t status = 0;     ///< how a command ended: Ended
  bool told = false;      ///< the present supervisor knows that the command has ended
  char name[sizeof Message::name] = {};
  unsigned count = 0;
  int fds[max_descriptors] = {};
  Role roles[max_descriptors] = {};

  /// The child's pidfd, or -1. A supervisor of a version without roles sends it first.
  int process() const;
};

/// All children and holds.
class Registry {
 public:
  /// Adds an item and takes ownership of its descriptors. A hold of the same name, or a child of the same pid, is
  /// replaced; the child's last signal is kept. When the item is stored, the gate among the descriptors is opened.
  /// Returns 0, or an errno; then all descriptors are closed, the gate is not opened, and what was to be replaced stays:
  /// ENOSPC: the register is full · EMFILE: descriptors were lost on the way · EEXIST: another command of that name.
  int keep(const Message& message, const int* fds, unsigned count);
  /// Removes a child and closes its descriptors.
  void drop_child(int32_t pid);
  /// Sends a child a signal by its pidfd, and records it.
  void signal_child(int32_t pid, int32_t signal);
  /// Whether the process of that pid is a registered child.
  bool has_child(int32_t pid) { return child(pid) != nullptr; }
  /// Removes the hold of that name and closes its descriptors.
  void drop_hold(const char* name);
  /// Removes the command of that name, if it has ended.
  void drop_ended_command(const char* name);
  /// The first descriptor of the hold of that name, or -1.
  int held(const char* name) const;

  RegistryItem* begin() { return items_; }
  RegistryItem* end() { return items_ + used_; }

 private:
  RegistryItem* child(int32_t pid);
  RegistryItem* free_item();
  RegistryItem* place_for(const Message& message);
  RegistryItem* hold(const char* name);

  RegistryItem items_[max_items];
  unsigned used_ = 0;  ///< items from here on were never used, and their memory was never touched
};

}  // namespace podrun::pause
