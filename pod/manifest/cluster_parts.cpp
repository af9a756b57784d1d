// Makes references to objects of the cluster optional.
#include "pod/manifest/cluster_parts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "pod/text/overloaded.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using yaml::find;
using yaml::item;
using yaml::Node;

/// The ConfigMaps with certificates that Kubernetes and OpenShift put into each namespace.
constexpr std::array certificates{"kube-root-ca.crt"sv, "openshift-service-ca.crt"sv};
constexpr std::string_view token_path = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Whether a Secret has the name of a service account's token: default-token-x7k2p.
bool is_token(std::string_view name) {
  constexpr std::string_view infix = "-token-";
  constexpr std::size_t suffix = 5;
  return name.size() > infix.size() + suffix && name.substr(0, name.size() - suffix).ends_with(infix);
}

class ClusterParts {
 public:
  ClusterParts(Pod& pod, DiagnosticCollector& report) : pod_(pod), report_(report) {}

  void leave_out(Volume& volume, const Node* node) {
    std::visit(Overloaded{[&](ConfigMapFiles& files) { leave_out(files, find(node, {"configMap"})); },
                          [&](SecretFiles& files) {
                            if (is_mounted_for_token(volume.name)) leave_out(files, find(node, {"secret"}));
                          },
                          [&](Projected& projected) {
                            const Node* sources = find(node, {"projected", "sources"});
                            for (std::size_t i = 0; i < projected.sources.size(); ++i)
                              if (auto* files = std::get_if<ConfigMapFiles>(&projected.sources[i]))
                                leave_out(*files, find(item(sources, i), {"configMap"}));
                          },
                          [](auto&) {}},
               volume.source);
  }

 private:
  bool is_mounted_for_token(std::string_view volume) const {
    return std::ranges::any_of(pod_.spec.containers, [&](const Container& container) {
      return std::ranges::any_of(container.volume_mounts, [&](const VolumeMount& mount) {
        return mount.name == volume && mount.mount_path == token_path;
      });
    });
  }

  void leave_out(ConfigMapFiles& files, const Node* node) {
    const bool is_certificate = std::ranges::find(certificates, files.name) != certificates.end();
    if (files.optional || !is_certificate || pod_.objects.config_map(files.name) != nullptr) return;
    files.optional = true;
    warn(find(node, {"name"}),
         fmt::format("the ConfigMap {} is left out: there is no cluster whose certificates it would have",
                     in_quotes(files.name)));
  }
  void leave_out(SecretFiles& files, const Node* node) {
    if (files.optional || !is_token(files.name) || pod_.objects.secret(files.name) != nullptr) return;
    files.optional = true;
    warn(find(node, {"secretName"}),
         fmt::format("the Secret {} is left out: there is no API server to show its token to", in_quotes(files.name)));
  }
  void warn(const Node* node, std::string message) {
    if (node != nullptr) report_.warn(node->at, std::move(message));
  }

  Pod& pod_;
  DiagnosticCollector& report_;
};

}  // namespace

void leave_out_cluster_parts(Pod& pod, const Node& root, DiagnosticCollector& report) {
  ClusterParts parts(pod, report);
  const Node* volumes = find(&root, {"spec", "volumes"});
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i) parts.leave_out(pod.spec.volumes[i], item(volumes, i));
}

}  // namespace podrun::pod
