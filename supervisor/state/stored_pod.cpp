// What the pause holds of what was compiled.
#include "supervisor/state/stored_pod.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "supervisor/state/legacy_stored_pod.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {
namespace {

/// The paths of the files in memory, by their names.
using Files = std::map<std::string, std::string>;

std::string revisions_prefix(const std::string& container) { return fmt::format("plan/{}/", container); }

/// The number of a revision of the container; 0 if the hold is another.
unsigned revision_in(const std::string& hold, const std::string& container) {
  const std::string prefix = revisions_prefix(container);
  unsigned number = 0;
  if (hold.starts_with(prefix)) std::from_chars(hold.data() + prefix.size(), hold.data() + hold.size(), number);
  return number;
}

Result<ns::NamedFd> in_memory(const std::string& name, const std::string& text) {
  return ns::NamedFd{name, TRY(ns::file_in_memory(name, text))};
}

Result<pod::StoredPod> read_pod(const std::string& path, const PodRecord& record) {
  const std::string text = TRY(ns::read_path_in_memory(path));
  auto stored = TRY(pod::parse_stored_pod(text));
  // The pause may have ended, and another process may have its pid.
  if (stored.plan.id != record.id) return fail(fmt::format("pod {} is ending", record.id));
  return stored;
}

/// Empty if the text is another revision's.
Result<std::optional<pod::ContainerPlan>> parse_revision(const std::string& text, const PodRecord& record,
                                                         const std::string& container, unsigned number) {
  auto stored = TRY(pod::parse_stored_revision(text));
  if (stored.pod != record.id || stored.plan.name != container || stored.number != number) return std::nullopt;
  return std::move(stored.plan);
}

/// The newest revision of a container, and its number.
Result<std::pair<pod::ContainerPlan, unsigned>> read_newest(const Files& files, const PodRecord& record,
                                                            const std::string& container) {
  unsigned newest = 0;
  for (auto file = files.lower_bound(revisions_prefix(container)); file != files.end(); ++file) {
    const unsigned number = revision_in(file->first, container);
    if (number == 0) break;
    newest = std::max(newest, number);
  }
  if (newest == 0) return fail(fmt::format("the pause of pod {} holds no plan of {}", record.id, container));
  const std::string text = TRY(ns::read_path_in_memory(files.at(revision_hold(container, newest))));
  auto plan = TRY(parse_revision(text, record, container, newest));
  if (!plan) return fail(fmt::format("the pause of pod {} holds another plan as that of {}", record.id, container));
  return std::pair{std::move(*plan), newest};
}

Result<StoredRun> read_run(const Files& files, const PodRecord& record) {
  pod::StoredPod stored = TRY(read_pod(files.at(pod_hold), record));
  StoredRun run{.plan = std::move(stored.plan)};
  for (const pod::Container& container : stored.pod.spec.containers) {
    auto [plan, number] = TRY(read_newest(files, record, container.name));
    run.plan.containers.push_back(std::move(plan));
    run.revisions.push_back(number);
  }
  if (const auto inputs = files.find(inputs_hold); inputs != files.end()) {
    const std::string text = TRY(ns::read_path_in_memory(inputs->second));
    run.file_variables = file_variables_from(std::move(stored.pod), TRY(pod::parse_stored_inputs(text)));
  }
  return run;
}

Result<StoredRun> store_legacy(LoadedPod loaded) {
  StoredRun run{.file_variables = file_variables_of(loaded)};
  run.to_hold = TRY(store_pod(loaded, run.file_variables));
  run.plan = std::move(loaded.plan);
  run.revisions.assign(run.plan.containers.size(), first_revision);
  return run;
}

/// A failure to read what podrun has stored itself is a bug, unless another podrun has stored it.
template <typename T>
CommandResult<T> reported(Result<T> read) {
  if (read) return std::move(*read);
  return fail_command(read.error().number == EPROTONOSUPPORT ? ExitStatus::Failed : ExitStatus::Bug,
                      read.error().message);
}

std::unexpected<CommandError> ending(const PodRecord& record, const std::string& container) {
  return fail_command(ExitStatus::CannotEnter, fmt::format("container {} of pod {} is ending", container, record.id));
}

}  // namespace

std::string revision_hold(const std::string& container, unsigned revision) {
  return fmt::format("{}{}", revisions_prefix(container), revision);
}

bool is_other_revision(const std::string& hold, const std::string& container, unsigned revision) {
  const unsigned number = revision_in(hold, container);
  return number != 0 && number != revision;
}

Result<ns::NamedFd> store_revision(const std::string& pod, unsigned number, const pod::ContainerPlan& plan) {
  return in_memory(revision_hold(plan.name, number), pod::to_stored(pod, number, plan, PODRUN_VERSION));
}

Result<std::vector<ns::NamedFd>> store_pod(const LoadedPod& loaded, const std::optional<FileVariables>& variables) {
  const pod::PodPlan& plan = loaded.plan;
  std::vector<ns::NamedFd> files;
  for (const pod::ContainerPlan& container : plan.containers)
    files.push_back(TRY(store_revision(plan.id, first_revision, container)));
  if (variables) files.push_back(TRY(in_memory(inputs_hold, pod::to_stored(variables->inputs, PODRUN_VERSION))));
  files.push_back(TRY(in_memory(pod_hold, pod::to_stored(loaded.pod, plan, PODRUN_VERSION))));
  return files;
}

CommandResult<StoredRun> read_stored_run(const Layout& layout, const PodRecord& record) {
  const auto files = ns::files_in_memory(record.pause);
  if (!files) return fail_command(ExitStatus::Bug, files.error().message);
  if (files->contains(pod_hold)) {
    auto run = read_run(*files, record);
    end_lap("stored plan");
    return reported(std::move(run));
  }
  auto loaded = load_legacy_pod(layout, record);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return reported(store_legacy(std::move(*loaded)));
}

CommandResult<pod::StoredPod> read_stored_pod(const Layout& layout, const PodRecord& record) {
  const auto files = ns::files_in_memory(record.pause);
  if (!files) return fail_command(ExitStatus::Bug, files.error().message);
  if (const auto file = files->find(pod_hold); file != files->end()) return reported(read_pod(file->second, record));
  auto loaded = load_legacy_pod(layout, record);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return pod::StoredPod{.pod = std::move(loaded->pod), .plan = std::move(loaded->plan)};
}

CommandResult<pod::ContainerPlan> read_stored_plan(const Layout& layout, const PodRecord& record, std::size_t index) {
  const auto& container = record.containers.at(index);
  const auto text = ns::read_file_in_memory(record.pause, revision_hold(container.name, container.revision));
  if (text) {
    auto plan = reported(parse_revision(*text, record, container.name, container.revision));
    if (!plan) return std::unexpected(std::move(plan.error()));
    return *plan ? CommandResult<pod::ContainerPlan>(std::move(**plan)) : ending(record, container.name);
  }
  // The instance has ended since the record was read, or the pod is of an older podrun.
  const auto files = ns::files_in_memory(record.pause);
  if (!files || files->contains(pod_hold)) return ending(record, container.name);
  auto loaded = load_legacy_pod(layout, record);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return std::move(loaded->plan.containers.at(index));
}

}  // namespace podrun::supervisor
