// The order for podrun-entry, as the file that it reads.
#include "namespaces/launch/entry_order.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <variant>

#include "namespaces/kernel/files.hpp"
#include "pod/plan/step_predicates.hpp"

namespace podrun::ns {
namespace {

static_assert(entry::gate_closed == ECANCELED);

/// Collects the items of an order.
class OrderText {
 public:
  explicit OrderText(const entry::Order& order) { append(&order, sizeof order); }

  void add(entry::Op op, std::size_t step, const void* payload = nullptr, std::size_t length = 0) {
    const entry::Item item{op, static_cast<std::uint16_t>(step), static_cast<std::uint32_t>(length)};
    append(&item, sizeof item);
    if (length > 0) append(payload, length);
    text_.resize((text_.size() + 7) / 8 * 8);
  }

  const std::string& text() const { return text_; }

 private:
  void append(const void* bytes, std::size_t length) { text_.append(static_cast<const char*>(bytes), length); }

  std::string text_;
};
static_assert(sizeof(entry::Order) % alignof(entry::Item) == 0 && sizeof(entry::Item) % 8 == 0);

void add_ids(OrderText& text, std::size_t index, const pod::step::SetIds& step) {
  std::vector<std::uint32_t> ids{step.uid, step.gid};
  ids.insert(ids.end(), step.groups.begin(), step.groups.end());
  text.add(entry::Op::Ids, index, ids.data(), ids.size() * sizeof ids[0]);
}

Result<> add_filter(OrderText& text, std::size_t index, const pod::step::Seccomp& step,
                    std::span<const Filter> filters) {
  const auto filter = std::ranges::find(filters, step.rules.get(), &Filter::of);
  if (filter == filters.end()) return fail("a filter was not assembled", ENOENT);
  text.add(entry::Op::Filter, index, filter->program.filter, filter->program.len * sizeof *filter->program.filter);
  return {};
}

Result<> add_step(OrderText& text, std::size_t index, const pod::ChildStep& step, std::span<const Filter> filters) {
  using namespace pod;
  if (const auto* bound = std::get_if<step::BoundCapabilities>(&step))
    text.add(entry::Op::BoundCapabilities, index, &bound->keep, sizeof bound->keep);
  else if (const auto* seccomp = std::get_if<step::Seccomp>(&step)) return add_filter(text, index, *seccomp, filters);
  else if (const auto* ids = std::get_if<step::SetIds>(&step)) add_ids(text, index, *ids);
  else if (std::holds_alternative<step::NoNewPrivileges>(step)) text.add(entry::Op::NoNewPrivileges, index);
  else if (const auto* kept = std::get_if<step::SetCapabilities>(&step))
    text.add(entry::Op::Capabilities, index, &kept->keep, sizeof kept->keep);
  else if (std::holds_alternative<step::ParentDeathSignal>(step)) text.add(entry::Op::Birth, index);
  else if (std::holds_alternative<step::Gate>(step)) text.add(entry::Op::Gate, index);
  else if (std::holds_alternative<step::Exec>(step)) text.add(entry::Op::Exec, index);
  else if (!std::holds_alternative<step::CloseDescriptors>(step))  // the intermediate has performed that one
    return fail("podrun-entry does not know the step " + std::string(pod::step_name(step)), EPROTO);
  return {};
}

template <typename Step>
bool has_step(const pod::ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const auto& step) { return std::holds_alternative<Step>(step); });
}

std::uint16_t terminal_step(const pod::ContainerPlan& plan) {
  const auto found = std::ranges::find_if(
      plan.child, [](const auto& step) { return std::holds_alternative<pod::step::ConnectTerminal>(step); });
  return found == plan.child.end() ? entry::no_step : static_cast<std::uint16_t>(found - plan.child.begin());
}

}  // namespace

std::size_t first_step_of_entry(const pod::ContainerPlan& plan) {
  const auto first = std::ranges::find_if(plan.child, [](const pod::ChildStep& step) {
    return std::holds_alternative<pod::step::BoundCapabilities>(step) ||
           std::holds_alternative<pod::step::ParentDeathSignal>(step);
  });
  return static_cast<std::size_t>(first - plan.child.begin());
}

Result<Fd> make_entry_order(const pod::ContainerPlan& plan, entry::Role role, int namespaces, unsigned last_capability,
                            std::span<const Filter> filters, const std::optional<entry::CpuSet>& cpus) {
  OrderText order({.version = entry::version,
                   .role = role,
                   .last_capability = last_capability,
                   .namespaces = static_cast<std::uint32_t>(namespaces),
                   .terminal_step = terminal_step(plan),
                   .has_cpus = cpus.has_value(),
                   .cpus = cpus.value_or(entry::CpuSet{})});
  const bool has_gate = has_step<pod::step::Gate>(plan);
  for (std::size_t index = first_step_of_entry(plan); index < plan.child.size(); ++index) {
    // A process that enters a container is not registered: its monitor opens its gate.
    if (index + 1 == plan.child.size() && !has_gate) order.add(entry::Op::Gate, index);
    TRY_VOID(add_step(order, index, plan.child[index], filters));
  }
  Fd file = TRY(empty_file_in_memory("podrun-entry"));
  const std::string& text = order.text();
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_system("the order for podrun-entry");
  return file;
}

}  // namespace podrun::ns
