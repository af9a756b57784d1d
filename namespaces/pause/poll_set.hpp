// The descriptors that the pause waits for. No heap.
#pragma once

#include <poll.h>

#include "namespaces/pause/registry.hpp"

namespace podrun::pause {

/// Signals, the supervisor's messages, the init's end, and the ends of children that were not yet seen: for poll(2).
struct PollSet {
  static constexpr nfds_t fixed = 3;

  /// Collects the descriptors; -1 stands for one that is not waited for.
  void gather(int signals, int supervisor, int init, Registry& kept);
  /// After poll(2): marks the children that have ended, reaps the commands among them, and returns whether there was
  /// one.
  bool mark_ended();

  pollfd& supervisor() { return fds[1]; }
  bool has_init_ended() const { return fds[2].revents != 0; }

  pollfd fds[fixed + max_items] = {};
  RegistryItem* children[fixed + max_items] = {};
  nfds_t count = 0;
};

}  // namespace podrun::pause
