// Builds the tree of pod/yaml/yaml.hpp from yaml-cpp's events and stops at its bounds. Only pod/yaml/yaml.cpp includes
// this.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod::yaml {

/// Thrown through yaml-cpp, the only way out of its parser, when reading on is useless. The report says why.
struct Stop {};

/// Receives the events of one text. yaml-cpp reads on after many mistakes that YAML forbids, so they are
/// found here: equal keys, keys that are no scalars, aliases of what is still open, a document that nothing marks.
class Builder final : public YAML::EventHandler {
 public:
  /// `joins` says where the parser's input is shorter than the text (JoinedText::joins).
  Builder(std::string_view text, const std::vector<std::size_t>& joins, DiagnosticCollector& report)
      : text_(text), joins_(joins), report_(report) {}

  /// What was built; the builder is empty after it.
  Document take();

  /// The byte of the original text that a position of yaml-cpp's stands for.
  std::size_t offset(const YAML::Mark& mark) const;
  /// Where the innermost mapping or list still open begins; the text's end if there is none.
  std::size_t innermost() const { return open_.empty() ? text_.size() : open_.back().node->at; }
  /// The byte of the last event.
  std::size_t last() const { return last_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  /// A mapping or list whose end has not come.
  struct Open {
    Node* node;
    const Node* key = nullptr;  ///< of the value that comes next
    bool has_key = false;
  };

  Node& make(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void begin(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void place(const Node& node, std::size_t at);
  const Node* usable_key(const Node& node, std::size_t at);
  void drop_equal_keys(std::vector<Entry>& entries);
  void merge(std::vector<Entry>& entries);
  void count(std::size_t nodes, std::size_t at);
  void check_levels(std::size_t more, std::size_t at);
  void check_tag(const std::string& tag, std::string_view expected, std::size_t at);
  void check_document_mark(std::size_t at);
  [[noreturn]] void stop(std::size_t at, std::string message, std::string hint = {});

  std::string_view text_;
  const std::vector<std::size_t>& joins_;
  DiagnosticCollector& report_;
  Document document_;
  std::vector<Open> open_;
  std::vector<const Node*> anchors_;  ///< by yaml-cpp's number of the anchor
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;    ///< begun so far
  std::size_t document_at_ = 0;  ///< where the last one began
  std::size_t last_ = 0;
};

}  // namespace podrun::pod::yaml
