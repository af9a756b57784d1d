// What the pause holds of what was compiled.
#include "supervisor/state/stored_pod.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/state/legacy_stored_pod.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {
namespace {

using ns::FilesInMemory;

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

Result<pod::StoredPod> read_pod(const FilesInMemory& files, const PodRecord& record) {
  const std::string text = TRY(ns::read_file_in_memory(files.at(pod_hold), pod_hold));
  auto stored = TRY(pod::parse_stored_pod(text));
  if (stored.plan.id != record.id)
    return fail(
        fmt::format("the pause of pod {} holds pod {}", pod::pod_name(record.id), pod::pod_name(stored.plan.id)));
  return stored;
}

Result<pod::ContainerPlan> read_revision(const Fd& file, const PodRecord& record, const std::string& container,
                                         unsigned number) {
  const std::string text = TRY(ns::read_file_in_memory(file, revision_hold(container, number)));
  auto stored = TRY(pod::parse_stored_revision(text));
  if (stored.pod != record.id || stored.plan.name != container || stored.number != number)
    return fail(
        fmt::format("the pause of pod {} holds another plan as that of {}", pod::pod_name(record.id), container));
  return std::move(stored.plan);
}

/// The newest revision of a container, and its number.
Result<std::pair<pod::ContainerPlan, unsigned>> read_newest(const FilesInMemory& files, const PodRecord& record,
                                                            const std::string& container) {
  unsigned newest = 0;
  for (auto file = files.lower_bound(revisions_prefix(container)); file != files.end(); ++file) {
    const unsigned number = revision_in(file->first, container);
    if (number == 0) break;
    newest = std::max(newest, number);
  }
  if (newest == 0)
    return fail(fmt::format("the pause of pod {} holds no plan of {}", pod::pod_name(record.id), container));
  return std::pair{TRY(read_revision(files.at(revision_hold(container, newest)), record, container, newest)), newest};
}

Result<StoredRun> read_run(const FilesInMemory& files, const PodRecord& record) {
  pod::StoredPod stored = TRY(read_pod(files, record));
  StoredRun run{.plan = std::move(stored.plan)};
  for (const pod::Container& container : stored.pod.spec.containers) {
    auto [plan, number] = TRY(read_newest(files, record, container.name));
    run.plan.containers.push_back(std::move(plan));
    run.revisions.push_back(number);
  }
  if (const auto inputs = files.find(inputs_hold); inputs != files.end()) {
    const std::string text = TRY(ns::read_file_in_memory(inputs->second, inputs_hold));
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

/// Whether the pause lives and has the pid of the record. Asked after its files have been opened: if so, they were its
/// own, and it had not begun to close them.
bool is_pause_of(const PodRecord& record) {
  return ns::start_ticks(record.pause).value_or(0) == record.pause_started && !ns::is_ending(record.pause);
}

/// Whether a podrun before state version 2 has started the pod, and no later supervisor has written the state since.
bool is_legacy(const PodRecord& record) {
  return std::ranges::any_of(record.containers, [](const ContainerRecord& each) { return each.revision == 0; });
}

/// Opens what the pause holds. It has `pod_hold`, unless the pod is of an older podrun.
CommandResult<FilesInMemory> open_held(const PodRecord& record) {
  auto files = ns::files_in_memory(record.pause);
  if (!is_pause_of(record))
    return fail_command(ExitStatus::NameConflict, fmt::format("pod {} is ending", pod::pod_name(record.id)));
  if (!files) return fail_command(ExitStatus::Bug, files.error().message);
  if (!files->contains(pod_hold) && !is_legacy(record))
    return fail_command(ExitStatus::Bug, fmt::format("the pause of pod {} holds no plan", pod::pod_name(record.id)));
  return std::move(*files);
}

/// Reads by FROM_HELD what the pause holds. Of a pod of an older podrun, of which it holds nothing yet, FROM_COPIES gets
/// what is compiled of the copies.
template <typename T, typename FromHeld, typename FromCopies>
CommandResult<T> read_stored(const Layout& layout, const PodRecord& record, const FromHeld& from_held,
                             const FromCopies& from_copies) {
  const auto files = open_held(record);
  if (!files) return std::unexpected(files.error());
  if (files->contains(pod_hold)) return from_held(*files);
  auto loaded = load_legacy_pod(layout, record);
  // A supervisor may have taken the pod over meanwhile, and removed the copies.
  const auto again = open_held(record);
  if (!again) return std::unexpected(again.error());
  if (again->contains(pod_hold)) return from_held(*again);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return reported<T>(from_copies(std::move(*loaded)));
}

std::unexpected<CommandError> ending(const PodRecord& record, const std::string& container) {
  return fail_command(ExitStatus::CannotEnter,
                      fmt::format("container {} of pod {} is ending", container, pod::pod_name(record.id)));
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
  auto run = read_stored<StoredRun>(
      layout, record,
      [&](const FilesInMemory& files) {
        auto held = read_run(files, record);
        end_lap("stored plan");
        return reported(std::move(held));
      },
      store_legacy);
  if (run && !std::ranges::equal(run->plan.containers, record.containers, {}, &pod::ContainerPlan::name,
                                 &ContainerRecord::name))
    return fail_command(ExitStatus::Bug, fmt::format("the state of pod {} has other containers than its plan",
                                                     pod::pod_name(record.id)));
  return run;
}

CommandResult<pod::StoredPod> read_stored_pod(const Layout& layout, const PodRecord& record) {
  return read_stored<pod::StoredPod>(
      layout, record, [&](const FilesInMemory& files) { return reported(read_pod(files, record)); },
      [](LoadedPod loaded) -> Result<pod::StoredPod> {
        return pod::StoredPod{.pod = std::move(loaded.pod), .plan = std::move(loaded.plan)};
      });
}

CommandResult<pod::ContainerPlan> read_stored_plan(const Layout& layout, const PodRecord& record, std::size_t index) {
  const auto& container = record.containers.at(index);
  // A supervisor that gave the pause the first revisions may have died before it wrote their numbers.
  const unsigned number = std::max(container.revision, first_revision);
  const auto read = [&](const Fd& file) { return read_revision(file, record, container.name, number); };
  const auto file = ns::open_file_in_memory(record.pause, revision_hold(container.name, number));
  if (!is_pause_of(record)) return ending(record, container.name);
  if (file) return reported(read(*file));
  // The instance has ended since the record was read, or the pod is of an older podrun.
  if (container.revision != 0) return ending(record, container.name);
  return read_stored<pod::ContainerPlan>(
      layout, record,
      [&](const FilesInMemory& files) -> CommandResult<pod::ContainerPlan> {
        const auto found = files.find(revision_hold(container.name, number));
        if (found == files.end()) return ending(record, container.name);
        return reported(read(found->second));
      },
      [&](LoadedPod loaded) -> Result<pod::ContainerPlan> { return std::move(loaded.plan.containers.at(index)); });
}

}  // namespace podrun::supervisor
