// Adopts children that an older version of podrun has registered.
#include "namespaces/launch/legacy_roles.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace podrun::ns {
namespace {

constexpr std::array order = {Role::Process,       Role::Report,       Role::Displayed,     Role::Input,
                              Role::Out,           Role::Err,          Role::OutJournalIn,  Role::OutJournalOut,
                              Role::ErrJournalIn,  Role::ErrJournalOut, Role::Log,          Role::DroppedLines};
constexpr std::size_t input_at = 3, least_count = 10;

bool is_pipe(const Fd& fd) {
  struct stat file{};
  return ::fstat(fd.get(), &file) == 0 && S_ISFIFO(file.st_mode);
}

/// With an input, the last journal pipe is where the log file is without one.
bool has_input(const std::vector<KeptFd>& fds) { return fds.size() > least_count && is_pipe(fds[least_count - 1].fd); }

}  // namespace

void assign_legacy_roles(std::vector<KeptFd>& fds) {
  const bool input = has_input(fds);
  std::size_t role = 0;
  for (KeptFd& each : fds) {
    if (role == input_at && !input) ++role;
    each.role = role < order.size() ? order[role++] : Role::None;
  }
}

std::vector<RoleFd> in_legacy_order(std::vector<RoleFd> fds) {
  std::ranges::stable_sort(fds, {}, [](const RoleFd& each) { return std::ranges::find(order, each.role); });
  return fds;
}

}  // namespace podrun::ns
