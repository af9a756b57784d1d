// Builds lines of a shell script from parts of a plan.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/describe.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod::script {

/// The text as one word of POSIX sh, in single quotes if necessary.
std::string word(std::string_view text);

/// The name as a part of a variable's name: "a-b" becomes "a_b".
std::string variable(std::string_view name);

/// A path as a word. Paths in the pod's directory begin with "$storage".
std::string path_word(std::string_view path, std::string_view storage);

/// The path at which a volume in memory is mounted in the pod.
std::string memory_place(std::string_view volume);

/// The options of unshare(1) and nsenter(1) for the kinds: "--mount --net".
std::string options_of(const NamespaceSet& kinds);

/// The lines of a part of the script.
class Lines {
 public:
  Lines& operator<<(std::string_view line);
  /// Adds the comment "## STEP" with the plan's description.
  void step(const StepText& step);
  /// Adds a longer comment, which is wrapped.
  void comment(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Writes each reason into the script only once.
class Reasons {
 public:
  /// Adds the reason as a comment if it has not been given before.
  void give(Lines& lines, std::string_view reason);

 private:
  std::set<std::string, std::less<>> given_;
};

/// The lines that start `command` in the background with `text` as its standard input: a here-document with a delimiter
/// that the text does not contain.
std::string in_background(std::string_view command, std::string_view text);

}  // namespace podrun::pod::script
