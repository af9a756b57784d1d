// Namespaces of one container, made by a short-lived process so that no other process is in them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/plan/steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes a namespace and returns the descriptor that keeps it and that setns(2) takes: a network namespace with lo up,
/// a UTS namespace with a name, a time namespace with its offsets, a cgroup namespace rooted at the group `cgroup`.
Result<Fd> make_namespace(const pod::host::MakeNamespace& step, int cgroup);

/// The namespaces that several containers of a pod use and that outlive each of them: the pause holds them.
class HeldNamespaces {
 public:
  using Hold = std::function<Result<>(const std::string& name, int fd)>;

  /// `hold` gives the pause a descriptor to hold under a name.
  explicit HeldNamespaces(Hold hold) : hold_(std::move(hold)) {}

  /// The name under which the pause holds the namespace of a step: "ns/web/net".
  static std::string name_of(const pod::host::MakeNamespace& step);

  /// Whether the pause holds a namespace under that name.
  static bool is_name(std::string_view name);
  /// Takes over what the pause holds under that name.
  void adopt(const std::string& name, Fd fd);

  /// The namespace of a step, as a new descriptor. If it does not exist yet, it is made and held.
  Result<Fd> get(const pod::host::MakeNamespace& step);

 private:
  Hold hold_;
  std::map<std::string, Fd> held_;
};

}  // namespace podrun::ns
