// podrun ns: whose namespaces a pod's processes are in, as the kernel tells.
#include <unistd.h>

#include <optional>

#include <fmt/format.h>

#include "namespaces/kinds.hpp"
#include "namespaces/process.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/find_pod.hpp"
#include "supervisor/namespace_matrix.hpp"
#include "supervisor/running.hpp"
#include "supervisor/state_file.hpp"

namespace podrun::supervisor::commands {
namespace {

/// A process's row, if the pid is still that process's: empty if it has ended.
Result<std::optional<NamespaceRow>> row_of(const std::string& name, pid_t pid, std::uint64_t started) {
  if (pid == 0) return std::nullopt;
  const auto ids = ns::namespaces_of(pid);
  if (!ids && ids.error().number != ENOENT) return std::unexpected(ids.error());
  const auto ticks = ns::start_ticks(pid);  // asked last: it was the same process all the time
  if (!ids || !ticks || *ticks != started) return std::nullopt;
  return NamespaceRow{.name = name, .pid = pid, .ids = *ids};
}

Result<NamespaceMatrix> read_matrix(const PodRecord& record) {
  NamespaceMatrix matrix{
      .host = {.name = "host", .pid = ::getpid(), .ids = TRY(ns::namespaces_of(::getpid()))},
      .pause = {},
      .containers = {}};
  auto pause = TRY(row_of("pause", record.pause, record.pause_started));
  if (!pause) return fail(fmt::format("pod {} is just ending", record.id));
  matrix.pause = std::move(*pause);
  for (const ContainerRecord& container : record.containers)
    if (auto row = TRY(row_of(container.name, container.pid, container.pid_started)))
      matrix.containers.push_back(std::move(*row));
  return matrix;
}

}  // namespace

ExitStatus ns(const Invocation& invocation) {
  const auto id = find_pod(invocation.layout, invocation.options);
  if (!id) return complain(id.error());
  if (!is_running(invocation.layout, *id))
    return complain(ExitStatus::NameConflict, fmt::format("pod {} does not run", *id));
  const auto record = read_state(invocation.layout, *id);
  if (!record) return complain(ExitStatus::Failed, record.error().message);
  const auto matrix = read_matrix(*record);
  if (!matrix) return complain(ExitStatus::NameConflict, matrix.error().message);
  return print(invocation.options.json ? to_json(*id, *matrix) : matrix_text(*matrix));
}

}  // namespace podrun::supervisor::commands
