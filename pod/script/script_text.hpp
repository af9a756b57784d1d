// Lines of a shell script, with what the plan's steps need to be words of it. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/describe.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod::script {

/// One word of POSIX sh: as it is, or in single quotes.
std::string word(std::string_view text);

/// A part of a variable's name: "a-b" → "a_b".
std::string variable(std::string_view name);

/// A path as a word; what lies in the pod's own directory begins with "$storage".
std::string path_word(std::string_view path, std::string_view storage);

/// Where a volume in memory is mounted in the pod.
std::string memory_place(std::string_view volume);

/// "--mount --net": what unshare(1) and nsenter(1) call the kinds.
std::string options_of(const NamespaceSet& kinds);

/// Lines of one part of the script.
class Lines {
 public:
  Lines& operator<<(std::string_view line);
  /// "## STEP", in the words of the plan.
  void step(const StepText& step);
  /// A longer comment, wrapped.
  void comment(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// What has been explained already: each reason stands in the script once.
class Reasons {
 public:
  /// Writes the reason as a comment, the first time.
  void give(Lines& lines, std::string_view reason);

 private:
  std::set<std::string, std::less<>> given_;
};

/// `text` as the standard input of what `command` starts in the background: a here-document with a delimiter
/// that the text does not contain.
std::string in_background(std::string_view command, std::string_view text);

}  // namespace podrun::pod::script
