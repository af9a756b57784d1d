// The descriptors that the pause waits for.
#include "namespaces/pause/poll_set.hpp"

namespace podrun::pause {

void PollSet::gather(int signals, int supervisor, int init, Registry& kept) {
  fds[0] = {signals, POLLIN, 0};
  fds[1] = {supervisor, POLLIN, 0};
  fds[2] = {init, POLLIN, 0};
  count = fixed;
  for (RegistryItem& each : kept) {
    if (!each.used || each.pid == 0 || each.count == 0 || each.ended) continue;
    fds[count] = {each.fds[0], POLLIN, 0};
    children[count++] = &each;
  }
}

bool PollSet::mark_ended() {
  bool any = false;
  for (nfds_t i = fixed; i < count; ++i) {
    if (fds[i].revents == 0) continue;
    children[i]->ended = true;
    any = true;
  }
  return any;
}

}  // namespace podrun::pause
