// Namespaces of one container's own: made by a short-lived process, so that nobody else is ever in them by mistake.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/plan/steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A new namespace, as the descriptor that keeps it and that setns(2) takes: a network namespace with lo up, a UTS one
/// with a name, a time one with its offsets, a cgroup one rooted at the group `cgroup`.
Result<Fd> make_namespace(const pod::host::MakeNamespace& step, int cgroup);

/// The namespaces that several containers of a pod use, and that outlive each of them: the pause keeps them.
class HeldNamespaces {
 public:
  using Hold = std::function<Result<>(const std::string& name, int fd)>;

  /// `hold` gives a descriptor to the pause under a name.
  explicit HeldNamespaces(Hold hold) : hold_(std::move(hold)) {}

  /// The name under which the pause keeps one: "ns/web/net".
  static std::string name_of(const pod::host::MakeNamespace& step);

  /// Takes over what the pause keeps under that name, if it is a namespace's.
  void adopt(const std::string& name, Fd fd);

  /// The namespace of a step, its own copy of the descriptor; made and held if it is not there yet.
  Result<Fd> get(const pod::host::MakeNamespace& step);

 private:
  Hold hold_;
  std::map<std::string, Fd> held_;
};

}  // namespace podrun::ns
