// Loads the pods of manifests.
#include "supervisor/cli/load_pods.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "pod/manifest/resources.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/json_of.hpp"
#include "supervisor/state/pod_view.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {
namespace {

LoadRequest request_for(const PodsRequest& request, pod::Pod pod, const std::string& source) {
  LoadRequest each = request.common;
  each.uid = request.uid(pod);
  each.pod = std::move(pod);
  each.source = source;
  return each;
}

/// The pod as its manifest has it, for who asks for its status.
std::string given_text(const pod::FieldPlaces& places, const pod::PodSpec& spec) {
  const auto member = [&](std::string_view name) {
    const pod::yaml::Node* const node = places.root() == nullptr ? nullptr : places.root()->find(name);
    return node == nullptr ? pod::json::Value() : pod::yaml::json_of(*node);
  };
  return to_json(GivenPod{.metadata = member("metadata"),
                          .spec = member("spec"),
                          .qos_class = std::string(pod::qos_class(spec))});
}

/// The report of all sources.
class Report {
 public:
  Report(const std::vector<pod::ManifestSource>& sources, pod::Manifests& manifests)
      : sources_(sources), manifests_(manifests) {}

  void add(const pod::ParsedPod& pod, const LoadFailure& failure) {
    if (!status_ || *status_ == ExitStatus::CannotStart || failure.status == ExitStatus::Bug) status_ = failure.status;
    add_diagnostics(manifests_, sources_, pod, failure.errors);
  }

  bool has_failures() const { return status_.has_value(); }
  CommandError error() const {
    return {status_.value_or(ExitStatus::Invalid), shown_diagnostics(sources_, manifests_)};
  }

 private:
  const std::vector<pod::ManifestSource>& sources_;
  pod::Manifests& manifests_;
  std::optional<ExitStatus> status_;  ///< a mistake wins over what the host lacks: it is to be corrected first
};

/// The mistakes of manifests that are not sound, with those that this host shows.
CommandError all_mistakes(const std::vector<pod::ManifestSource>& sources, pod::Manifests& manifests,
                          const PodsRequest& request) {
  Report report(sources, manifests);
  for (pod::ParsedPod& each : manifests.pods)
    if (is_selected(each.pod, request.selection))
      report.add(each, failure_of_unsound(request_for(request, std::move(each.pod), sources[each.source].name)));
  CommandError error = report.error();
  error.status = ExitStatus::Invalid;
  return error;
}

}  // namespace

CommandResult<LoadedPods> load_pods(const std::vector<pod::ManifestSource>& sources, const PodsRequest& request) {
  pod::Manifests manifests = pod::read_manifests(sources, request.selection.read_options);
  if (!pod::has_no_errors(manifests)) return std::unexpected(all_mistakes(sources, manifests, request));
  const auto selected = select_among(sources, manifests, request.selection, request.only_one);
  if (!selected) return std::unexpected(selected.error());
  end_lap("manifest");
  LoadedPods loaded;
  Report report(sources, manifests);
  for (const std::size_t index : *selected) {
    pod::ParsedPod& each = manifests.pods[index];
    auto pod = try_load(request_for(request, std::move(each.pod), sources[each.source].name));
    if (pod) {
      pod->given = given_text(each.places, pod->pod.spec);
      loaded.pods.push_back(std::move(*pod));
    } else {
      report.add(each, pod.error());
    }
  }
  if (report.has_failures()) return std::unexpected(report.error());
  loaded.warnings = shown_diagnostics(sources, manifests);
  return loaded;
}

void add_diagnostics(pod::Manifests& manifests, const std::vector<pod::ManifestSource>& sources,
                     const pod::ParsedPod& pod, const std::vector<Error>& errors, pod::Severity severity) {
  pod::DiagnosticCollector report(pod::without_bom(sources[pod.source].text));
  for (const Error& error : errors) {
    if (!pod.places.is_sound(error.field)) continue;
    if (error.field.empty())
      report.add_for_file(error.message);
    else if (severity == pod::Severity::Error)
      report.add(pod.places.at(error.field), error.message);
    else
      report.warn(pod.places.at(error.field), error.message);
  }
  std::ranges::move(report.diagnostics(), std::back_inserter(manifests.diagnostics[pod.source]));
}

}  // namespace podrun::supervisor
