// Converts events to nodes. Bounds are checked at each event, before an alias is followed.
#include "pod/yaml/yaml_builder.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "pod/text/surrogates.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod::yaml {

using YAML::anchor_t;
using YAML::Mark;

Document Builder::take() {
  return std::exchange(document_, Document{});
}

void Builder::begin_part(std::size_t at, std::vector<std::size_t> joins) {
  part_at_ = at;
  joins_ = std::move(joins);
  before_ = {.nodes = document_.nodes.size(), .roots = document_.roots.size(), .counted = nodes_};
  documents_ = 0;
  last_ = at;
}

void Builder::forget_part() {
  document_.roots.resize(before_.roots);
  if (document_.roots.empty()) document_.root = nullptr;
  document_.nodes.resize(before_.nodes);
  nodes_ = before_.counted;
}

std::size_t Builder::offset(const Mark& mark) const {
  const auto position = static_cast<std::size_t>(std::max(mark.pos, 0));
  const auto joins_before = std::ranges::lower_bound(joins_, position) - joins_.begin();
  return std::min(part_at_ + position + JoinedText::saved * static_cast<std::size_t>(joins_before), text_.size());
}

void Builder::OnDocumentStart(const Mark& mark) {
  open_.clear();
  anchors_.clear();
  nodes_of_document_ = 0;
  const std::size_t at = offset(mark);
  // For a token that cannot start a node, such as ",", yaml-cpp emits empty documents endlessly.
  if (documents_++ > 0 && at == document_at_) stop(at, "this cannot stand here");
  document_at_ = at;
}

void Builder::OnNull(const Mark& mark, anchor_t anchor) {
  // A document without content is ignored: a file may begin or end with "---".
  if (open_.empty()) return;
  Node& node = make(Kind::Null, mark, anchor);
  const std::string_view there = text_.substr(node.at);
  const bool written = anchor != 0 || there.starts_with('~') || there.starts_with("null") ||
                       there.starts_with("Null") || there.starts_with("NULL");
  // For an empty value yaml-cpp reports the position of the next token. The position after the "-" or ":" is clearer.
  if (const std::size_t before = text_.substr(0, node.at).find_last_not_of(" \t\r\n");
      !written && before != text_.npos)
    node.at = before;
  place(node, node.at);
}

void Builder::OnAlias(const Mark& mark, anchor_t anchor) {
  const std::size_t at = offset(mark);
  last_ = at;
  const Node* target = anchor < anchors_.size() ? anchors_[anchor] : nullptr;
  if (target == nullptr) stop(at, "an alias names no anchor above it");
  if (std::ranges::any_of(open_, [&](const Open& open) { return open.node == target; }))
    stop(at, "an alias is inside the value that it stands for");
  check_levels(target->levels, at);
  count(target->nodes, at);
  place(*target, at);
}

void Builder::OnScalar(const Mark& mark, const std::string& tag, anchor_t anchor, const std::string& value) {
  constexpr std::string_view standard = "tag:yaml.org,2002:";
  const std::string_view type = tag.starts_with(standard) ? std::string_view(tag).substr(standard.size()) : "";
  const bool is_null = type == "null", is_plain = type == "int" || type == "float" || type == "bool";
  Node& node = make(is_null ? Kind::Null : Kind::Scalar, mark, anchor);
  if (!is_null) node.text = value;
  node.quoted = tag == "!" || type == "str";
  if (!node.quoted && !is_null && !is_plain) check_tag(tag, "", node.at);
  place(node, node.at);
}

void Builder::OnSequenceStart(const Mark& mark, const std::string& tag, anchor_t anchor,
                              YAML::EmitterStyle::value /*style*/) {
  begin(Kind::Sequence, mark, tag, anchor);
}

void Builder::OnMapStart(const Mark& mark, const std::string& tag, anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) {
  begin(Kind::Mapping, mark, tag, anchor);
}

void Builder::begin(Kind kind, const Mark& mark, const std::string& tag, anchor_t anchor) {
  check_levels(1, offset(mark));
  Node& node = make(kind, mark, anchor);
  check_tag(tag, kind == Kind::Mapping ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq", node.at);
  node.levels = 1;
  open_.push_back({.node = &node});
}

void Builder::close() {
  Node& node = *open_.back().node;
  open_.pop_back();
  if (node.kind == Kind::Mapping) {
    drop_equal_keys(node.entries);
    merge(node.entries);
  }
  place(node, node.at);
}

Node& Builder::make(Kind kind, const Mark& mark, anchor_t anchor) {
  const std::size_t at = offset(mark);
  last_ = at;
  if (open_.empty() && document_.roots.size() > before_.roots) check_document_mark(at);
  count(1, at);
  Node& node = document_.nodes.emplace_back();
  node.kind = kind;
  node.at = at;
  if (anchor != 0) {
    if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
    anchors_[anchor] = &node;
  }
  return node;
}

/// Attaches a finished node to its parent: as the root, the next item of a list, or the next key or value of a mapping.
void Builder::place(const Node& node, std::size_t at) {
  if (open_.empty()) {
    if (document_.root == nullptr) document_.root = &node;
    document_.roots.push_back(&node);
    return;
  }
  Open& parent = open_.back();
  parent.node->nodes += node.nodes;
  parent.node->levels = std::max(parent.node->levels, node.levels + 1);
  if (parent.node->kind == Kind::Sequence) {
    parent.node->items.push_back(&node);
  } else if (!parent.has_key) {
    parent.key = usable_key(node, at);
    parent.has_key = true;
  } else {
    if (parent.key != nullptr) parent.node->entries.push_back({.key = parent.key, .value = &node});
    parent.has_key = false;
  }
}

const Node* Builder::usable_key(const Node& node, std::size_t at) {
  if (node.kind != Kind::Scalar) {
    const std::string_view what = node.kind == Kind::Null ? "the name of a field is missing here"
                                                          : "the name of a field must be plain text";
    report_.add(at, std::string(what));
    return nullptr;
  }
  return &node;
}

void Builder::drop_equal_keys(std::vector<Entry>& entries) {
  std::vector<const Node*> keys;
  keys.reserve(entries.size());
  for (const Entry& entry : entries) keys.push_back(entry.key);
  std::ranges::stable_sort(keys, {}, &Node::text);
  std::vector<const Node*> repeated;
  const Node* first = nullptr;
  for (const Node* key : keys) {
    if (first == nullptr || first->text != key->text) {
      first = key;
      continue;
    }
    if (!report_.full())
      report_.add(key->at, fmt::format("{} is given twice", in_quotes(key->text)),
                  fmt::format("first on line {}", report_.line_of(first->at)));
    repeated.push_back(key);
  }
  if (repeated.empty()) return;
  std::ranges::sort(repeated);
  std::erase_if(entries, [&](const Entry& e) { return std::ranges::binary_search(repeated, e.key); });
}

/// The merge key "<<" of YAML 1.1: adds the fields of one or several mappings that are missing; the first of equal keys
/// is used.
void Builder::merge(std::vector<Entry>& entries) {
  const auto found =
      std::ranges::find_if(entries, [](const Entry& e) { return e.key->text == "<<" && !e.key->quoted; });
  if (found == entries.end()) return;
  const Node& value = *found->value;
  entries.erase(found);
  std::set<std::string_view> known;
  for (const Entry& entry : entries) known.insert(entry.key->text);
  const std::vector<const Node*> one{&value};
  for (const Node* source : value.kind == Kind::Sequence ? value.items : one) {
    if (source->kind != Kind::Mapping) report_.add(source->at, R"("<<" takes a mapping or a list of mappings)");
    for (const Entry& entry : source->entries)
      if (known.insert(entry.key->text).second) entries.push_back(entry);
  }
}

void Builder::count(std::size_t nodes, std::size_t at) {
  nodes_ += nodes;
  nodes_of_document_ += nodes;
  if (nodes_of_document_ > max_nodes)
    stop(at, fmt::format("the document has more than {} values, those behind aliases counted", max_nodes));
  if (nodes_ > max_nodes_of_text)
    stop(at, fmt::format("the file has more than {} values, those behind aliases counted", max_nodes_of_text));
}

void Builder::check_levels(std::size_t more, std::size_t at) {
  if (open_.size() + more > max_levels) stop(at, fmt::format("nested more than {} levels deep", max_levels));
}

void Builder::check_tag(const std::string& tag, std::string_view expected, std::size_t at) {
  if (tag.empty() || tag == "?" || tag == "!" || tag == expected) return;
  report_.add(at, "tags are not supported, except those of YAML itself, such as !!str");
}

void Builder::check_document_mark(std::size_t at) {
  // yaml-cpp ends a document at any token that cannot continue it, and starts the next document there.
  const std::string_view before = text_.substr(0, document_at_);
  const bool marked = text_.substr(document_at_).starts_with("---") ||
                      before.substr(0, before.find_last_not_of(" \t\r\n") + 1).ends_with("\n...");
  if (!marked) stop(at, "this does not continue what stands above", "check the indentation");
}

void Builder::stop(std::size_t at, std::string message, std::string hint) {
  report_.add(at, std::move(message), std::move(hint));
  throw Stop{};
}

}  // namespace podrun::pod::yaml
