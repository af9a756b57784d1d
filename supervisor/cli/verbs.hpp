// The commands with their operands and options: one table for decoding and help.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "pod/text/result.hpp"
#include "supervisor/cli/options.hpp"

namespace podrun::supervisor {

/// An option.
struct OptionSpec {
  const char* name;   ///< long name, without dashes
  char letter;        ///< short name, or '\0'
  const char* value;  ///< name of its value in the help; nullptr: it takes no value
  const char* text;   ///< description for the help
  Result<> (*store)(Options& options, const std::string& value);
  const char* also = "";  ///< more long names for the same, separated by blanks
};

/// What the operands of a command name.
enum class Subject { None, Files, Pods };

/// A command.
struct VerbSpec {
  Verb verb;
  std::string_view name;      ///< empty: the command line without a command
  std::string_view operands;  ///< operands as shown in the usage
  std::size_t fewest;         ///< least number of operands
  std::size_t most;           ///< greatest number of operands
  std::string_view heading;   ///< heading above it in the overall help; empty: none
  std::string_view summary;   ///< description in one line; empty: the command is internal and not shown
  std::string_view text;      ///< text below the usage in its own help
  std::span<const OptionSpec* const> options;
  bool takes_command = false;       ///< takes a command, whose exit status it returns, after "--" or the first operand
  Subject subject = Subject::None;  ///< Files: -f FILE is an operand, too. Pods: the first operand is a pod's name
  std::string_view also = "";       ///< more names for the same, separated by blanks
};

/// All commands, in the order of the help.
std::span<const VerbSpec> verbs();

/// The command of that name; nullptr if there is none.
const VerbSpec* find_verb(std::string_view name);

/// The verbs of images, in the order of the help. Their names have two words: "image ls".
std::span<const VerbSpec> image_verbs();
/// The verb of that second word; nullptr if there is none.
const VerbSpec* find_image_verb(std::string_view word);

/// The options of a command line without a command and without a file: --help and --version.
const VerbSpec& no_verb();

/// "podrun logs [OPTION...] NAME [CONTAINER]"
std::string usage(const VerbSpec& verb);

/// The output of `podrun --help`.
std::string overall_help();

/// The output of `podrun VERB --help`.
std::string help_for(const VerbSpec& verb);

}  // namespace podrun::supervisor
