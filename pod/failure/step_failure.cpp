// Joins the reason of a failure, the step, and the system's error.
#include "pod/failure/step_failure.hpp"

#include <cerrno>
#include <cstring>
#include <variant>

#include <fmt/format.h>

#include "pod/failure/reasons.hpp"
#include "pod/plan/describe.hpp"

namespace podrun::pod {
namespace {

std::string joined(const std::string& reason, const std::string& step, std::string_view error) {
  if (reason.empty()) return fmt::format("{}: {}", step, error);
  if (reason.ends_with(error)) return fmt::format("{} ({})", reason, step);
  return fmt::format("{} ({}: {})", reason, step, error);
}

/// The error with its reason before it.
Error explained(const std::string& reason, const Error& error) {
  return reason.empty() ? error : Error{fmt::format("{} ({})", reason, error.message), error.number};
}

std::string cgroup_reason(int error) {
  switch (error) {
    case EROFS:
    case EACCES:
    case EPERM:
      return "this host does not let podrun make control groups, for example in a container that is not privileged";
    case EAGAIN:
      return "this host allows no more control groups (cgroup.max.descendants, cgroup.max.depth)";
    case ENOENT:
    case EBUSY:
    case EOPNOTSUPP:
      return "";
    default:
      return host_reason(error);
  }
}

}  // namespace

Error file_step_failure(const PodPlan& plan, std::size_t index, const Error& error) {
  const std::string step = step_words("file step", index, plan.files.size(), describe(plan.files[index]));
  return {joined(reason_of(plan.files[index], error), step, error.message), error.number};
}

Error memory_step_failure(const PodPlan& plan, std::size_t index, const Error& error) {
  const std::string step = step_words("memory step", index, plan.memory.size(), describe(plan.memory[index]));
  return {joined(reason_of(plan.memory[index], error.number), step, error.message), error.number};
}

Error sandbox_step_failure(const std::vector<SandboxStep>& steps, std::size_t index, int error) {
  const std::string step = step_words("sandbox step", index, steps.size(), describe(steps[index]));
  return {joined(reason_of(steps[index], error), step, ::strerror(error)), error};
}

Error network_step_failure(const NetworkPlan& network, std::size_t index, const Error& error) {
  const std::string step = step_words("network step", index, network.steps.size(), describe(network.steps[index]));
  return {joined(reason_of(network.steps[index], network, error.number), step, error.message), error.number};
}

Error host_step_failure(const ContainerPlan& plan, std::size_t index, const Error& error) {
  const std::string step = step_words("host step", index, plan.host.size(), describe(plan.host[index], plan));
  return {joined(reason_of(plan.host[index], plan, error), step, error.message), error.number};
}

std::string child_step_failure(const ContainerPlan& plan, std::size_t index, int error, const ProgramFacts& program) {
  if (index >= plan.child.size()) return fmt::format("step {}: {}", index + 1, ::strerror(error));
  const std::string step = step_words("step", index, plan.child.size(), describe(plan.child[index], plan));
  const auto* const exec = std::get_if<step::Exec>(&plan.child[index]);
  const std::string reason =
      exec != nullptr ? program_reason(plan, *exec, error, program) : reason_of(plan, index, error);
  return joined(reason, step, ::strerror(error));
}

std::string foreseen_reason(const ContainerPlan& plan, std::size_t index, int error) {
  const std::string reason = reason_of(plan, index, error);
  return reason.empty() ? std::string(::strerror(error)) : reason;
}

std::string foreseen_sub_path_reason(const ContainerPlan& plan, std::size_t index, int error) {
  return reason_of(plan.host[index], plan, Error{"subPath ", error});
}

Error process_failure(const Error& error) {
  return explained(host_reason(error.number), error);
}

Error cgroup_failure(const Error& error) {
  return explained(cgroup_reason(error.number), error);
}

}  // namespace podrun::pod
