// Evaluates label selectors on the nodes of a text.
#include "pod/workload/label_selector.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::Node;

std::string_view text_of(const Node* node) {
  return node == nullptr ? std::string_view() : node->text;
}

/// Whether one of matchExpressions holds. An invalid one, which is reported, holds.
bool holds(const Node& expression, const Node* labels, DiagnosticCollector& report) {
  const Node* word = expression.find("operator");
  const std::string_view name = text_of(word);
  const Node* values = expression.find("values");
  const bool has_values = values != nullptr && !values->items.empty();
  const bool lists = name == "In" || name == "NotIn", asks = name == "Exists" || name == "DoesNotExist";
  if (word == nullptr) return true;  // reported by the table
  if (!lists && !asks) {
    report.add(word->at,
               fmt::format("operator must be one of In, NotIn, Exists, DoesNotExist, but this is {}", in_quotes(name)));
    return true;
  }
  if (lists != has_values) {
    report.add(values == nullptr ? word->at : values->at,
               fmt::format("operator {} {} values", name, lists ? "needs" : "has no"));
    return true;
  }
  const Node* label = find(labels, {text_of(expression.find("key"))});
  if (asks) return (label != nullptr) == (name == "Exists");
  const auto is_it = [&](const Node* value) { return label != nullptr && value->text == label->text; };
  return std::ranges::any_of(values->items, is_it) == (name == "In");
}

}  // namespace

bool is_empty_selector(const Node& selector) {
  const Node* texts = selector.find("matchLabels");
  const Node* expressions = selector.find("matchExpressions");
  return (texts == nullptr || texts->entries.empty()) && (expressions == nullptr || expressions->items.empty());
}

bool has_labels(const Node* labels, const Node* wanted) {
  return wanted == nullptr || std::ranges::all_of(wanted->entries, [&](const yaml::Entry& entry) {
           const Node* label = find(labels, {entry.key->text});
           return label != nullptr && label->text == entry.value->text;
         });
}

bool selects(const Node& selector, const Node* labels, DiagnosticCollector& report) {
  bool all_hold = has_labels(labels, selector.find("matchLabels"));
  if (const Node* expressions = selector.find("matchExpressions"))
    for (const Node* expression : expressions->items) all_hold = holds(*expression, labels, report) && all_hold;
  return all_hold;
}

}  // namespace podrun::pod
