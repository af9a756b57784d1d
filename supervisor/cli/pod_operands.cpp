// The pods and containers that a command line names; see pod_operands.hpp.
#include "supervisor/cli/pod_operands.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/cli/verbs.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/find_pod.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor {
namespace {

std::string name_of(Verb verb) {
  const auto found = std::ranges::find(verbs(), verb, &VerbSpec::verb);
  return found == verbs().end() ? "" : std::string(found->name);
}

bool takes_container(Verb verb) {
  return verb == Verb::Logs || verb == Verb::Attach || verb == Verb::Exec || verb == Verb::Debug || verb == Verb::Why;
}

/// "sh -l", or a placeholder for words that a shell would read in another way.
std::string shown_command(const std::vector<std::string>& command) {
  const std::string text = pod::joined(command, " ");
  const bool is_plain = text.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            " ./_-+=:,@%") == std::string::npos;
  return text.empty() || !is_plain ? "COMMAND" : text;
}

/// The same command line for a pod, and for a container of it or "".
std::string command_for(const Options& options, const std::string& pod, const std::string& container) {
  std::string line = Layout(options.root).command() + " " + name_of(options.verb);
  if (options.input || options.terminal)
    line += fmt::format(" -{}{}", options.input ? "i" : "", options.terminal ? "t" : "");
  if (options.follow) line += " -f";
  line += " " + pod;
  if (!container.empty()) line += (options.verb == Verb::Logs ? " " : "/") + container;
  if (options.verb == Verb::Debug) line += " --image " + (options.image.empty() ? "IMAGE" : options.image);
  if (options.verb == Verb::Exec || !options.command.empty()) line += " -- " + shown_command(options.command);
  return line;
}

std::vector<std::string> names_of(const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) names.push_back(pod::pod_name(id));
  return names;
}

bool is_in_namespace(const Options& options, const std::string& id) {
  return options.namespace_name.empty() || id.starts_with(options.namespace_name + "_");
}

std::vector<std::string> running_pods(const Layout& layout, const Options& options) {
  std::vector<std::string> ids = known_pods(layout);
  std::erase_if(ids, [&](const std::string& id) { return !is_in_namespace(options, id) || !is_running(layout, id); });
  return ids;
}

/// The pods that have ended, killed ones too, as far as something of them is left.
std::vector<std::string> ended_pods(const Layout& layout, const Options& options) {
  std::set<std::string> ids;
  for (std::string& id : known_pods(layout)) ids.insert(std::move(id));
  for (LoggedRun& run : logged_runs(layout)) ids.insert(std::move(run.id));
  std::erase_if(ids, [&](const std::string& id) { return !is_in_namespace(options, id) || is_running(layout, id); });
  return {ids.begin(), ids.end()};
}

/// The error for a name that is a container's; empty if it is none.
std::string named_container(const Layout& layout, const Options& options, const std::string& name) {
  const std::vector<NamedContainer> found = containers_named(layout, name, options.namespace_name);
  if (found.empty()) return "";
  std::vector<std::string> pods;
  for (const NamedContainer& container : found) pods.push_back(pod::pod_name(container.pod));
  const std::string sentence = fmt::format("{} is a container of pod{} {}", pod::in_quotes(name),
                                           pods.size() == 1 ? "" : "s", pod::joined(pods, ", "));
  if (takes_container(options.verb))
    return fmt::format("{}: {}", sentence, command_for(options, pods[0], found[0].name));
  return fmt::format("{}; {} takes the name of a pod", sentence, name_of(options.verb));
}

/// Whether an operand is the path of a manifest and cannot be taken for a name: NAME and NAMESPACE/NAME may be folders,
/// too.
bool is_path(const std::string& name) {
  return name.starts_with('/') || name.starts_with("./") || name.starts_with("../") || name.ends_with(".yaml") ||
         name.ends_with(".yml") || name.ends_with(".json");
}

/// Whether an operand names a manifest that is there.
bool is_manifest(const std::string& name) {
  return name == "-" || (is_path(name) && ::access(name.c_str(), F_OK) == 0);
}

/// The pods of manifests. What is unknown in them does not matter here.
CommandResult<std::vector<std::string>> pods_of_manifests(const Options& options,
                                                          const std::vector<std::string>& files) {
  const auto sources = read_sources(files);
  if (!sources) return std::unexpected(sources.error());
  Selection selection = selection_of(options);
  selection.read_options.leniency = pod::Leniency::Lenient;
  const auto selected = select_pods(*sources, selection);
  if (!selected) return std::unexpected(selected.error());
  std::vector<std::string> ids;
  for (const SelectedPod& each : selected->pods) ids.push_back(pod::pod_id(each.pod.metadata));
  return ids;
}

/// The error for a name that is a manifest's; empty if it is none.
std::string named_manifest(const Options& options, const std::string& name) {
  if (name == "-" || !is_manifest(name)) return "";
  const auto ids = pods_of_manifests(options, {name});
  if (!ids) return "";
  const std::vector<std::string> pods = names_of(*ids);
  return fmt::format("{} is the manifest of pod {}: {}", pod::in_quotes(name), pod::joined(pods, ", "),
                     command_for(options, pods[0], ""));
}

/// The error for POD/CONTAINER where only a pod can be named; empty if there is no such pod.
std::string named_in_pod(const Layout& layout, const Options& options, const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos || takes_container(options.verb)) return "";
  const auto pod = find_pod(layout, name.substr(0, slash), options.namespace_name);
  if (!pod) return "";
  return fmt::format("no pod {}; {} takes the name of a pod: {}", pod::in_quotes(name), name_of(options.verb),
                     pod::pod_name(*pod));
}

/// The error for the path of a file that is not there, where it would stand for its pods; empty if it is none.
std::string named_no_file(const Options& options, const std::string& name) {
  const bool takes_files = options.verb == Verb::Stop || options.verb == Verb::Rm;
  return takes_files && is_path(name) ? fmt::format("no pod and no file {}", pod::in_quotes(name)) : "";
}

/// The error for POD/CONTAINER if there is no such pod, but one that may be meant; empty if there is none.
std::string similar_container(const Layout& layout, const Options& options, const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos || !takes_container(options.verb)) return "";
  if (!similar_pod(layout, name, options.namespace_name).empty()) return "";
  const std::string pod = similar_pod(layout, name.substr(0, slash), options.namespace_name);
  if (pod.empty()) return "";
  return fmt::format("no pod {}; did you mean {}?", pod::in_quotes(name),
                     pod::in_quotes(pod + name.substr(slash)));
}

/// The error for a name that no pod has.
CommandError unknown_pod(const Layout& layout, const Options& options, const std::string& name,
                         CommandError otherwise) {
  for (const std::string& meant : {named_container(layout, options, name), named_manifest(options, name),
                                   named_in_pod(layout, options, name), named_no_file(options, name),
                                   similar_container(layout, options, name)})
    if (!meant.empty()) return fail_command(ExitStatus::NameConflict, meant).error();
  const bool is_number = options.namespace_name.find_first_not_of("0123456789") == std::string::npos;
  if (options.verb == Verb::Logs && !options.namespace_name.empty() && is_number)
    return fail_command(ExitStatus::NameConflict,
                        fmt::format("no pod {} in namespace {}; the last lines are --tail {}", pod::in_quotes(name),
                                    options.namespace_name, options.namespace_name))
        .error();
  return otherwise;
}

/// Takes POD/CONTAINER apart. NAMESPACE/POD is meant if there is such a pod; one that runs comes first.
CommandResult<PodOperand> take_apart(const Layout& layout, const Options& options, const std::string& operand) {
  const std::size_t slash = operand.rfind('/');
  const auto whole = find_pod(layout, operand, options.namespace_name);
  if (slash == std::string::npos || (whole && is_running(layout, *whole))) {
    if (!whole) return std::unexpected(unknown_pod(layout, options, operand, whole.error()));
    return PodOperand{.id = *whole, .container = {}};
  }
  const auto pod = find_pod(layout, operand.substr(0, slash), options.namespace_name);
  if (pod && (!whole || is_running(layout, *pod)))
    return PodOperand{.id = *pod, .container = operand.substr(slash + 1)};
  if (whole) return PodOperand{.id = *whole, .container = {}};
  return std::unexpected(unknown_pod(layout, options, operand, whole.error()));
}

/// "web" of kubectl's "pod/web", unless there is a pod web of a namespace pod.
std::string without_kind(const Layout& layout, const Options& options, const std::string& operand) {
  for (const std::string_view kind : {"pod/", "pods/", "po/"})
    if (operand.starts_with(kind) && !find_pod(layout, operand, options.namespace_name))
      return operand.substr(kind.size());
  return operand;
}

void add(NamedPods& pods, std::string id) {
  if (std::ranges::find(pods.ids, id) == pods.ids.end()) pods.ids.push_back(std::move(id));
}

void add_manifests(NamedPods& pods, const Options& options, const std::vector<std::string>& files) {
  const auto ids = pods_of_manifests(options, files);
  if (!ids) return pods.errors.push_back(ids.error());
  for (const std::string& id : *ids) add(pods, id);
}

}  // namespace

CommandResult<PodOperand> find_operand(const Layout& layout, const Options& options) {
  const std::string& operand = options.operands.front();
  if (!takes_container(options.verb)) {
    const auto id = find_pod(layout, operand, options.namespace_name);
    if (!id) return std::unexpected(unknown_pod(layout, options, operand, id.error()));
    return PodOperand{.id = *id, .container = {}};
  }
  auto found = take_apart(layout, options, operand);
  if (!found) return found;
  for (const std::string& name : {options.operands.size() > 1 ? options.operands[1] : "", options.container}) {
    if (name.empty()) continue;
    if (!found->container.empty() && found->container != name)
      return fail_command(ExitStatus::Invalid, fmt::format("{}: two containers are named: {} and {}",
                                                           name_of(options.verb), found->container, name));
    found->container = name;
  }
  if (options.all_containers && !found->container.empty())
    return fail_command(ExitStatus::Invalid, "logs: --all-containers and CONTAINER exclude each other");
  return found;
}

NamedPods find_pods(const Layout& layout, const Options& options) {
  if (options.all && options.verb == Verb::Stop) return {.ids = running_pods(layout, options)};
  NamedPods pods;
  if (options.all && options.verb == Verb::Rm) {
    pods.ids = ended_pods(layout, options);
    if (options.force) std::ranges::copy(running_pods(layout, options), std::back_inserter(pods.ids));
    return pods;
  }
  for (const std::string& typed : options.operands) {
    const std::string operand = options.verb == Verb::Wait ? without_kind(layout, options, typed) : typed;
    const auto id = find_pod(layout, operand, options.namespace_name);
    if (id)
      add(pods, *id);
    else if (options.verb != Verb::Ps && options.verb != Verb::Wait && is_manifest(operand))
      add_manifests(pods, options, {operand});
    else
      pods.errors.push_back(unknown_pod(layout, options, operand, id.error()));
  }
  if (!options.files.empty()) add_manifests(pods, options, options.files);
  return pods;
}

std::string pods_hint(const Options& options) {
  if (::geteuid() != 0) return "";  // others cannot see which pods there are
  const Layout layout(options.root);
  std::vector<std::string> names = names_of(running_pods(layout, options));
  std::string_view what = "runs", of_several = "these pods run";
  constexpr std::array of_ended{Verb::Logs, Verb::Timeline, Verb::Rm, Verb::Status, Verb::Events, Verb::Why};
  const bool takes_ended = std::ranges::find(of_ended, options.verb) != of_ended.end();
  if (options.verb == Verb::Rm && options.force) {  // it takes both
    std::ranges::move(names_of(ended_pods(layout, options)), std::back_inserter(names));
    return names.empty() ? "; there is no pod" : "; there is: " + pod::joined(names, ", ");
  }
  if (options.verb == Verb::Rm || (takes_ended && names.empty())) {
    names = names_of(ended_pods(layout, options));
    what = "has ended";
    of_several = "these pods have ended";
    if (names.empty()) return options.verb == Verb::Rm ? "; no pod has ended" : "; there is no pod";
  }
  if (names.empty()) return "; no pod runs";
  if (names.size() == 1) return fmt::format("; pod {} {}: {}", names[0], what, command_for(options, names[0], ""));
  return fmt::format("; {}: {}", of_several, pod::joined(names, ", "));
}

}  // namespace podrun::supervisor
