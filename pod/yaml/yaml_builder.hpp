// Builds the tree of pod/yaml/yaml.hpp from yaml-cpp's events and enforces its bounds. Only pod/yaml/yaml.cpp includes
// this header.
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

/// Thrown through yaml-cpp to stop its parser, which has no other way to stop. The report has the reason.
struct Stop {};

/// Receives the events of one text. yaml-cpp accepts several errors that are detected here instead: equal keys, keys
/// that are not scalars, aliases of a node that is still open, a document without "---".
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, DiagnosticCollector& report) : text_(text), report_(report) {}

  /// Begins a part of the text that a parser of its own reads; it starts at a byte of the text. `joins` has the
  /// positions where the parser's input is shorter than the part (JoinedText::joins).
  void begin_part(std::size_t at, std::vector<std::size_t> joins);
  /// Removes what has been built of the part.
  void forget_part();
  /// Moves the tree out of the builder.
  Document take();

  /// The byte of the original text for a position of yaml-cpp.
  std::size_t offset(const YAML::Mark& mark) const;
  /// The start of the innermost mapping or list that is still open; the end of the text if there is none.
  std::size_t innermost() const { return open_.empty() ? text_.size() : open_.back().node->at; }
  /// The position of the last event.
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
  /// A mapping or list whose end has not been reached.
  struct Open {
    Node* node;
    const Node* key = nullptr;  ///< the key of the next value
    bool has_key = false;
  };

  Node& make(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  /// What there was before a part.
  struct Before {
    std::size_t nodes = 0, roots = 0, counted = 0;
  };

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
  DiagnosticCollector& report_;
  std::size_t part_at_ = 0;
  std::vector<std::size_t> joins_;
  Before before_;
  Document document_;
  std::vector<Open> open_;
  std::vector<const Node*> anchors_;  ///< indexed by yaml-cpp's anchor number
  std::size_t nodes_ = 0;              ///< of the text
  std::size_t nodes_of_document_ = 0;  ///< of the last document
  std::size_t documents_ = 0;          ///< number of documents that the part has started
  std::size_t document_at_ = 0;        ///< start of the last one
  std::size_t last_ = 0;
};

}  // namespace podrun::pod::yaml
