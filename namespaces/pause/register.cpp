// What the pause keeps for supervisors to come: registered children and held descriptors. No heap.
#include "namespaces/pause/register.hpp"

#include <string.h>
#include <unistd.h>

namespace podrun::pause {
namespace {

void drop(Kept& kept) {
  for (unsigned i = 0; i < kept.count; ++i) close(kept.fds[i]);
  kept = Kept{};
}

bool is_hold(const Kept& kept, const char* name) {
  return kept.used && kept.pid == 0 && strncmp(kept.name, name, sizeof kept.name) == 0;
}

}  // namespace

void Register::keep(const Message& message, const int* fds, unsigned count) {
  if (message.a == 0) drop_hold(message.name);
  else drop_child(message.a);
  for (Kept& kept : items_) {
    if (kept.used) continue;
    kept.used = true;
    kept.pid = message.a;
    kept.instance = message.b;
    memcpy(kept.name, message.name, sizeof kept.name);
    kept.name[sizeof kept.name - 1] = '\0';
    memcpy(kept.fds, fds, count * sizeof *fds);
    kept.count = count;
    return;
  }
  for (unsigned i = 0; i < count; ++i) close(fds[i]);
}

void Register::drop_child(int32_t pid) {
  for (Kept& kept : items_)
    if (kept.used && kept.pid == pid && pid > 0) drop(kept);
}

void Register::drop_hold(const char* name) {
  for (Kept& kept : items_)
    if (is_hold(kept, name)) drop(kept);
}

int Register::held(const char* name) const {
  for (const Kept& kept : items_)
    if (is_hold(kept, name) && kept.count > 0) return kept.fds[0];
  return -1;
}

}  // namespace podrun::pause
