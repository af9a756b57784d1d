// The pause's register: registered children and held descriptors.
#include "namespaces/pause/registry.hpp"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace podrun::pause {
namespace {

void close_all(const int* fds, unsigned count) {
  for (unsigned i = 0; i < count; ++i) close(fds[i]);
}

void drop(RegistryItem& kept) {
  close_all(kept.fds, kept.count);
  kept = RegistryItem{};
}

bool has_name(const RegistryItem& kept, const char* name) {
  return kept.used && strncmp(kept.name, name, sizeof kept.name) == 0;
}

/// Stores the descriptors with their roles, except the gate, which is returned; -1: there is none.
int store_descriptors(RegistryItem& kept, const Message& message, const int* fds, unsigned count) {
  int gate = -1;
  for (unsigned i = 0; i < count; ++i) {
    if (message.roles[i] == Role::Gate) {
      gate = fds[i];
      continue;
    }
    kept.fds[kept.count] = fds[i];
    kept.roles[kept.count++] = message.roles[i];
  }
  return gate;
}

/// The child may have ended already: then nobody reads, and SIGPIPE is blocked.
void open_gate(int gate) {
  if (gate < 0) return;
  (void)!write(gate, "", 1);
  close(gate);
}

}  // namespace

int RegistryItem::process() const {
  for (unsigned i = 0; i < count; ++i)
    if (roles[i] == Role::Process) return fds[i];
  return pid > 0 && count > 0 && roles[0] == Role::None ? fds[0] : -1;
}

RegistryItem* Registry::child(int32_t pid) {
  for (RegistryItem& kept : *this)
    if (kept.used && kept.pid == pid && pid > 0 && !(kept.kind == ChildKind::Command && kept.ended)) return &kept;
  return nullptr;
}

RegistryItem* Registry::hold(const char* name) {
  for (RegistryItem& kept : *this)
    if (kept.pid == 0 && has_name(kept, name)) return &kept;
  return nullptr;
}

RegistryItem* Registry::free_item() {
  for (RegistryItem& kept : *this)
    if (!kept.used) return &kept;
  return used_ < max_items ? &items_[used_++] : nullptr;
}

/// The item that the message replaces, or a free one; nullptr: the register is full.
RegistryItem* Registry::place_for(const Message& message) {
  RegistryItem* const former = message.a == 0 ? hold(message.name) : child(message.a);
  return former ? former : free_item();
}

int Registry::keep(const Message& message, const int* fds, unsigned count) {
  int error = count < message.descriptors ? EMFILE : 0;
  if (message.kind == ChildKind::Command)
    for (const RegistryItem& kept : *this)
      if (kept.kind == ChildKind::Command && has_name(kept, message.name) && (kept.ended || kept.pid != message.a))
        error = EEXIST;
  RegistryItem* const kept = error == 0 ? place_for(message) : nullptr;
  if (kept == nullptr) {
    close_all(fds, count);
    return error == 0 ? ENOSPC : error;
  }
  const int32_t signalled = kept->signalled;
  drop(*kept);
  kept->used = true;
  kept->kind = message.kind;
  kept->pid = message.a;
  kept->instance = message.b;
  kept->signalled = signalled;
  memcpy(kept->name, message.name, sizeof kept->name);
  kept->name[sizeof kept->name - 1] = '\0';
  open_gate(store_descriptors(*kept, message, fds, count));
  return 0;
}

void Registry::drop_child(int32_t pid) {
  if (RegistryItem* const kept = child(pid)) drop(*kept);
}

void Registry::signal_child(int32_t pid, int32_t signal) {
  RegistryItem* const kept = child(pid);
  if (kept == nullptr || kept->process() < 0) return;
  kept->signalled = signal;
  syscall(SYS_pidfd_send_signal, kept->process(), signal, nullptr, 0);
}

void Registry::drop_hold(const char* name) {
  if (RegistryItem* const kept = hold(name)) drop(*kept);
}

void Registry::drop_ended_command(const char* name) {
  for (RegistryItem& kept : *this)
    if (kept.kind == ChildKind::Command && kept.ended && has_name(kept, name)) drop(kept);
}

int Registry::held(const char* name) const {
  for (unsigned i = 0; i < used_; ++i)
    if (items_[i].pid == 0 && has_name(items_[i], name) && items_[i].count > 0) return items_[i].fds[0];
  return -1;
}

}  // namespace podrun::pause
