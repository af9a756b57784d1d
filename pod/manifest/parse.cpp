// Parses YAML, decodes the tree into a Pod, and checks it, with one report for all of these.
#include "pod/manifest/parse.hpp"

#include "pod/manifest/validate.hpp"
#include "pod/manifest/validate_lifecycle.hpp"
#include "pod/schema/schema.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {
namespace {

/// Whether the manifest is of another kind than Pod, and not a misspelling of it, which is reported. Otherwise each of
/// its fields would be reported as unknown.
bool report_foreign_kind(const yaml::Node& root, DiagnosticCollector& report) {
  const yaml::Node* kind = root.find("kind");
  if (kind == nullptr || kind->text.empty() || !nearest(kind->text, {"Pod"}).empty()) return false;
  report.add(kind->at, "podrun runs manifests of kind Pod, but this is " + in_quotes(kind->text));
  return true;
}

}  // namespace

ParseResult parse_with_diagnostics(std::string_view text, Leniency leniency) {
  text = without_bom(text);
  DiagnosticCollector report(text, leniency);
  const yaml::Document document = yaml::read(text, report);
  if (document.roots.size() > 1)
    report.add(document.roots[1]->at, "a second document begins here, where one Pod is wanted");
  Pod pod;
  if (document.root != nullptr && !report_foreign_kind(*document.root, report)) {
    pod = decode<Pod>(*document.root, report);
    resolve_ports(pod.spec);
    validate(pod, *document.root, report);
  }
  ParseResult verdict{.pod = std::nullopt, .diagnostics = report.diagnostics()};
  if (report.empty()) verdict.pod = std::move(pod);
  return verdict;
}

std::expected<Pod, std::vector<Diagnostic>> parse(std::string_view text) {
  auto [pod, diagnostics] = parse_with_diagnostics(text, Leniency::Strict);
  if (pod) return *std::move(pod);
  std::erase_if(diagnostics, [](const Diagnostic& d) { return d.severity != Severity::Error; });
  return std::unexpected(std::move(diagnostics));
}

}  // namespace podrun::pod
