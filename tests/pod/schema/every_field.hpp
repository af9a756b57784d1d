// One manifest with every field of Pod that podrun does not refuse, made from the tables.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/schema/field_table.hpp"

namespace podrun::pod {

/// Writes the manifest. Each field of a table has a line of its own that ends with "# Type.field". Free-form values
/// follow their field on its line.
class EveryField {
 public:
  /// The whole Pod, as text.
  std::string manifest() {
    const Lines lines = versions("Pod").front();
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

 private:
  using Lines = std::vector<std::string>;

  /// Values of fields for which the type alone does not give a valid one.
  static std::string_view special(const std::string& field) {
    static const std::map<std::string_view, std::string_view> values{
        {"Capabilities.add", "[KILL]"},
        {"Capabilities.drop", "[KILL]"},
        {"Container.readinessProbe", "{exec: {command: [a]}}"},
        {"Container.restartPolicy", "Always"},
        {"Container.terminationMessagePath", "/a"},
        {"Container.workingDir", "/a"},
        {"ContainerRestartRule.action", "Restart"},
        {"ContainerPort.hostIP", "10.0.0.1"},
        {"ContainerPort.hostPort", "0"},
        {"HTTPGetAction.host", "10.0.0.1"},
        {"HostAlias.ip", "10.0.0.1"},
        {"HostPathVolumeSource.path", "/a"},
        {"ObjectFieldSelector.fieldPath", "metadata.name"},
        {"PersistentVolumeClaimSpec.accessModes", "[ReadWriteOnce]"},
        {"PersistentVolumeClaimSpec.resources", "{requests: {storage: 1}}"},
        {"PersistentVolumeClaimTemplate.metadata", "{labels: {a: b}}"},
        {"PodDNSConfig.nameservers", "[10.0.0.1]"},
        {"PodSpec.hostIPC", "false"},
        {"PodSpec.hostNetwork", "false"},
        {"PodSpec.resources", "{requests: {cpu: 9}, limits: {cpu: 9}}"},
        {"PodSpec.setHostnameAsFQDN", "false"},
        {"PodSpec.shareProcessNamespace", "false"},
        {"ResourceFieldSelector.resource", "limits.cpu"},
        {"SeccompProfile.type", "Localhost"},
        {"ServiceAccountTokenProjection.expirationSeconds", "600"},
        {"Sysctl.name", "kernel.shm_rmid_forced"},
        {"Sysctl.value", "\"1\""},
        {"TCPSocketAction.host", "10.0.0.1"},
        {"VolumeMount.name", "v1"},
    };
    const auto found = values.find(field);
    return found == values.end() ? "" : found->second;
  }

  static bool is_alternative(const std::string& field, const Row& row) {
    return row.presence.need == Need::OneOf || field == "EnvVar.value" || field == "EnvVar.valueFrom" ||
           field == "VolumeMount.subPath" || field == "VolumeMount.subPathExpr";
  }

  std::string scalar(const std::string& field, const Row& row) {
    if (field == "Container.name") return fmt::format("a{}", containers_++ == 0 ? "" : fmt::format("{}", containers_));
    if (field == "Volume.name") return fmt::format("v{}", ++volumes_);
    if (field == "VolumeMount.mountPath") return fmt::format("/m{}", ++paths_);
    if (field == "KeyToPath.path" || field == "DownwardAPIVolumeFile.path" ||
        field == "ServiceAccountTokenProjection.path")
      return fmt::format("m{}", ++paths_);
    if (const auto value = special(field); !value.empty()) return std::string(value);
    if (!row.accepted.empty()) return std::string(row.accepted.front());
    return std::string(plain(row.type));
  }

  static std::string_view plain(std::string_view type) {
    static const std::map<std::string_view, std::string_view> values{
        {"string", "a"},      {"boolean", "true"},     {"int32", "1"},
        {"int64", "1"},       {"IntOrString", "1"},    {"Quantity", "1"},
        {"[]string", "[a]"},  {"[]int64", "[1]"},      {"[]int32", "[1]"},
        {"FieldsV1", "{a: {}}"}, {"map[string]string", "{a: b}"}, {"map[string]Quantity", "{cpu: 1}"},
        {"Time", "2026-11-24T00:00:00Z"}};
    return values.at(type);
  }

  static void append(Lines& to, const Lines& lines, std::string_view first, std::string_view rest) {
    for (std::size_t i = 0; i < lines.size(); ++i) to.push_back(std::string(i == 0 ? first : rest) + lines[i]);
  }

  /// A field with its value. There are several if its type has several forms.
  std::vector<Lines> field(const Table& table, const Row& row) {
    const std::string name = fmt::format("{}.{}", table.type, row.name);
    const bool is_list = row.type.starts_with("[]");
    const std::string_view type = is_list ? row.type.substr(2) : row.type;
    if (find_table(type) == nullptr || !special(name).empty())
      return {{fmt::format("{}: {}  # {}", row.name, scalar(name, row), name)}};
    std::vector<Lines> out;
    for (const Lines& version : versions(type)) {
      if (out.empty() || !is_list) out.push_back({fmt::format("{}:  # {}", row.name, name)});
      append(out.back(), version, is_list ? "- " : "  ", "  ");
    }
    return out;
  }

  /// Every form of a mapping. The first has all fields, each other has the required fields and one more alternative.
  std::vector<Lines> versions(std::string_view type) {
    const Table& table = *find_table(type);
    std::vector<Lines> out;
    std::vector<Lines> alternatives;
    Lines all;
    for (const Row& row : table.rows) {
      if (row.support.level == SupportLevel::Refused) continue;
      if (is_alternative(fmt::format("{}.{}", type, row.name), row)) {
        for (Lines& version : field(table, row)) alternatives.push_back(std::move(version));
      } else {
        append(all, field(table, row).front(), "", "");
      }
    }
    if (alternatives.empty()) return {all};
    for (const Lines& alternative : alternatives) {
      Lines version = out.empty() ? all : needed(table);
      append(version, alternative, "", "");
      out.push_back(std::move(version));
    }
    return out;
  }

  Lines needed(const Table& table) {
    Lines lines;
    for (const Row& row : table.rows)
      if (row.presence.need == Need::Required) append(lines, field(table, row).front(), "", "");
    return lines;
  }

  int containers_ = 0;
  int volumes_ = 0;
  int paths_ = 0;
};

}  // namespace podrun::pod
