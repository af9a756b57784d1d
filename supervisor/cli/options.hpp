// The command line: the one door to Boost.Program_options.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/command_error.hpp"

namespace podrun::supervisor {

/// What podrun was asked to do.
enum class Verb {
  Run,
  Rm,
  Check,
  Plan,
  Script,
  Ps,
  Stop,
  Logs,
  Attach,
  Exec,
  Debug,
  Ns,
  Timeline,
  Info,
  Volumes,
  Schema,
  Help,
  Version,
  Supervise
};

/// -o: the form of a result.
enum class Format { Text, Json, Dot, Svg };

/// The command line, decoded. Members a verb does not use keep their defaults: options it does not know are
/// errors.
struct Options {
  Verb verb = Verb::Help;
  std::string root;                           ///< --root: everything below this directory
  std::string namespace_name;                 ///< -n; empty: the manifest's, else "default"
  std::vector<std::string> operands;          ///< FILE, NAME, CONTAINER
  bool detach = false;                        ///< run -d
  Format format = Format::Text;               ///< -o
  bool all = false;                           ///< ps -a
  bool follow = false;                        ///< logs -f
  bool previous = false;                      ///< logs -p
  bool timestamps = false;                    ///< logs --timestamps
  bool raw = false;                           ///< run, logs --raw
  std::optional<std::size_t> tail;            ///< logs --tail
  std::optional<std::chrono::seconds> grace;  ///< stop --grace-period
  bool leftovers = false;                     ///< rm --leftovers
  bool verify = false;                        ///< ns --verify
  std::vector<std::string> command;           ///< exec, debug … -- COMMAND
  bool input = false;                         ///< attach, exec, debug -i
  bool terminal = false;                      ///< attach, exec, debug -t
  std::optional<pod::NamespaceSet> kinds;     ///< exec --ns
  bool host_root = false;                     ///< exec --root host
  std::string image;                          ///< debug --image
  std::string pod;                            ///< run, check, plan, script --pod
  bool lenient = false;                       ///< run, check, plan, script --lenient
  bool verbose = false;                       ///< check -v
  std::string help;                           ///< Verb::Help: the text to print
};

/// Decodes. The first word that is no option is a verb if it is one, else a file: `podrun FILE` is `podrun
/// run FILE`. Refusals are one sentence, with "did you mean" where a verb or an option is near.
CommandResult<Options> parse_options(const std::vector<std::string>& words);

}  // namespace podrun::supervisor
