// Prints a plan in the form of `podrun plan`.
#include "pod/plan/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pod/annotations/network_choice.hpp"
#include "pod/plan/describe_words.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

constexpr std::size_t number_end = 14;    ///< column at which the numbers of steps end
constexpr std::size_t detail_begin = 28;  ///< column at which details begin
constexpr std::size_t line_width = 120;

/// Writes the lines of a plan in columns.
class Page {
 public:
  explicit Page(std::string_view storage) : storage_(escaped(storage) + "/") {}

  void heading(std::string_view left, std::string_view right) {
    text_ += fmt::format("{:<{}} {}\n", left, detail_begin - 1, right);
  }

  /// Writes numbered steps below a title, or nothing if there are no steps.
  template <typename Steps, typename Describe>
  void steps(std::string_view title, const Steps& steps, Describe describe) {
    std::size_t number = 0;
    for (const auto& step : steps) {
      const auto [action, detail] = describe(step);
      const auto label = number == 0 ? title : std::string_view{};
      const auto count = std::to_string(++number);
      const std::string numbered = fmt::format("{:<{}}{} {}", label, number_end - count.size(), count, action);
      line(numbered, abbreviated(detail));
    }
  }

  /// Writes words, on more than one line if need be.
  void line(std::string left, std::string_view words) {
    for (const auto& part : wrapped(words, line_width - detail_begin)) {
      text_ += fmt::format("{:<{}} {}\n", left, detail_begin - 1, part);
      left.clear();
    }
  }

  std::string take() && { return std::move(text_); }

 private:
  /// Abbreviates the pod's directory, which the first lines name, to "…".
  std::string abbreviated(std::string detail) const {
    for (auto at = detail.find(storage_); at != detail.npos; at = detail.find(storage_, at))
      detail.replace(at, storage_.size(), "…/");
    return detail;
  }

  std::string storage_;
  std::string text_;
};

std::string composition(const ContainerPlan& container, const PodPlan& plan) {
  std::vector<std::string> parts;
  const auto part = [&](NamespaceOwner owner, std::string_view words) {
    const auto kinds = kinds_of(container.namespaces, owner);
    if (!kinds.empty()) parts.push_back(fmt::format("{} {}", words, names_of(kinds)));
  };
  part(NamespaceOwner::Private, "new");
  part(NamespaceOwner::Pod, "shares");
  for (std::size_t other = 0; other < plan.containers.size(); ++other) {
    NamespaceSet kinds;
    for (const auto kind : kinds_of(container.namespaces, NamespaceOwner::Container))
      if (source_of(container.namespaces, kind).container == other) kinds.push_back(kind);
    if (!kinds.empty()) parts.push_back(fmt::format("{}'s {}", plan.containers[other].name, names_of(kinds)));
  }
  part(NamespaceOwner::Host, "host's");
  parts.push_back(fmt::format("into cgroup {}/{}", escaped(plan.id), escaped(container.name)));
  return joined(parts, " · ");
}

/// The back-off times, if they differ from those of Kubernetes.
std::string other_backoff(const BackoffTimes& times) {
  if (times == BackoffTimes{}) return "";
  return fmt::format("  backoff={}…{} reset={}", to_text(times.initial), to_text(times.max), to_text(times.reset));
}

/// A restart policy and rules that are not the pod's.
std::string own_restarts(const ContainerPlan& container) {
  std::string words;
  if (container.restart_policy && container.role != ContainerRole::Sidecar)
    words += fmt::format("  restartPolicy={}", name_of(*container.restart_policy));
  for (const RestartRule& rule : container.restart_rules)
    words += fmt::format("  restart{} if exit code {} {}",
                         rule.action == RestartRule::Action::RestartAllContainers ? " all" : "",
                         rule.exit_codes == RestartRule::Operator::In ? "in" : "not in", fmt::join(rule.values, ", "));
  return words;
}

/// A network: its ports, its steps, and the table of the packet filter.
void network_part(const NetworkPlan& network, Page& page) {
  const std::string whose = network.container.empty() ? "" : fmt::format(" of {}", escaped(network.container));
  page.line(fmt::format("  network{}", whose),
            fmt::format("{} {}; the start claims number {}, or the next that is free",
                        network.interface, address_words(network.addresses), network.number));
  for (const PublishedPort& port : network.ports)
    page.heading("    port", fmt::format("{} of the host → {} of {}", port_words(port), port.container_port,
                                         escaped(port.container)));
  page.steps("    steps", network.steps, [](const auto& step) { return describe(step); });
  const auto add_table = [&](const nft::Table& table) {
    for (std::string_view label = "    table"; const std::string& line : lines_of(text_of(table))) {
      page.heading(label, line);
      label = "";
    }
  };
  for (const NetworkStep& step : network.steps) {
    if (const auto* filter = std::get_if<network::Filter>(&step)) add_table(filter->table);
    if (const auto* shared = std::get_if<network::SharedFilter>(&step)) {
      add_table(shared->table);
      for (const nft::Element& element : shared->elements)
        page.heading("    element", fmt::format("{} {{ {} }}", element.set, text_of(element.value)));
    }
  }
}

/// What is done while the container runs, and before it is stopped.
void lifecycle(const ContainerPlan& container, Page& page) {
  if (container.hooks.post_start) page.line("    postStart", hook_words(*container.hooks.post_start));
  for (const ProbeKind kind : {ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness})
    if (const auto& probe = container.probes[kind])
      page.line(fmt::format("    {}", field_of(kind)), probe_words(kind, *probe));
  if (container.hooks.pre_stop) page.line("    preStop", hook_words(*container.hooks.pre_stop));
  if (container.stop_signal != default_stop_signal) page.line("    stopSignal", signal_name(container.stop_signal));
}

std::string deadline(const PodPlan& plan) {
  return plan.active_deadline_seconds ? fmt::format("  deadline={}s", *plan.active_deadline_seconds) : "";
}

}  // namespace

std::string to_text(const PodPlan& plan) {
  Page page{plan.storage};
  page.heading("pod " + escaped(pod_name(plan.id)),
               fmt::format("restartPolicy={}  grace={}s{}{}", name_of(plan.restart_policy), plan.grace_seconds,
                           deadline(plan), other_backoff(plan.backoff)));
  page.heading("  storage", fmt::format("{} (… below)", escaped(plan.storage)));
  const auto words = [](const auto& step) { return describe(step); };
  page.steps("  files", plan.files, words);
  page.steps("  sandbox", plan.sandbox, words);
  page.steps("  memory", plan.memory, words);
  for (const NetworkPlan& each : plan.networks) network_part(each, page);
  for (const auto& container : plan.containers) {
    const auto container_words = [&](const auto& step) { return describe(step, container); };
    page.heading(fmt::format("  {} {}", name_of(container.role), escaped(container.name)),
                 fmt::format("({}){}", escaped(container.image), own_restarts(container)));
    if (container.awaits_image)
      page.line("    image", "is fetched first, because this host does not have it: its steps are known then");
    page.steps("    host", container.host, container_words);
    page.heading("    clone", composition(container, plan));
    for (const auto& remark : container.remarks) page.heading("      why", escaped(remark));
    page.steps("    child", container.child, container_words);
    lifecycle(container, page);
  }
  return std::move(page).take();
}

}  // namespace podrun::pod
