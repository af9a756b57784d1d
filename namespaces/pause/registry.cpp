// The pause's register: registered children and held descriptors.
#include "namespaces/pause/registry.hpp"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace podrun::pause {
namespace {

void drop(RegistryItem& kept) {
  for (unsigned i = 0; i < kept.count; ++i) close(kept.fds[i]);
  kept = RegistryItem{};
}

bool is_hold(const RegistryItem& kept, const char* name) {
  return kept.used && kept.pid == 0 && strncmp(kept.name, name, sizeof kept.name) == 0;
}

}  // namespace

RegistryItem* Registry::child(int32_t pid) {
  for (RegistryItem& kept : items_)
    if (kept.used && kept.pid == pid && pid > 0) return &kept;
  return nullptr;
}

void Registry::keep(const Message& message, const int* fds, unsigned count) {
  const RegistryItem* const former = child(message.a);
  const int32_t signalled = former ? former->signalled : 0;
  if (message.a == 0) drop_hold(message.name);
  else drop_child(message.a);
  for (RegistryItem& kept : items_) {
    if (kept.used) continue;
    kept.used = true;
    kept.pid = message.a;
    kept.instance = message.b;
    memcpy(kept.name, message.name, sizeof kept.name);
    kept.name[sizeof kept.name - 1] = '\0';
    memcpy(kept.fds, fds, count * sizeof *fds);
    kept.count = count;
    kept.signalled = signalled;
    return;
  }
  for (unsigned i = 0; i < count; ++i) close(fds[i]);
}

void Registry::drop_child(int32_t pid) {
  if (RegistryItem* const kept = child(pid)) drop(*kept);
}

void Registry::signal_child(int32_t pid, int32_t signal) {
  RegistryItem* const kept = child(pid);
  if (kept == nullptr || kept->count == 0) return;
  kept->signalled = signal;
  syscall(SYS_pidfd_send_signal, kept->fds[0], signal, nullptr, 0);
}

void Registry::drop_hold(const char* name) {
  for (RegistryItem& kept : items_)
    if (is_hold(kept, name)) drop(kept);
}

int Registry::held(const char* name) const {
  for (const RegistryItem& kept : items_)
    if (is_hold(kept, name) && kept.count > 0) return kept.fds[0];
  return -1;
}

}  // namespace podrun::pause
