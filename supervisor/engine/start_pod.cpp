// Starts a pod.
#include "supervisor/engine/start_pod.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/pause_start.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/network/number_claim.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/image/image_manifest.hpp"
#include "pod/manifest/exposure.hpp"
#include "pod/manifest/resources.hpp"
#include "pod/manifest/validate.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/attach/control_socket.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/core/process_title.hpp"
#include "supervisor/engine/detached_start.hpp"
#include "supervisor/engine/image_pulls.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/logs/log_screen.hpp"
#include "supervisor/network/network_holds.hpp"
#include "supervisor/network/published_names.hpp"
#include "supervisor/network/published_ports.hpp"
#include "supervisor/state/claims.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/pod_record.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/status_messages.hpp"
#include "supervisor/state/stored_pod.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {
namespace {

/// An upper bound of the descriptors in the pause, and in the supervisor: those of each container in the register and
/// its plan, some for the pod, and those of one launch. A process with a lower limit could neither start the pod nor
/// clean up.
std::size_t most_descriptors(const pod::Pod& pod, const pod::PodPlan& plan) {
  constexpr std::size_t of_the_pod = 40, of_a_container = static_cast<std::size_t>(ns::Role::DroppedLines) + 4;
  constexpr std::size_t of_an_unknown_launch = 64 + pod::most_layers;
  std::size_t of_a_launch = 0;
  for (const pod::ContainerPlan& container : plan.containers) {
    if (container.awaits_image) of_a_launch = std::max(of_a_launch, of_an_unknown_launch);
    for (const pod::HostStep& step : container.host)
      if (const auto* root = std::get_if<pod::host::OverlayRoot>(&step))
        of_a_launch = std::max(of_a_launch, container.descriptors.size() + root->layers.size());
  }
  std::size_t of_networks = 0;
  for (const pod::NetworkPlan& network : plan.networks) of_networks += sockets_of(network);
  return of_the_pod + wanted_images(pod).size() + of_a_container * plan.containers.size() + of_a_launch + of_networks;
}

ExitStatus cannot_start(const Error& error) {
  log_error("{}", error.message);
  return ExitStatus::CannotStart;
}

ExitStatus already_runs(const Layout& layout, const pod::PodPlan& plan) {
  const auto record = read_state(layout, plan.id);
  const std::string age =
      record ? fmt::format(" (started {} ago)", rounded_duration(boot_now() - record->started)) : "";
  log_error("pod {0} already runs{1}; stop it with: {2} stop {0}; or replace it with: {2} run --replace FILE",
            pod::pod_name(plan.id), age, layout.command());
  return ExitStatus::NameConflict;
}

/// Whether a service is ready as soon as the pod's containers run.
bool is_ready_when_started(const pod::Pod& pod) {
  const auto annotation = pod.metadata.annotations.find("podrun.io/systemd-ready");
  return annotation != pod.metadata.annotations.end() && annotation->second == "started";
}

PodRecord make_record(const RunRequest& request) {
  const pod::PodPlan& plan = request.loaded.plan;
  PodRecord record{.id = plan.id,
                   .name = plan.name,
                   .namespace_name = request.loaded.pod.metadata.namespace_name,
                   .uid = plan.uid,
                   .boot_id = boot_id(),
                   .program = request.program,
                   .cgroup_base = ns::cgroup_base(request.loaded.facts, request.layout.root()),
                   .detached = bool(request.result),
                   .waits_for_ready = request.wait == Awaited::Ready,
                   .ready_when_started = is_ready_when_started(request.loaded.pod),
                   .raw = request.raw,
                   .prefix = request.prefix,
                   .name_width = request.name_width,
                   .started_realtime = wall_now().time_since_epoch().count(),
                   .started = boot_now(),
                   .restart_policy = plan.restart_policy,
                   .claims = claims_of(request.loaded.pod),
                   .networks = network_records(plan.networks),
                   .host_network = request.loaded.pod.spec.host_network};
  for (const pod::ContainerPlan& container : plan.containers)
    record.containers.push_back({.name = container.name,
                                 .image = container.image,
                                 .image_id = container.image_id,
                                 .role = container.role,
                                 .stop_signal = container.stop_signal,
                                 .revision = first_revision});
  record.status.containers.resize(plan.containers.size());
  return record;
}

/// Logs warnings about hostPaths for readers of podrun.log. The caller sees them with their place in the manifest.
void log_exposures(const RunRequest& request) {
  const pod::PodSpec& spec = request.loaded.pod.spec;
  for (const pod::Volume& volume : spec.volumes)
    if (const auto* host = std::get_if<pod::HostPath>(&volume.source))
      for (const std::string& sentence :
           pod::exposures_of(host->path, pod::use_of(spec, volume.name), request.layout.root()))
        log_warning("volume {}: {}", volume.name, sentence);
}

/// Removes what an earlier run of the same name has left: files and processes. The caller holds the lock.
Result<> clean_up_earlier_run(const RunRequest& request, const std::string& id) {
  const auto cleaned = clean_up_before_start(request.layout, request.loaded.facts, id, [&](const Error& error) {
    log_warning("pod {}: clean-up: {}", pod::pod_name(id), error.message);
  });
  // The state of the earlier run stays: it leads to what is left.
  if (!cleaned) (void)remove_unused_run_directory(request.layout, id);
  return cleaned;
}

/// Writes all files that must exist before the pod does. The caller holds the lock.
Result<> write_run_files(const RunRequest& request, PodRecord& record, const Fd& lock) {
  const Layout& layout = request.layout;
  TRY_VOID(write_lock_uid(lock, record.uid));
  TRY_VOID(layout.log_folder(record.id, record.uid).make());
  TRY_VOID(ns::make_directories(layout.storage(), 0700));
  const StateFile state(layout, record.id);
  TRY_VOID(state.allocate());
  TRY_VOID(write_given(layout, record.id, request.loaded.given));
  if (const auto names = names_of(request.loaded.pod, request.loaded.plan, request.loaded.facts))
    TRY_VOID(publish(layout, *names));
  Fd claims;
  if (!record.claims.empty()) claims = TRY(lock_claims_shared(layout));
  return state.write(record);
}

std::vector<std::string> restart_command(const RunRequest& request, const std::string& id) {
  if (request.layout.root().empty()) return {request.program, "supervise", id};
  return {request.program, "--root", request.layout.root(), "supervise", id};
}

/// Checks the limit of open files.
Result<> check_descriptor_limit(const RunRequest& request) {
  static_assert(pod::most_containers == pause::max_containers);
  const pod::PodPlan& plan = request.loaded.plan;
  const std::size_t needed = most_descriptors(request.loaded.pod, plan), limit = ns::raise_descriptor_limit();
  if (limit < needed)
    return fail(
        fmt::format("pod {} may need {} open files, and the hard limit is {}", pod::pod_name(plan.id), needed, limit));
  return {};
}

/// Logs resources that are not enforced yet, and resource limits that this host reduces.
void log_unenforced_fields(const RunRequest& request) {
  const std::string name = pod::pod_name(request.loaded.plan.id);
  if (const std::string unenforced = pod::unenforced_resources(request.loaded.pod.spec); !unenforced.empty())
    log_info("pod {}: {}", name, unenforced);
  for (const std::string& sentence : pod::reduced_limits(request.loaded.pod, request.loaded.facts))
    log_warning("pod {}: {}", name, sentence);
}

/// Leaves the caller (-d). From now on messages go to the run's podrun.log, and the result of the start to the caller.
Result<> leave_caller(const RunRequest& request, const PodRecord& record) {
  ns::DirectoryHandle logs = request.layout.log_folder(record.id, record.uid);
  TRY_VOID(logs.open());
  const Fd log = TRY(logs.append_to("podrun.log", 0640));
  TRY_VOID(ns::leave_caller(log));
  announce_pod(request.result, record.id);
  set_up_log(LogTarget::File, {.pod_id = record.id}, nullptr);
  log_exposures(request);
  return {};
}

/// Adds the descriptors that the pause holds from its start for every supervisor: the control socket, the running
/// program, the claims of the networks' numbers, the locks of the images, and what was compiled.
Result<> add_holds(RunRequest& request, const std::string& id, const std::optional<FileVariables>& variables,
                   std::vector<ns::NamedFd>& holds) {
  std::vector<ns::NumberClaim>& claims = request.loaded.claims;
  for (std::size_t network = 0; network < claims.size(); ++network)
    holds.push_back({number_hold(network), std::move(claims[network].socket)});
  std::size_t image = 0;
  for (auto& [reference, lock] : request.loaded.image_locks) holds.push_back({image_hold(image++), std::move(lock)});
  holds.push_back({control_hold, TRY(make_control_socket(request.layout, id))});
  holds.push_back({pause::program_hold, Fd(::open("/proc/self/exe", O_PATH | O_CLOEXEC))});
  auto files = TRY(store_pod(request.loaded, variables));
  std::ranges::move(files, std::back_inserter(holds));
  return {};
}

/// Forks into pause and supervisor. Returns in the supervisor, or with an error before the fork. On such an error the
/// caller still holds `lock`.
Result<ns::PauseConnection> fork_with_pause(RunRequest& request, const std::string& id,
                                            const std::optional<FileVariables>& variables,
                                            std::vector<ns::NamedFd> holds, Fd& lock) {
  ns::block_signals();
  ns::spare_from_oom_killer();
  TRY_VOID(add_holds(request, id, variables, holds));
  Fd pause_mount = TRY(ns::open_program("podrun-pause", pause_program(request.program)));
  return ns::fork_supervisor({.program = pause_program(request.program),
                              .mount = std::move(pause_mount),
                              .pod = id,
                              .command = restart_command(request, id),
                              .holds = std::move(holds)},
                             std::move(lock));
}

}  // namespace

ExitStatus start_pod(RunRequest request) {
  const std::string id = request.loaded.plan.id;
  if (const auto room = check_descriptor_limit(request); !room) return cannot_start(room.error());
  // Names the pod in a message: several may be started.
  const auto named = [&](const Error& error) {
    return Error{fmt::format("pod {}: {}", pod::pod_name(id), error.message), error.number};
  };
  auto lock = lock_pod(request.layout, id);
  end_lap("claim the name");
  if (!lock) return cannot_start(named(lock.error()));
  if (!*lock) return already_runs(request.layout, request.loaded.plan);
  log_unenforced_fields(request);
  PodRecord record = make_record(request);
  if (const auto cleaned = clean_up_earlier_run(request, id); !cleaned) return cannot_start(named(cleaned.error()));
  std::vector<ns::NamedFd> holds;
  if (const auto bound = bind_published_ports(request.loaded.plan.networks, holds); !bound) {
    (void)remove_unused_run_directory(request.layout, id);
    return cannot_start(named(bound.error()));
  }
  bool has_left = false;  // -d
  const auto give_up = [&](const Error& error) {
    write_failed_start(request.layout, record, error.message);
    (void)withdraw(request.layout, id);
    (void)remove_run_directory(request.layout, id);
    if (has_left) send_start_result(request.result, ExitStatus::CannotStart, named(error).message);
    return cannot_start(named(error));
  };
  if (const auto written = write_run_files(request, record, *lock); !written) return give_up(written.error());
  end_lap("state");

  if (request.result) {
    if (const auto left = leave_caller(request, record); !left) return give_up(left.error());
    has_left = true;
    if (request.wait != Awaited::Nothing)
      holds.push_back({ready_hold, Fd(::fcntl(request.result.get(), F_DUPFD_CLOEXEC, 3))});
  }
  auto variables = file_variables_of(request.loaded);
  auto end = fork_with_pause(request, id, variables, std::move(holds), *lock);
  if (!end) return give_up(end.error());
  end_lap("fork the supervisor");

  // This process is the supervisor now; the pause has the pid that the caller knows.
  set_process_title("podrun: " + id);
  record.pause = end->pause;
  if (request.result && request.wait == Awaited::Nothing) {
    send_start_result(request.result, ExitStatus::Succeeded, "");
    request.result.reset();
  }
  ::_exit(supervise({.layout = std::move(request.layout),
                     .plan = std::move(request.loaded.plan),
                     .facts = std::move(request.loaded.facts),
                     .record = std::move(record),
                     .pause_socket = std::move(end->socket),
                     .ready = std::move(request.result),
                     .file_variables = std::move(variables)}));
}

}  // namespace podrun::supervisor
