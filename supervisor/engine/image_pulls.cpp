// Images that containers of a running pod wait for.
#include "supervisor/engine/image_pulls.hpp"

#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/image_store.hpp"
#include "pod/environment/env_file.hpp"
#include "pod/image/image_reference.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/images/image_tools.hpp"
#include "supervisor/images/login_files.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

constexpr bool normal = false, warning = true;
constexpr std::string_view hold_prefix = "image/";

/// How long a failed attempt is called ErrImagePull, before it is ImagePullBackOff.
constexpr std::chrono::seconds attempt_is_news{2};

constexpr char pull_error[] = "ErrImagePull", pull_backoff[] = "ImagePullBackOff";

std::string variable(const char* name) {
  const char* const value = ::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string image_hold(std::size_t number) { return fmt::format("{}{}", hold_prefix, number); }

std::chrono::nanoseconds pull_delay(const pod::BackoffTimes& times, int attempt) {
  std::chrono::nanoseconds delay = times.initial;
  for (int i = 1; i < attempt && delay < times.max; ++i) delay *= 2;
  return std::min<std::chrono::nanoseconds>(delay, times.max);
}

void ImagePulls::begin(const ns::Holdings& holdings) {
  for (const ns::KeptItem& hold : holdings.holds) {
    if (!hold.name.starts_with(hold_prefix)) continue;
    std::size_t number = 0;
    std::from_chars(hold.name.data() + hold_prefix.size(), hold.name.data() + hold.name.size(), number);
    holds_ = std::max(holds_, number + 1);
  }
  if (!pod_.file_variables) return;
  find_former_images();
  const auto& [pod, inputs] = *pod_.file_variables;
  const auto wanted = wanted_images(pod);
  for (std::size_t i = 0; i < pod_.plan.containers.size(); ++i) {
    if (!pod_.plan.containers[i].awaits_image) continue;
    for (const std::string& reference : pod::image_references(pod, pod.spec.containers.at(i))) {
      if (inputs.images.contains(reference)) continue;
      auto pull = std::ranges::find(pulls_, reference, &Pull::reference);
      if (pull == pulls_.end())
        pull = pulls_.insert(pull, {.reference = reference, .wanted = wanted.at(reference), .containers = {}});
      pull->containers.push_back(i);
    }
  }
  for (Pull& pull : pulls_) start(pull);
}

/// Of containers whose plans are compiled at each launch, the images that a former supervisor has fetched.
void ImagePulls::find_former_images() {
  auto& [pod, inputs] = *pod_.file_variables;
  for (std::size_t i = 0; i < pod_.plan.containers.size(); ++i) {
    const pod::ContainerPlan& plan = pod_.plan.containers[i];
    if (plan.awaits_image) continue;
    for (const std::string& reference : pod::image_references(pod, pod.spec.containers.at(i))) {
      if (inputs.images.contains(reference)) continue;
      const bool is_its_own = reference == plan.image && !plan.image_id.empty();
      auto found = find_stored_image(reference, is_its_own ? plan.image_id : reference, pod_.layout.image_store());
      if (found) inputs.images.emplace(reference, std::move(found->image));
      else log_warning("{}: {}", plan.name, found.error().message);
    }
  }
}

void ImagePulls::end() {
  for (Pull& pull : pulls_)
    if (pull.task) {
      (void)ns::send_signal(pull.task->process, SIGKILL);
      (void)ns::wait_for(pull.task->process);
    }
  pulls_.clear();
}

// ---- one attempt ----

void ImagePulls::start(Pull& pull) {
  ++pull.attempt;
  pull.begun = boot_now();
  pull.answer.clear();
  note(pull, normal, "Pulling", fmt::format("Pulling image \"{}\"", pull.reference));
  log_info("pulling image {}", pod::escaped(pull.reference));
  auto task = start_task(pull);
  if (!task) return on_failure(pull, task.error().message);
  pull.task = std::move(*task);
  auto watch = pod_.loop.watch(pull.task->reports.get(), EPOLLIN, [this, &pull] { on_report(pull); });
  if (watch) pull.watch = std::move(*watch);
  else on_end(pull, {.fault = ns::FetchFault::Other, .message = watch.error().message});
}

Result<PullTask> ImagePulls::start_task(const Pull& pull) {
  const OpenImageTools opened = TRY(open_image_tools(pod_.record.program));
  const PullRequest request{.reference = TRY(pod::parse_image_reference(pull.reference)),
                            .policy = pull.wanted.policy,
                            .logins = logins(pull)};
  const Fd group = TRY(sandbox_.cgroup().helpers());
  return start_pull(ns::ImageStore(pod_.layout.image_store()), opened.tools, request, group.get());
}

/// The credentials: those of imagePullSecrets, then those of this host. What is missing or cannot be read is told, and the
/// image may be public all the same.
std::vector<std::vector<pod::RegistryLogin>> ImagePulls::logins(const Pull& pull) {
  std::vector<std::vector<pod::RegistryLogin>> sources;
  std::vector<std::string> missing;
  const pod::Pod& pod = pod_.file_variables->pod;
  for (const std::string& name : pod.spec.image_pull_secrets) {
    const pod::Secret* secret = pod.objects.secret(name);
    bool is_read = false;
    for (const char* key : {".dockerconfigjson", ".dockercfg"}) {
      if (secret == nullptr || !secret->data.contains(key)) continue;
      auto read = pod::parse_logins(secret->data.at(key), fmt::format("Secret {}", name));
      if (!read) continue;
      is_read = true;
      sources.push_back(std::move(*read));
    }
    if (!is_read) missing.push_back(name);
  }
  if (!missing.empty())
    note(pull, warning, "FailedToRetrieveImagePullSecret",
         fmt::format("Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
                     pod::joined(missing, ", ")));
  auto of_host = logins_of_host(variable);
  if (!of_host) log_warning("{}", of_host.error().message);
  else std::ranges::move(*of_host, std::back_inserter(sources));
  return sources;
}

void ImagePulls::on_report(Pull& pull) {
  if (const auto result = read_pull_result(*pull.task, pull.answer)) on_end(pull, *result);
}

void ImagePulls::on_end(Pull& pull, const PullResult& result) {
  pull.watch.reset();
  (void)ns::wait_for(pull.task->process);
  pull.task.reset();
  for (const std::string& each : result.notes) log_warning("image {}: {}", pod::escaped(pull.reference), each);
  if (result.fault) {
    const bool may_be_old = pull.wanted.policy == pod::PullPolicy::Always && pull.wanted.is_default;
    if (!may_be_old || !take(pull, pull.reference)) return on_failure(pull, result.message);
    note(pull, warning, "Failed",
         fmt::format("Failed to pull image \"{}\": {}; the image of that name on this host is used", pull.reference,
                     result.message));
    log_warning("image {}: {}; the one on this host is used", pod::escaped(pull.reference), result.message);
    return update(pull);
  }
  // By the digest, because the name may lead to another image by now.
  const std::string repository = result.name.substr(0, result.name.find('@'));
  const std::size_t tag = repository.rfind(':');
  const bool has_tag = tag != repository.npos && repository.find('/', tag) == repository.npos;
  const std::string exact =
      fmt::format("{}@{}", has_tag ? repository.substr(0, tag) : repository, result.manifest_digest);
  auto taken = take(pull, result.name);
  if (!taken) taken = take(pull, exact);
  if (!taken) return on_failure(pull, taken.error().message);
  const std::string took = human_duration(boot_now() - pull.begun);
  note(pull, normal, "Pulled",
       result.was_here && pull.wanted.policy != pod::PullPolicy::Always
           ? fmt::format("Container image \"{}\" already present on machine", pull.reference)
           : fmt::format("Successfully pulled image \"{}\" in {} ({} including waiting). Image size: {} bytes.",
                         pull.reference, took, took, result.size));
  log_info("image {} has come", pod::escaped(pull.reference));
  update(pull);
}

/// Has the pause hold the image's lock, and gives the image to who compiles the containers' plans.
Result<> ImagePulls::take(Pull& pull, const std::string& name) {
  LocalImage found = TRY(find_stored_image(pull.reference, name, pod_.layout.image_store()));
  TRY_VOID(pod_.pause.hold(image_hold(holds_), {found.lock.get()}));
  ++holds_;
  pod_.file_variables->inputs.images.insert_or_assign(pull.reference, std::move(found.image));
  return {};
}

// ---- failure and back-off ----

/// The folder of an image on this host that may be meant: a short name is one of a registry.
std::string ImagePulls::hint(const std::string& reference) const {
  const std::string folder = folder_of(pod_.record.program);
  const std::string meant = ns::similar_image(reference, pod_.layout.image_roots(folder));
  return meant.empty() ? "" : fmt::format("; this host has {}", meant);
}

void ImagePulls::on_failure(Pull& pull, const std::string& fault) {
  const std::string message = fault + hint(pull.reference);
  const std::string words = fmt::format("failed to pull image {}: {}", pull.reference, message);
  note(pull, warning, "Failed", fmt::format("Failed to pull image \"{}\": {}", pull.reference, message));
  note(pull, warning, "Failed", fmt::format("Error: {}", pull_error));
  const std::chrono::nanoseconds delay = pull_delay(pod_.plan.backoff, pull.attempt);
  log_warning("{}; next try in {}", words, human_duration(delay));
  const BootTime now = boot_now(), retry = now + delay;
  auto timer = pod_.loop.at(now + std::min<std::chrono::nanoseconds>(attempt_is_news, delay),
                            [this, &pull, message, retry] { begin_backoff(pull, message, retry); });
  if (timer) pull.timer = std::move(*timer);
  pull.has_failed = true;
  update(pull, pull_error, words);
}

void ImagePulls::begin_backoff(Pull& pull, const std::string& message, BootTime retry) {
  note(pull, normal, "BackOff", fmt::format("Back-off pulling image \"{}\"", pull.reference));
  note(pull, warning, "Failed", fmt::format("Error: {}", pull_backoff));
  auto timer = pod_.loop.at(retry, [this, &pull] { start(pull); });
  if (timer) pull.timer = std::move(*timer);
  update(pull, pull_backoff, fmt::format("Back-off pulling image \"{}\": {}: {}", pull.reference, pull_error, message));
}

/// Tells the lifecycle of each container whether all its images are there. Without a fault this one is.
void ImagePulls::update(const Pull& pull, const std::string& fault, const std::string& message) {
  const auto& images = pod_.file_variables->inputs.images;
  for (const std::size_t index : pull.containers) {
    const auto awaits = [&](const Pull& each) {
      return std::ranges::find(each.containers, index) != each.containers.end() && !images.contains(each.reference);
    };
    ContainerRecord& record = pod_.record.containers.at(index);
    const bool is_complete = std::ranges::none_of(pulls_, awaits);
    const bool has_failed =
        std::ranges::any_of(pulls_, [&](const Pull& each) { return awaits(each) && each.has_failed; });
    if (!fault.empty() || is_complete || !has_failed) {
      record.image_fault = fault;
      record.image_message = message;
    }
    ports_.changed(index, is_complete ? Image::Present : has_failed ? Image::Unavailable : Image::Awaited);
  }
}

void ImagePulls::note(const Pull& pull, bool is_warning, const std::string& reason, const std::string& message) {
  for (const std::size_t index : pull.containers) {
    const ContainerRecord& container = pod_.record.containers.at(index);
    ports_.note({.id = fmt::format("{}/image/{}/{}", container.name, boot_now().count(), message),
                 .time = wall_now(),
                 .is_warning = is_warning,
                 .reason = reason,
                 .container = container.name,
                 .role = container.role,
                 .message = message});
  }
}

}  // namespace podrun::supervisor
