// podrun ns: shows the namespaces of a pod's processes, as the kernel reports them.
#include <unistd.h>

#include <optional>

#include <fmt/format.h>

#include "namespaces/kernel/namespace_kinds.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/logs/foreground_terminal.hpp"
#include "supervisor/show/namespace_check.hpp"
#include "supervisor/show/namespace_dot.hpp"
#include "supervisor/show/namespace_matrix.hpp"
#include "supervisor/show/namespace_svg.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/stored_pod.hpp"

namespace podrun::supervisor::commands {
namespace {

/// The row of a process; empty if it has ended, also if its pid is another process's now.
Result<std::optional<NamespaceRow>> row_of(const std::string& name, Role role, pid_t pid,
                                           std::uint64_t started) {
  if (pid == 0) return std::nullopt;
  const auto ids = ns::namespaces_of(pid);
  if (!ids && ids.error().number != ENOENT) return std::unexpected(ids.error());
  const auto ticks = ns::start_ticks(pid);  // read last: the pid was of this process all the time
  if (!ids || !ticks || *ticks != started) return std::nullopt;
  return NamespaceRow{.name = name, .role = role, .pid = pid, .ids = *ids};
}

Result<NamespaceMatrix> read_matrix(const PodRecord& record) {
  const pid_t self = ::getpid();
  NamespaceMatrix matrix{
      .host = {.name = "host", .role = Role::Host, .pid = self, .ids = TRY(ns::namespaces_of(self))},
      .members = {},
      .networks = record.networks};
  auto pause = TRY(row_of("pause", Role::Pause, record.pause, record.pause_started));
  if (!pause) return fail(fmt::format("pod {} is ending", pod::pod_name(record.id)));
  matrix.members.push_back(std::move(*pause));
  if (auto init = TRY(row_of("init", Role::Init, record.init, record.init_started)))
    matrix.members.push_back(std::move(*init));
  for (const ContainerRecord& container : record.containers)
    if (auto row = TRY(row_of(container.name, Role::Container, container.pid, container.pid_started)))
      matrix.members.push_back(std::move(*row));
  return matrix;
}

/// Compares the namespaces with the plan of the pod.
ExitStatus verify(const Layout& layout, const PodRecord& record, const NamespaceMatrix& matrix) {
  const auto stored = read_stored_run(layout, record);
  if (!stored) return report_error(stored.error());
  const std::vector<std::string> broken = namespace_mismatches(matrix, stored->plan);
  if (broken.empty())
    return print(fmt::format("pod {}: the namespaces of {} processes are as its manifest says\n",
                             pod::pod_name(record.id), matrix.members.size()));
  print(fmt::format("{}\n", pod::joined(broken, "\n")));
  return ExitStatus::Failed;
}

std::string formatted(const std::string& id, const NamespaceMatrix& matrix, Format format) {
  switch (format) {
    case Format::Text:
      return matrix_text(matrix,
                         ::isatty(STDOUT_FILENO) == 1 && colours_by_environment() == Colours::OnTerminals);
    case Format::Wide:
    case Format::Yaml:  // no options of ns
    case Format::Json:
      return to_json(id, matrix);
    case Format::Dot:
      return to_dot(id, matrix);
    case Format::Svg:
      return to_svg(id, matrix);
  }
  return "";
}

}  // namespace

ExitStatus ns(const Invocation& invocation) {
  const auto operand = find_operand(invocation.layout, invocation.options);
  if (!operand) return report_error(operand.error());
  const std::string& id = operand->id;
  if (!is_running(invocation.layout, id))
    return report_error(ExitStatus::NameConflict, fmt::format("pod {} does not run", pod::pod_name(id)));
  const auto record = read_state(invocation.layout, id);
  if (!record) return report_error(ExitStatus::Failed, record.error().message);
  const auto matrix = read_matrix(*record);
  if (!matrix) return report_error(ExitStatus::NameConflict, matrix.error().message);
  if (invocation.options.verify) return verify(invocation.layout, *record, *matrix);
  return print(formatted(id, *matrix, invocation.options.format));
}

}  // namespace podrun::supervisor::commands
