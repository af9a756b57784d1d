// Compares the namespaces that the plan promises with those that the kernel reports.
#include "supervisor/show/namespace_check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

using pod::NamespaceOwner;

class Comparison {
 public:
  Comparison(const NamespaceMatrix& matrix, const pod::PodPlan& plan) : matrix_(matrix), plan_(plan) {}

  void pause(const NamespaceRow& row) {
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) {
      const bool is_host = row.ids[kind] == matrix_.host.ids[kind];
      if (is_made_by<pod::sandbox::Unshare>(kind) == is_host)
        complain(row, kind, is_host ? "a new one" : the_hosts(kind));
    }
  }

  /// The init is a child of the pause and shares its namespaces, except the kinds that the plan makes for it.
  void init(const NamespaceRow& row) {
    const NamespaceRow& parent = matrix_.members.front();
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) {
      const bool is_parents = row.ids[kind] == parent.ids[kind];
      if (is_made_by<pod::sandbox::Init>(kind) == is_parents)
        complain(row, kind, is_parents ? "a new one" : "the pause's " + link_text(kind, parent.ids[kind]));
    }
  }

  void container(const NamespaceRow& row) {
    const auto plan = std::ranges::find(plan_.containers, row.name, &pod::ContainerPlan::name);
    if (plan == plan_.containers.end()) return;
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) cell(row, kind, plan->namespaces[kind]);
  }

  std::vector<std::string> take() && { return std::move(sentences_); }

 private:
  void cell(const NamespaceRow& row, std::size_t kind, pod::NamespaceSource source) {
    switch (source.owner) {
      case NamespaceOwner::Host:
        if (row.ids[kind] != matrix_.host.ids[kind]) complain(row, kind, the_hosts(kind));
        return;
      case NamespaceOwner::Pod:
        if (const auto pods = pods_namespace(matrix_, kind); row.ids[kind] != pods)
          complain(row, kind, pods ? "the pod's " + link_text(kind, *pods) : "the pod's");
        return;
      case NamespaceOwner::Private:
        if (!is_private(row, kind)) complain(row, kind, "its own");
        return;
      case NamespaceOwner::Container: {
        const std::string& owner = plan_.containers.at(source.container).name;
        if (const auto* other = row_of(owner); other != nullptr && other->ids[kind] != row.ids[kind])
          complain(row, kind, fmt::format("{}'s {}", owner, link_text(kind, other->ids[kind])));
        return;
      }
    }
  }

  /// Whether a sandbox step of type `Step` makes a namespace of the kind.
  template <typename Step>
  bool is_made_by(std::size_t kind) const {
    return std::ranges::any_of(plan_.sandbox, [&](const pod::SandboxStep& step) {
      const auto* const made = std::get_if<Step>(&step);
      return made != nullptr && std::ranges::count(made->kinds, static_cast<pod::NamespaceKind>(kind)) > 0;
    });
  }

  bool is_private(const NamespaceRow& row, std::size_t kind) const {
    return row.ids[kind] != matrix_.host.ids[kind] &&
           std::ranges::all_of(matrix_.members, [&](const NamespaceRow& other) {
             return &other == &row || other.ids[kind] != row.ids[kind] || joins(other, row, kind);
           });
  }

  const NamespaceRow* row_of(const std::string& container) const {
    const auto found = std::ranges::find_if(matrix_.members, [&](const NamespaceRow& row) {
      return row.role == Role::Container && row.name == container;
    });
    return found == matrix_.members.end() ? nullptr : &*found;
  }

  /// Whether the plan has container `one` join the namespace of `other`.
  bool joins(const NamespaceRow& one, const NamespaceRow& other, std::size_t kind) const {
    const auto plan = std::ranges::find(plan_.containers, one.name, &pod::ContainerPlan::name);
    if (one.role != Role::Container || plan == plan_.containers.end()) return false;
    const pod::NamespaceSource source = plan->namespaces[kind];
    return source.owner == NamespaceOwner::Container &&
           plan_.containers.at(source.container).name == other.name;
  }

  std::string the_hosts(std::size_t kind) const {
    return "the host's " + link_text(kind, matrix_.host.ids[kind]);
  }

  /// The actual owner of the namespace.
  std::string owner_words(const NamespaceRow& row, std::size_t kind) const {
    const std::string word = owners_of(matrix_, row)[kind];
    if (word == "own") return "its own";
    return word.starts_with('=') ? word.substr(1) + "'s" : fmt::format("the {}'s", word);
  }

  void complain(const NamespaceRow& row, std::size_t kind, const std::string& promised) {
    sentences_.push_back(fmt::format("{}: {} is {}, not {}", row.name, link_text(kind, row.ids[kind]),
                                     owner_words(row, kind), promised));
  }

  const NamespaceMatrix& matrix_;
  const pod::PodPlan& plan_;
  std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> namespace_mismatches(const NamespaceMatrix& matrix, const pod::PodPlan& plan) {
  Comparison comparison(matrix, plan);
  for (const NamespaceRow& row : matrix.members) {
    switch (row.role) {
      case Role::Host:
        break;
      case Role::Init:
        comparison.init(row);
        break;
      case Role::Pause:
        comparison.pause(row);
        break;
      case Role::Container:
        comparison.container(row);
        break;
    }
  }
  return std::move(comparison).take();
}

}  // namespace podrun::supervisor
