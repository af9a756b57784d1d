// What the command line may say: verbs, their operands, their options. One table drives decoding and help.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "pod/text/result.hpp"
#include "supervisor/cli/options.hpp"

namespace podrun::supervisor {

/// One option.
struct OptionSpec {
  const char* name;   ///< the long one, without dashes
  char letter;        ///< the short one, or '\0'
  const char* value;  ///< what help calls its value; nullptr: it takes none
  const char* text;   ///< what it does, for help
  Result<> (*store)(Options& options, const std::string& value);
};

/// One verb.
struct VerbSpec {
  Verb verb;
  std::string_view name;      ///< empty: the command line without a verb
  std::string_view operands;  ///< as usage shows them
  std::size_t fewest;         ///< how many operands it needs
  std::size_t most;           ///< and takes
  std::string_view heading;   ///< of the group it begins in the overall help; empty: it begins none
  std::string_view summary;   ///< one line; empty: the verb is podrun's own and not shown
  std::string_view text;      ///< what its own help says below the usage
  std::span<const OptionSpec* const> options;
  bool takes_command = false;  ///< behind "--"; its exit status is then the verb's
};

/// All verbs, in the order help shows them.
std::span<const VerbSpec> verbs();

/// The verb of that name; nullptr if there is none.
const VerbSpec* find_verb(std::string_view name);

/// A command line without a verb and without a file: --help and --version.
const VerbSpec& no_verb();

/// "podrun logs [OPTION...] NAME [CONTAINER]"
std::string usage(const VerbSpec& verb);

/// The screen of `podrun --help`.
std::string overall_help();

/// The screen of `podrun VERB --help`.
std::string help_for(const VerbSpec& verb);

}  // namespace podrun::supervisor
