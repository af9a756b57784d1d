// The descriptors that the pause waits for.
#include "namespaces/pause/poll_set.hpp"

#include "namespaces/pause/reaper.hpp"

namespace podrun::pause {

void PollSet::gather(int signals, int supervisor, int init, Registry& kept) {
  fds[0] = {signals, POLLIN, 0};
  fds[1] = {supervisor, POLLIN, 0};
  fds[2] = {init, POLLIN, 0};
  count = fixed;
  for (RegistryItem& each : kept) {
    if (!each.used || each.ended || each.process() < 0) continue;
    fds[count] = {each.process(), POLLIN, 0};
    children[count++] = &each;
  }
}

bool PollSet::mark_ended() {
  bool any = false;
  for (nfds_t i = fixed; i < count; ++i) {
    if (fds[i].revents == 0) continue;
    children[i]->ended = true;
    if (children[i]->kind == ChildKind::Command) children[i]->status = reap_command(children[i]->pid);
    any = true;
  }
  return any;
}

}  // namespace podrun::pause
